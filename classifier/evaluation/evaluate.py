"""Evaluate on labeled rows: by folds of the rows, by a finished model, or by a published protocol.

This is what `clauses evaluate` calls. Each report also has baselines: simpler methods and, where several people labeled the
rows, one person against another.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from classifier.datasets.opp115 import Gold
from classifier.datasets.rows import policy_mark
from classifier.errors import DataError, as_data_error
from classifier.evaluation import baselines, metrics, protocols
from classifier.evaluation.build import build_report
from classifier.evaluation.cross_validation import (
    Predictions,
    cross_val_predict,
    predict_held_out,
    predict_with_model,
    sample_groups,
)
from classifier.evaluation.metrics import Counts
from classifier.evaluation.plan import N_FOLDS, make_plan, require_labels
from classifier.evaluation.report import Point, Report
from classifier.model.estimator import ClauseClassifier
from classifier.model.model import Model
from classifier.taxonomy import Taxonomy
from classifier.types import Example

CURVE_SHARES = (0.125, 0.25, 0.5)
"""Shares of the training policies at which the learning curve is computed; its last point is the evaluation itself."""
MAX_SHOWN_POLICIES = 5
"""Policies that a note lists by name."""


def max_steps(n_folds: int, curve: bool) -> int:
    """Return the largest number of times that `cross_validate` calls `on_progress`.

    >>> max_steps(5, curve=True)
    20
    """
    return n_folds * (1 + len(CURVE_SHARES) * curve)


def cross_validate(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    n_folds: int = N_FOLDS,
    curve: bool = False,
    model: ClauseClassifier | None = None,
    n_jobs: int | None = None,
    on_progress: Callable[[], object] = lambda: None,
    description: str = "",
    auxiliary: Sequence[Example] = (),
) -> Report:
    """Score each fold by a model that learned from the policies of the other folds.

    Parameters
    ----------
    examples
        Labeled rows.
    taxonomy
        Their categories.
    n_folds
        Number of folds; fewer where there are fewer policies.
    curve
        Whether to repeat this with fewer policies to learn from, for a learning curve.
    model
        The unfitted estimator; one with default settings if None.
    n_jobs
        Number of processes, as in joblib.
    on_progress
        Called after each fold, at most ``max_steps(n_folds, curve)`` times.
    description
        Put before the description of the folds in the report.
    auxiliary
        Rows from elsewhere, in the same categories, to learn from in every fold.

    Raises
    ------
    DataError
        If there is nothing to learn from.
    """
    model = model or ClauseClassifier()
    require_labels(examples)
    with as_data_error():
        plan = make_plan(examples, n_folds, auxiliary)
        predictions = cross_val_predict(
            model, examples, taxonomy.ids, n_folds=n_folds, n_jobs=n_jobs, on_progress=on_progress, split=plan
        )
        points = _learning_curve(model, examples, taxonomy.ids, predictions, n_jobs, on_progress) if curve else []
    return _report(predictions, examples, taxonomy, _join(description, plan.description), points=points)


def evaluate_model(model: Model, examples: Sequence[Example], taxonomy: Taxonomy) -> Report:
    """Score rows by a finished model, in the categories that both have.

    Parameters
    ----------
    model
        The model; a note warns if it has learned from policies among the rows.
    examples
        Labeled rows.
    taxonomy
        Their categories.

    Raises
    ------
    DataError
        If the model has none of the categories.
    """
    common = [id for id in taxonomy.ids if id in model.taxonomy.ids]
    if not common:
        raise DataError(
            [
                f"the model {model.name!r} has none of the rows' categories: it has {', '.join(model.taxonomy.ids)}; the "
                f"rows' taxonomy has {', '.join(taxonomy.ids)}"
            ]
        )
    reduced = Taxonomy(tuple(entry for entry in taxonomy if entry.id in common))
    return _report(
        predict_with_model(model, examples, common),
        examples,
        reduced,
        f"model {model.name} {model.checksum[:12]}",
        notes=[*_unknown_category_notes(taxonomy, common), *seen_policy_notes(model, examples)],
    )


def _unknown_category_notes(taxonomy: Taxonomy, common: Sequence[str]) -> list[str]:
    unknown = [id for id in taxonomy.ids if id not in common]
    if not unknown:
        return []
    return [
        f"{len(common)} of {len(taxonomy)} categories are scored, since the model does not know {', '.join(unknown)}; "
        "samples F1, subset accuracy and labels per row are about these alone"
    ]


def seen_policy_notes(model: Model, examples: Sequence[Example]) -> list[str]:
    """Return a sentence if a model has learned from policies of these rows, else nothing."""
    marks = set(model.training.get("policy_marks", ()))
    seen = sorted({row.policy for row in examples if policy_mark(row.text) in marks})
    if not seen:
        return []
    shown = ", ".join(seen[:MAX_SHOWN_POLICIES]) + (" ..." if len(seen) > MAX_SHOWN_POLICIES else "")
    return [
        f"the model has learned from {len(seen)} of these policies ({shown}): its figures show how well it remembers, "
        "not how good it is"
    ]


def evaluate_protocol(
    name: str,
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    gold: Gold | None = None,
    curve: bool = False,
    model: ClauseClassifier | None = None,
    n_jobs: int | None = None,
    on_progress: Callable[[], object] = lambda: None,
    description: str = "",
    auxiliary: Sequence[Example] = (),
) -> Report:
    """Score rows of OPP-115 as published work does.

    Parameters
    ----------
    name, examples, taxonomy, gold
        As in `classifier.evaluation.protocols.make_task`.
    curve, model, n_jobs, on_progress, description, auxiliary
        As in `cross_validate`.

    Raises
    ------
    DataError
        If rows lack the annotators' labels, or policies are missing.
    ValueError
        If the protocol does not allow this gold.
    """
    task = protocols.make_task(name, examples, taxonomy, gold)
    if not task.train_rows:
        return cross_validate(
            task.test_rows,
            taxonomy,
            curve=curve,
            model=model,
            n_jobs=n_jobs,
            on_progress=on_progress,
            description=_join(task.description, description),
            auxiliary=auxiliary,
        )
    require_labels(task.train_rows)
    with as_data_error():
        predictions = predict_held_out(
            model or ClauseClassifier(), task.train_rows, task.test_rows, taxonomy.ids, auxiliary
        )
    joined = _join(task.description, description, predictions.plan.extras)
    return _report(predictions, task.test_rows, taxonomy, joined, notes=task.notes)


def _join(*descriptions: str) -> str:
    return ", ".join(filter(None, descriptions))


def _report(
    predictions: Predictions,
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    description: str,
    *,
    notes: Sequence[str] = (),
    points: Sequence[Point] = (),
) -> Report:
    """Build a report with all baselines that apply."""
    labeled = {}
    if predictions.plan.n_folds:
        about = "the most frequent category of the other folds, for every row"
        labeled["majority"] = (about, baselines.majority(predictions))
    if any(entry.keywords for entry in taxonomy):
        y_pred = baselines.keywords(examples, taxonomy, taxonomy.ids)
        labeled["keywords"] = ("a category is given where one of its keywords in the taxonomy occurs", y_pred)
    policy_ids = np.unique([row.policy for row in examples], return_inverse=True)[1]
    groups = predictions.plan.groups if predictions.plan.groups is not None else policy_ids
    people = baselines.annotators(examples, taxonomy.ids, groups)
    report = build_report(
        predictions, examples, taxonomy.ids, description, notes=notes, baselines=labeled, curve=points
    )
    return report if people is None else replace(report, baselines=(*report.baselines, people))


def _learning_curve(
    model: ClauseClassifier,
    examples: Sequence[Example],
    categories: Sequence[str],
    predictions: Predictions,
    n_jobs: int | None,
    on_progress: Callable[[], object],
) -> list[Point]:
    """Repeat an evaluation with fewer policies to learn from; `predictions` are its last point."""
    groups = predictions.plan.groups
    if groups is None:  # a single policy cannot be reduced
        return []
    policies = np.array([example.policy for example in examples])

    def point(share: float, result: Predictions) -> Point:
        # The policies that the model of the first fold learned from are representative of all folds.
        train = np.flatnonzero(result.fold_ids != 0)
        used = train[sample_groups(groups[train], share, model.random_state)] if share < 1 else train
        one_group = np.zeros(len(examples), dtype=np.intp)
        counts = Counts.of(result.y_true, result.y_pred, result.mask, one_group)
        n_policies = len(set(policies[used].tolist()))
        return Point(n_policies, float(counts.pooled().f1[0]), float(metrics.macro(counts.f1)[0]))

    points = []
    for share in CURVE_SHARES:
        with contextlib.suppress(ValueError):  # so few policies may leave nothing to learn from
            result = cross_val_predict(
                model,
                examples,
                categories,
                n_jobs=n_jobs,
                on_progress=on_progress,
                share=share,
                split=predictions.plan,
            )
            points.append(point(share, result))
    points.append(point(1.0, predictions))
    # With few policies several shares select the same ones; the last point of each number of policies counts.
    return list({point.policies: point for point in points}.values())
