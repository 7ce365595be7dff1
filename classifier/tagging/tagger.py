"""Tag texts and documents with one model: `Tagger`, the entry point for programs, and `load`, which makes one.

>>> tagger = load()
>>> tagger.predict(["We keep server logs for 30 days and then delete them."])
[('retention',)]
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ReadError
from classifier.model.model import Model
from classifier.model.persistence import is_threshold, load_model, save_model
from classifier.model.scorer import probabilities, scorer_of, to_probabilities
from classifier.model.values import value_scorer
from classifier.readers.registry import from_text, is_address, parse, read
from classifier.resources import model_folder
from classifier.segmentation import segment
from classifier.tagging.tagged import TaggedPolicy
from classifier.text.context import with_context
from classifier.text.escaping import escape_name
from classifier.text.fingerprint import unique_ids
from classifier.text.sequences import Column, Texts, row_list, text_list
from classifier.types import Clause, Document, FrozenDict, ValueLabel

if TYPE_CHECKING:
    from classifier.model.estimator import ClauseClassifier

MAX_PATH_WORDS = 4
"""A path of more words that does not exist is taken for a text by mistake."""
BATCH_CLAUSES = 4096
"""Clauses that are scored together; the values of more would take up memory for nothing."""


_Scored = tuple[tuple[str, ...], list[float], tuple[ValueLabel, ...]]
"""Labels, scores and values of a clause."""


class Tagger:
    """Tags policies with one model.

    Parameters
    ----------
    model
        The model, or a fitted `ClauseClassifier`.
    thresholds
        Category id to probability, in place of the model's own; other categories keep theirs. One number sets all.
    level
        2 gives clauses the values of attributes too, if the model has learned some; 1 only categories, in half the time.

    Attributes
    ----------
    model : Model
        The model.
    thresholds : mapping of str to float
        The thresholds used. Read-only.
    level : int
        2 if clauses get the values of attributes too; 1 also for a model without a second level.

    Raises
    ------
    TypeError
        If `model` is not a model, or `thresholds` is neither a mapping nor a number.
    ValueError
        If a threshold names no category of the model or is not a probability.
    """

    def __init__(
        self,
        model: Model | ClauseClassifier,
        thresholds: Mapping[str, float] | float | None = None,
        *,
        level: Literal[1, 2] = 2,
    ) -> None:
        if level not in (1, 2):
            raise ValueError(f"the level must be 1 (categories) or 2 (values of attributes too), not {level!r}")
        if not isinstance(model, Model):
            to_model = getattr(model, "to_model", None)
            if to_model is None or isinstance(model, type):
                raise TypeError(
                    f"a Tagger needs a Model, not {type(model).__name__}; classifier.load(FOLDER) makes a Tagger"
                )
            model = to_model()
            assert isinstance(model, Model)
        self.model = model
        self.level = level if model.values is not None else 1
        own = dict(zip(model.taxonomy.ids, model.thresholds.tolist(), strict=True))
        self.thresholds: Mapping[str, float] = FrozenDict({**own, **_checked_thresholds(thresholds, model)})

    def __repr__(self) -> str:
        return f"<Tagger {self.model.name!r} {self.model.checksum[:12]}: {', '.join(self.categories)}>"

    @property
    def categories(self) -> tuple[str, ...]:
        """Ids of the categories, in the order of the columns of `predict_proba`."""
        return self.model.taxonomy.ids

    def save(self, folder: str | Path, card: str = "") -> None:
        """Write the model to a folder, which `load` reads; thresholds that were set for this tagger are not part of it.

        Parameters
        ----------
        folder
            Where to; made if it does not exist.
        card
            Model card in Markdown.

        Raises
        ------
        WriteError
            If the folder cannot be written.
        """
        self.model = save_model(self.model, folder, card)

    # --- texts -----------------------------------------------------------------------------------------------------------

    def predict_proba(
        self, texts: Texts, *, headings: Sequence[Sequence[str]] | None = None, contexts: Texts | None = None
    ) -> NDArray[np.float64]:
        """Return calibrated probabilities.

        Parameters
        ----------
        texts
            n_texts strings: a list, tuple, numpy array, pandas Series or other sequence. Row 0 of the result is of the first
            text, whatever its index.
        headings
            For each text the headings above it, outermost first. The model reads the nearest one.
        contexts
            For each text the sentence that introduces the list it is an item of, "" for none.

        Returns
        -------
        ndarray of shape (n_texts, n_categories)
            From 0 to 1, in the order of `categories`.

        Raises
        ------
        TypeError
            If it is not a sequence, or a text is missing or not a string.
        ValueError
            If there are not as many headings or contexts as texts.

        Examples
        --------
        >>> load().predict_proba(["We keep logs for 30 days."]).shape
        (1, 15)
        """
        if headings is None and contexts is None:
            return probabilities(texts, self.model)
        listed = text_list(texts)
        above = [()] * len(listed) if headings is None else row_list(headings, "heading list")
        intros = [""] * len(listed) if contexts is None else text_list(contexts, "context")
        for name, values in (("headings", above), ("contexts", intros)):
            if len(values) != len(listed):
                raise ValueError(f"there are {len(listed)} texts but {len(values)} {name}")
        for number, path in enumerate(above):
            if isinstance(path, str):
                raise TypeError(f"the headings of text {number} must be a list of strings, not one string")
        return probabilities(list(map(with_context, listed, above, intros)), self.model)

    def predict(
        self, texts: Texts, *, headings: Sequence[Sequence[str]] | None = None, contexts: Texts | None = None
    ) -> list[tuple[str, ...]]:
        """Return the labels of each text, in the order of the taxonomy; ``()`` where none applies.

        Parameters and errors are those of `predict_proba`.

        Examples
        --------
        >>> load().predict(["30 days"], headings=[["Retention"]])
        [('retention',)]
        """
        return self._labels(self.predict_proba(texts, headings=headings, contexts=contexts))

    # --- policies --------------------------------------------------------------------------------------------------------

    def tag(self, path: str | Path, *, keep_all: bool = False, allow_private: bool = False) -> TaggedPolicy:
        """Read a policy and tag its clauses.

        Parameters
        ----------
        path
            A text, Markdown, HTML, PDF, Word or e-mail file, a web address, or ``"-"`` for standard input.
        keep_all, allow_private
            As in `classifier.readers.read`.

        Raises
        ------
        ReadError
            If it cannot be read.
        TypeError
            If it is not a path.
        """
        if not isinstance(path, str | Path):
            raise TypeError(
                f"the path of a policy must be str or Path, not {type(path).__name__}; `tag_text` takes a text"
            )
        if not str(path):
            raise ReadError("the path of a policy is empty; name a file, an address or '-' for standard input")
        if len(str(path).split()) > MAX_PATH_WORDS and not is_address(str(path)) and not os.path.lexists(path):
            shown = escape_name(str(path)[:57])
            raise ReadError(f"{shown}...: there is no such file; `tag_text` takes a text")
        return self.tag_document(read(path, keep_all=keep_all, allow_private=allow_private))

    def tag_text(self, text: str, name: str = "<text>") -> TaggedPolicy:
        """Tag the clauses of a policy that is already a string of text or Markdown.

        >>> tagged = load().tag_text("# Retention\\n\\nWe keep server logs for thirty days.")
        >>> tagged[0].labels
        ('retention',)
        """
        if not isinstance(text, str):
            raise TypeError(f"the text of a policy must be str, not {type(text).__name__}; `tag` reads files")
        return self.tag_document(from_text(text, name))

    def tag_html(self, html: str, name: str = "<html>", *, keep_all: bool = False) -> TaggedPolicy:
        """Tag the clauses of a web page that is already a string.

        Parameters
        ----------
        html
            The page.
        name
            Name of the policy in messages and output.
        keep_all
            Keep menus, banners and footers.

        Raises
        ------
        ReadError
            If there is no text in it.

        Examples
        --------
        >>> load().tag_html("<h1>Cookies</h1><p>We use cookies to remember you.</p>")[0].labels
        ('cookies',)
        """
        if not isinstance(html, str):
            raise TypeError(f"a page must be str, not {type(html).__name__}; `tag_bytes` takes bytes")
        data = html.encode("utf-8", "replace")
        return self.tag_document(parse(data, name, ".html", keep_all=keep_all, charset="utf-8"))

    def tag_bytes(
        self, data: bytes, name: str = "<bytes>", suffix: str = "", *, keep_all: bool = False
    ) -> TaggedPolicy:
        """Tag the clauses of a policy from the bytes of a file.

        Parameters
        ----------
        data
            The file; its format is detected.
        name
            Name of the policy in messages and output.
        suffix
            Suffix of the file, such as ".md", which decides where the bytes do not.
        keep_all
            Keep menus, banners and footers of web pages.

        Raises
        ------
        ReadError
            If it cannot be read.

        Examples
        --------
        >>> load().tag_bytes(b"We use cookies to remember you.", "notice.txt")[0].labels
        ('cookies',)
        """
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"the data of a policy must be bytes, not {type(data).__name__}; `tag_text` takes a text")
        return self.tag_document(parse(bytes(data), name, suffix, keep_all=keep_all))

    def tag_document(self, document: Document) -> TaggedPolicy:
        """Tag the clauses of a document from a reader."""
        return self.tag_documents([document])[0]

    def tag_documents(self, documents: Sequence[Document] | Column) -> list[TaggedPolicy]:
        """Tag the clauses of several documents at once, which takes less time than one after the other."""
        documents = row_list(documents, "document")
        for position, document in enumerate(documents):
            if not isinstance(document, Document):
                raise TypeError(f"document {position} is {type(document).__name__}, not Document")
        policies = [segment(document) for document in documents]
        clauses = list(chain.from_iterable(policies))
        scored = chain.from_iterable(
            self._score(clauses[start : start + BATCH_CLAUSES]) for start in range(0, len(clauses), BATCH_CLAUSES)
        )
        return [
            TaggedPolicy(document, self._tagged(untagged, scored), self.model, self.thresholds, level=self.level)
            for document, untagged in zip(documents, policies, strict=True)
        ]

    def _tagged(self, clauses: Sequence[Clause], scored: Iterator[_Scored]) -> tuple[Clause, ...]:
        """Return the clauses of a policy with labels, scores, values and ids; takes as many items of `scored`."""
        categories = self.categories
        names = unique_ids(clauses)
        return tuple(
            Clause(
                clause.text,
                clause.start,
                clause.end,
                clause.headings,
                clause.context,
                clause.kind,
                labels if clause.kind == "text" else (),
                FrozenDict(zip(categories, row, strict=True)),
                clause.place,
                name,
                number,
                clause.n_run_ins,
                clause.part,
                values,
            )
            for number, (clause, name, (labels, row, values)) in enumerate(zip(clauses, names, scored), 1)  # noqa: B905  # `scored` goes on
        )

    def _score(self, clauses: Sequence[Clause]) -> list[_Scored]:
        """Return labels, scores and values of clauses."""
        texts = [with_context(clause.text, clause.headings, clause.context) for clause in clauses]
        values: list[tuple[ValueLabel, ...]] = [()] * len(clauses)
        heads = value_scorer(self.model) if self.level > 1 else None
        if heads is None:
            scores = probabilities(texts, self.model)
            labels = self._labels(scores)
        else:
            scorer = scorer_of(self.model)
            log_odds, products = scorer.log_odds_and_project(texts, heads.clause_heads)
            scores = to_probabilities(log_odds)
            labels = self._labels(scores)
            given = [found if clause.kind == "text" else () for clause, found in zip(clauses, labels, strict=True)]
            values = heads(clauses, given, products, scorer)
        return list(zip(labels, scores.tolist(), values, strict=True))

    def _labels(self, scores: NDArray[np.float64]) -> list[tuple[str, ...]]:
        ids = self.categories
        labels: list[list[str]] = [[] for _ in scores]
        rows, columns = np.nonzero(scores >= [self.thresholds[id] for id in ids])
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            labels[row].append(ids[column])
        return [tuple(found) for found in labels]


def _checked_thresholds(thresholds: Mapping[str, float] | float | None, model: Model) -> dict[str, float]:
    """Return thresholds by category. Raises TypeError or ValueError."""
    ids = model.taxonomy.ids
    if thresholds is None:
        return {}
    if isinstance(thresholds, int | float | np.number) and not isinstance(thresholds, bool):
        if not is_threshold(thresholds):
            raise ValueError(f"the threshold must be between 0 and 1, not {thresholds!r}")
        return dict.fromkeys(ids, float(thresholds))
    if not isinstance(thresholds, Mapping):
        raise TypeError(
            "thresholds must map categories to probabilities, as in {'use': 0.6}, or be one probability, not "
            f"{type(thresholds).__name__}"
        )
    for id, value in thresholds.items():
        if id not in ids:
            raise ValueError(f"no category {id!r}; the model has {', '.join(ids)}")
        if not is_threshold(value):
            raise ValueError(f"the threshold of {id} must be between 0 and 1, not {value!r}")
    return {id: float(value) for id, value in thresholds.items()}


def load(path: str | Path | None = None, *, thresholds: Mapping[str, float] | float | None = None) -> Tagger:
    """Load a model as a `Tagger`.

    Parameters
    ----------
    path
        A model folder. None or "default" for the model that comes with the package.
    thresholds
        As in `Tagger`.

    Raises
    ------
    ModelError
        If there is no valid model.
    """
    if not isinstance(path, str | Path | None):
        raise TypeError(f"a model folder must be str or Path, not {type(path).__name__}")
    return Tagger(load_model(model_folder(path)), thresholds)
