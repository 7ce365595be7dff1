"""Find the columns of a PDF page and put its lines in reading order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from classifier.readers.pdf.lines import Line, Run, group_lines
from classifier.readers.pdf.tables import join_table_rows

MIN_COLUMN_LINES, MIN_COLUMN_WORDS = 4, 3.0
"""Lines of a column, and mean number of words per line; anything with less is a table."""
MIN_FULL_LINE_SHARE, FULL_LINE_RATIO = 0.5, 0.7
"""Share of the lines of a column that are full, and share of the column's width that a full line has at least."""
MAX_CAPITAL_LINE_SHARE = 0.75
"""Share of the lines of a column that begin with a capital letter; cells do, lines of running text seldom."""
MAX_JUDGED_LINES = 200
"""Lines by which a column is judged, twice those of a page of small print. Each of the places where a gutter may be is judged
anew, so a page of thousands of lines would suddenly cost several times as much as one that is a little shorter."""
MAX_CUT_DEPTH = 8
"""Cuts within one another."""
MIN_GUTTER_GAP_RATIO = 0.8
"""Width of a gap within a line that may be part of a gutter, in times the height of the text."""
GUTTER_GRID_RATIO = 2
"""Gaps vote for a gutter in a grid of this width, in times the height of the text."""
MAX_GUTTER_PLACES = 3
"""Places of the grid, those with most votes, where a gutter is looked for."""
PAGE_MARGIN_SHARE = 0.2
"""Share of the width of the text, on each side, in which no gutter is."""
_EDGE_POINTS = 0.01
"""Distance at which a line is certainly above or below a stretch."""


# --- columns -----------------------------------------------------------------------------------------------------------


def split_columns(lines: list[Line]) -> list[list[Line]]:
    """Cut the lines of a page into columns, in reading order."""
    if not lines:
        return []
    parts = _cut([run for line in lines for run in line.runs], 0)
    return [list(join_table_rows(group_lines(part, lines[0].page))) for part in parts]


def _cut(runs: list[Run], depth: int) -> list[list[Run]]:
    """Cut runs along the best gutter, and the parts again: what is above it, left of it, right of it, below it."""
    gutter = _gutter(runs) if depth < MAX_CUT_DEPTH else None
    if gutter is None:
        return [runs]
    top, bottom, at = gutter
    above = [run for run in runs if run.bottom >= top]
    below = [run for run in runs if run.top <= bottom]
    inside = [run for run in runs if run.bottom < top and run.top > bottom]
    left = [run for run in inside if run.right <= at]
    right = [run for run in inside if run.right > at]
    parts: list[list[Run]] = []
    for part in (above, left, right, below):
        if part:
            parts += _cut(part, depth + 1)
    return parts


def _gutter(runs: list[Run]) -> tuple[float, float, float] | None:
    """Find a gap between two columns: its upper end, its lower end and its place from the left; None if there is none."""
    lines = [line.runs for line in group_lines(runs, 0)]
    if len(lines) < MIN_COLUMN_LINES:
        return None
    size = median(run.top - run.bottom for run in runs)
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    # gaps within lines vote for the place of the gutter
    grid = GUTTER_GRID_RATIO * size
    votes = Counter[int]()
    for line in lines:
        for before, run in pairwise(line):
            if run.left - before.right > MIN_GUTTER_GAP_RATIO * size and _is_middle(
                (before.right + run.left) / 2, left, right
            ):
                votes[round((before.right + run.left) / 2 / grid)] += 1
    rejected: set[tuple[int, int, int]] = set()
    for place, _ in votes.most_common(MAX_GUTTER_PLACES):
        at = place * GUTTER_GRID_RATIO * size
        for shift in (0.0, -size, size):
            if (gutter := _gutter_at(lines, at + shift, rejected)) is not None:
                return gutter
    return None


def _is_middle(at: float, left: float, right: float) -> bool:
    margin = PAGE_MARGIN_SHARE * (right - left)
    return left + margin < at < right - margin


def _gutter_at(
    lines: Sequence[tuple[Run, ...]], at: float, rejected: set[tuple[int, int, int]]
) -> tuple[float, float, float] | None:
    """Find the longest stretch of lines that leave a place free; return it if both sides of it are columns of text.

    `rejected` holds the stretches that were judged before, each with the number of its runs on the left.
    """
    first, stop = _longest_free_stretch(lines, at)
    stretch = lines[first : min(stop, first + MAX_JUDGED_LINES)]
    left = [run for line in stretch for run in line if run.right <= at]
    key = first, stop, len(left)  # the left side grows with the place, so its size tells which runs are in it
    if key in rejected:
        return None
    right = [run for line in stretch for run in line if run.right > at]
    if not _is_column(left) or not _is_column(right):
        rejected.add(key)
        return None
    top = max(run.top for run in lines[first]) + _EDGE_POINTS
    return top, min(run.bottom for run in lines[stop - 1]) - _EDGE_POINTS, at


def _longest_free_stretch(lines: Sequence[tuple[Run, ...]], at: float) -> tuple[int, int]:
    """Return the first and the last line (exclusive) of the longest stretch whose runs are all on one side of a place."""
    best = (0, 0)
    first = 0
    for number, line in enumerate((*lines, ())):
        if line and all(run.right <= at or run.left >= at for run in line):
            continue
        if number - first > best[1] - best[0]:
            best = first, number
        first = number + 1
    return best


def _is_column(runs: list[Run]) -> bool:
    """Whether runs are lines of running text, rather than cells of a table."""
    lines = group_lines(runs, 0)
    if len(lines) < MIN_COLUMN_LINES:
        return False
    n_words = sum(len(line.text.split()) for line in lines)
    width = max(line.right for line in lines) - min(line.left for line in lines)
    n_full = sum(line.right - line.left > FULL_LINE_RATIO * width for line in lines)
    n_capital = sum(line.text[:1].isupper() for line in lines)
    return (
        n_words >= MIN_COLUMN_WORDS * len(lines)
        and n_full >= MIN_FULL_LINE_SHARE * len(lines)
        and n_capital <= MAX_CAPITAL_LINE_SHARE * len(lines)
    )
