"""Turn predictions into a Report: metrics per category and averaged, with intervals of a bootstrap over policies.

Averages are over categories that occur. Only presence is scored: averaging in the F1 of absence, as some published work does,
adds ten points to any model. Unknown labels count nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.datasets.rows import data_digest
from classifier.evaluation import metrics
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.metrics import Bin, Counts
from classifier.evaluation.report import Baseline, CategoryMetrics, Estimate, Mistake, Point, Report
from classifier.model.arrays import Bools, Floats
from classifier.model.estimator import UNREACHABLE
from classifier.types import Example

MAX_MISTAKES = 60
"""Mistakes that a report lists."""
N_AP_BOOTSTRAPS = 200
"""Bootstrap draws for average precision, which takes longer to compute than counts do."""


def build_report(
    predictions: Predictions,
    examples: Sequence[Example],
    categories: Sequence[str],
    description: str,
    *,
    notes: Iterable[str] = (),
    baselines: Mapping[str, tuple[str, Bools]] | None = None,
    curve: Iterable[Point] = (),
) -> Report:
    """Compare labels with predictions.

    Parameters
    ----------
    predictions
        Labels and predictions.
    examples
        The rows they belong to; the bootstrap draws whole groups of near-duplicate policies.
    categories
        Names of the columns.
    description
        The evaluation in a few words, for people: "5 folds by policy".
    notes
        Caveats for the reader, in addition to those of the plan.
    baselines
        By name: an explanation, and predicted labels of shape (n_rows, n_categories).
    curve
        The learning curve, if there is one.
    """
    sample = _Sample.of(predictions, examples)
    areas = [sample.average_precision(j) for j in range(len(categories))]
    bins = [metrics.reliability(*sample.column(j)[:2]) for j in range(len(categories))]
    all_bins = metrics.reliability(predictions.y_true[predictions.mask], predictions.scores[predictions.mask])
    return Report(
        description=description,
        data_sha256=data_digest(examples),
        policies=len(sample.policies),
        groups=sample.weights.shape[1],
        **_row_counts(predictions),
        n_folds=predictions.plan.n_folds,
        by_policy=predictions.plan.by_policy,
        per_category=tuple(_category_metrics(sample, j, id, areas[j], bins[j]) for j, id in enumerate(categories)),
        averages={**_label_averages(sample, areas), **_row_averages(sample)},
        calibration_error=metrics.calibration_error(all_bins),
        notes=(*predictions.plan.notes, *notes, *_coverage_notes(predictions, categories)),
        reliability={"": tuple(all_bins), **{id: tuple(bins[j]) for j, id in enumerate(categories)}},
        curves={id: tuple(metrics.precision_recall_curve(*sample.column(j)[:2])) for j, id in enumerate(categories)},
        confusion=tuple(
            map(tuple, metrics.confusion(predictions.y_true, predictions.y_pred, predictions.mask).tolist())
        ),
        baselines=tuple(_baselines(sample, baselines or {}, categories)),
        mistakes=tuple(_mistakes(predictions, examples, categories)),
        learning_curve=tuple(curve),
        counts=_counts_by_policy(sample, examples),
    )


def with_presence_absence(report: Report) -> Report:
    """Add the average over presence and absence that some work publishes, with a warning."""
    total = Counts(*np.array([list(part) for part in report.counts.values()], dtype=float).sum(axis=0))
    known = np.array([row.known for row in report.per_category], dtype=float)
    value = metrics.presence_absence_f1(total, known)
    note = (
        "presence/absence F1 averages in the F1 of absence, which is easy: it is some ten points above F1 and must not be "
        "compared with it"
    )
    averages = {**report.averages, "presence_absence_f1": Estimate(float(value))}
    return replace(report, averages=averages, notes=(*report.notes, note))


def make_baseline(name: str, about: str, counts: Counts, weights: Floats, categories: Sequence[str]) -> Baseline:
    """Compute the F1 of a baseline.

    Parameters
    ----------
    name, about
        Name and explanation in reports.
    counts
        By group of rows; arrays of shape (n_groups, n_categories).
    weights
        How often each bootstrap draw has each group, of shape (n_draws, n_groups).
    categories
        Names of the columns.
    """
    total, drawn = counts.total(), counts.weighted(weights)
    return Baseline(
        name,
        about,
        _estimate(total.pooled().f1, drawn.pooled().f1),
        _estimate(metrics.macro(total.f1), metrics.macro(drawn.f1)),
        dict(zip(categories, total.f1.tolist(), strict=True)),
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    """Predictions with a bootstrap over their groups.

    Attributes
    ----------
    policies, policy_ids
        Names of the policies, sorted, and for each row the number of its policy.
    groups
        For each row the number of its group of near-duplicate policies, of shape (n_rows,).
    weights
        How often each draw has each group, of shape (n_draws, n_groups).
    counts, total, drawn
        Counts of each group, of all rows, and of each draw.
    """

    predictions: Predictions
    policies: tuple[str, ...]
    policy_ids: NDArray[np.intp]
    groups: NDArray[np.intp]
    weights: Floats
    counts: Counts
    total: Counts
    drawn: Counts

    @classmethod
    def of(cls, predictions: Predictions, examples: Sequence[Example]) -> _Sample:
        names, policy_ids = np.unique([example.policy for example in examples], return_inverse=True)
        groups = predictions.plan.groups if predictions.plan.groups is not None else policy_ids
        counts = Counts.of(predictions.y_true, predictions.y_pred, predictions.mask, groups)
        # If a single group can be scored, each draw of it would be the group itself, so there are no draws.
        n_scored_groups = len(np.unique(groups[predictions.mask.any(axis=1)]))
        weights = metrics.draws(len(counts.actual))[: None if n_scored_groups > 1 else 0]
        return cls(
            predictions,
            tuple(names.tolist()),
            policy_ids,
            groups,
            weights,
            counts,
            counts.total(),
            counts.weighted(weights),
        )

    def column(self, j: int) -> tuple[Bools, Floats, NDArray[np.intp]]:
        """Return labels, scores and groups of the rows in which a category is known."""
        known = self.predictions.mask[:, j]
        return self.predictions.y_true[known, j], self.predictions.scores[known, j], self.groups[known]

    def average_precision(self, j: int) -> tuple[float, Floats]:
        """Return the average precision of a category over all rows, and of each of the first draws."""
        y_true, scores, groups = self.column(j)
        drawn = metrics.average_precision_draws(y_true, scores, groups, self.weights[:N_AP_BOOTSTRAPS])
        return metrics.average_precision(y_true, scores), drawn

    def policies_with(self, j: int) -> int:
        """Count the policies in which a category is a label."""
        labeled = self.predictions.y_true[:, j] & self.predictions.mask[:, j]
        return len(np.unique(self.policy_ids[labeled]))


def _estimate(value: Any, drawn: Floats) -> Estimate:
    return Estimate(float(value), *metrics.interval(drawn))


def _row_counts(predictions: Predictions) -> dict[str, Any]:
    """Count rows, and labels per row: actual and predicted, over the rows in which anything is known."""
    y_pred = predictions.y_pred & predictions.mask
    is_scored = predictions.mask.any(axis=1)
    n_scored = max(1, int(is_scored.sum()))
    return {
        "rows": len(predictions.y_true),
        "unlabelled": int((~predictions.y_true.any(axis=1) & is_scored).sum()),
        "predicted_unlabelled": int((~y_pred.any(axis=1) & is_scored).sum()),
        "cardinality": float(predictions.y_true.sum() / n_scored),
        "predicted_cardinality": float(y_pred.sum() / n_scored),
    }


def _category_metrics(
    sample: _Sample, j: int, id: str, area: tuple[float, Floats], bins: Sequence[Bin]
) -> CategoryMetrics:
    total, drawn = sample.total, sample.drawn
    return CategoryMetrics(
        category=id,
        support=int(total.actual[j]),
        predicted=int(total.predicted[j]),
        known=int(sample.predictions.mask[:, j].sum()),
        policies=sample.policies_with(j),
        precision=_estimate(total.precision[j], drawn.precision[:, j]),
        recall=_estimate(total.recall[j], drawn.recall[:, j]),
        f1=_estimate(total.f1[j], drawn.f1[:, j]),
        average_precision=_estimate(*area),
        calibration_error=metrics.calibration_error(bins),
        thresholds=tuple(float(value) for value in sample.predictions.thresholds[:, j]),
    )


def _label_averages(sample: _Sample, areas: Sequence[tuple[float, Floats]]) -> dict[str, Estimate]:
    """Compute micro and macro averages, each over all rows and over each draw."""
    total, drawn = sample.total, sample.drawn
    averages = {}
    for name in ("precision", "recall", "f1"):
        averages[f"micro_{name}"] = _estimate(getattr(total.pooled(), name), getattr(drawn.pooled(), name))
        averages[f"macro_{name}"] = _estimate(
            metrics.macro(np.where(total.actual > 0, getattr(total, name), np.nan)),
            metrics.macro(np.where(drawn.actual > 0, getattr(drawn, name), np.nan)),
        )
    averages["macro_average_precision"] = _estimate(
        metrics.macro(np.array([value for value, _ in areas])), metrics.macro(np.array([draws for _, draws in areas]).T)
    )
    return averages


def _row_averages(sample: _Sample) -> dict[str, Estimate]:
    """Average the metrics that are computed per row, over the rows in which anything is known."""
    y_true, y_pred, mask = sample.predictions.y_true, sample.predictions.y_pred, sample.predictions.mask
    per_row = {
        "samples_f1": metrics.samples_f1(y_true, y_pred, mask),
        "subset_accuracy": ((y_true == y_pred) | ~mask).all(axis=1),
    }
    is_scored = mask.any(axis=1)
    n_groups = sample.weights.shape[1]
    rows = np.bincount(sample.groups, weights=is_scored.astype(float), minlength=n_groups)
    averages = {}
    for name, values in per_row.items():
        sums = np.bincount(sample.groups, weights=(values * is_scored).astype(float), minlength=n_groups)
        averages[name] = _estimate(
            metrics.ratio(sums.sum(), rows.sum()), metrics.ratio(sample.weights @ sums, sample.weights @ rows)
        )
    return averages


def _baselines(
    sample: _Sample, baselines: Mapping[str, tuple[str, Bools]], categories: Sequence[str]
) -> Iterator[Baseline]:
    for name, (about, y_pred) in baselines.items():
        counts = Counts.of(sample.predictions.y_true, y_pred, sample.predictions.mask, sample.groups)
        yield make_baseline(name, about, counts, sample.weights, categories)


def _coverage_notes(predictions: Predictions, categories: Sequence[str]) -> list[str]:
    """Name the categories that cannot be scored, or not in every row or fold; one sentence per reason."""
    reasons: dict[str, list[str]] = {}
    for j, id in enumerate(categories):
        for reason in _coverage_reasons(predictions, j):
            reasons.setdefault(reason, []).append(id)
    return [reason.format(", ".join(ids)) for reason, ids in reasons.items()]


def _coverage_reasons(predictions: Predictions, j: int) -> Iterator[str]:
    """Say why the metrics of a category are incomplete, in sentences with a placeholder for its name."""
    known, y_true = predictions.mask[:, j], predictions.y_true[:, j]
    n_folds = predictions.plan.n_folds
    if not known.any():
        yield "nobody annotated {}: not scored"
    elif not known.all():
        yield f"{{}}: known in {known.sum()} of {len(known)} rows, scored there alone"
    if known.any() and not y_true.any():
        yield "no row has {}: not in the macro average, but wrong predictions count in the micro average"
    if y_true.any():
        without = [fold for fold in range(n_folds) if not y_true[predictions.fold_ids == fold].any()]
        if without:
            yield f"no row of {_fold_names(without)} has {{}}"
        not_learned = np.flatnonzero(predictions.thresholds[:, j] >= UNREACHABLE).tolist()
        if not_learned:
            where = f"{_fold_names(not_learned)}: " if n_folds else ""
            yield f"{where}too few examples (or of one policy only, or in every row) to learn {{}}, never given there"


def _fold_names(folds: Sequence[int]) -> str:
    return f"fold{'s' if len(folds) > 1 else ''} {', '.join(str(fold + 1) for fold in folds)}"


def _mistakes(predictions: Predictions, examples: Sequence[Example], categories: Sequence[str]) -> Iterator[Mistake]:
    """List the mistakes with the largest distance of score and label, worst first."""
    y_true, y_pred, scores = predictions.y_true, predictions.y_pred, predictions.scores
    rows, columns = np.nonzero((y_true != y_pred) & predictions.mask)
    distances = np.abs(scores[rows, columns] - y_true[rows, columns])
    for k in np.argsort(-distances, kind="stable")[:MAX_MISTAKES]:
        row, column = rows[k], columns[k]
        yield Mistake(
            id=examples[row].id,
            policy=examples[row].policy,
            category=categories[column],
            given=bool(y_true[row, column]),
            score=float(scores[row, column]),
            labels=examples[row].labels,
            predicted=tuple(id for j, id in enumerate(categories) if y_pred[row, j]),
            text=examples[row].text,
        )


def _counts_by_policy(sample: _Sample, examples: Sequence[Example]) -> dict[str, tuple[tuple[int, ...], ...]]:
    """Return the counts of each group, under the name of the policy of its first row."""
    _, first_rows = np.unique(sample.groups, return_index=True)
    return {
        examples[row].policy: tuple(tuple(int(n) for n in part[k]) for part in sample.counts)
        for k, row in enumerate(first_rows.tolist())
    }
