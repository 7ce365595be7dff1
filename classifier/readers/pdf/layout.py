"""Put the runs of text on pages into reading order: column after column, whole paragraphs, without running titles.

There are four steps, each for all pages before the next. Runs are grouped into lines. Lines that are repeated on page after
page (running titles, page numbers) are dropped. Lines are ordered by columns, which are found by cutting the page along its
white gaps, and table cells by rows. Neighboring lines are joined to headings, items and paragraphs, which continue across
columns and pages, and hyphens at line ends are undone.

References
----------
Nagy, Seth & Viswanathan, "A prototype document image analysis system for technical journals", Computer 1992 (the recursive
cut along white gaps).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from classifier.readers.document import Piece
from classifier.readers.pdf.columns import split_columns
from classifier.readers.pdf.contents import mark_contents
from classifier.readers.pdf.furniture import find_running_lines
from classifier.readers.pdf.lines import Line, Run, clamp_box, group_lines
from classifier.readers.pdf.paragraphs import (
    HEADING_SIZE_RATIO,
    Paragraph,
    continues,
    paragraph_to_piece,
    split_paragraphs,
)

MIN_TEXT_SIZE_POINTS = 0.1
"""Size of the text that headings are compared with."""
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def arrange_pages(runs_by_page: Sequence[Sequence[Run]]) -> tuple[Iterator[Piece], set[Line]]:
    """Put the runs of pages into reading order.

    Parameters
    ----------
    runs_by_page
        The runs of each page, in any order.

    Returns
    -------
    iterator of Piece, set of Line
        Headings with their rank by size, paragraphs and items, each with the page it begins on; and the lines that are left
        out: running titles and page numbers.

    Examples
    --------
    >>> pieces, _ = arrange_pages([[Run("our logs.", 50, 688, 90, 698, False), Run("We keep", 50, 700, 90, 710, False)]])
    >>> [piece.text for piece in pieces]
    ['We keep our logs.']
    """
    by_page = [group_lines(list(map(clamp_box, runs)), number) for number, runs in enumerate(runs_by_page, 1)]
    running = find_running_lines(by_page)
    return _pieces(by_page, running), running


def _pieces(by_page: Sequence[Sequence[Line]], dropped: set[Line]) -> Iterator[Piece]:
    columns = [column for lines in by_page for column in split_columns([line for line in lines if line not in dropped])]
    columns = mark_contents(columns)
    lines = [line for column in columns for line in column]
    if not lines:
        return
    n_uses = Counter(word for line in lines for word in _WORD.findall(line.text.lower()))
    text_size, ranks = _sizes(lines)
    paragraph: Paragraph | None = None
    edge = 0.0  # the right end of the longest line of the paragraph
    for part in (part for column in columns for part in split_paragraphs(column, text_size)):
        right = max(line.right for line in part.lines)
        if paragraph is not None and continues(paragraph.lines, part.lines, edge):
            paragraph.lines.extend(part.lines)
            edge = max(edge, right)
            continue
        if paragraph is not None:
            yield paragraph_to_piece(paragraph, text_size, ranks, n_uses)
        paragraph, edge = part, right
    if paragraph is not None:
        yield paragraph_to_piece(paragraph, text_size, ranks, n_uses)


def _sizes(lines: Sequence[Line]) -> tuple[float, dict[float, int]]:
    """Return the size of most characters, and for each larger size the rank of a heading, largest first."""
    n_characters = Counter[float]()
    for line in lines:
        n_characters[round(line.size, 1)] += len(line.text)
    text_size = max(MIN_TEXT_SIZE_POINTS, n_characters.most_common(1)[0][0])
    larger = sorted({size for size in n_characters if size > HEADING_SIZE_RATIO * text_size}, reverse=True)
    return text_size, {size: rank for rank, size in enumerate(larger, 1)}
