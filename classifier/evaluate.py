"""Labels and predictions become figures: precision, recall, F1 and average precision a category, with intervals.

Folds are by policy, and whatever is tuned (calibration, thresholds) is tuned inside the training folds, so that no row has
a say in its own prediction. Averages are over categories that occur; presence alone is scored (the F1 of absence, averaged
in by some published work, adds ten points to any model).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.metrics import average_precision_score

from classifier import folds
from classifier.estimator import Bools, ClauseClassifier, FewExamplesWarning, Floats
from classifier.text import with_context
from classifier.types import Example

BOOTSTRAPS = 1000
PARALLEL_FROM = 2000
"""Rows from which on processes of their own pay for what they take to start."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How well one category is predicted; a figure that is not defined (nothing to find, say) is 0."""

    category: str
    precision: float
    recall: float
    f1: float
    average_precision: float
    support: int
    predicted: int


@dataclass(frozen=True, slots=True)
class Report:
    """How well a model predicts rows of policies that it has not seen.

    Attributes
    ----------
    figures
        One entry a category, in the order of the taxonomy.
    micro_f1, macro_f1
        Over all labels, and the mean over the categories that occur.
    micro_interval, macro_interval
        The 95 % intervals of these, by bootstrap over policies.
    rows, policies, n_folds
        What was scored. With a single policy, folds are by row (`by_policy` is False) and the figures flatter.
    """

    figures: tuple[Figures, ...]
    micro_f1: float
    macro_f1: float
    micro_interval: tuple[float, float]
    macro_interval: tuple[float, float]
    rows: int
    policies: int
    n_folds: int
    by_policy: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain data, figures rounded to four places."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


def texts(examples: Sequence[Example]) -> list[str]:
    """Give what the model reads of each row: its text under its nearest heading and lead-in."""
    return [with_context(example.text, example.headings, example.context) for example in examples]


def target(examples: Sequence[Example], categories: Sequence[str]) -> Bools:
    """Give the labels of rows as an array of shape (n_rows, n_categories)."""
    return np.array([[category in example.labels for category in categories] for example in examples], dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """What models say of rows whose policies they have not seen; arrays are of shape (n_rows, n_categories).

    Attributes
    ----------
    truth, hits
        Labels and predicted labels.
    scores
        Calibrated probabilities.
    n_folds
        Number of folds.
    by_policy
        Whether folds keep policies whole; False where all rows are of one policy.
    """

    truth: Bools
    hits: Bools
    scores: Floats
    n_folds: int
    by_policy: bool


def out_of_fold(
    model: ClauseClassifier,
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_folds: int = 5,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
) -> OutOfFold:
    """Predict each row by a copy of a model that has seen nothing of the row's policy.

    Parameters
    ----------
    model
        An unfitted estimator; it is cloned, not changed.
    examples
        Labelled rows, at least four.
    categories
        The columns.
    n_folds
        Number of folds; fewer where there are fewer policies.
    n_jobs
        Number of processes, as in joblib; few rows are done in one.
    tick
        Called after each fold, to show progress.

    Raises
    ------
    ValueError
        If there are too few rows to split.
    """
    truth, groups, n_folds = target(examples, categories), *plan(examples, n_folds)
    parts = folds.split(truth, groups, n_folds, model.random_state)
    read = np.array(texts(examples), dtype=object)
    labels = np.array(groups if groups is not None else range(len(examples)), dtype=object)

    def one(part: int) -> tuple[int, Floats, Floats]:
        train = parts != part
        inner_groups: list[Any] | None = labels[train].tolist()
        kinds = len(set(labels[train].tolist()))
        if kinds < 2:  # of two policies one is left: its rows calibrate one another
            inner_groups, kinds = None, int(train.sum())
        inner = clone(model).set_params(cv=min(model.cv, kinds))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FewExamplesWarning)  # said once, for all the data, by whoever trains on it
            inner.fit(read[train].tolist(), truth[train].astype(int), groups=inner_groups)
        return part, inner.predict_proba(read[~train].tolist()), inner.thresholds_

    scores, hits = np.zeros(truth.shape), np.zeros(truth.shape, dtype=bool)
    n_jobs = n_jobs if len(examples) >= PARALLEL_FROM else 1
    for part, fold_scores, thresholds in Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(one)(part) for part in range(n_folds)
    ):
        scores[parts == part], hits[parts == part] = fold_scores, fold_scores >= thresholds
        tick()
    return OutOfFold(truth, hits, scores, n_folds, groups is not None)


def plan(examples: Sequence[Example], n_folds: int) -> tuple[list[str] | None, int]:
    """Choose groups and number of folds: by policy, or by row where there is one policy only.

    Raises
    ------
    ValueError
        If there are fewer than four rows.
    """
    policies = [example.policy for example in examples]
    kinds = len(set(policies))
    if kinds >= 2:
        return policies, min(n_folds, kinds)
    if len(examples) < 4:
        raise ValueError(
            f"{len(examples)} labelled rows are too few to learn from; label more, best of several policies"
        )
    return None, min(n_folds, len(examples) // 2)


def report(predicted: OutOfFold, categories: Sequence[str], policies: Sequence[str]) -> Report:
    """Compare labels with predictions.

    Parameters
    ----------
    predicted
        Labels and out-of-fold predictions.
    categories
        Names of the columns.
    policies
        For each row its policy; the bootstrap draws whole policies.
    """
    truth, hits, scores = predicted.truth, predicted.hits, predicted.scores
    both, found, there = (truth & hits).sum(axis=0), hits.sum(axis=0), truth.sum(axis=0)
    figures = tuple(
        Figures(
            category,
            precision=float(both[j] / max(1, found[j])),
            recall=float(both[j] / max(1, there[j])),
            f1=float(2 * both[j] / max(1, found[j] + there[j])),
            average_precision=float(average_precision_score(truth[:, j], scores[:, j])) if there[j] else 0.0,
            support=int(there[j]),
            predicted=int(found[j]),
        )
        for j, category in enumerate(categories)
    )
    micro, macro = _averages(both, found, there)
    micro_interval, macro_interval = _intervals(truth, hits, policies)
    return Report(
        figures=figures,
        micro_f1=float(micro),
        macro_f1=float(macro),
        micro_interval=micro_interval,
        macro_interval=macro_interval,
        rows=len(truth),
        policies=len(set(policies)),
        n_folds=predicted.n_folds,
        by_policy=predicted.by_policy,
    )


def _averages(both: NDArray[Any], found: NDArray[Any], there: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give micro and macro F1 from counts of shape (..., n_categories)."""
    micro = 2 * both.sum(axis=-1) / np.maximum(1, found.sum(axis=-1) + there.sum(axis=-1))
    f1 = 2 * both / np.maximum(1, found + there)
    occurs = there > 0
    return micro, (f1 * occurs).sum(axis=-1) / np.maximum(1, occurs.sum(axis=-1))


def _intervals(truth: Bools, hits: Bools, policies: Sequence[str]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Give the 95 % intervals of micro and macro F1: percentiles over policies drawn with replacement."""
    names, policy_of = np.unique(np.asarray(policies), return_inverse=True)
    counts = np.zeros((3, len(names), truth.shape[1]))
    for k, what in enumerate((truth & hits, hits, truth)):
        np.add.at(counts[k], policy_of, what)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=BOOTSTRAPS)
    averages = _averages(*(drawn @ count for count in counts))
    low, high = np.percentile(np.array(averages), [2.5, 97.5], axis=1)
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value
