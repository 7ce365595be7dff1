"""Labelled rows become a list of doubts: labels that a model trained on all other policies would not have given.

A doubt is one category of one row. Most doubts are the model's own mistakes; reading the worst of them is still the
cheapest way to find rows that were labelled wrongly, since a wrong label stands out against many right ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from classifier import predictions
from classifier.errors import as_data_error
from classifier.estimator import ClauseClassifier, FewExamplesWarning
from classifier.text import terms
from classifier.types import Example

REASONS = 4


@dataclass(frozen=True, slots=True)
class Doubt:
    """A label that is doubted.

    Attributes
    ----------
    example
        The row.
    category
        The category in question.
    given
        Whether the row has the label.
    score
        The probability that models give it which have not seen the row's policy.
    reasons
        The row's terms that speak most for that, strongest first: against the label if it is given, for it if not.
    """

    example: Example
    category: str
    given: bool
    score: float
    reasons: tuple[str, ...]

    @property
    def strength(self) -> float:
        """How much it is doubted, from 0 to 1: the probability that the label is wrong, if the model is right."""
        return 1.0 - self.score if self.given else self.score


def audit(
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
) -> list[Doubt]:
    """List the labels that are doubted, worst first.

    Parameters
    ----------
    examples
        Labelled rows.
    categories
        The columns.
    n_jobs
        Number of processes, as in joblib.
    tick
        Called at most `classifier.train.STEPS` times, to show progress.

    Raises
    ------
    DataError
        If there are too few rows to learn from.
    """
    with as_data_error():
        return _audit(examples, categories, n_jobs, tick)


def _audit(
    examples: Sequence[Example], categories: Sequence[str], n_jobs: int | None, tick: Callable[[], object]
) -> list[Doubt]:
    model = ClauseClassifier(window=0)
    predicted = predictions.out_of_fold(model, examples, categories, n_jobs=n_jobs, tick=tick)
    rows, columns = np.nonzero((predicted.truth != predicted.hits) & predicted.known)
    read = predictions.texts(examples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)
        model = predictions.fitted(model, examples, categories, predicted.plan)
    tick()
    doubts = [
        Doubt(
            examples[row],
            categories[column],
            bool(predicted.truth[row, column]),
            float(predicted.scores[row, column]),
            _reasons(model, read[row], column, against=bool(predicted.truth[row, column])),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return sorted(doubts, key=lambda doubt: (-doubt.strength, doubt.example.id, doubt.category))


def _reasons(model: ClauseClassifier, text: str, column: int, *, against: bool) -> tuple[str, ...]:
    vocabulary = model.vectorizer_.vocabulary_
    known = sorted({term for term in terms(text) if term in vocabulary})
    weights = np.array(
        [model.coef_[vocabulary[term], column] * model.vectorizer_.idf_[vocabulary[term]] for term in known]
    )
    order = np.argsort(weights if against else -weights, kind="stable")[:REASONS]
    return tuple(known[k] for k in order if (weights[k] < 0) == against)
