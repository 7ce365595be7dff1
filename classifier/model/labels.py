"""Read the labels that an estimator is given as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.model.arrays import Floats, LabelMatrix
from classifier.text.sequences import Column, row_list

_NUMBERS = (int, float, np.number, np.bool_)
MINORITY_VOTE_WEIGHT = 0.5
"""What the votes are worth that a label did not get: one of three is learned as 0.17 instead of 0."""
MIN_POSITIVE_TARGET = 0.6
"""What a label is worth at least, however few gave it: a label that counts must not be learned as none."""


def read_labels(y: ArrayLike | Sequence[Sequence[str]] | Column) -> tuple[NDArray[Any], bool, LabelMatrix]:
    """Read labels of either kind as (classes, whether they are names, array of shape (n_texts, n_categories))."""
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    rows = label_rows(y)
    if any(len(row) and all(isinstance(item, _NUMBERS) for item in row) for row in rows if _is_row(row)):
        labels = indicator_matrix(rows)
        return np.arange(labels.shape[1]), False, labels
    named = [label_names(number, row) for number, row in enumerate(rows)]
    classes = np.array(sorted({name for row in named for name in row}), dtype=np.str_)
    if not len(classes):
        raise ValueError("no text has a label: there is nothing to learn")
    return classes, True, np.array([[name in row for name in classes] for row in named], dtype=np.int8)


def label_rows(y: ArrayLike | Sequence[Sequence[str]] | Column) -> list[Any]:
    """List the labels of each text, by position; a table (an array or data frame of two dimensions) as its rows."""
    if len(getattr(y, "shape", ())) == 2:
        return list(np.asarray(y))
    return row_list(y, "label row")  # type: ignore[arg-type]


def _is_row(row: object) -> bool:
    return hasattr(row, "__len__") and hasattr(row, "__iter__") and not isinstance(row, str | bytes | Mapping)


def indicator_matrix(rows: list[Any]) -> LabelMatrix:
    """Read rows of 1, 0, and -1 for unknown as an array of shape (n_texts, n_categories)."""
    try:
        labels = np.array([list(row) for row in rows], dtype=np.float64)
    except (TypeError, ValueError):  # a missing value, rows of different lengths
        labels = np.array([np.nan])
    if labels.ndim != 2 or not np.isin(labels, (0, 1, -1)).all():
        raise ValueError(
            "an array of labels may only hold 0, 1, and -1 for unknown, and each text needs as many of them"
        )
    return labels.astype(np.int8)


def label_names(number: int, row: Any) -> list[str]:
    """Return the label names of one text. Raises ValueError or TypeError if they are not names."""
    if not _is_row(row):
        raise ValueError(f"labels of text {number} must be a list of names or a row of 0 and 1, not {row!r}")
    for name in row:
        if not isinstance(name, str):
            raise TypeError(f"a label of text {number} is {type(name).__name__}, not str")
    return list(row)


def soft_labels(target: LabelMatrix, votes: ArrayLike | None) -> Floats:
    """Give what is learned, from -1 to 1: where there are votes a label is worth their share, and what is none half of it."""
    if votes is None:
        return 2.0 * (target == 1) - 1.0  # type: ignore[no-any-return]
    share = np.asarray(votes, dtype=np.float64)
    if share.shape != target.shape or not ((share >= 0) & (share <= 1)).all():
        raise ValueError(f"votes must be shares from 0 to 1, of shape {target.shape}")
    soft: Floats = (
        2.0 * np.where(target == 1, np.maximum(share, MIN_POSITIVE_TARGET), share * MINORITY_VOTE_WEIGHT) - 1.0
    )
    return soft
