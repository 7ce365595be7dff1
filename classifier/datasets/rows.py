"""Labelled JSON lines become Examples and back.

A row is an object with `text` and `labels` (a list of category ids, empty for none); `id`, `policy`, `headings` and
`context` may be left out, and further fields (`start`, `end`, `era`, ...) are left to those who read the file otherwise.
`unknown` lists categories of which nobody said whether they apply, `annotations` what each of several people gave, and
`rationales` what each of them marked as speaking for a category: [category, start, end], counted in characters of `text`.
Every problem of every file is reported at once, with file and line; one that many lines have is reported once.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.errors import DataError, reason, require_package
from classifier.io import read_regular
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_name
from classifier.types import Example, Rationale

if TYPE_CHECKING:
    import pandas as pd

MAX_FILE_BYTES = 512 * 2**20
"""Bytes of a file of rows; the largest corpora have some ten million."""
MAX_SHOWN_LINES = 4
"""Numbers of further lines that are shown of a problem that many lines have."""
MAX_QUOTED_CHARACTERS = 60
"""Characters shown of a string of the data in a message."""


def files(paths: Iterable[str | Path]) -> list[Path]:
    """List the `.jsonl` files that `paths` name: files as they are, folders by their content, sorted.

    Raises
    ------
    DataError
        If a path does not exist or a folder holds no such file.
    """
    found: list[Path] = []
    problems: list[str] = []
    for path in map(Path, paths):
        name = escape_name(str(path))
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
            inside = sorted(file for file in path.iterdir() if file.name.endswith(".jsonl")) if is_folder else [path]
        except (OSError, ValueError) as error:
            problems.append(f"{name}: cannot be read: {reason(error)}")
            continue
        if not inside:
            problems.append(
                f"{name}: the folder holds no .jsonl file; put labelled rows there (data/README.md shows how)"
            )
        found.extend(inside)
    if problems:
        raise DataError(problems)
    return found


def load_examples(paths: Iterable[str | Path], taxonomy: Taxonomy) -> list[Example]:
    """Read labelled rows from files and folders.

    Parameters
    ----------
    paths
        JSON lines files, or folders of them.
    taxonomy
        The categories that labels may name.

    Returns
    -------
    list of Example
        In the order of the files and of their rows, at least one.

    Raises
    ------
    DataError
        If a file cannot be read or any row is wrong; it lists every problem.
    """
    problems = _ProblemList()
    examples: list[Example] = []
    seen: dict[str, str] = {}
    paths = files(paths)
    for path in paths:
        for number, row in _rows(path, problems):
            where = f"{escape_name(str(path))}:{number}"
            wrong = list(_problems(row, taxonomy))
            for sentence in wrong:
                problems.add(path, number, sentence)
            if wrong:
                continue
            example = _example(row, path, number, taxonomy)
            if example.id in seen:
                sentence = f"the id {_quoted(example.id)} was already given at {seen[example.id]}"
                problems.add(path, number, sentence, kind="id")
            seen.setdefault(example.id, where)
            examples.append(example)
    if sentences := problems.sentences():
        raise DataError(sentences)
    if not examples:
        raise DataError([f"{', '.join(map(str, paths))}: no labelled rows; each line is like {_SAMPLE}"])
    return examples


def data_digest(examples: Iterable[Example]) -> str:
    """Give the SHA-256 of labelled rows, by which a model says what it was trained on."""
    hash = hashlib.sha256()
    for example in examples:
        hash.update((example_to_json(example) + "\n").encode())
    return hash.hexdigest()


def policy_mark(text: str) -> str:
    """Give the mark of a text: 40 bits of its SHA-256, by which a model can tell that it has seen it, but not what it was."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def policy_marks(examples: Iterable[Example]) -> list[str]:
    """Give the mark of the longest text of each policy, sorted."""
    longest: dict[str, str] = {}
    for example in examples:
        longest[example.policy] = max(longest.get(example.policy, ""), example.text, key=lambda text: (len(text), text))
    return sorted({policy_mark(text) for text in longest.values()})


def example_to_json(example: Example) -> str:
    """Write an Example as one line of JSON, without the line end.

    >>> example_to_json(Example("a-1", "a", "We keep logs.", ("retention",)))
    '{"id": "a-1", "policy": "a", "text": "We keep logs.", "labels": ["retention"]}'
    """
    row: dict[str, Any] = {"id": example.id, "policy": example.policy}
    if example.headings:
        row["headings"] = list(example.headings)
    if example.context:
        row["context"] = example.context
    row |= {"text": example.text, "labels": list(example.labels)}
    if example.unknown:
        row["unknown"] = list(example.unknown)
    if example.annotations:
        row["annotations"] = [list(labels) for labels in example.annotations]
    if example.rationales:
        row["rationales"] = [[list(mark) for mark in marks] for marks in example.rationales]
    return json.dumps(row, ensure_ascii=False)


def to_frame(examples: Sequence[Example], taxonomy: Taxonomy) -> pd.DataFrame:
    """Lay labelled rows out as a table: one row an Example, one column a category after its text; 1, 0, or -1 for unknown."""
    require_package("tables", "train", "pandas")
    import pandas as pd

    frame = pd.DataFrame(
        {
            "id": [example.id for example in examples],
            "policy": [example.policy for example in examples],
            "heading": [example.headings[-1] if example.headings else "" for example in examples],
            "text": [example.text for example in examples],
        }
    )
    for category in taxonomy.ids:
        frame[category] = [
            -1 if category in example.unknown else int(category in example.labels) for example in examples
        ]
    return frame


_DIGITS = re.compile(r"\d+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SAMPLE = '{"text": "We keep logs for 30 days.", "labels": ["retention"]}'


class _ProblemList:
    """Collects problems of lines; those of one kind in one file become one sentence with the numbers of the lines."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], str] = {}
        self._numbers: dict[tuple[str, str], list[int]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, path: Path, number: int | None, sentence: str, kind: str = "") -> None:
        """Add a problem of a line, or of the file as a whole; sentences that differ in numbers only are of one kind."""
        key = (str(path), kind or _DIGITS.sub("0", sentence))
        if key not in self._first:
            place = escape_name(str(path)) if number is None else f"{escape_name(str(path))}:{number}"
            self._first[key] = f"{place}: {sentence}"
            self._numbers[key] = []
        elif number is not None and len(self._numbers[key]) < MAX_SHOWN_LINES:
            self._numbers[key].append(number)
        self._counts[key] += 1

    def sentences(self) -> list[str]:
        """Return a sentence for each kind, in the order in which they were found."""
        return [sentence + self._more(key) for key, sentence in self._first.items()]

    def _more(self, key: tuple[str, str]) -> str:
        others = self._counts[key] - 1
        if not others:
            return ""
        shown = ", ".join(map(str, self._numbers[key])) + (", ..." if others > MAX_SHOWN_LINES else "")
        return f" (likewise {others:,} more line{'s' if others > 1 else ''}: {shown})"


def _rows(path: Path, problems: _ProblemList) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number, row) for each line that is a JSON object; what is not goes to `problems`."""
    try:
        lines = io.BytesIO(read_regular(path, MAX_FILE_BYTES))
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
            problems.add(path, number, f"a row must be an object like {_SAMPLE}")


def _quoted(value: str) -> str:
    """Quote a string of the data, cut where it is longer than a message should be."""
    return repr(value) if len(value) <= MAX_QUOTED_CHARACTERS else f"{value[:MAX_QUOTED_CHARACTERS]!r}..."


def _problems(row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    """Say what is wrong with a row."""
    for key in ("text", "labels"):
        if key not in row:
            yield f"the row lacks {key!r}"
    for key in ("id", "policy", "text", "context"):
        value = row.get(key, "")
        if not isinstance(value, str):
            yield f"{key} must be a string, not {_kind(value)}"
        elif _SURROGATE.search(value):
            yield f"{key} holds a lone surrogate (\\ud800-\\udfff), which is no character; repair the text"
        elif key == "text" and key in row and not value.strip():
            yield "text is empty"
    annotations = row.get("annotations", [])
    if not isinstance(annotations, list):
        yield f"annotations must be a list of lists of categories, not {_kind(annotations)}"
        annotations = []
    lists = {key: row.get(key, []) for key in ("headings", "labels", "unknown")}
    lists |= {f"annotations[{number}]": labels for number, labels in enumerate(annotations)}
    for key, value in lists.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield f"{key} must be a list of strings, not {_kind(value)}"
        elif any(map(_SURROGATE.search, value)):
            yield f"{key} holds a lone surrogate (\\ud800-\\udfff), which is no character; repair the text"
        elif key != "headings":
            for id in value:
                if id not in taxonomy.ids:
                    yield f"unknown category {_quoted(id)} in {key}; the taxonomy has {', '.join(taxonomy.ids)}"
                elif key == "unknown" and isinstance(row.get("labels"), list) and id in row["labels"]:
                    yield f"{id!r} cannot be a label and unknown too"
    yield from _wrong_rationales(row, annotations or [row.get("labels")], taxonomy)


def _wrong_rationales(row: dict[str, Any], given: list[Any], taxonomy: Taxonomy) -> Iterator[str]:
    """Say what is wrong with what people marked in a row; `given` is what each of them gave, whatever it is."""
    people = row.get("rationales", [])
    if not isinstance(people, list) or not all(isinstance(marks, list) for marks in people):
        yield f"rationales must be a list with a list for each person, not {_kind(people)}"
        return
    if people and len(people) != len(given):
        yield f"rationales are of {len(people)} people, labels of {len(given)}"
        return
    size = len(row["text"]) if isinstance(row.get("text"), str) else 0
    for number, mark in ((number, mark) for number, marks in enumerate(people) for mark in marks):
        where = f"rationales[{number}]"
        if not (isinstance(mark, list) and len(mark) == 3 and isinstance(mark[0], str)) or not all(
            type(place) is int for place in mark[1:]
        ):
            yield f"{where} must hold [category, start, end], not {json.dumps(mark)[:60]}"
        elif mark[0] not in taxonomy.ids:
            yield f"unknown category {_quoted(mark[0])} in {where}; the taxonomy has {', '.join(taxonomy.ids)}"
        elif isinstance(given[number], list) and mark[0] not in given[number]:
            yield f"{where} holds {mark[0]!r}, which this person did not give"
        elif not 0 <= mark[1] < mark[2] <= size:
            yield f"{where}: {mark[1]} to {mark[2]} is no place in a text of {size} characters"


def _example(row: dict[str, Any], path: Path, number: int, taxonomy: Taxonomy) -> Example:
    stem = escape_name(path.stem)
    return Example(
        id=row.get("id", f"{stem}:{number}"),  # not the path, which changes with the folder we are in
        policy=row.get("policy", stem),
        text=row["text"],
        labels=taxonomy.sort(row["labels"]),
        headings=tuple(row.get("headings", ())),
        context=row.get("context", ""),
        unknown=taxonomy.sort(row.get("unknown", ())),
        annotations=tuple(taxonomy.sort(labels) for labels in row.get("annotations", ())),
        rationales=tuple(tuple(Rationale(*mark) for mark in marks) for marks in row.get("rationales", ())),
    )


def _kind(value: object) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        dict: "an object",
        type(None): "null",
    }
    return names.get(type(value), "a list with other things in it")
