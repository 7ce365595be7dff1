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

CELL_GAP_RATIO, ROW_GAP_RATIO = 1.0, 0.12
"""Cells of a table stand at least so many times their height apart; rows so much further than lines of a cell do."""
MAX_TABLE_LINES = 400
"""Lines of one table."""
_MARK = re.compile(rf"[o{BULLETS}]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivxIVX]{{1,5}})[.)]")


# --- tables --------------------------------------------------------------------------------------------------------------


def join_table_rows(lines: list[Line]) -> Iterator[Line]:
    """Put the cells of tables together: in lines with wide gaps, what stands between two white bands is a row."""
    at = 0
    while at < len(lines):
        stop = _table_end(lines, at)
        if stop == at:
            yield lines[at]
            at += 1
        else:
            yield from _table(lines[at:stop])
            at = stop


def _table_end(lines: list[Line], start: int) -> int:
    """Give where the table ends that begins with this line; the line itself if it is none."""
    if not _has_cells(lines[start]):
        return start
    stop, rows = start + 1, 1
    columns = _bands(((run.left, run.right) for run in lines[start].runs), 0.0)
    for number in range(start + 1, min(len(lines), start + MAX_TABLE_LINES)):
        line = lines[number]
        if lines[number - 1].bottom - line.top > 2.5 * line.size or line.size > 1.3 * lines[start].size:
            break
        changes = _changes(columns, _bands(((run.left, run.right) for run in line.runs), 0.0))
        merged = len(columns) + sum(1 - (last - first) for first, last, _ in changes)
        if merged < max(2, len(columns) - 1):
            break
        if _has_cells(line):
            stop, rows = number + 1, rows + 1
            for first, last, band in reversed(changes):
                columns[first:last] = [band]
        elif number - stop > 4:
            break
    return stop if rows >= 2 else start


def _changes(
    columns: Sequence[tuple[float, float]], bands: Sequence[tuple[float, float]]
) -> list[tuple[int, int, tuple[float, float]]]:
    """Return how further bands change columns, both in order: the slices to replace, each with the column it becomes.

    The work grows with the number of bands; a table may have thousands of columns, and each line a few.
    """
    changes: list[tuple[int, int, tuple[float, float]]] = []
    for low, high in bands:
        first = bisect_left(columns, low, key=_high)
        last = max(first, bisect_right(columns, high, key=_low))
        if first < last:
            low, high = min(low, columns[first][0]), max(high, columns[last - 1][1])
        if changes and first < changes[-1][1]:  # a column that the band before reaches, too, joins both
            first, before, (start, end) = changes.pop()
            low, high, last = min(low, start), max(high, end), max(last, before)
        changes.append((first, last, (low, high)))
    return changes


def _low(band: tuple[float, float]) -> float:
    return band[0]


def _high(band: tuple[float, float]) -> float:
    return band[1]


def _has_cells(line: Line) -> bool:
    gaps = [run.left - before.right > CELL_GAP_RATIO * line.size for before, run in pairwise(line.runs)]
    if gaps and _MARK.fullmatch(line.runs[0].text):  # an item's bullet or number stands apart, and is no cell
        gaps = gaps[1:]
    return any(gaps)


def _table(lines: list[Line]) -> Iterator[Line]:
    page, runs = lines[0].page, [run for line in lines for run in line.runs]
    columns = _bands(((run.left, run.right) for run in runs), 0.0)
    size = median(run.top - run.bottom for run in runs)
    by_column = _grouped(runs, columns, lambda run: run.left)
    within = sorted(gap for column in by_column.values() for gap in _gaps(column, page))
    apart = max(0.0, within[len(within) // 4]) + ROW_GAP_RATIO * size if within else 0.0
    by_row = _grouped(runs, _bands(((run.bottom, run.top) for run in runs), apart), lambda run: run.bottom)
    for _, row in sorted(by_row.items(), reverse=True):
        cells = _grouped(row, columns, lambda run: run.left)
        if len(cells) > 1:
            yield Line(tuple(_cell(group_lines(cell, page)) for _, cell in sorted(cells.items())), page, is_row=True)
        else:
            yield from group_lines(row, page)


def _grouped(
    runs: Sequence[Run], bands: Sequence[tuple[float, float]], start: Callable[[Run], float]
) -> dict[int, list[Run]]:
    """Group runs by the band that each is in."""
    found: defaultdict[int, list[Run]] = defaultdict(list)
    for run in runs:
        found[bisect_right(bands, start(run), key=_low) - 1].append(run)
    return found


def _gaps(runs: list[Run], page: int) -> list[float]:
    """Give the white between each line and the next."""
    return [above.bottom - line.top for above, line in pairwise(group_lines(runs, page))]


def _cell(lines: list[Line]) -> Run:
    """Put the lines of a cell together, where its first line stands."""
    first, text = lines[0], " ".join(line.text for line in lines)
    return Run(text, first.left, first.bottom, max(line.right for line in lines), first.top, all(map(is_bold, lines)))


def _bands(intervals: Iterable[tuple[float, float]], apart: float) -> list[tuple[float, float]]:
    """Join intervals that overlap or are less than `apart` from one another."""
    bands: list[tuple[float, float]] = []
    for low, high in sorted(intervals):
        if bands and low <= bands[-1][1] + apart:
            bands[-1] = (bands[-1][0], max(high, bands[-1][1]))
        else:
            bands.append((low, high))
    return bands
