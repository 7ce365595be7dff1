"""Two reports on the same rows become differences with intervals: is B better than A, or was it luck.

The bootstrap is paired: each draw takes the same policies for both, which is far sharper than to look whether two intervals
overlap.

References
----------
Koehn, "Statistical significance tests for machine translation evaluation", EMNLP 2004 (paired bootstrap).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.errors import DataError
from classifier.evaluation import metrics
from classifier.evaluation.metrics import Counts
from classifier.evaluation.report import Estimate, Report
from classifier.model.arrays import Floats


@dataclass(frozen=True, slots=True)
class Difference:
    """One F1 in both reports.

    Attributes
    ----------
    figure
        "micro", "macro" or a category.
    first, second
        The values in the two reports.
    difference
        Second less first, with its 95 % interval.
    p
        Two-sided: twice the smaller share of draws in which one is ahead of the other, never quite 0.
    """

    figure: str
    first: float
    second: float
    difference: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences of two reports: micro and macro F1 over the categories that both score, then each of these.

    `hows` says what was done in each, `left_out` which categories one of them lacks.
    """

    policies: int
    hows: tuple[str, str]
    left_out: tuple[str, ...]
    differences: tuple[Difference, ...]


def compare_reports(first: Report, second: Report, names: Sequence[str] = ("A", "B")) -> Comparison:
    """Compare two reports policy by policy.

    Parameters
    ----------
    first, second
        Reports on the same rows with the same labels.
    names
        What messages call them.

    Raises
    ------
    DataError
        If they are about other policies or other labels, or have no category in common.
    """
    categories = [id for id in first.categories if id in second.categories]
    if not categories:
        raise DataError([f"{names[0]} and {names[1]} have no category in common"])
    for report, name in zip((first, second), names, strict=True):
        if not report.counts:
            raise DataError([f"{name}: has no counts of policies, which a comparison needs; is it a summary?"])
    if first.counts.keys() != second.counts.keys():
        alone = sorted(first.counts.keys() ^ second.counts.keys())
        raise DataError([f"{names[0]} and {names[1]} are about other policies: {', '.join(alone[:5])} is in one only"])
    counts = [_counts(report, categories) for report in (first, second)]
    policies = sorted(first.counts)
    for j, id in enumerate(categories):
        differing = np.flatnonzero(counts[0].actual[:, j] != counts[1].actual[:, j])
        if len(differing):
            where = policies[int(differing[0])]
            raise DataError(
                [
                    f"{names[0]} and {names[1]} are about other rows or labels: {where} has another number of {id!r} in each"
                ]
            )
    weights = np.vstack([np.ones(len(policies)), metrics.draws(len(policies))])
    a, b = (_values(part.weighted(weights)) for part in counts)
    return Comparison(
        len(policies),
        (first.how, second.how),
        tuple(sorted({*first.categories, *second.categories} - {*categories})),
        tuple(
            _difference(name, a[:, k], b[:, k])
            for k, name in enumerate(("micro", "macro", *categories))
            if not np.isnan(a[0, k])
        ),
    )


def _counts(report: Report, categories: Sequence[str]) -> Counts:
    columns = [report.categories.index(id) for id in categories]
    kept: Any = [[[part[j] for j in columns] for part in report.counts[policy]] for policy in sorted(report.counts)]
    return Counts(*np.array(kept, dtype=float).transpose(1, 0, 2))


def _values(counts: Counts) -> Floats:
    """Give micro, macro and each category's F1 of each draw, the first of which is all policies."""
    f1: Floats = counts.f1
    return np.column_stack([counts.pooled().f1, metrics.macro(f1), f1])


def _difference(figure: str, first: Floats, second: Floats) -> Difference:
    change = second - first
    drawn = change[1:][~np.isnan(change[1:])]
    fewer = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (fewer + 1) / (len(drawn) + 1)) if len(drawn) else float("nan")
    return Difference(
        figure,
        float(first[0]),
        float(second[0]),
        Estimate(float(change[0]), *metrics.interval(drawn)),
        float(p),
    )
