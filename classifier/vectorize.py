"""Texts become tf-idf: which terms they have, how often, and which of them are worth a weight.

The terms are those of `text.terms`, counted with numpy for all texts at once. A term must stand in several policies: what one
publisher alone says is its name, not a category. Two stems near each other are many more terms than stems and neighbours,
and so weigh less in a text's length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from classifier import folds, text

Ints = NDArray[np.int64]

NEAR_POLICIES = 4
"""In so many policies two stems must stand near each other to make a term."""
MANY = 8
"""With fewer policies than this, texts are counted instead."""
NEAR_WEIGHT = 0.5
"""What the idf of two stems near each other is multiplied by."""


class _Counts(NamedTuple):
    """How often which term stands where: parallel arrays, and what the codes of terms mean."""

    rows: Ints
    codes: Ints
    counts: Ints
    stems: list[str]


def fit(
    texts: Sequence[str], groups: Sequence[Any] | None, window: int, min_df: int
) -> tuple[TfidfVectorizer, csr_array]:
    """Learn terms and their idf.

    Parameters
    ----------
    texts
        n_texts strings.
    groups
        For each text its policy; None makes each text its own.
    window
        Within how many words two stems make a term together; 0 for neighbours only.
    min_df
        In how many policies a term must stand; in how many texts, where there are fewer than `MANY` policies.

    Returns
    -------
    TfidfVectorizer, csr_array
        A fitted vectoriser of scikit-learn, and what it makes of the texts, of shape (n_texts, n_terms); rows have length 1.

    Raises
    ------
    ValueError
        If no term stands in so many.

    Examples
    --------
    >>> vectorizer, tfidf = fit(["We keep logs.", "We keep data."], None, 0, 2)
    >>> vectorizer.get_feature_names_out().tolist(), tfidf.shape
    (['keep', 'we', 'we keep'], (2, 3))
    """
    found = _count(texts, window)
    near = len(found.stems) * (1 + len(found.stems))
    codes = _frequent(found, _numbers(groups, len(texts)), near, min_df)
    if not len(codes):
        raise ValueError(f"no word stands in {min_df} texts or policies: they are too few or too short to learn from")
    names = [_name(code, found.stems, near) for code in codes.tolist()]
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.intp)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    column = np.searchsorted(codes, found.codes)
    kept = codes[np.minimum(column, len(codes) - 1)] == found.codes
    # 32 bits, since liblinear takes no others
    rows, columns = found.rows[kept].astype(np.int32), place[column[kept]].astype(np.int32)
    counts = found.counts[kept]
    frequency = np.bincount(columns, minlength=len(codes))
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1.0
    idf[codes[order] >= near] *= NEAR_WEIGHT
    vectorizer = TfidfVectorizer(
        analyzer=partial(text.terms, window=window),
        sublinear_tf=True,
        vocabulary={names[k]: number for number, k in enumerate(order.tolist())},
    )
    vectorizer.idf_ = idf
    values = (1.0 + np.log(counts)) * idf[columns]
    tfidf = csr_array(coo_array((values, (rows, columns)), shape=(len(texts), len(codes))))
    return vectorizer, csr_array(normalize(tfidf, copy=False))


def _numbers(groups: Sequence[Any] | None, n_texts: int) -> Ints:
    """Give the number of each text's policy; where there are few, of the text itself."""
    if groups is None:
        return np.arange(n_texts)
    names, numbers = np.unique(np.asarray(groups), return_inverse=True)
    return numbers if len(names) >= MANY else np.arange(n_texts)


def _count(texts: Sequence[str], window: int) -> _Counts:
    """Count the terms of texts. Codes: a stem's number; size + a * size + b for neighbours; size * size more where near."""
    words = [text.stems(item) for item in texts]
    before = [len(text.stems(item[:start])) if (start := text.own_start(item)) else 0 for item in texts]
    stems = sorted(set(chain.from_iterable(words)))
    size = len(stems)
    number = {stem: k for k, stem in enumerate(stems)}
    ids = np.array([number[word] for word in chain.from_iterable(words)], dtype=np.int64)
    lengths = [len(line) for line in words]
    row = np.repeat(np.arange(len(words)), lengths)
    place = np.arange(len(ids)) - np.repeat(np.cumsum([0, *lengths])[:-1], lengths)
    own = place >= np.repeat(np.array(before, dtype=np.int64), lengths)
    rows, codes = [row], [ids]
    for apart in range(1, max(1, window) + 1):
        first, second, same = ids[:-apart], ids[apart:], row[:-apart] == row[apart:]
        if apart == 1:
            rows.append(row[:-1][same])
            codes.append((size + first * size + second)[same])
        if window:
            same &= (first != second) & own[:-apart]
            rows.append(row[:-apart][same])
            low, high = np.minimum(first, second)[same], np.maximum(first, second)[same]
            codes.append(size * (1 + size) + low * size + high)
    row, code = np.concatenate(rows), np.concatenate(codes)
    order = np.lexsort((code, row))
    row, code = row[order], code[order]
    first_of = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(code, prepend=-1))
    counts = np.diff(first_of, append=len(row))
    return _Counts(row[first_of], code[first_of], counts, stems)


def _frequent(found: _Counts, group_of: Ints, near: int, min_df: int) -> Ints:
    """Give the codes, sorted, of terms that stand in enough policies."""
    n_groups = int(group_of.max(initial=0)) + 1
    codes, policies = np.unique(folds.distinct(found.codes, group_of[found.rows])[0], return_counts=True)
    least = np.where(codes < near, min_df, max(min_df, min(NEAR_POLICIES, n_groups // 2)))
    kept: Ints = codes[policies >= least]
    return kept


def _name(code: int, stems: Sequence[str], near: int) -> str:
    size = len(stems)
    if code < size:
        return stems[code]
    a, b = divmod(code - (near if code >= near else size), size)
    return text.together(stems[a], stems[b]) if code >= near else f"{stems[a]} {stems[b]}"
