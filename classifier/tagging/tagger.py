"""Files and texts become labels: `Tagger`, the way in for programs, and `TaggedPolicy`, what it gives back.

>>> tagger = load()
>>> tagger.predict(["We keep server logs for 30 days and then delete them."])
[('retention',)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier import resources
from classifier.errors import ReadError
from classifier.model.model import Model
from classifier.model.persistence import is_threshold, load_model
from classifier.model.scorer import probabilities
from classifier.readers.registry import from_text, read
from classifier.segmentation import segment
from classifier.text.context import with_context
from classifier.text.sequences import Column, Texts, row_list
from classifier.types import Document

if TYPE_CHECKING:
    pass
from classifier.tagging.tagged import TaggedPolicy


class Tagger:
    """Tags policies with one model.

    Parameters
    ----------
    fitted
        The model.
    thresholds
        Category id to probability, in place of the model's own; categories left out keep theirs.

    Raises
    ------
    TypeError
        If these are no model and no mapping.
    ValueError
        If a threshold names no category of the model or is not a probability.
    """

    def __init__(self, fitted: Model, thresholds: Mapping[str, float] | None = None) -> None:
        if not isinstance(fitted, Model):
            raise TypeError(
                f"a Tagger needs a Model, not {type(fitted).__name__}; classifier.load(FOLDER) makes a Tagger"
            )
        if not isinstance(thresholds, Mapping | None):
            raise TypeError(
                f"thresholds must map categories to probabilities, as in {{'use': 0.6}}, not {type(thresholds).__name__}"
            )
        given = dict(thresholds or {})
        for id, value in given.items():
            if id not in fitted.taxonomy.ids:
                raise ValueError(f"no category {id!r}; the model has {', '.join(fitted.taxonomy.ids)}")
            if not is_threshold(value):
                raise ValueError(f"the threshold of {id} must be between 0 and 1, not {value!r}")
        self.model = fitted
        own = dict(zip(fitted.taxonomy.ids, fitted.thresholds.tolist(), strict=True))
        self.thresholds: dict[str, float] = {**own, **{id: float(value) for id, value in given.items()}}

    def __repr__(self) -> str:
        return f"<Tagger {self.model.name!r} {self.model.checksum[:12]}: {', '.join(self.categories)}>"

    @property
    def categories(self) -> tuple[str, ...]:
        """Ids of the categories, in the order of the columns of `predict_proba`."""
        return self.model.taxonomy.ids

    def predict_proba(self, texts: Texts) -> NDArray[np.float64]:
        """Return calibrated probabilities, of shape (n_texts, n_categories).

        Parameters
        ----------
        texts
            A list, tuple, numpy array, pandas Series or other sequence of strings. Row 0 of the result is of the first one,
            whatever index it has.

        Raises
        ------
        TypeError
            If it is no sequence, or a text is missing or no string.

        Examples
        --------
        >>> load().predict_proba(["We keep logs for 30 days."]).shape
        (1, 15)
        """
        return probabilities(texts, self.model)

    def predict(self, texts: Texts) -> list[tuple[str, ...]]:
        """Return the labels of each text, in the order of the taxonomy; ``()`` where none applies.

        It takes the same texts as `predict_proba`.
        """
        return self._labels(self.predict_proba(texts))

    def tag(self, path: str | Path, *, keep_all: bool = False, allow_private: bool = False) -> TaggedPolicy:
        """Read a policy and tag its clauses.

        Parameters
        ----------
        path
            A text, Markdown, HTML, PDF or Word file, an address on the web, or ``"-"`` for standard input.

        keep_all, allow_private
            As in `classifier.readers.registry.read`.

        Raises
        ------
        ReadError
            If it cannot be read.
        TypeError
            If it is no path.
        """
        if not isinstance(path, str | Path):
            raise TypeError(
                f"the path of a policy must be str or Path, not {type(path).__name__}; `tag_text` takes a text"
            )
        if not str(path):
            raise ReadError("the path of a policy is empty; name a file, an address or '-' for standard input")
        return self.tag_document(read(path, keep_all=keep_all, allow_private=allow_private))

    def tag_text(self, text: str, name: str = "<text>") -> TaggedPolicy:
        """Tag the clauses of a policy that is already a string.

        >>> tagged = load().tag_text("# Retention\\n\\nWe keep server logs for thirty days.")
        >>> tagged.clauses[0].labels
        ('retention',)
        """
        if not isinstance(text, str):
            raise TypeError(f"the text of a policy must be str, not {type(text).__name__}; `tag` reads files")
        return self.tag_document(from_text(text, name))

    def tag_document(self, document: Document) -> TaggedPolicy:
        """Tag the clauses of a document that a reader made."""
        return self.tag_documents([document])[0]

    def tag_documents(self, documents: Sequence[Document] | Column) -> list[TaggedPolicy]:
        """Tag the clauses of several documents at once, which takes less time than one after the other."""
        documents = row_list(documents, "document")
        for position, document in enumerate(documents):
            if not isinstance(document, Document):
                raise TypeError(f"document {position} is {type(document).__name__}, not Document")
        policies = [segment(document) for document in documents]
        clauses = list(chain.from_iterable(policies))
        scores = self.predict_proba([with_context(clause.text, clause.headings, clause.context) for clause in clauses])
        ids = self.categories
        for clause, labels, row in zip(clauses, self._labels(scores), scores.tolist(), strict=True):
            # nobody else has these clauses yet, and to make them anew takes as long as to write them
            object.__setattr__(clause, "scores", dict(zip(ids, row, strict=True)))
            if labels and clause.kind == "text":
                object.__setattr__(clause, "labels", labels)
        return [
            TaggedPolicy(document, own, self.model, self.thresholds)
            for document, own in zip(documents, policies, strict=True)
        ]

    def _labels(self, scores: NDArray[np.float64]) -> list[tuple[str, ...]]:
        ids = self.categories
        labels: list[list[str]] = [[] for _ in scores]
        rows, columns = np.nonzero(scores >= [self.thresholds[id] for id in ids])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            labels[row].append(ids[column])
        return [tuple(found) for found in labels]


def load(path: str | Path | None = None, *, thresholds: Mapping[str, float] | None = None) -> Tagger:
    """Load a model as a `Tagger`.

    Parameters
    ----------
    path
        A model folder; the model that comes with the package if left out.
    thresholds
        As in `Tagger`.

    Raises
    ------
    ModelError
        If there is no sound model.
    """
    return Tagger(load_model(resources.default_model() if path is None else path), thresholds)
