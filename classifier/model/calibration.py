"""Turn a linear model's values into probabilities, and choose the thresholds on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from classifier.model.arrays import Floats, LabelMatrix
from classifier.model.solvers import columns_with_both_classes


def ranking(scores: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Order rows from the highest score down; with it the last place of each run of equal scores."""
    order = np.argsort(-scores, kind="stable")
    return order, np.flatnonzero(np.diff(scores[order], append=-np.inf))


def fit_platt(values: Floats, target: LabelMatrix) -> tuple[Floats, Floats]:
    """Fit probability = sigmoid(slope * value + offset) in each category; a value must never count against itself."""
    slope, offset = np.ones(target.shape[1]), np.zeros(target.shape[1])
    for column, known in columns_with_both_classes(target):
        scale = float(values[known, column].std()) or 1.0  # or the penalty would flatten what varies little
        platt = LogisticRegression(C=1.0).fit(values[known][:, [column]] / scale, target[known, column])
        slope[column], offset[column] = max(float(platt.coef_[0, 0]) / scale, 0.5), platt.intercept_[0]
    return slope, offset


def f1_thresholds(probabilities: Floats, target: LabelMatrix) -> Floats:
    """Give half the best F1 of each category, the F1-optimal threshold on calibrated probabilities."""
    thresholds = np.ones(target.shape[1])
    for column in np.flatnonzero((target == 1).any(axis=0)):
        known = target[:, column] >= 0
        order, last = ranking(probabilities[known, column])
        found = np.cumsum(target[known, column][order])
        f1 = 2 * found[last] / (last + 1 + found[-1])
        thresholds[column] = max(0.05, f1.max() / 2)
    return thresholds


def sigmoid(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-value)) for each value."""
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -700, 700)))
    return result
