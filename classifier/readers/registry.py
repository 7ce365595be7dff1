"""Read policies from files, pipes and web addresses as Documents.

The format is told from the bytes first, since suffixes lie, and then from the suffix (`readers.formats`). Whatever could cost
much time or memory is read in a child process (`readers.isolated`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from classifier.errors import ClassifierError, InternalReadError, ReadError, described, reason
from classifier.readers.formats import READERS, Reader, ReadOptions, find_reader, get_reader, require_reader
from classifier.readers.plaintext import find_blocks
from classifier.text.escaping import escape_name
from classifier.text.language import language_name, language_shares, main_language
from classifier.types import Document

__all__ = [
    "MAX_BYTES",
    "MAX_SHARED_BYTES",
    "PIPE_WAIT_SECONDS",
    "READERS",
    "STDIN",
    "ReadOptions",
    "Reader",
    "display_name",
    "from_text",
    "is_address",
    "parse",
    "parse_all",
    "read",
    "read_all",
    "read_as",
]

STDIN = "-"
"""The path that means standard input."""
MAX_BYTES = 64 * 2**20
"""Bytes of one file; a policy has some 20,000."""
MAX_SHARED_BYTES = 2**20
"""Bytes of a file that may be read in this process; a larger one is read in a child process, whatever its format."""
PIPE_WAIT_SECONDS = 10.0
"""Seconds to wait for each part of what comes through a named pipe."""
MIN_NOTED_SHARE = 0.2
"""Share of a policy from which on a language counts in the note about it."""
MAX_NAMED_DOCUMENTS = 5
"""Further documents of a file that a note names."""
_PIPE_PART_BYTES = 2**16
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,20}://")


def read(path: str | Path, *, keep_all: bool = False, allow_private: bool = False) -> Document:
    """Read one policy: the first of a file that holds several.

    Parameters
    ----------
    path
        A file of one of the formats of `readers.formats`; ``"-"`` for standard input; or a web address, with http:// or https://.
    keep_all
        Keep also the parts of a web page that are certainly not policy text, such as menus.
    allow_private
        Fetch `path` also if it is an address on this machine or its own network; redirects to other private addresses are
        refused all the same.

    Returns
    -------
    Document
        Its text and the blocks it is made of.

    Raises
    ------
    ReadError
        If the file does not exist, is a folder, empty, too large, of an unknown format, or without text.
    """
    return _first(read_all(path, keep_all=keep_all, allow_private=allow_private))


def read_all(path: str | Path, *, keep_all: bool = False, allow_private: bool = False) -> list[Document]:
    """Read all documents of a file, at least one; parameters and errors as in `read`."""
    if isinstance(path, str) and is_address(path):
        return _read_address(path, keep_all, allow_private)
    if str(path) == STDIN:
        if sys.stdin is None:
            raise ReadError("<stdin>: cannot be read: it is closed")
        return parse_all(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>", keep_all=keep_all)
    path = Path(path)
    name = escape_name(str(path))
    try:
        data = _read_bytes(path, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise ReadError(f"{name}: cannot be read: {reason(error)}") from None
    return parse_all(data, name, path.suffix.lower(), keep_all=keep_all)


def _first(documents: list[Document]) -> Document:
    """Return the first of several documents, with a note that there are others."""
    first = documents[0]
    if len(documents) == 1:
        return first
    note = f"the file holds {len(documents):,} policies, and this is the first; split it to tag the others"
    attached = [other.name for other in documents if other.name.startswith(f"{first.name}#")]
    if others := [name.removeprefix(f"{first.name}#") for name in attached]:
        note = f"{note}: {', '.join(others[:MAX_NAMED_DOCUMENTS])}"
    return replace(first, notes=(*first.notes, note))


def _read_address(address: str, keep_all: bool, allow_private: bool) -> list[Document]:
    """Fetch a page and read it; its notes begin with the redirects and other notes of the fetch."""
    from classifier.readers.web import fetch, shown_address

    page = fetch(address, allow_private=allow_private)
    documents = parse_all(page.data, page.address, page.suffix, keep_all=keep_all, charset=page.charset)
    notes = (*(f"{shown_address(step)} redirects" for step in page.redirects), *page.notes)
    return [replace(document, notes=(*notes, *document.notes)) for document in documents] if notes else documents


def _read_bytes(path: Path, name: str) -> bytes:
    """Read at most `MAX_BYTES` + 1 bytes of a file or a named pipe; one too many shows that it is too large."""
    import stat

    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise ReadError(f"{name}: is a folder; name the files in it, as in {name}/*.html")
    if not stat.S_ISFIFO(status.st_mode):
        with path.open("rb") as file:
            # read() allocates all it is asked for, so ask for the size of the file first
            expected = min(status.st_size, MAX_BYTES) + 1
            data = file.read(expected)
            return data if len(data) < expected else data + file.read(MAX_BYTES + 1 - expected)
    import os
    import select

    pipe = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(pipe, "rb", buffering=0) as file:
        received = bytearray()
        while len(received) <= MAX_BYTES:
            if not select.select([file], [], [], PIPE_WAIT_SECONDS)[0]:
                raise ReadError(f"{name}: is a pipe that nobody writes to")
            part = file.read(_PIPE_PART_BYTES)
            if not part:
                break
            received += part
        return bytes(received)


def is_address(path: str) -> bool:
    """Whether a path is a web address rather than a file.

    >>> is_address("https://example.org/privacy"), is_address("privacy.html")
    (True, False)
    """
    return _ADDRESS.match(path) is not None


def parse(
    data: bytes, name: str = "<bytes>", suffix: str = "", *, keep_all: bool = False, charset: str = ""
) -> Document:
    """Read one policy from bytes: the first, if they hold several.

    Parameters
    ----------
    data
        The bytes of a file.
    name
        Name of the file in messages and output.
    suffix
        Suffix of its name, in lower case with the period; used only if the bytes do not tell the format.
    keep_all
        As in `read`.
    charset
        The encoding that a server declared, "" if none.

    Raises
    ------
    ReadError
        As `read` does.

    Examples
    --------
    >>> parse(b"<!doctype html><p>We keep logs.").text
    'We keep logs.'
    """
    return _first(parse_all(data, name, suffix, keep_all=keep_all, charset=charset))


def parse_all(
    data: bytes, name: str = "<bytes>", suffix: str = "", *, keep_all: bool = False, charset: str = ""
) -> list[Document]:
    """Read all documents in bytes, at least one; parameters and errors as in `parse`."""
    if len(data) > MAX_BYTES:
        raise ReadError(f"{name}: larger than {MAX_BYTES // 2**20} MiB; a policy is far smaller, split the file")
    reader = find_reader(data, name, suffix)
    require_reader(reader, name)
    options = ReadOptions(keep_all, charset)
    if len(data) > MAX_SHARED_BYTES or not reader.is_cheap(data, name):
        from classifier.readers import isolated

        documents = isolated.read_isolated(data, name, reader.name, options)
    else:
        try:
            documents = read_as(reader.name, data, name, options)
        except MemoryError:
            raise ReadError(f"{name}: cannot be read: there is not enough memory for it") from None
    return list(map(_with_language, documents))


def read_as(format: str, data: bytes, name: str, options: ReadOptions | None = None) -> list[Document]:
    """Read bytes whose format is known, in this process and without limits of time and memory; `parse` adds the language.

    Parameters
    ----------
    format
        Name of the reader, as in `Document.format`.
    data
        The bytes.
    name
        Name of the file in messages and output.
    options
        Options of the reader.

    Raises
    ------
    ReadError
        If the bytes are damaged, more than a policy could have, or without text.
    InternalReadError
        If the reader fails because of a bug.

    Examples
    --------
    >>> [document.text for document in read_as("text", b"We keep logs.", "policy.txt")]
    ['We keep logs.']
    """
    reader = get_reader(format)
    require_reader(reader, name)
    try:
        documents = list(reader.read(data, name, options or ReadOptions()))
    except (ClassifierError, MemoryError):
        raise
    except Exception as error:
        about = escape_name(described(error))
        raise InternalReadError(
            f"{name}: could not be read because of a bug in policy-clauses ({about}); please report it"
        ) from error
    if not documents:
        raise ReadError(f"{name}: holds no documents")
    return documents


def display_name(path: str) -> str:
    """Return the name of a path in messages and output."""
    return "<stdin>" if path == STDIN else escape_name(path)


def from_text(text: str, name: str = "<text>") -> Document:
    """Make a Document of a string that is already decoded.

    >>> from_text("We keep logs.").blocks
    (Block(kind='paragraph', start=0, end=13, level=0, style='', place='', closes='', part=''),)
    """
    return _with_language(Document(name, text, find_blocks(text)))


def _with_language(document: Document) -> Document:
    """Return a document with its language, and with a note if much of it is not in English."""
    shares = language_shares(document.text)
    language = main_language(shares)
    note = _language_note(shares) if language else ""
    return replace(document, language=language, notes=(*document.notes, note) if note else document.notes)


def _language_note(shares: Mapping[str, float]) -> str:
    foreign = [language for language in shares if language not in ("", "en") and shares[language] >= MIN_NOTED_SHARE]
    if not foreign:
        return ""
    *others, last = map(language_name, foreign)
    names = f"{', '.join(others)} and {last}" if others else last
    learned = "the categories were learned from English text"
    if shares.get("en", 0.0) < MIN_NOTED_SHARE:
        return f"the policy seems to be in {names}; {learned}, so its labels mean little"
    share = round(sum(shares[language] for language in foreign), 1)
    return f"about {share:.0%} of the policy seems to be in {names}; {learned}, so labels there mean little"
