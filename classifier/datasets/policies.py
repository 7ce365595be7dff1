"""Labeled documents: whole policies, with the labels of each clause as the readers cut it.

A folder of them holds the documents as people publish them, and for a document `NAME` the file `labels/NAME.jsonl`. It has a
row for each clause, in order::

    {"id": "0c4f...", "start": 120, "end": 171, "begins": "We share your e-mail address with",
     "labels": ["sharing", "region@section"], "values": [{"value": "data.contact", "quote": "e-mail address"}]}

`id`, `start`, `end` and `begins` say which clause it is, as `Clause.id` and its place. `labels` are the categories, null
until somebody gives them; one that only a heading further out tells is written with `@section`, and is unknown to a model
that does not read that heading. `values` are those of the attributes, each with the words that say it and
``"denied": true`` where the clause says that it is not so.

``python -m classifier.datasets.policies FOLDER`` (`make labels`) writes the rows of documents that are new, and finds the
clauses again after a document or a reader has changed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from classifier.datasets.problems import ProblemList, json_rows, quoted, unknown_category
from classifier.datasets.values import read_values, value_problems
from classifier.errors import ClassifierError, DataError, reason
from classifier.io import write_file
from classifier.readers.registry import read
from classifier.segmentation import segment
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_name
from classifier.text.fingerprint import unique_ids
from classifier.text.markup import plain
from classifier.types import Clause, Example, MarkedValue

LABELS_FOLDER = "labels"
LATER = ".v2"
"""Before the suffix of a later version of a document, NAME.v2.md."""
BY_SECTION = "@section"
"""After a category: only a heading further out than the nearest one tells it."""
SUFFIXES = (".md", ".html", ".txt")
"""Suffixes of documents that `update_labels` writes rows for."""
MAX_LABELS_BYTES = 64 * 2**20
MAX_BEGINNING_CHARACTERS = 60
"""Characters of a clause that its row shows, and by which it is found again."""


class LabeledClause(NamedTuple):
    """A clause with its labels.

    Attributes
    ----------
    clause
        The clause, with its id; without labels of its own.
    labels
        Ids of its categories, in the order of the taxonomy.
    by_section
        Those that only a heading further out than the nearest one tells.
    values
        The values of attributes.
    """

    clause: Clause
    labels: tuple[str, ...]
    by_section: tuple[str, ...] = ()
    values: tuple[MarkedValue, ...] = ()


class LabeledPolicy(NamedTuple):
    """A document by its name, with the labels of its clauses, in order; navigation has none."""

    name: str
    clauses: tuple[LabeledClause, ...]

    def to_examples(self) -> list[Example]:
        """Return the clauses as rows to learn from, read in their context."""
        return [
            Example(
                id=f"{self.name}:{clause.id}",
                policy=self.name,
                text=clause.text,
                labels=tuple(label for label in labels if label not in by_section),
                headings=clause.headings,
                context=clause.context,
                unknown=by_section,
                values=values,
            )
            for clause, labels, by_section, values in self.clauses
        ]


def is_policies_folder(path: Path) -> bool:
    """Whether a path is a folder of labeled documents."""
    try:
        return (path / LABELS_FOLDER).is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def load_policies(folder: str | Path, taxonomy: Taxonomy) -> list[LabeledPolicy]:
    """Read the labeled documents of a folder.

    Parameters
    ----------
    folder
        Documents, and the labels of each in ``labels/NAME.jsonl``. Documents without such a file are left out.
    taxonomy
        The categories and attributes that labels may name.

    Returns
    -------
    list of LabeledPolicy
        In the order of their names.

    Raises
    ------
    DataError
        If a file cannot be read, a row is wrong, or labels and clauses do not fit each other; it lists every problem.
    """
    problems = ProblemList()
    policies = [policy for path in _label_files(Path(folder)) if (policy := _load(path, taxonomy, problems))]
    if sentences := problems.sentences():
        raise DataError(sentences)
    return policies


def _label_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in (folder / LABELS_FOLDER).iterdir() if path.name.endswith(".jsonl"))
    except OSError as error:
        raise DataError([f"{folder / LABELS_FOLDER}: cannot be read: {reason(error)}"]) from None


def document_of(rows: Path) -> Path:
    """Return the document that a file of rows is about, in a folder beside it."""
    return rows.parent.parent / rows.name.removesuffix(".jsonl")


def read_clauses(path: Path) -> list[Clause]:
    """Read a document and cut it into clauses with ids, without navigation. Raises `ReadError`."""
    clauses = segment(read(path))
    named = zip(clauses, unique_ids(clauses), strict=True)
    return [replace(clause, id=name) for clause, name in named if clause.kind == "text"]


# --- reading labels ----------------------------------------------------------------------------------------------------


def _load(path: Path, taxonomy: Taxonomy, problems: ProblemList) -> LabeledPolicy | None:
    """Read a document and its labels; add what is wrong to `problems`."""
    source = document_of(path)
    try:
        clauses = read_clauses(source)
    except ClassifierError as error:
        problems.add(path, None, f"its document cannot be read: {error}")
        return None
    rows = dict(json_rows(path, problems, MAX_LABELS_BYTES))
    places = [(clause.id, clause.start, clause.end) for clause in clauses]
    if places != [(row.get("id"), row.get("start"), row.get("end")) for row in rows.values()]:
        ids = [row.get("id") for row in rows.values()]
        n_lost = sum(clause.id not in ids for clause in clauses)
        problems.add(
            path,
            None,
            f"the labels do not fit the clauses of {source.name} ({n_lost} of {len(clauses)} have none): the document or the "
            "way it is read has changed; say `make labels` and label what it lists",
        )
        return None
    labeled = [
        _labeled(clause, row, path, number, taxonomy, problems)
        for clause, (number, row) in zip(clauses, rows.items(), strict=True)
    ]
    return LabeledPolicy(source.name, tuple(labeled))


def _labeled(
    clause: Clause, row: dict[str, Any], path: Path, number: int, taxonomy: Taxonomy, problems: ProblemList
) -> LabeledClause:
    """Return a clause with the labels of its row; add what is wrong with these to `problems`."""
    given, values = row.get("labels"), row.get("values", [])
    if not isinstance(given, list) or not all(isinstance(label, str) for label in given):
        problems.add(path, number, "labels must be a list of categories; null says that nobody has given them yet")
        given = []
    labels = [label.removesuffix(BY_SECTION) for label in given]
    for label in labels:
        if label not in taxonomy.ids:
            problems.add(path, number, unknown_category("labels", label, taxonomy))
    for label in (label for label, count in Counter(labels).items() if count > 1):
        problems.add(path, number, f"the label {quoted(label)} is given twice")
    wrong = list(value_problems(values, clause.text, (*clause.headings, clause.context), labels, taxonomy))
    for sentence in wrong:
        problems.add(path, number, sentence)
    marked = () if wrong else read_values(values)
    by_section = [label.removesuffix(BY_SECTION) for label in given if label.endswith(BY_SECTION)]
    return LabeledClause(clause, taxonomy.sort(labels), taxonomy.sort(by_section), marked)


# --- finding clauses again -----------------------------------------------------------------------------------------------


def update_labels(folder: str | Path) -> list[str]:
    """Fit the rows of labels to the clauses of their documents, and write rows for documents that have none.

    A row follows its clause by its id, else by its first words, else by its end. Rows that fit no clause any more are
    dropped, and said; clauses without a row get one whose labels are null.

    Parameters
    ----------
    folder
        Documents, with a folder `labels`, which is made if it is missing.

    Returns
    -------
    list of str
        A sentence for each document that needs labels, and for each row that was dropped.

    Raises
    ------
    DataError
        If the folder or its rows cannot be read.
    ReadError
        If a document cannot be read.
    WriteError
        If they cannot be written.
    """
    folder = Path(folder)
    try:
        (folder / LABELS_FOLDER).mkdir(exist_ok=True)
        sources = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise DataError([f"{escape_name(str(folder))}: cannot be read: {reason(error)}"]) from None
    sentences = []
    for source in sources:
        if source.suffix not in SUFFIXES or _is_version(source) or source.name == "README.md":
            continue
        path = folder / LABELS_FOLDER / f"{source.name}.jsonl"
        problems = ProblemList()
        before = [row for _, row in json_rows(path, problems, MAX_LABELS_BYTES)] if path.exists() else []
        if wrong := problems.sentences():
            raise DataError(wrong)
        rows, lost, cut_anew = _fit(read_clauses(source), before)
        write_file(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
        n_missing = sum(row["labels"] is None for row in rows)
        if n_missing:
            sentences.append(f"{path}: {n_missing} of {len(rows)} clauses have no labels yet")
        sentences += [
            f"{path}: {begins!r} begins elsewhere than before; see whether its labels fit" for begins in cut_anew
        ]
        sentences += [
            f"{path}: no clause begins with {row.get('begins', '')!r} any more; its labels were {row.get('labels')}"
            for row in lost
        ]
    return sentences


def _is_version(path: Path) -> bool:
    """Whether a document is a later version of another, such as NAME.v2.md; these have edits instead of labels."""
    return path.stem.endswith(LATER)


def _fit(
    clauses: Iterable[Clause], before: Iterable[dict[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Return a row for each clause, with the labels of its row before.

    Also returned are the rows that fit no clause any more, and the beginnings of clauses that only end where their row says:
    they begin elsewhere now, as where a title was split off, and should be looked at.
    """
    by_id = {str(row.get("id")): row for row in before}
    named = [(clause, by_id.pop(clause.id, None)) for clause in clauses]
    by_beginning: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
    for row in by_id.values():
        by_beginning[str(row.get("begins"))].append(row)
    found_rows = []
    for clause, found in named:
        begins = " ".join(plain(clause.text).split())[:MAX_BEGINNING_CHARACTERS].rstrip()
        if found is None and by_beginning[begins]:
            found = by_beginning[begins].popleft()
        found_rows.append((clause, begins, found))
    by_end = {str(row.get("end")): row for rest in by_beginning.values() for row in rest}
    rows, cut_anew = [], []
    for clause, begins, found in found_rows:
        if found is None and str(clause.end) in by_end:
            found = by_end.pop(str(clause.end))
            cut_anew.append(begins)
        row = {"id": clause.id, "start": clause.start, "end": clause.end, "begins": begins}
        row["labels"] = found.get("labels") if found else None
        if found and found.get("values"):
            row["values"] = found["values"]
        rows.append(row)
    return rows, list(by_end.values()), cut_anew


def main(words: list[str]) -> int:
    """Find the labels of a folder again and list what lacks some; return the exit code."""
    if len(words) != 1:
        sys.stderr.write("usage: python -m classifier.datasets.policies FOLDER\n")
        return 2
    try:
        sentences = update_labels(words[0])
    except ClassifierError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    sys.stdout.write("".join(f"{sentence}\n" for sentence in sentences or ["every clause has its labels"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
