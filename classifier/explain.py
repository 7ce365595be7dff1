"""A model's weights become reasons: which terms speak for a category."""

from __future__ import annotations

import numpy as np

from classifier.model import Model


def strongest_terms(model: Model, category: str, n: int = 20) -> list[tuple[str, float]]:
    """List the terms that speak most for a category, with their weights, strongest first.

    Weights are multiplied by the term's idf, as they are in a text; what a text of several terms adds up to depends on its
    length too.

    Raises
    ------
    ValueError
        If the model has no such category.
    """
    if category not in model.taxonomy.ids:
        raise ValueError(f"no category {category!r}; the model has {', '.join(model.taxonomy.ids)}")
    column = model.taxonomy.ids.index(category)
    weights = model.weights[:, column] * model.idf
    return [(model.terms[row], float(weights[row])) for row in np.argsort(-weights, kind="stable")[:n]]
