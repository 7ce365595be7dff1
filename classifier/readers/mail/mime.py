"""Split a MIME message into its parts, within limits.

The package `email` of the standard library reads headers here, and nothing else: its parser compares each line with the
boundaries of all parts around it and calls itself for each part in a part, so that nested parts cost it the square of
their number, or end it. Here each part is split once, parts within parts at most `MAX_DEPTH` times, and content is decoded
only where it is read.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

from classifier.readers.encoding import ENCODINGS

MAX_DEPTH = 20
"""Parts in each other; deeper ones are not split."""
MAX_PARTS = 1000
"""Parts of a message that are looked at; a page saved with all its pictures has some hundred."""
MAX_HEADER_BYTES = 2**16
"""Bytes of the headers of a part that are read."""
MAX_VALUE_CHARACTERS = 2000
"""Characters of a header that are read."""
_HEADERS_END = re.compile(rb"\r?\n\r?\n|\A\r?\n")
_HEADER_BLOCK = re.compile(rb"(?:From [^\n]*+\n)?(?:[!-9;-~]++:[^\n]*+\n(?:[ \t]++[^\n]*+\n)*+)+")
_BOUNDARY_LINE = re.compile(rb"--([^\s-][^\s]{0,200})\s*?\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]++")


class Part(NamedTuple):
    """A part of a message.

    Attributes
    ----------
    kind
        Its media type in lower case: "text/html".
    charset
        The encoding that it declares, "" if none.
    is_attachment
        Whether it is to be saved as a file rather than shown.
    file_name
        Name of the file that it is, "" if none.
    id, location
        The names by which other parts refer to it, "" if it has none.
    start
        For a multipart, the id of the part to begin with.
    content
        Its bytes as sent.
    encoding
        How they are encoded for sending, in lower case: "base64".
    parts
        The parts of a multipart.
    """

    kind: str
    charset: str
    is_attachment: bool
    file_name: str
    id: str
    location: str
    start: str
    content: bytes
    encoding: str
    parts: tuple[Part, ...] = ()

    @property
    def data(self) -> bytes:
        """Its bytes, decoded; those that cannot be are left out."""
        if self.encoding == "base64":
            return _decode_base64(self.content)
        return quopri.decodestring(self.content) if self.encoding == "quoted-printable" else self.content

    def leaves(self) -> Iterator[Part]:
        """Yield the parts in it that are no multiparts, in order."""
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part.leaves()


class MimeMessage(NamedTuple):
    """A message: its headers, and the part that all others are in.

    Attributes
    ----------
    headers
        Its headers; `header` reads one.
    root
        The whole as a part.
    is_cut
        Whether parts were not looked at, since there are too many, or too many in each other.
    """

    headers: Message
    root: Part
    is_cut: bool


def header_block(data: bytes) -> bytes:
    """Return the headers that a file begins with, in lower case; empty if it begins with none.

    >>> header_block(b"Subject: Logs\\nMIME-Version: 1.0\\n\\nWe keep logs.")
    b'subject: logs\\nmime-version: 1.0\\n'
    """
    match = _HEADER_BLOCK.match(data[:MAX_HEADER_BYTES].removeprefix(b"\xef\xbb\xbf"))
    return match[0].lower() if match else b""


def parse_message(data: bytes) -> MimeMessage:
    """Split a message into its parts.

    >>> message = parse_message(b"Subject: Logs\\nContent-Type: text/plain\\n\\nWe keep logs.")
    >>> header(message.headers, "Subject"), message.root.kind, message.root.data
    ('Logs', 'text/plain', b'We keep logs.')
    """
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.startswith(b"From "):  # a message of a mailbox
        data = data.partition(b"\n")[2]
    splitter = _Splitter()
    headers, root = splitter.part(data, 0)
    return MimeMessage(headers, root, splitter.is_cut)


def header(headers: Message, name: str) -> str:
    """Return a header as text, on one line; "" if it is missing.

    >>> header(parse_message(b"Subject: =?utf-8?q?Caf=C3=A9?= logs\\n\\n").headers, "Subject")
    'Café logs'
    """
    written = " ".join(str(headers.get(name, ""))[:MAX_VALUE_CHARACTERS].split())  # it may be folded
    try:
        decoded = decode_header(written)
    except (HeaderParseError, ValueError):
        decoded = [(written, None)]
    parts = [text if isinstance(text, str) else decode_as(text, charset or "") for text, charset in decoded]
    return " ".join("".join(parts).split())


def decode_as(data: bytes, charset: str) -> str:
    """Decode bytes by a declared encoding if it is known, else as UTF-8 or Windows-1252; what cannot be is U+FFFD."""
    import codecs

    try:
        known = ENCODINGS.get(codecs.lookup(charset).name, "utf-8") if charset else "utf-8"
    except (LookupError, ValueError):
        known = "utf-8"
    try:
        return data.decode(known)
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace") if known == "utf-8" else data.decode(known, "replace")


class _Splitter:
    """Splits a message, and counts its parts."""

    def __init__(self) -> None:
        self._parts_left = MAX_PARTS
        self.is_cut = False

    def part(self, data: bytes, depth: int) -> tuple[Message, Part]:
        """Return the headers of a part, and the part with those in it."""
        end = _HEADERS_END.search(data)
        head, content = (data[: end.end()], data[end.end() :]) if end else (b"", data)
        if end is None and _HEADER_BLOCK.fullmatch(data + b"\n"):
            head, content = data, b""
        headers = BytesHeaderParser().parsebytes(head[:MAX_HEADER_BYTES])
        for name in (
            "Content-Type",
            "Content-Disposition",
        ):  # the standard library reads their parameters in square time
            if len(str(headers.get(name, ""))) > MAX_VALUE_CHARACTERS:
                del headers[name]
        kind = headers.get_content_type()
        parts: tuple[Part, ...] = ()
        if kind.startswith("multipart/"):
            parts = tuple(self._inner(content, headers, depth))
            kind = kind if parts or self.is_cut else "text/plain"
        return headers, Part(
            kind=kind,
            charset=str(headers.get_content_charset("")),
            is_attachment=headers.get_content_disposition() == "attachment",
            file_name=_file_name(headers),
            id=header(headers, "Content-ID").strip("<> "),
            location=header(headers, "Content-Location"),
            start=str(headers.get_param("start", "")).strip("<> "),
            content=b"" if parts else content,
            encoding=str(headers.get("Content-Transfer-Encoding", "")).strip().lower(),
            parts=parts,
        )

    def _inner(self, content: bytes, headers: Message, depth: int) -> Iterator[Part]:
        """Yield the parts of a multipart; what has no boundary between its parts has none."""
        if depth >= MAX_DEPTH:
            self.is_cut = True
            return
        for part in _split(content, _boundary(content, headers), self._parts_left):
            self._parts_left -= 1
            if self._parts_left < 0:
                self.is_cut = True
                return
            yield self.part(part, depth + 1)[1]


def _boundary(content: bytes, headers: Message) -> bytes:
    """Return the boundary that is declared, else the one that the first line shows."""
    declared = headers.get_boundary("")
    if declared:
        return str(declared).encode("utf-8", "surrogateescape")[:200]
    line = _BOUNDARY_LINE.match(content.lstrip(b"\r\n"))
    return line[1] if line else b""


def _split(content: bytes, boundary: bytes, most: int) -> Iterator[bytes]:
    """Yield at most one more part than `most`; the last may lack its end."""
    if not boundary:
        return
    border = re.compile(rb"(?:\A|\r?\n)--%b(--)?[ \t]*+(?=\r?\n|\Z)" % re.escape(boundary))
    start, n_parts = -1, 0
    for match in border.finditer(content):
        if start >= 0:
            yield content[start : match.start()]
            n_parts += 1
        if match[1] or n_parts > most:
            return
        start = match.end() + (2 if content.startswith(b"\r\n", match.end()) else 1)
    if start >= 0:
        yield content[start:]


def _file_name(headers: Message) -> str:
    try:
        name = headers.get_filename("")
    except (HeaderParseError, ValueError, LookupError, TypeError):
        return ""
    parts = decode_header(str(name)[:MAX_VALUE_CHARACTERS]) if "=?" in str(name) else [(str(name), None)]
    text = "".join(part if isinstance(part, str) else decode_as(part, charset or "") for part, charset in parts)
    return text.replace("\\", "/").rpartition("/")[2].strip()


def _decode_base64(content: bytes) -> bytes:
    """Decode base64, without characters that do not belong to it, and without a last one that is alone."""
    clean = _NOT_BASE64.sub(b"", content)
    clean = clean[: len(clean) - (len(clean) % 4 == 1)]
    try:
        return base64.b64decode(clean + b"=" * (-len(clean) % 4))
    except binascii.Error:
        return b""
