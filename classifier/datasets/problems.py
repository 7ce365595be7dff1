"""Read lines of JSON, and collect what is wrong in them, so that one error names it all: file and line, a kind once."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from classifier.errors import reason
from classifier.io import read_regular
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_name

MAX_SHOWN_LINES = 4
"""Further line numbers shown for a problem of many lines."""
MAX_QUOTED_CHARACTERS = 60
"""Characters of a value shown in a message."""
_DIGITS = re.compile(r"\d+")


class ProblemList:
    """Problems of lines, where those of one kind in one file become one sentence with line numbers.

    >>> problems = ProblemList()
    >>> for line in (3, 4, 9):
    ...     problems.add(Path("rows.jsonl"), line, "text is empty")
    >>> problems.sentences()
    ['rows.jsonl:3: text is empty (likewise 2 more lines: 4, 9)']
    """

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], str] = {}
        self._further_lines: dict[tuple[str, str], list[int]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, path: Path, number: int | None, sentence: str, kind: str = "") -> None:
        """Add a problem of a line, or of a file if `number` is None; sentences that differ only in numbers are one kind."""
        key = (str(path), kind or _DIGITS.sub("0", sentence))
        if key not in self._first:
            place = escape_name(str(path)) if number is None else f"{escape_name(str(path))}:{number}"
            self._first[key] = f"{place}: {sentence}"
            self._further_lines[key] = []
        elif number is not None and len(self._further_lines[key]) < MAX_SHOWN_LINES:
            self._further_lines[key].append(number)
        self._counts[key] += 1

    def sentences(self) -> list[str]:
        """Return a sentence for each kind, in order of first occurrence."""
        return [sentence + self._others(key) for key, sentence in self._first.items()]

    def _others(self, key: tuple[str, str]) -> str:
        others = self._counts[key] - 1
        if not others:
            return ""
        shown = ", ".join(map(str, self._further_lines[key])) + (", ..." if others > MAX_SHOWN_LINES else "")
        return f" (likewise {others:,} more line{'s' if others > 1 else ''}: {shown})"


def json_rows(
    path: Path, problems: ProblemList, max_bytes: int, like: str = ""
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) for each line that is a JSON object; add other lines to `problems`.

    Parameters
    ----------
    path
        The file.
    problems
        Where to add what is wrong.
    max_bytes
        Bytes of the file, at most.
    like
        A row to show to who wrote something else.
    """
    try:
        lines = io.BytesIO(read_regular(path, max_bytes))
    except OSError as error:
        problems.add(path, None, f"cannot be read: {reason(error)}")
        return
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except (ValueError, RecursionError) as error:
            problems.add(path, number, f"not a line of JSON in UTF-8: {error}", kind="JSON")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            problems.add(path, number, f"a row must be an object{like and f' like {like}'}")


def unknown_category(name: str, id: str, taxonomy: Taxonomy) -> str:
    """Return the sentence for a category in a field of this name that the taxonomy lacks."""
    return f"unknown category {quoted(id)} in {name}; the taxonomy has {', '.join(taxonomy.ids)}"


def quoted(value: str) -> str:
    """Quote a string of the data, cut to the length that a message may show."""
    return repr(value) if len(value) <= MAX_QUOTED_CHARACTERS else f"{value[:MAX_QUOTED_CHARACTERS]!r}..."
