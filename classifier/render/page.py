"""Tagged policies become one HTML file that works offline, without scripts, on paper, by keyboard and in the dark.

The clauses stand in the order of the policy under their labels, with the words marked that made them; why a label was given,
and which were missed by little, is said on demand. Whatever comes from a policy is escaped, and the page forbids its browser
to run or load anything, so that what is hostile in a policy is shown and never run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from classifier.predict import TaggedPolicy
from classifier.render import Format
from classifier.render.terminal import safe
from classifier.taxonomy import Category
from classifier.templates import render
from classifier.text import marked_lines, plain
from classifier.types import Clause

TERMS = 8
"""So many terms of a label are named; the others are added up."""
WORDS = 6
"""So many words at most are marked for a label."""
_END = "</main>\n</body>\n</html>\n"


def form(show_all: bool = False) -> Format:
    """Give the format; `show_all` also shows navigation."""
    return Format(
        partial(_policy, show_all=show_all),
        begin=lambda tagger: render("page-begin.html", taxonomy=tagger.model.taxonomy),
        end=_END,
    )


def _policy(policy: TaggedPolicy, show_all: bool) -> Iterator[str]:
    document, model = policy.document, policy.model
    texts = [clause for clause in policy.clauses if clause.kind == "text"]
    missing, unlearned = policy.missing()
    averages = model.training.get("figures", {}).get("averages", {})
    yield render(
        "page-policy.html",
        # the same on every run, and another for each policy on the page
        id=f"p{hashlib.sha256(document.name.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}",
        name=safe(document.name),
        format=document.format,
        pages={"html": "a web page", "pdf": "a PDF", "docx": "a Word file"}.get(document.format, ""),
        coverage=f"{document.coverage:.0%}" if document.format == "html" else None,
        notes=[safe(note) for note in document.notes],
        n_clauses=len(texts),
        n_labelled=sum(bool(clause.labels) for clause in texts),
        overview=_overview(policy),
        missing=missing,
        unlearned=unlearned,
        model=model,
        training=model.training,
        figures=averages["macro_f1"][0] if "macro_f1" in averages else None,
        sections=_sections(policy, show_all),
    )


def _overview(policy: TaggedPolicy) -> list[dict[str, Any]]:
    """Say where the clauses of each category that was found stand, in thousandths of the policy."""
    length = max(1, len(policy.document.text))
    rows = []
    for category in policy.model.taxonomy:
        places = [
            {
                "number": number,
                "x": round(1000 * clause.start / length, 1),
                "width": max(4.0, round(1000 * (clause.end - clause.start) / length, 1)),
            }
            for number, clause in enumerate(policy.clauses, 1)
            if category.id in clause.labels
        ]
        if places:
            rows.append({"category": category, "places": places})
    return rows


def _sections(policy: TaggedPolicy, show_all: bool) -> list[dict[str, Any]]:
    by_id = {category.id: category for category in policy.model.taxonomy}
    sections: list[dict[str, Any]] = []
    for number, clause in enumerate(policy.clauses, 1):
        if clause.kind == "navigation" and not show_all:
            continue
        headings = tuple(map(safe, clause.headings))
        if not sections or sections[-1]["headings"] != headings:
            sections.append({"headings": headings, "clauses": []})
        sections[-1]["clauses"].append(_clause(number, clause, policy, by_id))
    return sections


def _clause(number: int, clause: Clause, policy: TaggedPolicy, by_id: dict[str, Category]) -> dict[str, Any]:
    found = {id: policy.explain(clause, id) for id in clause.labels}
    spans = [(span, id) for id, why in found.items() for span in why.evidence(WORDS)]
    shown = marked_lines(clause.text, [(start - clause.start, end - clause.start) for (start, end), _ in spans])
    labels = [
        {"category": by_id[id], "sentence": _sentence(clause, id, policy), **_reasons(why)} for id, why in found.items()
    ]
    order = sorted(clause.scores, key=lambda id: -clause.scores[id])
    is_path = clause.place.startswith("/")
    return {
        "number": number,
        "kind": clause.kind,
        "start": clause.start,
        "end": clause.end,
        "place": "" if is_path else clause.place,
        "path": clause.place if is_path else "",
        "context": safe(clause.context),
        "labels": labels,
        "near": [by_id[id] for id in policy.near_misses(clause)],
        "lines": [
            {
                "item": "".join(text for text, _ in parts).startswith("• "),
                "parts": [(safe(text), spans[span][1] if span >= 0 else "") for text, span in parts],
            }
            for parts in shown
        ],
        "scores": [
            {
                "category": by_id[id],
                "score": clause.scores[id],
                "threshold": policy.thresholds[id],
                "given": id in clause.labels,
            }
            for id in order
        ],
    }


def _sentence(clause: Clause, id: str, policy: TaggedPolicy) -> str:
    """Give the sentence that carries a label, unless the clause is hardly more than that."""
    start, end = policy.sentence(clause, id)
    return safe(plain(policy.document.text[start:end])) if end - start < 0.8 * len(clause.text) else ""


def _reasons(why: Any) -> dict[str, Any]:
    named, others = why.reasons[:TERMS], why.reasons[TERMS:]
    most = max((abs(reason.value) for reason in named), default=1.0)
    return {
        "score": why.score,
        "threshold": why.threshold,
        "intercept": why.intercept,
        "log_odds": why.log_odds,
        "others": len(others),
        "rest": sum(reason.value for reason in others),
        "terms": [
            {
                "words": safe(reason.words),
                "value": reason.value,
                "width": round(100 * abs(reason.value) / most),
                "above": not reason.spans,
            }
            for reason in named
        ],
    }
