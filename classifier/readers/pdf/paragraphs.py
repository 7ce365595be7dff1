"""Join neighboring lines to headings, list items and paragraphs, across columns and pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from classifier.readers.document import Piece
from classifier.readers.pdf.lines import Line, is_bold
from classifier.text.markup import BULLETS, NUMBER

PARAGRAPH_GAP_RATIO = 1.3
"""Lines further apart than so many times the usual distance are of two paragraphs."""
HEADING_SIZE_RATIO = 1.12
"""So many times the size of the text and more is the size of a heading."""
_BULLET = re.compile(rf"(?:[{BULLETS}]|o(?=\s+[A-Z]))\s+(?=\S)|•(?=\S)")
_ENDS = re.compile(r"[.!?:;][\"”’)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_]-$")
_COMPOUNDS = frozenset(
    "anti co cross do e end ex first full hard high in inter long low mid multi non not off on one opt out peer point post "
    "pre pro re real second self semi service short single sub super third time track two user well".split()
)


# --- lines to pieces -----------------------------------------------------------------------------------------------------


class Paragraph(NamedTuple):
    """Lines that are one paragraph, or one item of a list."""

    lines: list[Line]
    is_item: bool = False


def split_paragraphs(column: Sequence[Line], usual: float) -> Iterator[Paragraph]:
    """Cut a column where a line opens something new."""
    if not column:
        return
    gaps = [above.bottom - line.bottom for above, line in pairwise(column)]
    steps = sorted(gap for gap in gaps if gap > 0.6 * usual)
    # of short paragraphs most lines are the last; those within a paragraph are the nearest
    step = min(steps[len(steps) // 4], 1.6 * usual) if steps else usual
    left, edge = min(line.left for line in column), max(line.right for line in column)
    group = [column[0]]
    for above, line in pairwise(column):
        if _is_apart(above, line, step, usual):
            yield from _listed(list(_broken(group, edge)), left)
            group = []
        group.append(line)
    yield from _listed(list(_broken(group, edge)), left)


def _is_apart(above: Line, line: Line, step: float, usual: float) -> bool:
    """Whether two lines are not set as parts of one paragraph are."""
    return (
        above.bottom - line.bottom > PARAGRAPH_GAP_RATIO * step * max(1.0, line.size / usual)
        or abs(line.size - above.size) > 0.08 * above.size
        or is_bold(above) != is_bold(line)
        or above.is_row
        or line.is_row
    )


def _broken(group: list[Line], edge: float) -> Iterator[Paragraph]:
    """Cut lines that stand together where somebody broke the line: the next word would have found room."""
    own = max(line.right for line in group)
    if own > edge - 0.25 * (edge - group[0].left) or any(line.text[:1].islower() for line in group):
        edge = own  # a paragraph in a narrower place; else all lines are short, and it is the place that tells
    left = min(line.left for line in group)
    # the first line of a paragraph may be indented too, but those after it are not
    hangs = group[0].left - left > group[0].size and (
        len(group) < 2 or group[1].left > group[0].left - 0.5 * group[0].size
    )
    part = Paragraph([group[0]], _is_marked(group[0]) or hangs)
    for above, line in pairwise(group):
        if _opens(part, above, line, edge):
            yield part
            indented = line.left - left > line.size and _would_fit(above, line, edge)
            part = Paragraph([], _is_marked(line) or indented)
        part.lines.append(line)
    yield part


def _listed(parts: list[Paragraph], left: float) -> Iterator[Paragraph]:
    """Make items of what stands together, indented alike, whatever was drawn before it as a bullet."""
    lefts = [part.lines[0].left for part in parts]
    size = parts[0].lines[0].size
    alike = len(parts) > 1 and max(lefts) - min(lefts) < 0.5 * size and min(lefts) - left > size
    return (part._replace(is_item=part.is_item or alike) for part in parts)


def _opens(part: Paragraph, above: Line, line: Line, edge: float) -> bool:
    if _BULLET.match(line.text):
        return True
    ends = _ENDS.search(above.text) is not None
    fits = _would_fit(above, line, edge)
    if NUMBER.match(line.text):
        return ends or fits or part.is_item
    if fits:
        return ends or above.text.endswith((",", ";")) or not line.text[:1].islower()
    return ends and not part.is_item and line.left - above.left > 0.8 * line.size


def _would_fit(above: Line, line: Line, edge: float) -> bool:
    """Whether the first word of a line would have found room at the end of the line above."""
    first = len(line.text.partition(" ")[0]) / max(1, len(line.text)) * (line.right - line.left)
    return above.right + first + line.size < edge


def _is_marked(line: Line) -> bool:
    return _BULLET.match(line.text) is not None or NUMBER.match(line.text) is not None


def continues(paragraph: list[Line], part: list[Line], edge: float) -> bool:
    """Whether a paragraph goes on in the next column or on the next page."""
    last, first = paragraph[-1], part[0]
    above = first.page == last.page and first.bottom < last.bottom and first.left < last.right
    if above or abs(first.size - last.size) > 0.08 * last.size or is_bold(first) != is_bold(last):
        return False
    if last.is_row or first.is_row or _BULLET.match(first.text):
        return False
    if _ENDS.search(last.text) or _is_marked(first):
        return False
    full = len(paragraph) > 1 and not _would_fit(last, first, edge)
    return full or first.text[:1].islower() or last.text.endswith((",", "-"))


def paragraph_to_piece(part: Paragraph, usual: float, ranks: dict[float, int], known: Counter[str]) -> Piece:
    """Return a paragraph as a heading, a list item or running text.

    Parameters
    ----------
    part
        Its lines.
    usual
        The size of most characters, in points.
    ranks
        Rank of a heading for each larger size.
    known
        How often each word occurs in the document.
    """
    lines = part.lines
    place = f"page {lines[0].page}"
    text, bold = _joined(lines, known)
    size = round(lines[0].size, 1)
    if size > HEADING_SIZE_RATIO * usual and len(text) <= 240 and size in ranks:
        return Piece(text, "heading", min(6, ranks[size]), place=place)
    if bullet := _BULLET.match(text):
        return Piece(text[bullet.end() :], "item", 0, "bullet", "•", max(0, bold - bullet.end()), place=place)
    if lines[0].is_row:
        return Piece(text, "item", 0, "row", place=place)
    if NUMBER.match(text) and bold < len(text):
        return Piece(text, "item", 0, "number", bold=0, place=place)
    if part.is_item and bold < len(text):  # the bullet is drawn, and no character
        return Piece(text, "item", 0, "bullet", "•", bold, place=place)
    return Piece(text, bold=bold, place=place)


def _joined(lines: list[Line], known: Counter[str]) -> tuple[str, int]:
    """Join lines to a text, hyphens at their ends undone; give how many of its first characters are bold, too."""
    parts: list[str] = []
    length, bold, so_far, before = 0, 0, True, ""
    for line in lines:
        own = line.text
        if before and _HYPHENATED.search(before[-2:]) and own[:1].islower():
            if not _is_compound(before, own, known):
                parts[-1] = parts[-1][:-1]
                length -= 1
        elif before:
            parts.append(" ")
            length += 1
        if so_far:
            bold = length + line.bold if line.bold else bold
            so_far = line.bold == len(own)
        parts.append(own)
        length, before = length + len(own), own
    return "".join(parts), bold


def _is_compound(before: str, own: str, known: Counter[str]) -> bool:
    """Whether a hyphen at the end of a line belongs to the word: the policy writes it so elsewhere, or people do."""
    head = before.rpartition(" ")[2][:-1].lower().lstrip("(“\"'")
    tail = re.findall(r"[^\W\d_]+", own[:60].lower())[:1]
    if not tail:
        return True
    whole, hyphenated = known[head + tail[0]], known[f"{head}-{tail[0]}"]
    if whole or hyphenated:
        return hyphenated > whole
    return head.rpartition("-")[2] in _COMPOUNDS or "-" in head
