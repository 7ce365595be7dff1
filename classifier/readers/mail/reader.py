"""Read the text of an e-mail, or a page that a browser saved as MHTML, with its frames.

Of an e-mail the HTML is read, else the text, below its subject. Lines that quote the headers of another message are no
clauses. Attached policies are documents of their own; a note names those that are not read.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from classifier.errors import ReadError
from classifier.readers.document import check_size
from classifier.readers.encoding import sniff
from classifier.readers.html.dom import MAX_FRAME_DEPTH, decode_html, parse_html
from classifier.readers.html.reader import of_body
from classifier.readers.mail.mime import MimeMessage, Part, decode_as, header, parse_message
from classifier.readers.plaintext import limited_blocks
from classifier.types import Block, Document, Link

MAX_ATTACHMENTS = 20
"""Attachments of an e-mail that are read."""
MAX_NAME_CHARACTERS = 100
"""Characters of the name of an attachment."""
MAX_NOTES = 5
"""Attachments that are not read, each of which has a note."""
MAX_MESSAGE_DEPTH = 1
"""Messages attached to each other that are read."""
MIN_QUOTED_LINES = 2
"""Neighboring lines with headers that quote another message."""
MAX_RANK = 6
_UNNAMED = {"message/rfc822": "message"}
_NO_TEXT = (
    "application/ics",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "audio/",
    "font/",
    "image/",
    "text/calendar",
    "text/css",
    "text/javascript",
    "video/",
)
"""Beginnings of the media types of attachments that hold no policy."""
_REPLY = re.compile(r"(?:(?:re|fwd?|aw|wg)\s*:\s*)+", re.IGNORECASE)
_MARKS = r"[ \t>|*_]*+"
_QUOTED_LINE = re.compile(
    rf"^{_MARKS}(?:"
    r"(?P<header>(?:From|Sent|Date|To|Cc|Bcc|Reply-To|Subject)[*_]*+:)"
    r"|(?P<mark>-{2,}[ \t]*(?:Forwarded|Original) message[ \t]*-{2,}|Begin forwarded message:)"
    r"|(?P<reply>On [^\n]{1,200} wrote:(?=[ \t]*$))"
    r")[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_FRAME = re.compile(r"<(i?frame)(?=[\s/>])((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)>", re.IGNORECASE)
_SOURCE = re.compile(r"\ssrc\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]++))", re.IGNORECASE)
_FRAME_SET = re.compile(r"<frameset[\s>]", re.IGNORECASE)


def read_email(data: bytes, name: str, keep_all: bool = False, depth: int = 0) -> list[Document]:
    """Read an e-mail and its attachments.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.
    keep_all
        Keep boilerplate of an HTML e-mail too.
    depth
        Number of messages that it is attached to, one in the other.

    Returns
    -------
    list of Document
        The e-mail, if it has text, and the attachments that are read.

    Raises
    ------
    ReadError
        If neither the e-mail nor an attachment can be read.

    Examples
    --------
    >>> (document,) = read_email(b"Subject: Our new policy\\n\\nWe keep logs.", "notice.eml")
    >>> document.text
    'Our new policy\\n\\nWe keep logs.'
    """
    message = parse_message(data)
    shown = _shown_parts(message.root)
    read, problems = _read_attachments(message, shown, name, keep_all, depth)
    notes = tuple(problems)
    if message.is_cut:
        notes = (*notes, "it has more parts, or more in each other, than an e-mail does; the others are not read")
    bodies = [_read_body(part, name, keep_all) for part in shown if part.data.strip()]
    bodies = [body for body in bodies if body.text]
    if not bodies and not read:
        raise ReadError("; ".join([f"{name}: has no text in it", *notes]))
    if not bodies:
        return [replace(read[0], notes=(*notes, *read[0].notes)), *read[1:]]
    subject = _REPLY.sub("", header(message.headers, "Subject"), count=1)
    document = _joined(bodies, subject, name)
    return [replace(document, notes=(*notes, *document.notes)), *read]


def read_mhtml(data: bytes, name: str, keep_all: bool = False) -> Document:
    """Read a page saved as MHTML; parameters and errors as in `read_email`."""
    message = parse_message(data)
    pages = [part for part in message.root.leaves() if part.kind in ("text/html", "application/xhtml+xml")]
    if not pages:
        raise ReadError(f"{name}: holds no page; save the page again, as HTML")
    start = next((page for page in pages if message.root.start and page.id == message.root.start), pages[0])
    text, encoding, notes = decode_html(start.data, name, start.charset)
    text = _with_frames(text, [page for page in pages if page is not start], name)
    document = of_body(parse_html(text, name), name, keep_all)
    return replace(document, format="mhtml", encoding=encoding, notes=(*notes, *document.notes))


# --- the text of an e-mail -----------------------------------------------------------------------------------------------


def _shown_parts(part: Part) -> list[Part]:
    """Return the parts of a message that a person reads: of alternatives the HTML, else the last that can be read."""
    if not part.parts:
        is_text = part.kind in ("text/html", "text/plain", "text/markdown", "application/xhtml+xml")
        return [part] if is_text and not part.is_attachment and not part.file_name else []
    inner = [shown for shown in map(_shown_parts, part.parts) if shown]
    if not inner:
        return []
    if part.kind == "multipart/alternative":
        return next((shown for shown in reversed(inner) if any("html" in p.kind for p in shown)), inner[-1])
    if part.kind == "multipart/related":
        return inner[0]
    return [shown for parts in inner for shown in parts]


def _read_body(part: Part, name: str, keep_all: bool) -> Document:
    """Read a part as a page or as text; its text is empty if there is none."""
    if "html" in part.kind:
        text, encoding, notes = decode_html(part.data, name, part.charset)
        try:
            document = of_body(parse_html(text, name), name, keep_all)
        except ReadError:
            if keep_all or not parse_html(text, name).words:
                return Document(name, "", (), encoding)
            document = of_body(parse_html(text, name), name, keep_all=True)
        return replace(document, encoding=encoding, notes=(*notes, *document.notes))
    data = part.data
    encoding = sniff(data) or part.charset
    text = data.decode(encoding, "replace") if encoding.startswith("utf-16") else decode_as(data, encoding)
    text = text.removeprefix("\ufeff").replace("\0", "\ufffd").replace("\r\n", "\n").strip()
    return Document(name, text, limited_blocks(text, name), encoding or "utf-8")


def _joined(bodies: Sequence[Document], subject: str, name: str) -> Document:
    """Return the text of an e-mail below its subject, as one document."""
    parts: list[str] = []
    blocks: list[Block] = []
    links: list[Link] = []
    at = 0
    first = bodies[0]
    opening = first.text[first.blocks[0].start : first.blocks[0].end] if first.blocks else ""
    if subject and " ".join(opening.split()).strip("#*_ ") != subject:
        parts, blocks, at = [subject], [Block("heading", 0, len(subject), 1)], len(subject)
    rank = len(parts)  # the headings in it are below the subject
    for body in bodies:
        separator = "\n\n" if parts else ""
        at += len(separator)
        parts += [separator, body.text]
        for block in _without_quoted_headers(body.text, body.blocks):
            level = min(MAX_RANK, block.level + rank) if block.kind == "heading" and block.level else block.level
            blocks.append(block._replace(start=block.start + at, end=block.end + at, level=level))
        links += [Link(start + at, end + at, address) for start, end, address in body.links]
        at += len(body.text)
    text = "".join(parts)
    check_size(name, len(text), len(blocks))
    notes = tuple(dict.fromkeys(note for body in bodies for note in body.notes))
    left_out = tuple(entry for body in bodies for entry in body.left_out)
    return Document(
        name,
        text,
        tuple(blocks),
        first.encoding,
        "email",
        min(b.coverage for b in bodies),
        notes,
        left_out,
        tuple(links),
    )


def _without_quoted_headers(text: str, blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield the blocks of a text; those that quote the headers of another message become navigation."""
    spans = _quoted_headers(text)
    span = next(spans, None)
    for block in blocks:
        at = block.start
        while span is not None and span[0] < block.end:
            if at < span[0] and text[at : span[0]].strip():
                yield block._replace(start=at, end=at + len(text[at : span[0]].rstrip()))
            if span[0] >= block.start:  # else it began in a block before
                yield Block("navigation", *span, place=block.place)
            at = max(at, span[1])
            if span[1] > block.end:
                break
            span = next(spans, None)
        at += len(text[at : block.end]) - len(text[at : block.end].lstrip())
        if at < block.end:
            yield block._replace(start=at)


def _quoted_headers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of a text that quote headers: some lines of them, or one that says who wrote what follows."""
    run: list[re.Match[str]] = []
    for match in _QUOTED_LINE.finditer(text):
        if run and text[run[-1].end() : match.start()].strip():
            yield from _span(run)
            run = []
        run.append(match)
    yield from _span(run)


def _span(run: Sequence[re.Match[str]]) -> Iterator[tuple[int, int]]:
    n_headers = sum(line["header"] is not None for line in run)
    is_quote = n_headers >= MIN_QUOTED_LINES and any(
        line[0].lstrip(" \t>|*_").lower().startswith("from") for line in run
    )
    lines = run if is_quote else [line for line in run if line["header"] is None]
    if lines and (is_quote or len(lines) == len(run)):
        start = lines[0].start() + len(lines[0][0]) - len(lines[0][0].lstrip())
        yield start, lines[-1].start() + len(lines[-1][0].rstrip())


# --- attachments ---------------------------------------------------------------------------------------------------------


def _read_attachments(
    message: MimeMessage, shown: Sequence[Part], name: str, keep_all: bool, depth: int
) -> tuple[list[Document], list[str]]:
    """Return the attachments that can be read, and notes on those that cannot."""
    from classifier.readers.formats import MEDIA_TYPES, ReadOptions, find_reader
    from classifier.readers.registry import read_as
    from classifier.text.escaping import escape_name

    read: list[Document] = []
    notes: list[str] = []
    known = {id(part) for part in (*shown, *_alternatives(message.root))}
    attached = [part for part in message.root.leaves() if _is_attached(part) and id(part) not in known]
    for part in attached[:MAX_ATTACHMENTS]:
        file_name = escape_name((part.file_name or _UNNAMED.get(part.kind, part.kind))[:MAX_NAME_CHARACTERS])
        suffix = f".{file_name.rpartition('.')[2].lower()}" if "." in file_name else MEDIA_TYPES.get(part.kind, "none")
        data, title = part.data, f"{name}#{file_name}"
        try:
            reader = find_reader(data, title, suffix)
            if reader.name != "email":
                read += read_as(reader.name, data, title, ReadOptions(keep_all, part.charset))
            elif depth < MAX_MESSAGE_DEPTH:
                read += read_email(data, title, keep_all, depth + 1)
            else:
                raise ReadError(f"{title}: is a message in a message, which is not read; save and tag it by itself")
        except ReadError as error:
            notes.append(f"attachment {file_name}: {str(error).removeprefix(f'{title}: ')}")
    if len(attached) > MAX_ATTACHMENTS:
        notes.append(f"it has {len(attached):,} attachments, and only {MAX_ATTACHMENTS} are read")
    if len(notes) > MAX_NOTES:
        notes[MAX_NOTES:] = [f"{len(notes) - MAX_NOTES} other attachments are not read"]
    return read, notes


def _is_attached(part: Part) -> bool:
    is_file = part.is_attachment or bool(part.file_name) or part.kind == "message/rfc822"
    return is_file and not part.kind.startswith(_NO_TEXT)


def _alternatives(part: Part) -> Iterator[Part]:
    """Yield the leaves of alternatives that are no files: the same text in another format."""
    if part.kind == "multipart/alternative":
        yield from (leaf for leaf in part.leaves() if not leaf.is_attachment)
    for inner in part.parts:
        yield from _alternatives(inner)


# --- frames --------------------------------------------------------------------------------------------------------------


def _with_frames(page: str, others: Sequence[Part], name: str) -> str:
    """Return a page with the pages of its frames in them, as `html.dom` reads saved frames; each is put in once."""
    by_address: dict[str, Part] = {}
    for part in reversed(others):
        by_address |= {address: part for address in (f"cid:{part.id}", part.location) if address not in ("", "cid:")}

    def put_in(source: str, depth: int) -> str:
        def fill(tag: re.Match[str]) -> str:
            target = _SOURCE.search(tag[2])
            address = html.unescape(target[1] or target[2] or target[3] or "") if target else ""
            part = by_address.pop(address, None) if "srcdoc" not in tag[2].lower() else None
            if part is None:
                return tag[0]
            for other in (f"cid:{part.id}", part.location):
                by_address.pop(other, None)
            inner, _, _ = decode_html(part.data, name, part.charset)
            written = html.escape(put_in(inner, depth + 1))
            return f'<iframe srcdoc="{written}"{tag[2].rstrip("/")}>'

        if depth >= MAX_FRAME_DEPTH:
            return source
        filled = _FRAME.sub(fill, source)
        if not _FRAME_SET.search(source):
            return filled
        # no browser shows a frame outside of a frameset, nor anything else inside one
        frames = [frame[0] for frame in _FRAME.finditer(filled) if frame[0].startswith("<iframe srcdoc=")]
        return "".join(f"{frame}</iframe>" for frame in frames) or filled

    return put_in(page, 0)
