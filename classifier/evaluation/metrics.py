"""Compute metrics from labels and scores: counts, F1, average precision, calibration, and bootstrap intervals.

Counts are kept per group of rows, so that a bootstrap is the same formula with other weights. An undefined metric (the recall
of a category that does not occur) is NaN, never 0. Only the presence of labels is scored; `presence_absence_f1` exists to
recompute published figures and says why it should not be used otherwise.

Names: `y_true`, `y_pred` and `mask` are boolean, of shape (n_rows, n_categories); `mask` is False where a label is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from classifier.model.arrays import Bools, Floats
from classifier.model.calibration import ranking

N_BOOTSTRAPS = 1000
"""Bootstrap draws per interval."""
N_BINS = 10
"""Bins of equal width in which scores are compared with labels."""


class Counts(NamedTuple):
    """True positives, predicted positives and actual positives; arrays of shape (..., n_categories)."""

    true_positives: Floats
    predicted: Floats
    actual: Floats

    @classmethod
    def of(cls, y_true: Bools, y_pred: Bools, mask: Bools, groups: NDArray[np.intp]) -> Counts:
        """Count labels per group of rows, as arrays of shape (n_groups, n_categories); unknown labels are not counted."""
        n_groups = int(groups.max(initial=-1)) + 1
        totals = [np.zeros((n_groups, y_true.shape[1])) for _ in range(3)]
        for total, labels in zip(totals, (y_true & y_pred & mask, y_pred & mask, y_true & mask), strict=True):
            np.add.at(total, groups, labels)
        return cls(*totals)

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
        """Share of predicted labels that are right; 0 where labels exist and none is predicted."""
        return np.where(
            self.predicted > 0, ratio(self.true_positives, self.predicted), ratio(self.true_positives, self.actual)
        )

    @property
    def recall(self) -> Floats:
        """Share of actual labels that are predicted."""
        return ratio(self.true_positives, self.actual)

    @property
    def f1(self) -> Floats:
        """Harmonic mean of precision and recall."""
        return np.where(self.actual > 0, ratio(2 * self.true_positives, self.predicted + self.actual), np.nan)


def macro(values: Floats) -> Floats:
    """Average over the last axis, ignoring categories that do not occur (NaN)."""
    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(axis=-1), defined.sum(axis=-1))


def average_precision(y_true: Bools, scores: Floats) -> float:
    """Return the area under the precision-recall curve in steps; rows of equal score count as found together.

    >>> round(average_precision(np.array([True, False, True]), np.array([0.9, 0.8, 0.7])), 3)
    0.833
    """
    order, last = ranking(scores)
    found: Floats = np.cumsum(y_true[order])[last].astype(np.float64)
    return float(_step_area(found, (last + 1).astype(np.float64))) if len(found) else float("nan")


def average_precision_draws(y_true: Bools, scores: Floats, groups: NDArray[np.intp], weights: Floats) -> Floats:
    """Return the average precision of each bootstrap draw, in which each row counts as often as its group was drawn.

    The curve only rises at ranks that hold a label. So the ranking is cut into one bin for each such rank, and all draws are
    one product of matrices.

    Parameters
    ----------
    y_true, scores, groups
        Labels and scores of one category and the group of each row, of shape (n_rows,).
    weights
        How often each group was drawn, of shape (n_draws, n_groups).

    Returns
    -------
    ndarray of shape (n_draws,)
        NaN for all draws if there is no label.
    """
    if not y_true.any():
        return np.full(len(weights), np.nan)
    order, last = ranking(scores)
    # For each rank, the number of its run of equal scores.
    run = np.searchsorted(last, np.arange(len(order)))
    # Runs that hold at least one label; each ends a bin.
    label_runs = np.unique(run[y_true[order]])
    # For each rank its bin; ranks after the last label are beyond the last bin and cannot change the curve.
    bin = np.searchsorted(label_runs, run)
    in_bins = bin < len(label_runs)
    # Labels and rows per group and bin, of shape (n_groups, n_bins).
    found, retrieved = np.zeros((2, weights.shape[1], len(label_runs)))
    np.add.at(found, (groups[order][in_bins], bin[in_bins]), y_true[order][in_bins])
    np.add.at(retrieved, (groups[order][in_bins], bin[in_bins]), 1.0)
    # Weight the groups of each draw and accumulate down the ranking, of shape (n_draws, n_bins).
    return _step_area(np.cumsum(weights @ found, axis=1), np.cumsum(weights @ retrieved, axis=1))


def _step_area(found: Floats, retrieved: Floats) -> Floats:
    """Sum precision times gain in recall over the last axis; both arrays are cumulative."""
    gain = np.diff(found, axis=-1, prepend=0.0)
    return ratio((gain * ratio(found, retrieved, 0.0)).sum(axis=-1), found[..., -1])


def precision_recall_curve(y_true: Bools, scores: Floats, points: int = 100) -> list[tuple[float, float, float]]:
    """Return (recall, precision, threshold) from the highest score down, at most `points` of them; none without a label.

    >>> precision_recall_curve(np.array([True, False]), np.array([0.9, 0.8]))
    [(1.0, 1.0, 0.9)]
    """
    if not y_true.any():
        return []
    order, last = ranking(scores)
    found = np.cumsum(y_true[order])[last]
    # The first rank that reaches each of `points` evenly spaced recalls; the tolerance absorbs rounding of the division.
    chosen = np.unique(np.searchsorted(found / found[-1], np.linspace(1 / points, 1, points) - 1e-9))
    return [
        (float(found[k] / found[-1]), float(found[k] / (last[k] + 1)), float(scores[order][last[k]])) for k in chosen
    ]


def samples_f1(y_true: Bools, y_pred: Bools, mask: Bools) -> Floats:
    """Return the F1 of each row over its known categories; 1 where it has no label and none is predicted.

    Returns
    -------
    ndarray of shape (n_rows,)
    """
    both = (y_true & y_pred & mask).sum(axis=1)
    either = (y_true & mask).sum(axis=1) + (y_pred & mask).sum(axis=1)
    return np.where(either > 0, 2 * both / np.maximum(1, either), 1.0)


def presence_absence_f1(counts: Counts, known: Floats) -> Floats:
    """Average the F1 of each category's presence and of its absence, then average over categories.

    Absence is the rule and easy to predict, so this is some ten points above macro F1 (on OPP-115 .734 became .855 for the
    same predictions). Use it only to recompute figures that were published this way.

    Parameters
    ----------
    counts
        Arrays of shape (..., n_categories).
    known
        Number of rows in which each category is known, of shape (n_categories,).

    References
    ----------
    Harkous et al., "Polisis", USENIX Security 2018, table 2.
    """
    absence = Counts(
        known - counts.predicted - counts.actual + counts.true_positives,
        known - counts.predicted,
        known - counts.actual,
    )
    return macro(np.where(np.isnan(counts.f1), np.nan, (counts.f1 + absence.f1) / 2))


class Bin(NamedTuple):
    """The scores between two tenths: their mean, the share of them whose label applies, and their number."""

    score: float
    share: float
    size: int


def reliability(y_true: Bools, scores: Floats) -> list[Bin]:
    """Compare scores with how often labels apply, in `N_BINS` bins of equal width; empty bins are omitted.

    >>> reliability(np.array([True, False, True]), np.array([0.25, 0.25, 1.0]))
    [Bin(score=0.25, share=0.5, size=2), Bin(score=1.0, share=1.0, size=1)]
    """
    bin_ids = np.minimum((scores * N_BINS).astype(int), N_BINS - 1)
    return [
        Bin(float(scores[bin_ids == k].mean()), float(y_true[bin_ids == k].mean()), int((bin_ids == k).sum()))
        for k in np.unique(bin_ids)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean distance of score and share, bins weighted by their sizes.

    NaN without bins.

    References
    ----------
    Naeini, Cooper & Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015.
    """
    total = sum(bin.size for bin in bins)
    return sum(abs(bin.score - bin.share) * bin.size for bin in bins) / total if total else float("nan")


def confusion(y_true: Bools, y_pred: Bools, mask: Bools) -> NDArray[np.intp]:
    """Count the labels predicted in place of others, of shape (n_categories + 1, n_categories + 1).

    Entry (i, j) is the number of rows in which i was missed and j wrongly predicted. The last column counts misses in rows
    without a wrong label, the last row wrong labels in rows without a miss. Several labels can be missed in one row, so this
    counts pairs, not rows.
    """
    # Misses and wrong labels of each row, with one more column that says that there are none.
    missed, wrong = (
        np.column_stack([errors, ~errors.any(axis=1)]).astype(np.intp)
        for errors in (y_true & ~y_pred & mask, y_pred & ~y_true & mask)
    )
    result: NDArray[np.intp] = missed.T @ wrong
    result[-1, -1] = 0  # rows without any error
    return result


def draws(n_groups: int, seed: int = 0) -> Floats:
    """Draw `n_groups` groups with replacement, `N_BOOTSTRAPS` times, and return how often each was drawn.

    A single group has no draws, and so no intervals: each draw would be the group itself.

    Returns
    -------
    ndarray of shape (n_draws, n_groups)
    """
    shares = np.full(n_groups, 1 / n_groups)
    n_draws = N_BOOTSTRAPS if n_groups > 1 else 0
    return np.random.default_rng(seed).multinomial(n_groups, shares, size=n_draws).astype(float)


def interval(values: Floats) -> tuple[float, float]:
    """Return the 2.5th and 97.5th percentile of the draws, ignoring those in which the metric is undefined.

    >>> interval(np.array([np.nan, 0.5, 0.5]))
    (0.5, 0.5)
    """
    defined = values[~np.isnan(values)]
    if len(defined) < 2:
        return float("nan"), float("nan")
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def ratio(numerator: ArrayLike, denominator: ArrayLike, undefined: float = np.nan) -> Floats:
    """Divide arrays; the quotient is `undefined` where the denominator is 0."""
    above, below = np.broadcast_arrays(np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float))
    result: Floats = np.divide(above, below, out=np.full(below.shape, undefined), where=below > 0)
    return result
