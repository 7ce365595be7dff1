"""Join neighboring lines to headings, list items and paragraphs, across columns and pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from classifier.readers.document import Piece
from classifier.readers.headings import MAX_HEADING_CHARACTERS
from classifier.readers.pdf.lines import Line, is_bold
from classifier.text.markup import BULLETS, NUMBER

PARAGRAPH_GAP_RATIO = 1.3
"""Distance between lines of two paragraphs, in times the usual distance."""
MIN_LINE_STEP_RATIO, MAX_LINE_STEP_RATIO = 0.6, 1.6
"""Usual distance between the lines of a paragraph, in times the size of the text; a shorter one is within a line."""
HEADING_SIZE_RATIO = 1.12
"""Size of a heading, in times the size of the text."""
MAX_SIZE_CHANGE_RATIO = 0.08
"""Change of size between lines of one paragraph, in times the size of the line above."""
MAX_FONT_CHANGE_RATIO = 0.25
"""Change of size between lines of one paragraph if the sentence goes on: fonts of one size have boxes of several heights."""
MAX_NARROW_RATIO = 0.25
"""Lines that end further from the right edge than this share of their room are short, or in a narrower place."""
SAME_INDENT_RATIO = 0.5
"""Lines are indented alike if they begin within this distance, in times the size of the text."""
FIRST_LINE_INDENT_RATIO = 0.8
"""Indent of the first line of a paragraph, in times the size of the text."""
MAX_TAIL_CHARACTERS = 60
"""Characters of a line in which the second part of a hyphenated word is looked for."""
_BULLET = re.compile(rf"(?:[{BULLETS}]|o(?=\s+[A-Z]))\s+(?=\S)|•(?=\S)")
_SENTENCE_END = re.compile(r"[.!?:;][\"”’)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_]-$")
_COMPOUNDS = frozenset(
    "anti co cross do e end ex first full hard high in inter long low mid multi non not off on one opt out peer point post "
    "pre pro re real second self semi service short single sub super third time track two user well".split()
)
"""First parts of words that are written with a hyphen."""


# --- lines to pieces -----------------------------------------------------------------------------------------------------


class Paragraph(NamedTuple):
    """Lines that are one paragraph, or one item of a list."""

    lines: list[Line]
    is_item: bool = False


def split_paragraphs(column: Sequence[Line], text_size: float) -> Iterator[Paragraph]:
    """Cut a column of lines into paragraphs.

    Parameters
    ----------
    column
        Its lines, from top to bottom.
    text_size
        Size of most characters of the document, in points.
    """
    if not column:
        return
    gaps = [above.base - line.base for above, line in pairwise(column)]
    steps = sorted(gap for gap in gaps if gap > MIN_LINE_STEP_RATIO * text_size)
    # the first quartile: in short paragraphs most lines are the last one, and lines within a paragraph are the nearest
    step = min(steps[len(steps) // 4], MAX_LINE_STEP_RATIO * text_size) if steps else text_size
    left, edge = min(line.left for line in column), max(line.right for line in column)
    group = [column[0]]
    for above, line in pairwise(column):
        if _is_distant(above, line, step, text_size) or (
            not _are_alike(above, line) and not _flows_on(group, line, edge, text_size)
        ):
            yield from _mark_items(list(_split_at_breaks(group, edge)), left)
            group = []
        group.append(line)
    yield from _mark_items(list(_split_at_breaks(group, edge)), left)


def _is_distant(above: Line, line: Line, step: float, text_size: float) -> bool:
    """Whether two lines are too far apart to be of one paragraph, or are rows of a table or entries of one of contents."""
    distance = above.base - line.base
    if above.is_entry or line.is_entry:
        return True
    return distance > PARAGRAPH_GAP_RATIO * step * max(1.0, line.size / text_size) or above.is_row or line.is_row


def _are_alike(above: Line, line: Line) -> bool:
    """Whether two lines are of one size, and both bold or neither."""
    return abs(line.size - above.size) <= MAX_SIZE_CHANGE_RATIO * above.size and is_bold(above) == is_bold(line)


def _flows_on(group: Sequence[Line], line: Line, edge: float, text_size: float) -> bool:
    """Whether a line that looks unlike the one above is in the same sentence: bold words may fill a line of a paragraph.

    Parameters
    ----------
    group
        The lines of the paragraph so far.
    line
        The next line.
    edge
        Right end of the column.
    text_size
        Size of most characters of the document, in points.
    """
    above = group[-1]
    if abs(line.size - above.size) > MAX_FONT_CHANGE_RATIO * above.size or _would_fit(above, line, edge):
        return False
    if _is_marked(line) or group[0].size > HEADING_SIZE_RATIO * text_size:
        return False
    ends = _SENTENCE_END.search(above.text) is not None
    if abs(line.size - above.size) > MAX_SIZE_CHANGE_RATIO * above.size:  # another font; if bold too, a heading
        return not ends and not is_bold(above) and not is_bold(line)
    if is_bold(line):  # a heading may begin here, unless the sentence goes on
        return not ends or above.runs[-1].bold
    if is_bold(group[0]):  # a heading may end here
        return not ends and (line.text[:1].islower() or line.runs[0].bold)
    return True


def _split_at_breaks(group: list[Line], edge: float) -> Iterator[Paragraph]:
    """Cut a group of lines at deliberate line breaks: those where the next word would have fit on the line."""
    right = max(line.right for line in group)
    if right > edge - MAX_NARROW_RATIO * (edge - group[0].left) or any(line.text[:1].islower() for line in group):
        edge = right  # a paragraph in a narrower place; else all lines are short, and the edge of the column counts
    left = min(line.left for line in group)
    # a hanging indent: the first line of a paragraph may be indented too, but those after it are not
    hangs = group[0].left - left > group[0].size and (
        len(group) < 2 or group[1].left > group[0].left - SAME_INDENT_RATIO * group[0].size
    )
    part = Paragraph([group[0]], _is_marked(group[0]) or hangs)
    for above, line in pairwise(group):
        if _opens_paragraph(part, above, line, edge):
            yield part
            is_indented = line.left - left > line.size and _would_fit(above, line, edge)
            part = Paragraph([], _is_marked(line) or is_indented)
        part.lines.append(line)
    yield part


def _mark_items(parts: list[Paragraph], left: float) -> Iterator[Paragraph]:
    """Mark neighboring paragraphs that are indented alike as items: their bullets are drawn, and no characters."""
    lefts = [part.lines[0].left for part in parts]
    size = parts[0].lines[0].size
    are_items = len(parts) > 1 and max(lefts) - min(lefts) < SAME_INDENT_RATIO * size and min(lefts) - left > size
    return (part._replace(is_item=part.is_item or are_items) for part in parts)


def _opens_paragraph(part: Paragraph, above: Line, line: Line, edge: float) -> bool:
    if _BULLET.match(line.text):
        return True
    ends = _SENTENCE_END.search(above.text) is not None
    fits = _would_fit(above, line, edge)
    if NUMBER.match(line.text):
        return ends or fits or part.is_item
    if fits:
        return ends or above.text.endswith((",", ";")) or not line.text[:1].islower()
    return ends and not part.is_item and line.left - above.left > FIRST_LINE_INDENT_RATIO * line.size


def _would_fit(above: Line, line: Line, edge: float) -> bool:
    """Whether the first word of a line would have fit at the end of the line above."""
    word_width = len(line.text.partition(" ")[0]) / max(1, len(line.text)) * (line.right - line.left)
    return above.right + word_width + line.size < edge


def _is_marked(line: Line) -> bool:
    return _BULLET.match(line.text) is not None or NUMBER.match(line.text) is not None


def continues(paragraph: list[Line], part: list[Line], edge: float) -> bool:
    """Whether a paragraph continues in the next column or on the next page.

    Parameters
    ----------
    paragraph, part
        The lines of the paragraph so far, and those that follow.
    edge
        Right end of the longest line of the paragraph.
    """
    last, first = paragraph[-1], part[0]
    is_below = first.page == last.page and first.bottom < last.bottom and first.left < last.right
    if is_below or abs(first.size - last.size) > MAX_SIZE_CHANGE_RATIO * last.size:
        return False
    if last.is_row or first.is_row or last.is_entry or first.is_entry or _BULLET.match(first.text):
        return False
    if _SENTENCE_END.search(last.text) or _is_marked(first):
        return False
    is_full = len(paragraph) > 1 and not _would_fit(last, first, edge)
    if is_bold(first) != is_bold(last):
        return is_full and first.text[:1].islower()
    return is_full or first.text[:1].islower() or last.text.endswith((",", "-"))


def paragraph_to_piece(paragraph: Paragraph, text_size: float, ranks: dict[float, int], n_uses: Counter[str]) -> Piece:
    """Return a paragraph as a heading, a list item or running text.

    Parameters
    ----------
    paragraph
        Its lines.
    text_size
        Size of most characters of the document, in points.
    ranks
        Rank of a heading for each larger size.
    n_uses
        Number of occurrences of each word in the document.
    """
    lines = paragraph.lines
    place = f"page {lines[0].page}"
    text, bold = _join_lines(lines, n_uses)
    if lines[0].is_entry:
        return Piece(text, is_links=True, place=place)
    size = round(lines[0].size, 1)
    is_larger = size > HEADING_SIZE_RATIO * text_size and not lines[0].is_row  # a table may be in larger letters
    if is_larger and len(text) <= MAX_HEADING_CHARACTERS and size in ranks:
        return Piece(text, "heading", min(6, ranks[size]), place=place)
    if bullet := _BULLET.match(text):
        return Piece(text[bullet.end() :], "item", 0, "bullet", "•", max(0, bold - bullet.end()), place=place)
    if lines[0].is_row:
        return Piece(text, "heading" if lines[0].is_head else "paragraph", 0, "row", place=place)
    if NUMBER.match(text) and bold < len(text):
        return Piece(text, "item", 0, "number", bold=0, place=place)
    if paragraph.is_item and bold < len(text):
        return Piece(text, "item", 0, "bullet", "•", bold, place=place)
    return Piece(text, bold=bold, place=place)


def _join_lines(lines: list[Line], n_uses: Counter[str]) -> tuple[str, int]:
    """Join lines to a text without hyphens at line ends; return also the number of its first characters that are bold."""
    parts: list[str] = []
    length, bold, all_bold, before = 0, 0, True, ""
    for line in lines:
        text = line.text
        if before and _HYPHENATED.search(before[-2:]) and text[:1].islower():
            if not _keeps_hyphen(before, text, n_uses):
                parts[-1] = parts[-1][:-1]
                length -= 1
        elif before:
            parts.append(" ")
            length += 1
        if all_bold:
            bold = length + line.bold if line.bold else bold
            all_bold = line.bold == len(text)
        parts.append(text)
        length, before = length + len(text), text
    return "".join(parts), bold


def _keeps_hyphen(before: str, text: str, n_uses: Counter[str]) -> bool:
    """Whether a hyphen at a line end belongs to the word: the policy writes it so elsewhere, or people usually do."""
    head = before.rpartition(" ")[2][:-1].lower().lstrip("(“\"'")
    tail = re.findall(r"[^\W\d_]+", text[:MAX_TAIL_CHARACTERS].lower())[:1]
    if not tail:
        return True
    n_joined, n_hyphenated = n_uses[head + tail[0]], n_uses[f"{head}-{tail[0]}"]
    if n_joined or n_hyphenated:
        return n_hyphenated > n_joined
    return head.rpartition("-")[2] in _COMPOUNDS or "-" in head
