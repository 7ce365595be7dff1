"""Write tagged policies as Markdown: headings, clauses as quotations under their labels, evidence in bold.

Every character of a policy that means something to Markdown is escaped, so that its text cannot become markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from classifier.render.formats import OutputFormat, RenderOptions
from classifier.render.highlight import highlight, is_wrapped
from classifier.render.shown import numbers, said_title, shown_clauses, shown_links, shown_values, values_by_label
from classifier.text.escaping import escape_controls
from classifier.text.markup import lines, plain

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.types import Clause

_ADDRESS_CHARACTERS = "%/:?#@!$&'+,;=-._~"
"""Characters of an address that keep their meaning; brackets, by which it could leave its place, are not among them."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:@$])")


def markdown_format(options: RenderOptions) -> OutputFormat:
    """Return the format; `show_all` shows navigation too, `explain` the evidence of each label."""
    return OutputFormat(partial(_policy, show_all=options.show_all, explain=options.explain), between="\n---\n\n")


def _policy(policy: TaggedPolicy, show_all: bool, explain: bool) -> Iterator[str]:
    titles = {category.id: category.title for category in policy.model.taxonomy}
    yield f"# {escaped(policy.document.name)}\n\n"
    yield from _summary(policy, titles)
    for number, clause, begins_section, repeats_context in shown_clauses(policy, show_all):
        if begins_section:
            yield f"### {' › '.join(map(escaped, clause.headings)) or '(no heading)'}\n\n"
        if clause.context and not repeats_context:
            yield f"*{escaped(clause.context)}*\n\n"
        yield _clause(number, clause, policy, titles, explain)
    model = f"{escaped(policy.model.name)} {policy.model.checksum[:12]}"
    yield f"Model {model}; a score is the probability that a label applies.\n"


def _summary(policy: TaggedPolicy, titles: dict[str, str]) -> Iterator[str]:
    yield "| Category | Clauses |\n|---|---|\n"
    yield from (f"| {escaped(titles[id])} | {count} |\n" for id, count in policy.counts().items() if count)
    yield "\n"
    if policy.is_foreign:
        yield f"Not found by the classifier: {escaped(policy.foreign_note)}.\n\n"
    else:
        for what, missing in zip(
            ("Not found by the classifier", "Not learned by this model"), policy.missing(), strict=True
        ):
            if missing:
                yield f"{what}: {', '.join(escaped(category.title) for category in missing)}.\n\n"
    for note in policy.document.notes:
        yield f"Note: {escaped(note)}.\n\n"
    yield from _answers(policy)


def _answers(policy: TaggedPolicy) -> Iterator[str]:
    """Write what the policy says on each question of the second level, each with its words."""
    if policy.level < 2:
        return
    from classifier.analysis.summary import summarize

    lines = summarize(policy)
    if lines:
        yield "| Question | Answer | Clauses | Words |\n|---|---|---|---|\n"
    for line in lines:
        rows = [(said_title(item.title, item.is_denied), item.clauses, item.quote) for item in line.items]
        rows += [(f"{fact.type}: {fact.value}", fact.clauses, fact.text) for fact in line.facts]
        for number, (answer, clauses, words) in enumerate(rows):
            question = "" if number else f"**{escaped(line.question)}**"
            cells = (question, escaped(answer), escaped(numbers(clauses)[1:-1]), escaped(plain(words)))
            yield f"| {' | '.join(cells)} |\n"
    if lines:
        yield "\n"


def _clause(number: int, clause: Clause, policy: TaggedPolicy, titles: dict[str, str], explain: bool) -> str:
    none = "navigation" if clause.kind == "navigation" else "no label"
    said = values_by_label(clause, policy.model.taxonomy)
    labels = " · ".join(
        f"**{escaped(titles[id])}** {clause.scores[id]:.2f}"
        + (f" ({escaped(shown_values(said[id]))})" if said[id] else "")
        for id in clause.labels
    )
    labels = labels or f"*{none}*"
    place = f" · {escaped(clause.place)}" if clause.place and not clause.place.startswith("/") else ""
    if explain:
        shown, _ = highlight(policy, clause, [policy.explain(clause, id) for id in clause.labels])
    else:
        shown = [[(line, -1)] for line in lines(clause.text, is_wrapped(policy.document))]
    quoted = [
        "".join(f"**{_escaped(part)}**" if span >= 0 else _escaped(part) for part, span in line) for line in shown
    ]
    near = policy.near_misses(clause) if explain else ()
    nearly = ", ".join(f"{escaped(titles[id])} {clause.scores[id]:.2f}" for id in near)
    after = f"Nearly: {nearly}.\n\n" if nearly else ""
    body = "\n>\n".join(f"> {line}" for line in quoted)
    return f"{number}\\. {labels}{place}\n\n{body}\n\n{_links(policy, clause)}{after}"


def _links(policy: TaggedPolicy, clause: Clause) -> str:
    links, n_more = shown_links(policy, clause) if clause.kind == "text" else ([], 0)
    if not links:
        return ""
    written = [
        f"[{escaped(link.words)}]({quote(link.address, safe=_ADDRESS_CHARACTERS)})"
        if link.is_safe
        else f"{escaped(link.words)} ({escaped(link.address)})"
        for link in links
    ]
    return f"Links: {', '.join(written)}{f', and {n_more} more' if n_more else ''}.\n\n"


def escaped(text: str) -> str:
    r"""Escape Markdown and control characters.

    >>> escaped("<b>*our* [site](x)")
    '\\<b\\>\\*our\\* \\[site\\]\\(x\\)'
    """
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", escape_controls(text))
