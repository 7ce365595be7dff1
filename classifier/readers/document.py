"""Build a text and its blocks from the pieces of a laid-out page; shared by the readers of HTML, PDF and Word files.

A reader lists pieces in reading order (paragraphs, list items, table rows) with what it knows of their layout. They are put
into one readable text, with a blank line between paragraphs and each list item on a line behind its mark. A heading that only
looks like one is then recognized as in a text file (`readers.headings`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from classifier.errors import ReadError
from classifier.readers import headings
from classifier.readers.checks import check_blocks
from classifier.readers.furniture import find_furniture
from classifier.text.markup import BULLETS
from classifier.types import Block, BlockKind, Link

MAX_CHARACTERS, MAX_BLOCKS = 20_000_000, 100_000
"""Size of one document. A policy has some ten thousand characters and some hundred blocks; each costs memory."""
MAX_REPEATED_CHARACTERS = 200
"""Characters of a cell over several rows that are repeated in each row."""
MAX_CELL_WORDS = 60
"""Mean number of words per cell; a table with longer cells that does not declare itself a table is layout."""
INDENT = 2
"""Blanks before a list item for each level of nesting."""
MAX_INDENT = 20
"""Blanks before a list item, however deep it is nested."""
TYPED_BULLET = re.compile(rf"[·∙⁃{BULLETS}]\s+(?=\S)|[·•]\s*(?=[^\W\d])")
"""A bullet that was typed at the beginning of a paragraph."""
_TITLE_END = tuple(":.?!")
_MARK_AFTER_TITLE = tuple(":.–—-")
"""Marks directly after bold words that close a title too, though they are not bold."""


class Piece(NamedTuple):
    """One element of a page: a paragraph, a heading, a list item or a table row.

    A row of a table is a paragraph of the style "row", and the row with the heads of its columns a heading of that style.

    Attributes
    ----------
    text
        Its words, white space collapsed; may be several lines.
    kind, level, style
        As in `Block`; outermost items have level 0.
    mark
        The bullet or number before an item.
    bold
        Number of characters at its beginning that are bold.
    is_links
        Whether all its words are in links that lead elsewhere.
    place, closes, part
        As in `Block`.
    links
        Its links, with places in `text`.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    style: str = ""
    mark: str = ""
    bold: int = 0
    is_links: bool = False
    place: str = ""
    closes: str = ""
    links: tuple[Link, ...] = ()
    part: str = ""


class BuiltText(NamedTuple):
    """A text, the blocks that hold all of it but white space, and its links."""

    text: str
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]


def build_text(pieces: Iterable[Piece], name: str) -> BuiltText:
    """Join pieces to one text.

    Parameters
    ----------
    pieces
        In reading order.
    name
        Name of the file in messages.

    Returns
    -------
    BuiltText
        The text, its blocks and its links.

    Raises
    ------
    ReadError
        If there is more text, or there are more blocks, than a policy could have.

    Examples
    --------
    >>> pieces = [Piece("We keep:"), Piece("logs", "item", mark="•"), Piece("bills", "item", mark="•")]
    >>> text, blocks, links = build_text(pieces, "x")
    >>> text
    'We keep:\\n\\n• logs\\n• bills'
    >>> [(block.kind, block.start) for block in blocks]
    [('paragraph', 0), ('item', 10), ('item', 17)]
    """
    parts: list[str] = []
    blocks: list[Block] = []
    links: list[Link] = []
    starts_of_links: set[int] = set()
    previous: Piece | None = None
    at = 0
    closes = ""  # what a piece without text closed
    for piece in map(_stripped, pieces):
        closes = piece.closes or closes
        if not piece.text:
            continue
        separator = "\n\n" if previous is not None else ""
        if previous is not None and (piece.kind == previous.kind == "item" or piece.style == previous.style == "row"):
            separator = "\n"
        indent = " " * min(MAX_INDENT, INDENT * piece.level) if piece.kind == "item" else ""
        mark = f"{piece.mark} " if piece.mark else ""
        parts += [separator, indent, mark, piece.text]
        start = at + len(separator) + len(indent)
        at = start + len(mark) + len(piece.text)
        block = Block(piece.kind, start, at, piece.level, piece.style, piece.place, closes, piece.part)
        closes = ""
        blocks += _split_bold_opening(block, piece, start + len(mark))
        if piece.is_links:
            starts_of_links.add(start)
        begin = start + len(mark)
        links += [Link(begin + link.start, begin + link.end, link.address) for link in piece.links]
        previous = piece
        check_size(name, at, len(blocks))
    text = "".join(parts)
    judged = headings.find_bare_headings(text, blocks)
    joined = tuple(headings.join_navigation(text, judged, starts_of_links | find_furniture(text, judged)))
    check_blocks(text, joined, name)
    return BuiltText(text, joined, tuple(links))


def check_size(name: str, n_characters: int, n_blocks: int = 0) -> None:
    """Raise `ReadError` if a document has more text or more blocks than a policy could have."""
    if n_characters > MAX_CHARACTERS or n_blocks > MAX_BLOCKS:
        excess = f"{MAX_BLOCKS:,} paragraphs" if n_blocks > MAX_BLOCKS else f"{MAX_CHARACTERS:,} characters"
        raise ReadError(f"{name}: has more than {excess}; a policy has far fewer, split the file")


def _stripped(piece: Piece) -> Piece:
    """Strip a piece of all that `str.isspace` calls white space; its reader may have another notion of it."""
    text = piece.text
    if text and not text[0].isspace() and not text[-1].isspace():
        return piece
    n_leading = len(text) - len(text.lstrip())
    text = text.strip()
    return _cut(piece, n_leading)._replace(text=text, bold=max(0, min(len(text), piece.bold - n_leading)))


def _cut(piece: Piece, n_characters: int) -> Piece:
    """Return a piece without so many characters at its beginning."""
    links = [Link(a - n_characters, b - n_characters, address) for a, b, address in piece.links if a >= n_characters]
    bold = max(0, piece.bold - n_characters)
    return piece._replace(text=piece.text[n_characters:], bold=bold, links=tuple(links))


def _split_bold_opening(block: Block, piece: Piece, start: int) -> Iterator[Block]:
    """Split off the bold words that a piece begins with, at `start` in the text, if they are a heading."""
    title, rest = piece.text[: piece.bold], piece.text[piece.bold :]
    n_blanks = len(rest) - len(rest.lstrip(" "))
    if rest[n_blanks : n_blanks + 1] in _MARK_AFTER_TITLE and not title.endswith(_TITLE_END):
        title, rest = title + rest[: n_blanks + 1], rest[n_blanks + 1 :]
    style = headings.opening_style(title.strip(), block, rest.lstrip()) if title.strip() else ""
    if block.kind == "heading" or not style:
        yield block
    elif not rest.strip():
        yield block._replace(kind="heading", level=0, style=style)
    else:
        at = start + len(title) + len(rest) - len(rest.lstrip())
        end = start + len(title.rstrip())
        yield Block("heading", block.start, end, 0, style, block.place, block.closes, block.part)
        yield block._replace(start=at, closes="")


def collapse_whitespace(text: str) -> str:
    """Collapse white space, and drop invisible characters: soft hyphens, zero-width spaces, byte order marks.

    >>> collapse_whitespace(" a \\xa0 b\\u00adc ")
    'a bc'
    """
    return " ".join(text.translate(_INVISIBLE).split())


_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))


def table_row(cells: Sequence[str]) -> str:
    """Write a table row as a line, without its empty cells.

    >>> table_row(["Data", "Why"]), table_row(["name", ""])
    ('Data | Why', 'name')
    """
    return " | ".join(filter(None, cells))


def parse_typed_bullet(piece: Piece) -> Piece:
    """Turn a paragraph that begins with a typed bullet into a list item.

    >>> parse_typed_bullet(Piece("• logs"))[:2]
    ('logs', 'item')
    """
    bullet = TYPED_BULLET.match(piece.text)
    if bullet is None:
        return piece
    return _cut(piece, bullet.end())._replace(kind="item", style="bullet", mark="•")


def format_list_number(number: int, kind: str) -> str:
    """Write the number of a list item in the style "1", "a", "A", "i" or "I"; numbers without a letter stay digits.

    >>> format_list_number(3, "1"), format_list_number(3, "a"), format_list_number(4, "i")
    ('3', 'c', 'iv')
    """
    if kind in ("a", "A") and 1 <= number <= 26:
        return chr(ord(kind) + number - 1)
    if kind in ("i", "I") and 1 <= number <= 39:
        roman = "x" * (number // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number % 10]
        return roman if kind == "i" else roman.upper()
    return str(number)
