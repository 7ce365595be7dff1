"""Bytes go to a file whole or not at all: written beside its place, then renamed."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from classifier.errors import WriteError


def write(path: str | Path, data: bytes | Iterable[bytes], unless: Callable[[], bool] = lambda: False) -> None:
    """Write `data` to `path`, making the folders above it.

    Parameters
    ----------
    path
        Where to.
    data
        What to write, whole or a piece at a time.
    unless
        Asked when all pieces are there; where it says so, nothing is written after all.

    Raises
    ------
    WriteError
        If that is not possible; what stood at `path` before stands there still.
    """
    import tempfile  # takes as long to load as all of this takes to run, and tagging to the screen needs it not

    path = Path(path)
    beside = None
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.is_dir():
            raise WriteError(f"{path}: cannot be written: it is a folder")
        if path.exists() and not path.is_file():  # a pipe or a device is written to, not replaced
            with path.open("wb") as file:
                file.writelines([data] if isinstance(data, bytes) else data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as file:
            file.writelines([data] if isinstance(data, bytes) else data)
        if unless():
            return
        Path(beside).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        Path(beside).replace(path)
        beside = None
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror}") from None
    finally:
        if beside is not None:  # also on Ctrl-C
            with contextlib.suppress(OSError):
                Path(beside).unlink()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def read_regular(path: str | Path, most_bytes: int) -> bytes:
    """Read a regular file of at most `most_bytes` bytes, without waiting for anybody.

    Raises
    ------
    OSError
        If it cannot be read, is larger, or is a folder, a pipe, a socket or a device; `strerror` says which.
    """
    try:
        _require_regular(Path(path).stat().st_mode)
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:  # a name that holds a NUL or characters of no encoding
        raise OSError(errno.EINVAL, str(error)) from None
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        _require_regular(status.st_mode)
        if status.st_size > most_bytes:
            raise OSError(errno.EFBIG, f"larger than {most_bytes:,} bytes")
        parts, size, expected = [], 0, status.st_size + 1
        while part := file.read(expected):
            parts.append(part)
            size += len(part)
            if size > most_bytes:
                raise OSError(errno.EFBIG, f"larger than {most_bytes:,} bytes")
            expected = min(2**16, most_bytes + 1 - size)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _require_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, "is a folder, not a file")
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is a pipe, a socket or a device, not a file")
