"""What all output for people shows of a policy: its clauses under their headings, their lead-ins, their links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from classifier.render.table import numbered_clauses
from classifier.text.escaping import escape_controls
from classifier.text.markup import plain
from classifier.types import ValueLabel

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.taxonomy import Taxonomy
    from classifier.types import Clause

MAX_SHOWN_NUMBERS = 4
"""Clauses that an answer of a summary names."""
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


def values_by_label(clause: Clause, taxonomy: Taxonomy) -> dict[str, list[ValueLabel]]:
    """Return the values of a clause under each of its labels: under the first one in which the attribute may occur."""
    said: dict[str, list[ValueLabel]] = {id: [] for id in clause.labels}
    for value in clause.values:
        allowed = taxonomy.attribute(value.id.partition(".")[0]).categories or clause.labels
        for id in clause.labels:
            if id in allowed:
                said[id].append(value)
                break
    return said


def shown_values(values: Sequence[ValueLabel]) -> str:
    """Write values for people: by their ids, recipients behind an arrow.

    >>> shown_values([ValueLabel("data.location", 0.9, 0, 1, "a"), ValueLabel("recipient.advertiser", 0.9, 2, 3, "b", True)])
    'location -> not advertiser'
    """
    written = [
        (value.id, ("not " if value.is_denied else "") + value.id.partition(".")[2].replace("_", " "))
        for value in values
    ]
    others = [text for id, text in written if not id.startswith("recipient.")]
    recipients = [text for id, text in written if id.startswith("recipient.")]
    return " -> ".join(", ".join(part) for part in (others, recipients) if part)


def said_title(title: str, is_denied: bool) -> str:
    """Return the title of a value as an answer names it.

    >>> said_title("Contact data", False), said_title("Sold or shared", True)
    ('Contact data', 'not sold or shared')
    """
    return f"not {title[:1].lower()}{title[1:]}" if is_denied else title


def numbers(clauses: Sequence[int]) -> str:
    """Write the numbers of clauses in brackets, the first few of many.

    >>> numbers([3]), numbers(range(1, 9))
    ('[3]', '[1 2 3 4 +4]')
    """
    shown = [str(number) for number in clauses[:MAX_SHOWN_NUMBERS]]
    more = len(clauses) - len(shown)
    return f"[{' '.join(shown)}{f' +{more}' if more else ''}]"


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
