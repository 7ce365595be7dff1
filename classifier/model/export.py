"""Export a model as a fitted scikit-learn pipeline in a joblib file.

The pipeline's vectorizer calls `classifier.text.analyzer.terms`, so policy-clauses must be installed to load the file. This
package loads no such files: loading one runs any code that it holds.
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
    """Build a scikit-learn pipeline with the predictions of a model.

    Returns
    -------
    Pipeline
        `predict` returns a 0/1 array of shape (n_texts, n_categories), with the thresholds of the model. `predict_proba`
        returns one array of shape (n_texts, 2) per category, in a list. The attribute `categories_` holds the ids of the
        categories.

    Examples
    --------
    >>> from classifier import load
    >>> pipeline(load().model).predict(["We use cookies.", ""]).shape
    (2, 15)
    """
    vectorizer = TfidfVectorizer(
        analyzer=partial(terms, window=model.window),
        sublinear_tf=True,
        vocabulary={term: row for row, term in enumerate(model.terms)},
    )
    vectorizer.idf_ = model.idf.astype(np.float64)
    classifiers = MultiOutputClassifier(FixedThresholdClassifier(LogisticRegression(), response_method="predict_proba"))
    classifiers.estimators_ = [_category_classifier(model, column) for column in range(len(model.taxonomy))]
    classifiers.classes_ = [np.array([0, 1])] * len(model.taxonomy)
    fitted = Pipeline([("tfidf", vectorizer), ("categories", classifiers)])
    fitted.categories_ = model.taxonomy.ids
    return fitted


def export_joblib(model: Model, path: str | Path) -> None:
    """Write the pipeline of a model to a joblib file. Raises `WriteError` if that fails."""
    buffer = io.BytesIO()
    joblib.dump(pipeline(model), buffer)
    write_file(path, buffer.getvalue())


def _category_classifier(model: Model, column: int) -> FixedThresholdClassifier:
    """Return the weights and the threshold of one category as a fitted binary classifier."""
    logistic = LogisticRegression()
    logistic.coef_ = model.weights[:, [column]].T.astype(np.float64)
    logistic.intercept_ = model.intercept[[column]].astype(np.float64)
    logistic.classes_ = np.array([0, 1])
    logistic.n_features_in_ = len(model.codes)
    classifier = FixedThresholdClassifier(
        logistic, threshold=float(model.thresholds[column]), response_method="predict_proba"
    )
    classifier.estimator_ = logistic
    return classifier
