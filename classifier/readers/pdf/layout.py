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
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import isnan
from statistics import median
from typing import NamedTuple

from classifier.readers.document import Piece, folded
from classifier.text.markup import BULLETS, NUMBER

MARGIN_LINES, MAX_RUNNING = 3, 90
"""Running titles and page numbers are looked for in so many lines at the top and the bottom of a page; of two pages alone
they have at most so many characters."""
COLUMN_LINES, COLUMN_WORDS = 4, 3.0
"""A column has at least so many lines, of so many words in the mean; what has less is a table."""
LEADING = 1.3
"""Lines further apart than so many times the usual distance are of two paragraphs."""
CELL_GAP, ROW_GAP = 1.0, 0.12
"""Cells of a table stand at least so many times their height apart; rows so much further than lines of a cell do."""
LARGER = 1.12
"""So many times the size of the text and more is the size of a heading."""
MAX_COORDINATE_POINTS, MIN_HEIGHT_POINTS = 100_000.0, 0.1
"""Boxes are cut to this distance from the corner, seven times the largest page there is, and have at least this height."""
MAX_TABLE_LINES = 400
"""Lines of one table."""
_BULLET = re.compile(rf"(?:[{BULLETS}]|o(?=\s+[A-Z]))\s+(?=\S)|•(?=\S)")
_MARK = re.compile(rf"[o{BULLETS}]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivxIVX]{{1,5}})[.)]")
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxl]{1,6})\W*(?:(?:of|/)\s*\d{1,4}\W*)?", re.IGNORECASE)
_ENDS = re.compile(r"[.!?:;][\"”’)\]]*$")
_HYPHENATED = re.compile(r"[^\W\d_]-$")
_COMPOUNDS = frozenset(
    "anti co cross do e end ex first full hard high in inter long low mid multi non not off on one opt out peer point post "
    "pre pro re real second self semi service short single sub super third time track two user well".split()
)


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
            return " | ".join(folded(run.text) for run in self.runs)
        parts = [self.runs[0].text]
        for before, run in pairwise(self.runs):
            parts.append((" " if run.left - before.right > 0.12 * self.size else "") + run.text)
        return folded("".join(parts))

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


def read(found: Sequence[Sequence[Run]]) -> tuple[Iterator[Piece], set[Line]]:
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
    by_page = [_lines(list(map(_normalized, runs)), number) for number, runs in enumerate(found, 1)]
    dropped = _furniture(by_page)
    return _pieces(by_page, dropped), dropped


def _pieces(by_page: Sequence[Sequence[Line]], dropped: set[Line]) -> Iterator[Piece]:
    columns = [column for lines in by_page for column in _columns([line for line in lines if line not in dropped])]
    lines = [line for column in columns for line in column]
    if not lines:
        return
    known = Counter(word for line in lines for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower()))
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    usual = max(0.1, sizes.most_common(1)[0][0])
    ranks = {size: rank for rank, size in enumerate(sorted({s for s in sizes if s > LARGER * usual}, reverse=True), 1)}
    paragraph: _Part | None = None
    edge = 0.0  # where the longest line of the paragraph ends
    for part in (part for column in columns for part in _paragraphs(column, usual)):
        right = max(line.right for line in part.lines)
        if paragraph is not None and _goes_on(paragraph.lines, part.lines, edge):
            paragraph.lines.extend(part.lines)
            edge = max(edge, right)
            continue
        if paragraph is not None:
            yield _piece(paragraph, usual, ranks, known)
        paragraph, edge = part, right
    if paragraph is not None:
        yield _piece(paragraph, usual, ranks, known)


# --- runs to lines -----------------------------------------------------------------------------------------------------


def _normalized(run: Run) -> Run:
    """Return a run whose box is finite, the right way round, and has a height: a PDF may state any numbers."""
    most = MAX_COORDINATE_POINTS
    if -most <= run.left <= run.right <= most and -most <= run.bottom <= run.top - MIN_HEIGHT_POINTS < most:
        return run
    left, right = sorted(map(_coordinate, (run.left, run.right)))
    bottom, top = sorted(map(_coordinate, (run.bottom, run.top)))
    return Run(run.text, left, bottom, right, max(top, bottom + MIN_HEIGHT_POINTS), run.bold)


def _coordinate(number: float) -> float:
    return 0.0 if isnan(number) else max(-MAX_COORDINATE_POINTS, min(MAX_COORDINATE_POINTS, number))


def _lines(runs: Sequence[Run], page: int) -> list[Line]:
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


def _furniture(by_page: Sequence[Sequence[Line]]) -> set[Line]:
    """Find the lines at the top and the bottom of pages that come again and again in one place, and page numbers.

    Numbers in them may be those of the pages: they grow by one a page, or stay the same.
    """
    alike: defaultdict[tuple[str, int], list[Line]] = defaultdict(list)
    for lines in by_page:
        for line in {*lines[:MARGIN_LINES], *lines[-MARGIN_LINES:]}:
            alike[re.sub(r"\d+", "#", line.text), round(line.bottom / 4)].append(line)
    enough = max(2, 0.4 * sum(bool(lines) for lines in by_page))
    found: set[Line] = set()
    for (said, _), lines in alike.items():
        again = len(lines) >= enough and _is_counted(lines) and (len(lines) > 2 or len(said) < MAX_RUNNING)
        alone = len(by_page) == 1 and "page" in said.lower() and _PAGE_NUMBER.fullmatch(lines[0].text)
        if again or alone:
            found.update(lines)
    return found


def _is_counted(lines: Sequence[Line]) -> bool:
    """Whether each number in lines that are else the same is the same on all pages, or grows with them."""
    numbers = [[int(number[:9]) for number in re.findall(r"\d+", line.text)] for line in lines]
    for column in zip(*numbers, strict=False):
        first = {number - line.page for number, line in zip(column, lines, strict=True)}
        if len(set(column)) > 1 and len(first) > 1:
            return False
    return True


# --- columns -----------------------------------------------------------------------------------------------------------


def _columns(lines: list[Line]) -> list[list[Line]]:
    """Cut the lines of a page into columns, in the order in which they are read."""
    if not lines:
        return []
    parts = _cut([run for line in lines for run in line.runs], 0)
    return [list(_rows(_lines(part, lines[0].page))) for part in parts]


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
    lines = [line.runs for line in _lines(runs, 0)]
    if len(lines) < COLUMN_LINES:
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
    lines = _lines(runs, 0)
    if len(lines) < COLUMN_LINES:
        return False
    words = [len(line.text.split()) for line in lines]
    width = max(line.right for line in lines) - min(line.left for line in lines)
    full = sum(line.right - line.left > 0.7 * width for line in lines)
    return sum(words) >= COLUMN_WORDS * len(lines) and full >= 0.5 * len(lines)


# --- tables --------------------------------------------------------------------------------------------------------------


def _rows(lines: list[Line]) -> Iterator[Line]:
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
    gaps = [run.left - before.right > CELL_GAP * line.size for before, run in pairwise(line.runs)]
    if gaps and _MARK.fullmatch(line.runs[0].text):  # an item's bullet or number stands apart, and is no cell
        gaps = gaps[1:]
    return any(gaps)


def _table(lines: list[Line]) -> Iterator[Line]:
    page, runs = lines[0].page, [run for line in lines for run in line.runs]
    columns = _bands(((run.left, run.right) for run in runs), 0.0)
    size = median(run.top - run.bottom for run in runs)
    by_column = _grouped(runs, columns, lambda run: run.left)
    within = sorted(gap for column in by_column.values() for gap in _gaps(column, page))
    apart = max(0.0, within[len(within) // 4]) + ROW_GAP * size if within else 0.0
    by_row = _grouped(runs, _bands(((run.bottom, run.top) for run in runs), apart), lambda run: run.bottom)
    for _, row in sorted(by_row.items(), reverse=True):
        cells = _grouped(row, columns, lambda run: run.left)
        if len(cells) > 1:
            yield Line(tuple(_cell(_lines(cell, page)) for _, cell in sorted(cells.items())), page, is_row=True)
        else:
            yield from _lines(row, page)


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
    return [above.bottom - line.top for above, line in pairwise(_lines(runs, page))]


def _cell(lines: list[Line]) -> Run:
    """Put the lines of a cell together, where its first line stands."""
    first, text = lines[0], " ".join(line.text for line in lines)
    return Run(text, first.left, first.bottom, max(line.right for line in lines), first.top, all(map(_is_bold, lines)))


def _bands(intervals: Iterable[tuple[float, float]], apart: float) -> list[tuple[float, float]]:
    """Join intervals that overlap or are less than `apart` from one another."""
    bands: list[tuple[float, float]] = []
    for low, high in sorted(intervals):
        if bands and low <= bands[-1][1] + apart:
            bands[-1] = (bands[-1][0], max(high, bands[-1][1]))
        else:
            bands.append((low, high))
    return bands


# --- lines to pieces -----------------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """Lines that are one paragraph, or one item of a list."""

    lines: list[Line]
    is_item: bool = False


def _paragraphs(column: Sequence[Line], usual: float) -> Iterator[_Part]:
    """Cut a column where a line opens something new."""
    if not column:
        return
    gaps = [above.bottom - line.bottom for above, line in pairwise(column)]
    steps = sorted(gap for gap in gaps if gap > 0.6 * usual)
    # of short paragraphs most lines are the last; those within a paragraph are the nearest
    step = min(steps[len(steps) // 4], 1.6 * usual) if steps else usual
    left, edge = min(line.left for line in column), max(line.right for line in column)
    group = [column[0]]
    for above, line in pairwise(column):
        if _is_apart(above, line, step, usual):
            yield from _listed(list(_broken(group, edge)), left)
            group = []
        group.append(line)
    yield from _listed(list(_broken(group, edge)), left)


def _is_apart(above: Line, line: Line, step: float, usual: float) -> bool:
    """Whether two lines are not set as parts of one paragraph are."""
    return (
        above.bottom - line.bottom > LEADING * step * max(1.0, line.size / usual)
        or abs(line.size - above.size) > 0.08 * above.size
        or _is_bold(above) != _is_bold(line)
        or above.is_row
        or line.is_row
    )


def _broken(group: list[Line], edge: float) -> Iterator[_Part]:
    """Cut lines that stand together where somebody broke the line: the next word would have found room."""
    own = max(line.right for line in group)
    if own > edge - 0.25 * (edge - group[0].left) or any(line.text[:1].islower() for line in group):
        edge = own  # a paragraph in a narrower place; else all lines are short, and it is the place that tells
    left = min(line.left for line in group)
    # the first line of a paragraph may be indented too, but those after it are not
    hangs = group[0].left - left > group[0].size and (
        len(group) < 2 or group[1].left > group[0].left - 0.5 * group[0].size
    )
    part = _Part([group[0]], _is_marked(group[0]) or hangs)
    for above, line in pairwise(group):
        if _opens(part, above, line, edge):
            yield part
            indented = line.left - left > line.size and _would_fit(above, line, edge)
            part = _Part([], _is_marked(line) or indented)
        part.lines.append(line)
    yield part


def _listed(parts: list[_Part], left: float) -> Iterator[_Part]:
    """Make items of what stands together, indented alike, whatever was drawn before it as a bullet."""
    lefts = [part.lines[0].left for part in parts]
    size = parts[0].lines[0].size
    alike = len(parts) > 1 and max(lefts) - min(lefts) < 0.5 * size and min(lefts) - left > size
    return (part._replace(is_item=part.is_item or alike) for part in parts)


def _opens(part: _Part, above: Line, line: Line, edge: float) -> bool:
    if _BULLET.match(line.text):
        return True
    ends = _ENDS.search(above.text) is not None
    fits = _would_fit(above, line, edge)
    if NUMBER.match(line.text):
        return ends or fits or part.is_item
    if fits:
        return ends or above.text.endswith((",", ";")) or not line.text[:1].islower()
    return ends and not part.is_item and line.left - above.left > 0.8 * line.size


def _would_fit(above: Line, line: Line, edge: float) -> bool:
    """Whether the first word of a line would have found room at the end of the line above."""
    first = len(line.text.partition(" ")[0]) / max(1, len(line.text)) * (line.right - line.left)
    return above.right + first + line.size < edge


def _is_marked(line: Line) -> bool:
    return _BULLET.match(line.text) is not None or NUMBER.match(line.text) is not None


def _is_bold(line: Line) -> bool:
    return all(run.bold for run in line.runs)


def _goes_on(paragraph: list[Line], part: list[Line], edge: float) -> bool:
    """Whether a paragraph goes on in the next column or on the next page."""
    last, first = paragraph[-1], part[0]
    above = first.page == last.page and first.bottom < last.bottom and first.left < last.right
    if above or abs(first.size - last.size) > 0.08 * last.size or _is_bold(first) != _is_bold(last):
        return False
    if last.is_row or first.is_row or _BULLET.match(first.text):
        return False
    if _ENDS.search(last.text) or _is_marked(first):
        return False
    full = len(paragraph) > 1 and not _would_fit(last, first, edge)
    return full or first.text[:1].islower() or last.text.endswith((",", "-"))


def _piece(part: _Part, usual: float, ranks: dict[float, int], known: Counter[str]) -> Piece:
    lines = part.lines
    place = f"page {lines[0].page}"
    text, bold = _joined(lines, known)
    size = round(lines[0].size, 1)
    if size > LARGER * usual and len(text) <= 240 and size in ranks:
        return Piece(text, "heading", min(6, ranks[size]), place=place)
    if bullet := _BULLET.match(text):
        return Piece(text[bullet.end() :], "item", 0, "bullet", "•", max(0, bold - bullet.end()), place=place)
    if lines[0].is_row:
        return Piece(text, "item", 0, "row", place=place)
    if NUMBER.match(text) and bold < len(text):
        return Piece(text, "item", 0, "number", bold=0, place=place)
    if part.is_item and bold < len(text):  # the bullet is drawn, and no character
        return Piece(text, "item", 0, "bullet", "•", bold, place=place)
    return Piece(text, bold=bold, place=place)


def _joined(lines: list[Line], known: Counter[str]) -> tuple[str, int]:
    """Join lines to a text, hyphens at their ends undone; give how many of its first characters are bold, too."""
    parts: list[str] = []
    length, bold, so_far, before = 0, 0, True, ""
    for line in lines:
        own = line.text
        if before and _HYPHENATED.search(before[-2:]) and own[:1].islower():
            if not _is_compound(before, own, known):
                parts[-1] = parts[-1][:-1]
                length -= 1
        elif before:
            parts.append(" ")
            length += 1
        if so_far:
            bold = length + line.bold if line.bold else bold
            so_far = line.bold == len(own)
        parts.append(own)
        length, before = length + len(own), own
    return "".join(parts), bold


def _is_compound(before: str, own: str, known: Counter[str]) -> bool:
    """Whether a hyphen at the end of a line belongs to the word: the policy writes it so elsewhere, or people do."""
    head = before.rpartition(" ")[2][:-1].lower().lstrip("(“\"'")
    tail = re.findall(r"[^\W\d_]+", own[:60].lower())[:1]
    if not tail:
        return True
    whole, hyphenated = known[head + tail[0]], known[f"{head}-{tail[0]}"]
    if whole or hyphenated:
        return hyphenated > whole
    return head.rpartition("-")[2] in _COMPOUNDS or "-" in head
