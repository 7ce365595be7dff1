"""Train a model on labeled rows, and evaluate it.

``python -m classifier.train`` and `make train` read data/clauses and data/policies and write models/default. The evaluation
is by folds of policies; the model itself then learns from all rows. The same data give the same bytes. Nothing is written
here.
"""

from __future__ import annotations

import warnings
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
from classifier.model.value_training import fit_values
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_controls
from classifier.text.sequences import Column, row_list
from classifier.types import Example

MAX_STEPS = N_FOLDS + 1
"""Largest number of times that `train` calls `on_progress`: once per fold, once for the final fit."""


def train(
    examples: Sequence[Example] | Column,
    taxonomy: Taxonomy,
    *,
    name: str = "default",
    classifier: ClauseClassifier | None = None,
    n_jobs: int | None = None,
    on_progress: Callable[[], object] = lambda: None,
    auxiliary: Sequence[Example] | Column = (),
) -> tuple[Model, Report, list[str]]:
    """Train a model on labeled rows and evaluate it by folds of them.

    Parameters
    ----------
    examples
        Labeled rows, best of many policies.
    taxonomy
        The categories; their order is that of the columns.
    name
        Name of the model in output.
    classifier
        The unfitted estimator; one with default settings if None.
    n_jobs
        Number of processes, as in joblib.
    on_progress
        Called at most `MAX_STEPS` times.
    auxiliary
        Rows from elsewhere, in the same categories, to learn from with a lower weight (`ClauseClassifier.also_weight`).

    Returns
    -------
    Model, Report, list of str
        The model, its evaluation, and remarks for people, such as a category with too few examples.

    Raises
    ------
    DataError
        If there is nothing to learn from, or the name is not allowed for a model.
    """
    if problem := description.wrong_name(name):
        raise DataError([problem])
    examples, auxiliary = row_list(examples, "example"), row_list(auxiliary, "example")
    require_labels(examples)
    with as_data_error():
        return _train(examples, taxonomy, name, classifier or ClauseClassifier(), n_jobs, on_progress, auxiliary)


def _train(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    name: str,
    classifier: ClauseClassifier,
    n_jobs: int | None,
    on_progress: Callable[[], object],
    auxiliary: Sequence[Example],
) -> tuple[Model, Report, list[str]]:
    plan = make_plan(examples, N_FOLDS, auxiliary)
    predictions = cross_val_predict(
        classifier, examples, taxonomy.ids, n_jobs=n_jobs, on_progress=on_progress, split=plan
    )
    report = build_report(predictions, examples, taxonomy.ids, plan.description)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", FewExamplesWarning)
        fitted = fit_on_all(classifier, examples, taxonomy.ids, plan)
    on_progress()
    remarks = [
        *plan.notes,
        *_not_learned_notes(fitted, taxonomy.ids, predictions.y_true.sum(axis=0).tolist()),
        *(str(warning.message) for warning in caught if not issubclass(warning.category, FewExamplesWarning)),
    ]
    model = replace(fitted.to_model(taxonomy, name), training=_training(examples, report, plan.auxiliary))
    return replace(model, values=fit_values(model, examples)), report, remarks


def _not_learned_notes(fitted: ClauseClassifier, categories: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Name the categories that the model never gives, with the reason; `counts` are their numbers of examples."""
    few = [f"{id} ({count})" for id, count in zip(categories, counts, strict=True) if count < fitted.min_examples]
    one_policy = [
        id
        for id, count, threshold in zip(categories, counts, fitted.thresholds_.tolist(), strict=True)
        if count >= fitted.min_examples and threshold >= UNREACHABLE
    ]
    notes = [f"too few examples to learn, never given: {', '.join(few)}"] if few else []
    return notes + ([f"examples of one policy only, never given: {', '.join(one_policy)}"] if one_policy else [])


def _training(examples: Sequence[Example], report: Report, auxiliary: Sequence[Example]) -> dict[str, Any]:
    """Describe the training data and the evaluation as plain data, for model.json."""
    also = {
        "rows": len(auxiliary),
        "policies": len({row.policy for row in auxiliary}),
        "data_sha256": data_digest(auxiliary),
    }
    return {
        **({"also": also} if auxiliary else {}),
        "rows": len(examples),
        "policies": len({example.policy for example in examples}),
        "words": sum(len(example.text.split()) for example in examples),
        "unlabelled": sum(not example.labels for example in examples),
        "data_sha256": data_digest(examples),
        "policy_marks": policy_marks([*examples, *auxiliary]),
        "figures": {**report.summary(), "notes": [_safe_note(note) for note in report.notes]},
    }


def _safe_note(note: str) -> str:
    """Return a note as model.json may hold it; names of policies in it may contain anything."""
    return escape_controls(note)[: description.MAX_STRING_CHARACTERS]
