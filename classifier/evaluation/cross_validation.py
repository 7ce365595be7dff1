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

from classifier.datasets import splits as folds
from classifier.errors import DataError
from classifier.evaluation.metrics import Bools, Floats
from classifier.model import scorer as engine
from classifier.model.estimator import ClauseClassifier, FewExamplesWarning, Rows, Sentences
from classifier.model.persistence import Model
from classifier.tagging.executors import away_from_current_folder
from classifier.text import sentences
from classifier.text.context import with_context
from classifier.text.sequences import text_list
from classifier.types import Example

FOLDS = 5
PARALLEL_FROM = 2000
"""Rows from which on processes of their own pay for what they take to start."""

Ints = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Plan:
    """How rows are kept together and split.

    Attributes
    ----------
    groups
        For each row the number of its group of near-duplicate policies; None makes each row its own.
    n_folds
        Number of folds, at most as many as there are groups.
    notes
        What is unusual, for people.
    by_policy
        Whether policies and their near-duplicates are kept whole, so that the figures do not flatter.
    also
        Rows from elsewhere to learn from in every fold, never scored; none is of a near-duplicate of what is scored.
    marked
        Whether people marked in rows what speaks for their labels, which is learned from too.
    """

    groups: NDArray[np.intp] | None
    n_folds: int
    notes: tuple[str, ...] = ()
    by_policy: bool = True
    also: tuple[Example, ...] = ()
    marked: bool = False

    @property
    def how(self) -> str:
        """What is done, in words."""
        split = f"{self.n_folds} folds by {'row' if self.groups is None else 'policy'}"
        return ", ".join(filter(None, (split, self.learning)))

    @property
    def learning(self) -> str:
        """What is learned from beside the texts and labels of other folds or rows, in words; "" for nothing."""
        beside = f"learning from {len(self.also)} rows from elsewhere too" if self.also else ""
        return ", ".join(filter(None, ("with rationales" if self.marked else "", beside)))


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
    plan: Plan


def texts(examples: Sequence[Example]) -> list[str]:
    """Give what the model reads of each row: its text under its nearest heading and lead-in."""
    return [with_context(example.text, example.headings, example.context) for example in examples]


def target(examples: Sequence[Example], categories: Sequence[str]) -> Ints:
    """Give the labels of rows as an array of shape (n_rows, n_categories): 1, 0, or -1 for unknown."""
    return np.array(
        [[-1 if id in row.unknown else int(id in row.labels) for id in categories] for row in examples], dtype=np.int8
    ).reshape(len(examples), len(categories))


def votes(examples: Sequence[Example], categories: Sequence[str]) -> Floats:
    """Give the share of annotators who gave a label, of shape (n_rows, n_categories); the label itself where one did it."""
    given = [row.annotations or (row.labels,) for row in examples]
    shares = [[sum(id in labels for labels in people) / len(people) for id in categories] for people in given]
    return np.array(shares, dtype=np.float64).reshape(len(examples), len(categories))


def marked_sentences(examples: Sequence[Example], categories: Sequence[str]) -> Sentences | None:
    """Cut the rows in which people marked what speaks for a category into sentences; None if there are no such rows."""
    cut: list[str] = []
    shares: list[Floats] = []
    rows: list[int] = []
    for number, row in enumerate(examples):
        spans = sentences.spans(row.text) if row.rationales else []
        if len(spans) > 1:  # else the row says it
            cut += [with_context(row.text[start:end], row.headings, row.context) for start, end in spans]
            shares.append(_marked(row, spans, categories))
            rows += [number] * len(spans)
    return Sentences(cut, np.concatenate(shares), rows) if rows else None


def _marked(row: Example, spans: Sequence[tuple[int, int]], categories: Sequence[str]) -> Floats:
    """Give the share of people who marked something in each sentence of a row, of shape (n_sentences, n_categories).

    Who gave a label and marked nothing for it said it of the whole.
    """
    starts, ends = (np.array(places) for places in zip(*spans, strict=True))
    column = {id: number for number, id in enumerate(categories)}
    people = np.zeros((len(row.rationales), len(spans), len(categories)), dtype=bool)
    for seen, given, marks in zip(people, row.annotations or (row.labels,), row.rationales, strict=True):
        for mark in marks:
            if mark.category in column:
                first, last = np.searchsorted(ends, mark.start, side="right"), np.searchsorted(starts, mark.end)
                seen[first:last, column[mark.category]] = True
        whole = [column[id] for id in given if id in column and not seen[:, column[id]].any()]
        seen[:, whole] = True
    shares: Floats = people.mean(axis=0)
    return shares


def _of_rows(marked: Sentences | None, chosen: NDArray[np.intp]) -> Sentences | None:
    """Give the sentences of chosen rows, with the numbers that rows have among these."""
    if marked is None:
        return None
    at = np.searchsorted(chosen, np.asarray(marked.rows))
    kept = np.flatnonzero(np.append(chosen, -1)[at] == marked.rows)
    read = text_list(marked.texts)
    return Sentences([read[k] for k in kept.tolist()], np.asarray(marked.shares)[kept], at[kept].tolist())


def check_labels(examples: Sequence[Example]) -> None:
    """Refuse rows of which none has a label. Raises `DataError`."""
    if not any(row.labels for row in examples):
        raise DataError([f"none of the {len(examples)} labelled rows has a label: there is nothing to learn"])


def plan(examples: Sequence[Example], n_folds: int, also: Sequence[Example] = ()) -> Plan:
    """Choose groups and number of folds: by policy, near-duplicates together, or by row where there is one policy only.

    Parameters
    ----------
    examples
        The rows to score.
    n_folds
        Number of folds wanted.
    also
        Rows to learn from beside them; those of policies that are near-duplicates of a scored one are left out.

    Raises
    ------
    ValueError
        If there are fewer than four rows.
    """
    policies = [example.policy for example in examples]
    kinds = len(set(policies))
    if kinds < 2 and len(examples) < 4:
        raise ValueError(
            f"{len(examples)} labelled rows are too few to learn from; label more, best of several policies"
        )
    groups, fresh, notes = _groups(examples, also)
    found = len(set(groups.tolist()))
    marked = any(row.rationales for row in examples)
    if kinds < 2:
        notes.append("all rows are of one policy, so folds are by row and the figures flatter")
        return Plan(None, min(n_folds, len(examples) // 2), tuple(notes), False, fresh, marked)
    if found < 2:
        notes.append(
            f"all {kinds} policies share much of their text, so near-duplicates are split and the figures flatter"
        )
        numbers = np.unique(policies, return_inverse=True)[1]
        return Plan(numbers, min(n_folds, kinds), tuple(notes), False, fresh, marked)
    if found < kinds:
        alike = sorted(_alike(groups, policies), key=lambda names: (-len(names), names))
        shown = "; ".join(", ".join(names[:4]) + (" ..." if len(names) > 4 else "") for names in alike[:4])
        notes.append(f"near-duplicate policies are kept in one fold: {shown}" + ("; ..." if len(alike) > 4 else ""))
    if found < n_folds:
        notes.append(f"there are only {found} policies to split, so there are {found} folds instead of {n_folds}")
    return Plan(groups, min(n_folds, found), tuple(notes), True, fresh, marked)


def _groups(
    examples: Sequence[Example], also: Sequence[Example]
) -> tuple[NDArray[np.intp], tuple[Example, ...], list[str]]:
    """Give the group of each row, which rows from elsewhere are of none of these, and what is to be said of it."""
    rows = [*examples, *also]
    # a name that occurs on both sides means two documents, and only their texts tell whether they are one
    names = [f"{number < len(examples):d}{row.policy}" for number, row in enumerate(rows)]
    found = folds.near_duplicates([row.text for row in rows], names)
    _, groups = np.unique(found[: len(examples)], return_inverse=True)
    scored = np.isin(found[len(examples) :], found[: len(examples)])
    fresh = tuple(row for row, known in zip(also, scored, strict=True) if not known)
    known = sorted({row.policy for row, known in zip(also, scored, strict=True) if known})
    shown = ", ".join(known[:4]) + (" ..." if len(known) > 4 else "")
    return groups, fresh, [f"not learned from, since they are scored too: {shown}"] if known else []


def _alike(groups: NDArray[np.intp], policies: Sequence[str]) -> list[list[str]]:
    members: dict[int, set[str]] = {}
    for group, policy in zip(groups.tolist(), policies, strict=True):
        members.setdefault(group, set()).add(policy)
    return [sorted(names) for names in members.values() if len(names) > 1]


def out_of_fold(
    model: ClauseClassifier,
    examples: Sequence[Example],
    categories: Sequence[str],
    *,
    n_folds: int = FOLDS,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
    share: float = 1.0,
    split: Plan | None = None,
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
    labels, shares = target(examples, categories), votes(examples, categories)
    split = split or plan(examples, n_folds)
    parts = folds.split(labels == 1, split.groups, split.n_folds, model.random_state)
    read = np.array(texts(examples), dtype=object)
    group_of = split.groups if split.groups is not None else np.arange(len(examples))
    beside, marked = _beside(split.also, categories), marked_sentences(examples, categories)

    def one(part: int) -> tuple[int, Floats, Floats]:
        train = np.flatnonzero(parts != part)
        if share < 1.0:
            train = train[some(group_of[train], share, model.random_state)]
        cut = _of_rows(marked, train)
        inner = _fitted_fold(model, read[train].tolist(), labels[train], shares[train], group_of[train], beside, cut)
        return part, inner.predict_proba(read[parts == part].tolist()), inner.thresholds_

    scores, thresholds = np.zeros(labels.shape), np.zeros((split.n_folds, len(categories)))
    n_jobs = n_jobs if len(examples) >= PARALLEL_FROM else 1
    with away_from_current_folder():
        for part, fold_scores, chosen in Parallel(n_jobs=n_jobs, return_as="generator")(
            delayed(one)(part) for part in range(split.n_folds)
        ):
            scores[parts == part], thresholds[part] = fold_scores, chosen
            tick()
    return Predictions(labels == 1, labels >= 0, scores >= thresholds[parts], scores, parts, thresholds, split)


def held_out(
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
    _, fresh, said = _groups(scored, also)
    split = plan(learned, model.cv, fresh)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FewExamplesWarning)  # the report says it
        inner = fitted(model, learned, categories, split)
    notes = (*split.notes, *said, *_both_sides(learned, scored))
    found = _scored(inner.predict_proba(texts(scored)), inner.thresholds_, target(scored, categories), scored, notes)
    return replace(found, plan=replace(found.plan, also=split.also, marked=split.marked))


def fitted(
    model: ClauseClassifier, examples: Sequence[Example], categories: Sequence[str], split: Plan
) -> ClauseClassifier:
    """Fit a copy of a model on all rows, with the groups of their plan and as many inner folds as it allows."""
    inner: ClauseClassifier = clone(model).set_params(cv=min(model.cv, split.n_folds))
    labels, shares = target(examples, categories), votes(examples, categories)
    groups = None if split.groups is None else split.groups.tolist()
    beside, marked = _beside(split.also, categories), marked_sentences(examples, categories)
    inner.fit(texts(examples), labels, groups=groups, votes=shares, also=beside, sentences=marked)
    return inner


def _beside(also: Sequence[Example], categories: Sequence[str]) -> Rows | None:
    return Rows(texts(also), target(also, categories), [row.policy for row in also]) if also else None


def _both_sides(learned: Sequence[Example], scored: Sequence[Example]) -> list[str]:
    """Say which policies are scored by a model that has learned from a near-duplicate of them."""
    rows = [*learned, *scored]
    groups = folds.near_duplicates([row.text for row in rows], [row.policy for row in rows]).tolist()
    seen = set(groups[: len(learned)])
    names = sorted({row.policy for row, group in zip(scored, groups[len(learned) :], strict=True) if group in seen})
    return [f"the model has learned from near-duplicates of {', '.join(names)}"] if names else []


def of_model(model: Model, examples: Sequence[Example], categories: Sequence[str]) -> Predictions:
    """Score rows by a model that exists; `categories` are among its own."""
    columns = [model.taxonomy.ids.index(id) for id in categories]
    scores = engine.probabilities(texts(examples), model)[:, columns].astype(np.float64)
    return _scored(scores, model.thresholds[columns], target(examples, categories), examples)


def _scored(
    scores: Floats, thresholds: Floats, labels: Ints, examples: Sequence[Example], notes: tuple[str, ...] = ()
) -> Predictions:
    groups = folds.near_duplicates([row.text for row in examples], [row.policy for row in examples])
    parts = np.zeros(len(examples), dtype=np.intp)
    split = Plan(groups, 0, notes)
    return Predictions(labels == 1, labels >= 0, scores >= thresholds, scores, parts, thresholds[None], split)


def _fitted_fold(
    model: ClauseClassifier,
    read: list[str],
    labels: Ints,
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


def some(groups: NDArray[np.intp], share: float, seed: int) -> Bools:
    """Choose about that part of the groups, at least two."""
    names = np.unique(groups)
    chosen = np.random.default_rng(seed).permutation(names)[: max(2, round(share * len(names)))]
    return np.isin(groups, chosen)
