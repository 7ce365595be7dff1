"""Explain a model by its weights: the terms that indicate a category, in general and in one text, and where they occur.

The model is linear, so a score has an exact explanation: the log-odds are the intercept plus one contribution per term. For
one value per word, the contribution of a term of two words is divided between them; the sum stays the same.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

import numpy as np

from classifier.model.model import Model
from classifier.model.ngrams import term_names
from classifier.model.scorer import tfidf
from classifier.text.analyzer import Token, skipgram, tokens
from classifier.text.context import BODY_MARK, body_start, with_context
from classifier.text.markup import plain
from classifier.types import Clause

FUNCTION_WORD_STEMS = frozenset(
    "a all ani and are as at be been by can could do ed for from ha had have he her his how i if in into is it may me might "
    "must my of on or other our s shall should so some such t than that the their them then there these they this those to "
    "us was we were what when where which who will with would you your".split()
)
"""Stems of function words, which mean nothing to a reader by themselves; "no" and "not" do mean something."""
MAX_EVIDENCE_WORDS = 6
"""Default number of words that are shown as evidence."""
MIN_EVIDENCE_SHARE = 0.25
"""Words with less than this share of the strongest word's value are not shown as evidence."""
MAX_LOCAL_PART_CHARACTERS = 64
"""Characters before an "@" that are searched for the beginning of an address."""
_LOCAL_PART, _DOMAIN = re.compile(r"[\w.+-]+\Z"), re.compile(r"[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Contribution:
    """The contribution of one term to the log-odds of a category in one text.

    Attributes
    ----------
    term
        A stem, two neighboring stems ("a b"), or two stems near each other ("a~b"), if the model has such terms.
    value
        The contribution; negative if the term indicates against the category.
    spans
        All places of the term in the text, as (start, end).
    """

    term: str
    value: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """The contribution of one term to the log-odds of a category in a clause.

    Attributes
    ----------
    term
        As in `Contribution`.
    words
        The term as it is first written in the clause or above it.
    value
        The contribution; negative if the term indicates against the category.
    spans
        Places in the clause, as offsets into the document's text; empty if the term occurs only above the clause, in its
        heading or the sentence that introduces its list.
    """

    term: str
    words: str
    value: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a clause: its stem, its place in the document's text, and its share of a category's log-odds."""

    stem: str
    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True, repr=False)
class Explanation:
    """The explanation of a clause's score in one category.

    Attributes
    ----------
    category
        Id of the category.
    score, threshold
        The calibrated probability, and the lowest one at which the label is given.
    intercept
        Log-odds of a text without known terms.
    reasons
        One for each known term, strongest first; their values and the intercept add up to the log-odds.
    words
        The same contributions per word of the clause, in order.
    above
        Contribution of the words above the clause: its heading, and the sentence that introduces its list.
    """

    category: str
    score: float
    threshold: float
    intercept: float
    reasons: tuple[Reason, ...]
    words: tuple[Word, ...]
    above: float

    def __repr__(self) -> str:
        return (
            f"<Explanation {self.category!r}: score {self.score:.2f}, threshold {self.threshold:.2f}, "
            f"{len(self.reasons)} reasons>"
        )

    @property
    def log_odds(self) -> float:
        """The score as log-odds: the intercept plus the values of all reasons."""
        return self.intercept + sum(reason.value for reason in self.reasons)

    def evidence(self, limit: int = MAX_EVIDENCE_WORDS) -> tuple[tuple[int, int], ...]:
        """Return the places of the words that indicate the category most, as (start, end), in order.

        These are at most `limit` words, each with at least `MIN_EVIDENCE_SHARE` of the strongest word's value. Function
        words are scored, in `reasons` and `words`, but never shown as evidence.
        """
        candidates = [word for word in self.words if word.value > 0 and word.stem not in FUNCTION_WORD_STEMS]
        strongest = sorted(candidates, key=lambda word: -word.value)
        shown = [word for word in strongest[:limit] if word.value >= MIN_EVIDENCE_SHARE * strongest[0].value]
        return tuple(sorted((word.start, word.end) for word in shown))

    def sentence(self, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Return the sentence whose words indicate the category most.

        Parameters
        ----------
        spans
            The sentences of the clause, as (start, end) in the document's text; at least one.
        """
        words = sorted(self.words, key=attrgetter("start"))  # an address begins before its "@"
        starts = [word.start for word in words]

        def value(span: tuple[int, int]) -> float:
            first, stop = bisect_left(starts, span[0]), bisect_left(starts, span[1])
            return sum(word.value for word in words[first:stop])

        return max(spans, key=value)


def explain_clause(clause: Clause, category: str, model: Model, threshold: float | None = None) -> Explanation:
    """Explain the score of a clause, with places in its document.

    Parameters
    ----------
    clause
        The clause, tagged or not.
    category
        Id of a category of the model.
    model
        The model.
    threshold
        The threshold in use; None for that of the model.

    Raises
    ------
    ValueError
        If the model has no such category.

    Examples
    --------
    >>> from classifier import Clause, load
    >>> clause = Clause("We keep logs for 30 days.", 0, 25)
    >>> explain_clause(clause, "retention", load().model).evidence(2)
    ((17, 19), (20, 24))
    """
    column = _column(model, category)
    text = with_context(clause.text, clause.headings, clause.context)
    body = body_start(text)
    shift = clause.start - body  # from places in the scored text to places in the document
    text_tokens = tokens(text)
    parts = contributions(text, category, model)
    values = _token_values(text_tokens, parts)
    words = tuple(
        Word(token.stem, start + shift, end + shift, value)
        for token, value in zip(text_tokens, values, strict=True)
        if token.start >= body
        for start, end in [_word_span(text, token)]
    )
    reasons = tuple(_reason(text, part, body, shift) for part in parts)
    intercept = float(model.intercept[column])
    log_odds = intercept + sum(reason.value for reason in reasons)
    return Explanation(
        category=category,
        score=1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, log_odds)))),
        threshold=float(model.thresholds[column]) if threshold is None else threshold,
        intercept=intercept,
        reasons=reasons,
        words=words,
        above=sum(value for token, value in zip(text_tokens, values, strict=True) if token.start < body),
    )


def _token_values(text_tokens: Sequence[Token], parts: Sequence[Contribution]) -> list[float]:
    """Distribute contributions over tokens: evenly over the places of a term, and half each to its first and last word."""
    values = [0.0] * len(text_tokens)
    token_at = {token.start: k for k, token in enumerate(text_tokens)}
    token_ending_at = {token.end: k for k, token in enumerate(text_tokens)}
    for part in parts:
        share = part.value / len(part.spans)
        for start, end in part.spans:
            values[token_at[start]] += share / 2
            values[token_ending_at[end]] += share / 2
    return values


def _reason(text: str, part: Contribution, body: int, shift: int) -> Reason:
    """Turn a contribution, with places in the scored text, into a reason, with places in the document."""
    start, end = part.spans[0]
    words = plain(text[start:end].replace(BODY_MARK, ""))
    # a bigram may begin above the clause and end in it
    spans = tuple((max(start, body) + shift, end + shift) for start, end in part.spans if end > body)
    return Reason(part.term, words, part.value, spans)


def _word_span(text: str, token: Token) -> tuple[int, int]:
    """Return the place of a word; of an e-mail address, whose token is its "@", the place of the whole address."""
    if token.stem != "@":
        return token.start, token.end
    before = _LOCAL_PART.search(text, max(0, token.start - MAX_LOCAL_PART_CHARACTERS), token.start)
    after = _DOMAIN.match(text, token.end)
    return before.start() if before else token.start, after.end() if after else token.end


def contributions(text: str, category: str, model: Model) -> list[Contribution]:
    """Explain the score of a text exactly.

    Parameters
    ----------
    text
        The text as it was scored.
    category
        Id of a category of the model.
    model
        The model that scored it.

    Returns
    -------
    list of Contribution
        One for each known term of the text, strongest first. Their values and the intercept of the category add up to
        `classifier.model.scorer.log_odds` of the text.

    Raises
    ------
    ValueError
        If the model has no such category.

    Examples
    --------
    >>> from classifier import load
    >>> contributions("We set cookies.", "cookies", load().model)[0].spans
    ((7, 14),)
    """
    column = _column(model, category)
    places = _term_places(text, model.window)
    _, columns, values = tfidf([text], model)
    values = values * model.weights[columns, column]
    order = np.argsort(-np.abs(values), kind="stable")
    names = term_names(model.codes[columns[order]], model.stems)
    return [
        Contribution(name, value, tuple(places[name]))
        for name, value in zip(names, values[order].tolist(), strict=True)
    ]


def _term_places(text: str, window: int) -> dict[str, list[tuple[int, int]]]:
    """Return the places of all terms of a text: stems, neighbors, and stems near each other in the body."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    text_tokens = tokens(text)
    for token in text_tokens:
        places[token.stem].append((token.start, token.end))
    for first, second in pairwise(text_tokens):
        places[f"{first.stem} {second.stem}"].append((first.start, second.end))
    begin = body_start(text)
    body_tokens = [token for token in text_tokens if token.start >= begin]
    for number, first in enumerate(body_tokens):
        for second in body_tokens[number + 1 : number + window + 1]:
            places[skipgram(first.stem, second.stem)].append((first.start, second.end))
    return places


def strongest_terms(model: Model, category: str, n: int = 20) -> list[tuple[str, float]]:
    """Return the terms that indicate a category most, with their weights, strongest first.

    Weights are multiplied by the idf of the term, as they are in a text. The contribution in a text also depends on its
    number of terms.

    Parameters
    ----------
    model
        The model.
    category
        Id of a category of the model.
    n
        Number of terms.

    Raises
    ------
    ValueError
        If the model has no such category.

    Examples
    --------
    >>> from classifier import load
    >>> [term for term, _ in strongest_terms(load().model, "cookies", 1)]
    ['cooki']
    """
    weights = model.weights[:, _column(model, category)] * model.idf
    rows = np.argsort(-weights, kind="stable")[:n]
    return list(zip(term_names(model.codes[rows], model.stems), weights[rows].tolist(), strict=True))


def _column(model: Model, category: str) -> int:
    if category not in model.taxonomy.ids:
        raise ValueError(f"no category {category!r}; the model has {', '.join(model.taxonomy.ids)}")
    return model.taxonomy.ids.index(category)
