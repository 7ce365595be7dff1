"""Read labeled rows from JSON lines, check them, and write them back.

A row is an object with `text` and `labels` (a list of category ids, empty for a row without a label). Optional fields:

- `id`, `policy`, `headings`, `context`: see `classifier.types.Example`;
- `unknown`: categories that nobody has judged for this row;
- `annotations`: the labels of each annotator, if several labeled the row;
- `rationales`: for each annotator the evidence for labels, as [category, start, end] in characters of `text`.

Further fields (`start`, `end`, `era`, ...) are ignored here. All problems of all files are reported in one error, with file
and line; a problem of many lines is reported once.
"""

from __future__ import annotations

import hashlib
import json
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.datasets import policies
from classifier.datasets.problems import MAX_QUOTED_CHARACTERS, ProblemList, json_rows, quoted, unknown_category
from classifier.datasets.values import read_values, value_problems, values_to_json
from classifier.errors import DataError, reason, require_package
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_name
from classifier.types import Example, Rationale

if TYPE_CHECKING:
    import pandas as pd

MAX_FILE_BYTES = 512 * 2**20
"""Bytes of a file of rows; the largest corpora have some ten million."""


def find_row_files(paths: Iterable[str | Path]) -> list[Path]:
    """Return the files of rows that `paths` name: files as they are, folders by their `.jsonl` files, sorted.

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
            files = sorted(file for file in path.iterdir() if file.name.endswith(".jsonl")) if is_folder else [path]
        except (OSError, ValueError) as error:
            problems.append(f"{name}: cannot be read: {reason(error)}")
            continue
        if not files:
            problems.append(
                f"{name}: the folder holds no .jsonl file; put labeled rows there (data/README.md shows how)"
            )
        found.extend(files)
    if problems:
        raise DataError(problems)
    return found


def load_examples(paths: Iterable[str | Path], taxonomy: Taxonomy) -> list[Example]:
    """Read labeled rows from files and folders.

    Parameters
    ----------
    paths
        JSON lines files, folders of them, or folders of labeled documents (`classifier.datasets.policies`).
    taxonomy
        The categories that labels may name.

    Returns
    -------
    list of Example
        In the order of the files and of their rows, at least one.

    Raises
    ------
    DataError
        If a file cannot be read or a row is wrong; it lists every problem.
    """
    problems = ProblemList()
    examples: list[Example] = []
    first_use: dict[str, str] = {}
    sources = list(map(Path, paths))
    folders = [path for path in sources if policies.is_policies_folder(path)]
    files = find_row_files(path for path in sources if path not in folders)
    for path in files:
        for number, row in json_rows(path, problems, MAX_FILE_BYTES, _SAMPLE):
            place = f"{escape_name(str(path))}:{number}"
            sentences = list(_problems(row, taxonomy))
            for sentence in sentences:
                problems.add(path, number, sentence)
            if sentences:
                continue
            example = _example(row, path, number, taxonomy)
            if example.id in first_use:
                sentence = f"the id {quoted(example.id)} was already given at {first_use[example.id]}"
                problems.add(path, number, sentence, kind="id")
            first_use.setdefault(example.id, place)
            examples.append(example)
    wrong = problems.sentences()
    for folder in folders:
        try:
            examples += chain.from_iterable(policy.to_examples() for policy in policies.load_policies(folder, taxonomy))
        except DataError as error:
            wrong += error.problems
    if wrong:
        raise DataError(wrong)
    if not examples:
        raise DataError([f"{', '.join(map(str, sources))}: no labeled rows; each line is like {_SAMPLE}"])
    return examples


def data_digest(examples: Iterable[Example]) -> str:
    """Return the SHA-256 of labeled rows, by which a model identifies its training data."""
    hash = hashlib.sha256()
    for example in examples:
        hash.update((example_to_json(example) + "\n").encode())
    return hash.hexdigest()


def policy_mark(text: str) -> str:
    """Return the mark of a text: 40 bits of its SHA-256. A model recognizes texts by it, but cannot restore them.

    >>> policy_mark("We keep logs.")
    'a044127e77'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def policy_marks(examples: Iterable[Example]) -> list[str]:
    """Return the mark of the longest text of each policy, sorted."""
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
    if example.values is not None:
        row["values"] = values_to_json(example.values)
    return json.dumps(row, ensure_ascii=False)


def to_frame(examples: Sequence[Example], taxonomy: Taxonomy) -> pd.DataFrame:
    """Return labeled rows as a table.

    Returns
    -------
    DataFrame of shape (n_examples, 4 + n_categories)
        Columns `id`, `policy`, `heading` (the innermost one) and `text`, then one for each category: 1 if it is a label, 0 if
        not, -1 if unknown.

    Examples
    --------
    >>> from classifier.taxonomy import Category
    >>> use, rights = Category("use", "Use", "Purposes.", "#66CCEE"), Category("rights", "Rights", "Rights.", "#EE6677")
    >>> row = Example("a-1", "a", "We send you news.", ("use",), unknown=("rights",))
    >>> to_frame([row], Taxonomy((use, rights)))[["id", "use", "rights"]].values.tolist()
    [['a-1', 1, -1]]
    """
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


_SURROGATE = re.compile("[\ud800-\udfff]")
_HOLDS_SURROGATE = "holds a lone surrogate (\\ud800-\\udfff), not a character; repair the text"
_SAMPLE = '{"text": "We keep logs for 30 days.", "labels": ["retention"]}'


def _example(row: dict[str, Any], path: Path, number: int, taxonomy: Taxonomy) -> Example:
    stem = escape_name(path.stem)
    unknown = row.get("unknown", ())
    return Example(
        id=row.get("id", f"{stem}:{number}"),  # not the path, which depends on the working directory
        policy=row.get("policy", stem),
        text=row["text"],
        labels=taxonomy.sort(row["labels"]),
        headings=tuple(row.get("headings", ())),
        context=row.get("context", ""),
        unknown=(*taxonomy.sort(unknown), *(id for id in taxonomy.value_ids if id in unknown)),
        annotations=tuple(taxonomy.sort(labels) for labels in row.get("annotations", ())),
        rationales=tuple(tuple(Rationale(*mark) for mark in marks) for marks in row.get("rationales", ())),
        values=read_values(row["values"]) if "values" in row else None,
    )


# --- checks ------------------------------------------------------------------------------------------------------------


def _problems(row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    """Yield a sentence for each problem of a row."""
    for field in _REQUIRED:
        if field not in row:
            yield f"the row lacks {field!r}"
    for field, check in _CHECKS.items():
        if field in row:
            yield from check(field, row, taxonomy)


def _check_string(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    value = row[field]
    if not isinstance(value, str):
        yield f"{field} must be a string, not {_type_name(value)}"
    elif _SURROGATE.search(value):
        yield f"{field} {_HOLDS_SURROGATE}"
    elif field == "text" and not value.strip():
        yield "text is empty"


def _check_strings(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    yield from _wrong_strings(field, row[field])


def _check_categories(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    yield from _wrong_categories(field, row[field], taxonomy)


def _check_unknown(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    unknown, labels = row[field], row.get("labels")
    value_ids = taxonomy.value_ids
    is_list = isinstance(unknown, list)
    yield from _wrong_categories(field, [id for id in unknown if id not in value_ids] if is_list else unknown, taxonomy)
    if isinstance(unknown, list) and isinstance(labels, list):
        for id in unknown:
            if isinstance(id, str) and id in labels and id in taxonomy.ids:
                yield f"{id!r} cannot be both label and unknown"


def _check_annotations(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    annotations = row[field]
    if not isinstance(annotations, list):
        yield f"{field} must be a list of lists of categories, not {_type_name(annotations)}"
        return
    for number, labels in enumerate(annotations):
        yield from _wrong_categories(f"{field}[{number}]", labels, taxonomy)


def _check_rationales(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    """Check the marks of each annotator against this annotator's labels and the length of the text."""
    people, annotations = row[field], row.get("annotations")
    if not isinstance(people, list) or not all(isinstance(marks, list) for marks in people):
        yield f"{field} must be a list of one list per person, not {_type_name(people)}"
        return
    labels_of = annotations if isinstance(annotations, list) and annotations else [row.get("labels")]
    if people and len(people) != len(labels_of):
        yield f"{field} are of {len(people)} people, labels of {len(labels_of)}"
        return
    text = row.get("text")
    size = len(text) if isinstance(text, str) else 0
    for number, (marks, labels) in enumerate(zip(people, labels_of, strict=False)):
        for mark in marks:
            if sentence := _wrong_mark(f"{field}[{number}]", mark, labels, size, taxonomy):
                yield sentence


def _check_values(field: str, row: dict[str, Any], taxonomy: Taxonomy) -> Iterator[str]:
    """Check values against the labels and the text, where these are right."""
    text, labels, unknown = row.get("text"), row.get("labels"), row.get("unknown", [])
    above = [*row.get("headings", []), row.get("context", "")] if isinstance(row.get("headings", []), list) else []
    if isinstance(text, str) and isinstance(labels, list) and isinstance(unknown, list):
        categories = [id for id in (*labels, *unknown) if isinstance(id, str)]
        yield from value_problems(
            row[field], text, [part for part in above if isinstance(part, str)], categories, taxonomy
        )


_REQUIRED = ("text", "labels")
_CHECKS: dict[str, Callable[[str, dict[str, Any], Taxonomy], Iterator[str]]] = {
    "id": _check_string,
    "policy": _check_string,
    "text": _check_string,
    "context": _check_string,
    "headings": _check_strings,
    "labels": _check_categories,
    "unknown": _check_unknown,
    "annotations": _check_annotations,
    "rationales": _check_rationales,
    "values": _check_values,
}
"""For each field its check, which yields a sentence for each problem."""


def _wrong_strings(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        yield f"{name} must be a list of strings, not {_type_name(value)}"
    elif any(map(_SURROGATE.search, value)):
        yield f"{name} {_HOLDS_SURROGATE}"


def _wrong_categories(name: str, value: object, taxonomy: Taxonomy) -> Iterator[str]:
    sentence = next(_wrong_strings(name, value), "")
    if sentence or not isinstance(value, list):
        yield sentence
        return
    for id in value:
        if id not in taxonomy.ids:
            yield unknown_category(name, id, taxonomy)


def _wrong_mark(name: str, mark: Any, labels: object, size: int, taxonomy: Taxonomy) -> str:
    """Return the sentence for a mark that is wrong, else ""; `labels` are those of the annotator, `size` that of the text."""
    is_triple = isinstance(mark, list) and len(mark) == 3 and isinstance(mark[0], str)
    if not is_triple or not all(type(place) is int for place in mark[1:]):
        return f"{name} must hold [category, start, end], not {json.dumps(mark)[:MAX_QUOTED_CHARACTERS]}"
    category, start, end = mark
    if category not in taxonomy.ids:
        return unknown_category(name, category, taxonomy)
    if isinstance(labels, list) and category not in labels:
        return f"{name} holds {category!r}, not a label of this person"
    if not 0 <= start < end <= size:
        return f"{name}: no span {start} to {end} in a text of {size} characters"
    return ""


def _type_name(value: object) -> str:
    """Name the JSON type of a value that has the wrong one."""
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        dict: "an object",
        type(None): "null",
    }
    return names.get(type(value), "a list of other values")
