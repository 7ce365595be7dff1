"""Measure the second level: which values of attributes are found, whether their words are, and what is denied.

F1 is by clause and by policy ("does this policy name location data?"), with the categories given, so that only the second
level is judged, or with those that the model gave, from end to end. Words are compared by token F1 of the quotes.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from sklearn.base import clone

from classifier.datasets.splits import assign_folds
from classifier.errors import DataError
from classifier.evaluation.baselines import spaced_stems
from classifier.evaluation.cross_validation import fit_on_all
from classifier.evaluation.matrices import label_matrix
from classifier.evaluation.metrics import Counts, macro
from classifier.evaluation.plan import make_plan
from classifier.model.arrays import Bools, Ints
from classifier.model.estimator import ClauseClassifier, FewExamplesWarning
from classifier.model.model import Model
from classifier.model.value_training import fit_values
from classifier.model.values import value_labels
from classifier.tagging.tagger import Tagger
from classifier.taxonomy import Taxonomy
from classifier.types import Clause, Example, MarkedValue, ValueLabel

N_FOLDS = 3
"""Folds of policies, unless another number is asked for."""
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


class ValueReports(NamedTuple):
    """The second level with the categories given, from end to end with those that the model gives, and by keyword rules.

    `keywords` are given where the attribute may occur and a phrase of the value's title or `includes` stands in the clause.
    """

    given: ValueReport
    end_to_end: ValueReport
    keywords: ValueReport


def score_values(model: Model, examples: Sequence[Example]) -> ValueReports:
    """Score the second level of a model on rows with values.

    Raises
    ------
    DataError
        If no row has values, or the model has no second level.
    """
    rows = _with_values(examples)
    if model.values is None:
        raise DataError(["the model has no second level: it was trained on rows without values of attributes"])
    clauses = _clauses(rows)
    labels = Tagger(model).predict(
        [row.text for row in rows], headings=[row.headings for row in rows], contexts=[row.context for row in rows]
    )
    found = [value_labels(clauses, given, model) for given in ([row.labels for row in rows], labels)]
    return _reports(rows, found[0], found[1], model.taxonomy)


def cross_validate_values(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    classifier: ClauseClassifier | None = None,
    others: Sequence[Example] = (),
    n_folds: int = N_FOLDS,
    on_progress: Callable[[], object] = lambda: None,
) -> ValueReports:
    """Learn and score both levels by folds of policies.

    Parameters
    ----------
    examples
        Rows; those with values are scored.
    taxonomy
        Categories and attributes.
    classifier
        The unfitted estimator of the first level.
    others
        Rows that every fold learns from, and that are never scored.
    n_folds
        Number of folds.
    on_progress
        Called once per fold.

    Raises
    ------
    DataError
        If no row has values, or they are of fewer policies than folds.
    """
    rows = _with_values(examples)
    policies = [row.policy for row in rows]
    if len(set(policies)) < n_folds:
        raise DataError([f"{n_folds} folds need as many policies with values; there are {len(set(policies))}"])
    folds = assign_folds(label_matrix(rows, taxonomy.ids) == 1, policies, n_folds, 0)
    given: list[tuple[ValueLabel, ...]] = [()] * len(rows)
    found: list[tuple[ValueLabel, ...]] = [()] * len(rows)
    for fold in range(n_folds):
        train = [*others, *(row for row, k in zip(rows, folds, strict=True) if k != fold)]
        numbers = np.flatnonzero(folds == fold).tolist()
        test = [rows[k] for k in numbers]
        estimator = clone(classifier or ClauseClassifier(window=0))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewExamplesWarning)  # a category that is never given has no values
            fitted = fit_on_all(estimator, train, taxonomy.ids, make_plan(train, n_folds))
        model = fitted.to_model(taxonomy)
        model = replace(model, values=fit_values(model, train))
        clauses = _clauses(test)
        labels = Tagger(model).predict(
            [row.text for row in test], headings=[row.headings for row in test], contexts=[row.context for row in test]
        )
        for target, said in ((given, [row.labels for row in test]), (found, labels)):
            for k, values in zip(numbers, value_labels(clauses, said, model), strict=True):
                target[k] = values
        on_progress()
    return _reports(rows, given, found, taxonomy)


def _with_values(examples: Sequence[Example]) -> list[Example]:
    rows = [row for row in examples if row.values is not None]
    if not rows:
        raise DataError(["no row has values of attributes; a folder of labeled documents has, and OPP-115"])
    return rows


def _clauses(rows: Sequence[Example]) -> list[Clause]:
    return [Clause(row.text, 0, len(row.text), row.headings, row.context) for row in rows]


def _reports(
    rows: Sequence[Example],
    given: Sequence[Sequence[ValueLabel]],
    found: Sequence[Sequence[ValueLabel]],
    taxonomy: Taxonomy,
) -> ValueReports:
    return ValueReports(
        value_report(rows, given, taxonomy),
        value_report(rows, found, taxonomy),
        value_report(rows, _by_keywords(rows, taxonomy), taxonomy),
    )


def _by_keywords(rows: Sequence[Example], taxonomy: Taxonomy) -> list[tuple[MarkedValue, ...]]:
    """Give values where a phrase of their title or `includes` stands in the clause, in any inflection."""
    phrases = [
        (
            f"{attribute.id}.{value.id}",
            set(attribute.categories),
            [spaced_stems(p) for p in (value.title, *value.includes)],
        )
        for attribute in taxonomy.attributes
        for value in attribute.values
    ]
    found = []
    for row in rows:
        text = spaced_stems(row.text)
        found.append(
            tuple(
                MarkedValue(id, "")
                for id, categories, listed in phrases
                if (not categories or not categories.isdisjoint(row.labels))
                and any(phrase in text for phrase in listed)
            )
        )
    return found


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
