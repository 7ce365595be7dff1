"""Find running titles and page numbers, which are repeated on page after page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from classifier.readers.pdf.lines import Line

MARGIN_LINES = 3
"""Lines at the top and at the bottom of a page among which running titles and page numbers are looked for."""
MAX_RUNNING_CHARACTERS = 90
"""Length of a running title that is on two pages only."""
MIN_REPEATS, MIN_REPEATED_PAGE_SHARE = 2, 0.4
"""Pages that a running title is on: at least this number, and this share of the pages with text."""
POSITION_GRID_POINTS = 4
"""Lines are at the same height if they are in the same cell of a grid of this height."""
_MAX_NUMBER_DIGITS = 9
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxl]{1,6})\W*(?:(?:of|/)\s*\d{1,4}\W*)?", re.IGNORECASE)


def find_running_lines(by_page: Sequence[Sequence[Line]]) -> set[Line]:
    """Find the lines at the top and the bottom of pages that are repeated in one place, and page numbers.

    Numbers in them may be page numbers: they grow by one per page, or stay the same.
    """
    alike: defaultdict[tuple[str, int], list[Line]] = defaultdict(list)
    for lines in by_page:
        for line in {*lines[:MARGIN_LINES], *lines[-MARGIN_LINES:]}:
            alike[re.sub(r"\d+", "#", line.text), round(line.bottom / POSITION_GRID_POINTS)].append(line)
    n_required = max(MIN_REPEATS, MIN_REPEATED_PAGE_SHARE * sum(bool(lines) for lines in by_page))
    running: set[Line] = set()
    for (text, _), lines in alike.items():
        is_repeated = (
            len(lines) >= n_required and _counts_pages(lines) and (len(lines) > 2 or len(text) < MAX_RUNNING_CHARACTERS)
        )
        is_only_page = len(by_page) == 1 and "page" in text.lower() and _PAGE_NUMBER.fullmatch(lines[0].text)
        if is_repeated or is_only_page:
            running.update(lines)
    return running


def _counts_pages(lines: Sequence[Line]) -> bool:
    """Whether each number in lines that are otherwise equal is the same on all pages, or grows with them."""
    numbers = [[int(number[:_MAX_NUMBER_DIGITS]) for number in re.findall(r"\d+", line.text)] for line in lines]
    for column in zip(*numbers, strict=False):
        offsets = {number - line.page for number, line in zip(column, lines, strict=True)}
        if len(set(column)) > 1 and len(offsets) > 1:
            return False
    return True
