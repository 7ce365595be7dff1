"""Write tagged policies as one HTML file that works offline, without scripts, on paper, by keyboard and in the dark.

Clauses follow the order of the policy under their labels, with the evidence marked; reasons and near misses open on demand.
All text of a policy is escaped, and the page forbids the browser to run or load anything, so that hostile text is shown and
never run. `policy_to_html` is the smaller view of a Jupyter cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from classifier.analysis.facts import facts_by_clause
from classifier.render.formats import OutputFormat, RenderOptions
from classifier.render.highlight import highlight
from classifier.render.shown import numbers, said_title, shown_clauses, shown_links, shown_values, values_by_label
from classifier.render.table import numbered_clauses, value_titles
from classifier.render.templating import Trusted, fill_template
from classifier.text.markup import plain

if TYPE_CHECKING:
    from classifier.model.explain import Explanation
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.taxonomy import Category
    from classifier.types import Clause

MAX_TERMS = 8
"""Terms named per label; the others are summed up."""
POLICY_NUMBER = "\x02"
"""Placeholder for the number of a policy on the page, unknown while the policy is written; `escape_controls` removes it from
the text of policies."""
_EXTRACTED = {
    "markdown": "Markdown with HTML in it",
    "mdx": "an MDX file",
    "rst": "a reStructuredText file",
    "html": "a web page",
    "mhtml": "a saved web page",
    "email": "an e-mail",
    "pdf": "a PDF",
    "docx": "a Word file",
}
"""Files whose text was extracted, by format."""
MAX_ANSWER_CLAUSES = 5
"""Clauses that an answer of the summary links to."""
_SENTENCE_SHARE = 0.8
"""A sentence longer than this share of its clause is not shown by itself."""
_END = "</main>\n</body>\n</html>\n"


def html_format(options: RenderOptions) -> OutputFormat:
    """Return the format; `show_all` shows navigation too, `explain` opens the reasons, so that they are printed."""
    return OutputFormat(
        partial(_policy, show_all=options.show_all, explain=options.explain),
        number=POLICY_NUMBER,
        begin=lambda source: fill_template(
            "page-begin.html",
            taxonomy=source.model.taxonomy,
            attributes=source.model.taxonomy.attributes if source.level > 1 else (),
        ),
        end=_END,
    )


def _policy(policy: TaggedPolicy, show_all: bool, explain: bool) -> Iterator[str]:
    document, model = policy.document, policy.model
    texts = [clause for clause in policy.clauses if clause.kind == "text"]
    missing, unlearned = ([], []) if policy.is_foreign else policy.missing()
    yield fill_template(
        "page-policy.html",
        id=Trusted(f"p{POLICY_NUMBER}"),
        name=document.name,
        title=document.name.rstrip("/").rpartition("/")[2] or document.name,
        format=document.format,
        pages=_EXTRACTED.get(document.format, ""),
        coverage=f"{document.coverage:.0%}" if document.left_out else None,
        left_out=[f"{reason} ({count:,} words)" for reason, count in document.left_out],
        notes=document.notes,
        n_clauses=len(texts),
        n_labeled=sum(bool(clause.labels) for clause in texts),
        overview=_overview(policy),
        missing=missing,
        unlearned=unlearned,
        foreign=policy.foreign_note,
        model=model,
        training=model.training,
        thresholds=[f"{entry.title} {policy.thresholds[entry.id]:.2f}" for entry in model.taxonomy],
        explain=explain,
        answers=_answers(policy),
        sections=_sections(policy, show_all),
    )


def _answers(policy: TaggedPolicy) -> list[dict[str, Any]]:
    """Return what the policy says on each question of the second level, for the template."""
    if policy.level < 2:
        return []
    from classifier.analysis.summary import summarize

    return [
        {
            "question": line.question,
            "items": [
                {
                    "title": said_title(item.title, item.is_denied),
                    "quote": plain(item.quote),
                    "clauses": item.clauses[:MAX_ANSWER_CLAUSES],
                    "more": len(item.clauses) - MAX_ANSWER_CLAUSES,
                }
                for item in line.items
            ]
            + [
                {
                    "title": plain(fact.text) if fact.type in ("address", "period", "age") else fact.value,
                    "quote": "",
                    "clauses": fact.clauses[:MAX_ANSWER_CLAUSES],
                    "more": len(fact.clauses) - MAX_ANSWER_CLAUSES,
                }
                for fact in line.facts
            ],
        }
        for line in summarize(policy)
    ]


def _overview(policy: TaggedPolicy) -> list[dict[str, Any]]:
    """Return the places of the clauses of each category that was found, in thousandths of the policy."""
    length = max(1, len(policy.document.text))
    rows = []
    for category in policy.model.taxonomy:
        places = [
            {
                "number": number,
                "x": round(1000 * clause.start / length, 1),
                "width": max(4.0, round(1000 * (clause.end - clause.start) / length, 1)),
            }
            for number, clause in numbered_clauses(policy)
            if category.id in clause.labels
        ]
        if places:
            rows.append({"category": category, "places": places})
    return rows


def _sections(policy: TaggedPolicy, show_all: bool) -> list[dict[str, Any]]:
    by_id = {category.id: category for category in policy.model.taxonomy}
    titles = value_titles(policy.model.taxonomy)
    sections: list[dict[str, Any]] = []
    for number, clause, begins_section, repeats_context in shown_clauses(policy, show_all):
        if begins_section or not sections:
            sections.append({"headings": clause.headings, "clauses": []})
        entry = _clause(number, clause, policy, by_id, titles)
        sections[-1]["clauses"].append({**entry, "repeats_context": repeats_context})
    return sections


def _clause(
    number: int, clause: Clause, policy: TaggedPolicy, by_id: dict[str, Category], titles: dict[str, str]
) -> dict[str, Any]:
    found = [policy.explain(clause, id) for id in clause.labels] if policy.can_explain else []
    shown, categories = highlight(policy, clause, found)
    labels = [
        {"category": by_id[why.category], "sentence": _sentence(clause, why, policy), **_reasons(why)} for why in found
    ] or [{"category": by_id[id], "score": clause.scores[id]} for id in clause.labels]
    said = values_by_label(clause, policy.model.taxonomy)
    for label in labels:
        label["values"] = [
            {
                "id": value.id.replace(".", "-"),
                "title": said_title(titles[value.id], value.is_denied),
                "quote": plain(value.quote),
                "score": value.score,
                "is_above": value.start < 0,
            }
            for value in said[label["category"].id]
        ]
    links, n_more_links = shown_links(policy, clause)
    facts = facts_by_clause(policy)[number] if policy.level > 1 else []
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
        "facts": [{"type": fact.type, "value": fact.value, "of": fact.of, "text": plain(fact.text)} for fact in facts],
        "value_classes": [f"v-{value.id.replace('.', '-')}" for value in clause.values],
        "links": links,
        "n_more_links": n_more_links,
        "labels": labels,
        "near": [by_id[id] for id in policy.near_misses(clause)],
        "lines": [
            {
                "item": "".join(text for text, _ in parts).startswith("• "),
                "parts": [(text, categories[number] if number >= 0 else "") for text, number in parts],
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
    """Return the sentence that carries a label; "" if the clause is hardly longer."""
    start, end = policy.sentence(clause, why)
    return plain(policy.document.text[start:end]) if end - start < _SENTENCE_SHARE * len(clause.text) else ""


def _reasons(why: Explanation) -> dict[str, Any]:
    named, others = why.reasons[:MAX_TERMS], why.reasons[MAX_TERMS:]
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
    """Return a policy for a Jupyter cell: counts, then its clauses with labels, scores and marked evidence.

    It needs no widgets, no script and no network; all text of the policy is escaped.
    """
    categories = {category.id: category for category in tagged.model.taxonomy}
    sections: list[tuple[tuple[str, ...], list[dict[str, object]]]] = []
    for _, clause, begins_section, repeats_context in shown_clauses(tagged):
        if begins_section or not sections:
            sections.append((clause.headings, []))
        said = values_by_label(clause, tagged.model.taxonomy)
        labels = [(categories[id], clause.scores[id], shown_values(said[id])) for id in clause.labels]
        marked, owners = highlight(
            tagged, clause, [tagged.explain(clause, id) for id in clause.labels] if tagged.can_explain else []
        )
        shown = [
            [(text, categories[owners[number]] if number >= 0 else None) for text, number in line] for line in marked
        ]
        context = "" if repeats_context else clause.context
        sections[-1][1].append({"context": context, "lines": shown, "labels": labels})
    counts = tagged.counts()
    return fill_template(
        "notebook.html",
        name=tagged.document.name,
        model=tagged.model,
        sections=sections,
        found=[(category, counts[category.id]) for category in tagged.model.taxonomy if counts[category.id]],
        missing=[] if tagged.is_foreign else tagged.missing().not_found,
        foreign=tagged.foreign_note,
        answers=_short_answers(tagged),
    )


def _short_answers(tagged: TaggedPolicy) -> list[tuple[str, str]]:
    """Return the questions of the second level and their answers, each on one line."""
    from classifier.analysis.summary import summarize

    return [
        (
            line.question,
            "; ".join(
                [f"{said_title(item.title, item.is_denied)} {numbers(item.clauses)}" for item in line.items]
                + [f"{fact.value} {numbers(fact.clauses)}" for fact in line.facts]
            ),
        )
        for line in summarize(tagged)
    ]
