"""What programs read: JSON, JSON lines and CSV, the same fields in each.

`tagged.schema.json` beside this module is the JSON Schema of the JSON; one line of the JSON lines is one clause, with the
policy's name and the model's beside it. Where reasons are asked for, each label has its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain, islice
from json.encoder import encode_basestring as _string
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.render.formats import OutputFormat
from classifier.tagging.tagged import TaggedPolicy
from classifier.tagging.tagger import Tagger
from classifier.types import Clause

if TYPE_CHECKING:
    from classifier.training.audit import Doubt

_encode = json.JSONEncoder(ensure_ascii=False).encode
_UNESCAPED = bytes(set(range(32, 256)) - set(b'"\\'))
CHUNK_CLAUSES = 256
"""The scores of so many clauses are laid out, and so many lines written, at once."""
SCHEMA_VERSION = 1
"""Raise it when a field is renamed, removed or changes its meaning; new fields do not raise it."""


def json_format(explain: bool = False) -> OutputFormat:
    """Give the format of one JSON document."""
    return OutputFormat(partial(_json_policy, explain=explain), _json_head, ",\n", "\n ]\n}\n")


def jsonl_format(explain: bool = False) -> OutputFormat:
    """Give the format of JSON lines, one clause a line."""
    return OutputFormat(lambda policy: _some(_jsonl_policy(policy, explain)))


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


def _json_policy(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    document = policy.document
    content = {
        "name": document.name,
        "format": document.format,
        "encoding": document.encoding,
        "length": len(document.text),
        "coverage": round(document.coverage, 4),
        "left_out": dict(document.left_out),
        "notes": document.notes,
        # of a text file the person has it already
        **({} if document.format == "text" else {"text": document.text}),
        "clauses": [{**_clause(clause), **(reasons(policy, clause) if explain else {})} for clause in policy.clauses],
    }
    yield json.dumps(content, ensure_ascii=False, indent=1)


def _some(lines: Iterator[str]) -> Iterator[str]:
    """Put some lines together: written one by one they cost a quarter more."""
    while some := "".join(islice(lines, CHUNK_CLAUSES)):
        yield some


def _jsonl_policy(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    """Write a policy as `_clause` does, a clause a line; by hand, since `json` would take a third of all time."""
    document = policy.document
    about = f'"policy": {_encode(document.name)}, "format": "{document.format}", "coverage": {document.coverage:.4f}'
    begin = f'{{"schema_version": {SCHEMA_VERSION}, {about}, "clause": '
    end = f', "model": {_encode({"name": policy.model.name, "sha256": policy.model.checksum})}}}\n'
    for number, (clause, scores) in enumerate(zip(policy.clauses, _scores(policy), strict=True), 1):
        why = f", {_encode(reasons(policy, clause))[1:-1]}" if explain else ""
        yield (
            f'{begin}{number}, "start": {clause.start}, "end": {clause.end}, "place": {_string(clause.place)}, '
            f'"kind": "{clause.kind}", "headings": {_list(clause.headings)}, "context": {_string(clause.context)}, '
            f'"text": {_quoted(clause.text)}, "labels": {_list(clause.labels)}, '
            f'"scores": {{{scores}}}{why}{end}'
        )


def _scores(policy: TaggedPolicy) -> Iterator[str]:
    """Write the scores of each clause, from 0 to 1, many at once: by `%.5f`, one by one, they take as long as all else.

    The lines are alike but for the digits, those up to the second decimal from one table and the last three from another.
    Of a score right between two figures (one in ten thousand million is) either may be written.
    """
    row, high_at, low_at = _row(policy.model.taxonomy.ids)
    for start in range(0, len(policy.clauses), CHUNK_CLAUSES):
        clauses = policy.clauses[start : start + CHUNK_CLAUSES]
        values = np.fromiter(chain.from_iterable([clause.scores.values() for clause in clauses]), dtype=np.float64)
        high, low = np.divmod(np.rint(values * 10**5).astype(np.intp), 1000)
        rows = np.tile(row, (len(clauses), 1))
        rows[:, high_at] = _HIGH.take(high, 0).reshape(len(clauses), -1)
        rows[:, low_at] = _LOW.take(low, 0).reshape(len(clauses), -1)
        text = rows.tobytes().decode("ascii")
        yield from (text[at : at + len(row)] for at in range(0, len(text), len(row)))


@lru_cache(16)
def _row(ids: tuple[str, ...]) -> tuple[NDArray[np.uint8], NDArray[np.intp], NDArray[np.intp]]:
    """Write the scores of a clause with all digits 0; give the bytes, and where in them digits of the two tables belong."""
    members = [f"{json.dumps(id)}: 0.00000" for id in ids]
    ends = np.cumsum([len(member) + len(", ") for member in members])[:, None] - len(", ")
    row = np.frombuffer(", ".join(members).encode(), dtype=np.uint8)
    return row, (ends + np.arange(-7, -3)).ravel(), (ends + np.arange(-3, 0)).ravel()


def _digits(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Lay texts of one length out as bytes, of shape (n_texts, length)."""
    found = [text.encode() for text in texts]
    return np.frombuffer(b"".join(found), dtype=np.uint8).reshape(len(found), -1)


_HIGH, _LOW = _digits(f"{k / 100:.2f}" for k in range(101)), _digits(f"{k:03}" for k in range(1000))


def _quoted(text: str) -> str:
    """Write a string; most hold nothing to escape, and to see this first takes half the time."""
    return _string(text) if text.encode(errors="surrogatepass").translate(None, _UNESCAPED) else f'"{text}"'


@lru_cache(1024)  # the same headings and labels come again and again
def _list(items: Sequence[str]) -> str:
    return f"[{', '.join(map(_string, items))}]"


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "start": clause.start,
        "end": clause.end,
        "place": clause.place,
        "kind": clause.kind,
        "headings": clause.headings,
        "context": clause.context,
        "text": clause.text,
        "labels": clause.labels,
        "scores": {id: round(score, 5) for id, score in clause.scores.items()},
    }


def reasons(policy: TaggedPolicy, clause: Clause) -> dict[str, Any]:
    """Say as plain data why a clause has its labels, and which it nearly has."""
    return {
        "near_misses": policy.near_misses(clause),
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
            {"term": reason.term, "words": reason.words, "value": round(reason.value, 6), "spans": reason.spans}
            for reason in found.reasons
        ],
    }


def doubts_to_jsonl(doubts: Iterable[Doubt]) -> Iterator[str]:
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
