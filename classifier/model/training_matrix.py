"""Stack the rows that an estimator learns from into one matrix: texts, auxiliary rows, rationale sentences.

The three kinds differ in their weight and in the folds. A text is held out in one fold, auxiliary rows in none, a sentence
together with its text. Terms and idf come from texts and auxiliary rows; sentences are only transformed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from classifier.model.arrays import Bools, Floats, Ints, LabelMatrix
from classifier.model.labels import soft_labels
from classifier.model.vectorizer import fit_vectorizer
from classifier.text.sequences import Column, Texts, refuse_missing, row_list, text_list

FULL_WEIGHT_TEXTS = 60
"""Sentences have full weight up to this many positive texts of a category, then proportionally less: texts keep deciding."""
NEVER_HELD_OUT = -1
"""Fold of auxiliary rows."""


class AuxiliaryRows(NamedTuple):
    """Labeled rows of another corpus to learn from in addition.

    Attributes
    ----------
    texts
        n_rows strings.
    labels
        Array of shape (n_rows, n_categories) of 1, 0, and -1 for unknown; the columns are those of the estimator.
    groups
        The policy of each row.
    """

    texts: Texts
    labels: ArrayLike
    groups: Sequence[Any] | Column


class RationaleSentences(NamedTuple):
    """Sentences of labeled texts in which annotators marked their reasons for a category.

    Attributes
    ----------
    texts
        n_sentences strings.
    shares
        Share of annotators who marked the sentence, or part of it, for the category, from 0 to 1; of shape (n_sentences,
        n_categories).
    rows
        Number of the text of each sentence, of shape (n_sentences,).
    """

    texts: Texts
    shares: ArrayLike
    rows: Sequence[int] | Column


@dataclass(frozen=True, eq=False)
class TrainingMatrix:
    """Rows to learn from, as parallel arrays: texts first, then auxiliary rows, then rationale sentences.

    Attributes
    ----------
    tfidf
        Of shape (n_rows, n_terms).
    soft
        Targets from -1 to 1, of shape (n_rows, n_categories).
    mask
        Whether a row is learned from in a category, of the same shape: its label is known and the category is learned.
    weight
        Weight of a row in a category, of the same shape.
    fold_ids
        The fold in which a row is held out, `NEVER_HELD_OUT` for none; of shape (n_rows,).
    is_sentence
        Whether a row is a rationale sentence, of shape (n_rows,).
    """

    tfidf: csr_array
    soft: Floats
    mask: Bools
    weight: Floats
    fold_ids: Ints
    is_sentence: Bools

    def take(self, rows: NDArray[np.intp]) -> TrainingMatrix:
        """Return the matrix of some rows, by number."""
        return TrainingMatrix(
            self.tfidf[rows],
            self.soft[rows],
            self.mask[rows],
            self.weight[rows],
            self.fold_ids[rows],
            self.is_sentence[rows],
        )

    def has_both_classes(self) -> Bools:
        """Return whether each category has positive and negative rows besides sentences; of shape (n_categories,)."""
        mask, is_positive = self.mask[~self.is_sentence], self.soft[~self.is_sentence] > 0
        has_positive: Bools = np.any(mask & is_positive, axis=0)
        has_negative: Bools = np.any(mask & ~is_positive, axis=0)
        return has_positive & has_negative


class TrainingRows(NamedTuple):
    """The arguments of `fit`, checked: lists of strings and arrays of matching shapes."""

    texts: list[str]
    target: LabelMatrix
    groups: list[Any] | None
    votes: ArrayLike | None
    auxiliary: AuxiliaryRows
    sentences: RationaleSentences


def check_rows(
    texts: Texts,
    target: LabelMatrix,
    groups: Sequence[Any] | Column | None,
    votes: ArrayLike | None,
    auxiliary: AuxiliaryRows | None,
    sentences: RationaleSentences | None,
) -> TrainingRows:
    """Check the rows to learn from against the labels `target` of the texts, of shape (n_texts, n_categories).

    Raises
    ------
    TypeError
        If texts or groups are not sequences, a text is not a string, or a value is missing.
    ValueError
        If lengths or shapes differ, or a label or share is out of range.
    """
    texts = text_list(texts)
    if len(texts) != len(target):
        raise ValueError(f"there are {len(texts)} texts but {len(target)} rows of labels")
    return TrainingRows(
        texts,
        target,
        None if groups is None else _check_groups(groups, len(texts)),
        votes,
        _check_auxiliary(auxiliary, target.shape[1]),
        _check_sentences(sentences, target),
    )


def build_training_matrix(
    rows: TrainingRows,
    is_learned: Bools,
    fold_ids: NDArray[np.intp],
    *,
    window: int,
    min_df: int,
    auxiliary_weight: float,
) -> tuple[TfidfVectorizer, TrainingMatrix]:
    """Fit a vectorizer and stack all rows.

    Parameters
    ----------
    rows
        The checked rows.
    is_learned
        Whether a category is learned, of shape (n_categories,).
    fold_ids
        The fold of each text, of shape (n_texts,).
    window, min_df
        As in `classifier.model.vectorizer.fit_vectorizer`.
    auxiliary_weight
        Weight of an auxiliary row.

    Raises
    ------
    ValueError
        If no word occurs often enough, or votes are of another shape or out of range.
    """
    target, auxiliary, sentences = rows.target, rows.auxiliary, rows.sentences
    counts = [len(rows.texts), len(auxiliary.texts), len(sentences.texts)]
    groups = _joint_groups(rows.groups, auxiliary)
    texts = [*rows.texts, *text_list(auxiliary.texts)]
    vectorizer, tfidf = fit_vectorizer(texts, groups, window, min_df, sentences.texts)
    text_of, shares = np.asarray(sentences.rows), np.asarray(sentences.shares)
    auxiliary_labels = np.asarray(auxiliary.labels)
    # the weight of a row of each kind, of shape (3, n_categories), repeated for all rows of that kind
    kind_weight = np.ones((3, target.shape[1]))
    kind_weight[1] = auxiliary_weight
    kind_weight[2] = np.minimum(1.0, FULL_WEIGHT_TEXTS / np.maximum(1, (target == 1).sum(axis=0)))
    return vectorizer, TrainingMatrix(
        tfidf=tfidf,
        soft=np.vstack([soft_labels(target, rows.votes), soft_labels(auxiliary_labels, None), 2.0 * shares - 1.0]),
        mask=(np.vstack([target, auxiliary_labels, target[text_of]]) >= 0) & is_learned,
        weight=np.repeat(kind_weight, counts, axis=0),
        fold_ids=np.concatenate([fold_ids, np.full(counts[1], NEVER_HELD_OUT), fold_ids[text_of]]),
        is_sentence=np.repeat([False, False, True], counts),
    )


def _joint_groups(groups: list[Any] | None, auxiliary: AuxiliaryRows) -> list[Any] | None:
    """Return numbers for the policies of texts and auxiliary rows; equal names on both sides are different policies."""
    if groups is None or not len(auxiliary.texts):
        return groups
    numbers = np.unique(np.asarray(groups), return_inverse=True)[1]
    auxiliary_numbers = np.unique(np.asarray(auxiliary.groups), return_inverse=True)[1]
    joint: list[Any] = np.append(numbers, auxiliary_numbers + numbers.max() + 1).tolist()
    return joint


def _check_groups(groups: Sequence[Any] | Column, n_texts: int) -> list[Any]:
    """Return the group of each text as a list."""
    checked = row_list(groups, "group")
    if len(checked) != n_texts:
        raise ValueError(f"there are {n_texts} texts but {len(checked)} groups")
    refuse_missing(checked, "group")
    if np.asarray(checked).ndim != 1:
        raise ValueError("each group must be one name or number")
    return checked


def _check_auxiliary(rows: AuxiliaryRows | None, n_categories: int) -> AuxiliaryRows:
    """Return auxiliary rows as lists and a label matrix; no rows for None."""
    if rows is None:
        return AuxiliaryRows([], np.zeros((0, n_categories), dtype=np.int8), [])
    groups = row_list(rows.groups, "group")
    refuse_missing(groups, "group")
    texts, labels = text_list(rows.texts), np.asarray(rows.labels)
    if labels.shape != (len(texts), n_categories) or len(groups) != len(texts):
        raise ValueError(
            f"{len(texts)} auxiliary rows need as many groups and labels of shape ({len(texts)}, {n_categories}), "
            f"not {len(groups)} and {labels.shape}"
        )
    if not np.isin(labels, (0, 1, -1)).all():
        raise ValueError("an array of labels may only hold 0, 1, and -1 for unknown")
    return AuxiliaryRows(texts, labels.astype(np.int8), groups)


def _check_sentences(sentences: RationaleSentences | None, target: LabelMatrix) -> RationaleSentences:
    """Return sentences as a list and arrays; no sentences for None."""
    if sentences is None:
        return RationaleSentences([], np.zeros((0, target.shape[1])), np.zeros(0, dtype=np.intp))
    texts = text_list(sentences.texts)
    shares, rows = np.asarray(sentences.shares, dtype=np.float64), np.asarray(sentences.rows, dtype=np.intp)
    shape = (len(texts), target.shape[1])
    if shares.shape != shape or rows.shape != shape[:1] or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(
            f"{shape[0]} sentences need as many numbers of texts, and shares from 0 to 1 of shape {shape}, not "
            f"{rows.shape} and {shares.shape}"
        )
    if not ((rows >= 0) & (rows < len(target))).all():
        raise ValueError(f"sentences must be of texts 0 to {len(target) - 1}")
    return RationaleSentences(texts, shares, rows)
