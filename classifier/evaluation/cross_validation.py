"""Labelled rows and a model become Predictions: what it says of each row whose policy it has not seen.

Folds are by policy, near-duplicates together, and whatever is tuned (calibration, thresholds) is tuned inside the training
folds, so that no row has a say in its own prediction. What nobody labelled is neither learned nor scored.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.base import clone

from classifier.datasets.splits import assign_folds, near_duplicates
from classifier.evaluation.matrices import (
    label_matrix,
    model_texts,
    rationale_sentences,
    sentences_of_rows,
    vote_shares,
)
from classifier.evaluation.plan import N_FOLDS, SplitPlan, group_policies, make_plan
from classifier.model.arrays import Bools, Floats, LabelMatrix
from classifier.model.estimator import ClauseClassifier, FewExamplesWarning
from classifier.model.model import Model
from classifier.model.scorer import probabilities
from classifier.model.training_matrix import AuxiliaryRows as Rows
from classifier.model.training_matrix import RationaleSentences as Sentences
from classifier.tagging.executors import away_from_current_folder
from classifier.types import Example

MIN_PARALLEL_ROWS = 2000
"""Rows from which on processes of their own pay for what they take to start."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """What models say of rows whose policies they have not seen; arrays are of shape (n_rows, n_categories).

    Attributes
    ----------
    truth, known
        Labels, and where it is known whether they apply.
    hits, scores
        Predicted labels and calibrated probabilities.
    parts
        The fold of each row; of shape (n_rows,).
    thresholds
        The thresholds of each fold, chosen without it; of shape (n_folds, n_categories).
    plan
        How the rows were split.
    """

    truth: Bools
    known: Bools
    hits: Bools
    scores: Floats
    parts: NDArray[np.intp]
    thresholds: Floats
    plan: SplitPlan


def cross_val_predict(
    model: ClauseClassifier,
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_folds: int = N_FOLDS,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
    share: float = 1.0,
    split: SplitPlan | None = None,
) -> Predictions:
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
    share
        Part of the training policies to learn from, for a learning curve.
    split
        The plan of these rows, if it was made before.

    Raises
    ------
    ValueError
        If there are too few rows to split.
    """
    labels, shares = label_matrix(examples, categories), vote_shares(examples, categories)
    split = split or make_plan(examples, n_folds)
    parts = assign_folds(labels == 1, split.groups, split.n_folds, model.random_state)
    read = np.array(model_texts(examples), dtype=object)
    group_of = split.groups if split.groups is not None else np.arange(len(examples))
    beside, marked = _beside(split.also, categories), rationale_sentences(examples, categories)

    def one(part: int) -> tuple[int, Floats, Floats]:
        train = np.flatnonzero(parts != part)
        if share < 1.0:
            train = train[sample_groups(group_of[train], share, model.random_state)]
        cut = sentences_of_rows(marked, train)
        inner = _fitted_fold(model, read[train].tolist(), labels[train], shares[train], group_of[train], beside, cut)
        return part, inner.predict_proba(read[parts == part].tolist()), inner.thresholds_

    scores, thresholds = np.zeros(labels.shape), np.zeros((split.n_folds, len(categories)))
    n_jobs = n_jobs if len(examples) >= MIN_PARALLEL_ROWS else 1
    with away_from_current_folder():
        for part, fold_scores, chosen in Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(one)(part) for part in range(split.n_folds)
        ):
            scores[parts == part], thresholds[part] = fold_scores, chosen
            tick()
    return Predictions(labels == 1, labels >= 0, scores >= thresholds[parts], scores, parts, thresholds, split)


def predict_held_out(
    model: ClauseClassifier,
    learned: Sequence[Example],
    scored: Sequence[Example],
    categories: Sequence[str],
    also: Sequence[Example] = (),
) -> Predictions:
    """Predict rows by a copy of a model that learned from other rows; thresholds are chosen among those it learned from.

    It learns from the rows in `also` too, but for those of near-duplicates of what is scored.

    Raises
    ------
    ValueError
        If there are too few rows to learn from.
    """
    _, fresh, said = group_policies(scored, also)
    split = make_plan(learned, model.cv, fresh)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)  # the report says it
        inner = fit_on_all(model, learned, categories, split)
    notes = (*split.notes, *said, *_both_sides(learned, scored))
    found = _scored(
        inner.predict_proba(model_texts(scored)), inner.thresholds_, label_matrix(scored, categories), scored, notes
    )
    return replace(found, plan=replace(found.plan, also=split.also, marked=split.marked))


def fit_on_all(
    model: ClauseClassifier, examples: Sequence[Example], categories: Sequence[str], split: SplitPlan
) -> ClauseClassifier:
    """Fit a copy of a model on all rows, with the groups of their plan and as many inner folds as it allows."""
    inner: ClauseClassifier = clone(model).set_params(cv=min(model.cv, split.n_folds))
    labels, shares = label_matrix(examples, categories), vote_shares(examples, categories)
    groups = None if split.groups is None else split.groups.tolist()
    beside, marked = _beside(split.also, categories), rationale_sentences(examples, categories)
    inner.fit(model_texts(examples), labels, groups=groups, votes=shares, also=beside, sentences=marked)
    return inner


def _beside(also: Sequence[Example], categories: Sequence[str]) -> Rows | None:
    return Rows(model_texts(also), label_matrix(also, categories), [row.policy for row in also]) if also else None


def _both_sides(learned: Sequence[Example], scored: Sequence[Example]) -> list[str]:
    """Say which policies are scored by a model that has learned from a near-duplicate of them."""
    rows = [*learned, *scored]
    groups = near_duplicates([row.text for row in rows], [row.policy for row in rows]).tolist()
    seen = set(groups[: len(learned)])
    names = sorted({row.policy for row, group in zip(scored, groups[len(learned) :], strict=True) if group in seen})
    return [f"the model has learned from near-duplicates of {', '.join(names)}"] if names else []


def predict_with_model(model: Model, examples: Sequence[Example], categories: Sequence[str]) -> Predictions:
    """Score rows by a model that exists; `categories` are among its own."""
    columns = [model.taxonomy.ids.index(id) for id in categories]
    scores = probabilities(model_texts(examples), model)[:, columns].astype(np.float64)
    return _scored(scores, model.thresholds[columns], label_matrix(examples, categories), examples)


def _scored(
    scores: Floats, thresholds: Floats, labels: LabelMatrix, examples: Sequence[Example], notes: tuple[str, ...] = ()
) -> Predictions:
    groups = near_duplicates([row.text for row in examples], [row.policy for row in examples])
    parts = np.zeros(len(examples), dtype=np.intp)
    split = SplitPlan(groups, 0, notes)
    return Predictions(labels == 1, labels >= 0, scores >= thresholds, scores, parts, thresholds[None], split)


def _fitted_fold(
    model: ClauseClassifier,
    read: list[str],
    labels: LabelMatrix,
    shares: Floats,
    groups: NDArray[np.intp],
    beside: Rows | None,
    marked: Sentences | None,
) -> ClauseClassifier:
    """Fit a copy of a model on the training rows of a fold, of which there may be one policy only."""
    kinds = len(set(groups.tolist()))
    inner_groups: list[Any] | None = groups.tolist()
    if kinds < 2:  # of two policies one is left: its rows calibrate one another
        inner_groups, kinds = None, len(read)
    inner: ClauseClassifier = clone(model).set_params(cv=min(model.cv, kinds))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)  # said once, for all the data, by whoever trains on it
        inner.fit(read, labels, groups=inner_groups, votes=shares, also=beside, sentences=marked)
    return inner


def sample_groups(groups: NDArray[np.intp], share: float, seed: int) -> Bools:
    """Choose about that part of the groups, at least two."""
    names = np.unique(groups)
    chosen = np.random.default_rng(seed).permutation(names)[: max(2, round(share * len(names)))]
    return np.isin(groups, chosen)
