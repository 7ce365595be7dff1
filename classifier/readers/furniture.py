"""Find what surrounds a policy in any format: page numbers, copyright lines, tables of contents, menus saved as words.

Web pages tell most of it by their elements (`readers.html.boilerplate`); this is what pasted text, PDF and Word files have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from classifier.readers.headings import is_caps, without_number
from classifier.text.markup import BREAK, plain
from classifier.types import Block

MAX_LINE_CHARACTERS = 150
"""Length of a line of furniture."""
MAX_MENU_WORDS = 3
"""Words of an entry of a menu."""
MIN_MENU_LINES = 5
"""Lines at the beginning of a document that are a menu."""
MIN_ENTRIES, MAX_ENTRIES = 4, 60
"""Neighboring entries of a table of contents, and entries in a block."""
MAX_CONTENTS_BLOCKS = 50
"""Blocks at the beginning of a document among which a table of contents is looked for."""
# Patterns that few documents need are compiled when they are first used, since to compile them delays every start.
_COPYRIGHT = r"(?i)\W*(?:©|\(c\)\s|copyright\b).*(?:\b(?:19|20)\d\d\b|\brights reserved\b)"
_PAGE = r"(?i)(?:.*[|\s])?page \d{1,3}(?: ?(?:of|/) ?\d{1,3})?$"
_LEADER = r"(?:\.[ \t]?){4,}[ \t]*\d{0,4}$"
"""The dots between an entry of a table of contents and its page."""
_SEPARATOR = re.compile("[|›»]")
_MARKS = (" | ", "›", "»", "©", "opyright", "OPYRIGHT", "(c) ", "....", ". . .", "Page ", "PAGE ", "page ")
"""One of these is in every line of furniture that is known by itself."""
_TITLE = r"(?i)\b(?:privacy|polic(?:y|ies)|notice|statement|terms)\b"

_Run = list[tuple[int, list[str]]]
"""Neighboring blocks: the place and the lines of each."""


def find_furniture(text: str, blocks: Sequence[Block]) -> set[int]:
    """Return the starts of the blocks that are no part of the policy.

    Parameters
    ----------
    text
        The text of the document.
    blocks
        Its blocks, in order.

    Examples
    --------
    >>> text = "We keep logs.\\n\\n© Tern Maps 2026"
    >>> find_furniture(text, [Block("paragraph", 0, 13), Block("paragraph", 15, 31)])
    {15}
    """
    furniture: set[int] = set()
    if any(mark in text for mark in _MARKS):  # most documents have none, and searching for them takes hardly any time
        furniture = {
            block.start
            for block in blocks
            if block.end - block.start <= MAX_LINE_CHARACTERS and block.style != "row" and _is_furniture(text, block)
        }
    furniture |= _find_contents(text, blocks)
    return furniture | _find_menu(text, blocks)


def _is_furniture(text: str, block: Block) -> bool:
    """Whether a line by itself is a copyright line, a page number, an entry with dots, or a row of links without links."""
    start, end = block.start, block.end
    last, first = text[end - 1], text[start]
    if last.isdigit() or last == ".":
        source = text[start:end]
        has_dots = "...." in source or ". . ." in source
        if (has_dots and re.search(_LEADER, source)) or (last.isdigit() and _is_page_number(source)):
            return True
    if first in "©(cC*" and re.match(_COPYRIGHT, text[start:end]):
        return True
    return bool(_SEPARATOR.search(text, start, end)) and _is_line_of_links(plain(text[start:end]))


def _is_page_number(source: str) -> bool:
    """Whether a line is the number of a page, alone or after a running title."""
    if not re.match(_PAGE, source) or BREAK.search(source):
        return False
    return source[:4].lower() == "page" or "|" in source or source.rsplit(None, 2)[1].lower() in ("of", "/")


def _is_line_of_links(source: str) -> bool:
    """Whether a line is a row of short names: the links at the end of a page, or the path to it.

    >>> [_is_line_of_links(line) for line in ("Home › Legal › Privacy", "Careers | Press | Shop", "Logs | 30 days | deleted")]
    [True, True, False]
    """
    parts = _SEPARATOR.split(source)
    return len(parts) > 2 and all(_is_name(part.strip()) for part in parts)


def _is_name(words: str) -> bool:
    is_short = 0 < len(words.split(None, MAX_MENU_WORDS)) <= MAX_MENU_WORDS
    return is_short and words[0].isupper() and words[-1].isalpha() and not any(map(str.isdigit, words))


# --- tables of contents ----------------------------------------------------------------------------------------------


def _find_contents(text: str, blocks: Sequence[Block]) -> set[int]:
    """Return the starts of neighboring blocks whose lines all are the titles of headings further down."""
    runs = _runs_of_entries(text, blocks)
    if not runs:
        return set()
    last_places = {
        entry_title(text[block.start : block.end]): at
        for at, block in enumerate(blocks)
        if block.kind == "heading" and block.end - block.start <= MAX_LINE_CHARACTERS
    }
    found: set[int] = set()
    for run in runs:
        part: list[int] = []
        n_entries = 0
        for at, lines in run:
            if all(last_places.get(entry_title(line), -1) > at for line in lines):
                part.append(blocks[at].start)
                n_entries += len(lines)
                continue
            found.update(part if n_entries >= MIN_ENTRIES else ())
            part, n_entries = [], 0
        found.update(part if n_entries >= MIN_ENTRIES else ())
    return found


def _runs_of_entries(text: str, blocks: Sequence[Block]) -> list[_Run]:
    """Return runs of neighboring blocks that could be entries of a table of contents: the place and the lines of each.

    This looks at the marks at the ends of lines only, so that few documents pay for more.
    """
    runs: list[_Run] = []
    run: _Run = []
    n_lines = 0
    for at, block in enumerate(blocks[:MAX_CONTENTS_BLOCKS]):
        lines = _entry_lines(text, block)
        if lines:
            run.append((at, lines))
            n_lines += len(lines)
            continue
        if n_lines >= MIN_ENTRIES:
            runs.append(run)
        run, n_lines = [], 0
    return [*runs, run] if n_lines >= MIN_ENTRIES else runs


def _entry_lines(text: str, block: Block) -> list[str]:
    """Return the lines of a block if each could be an entry of a table of contents, else none."""
    start, end = block.start, block.end
    if block.kind == "navigation" or text[end - 1] in ".;,:?!" or end - start > MAX_LINE_CHARACTERS * MAX_ENTRIES:
        return []
    lines = BREAK.split(text[start:end])
    may_be_entries = len(lines) <= MAX_ENTRIES and not any(
        len(line) > MAX_LINE_CHARACTERS or line[-1:] in ".;,:" for line in lines
    )
    return lines if may_be_entries else []


def entry_title(line: str) -> str:
    """Return a line as the title that an entry of a table of contents and its heading share.

    >>> entry_title("2.1 Log files ......... 7"), entry_title("## 2.1. **Log Files**")
    ('log files', 'log files')
    """
    title = plain(line)
    if "...." in title or ". . ." in title:
        title = re.sub(_LEADER, "", title)
    return without_number(title).rstrip(" .:").casefold()


# --- menus -----------------------------------------------------------------------------------------------------------


def _find_menu(text: str, blocks: Sequence[Block]) -> set[int]:
    """Return the starts of the lines of a menu at the beginning, such as Home, Products, Contact; the title is none."""
    starts: list[int] = []
    last = ""
    for block in blocks:
        source = text[block.start : min(block.end, block.start + MAX_LINE_CHARACTERS + 1)]
        is_entry = block.kind != "navigation" and not block.level and block.style != "row"
        if not is_entry or BREAK.search(source) or not _is_name(line := plain(source)):
            break
        starts.append(block.start)
        last = line
    if starts and (len(starts) < len(blocks) or is_caps(last) or re.search(_TITLE, last)):
        starts.pop()  # the last one is the title, or the first heading
    return set(starts) if len(starts) >= MIN_MENU_LINES else set()
