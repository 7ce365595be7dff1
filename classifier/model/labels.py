"""Turn the labels that `fit` accepts, names or 0/1 arrays, into one label matrix and into training targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.model.arrays import Floats, LabelMatrix
from classifier.text.sequences import Column, row_list

_NUMBERS = (int, float, np.number, np.bool_)
MINORITY_VOTE_WEIGHT = 0.5
"""Weight of votes for a label that did not count: one vote of three is learned as 0.17 instead of 0."""
MIN_POSITIVE_TARGET = 0.6
"""Lowest target of a label that counts, from 0 to 1, however few annotators gave it."""


def read_labels(y: ArrayLike | Sequence[Sequence[str]] | Column) -> tuple[NDArray[Any], bool, LabelMatrix]:
    """Read labels as a matrix.

    Parameters
    ----------
    y
        The label names of each text, one name or a list of names; or an array, or data frame, of shape (n_texts,
        n_categories) of 1, 0, and -1 for unknown.

    Returns
    -------
    classes, has_names, labels
        The categories, of shape (n_categories,): sorted names, or the columns of the array. Whether `y` held names. The
        label matrix, of shape (n_texts, n_categories).

    Raises
    ------
    TypeError
        If `y` is not a sequence, or a name is not a string.
    ValueError
        If `y` is neither of the two, or no text has a label.

    Examples
    --------
    >>> classes, has_names, labels = read_labels(["use", ["cookies", "use"], []])
    >>> classes.tolist(), has_names, labels.tolist()
    (['cookies', 'use'], True, [[0, 1], [1, 1], [0, 0]])
    """
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    rows = label_rows(y)
    if rows and all(isinstance(row, _NUMBERS) for row in rows):
        raise ValueError(
            "y must hold the label names of each text, or be a 0/1 array of shape (n_texts, n_categories), not one "
            "number per text; for a single category pass y.reshape(-1, 1)"
        )
    if any(len(row) and all(isinstance(item, _NUMBERS) for item in row) for row in rows if _is_row(row)):
        labels = indicator_matrix(rows)
        return _column_names(y, labels.shape[1]), False, labels
    names = [label_names(number, row) for number, row in enumerate(rows)]
    classes = np.array(sorted({name for row in names for name in row}), dtype=np.str_)
    if not len(classes):
        raise ValueError("no text has a label: there is nothing to learn")
    return classes, True, np.array([[name in row for name in classes] for row in names], dtype=np.int8)


def label_rows(y: ArrayLike | Sequence[Sequence[str]] | Column) -> list[Any]:
    """Return the labels of each text as a list, by position; those of a two-dimensional table are its rows."""
    if len(getattr(y, "shape", ())) == 2:
        return list(np.asarray(y))
    return row_list(y, "label row")  # type: ignore[arg-type]


def _is_row(row: object) -> bool:
    return hasattr(row, "__len__") and hasattr(row, "__iter__") and not isinstance(row, str | bytes | Mapping)


def _column_names(y: object, n_columns: int) -> NDArray[Any]:
    """Return the column names of a data frame if they are all strings or all numbers, else the column numbers."""
    names = list(getattr(y, "columns", ()))
    if len(names) != n_columns or not any(all(isinstance(name, kind) for name in names) for kind in (str, int)):
        return np.arange(n_columns)
    if len(set(names)) < n_columns:
        raise ValueError(f"the columns of y must have different names, not {', '.join(map(str, names))}")
    return np.array(names)


def indicator_matrix(rows: list[Any]) -> LabelMatrix:
    """Return rows of 1, 0, and -1 for unknown as a matrix, of shape (n_texts, n_categories). Raises ValueError."""
    try:
        labels = np.array([list(row) for row in rows], dtype=np.float64)
    except (TypeError, ValueError):  # a missing value, rows of different lengths
        labels = np.array([np.nan])
    if labels.ndim != 2 or not np.isin(labels, (0, 1, -1)).all():
        raise ValueError("an array of labels may only hold 0, 1, and -1 for unknown, in rows of equal length")
    return labels.astype(np.int8)


def label_names(number: int, row: Any) -> list[str]:
    """Return the label names of the text with this number. Raises ValueError or TypeError if they are not names."""
    if isinstance(row, str):
        return [row]
    if not _is_row(row):
        raise ValueError(f"labels of text {number} must be a list of names or a row of 0 and 1, not {row!r}")
    for name in row:
        if not isinstance(name, str):
            raise TypeError(f"a label of text {number} is {type(name).__name__}, not str")
    return list(row)


def soft_labels(labels: LabelMatrix, votes: ArrayLike | None) -> Floats:
    """Return the targets of the regression, from -1 to 1, softened by the votes of annotators.

    Parameters
    ----------
    labels
        Of shape (n_texts, n_categories); -1 becomes the target -1, which the mask excludes later.
    votes
        Share of annotators who gave each label, from 0 to 1, of the same shape; None for targets of -1 and 1 only.

    Raises
    ------
    ValueError
        If the votes are of another shape or out of range.

    Examples
    --------
    >>> soft_labels(np.array([[1, 1, 0, 0]], dtype=np.int8), [[1.0, 0.5, 0.5, 0.0]]).round(2).tolist()
    [[1.0, 0.2, -0.5, -1.0]]
    """
    if votes is None:
        return 2.0 * (labels == 1) - 1.0  # type: ignore[no-any-return]
    shares = np.asarray(votes, dtype=np.float64)
    if shares.shape != labels.shape or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"votes must be shares from 0 to 1, of shape {labels.shape}")
    target = np.where(labels == 1, np.maximum(shares, MIN_POSITIVE_TARGET), shares * MINORITY_VOTE_WEIGHT)
    soft: Floats = 2.0 * target - 1.0
    return soft
