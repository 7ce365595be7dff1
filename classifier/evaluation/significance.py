"""Compare two reports on the same rows: differences of F1 with intervals and p-values.

The bootstrap is paired: each draw takes the same policies for both reports. This is far sharper than checking whether two
intervals overlap.

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

MAX_SHOWN_POLICIES = 5
"""Policies that a message lists by name."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One F1 in both reports.

    Attributes
    ----------
    name
        "micro", "macro" or a category. In JSON: `figure`.
    first, second
        The values in the two reports.
    difference
        Second less first, with its 95 % interval.
    p
        Two-sided p-value: twice the smaller share of draws in which one report is ahead of the other, never quite 0.
    """

    name: str
    first: float
    second: float
    difference: Estimate
    p: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """The differences between two reports.

    Attributes
    ----------
    policies
        Number of policies, near-duplicates counted once.
    descriptions
        The evaluation of each report in a few words. In JSON: `hows`.
    left_out
        Categories that only one of the reports scores.
    differences
        Of micro and macro F1 over the categories that both score, then of each of these.
    """

    policies: int
    descriptions: tuple[str, str]
    left_out: tuple[str, ...]
    differences: tuple[Difference, ...]


def compare_reports(first: Report, second: Report, names: Sequence[str] = ("A", "B")) -> Comparison:
    """Compare two reports policy by policy.

    Parameters
    ----------
    first, second
        Reports on the same rows with the same labels.
    names
        Names in messages.

    Raises
    ------
    DataError
        If they score other policies or other labels, or have no category in common.
    """
    categories = [id for id in first.categories if id in second.categories]
    _check_comparable(first, second, categories, names)
    first_counts, second_counts = (_counts(report, categories) for report in (first, second))
    _check_labels(first_counts, second_counts, categories, sorted(first.counts), names)
    n_policies = len(first.counts)
    # The first row weights all policies once, which gives the F1 itself; the others are bootstrap draws.
    weights = np.vstack([np.ones(n_policies), metrics.draws(n_policies)])
    first_f1, second_f1 = (_f1_columns(counts.weighted(weights)) for counts in (first_counts, second_counts))
    return Comparison(
        n_policies,
        (first.description, second.description),
        tuple(sorted({*first.categories, *second.categories} - {*categories})),
        tuple(
            _difference(name, first_f1[:, k], second_f1[:, k])
            for k, name in enumerate(("micro", "macro", *categories))
            if not np.isnan(first_f1[0, k])
        ),
    )


def _check_comparable(first: Report, second: Report, categories: Sequence[str], names: Sequence[str]) -> None:
    if not categories:
        raise DataError([f"{names[0]} and {names[1]} have no category in common"])
    for report, name in zip((first, second), names, strict=True):
        if not report.counts:
            raise DataError([f"{name}: has no counts per policy, which a comparison needs; is it a summary?"])
    if first.counts.keys() != second.counts.keys():
        unpaired = sorted(first.counts.keys() ^ second.counts.keys())
        shown = ", ".join(unpaired[:MAX_SHOWN_POLICIES])
        raise DataError([f"{names[0]} and {names[1]} score different policies: only one has {shown}"])


def _check_labels(
    first: Counts, second: Counts, categories: Sequence[str], policies: Sequence[str], names: Sequence[str]
) -> None:
    """Refuse reports that count a category's labels in a policy differently."""
    for j, id in enumerate(categories):
        differing = np.flatnonzero(first.actual[:, j] != second.actual[:, j])
        if len(differing):
            where = policies[int(differing[0])]
            raise DataError(
                [f"{names[0]} and {names[1]} score different rows or labels: their counts of {id!r} in {where} differ"]
            )


def _counts(report: Report, categories: Sequence[str]) -> Counts:
    """Return the counts of some categories, of shape (n_policies, n_categories), policies sorted by name."""
    columns = [report.categories.index(id) for id in categories]
    counts: Any = [[[part[j] for j in columns] for part in report.counts[policy]] for policy in sorted(report.counts)]
    return Counts(*np.array(counts, dtype=float).transpose(1, 0, 2))


def _f1_columns(counts: Counts) -> Floats:
    """Return micro, macro and each category's F1, of shape (n_draws, 2 + n_categories)."""
    f1: Floats = counts.f1
    return np.column_stack([counts.pooled().f1, metrics.macro(f1), f1])


def _difference(name: str, first: Floats, second: Floats) -> Difference:
    """Compare one F1; entry 0 of each array is over all policies, the others are draws."""
    change = second - first
    drawn = change[1:][~np.isnan(change[1:])]
    n_opposed = min((drawn <= 0).sum(), (drawn >= 0).sum())
    p = min(1.0, 2 * (n_opposed + 1) / (len(drawn) + 1)) if len(drawn) else float("nan")
    return Difference(
        name,
        float(first[0]),
        float(second[0]),
        Estimate(float(change[0]), *metrics.interval(drawn)),
        float(p),
    )
