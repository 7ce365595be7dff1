"""Put the characters of a PDF page together as lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isnan
from typing import NamedTuple

from classifier.readers.document import collapse_whitespace

MAX_COORDINATE_POINTS, MIN_HEIGHT_POINTS = 100_000.0, 0.1
"""Boxes are cut to this distance from the corner, seven times the largest page there is, and have at least this height."""


class Run(NamedTuple):
    """Characters on one line, set alike: their text, the box around them in points from the page's lower left, if bold."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    bold: bool


@dataclass(frozen=True, eq=False)
class Line:
    """A line, or the part of one that stands in a column."""

    runs: tuple[Run, ...]
    page: int
    is_row: bool = False

    @cached_property
    def text(self) -> str:
        """Its words; between the cells of a table are bars."""
        if self.is_row:
            return " | ".join(collapse_whitespace(run.text) for run in self.runs)
        parts = [self.runs[0].text]
        for before, run in pairwise(self.runs):
            parts.append((" " if run.left - before.right > 0.12 * self.size else "") + run.text)
        return collapse_whitespace("".join(parts))

    @cached_property
    def bold(self) -> int:
        """How many of its first characters are bold."""
        last = 0
        while last < len(self.runs) and self.runs[last].bold:
            last += 1
        return len(Line(self.runs[:last], self.page).text) if last else 0

    @cached_property
    def left(self) -> float:
        """Where it begins."""
        return min(run.left for run in self.runs)

    @cached_property
    def right(self) -> float:
        """Where it ends."""
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
    def size(self) -> float:
        """Its height, that of most of its characters: bullets are often of another font."""
        longest = max(self.runs, key=lambda run: len(run.text))
        return longest.top - longest.bottom


# --- runs to lines -----------------------------------------------------------------------------------------------------


def clamp_box(run: Run) -> Run:
    """Return a run whose box is finite, the right way round, and has a height: a PDF may state any numbers."""
    most = MAX_COORDINATE_POINTS
    if -most <= run.left <= run.right <= most and -most <= run.bottom <= run.top - MIN_HEIGHT_POINTS < most:
        return run
    left, right = sorted(map(_coordinate, (run.left, run.right)))
    bottom, top = sorted(map(_coordinate, (run.bottom, run.top)))
    return Run(run.text, left, bottom, right, max(top, bottom + MIN_HEIGHT_POINTS), run.bold)


def _coordinate(number: float) -> float:
    return 0.0 if isnan(number) else max(-MAX_COORDINATE_POINTS, min(MAX_COORDINATE_POINTS, number))


def group_lines(runs: Sequence[Run], page: int) -> list[Line]:
    """Put runs that stand on one line together, the highest line first."""
    lines: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: (-run.bottom, run.left)):
        for line in reversed(lines[-4:]):
            other = line[0]
            overlap = min(run.top, other.top) - max(run.bottom, other.bottom)
            if overlap > 0.6 * min(run.top - run.bottom, other.top - other.bottom):
                line.append(run)
                break
        else:
            lines.append([run])
    return [Line(tuple(sorted(line, key=lambda run: run.left)), page) for line in lines]


def is_bold(line: Line) -> bool:
    """Return whether all of a line is bold."""
    return all(run.bold for run in line.runs)
