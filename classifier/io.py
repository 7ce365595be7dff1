"""Write a file completely or not at all, read regular files only, and lock files and folders.

A file is written under a temporary name in the folder of its target, then renamed. Pipes, devices and the streams of the
process, such as /dev/stdout, are written to directly. Where the system has no `fcntl`, as on Windows, nothing is locked:
writing stays atomic, but temporary files of killed runs stay too.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from classifier.errors import WriteError, reason

fcntl: Any
try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None

LOCK_POLL_SECONDS = 0.02
"""Pause between two attempts to lock a folder."""
_TEMPORARY_NAME = re.compile(r"\.clauses-[0-9a-f]{12}")
_MAX_LINKS = 40
"""Symbolic links followed from a name before it is given up, as in Linux."""
_READ_BYTES = 2**16
"""Bytes read at a time beyond the size that a file states."""
_REFUSED_TYPES = (
    (stat.S_ISDIR, errno.EISDIR, "is a folder, not a file"),
    (stat.S_ISFIFO, errno.EINVAL, "is a pipe, not a file; save its content to a file"),
    (stat.S_ISSOCK, errno.EINVAL, "is a socket, not a file"),
)
_BINARY = getattr(os, "O_BINARY", 0)
_READ_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | _BINARY


def write_file(path: str | Path, data: bytes | Iterable[bytes], unless: Callable[[], bool] = lambda: False) -> None:
    """Write `data` to `path`, creating the folders above it.

    Parameters
    ----------
    path
        A file, which is replaced once all of `data` is written; or a pipe, a device or a stream of the process
        (/dev/stdout, /dev/fd/63), which is written to directly.
    data
        The bytes, or an iterable of pieces. Errors raised by the iterable are passed on unchanged.
    unless
        Called after the last piece; if it returns true, the file is left unchanged.

    Raises
    ------
    WriteError
        If `path` cannot be written; its previous content is kept.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/new/out.txt", [b"one ", b"two"])
    ...     Path(folder, "new/out.txt").read_bytes()
    b'one two'
    """
    pieces = [data] if isinstance(data, bytes) else data
    with _write_errors(path):
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
    with _write_errors(path):
        opened = os.open(path, os.O_WRONLY | _BINARY) if descriptor is None else os.dup(descriptor)
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


def read_regular(path: str | Path, max_bytes: int) -> bytes:
    """Read a regular file of at most `max_bytes` bytes, without ever waiting for another program.

    Raises
    ------
    OSError
        If it cannot be read, is larger, or is a folder, a pipe, a socket or a device; `strerror` says which.

    Examples
    --------
    >>> read_regular(__file__, 10)
    Traceback (most recent call last):
    ...
    OSError: [Errno 27] larger than 10 bytes
    """
    try:
        _require_regular(Path(path).stat().st_mode)  # before opening it: opening some devices has effects
        descriptor = os.open(path, _READ_FLAGS)
    except ValueError as error:  # a name with a NUL, or with characters that the file system cannot encode
        raise OSError(errno.EINVAL, str(error)) from None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        _require_regular(status.st_mode)  # again: the name may lead to another file by now
        parts, size = [], 0
        # read() allocates as many bytes as are asked for: ask for the stated size, then for small pieces
        wanted = min(status.st_size, max_bytes) + 1
        while part := file.read(wanted):
            parts.append(part)
            size += len(part)
            if size > max_bytes:
                raise OSError(errno.EFBIG, f"larger than {_format_size(max_bytes)}")
            wanted = min(_READ_BYTES, max_bytes + 1 - size)
    return parts[0] if len(parts) == 1 else b"".join(parts)


@contextlib.contextmanager
def lock_folder(folder: str | Path, seconds: float = 0.0) -> Iterator[bool]:
    """Hold the lock of a folder in the block. The lock ends with the block or with the process.

    Parameters
    ----------
    folder
        An existing folder.
    seconds
        How long to wait while another process holds the lock.

    Yields
    ------
    bool
        Whether the lock is held: False where the system or the file system has no locks.

    Raises
    ------
    BlockingIOError
        If another process still holds the lock after `seconds`.
    OSError
        If the folder cannot be opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, lock_folder(folder) as is_locked:
    ...     is_locked
    True
    """
    if fcntl is None:
        yield False
        return
    end = time.monotonic() + seconds
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while True:
            try:
                is_locked = _lock(descriptor)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise
                time.sleep(LOCK_POLL_SECONDS)
        yield is_locked
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    """Lock an open file or folder until its descriptor and all duplicates are closed.

    Returns False where there are no locks. Raises `BlockingIOError` if another process holds the lock.
    """
    if fcntl is None:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # some network file systems have no locks
        return False
    return True


def _format_size(n_bytes: int) -> str:
    return f"{n_bytes // 2**20:,} MiB" if n_bytes >= 2**20 else f"{n_bytes:,} bytes"


def _require_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    for is_type, number, message in _REFUSED_TYPES:
        if is_type(mode):
            raise OSError(number, message)
    raise OSError(errno.EINVAL, "is a device, not a file")


@contextlib.contextmanager
def _write_errors(path: str | Path) -> Iterator[None]:
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
    """Write all pieces and close the stream; only errors of the stream are reported as errors of `path`."""
    try:
        for piece in pieces:
            try:
                stream.write(piece)
            except OSError:
                with _write_errors(path):
                    raise
        with _write_errors(path):
            stream.close()
    finally:
        with contextlib.suppress(OSError):  # the first error is the one to report
            stream.close()


def _replace(path: str | Path, mode: int | None, pieces: Iterable[bytes], unless: Callable[[], bool]) -> None:
    """Write a file under a temporary name, then rename it to the target of `path`, links followed.

    Parameters
    ----------
    mode
        The mode of the file at `path`, None if there is none.
    """
    with _write_errors(path):
        if mode is not None and not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is read-only")
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_left_overs(target.parent)
        # a new file gets the usual permissions; one that replaces another is private until it has that one's
        temporary, descriptor = _create_locked(target.parent, 0o666 if mode is None else 0o600)
    try:
        with contextlib.ExitStack() as lock:
            stream = os.fdopen(descriptor, "wb")
            if fcntl is not None:  # hold the lock until the file is renamed or removed
                lock.callback(os.close, os.dup(descriptor))
            _copy(_then_synchronize(pieces, stream, path), stream, path)
            if unless():
                return
            with _write_errors(path):
                if mode is not None:
                    temporary.chmod(mode & 0o777)
                temporary.replace(target)
    finally:  # also on Ctrl-C
        with contextlib.suppress(OSError):
            temporary.unlink()


def _then_synchronize(pieces: Iterable[bytes], stream: BinaryIO, path: str | Path) -> Iterator[bytes]:
    """Pass on the pieces; after the last one, wait until the bytes are on the disk.

    So a crash of the machine cannot leave a renamed, empty file.
    """
    yield from pieces
    with _write_errors(path):
        stream.flush()
        try:
            os.fsync(stream.fileno())
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):  # file systems that cannot
                raise


def _create_locked(folder: Path, mode: int) -> tuple[Path, int]:
    """Create a temporary file that stays locked while it is open, so that other runs know its writer is alive."""
    while True:
        path = folder / f".clauses-{os.urandom(6).hex()}"
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | _BINARY
        descriptor = os.open(path, flags, mode)
        try:
            _lock(descriptor)
            if fcntl is None or os.fstat(descriptor).st_nlink:
                return path, descriptor
        except BlockingIOError:
            pass
        os.close(descriptor)  # another run took it for a left-over before it was locked


def _remove_left_overs(folder: Path) -> None:
    """Remove the temporary files of killed runs: those that no process holds a lock on."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if not (_TEMPORARY_NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)):
                continue
            with contextlib.suppress(OSError):
                descriptor = os.open(entry.path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
                try:
                    if _lock(descriptor):
                        Path(entry.path).unlink()
                finally:
                    os.close(descriptor)
