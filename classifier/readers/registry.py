"""A file becomes a Document: bytes are checked, decoded and cut into blocks.

One module a format, one table from suffix to format; what the bytes are is looked at first, since suffixes lie. Text and
Markdown are read by `readers.markdown`: most saved policies are something between the two.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path

from classifier.errors import ClassifierError, InternalReadError, ReadError, described, needs_package, reason
from classifier.readers.checks import check_blocks
from classifier.readers.document import MAX_BLOCKS, MAX_CHARACTERS
from classifier.readers.encoding import decode_bytes, refuse, sniff
from classifier.readers.plaintext import find_blocks
from classifier.text.escaping import escape_name
from classifier.types import Document, Format

STDIN = "-"
SUFFIXES: dict[str, Format] = {
    "": "text",
    ".markdown": "text",
    ".md": "text",
    ".text": "text",
    ".txt": "text",
    ".htm": "html",
    ".html": "html",
    ".xhtml": "html",
    ".pdf": "pdf",
    ".docx": "docx",
}
MAX_BYTES = 64 * 2**20
"""A policy has some 20,000 bytes; what is larger than this is something else."""
MAX_SHARED_BYTES = 2**20
"""A larger file is read in a process of its own, whatever its format."""
PATIENCE = 10.0
"""So many seconds are waited for what comes through a pipe."""
SNIFFED = 8192
"""So many bytes are looked at to tell what a file is."""
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENT = re.compile(rb"<[a-zA-Z][a-zA-Z0-9-]*[\s/>]")
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,20}://")
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis.opendocument"


def read(path: str | Path, *, keep_all: bool = False, allow_private: bool = False) -> Document:
    """Read one policy from a file, from standard input where `path` is ``"-"``, or from an address on the web.

    Parameters
    ----------
    path
        Text, Markdown, HTML, PDF or DOCX, or an address that begins with http:// or https://.
    keep_all
        Of a web page, keep also what is surely not of the policy, such as menus.
    allow_private
        Fetch `path` also if it is an address of this machine or its own network; not what it redirects to elsewhere there.

    Raises
    ------
    ReadError
        If there is no such file, it is a folder, empty, too large, of an unknown format, or has no text in it.
    """
    if isinstance(path, str) and is_address(path):
        return _read_address(path, keep_all, allow_private)
    if str(path) == STDIN:
        if sys.stdin is None:
            raise ReadError("<stdin>: cannot be read: it is closed")
        return parse(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>", keep_all=keep_all)
    path = Path(path)
    name = escape_name(str(path))
    try:
        data = _bytes(path, name)
    except (OSError, ValueError) as error:  # ValueError: a NUL byte in the name
        raise ReadError(f"{name}: cannot be read: {reason(error)}") from None
    return parse(data, name, path.suffix.lower(), keep_all=keep_all)


def _read_address(address: str, keep_all: bool, allow_private: bool) -> Document:
    """Fetch a page and read it; redirects and remarks of the fetch are noted first."""
    from classifier.readers.web import fetch, shown_address

    page = fetch(address, allow_private=allow_private)
    document = parse(page.data, page.address, page.suffix, keep_all=keep_all, charset=page.charset)
    notes = (*(f"{shown_address(step)} redirects" for step in page.redirects), *page.notes)
    return replace(document, notes=(*notes, *document.notes)) if notes else document


def _bytes(path: Path, name: str) -> bytes:
    """Read a file, but no more than a byte too many; a pipe, too, but only if somebody writes to it soon."""
    import stat

    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise ReadError(f"{name}: is a folder; name the files in it, as in {name}/*.html")
    if not stat.S_ISFIFO(status.st_mode):
        with path.open("rb") as file:
            # memory is taken for as much as is asked for, so first for what the file should have
            first = min(status.st_size, MAX_BYTES) + 1
            found = file.read(first)
            return found if len(found) < first else found + file.read(MAX_BYTES + 1 - first)
    import os
    import select

    pipe = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(pipe, "rb", buffering=0) as file:
        data = bytearray()
        while len(data) <= MAX_BYTES:
            if not select.select([file], [], [], PATIENCE)[0]:
                raise ReadError(f"{name}: is a pipe that nobody writes to")
            part = file.read(2**16)
            if not part:
                break
            data += part
        return bytes(data)


def is_address(path: str) -> bool:
    """Whether a path is an address on the web rather than a file.

    >>> is_address("https://example.org/privacy"), is_address("privacy.html")
    (True, False)
    """
    return _ADDRESS.match(path) is not None


def parse(
    data: bytes, name: str = "<bytes>", suffix: str = "", *, keep_all: bool = False, charset: str = ""
) -> Document:
    """Read one policy from bytes.

    Parameters
    ----------
    data
        The bytes of a file.
    name
        What messages and output call it.
    suffix
        What its name ends with, which counts where the bytes do not tell.
    keep_all
        As in `read`.
    charset
        What a server says that a page is encoded in.

    Raises
    ------
    ReadError
        As `read` does.
    """
    if len(data) > MAX_BYTES:
        raise ReadError(f"{name}: larger than {MAX_BYTES // 2**20} MiB; a policy is far smaller, split the file")
    format = _format(data, name, suffix)
    options = {"keep_all": keep_all, "charset": charset}
    if not _is_cheap(data, name, format):
        from classifier.readers import isolated

        _require_package(format, name)
        return isolated.read_isolated(data, name, format, options)
    try:
        return parse_as(format, data, name, keep_all=keep_all, charset=charset)
    except MemoryError:
        raise ReadError(f"{name}: cannot be read: there is not enough memory for it") from None


def parse_as(format: Format, data: bytes, name: str, *, keep_all: bool = False, charset: str = "") -> Document:
    """Read bytes whose format is known, in this process and without limits.

    Parameters
    ----------
    format, data, name
        Which reader reads which bytes, and what messages call them.
    keep_all, charset
        As in `parse`.

    Raises
    ------
    ReadError
        If the bytes are damaged, too much for a policy, or without text.
    InternalReadError
        If the reader fails over them in a way that is a bug of ours.
    """
    try:
        if format == "html":
            from classifier.readers.html.reader import read_html

            return read_html(data, name, keep_all, charset)
        if format == "pdf":
            from classifier.readers.pdf.reader import read_pdf

            return read_pdf(data, name)
        if format == "docx":
            from classifier.readers.docx.reader import read_docx

            return read_docx(data, name)
        return _text(data, name, charset)
    except (ClassifierError, MemoryError):
        raise
    except Exception as error:
        raise InternalReadError(
            f"{name}: could not be read, by a fault of policy-clauses ({escape_name(described(error))}); please report it"
        ) from error


def _require_package(format: Format, name: str) -> None:
    """Stop before a process is started for a format whose package is not installed."""
    import importlib.util

    package, what = {"pdf": ("pypdfium2", "PDF files"), "docx": ("docx", "Word files")}.get(format, ("", ""))
    if package and importlib.util.find_spec(package) is None:
        raise ReadError(f"{name}: {needs_package(what, format)}")


def _is_cheap(data: bytes, name: str, format: Format) -> bool:
    """Whether it is certain that reading takes little time and memory, so that no process of its own is needed."""
    if len(data) > MAX_SHARED_BYTES or format in ("pdf", "docx"):
        return False
    if format == "text":
        return True
    from classifier.readers.html import bounds

    return bounds.is_cheap(data, name)


def _format(data: bytes, name: str, suffix: str) -> Format:
    """Tell the format by the bytes, else by the suffix."""
    if data.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        if data[30:].startswith(_OPEN_DOCUMENT):
            raise ReadError(
                f"{name}: is an OpenDocument file, which is not read; open it in a word processor and save it as .docx"
            )
        if b"word/document" in data:
            return "docx"
    if _PAGE.match(_beginning(data)):
        return "html"
    refuse(data, name)
    found = SUFFIXES.get(suffix)
    if found is None:
        known = ", ".join(filter(None, SUFFIXES))
        raise ReadError(f"{name}: files of type {suffix!r} are not read; save the policy as one of {known}")
    if found == "html":
        return "html" if _ELEMENT.search(data) else "text"
    if found in ("pdf", "docx") and data:
        raise ReadError(f"{name}: is not a {found.upper()} file, whatever its name says, or its beginning is damaged")
    return "text"


def _beginning(data: bytes) -> bytes:
    """Give the first bytes of a file as UTF-8."""
    encoding = sniff(data[:SNIFFED])
    return data[:SNIFFED].decode(encoding, "ignore").encode() if encoding.startswith("utf-16") else data[:SNIFFED]


def _text(data: bytes, name: str, charset: str) -> Document:
    text, encoding = decode_bytes(data, name, charset)
    if not text.strip():
        raise ReadError(f"{name}: is empty")
    if len(text) > MAX_CHARACTERS:
        raise ReadError(f"{name}: has more than {MAX_CHARACTERS:,} characters; a policy has far fewer, split the file")
    blocks = find_blocks(text, MAX_BLOCKS)
    if len(blocks) > MAX_BLOCKS:
        raise ReadError(f"{name}: has more than {MAX_BLOCKS:,} paragraphs; a policy has far fewer, split the file")
    check_blocks(text, blocks, name)
    return Document(name, text, blocks, encoding)


def shown(path: str) -> str:
    """Return the name by which messages and output call a path."""
    return "<stdin>" if path == STDIN else escape_name(path)


def from_text(text: str, name: str = "<text>") -> Document:
    """Make a Document of a string that is already decoded."""
    return Document(name, text, find_blocks(text))
