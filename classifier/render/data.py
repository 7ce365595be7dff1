"""What programs read: JSON, JSON lines and CSV, the same fields in each.

`tagged.schema.json` beside this module is the JSON Schema of the JSON; one line of the JSON lines is one clause, with the
policy's name and the model's beside it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from classifier.predict import TaggedPolicy, Tagger
from classifier.types import Clause

if TYPE_CHECKING:
    from classifier.audit import Doubt

SCHEMA_VERSION = 1
"""Raise it when a field is renamed, removed or changes its meaning; new fields do not raise it."""


def to_json(policies: Iterable[TaggedPolicy], tagger: Tagger) -> Iterator[str]:
    """Write policies as one JSON document, a piece at a time."""
    head = {
        "schema_version": SCHEMA_VERSION,
        "model": {
            "name": tagger.model.name,
            "sha256": tagger.model.checksum,
            "thresholds": {id: round(value, 5) for id, value in tagger.thresholds.items()},
        },
    }
    yield json.dumps(head, ensure_ascii=False, indent=1)[: -len("\n}")] + ',\n "policies": ['
    separator = "\n"
    for policy in policies:
        content = {
            "name": policy.document.name,
            "encoding": policy.document.encoding,
            "length": len(policy.document.text),
            "clauses": [_clause(clause) for clause in policy.clauses],
        }
        yield separator + json.dumps(content, ensure_ascii=False, indent=1)
        separator = ",\n"
    yield "\n ]\n}\n"


def to_jsonl(policies: Iterable[TaggedPolicy], tagger: Tagger) -> Iterator[str]:
    """Write policies as JSON lines, one clause a line."""
    model = {"name": tagger.model.name, "sha256": tagger.model.checksum}
    for policy in policies:
        for number, clause in enumerate(policy.clauses, 1):
            row = {
                "schema_version": SCHEMA_VERSION,
                "policy": policy.document.name,
                "clause": number,
                **_clause(clause),
                "model": model,
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"


def to_csv(policies: Iterable[TaggedPolicy], tagger: Tagger) -> Iterator[str]:
    """Write policies as CSV with a header: labels and headings in one cell each, then a column of scores a category."""
    yield _csv_row(["policy", "clause", "start", "end", "kind", "headings", "text", "labels", *tagger.categories])
    for policy in policies:
        for number, clause in enumerate(policy.clauses, 1):
            cells = [policy.document.name, number, clause.start, clause.end, clause.kind, " > ".join(clause.headings)]
            scores = [f"{clause.scores[id]:.5f}" for id in tagger.categories]
            yield _csv_row([*cells, clause.text, " ".join(clause.labels), *scores])


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
        "headings": list(clause.headings),
        "context": clause.context,
        "text": clause.text,
        "labels": list(clause.labels),
        "scores": {id: round(score, 5) for id, score in clause.scores.items()},
    }


def _csv_row(cells: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(cells)
    return buffer.getvalue()
