"""Fit a multi-label text classifier: `ClauseClassifier`, a scikit-learn estimator.

It computes tf-idf of stems and of stems that occur together, and fits one linear model per category. The weights are those of
least squares on labels from -1 to 1, softened by the votes of annotators where there were several: on OPP-115 this is one
point of F1 better than logistic regression on the labels alone, and ten times as fast to fit.

Probabilities and thresholds come from out-of-fold values, those of rows that a fold's model has not seen: a logistic
regression turns values into probabilities, and one threshold per category is chosen on them. The calibration is folded into
the weights, so a score is one product and one sigmoid, and can be explained exactly.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from classifier.datasets.splits import assign_folds
from classifier.model.arrays import Bools, Floats, LabelMatrix
from classifier.model.calibration import f1_thresholds, fit_platt
from classifier.model.conversion import build_model, category_order, make_taxonomy
from classifier.model.description import MAX_WINDOW, wrong_name
from classifier.model.labels import label_names, label_rows, read_labels
from classifier.model.model import Model
from classifier.model.scorer import to_probabilities
from classifier.model.solvers import least_squares, logistic
from classifier.model.training_matrix import (
    AuxiliaryRows,
    RationaleSentences,
    TrainingMatrix,
    build_training_matrix,
    check_rows,
)
from classifier.taxonomy import Taxonomy
from classifier.text.sequences import Column, Texts, text_list

NEVER_LOG_ODDS = -30.0
"""Log-odds of a category that could not be learned: a probability of 1e-13, below every threshold."""
UNREACHABLE = 1.0
"""Threshold of a category that could not be learned."""


class FewExamplesWarning(UserWarning):
    """A category has too few examples to be learned; it will never be predicted."""


class ClauseClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multi-label classifier of paragraphs: tf-idf of stems and of stems that occur together, one linear model per category.

    Parameters
    ----------
    window
        Largest distance, in words, of two stems that form a term in any order; 0 to 50. With 0 the terms are stems and pairs
        of neighbors: the model has a quarter of the size and tags four times as fast, for about one point of F1.
    loss
        Loss that the weights minimize: "squared" (ridge regression on the labels) or "logistic" (balanced logistic
        regression).
    C
        Inverse strength of the L2 penalty, above 0. None selects the best value on OPP-115: 1.5 (squared), 1 (squared,
        window 0), 10 (logistic).
    min_df
        Number of policies in which a term must occur, at least 1; of texts, where there are few policies.
    min_examples
        A category with fewer positive texts is not learned, with a `FewExamplesWarning`; at least 1.
    cv
        Number of folds for calibration and thresholds, at least 2.
    also_weight
        Weight of a row of `also` relative to one of `X`, above 0 and at most 1.
    random_state
        Seed of the folds, at least 0.

    Attributes
    ----------
    classes_ : ndarray of shape (n_categories,)
        The categories: sorted names, or the columns of the 0/1 array or data frame `y`.
    vectorizer_ : TfidfVectorizer
        The fitted vectorizer.
    coef_ : ndarray of shape (n_terms, n_categories)
        Weights of terms on calibrated log-odds.
    intercept_ : ndarray of shape (n_categories,)
        Calibrated log-odds of a text without known terms.
    thresholds_ : ndarray of shape (n_categories,)
        Lowest probability at which a category is predicted.

    Notes
    -----
    In `cross_val_score`, `GridSearchCV` and the like, `fit` sees the groups of its rows only if metadata routing passes them
    on. Without that each text is its own group, and calibration and thresholds are too optimistic::

        sklearn.set_config(enable_metadata_routing=True)
        model = ClauseClassifier().set_fit_request(groups=True)
        cross_val_score(model, texts, labels, params={"groups": policies}, cv=GroupKFold(5))

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
    Rifkin & Klautau, "In defense of one-vs-all classification", JMLR 2004 (least squares as good as any loss). Platt,
    "Probabilistic outputs for support vector machines", 1999 (calibration). Lipton, Elkan & Narayanaswamy, "Optimal
    thresholding of classifiers to maximize F1 measure", ECML 2014 (the F1-optimal threshold on calibrated probabilities is
    half of that F1).
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "window": [Interval(Integral, 0, MAX_WINDOW, closed="both")],
        "loss": [StrOptions({"squared", "logistic"})],
        "C": [Interval(Real, 0, None, closed="neither"), None],
        "min_df": [Interval(Integral, 1, None, closed="left")],
        "min_examples": [Interval(Integral, 1, None, closed="left")],
        "cv": [Interval(Integral, 2, None, closed="left")],
        "also_weight": [Interval(Real, 0, 1, closed="right")],
        "random_state": [Interval(Integral, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        window: int = 10,
        loss: Literal["squared", "logistic"] = "squared",
        C: float | None = None,
        min_df: int = 2,
        min_examples: int = 5,
        cv: int = 3,
        also_weight: float = 0.1,
        random_state: int = 0,
    ) -> None:
        self.window = window
        self.loss = loss
        self.C = C
        self.min_df = min_df
        self.min_examples = min_examples
        self.cv = cv
        self.also_weight = also_weight
        self.random_state = random_state

    def fit(
        self,
        X: Texts,
        y: ArrayLike | Sequence[Sequence[str]] | Column,
        groups: Sequence[Any] | Column | None = None,
        votes: ArrayLike | None = None,
        also: AuxiliaryRows | None = None,
        sentences: RationaleSentences | None = None,
    ) -> Self:
        """Learn from labeled texts.

        Parameters
        ----------
        X
            n_texts strings: a list, tuple, array, pandas Series or other sequence. Texts, labels and groups belong together
            by position; an index does not matter.
        y
            The label names of each text, a list of names or one name; or an array or data frame of shape (n_texts,
            n_categories) of 1, 0, and -1 for unknown: such a text is left out of that category.
        groups
            The policy of each text; texts of one policy stay in one fold. None treats each text as its own policy.
        votes
            Share of annotators who gave each label, from 0 to 1, of shape (n_texts, n_categories), in the columns of
            `classes_`. Labels that people disagree on are learned less firmly. Calibration and thresholds use `y` alone.
        also
            Rows of another corpus to learn from, each with weight `also_weight`: they help where there are few texts, and
            do not outvote `X`. Which categories are learned, calibration and thresholds depend on `X` alone.
        sentences
            Sentences of `X` with the annotators' rationales: of a text of five sentences perhaps one is about retention. They
            help most in categories with few texts. They do not influence calibration or thresholds either.

        Raises
        ------
        TypeError
            If texts, labels or groups are not sequences, a text is not a string, or a value is missing.
        ValueError
            If a parameter is out of range (`sklearn.utils._param_validation.InvalidParameterError`), lengths differ, there is
            nothing to learn from, or there are fewer groups than folds.
        """
        self._validate_params()
        texts = text_list(X)
        self.classes_, self._has_names, target = read_labels(y)
        rows = check_rows(texts, target, groups, votes, also, sentences)
        n_positive = (target == 1).sum(axis=0)
        has_enough = n_positive >= self.min_examples
        for name, count in zip(self.classes_[~has_enough], n_positive[~has_enough], strict=True):
            _warn_never(f"category {str(name)!r} has {count} examples, fewer than {self.min_examples}")
        fold_ids = assign_folds(target == 1, rows.groups, self.cv, self.random_state)
        self.vectorizer_, matrix = build_training_matrix(
            rows,
            has_enough,
            fold_ids,
            window=self.window,
            min_df=self.min_df,
            auxiliary_weight=self.also_weight,
        )
        coef, intercept = self._fit_linear(matrix)
        values, judged = self._out_of_fold_values(matrix, target)
        # calibration needs held-out values of both classes
        is_learned = has_enough & (judged == 1).any(axis=0) & (judged == 0).any(axis=0)
        for name in self.classes_[has_enough & ~is_learned]:
            _warn_never(f"all examples of category {str(name)!r} are in one policy, or it has no counterexamples")
        self._set_calibrated(coef, intercept, values, judged, is_learned)
        return self

    def _fit_linear(self, matrix: TrainingMatrix) -> tuple[Floats, Floats]:
        """Return weights and intercepts, not yet calibrated, of shapes (n_terms, n_categories) and (n_categories,)."""
        if self.loss == "squared":
            strength = self.C if self.C is not None else 1.5 if self.window else 1.0
            return least_squares(matrix.tfidf, matrix.soft, matrix.mask, matrix.weight * strength)
        strength = self.C if self.C is not None else 10.0
        return logistic(matrix.tfidf, matrix.soft, matrix.mask, matrix.weight, strength)

    def _out_of_fold_values(self, matrix: TrainingMatrix, target: LabelMatrix) -> tuple[Floats, LabelMatrix]:
        """Return the value of each text by a model that has not seen its policy, and the labels to judge it by.

        Both are of shape (n_texts, n_categories). The label is -1 if it is unknown, or if the model of the fold has seen no
        example or no counterexample of the category: its value could not be calibrated.
        """
        n_texts = len(target)
        values = np.empty(target.shape)
        judged = np.where(matrix.mask[:n_texts], target, -1)
        for fold in range(self.cv):
            held_out = np.flatnonzero(matrix.fold_ids[:n_texts] == fold)
            train = matrix.take(np.flatnonzero(matrix.fold_ids != fold))
            coef, intercept = self._fit_linear(train)
            values[held_out] = matrix.tfidf[held_out] @ coef + intercept
            judged[np.ix_(held_out, ~train.has_both_classes())] = -1
        return values, judged

    def _set_calibrated(
        self, coef: Floats, intercept: Floats, values: Floats, judged: LabelMatrix, is_learned: Bools
    ) -> None:
        """Fold the calibration into weights and intercept, and choose thresholds on calibrated probabilities."""
        slope, offset = fit_platt(values, judged)
        thresholds = f1_thresholds(to_probabilities(values * slope + offset), judged)
        self.coef_ = np.where(is_learned, coef * slope, 0.0)
        self.intercept_ = np.where(is_learned, intercept * slope + offset, NEVER_LOG_ODDS)
        self.thresholds_ = np.where(is_learned, thresholds, UNREACHABLE)

    def decision_function(self, X: Texts) -> Floats:
        """Return calibrated log-odds, of shape (n_texts, n_categories)."""
        check_is_fitted(self)
        result: Floats = csr_array(self.vectorizer_.transform(text_list(X))) @ self.coef_ + self.intercept_
        return result

    def predict_proba(self, X: Texts) -> Floats:
        """Return calibrated probabilities, of shape (n_texts, n_categories); they need not sum to 1."""
        return to_probabilities(self.decision_function(X))

    def predict(self, X: Texts) -> list[tuple[str, ...]] | NDArray[np.int64]:
        """Return the categories of each text, in the form of the labels that `fit` was given.

        Returns
        -------
        list of tuple of str
            The names of each text's categories, in the order of `classes_`, if `y` held names.
        ndarray of shape (n_texts, n_categories)
            1 for a predicted category and 0 otherwise, if `y` was a 0/1 array or data frame; the columns are `classes_`.
        """
        hits = self.predict_proba(X) >= self.thresholds_
        return [tuple(map(str, self.classes_[row])) for row in hits] if self._has_names else hits.astype(np.int64)

    def score(self, X: Texts, y: ArrayLike | Sequence[Sequence[str]] | Column) -> float:
        """Return the micro-averaged F1 of the predictions on labels in the form that `fit` was given.

        Raises
        ------
        ValueError
            If the labels are of another shape.
        """
        check_is_fitted(self)
        y_pred = self.predict_proba(X) >= self.thresholds_
        if self._has_names:
            names = [label_names(number, row) for number, row in enumerate(label_rows(y))]
            labels = np.array([[str(name) in row for name in self.classes_] for row in names], dtype=np.int8)
        else:
            labels = np.asarray(y)
        if labels.shape != y_pred.shape:
            raise ValueError(f"labels of shape {y_pred.shape} are needed, not {labels.shape}")
        y_true, y_pred = labels == 1, y_pred & (labels >= 0)
        return float(2 * (y_pred & y_true).sum() / max(1, y_pred.sum() + y_true.sum()))

    def to_model(self, taxonomy: Taxonomy | None = None, name: str = "model") -> Model:
        """Return the fitted weights as a `Model`, which a `Tagger` takes and `save_model` writes.

        Parameters
        ----------
        taxonomy
            The categories; its ids must be the classes, in any order (in the order of the columns, if `y` had no names).
            None makes one, with ids, titles and colors made from `classes_`.
        name
            Name of the model in output.

        Raises
        ------
        ValueError
            If the ids of the taxonomy are not the classes, or a model cannot have the name.
        NotFittedError
            If the estimator is not fitted.

        Examples
        --------
        >>> from classifier import Tagger
        >>> texts = ["We collect your name.", "Cookies are small files."] * 6
        >>> fitted = ClauseClassifier(cv=2).fit(texts, ["collection", "cookies"] * 6)
        >>> Tagger(fitted.to_model()).predict(["We also collect your address."])
        [('collection',)]
        """
        check_is_fitted(self)
        if problem := wrong_name(name):
            raise ValueError(problem)
        classes = self.classes_.tolist()
        order = np.arange(len(classes)) if taxonomy is None else category_order(classes, taxonomy)
        taxonomy = make_taxonomy(classes) if taxonomy is None else taxonomy
        return build_model(
            self.vectorizer_, self.coef_[:, order], self.intercept_[order], self.thresholds_[order], taxonomy, name
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.target_tags.single_output = False
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags


def _warn_never(reason: str) -> None:
    """Warn, at the caller of `fit`, that a category is not learned."""
    warnings.warn(f"{reason}: it will never be predicted", FewExamplesWarning, stacklevel=3)
