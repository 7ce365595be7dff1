"""Texts and labels become a fitted pipeline: `ClauseClassifier`, a scikit-learn estimator.

Stem 1-2-gram tf-idf, then one logistic regression a category, balanced, since a category stands in a few per cent of all
clauses. Decision values of rows that a fold's model has not seen then serve twice: to turn values into probabilities, and
to choose one threshold a category. Calibration is folded into the weights, so that a score is one product and one sigmoid
and can be explained exactly.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any, Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from classifier import folds
from classifier.text import terms

Floats = NDArray[np.float64]
Labels = NDArray[np.int8]

NEVER = -30.0
"""Log-odds of a category that could not be learned: a probability of 1e-13, below every threshold."""

UNREACHABLE = 1.0
"""Its threshold."""


class FewExamplesWarning(UserWarning):
    """A category has too few examples to be learned; it will never be predicted."""


class ClauseClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multi-label classifier of paragraphs: stem 1-2-gram tf-idf and one logistic regression a category.

    Parameters
    ----------
    C
        Inverse strength of the L2 penalty.
    min_df
        A term counts if it stands in at least so many texts.
    min_examples
        A category with fewer positive texts is not learned, with a `FewExamplesWarning`.
    cv
        Number of folds for calibration and thresholds, at least 2.
    n_jobs
        Number of processes, as in joblib.
    random_state
        Seed of the folds.

    Attributes
    ----------
    classes_ : ndarray of shape (n_categories,)
        Names of the categories, sorted, or column numbers where `labels` was a 0/1 array.
    vectorizer_ : TfidfVectorizer
        The fitted vectoriser.
    coef_ : ndarray of shape (n_terms, n_categories)
        Weights of terms on calibrated log-odds.
    intercept_ : ndarray of shape (n_categories,)
        Calibrated log-odds of a text without known terms.
    thresholds_ : ndarray of shape (n_categories,)
        Least probability at which a category is predicted.

    Examples
    --------
    >>> texts = ["We collect your name.", "Cookies are small files."] * 6
    >>> labels = [["collection"], ["cookies"]] * 6
    >>> model = ClauseClassifier(cv=2).fit(texts, labels)
    >>> model.predict(["We also collect your address."])
    [('collection',)]
    >>> model.predict_proba(["We also collect your address."]).shape
    (1, 2)

    References
    ----------
    Platt, "Probabilistic outputs for support vector machines", 1999 (calibration). Lipton, Elkan & Narayanaswamy, "Optimal
    thresholding of classifiers to maximize F1 measure", ECML 2014 (the threshold on calibrated probabilities that is best
    for F1 is half that F1).
    """

    def __init__(
        self,
        *,
        C: float = 10.0,
        min_df: int = 2,
        min_examples: int = 5,
        cv: int = 3,
        n_jobs: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.min_df = min_df
        self.min_examples = min_examples
        self.cv = cv
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self, X: Sequence[str], y: ArrayLike | Sequence[Sequence[str]], groups: Sequence[Any] | None = None
    ) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        X
            The texts, n_texts strings.
        y
            For each text the names of its categories, or an array of shape (n_texts, n_categories) of 1, 0, and -1 where
            it is unknown whether a category applies: such a text is left out of that category.
        groups
            For each text the policy it comes from; texts of one policy stay in one fold. Without it each text is its own.

        Raises
        ------
        TypeError
            If the texts are not strings.
        ValueError
            If lengths differ, there is nothing to learn from, or there are fewer groups than folds.
        """
        texts = _texts(X)
        self.classes_, self._named, target = _target(y)
        if len(texts) != len(target):
            raise ValueError(f"there are {len(texts)} texts but {len(target)} rows of labels")
        if groups is not None and len(groups) != len(texts):
            raise ValueError(f"there are {len(texts)} texts but {len(groups)} groups")
        self.vectorizer_ = TfidfVectorizer(analyzer=terms, sublinear_tf=True, min_df=self.min_df)
        try:
            tfidf = csr_array(self.vectorizer_.fit_transform(texts))
        except ValueError:  # scikit-learn speaks of pruning and of stop words
            raise ValueError(
                f"no word stands in {self.min_df} texts: they are too few or too short to learn from"
            ) from None
        positive = (target == 1).sum(axis=0)
        learned = positive >= self.min_examples
        for name, count in zip(self.classes_[~learned], positive[~learned], strict=True):
            warnings.warn(
                f"category {str(name)!r} has {count} examples, fewer than {self.min_examples}: it will never be predicted",
                FewExamplesWarning,
                stacklevel=2,
            )
        parts = folds.split(target == 1, groups, self.cv, self.random_state)
        rows = [np.arange(len(texts)), *(np.flatnonzero(parts != part) for part in range(self.cv))]
        fitted = Parallel(n_jobs=self.n_jobs)(
            delayed(_fit)(tfidf[r], np.where(learned, target[r], -1), self.C) for r in rows
        )
        unseen = np.empty(target.shape)
        for part, (coef, intercept) in enumerate(fitted[1:]):
            unseen[parts == part] = tfidf[parts == part] @ coef + intercept
        coef, intercept = fitted[0]
        slope, offset = _calibrate(unseen, target)
        self.coef_ = np.where(learned, coef * slope, 0.0)
        self.intercept_ = np.where(learned, intercept * slope + offset, NEVER)
        self.thresholds_ = np.where(learned, _thresholds(_sigmoid(unseen * slope + offset), target), UNREACHABLE)
        return self

    def decision_function(self, X: Sequence[str]) -> Floats:
        """Give calibrated log-odds, of shape (n_texts, n_categories)."""
        check_is_fitted(self)
        result: Floats = csr_array(self.vectorizer_.transform(_texts(X))) @ self.coef_ + self.intercept_
        return result

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Give calibrated probabilities, of shape (n_texts, n_categories); they need not sum to 1."""
        return _sigmoid(self.decision_function(X))

    def predict(self, X: Sequence[str]) -> list[tuple[str, ...]] | NDArray[np.int64]:
        """Give the categories of each text, in the kind that `fit` was given: tuples of names, or a 0/1 array."""
        hits = self.predict_proba(X) >= self.thresholds_
        return [tuple(map(str, self.classes_[row])) for row in hits] if self._named else hits.astype(np.int64)

    def score(self, X: Sequence[str], y: ArrayLike | Sequence[Sequence[str]]) -> float:
        """Give the micro-averaged F1 of the predictions."""
        check_is_fitted(self)
        hits = self.predict_proba(X) >= self.thresholds_
        if self._named:
            names = [set(labels) for labels in y]  # type: ignore[union-attr, arg-type]
            target = np.array([[str(name) in labels for name in self.classes_] for labels in names], dtype=np.int8)
        else:
            target = np.asarray(y)
        true, hits = target == 1, hits & (target >= 0)
        return float(2 * (hits & true).sum() / max(1, hits.sum() + true.sum()))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.target_tags.single_output = False
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags


def _texts(X: Sequence[str]) -> list[str]:
    if isinstance(X, str):
        raise TypeError("expected a sequence of texts, not one string; put it in a list")
    texts = list(X)
    for number, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"text {number} is {type(text).__name__}, not str")
    return texts


def _target(y: ArrayLike | Sequence[Sequence[str]]) -> tuple[NDArray[Any], bool, Labels]:
    """Read labels of either kind as (classes, whether they are names, array of shape (n_texts, n_categories))."""
    if y is None:
        raise ValueError("requires y to be passed, but the target y is None")
    array = (
        None if isinstance(y, list | tuple) and any(isinstance(row, list | tuple | set) for row in y) else np.asarray(y)
    )
    if array is not None and array.ndim == 2 and array.dtype.kind in "biuf":
        if not np.isin(array, (0, 1, -1)).all():
            raise ValueError("an array of labels may only hold 0, 1, and -1 for unknown")
        return np.arange(array.shape[1]), False, array.astype(np.int8)
    rows = [_names(number, row) for number, row in enumerate(y)]  # type: ignore[arg-type]
    if all(all(isinstance(item, int | np.integer) for item in row) for row in rows) and any(rows):
        return _target(np.array(rows))
    classes = np.array(sorted({name for row in rows for name in row}), dtype=np.str_)
    if not len(classes):
        raise ValueError("no text has a label: there is nothing to learn")
    return classes, True, np.array([[name in row for name in classes] for row in rows], dtype=np.int8)


def _names(number: int, row: Any) -> list[Any]:
    if isinstance(row, str) or not hasattr(row, "__iter__"):
        raise ValueError(f"labels of text {number} must be a list of names or a row of 0 and 1, not {row!r}")
    return list(row)


def _fit(tfidf: csr_array, target: Labels, C: float) -> tuple[Floats, Floats]:
    """Fit one logistic regression a category; where all rows are of one kind there is nothing to weigh, and values are 0."""
    coef, intercept = np.zeros((tfidf.shape[1], target.shape[1])), np.zeros(target.shape[1])
    for column, known in _both_kinds(target):
        # liblinear's dual solver takes half the time of the primal one here, and a sixth of that of lbfgs; a tighter
        # tolerance than 0.01 moves no figure in the third place and costs half as much again
        model = LogisticRegression(
            C=C, class_weight="balanced", solver="liblinear", dual=True, tol=0.01, max_iter=1000, random_state=0
        )
        model.fit(tfidf if known.all() else tfidf[known], target[known, column])
        coef[:, column], intercept[column] = model.coef_[0], model.intercept_[0]
    return coef, intercept


def _both_kinds(target: Labels) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """Give the categories with rows that have the label and rows that do not, each with the rows where it is known."""
    for column in range(target.shape[1]):
        if (target[:, column] == 1).any() and (target[:, column] == 0).any():
            yield column, target[:, column] >= 0


def _calibrate(values: Floats, target: Labels) -> tuple[Floats, Floats]:
    """Fit probability = sigmoid(slope * value + offset) in each category; a value must never count against itself."""
    slope, offset = np.ones(target.shape[1]), np.zeros(target.shape[1])
    for column, known in _both_kinds(target):
        platt = LogisticRegression(C=1.0).fit(values[known][:, [column]], target[known, column])
        slope[column], offset[column] = max(float(platt.coef_[0, 0]), 0.1), platt.intercept_[0]
    return slope, offset


def _thresholds(probabilities: Floats, target: Labels) -> Floats:
    """Give half the best F1 of each category, the F1-optimal threshold on calibrated probabilities."""
    thresholds = np.ones(target.shape[1])
    for column in np.flatnonzero((target == 1).any(axis=0)):
        known = target[:, column] >= 0
        hits = target[known, column][np.argsort(-probabilities[known, column], kind="stable")]
        f1 = 2 * np.cumsum(hits) / (np.arange(1, len(hits) + 1) + hits.sum())
        thresholds[column] = max(0.05, f1.max() / 2)
    return thresholds


def _sigmoid(values: Floats) -> Floats:
    result: Floats = 1.0 / (1.0 + np.exp(-np.clip(values, -700, 700)))
    return result
