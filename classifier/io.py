"""Write bytes to a file whole or not at all, and read regular files only.

A file is written under a temporary name in the folder of its target, then renamed. Pipes, devices and the streams of the
process, such as /dev/stdout, are written to as they are.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from classifier.errors import WriteError, reason

fcntl: Any
try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

_TEMPORARY = re.compile(r"\.clauses-[0-9a-f]{12}")
_MAX_LINKS = 40
"""Symbolic links followed from a name before it is given up, as in Linux."""
_KINDS = (
    (stat.S_ISDIR, errno.EISDIR, "is a folder, not a file"),
    (stat.S_ISFIFO, errno.EINVAL, "is a pipe, not a file; save its content to a file"),
    (stat.S_ISSOCK, errno.EINVAL, "is a socket, not a file"),
    (stat.S_ISREG, 0, ""),
    (lambda mode: True, errno.EINVAL, "is a device, not a file"),
)
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)


def write_file(path: str | Path, data: bytes | Iterable[bytes], unless: Callable[[], bool] = lambda: False) -> None:
    """Write `data` to `path`, making the folders above it.

    Parameters
    ----------
    path
        A file, which is replaced when all of `data` is there; or a pipe, a device or a stream of the process
        (/dev/stdout, /dev/fd/63), which is written to at once.
    data
        The bytes, whole or in pieces. Errors that come from the source of the pieces are passed on as they are.
    unless
        Asked after the last piece; if it returns true, the file is left as it was.

    Raises
    ------
    WriteError
        If `path` cannot be written; its previous content is kept.
    """
    pieces = [data] if isinstance(data, bytes) else data
    with _named(path):
        _refuse_folder_name(os.fspath(path))
        descriptor = own_descriptor(path)
        try:
            mode = Path(path).stat().st_mode if descriptor is None else os.fstat(descriptor).st_mode
        except FileNotFoundError:
            mode = None
        if mode is not None and stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if descriptor is None and (mode is None or stat.S_ISREG(mode)):
        _replace(path, mode, pieces, unless)
        return
    with _named(path):
        opened = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0)) if descriptor is None else os.dup(descriptor)
        stream = os.fdopen(opened, "wb")
    _copy(pieces, stream, path)


def own_descriptor(path: str | Path) -> int | None:
    """Return the number of the open descriptor that a path such as /dev/stdout or /dev/fd/63 names; None for others.

    >>> own_descriptor("/dev/fd/63"), own_descriptor("out.json")
    (63, None)
    """
    path = Path(path)
    for _ in range(_MAX_LINKS):
        if path.name.isascii() and path.name.isdigit() and _is_descriptor_folder(path.parent):
            return int(path.name)
        try:
            path = path.parent / path.readlink()
        except (OSError, ValueError):
            return None
    return None


def read_regular(path: str | Path, most_bytes: int) -> bytes:
    """Read a regular file of at most `most_bytes` bytes, without waiting for anybody.

    Raises
    ------
    OSError
        If it cannot be read, is larger, or is a folder, a pipe, a socket or a device; `strerror` says which.
    """
    try:
        _require_regular(Path(path).stat().st_mode)  # to open some devices has effects
        descriptor = os.open(path, _READ_FLAGS)
    except ValueError as error:  # a name that holds a NUL or characters of no encoding
        raise OSError(errno.EINVAL, str(error)) from None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        _require_regular(status.st_mode)
        parts, size = [], 0
        # memory is taken for as much as is asked for, so ask for the size first, and then for the rest, if any
        expected = min(status.st_size, most_bytes) + 1
        while part := file.read(expected):
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise OSError(errno.EFBIG, f"larger than {_megabytes(most_bytes)}")
            expected = min(2**16, most_bytes + 1 - size)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _megabytes(size: int) -> str:
    return f"{size // 2**20:,} MiB" if size >= 2**20 else f"{size:,} bytes"


def _require_regular(mode: int) -> None:
    for is_kind, number, sentence in _KINDS:
        if is_kind(mode):
            if number:
                raise OSError(number, sentence)
            return


@contextlib.contextmanager
def _named(path: str | Path) -> Iterator[None]:
    """Turn an error of the system into a WriteError that names `path`."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise WriteError(f"{os.fspath(path)}: cannot be written: {reason(error)}") from error


def _refuse_folder_name(name: str) -> None:
    separators = tuple(filter(None, (os.sep, os.altsep)))
    if not name:
        raise OSError(errno.ENOENT, "the name is empty")
    if name.endswith(separators):
        raise IsADirectoryError(errno.EISDIR, "the name is that of a folder; name a file in it")


def _is_descriptor_folder(folder: Path) -> bool:
    real = os.path.realpath(folder) if folder.is_absolute() else ""
    return real == "/dev/fd" or re.fullmatch(rf"/proc/{os.getpid()}(/task/\d+)?/fd", real) is not None


def _copy(pieces: Iterable[bytes], stream: BinaryIO, path: str | Path) -> None:
    """Write all pieces and close the stream; only its own errors become those of `path`."""
    try:
        for piece in pieces:
            try:
                stream.write(piece)
            except OSError:
                with _named(path):
                    raise
        with _named(path):
            stream.close()
    finally:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            stream.close()


def _replace(path: str | Path, mode: int | None, pieces: Iterable[bytes], unless: Callable[[], bool]) -> None:
    """Write a file under a temporary name, then give it the name that `path` stands for, links followed."""
    with _named(path):
        if mode is not None and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_overs(target.parent)
        temporary, descriptor = _create_locked(target.parent)
    try:
        stream = os.fdopen(descriptor, "wb")
        kept_open = os.dup(descriptor)  # holds the lock until the file is renamed or removed
        try:
            _copy(pieces, stream, path)
            if unless():
                return
            with _named(path):
                _synchronize(kept_open)
                temporary.chmod(mode & 0o777 if mode is not None else 0o666 & ~_umask())
                temporary.replace(target)
        finally:
            os.close(kept_open)
    finally:  # also on Ctrl-C
        with contextlib.suppress(OSError):
            temporary.unlink()


def _create_locked(folder: Path) -> tuple[Path, int]:
    """Create a temporary file that is locked as long as it is open, so that others know that its writer is alive."""
    while True:
        path = folder / f".clauses-{os.urandom(6).hex()}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o600)
        if fcntl is None:
            return path, descriptor
        with contextlib.suppress(OSError):  # some file systems of networks have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return path, descriptor
        os.close(descriptor)  # another run took it for a left-over before it was locked


def _remove_left_overs(folder: Path) -> None:
    """Remove the temporary files of runs that were killed: those that nobody holds a lock on."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not (_TEMPORARY.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)):
                continue
            with contextlib.suppress(OSError):
                descriptor = os.open(entry.path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    Path(entry.path).unlink()
                finally:
                    os.close(descriptor)


def _synchronize(descriptor: int) -> None:
    """Wait until the bytes are on the disk, so that a crash of the machine cannot leave a renamed, empty file."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # file systems that cannot
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
