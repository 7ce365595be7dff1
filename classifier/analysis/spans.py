"""What the parsers of facts yield, and a table of names that finds them in a text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

GAZETTEER = "data/gazetteer"
"""Folder of the tables of names."""
MIN_CAPITALS = 4
"""Letters of a name that is also known in capitals, as in headings; shorter ones would be taken for abbreviations."""
_LINK_TARGET = re.compile(
    r"\]\(\s?<?[^\s()<>]{1,2000}>?(?:\s\"[^\"]{0,200}\")?\)|<(?:https?://|mailto:)[^<>\s]{1,2000}>", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+")
_IGNORED = re.compile(r"[\s.*_]+")
LEGAL_FORM_WORDS = frozenset(
    "Inc Incorporated LLC LLP LP Ltd Limited GmbH AG SA SAS SE BV NV PLC plc Corp Corporation Co AB AS ApS Oy KK Pty".split()
)


class Found(NamedTuple):
    """A fact in a text: ``text[start:end]``, with its normalized value.

    Attributes
    ----------
    type
        "period", "country" and so on.
    start, end
        Offsets into the text.
    value
        Normalized.
    of
        What narrows it down: the law of an article, the kind of a company; "" for none.
    """

    type: str
    start: int
    end: int
    value: str
    of: str = ""

    def text(self, text: str) -> str:
        """Return the words."""
        return text[self.start : self.end]


def link_targets(text: str) -> list[tuple[int, int]]:
    """Return the places of the targets of links in Markdown, which nobody reads.

    >>> link_targets("See [us](https://a.example).")
    [(7, 27)]
    """
    return [match.span() for match in _LINK_TARGET.finditer(text)] if "](" in text or "<" in text else []


class Taken:
    """The parts of a text that facts have taken; asking takes the time of the span, whatever their number.

    >>> taken = Taken("We keep logs.")
    >>> taken.add(3, 7)
    >>> taken.overlaps(0, 3), taken.overlaps(0, 4)
    (False, True)
    """

    def __init__(self, text: str) -> None:
        self._marks = bytearray(len(text))

    def add(self, start: int, end: int) -> None:
        """Take a span."""
        self._marks[start:end] = b"\1" * (end - start)

    def overlaps(self, start: int, end: int) -> bool:
        """Whether a part of a span is taken."""
        return self._marks.find(1, start, end) >= 0


class Name(NamedTuple):
    """A row of a table of names: what it is called here, its kind, and whether its words often mean something else."""

    value: str
    kind: str
    is_ambiguous: bool


class NameTable:
    """Finds names of a table in texts, the longest at each place, in time linear in the text.

    Parameters
    ----------
    names
        What is written, and the row it belongs to.

    Notes
    -----
    A name is a sequence of words with what stands between them; white space, dots and emphasis are ignored there, and a comma
    before a legal form. Case counts.
    """

    def __init__(self, names: Mapping[str, Name]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], tuple[str, ...], Name]]] = {}
        for written, name in names.items():
            words, gaps = _split(written)
            if words:
                self._by_first.setdefault(words[0], []).append((words, gaps, name))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    @classmethod
    def read(cls, path: Path, value: str, kind: str) -> NameTable:
        """Read a table with the columns `name` and `aliases`.

        Parameters
        ----------
        path
            CSV; aliases are joined by "|". A column `ambiguous` holds "yes" where a name often means something else.
        value, kind
            The columns of a row's value and kind.
        """
        names: dict[str, Name] = {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                name = Name(row[value], row[kind], row.get("ambiguous") == "yes")
                for written in (row["name"], *filter(None, row["aliases"].split("|"))):
                    # a name of two things, such as Georgia, is ambiguous
                    known = names.get(written)
                    names[written] = name._replace(is_ambiguous=True) if known else name
        capitals = {written.upper(): name for written, name in names.items() if len(written) >= MIN_CAPITALS}
        return cls({**capitals, **names})

    def find(self, text: str) -> Iterator[tuple[int, int, Name]]:
        """Yield start, end and name, from left to right, without overlap."""
        by_first, begin = self._by_first, 0
        if by_first.keys().isdisjoint(_distinct_words(text)):  # as in most clauses
            return
        words = _words(text)
        for position in [k for k, word in enumerate(words) if word[0] in by_first]:
            if position < begin:  # a word of the name before
                continue
            for parts, gaps, name in by_first[words[position][0]]:
                if self._matches(text, words, position, parts, gaps):
                    begin = position + len(parts)
                    yield words[position][1], words[begin - 1][2], name
                    break

    def _matches(
        self, text: str, words: Sequence[tuple[str, int, int]], at: int, parts: tuple[str, ...], gaps: tuple[str, ...]
    ) -> bool:
        if at + len(parts) > len(words) or any(words[at + k][0] != part for k, part in enumerate(parts)):
            return False
        return all(
            _gap(text[words[at + k][2] : words[at + k + 1][1]], parts[k + 1]) == gap for k, gap in enumerate(gaps)
        )


@lru_cache(16)
def _distinct_words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text))


@lru_cache(16)  # several tables search a clause, one after the other
def _words(text: str) -> tuple[tuple[str, int, int], ...]:
    """Return the words of a text with their places."""
    return tuple((match.group(), match.start(), match.end()) for match in _WORD.finditer(text))


def _split(written: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    matches = list(_WORD.finditer(written))
    words = tuple(match.group() for match in matches)
    gaps = tuple(_gap(written[one.end() : other.start()], other.group()) for one, other in pairwise(matches))
    return words, gaps


def _gap(between: str, following: str) -> str:
    """Normalize what stands between two words of a name; two words with nothing but blanks between them have ""."""
    kept = _IGNORED.sub("", between).replace("\u2019", "'").replace("\u2013", "-").replace("\u2011", "-")
    return kept.replace(",", "") if following in LEGAL_FORM_WORDS else kept
