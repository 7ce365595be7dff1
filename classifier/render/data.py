"""What programs read: JSON, JSON lines and CSV, the same fields in each.

`tagged.schema.json` beside this module is the JSON Schema of the JSON; one line of the JSON lines is one clause, with the
policy's name and the model's beside it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from classifier.predict import TaggedPolicy, Tagger
from classifier.render import Format
from classifier.types import Clause

if TYPE_CHECKING:
    from classifier.audit import Doubt

_encode = json.JSONEncoder(ensure_ascii=False).encode
SCHEMA_VERSION = 1
"""Raise it when a field is renamed, removed or changes its meaning; new fields do not raise it."""


def _json_head(tagger: Tagger) -> str:
    head = {
        "schema_version": SCHEMA_VERSION,
        "model": {
            "name": tagger.model.name,
            "sha256": tagger.model.checksum,
            "thresholds": {id: round(value, 5) for id, value in tagger.thresholds.items()},
        },
    }
    return json.dumps(head, ensure_ascii=False, indent=1)[: -len("\n}")] + ',\n "policies": [\n'


def _json_policy(policy: TaggedPolicy) -> Iterator[str]:
    content = {
        "name": policy.document.name,
        "encoding": policy.document.encoding,
        "length": len(policy.document.text),
        "clauses": [_clause(clause) for clause in policy.clauses],
    }
    yield json.dumps(content, ensure_ascii=False, indent=1)


def _jsonl_policy(policy: TaggedPolicy) -> Iterator[str]:
    """Write a policy as `_clause` does, a clause a line; by hand, since this is a fifth of the time that tagging takes."""
    begin = f'{{"schema_version": {SCHEMA_VERSION}, "policy": {_encode(policy.document.name)}, "clause": '
    end = f', "model": {_encode({"name": policy.model.name, "sha256": policy.model.checksum})}}}\n'
    scores = ", ".join(f"{_encode(id)}: %.5f" for id in policy.model.taxonomy.ids)
    encoded = cache(_encode)  # the same headings and labels come again and again
    for number, clause in enumerate(policy.clauses, 1):
        yield (
            f'{begin}{number}, "start": {clause.start}, "end": {clause.end}, "kind": "{clause.kind}", '
            f'"headings": {encoded(clause.headings)}, "context": {encoded(clause.context)}, "text": {_encode(clause.text)}, '
            f'"labels": {encoded(clause.labels)}, "scores": {{{scores % tuple(clause.scores.values())}}}{end}'
        )


def _csv_head(tagger: Tagger) -> str:
    return _csv_row(["policy", "clause", "start", "end", "kind", "headings", "text", "labels", *tagger.categories])


def _csv_policy(policy: TaggedPolicy) -> Iterator[str]:
    for number, clause in enumerate(policy.clauses, 1):
        cells = [policy.document.name, number, clause.start, clause.end, clause.kind, " > ".join(clause.headings)]
        scores = [f"{score:.5f}" for score in clause.scores.values()]
        yield _csv_row([*cells, clause.text, " ".join(clause.labels), *scores])


JSON = Format(_json_policy, _json_head, ",\n", "\n ]\n}\n")
"""One JSON document."""
JSONL = Format(_jsonl_policy)
"""JSON lines, one clause a line."""
CSV = Format(_csv_policy, _csv_head)
"""A table with a header: labels and headings in one cell each, then a column of scores a category."""


def doubts(doubts: Iterable[Doubt]) -> Iterator[str]:
    """Write doubted labels as JSON lines, one doubt a line."""
    for doubt in doubts:
        row = {
            "id": doubt.example.id,
            "category": doubt.category,
            "given": doubt.given,
            "score": round(doubt.score, 5),
            "reasons": list(doubt.reasons),
            "labels": list(doubt.example.labels),
            "text": doubt.example.text,
        }
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "start": clause.start,
        "end": clause.end,
        "kind": clause.kind,
        "headings": clause.headings,
        "context": clause.context,
        "text": clause.text,
        "labels": clause.labels,
        "scores": {id: round(score, 5) for id, score in clause.scores.items()},
    }


def _csv_row(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
