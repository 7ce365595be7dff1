"""A fitted linear model as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.model.ngrams import term_names
from classifier.taxonomy import Taxonomy


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted linear model over terms.

    Attributes
    ----------
    name
        What output calls it.
    taxonomy
        Its categories, in the order of the columns.
    stems
        The stems it knows, sorted.
    codes
        The terms it knows, as numbers over the stems (see `classifier.model.ngrams`), ascending; of shape (n_terms,).
    idf
        Inverse document frequency of each term, of shape (n_terms,).
    weights
        Weight of each term on the log-odds of each category, of shape (n_terms, n_categories).
    intercept
        Log-odds of a text without known terms, of shape (n_categories,).
    thresholds
        Least probability at which each category is given, of shape (n_categories,).
    window
        Within how many words two stems make a term together, whatever their order; 0 where only neighbours do.
    training
        What it was trained on and how well that went, for its card and for those who ask where a label comes from.
    checksum
        SHA-256 of model.json, which states that of the weights; empty before the model is saved.
    extra
        Fields of model.json that this release does not know, kept for those who do.
    """

    name: str
    taxonomy: Taxonomy
    stems: tuple[str, ...]
    codes: NDArray[np.int64]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float64]
    window: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)
    checksum: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy or another process needs: not what was derived since, such as a scorer with its lock."""
        return fields_of(self)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms it knows, as `text.terms` writes them."""
        return term_names(self.codes, self.stems)

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Row of each term."""
        return {term: row for row, term in enumerate(self.terms)}


def fields_of(model: Model) -> dict[str, Any]:
    """Return the fields of a model by name, without what was derived from them."""
    return {name: getattr(model, name) for name in Model.__dataclass_fields__}
