"""A file becomes a Document: bytes are checked, decoded and cut into blocks.

One module a format, one table from suffix to format; what the bytes are is looked at too, since suffixes lie. Only text
and Markdown are read so far, both by `readers.markdown`: most saved policies are something between the two.
"""

from __future__ import annotations

import sys
from pathlib import Path

from classifier.errors import ReadError
from classifier.readers import decode, markdown
from classifier.types import Document

STDIN = "-"
SUFFIXES = ("", ".markdown", ".md", ".text", ".txt")
MAX_BYTES = 64 * 2**20
"""A policy has some 20,000 bytes; what is larger than this is something else."""
MAX_BLOCKS = 100_000
"""Likewise a policy has some hundred paragraphs; each costs memory, and so the number of them is limited too."""


def read(path: str | Path) -> Document:
    """Read one policy from a file, or from standard input where `path` is ``"-"``.

    Raises
    ------
    ReadError
        If there is no such file, it is a folder, empty, too large, of an unknown format, or not text.
    """
    if str(path) == STDIN:
        if sys.stdin is None:
            raise ReadError("<stdin>: cannot be read: it is closed")
        return parse(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>")
    path = Path(path)
    name = printable(str(path))
    try:
        if path.is_dir():
            raise ReadError(f"{name}: is a folder; name the files in it")
        if path.suffix.lower() not in SUFFIXES:
            known = ", ".join(suffix for suffix in SUFFIXES if suffix)
            raise ReadError(f"{name}: files of type {path.suffix!r} are not read; save the policy as text ({known})")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise ReadError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return parse(data, name)


def parse(data: bytes, name: str = "<bytes>") -> Document:
    """Read one policy from bytes; `name` is what messages and output call it. Raises `ReadError` as `read` does."""
    if len(data) > MAX_BYTES:
        raise ReadError(f"{name}: larger than {MAX_BYTES // 2**20} MiB; a policy is far smaller, split the file")
    text, encoding = decode.decode(data, name)
    if not text.strip():
        raise ReadError(f"{name}: is empty")
    blocks = markdown.blocks(text)
    if len(blocks) > MAX_BLOCKS:
        raise ReadError(f"{name}: has more than {MAX_BLOCKS:,} paragraphs; a policy has far fewer, split the file")
    return Document(name, text, blocks, encoding)


def printable(name: str) -> str:
    r"""Escape what a file's name may hold and a line of output must not: line ends, controls, bytes of no encoding.

    >>> printable("a\nb.txt")
    'a\\nb.txt'
    """
    return name if name.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)


def from_text(text: str, name: str = "<text>") -> Document:
    """Make a Document of a string that is already decoded."""
    return Document(name, text, markdown.blocks(text))
