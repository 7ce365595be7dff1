"""Labelled rows become a list of doubts: labels that a model trained on all other policies would not have given.

A doubt is one category of one row. Most doubts are the model's own mistakes; reading the worst of them is still the
cheapest way to find rows that were labelled wrongly, since a wrong label stands out against many right ones.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifier.errors import as_data_error
from classifier.evaluation import matrices, plan
from classifier.evaluation.cross_validation import Predictions, cross_val_predict, fit_on_all
from classifier.model.arrays import Bools
from classifier.model.estimator import UNREACHABLE, ClauseClassifier, FewExamplesWarning
from classifier.text.analyzer import terms
from classifier.types import Example

REASONS = 4
MIN_TRAINING_EXAMPLES = 8
"""A fold judges a category by at least this many examples in its training part.

Of right labels in data/clauses, thinned out, models scored below 0.05: 74 % with 5 examples, 47 % with 6, 37 % with 7, 26 %
with 8, 20 % with 15 to 20, 4 % with 46 and more. So with fewer examples a low score says nothing against a label.
"""
MIN_TRAINING_F1 = 0.2
"""A fold judges a category that its model finds again in its own training part with at least this F1, on held-out rows.

Where it did worse, 84 % of right labels scored below 0.05; between 0.2 and 0.3 it was 38 %, above 0.5 it was 11 % and less.
"""


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


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found.

    Attributes
    ----------
    doubts
        Labels that are doubted, worst first.
    left_out
        By category, the number of given labels that no model can judge, since it could not learn the category from the other
        folds. Categories without such labels are not listed.
    """

    doubts: list[Doubt]
    left_out: Mapping[str, int]


def audit(
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
) -> Audit:
    """List the labels that are doubted, worst first.

    Labels of a category that could not be learned from the other folds are counted and not doubted.

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
        If there are too few rows to learn from, or none has a label.
    """
    plan.require_labels(examples)
    with as_data_error():
        return _audit(examples, categories, n_jobs, tick)


def _audit(
    examples: Sequence[Example], categories: Sequence[str], n_jobs: int | None, tick: Callable[[], object]
) -> Audit:
    model = ClauseClassifier(window=0)
    predicted = cross_val_predict(model, examples, categories, n_jobs=n_jobs, tick=tick)
    judged = _judged(predicted)
    rows, columns = np.nonzero((predicted.truth != predicted.hits) & predicted.known & judged)
    read = matrices.model_texts(examples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)
        model = fit_on_all(model, examples, categories, predicted.plan)
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
    left_out = (predicted.truth & ~judged).sum(axis=0).tolist()
    return Audit(
        sorted(doubts, key=lambda doubt: (-doubt.strength, doubt.example.id, doubt.category)),
        {id: count for id, count in zip(categories, left_out, strict=True) if count},
    )


def _judged(predicted: Predictions) -> Bools:
    """Find the labels that can be judged, of shape (n_rows, n_categories): those of categories that their fold learned."""
    counts = np.zeros(predicted.thresholds.shape)  # of shape (n_folds, n_categories)
    np.add.at(counts, predicted.parts, predicted.truth)
    training_examples = counts.sum(axis=0) - counts
    # a threshold is half of the F1 that the model reaches in its training part, or UNREACHABLE if it learned nothing
    learned = (predicted.thresholds >= MIN_TRAINING_F1 / 2) & (predicted.thresholds < UNREACHABLE)
    judged: Bools = (learned & (training_examples >= MIN_TRAINING_EXAMPLES))[predicted.parts]
    return judged


def _reasons(model: ClauseClassifier, text: str, column: int, *, against: bool) -> tuple[str, ...]:
    vocabulary = model.vectorizer_.vocabulary_
    known = sorted({term for term in terms(text) if term in vocabulary})
    weights = np.array(
        [model.coef_[vocabulary[term], column] * model.vectorizer_.idf_[vocabulary[term]] for term in known]
    )
    order = np.argsort(weights if against else -weights, kind="stable")[:REASONS]
    return tuple(known[k] for k in order if (weights[k] < 0) == against)
