"""Labels and scores as arrays become figures: counts, F1, average precision, calibration, and how sure each figure is.

Counts are kept by group, so that a bootstrap is the same formula with other weights. What is not defined (the recall of a
category that does not occur) is NaN, never 0. The presence of labels is scored; `presence_absence_f1` exists to recompute
published figures and says why it should not be used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.model.arrays import Bools, Floats
from classifier.model.calibration import ranking

BOOTSTRAPS = 1000
BINS = 10


class Counts(NamedTuple):
    """True positives, predicted and actual positives; arrays of shape (..., n_categories)."""

    both: Floats
    predicted: Floats
    actual: Floats

    @classmethod
    def of(cls, truth: Bools, hits: Bools, known: Bools, groups: NDArray[np.intp]) -> Counts:
        """Count labels by group of rows, as arrays of shape (n_groups, n_categories); unknown labels do not count."""
        n_groups = int(groups.max(initial=-1)) + 1
        sums = [np.zeros((n_groups, truth.shape[1])) for _ in range(3)]
        for total, what in zip(sums, (truth & hits & known, hits & known, truth & known), strict=True):
            np.add.at(total, groups, what)
        return cls(*sums)

    def weighted(self, weights: Floats) -> Counts:
        """Sum over groups, each with its weight; `weights` of shape (..., n_groups) sets the leading shape."""
        return Counts(*(weights @ part for part in self))

    def total(self) -> Counts:
        """Sum over groups."""
        return Counts(*(part.sum(axis=0) for part in self))

    def pooled(self) -> Counts:
        """Sum over categories."""
        return Counts(*(part.sum(axis=-1) for part in self))

    @property
    def precision(self) -> Floats:
        """Share of predicted labels that are right; 0 where labels exist but none is predicted."""
        return np.where(self.predicted > 0, ratio(self.both, self.predicted), ratio(self.both, self.actual))

    @property
    def recall(self) -> Floats:
        """Share of labels that are found."""
        return ratio(self.both, self.actual)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall."""
        return np.where(self.actual > 0, ratio(2 * self.both, self.predicted + self.actual), np.nan)


def macro(values: Floats) -> Floats:
    """Average over the last axis, categories that do not occur (NaN) left out."""
    there = ~np.isnan(values)
    return ratio(np.where(there, values, 0.0).sum(axis=-1), there.sum(axis=-1))


def average_precision(truth: Bools, scores: Floats) -> float:
    """Give the area under the precision-recall curve in steps; rows of one score count as found together.

    >>> round(average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7])), 3)
    0.833
    """
    order, last = ranking(scores)
    found: Floats = np.cumsum(truth[order])[last].astype(np.float64)
    return float(_steps(found, (last + 1).astype(np.float64))) if len(found) else float("nan")


def average_precision_draws(truth: Bools, scores: Floats, groups: NDArray[np.intp], weights: Floats) -> Floats:
    """Give the average precision of each draw of groups: that of the rows, each as often as its group was drawn.

    Only places where a label stands count, so the ranking is cut there, and a draw is a product of matrices.

    Parameters
    ----------
    truth, scores, groups
        Labels and scores of one category and the group of each row, of shape (n_rows,).
    weights
        How often each group was drawn, of shape (n_draws, n_groups).
    """
    if not truth.any():
        return np.full(len(weights), np.nan)
    order, last = ranking(scores)
    run = np.searchsorted(last, np.arange(len(order)))
    ends = np.unique(run[truth[order]])
    bin = np.searchsorted(ends, run)
    reached = bin < len(ends)
    found, shown = np.zeros((2, weights.shape[1], len(ends)))
    np.add.at(found, (groups[order][reached], bin[reached]), truth[order][reached])
    np.add.at(shown, (groups[order][reached], bin[reached]), 1.0)
    return _steps(np.cumsum(weights @ found, axis=1), np.cumsum(weights @ shown, axis=1))


def _steps(found: Floats, shown: Floats) -> Floats:
    gained = np.diff(found, axis=-1, prepend=0.0)
    return ratio((gained * ratio(found, shown, 0.0)).sum(axis=-1), found[..., -1])


def precision_recall_curve(truth: Bools, scores: Floats, points: int = 100) -> list[tuple[float, float, float]]:
    """Give (recall, precision, threshold) from the highest score down, at most so many points; none without a label."""
    if not truth.any():
        return []
    order, last = ranking(scores)
    found = np.cumsum(truth[order])[last]
    chosen = np.unique(np.searchsorted(found / found[-1], np.linspace(1 / points, 1, points) - 1e-9))
    return [
        (float(found[k] / found[-1]), float(found[k] / (last[k] + 1)), float(scores[order][last[k]])) for k in chosen
    ]


def samples_f1(truth: Bools, hits: Bools, known: Bools) -> Floats:
    """Give the F1 of each row over its known categories; 1 where it has no label and is given none."""
    both = (truth & hits & known).sum(axis=1)
    either = (truth & known).sum(axis=1) + (hits & known).sum(axis=1)
    return np.where(either > 0, 2 * both / np.maximum(1, either), 1.0)


def presence_absence_f1(counts: Counts, known: Floats) -> Floats:
    """Average the F1 of each category's presence and of its absence, then over categories.

    Absence is the rule and easily right, so this lies some ten points above macro F1 (on OPP-115 .734 became .855 for
    the same predictions). Only to recompute figures that were published this way.

    References
    ----------
    Harkous et al., "Polisis", USENIX Security 2018, table 2.
    """
    absent = Counts(
        known - counts.predicted - counts.actual + counts.both, known - counts.predicted, known - counts.actual
    )
    return macro(np.where(np.isnan(counts.f1), np.nan, (counts.f1 + absent.f1) / 2))


class Bin(NamedTuple):
    """Scores between two tenths: how high they are on average, how often the label applies, how many scores there are."""

    score: float
    share: float
    size: int


def reliability(truth: Bools, scores: Floats) -> list[Bin]:
    """Compare scores with how often labels apply, in `BINS` bins of equal width; empty bins are left out.

    >>> reliability(np.array([True, False, True]), np.array([0.25, 0.25, 1.0]))
    [Bin(score=0.25, share=0.5, size=2), Bin(score=1.0, share=1.0, size=1)]
    """
    which = np.minimum((scores * BINS).astype(int), BINS - 1)
    return [
        Bin(float(scores[which == k].mean()), float(truth[which == k].mean()), int((which == k).sum()))
        for k in np.unique(which)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Give the expected calibration error: the mean distance of score and share, bins weighted by their sizes.

    References
    ----------
    Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    total = sum(bin.size for bin in bins)
    return sum(abs(bin.score - bin.share) * bin.size for bin in bins) / total if total else float("nan")


def confusion(truth: Bools, hits: Bools, known: Bools) -> NDArray[np.intp]:
    """Count which label was given instead of which, of shape (n_categories + 1, n_categories + 1).

    Entry (i, j) is the number of rows in which i was missed and j wrongly given; the last column counts misses of rows that
    were given nothing wrong, the last row labels wrongly given to rows that missed nothing. Several labels can be missed in
    one row, so it counts pairs, not rows.
    """
    missed, wrong = (
        np.column_stack([what, ~what.any(axis=1)]).astype(np.intp)
        for what in (truth & ~hits & known, hits & ~truth & known)
    )
    result: NDArray[np.intp] = missed.T @ wrong
    result[-1, -1] = 0
    return result


def draws(n_groups: int, seed: int = 0) -> Floats:
    """Draw as many groups as there are, with replacement, `BOOTSTRAPS` times: how often each was drawn.

    Of a single group there are no draws, and so no intervals: drawn again and again it is always itself.
    """
    shares = np.full(n_groups, 1 / n_groups)
    number = BOOTSTRAPS if n_groups > 1 else 0
    return np.random.default_rng(seed).multinomial(n_groups, shares, size=number).astype(float)


def interval(values: Floats) -> tuple[float, float]:
    """Give the 2.5th and 97.5th percentile of the draws in which a figure is defined."""
    defined = values[~np.isnan(values)]
    if len(defined) < 2:
        return float("nan"), float("nan")
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def ratio(above: ArrayLike, below: ArrayLike, empty: float = np.nan) -> Floats:
    """Divide arrays; `empty` where the divisor is 0."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    result: Floats = np.divide(above, below, out=np.full(below.shape, empty), where=below > 0)
    return result
