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
SAME_PLACE_RATIO = 0.3
"""Distance from the left edge of a column at which a line of a cell begins at most, in times the height of the text."""
MAX_CONTINUED_SHARE = 0.4
"""Share of the lines of a table that begin in lower case in all their cells, if each line is a row."""
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
    return _end_of_last_row(lines, start, stop, columns) if n_rows >= 2 else start


def _end_of_last_row(lines: list[Line], start: int, stop: int, columns: Sequence[Band]) -> int:
    """Return the end (exclusive) of a table with the lines below `stop` that continue cells of its last row."""
    gaps = [(above.bottom - line.top, _has_cells(line)) for above, line in pairwise(lines[start:stop])]
    inner = [gap for gap, has_cells in gaps if not has_cells]
    size = lines[stop - 1].size
    # lines of a cell are nearer than rows are; where no cell has a second line, at most as near as rows
    most = (min(inner) if inner else min(gap for gap, _ in gaps)) + ROW_GAP_RATIO * size
    is_known = bool(inner) and max(gap for gap, _ in gaps) > most
    for number in range(stop, min(len(lines), start + MAX_TABLE_LINES)):
        line = lines[number]
        at = bisect_right(columns, line.left + SAME_PLACE_RATIO * size, key=_low) - 1
        is_in_place = at >= 0 and line.left - columns[at][0] < SAME_PLACE_RATIO * size
        # at the left edge it may as well be a paragraph below the table
        is_in_place = is_in_place and (at > 0 or (is_known and line.text[:1].islower()))
        is_within = at + 1 >= len(columns) or line.right <= columns[at + 1][0]
        if not is_in_place or not is_within or lines[number - 1].bottom - line.top > most:
            break
        if line.size > MAX_SIZE_RATIO * lines[start].size:
            break
        stop = number + 1
    return stop


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
    """Return the rows of a table, and the lines across it that are in one column only.

    The first row holds the heads of the columns if it alone is bold.
    """
    page, runs = lines[0].page, [run for line in lines for run in line.runs]
    columns = _bands(((run.left, run.right) for run in runs), 0.0)
    size = median(run.top - run.bottom for run in runs)
    by_column = _group_by_band(runs, columns, lambda run: run.left)
    rows = _row_runs(runs, columns, by_column, size, page)
    has_heads = all(run.bold for run in rows[0]) and not all(run.bold for row in rows[1:] for run in row)
    for number, row in enumerate(rows):
        cells = _group_by_band(row, columns, lambda run: run.left)
        if len(cells) > 1:
            texts = tuple(_cell(group_lines(cell, page)) for _, cell in sorted(cells.items()))
            yield Line(texts, page, is_row=True, is_head=has_heads and number == 0)
        else:
            yield from group_lines(row, page)


def _row_runs(
    runs: Sequence[Run], columns: Sequence[Band], by_column: dict[int, list[Run]], size: float, page: int
) -> list[list[Run]]:
    """Return the runs of each row, the highest row first.

    Where cells have several lines, these are nearer to one another than rows are, and a white band is between rows. Where all
    lines are equally far apart, a row begins with each line that has text in the first column.
    """
    gaps = sorted(gap for column in by_column.values() for gap in _line_gaps(column, page))
    if not gaps:
        return [list(runs)]
    tolerance = ROW_GAP_RATIO * size
    lines = group_lines(runs, page)
    cells = [sorted(_group_by_band(line.runs, columns, lambda run: run.left).items()) for line in lines]
    distances = [above.bottom - line.top for above, line in pairwise(lines)]
    nearest = next((gap for gap in gaps if gap > -tolerance), 0.0)
    near = [row for distance, row in zip(distances, cells[1:], strict=True) if distance <= nearest + tolerance]
    if any(row[0][0] > 0 for row in near):  # these lines continue cells
        if max(distances) <= nearest + 2 * tolerance:
            return _begun_rows(lines, [row[0][0] == 0 for row in cells])
        row_gap = max(0.0, nearest) + tolerance
    else:
        n_continued = sum(all(cell[0].text[:1].islower() for _, cell in row) for row in near)
        if n_continued <= MAX_CONTINUED_SHARE * len(near):
            return _begun_rows(lines, [not _continues_cell(row) for row in cells])
        # the gaps between lines of a cell are the smaller ones of a column: take the first quartile
        row_gap = max(0.0, gaps[len(gaps) // 4]) + tolerance
    by_row = _group_by_band(runs, _bands(((run.bottom, run.top) for run in runs), row_gap), lambda run: run.bottom)
    return [row for _, row in sorted(by_row.items(), reverse=True)]


def _continues_cell(row: Sequence[tuple[int, list[Run]]]) -> bool:
    """Whether a line holds a cell of the first column only, and goes on in lower case."""
    return len(row) == 1 and row[0][1][0].text[:1].islower()


def _begun_rows(lines: Sequence[Line], begins: Sequence[bool]) -> list[list[Run]]:
    rows: list[list[Run]] = []
    for line, is_begun in zip(lines, begins, strict=True):
        if is_begun or not rows:
            rows.append([])
        rows[-1] += line.runs
    return rows


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
