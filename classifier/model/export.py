"""A model becomes a fitted scikit-learn pipeline in a joblib file, for those who ask for one.

The pipeline's vectoriser calls `classifier.text.terms`, so policy-clauses must be installed where it is loaded. Nothing in
this package loads such files: loading one runs whatever code it holds.
"""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import joblib
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline

from classifier.io import write_file
from classifier.model.model import Model
from classifier.text.analyzer import terms


def pipeline(model: Model) -> Pipeline:
    """Build the scikit-learn pipeline that predicts what the model predicts.

    Returns
    -------
    Pipeline
        `predict` gives a 0/1 array of shape (n_texts, n_categories), thresholds applied; `predict_proba` a list with one
        array of shape (n_texts, 2) a category. The attribute `categories_` names the columns.
    """
    vectorizer = TfidfVectorizer(
        analyzer=partial(terms, window=model.window), sublinear_tf=True, vocabulary=model.vocabulary
    )
    vectorizer.idf_ = model.idf.astype(np.float64)
    classifiers = MultiOutputClassifier(FixedThresholdClassifier(LogisticRegression(), response_method="predict_proba"))
    classifiers.estimators_ = [_one(model, column) for column in range(len(model.taxonomy))]
    classifiers.classes_ = [np.array([0, 1])] * len(model.taxonomy)
    fitted = Pipeline([("tfidf", vectorizer), ("categories", classifiers)])
    fitted.categories_ = model.taxonomy.ids
    return fitted


def export_joblib(model: Model, path: str | Path) -> None:
    """Write the pipeline of `model` to a joblib file. Raises `WriteError` if that is not possible."""
    buffer = io.BytesIO()
    joblib.dump(pipeline(model), buffer)
    write_file(path, buffer.getvalue())


def _one(model: Model, column: int) -> FixedThresholdClassifier:
    logistic = LogisticRegression()
    logistic.coef_ = model.weights[:, [column]].T.astype(np.float64)
    logistic.intercept_ = model.intercept[[column]].astype(np.float64)
    logistic.classes_ = np.array([0, 1])
    logistic.n_features_in_ = len(model.terms)
    cut = FixedThresholdClassifier(logistic, threshold=float(model.thresholds[column]), response_method="predict_proba")
    cut.estimator_ = logistic
    return cut
