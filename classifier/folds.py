"""Labelled rows become folds: whole policies, with each category spread as evenly as they allow.

Every split is by policy. Split by paragraph, a publisher's own sentences stand on both sides, and the figures measure
memory. scikit-learn has no splitter that keeps groups together and balances several labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def split(target: NDArray[np.bool_], groups: Sequence[Any] | None, n_folds: int, seed: int = 0) -> NDArray[np.intp]:
    """Give each row the number of its fold.

    The largest groups are placed first, each in the fold where it evens out the counts of categories and rows best.

    Parameters
    ----------
    target
        Labels, of shape (n_rows, n_categories).
    groups
        For each row the policy it comes from; None makes each row its own group.
    n_folds
        Number of folds, at least 2.
    seed
        Settles the order of groups of one size.

    Returns
    -------
    ndarray of shape (n_rows,)
        Fold numbers, from 0.

    Raises
    ------
    ValueError
        If there are fewer groups than folds.

    Examples
    --------
    >>> split(np.array([[1], [1], [0], [0]], dtype=bool), ["a", "b", "a", "b"], 2).tolist()
    [0, 1, 0, 1]
    """
    names, group_of = np.unique(np.arange(len(target)) if groups is None else np.asarray(groups), return_inverse=True)
    if n_folds < 2 or len(names) < n_folds:
        raise ValueError(
            f"{n_folds} folds need at least 2 folds and as many policies, but there are {len(names)} policies"
        )
    columns = np.column_stack([target, np.ones(len(target))]).astype(float)
    counts = np.zeros((len(names), columns.shape[1]))
    np.add.at(counts, group_of, columns)
    shares = counts / np.maximum(1, counts.sum(axis=0))
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order, -1], kind="stable")]
    filled = np.zeros((n_folds, columns.shape[1]))
    fold_of = np.empty(len(names), dtype=np.intp)
    for group in order:
        # the sum of squares of what the folds hold is least where they hold the same
        fold = int(np.argmin(filled @ shares[group]))
        fold_of[group] = fold
        filled[fold] += shares[group]
    return fold_of[group_of]
