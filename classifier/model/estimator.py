"""Texts and labels become a fitted pipeline: `ClauseClassifier`, a scikit-learn estimator.

Tf-idf of stems and of stems that stand together, then one linear model a category. Its weights are those of least squares on
labels between -1 and 1, softened by the votes of annotators where there were several: on OPP-115 that is a point of F1
better than logistic regression on the labels alone, and ten times as fast to fit. Values of rows that a fold's model has not
seen then serve twice: a logistic regression turns values into probabilities, and one threshold a category is chosen on them.
That calibration is folded into the weights, so that a score is one product and one sigmoid and can be explained exactly.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from classifier.datasets.splits import assign_folds
from classifier.model.arrays import Bools, Floats, LabelMatrix
from classifier.model.calibration import f1_thresholds, fit_platt, sigmoid
from classifier.model.labels import label_names, label_rows, read_labels, soft_labels
from classifier.model.solvers import least_squares, logistic
from classifier.model.vectorizer import fit_vectorizer
from classifier.text.sequences import Column, Texts, refuse_missing, row_list, text_list

FEW = 60
"""With so many texts of a category its sentences count like texts; with more, less, so that texts go on deciding."""

NEVER = -30.0
"""Log-odds of a category that could not be learned: a probability of 1e-13, below every threshold."""

UNREACHABLE = 1.0
"""Its threshold."""


class FewExamplesWarning(UserWarning):
    """A category has too few examples to be learned; it will never be predicted."""


class Rows(NamedTuple):
    """Labelled rows to learn from beside others.

    Attributes
    ----------
    texts
        n_rows strings.
    labels
        Of shape (n_rows, n_categories), in the columns of the others' categories: 1, 0, and -1 for unknown.
    groups
        For each row the policy it comes from.
    """

    texts: Texts
    labels: ArrayLike
    groups: Sequence[Any] | Column


class Sentences(NamedTuple):
    """Sentences of labelled texts, of which people marked what speaks for a category.

    Attributes
    ----------
    texts
        n_sentences strings.
    shares
        Of shape (n_sentences, n_categories): the share of people who marked the sentence, or a part of it, for the category.
    rows
        For each sentence the number of its text.
    """

    texts: Texts
    shares: ArrayLike
    rows: Sequence[int] | Column


class ClauseClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Multi-label classifier of paragraphs: tf-idf of stems and stems that stand together, one linear model a category.

    Parameters
    ----------
    window
        Within how many words two stems make a term together, whatever their order. 0 leaves stems and neighbours: the model
        is a quarter of the size and tags at four times the speed, for about a point of F1.
    min_df
        A term counts if it stands in at least so many policies (texts, where there are few policies).
    loss
        What the weights minimise: "squared" (ridge regression on labels), or "logistic" (balanced logistic regression).
    C
        Inverse strength of the L2 penalty; None for what did best on OPP-115: 1.5 (squared), 1 (squared, no window), 10
        (logistic).
    min_examples
        A category with fewer positive texts is not learned, with a `FewExamplesWarning`.
    cv
        Number of folds for calibration and thresholds, at least 2.
    also_weight
        What a row of `also` counts beside one of `X`, above 0 and at most 1.
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
    Rifkin & Klautau, "In defense of one-vs-all classification", JMLR 2004 (least squares as good as any loss). Platt,
    "Probabilistic outputs for support vector machines", 1999 (calibration). Lipton, Elkan & Narayanaswamy, "Optimal
    thresholding of classifiers to maximize F1 measure", ECML 2014 (the threshold on calibrated probabilities that is best
    for F1 is half that F1).
    """

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
        also: Rows | None = None,
        sentences: Sentences | None = None,
    ) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        X
            The texts, n_texts strings: a list, tuple, array, pandas Series or other sequence. Texts, labels and groups
            belong together by position; an index does not matter.
        y
            For each text the names of its categories, or an array of shape (n_texts, n_categories) of 1, 0, and -1 where
            it is unknown whether a category applies: such a text is left out of that category.
        groups
            For each text the policy it comes from; texts of one policy stay in one fold. Without it each text is its own.
        votes
            For each text and category the share of annotators who gave it, from 0 to 1, in the columns of `classes_`. What
            people disagree on is learned less firmly; `y` stays what is calibrated and thresholded for.
        also
            Rows from elsewhere that are learned from too, each with `also_weight`: what differs there in text or guidelines
            should help where there is little, and not outvote what is asked for. They decide nothing else: which
            categories can be learned, calibration and thresholds are of `X` alone.
        sentences
            Sentences of `X` that are learned from too, as people marked them: a text of five sentences may be about retention
            in one. The fewer texts a category has, the more they help. They decide nothing else either.

        Raises
        ------
        TypeError
            If texts, labels or groups are no sequence, a text is no string, or a value is missing.
        ValueError
            If lengths differ, there is nothing to learn from, or there are fewer groups than folds.
        """
        texts = text_list(X)
        self.classes_, self._named, target = read_labels(y)
        if len(texts) != len(target):
            raise ValueError(f"there are {len(texts)} texts but {len(target)} rows of labels")
        groups = None if groups is None else _groups(groups, len(texts))
        none = np.zeros((0, target.shape[1]))
        also = Rows([], none, []) if also is None else _rows_as_lists(also)
        sentences = Sentences(text_list(sentences.texts), *sentences[1:]) if sentences else Sentences([], none, [])
        beside, (shares, row_of) = _beside(also, target.shape[1]), _marked(sentences, target)
        tfidf = self._vectorize(texts, groups, also, sentences)
        soft = np.vstack([soft_labels(target, votes), soft_labels(beside, None), 2.0 * shares - 1.0])
        positive = (target == 1).sum(axis=0)
        learned = positive >= self.min_examples
        for name, count in zip(self.classes_[~learned], positive[~learned], strict=True):
            warnings.warn(
                f"category {str(name)!r} has {count} examples, fewer than {self.min_examples}: it will never be predicted",
                FewExamplesWarning,
                stacklevel=2,
            )
        known = (np.vstack([target, beside, target[row_of]]) >= 0) & learned
        counts = np.ones((3, target.shape[1]))  # what a row of each kind counts
        counts[1], counts[2] = self.also_weight, np.minimum(1.0, FEW / np.maximum(1, positive))
        weight = np.repeat(counts, [len(target), len(beside), len(shares)], axis=0)
        coef, intercept = self._weigh(tfidf, soft, known, weight)
        unseen, judged = np.empty(target.shape), np.where(known[: len(target)], target, -1)
        parts = assign_folds(target == 1, groups, self.cv, self.random_state)
        # what stands beside is never held out, sentences are held out with their texts
        parts = np.concatenate([parts, np.full(len(beside), -1), parts[row_of]])
        for part in range(self.cv):
            seen, held = np.flatnonzero(parts != part), np.flatnonzero(parts[: len(target)] == part)
            weights, offset = self._weigh(tfidf[seen], soft[seen], known[seen], weight[seen])
            unseen[held] = tfidf[held] @ weights + offset
            # a model that has seen no example, or nothing else, says nothing that could be calibrated
            whole = seen[seen < len(target) + len(beside)]
            blind = ~((known & (soft > 0))[whole].any(axis=0) & (known & (soft <= 0))[whole].any(axis=0))
            judged[np.ix_(held, blind)] = -1
        alone = learned & ~((judged == 1).any(axis=0) & (judged == 0).any(axis=0))
        for name in self.classes_[alone]:
            warnings.warn(
                f"category {str(name)!r} has its examples in one policy, or nothing beside them: it will never be predicted",
                FewExamplesWarning,
                stacklevel=2,
            )
        learned &= ~alone
        slope, offset = fit_platt(unseen, judged)
        self.coef_ = np.where(learned, coef * slope, 0.0)
        self.intercept_ = np.where(learned, intercept * slope + offset, NEVER)
        chosen = f1_thresholds(sigmoid(unseen * slope + offset), judged)
        self.thresholds_ = np.where(learned, chosen, UNREACHABLE)
        return self

    def _vectorize(self, texts: list[str], groups: list[Any] | None, also: Rows, sentences: Sentences) -> csr_array:
        """Learn the terms of texts and rows beside; give the tf-idf of these and of sentences."""
        if not 0 < self.also_weight <= 1:
            raise ValueError(f"also_weight must be above 0 and at most 1, not {self.also_weight}")
        if groups is not None and len(also.texts):
            own, others = (np.unique(np.asarray(names), return_inverse=True)[1] for names in (groups, also.groups))
            groups = np.append(own, others + own.max() + 1).tolist()
        read = [*texts, *text_list(also.texts)]
        self.vectorizer_, tfidf = fit_vectorizer(read, groups, self.window, self.min_df, sentences.texts)
        return tfidf

    def _weigh(self, tfidf: csr_array, soft: Floats, known: Bools, weight: Floats) -> tuple[Floats, Floats]:
        if self.loss == "squared":
            usual = 1.5 if self.window else 1.0
            return least_squares(tfidf, soft, known, weight * (usual if self.C is None else self.C))
        return logistic(tfidf, soft, known, weight, 10.0 if self.C is None else self.C)

    def decision_function(self, X: Texts) -> Floats:
        """Give calibrated log-odds, of shape (n_texts, n_categories)."""
        check_is_fitted(self)
        result: Floats = csr_array(self.vectorizer_.transform(text_list(X))) @ self.coef_ + self.intercept_
        return result

    def predict_proba(self, X: Texts) -> Floats:
        """Give calibrated probabilities, of shape (n_texts, n_categories); they need not sum to 1."""
        return sigmoid(self.decision_function(X))

    def predict(self, X: Texts) -> list[tuple[str, ...]] | NDArray[np.int64]:
        """Give the categories of each text, in the kind that `fit` was given: tuples of names, or a 0/1 array."""
        hits = self.predict_proba(X) >= self.thresholds_
        return [tuple(map(str, self.classes_[row])) for row in hits] if self._named else hits.astype(np.int64)

    def score(self, X: Texts, y: ArrayLike | Sequence[Sequence[str]] | Column) -> float:
        """Give the micro-averaged F1 of the predictions."""
        check_is_fitted(self)
        hits = self.predict_proba(X) >= self.thresholds_
        if self._named:
            names = [label_names(number, row) for number, row in enumerate(label_rows(y))]
            target = np.array([[str(name) in labels for name in self.classes_] for labels in names], dtype=np.int8)
        else:
            target = np.asarray(y)
        if target.shape != hits.shape:
            raise ValueError(f"labels of shape {hits.shape} are needed, not {target.shape}")
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


def _rows_as_lists(also: Rows) -> Rows:
    groups = row_list(also.groups, "group")
    refuse_missing(groups, "group")
    return Rows(text_list(also.texts), also.labels, groups)


def _beside(rows: Rows, n_categories: int) -> LabelMatrix:
    """Check further rows and give their labels."""
    labels = np.asarray(rows.labels)
    if labels.shape != (len(rows.texts), n_categories) or len(rows.groups) != len(rows.texts):
        raise ValueError(
            f"{len(rows.texts)} rows beside need as many groups and labels of shape ({len(rows.texts)}, {n_categories}), "
            f"not {len(rows.groups)} and {labels.shape}"
        )
    if not np.isin(labels, (0, 1, -1)).all():
        raise ValueError("an array of labels may only hold 0, 1, and -1 for unknown")
    return labels.astype(np.int8)


def _marked(sentences: Sentences, target: LabelMatrix) -> tuple[Floats, NDArray[np.intp]]:
    """Check sentences; give what was marked in each, and the number of its text."""
    shares, rows = np.asarray(sentences.shares, dtype=np.float64), np.asarray(sentences.rows, dtype=np.intp)
    shape = (len(sentences.texts), target.shape[1])
    if shares.shape != shape or rows.shape != shape[:1] or not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(
            f"{shape[0]} sentences need as many numbers of texts, and shares from 0 to 1 of shape {shape}, not "
            f"{rows.shape} and {shares.shape}"
        )
    if not ((rows >= 0) & (rows < len(target))).all():
        raise ValueError(f"sentences must be of texts 0 to {len(target) - 1}")
    return shares, rows


def _groups(groups: Sequence[Any] | Column, n_texts: int) -> list[Any]:
    """Check groups; return one for each text."""
    listed = row_list(groups, "group")
    if len(listed) != n_texts:
        raise ValueError(f"there are {n_texts} texts but {len(listed)} groups")
    refuse_missing(listed, "group")
    if np.asarray(listed).ndim != 1:
        raise ValueError("each group must be one name or number")
    return listed
