import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import ROOT, SEEDS, Run


def fails(done: "subprocess.CompletedProcess[bytes]", *messages: str, code: int = 1) -> None:
    """Check that a run ended with one sentence for each message and no traceback."""
    error = done.stderr.decode()
    assert done.returncode == code, error
    assert "Traceback" not in error
    for message in messages:
        assert message in error
    if code == 1:
        assert all(line.startswith("clauses: ") for line in error.splitlines())


def test_seeds_are_tagged_as_json_lines(run: Run) -> None:
    done = run("tag", *SEEDS, "--format", "jsonl")
    assert (done.returncode, done.stderr) == (0, b"")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["policy"] for row in rows} == {str(path) for path in SEEDS}


def test_text_is_plain_when_piped(run: Run) -> None:
    done = run("tag", SEEDS[0])
    assert done.returncode == 0
    assert b"\x1b" not in done.stdout
    assert "── summary".encode() in done.stdout


@pytest.mark.parametrize(
    ("env", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)], ids=str
)
def test_a_terminal_gets_colour_unless_it_declines(env: dict[str, str], colour: bool) -> None:
    leader, follower = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **env}
    command = [sys.executable, "-m", "classifier", "tag", "-"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=follower, env=environment)
    process.communicate(b"We use cookies.")
    os.close(follower)
    shown = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:  # the other end is closed: all is read
            break
        if not piece:
            break
        shown += piece
    os.close(leader)
    assert process.returncode == 0
    assert (b"\x1b[48;2;" in shown) == colour


def test_standard_input_is_read(run: Run) -> None:
    rows = run("tag", "-", "--format", "jsonl", stdin="We use cookies.\r\n".encode("utf-16")).stdout
    assert json.loads(rows)["policy"] == "<stdin>"


def test_output_goes_to_a_file_whole(run: Run, tmp_path: Path) -> None:
    done = run("tag", SEEDS[0], "-f", "json", "-o", tmp_path / "new/out.json")
    assert (done.returncode, done.stdout) == (0, b"")
    assert json.loads((tmp_path / "new/out.json").read_bytes())["policies"][0]["name"] == str(SEEDS[0])


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("out.html", b"<!DOCTYPE html>"),
        ("out.md", b"# "),
        ("out.json", b'{\n "schema_version": 1'),
        ("out.jsonl", b'{"schema_version": 1, "policy"'),
        ("out.csv", b"\xef\xbb\xbfpolicy,format,coverage,language,clause,"),
        ("out.parquet", b"PAR1"),
        ("out.txt", "── ".encode()),
        ("out", "── ".encode()),
    ],
)
def test_the_name_of_the_output_tells_the_format(name: str, begins: bytes, run: Run, tmp_path: Path) -> None:
    done = run("tag", SEEDS[4], ROOT / "tests/pages/tables.html", "-o", tmp_path / name, "--jobs", "2")
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_pipe_that_nobody_writes_to_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    script = "from classifier.readers import registry; registry.PIPE_WAIT_SECONDS = 0.5; from classifier.cli import main; main()"
    words = ["tag", str(tmp_path / "pipe"), str(SEEDS[4]), "-f", "jsonl"]
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, cwd=ROOT, check=False, timeout=60
    )
    assert done.returncode == 1
    assert b"pipe: is a pipe that nobody writes to" in done.stderr
    assert done.stdout


def test_a_name_that_tells_no_format_is_refused(run: Run, tmp_path: Path) -> None:
    fails(
        run("tag", SEEDS[0], "-o", tmp_path / "x.xlsx"),
        "x.xlsx: no format has the suffix .xlsx; use one of .txt, .html,",
        code=2,
    )
    assert list(tmp_path.glob("x*")) == []


def test_a_policy_without_any_label_is_asked_about(run: Run) -> None:
    done = run("tag", "-", stdin=b"Welcome to our shop.\n\nEnjoy.")
    assert b"note: <stdin>: no clause has a label; is it a privacy policy, and in English?" in done.stderr
    assert done.returncode == 0


def test_thresholds_that_were_asked_for_are_said(run: Run) -> None:
    done = run("tag", "-", "-t", "retention=0.3", stdin=b"We keep your data for ten years.")
    assert b"thresholds set: retention 0.30" in done.stdout


def test_parquet_needs_a_file(run: Run) -> None:
    fails(run("tag", SEEDS[0], "-f", "parquet"), "Parquet is written to a file: name it with --output", code=2)


def test_what_a_page_left_out_is_said_and_can_be_kept(run: Run) -> None:
    page = ROOT / "tests/pages/banner-consent.html"
    done = run("tag", page)
    assert re.search(rf"note: {re.escape(str(page))}: only 4\d% of the page's words", done.stderr.decode())
    assert re.search(r"read 4\d% of the words; left out: dialogs \(\d+ words\)", done.stdout.decode())
    kept = run("tag", page, "--keep-all")
    assert kept.stderr == b""
    assert len(kept.stdout) > len(done.stdout)


def test_reasons_are_said_where_asked_for(run: Run) -> None:
    done = run("tag", "-", "--explain", stdin=b"We keep your data for ten years.")
    assert b"Retention (>= 0." in done.stdout
    rows = json.loads(run("tag", "-", "--explain", "-f", "jsonl", stdin=b"We keep your data for ten years.").stdout)
    assert rows["explanations"]["retention"]["sentence"]["text"] == "We keep your data for ten years."


def test_a_format_that_lacks_its_package_says_which(tmp_path: Path) -> None:
    script = """
import sys
for name in ("pypdfium2", "docx", "httpx", "pyarrow"):
    sys.modules[name] = None
from classifier.cli import main
main(sys.argv[1:])
"""
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04 word/document")
    words = [str(tmp_path / "a.pdf"), str(tmp_path / "a.docx"), "https://example.org/privacy"]
    done = subprocess.run([sys.executable, "-c", script, "tag", *words], capture_output=True, cwd=ROOT, check=False)
    for extra in ("pdf", "docx", "web"):
        assert re.search(rf'pip install "(policy-clauses|\.)\[{extra}\]"', done.stderr.decode())
    words = [str(SEEDS[0]), "-o", str(tmp_path / "x.parquet")]
    done = subprocess.run([sys.executable, "-c", script, "tag", *words], capture_output=True, cwd=ROOT, check=False)
    assert re.search(rb'pip install "(policy-clauses|\.)\[parquet\]"', done.stderr)
    assert done.returncode == 1


def test_thresholds_are_taken_for_all_or_for_one(run: Run) -> None:
    def labels(*words: str) -> list[str]:
        done = run("tag", "-", "-f", "jsonl", *words, stdin=b"We use cookies.")
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout)["labels"])

    assert labels("--threshold", "1") == []
    assert labels("--threshold", "1", "--threshold", "retention=0") == ["retention"]
    assert len(labels("-t", "0")) == 15


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("high", "'high' is neither a probability (0.6) nor CATEGORY=PROBABILITY"),
        ("1.5", "a threshold must be between 0 and 1, not 1.5"),
        ("nan", "a threshold must be between 0 and 1, not nan"),
        ("price=0.5", "no category 'price'; the model has collection,"),
    ],
)
def test_a_bad_threshold_is_a_usage_error(value: str, message: str, run: Run) -> None:
    fails(run("tag", SEEDS[0], "--threshold", value), message, code=2)


def make_bad(folder: Path) -> dict[str, tuple[Path, str]]:
    """Make one of each kind of bad input, with what should be said of it."""
    (folder / "folder").mkdir()
    (folder / "empty.txt").touch()
    (folder / "blank.md").write_bytes(b" \r\n\t")
    (folder / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "binary.txt").write_bytes(b"Policy\n" + bytes(100))
    (folder / "invalid.txt").write_bytes("é è à\nü ".encode() + b"\xff\xfe")
    (folder / "policy.xyz").write_text("We use cookies.")
    (folder / "script.html").write_text("<!DOCTYPE html><html><body><script>show()</script>")
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.7 and no more")
    (folder / "damaged.docx").write_bytes(b"PK\x03\x04 word/document.xml and no more")
    (folder / "text.pdf").write_text("We use cookies.")
    (folder / "policy.rtf").write_text("{\\rtf1 We use cookies.}")
    (folder / "policy.odt").write_bytes(b"PK\x03\x04" + bytes(26) + b"mimetypeapplication/vnd.oasis.opendocument.text")
    with (folder / "huge.txt").open("wb") as file:
        file.truncate(200 * 2**20)
    return {
        "missing": (folder / "missing.txt", "cannot be read: No such file or directory"),
        "folder": (folder / "folder", "is a folder; name the files in it"),
        "empty": (folder / "empty.txt", "is empty"),
        "blank": (folder / "blank.md", "is empty"),
        "picture": (folder / "picture.txt", "is a PNG image, which is not read"),
        "binary": (folder / "binary.txt", ":2: holds a NUL character"),
        "invalid": (folder / "invalid.txt", ":2: byte 0xff is not valid UTF-8"),
        "suffix": (folder / "policy.xyz", "files of type '.xyz' are not read"),
        "script": (folder / "script.html", "has no text on it; it may be made by a script"),
        "damaged PDF": (folder / "damaged.pdf", "is damaged: not a valid PDF"),
        "damaged DOCX": (folder / "damaged.docx", "is damaged, encrypted or not a Word file"),
        "no PDF": (folder / "text.pdf", "is not a PDF file, whatever its name says"),
        "RTF": (
            folder / "policy.rtf",
            "is an RTF file, which is not read; open it in a word processor and save it as .docx",
        ),
        "ODT": (folder / "policy.odt", "is an OpenDocument file, which is not read; open it in a word processor"),
        "huge": (folder / "huge.txt", "larger than 64 MiB"),
    }


def test_each_bad_file_is_named_and_the_others_are_tagged(run: Run, tmp_path: Path) -> None:
    bad = make_bad(tmp_path)
    files = [SEEDS[0], *(path for path, _ in bad.values()), SEEDS[1]]
    done = run("tag", *files, "--format", "jsonl")
    fails(done, *(f"{path}{'' if said.startswith(':') else ': '}{said}" for path, said in bad.values()))
    assert f"{len(bad)} of {len(files)} files could not be tagged" in done.stderr.decode()
    assert len(done.stderr.splitlines()) == len(bad) + 1
    assert {json.loads(line)["policy"] for line in done.stdout.splitlines()} == {str(SEEDS[0]), str(SEEDS[1])}


def test_a_name_with_odd_bytes_is_named(run: Run, tmp_path: Path) -> None:
    fails(run("tag", "no\nsuch\x1b[31m.txt"), "no\\nsuch\\x1b[31m.txt: cannot be read")
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text("We use cookies.")
    assert run("tag", path, "-f", "text").returncode == 0
    assert run("tag", path, "-f", "jsonl").returncode == 0


@pytest.mark.slow
def test_a_line_of_ten_megabytes_is_tagged(run: Run) -> None:
    done = run("tag", "-", "-f", "csv", stdin=b"we use cookies and " * 500_000)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert run("tag", "-", stdin=b"x" * 10_000_000).returncode == 0


def test_output_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    fails(run("tag", SEEDS[0], "-o", "/proc/none/out.txt"), "/proc/none/out.txt: cannot be written")
    fails(run("tag", SEEDS[0], "-o", "/proc/none/"), "cannot be written")


@pytest.mark.slow
def test_a_folder_gets_one_file_per_policy(run: Run, tmp_path: Path) -> None:
    for name in ("a.md", "b/A.txt", "b/a.html", "b/...md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<p>We keep your data for ten years.</p>")
    files = [*(tmp_path / name for name in ("a.md", "b/A.txt", "missing.txt", "b/a.html", "b/...md")), "-"]
    done = run("tag", *files, "-o", "out/", "-f", "json", stdin=b"We use cookies.")
    fails(done, "missing.txt: cannot be read", "1 of 6 files could not be tagged")
    folder = tmp_path / "elsewhere/out"
    assert sorted(path.name for path in folder.iterdir()) == [
        "A-2.json",
        "a-3.json",
        "a.json",
        "policy.json",
        "stdin.json",
    ]
    for path, source in {"a.json": "a.md", "A-2.json": "b/A.txt", "a-3.json": "b/a.html"}.items():
        assert json.loads((folder / path).read_bytes())["policies"][0]["name"] == str(tmp_path / source)
    for suffix, format_ in {".txt": "text", ".html": "html", ".parquet": "parquet", ".csv": "csv"}.items():
        assert run("tag", SEEDS[0], SEEDS[1], "-o", "out", "-f", format_, "-j", 2).returncode == 0
        assert {path.name for path in folder.glob(f"*{suffix}")} == {f"{seed.stem}{suffix}" for seed in SEEDS[:2]}
    assert run("tag", SEEDS[0], "-o", folder).returncode == 0  # text where no format is named


def test_a_policy_in_the_output_folder_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("We keep your data for ten years.")
    fails(run("tag", tmp_path / "a.txt", "-o", tmp_path), "a.txt: is also an input; choose another output file")
    assert (tmp_path / "a.txt").read_text() == "We keep your data for ten years."


def test_a_good_output_is_not_replaced_by_nothing_nor_a_policy_by_its_tags(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("good")
    fails(run("tag", tmp_path / "missing.txt", "-f", "csv", "-o", tmp_path / "out.csv"), "missing.txt: cannot be read")
    assert (tmp_path / "out.csv").read_text() == "good"
    policy = tmp_path / "policy.txt"
    policy.write_text("We use cookies.")
    fails(run("tag", policy, "-o", policy), "is also an input; choose another output file")
    assert policy.read_text() == "We use cookies."


@pytest.mark.parametrize("redirect", ["<&-", ">&-", "> /dev/full"])
def test_streams_that_are_closed_or_full_are_named(redirect: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("We use cookies.")
    file = "-" if "<" in redirect else "a.txt"
    command = f"{sys.executable} -m classifier tag {file} -f jsonl {redirect}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=tmp_path, env=environment, check=False)
    fails(done, "cannot be ")


@pytest.mark.parametrize("command", ["tag", "train", "audit"])
def test_a_name_that_is_too_long_is_named(command: str, run: Run, tmp_path: Path) -> None:
    fails(
        run(command, "x" * 300, *(["-o", tmp_path / "m"] if command == "train" else [])),
        "cannot be read: File name too long",
    )


def test_output_goes_to_standard_output_by_name_too(run: Run) -> None:
    assert json.loads(run("tag", "-", "-f", "json", "-o", "-", stdin=b"We use cookies.").stdout)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    fails(run("tag", SEEDS[0], "-o", tmp_path / "locked/out.txt"), "cannot be written: Permission denied")


def test_a_model_that_is_none_is_named(run: Run, tmp_path: Path) -> None:
    fails(run("tag", SEEDS[0], "--model", tmp_path), "model.json: the model cannot be read: No such file or directory")


def test_a_closed_pipe_ends_quietly() -> None:
    command = f"{sys.executable} -m classifier tag {' '.join(map(str, SEEDS * 5))} | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("output", [[], ["-o", "out.jsonl"]], ids=["to a pipe", "to a file"])
def test_ctrl_c_ends_with_a_word_and_nothing_half_written(output: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "classifier", "tag", str(SEEDS[0]), "-", "-f", "jsonl", *output]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        # a shell starts what it runs in the background with Ctrl-C ignored, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"We keep logs.\n\n" * 20_000)  # more than a pipe holds: when it is gone, it is being read
        process.stdin.flush()
        time.sleep(0.5)  # and now it waits for the rest
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == b"clauses: interrupted\n"
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "csv"])
def test_several_processes_write_what_one_writes(format_: str, run: Run, tmp_path: Path) -> None:
    files = [*SEEDS, tmp_path / "missing.txt", *SEEDS[:2]]
    one, two = (run("tag", *files, "-f", format_, "-j", jobs) for jobs in (1, 2))
    assert one.stdout == two.stdout
    assert one.stderr == two.stderr
    assert (one.returncode, two.returncode) == (1, 1)
    fails(two, "missing.txt: cannot be read: No such file", "1 of 8 files could not be tagged")
    to_file = run("tag", *files, "-f", format_, "-j", 2, "-o", tmp_path / "out")
    # a file for people begins with a mark of byte order, where it is a table
    assert (to_file.returncode, (tmp_path / "out").read_bytes().removeprefix(b"\xef\xbb\xbf")) == (1, one.stdout)


def workers(parent: int) -> list[int]:
    """The processes among which `clauses tag --jobs 2` has divided its files."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    found = [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    assert len(found) == 2
    return found


@pytest.mark.slow
def test_a_process_that_is_killed_loses_and_doubles_nothing(run: Run, tmp_path: Path) -> None:
    files = [str(path) for path in SEEDS * 30]
    expected = run("tag", *files, "-f", "jsonl")
    command = [sys.executable, "-m", "classifier", "tag", *files, "-f", "jsonl", "-j", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()  # both work now
        os.kill(workers(process.pid)[0], signal.SIGKILL)
        found, error = process.stdout.read(), process.stderr.read()
    assert (process.returncode, error) == (0, b"")
    assert first + found == expected.stdout


@pytest.mark.slow
def test_ctrl_c_ends_all_processes() -> None:
    command = [sys.executable, "-m", "classifier", "tag", *map(str, SEEDS * 400), "-f", "jsonl", "-j", "2"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        started = workers(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        process.stdout.read()
        assert process.stderr.read() == b"clauses: interrupted\n"
    assert process.returncode == 130
    assert not any(Path(f"/proc/{worker}").exists() for worker in started)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_pipes_are_read_once_and_each_policy_keeps_its_name(jobs: int, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(f"We keep logs of {name}.")
    clauses = f"{sys.executable} -m classifier tag -f jsonl -j {jobs}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for command, found in (
        (f"{clauses} <(cat a.md) <(cat b.md)", ["a", "b"]),
        (f"cat a.md | {clauses} /dev/stdin /dev/stdin b.md", ["a", "b"]),
        (f"{clauses} a.md b.md a.md none.md b.md", ["a", "b", "a", "b"]),
    ):
        done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=tmp_path, env=environment, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert [row["text"] for row in rows] == [f"We keep logs of {name}." for name in found], command
        assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_many_small_files_are_more_than_a_pipe_holds_and_done(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 150)
    folder.mkdir()
    for number in range(3000):
        (folder / f"{number:05}.txt").write_text("We keep logs.")
    command = f"{sys.executable} -m classifier tag -f jsonl -j 2 {folder}/*.txt | wc -l"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, env=environment, check=False, timeout=100)
    assert done.stdout == b"3000\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_what_is_half_written_goes_when_the_run_is_ended(number: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "classifier", "tag", "-", "-f", "jsonl", "-o", "out.jsonl"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # the tests themselves may run under nohup
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"We keep logs.\n\n" * 20_000)
        process.stdin.flush()
        time.sleep(0.5)
        assert len(list(tmp_path.iterdir())) == 1
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_run_under_nohup_goes_on_when_the_terminal_is_closed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "classifier", "tag", "-", "-f", "jsonl", "-o", "out.jsonl"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"We keep logs.\n\n" * 20_000)
        process.stdin.flush()
        process.send_signal(signal.SIGHUP)
        process.stdin.close()
        assert process.wait(60) == 0
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) == 20_000


def test_standard_input_is_tagged_beside_files_whatever_the_jobs(run: Run) -> None:
    done = run("tag", SEEDS[0], "-", "-f", "jsonl", "-j", 4, stdin=b"We keep logs.")
    assert done.returncode == 0
    assert json.loads(done.stdout.splitlines()[-1])["policy"] == "<stdin>"


def test_progress_is_shown_to_a_person_only(run: Run) -> None:
    assert run("tag", *SEEDS).stderr == b""
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "classifier", "tag", *map(str, SEEDS), "missing.txt", "-f", "csv"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=child, env=environment, check=False)
    os.close(child)
    shown = os.read(parent, 2**16).decode()
    os.close(parent)
    assert "6/6" in shown
    assert "clauses/s" in shown
    assert "\x1b[Kclauses: missing.txt: cannot be read" in shown
    assert b"\x1b" not in done.stdout


def test_a_model_is_trained_exported_and_used(run: Run, labelled: Path, tmp_path: Path) -> None:
    done = run("train", labelled, "-o", tmp_path / "mine", "--name", "mine")
    assert done.returncode == 0, done.stderr
    assert b"retention" in done.stdout
    assert b"note: too few examples to learn, never given: collection (0)" in done.stderr
    assert (tmp_path / "mine/README.md").read_text(encoding="utf-8").startswith("# Model card: mine")
    assert (
        b"not learned by this model: Collection, Use"
        in run("tag", "-", "-m", tmp_path / "mine", stdin=b"We retain it.").stdout
    )
    tagged = run("tag", "-", "-m", tmp_path / "mine", "-f", "jsonl", stdin=b"We retain records.")
    assert json.loads(tagged.stdout)["labels"] == ["retention"]
    exported = run("export", tmp_path / "mine", "-o", tmp_path / "mine.joblib")
    assert exported.returncode == 0
    assert b"Loading a joblib file can run any code" in exported.stderr


@pytest.mark.parametrize("command", ["train", "audit"])
@pytest.mark.parametrize("policies", [["a", "b"], ["a"]], ids=["two policies", "one policy"])
def test_few_policies_are_enough(command: str, policies: list[str], run: Run, tmp_path: Path) -> None:
    rows = [
        {"policy": policy, "text": f"{text} {number}", "labels": labels}
        for policy in policies
        for number in range(8)
        for text, labels in (("we keep data", ["retention"]), ("we set cookies", ["cookies"]), ("welcome here", []))
    ]
    (tmp_path / "few.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = run(command, tmp_path / "few.jsonl", *(["-o", tmp_path / "m"] if command == "train" else []))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["train", "audit"])
@pytest.mark.parametrize("text", ["word{0}", "...", "a"], ids=["no term twice", "punctuation", "one row"])
def test_rows_that_teach_nothing_are_named(command: str, text: str, run: Run, tmp_path: Path) -> None:
    count = 1 if text == "a" else 12
    rows = [
        {"policy": f"p{i % 3}", "text": text.format(i), "labels": ["use"] if i % 2 else []} for i in range(1, count + 1)
    ]
    (tmp_path / "bad.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    fails(
        run(command, tmp_path / "bad.jsonl", *(["-o", tmp_path / "m"] if command == "train" else [])), "to learn from"
    )


def test_training_needs_sound_rows(run: Run, tmp_path: Path) -> None:
    fails(run("train"), "data/clauses: cannot be read: No such file")
    fails(run("train", tmp_path), "say where to write the model", code=2)
    fails(run("train", tmp_path, "-o", tmp_path / "mine"), "the folder holds no .jsonl file")
    (tmp_path / "bad.jsonl").write_text('{"text": "a", "labels": ["x"]}\n{"text": 1, "labels": []}\n')
    fails_with = run("train", tmp_path, "-o", tmp_path / "mine")
    assert fails_with.returncode == 1
    assert b"bad.jsonl:1: unknown category 'x' in labels" in fails_with.stderr
    assert b"bad.jsonl:2: text must be a string" in fails_with.stderr
    assert not (tmp_path / "mine").exists()


def test_a_taxonomy_of_ones_own_is_used(run: Run, labelled: Path, tmp_path: Path) -> None:
    entry = '[[category]]\nid = "{0}"\ntitle = "{0}"\ndefinition = "About {0}."\ncolour = "#66CCEE"\n'
    taxonomy = tmp_path / "two.toml"
    taxonomy.write_text("schema_version = 1\n" + entry.format("retention") + entry.format("cookies"))
    done = run("train", labelled, "-o", tmp_path / "two", "--taxonomy", taxonomy)
    assert done.returncode == 0, done.stderr
    scores = json.loads(run("tag", "-", "-m", tmp_path / "two", "-f", "jsonl", stdin=b"We retain it.").stdout)["scores"]
    assert list(scores) == ["retention", "cookies"]
    (tmp_path / "bad.toml").write_text("schema_version = 1\n[[category]]\nid = 5\n")
    fails(
        run("train", labelled, "-o", tmp_path / "x", "--taxonomy", tmp_path / "bad.toml"),
        "bad.toml:3: id must be a string",
    )


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["tag", "--help"], ["train", "--help"], ["export", "--help"]], ids=" ".join
)
def test_help_is_given(words: list[str], run: Run) -> None:
    assert run(*words).returncode == 0


@pytest.mark.parametrize("words", [["tag"], ["nothing"], ["tag", "x.txt", "-f", "xml"]], ids=" ".join)
def test_a_wrong_command_line_is_a_usage_error(words: list[str], run: Run) -> None:
    fails(run(*words), "Usage:", code=2)


@pytest.mark.parametrize("module", ["predict", "train"])
def test_modules_run_as_commands(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"classifier.{module}", "--help"],
        capture_output=True,
        cwd=ROOT,
        check=False,
        env=dict(os.environ),
    )
    assert done.returncode == 0
    assert f"Usage: python -m classifier.{module}".encode() in done.stdout
