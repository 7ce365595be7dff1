"""A model's weights become reasons: which terms speak for a category, in general and in one text, and where they stand.

The model is linear, so a score has an exact explanation: its log-odds are the intercept plus one contribution a term. What a
term of two words contributes is shared between them where a single figure a word is wanted; those add up to the same.
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
from classifier.model.scorer import tfidf
from classifier.text.analyzer import Token, skipgram, tokens
from classifier.text.context import BODY_MARK, body_start, with_context
from classifier.text.markup import plain
from classifier.types import Clause


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one term adds to the log-odds of a category in one text.

    Attributes
    ----------
    term
        A stem, two neighbouring stems, or two that stand near each other ("a~b"), if the model has such.
    value
        What it adds; negative where it speaks against the category.
    spans
        Every place where it stands in the text, as (start, end).
    """

    term: str
    value: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """What one term adds to the log-odds of a category in a clause.

    Attributes
    ----------
    term
        As in `Contribution`.
    words
        The term as it is first written in the clause or above it.
    value
        What it adds; negative where it speaks against the category.
    spans
        Where it stands in the clause, as offsets into the document's text; empty where it stands only above the clause, in
        its heading or the sentence that introduces its list.
    """

    term: str
    words: str
    value: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a clause, its stem, where it stands in the document's text, and what it adds to a category's log-odds."""

    stem: str
    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a clause has its score in a category.

    Attributes
    ----------
    category
        Its id.
    score, threshold
        The calibrated probability, and from which on the label is given.
    intercept
        Log-odds of a text without known terms.
    reasons
        One for each term that the model knows, the strongest first; their values and the intercept are the log-odds.
    words
        The same, laid on the words of the clause, in order.
    above
        What words above the clause add: of its heading, of the sentence that introduces its list.
    """

    category: str
    score: float
    threshold: float
    intercept: float
    reasons: tuple[Reason, ...]
    words: tuple[Word, ...]
    above: float

    @property
    def log_odds(self) -> float:
        """The model's raw score: the intercept plus what all terms add."""
        return self.intercept + sum(reason.value for reason in self.reasons)

    def evidence(self, most: int = 6) -> tuple[tuple[int, int], ...]:
        """List the words that speak most for the category, in order, as (start, end): at most so many, none far weaker.

        Words of grammar count in `reasons` and `words`; to who reads they say nothing, and so they are not among these.
        """
        telling = [word for word in self.words if word.value > 0 and word.stem not in GRAMMAR]
        order = sorted(telling, key=lambda word: -word.value)
        kept = [word for word in order[:most] if word.value >= WEAK * order[0].value]
        return tuple(sorted((word.start, word.end) for word in kept))

    def sentence(self, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """Choose the sentence whose words speak most for the category among some, given as (start, end) in the document."""
        words = sorted(self.words, key=attrgetter("start"))  # an address begins before its "@"
        starts = [word.start for word in words]

        def value(span: tuple[int, int]) -> float:
            first, stop = bisect_left(starts, span[0]), bisect_left(starts, span[1])
            return sum(word.value for word in words[first:stop])

        return max(spans, key=value)


GRAMMAR = frozenset(
    "a all ani and are as at be been by can could do ed for from ha had have he her his how i if in into is it may me might "
    "must my of on or other our s shall should so some such t than that the their them then there these they this those to "
    "us was we were what when where which who will with would you your".split()
)
"""Stems of words that tell nothing by themselves; "no" and "not" do."""
_LOCAL, _DOMAIN = re.compile(r"[\w.+-]+\Z"), re.compile(r"[\w-]+(?:\.[\w-]+)+")
WEAK = 0.25
"""Words that add less than this part of what the strongest adds are not shown as evidence."""


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
        The threshold used; the model's own if None.

    Raises
    ------
    ValueError
        If the model has no such category.
    """
    column = _column(model, category)
    text = with_context(clause.text, clause.headings, clause.context)
    own = body_start(text)
    shift = clause.start - own
    found = tokens(text)
    begins, ends = {token.start: k for k, token in enumerate(found)}, {token.end: k for k, token in enumerate(found)}
    values = [0.0] * len(found)
    reasons = []
    for part in contributions(text, category, model):
        for start, end in part.spans:
            share = part.value / len(part.spans)
            values[begins[start]] += share / 2
            values[ends[end]] += share / 2
        start, end = part.spans[0]
        inside = tuple((max(a, own) + shift, b + shift) for a, b in part.spans if b > own)
        reasons.append(Reason(part.term, plain(text[start:end].replace(BODY_MARK, "")), part.value, inside))
    places = [_place(text, token) for token in found]
    words = tuple(
        Word(token.stem, start + shift, end + shift, value)
        for token, (start, end), value in zip(found, places, values, strict=True)
        if token.start >= own
    )
    above = sum(value for token, value in zip(found, values, strict=True) if token.start < own)
    intercept = float(model.intercept[column])
    log_odds = intercept + sum(reason.value for reason in reasons)
    return Explanation(
        category=category,
        score=1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, log_odds)))),
        threshold=float(model.thresholds[column]) if threshold is None else threshold,
        intercept=intercept,
        reasons=tuple(reasons),
        words=words,
        above=above,
    )


def _place(text: str, token: Token) -> tuple[int, int]:
    """Give where a word stands: of an e-mail address, of which "@" is the token, the whole."""
    if token.stem != "@":
        return token.start, token.end
    before = _LOCAL.search(text, max(0, token.start - 64), token.start)
    after = _DOMAIN.match(text, token.end)
    return before.start() if before else token.start, after.end() if after else token.end


def contributions(text: str, category: str, model: Model) -> list[Contribution]:
    """Explain a score exactly.

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
        One for each term of the text that the model knows, the strongest first. Their values and the intercept of the
        category add up to the text's `engine.log_odds`.

    Raises
    ------
    ValueError
        If the model has no such category.
    """
    column = _column(model, category)
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    found = tokens(text)
    for token in found:
        places[token.stem].append((token.start, token.end))
    for first, second in pairwise(found):
        places[f"{first.stem} {second.stem}"].append((first.start, second.end))
    begin = body_start(text)
    own = [token for token in found if token.start >= begin]
    for number, first in enumerate(own):
        for second in own[number + 1 : number + model.window + 1]:
            places[skipgram(first.stem, second.stem)].append((first.start, second.end))
    _, terms, values = tfidf([text], model)
    values = values * model.weights[terms, column]
    order = np.argsort(-np.abs(values), kind="stable")
    return [Contribution(model.terms[terms[k]], float(values[k]), tuple(places[model.terms[terms[k]]])) for k in order]


def strongest_terms(model: Model, category: str, n: int = 20) -> list[tuple[str, float]]:
    """List the terms that speak most for a category, with their weights, strongest first.

    Weights are multiplied by the term's idf, as they are in a text; what a text of several terms adds up to depends on its
    length too.

    Raises
    ------
    ValueError
        If the model has no such category.
    """
    weights = model.weights[:, _column(model, category)] * model.idf
    return [(model.terms[row], float(weights[row])) for row in np.argsort(-weights, kind="stable")[:n]]


def _column(model: Model, category: str) -> int:
    if category not in model.taxonomy.ids:
        raise ValueError(f"no category {category!r}; the model has {', '.join(model.taxonomy.ids)}")
    return model.taxonomy.ids.index(category)
