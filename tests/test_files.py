import errno
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classifier import WriteError
from classifier.errors import reason
from classifier.io import read_regular, write_file
from tests.conftest import ROOT


def test_a_file_is_written_with_the_folders_above_it(tmp_path: Path) -> None:
    write_file(tmp_path / "a/b.txt", b"text")
    assert (tmp_path / "a/b.txt").read_bytes() == b"text"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_permissions_stay_as_they_were(tmp_path: Path) -> None:
    path, usual = tmp_path / "a", tmp_path / "usual"
    usual.touch()
    write_file(path, b"one")
    assert path.stat().st_mode == usual.stat().st_mode
    path.chmod(0o640)
    write_file(path, b"two")
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="it is a folder"):
        write_file(tmp_path, b"x")


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_file(tmp_path / "pipe", b"data")
    assert os.read(reader, 10) == b"data"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_an_interruption_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def interrupted(self: Path, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def python(*lines: str, **settings: Any) -> "subprocess.Popen[bytes]":
    """Start Python on some lines."""
    code = "\n".join(("from classifier.io import write_file", *lines))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, **settings)


def test_links_in_a_loop_are_named(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to("l")
    with pytest.raises(WriteError, match="l: cannot be written: Too many levels of symbolic links"):
        write_file(tmp_path / "l", b"x")


def test_a_link_to_nothing_makes_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new/target")
    write_file(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new/target").read_bytes() == b"x"


@pytest.mark.parametrize("length", [200, 246, 255])
def test_the_longest_names_are_written(length: int, tmp_path: Path) -> None:
    write_file(tmp_path / ("x" * length), b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["x" * length]


@pytest.mark.parametrize(
    ("name", "message"),
    [("out/", "the name is that of a folder; name a file in it"), ("", "the name is empty")],
)
def test_a_name_of_no_file_is_refused(name: str, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WriteError, match=message):
        write_file(name, b"x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_by_name_is_written_through(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_bytes(b"before\n")
    inode = out.stat().st_ino
    with out.open("ab") as file:
        assert python(f"write_file({name!r}, [b'a', b'b'])", stdout=file).wait() == 0
    assert (out.read_bytes(), out.stat().st_ino) == (b"before\nab", inode)
    piped = python(f"write_file({name!r}, [b'a', b'b'])", stdout=subprocess.PIPE)
    assert piped.communicate()[0] == b"ab"


def test_devices_are_written_to_and_a_full_one_is_named() -> None:
    write_file("/dev/null", b"x")
    with pytest.raises(WriteError, match="/dev/full: cannot be written: No space left on device"):
        write_file("/dev/full", b"x" * 100_000)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_errors_of_the_source_are_passed_on(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise TimeoutError

    for path in (tmp_path / "out", Path("/dev/null")):
        with pytest.raises(TimeoutError):
            write_file(path, pieces())
    assert list(tmp_path.iterdir()) == []


def test_an_error_without_words_has_a_name() -> None:
    assert reason(TimeoutError()) == "TimeoutError"
    assert reason(OSError("odd")) == "odd"


WAITS = ("import sys", "def pieces():", "    yield b'x'", "    print(flush=True)", "    yield sys.stdin.buffer.read()")


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    words = (*WAITS, f"write_file({str(tmp_path / 'out')!r}, pieces())")
    with python(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        killed.stdout.readline()
        killed.kill()
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".clauses-")
    (tmp_path / ".clauses-notes").touch()  # not ours
    write_file(tmp_path / "out", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".clauses-notes", "out"]


def test_a_run_that_is_alive_keeps_what_it_writes(tmp_path: Path) -> None:
    words = (*WAITS, f"write_file({str(tmp_path / 'out')!r}, pieces())")
    with python(*words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as alive:
        assert alive.stdout is not None
        alive.stdout.readline()
        write_file(tmp_path / "out", b"other")
        assert len(list(tmp_path.iterdir())) == 2
        alive.communicate(b"y")
    assert alive.returncode == 0
    assert (tmp_path / "out").read_bytes() == b"xy"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_regular_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 1000)
    assert read_regular(path, 1000) == path.read_bytes()
    with pytest.raises(OSError, match="larger than 999 bytes") as caught:
        read_regular(str(path), 999)
    assert caught.value.errno == errno.EFBIG
    assert read_regular("/proc/self/status", 2**20)  # its size is said to be 0


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    for path, kind in (
        ("/dev/zero", "a device"),
        (tmp_path, "a folder"),
        (tmp_path / "pipe", "a pipe"),
        (tmp_path / "socket", "a socket"),
    ):
        with pytest.raises(OSError) as caught:
            read_regular(path, 1000)
        assert caught.value.strerror.startswith(f"is {kind}, not a file")
    server.close()
