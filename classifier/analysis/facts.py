"""Find facts in the clauses of a policy: what a parser reads off the text, each with its place and a normalized value.

Facts are parsed, not classified: periods, ages, dates, sums of money, countries, laws and their articles, companies and
authorities, e-mail, web and postal addresses, telephone numbers. Precision comes first: where it cannot be told what words
mean, no fact is yielded.

>>> [(fact.type, fact.value) for fact in find_facts("Server logs are kept for thirty (30) days in Ireland by Stripe, Inc.")]
[('period', 'P30D'), ('country', 'IE'), ('company', 'Stripe')]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from classifier.analysis.amounts import ages, dates, money, periods
from classifier.analysis.contacts import addresses, emails, phones, urls
from classifier.analysis.laws import articles, laws
from classifier.analysis.names import companies, places
from classifier.analysis.spans import Found, Taken, link_targets
from classifier.types import Clause, ValueLabel

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy


class _Parser(NamedTuple):
    """A parser of facts.

    Attributes
    ----------
    find
        Yields the facts of a text.
    can_find
        Whether a text may have some; most clauses are passed over by a look for a digit or a word.
    keeps_out
        Whether its facts keep those of later parsers out: a country in the name of a law is none.
    """

    find: Callable[[str], Iterator[Found]]
    can_find: Callable[[_Look], bool]
    keeps_out: bool = True


class _Look(NamedTuple):
    """What a glance at a text tells: the text, the same in lower case, and whether it holds a digit or a number in words."""

    text: str
    lower: str
    has_digit: bool
    has_number: bool

    @classmethod
    def at(cls, text: str) -> _Look:
        lower = text.lower()
        has_digit = any(map(lower.__contains__, "0123456789"))
        return cls(text, lower, has_digit, has_digit or any(map(lower.__contains__, _NUMBER_WORDS)))

    def has(self, *words: str) -> bool:
        return any(map(self.lower.__contains__, words))


_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve teen twenty thirty forty fifty ninety".split()
)
_PARSERS = (
    _Parser(emails, lambda look: look.has("@", "[at]", "(at)", "[ at ]", "( at )")),
    _Parser(urls, lambda look: look.has("://", "www.", ".c", ".o", ".n", ".g", ".e", ".i", ".a", ".d", ".f")),
    _Parser(
        articles, lambda look: look.has_digit and look.has("art", "sec", "§", "code", "cfr", "c.f.r", "u.s.c", "usc")
    ),
    _Parser(laws, lambda look: look.lower != look.text),
    _Parser(addresses, lambda look: look.has_digit, keeps_out=False),
    _Parser(phones, lambda look: look.has_digit),
    _Parser(companies, lambda look: look.lower != look.text),
    _Parser(dates, lambda look: look.has_digit),
    _Parser(ages, lambda look: look.has_number and look.has("age", "under", "over", "old", "below", "young", "+")),
    _Parser(money, lambda look: look.has_digit),
    _Parser(periods, lambda look: look.has("second", "minute", "hour", "day", "week", "month", "quarter", "year")),
    _Parser(places, lambda look: look.lower != look.text),
)
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


MIN_NAME = 3
"""Letters of a company whose name alone is looked for."""
_TITLE = re.compile(
    r"^(?:The\s)?(?P<name>[A-Z0-9][\w&’'.-]*(?:\s(?!Privacy|Cookies?|Data|Global|Website|Online|Customer|User|Consumer|Our|Your|Supplemental)"
    r"[A-Z0-9&][\w&’'.-]*){0,3}?)(?:[’']s?)?\s(?:(?:Global|Website|Online|Customer|User|Consumer|App|Mobile|Group|Services?|Supplemental)\s)?"
    r"(?:Privacy|Cookies?|Data\sProtection)\s(?:Policy|Notice|Statement|Center|Centre|Hub|Information)\b"
)
"""A title that names whose policy it is."""
_GENERIC_NAMES = frozenset(
    "Our Your The Privacy Website Online Customer Employee Applicant Candidate California Consumer Data".split()
)


def find_facts(text: str, names: Sequence[str] = ()) -> list[Found]:
    """Find the facts of a text, in order of their places.

    Parameters
    ----------
    text
        A clause, with or without Markdown.
    names
        Names of companies besides those of the tables and those with a legal form.

    Returns
    -------
    list of Found
        Offsets are into `text`. Facts do not overlap, but for those within a postal address.
    """
    look = _Look.at(text)
    taken = Taken(text)
    for start, end in link_targets(text):
        taken.add(start, end)
    found: list[Found] = []
    for parser in _PARSERS:
        if not parser.can_find(look):
            continue
        new = [fact for fact in parser.find(text) if not taken.overlaps(fact.start, fact.end)]
        found += new
        for fact in new if parser.keeps_out else ():
            taken.add(fact.start, fact.end)
    for name in names:
        for match in re.finditer(rf"(?<![\w@./-]){re.escape(name)}(?![\w@/-]|\.\w)", text):
            if not taken.overlaps(*match.span()):
                taken.add(*match.span())
                found.append(Found("company", *match.span(), name, "company"))
    # "New York 11731" is a part of an address, a country at its end is told for itself
    addressed = [(fact.start, fact.end) for fact in found if fact.type == "address"]
    found = [
        fact
        for fact in found
        if not ("-" in fact.value and fact.type == "country" and any(a <= fact.start < b for a, b in addressed))
    ]
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
        Of a company "vendor", "authority", "self_regulation", "software" (browsers, systems) or "company", else "".
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


def clause_facts(clause: Clause, number: int = 0, names: Sequence[str] = ()) -> list[Fact]:
    """Find the facts of a tagged clause, and what each is of.

    Parameters
    ----------
    clause
        The clause.
    number
        Its number, if no tagger gave it one.
    names
        Names of companies that only the rest of the policy tells; see `own_names`.

    Examples
    --------
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
        for found in find_facts(clause.text, names)
    ]


def facts_by_clause(policy: TaggedPolicy) -> dict[int, list[Fact]]:
    """Find the facts of each clause of a policy, by its number; they are parsed once and kept with the policy."""
    facts = _FACTS.get(policy)
    if facts is None:
        names = own_names(policy)
        facts = _FACTS[policy] = {
            clause.number or number: clause_facts(clause, number, names) if clause.kind == "text" else []
            for number, clause in enumerate(policy.clauses, 1)
        }
    return facts


_FACTS: WeakKeyDictionary[TaggedPolicy, dict[int, list[Fact]]] = WeakKeyDictionary()
"""The facts of each policy in use: its summary and its clauses both show them."""


def policy_facts(policy: TaggedPolicy) -> list[Fact]:
    """Find the facts of a policy, in order; navigation has none."""
    return [fact for facts in facts_by_clause(policy).values() for fact in facts]


def own_names(policy: TaggedPolicy) -> tuple[str, ...]:
    """Return the companies that a policy introduces: by its title ("Norwell Privacy Notice"), or once with a legal form.

    >>> from classifier import load
    >>> own_names(load().tag_text("# Norwell Privacy Notice\\n\\nTern Ltd keeps records."))
    ('Norwell', 'Tern')
    """
    titles = dict.fromkeys(clause.headings[0] for clause in policy.clauses if clause.headings)
    matches = [match["name"] for title in titles if (match := _TITLE.search(title))]
    found = [re.sub(r"[’']s?$", "", name) for name in matches if name not in _GENERIC_NAMES]
    for clause in policy.clauses:
        found += [fact.value for fact in companies(clause.text) if fact.of == "company"]
    return tuple(dict.fromkeys(name for name in found if len(name) >= MIN_NAME))


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
