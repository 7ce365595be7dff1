"""Fit the weights of one linear model per category: by least squares, or by logistic regression."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from classifier.model.arrays import Bools, Floats, LabelMatrix

CONVERGENCE_TOLERANCE = 1e-8
"""Least squares has converged when the squared residual is below this share of its initial value."""
MAX_ITERATIONS = 200
"""Conjugate gradient steps after which least squares stops in any case."""


def least_squares(
    tfidf: csr_array, soft: Floats, mask: Bools, C: Floats, tolerance: float = CONVERGENCE_TOLERANCE
) -> tuple[Floats, Floats]:
    """Minimize C * squared errors + squared weights and intercept for each category, by conjugate gradients in the dual.

    The dual has one number per row and category. The primal has one weight per term and category, and there are far more
    terms than rows. All categories share the products with the texts.

    Parameters
    ----------
    tfidf
        Of shape (n_rows, n_terms).
    soft
        Targets from -1 to 1, of shape (n_rows, n_categories).
    mask
        Whether a row is learned from in a category, of the same shape.
    C
        Inverse strength of the penalty for each row and category, of the same shape.
    tolerance
        Share of the initial squared residual at which the fit ends.

    Returns
    -------
    coef, intercept
        Of shapes (n_terms, n_categories) and (n_categories,).
    """
    transposed = csr_array(tfidf.T)

    def apply_kernel(dual: Floats) -> Floats:
        """Multiply with the regularized kernel matrix, K + 1 (the intercept) + diag(1 / C), restricted to the mask."""
        result: Floats = mask * (tfidf @ (transposed @ dual) + dual.sum(axis=0)) + dual / C
        return result

    # Solve apply_kernel(dual) = soft for all columns at once. Masked rows start at 0, and every direction is 0 there.
    dual = np.zeros(soft.shape)
    residual = soft * mask
    direction, error = residual, (residual**2).sum(axis=0)
    target_error = tolerance * error
    for _ in range(MAX_ITERATIONS):
        if (error <= target_error).all():
            break
        image = apply_kernel(direction)
        # step length that minimizes the quadratic along the direction, of shape (n_categories,)
        length = error / np.maximum((direction * image).sum(axis=0), 1e-300)
        dual = dual + length * direction
        residual = residual - length * image
        # next direction: the residual, made conjugate to the directions so far
        previous_error, error = error, (residual**2).sum(axis=0)
        direction = residual + error / np.maximum(previous_error, 1e-300) * direction
    return transposed @ dual, dual.sum(axis=0)


def logistic(tfidf: csr_array, soft: Floats, mask: Bools, weight: Floats, C: float) -> tuple[Floats, Floats]:
    """Fit one balanced logistic regression per category; a row that people disagree on has less weight.

    Parameters
    ----------
    tfidf, soft, mask
        As in `least_squares`; the sign of `soft` is the class, its absolute value a factor of the weight.
    weight
        Weight of each row and category, of the same shape as `soft`.
    C
        Inverse strength of the penalty.

    Returns
    -------
    coef, intercept
        Of shapes (n_terms, n_categories) and (n_categories,); 0 for a category without examples of both classes.
    """
    weight = weight * np.abs(soft)
    coef, intercept = np.zeros((tfidf.shape[1], soft.shape[1])), np.zeros(soft.shape[1])
    target = np.where(mask & (soft != 0), soft > 0, -1).astype(np.int8)  # a row of weight 0 has no class
    for column, rows in columns_with_both_classes(target):
        # liblinear's dual solver takes half the time of its primal one here, and a sixth of lbfgs. A tolerance below 0.01
        # takes 50 % more time and changes no metric in the third decimal.
        model = LogisticRegression(
            C=C, class_weight="balanced", solver="liblinear", dual=True, tol=0.01, max_iter=1000, random_state=0
        )
        model.fit(tfidf[np.flatnonzero(rows)], target[rows, column], sample_weight=weight[rows, column])
        coef[:, column], intercept[column] = model.coef_[0], model.intercept_[0]
    return coef, intercept


def columns_with_both_classes(target: LabelMatrix) -> Iterator[tuple[int, Bools]]:
    """Yield each category with positive and negative rows, and the mask of its rows with a known label."""
    for column in range(target.shape[1]):
        if (target[:, column] == 1).any() and (target[:, column] == 0).any():
            yield column, target[:, column] >= 0
