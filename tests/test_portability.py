"""Tagging needs nothing that only POSIX has: simulated here, since a machine has one system.

A module `sitecustomize`, which each interpreter imports at its start, removes what Windows lacks. So the processes that a
command starts lack it too.
"""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from classifier import io
from tests.conftest import ROOT, SEEDS

ABSENT = {
    "os": (
        "O_DIRECTORY O_NOCTTY O_NOFOLLOW O_NONBLOCK fchmod fchown fork forkpty getegid geteuid getgid getpgid getuid "
        "killpg mkfifo mknod openpty sched_getaffinity setsid"
    ),
    "signal": (
        "ITIMER_PROF ITIMER_REAL ITIMER_VIRTUAL SIGALRM SIGHUP SIGPIPE SIGPROF SIGQUIT SIGUSR1 SIGUSR2 SIGXCPU getitimer "
        "pthread_kill pthread_sigmask setitimer sigwait"
    ),
}
HIDDEN = "fcntl grp pwd resource termios"
SITE = f"""
import os, signal, sys
for module, names in ((os, {ABSENT["os"]!r}), (signal, {ABSENT["signal"]!r})):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
os.supports_dir_fd.clear()
os.supports_fd.clear()

class Hide:
    def find_spec(self, name, path=None, target=None):
        if name in {HIDDEN.split()!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

for name in {HIDDEN.split()!r}:
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hide())
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> dict[str, str]:
    """The environment of a process on a system without POSIX."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site/sitecustomize.py").write_text(SITE)
    path = os.pathsep.join([str(tmp_path / "site"), str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    return {**os.environ, "PYTHONPATH": path}


def clauses(environment: dict[str, str], *words: object, python: str = "") -> "subprocess.CompletedProcess[str]":
    command = ["-c", python] if python else ["-m", "classifier", *map(str, words)]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, env=environment, check=False, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done


def test_the_simulated_system_lacks_what_it_should(elsewhere: dict[str, str]) -> None:
    code = "import os, signal, importlib.util as u\nprint(hasattr(os, 'getuid'), hasattr(signal, 'SIGHUP'))"
    hidden = "\nfor name in ('fcntl', 'resource'):\n    try:\n        __import__(name)\n    except ImportError:\n        print(name)"
    assert clauses(elsewhere, python=code + hidden).stdout.split() == ["False", "False", "fcntl", "resource"]


@pytest.mark.slow
def test_every_module_is_imported(elsewhere: dict[str, str]) -> None:
    paths = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "classifier").rglob("*.py")]
    modules = [".".join(path.parts).removesuffix(".__init__") for path in paths if path.name != "__main__"]
    assert "classifier.io" in modules
    clauses(elsewhere, python=f"import importlib\nfor name in {modules!r}:\n    importlib.import_module(name)")


def test_help_is_shown(elsewhere: dict[str, str]) -> None:
    assert "Usage" in clauses(elsewhere, "--help").stdout


@pytest.mark.parametrize("format_", ["text", "json", "html", "csv"])
def test_a_policy_is_tagged_as_everywhere(format_: str, elsewhere: dict[str, str]) -> None:
    words = ("tag", SEEDS[0], ROOT / "tests/pages/tables.html", "--format", format_)
    found = clauses(elsewhere, *words).stdout
    assert found == clauses({**os.environ, "PYTHONPATH": str(ROOT)}, *words).stdout
    assert "etention" in found


@pytest.mark.slow
def test_files_are_tagged_in_processes_and_written_whole(elsewhere: dict[str, str], tmp_path: Path) -> None:
    names = []
    for number in range(6):
        names.append(tmp_path / f"{number}.txt")
        names[-1].write_text(f"We keep your data for {number + 2} years.")
    temporary = {**elsewhere, "TMPDIR": str(tmp_path), "TEMP": str(tmp_path), "TMP": str(tmp_path)}
    for jobs in ("1", "2"):
        output = tmp_path / f"new/{jobs}.jsonl"
        clauses(temporary, "tag", *names, "--format", "jsonl", "--jobs", jobs, "-o", output)
        clauses(temporary, "tag", *names, "--format", "jsonl", "--jobs", jobs, "-o", output)  # over the first
    one, two = ((tmp_path / f"new/{jobs}.jsonl").read_bytes() for jobs in ("1", "2"))
    assert one == two
    assert [json.loads(line)["labels"] for line in one.splitlines()] == [["retention"]] * 6
    assert sorted(path.name for path in tmp_path.iterdir()) == [*(f"{k}.txt" for k in range(6)), "new", "site"]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["1.jsonl", "2.jsonl"]


def test_a_file_of_its_own_process_is_read(elsewhere: dict[str, str], tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    document = docx.Document()
    document.add_paragraph("We keep your data for ten years.")
    document.save(str(tmp_path / "a.docx"))
    assert json.loads(clauses(elsewhere, "tag", tmp_path / "a.docx", "-f", "jsonl").stdout)["labels"] == ["retention"]


def test_a_model_is_saved(elsewhere: dict[str, str], tmp_path: Path) -> None:
    code = f"""
import classifier
from classifier.model.persistence import load_model, save_model
for _ in range(2):
    save_model(classifier.load().model, {str(tmp_path / "model")!r})
load_model({str(tmp_path / "model")!r})
"""
    clauses(elsewhere, python=code)
    assert len(list((tmp_path / "model").iterdir())) == 2


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
def test_a_file_is_closed_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows renames no file that is open."""

    def open_files() -> set[Path]:
        return {path.resolve() for path in Path("/proc/self/fd").iterdir() if path.exists()}

    rename = Path.replace

    def replace(self: Path, target: Path) -> Path:
        assert self.resolve() not in open_files()
        return rename(self, target)

    monkeypatch.setattr(io, "fcntl", None)
    monkeypatch.setattr(Path, "replace", replace)
    for text in (b"one", b"two"):
        io.write_file(tmp_path / "a", text)
        assert (tmp_path / "a").read_bytes() == text


def test_a_folder_without_locks_is_not_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io, "fcntl", None)
    with io.lock_folder(tmp_path) as is_locked:
        assert not is_locked


def test_text_files_are_opened_with_an_encoding() -> None:
    """Without one, Windows reads them in its code page."""
    missing = []
    for path in sorted((ROOT / "classifier").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            if name in ("read_text", "write_text") and "encoding" not in {word.arg for word in node.keywords}:
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert missing == []
