"""What all output for people shows of a policy: its clauses under their headings, their lead-ins, their links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from classifier.render.table import numbered_clauses
from classifier.text.escaping import escape_controls
from classifier.text.markup import plain

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.types import Clause

MAX_SHOWN_LINKS = 20
"""Links of a clause that are shown; a list of vendors may have hundreds. JSON and tables have all."""
SAFE_BEGINNINGS = ("http://", "https://", "mailto:")
"""Beginnings of the addresses that may be followed; others are relative to an unknown page, or do something else."""


class ShownClause(NamedTuple):
    """A clause that is shown.

    Attributes
    ----------
    number
        Its number in the policy, from 1.
    clause
        The clause.
    begins_section
        Whether its headings are others than those of the clause shown before it; of the first one, whether it has any.
    repeats_context
        Whether its lead-in is that of the clause shown before it, and so need not be shown again.
    """

    number: int
    clause: Clause
    begins_section: bool
    repeats_context: bool


def shown_clauses(policy: TaggedPolicy, show_all: bool = False) -> Iterator[ShownClause]:
    """Yield the clauses that people read, in order; `show_all` yields navigation too.

    >>> from classifier import load
    >>> tagged = load().tag_text("# Logs\\n\\nWe keep logs.\\n\\nWe delete logs.\\n\\n# Cookies\\n\\nWe use cookies.")
    >>> [(shown.number, shown.begins_section) for shown in shown_clauses(tagged)]
    [(1, True), (2, False), (3, True)]
    """
    headings: tuple[str, ...] = ()
    context = ""
    for number, clause in numbered_clauses(policy):
        if clause.kind == "navigation" and not show_all:
            continue
        begins_section = clause.headings != headings
        yield ShownClause(number, clause, begins_section, not begins_section and clause.context == context)
        headings, context = clause.headings, clause.context


class ShownLink(NamedTuple):
    """A link: its words, its address, and whether the address may be followed from a report."""

    words: str
    address: str
    is_safe: bool


def shown_links(policy: TaggedPolicy, clause: Clause) -> tuple[list[ShownLink], int]:
    """Return the first links of a clause, without duplicates, and the number of those left out."""
    text = policy.document.text
    words_by_address: dict[str, str] = {}
    for start, end, address in policy.links(clause):
        words_by_address.setdefault(address, text[start:end])
    shown = [
        ShownLink(plain(words), escape_controls(address), address.lower().startswith(SAFE_BEGINNINGS))
        for address, words in list(words_by_address.items())[:MAX_SHOWN_LINKS]
    ]
    return shown, len(words_by_address) - len(shown)
