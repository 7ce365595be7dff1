"""Explain why a clause has a value of an attribute: the terms, the phrase and the categories that add up to its score.

The score is a sum (see `classifier.model.values`), so the explanation is exact but for the rounding of 32-bit numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from classifier.model.model import Model
from classifier.model.ngrams import term_names
from classifier.model.scorer import tfidf, to_probabilities
from classifier.model.values import head_terms, may_occur, phrases_of
from classifier.text.context import with_context
from classifier.types import Clause


class ValueReason(NamedTuple):
    """The contribution of one term to the log-odds of a value.

    Attributes
    ----------
    term
        A stem or two neighboring stems.
    value
        The contribution; negative if the term indicates against the value.
    is_phrase
        Whether it counts as a term of the strongest phrase, rather than of the clause.
    """

    term: str
    value: float
    is_phrase: bool


@dataclass(frozen=True, slots=True)
class ValueExplanation:
    """The explanation of a clause's score in one value.

    Attributes
    ----------
    id
        The value, such as "data.contact".
    threshold
        The lowest probability at which the value is given.
    intercept
        Log-odds of a clause without known terms and categories.
    categories
        What each category of the clause adds.
    phrase
        The strongest phrase, in the clause, its lead-in or its nearest heading.
    reasons
        The contributions of terms, strongest first.
    """

    id: str
    threshold: float
    intercept: float
    categories: Mapping[str, float]
    phrase: str
    reasons: tuple[ValueReason, ...]

    @property
    def log_odds(self) -> float:
        """The score as log-odds: the sum of all parts."""
        return self.intercept + sum(self.categories.values()) + sum(reason.value for reason in self.reasons)

    @property
    def score(self) -> float:
        """The calibrated probability."""
        return float(to_probabilities(np.array(self.log_odds)))


def explain_value(clause: Clause, id: str, model: Model) -> ValueExplanation:
    """Explain the score of a clause in a value, whether or not it was given.

    Parameters
    ----------
    clause
        The clause, with its labels.
    id
        The value: "attribute.value".
    model
        A model with a second level.

    Raises
    ------
    ValueError
        If the model has no second level or no such value, or the value may not occur with the labels of the clause.

    Examples
    --------
    >>> from classifier import load
    >>> tagged = load().tag_text("We collect: e-mail address, age.")
    >>> why = explain_value(tagged[0], "data.contact", load().model)
    >>> why.phrase, why.score >= why.threshold
    ('e-mail address', True)
    """
    heads, ids = model.values, model.taxonomy.value_ids
    if heads is None:
        raise ValueError("the model has no second level")
    if id not in ids:
        raise ValueError(f"no value {id!r}; the model has {', '.join(ids[:5])}, ...")
    value = ids.index(id)
    columns = [model.taxonomy.ids.index(label) for label in clause.labels]
    if not may_occur(model.taxonomy)[columns, value].any():
        raise ValueError(f"{id!r} does not occur in clauses on {', '.join(clause.labels) or 'nothing'}")
    text = with_context(clause.text, clause.headings, clause.context)
    phrases = [phrase.text for phrase in phrases_of(clause)] or [clause.text]
    own = _contributions([text], heads_of(model, value), model)[0]
    by_phrase = _contributions(phrases, heads_of(model, len(ids) + value), model)
    best = max(range(len(phrases)), key=lambda k: sum(by_phrase[k].values()))
    reasons = [ValueReason(term, part, False) for term, part in own.items()]
    reasons += [ValueReason(term, part, True) for term, part in by_phrase[best].items()]
    return ValueExplanation(
        id=id,
        threshold=float(heads.thresholds[value]),
        intercept=float(heads.intercept[value]),
        categories={label: float(heads.categories[k, value]) for label, k in zip(clause.labels, columns, strict=True)},
        phrase=phrases[best],
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.value))),
    )


def heads_of(model: Model, head: int) -> dict[int, float]:
    """Return the weights of a head by the columns of the model."""
    assert model.values is not None
    columns, weights = head_terms(model.values, head)
    return dict(zip(columns.tolist(), weights.tolist(), strict=True))


def _contributions(texts: Sequence[str], weights: Mapping[int, float], model: Model) -> list[dict[str, float]]:
    """Return what each term of each text contributes to a head, by its name."""
    rows, columns, values = tfidf(list(texts), model)
    found: list[dict[str, float]] = [{} for _ in texts]
    weighed = [k for k, column in enumerate(columns.tolist()) if column in weights]
    names = term_names(model.codes[columns[np.array(weighed, dtype=np.intp)]], model.stems)
    for k, name in zip(weighed, names, strict=True):
        found[int(rows[k])][name] = float(values[k]) * weights[int(columns[k])]
    return found
