"""What the parsers of facts yield, and a table of names that finds them in a text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

GAZETTEER = "data/gazetteer"
"""Folder of the tables of names."""
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
        return cls(names)

    def find(self, text: str) -> Iterator[tuple[int, int, Name]]:
        """Yield start, end and name, from left to right, without overlap."""
        words = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
        position = 0
        while position < len(words):
            step = 1
            for parts, gaps, name in self._by_first.get(words[position][0], ()):
                if self._matches(text, words, position, parts, gaps):
                    end = words[position + len(parts) - 1][2]
                    yield words[position][1], end, name
                    step = len(parts)
                    break
            position += step

    def _matches(
        self, text: str, words: list[tuple[str, int, int]], at: int, parts: tuple[str, ...], gaps: tuple[str, ...]
    ) -> bool:
        if at + len(parts) > len(words) or any(words[at + k][0] != part for k, part in enumerate(parts)):
            return False
        return all(
            _gap(text[words[at + k][2] : words[at + k + 1][1]], parts[k + 1]) == gap for k, gap in enumerate(gaps)
        )


def _split(written: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    matches = list(_WORD.finditer(written))
    words = tuple(match.group() for match in matches)
    gaps = tuple(_gap(written[one.end() : other.start()], other.group()) for one, other in pairwise(matches))
    return words, gaps


def _gap(between: str, following: str) -> str:
    """Normalize what stands between two words of a name; two words with nothing but blanks between them have ""."""
    kept = _IGNORED.sub("", between).replace("\u2019", "'").replace("\u2013", "-").replace("\u2011", "-")
    return kept.replace(",", "") if following in LEGAL_FORM_WORDS else kept
