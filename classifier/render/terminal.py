"""What a person reads in a terminal: clauses under their headings, labels with scores, a summary at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from classifier.predict import TaggedPolicy
from classifier.render import Format
from classifier.taxonomy import Category
from classifier.text import lines
from classifier.types import Clause

if TYPE_CHECKING:
    from classifier.audit import Doubt

MIN_WIDTH, MAX_WIDTH = 40, 100
_BAR = 30
# Control characters could move the cursor or recolour the terminal, direction marks reorder what is read.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Terminal:
    """How text is set: the width in columns and whether there is colour."""

    def __init__(self, width: int = MAX_WIDTH, color: bool = False) -> None:
        self.width = max(MIN_WIDTH, min(MAX_WIDTH, width))
        self.color = color

    def format(self, show_all: bool = False) -> Format:
        """Give the format of tagged policies; `show_all` also shows navigation."""
        return Format(partial(self._policy, show_all=show_all))

    def doubts(self, doubts: Iterable[Doubt]) -> Iterator[str]:
        """Set doubted labels, one after the other."""
        for doubt in doubts:
            says = f"has {doubt.category}" if doubt.given else f"lacks {doubt.category}"
            reasons = f": {', '.join(doubt.reasons)}" if doubt.reasons else ""
            yield f"{safe(doubt.example.id)} {says}, the model says {doubt.score:.2f}{safe(reasons)}\n"
            yield f"  labels: {', '.join(doubt.example.labels) or 'none'}\n"
            yield "\n".join(self._body(line) for line in lines(doubt.example.text)) + "\n\n"

    def _policy(self, policy: TaggedPolicy, show_all: bool) -> Iterator[str]:
        yield self._rule(policy.document.name)
        headings: tuple[str, ...] | None = None
        for clause in policy.clauses:
            if clause.kind == "navigation" and not show_all:
                continue
            if clause.headings != headings:
                headings = clause.headings
                yield self._headings(headings)
            yield self._clause(clause, policy)
        yield from self._summary(policy, show_all)

    def _rule(self, title: str) -> str:
        title = safe(title)
        return self._style(f"── {title} ".ljust(self.width, "─"), bold=True) + "\n\n"

    def _headings(self, headings: tuple[str, ...]) -> str:
        if not headings:
            return ""
        return self._style(self._fill(" › ".join(headings), "", "    "), bold=True) + "\n\n"

    def _clause(self, clause: Clause, policy: TaggedPolicy) -> str:
        by_id = {category.id: category for category in policy.model.taxonomy}
        labels = [self._label(by_id[id], clause.scores[id]) for id in clause.labels]
        none = "navigation" if clause.kind == "navigation" else "no label"
        head = "  ".join(labels) if labels else self._style(none, dim=True)
        body = "\n".join(self._body(line) for line in lines(clause.text))
        return f"  {head}\n{body}\n\n"

    def _body(self, line: str) -> str:
        hang = "      " if line.startswith("• ") else "    "
        return self._fill(line, "    ", hang)

    def _fill(self, line: str, first: str, hang: str) -> str:
        """Break a line between words where it is full; `textwrap` takes longer for that than tagging the clause."""
        line, indent, lines = safe(line), first, []
        while len(line) > (room := self.width - len(indent)):
            cut = line.rfind(" ", 1, room + 1)
            cut = cut if cut > 0 else room  # a word longer than the line
            lines.append(indent + line[:cut].rstrip())
            line, indent = line[cut:].lstrip(), hang
        return "\n".join([*lines, indent + line])

    def _label(self, category: Category, score: float) -> str:
        if not self.color:
            return f"[{safe(category.title)} {score:.2f}]"
        red, green, blue = _rgb(category)
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 140
        text = (255, 255, 255) if dark else (0, 0, 0)
        return click.style(f" {safe(category.title)} {score:.2f} ", fg=text, bg=(red, green, blue))

    def _summary(self, policy: TaggedPolicy, show_all: bool) -> Iterator[str]:
        texts = [clause for clause in policy.clauses if clause.kind == "text"]
        links = len(policy.clauses) - len(texts)
        labelled = sum(bool(clause.labels) for clause in texts)
        yield self._rule("summary")
        hidden = f"; {links} of navigation {'' if show_all else 'not '}shown" if links else ""
        yield f"  {_clauses(len(texts))}, {labelled} with a label, {len(texts) - labelled} without{hidden}\n\n"
        counts = policy.counts()
        most = max(1, *counts.values())
        for category in policy.model.taxonomy:
            if count := counts[category.id]:
                bar = "█" * max(1, round(_BAR * count / most))
                yield f"  {safe(category.title):<24}{count:>4}  {self._style(bar, category)}\n"
        for what, missing in zip(
            ("not found by the classifier", "not learned by this model"), policy.missing(), strict=True
        ):
            if missing:
                text = f"{what}: {', '.join(category.title for category in missing)}"
                yield "\n" + self._fill(text, "  ", "    ") + "\n"
        name = f"{policy.model.name} {policy.model.checksum[:12]}"
        note = f"model {name}; a score is the probability that a label applies"
        yield "\n" + self._style(self._fill(note, "  ", "    "), dim=True) + "\n\n"

    def _style(self, text: str, category: Category | None = None, *, bold: bool = False, dim: bool = False) -> str:
        if not self.color:
            return text
        return click.style(text, fg=_rgb(category) if category else None, bold=bold or None, dim=dim or None)


def _rgb(category: Category) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(category.colour[1:])
    return red, green, blue


def safe(text: str) -> str:
    """Replace what could play tricks on a terminal: controls, escape sequences, marks of direction."""
    return _UNSAFE.sub("�", text)


def _clauses(count: int) -> str:
    return "1 clause" if count == 1 else f"{count} clauses"
