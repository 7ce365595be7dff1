"""Score texts by a model, with numpy alone, as fast as compiled code.

The scores equal those of scikit-learn's pipeline: counts of known terms, sublinear tf-idf, L2 norm 1, one product with the
weights, one sigmoid. No Python loop runs over words that were seen before. A batch of texts takes four steps::

    tokenize   "we keep logs"        -> numbers of stems: we, keep, log        (`classifier.model.tokenizer`)
    look up    pairs of stems        -> columns of the model: we, keep, we keep, log, keep log; -1 if unknown
    count      columns of each text  -> sorted, so that equal columns are neighbors; the length of a run is the count
    add up     (1 + ln count) * idf, divided by the norm of the text, times the weights of the column

The last step would be bound by memory if each term were multiplied alone. So the terms of a text are laid out in segments of
`SEGMENT_TERMS`, and each segment is a product of small matrices: values (1 x SEGMENT_TERMS) @ weights (SEGMENT_TERMS x
n_categories). The products of its segments add up to the score of a text.

References
----------
Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009 (terms as keys of a table; here the keys
are compared in full, so none collide). Salton & Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Floats, Ints
from classifier.model.hashtable import ABSENT, HashTable
from classifier.model.model import Model
from classifier.model.ngrams import bigram_code, skipgram_code
from classifier.model.tokenizer import BATCH_CHARACTERS, Batch, Tokenizer, batches, split_long_text
from classifier.text.sequences import Texts, text_list

SEGMENT_TERMS = 32
"""Terms of a text that one product of matrices adds up; the last segment of a text is filled up with zeros."""
BLOCK_SEGMENTS = 128
"""Segments that are multiplied in one call; their weights fit in the cache."""
MALLOC_THRESHOLD_BYTES = 2**24
"""Size of the array that each scorer allocates and frees once, to raise glibc's mmap threshold (mallopt(3)) to it.

Later arrays up to this size then reuse memory of the process, of which glibc keeps at most twice as much. Without it each
large array is returned to the system, and page faults of the next one take up to 40 % of the time of scoring.
"""


class _TermCounts(NamedTuple):
    """The known terms of texts, sorted by text and column: three arrays of shape (n_found,), one entry per text and term."""

    rows: Ints
    columns: Ints
    counts: Ints


class Heads(NamedTuple):
    """Weights beside those of the categories.

    Attributes
    ----------
    rows
        The row of `weights` of each term of the model, of shape (n_terms,).
    weights
        Of shape (n_rows, n_heads).
    """

    rows: NDArray[np.int32]
    weights: NDArray[np.float32]


class PhraseTokens(NamedTuple):
    """The tokens of phrases.

    Attributes
    ----------
    columns
        The columns of each token's stem and of its bigram with the token before, `ABSENT` where unknown; (n_tokens, 2).
    offsets
        Index of the first token of each phrase, and their number at the end; of shape (n_phrases + 1,).
    starts, ends
        Place of each token in its phrase, of shape (n_tokens,).
    """

    columns: NDArray[np.int32]
    offsets: Ints
    starts: Ints
    ends: Ints


class Scorer:
    """Scores texts by one model.

    Parameters
    ----------
    model
        The model; the scorer keeps its arrays, not the model itself.

    Notes
    -----
    A scorer remembers the words it has seen, in a bounded table, so the second batch is faster than the first. Threads may
    share it.

    Examples
    --------
    >>> from classifier import load
    >>> Scorer(load().model).log_odds(["We keep logs for 30 days.", ""]).shape
    (2, 15)
    """

    def __init__(self, model: Model) -> None:
        # neither this nor the tokenizer's function may refer to the model: a scorer must not keep its model alive
        self._weights, self._intercept = model.weights, model.intercept.astype(np.float64)
        self._idf = model.idf.astype(np.float64)
        self._n_terms, self._n_categories = model.weights.shape
        self._window = model.window
        self._terms_per_token = 2 + model.window  # alone, with its predecessor, with each stem in the window before it
        self._n = len(model.stems) + 1  # N of `ngrams`: the last number is any unknown stem
        unknown = len(model.stems)
        number = {stem: k for k, stem in enumerate(model.stems)}
        self._tokenize = Tokenizer(lambda stem: number.get(stem, unknown))
        # codes ascend, so the columns of single stems come before those of all pairs
        self._n_single = int(np.searchsorted(model.codes, self._n))
        self._column_of_stem = np.full(self._n, ABSENT, dtype=np.int32)
        self._column_of_stem[model.codes[: self._n_single]] = np.arange(self._n_single)
        self._pairs = HashTable((model.codes[self._n_single :].astype(np.uint64),))
        np.empty(MALLOC_THRESHOLD_BYTES, dtype=np.uint8)  # freed at once, never touched

    def log_odds(self, texts: Texts) -> Floats:
        """Return calibrated log-odds, of shape (n_texts, n_categories)."""
        texts = text_list(texts)
        result = np.empty((len(texts), self._n_categories))
        for start, stop in batches(texts):
            terms = self._count(texts[start:stop])
            sums = self._add_up(terms, terms.columns, self._weights, stop - start)
            result[start:stop] = sums + self._intercept
        return result

    def project(self, texts: Texts, heads: Heads) -> Floats:
        """Return the products of the tf-idf of texts with other weights than those of the categories.

        Parameters
        ----------
        texts
            n_texts strings.
        heads
            The weights.

        Returns
        -------
        ndarray of shape (n_texts, n_heads)
        """
        texts = text_list(texts)
        result: Floats = np.empty((len(texts), heads.weights.shape[1]))
        for start, stop in batches(texts):
            terms = self._count(texts[start:stop])
            result[start:stop] = self._add_up(terms, heads.rows.take(terms.columns), heads.weights, stop - start)
        return result

    def log_odds_and_project(self, texts: Texts, heads: Heads) -> tuple[Floats, Floats]:
        """Return `log_odds` and `project` of texts, whose terms are counted once for both."""
        texts = text_list(texts)
        log_odds = np.empty((len(texts), self._n_categories))
        products: Floats = np.empty((len(texts), heads.weights.shape[1]))
        for start, stop in batches(texts):
            terms = self._count(texts[start:stop])
            log_odds[start:stop] = self._add_up(terms, terms.columns, self._weights, stop - start) + self._intercept
            products[start:stop] = self._add_up(terms, heads.rows.take(terms.columns), heads.weights, stop - start)
        return log_odds, products

    def project_phrases(self, texts: Sequence[str], heads: Heads) -> tuple[Floats, PhraseTokens]:
        """Return `project` of short texts, and their tokens."""
        products, tokens = [], []
        for start, stop in batches(texts):
            batch = self._tokenize(texts[start:stop])
            rows, columns = self._token_columns(batch)
            terms = self._distinct(rows, columns)
            products.append(self._add_up(terms, heads.rows.take(terms.columns), heads.weights, stop - start))
            tokens.append(PhraseTokens(columns[:, :2], np.diff(batch.offsets), batch.starts, batch.ends))
        columns, lengths, starts, ends = (np.concatenate(parts) for parts in zip(*tokens, strict=True))
        return np.concatenate(products), PhraseTokens(columns, np.append(0, np.cumsum(lengths)), starts, ends)

    def tfidf(self, texts: Texts) -> tuple[Ints, Ints, Floats]:
        """Return the tf-idf of texts; see the function `tfidf`."""
        texts = text_list(texts)
        empty = np.zeros(0, dtype=np.intp)
        rows, columns, values = [empty], [empty], [np.zeros(0)]
        for start, stop in batches(texts):
            terms = self._count(texts[start:stop])
            raw, norms = self._weigh(terms, _row_offsets(terms.rows, stop - start))
            rows.append(terms.rows + start)
            columns.append(terms.columns)
            values.append(raw / norms.take(terms.rows))
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(values)

    # --- counting --------------------------------------------------------------------------------------------------

    def _count(self, texts: list[str]) -> _TermCounts:
        if len(texts) == 1 and len(texts[0]) > BATCH_CHARACTERS:
            return self._count_long(texts[0])
        return self._distinct(*self._token_columns(self._tokenize(texts)))

    def _token_columns(self, batch: Batch) -> tuple[Ints, NDArray[np.int32]]:
        """Return the text of each token, of shape (n_tokens,), and the columns of the terms that end at it."""
        # the text of each token, and its position in the body of that text (negative in the heading); (n_tokens,)
        token_rows = np.repeat(np.arange(len(batch.offsets) - 1), np.diff(batch.offsets))
        body_positions = np.arange(len(batch.stems)) - batch.body_starts.take(token_rows)
        return token_rows, self._columns(batch.stems, token_rows, body_positions)

    def _distinct(self, token_rows: Ints, columns: NDArray[np.int32]) -> _TermCounts:
        """Count the terms of each text, given the columns of those that end at each token."""
        # the columns of all terms, and where they are known; (n_tokens * terms_per_token,)
        token_columns = columns.ravel()
        known = np.flatnonzero(token_columns != ABSENT)
        # one number per occurrence, made of text and column: sorted, equal terms of a text are neighbors
        keys = token_rows.take(known // self._terms_per_token) * self._n_terms + token_columns.take(known)
        keys.sort()
        # the first occurrence of each term of a text; the distance to the next one is its count
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.diff(first, append=len(keys))
        distinct = keys.take(first)
        rows = distinct // max(1, self._n_terms)
        return _TermCounts(rows, distinct - rows * self._n_terms, counts)

    def _count_long(self, text: str) -> _TermCounts:
        """Count the terms of a long text piece by piece, so that memory does not grow with its length."""
        counts = np.zeros(self._n_terms, dtype=np.intp)
        # the last stems before a piece, which its first terms may begin with; tokens so far, and those of the heading
        previous, n_seen, n_heading = np.zeros(0, dtype=np.intp), 0, 0
        for piece, is_body in split_long_text(text):
            new = self._tokenize([piece], is_masked=True).stems
            stems = np.concatenate([previous, new])
            if is_body:
                body_positions = np.arange(len(stems)) + (n_seen - len(previous) - n_heading)
            else:
                body_positions = np.full(len(stems), -1)
            token_columns = self._columns(stems, np.zeros_like(stems), body_positions)[len(previous) :]
            counts += np.bincount(token_columns[token_columns != ABSENT], minlength=len(counts))
            n_seen += len(new)
            n_heading += 0 if is_body else len(new)
            previous = stems[-self._terms_per_token :]
        columns = np.flatnonzero(counts)
        return _TermCounts(np.zeros(len(columns), dtype=np.intp), columns, counts[columns])

    def _columns(self, stems: Ints, rows: Ints, body_positions: Ints) -> NDArray[np.int32]:
        """Return the columns of the terms that end at each token.

        Parameters
        ----------
        stems
            Number of the stem of each token, of shape (n_tokens,).
        rows
            The text of each token, of shape (n_tokens,).
        body_positions
            Position of each token in the body of its text, negative in the heading; of shape (n_tokens,). Skip-grams do
            not reach out of the body.

        Returns
        -------
        ndarray of shape (n_tokens, 2 + window)
            Columns of the model, `ABSENT` for unknown terms: of the stem, of the bigram with the token before, of the
            skip-gram with each of the `window` tokens before.
        """
        n = self._n
        columns = np.full((len(stems), self._terms_per_token), ABSENT, dtype=np.int32)
        columns[:, 0] = self._column_of_stem.take(stems)
        # bigrams of each token with the one before, unless that belongs to the text before
        columns[1:, 1] = self._pair_columns(bigram_code(stems[:-1], stems[1:], n), rows[1:] == rows[:-1])
        for distance in range(1, self._window + 1):
            first, second = stems[:-distance], stems[distance:]
            # a position below the distance means that the pair would begin in the heading or in the text before
            is_pair = (body_positions[distance:] >= distance) & (first != second)
            columns[distance:, 1 + distance] = self._pair_columns(skipgram_code(first, second, n), is_pair)
        return columns

    def _pair_columns(self, codes: NDArray[np.int64], is_pair: NDArray[np.bool_]) -> NDArray[np.int32]:
        """Return the columns of pairs of stems, `ABSENT` where they are unknown or no pair."""
        positions = self._pairs.find((codes.view(np.uint64),))
        columns: NDArray[np.int32] = np.where(
            is_pair & (positions != ABSENT), positions + np.int32(self._n_single), ABSENT
        )
        return columns

    # --- weighing --------------------------------------------------------------------------------------------------

    def _weigh(self, terms: _TermCounts, offsets: Ints) -> tuple[Floats, Floats]:
        """Return the value of each term before division by the norm, and the norm of each text (1 if it has no terms)."""
        # 1 + ln(count), from a table of all counts that occur: a term that occurs ten times does not count ten times
        sublinear = 1.0 + np.log(np.arange(1, terms.counts.max(initial=1) + 1))
        values = sublinear.take(terms.counts - 1) * self._idf.take(terms.columns)
        return values, np.sqrt(_row_sums(values * values, offsets, empty=1.0))

    def _add_up(
        self, terms: _TermCounts, weight_rows: NDArray[Any], weights: NDArray[np.float32], n_texts: int
    ) -> Floats:
        """Multiply the tf-idf of texts with weights, the row of each term in `weight_rows`; of shape (n_texts, n_heads)."""
        n_heads = weights.shape[1]
        # the scores of categories are exact; a hundred heads of 16-bit weights are added up in 32 bits
        precision = np.float64 if weights is self._weights else np.float32
        offsets = _row_offsets(terms.rows, n_texts)
        values, norms = self._weigh(terms, offsets)
        # first segment of each text, and the number of all segments at the end; a text takes ceil(n_terms / SEGMENT_TERMS)
        segments = np.append(0, np.cumsum(-(-np.diff(offsets) // SEGMENT_TERMS)))
        # lay the terms out so that each text begins at a segment; unfilled slots keep column 0 and value 0
        slots = np.arange(len(values)) + (segments[:-1] * SEGMENT_TERMS - offsets[:-1]).take(terms.rows)
        slot_columns = np.zeros(segments[-1] * SEGMENT_TERMS, dtype=np.intp)
        slot_values = np.zeros(segments[-1] * SEGMENT_TERMS, dtype=precision)
        slot_columns[slots], slot_values[slots] = weight_rows, values
        sums = np.empty((segments[-1], n_heads))
        buffer = np.empty((BLOCK_SEGMENTS * SEGMENT_TERMS, n_heads), dtype=np.float32)
        # block by block, so that gathered weights stay in the cache until they are multiplied
        for start in range(0, len(sums), BLOCK_SEGMENTS):
            stop = min(start + BLOCK_SEGMENTS, len(sums))
            block = slice(start * SEGMENT_TERMS, stop * SEGMENT_TERMS)
            # gather the weights of the columns into the buffer; with any mode but "clip" numpy would copy them again
            gathered = weights.take(slot_columns[block], 0, buffer[: (stop - start) * SEGMENT_TERMS], "clip")
            gathered = gathered.reshape(-1, SEGMENT_TERMS, n_heads).astype(precision, copy=False)
            # one product per segment: (1, SEGMENT_TERMS) @ (SEGMENT_TERMS, n_heads)
            sums[start:stop] = np.matmul(slot_values[block].reshape(-1, 1, SEGMENT_TERMS), gathered)[:, 0]
        return _row_sums(sums, segments) / norms[:, None]


def _row_offsets(rows: Ints, n_texts: int) -> Ints:
    """Return the index of the first entry of each text in sorted `rows`, and their number at the end; (n_texts + 1,)."""
    return np.searchsorted(rows, np.arange(n_texts + 1))


def _row_sums(values: Floats, offsets: Ints, empty: float = 0.0) -> Floats:
    """Add up the values between each two offsets; `empty` where there are none."""
    sums = np.full((len(offsets) - 1, *values.shape[1:]), empty)
    # `reduceat` returns a wrong value for an empty run, so only the others are passed
    filled = np.flatnonzero(np.diff(offsets))
    if len(filled):
        sums[filled] = np.add.reduceat(values, offsets[filled])
    return sums


# --- functions ---------------------------------------------------------------------------------------------------

_SCORERS: WeakKeyDictionary[Model, Scorer] = WeakKeyDictionary()
"""The scorer of each model in use; it is freed with the model."""


def scorer_of(model: Model) -> Scorer:
    """Return the scorer of a model; it is built on the first call and shared afterwards."""
    scorer = _SCORERS.get(model)
    if scorer is None:
        scorer = _SCORERS[model] = Scorer(model)
    return scorer


def log_odds(texts: Texts, model: Model) -> Floats:
    """Score texts as calibrated log-odds.

    Parameters
    ----------
    texts
        n_texts strings, in any sequence (see `classifier.text.sequences`); ``""`` is allowed.
    model
        The model.

    Returns
    -------
    ndarray of shape (n_texts, n_categories)
        The sum of tf-idf times weight over all terms of the text, plus the intercept.

    Raises
    ------
    TypeError
        If `texts` is not a sequence of strings.

    Examples
    --------
    >>> from classifier import load
    >>> log_odds(["We keep logs for 30 days.", ""], load().model).shape
    (2, 15)
    """
    return scorer_of(model).log_odds(texts)


def probabilities(texts: Texts, model: Model) -> Floats:
    """Score texts as calibrated probabilities, of shape (n_texts, n_categories); see `log_odds`."""
    return to_probabilities(log_odds(texts, model))


def to_probabilities(log_odds: Floats) -> Floats:
    """Return 1 / (1 + exp(-value)) for each value.

    >>> to_probabilities(np.array([0.0, 1000.0])).tolist()
    [0.5, 1.0]
    """
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -700, 700)))
    return result


def tfidf(texts: Texts, model: Model) -> tuple[Ints, Ints, Floats]:
    """Compute the tf-idf of the known terms of texts: (1 + ln count) * idf, divided by the norm of the text.

    Returns
    -------
    rows, columns, values
        Text, column and value of each distinct term of a text, sorted by text and column; of shape (n_found,).

    Raises
    ------
    TypeError
        If `texts` is not a sequence of strings.
    """
    return scorer_of(model).tfidf(texts)
