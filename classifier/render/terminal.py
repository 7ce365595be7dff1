"""Write tagged policies for a terminal: clauses under their headings, labels with scores, a summary at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

import click

from classifier.model.info import model_info
from classifier.render.formats import OutputFormat, RenderOptions
from classifier.render.highlight import highlight, is_wrapped
from classifier.render.shown import numbers, said_title, shown_clauses, shown_values, values_by_label
from classifier.text.escaping import escape_controls
from classifier.text.markup import lines, plain

if TYPE_CHECKING:
    from classifier.model.explain import Explanation, Reason
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.taxonomy import Category
    from classifier.training.audit import Doubt
    from classifier.types import Clause

MIN_WIDTH, MAX_WIDTH = 40, 100
"""Columns of a line."""
_BAR_COLUMNS = 30
LEGEND = (
    "explanations: (>= 0.44) is the threshold of a label; +1.10 is what a word adds to the log-odds of its score, (above) if "
    "the word is in the heading or the list intro; nearly: at least half of the threshold"
)
MAX_TERMS_FOR, MAX_TERMS_AGAINST = 6, 3
"""Terms named for a label and against it."""


def terminal_format(options: RenderOptions) -> OutputFormat:
    """Return the format of text for people."""
    return Terminal(options.width or MAX_WIDTH, options.color).format(options.show_all, options.explain)


class Terminal:
    """Sets text in lines of a width, in columns, with or without color."""

    def __init__(self, width: int = MAX_WIDTH, color: bool = False) -> None:
        self.width = max(MIN_WIDTH, min(MAX_WIDTH, width))
        self.color = color

    def format(self, show_all: bool = False, explain: bool = False) -> OutputFormat:
        """Return the format of tagged policies; `show_all` shows navigation too, `explain` the reasons of labels."""
        return OutputFormat(partial(self._policy, show_all=show_all, explain=explain))

    def doubts(self, doubts: Iterable[Doubt]) -> Iterator[str]:
        """Write doubted labels, one after the other."""
        for doubt in doubts:
            says = f"has {doubt.category}" if doubt.given else f"lacks {doubt.category}"
            reasons = f": {', '.join(doubt.reasons)}" if doubt.reasons else ""
            yield f"{escape_controls(doubt.example.id)} {says}, the model says {doubt.score:.2f}{escape_controls(reasons)}\n"
            yield f"  labels: {', '.join(doubt.example.labels) or 'none'}\n"
            yield "\n".join(self._body(line) for line in lines(doubt.example.text)) + "\n\n"

    def _policy(self, policy: TaggedPolicy, show_all: bool, explain: bool) -> Iterator[str]:
        yield self._rule(policy.document.name)
        for number, clause, begins_section, repeats_context in shown_clauses(policy, show_all):
            if begins_section:
                yield self._headings(clause.headings)
            if clause.context and not repeats_context:
                yield self._style(self._fill(clause.context, "  ", "  "), dim=True) + "\n"
            yield self._explained(number, clause, policy) if explain else self._clause(number, clause, policy)
        yield from self._summary(policy, show_all, explain)

    def _rule(self, title: str) -> str:
        title = escape_controls(title)
        return self._style(f"── {title} ".ljust(self.width, "─"), bold=True) + "\n\n"

    def _headings(self, headings: tuple[str, ...]) -> str:
        title = " › ".join(headings) or "(no heading)"
        return self._style(self._fill(title, "", "    "), bold=True) + "\n\n"

    def _clause(self, number: int, clause: Clause, policy: TaggedPolicy) -> str:
        body = "\n".join(self._body(line) for line in lines(clause.text, is_wrapped(policy.document)))
        return f"{self._head(number, clause, policy)}{body}\n\n"

    def _head(self, number: int, clause: Clause, policy: TaggedPolicy) -> str:
        by_id = {category.id: category for category in policy.model.taxonomy}
        said = values_by_label(clause, policy.model.taxonomy)
        labels = [self._label(by_id[id], clause.scores[id], shown_values(said[id])) for id in clause.labels]
        none = "navigation" if clause.kind == "navigation" else "no label"
        place = f"  {clause.place}" if clause.place and not clause.place.startswith("/") else ""
        # a line for each label where values make it long
        head = ("\n  " if any(said.values()) else "  ").join(labels) or self._style(none, dim=True)
        # the answers below name clauses by their numbers
        shown = self._style(f"{number} ", dim=True) if policy.level > 1 else ""
        return f"  {shown}{head}{self._style(escape_controls(place), dim=True)}\n"

    def _body(self, line: str, marks: Sequence[int] = (), styles: Sequence[Category] = ()) -> str:
        hang = "      " if line.startswith("• ") else "    "
        return self._fill(line, "    ", hang, marks, styles)

    def _fill(
        self, line: str, first: str, hang: str, marks: Sequence[int] = (), styles: Sequence[Category] = ()
    ) -> str:
        """Wrap a line between words; `textwrap` takes longer for that than tagging the clause.

        `marks` holds the number of a style for each character, -1 for none.
        """
        line, indent, lines, at = escape_controls(line), first, [], 0
        while len(line) - at > (room := self.width - len(indent)):
            cut = line.rfind(" ", at + 1, at + room + 1)
            cut = cut if cut > at else at + room  # a word longer than the line
            lines.append(indent + self._marked(line, at, cut, marks, styles))
            while line.startswith(" ", cut):
                cut += 1
            at, indent = cut, hang
        return "\n".join([*lines, indent + self._marked(line, at, len(line), marks, styles)])

    def _marked(self, line: str, start: int, end: int, marks: Sequence[int], styles: Sequence[Category]) -> str:
        if not self.color or not marks:
            return line[start:end].rstrip()
        parts = groupby(range(start, start + len(line[start:end].rstrip())), key=lambda k: marks[k])
        texts = [(mark, "".join(line[k] for k in places)) for mark, places in parts]
        return "".join(
            text if mark < 0 else self._style(text, styles[mark], bold=True, underline=True) for mark, text in texts
        )

    def _explained(self, number: int, clause: Clause, policy: TaggedPolicy) -> str:
        """Write a clause with its evidence marked, then the terms for and against each label."""
        by_id = {category.id: category for category in policy.model.taxonomy}
        found = [policy.explain(clause, id) for id in clause.labels]
        shown, categories = highlight(policy, clause, found)
        styles = [by_id[id] for id in categories]
        body = [
            self._body("".join(text for text, _ in line), [mark for text, mark in line for _ in text], styles)
            for line in shown
        ]
        why = [self._why(each, by_id[each.category], clause, policy) for each in found]
        if near := policy.near_misses(clause):
            missed = (f"{by_id[id].title} {clause.scores[id]:.2f} (>= {policy.thresholds[id]:.2f})" for id in near)
            why.append(self._style(self._fill(f"nearly: {', '.join(missed)}", "    ", "      "), dim=True))
        return "\n".join([f"{self._head(number, clause, policy)}{body[0] if body else ''}", *body[1:], *why]) + "\n\n"

    def _why(self, why: Explanation, category: Category, clause: Clause, policy: TaggedPolicy) -> str:
        for_it = [reason for reason in why.reasons if reason.value > 0][:MAX_TERMS_FOR]
        against = [reason for reason in why.reasons if reason.value < 0][:MAX_TERMS_AGAINST]
        rest = why.log_odds - why.intercept - sum(reason.value for reason in (*for_it, *against))
        parts = [", ".join(map(_term, each)) for each in (for_it, against)]
        named = "; ".join(filter(None, parts))
        others = f"other words {rest:+.2f}; intercept {why.intercept:+.2f}"
        said = f"{category.title} (>= {why.threshold:.2f}): {named}; {others}"
        lines = [self._style(self._fill(said, "    ", "      "), dim=True)]
        start, end = policy.sentence(clause, why)
        if end - start < 0.8 * len(clause.text):
            lines.append(
                self._style(self._fill(f"“{plain(policy.document.text[start:end])}”", "      ", "      "), dim=True)
            )
        return "\n".join(lines)

    def _label(self, category: Category, score: float, values: str = "") -> str:
        if not self.color:
            said = f": {values}" if values else ""
            return self._fill(f"[{category.title} {score:.2f}{said}]", "  ", "      ").lstrip()
        red, green, blue = _rgb(category)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140
        text = (255, 255, 255) if dark else (0, 0, 0)
        chip = click.style(f" {escape_controls(category.title)} {score:.2f} ", fg=text, bg=(red, green, blue))
        if not values:
            return chip
        width = len(category.title) + 9  # columns of the chip and its margin
        return f"{chip} {self._fill(' ' * width + values, '', '      ').lstrip()}"

    def _summary(self, policy: TaggedPolicy, show_all: bool, explain: bool) -> Iterator[str]:
        texts = [clause for clause in policy.clauses if clause.kind == "text"]
        links = len(policy.clauses) - len(texts)
        labeled = sum(bool(clause.labels) for clause in texts)
        yield self._rule("summary")
        hidden = f"; {links} of navigation {'' if show_all else 'not '}shown" if links else ""
        yield f"  {_clauses(len(texts))}, {labeled} with a label, {len(texts) - labeled} without{hidden}\n\n"
        counts = policy.counts()
        most = max(1, *counts.values())
        for category in policy.model.taxonomy:
            if count := counts[category.id]:
                bar = "█" * max(1, round(_BAR_COLUMNS * count / most))
                yield f"  {escape_controls(category.title):<24}{count:>4}  {self._style(bar, category)}\n"
        yield from self._answers(policy)
        for text in _missing(policy):
            yield "\n" + self._fill(text, "  ", "    ") + "\n"
        name = f"{policy.model.name} {policy.model.checksum[:12]}"
        document = policy.document
        if document.left_out:
            what = ", ".join(f"{reason} ({count:,} words)" for reason, count in document.left_out)
            keep = " (--keep-all keeps them)" if document.format in ("html", "mhtml", "email") else ""
            said = f"read {document.coverage:.0%} of the words; left out: {what}{keep}"
            yield "\n" + self._style(self._fill(said, "  ", "    "), dim=True)
        defaults = model_info(policy.model).thresholds
        given = {id: value for id, value in policy.thresholds.items() if value != defaults[id]}
        if given:
            said = f"thresholds set: {', '.join(f'{id} {value:.2f}' for id, value in given.items())}"
            yield "\n" + self._style(self._fill(said, "  ", "    "), dim=True)
        if explain:
            yield "\n" + self._style(self._fill(LEGEND, "  ", "    "), dim=True)
        note = f"model {name}; a score is the probability that a label applies"
        yield "\n" + self._style(self._fill(note, "  ", "    "), dim=True) + "\n\n"

    def _answers(self, policy: TaggedPolicy) -> Iterator[str]:
        """Write what the policy says on each question of the second level, with the numbers of the clauses."""
        if policy.level < 2:
            return
        from classifier.analysis.summary import summarize

        lines = summarize(policy)
        width = max((len(line.question) for line in lines), default=0) + 2
        for number, line in enumerate(lines):
            said = [f"{said_title(item.title, item.is_denied)} {numbers(item.clauses)}" for item in line.items]
            said += [
                f"{fact.text if fact.type == 'address' else fact.value} {numbers(fact.clauses)}" for fact in line.facts
            ]
            text = f"{line.question:<{width}}{'; '.join(map(' '.join, map(str.split, said)))}"
            yield ("\n" if not number else "") + self._fill(text, "  ", " " * (width + 2)) + "\n"

    def _style(
        self,
        text: str,
        category: Category | None = None,
        *,
        bold: bool = False,
        dim: bool = False,
        underline: bool = False,
    ) -> str:
        if not self.color or not text:
            return text
        color = _legible(category) if category else None
        return click.style(text, fg=color, bold=bold or None, dim=dim or None, underline=underline or None)


def _missing(policy: TaggedPolicy) -> Iterator[str]:
    """Say which categories were not found, or why that is unknown."""
    if policy.is_foreign:
        yield f"not found by the classifier: {policy.foreign_note}"
        return
    for what, missing in zip(
        ("not found by the classifier", "not learned by this model"), policy.missing(), strict=True
    ):
        if missing:
            yield f"{what}: {', '.join(category.title for category in missing)}"


def _term(reason: Reason) -> str:
    above = "" if reason.spans else " (above)"
    return f"{reason.words}{above} {reason.value:+.2f}"


def _legible(category: Category) -> tuple[int, int, int]:
    """Return the color of a category, lighter if it could not be read on black."""
    red, green, blue = _rgb(category)
    if 0.299 * red + 0.587 * green + 0.114 * blue > 90:
        return red, green, blue
    return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2


def _rgb(category: Category) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(category.color[1:])
    return red, green, blue


def _clauses(count: int) -> str:
    return "1 clause" if count == 1 else f"{count} clauses"
