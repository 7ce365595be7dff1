"""Find the columns of a PDF page and put its lines in reading order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from classifier.readers.pdf.lines import Line, Run, group_lines
from classifier.readers.pdf.tables import join_table_rows

MIN_COLUMN_LINES, MIN_COLUMN_WORDS = 4, 3.0
"""A column has at least so many lines, of so many words in the mean; what has less is a table."""


# --- columns -----------------------------------------------------------------------------------------------------------


def split_columns(lines: list[Line]) -> list[list[Line]]:
    """Cut the lines of a page into columns, in the order in which they are read."""
    if not lines:
        return []
    parts = _cut([run for line in lines for run in line.runs], 0)
    return [list(join_table_rows(group_lines(part, lines[0].page))) for part in parts]


def _cut(runs: list[Run], depth: int) -> list[list[Run]]:
    """Cut runs along the widest vertical gap that makes two columns, above and below what stands across it."""
    gutter = _gutter(runs) if depth < 8 else None
    if gutter is None:
        return [runs]
    first, last, at = gutter
    above = [run for run in runs if run.bottom >= first]
    below = [run for run in runs if run.top <= last]
    inside = [run for run in runs if run.bottom < first and run.top > last]
    left = [run for run in inside if run.right <= at]
    right = [run for run in inside if run.right > at]
    parts: list[list[Run]] = []
    for part in (above, left, right, below):
        if part:
            parts += _cut(part, depth + 1)
    return parts


def _gutter(runs: list[Run]) -> tuple[float, float, float] | None:
    """Find a gap between two columns: the heights it runs from and to, and where it is; None where there is none."""
    lines = [line.runs for line in group_lines(runs, 0)]
    if len(lines) < MIN_COLUMN_LINES:
        return None
    size = median(run.top - run.bottom for run in runs)
    left, right = min(run.left for run in runs), max(run.right for run in runs)
    # gaps within lines vote for where a gutter could be
    places = Counter[int]()
    for line in lines:
        for before, run in pairwise(line):
            if run.left - before.right > 0.8 * size and _is_middle((before.right + run.left) / 2, left, right):
                places[round((before.right + run.left) / 2 / (2 * size))] += 1
    for place, _ in places.most_common(3):
        at = place * 2 * size
        for shift in (0.0, -size, size):
            if (found := _stretch(lines, at + shift)) is not None:
                return found
    return None


def _is_middle(at: float, left: float, right: float) -> bool:
    return left + 0.2 * (right - left) < at < right - 0.2 * (right - left)


def _stretch(lines: Sequence[tuple[Run, ...]], at: float) -> tuple[float, float, float] | None:
    """Find the longest stretch of lines that leave a place free, where both sides of it are columns of text."""
    best: list[tuple[Run, ...]] = []
    part: list[tuple[Run, ...]] = []
    for line in (*lines, ()):
        if line and all(run.right <= at or run.left >= at for run in line):
            part.append(line)
            continue
        best, part = max(best, part, key=len), []
    sides = [[run for line in best for run in line if (run.right <= at) == is_left] for is_left in (True, False)]
    if not all(map(_is_column, sides)):
        return None
    return max(run.top for run in best[0]) + 0.01, min(run.bottom for run in best[-1]) - 0.01, at


def _is_column(runs: list[Run]) -> bool:
    """Whether runs are lines of running text, rather than cells of a table."""
    lines = group_lines(runs, 0)
    if len(lines) < MIN_COLUMN_LINES:
        return False
    words = [len(line.text.split()) for line in lines]
    width = max(line.right for line in lines) - min(line.left for line in lines)
    full = sum(line.right - line.left > 0.7 * width for line in lines)
    return sum(words) >= MIN_COLUMN_WORDS * len(lines) and full >= 0.5 * len(lines)
