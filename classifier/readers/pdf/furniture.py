"""Find running titles and page numbers, which come again on page after page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from classifier.readers.pdf.lines import Line

MARGIN_LINES, MAX_RUNNING_CHARACTERS = 3, 90
"""Running titles and page numbers are looked for in so many lines at the top and the bottom of a page; of two pages alone
they have at most so many characters."""
_PAGE_NUMBER = re.compile(r"\W*(?:page\s*)?(?:\d{1,4}|[ivxl]{1,6})\W*(?:(?:of|/)\s*\d{1,4}\W*)?", re.IGNORECASE)


def find_running_lines(by_page: Sequence[Sequence[Line]]) -> set[Line]:
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
        again = len(lines) >= enough and _is_counted(lines) and (len(lines) > 2 or len(said) < MAX_RUNNING_CHARACTERS)
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
