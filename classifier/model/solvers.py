"""Fit the weights of one linear model per category."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from classifier.model.arrays import Bools, Floats, LabelMatrix

CONVERGENCE_TOLERANCE = 1e-8
MAX_ITERATIONS = 200
"""When the solver stops: at that part of the squared error it began with, or after so many steps."""


def least_squares(tfidf: csr_array, soft: Floats, known: Bools, C: Floats) -> tuple[Floats, Floats]:
    """Minimise C * squared errors + squared weights and intercept of each category, by conjugate gradients in the dual.

    There is a C for each row and category.

    In the dual there is a number a row and category rather than a weight a term and category, of which there are far more;
    rows that are unknown in a category keep 0 there. All categories share their products with the texts.
    """
    transposed = csr_array(tfidf.T)

    def spread(dual: Floats) -> Floats:
        result: Floats = known * (tfidf @ (transposed @ dual) + dual.sum(axis=0)) + dual / C
        return result

    dual = np.zeros(soft.shape)
    residual = soft * known
    step, error = residual, (residual**2).sum(axis=0)
    enough = CONVERGENCE_TOLERANCE * error
    for _ in range(MAX_ITERATIONS):
        if (error <= enough).all():
            break
        ahead = spread(step)
        length = error / np.maximum((step * ahead).sum(axis=0), 1e-300)
        dual = dual + length * step
        residual = residual - length * ahead
        before, error = error, (residual**2).sum(axis=0)
        step = residual + error / np.maximum(before, 1e-300) * step
    return transposed @ dual, dual.sum(axis=0)


def logistic(tfidf: csr_array, soft: Floats, known: Bools, weight: Floats, C: float) -> tuple[Floats, Floats]:
    """Fit one balanced logistic regression a category; a row that people disagree on weighs less."""
    weight = weight * np.abs(soft)
    coef, intercept = np.zeros((tfidf.shape[1], soft.shape[1])), np.zeros(soft.shape[1])
    target = np.where(known & (soft != 0), soft > 0, -1).astype(np.int8)  # what weighs nothing is no kind
    for column, rows in columns_with_both_classes(target):
        # liblinear's dual solver takes half the time of the primal one here, and a sixth of that of lbfgs; a tighter
        # tolerance than 0.01 moves no figure in the third place and costs half as much again
        model = LogisticRegression(
            C=C, class_weight="balanced", solver="liblinear", dual=True, tol=0.01, max_iter=1000, random_state=0
        )
        model.fit(tfidf[np.flatnonzero(rows)], target[rows, column], sample_weight=weight[rows, column])
        coef[:, column], intercept[column] = model.coef_[0], model.intercept_[0]
    return coef, intercept


def columns_with_both_classes(target: LabelMatrix) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Give the categories with rows that have the label and rows that do not, each with the rows where it is known."""
    for column in range(target.shape[1]):
        if (target[:, column] == 1).any() and (target[:, column] == 0).any():
            yield column, target[:, column] >= 0
