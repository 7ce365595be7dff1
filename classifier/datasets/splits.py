"""Labelled rows become folds: whole policies, near-duplicates together, each category spread as evenly as they allow.

Every split is by policy. Split by paragraph, a publisher's own sentences stand on both sides, and the figures measure
memory; so they do where sister sites share a policy under two names. scikit-learn has no splitter that keeps groups
together and balances several labels; iterative stratification, a policy at a time, leaves twice the imbalance of `split` on
OPP-115 (mean deviation of a category's share of a fold 9 % against 5 %) and four times on the rows of data/clauses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.text.sequences import Rows, Texts, row_list, text_list

SHINGLE = 5
SHARED = 0.25
"""Two policies are near-duplicates if of the shorter one's runs of `SHINGLE` words such a part stands in the other too.

In OPP-115 sister sites share 31 % and more (a list of names is not needed to find them), strangers 22 % and less.
"""
_WORD = re.compile(r"[^\W_]+")
_QUOTES = str.maketrans("", "", "'’‘`´")
_CROWD = 20


def near_duplicates(texts: Texts, policies: Rows) -> NDArray[np.intp]:
    """Give the number of each row's group: policies that share much of their text are one group.

    Parameters
    ----------
    texts
        The rows, n_rows strings. Case, punctuation and apostrophes do not count.
    policies
        For each row its policy.

    Returns
    -------
    ndarray of shape (n_rows,)
        For each row the number of its group, from 0; a policy that is like no other is a group of its own.

    Examples
    --------
    >>> texts = ["We share your name with the companies of Acme.", "Cookies are small files."]
    >>> near_duplicates([*texts, "We share your name with the companies of Bolt."], ["a", "b", "c"]).tolist()
    [0, 1, 0]
    """
    names, policy_of = np.unique(np.asarray(row_list(policies, "policy name")), return_inverse=True)
    shingle, holder = _shingles(text_list(texts), policy_of)
    sizes = np.bincount(holder, minlength=len(names))
    shared: Counter[tuple[int, int]] = Counter()
    bounds = np.flatnonzero(np.diff(shingle, prepend=shingle[:1] - 1, append=shingle[-1:] + 1))
    for first, end in zip(bounds[:-1][np.diff(bounds) > 1], bounds[1:][np.diff(bounds) > 1], strict=True):
        holders = holder[first:end].tolist()
        # of what very many share, neighbours alone are counted: copies of one policy are neighbours in every such list
        reach = len(holders) if len(holders) <= _CROWD else 1
        shared.update((a, b) for i, a in enumerate(holders) for b in holders[i + 1 : i + 1 + reach])
    root = list(range(len(names)))
    for (a, b), count in shared.items():
        if count >= SHARED * min(sizes[a], sizes[b]):
            root[_root(root, b)] = _root(root, a)
    _, group_of = np.unique([_root(root, k) for k in range(len(names))], return_inverse=True)
    result: NDArray[np.intp] = group_of[policy_of]
    return result


def _shingles(texts: Sequence[str], policy_of: NDArray[np.intp]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """List the distinct (shingle, policy), sorted; a shingle is a 64-bit hash of the numbers of its words."""
    known: dict[str, int] = {}
    words = [[known.setdefault(word, len(known)) for word in _words(text)] for text in texts]
    lengths = np.array([len(ids) for ids in words], dtype=np.intp)
    ids = np.array(list(chain.from_iterable(words)), dtype=np.uint64)
    row = np.repeat(np.arange(len(words)), lengths)
    count = max(0, len(ids) - SHINGLE + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for k in range(SHINGLE):
        hashes = (hashes + ids[k : k + count]) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    whole = row[:count] == row[SHINGLE - 1 :]  # a shingle does not reach into the next row
    return distinct(hashes[whole], policy_of[row[:count]][whole])


def distinct(first: NDArray[Any], second: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give the distinct pairs of two parallel arrays, sorted.

    >>> [part.tolist() for part in distinct(np.array([2, 1, 2]), np.array([5, 6, 5]))]
    [[1, 2], [6, 5]]
    """
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (np.diff(first) != 0) | (np.diff(second) != 0)
    return first[fresh], second[fresh]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().translate(_QUOTES))


def _root(root: list[int], k: int) -> int:
    while root[k] != k:
        root[k] = k = root[root[k]]
    return k


def assign_folds(target: NDArray[np.bool_], groups: Rows | None, n_folds: int, seed: int = 0) -> NDArray[np.intp]:
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
    >>> assign_folds(np.array([[1], [1], [0], [0]], dtype=bool), ["a", "b", "a", "b"], 2).tolist()
    [0, 1, 0, 1]
    """
    names_of_rows = np.arange(len(target)) if groups is None else np.asarray(row_list(groups, "group"))
    names, group_of = np.unique(names_of_rows, return_inverse=True)
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
