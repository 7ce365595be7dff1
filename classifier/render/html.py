"""Tagged policies become one HTML file that works offline, without scripts, on paper, by keyboard and in the dark.

The clauses stand in the order of the policy under their labels, with the words marked that made them; why a label was given,
and which were missed by little, is said on demand. Whatever comes from a policy is escaped, and the page forbids its browser
to run or load anything, so that what is hostile in a policy is shown and never run.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from classifier.model.explain import Explanation
from classifier.render.formats import OutputFormat
from classifier.render.templating import Trusted, fill_template
from classifier.tagging.tagged import TaggedPolicy
from classifier.taxonomy import Category
from classifier.text.markup import plain
from classifier.types import Clause

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy

TERMS = 8
"""So many terms of a label are named; the others are added up."""
NUMBER = "\x02"
"""Stands for a policy's number on the page, which is not known where it is written; `safe` lets none of its own through."""
_END = "</main>\n</body>\n</html>\n"


def form(show_all: bool = False, explain: bool = False) -> OutputFormat:
    """Give the format; `show_all` also shows navigation, `explain` opens the reasons, so that they are printed too."""
    return OutputFormat(
        partial(_policy, show_all=show_all, explain=explain),
        number=NUMBER,
        begin=lambda tagger: fill_template("page-begin.html", taxonomy=tagger.model.taxonomy),
        end=_END,
    )


def _policy(policy: TaggedPolicy, show_all: bool, explain: bool) -> Iterator[str]:
    document, model = policy.document, policy.model
    texts = [clause for clause in policy.clauses if clause.kind == "text"]
    missing, unlearned = policy.missing()
    yield fill_template(
        "page-policy.html",
        id=Trusted(f"p{NUMBER}"),
        name=document.name,
        title=document.name.rstrip("/").rpartition("/")[2] or document.name,
        format=document.format,
        pages={"html": "a web page", "pdf": "a PDF", "docx": "a Word file"}.get(document.format, ""),
        coverage=f"{document.coverage:.0%}" if document.left_out else None,
        left_out=[f"{reason} ({count:,} words)" for reason, count in document.left_out],
        notes=document.notes,
        n_clauses=len(texts),
        n_labelled=sum(bool(clause.labels) for clause in texts),
        overview=_overview(policy),
        missing=missing,
        unlearned=unlearned,
        model=model,
        training=model.training,
        thresholds=[f"{entry.title} {policy.thresholds[entry.id]:.2f}" for entry in model.taxonomy],
        explain=explain,
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
        headings = clause.headings
        if not sections or sections[-1]["headings"] != headings:
            sections.append({"headings": headings, "clauses": []})
        sections[-1]["clauses"].append(_clause(number, clause, policy, by_id))
    return sections


def _clause(number: int, clause: Clause, policy: TaggedPolicy, by_id: dict[str, Category]) -> dict[str, Any]:
    found = [policy.explain(clause, id) for id in clause.labels]
    shown, owners = policy.evident_lines(clause, found)
    labels = [
        {"category": by_id[why.category], "sentence": _sentence(clause, why, policy), **_reasons(why)} for why in found
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
        "context": clause.context,
        "labels": labels,
        "near": [by_id[id] for id in policy.near_misses(clause)],
        "lines": [
            {
                "item": "".join(text for text, _ in parts).startswith("• "),
                "parts": [(text, owners[span] if span >= 0 else "") for text, span in parts],
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


def _sentence(clause: Clause, why: Explanation, policy: TaggedPolicy) -> str:
    """Give the sentence that carries a label, unless the clause is hardly more than that."""
    start, end = policy.sentence(clause, why)
    return plain(policy.document.text[start:end]) if end - start < 0.8 * len(clause.text) else ""


def _reasons(why: Explanation) -> dict[str, Any]:
    named, others = why.reasons[:TERMS], why.reasons[TERMS:]
    most = max((abs(reason.value) for reason in named), default=0.0) or 1.0
    return {
        "score": why.score,
        "threshold": why.threshold,
        "intercept": why.intercept,
        "log_odds": why.log_odds,
        "others": len(others),
        "rest": sum(reason.value for reason in others),
        "terms": [
            {
                "words": reason.words,
                "value": reason.value,
                "width": round(100 * abs(reason.value) / most),
                "above": not reason.spans,
            }
            for reason in named
        ],
    }


def policy_to_html(tagged: TaggedPolicy) -> str:
    """Show a policy: counts, then its clauses under their headings, each with its labels, scores and the words that speak.

    Everything that comes from the document is escaped.
    """
    categories = {category.id: category for category in tagged.model.taxonomy}
    sections: list[tuple[tuple[str, ...], list[dict[str, object]]]] = []
    for clause in tagged.clauses:
        if clause.kind == "navigation":
            continue
        if not sections or sections[-1][0] != clause.headings:
            sections.append((clause.headings, []))
        labels = [(categories[id], clause.scores[id]) for id in clause.labels]
        marked, owners = tagged.evident_lines(clause, [tagged.explain(clause, id) for id in clause.labels])
        shown = [[(text, categories[owners[span]] if span >= 0 else None) for text, span in line] for line in marked]
        sections[-1][1].append({"lines": shown, "labels": labels})
    counts = tagged.counts()
    return fill_template(
        "notebook.html",
        name=tagged.document.name,
        model=tagged.model,
        sections=sections,
        found=[(category, counts[category.id]) for category in tagged.model.taxonomy if counts[category.id]],
        missing=tagged.missing()[0],
    )
