"""Texts become tf-idf: which terms they have, how often, and which of them are worth a weight.

The terms are those of `text.terms`, counted with numpy for all texts at once. A term must stand in several policies: what one
publisher alone says is its name, not a category. Two stems near each other are many more terms than stems and neighbours,
and so weigh less in a text's length.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from classifier.datasets.splits import distinct
from classifier.model.ngrams import bigram_code, first_skipgram_code, skipgram_code, term_names
from classifier.model.tokenizer import Tokenizer, batches
from classifier.text import analyzer
from classifier.text.sequences import Rows, Texts, row_list, text_list

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


def fit_vectorizer(
    texts: Texts, groups: Rows | None, window: int, min_df: int, silent: Texts = ()
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
    silent
        n_silent strings, parts of the texts say, that have no say in terms and idf, but become tf-idf too.

    Returns
    -------
    TfidfVectorizer, csr_array
        A fitted vectoriser of scikit-learn, and what it makes of all texts, of shape (n_texts + n_silent, n_terms); rows have
        length 1.

    Raises
    ------
    ValueError
        If no term stands in so many.

    Examples
    --------
    >>> vectorizer, tfidf = fit_vectorizer(["We keep logs.", "We keep data."], None, 0, 2)
    >>> vectorizer.get_feature_names_out().tolist(), tfidf.shape
    (['keep', 'we', 'we keep'], (2, 3))
    """
    texts, silent = text_list(texts), text_list(silent)
    groups = None if groups is None else row_list(groups, "group")
    found = _count([*texts, *silent], window)
    heard = found.rows < len(texts)
    near = first_skipgram_code(len(found.stems) + 1)
    codes = _frequent(found.codes[heard], _numbers(groups, len(texts))[found.rows[heard]], near, min_df)
    if not len(codes):
        raise ValueError(f"no word stands in {min_df} texts or policies: they are too few or too short to learn from")
    names = term_names(codes, found.stems)
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.intp)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    column = np.searchsorted(codes, found.codes)
    kept = codes[np.minimum(column, len(codes) - 1)] == found.codes
    # 32 bits, since liblinear takes no others
    rows, columns = found.rows[kept].astype(np.int32), place[column[kept]].astype(np.int32)
    counts = found.counts[kept]
    frequency = np.bincount(columns[heard[kept]], minlength=len(codes))
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1.0
    idf[codes[order] >= near] *= NEAR_WEIGHT
    vectorizer = TfidfVectorizer(
        analyzer=partial(analyzer.terms, window=window),
        sublinear_tf=True,
        vocabulary={names[k]: number for number, k in enumerate(order.tolist())},
    )
    vectorizer.idf_ = idf
    values = (1.0 + np.log(counts)) * idf[columns]
    tfidf = csr_array(coo_array((values, (rows, columns)), shape=(len(texts) + len(silent), len(codes))))
    return vectorizer, csr_array(normalize(tfidf, copy=False))


def _numbers(groups: Sequence[Any] | None, n_texts: int) -> Ints:
    """Give the number of each text's policy; where there are few, of the text itself."""
    if groups is None:
        return np.arange(n_texts)
    names, numbers = np.unique(np.asarray(groups), return_inverse=True)
    return numbers if len(names) >= MANY else np.arange(n_texts)


def _count(texts: Sequence[str], window: int) -> _Counts:
    """Count the terms of texts, as codes over their stems (see `classifier.model.ngrams`)."""
    number: dict[str, int] = {}
    tokenize = Tokenizer(lambda stem: number.setdefault(stem, len(number)))
    found = [tokenize(texts[start:stop]) for start, stop in batches(texts)]
    stems = sorted(number)
    rank = np.empty(len(stems), dtype=np.int64)
    rank[[number[stem] for stem in stems]] = np.arange(len(stems))
    ids = rank[np.concatenate([batch.stems for batch in found])]
    lengths = np.concatenate([np.diff(batch.first) for batch in found])
    before = np.concatenate([batch.own - batch.first[:-1] for batch in found])
    row = np.repeat(np.arange(len(texts)), lengths)
    place = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    own = place >= np.repeat(before, lengths)
    rows, codes = [row], [ids]
    for apart in range(1, max(1, window) + 1):
        first, second, same = ids[:-apart], ids[apart:], row[:-apart] == row[apart:]
        if apart == 1:
            rows.append(row[:-1][same])
            codes.append(bigram_code(first, second, len(stems) + 1)[same])
        if window:
            same &= (first != second) & own[:-apart]
            rows.append(row[:-apart][same])
            codes.append(skipgram_code(first, second, len(stems) + 1)[same])
    row, code = np.concatenate(rows), np.concatenate(codes)
    order = np.lexsort((code, row))
    row, code = row[order], code[order]
    first_of = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(code, prepend=-1))
    counts = np.diff(first_of, append=len(row))
    return _Counts(row[first_of], code[first_of], counts, stems)


def _frequent(found: Ints, groups: Ints, near: int, min_df: int) -> Ints:
    """Give the codes, sorted, of terms that stand in enough policies; the arrays are parallel."""
    n_groups = int(groups.max(initial=0)) + 1
    codes, policies = np.unique(distinct(found, groups)[0], return_counts=True)
    least = np.where(codes < near, min_df, max(min_df, min(NEAR_POLICIES, n_groups // 2)))
    kept: Ints = codes[policies >= least]
    return kept
