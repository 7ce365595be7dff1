"""Find the entries of a table of contents in a PDF: lines that end with a page number, and whose titles come again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from classifier.readers.pdf.lines import Line

MIN_ENTRIES = 3
"""Neighboring lines that are a table of contents."""
MIN_FOUND_SHARE = 0.5
"""Share of the entries whose title is a line elsewhere; the others may be on several lines, or worded otherwise."""
MAX_ENTRY_CHARACTERS = 240
_PAGE = re.compile(r"(?:\d{1,4}|[ivxl]{1,6})")
_MAX_PAGE_CHARACTERS = 6
_LEADERS = " .·…_|"
_LEADER = re.compile(r"[.·…_\s|]+")


def mark_contents(columns: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Mark the entries of tables of contents.

    Parameters
    ----------
    columns
        The columns of all pages, in reading order.

    Returns
    -------
    list of list of Line
        The same lines.
    """
    parsed = [[(line, *_parse(line)) for line in column] for column in columns]
    if sum(title != "" for column in parsed for _, title, _ in column) < MIN_ENTRIES:
        return list(map(list, columns))
    n_lines = Counter(
        _key(line.text) for column in columns for line in column if len(line.text) <= MAX_ENTRY_CHARACTERS
    )
    return [list(_marked(column, n_lines)) for column in parsed]


def _marked(column: Sequence[tuple[Line, str, int]], n_lines: Counter[str]) -> Iterator[Line]:
    entries: list[Line] = []  # neighbors that end with page numbers
    n_found, page = 0, 0
    for line, title, number in column:
        if not title or number < page:
            yield from _judged(entries, n_found)
            entries, n_found, page = [], 0, 0
        if title:
            entries.append(line)
            n_found, page = n_found + (n_lines[title] > 0), number
        else:
            yield line
    yield from _judged(entries, n_found)


def _judged(entries: Sequence[Line], n_found: int) -> Iterator[Line]:
    are_contents = len(entries) >= MIN_ENTRIES and n_found >= MIN_FOUND_SHARE * len(entries)
    return (replace(line, is_entry=True) if are_contents else line for line in entries)


def _parse(line: Line) -> tuple[str, int]:
    """Return the title of an entry and its page, 0 for a Roman number; ("", 0) if the line is no entry."""
    text = line.text
    if len(text) > MAX_ENTRY_CHARACTERS or not text[-1:].isalnum():
        return "", 0
    page = re.split(r"[ .·…_|]", text[-_MAX_PAGE_CHARACTERS - 1 :])[-1]
    before = text[: len(text) - len(page)]
    title = before.rstrip(_LEADERS)
    if title == before or not _PAGE.fullmatch(page) or not any(map(str.isalpha, title)):
        return "", 0
    return _key(title), int(page) if page.isdecimal() else 0


def _key(text: str) -> str:
    return _LEADER.sub(" ", text).strip().casefold()
