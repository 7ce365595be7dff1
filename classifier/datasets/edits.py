"""Known edits between two versions of a document, clause by clause: what a comparison of versions is measured on.

The later version of a document `NAME.md` is `NAME.v2.md` beside it, and `edits/NAME.md.jsonl` has a row for each edit::

    {"kind": "split", "old": ["0c4f..."], "new": ["91b2...", "77aa..."]}

`old` and `new` are ids of clauses of the two versions. A clause whose id is in both and in no row is unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from classifier.datasets.policies import LATER, document_of, read_clauses
from classifier.datasets.problems import ProblemList, json_rows, quoted
from classifier.errors import DataError
from classifier.types import Clause

EDITS_FOLDER = "edits"
KINDS: dict[str, tuple[range, range]] = {
    "unchanged": (range(1, 2), range(1, 2)),
    "reworded": (range(1, 2), range(1, 2)),
    "number": (range(1, 2), range(1, 2)),
    "date": (range(1, 2), range(1, 2)),
    "moved": (range(1, 2), range(1, 2)),
    "split": (range(1, 2), range(2, 100)),
    "merged": (range(2, 100), range(1, 2)),
    "added": (range(1), range(1, 2)),
    "removed": (range(1, 2), range(1)),
}
"""Kinds of edits, each with how many clauses of the old and of the new version it has. "number" changes an amount or a period
alone, "date" a date alone, "moved" the section alone, and perhaps words on the way."""
MAX_FILE_BYTES = 2**24


class Edit(NamedTuple):
    """An edit: its kind, and the clauses of the old and of the new version."""

    kind: str
    old: tuple[Clause, ...]
    new: tuple[Clause, ...]


def later_version(path: Path) -> Path:
    """Return the file of the later version of a document.

    >>> later_version(Path("acorn.md")).name
    'acorn.v2.md'
    """
    return path.with_name(f"{path.stem}{LATER}{path.suffix}")


def load_edits(folder: str | Path) -> dict[str, list[Edit]]:
    """Read the known edits of all documents of a folder that have a later version.

    Returns
    -------
    dict of str to list of Edit
        By the name of the document; each clause of both versions is in exactly one edit.

    Raises
    ------
    DataError
        If a file cannot be read, or edits are wrong, overlap or leave out clauses; it lists every problem.
    ReadError
        If a document cannot be read.
    """
    problems = ProblemList()
    found = {}
    for path in sorted((Path(folder) / EDITS_FOLDER).glob("*.jsonl")):
        source = document_of(path)
        found[source.name] = list(_edits(path, source, problems))
    if sentences := problems.sentences():
        raise DataError(sentences)
    return found


def _edits(path: Path, source: Path, problems: ProblemList) -> Iterator[Edit]:
    versions = [{clause.id: clause for clause in read_clauses(file)} for file in (source, later_version(source))]
    named: list[Counter[str]] = [Counter(), Counter()]
    for number, row in json_rows(path, problems, MAX_FILE_BYTES):
        if sentence := _wrong_edit(row, versions):
            problems.add(path, number, sentence)
            continue
        for ids, counts in zip((row["old"], row["new"]), named, strict=True):
            for id in ids:
                counts[id] += 1
                if counts[id] > 1:
                    problems.add(path, number, f"the clause {id} is in an edit above already")
        yield Edit(row["kind"], *(tuple(v[id] for id in row[k]) for v, k in zip(versions, ("old", "new"), strict=True)))
    old, new = versions
    for id in old:
        if id in new and not named[0][id] and not named[1][id]:
            yield Edit("unchanged", (old[id],), (new[id],))
            named[0][id] = named[1][id] = 1
    for version, counts, name in zip(versions, named, (source.name, later_version(source).name), strict=True):
        for id in (id for id in version if id not in counts):
            problems.add(path, None, f"no edit has the clause {id} of {name}: {quoted(version[id].text)}", kind=name)


def _wrong_edit(row: dict[str, Any], versions: list[dict[str, Clause]]) -> str:
    """Return the sentence for a row that is wrong, else ""."""
    if not isinstance(row.get("kind"), str) or row["kind"] not in KINDS:
        return f"kind must be one of {', '.join(KINDS)}"
    for key, clauses, counts in zip(("old", "new"), versions, KINDS[row["kind"]], strict=True):
        ids = row.get(key)
        if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids):
            return f"{key} must be a list of ids of clauses"
        for id in ids:
            if id not in clauses:
                return f"no clause of the {key} version has the id {quoted(id)}"
        if len(ids) not in counts:
            return f"a clause that is {row['kind']} has not {len(ids)} in {key}"
    return ""
