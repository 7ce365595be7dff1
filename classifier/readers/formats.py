"""The readers, one for each format, in one table: `READERS`.

To add a format, write a module that turns its bytes into Documents, and a class here that names the format, recognizes its
bytes and imports the module when it is called. Importing this module loads no parser: a text file needs none.
"""

# ruff: noqa: D102 (the methods are documented in `Reader`)
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol

from classifier.errors import ReadError, needs_package
from classifier.readers.checks import check_blocks
from classifier.readers.encoding import decode_bytes, is_other_format, is_zip_of, refuse_other_formats, sniff
from classifier.readers.plaintext import limited_blocks
from classifier.types import Document

SNIFFED_BYTES = 8192
"""Bytes at the beginning of a file in which a web page is recognized."""
_PDF_SEARCHED_BYTES = 1024
"""Bytes in which the signature of a .pdf file may begin, as in Acrobat (PDF 1.7 reference, implementation note 13)."""
_HTML_BEGINNING = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_TAG = re.compile(rb"<[a-zA-Z][a-zA-Z0-9-]*[\s/>]")
_SEARCHED_MARKUP_BYTES = 2**20
"""Bytes of a text in which HTML is looked for."""
_MARKUP_HINT = re.compile(rb"[<&]\0?[/!#a-zA-Z]")
"""What a text with HTML in it has, also in UTF-16; most texts do not, and no more is loaded for them."""
MEDIA_TYPES = {
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": ".docx",
    "application/xhtml+xml": ".html",
    "message/rfc822": ".eml",
    "multipart/related": ".mht",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/rtf": ".rtf",
}
"""The suffix of a file within another one, by its media type."""
_MAIL_HEADERS = (b"content-type:", b"date:", b"from:", b"received:", b"subject:", b"to:")
"""Headers of which an e-mail that does not say so otherwise has one."""
_MAX_HEADER_NAME = 60
_DATA_SUFFIXES = {
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), "a JSON file"),
    **dict.fromkeys((".yaml", ".yml"), "a YAML file"),
    **dict.fromkeys((".csv", ".tsv"), "a table of comma- or tab-separated values"),
    ".toml": "a TOML file",
    ".xml": "an XML file",
}
"""Kinds of files that hold data and not a text, by suffix."""


class ReadOptions(NamedTuple):
    """Options that all readers take; each ignores those that do not concern it.

    Attributes
    ----------
    keep_all
        Keep the boilerplate of a web page, such as menus.
    charset
        The encoding that a server declared, "" if none.
    """

    keep_all: bool = False
    charset: str = ""


class Reader(Protocol):
    """Reads one format.

    Instances are rows of `READERS`, which also holds in the child processes that read what is not cheap.

    Attributes
    ----------
    name
        Name of the format, as in `Document.format`.
    suffixes
        Suffixes of its files, in lower case.
    is_binary
        Refuse a file with such a suffix whose bytes do not match; if False, it is read as text.
    package
        Import name of an optional package that it needs, "" for none; the extra of that name as the format installs it.
    title
        The kind of file in messages about that package.
    """

    @property
    def name(self) -> str: ...

    @property
    def suffixes(self) -> tuple[str, ...]: ...

    @property
    def is_binary(self) -> bool: ...

    @property
    def package(self) -> str: ...

    @property
    def title(self) -> str: ...

    def matches(self, data: bytes, suffix: str) -> bool:
        """Whether a file is of this format, judged by its bytes, mostly the first; if they are inconclusive, by `suffix`."""

    def is_cheap(self, data: bytes, name: str) -> bool:
        """Whether reading certainly takes little time and memory, so that no child process is needed."""

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        """Read the documents in a file, at least one; most formats hold one.

        Each has a name that begins with `name`, blocks that `readers.checks.check_blocks` accepts (as those of
        `readers.document.build_text`), and text that is not empty; else raise `ReadError`.
        """


class TextReader:
    """Plain text and Markdown: most saved policies are something between the two."""

    name = "text"
    suffixes = ("", ".markdown", ".md", ".text", ".txt")
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        return False  # no bytes prove it: a file is text if nothing else

    def is_cheap(self, data: bytes, name: str) -> bool:
        return True

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        text, encoding = decode_bytes(data, name, options.charset)
        if not text.strip():
            raise ReadError(f"{name}: is empty")
        blocks = limited_blocks(text, name)
        check_blocks(text, blocks, name)
        return [Document(name, text, blocks, encoding)]


class MarkdownReader:
    """Markdown, or a text, with HTML in it."""

    name = "markdown"
    suffixes: tuple[str, ...] = ()  # those of text: only its content tells
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        data = data[:_SEARCHED_MARKUP_BYTES]
        if suffix not in TextReader.suffixes or not (b"<" in data or b"&" in data) or is_other_format(data):
            return False
        if _MARKUP_HINT.search(data) is None:  # several hundred times as slow as the test above
            return False
        from classifier.readers import markdown

        return markdown.has_markup(data)

    def is_cheap(self, data: bytes, name: str) -> bool:
        from classifier.readers.html import bounds

        return b"<table" not in data.lower() or bounds.is_cheap(data, name)  # a table is parsed as that of a page

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.markdown import read_markdown

        return [read_markdown(data, name, options.charset)]


class MdxReader:
    """Markdown with components."""

    name = "mdx"
    suffixes = (".mdx",)
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        return suffix in self.suffixes and not is_other_format(data)

    def is_cheap(self, data: bytes, name: str) -> bool:
        return MarkdownReader().is_cheap(data, name)

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.markdown import read_markdown

        return [read_markdown(data, name, options.charset, is_jsx=True)]


class RstReader:
    """Files of reStructuredText."""

    name = "rst"
    suffixes = (".rst", ".rest")
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        return suffix in self.suffixes and not is_other_format(data)

    def is_cheap(self, data: bytes, name: str) -> bool:
        return True

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.rst import read_rst

        return [read_rst(data, name, options.charset)]


class EmailReader:
    """E-mails. One may hold files of any other format, so none is cheap."""

    name = "email"
    suffixes = (".eml",)
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        headers = _mime_headers(data, suffix in self.suffixes)
        is_named = suffix in self.suffixes and any(line.startswith(_MAIL_HEADERS) for line in headers.splitlines())
        return is_named or b"mime-version:" in headers

    def is_cheap(self, data: bytes, name: str) -> bool:
        return False

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.mail.reader import read_email

        return read_email(data, name, options.keep_all)


class MhtmlReader:
    """Web pages saved by a browser as MIME messages."""

    name = "mhtml"
    suffixes = (".mht", ".mhtml")
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        headers = _mime_headers(data, suffix in self.suffixes)
        if b"mime-version:" not in headers:
            return False
        return suffix in self.suffixes or b"snapshot-content-location:" in headers or b"<saved by " in headers

    def is_cheap(self, data: bytes, name: str) -> bool:
        return False

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.mail.reader import read_mhtml

        return [read_mhtml(data, name, options.keep_all)]


class HtmlReader:
    """Web pages."""

    name = "html"
    suffixes = (".htm", ".html", ".xhtml")
    is_binary = False
    package = title = ""

    def matches(self, data: bytes, suffix: str) -> bool:
        if _HTML_BEGINNING.match(_as_utf8(data[:SNIFFED_BYTES])):
            return True
        return suffix in self.suffixes and not is_other_format(data) and _HTML_TAG.search(data) is not None

    def is_cheap(self, data: bytes, name: str) -> bool:
        from classifier.readers.html import bounds

        return bounds.is_cheap(data, name)

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.html.reader import read_html

        return [read_html(data, name, options.keep_all, options.charset)]


class PdfReader:
    """PDF files. A crafted one of two kilobytes can ask for any amount of time and memory, so none is cheap."""

    name = "pdf"
    suffixes = (".pdf",)
    is_binary = True
    package, title = "pypdfium2", "PDF files"

    def matches(self, data: bytes, suffix: str) -> bool:
        return data.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in data[:_PDF_SEARCHED_BYTES])

    def is_cheap(self, data: bytes, name: str) -> bool:
        return False

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.pdf.reader import read_pdf

        return [read_pdf(data, name)]


class DocxReader:
    """Word files. One of four kilobytes can unpack to gigabytes, so none is cheap."""

    name = "docx"
    suffixes = (".docx", ".docm", ".dotm", ".dotx")
    is_binary = True
    package, title = "docx", "Word files"

    def matches(self, data: bytes, suffix: str) -> bool:
        return is_zip_of(data, b"word/document")

    def is_cheap(self, data: bytes, name: str) -> bool:
        return False

    def read(self, data: bytes, name: str, options: ReadOptions) -> Iterable[Document]:
        from classifier.readers.docx.reader import read_docx

        return [read_docx(data, name)]


READERS: tuple[Reader, ...] = (
    PdfReader(),
    DocxReader(),
    HtmlReader(),
    MhtmlReader(),
    EmailReader(),
    MdxReader(),
    RstReader(),
    MarkdownReader(),
    TextReader(),
)
"""In the order in which bytes are matched; text is last, for what no other reader matches."""
_BY_NAME = {reader.name: reader for reader in READERS}
_BY_SUFFIX = {suffix: reader for reader in READERS for suffix in reader.suffixes}


def get_reader(name: str) -> Reader:
    """Return the reader of a format. Raises `ValueError` if there is none.

    >>> get_reader("docx").suffixes
    ('.docx', '.docm', '.dotm', '.dotx')
    """
    if name not in _BY_NAME:
        raise ValueError(f"there is no reader {name!r}; there are {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


def find_reader(data: bytes, name: str, suffix: str) -> Reader:
    """Return the reader of a file: the first whose format the bytes match, else the one of the suffix.

    Raises
    ------
    ReadError
        If the bytes are of a format that is not read, or no reader has this suffix.

    Examples
    --------
    >>> find_reader(b"%PDF-1.7", "policy.txt", ".txt").name, find_reader(b"We keep logs.", "policy.html", ".html").name
    ('pdf', 'text')
    """
    for reader in READERS:
        if reader.matches(data, suffix):
            return reader
    refuse_other_formats(data, name)
    named = _BY_SUFFIX.get(suffix)
    if named is None:
        if suffix in _DATA_SUFFIXES:
            kind = _DATA_SUFFIXES[suffix]
            raise ReadError(
                f"{name}: is {kind}, which holds data and not a text; save the policy in it as .txt or .html"
            )
        known = ", ".join(filter(None, _BY_SUFFIX))
        raise ReadError(f"{name}: files of type {suffix!r} are not read; save the policy as one of {known}")
    if named.is_binary and data:
        raise ReadError(
            f"{name}: is not a {named.name.upper()} file, whatever its name says, or its beginning is damaged"
        )
    return _BY_NAME["text"]


def require_reader(reader: Reader, name: str) -> None:
    """Raise `ReadError` if the optional package that a reader needs is not installed."""
    if not reader.package:
        return
    import importlib.util

    if importlib.util.find_spec(reader.package) is None:
        raise ReadError(f"{name}: {needs_package(reader.title, reader.name)}")


def _mime_headers(data: bytes, is_named: bool) -> bytes:
    """Return the headers of an e-mail in lower case; empty for what is none, as most bytes show at once."""
    first, colon, _ = data[:_MAX_HEADER_NAME].partition(b":")
    may_begin = (colon and not first.split()[1:]) or data.startswith(b"From ")
    if not may_begin or not (is_named or b"mime-version:" in data[: 2**16].lower()):
        return b""
    from classifier.readers.mail.mime import header_block

    return header_block(data)


def _as_utf8(beginning: bytes) -> bytes:
    """Return the first bytes of a file in UTF-8 if they are UTF-16, else as they are."""
    encoding = sniff(beginning)
    return beginning.decode(encoding, "ignore").encode() if encoding.startswith("utf-16") else beginning
