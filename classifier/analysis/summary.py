"""Sum up a policy on one screen: for each attribute which values its clauses say, how often, and the words that say it best.

>>> from classifier import load
>>> tagged = load().tag_text("We collect your e-mail address.\\n\\nWe keep your data for 30 days.")
>>> [line.question for line in summarize(tagged)]
['What is collected', 'How long it is kept']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from classifier.analysis.facts import Fact, policy_facts

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy

MAX_FACTS = 12
"""Facts that a line shows."""
_FACTS_OF: dict[str, tuple[str, ...]] = {
    "recipient": ("company",),
    "retention": ("period",),
    "transfer": ("country",),
    "age": ("age",),
    "basis": ("article",),
    "change": ("date",),
    "contact": ("email", "phone", "address"),
}
"""The facts that answer the question of an attribute of the default taxonomy."""
_CATEGORIES_OF: dict[str, tuple[str, ...]] = {
    "recipient": ("sharing",),
    "retention": ("retention",),
    "transfer": ("transfer",),
    "age": ("children",),
    "basis": ("legal_basis",),
    "change": ("changes",),
    "contact": ("contact",),
}
"""Categories that such a fact may be of where no value is."""


class SummaryItem(NamedTuple):
    """A value that clauses say.

    Attributes
    ----------
    id, title
        The value.
    is_denied
        Whether more clauses deny it than say it.
    clauses
        Numbers of the clauses that say so, in order.
    quote
        Their words with the highest score.
    """

    id: str
    title: str
    is_denied: bool
    clauses: tuple[int, ...]
    quote: str


class SummaryFact(NamedTuple):
    """A fact that answers a question: its type, value and words, and the clauses that say it."""

    type: str
    value: str
    text: str
    clauses: tuple[int, ...]


class SummaryLine(NamedTuple):
    """The answer to one question: the values of an attribute, the most frequent ones first, and facts."""

    attribute: str
    question: str
    items: tuple[SummaryItem, ...]
    facts: tuple[SummaryFact, ...]


def summarize(policy: TaggedPolicy) -> list[SummaryLine]:
    """Return a line for each attribute of which the policy says something, in the order of the taxonomy.

    A policy that was tagged with level 1 has none.
    """
    if policy.level < 2:
        return []
    said: dict[str, list[tuple[int, float, str, bool]]] = {}
    for number, clause in enumerate(policy.clauses, 1):
        for value in clause.values:
            said.setdefault(value.id, []).append((clause.number or number, value.score, value.quote, value.is_denied))
    facts = policy_facts(policy)
    lines = []
    for attribute in policy.model.taxonomy.attributes:
        items = [
            _item(f"{attribute.id}.{value.id}", value.title, said[f"{attribute.id}.{value.id}"])
            for value in attribute.values
            if f"{attribute.id}.{value.id}" in said
        ]
        found = _facts(attribute.id, facts)
        if items or found:
            items.sort(key=lambda item: -len(item.clauses))
            lines.append(SummaryLine(attribute.id, attribute.question or attribute.title, tuple(items), found))
    return lines


def _item(id: str, title: str, said: list[tuple[int, float, str, bool]]) -> SummaryItem:
    is_denied = 2 * sum(denied for *_, denied in said) > len(said)
    agreeing = [entry for entry in said if entry[3] == is_denied]
    best = max(agreeing, key=lambda entry: entry[1])
    return SummaryItem(id, title, is_denied, tuple(number for number, *_ in agreeing), best[2])


def _facts(attribute: str, facts: list[Fact]) -> tuple[SummaryFact, ...]:
    """Return the facts that answer the question of an attribute, the most frequent ones first."""
    types = _FACTS_OF.get(attribute, ())
    categories = _CATEGORIES_OF.get(attribute, ())
    said: dict[tuple[str, str], list[Fact]] = {}
    for fact in facts:
        is_of_attribute = fact.of.partition(".")[0] == attribute or fact.of in categories
        if fact.type in types and is_of_attribute and fact.kind not in ("authority", "software"):
            said.setdefault((fact.type, fact.value), []).append(fact)
    most = sorted(said.items(), key=lambda entry: -len(entry[1]))[:MAX_FACTS]
    return tuple(
        SummaryFact(type, value, same[0].text, tuple(dict.fromkeys(fact.clause for fact in same)))
        for (type, value), same in most
    )
