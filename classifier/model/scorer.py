"""Texts and a model's arrays become scores, with numpy alone, as fast as compiled code.

The same figures as scikit-learn's pipeline: counts of known terms, sublinear tf-idf, norm 1, one product with the weights,
one sigmoid. There is no loop over words, but for those that are new: `tokenizer` numbers the stems of a batch of texts, and
here a table from pairs of stems to columns gives the terms, a second look at the same places counts them, and what they weigh
is read and added up in rows of `SEGMENT` terms, so that the sums are products of small matrices::

    stems      we keep log        we keep log and we keep bill
    text       0                  1
    terms      we, keep, we keep, log, keep log, ...       columns of the model, -1 for what it does not know
    counts     1, 1, 1, ...       2, 2, 2, 1, ...          of the same term in the same text, in no particular order
    values     (1 + ln count) * idf, divided by the text's norm
    scores     values (1 x SEGMENT) @ weights of their columns (SEGMENT x n_categories), added up for each text

References
----------
Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009 (terms as keys of a table; here the keys
are compared whole, so that none collide). Salton & Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Floats, Ints
from classifier.model.hashtable import ABSENT, HashTable, last_equal
from classifier.model.model import Model
from classifier.model.ngrams import bigram_code, skipgram_code
from classifier.model.tokenizer import CHARACTERS, Tokenizer, batches, pieces
from classifier.text.sequences import Texts, text_list

SEGMENT = 32
"""So many terms of a text are one product of matrices; the last segment of a text is filled up with zeros."""
BLOCK = 128
"""So many segments are multiplied in one call."""
KEPT = 2**24
"""Memory of arrays of up to so many bytes stays with the process when they are freed, up to twice as much of it in all. glibc
learns this from the largest one that it has seen freed (mallopt(3), M_MMAP_THRESHOLD); else it gives each large array back to
the system and gets the next one page by page, which takes up to two fifths of the time of scoring."""


class _Found(NamedTuple):
    """Known terms of texts: parallel arrays, sorted by text, within a text in no order."""

    rows: Ints
    columns: Ints
    counts: Ints


class Scorer:
    """Scores texts by one model.

    Parameters
    ----------
    model
        The fitted arrays.

    Notes
    -----
    It remembers words that it has met, in a bounded table, so that the second batch is faster than the first. It may be
    shared between threads.
    """

    def __init__(self, model: Model) -> None:
        self._model = model
        self._width = 2 + model.window
        self._n = len(model.stems) + 1
        number, unknown = {stem: k for k, stem in enumerate(model.stems)}, len(model.stems)
        self._tokenize = Tokenizer(lambda stem: number.get(stem, unknown))
        alone = np.flatnonzero(model.codes < self._n)
        self._column_of_stem = np.full(self._n, ABSENT, dtype=np.int32)
        self._column_of_stem[model.codes[alone]] = alone
        self._n_alone = len(alone)  # codes ascend, and so stems alone come before all pairs
        self._pairs = HashTable((model.codes[len(alone) :].astype(np.uint64),))
        self._idf = model.idf.astype(np.float64)
        np.empty(KEPT, dtype=np.uint8)  # freed at once, never touched

    def log_odds(self, texts: Texts) -> Floats:
        """Score texts as calibrated log-odds, of shape (n_texts, n_categories)."""
        texts = text_list(texts)
        result = np.empty((len(texts), len(self._model.taxonomy)))
        for start, stop in batches(texts):
            found = self._count(texts[start:stop])
            result[start:stop] = self._add_up(found, stop - start)
        return result

    def tfidf(self, texts: Texts) -> tuple[Ints, Ints, Floats]:
        """Weigh the known terms of texts; see `engine.tfidf`."""
        texts = text_list(texts)
        none = np.zeros(0, dtype=np.intp)
        rows, columns, values = [none], [none], [np.zeros(0)]
        for start, stop in batches(texts):
            found = self._count(texts[start:stop])
            order = np.lexsort((found.columns, found.rows))
            weighed, norms = self._weigh(found, _first(found.rows, stop - start))
            rows.append(found.rows[order] + start)
            columns.append(found.columns[order])
            values.append((weighed / norms.take(found.rows))[order])
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)

    # --- counting --------------------------------------------------------------------------------------------------

    def _count(self, texts: list[str]) -> _Found:
        if len(texts) == 1 and len(texts[0]) > CHARACTERS:
            return self._count_long(texts[0])
        batch = self._tokenize(texts)
        row_of = np.repeat(np.arange(len(texts)), np.diff(batch.first))
        own = np.arange(len(batch.stems)) - batch.own.take(row_of)
        columns_at = self._columns(batch.stems, row_of, own).ravel()
        filled = np.flatnonzero(columns_at != ABSENT)
        rows, columns = row_of.take(filled // self._width), columns_at.take(filled).astype(np.intp)
        last = last_equal(rows * len(self._model.codes) + columns)
        counts = np.bincount(last)  # each place votes for the last one equal to it: the votes are the counts
        kept = np.flatnonzero(counts)
        return _Found(rows.take(kept), columns.take(kept), counts.take(kept))

    def _count_long(self, text: str) -> _Found:
        """Count the terms of a long text piece by piece, so that memory does not grow with it."""
        counts = np.zeros(len(self._model.codes), dtype=np.intp)
        before, seen, n_head = np.zeros(0, dtype=np.intp), 0, 0
        for piece, is_own in pieces(text):
            new = self._tokenize([piece], blanked=True).stems
            stems = np.concatenate([before, new])
            own = np.arange(len(stems)) + (seen - len(before) - n_head) if is_own else np.full(len(stems), -1)
            columns_at = self._columns(stems, np.zeros_like(stems), own)[len(before) :]
            counts += np.bincount(columns_at[columns_at != ABSENT], minlength=len(counts))
            seen += len(new)
            n_head += 0 if is_own else len(new)
            before = stems[-self._width :]  # what a term of the next piece can begin with, and more
        columns = np.flatnonzero(counts)
        return _Found(np.zeros(len(columns), dtype=np.intp), columns, counts[columns])

    def _columns(self, stems: Ints, rows: Ints, own: Ints) -> NDArray[np.int32]:
        """Give the columns of terms that end at each stem: alone, with the one before it, with each one near before it.

        Parameters
        ----------
        stems
            Numbers of stems, of shape (n_tokens,).
        rows
            The text of each, of shape (n_tokens,).
        own
            Where each stands in what is its text's own, negative before; looked at where the model has a window.

        Returns
        -------
        ndarray of shape (n_tokens, 2 + window)
            Columns of the model, `ABSENT` where it does not know the term.
        """
        n = self._n
        known = np.full((len(stems), self._width), ABSENT, dtype=np.int32)
        known[:, 0] = self._column_of_stem.take(stems)
        known[1:, 1] = self._of_pairs(bigram_code(stems[:-1], stems[1:], n), rows[1:] == rows[:-1])
        for apart in range(1, self._model.window + 1):
            first, second = stems[:-apart], stems[apart:]
            # own < apart where the pair would reach into the heading, or into the text before
            fits = (own[apart:] >= apart) & (first != second)
            known[apart:, 1 + apart] = self._of_pairs(skipgram_code(first, second, n), fits)
        return known

    def _of_pairs(self, codes: NDArray[np.int64], fits: NDArray[np.bool_]) -> NDArray[np.int32]:
        found = self._pairs.find((codes.view(np.uint64),))
        columns: NDArray[np.int32] = np.where(fits & (found != ABSENT), found + np.int32(self._n_alone), ABSENT)
        return columns

    # --- weighing --------------------------------------------------------------------------------------------------

    def _weigh(self, found: _Found, first: Ints) -> tuple[Floats, Floats]:
        """Give the values of terms, and the norm of each text, by which they are to be divided; 1 where it has none."""
        # 1 + ln(count): a word said ten times is not ten times as telling
        sublinear = 1.0 + np.log(np.arange(1, found.counts.max(initial=1) + 1))
        values = sublinear.take(found.counts - 1) * self._idf.take(found.columns)
        return values, np.sqrt(_sums(values * values, first, empty=1.0))

    def _add_up(self, found: _Found, n_texts: int) -> Floats:
        """Multiply the tf-idf of texts with the weights and add the intercept, of shape (n_texts, n_categories)."""
        first = _first(found.rows, n_texts)
        values, norms = self._weigh(found, first)
        # each text's terms are laid out from the beginning of a segment on, its last one filled up with terms of value 0
        begin = np.append(0, np.cumsum(-(-np.diff(first) // SEGMENT)))
        place = np.arange(len(values)) + (begin[:-1] * SEGMENT - first[:-1]).take(found.rows)
        columns, laid = np.zeros(begin[-1] * SEGMENT, dtype=np.intp), np.zeros(begin[-1] * SEGMENT)
        columns[place], laid[place] = found.columns, values
        n_categories = self._model.weights.shape[1]
        sums = np.empty((begin[-1], n_categories))
        gathered = np.empty((BLOCK * SEGMENT, n_categories), dtype=np.float32)
        for start in range(0, len(sums), BLOCK):  # what is gathered stays in the cache until it is multiplied
            stop = min(start + BLOCK, len(sums))
            these = slice(start * SEGMENT, stop * SEGMENT)
            # into an array that is there; with any other mode numpy would copy
            weights = self._model.weights.take(columns[these], 0, gathered[: (stop - start) * SEGMENT], "clip")
            weights = weights.reshape(-1, SEGMENT, n_categories).astype(np.float64)
            sums[start:stop] = np.matmul(laid[these].reshape(-1, 1, SEGMENT), weights)[:, 0]
        return _sums(sums, begin) / norms[:, None] + self._model.intercept.astype(np.float64)


def _first(rows: Ints, n_texts: int) -> Ints:
    """Give where each text begins among what is sorted by text, and the number of all at the end."""
    return np.searchsorted(rows, np.arange(n_texts + 1))


def _sums(values: Floats, first: Ints, empty: float = 0.0) -> Floats:
    """Add up the values of each text, of which the first is given; `empty` where it has none."""
    sums = np.full((len(first) - 1, *values.shape[1:]), empty)
    filled = np.flatnonzero(np.diff(first))
    if len(filled):
        sums[filled] = np.add.reduceat(values, first[filled])
    return sums


def scorer(model: Model) -> Scorer:
    """Give the scorer of a model, made once and kept with it."""
    found = model.__dict__.get("_scorer")
    if found is None:
        found = model.__dict__["_scorer"] = Scorer(model)
    return found


def log_odds(texts: Texts, model: Model) -> Floats:
    """Score texts.

    Parameters
    ----------
    texts
        n_texts strings, in any sequence (see `classifier.text.sequences`); ``""`` is allowed.
    model
        The fitted arrays.

    Returns
    -------
    ndarray of shape (n_texts, n_categories)
        Calibrated log-odds: for each term its tf-idf times its weight, summed, and the intercept.
    """
    return scorer(model).log_odds(texts)


def probabilities(texts: Texts, model: Model) -> Floats:
    """Score texts as calibrated probabilities, of shape (n_texts, n_categories)."""
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds(texts, model), -700, 700)))
    return result


def tfidf(texts: Texts, model: Model) -> tuple[Ints, Ints, Floats]:
    """Weigh the known terms of texts: (1 + ln count) * idf, divided by the text's norm.

    Returns
    -------
    rows, columns, values
        Text number, term number and value of each term that a text holds, sorted by text and term.
    """
    return scorer(model).tfidf(texts)
