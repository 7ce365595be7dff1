"""Predict each labeled row by a model that has not seen the row's policy.

Folds are by policy, near-duplicates together. Everything that is tuned (calibration, thresholds) is tuned inside the training
folds, so that no row influences its own prediction. Unknown labels are neither learned nor scored.
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
from classifier.model.training_matrix import AuxiliaryRows, RationaleSentences
from classifier.tagging.executors import away_from_current_folder
from classifier.types import Example

MIN_PARALLEL_ROWS = 2000
"""Rows from which on starting processes pays off; fewer are predicted in one process."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """Labels and predictions of rows whose policies the models have not seen.

    Attributes
    ----------
    y_true, mask
        The labels, and where they are known; of shape (n_rows, n_categories).
    y_pred, scores
        Predicted labels and calibrated probabilities; of shape (n_rows, n_categories).
    fold_ids
        The fold of each row; of shape (n_rows,).
    thresholds
        The thresholds of each fold, chosen on the other folds; of shape (n_folds, n_categories).
    plan
        How the rows were split.
    """

    y_true: Bools
    mask: Bools
    y_pred: Bools
    scores: Floats
    fold_ids: NDArray[np.intp]
    thresholds: Floats
    plan: SplitPlan


def cross_val_predict(
    model: ClauseClassifier,
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_folds: int = N_FOLDS,
    n_jobs: int | None = None,
    on_progress: Callable[[], object] = lambda: None,
    share: float = 1.0,
    split: SplitPlan | None = None,
) -> Predictions:
    """Predict each row by a copy of a model that has seen nothing of the row's policy.

    Parameters
    ----------
    model
        An unfitted estimator; it is cloned, not changed.
    examples
        Labeled rows, at least four.
    categories
        The columns.
    n_folds
        Number of folds; fewer where there are fewer policies.
    n_jobs
        Number of processes, as in joblib; below `MIN_PARALLEL_ROWS` rows always one.
    on_progress
        Called after each fold.
    share
        Share of the training policies to learn from, for a learning curve; above 0 and at most 1.
    split
        The plan of these rows, if it was made before.

    Raises
    ------
    ValueError
        If there are too few rows to split.
    """
    labels, shares = label_matrix(examples, categories), vote_shares(examples, categories)
    split = split or make_plan(examples, n_folds)
    fold_ids = assign_folds(labels == 1, split.groups, split.n_folds, model.random_state)
    texts = np.array(model_texts(examples), dtype=object)
    groups = split.groups if split.groups is not None else np.arange(len(examples))
    auxiliary = _auxiliary_data(split.auxiliary, categories)
    rationales = rationale_sentences(examples, categories)

    def predict_fold(fold: int) -> tuple[int, Floats, Floats]:
        train = np.flatnonzero(fold_ids != fold)
        if share < 1.0:
            train = train[sample_groups(groups[train], share, model.random_state)]
        fitted = _fit_fold(
            model,
            texts[train].tolist(),
            labels[train],
            shares[train],
            groups[train],
            auxiliary,
            sentences_of_rows(rationales, train),
        )
        return fold, fitted.predict_proba(texts[fold_ids == fold].tolist()), fitted.thresholds_

    scores, thresholds = np.zeros(labels.shape), np.zeros((split.n_folds, len(categories)))
    n_jobs = n_jobs if len(examples) >= MIN_PARALLEL_ROWS else 1
    with away_from_current_folder():
        for fold, fold_scores, fold_thresholds in Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(predict_fold)(fold) for fold in range(split.n_folds)
        ):
            scores[fold_ids == fold], thresholds[fold] = fold_scores, fold_thresholds
            on_progress()
    return Predictions(labels == 1, labels >= 0, scores >= thresholds[fold_ids], scores, fold_ids, thresholds, split)


def predict_held_out(
    model: ClauseClassifier,
    train_rows: Sequence[Example],
    test_rows: Sequence[Example],
    categories: Sequence[str],
    auxiliary: Sequence[Example] = (),
) -> Predictions:
    """Predict test rows by a copy of a model that learned from training rows; thresholds are chosen on training rows too.

    Parameters
    ----------
    model
        An unfitted estimator; it is cloned, not changed.
    train_rows, test_rows
        Labeled rows.
    categories
        The columns.
    auxiliary
        Further rows to learn from; those of near-duplicates of a test policy are left out.

    Raises
    ------
    ValueError
        If there are too few rows to learn from.
    """
    _, auxiliary, dropped = group_policies(test_rows, auxiliary)
    split = make_plan(train_rows, model.cv, auxiliary)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)  # the report notes it
        fitted = fit_on_all(model, train_rows, categories, split)
    notes = (*split.notes, *dropped, *_leakage_notes(train_rows, test_rows))
    scores = fitted.predict_proba(model_texts(test_rows))
    predictions = _predictions(scores, fitted.thresholds_, label_matrix(test_rows, categories), test_rows, notes)
    plan = replace(predictions.plan, auxiliary=split.auxiliary, has_rationales=split.has_rationales)
    return replace(predictions, plan=plan)


def fit_on_all(
    model: ClauseClassifier, examples: Sequence[Example], categories: Sequence[str], split: SplitPlan
) -> ClauseClassifier:
    """Fit a copy of a model on all rows, with the groups of their plan and at most as many inner folds as it has."""
    fitted: ClauseClassifier = clone(model).set_params(cv=min(model.cv, split.n_folds))
    labels, shares = label_matrix(examples, categories), vote_shares(examples, categories)
    groups = None if split.groups is None else split.groups.tolist()
    auxiliary = _auxiliary_data(split.auxiliary, categories)
    rationales = rationale_sentences(examples, categories)
    fitted.fit(model_texts(examples), labels, groups=groups, votes=shares, also=auxiliary, sentences=rationales)
    return fitted


def _auxiliary_data(rows: Sequence[Example], categories: Sequence[str]) -> AuxiliaryRows | None:
    return (
        AuxiliaryRows(model_texts(rows), label_matrix(rows, categories), [row.policy for row in rows]) if rows else None
    )


def _leakage_notes(train_rows: Sequence[Example], test_rows: Sequence[Example]) -> list[str]:
    """Name the test policies that have a near-duplicate among the training policies."""
    rows = [*train_rows, *test_rows]
    groups = near_duplicates([row.text for row in rows], [row.policy for row in rows]).tolist()
    train_groups, test_groups = set(groups[: len(train_rows)]), groups[len(train_rows) :]
    names = sorted({row.policy for row, group in zip(test_rows, test_groups, strict=True) if group in train_groups})
    return [f"the model has learned from near-duplicates of {', '.join(names)}"] if names else []


def predict_with_model(model: Model, examples: Sequence[Example], categories: Sequence[str]) -> Predictions:
    """Predict rows by a finished model; `categories` are among the model's own."""
    columns = [model.taxonomy.ids.index(id) for id in categories]
    scores = probabilities(model_texts(examples), model)[:, columns].astype(np.float64)
    return _predictions(scores, model.thresholds[columns], label_matrix(examples, categories), examples)


def _predictions(
    scores: Floats, thresholds: Floats, labels: LabelMatrix, examples: Sequence[Example], notes: tuple[str, ...] = ()
) -> Predictions:
    """Lay out the predictions of a single model: one fold that holds every row, one row of thresholds."""
    groups = near_duplicates([row.text for row in examples], [row.policy for row in examples])
    fold_ids = np.zeros(len(examples), dtype=np.intp)
    split = SplitPlan(groups, 0, notes)
    return Predictions(labels == 1, labels >= 0, scores >= thresholds, scores, fold_ids, thresholds[None], split)


def _fit_fold(
    model: ClauseClassifier,
    texts: list[str],
    labels: LabelMatrix,
    shares: Floats,
    groups: NDArray[np.intp],
    auxiliary: AuxiliaryRows | None,
    rationales: RationaleSentences | None,
) -> ClauseClassifier:
    """Fit a copy of a model on the training rows of a fold."""
    n_groups = len(set(groups.tolist()))
    inner_groups: list[Any] | None = groups.tolist()
    if n_groups < 2:  # only one of two policies is left, so its rows calibrate each other
        inner_groups, n_groups = None, len(texts)
    fitted: ClauseClassifier = clone(model).set_params(cv=min(model.cv, n_groups))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)  # callers report it once, for all rows
        fitted.fit(texts, labels, groups=inner_groups, votes=shares, also=auxiliary, sentences=rationales)
    return fitted


def sample_groups(groups: NDArray[np.intp], share: float, seed: int) -> Bools:
    """Choose about this share of the groups at random, at least two, as a mask over the rows."""
    names = np.unique(groups)
    chosen = np.random.default_rng(seed).permutation(names)[: max(2, round(share * len(names)))]
    return np.isin(groups, chosen)
