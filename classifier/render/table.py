"""The columns that every table of clauses has: CSV, Parquet, data frames, and the fields of JSON lines.

One row per clause: where it is, what it says, its labels, then one column of scores per category, named by the category.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from classifier.text.markup import plain

if TYPE_CHECKING:
    from classifier.render.formats import TaggedWith
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.taxonomy import Taxonomy
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
LEVEL_2_FIELDS = ("attributes", "facts")
"""Fields of a clause that only policies tagged with level 2 have, after its labels."""
ATTRIBUTE_COLUMNS = [
    "policy",
    "clause",
    "id",
    "attribute",
    "value",
    "title",
    "denied",
    "score",
    "start",
    "end",
    "quote",
]
SCORE_DIGITS = 5
"""Decimal places of scores in all output."""


def clause_columns(source: TaggedWith) -> list[str]:
    """Return the names of the columns, in order."""
    return [*POLICY_FIELDS, *CLAUSE_FIELDS, *(LEVEL_2_FIELDS if source.level > 1 else ()), *source.model.taxonomy.ids]


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
        **(level_2_fields(policy, clause, number) if policy.level > 1 else {}),
    }


def level_2_fields(policy: TaggedPolicy, clause: Clause, number: int) -> dict[str, Any]:
    """Return the values of a clause and its facts as plain data."""
    from classifier.analysis.facts import facts_by_clause

    return {
        "attributes": [
            {
                "value": value.id,
                "denied": value.is_denied,
                "score": round(value.score, SCORE_DIGITS),
                "start": value.start,
                "end": value.end,
                "quote": value.quote,
            }
            for value in clause.values
        ],
        "facts": [
            {
                "type": fact.type,
                "value": fact.value,
                "of": fact.of,
                "kind": fact.kind,
                "start": fact.start,
                "end": fact.end,
                "text": fact.text,
            }
            for fact in facts_by_clause(policy)[number]
        ],
    }


def attribute_rows(policy: TaggedPolicy) -> Iterator[dict[str, Any]]:
    """Return one row per clause and value, with the keys of `ATTRIBUTE_COLUMNS`."""
    titles = value_titles(policy.model.taxonomy)
    for number, clause in numbered_clauses(policy):
        for value in clause.values:
            attribute, _, name = value.id.partition(".")
            row = (number, clause.id, attribute, name, titles[value.id], value.is_denied, value.score)
            yield dict(
                zip(
                    ATTRIBUTE_COLUMNS,
                    (policy.document.name, *row, value.start, value.end, value.quote),
                    strict=True,
                )
            )


def value_titles(taxonomy: Taxonomy) -> dict[str, str]:
    """Return the title of each value, "attribute.value" to title."""
    return {
        f"{attribute.id}.{value.id}": value.title for attribute in taxonomy.attributes for value in attribute.values
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
