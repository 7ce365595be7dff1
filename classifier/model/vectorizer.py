"""Turn training texts into tf-idf: choose their terms, count them, and fit a scikit-learn vectorizer.

The terms are those of `classifier.text.analyzer.terms`, counted with numpy for all texts at once. A term must occur in
several policies: words of one publisher alone are names, not topics. Skip-grams (two stems near each other) are far more
numerous than stems and bigrams, so their idf is halved, or they would dominate the norm of a text.
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

MIN_SKIPGRAM_POLICIES = 4
"""Policies in which a skip-gram must occur to be a term; half of all policies if there are fewer than twice as many."""
MIN_COUNTED_POLICIES = 8
"""With fewer policies than this, document frequencies count texts in place of policies."""
SKIPGRAM_IDF_FACTOR = 0.5
"""Factor of the idf of skip-grams."""


class _NgramCounts(NamedTuple):
    """Counts of all n-grams of texts, sorted by text and code: arrays of shape (n_found,), and the stems of the codes."""

    rows: Ints
    codes: Ints
    counts: Ints
    stems: list[str]


def fit_vectorizer(
    texts: Texts, groups: Rows | None, window: int, min_df: int, extra: Texts = ()
) -> tuple[TfidfVectorizer, csr_array]:
    """Choose terms and compute their idf.

    Parameters
    ----------
    texts
        n_texts strings.
    groups
        The policy of each text; None treats each text as its own policy.
    window
        Largest distance, in words, of two stems that form a skip-gram; 0 for none.
    min_df
        Policies in which a term must occur; texts, if there are fewer than `MIN_COUNTED_POLICIES` policies.
    extra
        n_extra further strings to transform; they do not influence terms or idf.

    Returns
    -------
    TfidfVectorizer, csr_array
        A fitted vectorizer, and the tf-idf of all texts, of shape (n_texts + n_extra, n_terms), with rows of norm 1.

    Raises
    ------
    TypeError
        If texts or groups are not sequences.
    ValueError
        If no term occurs often enough.

    Examples
    --------
    >>> vectorizer, tfidf = fit_vectorizer(["We keep logs.", "We keep data."], None, 0, 2)
    >>> vectorizer.get_feature_names_out().tolist(), tfidf.shape
    (['keep', 'we', 'we keep'], (2, 3))
    """
    texts, extra = text_list(texts), text_list(extra)
    groups = None if groups is None else row_list(groups, "group")
    ngrams = _count([*texts, *extra], window)
    first_skipgram = first_skipgram_code(len(ngrams.stems) + 1)
    # the codes of the terms, ascending, chosen by the texts alone; of shape (n_terms,)
    is_text = ngrams.rows < len(texts)
    policies = _policy_numbers(groups, len(texts))[ngrams.rows[is_text]]
    codes = _frequent_codes(ngrams.codes[is_text], policies, first_skipgram, min_df)
    if not len(codes):
        raise ValueError(f"no word occurs in {min_df} texts or policies: they are too few or too short to learn from")
    # columns are sorted by name, as in scikit-learn; `column_of` maps the index of a code to its column
    names = term_names(codes, ngrams.stems)
    by_name = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.intp)
    column_of = np.empty(len(by_name), dtype=np.intp)
    column_of[by_name] = np.arange(len(by_name))
    # keep the counts of n-grams that are terms
    index = np.searchsorted(codes, ngrams.codes)
    is_term = codes[np.minimum(index, len(codes) - 1)] == ngrams.codes
    # 32 bits, since liblinear takes no others
    rows, columns = ngrams.rows[is_term].astype(np.int32), column_of[index[is_term]].astype(np.int32)
    counts = ngrams.counts[is_term]
    # smoothed idf of scikit-learn: ln((1 + n_texts) / (1 + document frequency)) + 1
    frequency = np.bincount(columns[is_text[is_term]], minlength=len(codes))
    idf = np.log((1 + len(texts)) / (1 + frequency)) + 1.0
    idf[codes[by_name] >= first_skipgram] *= SKIPGRAM_IDF_FACTOR
    vectorizer = TfidfVectorizer(
        analyzer=partial(analyzer.terms, window=window),
        sublinear_tf=True,
        vocabulary={names[k]: column for column, k in enumerate(by_name.tolist())},
    )
    vectorizer.idf_ = idf
    values = (1.0 + np.log(counts)) * idf[columns]
    tfidf = csr_array(coo_array((values, (rows, columns)), shape=(len(texts) + len(extra), len(codes))))
    return vectorizer, csr_array(normalize(tfidf, copy=False))


def _policy_numbers(groups: Sequence[Any] | None, n_texts: int) -> Ints:
    """Return the number of each text's policy, or of the text itself if there are few policies; of shape (n_texts,)."""
    if groups is None:
        return np.arange(n_texts)
    names, numbers = np.unique(np.asarray(groups), return_inverse=True)
    return numbers if len(names) >= MIN_COUNTED_POLICIES else np.arange(n_texts)


def _count(texts: Sequence[str], window: int) -> _NgramCounts:
    """Count the n-grams of texts, as codes over their stems (see `classifier.model.ngrams`)."""
    # number stems as they appear, then renumber them in sorted order
    number: dict[str, int] = {}
    tokenize = Tokenizer(lambda stem: number.setdefault(stem, len(number)))
    tokenized = [tokenize(texts[start:stop]) for start, stop in batches(texts)]
    stems = sorted(number)
    rank = np.empty(len(stems), dtype=np.int64)
    rank[[number[stem] for stem in stems]] = np.arange(len(stems))
    # stems of all tokens, and the text of each; of shape (n_tokens,)
    ids = rank[np.concatenate([batch.stems for batch in tokenized])]
    lengths = np.concatenate([np.diff(batch.offsets) for batch in tokenized])
    row = np.repeat(np.arange(len(texts)), lengths)
    # whether a token is in the body of its text, not in the heading or lead-in
    heading_lengths = np.concatenate([batch.body_starts - batch.offsets[:-1] for batch in tokenized])
    position = np.arange(len(ids)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    in_body = position >= np.repeat(heading_lengths, lengths)
    # one entry per occurrence of an n-gram: single stems, bigrams (distance 1), then skip-grams of each distance
    rows, codes = [row], [ids]
    for distance in range(1, max(1, window) + 1):
        first, second, is_pair = ids[:-distance], ids[distance:], row[:-distance] == row[distance:]
        if distance == 1:
            rows.append(row[:-1][is_pair])
            codes.append(bigram_code(first, second, len(stems) + 1)[is_pair])
        if window:
            is_pair &= (first != second) & in_body[:-distance]
            rows.append(row[:-distance][is_pair])
            codes.append(skipgram_code(first, second, len(stems) + 1)[is_pair])
    # sort by text and code: equal n-grams of a text are neighbors, and the length of a run is the count
    row, code = np.concatenate(rows), np.concatenate(codes)
    order = np.lexsort((code, row))
    row, code = row[order], code[order]
    run_starts = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(code, prepend=-1))
    counts = np.diff(run_starts, append=len(row))
    return _NgramCounts(row[run_starts], code[run_starts], counts, stems)


def _frequent_codes(codes: Ints, policies: Ints, first_skipgram: int, min_df: int) -> Ints:
    """Return the codes, ascending, of terms that occur in enough policies; `codes` and `policies` are parallel."""
    n_policies = int(policies.max(initial=0)) + 1
    # document frequency of each code, from the distinct pairs of code and policy
    codes, frequency = np.unique(distinct(codes, policies)[0], return_counts=True)
    min_skipgram_df = max(min_df, min(MIN_SKIPGRAM_POLICIES, n_policies // 2))
    frequent: Ints = codes[frequency >= np.where(codes < first_skipgram, min_df, min_skipgram_df)]
    return frequent
