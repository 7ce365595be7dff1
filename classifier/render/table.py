"""The columns that every table of clauses has: CSV, Parquet, data frames, and the fields of JSON lines.

One row per clause: where it is, what it says, its labels, then one column of scores per category, named by the category.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from classifier.text.markup import plain

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.types import Clause

POLICY_FIELDS = ("policy", "format", "coverage", "language")
CLAUSE_FIELDS = (
    "clause",
    "id",
    "start",
    "end",
    "place",
    "kind",
    "part",
    "headings",
    "section",
    "context",
    "text",
    "links",
    "labels",
)
SCORE_DIGITS = 5
"""Decimal places of scores in all output."""


def clause_columns(categories: Sequence[str]) -> list[str]:
    """Return the names of the columns, in order."""
    return [*POLICY_FIELDS, *CLAUSE_FIELDS, *categories]


def clause_fields(number: int, clause: Clause, policy: TaggedPolicy) -> dict[str, Any]:
    """Return the fields of a clause by name, without scores; `number` counts the clauses of its policy from 1."""
    return {
        "clause": number,
        "id": clause.id,
        "start": clause.start,
        "end": clause.end,
        "place": clause.place,
        "kind": clause.kind,
        "part": clause.part,
        "headings": list(clause.headings),
        "section": list(clause.section),
        "context": clause.context,
        "text": clause.text,
        "links": [link.address for link in policy.links(clause)],
        "labels": list(clause.labels),
    }


def policy_fields(policy: TaggedPolicy) -> dict[str, Any]:
    """Return the fields that all clauses of a policy share."""
    document = policy.document
    return {
        "policy": document.name,
        "format": document.format,
        "coverage": round(document.coverage, 4),
        "language": document.language,
    }


def numbered_clauses(policy: TaggedPolicy) -> Iterator[tuple[int, Clause]]:
    """Return each clause with its number in the policy; clauses that no `Tagger` numbered are counted from 1."""
    for position, clause in enumerate(policy.clauses, 1):
        yield clause.number or position, clause


def clause_rows(policy: TaggedPolicy) -> Iterator[dict[str, Any]]:
    """Return one row per clause, with the keys of `clause_columns`."""
    shared = policy_fields(policy)
    for number, clause in numbered_clauses(policy):
        yield {**shared, **clause_fields(number, clause, policy), **clause.scores}


def evidence(policy: TaggedPolicy, clause: Clause) -> str:
    """Return the sentence that carries each label best, one line per label."""
    text = policy.document.text
    lines = []
    for id in clause.labels:
        start, end = policy.sentence(clause, id)
        lines.append(f"{id}: {plain(text[start:end])}")
    return "\n".join(lines)
