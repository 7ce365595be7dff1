"""Labelled rows become a model folder, its figures and its card.

``python -m classifier.train`` and `make train` read data/clauses/*.jsonl and write models/default. The figures come from
folds by policy; the model itself then learns from all rows. Same data, same bytes.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from classifier.datasets.rows import data_digest, policy_marks
from classifier.errors import DataError, as_data_error
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import cross_val_predict, fit_on_all
from classifier.evaluation.plan import N_FOLDS, make_plan, require_labels
from classifier.evaluation.report import Report
from classifier.model import description
from classifier.model.estimator import UNREACHABLE, ClauseClassifier, FewExamplesWarning
from classifier.model.model import Model
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_controls
from classifier.text.sequences import Column, row_list
from classifier.types import Example

STEPS = N_FOLDS + 1
"""How often `train` calls `tick` at most: once a fold, once for the final fit."""


def train(
    examples: Sequence[Example] | Column,
    taxonomy: Taxonomy,
    *,
    name: str = "default",
    classifier: ClauseClassifier | None = None,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
    also: Sequence[Example] | Column = (),
) -> tuple[Model, Report, list[str]]:
    """Learn a model from labelled rows and measure how well that works.

    Parameters
    ----------
    examples
        Labelled rows, best of many policies.
    taxonomy
        The categories; their order is that of the columns.
    name
        What the model calls itself in output.
    classifier
        The unfitted estimator; one with its own settings if None.
    n_jobs
        Number of processes, as in joblib.
    tick
        Called at most `STEPS` times, to show progress.
    also
        Rows from elsewhere, in the same categories, to learn from too, each for less (`ClauseClassifier.also_weight`).

    Returns
    -------
    Model, Report, list of str
        The model, its figures, and what a person should know, such as a category with too few examples.

    Raises
    ------
    DataError
        If there is nothing to learn from, or the name cannot be that of a model.
    """
    if sentence := description.wrong_name(name):
        raise DataError([sentence])
    examples, also = row_list(examples, "example"), row_list(also, "example")
    require_labels(examples)
    with as_data_error():
        return _train(examples, taxonomy, name, classifier or ClauseClassifier(), n_jobs, tick, also)


def _train(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    name: str,
    classifier: ClauseClassifier,
    n_jobs: int | None,
    tick: Callable[[], object],
    also: Sequence[Example],
) -> tuple[Model, Report, list[str]]:
    plan = make_plan(examples, N_FOLDS, also)
    predicted = cross_val_predict(classifier, examples, taxonomy.ids, n_jobs=n_jobs, tick=tick, split=plan)
    report = build_report(predicted, examples, taxonomy.ids, predicted.plan.how)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FewExamplesWarning)
        classifier = fit_on_all(classifier, examples, taxonomy.ids, predicted.plan)
    notes = list(predicted.plan.notes)
    counts = dict(zip(taxonomy.ids, predicted.truth.sum(axis=0).tolist(), strict=True))
    few = [f"{id} ({count})" for id, count in counts.items() if count < classifier.min_examples]
    if few:
        notes.append(f"too few examples to learn, never given: {', '.join(few)}")
    never = dict(zip(taxonomy.ids, classifier.thresholds_ >= UNREACHABLE, strict=True))
    alone = [id for id, count in counts.items() if never[id] and count >= classifier.min_examples]
    if alone:
        notes.append(f"examples of one policy only, never given: {', '.join(alone)}")
    notes.extend(str(warning.message) for warning in caught if not issubclass(warning.category, FewExamplesWarning))
    tick()
    training = _training(examples, report, predicted.plan.also)
    return replace(classifier.to_model(taxonomy, name), training=training), report, notes


def _training(examples: Sequence[Example], report: Report, also: Sequence[Example]) -> dict[str, Any]:
    """Say what a model was trained on, and how well that went, as plain data."""
    rows = Counter(example.policy for example in examples)
    beside = {
        "rows": len(also),
        "policies": len({row.policy for row in also}),
        "data_sha256": data_digest(also),
    }
    return {
        **({"also": beside} if also else {}),
        "rows": len(examples),
        "policies": len(rows),
        "words": sum(len(example.text.split()) for example in examples),
        "unlabelled": sum(not example.labels for example in examples),
        "data_sha256": data_digest(examples),
        "policy_marks": policy_marks([*examples, *also]),
        "figures": {**report.summary(), "notes": [_note(note) for note in report.notes]},
    }


def _note(note: str) -> str:
    """Return a note as a model may hold it: names of policies in it may be anything."""
    return escape_controls(note)[: description.MAX_STRING_CHARACTERS]
