"""Find labels that a model trained on all other policies would not have given.

A doubt is one category of one row. Most doubts are the model's own mistakes; reading the worst of them is still the
cheapest way to find rows that were labeled wrongly, since a wrong label stands out against many right ones.
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

MAX_REASONS = 4
"""Terms given as reasons for a doubt."""
MIN_TRAINING_EXAMPLES = 8
"""Examples of a category that the training part of a fold needs before the fold judges its labels.

Share of right labels that scored below 0.05, measured on data/clauses, thinned out: 74 % with 5 examples, 47 % with 6, 37 %
with 7, 26 % with 8, 20 % with 15 to 20, 4 % with 46 and more. With fewer examples a low score says nothing against a label.
"""
MIN_TRAINING_F1 = 0.2
"""F1 of a category, on held-out rows of a fold's training part, that the fold's model needs before it judges its labels.

Share of right labels that scored below 0.05: 84 % where the F1 was lower, 38 % between 0.2 and 0.3, at most 11 % above 0.5.
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
        The probability of the label, by a model that has not seen the row's policy.
    reasons
        The row's terms that contribute most to the doubt, strongest first: against a given label, for a missing one.
    """

    example: Example
    category: str
    given: bool
    score: float
    reasons: tuple[str, ...]

    @property
    def strength(self) -> float:
        """The probability that the label is wrong, from 0 to 1, if the model is right."""
        return 1.0 - self.score if self.given else self.score


@dataclass(frozen=True, slots=True)
class Audit:
    """The result of an audit.

    Attributes
    ----------
    doubts
        Labels that are doubted, worst first.
    not_judged
        By category, the number of given labels that no model can judge, since the other folds do not teach the category.
        Categories without such labels are not listed.
    """

    doubts: list[Doubt]
    not_judged: Mapping[str, int]


def audit_labels(
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_jobs: int | None = None,
    on_progress: Callable[[], object] = lambda: None,
) -> Audit:
    """List the labels that are doubted, worst first.

    Labels of a category that could not be learned from the other folds are counted and not doubted.

    Parameters
    ----------
    examples
        Labeled rows.
    categories
        The columns.
    n_jobs
        Number of processes, as in joblib.
    on_progress
        Called at most `classifier.training.train.MAX_STEPS` times.

    Raises
    ------
    DataError
        If there are too few rows to learn from, or none has a label.
    """
    plan.require_labels(examples)
    with as_data_error():
        return _audit(examples, categories, n_jobs, on_progress)


def _audit(
    examples: Sequence[Example], categories: Sequence[str], n_jobs: int | None, on_progress: Callable[[], object]
) -> Audit:
    model = ClauseClassifier(window=0)
    predictions = cross_val_predict(model, examples, categories, n_jobs=n_jobs, on_progress=on_progress)
    y_true, is_judged = predictions.y_true, _judged_labels(predictions)
    rows, columns = np.nonzero((y_true != predictions.y_pred) & predictions.mask & is_judged)
    texts = matrices.model_texts(examples)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)
        fitted = fit_on_all(model, examples, categories, predictions.plan)
    on_progress()
    doubts = [
        Doubt(
            examples[row],
            categories[column],
            bool(y_true[row, column]),
            float(predictions.scores[row, column]),
            _reasons(fitted, texts[row], column, against=bool(y_true[row, column])),
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    not_judged = (y_true & ~is_judged).sum(axis=0).tolist()
    return Audit(
        sorted(doubts, key=lambda doubt: (-doubt.strength, doubt.example.id, doubt.category)),
        {id: count for id, count in zip(categories, not_judged, strict=True) if count},
    )


def _judged_labels(predictions: Predictions) -> Bools:
    """Find the labels whose category their fold's model has learned well enough; of shape (n_rows, n_categories)."""
    # Labels per fold, of shape (n_folds, n_categories); the training part of a fold has all the others.
    counts = np.zeros(predictions.thresholds.shape)
    np.add.at(counts, predictions.fold_ids, predictions.y_true)
    training_examples = counts.sum(axis=0) - counts
    # A threshold is half the F1 reached in the training part, or UNREACHABLE if the category was not learned.
    is_learned = (predictions.thresholds >= MIN_TRAINING_F1 / 2) & (predictions.thresholds < UNREACHABLE)
    is_judged: Bools = (is_learned & (training_examples >= MIN_TRAINING_EXAMPLES))[predictions.fold_ids]
    return is_judged


def _reasons(model: ClauseClassifier, text: str, column: int, *, against: bool) -> tuple[str, ...]:
    vocabulary = model.vectorizer_.vocabulary_
    known = sorted({term for term in terms(text) if term in vocabulary})
    weights = np.array(
        [model.coef_[vocabulary[term], column] * model.vectorizer_.idf_[vocabulary[term]] for term in known]
    )
    order = np.argsort(weights if against else -weights, kind="stable")[:MAX_REASONS]
    return tuple(known[k] for k in order if (weights[k] < 0) == against)
