"""Score the second level: the values of attributes that a clause says, each with the words that say it.

A value ("data.location") is scored where its attribute may occur: in clauses with one of the attribute's categories. Two
linear heads share its score. One reads the clause with its heading and lead-in, as the categories are scored; the other reads
phrases ("your approximate location"), of which the strongest counts::

    log-odds = clause head + max over phrases of phrase head + sum of the weights of the clause's categories + intercept

The strongest words of that phrase are the value's quote. Whether the clause denies the value ("we do not sell") is decided
by a head of its own on the words of the sentence up to the quote, where they hold a word of negation.

Heads keep the `N_TERMS` strongest weights of each; pruned so, they score as well as whole, in a tenth of the size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Bools, Floats, Ints
from classifier.model.model import Model
from classifier.model.scorer import Heads, PhraseTokens, Scorer, scorer_of, to_probabilities
from classifier.taxonomy import Taxonomy
from classifier.text.context import with_context
from classifier.text.phrases import phrase_spans
from classifier.types import Clause, ValueLabel

N_TERMS = 1500
"""Weights that each head keeps."""
BATCH_CLAUSES = 512
"""Clauses whose phrases are scored together."""
MAX_PHRASES = 4000
"""Phrases of a clause that are scored; longer clauses are no prose."""
MAX_QUOTE_CHARACTERS = 200
"""A longer quote is cut between words."""
WORD_COST = 0.15
"""A word belongs to a quote if it, or the words up to it, speak for the value by this share of the strongest word."""
ABOVE_MARGIN = 1.0
"""A phrase above the clause is the quote only if it is stronger than those of the clause by this, in log-odds."""
NEGATION = re.compile(
    r"\b(?:not|never|no|nor|neither|none|nobody|without|cannot|unable|prohibit\w*|forbid\w*|exclud\w*|refus\w*|declin\w*|"
    r"refrain\w*|free of|instead of|rather than)\b|n[’']t\b",
    re.IGNORECASE,
)
"""Words without which nothing is denied."""


@dataclass(frozen=True, eq=False, repr=False)
class ValueHeads:
    """The weights of the second level.

    Attributes
    ----------
    offsets
        Where the weights of each head begin in `columns`, and their number at the end; of shape (2 * n_values + 2,): the
        clause heads of all values, their phrase heads, the head of denial.
    columns
        The terms of the model that a head weighs, ascending in each head; of shape (n_weights,).
    weights
        Their weights on the log-odds, of shape (n_weights,).
    categories
        What a label of each category adds to the log-odds of each value, of shape (n_categories, n_values).
    intercept
        Of shape (n_values,).
    denial
        Intercept of the head of denial for each value, of shape (n_values,); it denies above 0.
    thresholds
        Lowest probability at which each value is given, of shape (n_values,).
    """

    offsets: NDArray[np.int32]
    columns: NDArray[np.int32]
    weights: NDArray[np.float16]
    categories: NDArray[np.float32]
    intercept: NDArray[np.float32]
    denial: NDArray[np.float32]
    thresholds: NDArray[np.float64]

    def __post_init__(self) -> None:
        for array in self.__dict__.values():
            array.flags.writeable = False

    def __reduce__(self) -> tuple[type[ValueHeads], tuple[NDArray[np.generic], ...]]:
        return ValueHeads, tuple(self.__dict__.values())


class _Phrase(NamedTuple):
    """A phrase of a clause, or of what stands above it (`start` -1)."""

    start: int
    end: int
    text: str


class ValueScorer:
    """Gives values to clauses by the second level of one model.

    Parameters
    ----------
    model
        A model with a second level.
    """

    def __init__(self, model: Model) -> None:
        heads = model.values
        assert heads is not None
        self._heads = heads
        self._taxonomy = model.taxonomy
        self._ids = model.taxonomy.value_ids
        n_values = len(self._ids)
        self.clause_heads = _spread(heads, 0, n_values, len(model.codes))
        self._phrase_heads = _spread(heads, n_values, 2 * n_values, len(model.codes))
        self._denial_head = _spread(heads, 2 * n_values, 2 * n_values + 1, len(model.codes))
        self._idf = model.idf
        self._may_occur = may_occur(model.taxonomy)
        self._log_odds_thresholds = _log_odds(heads.thresholds)

    def __call__(
        self, clauses: Sequence[Clause], labels: Sequence[Sequence[str]], clause_values: Floats, scorer: Scorer
    ) -> list[tuple[ValueLabel, ...]]:
        """Return the values of each clause, in the order of the taxonomy.

        Parameters
        ----------
        clauses
            n_clauses clauses.
        labels
            The categories of each.
        clause_values
            Products of their texts with `clause_heads`, of shape (n_clauses, n_values).
        scorer
            The scorer of the model that this one was made for.
        """
        result: list[tuple[ValueLabel, ...]] = [()] * len(clauses)
        has_category = np.array([[id in given for id in self._taxonomy.ids] for given in labels], dtype=bool).reshape(
            len(clauses), len(self._taxonomy)
        )
        is_possible = has_category @ self._may_occur
        candidates = np.flatnonzero(is_possible.any(axis=1))
        for begin in range(0, len(candidates), BATCH_CLAUSES):
            rows = candidates[begin : begin + BATCH_CLAUSES]
            batch = [clauses[row] for row in rows.tolist()]
            given = self._give(batch, has_category[rows], is_possible[rows], clause_values[rows], scorer)
            for row, values in zip(rows.tolist(), given, strict=True):
                result[row] = values
        return result

    def _give(
        self, clauses: Sequence[Clause], has_category: Bools, is_possible: Bools, clause_values: Floats, scorer: Scorer
    ) -> list[tuple[ValueLabel, ...]]:
        log_odds = clause_values + has_category @ self._heads.categories + self._heads.intercept
        phrases = [phrases_of(clause) or [_Phrase(0, len(clause.text), clause.text)] for clause in clauses]
        # headings and lead-ins stand over many clauses, so each distinct phrase is scored once
        position: dict[str, int] = {}
        numbers = [position.setdefault(phrase.text, len(position)) for listed in phrases for phrase in listed]
        distinct, tokens = scorer.project_phrases(list(position), self._phrase_heads)
        phrase_values = distinct[numbers]  # of shape (n_phrases, n_values)
        begins = np.cumsum([0, *map(len, phrases)])
        log_odds += np.maximum.reduceat(phrase_values, begins[:-1])
        rows, values = np.nonzero(is_possible & (log_odds >= self._log_odds_thresholds))
        scores = to_probabilities(log_odds[rows, values])
        found: list[list[ValueLabel]] = [[] for _ in clauses]
        first_negation = [match.start() if (match := NEGATION.search(clause.text)) else None for clause in clauses]
        denials: list[tuple[int, int, int, str]] = []  # clause, position in `found`, value, words
        for row, value, score in zip(rows.tolist(), values.tolist(), scores.tolist(), strict=True):
            clause = clauses[row]
            number = begins[row] + _strongest(phrases[row], phrase_values[begins[row] : begins[row + 1], value])
            phrase = phrases[row][number - begins[row]]
            first, last = self._strongest_words(phrase.text, tokens, numbers[number], value)
            if phrase.start < 0:
                found[row].append(ValueLabel(self._ids[value], score, -1, -1, phrase.text[first:last]))
                continue
            start, end = phrase.start + first, phrase.start + last
            negation = first_negation[row]
            if negation is not None and negation < end and (words := negated_words(clause.text, end)):
                denials.append((row, len(found[row]), value, words))
            found[row].append(
                ValueLabel(self._ids[value], score, clause.start + start, clause.start + end, clause.text[start:end])
            )
        if denials:
            said = scorer.project([words for *_, words in denials], self._denial_head)[:, 0]
            for (row, place, value, _), sum_of_words in zip(denials, said.tolist(), strict=True):
                if sum_of_words + self._heads.denial[value] > 0:
                    found[row][place] = found[row][place]._replace(is_denied=True)
        return [tuple(given) for given in found]

    def _strongest_words(self, text: str, tokens: PhraseTokens, number: int, value: int) -> tuple[int, int]:
        """Return the place, in a phrase, of the run of words that speaks most for a value."""
        first, stop = int(tokens.offsets[number]), int(tokens.offsets[number + 1])
        if stop - first < 2:
            return 0, min(len(text), MAX_QUOTE_CHARACTERS)
        weights, rows = self._phrase_heads.weights, self._phrase_heads.rows
        columns = tokens.columns[first:stop]
        # absent terms have column -1, whose weight is masked; idf is that of the scorer
        parts = np.where(columns >= 0, weights[rows[columns], value] * self._idf[columns], 0.0)
        words = parts[:, 0] + parts[:, 1] / 2
        words[:-1] += parts[1:, 1] / 2
        begin, end = _best_run((words - WORD_COST * words.max()).tolist())
        # whole words: a token may be a part of "e-mail", and of an address it is the "@"
        left, right = int(tokens.starts[first + begin]), int(tokens.ends[first + end - 1])
        left = text.rfind(" ", 0, left + 1) + 1
        space = text.find(" ", right)
        right = len(text) if space < 0 else space
        left, right = _without_edges(text, left, right) or (0, len(text))
        return left, min(right, left + MAX_QUOTE_CHARACTERS)


def _spread(heads: ValueHeads, first: int, stop: int, n_terms: int) -> Heads:
    """Spread the heads from `first` to `stop` over a dense array; row 0, of the terms that none of them weighs, is zero."""
    part = slice(int(heads.offsets[first]), int(heads.offsets[stop]))
    columns = heads.columns[part]
    used = np.unique(columns)
    rows = np.zeros(n_terms, dtype=np.int32)
    rows[used] = np.arange(1, len(used) + 1)
    weights = np.zeros((len(used) + 1, stop - first), dtype=np.float32)
    weights[rows[columns], np.repeat(np.arange(stop - first), np.diff(heads.offsets[first : stop + 1]))] = (
        heads.weights[part]
    )
    return Heads(rows, weights)


_EDGE_WORDS = frozenset(
    "a an and any are as at be been by can for from has have if in into is it its may of on or other our such that the their "
    "this those to use was we were when where which who will with would you your".split()
)
"""Words that a quote neither begins nor ends with."""
_PLAIN_WORD = re.compile(r"\S+")


def _without_edges(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the place of a quote without function words at its edges; None if it holds no others.

    >>> _without_edges("we share it with advertising partners", 9, 37), _without_edges("if we do", 0, 2)
    ((17, 37), None)
    """
    words = [match.span() for match in _PLAIN_WORD.finditer(text, start, end)]
    kept = [span for span in words if text[slice(*span)].strip("*_,.;:()\"'").lower() not in _EDGE_WORDS]
    return (kept[0][0], kept[-1][1]) if kept else None


def _best_run(values: list[float]) -> tuple[int, int]:
    """Return begin and end of the run of values with the largest sum (Kadane's algorithm).

    >>> _best_run([-1.0, 2.0, -0.5, 3.0, -4.0])
    (1, 4)
    """
    best, best_run = -float("inf"), (0, len(values))
    total, begin = 0.0, 0
    for number, value in enumerate(values):
        if total <= 0:
            total, begin = 0.0, number
        total += value
        if total > best:
            best, best_run = total, (begin, number + 1)
    return best_run


def may_occur(taxonomy: Taxonomy) -> Bools:
    """Return whether each value may occur in each category, of shape (n_categories, n_values)."""
    allowed = [
        [
            not attribute.categories or id in attribute.categories
            for attribute in taxonomy.attributes
            for _ in attribute.values
        ]
        for id in taxonomy.ids
    ]
    return np.array(allowed, dtype=bool).reshape(len(taxonomy), len(taxonomy.value_ids))


def phrases_of(clause: Clause) -> list[_Phrase]:
    """Return the phrases of a clause, then those of its lead-in and its nearest heading.

    >>> [phrase.text for phrase in phrases_of(Clause("Your name, age.", 0, 15, ("Data",), "We collect:"))]
    ['Your name', 'age', 'We collect', 'Data']
    """
    text = clause.text
    own = [_Phrase(start, end, text[start:end]) for start, end in phrase_spans(text)[:MAX_PHRASES]]
    return [*own, *_phrases_above(clause.context, clause.headings[-1] if clause.headings else "")]


@lru_cache(1024)  # neighboring clauses have the same heading and lead-in
def _phrases_above(context: str, heading: str) -> tuple[_Phrase, ...]:
    return tuple(_Phrase(-1, -1, part[start:end]) for part in (context, heading) for start, end in phrase_spans(part))


def negated_words(text: str, end: int) -> str:
    """Return the words of the sentence up to the end of a quote, if there is a word of negation among them, else "".

    >>> negated_words("We keep it. We never sell your data to anyone.", 35)
    'We never sell your data'
    """
    places = [(text.rfind(mark, 0, end - 1), len(mark)) for mark in _SENTENCE_ENDS]
    begin = max((place + length for place, length in places if place >= 0), default=0)
    words = text[begin:end].strip()
    return words if NEGATION.search(words) else ""


_SENTENCE_ENDS = (". ", ".\n", "! ", "? ", "\n\n", "\n* ", "\n- ", "\n• ", "\n| ")
"""A sentence begins behind one of these: for the words that may deny something, no abbreviation is worth a closer look."""


def _strongest(phrases: Sequence[_Phrase], values: Floats) -> int:
    """Return the number of the strongest phrase; one above the clause only where it is stronger by a margin."""
    best = int(values.argmax())
    if phrases[best].start < 0:
        inside = [k for k, phrase in enumerate(phrases) if phrase.start >= 0]
        nearest = max(inside, key=lambda k: values[k], default=best)
        if values[nearest] > values[best] - ABOVE_MARGIN:
            return nearest
    return best


def _log_odds(probabilities: Floats) -> Floats:
    """Return the log-odds of probabilities, infinite at 0 and 1."""
    with np.errstate(divide="ignore"):
        result: Floats = np.log(probabilities) - np.log1p(-probabilities)
    return result


_SCORERS: WeakKeyDictionary[Model, ValueScorer] = WeakKeyDictionary()
"""The scorer of each model in use; it is freed with the model."""


def value_labels(
    clauses: Sequence[Clause], labels: Sequence[Sequence[str]], model: Model
) -> list[tuple[ValueLabel, ...]]:
    """Give values to clauses; without a second level, none.

    Parameters
    ----------
    clauses
        n_clauses clauses with headings and lead-ins.
    labels
        The categories of each.
    model
        The model.

    Returns
    -------
    list of tuple of ValueLabel
        For each clause its values, in the order of the taxonomy.

    Examples
    --------
    >>> from classifier import Clause, load
    >>> clause = Clause("We collect your e-mail address.", 0, 31)
    >>> [[(value.id, value.quote) for value in values] for values in value_labels([clause], [("collection",)], load().model)]
    [[('data.contact', 'collect your e-mail address')]]
    """
    scorer = value_scorer(model)
    if scorer is None or not clauses:
        return [()] * len(clauses)
    texts = [with_context(clause.text, clause.headings, clause.context) for clause in clauses]
    products = scorer_of(model).project(texts, scorer.clause_heads)
    return scorer(clauses, labels, products, scorer_of(model))


def value_scorer(model: Model) -> ValueScorer | None:
    """Return the scorer of a model's second level, built on the first call; None if the model has none."""
    if model.values is None:
        return None
    scorer = _SCORERS.get(model)
    if scorer is None:
        scorer = _SCORERS[model] = ValueScorer(model)
    return scorer


def head_terms(heads: ValueHeads, head: int) -> tuple[Ints, Floats]:
    """Return the terms that a head weighs, as columns of the model, and their weights."""
    part = slice(int(heads.offsets[head]), int(heads.offsets[head + 1]))
    return heads.columns[part].astype(np.intp), heads.weights[part].astype(np.float64)
