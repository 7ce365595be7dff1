"""Lay labelled rows out as the texts and arrays that an estimator takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Floats, LabelMatrix
from classifier.model.training_matrix import RationaleSentences as Sentences
from classifier.text import sentences
from classifier.text.context import with_context
from classifier.text.sequences import text_list
from classifier.types import Example


def model_texts(examples: Sequence[Example]) -> list[str]:
    """Give what the model reads of each row: its text under its nearest heading and lead-in."""
    return [with_context(example.text, example.headings, example.context) for example in examples]


def label_matrix(examples: Sequence[Example], categories: Sequence[str]) -> LabelMatrix:
    """Give the labels of rows as an array of shape (n_rows, n_categories): 1, 0, or -1 for unknown."""
    return np.array(
        [[-1 if id in row.unknown else int(id in row.labels) for id in categories] for row in examples], dtype=np.int8
    ).reshape(len(examples), len(categories))


def vote_shares(examples: Sequence[Example], categories: Sequence[str]) -> Floats:
    """Give the share of annotators who gave a label, of shape (n_rows, n_categories); the label itself where one did it."""
    given = [row.annotations or (row.labels,) for row in examples]
    shares = [[sum(id in labels for labels in people) / len(people) for id in categories] for people in given]
    return np.array(shares, dtype=np.float64).reshape(len(examples), len(categories))


def rationale_sentences(examples: Sequence[Example], categories: Sequence[str]) -> Sentences | None:
    """Cut the rows in which people marked what speaks for a category into sentences; None if there are no such rows."""
    cut: list[str] = []
    shares: list[Floats] = []
    rows: list[int] = []
    for number, row in enumerate(examples):
        spans = sentences.sentence_spans(row.text) if row.rationales else []
        if len(spans) > 1:  # else the row says it
            cut += [with_context(row.text[start:end], row.headings, row.context) for start, end in spans]
            shares.append(_marked(row, spans, categories))
            rows += [number] * len(spans)
    return Sentences(cut, np.concatenate(shares), rows) if rows else None


def _marked(row: Example, spans: Sequence[tuple[int, int]], categories: Sequence[str]) -> Floats:
    """Give the share of people who marked something in each sentence of a row, of shape (n_sentences, n_categories).

    Who gave a label and marked nothing for it said it of the whole.
    """
    starts, ends = (np.array(places) for places in zip(*spans, strict=True))
    column = {id: number for number, id in enumerate(categories)}
    people = np.zeros((len(row.rationales), len(spans), len(categories)), dtype=bool)
    for seen, given, marks in zip(people, row.annotations or (row.labels,), row.rationales, strict=True):
        for mark in marks:
            if mark.category in column:
                first, last = np.searchsorted(ends, mark.start, side="right"), np.searchsorted(starts, mark.end)
                seen[first:last, column[mark.category]] = True
        whole = [column[id] for id in given if id in column and not seen[:, column[id]].any()]
        seen[:, whole] = True
    shares: Floats = people.mean(axis=0)
    return shares


def sentences_of_rows(marked: Sentences | None, chosen: NDArray[np.intp]) -> Sentences | None:
    """Give the sentences of chosen rows, with the numbers that rows have among these."""
    if marked is None:
        return None
    at = np.searchsorted(chosen, np.asarray(marked.rows))
    kept = np.flatnonzero(np.append(chosen, -1)[at] == marked.rows)
    read = text_list(marked.texts)
    return Sentences([read[k] for k in kept.tolist()], np.asarray(marked.shares)[kept], at[kept].tolist())
