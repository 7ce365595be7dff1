"""Measure the second level: which values of attributes are found, whether their words are, and what is denied.

F1 is by clause and by policy ("does this policy name location data?"), with the categories given, so that only the second
level is judged, or with those that the model gave, from end to end. Words are compared by token F1 of the quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.evaluation.metrics import Counts, macro
from classifier.model.arrays import Bools, Ints
from classifier.taxonomy import Taxonomy
from classifier.types import Example, MarkedValue, ValueLabel

_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class ValueFigures:
    """The figures of one value.

    Attributes
    ----------
    id
        The value.
    support, policies
        Clauses and policies that have it.
    precision, recall, f1
        By clause; NaN without support.
    policy_f1
        By policy.
    """

    id: str
    support: int
    policies: int
    precision: float
    recall: float
    f1: float
    policy_f1: float


@dataclass(frozen=True, slots=True)
class ValueReport:
    """How well values are found.

    Attributes
    ----------
    rows, policies
        Clauses whose values are known, and their policies.
    values
        The figures of each value that was annotated, in the order of the taxonomy.
    micro_f1, macro_f1, policy_macro_f1
        Averages by clause and by policy; macro averages over the values that occur.
    macro_low, macro_high
        95 % interval of `macro_f1`, by bootstrap over policies.
    quote_f1
        Mean token F1 of the quotes of values that were rightly found.
    denial_f1
        F1 of "denied" among these.
    """

    rows: int
    policies: int
    values: tuple[ValueFigures, ...]
    micro_f1: float
    macro_f1: float
    macro_low: float
    macro_high: float
    policy_macro_f1: float
    quote_f1: float
    denial_f1: float


def value_report(
    examples: Sequence[Example], found: Sequence[Sequence[ValueLabel | MarkedValue]], taxonomy: Taxonomy
) -> ValueReport:
    """Compare values that were found with those that people gave.

    Parameters
    ----------
    examples
        Labeled rows; those whose values nobody was asked for are left out.
    found
        The values found for each.
    taxonomy
        The attributes.
    """
    pairs = [(row, given) for row, given in zip(examples, found, strict=True) if row.values is not None]
    ids = taxonomy.value_ids
    truth = np.array([[value in {v.id for v in row.values or ()} for value in ids] for row, _ in pairs], dtype=bool)
    guess = np.array([[value in {v.id for v in given} for value in ids] for _, given in pairs], dtype=bool)
    mask = np.array([_is_known(row, taxonomy) for row, _ in pairs], dtype=bool)
    names, groups = np.unique([row.policy for row, _ in pairs], return_inverse=True)
    counts = Counts.of(truth, guess, mask, groups)
    total = counts.total()
    by_policy = [_any_by(groups, part & mask) for part in (truth, guess, mask)]
    policy_counts = Counts.of(by_policy[0], by_policy[1], by_policy[2], np.arange(len(names)))
    policy_total = policy_counts.total()
    draws = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=1000)
    has_values = bool(total.actual.any())
    drawn = macro(counts.weighted(draws.astype(float)).f1)
    low, high = np.nanpercentile(drawn, [2.5, 97.5]) if has_values else (np.nan, np.nan)
    figures = tuple(
        ValueFigures(
            id,
            int(total.actual[k]),
            int(policy_total.actual[k]),
            float(total.precision[k]),
            float(total.recall[k]),
            float(total.f1[k]),
            float(policy_total.f1[k]),
        )
        for k, id in enumerate(ids)
        if mask[:, k].any()
    )
    quotes, denials = _quotes_and_denials(pairs)
    return ValueReport(
        len(pairs),
        len(names),
        figures,
        float(total.pooled().f1),
        float(macro(total.f1)),
        float(low),
        float(high),
        float(macro(policy_total.f1)),
        float(np.mean(quotes)) if quotes else float("nan"),
        _f1(denials),
    )


def _is_known(row: Example, taxonomy: Taxonomy) -> list[bool]:
    """Return whether each value is known: it was asked for, and does not hang on a category that is itself unknown."""
    unknown, labels = set(row.unknown), set(row.labels)
    open_attributes = {
        attribute.id
        for attribute in taxonomy.attributes
        if attribute.categories
        and labels.isdisjoint(attribute.categories)
        and not unknown.isdisjoint(attribute.categories)
    }
    return [id not in unknown and id.partition(".")[0] not in open_attributes for id in taxonomy.value_ids]


def _any_by(groups: Ints, rows: Bools) -> Bools:
    """Return whether any row of each group is true, of shape (n_groups, n_values)."""
    result = np.zeros((int(groups.max(initial=-1)) + 1, rows.shape[1]), dtype=bool)
    np.logical_or.at(result, groups, rows)
    return result


def _quotes_and_denials(
    pairs: Sequence[tuple[Example, Sequence[ValueLabel | MarkedValue]]],
) -> tuple[list[float], Counter[tuple[bool, bool]]]:
    """Return the token F1 of each quote, and counts of (denied, said to be denied), of values that were rightly found."""
    quotes: list[float] = []
    denials: Counter[tuple[bool, bool]] = Counter()
    for row, given in pairs:
        truth = {value.id: value for value in row.values or ()}
        for value in given:
            if value.id in truth:
                quotes.append(token_f1(truth[value.id].quote, value.quote))
                denials[truth[value.id].is_denied, value.is_denied] += 1
    return quotes, denials


def token_f1(one: str, other: str) -> float:
    """Return the F1 of the words of two quotes, whatever their case.

    >>> token_f1("your e-mail address", "E-mail address")
    0.8571428571428571
    """
    first, second = (Counter(_TOKEN.findall(text.lower())) for text in (one, other))
    return 2 * (first & second).total() / max(1, first.total() + second.total())


def _f1(counts: Counter[tuple[bool, bool]]) -> float:
    right = counts[True, True]
    wrong = counts[True, False] + counts[False, True]
    return 2 * right / (2 * right + wrong) if right + wrong else float("nan")
