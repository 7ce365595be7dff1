"""Turn decision values of a linear model into probabilities, and choose a threshold on them for each category."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from classifier.model.arrays import Floats, Ints, LabelMatrix
from classifier.model.solvers import columns_with_both_classes

MIN_SLOPE = 0.5
"""Smallest slope of a calibration, so that a higher value never means a lower probability."""
MIN_THRESHOLD = 0.05
"""Smallest threshold that is chosen for a category."""


def ranking(scores: Floats) -> tuple[Ints, Ints]:
    """Order rows by descending score.

    Returns
    -------
    order, run_ends
        The row numbers from the highest score down, and the last index of each run of equal scores in that order.

    Examples
    --------
    >>> [part.tolist() for part in ranking(np.array([0.2, 0.9, 0.2]))]
    [[1, 0, 2], [0, 2]]
    """
    order = np.argsort(-scores, kind="stable")
    return order, np.flatnonzero(np.diff(scores[order], append=-np.inf))


def fit_platt(values: Floats, target: LabelMatrix) -> tuple[Floats, Floats]:
    """Fit probability = sigmoid(slope * value + offset) for each category (Platt scaling).

    Parameters
    ----------
    values
        Decision values of shape (n_rows, n_categories), by models that have not seen the row.
    target
        Labels of the same shape; rows with -1 are left out of the category.

    Returns
    -------
    slope, offset
        Of shape (n_categories,); slope 1 and offset 0 for a category without examples of both classes.
    """
    slope, offset = np.ones(target.shape[1]), np.zeros(target.shape[1])
    for column, is_known in columns_with_both_classes(target):
        # to unit variance, or the penalty would flatten the slope of values that vary little
        scale = float(values[is_known, column].std()) or 1.0
        platt = LogisticRegression(C=1.0).fit(values[is_known][:, [column]] / scale, target[is_known, column])
        slope[column], offset[column] = max(float(platt.coef_[0, 0]) / scale, MIN_SLOPE), platt.intercept_[0]
    return slope, offset


def f1_thresholds(probabilities: Floats, target: LabelMatrix) -> Floats:
    """Return half the best F1 of each category: the F1-optimal threshold on calibrated probabilities.

    Parameters
    ----------
    probabilities
        Of shape (n_rows, n_categories).
    target
        Labels of the same shape; rows with -1 are left out of the category.

    Returns
    -------
    ndarray of shape (n_categories,)
        1 for a category without positive rows.
    """
    thresholds = np.ones(target.shape[1])
    for column in np.flatnonzero((target == 1).any(axis=0)):
        is_known = target[:, column] >= 0
        order, run_ends = ranking(probabilities[is_known, column])
        # true positives if the first k + 1 rows of the order are predicted, of shape (n_known,)
        true_positives = np.cumsum(target[is_known, column][order])
        # F1 = 2 TP / (predicted + actual positives); a cut inside a run of equal scores is not possible
        f1 = 2 * true_positives[run_ends] / (run_ends + 1 + true_positives[-1])
        thresholds[column] = max(MIN_THRESHOLD, f1.max() / 2)
    return thresholds
