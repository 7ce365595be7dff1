"""Commands in bad surroundings: streams closed, memory short, folders gone, files that are none."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from classifier.cli.app import is_lack_of_memory
from classifier.errors import needs_package
from tests.conftest import ROOT, SEEDS, Run
from tests.test_cli import fails

pytestmark = pytest.mark.slow

CLAUSES = f"{sys.executable} -m classifier"
MODEL = ROOT / "models/default"


def shell(command: str, folder: Path, **env: str) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, cwd=folder, env=environment, check=False, timeout=100
    )


def test_output_to_standard_output_by_name(tmp_path: Path) -> None:
    tagged = shell(f"{CLAUSES} tag {SEEDS[0]} -f jsonl", tmp_path).stdout
    for words in ("-o /dev/stdout", "-o /dev/stdout > x; cat x", "-o >(cat)", "-o /dev/stderr 2>&1"):
        assert shell(f"{CLAUSES} tag {SEEDS[0]} -f jsonl {words}", tmp_path).stdout == tagged
    full = shell(f"{CLAUSES} tag {SEEDS[0]} -o /dev/stdout > /dev/full", tmp_path)
    fails(full, "/dev/stdout: cannot be written: No space left on device")
    ended = shell(f"{CLAUSES} tag {SEEDS[0]} -o /dev/stdout | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.parametrize("redirect", ["2>&-", "2>/dev/full"])
def test_a_closed_standard_error_is_no_failure(redirect: str, labelled: Path, tmp_path: Path) -> None:
    (tmp_path / "plain.txt").write_text("Welcome.")  # has a note: no label
    learning = [f"train {labelled} --fast -j 1 -o m", f"audit {labelled} -j 1"] if redirect == "2>&-" else []
    for command in (f"tag plain.txt {SEEDS[0]} -o out.jsonl", *learning):
        done = shell(f"{CLAUSES} {command} {redirect}", tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
    assert len((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()) > 20
    assert shell(f"{CLAUSES} tag {redirect}", tmp_path).returncode == 2
    assert shell(f"{CLAUSES} tag missing.txt {redirect}", tmp_path).returncode == 1


@pytest.mark.parametrize("words", ["--help", "tag --help", "--version"])
def test_help_that_cannot_be_written_is_said(words: str, tmp_path: Path) -> None:
    fails(shell(f"{CLAUSES} {words} > /dev/full", tmp_path), "<stdout>: cannot be written: No space left on device")
    ended = shell(f"{CLAUSES} {words} | true; exit ${{PIPESTATUS[0]}}", tmp_path)
    assert ended.returncode in (0, 141)  # it may be gone before or after
    assert ended.stderr == b""


def test_what_is_no_file_is_said_at_once(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "a", "labels": []}\n')
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    for path, kind in (("/dev/zero", "a device"), (tmp_path / "pipe", "a pipe"), (tmp_path / "socket", "a socket")):
        said = f"{path}: cannot be read: is {kind}, not a file"
        fails(run("evaluate", path), said)
    fails(run("evaluate", "--compare", tmp_path / "pipe", rows), "is a pipe, not a file")
    fails(run("train", rows, "-o", tmp_path / "m", "--notes", "/dev/zero"), "is a device, not a file")
    server.close()
    fails(run("evaluate", "--compare", tmp_path, tmp_path), "is a folder, not a file")


@pytest.mark.parametrize("limit", [100_000, 450_000])
@pytest.mark.parametrize("command", ["train rows -o m", "evaluate rows", "audit rows", f"export {MODEL} -o x.joblib"])
def test_too_little_memory_to_learn_is_said(limit: int, command: str, labelled: Path) -> None:
    done = shell(f"ulimit -v {limit}; {CLAUSES} {command}", labelled.parent)
    fails(done, "not enough memory")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("limit", "level"), [(200_000, 1), (260_000, 2)])
def test_little_memory_is_enough_to_tag(limit: int, level: int, tmp_path: Path) -> None:
    assert shell(f"ulimit -v {limit}; {CLAUSES} tag {SEEDS[0]} --level {level}", tmp_path).returncode == 0


def test_errors_that_mean_a_lack_of_memory_are_known() -> None:
    for error in (
        MemoryError(),
        OSError(12, "Cannot allocate memory"),
        ImportError("libgfortran.so.5: failed to map segment from shared object"),
    ):
        assert is_lack_of_memory(error)
    for other in (ImportError("no module named x"), SystemError("x"), OSError(2, "No such file")):
        assert not is_lack_of_memory(other)


def unexpected(words: str, error: str, folder: Path, **env: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a command of ours that raises an error nobody expects."""
    (folder / "run.py").write_text(
        f"from classifier.cli import main\n@main.command()\ndef fall():\n    raise {error}\nmain(prog_name='clauses')\n"
    )
    return shell(f"{sys.executable} run.py {words}", folder, **env)


def test_an_error_nobody_expects_is_one_sentence(tmp_path: Path) -> None:
    done = unexpected("fall", "KeyError('x' * 999)", tmp_path)
    fails(done, "clauses has a bug: KeyError: 'xxx", "please report it with the output of --debug")
    assert len(done.stderr) < 500
    fails(unexpected("fall", "TimeoutError", tmp_path), "clauses has a bug: TimeoutError; please")
    fails(unexpected("fall", 'RuntimeError("can\'t start new thread")', tmp_path), "no more threads or processes")
    fails(unexpected("fall", "MemoryError", tmp_path), "not enough memory")
    for shown in (
        unexpected("--debug fall", "KeyError", tmp_path),
        unexpected("fall --debug", "KeyError", tmp_path),
        unexpected("fall", "KeyError", tmp_path, CLAUSES_DEBUG="1"),
    ):
        assert b"Traceback" in shown.stderr
        assert shown.returncode == 1
    assert b"Traceback" not in unexpected("fall", "KeyError", tmp_path, CLAUSES_DEBUG="0").stderr


def test_names_in_usage_errors_are_shown_safely(run: Run, tmp_path: Path) -> None:
    fails(done := run("tag", SEEDS[0], "-o", tmp_path / "x\x1b[31m.z\x1bip"), "no format has the suffix .z", code=2)
    assert b"\x1b" not in done.stderr


def test_a_deleted_folder_is_said(tmp_path: Path, labelled: Path) -> None:
    inside = "mkdir g; cd g; rmdir ../g;"
    for command in (f"train {labelled} -o m --fast -j 1", f"tag {SEEDS[0]} -o x.json"):
        fails(shell(f"{inside} {CLAUSES} {command}", tmp_path), "the current folder was deleted")
    assert shell(f"{inside} {CLAUSES} tag {SEEDS[0]} -o {tmp_path}/x.json", tmp_path).returncode == 0


@pytest.mark.parametrize("name", ["model.json", "README.md", "new.joblib", "linked", "hard"])
def test_no_output_goes_into_the_model_that_is_read(name: str, run: Run, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(MODEL, tmp_path / "mine"))
    output = mine / name
    if name in ("linked", "hard"):
        output = tmp_path / name
        output.symlink_to(mine / "model.json") if name == "linked" else os.link(mine / "model.json", output)
    before = {path.name: path.read_bytes() for path in mine.iterdir()}
    fails(run("export", mine, "-o", output))
    fails(run("evaluate", ROOT / "data/clauses/seeds.jsonl", "-m", mine, "-f", "json", "-o", output))
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before


def test_no_output_replaces_what_is_read(run: Run, labelled: Path, tmp_path: Path) -> None:
    corpus = Path(shutil.copytree(ROOT / "tests/corpora/opp115", tmp_path / "corpus"))
    policy = sorted((corpus / "sanitized_policies").iterdir())[0]
    taxonomy = Path(shutil.copy(ROOT / "data/taxonomy.toml", tmp_path))
    said = "is also an input; choose another output file"
    fails(run("import", "opp115", corpus, "-o", policy), said)
    fails(run("import", "opp115", corpus, "--taxonomy", taxonomy, "-o", taxonomy), said)
    fails(run("evaluate", labelled, "--taxonomy", taxonomy, "-o", taxonomy), said)
    fails(run("evaluate", labelled, "--also", labelled / "rows.jsonl", "-o", labelled / "rows.jsonl"), said)
    fails(run("train", labelled, "--taxonomy", taxonomy, "-o", taxonomy), "it is a file; a model is a folder")
    notes = tmp_path / "README.md"
    notes.write_text("Of ours.")
    fails(run("train", labelled, "--notes", notes, "-o", tmp_path), said)
    assert notes.read_text() == "Of ours."


def test_a_missing_package_is_named_as_it_can_be_installed() -> None:
    said = needs_package("PDF files", "pdf")
    assert said.startswith("PDF files need a package that is not installed: ")
    assert 'pip install "' in said
    assert '[pdf]"' in said


def test_a_report_of_wrong_fields_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps({"schema_version": 1, "how": None}))
    fails(run("evaluate", "--compare", tmp_path / "r.json", tmp_path / "r.json"), "how must be a string, not null")
