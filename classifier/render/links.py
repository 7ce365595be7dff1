"""The links of a clause as HTML and Markdown output show them below its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classifier.text.escaping import escape_controls
from classifier.text.markup import plain

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.types import Clause

MAX_SHOWN_LINKS = 20
"""Links of a clause that are shown; a list of vendors may have hundreds. JSON and tables have all."""
SAFE_BEGINNINGS = ("http://", "https://", "mailto:")
"""Beginnings of the addresses that may be followed; others are relative to an unknown page, or do something else."""


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
