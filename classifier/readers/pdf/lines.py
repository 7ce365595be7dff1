"""Group runs of characters on a PDF page into lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isnan
from typing import NamedTuple

from classifier.readers.document import collapse_whitespace

MAX_COORDINATE_POINTS, MIN_HEIGHT_POINTS = 100_000.0, 0.1
"""Boxes are clamped to this distance from the corner, seven times the largest page there is, and to this height."""
WORD_GAP_RATIO = 0.12
"""Gap between runs that separates words, in times the height of the line."""
MIN_OVERLAP_RATIO = 0.6
"""Runs are on one line if they overlap vertically by this share of the lower one's height."""
N_LINES_COMPARED = 4
"""Last lines that a run may belong to; runs are sorted by height, so earlier lines are further away."""


class Run(NamedTuple):
    """Characters on one line in one font.

    Attributes
    ----------
    text
        The characters.
    left, bottom, right, top
        The box around them, in points from the lower left corner of the page.
    bold
        Whether the font is bold.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    bold: bool


@dataclass(frozen=True, eq=False)
class Line:
    """A line, or the part of one that is in a column.

    Attributes
    ----------
    runs
        From left to right.
    page
        Number of the page, from 1.
    is_row
        Whether it is a table row, and each run a cell.
    is_head
        Whether it is the row with the heads of the columns of a table.
    is_entry
        Whether it is an entry of a table of contents.
    """

    runs: tuple[Run, ...]
    page: int
    is_row: bool = False
    is_head: bool = False
    is_entry: bool = False

    @cached_property
    def text(self) -> str:
        """Its words; the cells of a table row are separated by bars."""
        if self.is_row:
            return " | ".join(collapse_whitespace(run.text) for run in self.runs)
        parts = [self.runs[0].text]
        for before, run in pairwise(self.runs):
            parts.append((" " if run.left - before.right > WORD_GAP_RATIO * self.size else "") + run.text)
        return collapse_whitespace("".join(parts))

    @cached_property
    def bold(self) -> int:
        """Number of characters at its beginning that are bold."""
        n_bold = 0
        while n_bold < len(self.runs) and self.runs[n_bold].bold:
            n_bold += 1
        return len(Line(self.runs[:n_bold], self.page).text) if n_bold else 0

    @cached_property
    def left(self) -> float:
        """Its left end."""
        return min(run.left for run in self.runs)

    @cached_property
    def right(self) -> float:
        """Its right end."""
        return max(run.right for run in self.runs)

    @cached_property
    def bottom(self) -> float:
        """Its lower edge."""
        return min(run.bottom for run in self.runs)

    @cached_property
    def top(self) -> float:
        """Its upper edge."""
        return max(run.top for run in self.runs)

    @cached_property
    def base(self) -> float:
        """The lower edge of its longest run: a character of another font may reach further down."""
        return self._longest.bottom

    @cached_property
    def size(self) -> float:
        """The height of its longest run: bullets are often in another font."""
        return self._longest.top - self._longest.bottom

    @cached_property
    def _longest(self) -> Run:
        return max(self.runs, key=lambda run: len(run.text))


# --- runs to lines -----------------------------------------------------------------------------------------------------


def clamp_box(run: Run) -> Run:
    """Return a run whose box is finite, has left before right, and has a height: a PDF may state any numbers."""
    most = MAX_COORDINATE_POINTS
    if -most <= run.left <= run.right <= most and -most <= run.bottom <= run.top - MIN_HEIGHT_POINTS < most:
        return run
    left, right = sorted(map(_clamp_coordinate, (run.left, run.right)))
    bottom, top = sorted(map(_clamp_coordinate, (run.bottom, run.top)))
    return Run(run.text, left, bottom, right, max(top, bottom + MIN_HEIGHT_POINTS), run.bold)


def _clamp_coordinate(number: float) -> float:
    return 0.0 if isnan(number) else max(-MAX_COORDINATE_POINTS, min(MAX_COORDINATE_POINTS, number))


def group_lines(runs: Sequence[Run], page: int) -> list[Line]:
    """Group runs into lines, the highest line first.

    >>> runs = [Run("logs", 80, 700, 99, 710, False), Run("We keep", 40, 701, 75, 711, False)]
    >>> [line.text for line in group_lines(runs, 1)]
    ['We keep logs']
    """
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: (-run.bottom, run.left)):
        for line in reversed(lines[-N_LINES_COMPARED:]):
            other = line[0]
            overlap = min(run.top, other.top) - max(run.bottom, other.bottom)
            if overlap > MIN_OVERLAP_RATIO * min(run.top - run.bottom, other.top - other.bottom):
                line.append(run)
                break
        else:
            lines.append([run])
    return [Line(tuple(sorted(line, key=lambda run: run.left)), page) for line in lines]


def is_bold(line: Line) -> bool:
    """Return whether all of a line is bold."""
    return all(run.bold for run in line.runs)
