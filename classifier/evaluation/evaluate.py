"""Labelled rows become a Report: by folds of themselves, by a model that exists, or by a protocol of the literature.

This is what `clauses evaluate` calls. Beside the model's figures stand those of simpler things and of people.
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

CURVE = (0.125, 0.25, 0.5)
"""Shares of the policies from which the learning curve is drawn; its last point is the evaluation itself."""


def steps(n_folds: int, curve: bool) -> int:
    """Give how often `cross_validate` calls `tick` at most."""
    return n_folds * (1 + len(CURVE) * curve)


def cross_validate(
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    n_folds: int = N_FOLDS,
    curve: bool = False,
    model: ClauseClassifier | None = None,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
    how: str = "",
    also: Sequence[Example] = (),
) -> Report:
    """Learn from all policies but a fold's, score the fold, and so on for each fold.

    Parameters
    ----------
    examples
        Labelled rows.
    taxonomy
        Their categories.
    n_folds
        Number of folds; fewer where there are fewer policies.
    curve
        Whether to repeat it with fewer policies to learn from.
    model
        The unfitted estimator; one with its own settings if None.
    n_jobs
        Number of processes, as in joblib.
    tick
        Called at most ``steps(n_folds, curve)`` times, to show progress.
    how
        What to call it beside the folds.
    also
        Rows from elsewhere, in the same categories, to learn from in every fold.

    Raises
    ------
    DataError
        If there is nothing to learn from.
    """
    model = model or ClauseClassifier()
    require_labels(examples)
    with as_data_error():
        plan = make_plan(examples, n_folds, also)
        predicted = cross_val_predict(
            model, examples, taxonomy.ids, n_folds=n_folds, n_jobs=n_jobs, tick=tick, split=plan
        )
        points = _learning_curve(model, examples, taxonomy.ids, predicted, n_jobs, tick) if curve else []
    return _report(
        predicted,
        examples,
        taxonomy,
        _joined(how, predicted.plan.how),
        points=points,
    )


def evaluate_model(model: Model, examples: Sequence[Example], taxonomy: Taxonomy) -> Report:
    """Score rows by a model that exists, in the categories that both know.

    Raises
    ------
    DataError
        If the model knows none of the categories.
    """
    common = [id for id in taxonomy.ids if id in model.taxonomy.ids]
    if not common:
        raise DataError(
            [
                f"the model {model.name!r} knows none of the rows' categories: it has {', '.join(model.taxonomy.ids)}; the "
                f"rows' taxonomy has {', '.join(taxonomy.ids)}"
            ]
        )
    notes = []
    if left := [id for id in taxonomy.ids if id not in common]:
        notes.append(
            f"{len(common)} of {len(taxonomy)} categories are scored, since the model does not know {', '.join(left)}; "
            "samples F1, subset accuracy and labels a row are about these alone"
        )
    marks = set(model.training.get("policy_marks", ()))
    if known := sorted({row.policy for row in examples if policy_mark(row.text) in marks}):
        shown = ", ".join(known[:5]) + (" ..." if len(known) > 5 else "")
        notes.append(
            f"the model has learned from {len(known)} of these policies ({shown}): its figures tell how well it remembers, "
            "not how good it is"
        )
    reduced = Taxonomy(tuple(entry for entry in taxonomy if entry.id in common))
    return _report(
        predict_with_model(model, examples, common),
        examples,
        reduced,
        f"model {model.name} {model.checksum[:12]}",
        notes=notes,
    )


def evaluate_protocol(
    name: str,
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    gold: Gold | None = None,
    curve: bool = False,
    model: ClauseClassifier | None = None,
    n_jobs: int | None = None,
    tick: Callable[[], object] = lambda: None,
    how: str = "",
    also: Sequence[Example] = (),
) -> Report:
    """Score rows of OPP-115 as the literature does; see `classifier.evaluation.protocols`.

    Raises
    ------
    DataError
        If rows do not tell what annotators gave, or policies are missing.
    ValueError
        If the protocol does not allow this gold.
    """
    task = protocols.task(name, examples, taxonomy, gold)
    if not task.learned:
        return cross_validate(
            task.scored,
            taxonomy,
            curve=curve,
            model=model,
            n_jobs=n_jobs,
            tick=tick,
            how=_joined(task.how, how),
            also=also,
        )
    require_labels(task.learned)
    with as_data_error():
        predicted = predict_held_out(model or ClauseClassifier(), task.learned, task.scored, taxonomy.ids, also)
    return _report(predicted, task.scored, taxonomy, _joined(task.how, how, predicted.plan.learning), notes=task.notes)


def _joined(*hows: str) -> str:
    return ", ".join(filter(None, hows))


def _report(
    predicted: Predictions,
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    how: str,
    *,
    notes: Sequence[str] = (),
    points: Sequence[Point] = (),
) -> Report:
    beside = {}
    if predicted.plan.n_folds:
        about = "the most frequent category of the other folds, for every row"
        beside["majority"] = (about, baselines.majority(predicted))
    if any(entry.keywords for entry in taxonomy):
        hits = baselines.keywords(examples, taxonomy, taxonomy.ids)
        beside["keywords"] = ("a category is given where one of its keywords in the taxonomy stands", hits)
    policies = np.unique([row.policy for row in examples], return_inverse=True)[1]
    groups = predicted.plan.groups if predicted.plan.groups is not None else policies
    people = baselines.annotators(examples, taxonomy.ids, groups)
    report = build_report(
        predicted,
        examples,
        taxonomy.ids,
        how,
        notes=notes,
        baselines=beside,
        curve=points,
    )
    return report if people is None else replace(report, baselines=(*report.baselines, people))


def _learning_curve(
    model: ClauseClassifier,
    examples: Sequence[Example],
    categories: Sequence[str],
    predicted: Predictions,
    n_jobs: int | None,
    tick: Callable[[], object],
) -> list[Point]:
    """Repeat an evaluation with fewer policies to learn from; `predicted` is its last point."""
    groups = predicted.plan.groups
    if groups is None:  # of one policy there are no fewer
        return []
    policies = np.array([example.policy for example in examples])

    def point(share: float, result: Predictions) -> Point:
        train = np.flatnonzero(result.parts != 0)
        used = train[sample_groups(groups[train], share, model.random_state)] if share < 1 else train
        together = np.zeros(len(examples), dtype=np.intp)
        counts = Counts.of(result.truth, result.hits, result.known, together)
        number = len(set(policies[used].tolist()))
        return Point(number, float(counts.pooled().f1[0]), float(metrics.macro(counts.f1)[0]))

    points = []
    for share in CURVE:
        with contextlib.suppress(ValueError):  # with so few policies there may be nothing to learn from
            result = cross_val_predict(
                model, examples, categories, n_jobs=n_jobs, tick=tick, share=share, split=predicted.plan
            )
            points.append(point(share, result))
    points.append(point(1.0, predicted))
    # of few policies several shares are the same ones; with all of them it is the evaluation itself
    return list({point.policies: point for point in points}.values())
