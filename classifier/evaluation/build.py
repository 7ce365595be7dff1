"""Predictions become a Report: figures by category and averaged, each with the interval of a bootstrap over policies.

Averages are over categories that occur; presence alone is scored (the F1 of absence, averaged in by some published work, adds
ten points to any model). Unknown labels count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.datasets.rows import data_digest
from classifier.evaluation import metrics
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.metrics import Bin, Counts
from classifier.evaluation.report import Baseline, Estimate, Figures, Mistake, Point, Report
from classifier.model.arrays import Bools, Floats
from classifier.model.estimator import UNREACHABLE
from classifier.types import Example

MISTAKES = 60
AP_DRAWS = 200
"""Draws for the intervals of average precision, which cost more than those of counts."""


def build_report(
    predicted: Predictions,
    examples: Sequence[Example],
    categories: Sequence[str],
    how: str,
    *,
    notes: Iterable[str] = (),
    baselines: Mapping[str, tuple[str, Bools]] | None = None,
    curve: Iterable[Point] = (),
) -> Report:
    """Compare labels with predictions.

    Parameters
    ----------
    predicted
        Labels and predictions.
    examples
        The rows they are about; the bootstrap draws whole groups of near-duplicate policies.
    categories
        Names of the columns.
    how
        What was done, for people.
    notes
        What one should know, beside what the plan says itself.
    baselines
        By name what each is, and the labels that it gives.
    curve
        The learning curve, if there is one.
    """
    names, policy_of = np.unique([example.policy for example in examples], return_inverse=True)
    sample = _Sample.of(predicted, policy_of)
    by_policy = Counts.of(predicted.truth, predicted.hits, predicted.known, policy_of)
    policies = (by_policy.actual > 0).sum(axis=0)
    _, first = np.unique(sample.groups, return_index=True)
    scored = int(predicted.known.any(axis=1).sum())
    bins = metrics.reliability(predicted.truth[predicted.known], predicted.scores[predicted.known])
    areas = [sample.average_precision(j) for j in range(len(categories))]
    reliability = [metrics.reliability(*sample.column(j)[:2]) for j in range(len(categories))]
    return Report(
        how=how,
        data_sha256=data_digest(examples),
        rows=len(examples),
        policies=len(names),
        groups=sample.weights.shape[1],
        unlabelled=int((~predicted.truth.any(axis=1) & predicted.known.any(axis=1)).sum()),
        predicted_unlabelled=int((~(predicted.hits & predicted.known).any(axis=1) & predicted.known.any(axis=1)).sum()),
        cardinality=float(predicted.truth.sum() / max(1, scored)),
        predicted_cardinality=float((predicted.hits & predicted.known).sum() / max(1, scored)),
        n_folds=predicted.plan.n_folds,
        by_policy=predicted.plan.by_policy,
        figures=tuple(
            _figures(sample, j, id, int(policies[j]), areas[j], reliability[j]) for j, id in enumerate(categories)
        ),
        averages=_averages(sample, areas),
        calibration_error=metrics.calibration_error(bins),
        notes=(*predicted.plan.notes, *notes, *_missing(predicted, categories)),
        reliability={"": tuple(bins), **{id: tuple(reliability[j]) for j, id in enumerate(categories)}},
        curves={id: tuple(metrics.precision_recall_curve(*sample.column(j)[:2])) for j, id in enumerate(categories)},
        confusion=tuple(map(tuple, metrics.confusion(predicted.truth, predicted.hits, predicted.known).tolist())),
        baselines=tuple(
            baseline(
                name,
                about,
                Counts.of(predicted.truth, hits, predicted.known, sample.groups),
                sample.weights,
                categories,
            )
            for name, (about, hits) in (baselines or {}).items()
        ),
        mistakes=tuple(_mistakes(predicted, examples, categories)),
        learning_curve=tuple(curve),
        counts={
            examples[row].policy: tuple(tuple(int(n) for n in part[k]) for part in sample.counts)
            for k, row in enumerate(first.tolist())
        },
    )


def with_presence_absence(report: Report) -> Report:
    """Add the average over presence and absence that some published figures are, with a warning."""
    total = Counts(*np.array([list(part) for part in report.counts.values()], dtype=float).sum(axis=0))
    value = metrics.presence_absence_f1(total, np.array([row.known for row in report.figures], dtype=float))
    note = (
        "presence/absence F1 averages in the F1 of absence, which is easy: it lies some ten points above F1 and must not be "
        "compared with it"
    )
    averages = {**report.averages, "presence_absence_f1": Estimate(float(value))}
    return replace(report, averages=averages, notes=(*report.notes, note))


@dataclass(frozen=True, slots=True)
class _Sample:
    """Predictions with the draws of a bootstrap over their groups: counts of each group, of all rows, and of each draw."""

    predicted: Predictions
    groups: NDArray[np.intp]
    weights: Floats
    counts: Counts
    total: Counts
    drawn: Counts

    @classmethod
    def of(cls, predicted: Predictions, policy_of: NDArray[np.intp]) -> _Sample:
        groups = predicted.plan.groups if predicted.plan.groups is not None else policy_of
        counts = Counts.of(predicted.truth, predicted.hits, predicted.known, groups)
        # draws of a single policy that can be scored would always be itself, so there are none
        scored = len(np.unique(groups[predicted.known.any(axis=1)]))
        weights = metrics.draws(len(counts.actual))[: None if scored > 1 else 0]
        return cls(predicted, groups, weights, counts, counts.total(), counts.weighted(weights))

    def column(self, j: int) -> tuple[Bools, Floats, NDArray[np.intp]]:
        """Labels, scores and groups of the rows in which a category is known."""
        known = self.predicted.known[:, j]
        return self.predicted.truth[known, j], self.predicted.scores[known, j], self.groups[known]

    def average_precision(self, j: int) -> tuple[float, Floats]:
        truth, scores, groups = self.column(j)
        drawn = metrics.average_precision_draws(truth, scores, groups, self.weights[:AP_DRAWS])
        return metrics.average_precision(truth, scores), drawn


def baseline(name: str, about: str, counts: Counts, weights: Floats, categories: Sequence[str]) -> Baseline:
    """Give what others reach, from their counts by group and the draws of the groups."""
    total, drawn = counts.total(), counts.weighted(weights)
    return Baseline(
        name,
        about,
        _estimate(total.pooled().f1, drawn.pooled().f1),
        _estimate(metrics.macro(total.f1), metrics.macro(drawn.f1)),
        dict(zip(categories, total.f1.tolist(), strict=True)),
    )


def _estimate(value: Any, drawn: Floats) -> Estimate:
    return Estimate(float(value), *metrics.interval(drawn))


def _figures(
    sample: _Sample, j: int, id: str, policies: int, area: tuple[float, Floats], bins: Sequence[Bin]
) -> Figures:
    total, drawn = sample.total, sample.drawn
    return Figures(
        category=id,
        support=int(total.actual[j]),
        predicted=int(total.predicted[j]),
        known=int(sample.predicted.known[:, j].sum()),
        policies=policies,
        precision=_estimate(total.precision[j], drawn.precision[:, j]),
        recall=_estimate(total.recall[j], drawn.recall[:, j]),
        f1=_estimate(total.f1[j], drawn.f1[:, j]),
        average_precision=_estimate(*area),
        calibration_error=metrics.calibration_error(bins),
        thresholds=tuple(float(value) for value in sample.predicted.thresholds[:, j]),
    )


def _averages(sample: _Sample, areas: Sequence[tuple[float, Floats]]) -> dict[str, Estimate]:
    predicted, total, drawn = sample.predicted, sample.total, sample.drawn
    result = {}
    for figure in ("precision", "recall", "f1"):
        result[f"micro_{figure}"] = _estimate(getattr(total.pooled(), figure), getattr(drawn.pooled(), figure))
        result[f"macro_{figure}"] = _estimate(
            metrics.macro(np.where(total.actual > 0, getattr(total, figure), np.nan)),
            metrics.macro(np.where(drawn.actual > 0, getattr(drawn, figure), np.nan)),
        )
    result["macro_average_precision"] = _estimate(
        metrics.macro(np.array([value for value, _ in areas])), metrics.macro(np.array([d for _, d in areas]).T)
    )
    per_row = {
        "samples_f1": metrics.samples_f1(predicted.truth, predicted.hits, predicted.known),
        "subset_accuracy": ((predicted.truth == predicted.hits) | ~predicted.known).all(axis=1),
    }
    scored = predicted.known.any(axis=1)
    rows = np.bincount(sample.groups, weights=scored.astype(float), minlength=sample.weights.shape[1])
    for name, values in per_row.items():
        sums = np.bincount(sample.groups, weights=(values * scored).astype(float), minlength=len(rows))
        result[name] = _estimate(
            metrics.ratio(sums.sum(), rows.sum()), metrics.ratio(sample.weights @ sums, sample.weights @ rows)
        )
    return result


def _missing(predicted: Predictions, categories: Sequence[str]) -> list[str]:
    """Say which categories cannot be scored, or not in every row or fold."""
    notes: dict[str, list[str]] = {}
    for j, id in enumerate(categories):
        known, truth = predicted.known[:, j], predicted.truth[:, j]
        if not known.any():
            notes.setdefault("nobody annotated {}: not scored", []).append(id)
        elif not known.all():
            notes.setdefault(f"{{}}: known in {known.sum()} of {len(known)} rows, scored there alone", []).append(id)
        if known.any() and not truth.any():
            text = "no row has {}: not in the macro average, but given wrongly it counts in the micro average"
            notes.setdefault(text, []).append(id)
        if truth.any():
            parts = range(predicted.plan.n_folds)
            empty = [part for part in parts if not truth[predicted.parts == part].any()]
            few = [part for part, cut in enumerate(predicted.thresholds[:, j]) if cut >= UNREACHABLE]
            if empty:
                notes.setdefault(f"no row of {_parts(empty)} has {{}}", []).append(id)
            if few:
                where = f"{_parts(few)}: " if parts else ""
                text = (
                    f"{where}too few examples (or of one policy only, or in every row) to learn {{}}, never given there"
                )
                notes.setdefault(text, []).append(id)
    return [text.format(", ".join(ids)) for text, ids in notes.items()]


def _parts(parts: Sequence[int]) -> str:
    return f"fold{'s' if len(parts) > 1 else ''} {', '.join(str(part + 1) for part in parts)}"


def _mistakes(predicted: Predictions, examples: Sequence[Example], categories: Sequence[str]) -> list[Mistake]:
    """List the mistakes the model was surest of."""
    rows, columns = np.nonzero((predicted.truth != predicted.hits) & predicted.known)
    sure = np.abs(predicted.scores[rows, columns] - predicted.truth[rows, columns])
    return [
        Mistake(
            id=examples[row].id,
            policy=examples[row].policy,
            category=categories[column],
            given=bool(predicted.truth[row, column]),
            score=float(predicted.scores[row, column]),
            labels=examples[row].labels,
            predicted=tuple(id for j, id in enumerate(categories) if predicted.hits[row, j]),
            text=examples[row].text,
        )
        for row, column in ((rows[k], columns[k]) for k in np.argsort(-sure, kind="stable")[:MISTAKES])
    ]
