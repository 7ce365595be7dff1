"""Write tagged policies as JSON and JSON lines, for programs.

`tagged.schema.json` in this folder is the JSON Schema of both; a JSON line is one clause with its policy and model. With
explanations, each label has its reasons.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from itertools import islice
from json.encoder import encode_basestring as _quote
from typing import TYPE_CHECKING, Any

from classifier.render.formats import OutputFormat, RenderOptions, TaggedWith
from classifier.render.table import SCORE_DIGITS, clause_fields, level_2_fields, numbered_clauses, policy_fields

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.training.audit import Doubt
    from classifier.types import Clause

CHUNK_CLAUSES = 256
"""Clauses whose lines are joined before they are written; written one by one they cost a quarter more."""
SCHEMA_VERSION = 1
"""Raise it when a field is renamed, removed or changes its meaning; new fields do not raise it."""


def json_format(options: RenderOptions) -> OutputFormat:
    """Return the format of one JSON document with all policies."""
    return OutputFormat(partial(_policy_text, explain=options.explain), _head, ",\n", "\n ]\n}\n")


def jsonl_format(options: RenderOptions) -> OutputFormat:
    """Return the format of JSON lines, one clause per line."""
    return OutputFormat(partial(_policy_lines, explain=options.explain))


def policy_document(policy: TaggedPolicy, explain: bool = False) -> dict[str, Any]:
    """Return one policy with its model as plain data; see `TaggedPolicy.to_dict`."""
    return {**model_fields(policy), **policy_entry(policy, explain)}


def model_fields(source: TaggedWith) -> dict[str, Any]:
    """Return the version of the schema, and which model and thresholds were used."""
    return {
        "schema_version": SCHEMA_VERSION,
        "model": {
            "name": source.model.name,
            "sha256": source.model.checksum,
            "thresholds": {id: round(value, SCORE_DIGITS) for id, value in source.thresholds.items()},
        },
    }


def policy_entry(policy: TaggedPolicy, explain: bool = False) -> dict[str, Any]:
    """Return what is known of a policy and its clauses as plain data."""
    document = policy.document
    clauses = [
        {
            **clause_fields(number, clause, policy),
            "scores": {id: round(score, SCORE_DIGITS) for id, score in clause.scores.items()},
            **(reasons(policy, clause) if explain else {}),
        }
        for number, clause in numbered_clauses(policy)
    ]
    return {
        "name": document.name,
        "format": document.format,
        "encoding": document.encoding,
        "language": document.language,
        "length": len(document.text),
        "coverage": round(document.coverage, 4),
        "left_out": dict(document.left_out),
        "notes": list(document.notes),
        # the decoded source of a text file is with the user already
        **({} if document.format == "text" else {"text": document.text}),
        "clauses": clauses,
    }


def _head(source: TaggedWith) -> str:
    head = json.dumps(model_fields(source), ensure_ascii=False, indent=1)
    return head[: -len("\n}")] + ',\n "policies": [\n'


def _policy_text(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    yield json.dumps(policy_entry(policy, explain), ensure_ascii=False, indent=1)


def _policy_lines(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    lines = _lines(policy, explain)
    while chunk := "".join(islice(lines, CHUNK_CLAUSES)):
        yield chunk


def _lines(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    """Write a line per clause from a template, since `json.dumps` would take a third of the time of a whole run."""
    about = {"schema_version": SCHEMA_VERSION, **policy_fields(policy)}
    begin = f'{json.dumps(about, ensure_ascii=False)[:-1]}, "clause": '
    model = {"name": policy.model.name, "sha256": policy.model.checksum}
    end = f', "model": {json.dumps(model, ensure_ascii=False)}}}\n'
    scores = ", ".join(f"{json.dumps(id)}: %.{SCORE_DIGITS}f" for id in policy.model.taxonomy.ids)
    for number, clause in numbered_clauses(policy):
        why = f", {json.dumps(reasons(policy, clause), ensure_ascii=False)[1:-1]}" if explain else ""
        headings, section = _list(clause.headings), _list(clause.section)
        second = ""
        if policy.level > 1:
            second = f"{json.dumps(level_2_fields(policy, clause, number), ensure_ascii=False)[1:-1]}, "
        links = f"[{', '.join(_quote(link.address) for link in policy.links(clause))}]"
        yield (
            f'{begin}{number}, "id": "{clause.id}", "start": {clause.start}, "end": {clause.end}, '
            f'"place": {_quote(clause.place)}, "kind": "{clause.kind}", "part": "{clause.part}", '
            f'"headings": {headings}, "section": {section}, "context": {_quote(clause.context)}, '
            f'"text": {_quote(clause.text)}, "links": {links}, "labels": {_list(clause.labels)}, {second}'
            f'"scores": {{{scores % tuple(clause.scores.values())}}}{why}{end}'
        )


@lru_cache(1024)  # neighboring clauses have the same headings
def _list(items: tuple[str, ...]) -> str:
    return f"[{', '.join(map(_quote, items))}]"


def reasons(policy: TaggedPolicy, clause: Clause) -> dict[str, Any]:
    """Return near misses and explanations of a clause as plain data."""
    return {
        "near_misses": list(policy.near_misses(clause)),
        "explanations": {id: _explanation(policy, clause, id) for id in clause.labels},
    }


def _explanation(policy: TaggedPolicy, clause: Clause, category: str) -> dict[str, Any]:
    found, text = policy.explain(clause, category), policy.document.text
    start, end = policy.sentence(clause, found)
    return {
        "threshold": round(found.threshold, 5),
        "log_odds": round(found.log_odds, 6),
        "intercept": round(found.intercept, 6),
        "sentence": {"start": start, "end": end, "text": text[start:end]},
        "evidence": [{"start": a, "end": b, "text": text[a:b]} for a, b in found.evidence()],
        "terms": [
            {
                "term": reason.term,
                "words": reason.words,
                "value": round(reason.value, 6),
                "spans": [list(span) for span in reason.spans],
            }
            for reason in found.reasons
        ],
    }


def doubts_to_jsonl(doubts: Iterable[Doubt]) -> Iterator[str]:
    """Write doubted labels as JSON lines, one doubt per line."""
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
