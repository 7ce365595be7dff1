"""Find tables on a PDF page and put the cells of each row together."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from classifier.readers.pdf.lines import Line, Run, group_lines, is_bold
from classifier.text.markup import BULLETS

CELL_GAP_RATIO = 1.0
"""Gap between the cells of a row, in times the height of the text."""
ROW_GAP_RATIO = 0.12
"""Gap between rows beyond that between the lines of a cell, in times the height of the text."""
MAX_LINE_GAP_RATIO = 2.5
"""Gap between the lines of a table, in times the height of the text; a wider one ends the table."""
MAX_SIZE_RATIO = 1.3
"""Size of the text of a table, in times that of its first line; a larger one is a heading that ends the table."""
MAX_LINES_WITHOUT_CELLS = 4
"""A line more than this many lines below the first line without cells ends the table; lines in between continue cells."""
MAX_TABLE_LINES = 400
"""Lines of one table."""
_ITEM_MARK = re.compile(rf"[o{BULLETS}]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivxIVX]{{1,5}})[.)]")

Band = tuple[float, float]
"""An interval that text covers, across the page or along it; white is around it."""


# --- tables --------------------------------------------------------------------------------------------------------------


def join_table_rows(lines: list[Line]) -> Iterator[Line]:
    """Replace the lines of each table by its rows: the text between two white bands across the table is a row."""
    at = 0
    while at < len(lines):
        stop = _table_end(lines, at)
        if stop == at:
            yield lines[at]
            at += 1
        else:
            yield from _rows(lines[at:stop])
            at = stop


def _table_end(lines: list[Line], start: int) -> int:
    """Return the end (exclusive) of the table that begins with a line, `start` if none does."""
    if not _has_cells(lines[start]):
        return start
    stop, n_rows = start + 1, 1
    columns = _bands(((run.left, run.right) for run in lines[start].runs), 0.0)
    for number in range(start + 1, min(len(lines), start + MAX_TABLE_LINES)):
        line = lines[number]
        gap = lines[number - 1].bottom - line.top
        if gap > MAX_LINE_GAP_RATIO * line.size or line.size > MAX_SIZE_RATIO * lines[start].size:
            break
        changes = _changes(columns, _bands(((run.left, run.right) for run in line.runs), 0.0))
        n_merged = len(columns) + sum(1 - (last - first) for first, last, _ in changes)
        if n_merged < max(2, len(columns) - 1):
            break
        if _has_cells(line):
            stop, n_rows = number + 1, n_rows + 1
            for first, last, band in reversed(changes):
                columns[first:last] = [band]
        elif number - stop > MAX_LINES_WITHOUT_CELLS:
            break
    return stop if n_rows >= 2 else start


def _changes(columns: Sequence[Band], bands: Sequence[Band]) -> list[tuple[int, int, Band]]:
    """Return the changes that bands make to columns, both in order: slices to replace, each with the column it becomes.

    The work grows with the number of bands; a table may have thousands of columns, and each line a few.
    """
    changes: list[tuple[int, int, Band]] = []
    for low, high in bands:
        first = bisect_left(columns, low, key=_high)
        last = max(first, bisect_right(columns, high, key=_low))
        if first < last:
            low, high = min(low, columns[first][0]), max(high, columns[last - 1][1])
        if changes and first < changes[-1][1]:  # the band before reaches one of these columns: join both
            first, before, (start, end) = changes.pop()
            low, high, last = min(low, start), max(high, end), max(last, before)
        changes.append((first, last, (low, high)))
    return changes


def _low(band: Band) -> float:
    return band[0]


def _high(band: Band) -> float:
    return band[1]


def _has_cells(line: Line) -> bool:
    is_wide = [run.left - before.right > CELL_GAP_RATIO * line.size for before, run in pairwise(line.runs)]
    if is_wide and _ITEM_MARK.fullmatch(line.runs[0].text):  # the bullet or number of an item is set apart, but no cell
        is_wide = is_wide[1:]
    return any(is_wide)


def _rows(lines: list[Line]) -> Iterator[Line]:
    """Return the rows of a table, and the lines across it that are in one column only."""
    page, runs = lines[0].page, [run for line in lines for run in line.runs]
    columns = _bands(((run.left, run.right) for run in runs), 0.0)
    size = median(run.top - run.bottom for run in runs)
    by_column = _group_by_band(runs, columns, lambda run: run.left)
    # the gaps between lines of a cell are the smaller ones of a column: take the first quartile
    gaps = sorted(gap for column in by_column.values() for gap in _line_gaps(column, page))
    row_gap = max(0.0, gaps[len(gaps) // 4]) + ROW_GAP_RATIO * size if gaps else 0.0
    by_row = _group_by_band(runs, _bands(((run.bottom, run.top) for run in runs), row_gap), lambda run: run.bottom)
    for _, row in sorted(by_row.items(), reverse=True):
        cells = _group_by_band(row, columns, lambda run: run.left)
        if len(cells) > 1:
            yield Line(tuple(_cell(group_lines(cell, page)) for _, cell in sorted(cells.items())), page, is_row=True)
        else:
            yield from group_lines(row, page)


def _group_by_band(runs: Sequence[Run], bands: Sequence[Band], start: Callable[[Run], float]) -> dict[int, list[Run]]:
    """Group runs by the number of the band that their start is in."""
    groups: defaultdict[int, list[Run]] = defaultdict(list)
    for run in runs:
        groups[bisect_right(bands, start(run), key=_low) - 1].append(run)
    return groups


def _line_gaps(runs: list[Run], page: int) -> list[float]:
    """Return the gap between each line and the next."""
    return [above.bottom - line.top for above, line in pairwise(group_lines(runs, page))]


def _cell(lines: list[Line]) -> Run:
    """Join the lines of a cell to one run in the place of the first line."""
    first, text = lines[0], " ".join(line.text for line in lines)
    return Run(text, first.left, first.bottom, max(line.right for line in lines), first.top, all(map(is_bold, lines)))


def _bands(intervals: Iterable[Band], gap: float) -> list[Band]:
    """Join intervals that overlap or have at most `gap` between them.

    >>> _bands([(0, 2), (1, 3), (5, 6)], 1.0)
    [(0, 3), (5, 6)]
    """
    bands: list[Band] = []
    for low, high in sorted(intervals):
        if bands and low <= bands[-1][1] + gap:
            bands[-1] = (bands[-1][0], max(high, bands[-1][1]))
        else:
            bands.append((low, high))
    return bands
