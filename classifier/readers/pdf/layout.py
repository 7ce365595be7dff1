"""Runs of text on pages become pieces in reading order: columns one after the other, paragraphs whole, page furniture gone.

Four steps, each for all pages before the next: lines are put together from runs; what comes again on page after page
(running titles, page numbers) is dropped; lines are ordered by columns, which are found by cutting the page along its white
gaps, and cells by rows; and neighbouring lines become headings, items and paragraphs, which go on across columns and pages,
hyphens at the line's end undone.

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
from classifier.readers.pdf.furniture import find_running_lines
from classifier.readers.pdf.lines import Line, Run, clamp_box, group_lines
from classifier.readers.pdf.paragraphs import (
    HEADING_SIZE_RATIO,
    Paragraph,
    continues,
    paragraph_to_piece,
    split_paragraphs,
)


def arrange_pages(found: Sequence[Sequence[Run]]) -> tuple[Iterator[Piece], set[Line]]:
    """Put the runs of pages in reading order.

    Parameters
    ----------
    found
        The runs of each page, in any order.

    Returns
    -------
    iterator of Piece, set of Line
        Headings with their rank by size, paragraphs and items, each with the page it begins on; and the lines that are left
        out, running titles and page numbers.
    """
    by_page = [group_lines(list(map(clamp_box, runs)), number) for number, runs in enumerate(found, 1)]
    dropped = find_running_lines(by_page)
    return _pieces(by_page, dropped), dropped


def _pieces(by_page: Sequence[Sequence[Line]], dropped: set[Line]) -> Iterator[Piece]:
    columns = [column for lines in by_page for column in split_columns([line for line in lines if line not in dropped])]
    lines = [line for column in columns for line in column]
    if not lines:
        return
    known = Counter(word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower()))
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    usual = max(0.1, sizes.most_common(1)[0][0])
    ranks = {
        size: rank
        for rank, size in enumerate(sorted({s for s in sizes if s > HEADING_SIZE_RATIO * usual}, reverse=True), 1)
    }
    paragraph: Paragraph | None = None
    edge = 0.0  # where the longest line of the paragraph ends
    for part in (part for column in columns for part in split_paragraphs(column, usual)):
        right = max(line.right for line in part.lines)
        if paragraph is not None and continues(paragraph.lines, part.lines, edge):
            paragraph.lines.extend(part.lines)
            edge = max(edge, right)
            continue
        if paragraph is not None:
            yield paragraph_to_piece(paragraph, usual, ranks, known)
        paragraph, edge = part, right
    if paragraph is not None:
        yield paragraph_to_piece(paragraph, usual, ranks, known)
