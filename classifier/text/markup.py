"""Strip markup from a source, as a whole or line by line, and find the places of highlighted words in the result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter

from classifier.text.masking import LINK_TARGET
from classifier.types import Link

BREAK = re.compile(r"\r\n|\r|\n")
"""The end of a line."""
BULLETS = "*+•·◦▪‣○●■–-"
BULLET = re.compile(rf"[{BULLETS}][ \t]+(?=\S)")
"""The mark of a list item at the start of a line."""
NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)][ \t]+(?=\S)")
"""The number of a list item at the start of a line."""
_MARKED = frozenset(">#" + BULLETS)
_MARKERS = re.compile(rf"^[ \t]*(?:>[ \t]?)*(?:#{{1,6}}[ \t]+|[{BULLETS}][ \t]+)?", re.MULTILINE)
_BULLET_LINE = re.compile(rf"^[ \t]*(?:>[ \t]?)*[{BULLETS}](?=[ \t])", re.MULTILINE)
_MAX_SHORT_LINE = 60
"""Characters of a line that the next one does not continue, such as a line of an address."""
# If no match begins at an underscore, none begins at the next one, unless the first is escaped. Without this look-behind a
# long blank to fill in (_____) takes time that grows with the square of its length.
_EMPHASIS = re.compile(r"\*\*+|\*(?:(?<!\w\*)[*_]*|[*_]*(?!\w))|_(?:(?<!\w_)[*_]*|(?<![^\\]__)[*_]*(?!\w))|``*")
_MARKUP = re.compile(rf"\\([!-/:-@\[-`{{-~])|{_EMPHASIS.pattern}")
_UNDERLINE = re.compile(r"^[ \t]*[=-]{3,}[ \t]*$", re.MULTILINE)
_CELL_BORDERS = re.compile(r"\s*(?<!\\)\|(?:\s*\|)*\s*")
"""The border of a cell of a table, with the empty cells after it."""
_LINK = re.compile(
    r"\[(?<![!\\]\[)((?:[^\[\]\\]++|\\.)*+)\]\((?:<([^<>\n]*)>|([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+))"
    r"(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)"
)
"""A link of Markdown: its words, and its address in angle brackets or without."""
_BRACKETS = re.compile(r"(?:!\[|\[(?<!\\\[))((?:[^\[\]\\]++|\\.)*+)\]")


def lines(text: str, wrapped: bool = True) -> list[str]:
    r"""Return a clause as the lines that a person sees: the paragraph, each list item, each line of an address.

    Parameters
    ----------
    text
        The clause.
    wrapped
        Whether it may be hard-wrapped; if False, as for text that was extracted from a page, each of its lines is kept.

    Examples
    --------
    >>> lines("We collect:\n\n* your **name**;\n* your address.")
    ['We collect:', '• your name;', '• your address.']
    """
    result: list[list[str]] = []  # for each line of the result, the source lines that it is wrapped over
    after_short = False
    for line in filter(str.strip, BREAK.split(text)):
        content, start = plain(line), line.lstrip(" \t")
        has_bullet = BULLET.match(start) is not None
        if wrapped and result and not after_short and not has_bullet and not NUMBER.match(start):
            result[-1].append(content)
        elif content:
            result.append([f"• {content}" if has_bullet else content])
        after_short = len(content) <= _MAX_SHORT_LINE
    return [" ".join(parts) for parts in result]


def highlighted_lines(text: str, spans: Iterable[tuple[int, int]], wrapped: bool = True) -> list[list[tuple[str, int]]]:
    """Return the lines of a clause, cut where spans of it begin and end.

    Parameters
    ----------
    text
        The clause.
    spans
        Places in it, as (start, end); if they overlap, the last one counts.
    wrapped
        As in `lines`.

    Returns
    -------
    list of list of (str, int)
        For each line its parts, each with the number of the span it is in, -1 for none.

    Examples
    --------
    >>> highlighted_lines("We keep **server logs**.", [(10, 16)])
    [[('We keep ', -1), ('server', 0), (' logs.', -1)]]
    """
    owner = [-1] * len(text)
    for number, (start, end) in enumerate(spans):
        owner[start:end] = [number] * len(owner[start:end])
    shown = lines(text, wrapped)
    if max(owner, default=-1) < 0:
        return [[(line, -1)] for line in shown]
    # the lines are the source without its markup; link targets are blanked, or they could be taken for the text after them
    source = _Source(
        LINK_TARGET.sub(lambda match: "]" + " " * (len(match.group()) - 1), text) if "](" in text else text
    )
    return [_cut(line, source.owners(line, owner)) for line in shown]


class _Source:
    """Finds the characters of the lines that `lines` returns in their source, each after the one before it.

    If a character is not found, the search goes on from the same place.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last: dict[str, int] = {}
        self._has_bullets = True

    def owners(self, line: str, owner: Sequence[int]) -> list[int]:
        """Return the owner of each character of the next line.

        Parameters
        ----------
        line
            The line.
        owner
            Owner of each character of the source: the number of a span, or -1.
        """
        owners: list[int] = []
        if line.startswith("• ") and self._skip_bullet():
            owners.append(-1)
        for number, word in enumerate(line[len(owners) :].split(" ")):
            if number:
                owners.append(self._owner_of_blank(owners, owner))
            if not word:
                continue
            at = self._find(word[0])
            if at >= 0 and self._text.startswith(word, at):
                self._at = at + len(word)
                owners += owner[at : self._at]
            else:  # there is markup within the word
                owners += [self._owner_of_character(character, owner) for character in word]
        return owners

    def _skip_bullet(self) -> bool:
        """Go to the next bullet, which the line may show as another character; return False if there is none."""
        bullet = _BULLET_LINE.search(self._text, self._at) if self._has_bullets else None
        if bullet is None:
            self._has_bullets = False
            return False
        self._at = bullet.end() - 1
        return True

    def _owner_of_blank(self, owners: Sequence[int], owner: Sequence[int]) -> int:
        """Return the owner of a blank: a span if the characters on both sides are in it, else -1."""
        at = self._at
        if not owners or at >= len(owner) or owner[at - 1] != owner[at] or owners[-1] != owner[at]:
            return -1
        return owner[at]

    def _owner_of_character(self, character: str, owner: Sequence[int]) -> int:
        at = self._find(character)
        if at < 0:
            return -1
        self._at = at + 1
        return owner[at]

    def _find(self, character: str) -> int:
        """Return the next place of a character, -1 if there is none; each part of the text is searched once."""
        if self._last and self._last.get(character, -1) < self._at:
            return -1
        at = self._text.find(character, self._at)
        if at < 0 and not self._last:  # rare; to search the rest of the text each time would take quadratic time
            self._last = {character: at for at, character in enumerate(self._text)}
        return at


def _cut(line: str, owners: Sequence[int]) -> list[tuple[str, int]]:
    """Cut a line where the owner of its characters changes."""
    if owners.count(owners[0]) == len(owners):
        return [(line, owners[0])]
    parts, start = [], 0
    for owner, run in groupby(owners):
        end = start + sum(1 for _ in run)
        parts.append((line[start:end], owner))
        start = end
    return parts


def plain(text: str) -> str:
    """Strip markup from a piece of a source, and collapse white space.

    >>> plain("##  **_Cookies._** See [this](https://example.org)"), plain("| Logs | | 30 days |")
    ('Cookies. See this', 'Logs | 30 days')
    """
    # each pattern is tried only if its characters occur: this takes most of the time of reading a policy
    if text.startswith("|"):  # a row of a table
        text = "\n".join(map(_without_outer_borders, text.split("\n")))
    if "\r" in text:
        text = BREAK.sub("\n", text)
    if "](" in text:
        text = LINK_TARGET.sub("]", text)
    if "\n" in text:
        text = _UNDERLINE.sub("", _MARKERS.sub("", text))
    else:
        if text.lstrip(" \t")[:1] in _MARKED and (markers := _MARKERS.match(text)):
            text = text[markers.end() :]
        if not text.strip("=- \t"):
            text = _UNDERLINE.sub("", text)
    if "[" in text:
        text = _BRACKETS.sub(itemgetter(1), text)
    if "*" in text or "_" in text or "\\" in text or "`" in text:
        # escapes in the same pass as emphasis, so that an escaped star or underscore is kept
        text = _MARKUP.sub(lambda match: match[1] or "", text) if "\\" in text else _EMPHASIS.sub("", text)
    return " ".join(text.split())


def markdown_links(text: str) -> list[Link]:
    """Return the links of a Markdown text that lead to another page; their places are those of their words.

    >>> markdown_links("We use [Tern](https://tern.example), see [below](#below).")
    [Link(start=8, end=12, address='https://tern.example')]
    """
    if "](" not in text:
        return []
    links = ((match.span(1), match[2] or match[3]) for match in _LINK.finditer(text) if match[1].strip())
    return [Link(start, end, address) for (start, end), address in links if address and not address.startswith("#")]


def _without_outer_borders(row: str) -> str:
    """Strip the borders at both ends of a table row, and its empty cells."""
    return _CELL_BORDERS.sub(" | ", row).removeprefix(" | ").removesuffix(" | ")
