"""Lay labeled rows out as the texts and arrays that an estimator takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Floats, LabelMatrix
from classifier.model.training_matrix import RationaleSentences
from classifier.text import sentences
from classifier.text.context import with_context
from classifier.text.sequences import text_list
from classifier.types import Example


def model_texts(examples: Sequence[Example]) -> list[str]:
    """Return the text that the model reads for each row: the row's own, under its nearest heading and lead-in."""
    return [with_context(example.text, example.headings, example.context) for example in examples]


def label_matrix(examples: Sequence[Example], categories: Sequence[str]) -> LabelMatrix:
    """Return the labels of rows as an array of shape (n_rows, n_categories): 1, 0, or -1 for unknown.

    >>> label_matrix([Example("a", "p", "We set cookies.", ("cookies",), unknown=("use",))], ["cookies", "use", "choice"])
    array([[ 1, -1,  0]], dtype=int8)
    """
    return np.array(
        [[-1 if id in row.unknown else int(id in row.labels) for id in categories] for row in examples], dtype=np.int8
    ).reshape(len(examples), len(categories))


def vote_shares(examples: Sequence[Example], categories: Sequence[str]) -> Floats:
    """Return the share of annotators who gave each label, of shape (n_rows, n_categories).

    Where a single person labeled the row, this is the label itself: 1 or 0.
    """
    votes = [row.annotations or (row.labels,) for row in examples]
    shares = [[sum(id in labels for labels in people) / len(people) for id in categories] for people in votes]
    return np.array(shares, dtype=np.float64).reshape(len(examples), len(categories))


def rationale_sentences(examples: Sequence[Example], categories: Sequence[str]) -> RationaleSentences | None:
    """Split the rows that have rationales into sentences; None if there are no such rows.

    A row of one sentence is left out: the row itself says the same.
    """
    texts: list[str] = []
    shares: list[Floats] = []
    rows: list[int] = []
    for number, row in enumerate(examples):
        spans = sentences.sentence_spans(row.text) if row.rationales else []
        if len(spans) > 1:
            texts += [with_context(row.text[start:end], row.headings, row.context) for start, end in spans]
            shares.append(_rationale_shares(row, spans, categories))
            rows += [number] * len(spans)
    return RationaleSentences(texts, np.concatenate(shares), rows) if rows else None


def _rationale_shares(row: Example, spans: Sequence[tuple[int, int]], categories: Sequence[str]) -> Floats:
    """Return the share of annotators with a rationale in each sentence, of shape (n_sentences, n_categories).

    A label without a rationale applies to the whole text.
    """
    starts, ends = (np.array(offsets) for offsets in zip(*spans, strict=True))
    column = {id: number for number, id in enumerate(categories)}
    votes = np.zeros((len(row.rationales), len(spans), len(categories)), dtype=bool)
    for vote, labels, rationales in zip(votes, row.annotations or (row.labels,), row.rationales, strict=True):
        for rationale in rationales:
            if rationale.category in column:
                # the sentences that the rationale overlaps, [first, last)
                first = np.searchsorted(ends, rationale.start, side="right")
                last = np.searchsorted(starts, rationale.end)
                vote[first:last, column[rationale.category]] = True
        unlocated = [column[id] for id in labels if id in column and not vote[:, column[id]].any()]
        vote[:, unlocated] = True
    shares: Floats = votes.mean(axis=0)
    return shares


def sentences_of_rows(rationales: RationaleSentences | None, chosen: NDArray[np.intp]) -> RationaleSentences | None:
    """Keep the sentences of some rows, renumbered to the rows' positions among these.

    Parameters
    ----------
    rationales
        Sentences of all rows.
    chosen
        Numbers of the rows to keep, ascending.
    """
    if rationales is None:
        return None
    # For each sentence, where its row would be in `chosen`; the appended -1 matches no row.
    position = np.searchsorted(chosen, np.asarray(rationales.rows))
    kept = np.flatnonzero(np.append(chosen, -1)[position] == rationales.rows)
    texts = text_list(rationales.texts)
    return RationaleSentences(
        [texts[k] for k in kept.tolist()], np.asarray(rationales.shares)[kept], position[kept].tolist()
    )
