"""Pieces of a page become a text and its blocks: what readers of laid-out formats (HTML, PDF, Word) have in common.

A reader lists pieces in reading order: a paragraph, an item, a row of a table, with what it knows of how they are set. Here
they get their places in one text that a person could read, a blank line between them, items a line each behind their marks.
What is a heading only by its looks is then judged as in a text file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from classifier.errors import ReadError
from classifier.readers import headings
from classifier.readers.checks import check_blocks
from classifier.text.markup import BULLETS
from classifier.types import Block, BlockKind

MAX_CHARACTERS, MAX_BLOCKS = 20_000_000, 100_000
"""A policy has some ten thousand characters and some hundred paragraphs; each costs memory."""
LONG_REPEATED = 200
"""Of a cell that spans rows so many characters are repeated in each."""
LONG_CELL = 60
"""A table whose cells have more words than this in the mean, and that does not say it is one, is there for the layout."""
INDENT = 2
"""Blanks before an item for each level that it is nested."""
MAX_INDENT = 20
TYPED_BULLET = re.compile(rf"[·∙⁃{BULLETS}]\s+(?=\S)|[·•]\s*(?=[^\W\d])")
"""A bullet that somebody typed at the beginning of a line."""


class Piece(NamedTuple):
    """Something on a page that stands by itself.

    Attributes
    ----------
    text
        Its words, white space folded; may be several lines.
    kind, level, style
        As in `Block`; items have level 0 at the outside.
    mark
        What is set before an item, such as a bullet or a number.
    bold
        So many of its first characters are in bold.
    is_links
        Whether all its words stand in links that lead elsewhere.
    place
        As in `Block`.
    """

    text: str
    kind: BlockKind = "paragraph"
    level: int = 0
    style: str = ""
    mark: str = ""
    bold: int = 0
    is_links: bool = False
    place: str = ""


def build_text(pieces: Iterable[Piece], name: str) -> tuple[str, tuple[Block, ...]]:
    """Put pieces one below the other.

    Parameters
    ----------
    pieces
        In reading order.
    name
        What messages call the file.

    Returns
    -------
    text, blocks
        The text, and the blocks that hold all of it but white space.

    Raises
    ------
    ReadError
        If there is more text, or more pieces, than a policy could have.

    Examples
    --------
    >>> pieces = [Piece("We keep:"), Piece("logs", "item", mark="•"), Piece("bills", "item", mark="•")]
    >>> text, blocks = build_text(pieces, "x")
    >>> text
    'We keep:\\n\\n• logs\\n• bills'
    >>> [(block.kind, block.start) for block in blocks]
    [('paragraph', 0), ('item', 10), ('item', 17)]
    """
    parts: list[str] = []
    blocks: list[Block] = []
    links: set[int] = set()
    before: Piece | None = None
    at = 0
    for piece in map(_trimmed, pieces):
        if not piece.text:
            continue
        apart = "" if before is None else "\n" if piece.kind == before.kind == "item" else "\n\n"
        indent = " " * min(MAX_INDENT, INDENT * piece.level) if piece.kind == "item" else ""
        mark = f"{piece.mark} " if piece.mark else ""
        parts += [apart, indent, mark, piece.text]
        start = at + len(apart) + len(indent)
        at = start + len(mark) + len(piece.text)
        block = Block(piece.kind, start, at, piece.level, piece.style, piece.place)
        blocks += _opened(block, piece, start + len(mark))
        if piece.is_links:
            links.add(start)
        before = piece
        if at > MAX_CHARACTERS or len(blocks) > MAX_BLOCKS:
            what = f"{MAX_BLOCKS:,} paragraphs" if len(blocks) > MAX_BLOCKS else f"{MAX_CHARACTERS:,} characters"
            raise ReadError(f"{name}: has more than {what}; a policy has far fewer, split the file")
    text = "".join(parts)
    judged = headings.bare(text, blocks)
    found = tuple(headings.navigation(text, judged, links))
    check_blocks(text, found, name)
    return text, found


def _trimmed(piece: Piece) -> Piece:
    """Take white space from the edges of a piece, whichever characters its reader took for white space."""
    text = piece.text
    if text and not text[0].isspace() and not text[-1].isspace():
        return piece
    begin = len(text) - len(text.lstrip())
    text = text.strip()
    return piece._replace(text=text, bold=max(0, min(len(text), piece.bold - begin)))


def _opened(block: Block, piece: Piece, start: int) -> Iterator[Block]:
    """Split off the bold opening of a piece, where it works as a heading."""
    title, rest = piece.text[: piece.bold], piece.text[piece.bold :]
    if rest[:1] in tuple(":.–-") and not title.endswith(tuple(":.?!")):  # a mark that is not bold closes a title too
        title, rest = title + rest[0], rest[1:]
    style = headings.opening_style(title.strip(), block, rest.lstrip()) if title.strip() else ""
    if block.kind == "heading" or not style:
        yield block
    elif not rest.strip():
        yield block._replace(kind="heading", level=0, style=style)
    else:
        at = start + len(title) + len(rest) - len(rest.lstrip())
        yield Block("heading", block.start, start + len(title.rstrip()), style=style, place=block.place)
        yield block._replace(start=at)


def collapse_whitespace(text: str) -> str:
    """Fold white space, and drop what is invisible: soft hyphens, blanks of no width, marks of byte order.

    >>> collapse_whitespace(" a \\xa0 b\\u00adc ")
    'a bc'
    """
    return " ".join(text.translate(_INVISIBLE).split())


_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u2060\ufeff"))


def table_row(cells: Sequence[str]) -> str:
    """Write a row of a table as a line, empty cells left out.

    >>> table_row(["Data", "Why"]), table_row(["name", ""])
    ('Data | Why', 'name')
    """
    return " | ".join(filter(None, cells))


def parse_typed_bullet(piece: Piece) -> Piece:
    """Make an item of a paragraph that begins with a typed bullet."""
    bullet = TYPED_BULLET.match(piece.text)
    if bullet is None:
        return piece
    bold = max(0, piece.bold - bullet.end())
    return piece._replace(text=piece.text[bullet.end() :], kind="item", style="bullet", mark="•", bold=bold)


def format_list_number(number: int, kind: str) -> str:
    """Write a number as a list does: 1, a or i.

    >>> format_list_number(3, "1"), format_list_number(3, "a"), format_list_number(4, "i")
    ('3', 'c', 'iv')
    """
    if kind in ("a", "A") and 1 <= number <= 26:
        return chr(ord(kind) + number - 1)
    if kind in ("i", "I") and 1 <= number <= 39:
        roman = "x" * (number // 10) + ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")[number % 10]
        return roman if kind == "i" else roman.upper()
    return str(number)
