"""A fitted linear model as data: plain fields and read-only arrays.

`classifier.model.persistence` reads and writes it, `classifier.model.scorer` scores texts by it, and
`classifier.model.explain` explains scores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.model.ngrams import term_names
from classifier.taxonomy import Taxonomy

if TYPE_CHECKING:
    from classifier.model.values import ValueHeads


@dataclass(frozen=True, eq=False, repr=False)
class Model:
    """A fitted linear model over terms.

    A model takes over the arrays that it is made of and makes them read-only. Two models are equal only if they are the
    same object.

    Attributes
    ----------
    name
        Name of the model in output.
    taxonomy
        The categories, in the order of the columns.
    stems
        The known stems, sorted.
    codes
        The known terms, as numbers over the stems (see `classifier.model.ngrams`), ascending; of shape (n_terms,).
    idf
        Inverse document frequency of each term, of shape (n_terms,).
    weights
        Weight of each term on the log-odds of each category, of shape (n_terms, n_categories).
    intercept
        Log-odds of a text without known terms, of shape (n_categories,).
    thresholds
        Lowest probability at which each category is predicted, of shape (n_categories,).
    window
        Largest distance, in words, of two stems that form a term in any order; 0 for neighbors only.
    training
        The training data and metrics, for the model card and for tracing labels to their source.
    checksum
        SHA-256 of model.json, which in turn states that of the weights; empty before the model is saved.
    extra
        Fields of model.json that this release does not know; they are written back unchanged.
    values
        The weights of the second level, the values of the taxonomy's attributes; None if it was not learned.
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
    values: ValueHeads | None = None

    def __post_init__(self) -> None:
        for array in (self.codes, self.idf, self.weights, self.intercept, self.thresholds):
            array.flags.writeable = False

    def __reduce__(self) -> tuple[type[Model], tuple[Any, ...]]:
        """Copy and pickle a model by its fields; numpy alone would make the copied arrays writable."""
        return Model, tuple(getattr(self, name) for name in Model.__dataclass_fields__)

    def __repr__(self) -> str:
        checksum = self.checksum[:12] or "unsaved"
        return f"<Model {self.name!r} {checksum}: {len(self.codes):,} terms, {len(self.taxonomy)} categories>"

    @property
    def terms(self) -> tuple[str, ...]:
        """The known terms, written as `classifier.text.analyzer.terms` does; computed on each call."""
        return term_names(self.codes, self.stems)
