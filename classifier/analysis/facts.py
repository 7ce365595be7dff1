"""Find facts in the clauses of a policy: what a parser reads off the text, each with its place and a normalized value.

Facts are parsed, not classified: periods, ages, dates, sums of money, countries, laws and their articles, companies and
authorities, e-mail, web and postal addresses, telephone numbers. Precision comes first: where it cannot be told what words
mean, no fact is yielded.

>>> [(fact.type, fact.value) for fact in find_facts("Server logs are kept for thirty (30) days in Ireland by Stripe, Inc.")]
[('period', 'P30D'), ('country', 'IE'), ('company', 'Stripe')]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from classifier.analysis.amounts import ages, dates, money, periods
from classifier.analysis.contacts import addresses, emails, phones, urls
from classifier.analysis.laws import articles, laws
from classifier.analysis.names import companies, places
from classifier.analysis.spans import Found
from classifier.types import Clause, ValueLabel

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy

_Parser = Callable[[str], Iterator[Found]]
_PARSERS: tuple[tuple[_Parser, bool], ...] = (
    (emails, True),
    (urls, True),
    (articles, True),
    (laws, True),
    (addresses, False),
    (phones, True),
    (companies, True),
    (dates, True),
    (ages, True),
    (money, True),
    (periods, True),
    (places, True),
)
"""The parsers, and whether their facts keep those of later ones out: a country in the name of a law is none."""
FACT_TYPES = (
    "period",
    "age",
    "date",
    "money",
    "country",
    "law",
    "article",
    "company",
    "email",
    "phone",
    "url",
    "address",
)
"""The types of facts, as output names them."""


def find_facts(text: str) -> list[Found]:
    """Find the facts of a text, in order of their places.

    Parameters
    ----------
    text
        A clause, with or without Markdown.

    Returns
    -------
    list of Found
        Offsets are into `text`. Facts do not overlap, but for those within a postal address.
    """
    taken: list[tuple[int, int]] = []
    found: list[Found] = []
    for parser, keeps_out in _PARSERS:
        new = [fact for fact in parser(text) if not any(fact.start < end and start < fact.end for start, end in taken)]
        found += new
        if keeps_out:
            taken += [(fact.start, fact.end) for fact in new]
    return sorted(found, key=lambda fact: (fact.start, -fact.end))


class Fact(NamedTuple):
    """A fact of a policy.

    Attributes
    ----------
    clause
        Number of the clause that says it, from 1.
    clause_id
        Its id.
    type
        One of `FACT_TYPES`.
    value
        Normalized: ISO 8601 for periods and dates, ISO 3166 for places, ISO 4217 and an amount for money, E.164 for telephone
        numbers, the usual name of laws and companies.
    of
        What it is about: the value or category of the clause that it belongs to, such as "retention.period"; of an article
        its law, if that stands beside it; "" if nothing fits.
    kind
        Of a company "vendor", "authority", "self_regulation" or "company", else "".
    start, end
        Place in the document's text.
    text
        The words.
    """

    clause: int
    clause_id: str
    type: str
    value: str
    of: str
    kind: str
    start: int
    end: int
    text: str


_MATTERS: dict[str, tuple[str, ...]] = {
    "period": (
        *("retention", "right.request", "change.notice", "security.breach", "rights", "cookies", "children", "changes"),
        "security",
    ),
    "age": ("age", "children"),
    "date": ("change.effective", "changes", "retention"),
    "money": ("rights", "region", "choice"),
    "country": (
        *("transfer.country", "transfer", "place", "contact.post", "region", "contact.representative", "contact"),
        "sharing",
    ),
    "law": ("basis", "place", "transfer", "right", "legal_basis", "region", "children", "rights"),
    "article": ("basis", "right", "transfer", "legal_basis", "rights", "region"),
    "company": (
        *("recipient", "tracking", "source.third_party", "right.complaint", "contact.controller"),
        *("contact.representative", "sharing", "cookies", "transfer", "rights", "contact"),
    ),
    "email": ("contact.dpo", "contact.representative", "contact.electronic", "right", "contact", "choice", "rights"),
    "phone": ("contact.phone", "right", "contact", "choice", "rights"),
    "url": ("contact.electronic", "choice", "right", "contact", "cookies", "rights"),
    "address": ("contact.post", "contact.representative", "contact.dpo", "contact", "rights"),
}  # fmt: skip
"""For each type what a fact may be of, in the order of preference: values, attributes, categories."""


def clause_facts(clause: Clause, number: int = 0) -> list[Fact]:
    """Find the facts of a tagged clause, and what each is of.

    >>> from classifier import load
    >>> tagged = load().tag_text("Server logs are kept for thirty (30) days.")
    >>> [(fact.value, fact.of) for fact in clause_facts(tagged[0])]
    [('P30D', 'retention.period')]
    """
    return [
        Fact(
            clause.number or number,
            clause.id,
            found.type,
            found.value,
            found.of if found.type == "article" and found.of else _matter(found, clause),
            found.of if found.type == "company" else "",
            clause.start + found.start,
            clause.start + found.end,
            found.text(clause.text),
        )
        for found in find_facts(clause.text)
    ]


def policy_facts(policy: TaggedPolicy) -> list[Fact]:
    """Find the facts of a policy, in order; navigation and the preference centers of consent managers have none."""
    return [
        fact
        for number, clause in enumerate(policy.clauses, 1)
        if clause.kind == "text"
        for fact in clause_facts(clause, number)
    ]


def _matter(found: Found, clause: Clause) -> str:
    """Return the value or category of a clause that a fact belongs to; among several values the nearest one in the text."""
    start, end = clause.start + found.start, clause.start + found.end

    def distance(value: ValueLabel) -> int:
        return 0 if value.start < 0 else max(value.start - end, start - value.end, 0)

    for matter in _MATTERS[found.type]:
        near = [value for value in clause.values if value.id == matter or value.id.startswith(f"{matter}.")]
        if near:
            return min(near, key=distance).id
        if matter in clause.labels:
            return matter
    return ""
