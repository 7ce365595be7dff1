"""Files and texts become labels: `Tagger`, the way in for programs, and `TaggedPolicy`, what it gives back.

>>> tagger = load()
>>> tagger.predict(["We keep server logs for 30 days and then delete them."])
[('retention',)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ReadError
from classifier.model import persistence as model
from classifier.model import scorer as engine
from classifier.readers import registry as readers
from classifier.segmentation import segment
from classifier.taxonomy import Category
from classifier.text.context import with_context
from classifier.text.markup import marked_lines, plain
from classifier.text.sequences import Column, Texts, row_list
from classifier.types import Clause, Document

if TYPE_CHECKING:
    import pandas as pd

    from classifier.model.explain import Explanation

NEAR = 0.5
"""A score of so much of the threshold is a near miss."""


@dataclass(frozen=True, eq=False)
class TaggedPolicy:
    """A policy, its tagged clauses, and the model that tagged them; shows itself in Jupyter.

    Attributes
    ----------
    document
        The policy as read; ``document.text[clause.start:clause.end] == clause.text``.
    clauses
        All its clauses, in order, with labels and scores.
    model
        The model used.
    thresholds
        The thresholds used, category id to probability; the model's own where no others were asked for.
    """

    document: Document
    clauses: tuple[Clause, ...]
    model: model.Model
    thresholds: Mapping[str, float]

    def to_frame(self) -> pd.DataFrame:
        """Lay the clauses out as a table: where each stands, its text and labels, then one column of scores a category."""
        import pandas as pd

        rows = [
            {
                "policy": self.document.name,
                "clause": number,
                "start": clause.start,
                "end": clause.end,
                "place": clause.place,
                "kind": clause.kind,
                "headings": clause.headings,
                "heading": clause.headings[-1] if clause.headings else "",
                "text": plain(clause.text),
                "labels": clause.labels,
                **clause.scores,
            }
            for number, clause in enumerate(self.clauses, 1)
        ]
        places = ["policy", "clause", "start", "end", "place", "kind", "headings", "heading"]
        columns = [*places, "text", "labels", *self.model.taxonomy.ids]
        return pd.DataFrame(rows, columns=columns)

    def counts(self) -> dict[str, int]:
        """Count the clauses of each category, in the order of the taxonomy; a category not found counts 0."""
        return {id: sum(id in clause.labels for clause in self.clauses) for id in self.model.taxonomy.ids}

    def explain(self, clause: Clause, category: str) -> Explanation:
        """Say why a clause has its score in a category: the words that made it, and where they stand.

        Raises
        ------
        ValueError
            If the model has no such category.

        Examples
        --------
        >>> tagged = load().tag_text("We keep server logs for 30 days and then delete them.")
        >>> found = tagged.explain(tagged.clauses[0], "retention")
        >>> [tagged.document.text[start:end] for start, end in found.evidence(3)]
        ['30', 'days', 'delete']
        """
        from classifier.model import explain

        return explain.of_clause(clause, category, self.model, self.thresholds.get(category))

    def near_misses(self, clause: Clause) -> tuple[str, ...]:
        """List the categories that a clause was nearly given, nearest first: a score of half the threshold or more."""
        shares = {
            id: score / max(self.thresholds[id], 1e-9) for id, score in clause.scores.items() if id not in clause.labels
        }
        near = [id for id, share in shares.items() if share >= NEAR and clause.kind == "text"]
        return tuple(sorted(near, key=lambda id: -shares[id]))

    @property
    def is_wrapped(self) -> bool:
        """Whether a line of the document may go on in the next, as in text files."""
        return self.document.format == "text"

    def evident_lines(
        self, clause: Clause, explanations: Sequence[Explanation]
    ) -> tuple[list[list[tuple[str, int]]], list[str]]:
        """Give the lines of a clause as people read them, cut around the words that speak for its labels.

        Returns
        -------
        lines, owners
            For each line its parts, each with a number, -1 for none; the category that the words of each number speak for.
        """
        words = [(span, why.category) for why in explanations for span in why.evidence()]
        places = [(start - clause.start, end - clause.start) for (start, end), _ in words]
        return marked_lines(clause.text, places, self.is_wrapped), [category for _, category in words]

    def sentence(self, clause: Clause, category: str | Explanation) -> tuple[int, int]:
        """Find the sentence of a clause that carries a label best, as (start, end) in the document's text.

        Sentences are told apart by nltk, which takes two seconds to load the first time. Where there is an explanation
        already, it may be given in the place of its category.
        """
        from classifier.text import sentences

        spans = [(start + clause.start, end + clause.start) for start, end in sentences.spans(clause.text)]
        why = self.explain(clause, category) if isinstance(category, str) else category
        return why.sentence(spans or [(clause.start, clause.end)])

    def missing(self) -> tuple[list[Category], list[Category]]:
        """List the categories that no clause has: those the model could have given, and those it never learned."""
        counts = self.counts()
        absent = [category for category in self.model.taxonomy if not counts[category.id]]
        learned = dict(zip(self.model.taxonomy.ids, (self.model.weights != 0).any(axis=0).tolist(), strict=True))
        return [c for c in absent if learned[c.id]], [c for c in absent if not learned[c.id]]

    def __repr__(self) -> str:
        found = sum(bool(clause.labels) for clause in self.clauses)
        return f"<TaggedPolicy {self.document.name!r}: {len(self.clauses)} clauses, {found} with a label>"

    def _repr_html_(self) -> str:
        from classifier.render import notebook

        return notebook.policy(self)


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

    def __init__(self, fitted: model.Model, thresholds: Mapping[str, float] | None = None) -> None:
        if not isinstance(fitted, model.Model):
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
            if not model.is_threshold(value):
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
        return engine.probabilities(texts, self.model)

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
        return self.tag_document(readers.read(path, keep_all=keep_all, allow_private=allow_private))

    def tag_text(self, text: str, name: str = "<text>") -> TaggedPolicy:
        """Tag the clauses of a policy that is already a string.

        >>> tagged = load().tag_text("# Retention\\n\\nWe keep server logs for thirty days.")
        >>> tagged.clauses[0].labels
        ('retention',)
        """
        if not isinstance(text, str):
            raise TypeError(f"the text of a policy must be str, not {type(text).__name__}; `tag` reads files")
        return self.tag_document(readers.from_text(text, name))

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
    return Tagger(model.load(model.default_path() if path is None else path), thresholds)
