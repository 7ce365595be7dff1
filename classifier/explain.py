"""A model's weights become reasons: which terms speak for a category, in general and in one text, and where they stand.

The model is linear, so a score has an exact explanation: its log-odds are the intercept plus one contribution a term.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from classifier import engine
from classifier.model import Model
from classifier.text import own_start, together, tokens


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
    own = [token for token in found if token.start >= own_start(text)]
    for number, first in enumerate(own):
        for second in own[number + 1 : number + model.window + 1]:
            places[together(first.stem, second.stem)].append((first.start, second.end))
    _, terms, values = engine.tfidf([text], model)
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
