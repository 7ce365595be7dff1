"""Split labeled rows into folds: whole policies, near-duplicates together, categories spread as evenly as possible.

Every split is by policy. A split by paragraph puts sentences of one publisher on both sides, and the metrics measure memory;
sister sites that share a policy under two names have the same effect. scikit-learn has no splitter that both keeps groups
together and balances several labels. Iterative stratification, a policy at a time, leaves more imbalance than `assign_folds`:
twice as much on OPP-115 (mean deviation of a category's share of a fold 9 % against 5 %), four times on data/clauses.
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

SHINGLE_WORDS = 5
"""Words in a shingle, a run of consecutive words."""
NEAR_DUPLICATE_SHARE = 0.25
"""Two policies are near-duplicates if at least this share of the shorter one's shingles also occurs in the other.

In OPP-115 sister sites share at least 31 % (so they are found without a list of names), other pairs at most 22 %.
"""
MAX_ALL_PAIRS = 20
"""Policies with one shingle of which all pairs are counted; among more, only neighbors in the list."""
_WORD = re.compile(r"[^\W_]+")
_QUOTES = str.maketrans("", "", "'’‘`´")


def near_duplicates(texts: Texts, policies: Rows) -> NDArray[np.intp]:
    """Group policies that share much of their text.

    Parameters
    ----------
    texts
        The rows, n_rows strings. Case, punctuation and apostrophes do not count.
    policies
        The policy of each row.

    Returns
    -------
    ndarray of shape (n_rows,)
        The group of each row, a number from 0. A policy without near-duplicates is a group of its own.

    Examples
    --------
    >>> texts = ["We share your name with the companies of Acme.", "Cookies are small files."]
    >>> near_duplicates([*texts, "We share your name with the companies of Bolt."], ["a", "b", "c"]).tolist()
    [0, 1, 0]
    """
    names, policy_of = np.unique(np.asarray(row_list(policies, "policy name")), return_inverse=True)
    # parallel arrays of the distinct (shingle, policy) pairs, sorted by shingle
    shingle, holder = _shingles(text_list(texts), policy_of)
    n_shingles = np.bincount(holder, minlength=len(names))
    # places where a new shingle begins; a run between two of them lists the policies that hold one shingle
    edges = np.flatnonzero(np.diff(shingle, prepend=shingle[:1] - 1, append=shingle[-1:] + 1))
    in_several = np.diff(edges) > 1
    shared: Counter[tuple[int, int]] = Counter()  # pair of policies to the number of shingles that both hold
    for first, end in zip(edges[:-1][in_several], edges[1:][in_several], strict=True):
        holders = holder[first:end].tolist()
        # copies of one policy are neighbors in every list, so neighbors are enough for a very common shingle
        reach = len(holders) if len(holders) <= MAX_ALL_PAIRS else 1
        shared.update((a, b) for i, a in enumerate(holders) for b in holders[i + 1 : i + 1 + reach])
    # union-find: merge the groups of each pair that shares enough
    parent = list(range(len(names)))
    for (a, b), count in shared.items():
        if count >= NEAR_DUPLICATE_SHARE * min(n_shingles[a], n_shingles[b]):
            parent[_root(parent, b)] = _root(parent, a)
    _, group_of = np.unique([_root(parent, k) for k in range(len(names))], return_inverse=True)
    result: NDArray[np.intp] = group_of[policy_of]
    return result


def _shingles(texts: Sequence[str], policy_of: NDArray[np.intp]) -> tuple[NDArray[np.uint64], NDArray[np.intp]]:
    """Return the distinct (shingle, policy) pairs as two arrays, sorted; a shingle is a 64-bit hash of its word numbers."""
    # number the distinct words in order of first occurrence
    numbers: dict[str, int] = {}
    words = [[numbers.setdefault(word, len(numbers)) for word in _words(text)] for text in texts]
    lengths = np.array([len(ids) for ids in words], dtype=np.intp)
    # the words of all rows in one array, and the row of each word
    ids = np.array(list(chain.from_iterable(words)), dtype=np.uint64)
    row = np.repeat(np.arange(len(words)), lengths)
    count = max(0, len(ids) - SHINGLE_WORDS + 1)
    # hashes[i] hashes words i to i + 4; the multiplier is 2**64 divided by the golden ratio
    hashes = np.zeros(count, dtype=np.uint64)
    for k in range(SHINGLE_WORDS):
        hashes = (hashes + ids[k : k + count]) * np.uint64(0x9E3779B97F4A7C15)
        hashes ^= hashes >> np.uint64(29)
    in_one_row = row[:count] == row[SHINGLE_WORDS - 1 :]
    return distinct(hashes[in_one_row], policy_of[row[:count]][in_one_row])


def distinct(first: NDArray[Any], second: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the distinct pairs of two parallel arrays, sorted.

    >>> [part.tolist() for part in distinct(np.array([2, 1, 2]), np.array([5, 6, 5]))]
    [[1, 2], [6, 5]]
    """
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    # True where a pair differs from the pair before it
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(first) != 0) | (np.diff(second) != 0)
    return first[is_new], second[is_new]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower().translate(_QUOTES))


def _root(parent: list[int], k: int) -> int:
    """Return the representative of a group of union-find, and shorten the path to it."""
    while parent[k] != k:
        parent[k] = k = parent[parent[k]]
    return k


def assign_folds(target: NDArray[np.bool_], groups: Rows | None, n_folds: int, seed: int = 0) -> NDArray[np.intp]:
    """Assign each row to a fold, all rows of a group to the same one.

    Groups are placed from the largest to the smallest, each into the fold where it best evens out the counts of categories
    and rows.

    Parameters
    ----------
    target
        Labels, of shape (n_rows, n_categories).
    groups
        The group of each row, such as its policy; None makes each row its own group.
    n_folds
        Number of folds, at least 2.
    seed
        Seed of the order of groups of equal size.

    Returns
    -------
    ndarray of shape (n_rows,)
        Fold numbers, from 0.

    Raises
    ------
    ValueError
        If there are fewer than 2 folds, or fewer groups than folds.

    Examples
    --------
    >>> assign_folds(np.array([[1], [1], [0], [0]], dtype=bool), ["a", "b", "a", "b"], 2).tolist()
    [0, 1, 0, 1]
    """
    group_names = np.arange(len(target)) if groups is None else np.asarray(row_list(groups, "group"))
    names, group_of = np.unique(group_names, return_inverse=True)
    if n_folds < 2 or len(names) < n_folds:
        raise ValueError(
            f"{n_folds} folds need at least 2 folds and as many policies, but there are {len(names)} policies"
        )
    # one column for each category and one for the rows themselves
    columns = np.column_stack([target, np.ones(len(target))]).astype(float)
    # counts of each group, of shape (n_groups, n_categories + 1), and their shares of the totals
    counts = np.zeros((len(names), columns.shape[1]))
    np.add.at(counts, group_of, columns)
    shares = counts / np.maximum(1, counts.sum(axis=0))
    # groups by number of rows, largest first; groups of equal size in random order
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-counts[order, -1], kind="stable")]
    filled = np.zeros((n_folds, columns.shape[1]))  # the shares that each fold holds so far
    fold_of = np.empty(len(names), dtype=np.intp)
    for group in order:
        # adding `s` to a fold that holds `f` raises the sum of squares by 2 f.s + s.s: the least product is the best fold
        fold = int(np.argmin(filled @ shares[group]))
        fold_of[group] = fold
        filled[fold] += shares[group]
    return fold_of[group_of]
