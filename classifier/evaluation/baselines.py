"""Compute baselines on the same rows, to compare a model with.

Three of them: the most frequent category for every row; the taxonomy's keywords; and, where several people labeled the rows,
one person against another, which shows how far people agree on such labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation import metrics
from classifier.evaluation.build import make_baseline
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.matrices import model_texts
from classifier.evaluation.metrics import Counts
from classifier.evaluation.report import Baseline
from classifier.model.arrays import Bools
from classifier.taxonomy import Taxonomy
from classifier.text.analyzer import stems
from classifier.types import Example


def majority(predictions: Predictions) -> Bools:
    """Predict for each row the most frequent category of the other folds.

    Returns
    -------
    ndarray of shape (n_rows, n_categories)
        One label per row; none where the other folds have no label at all.
    """
    y_pred = np.zeros(predictions.y_true.shape, dtype=bool)
    for fold in np.unique(predictions.fold_ids):
        in_fold = predictions.fold_ids == fold
        seen = predictions.y_true[~in_fold] if not in_fold.all() else predictions.y_true
        counts = seen.sum(axis=0)
        y_pred[in_fold, int(np.argmax(counts))] = counts.any()  # without a label no category is the most frequent
    return y_pred


def keywords(examples: Sequence[Example], taxonomy: Taxonomy, categories: Sequence[str]) -> Bools:
    """Predict each category one of whose keywords occurs in the row, in any inflection.

    Returns
    -------
    ndarray of shape (n_rows, n_categories)

    Examples
    --------
    >>> from classifier.taxonomy import Category
    >>> taxonomy = Taxonomy((Category("cookies", "Cookies", "Cookies.", "#AA7733", keywords=("web beacon",)),))
    >>> keywords([Example("a", "p", "We set web beacons.", ())], taxonomy, ["cookies"]).tolist()
    [[True]]
    """
    phrases = {entry.id: [spaced_stems(keyword) for keyword in entry.keywords] for entry in taxonomy}
    rows = [spaced_stems(text) for text in model_texts(examples)]
    return np.array(
        [[any(phrase in row for phrase in phrases.get(id, ())) for id in categories] for row in rows], dtype=bool
    ).reshape(len(rows), len(categories))


def annotators(examples: Sequence[Example], categories: Sequence[str], groups: NDArray[np.intp]) -> Baseline | None:
    """Compare every two people who labeled the same row, over all pairs; None where no row has two annotators.

    Parameters
    ----------
    examples
        Labeled rows.
    categories
        The columns.
    groups
        For each row the number of its policy, for the bootstrap; of shape (n_rows,).

    References
    ----------
    Hripcsak & Rothschild, "Agreement, the F-measure, and reliability in information retrieval", JAMIA 2005.
    """
    # Both orders of each pair: otherwise the order of the annotators decides what is a miss and what is a false alarm.
    pairs = [(k, *pair) for k, row in enumerate(examples) for pair in permutations(row.annotations, 2)]
    if not pairs:
        return None
    first, second, unknown = (
        np.array([[id in labels for id in categories] for labels in side], dtype=np.bool_)
        for side in ([a for _, a, _ in pairs], [b for _, _, b in pairs], [examples[k].unknown for k, _, _ in pairs])
    )
    pair_groups = np.unique(groups[[k for k, _, _ in pairs]], return_inverse=True)[1]
    counts = Counts.of(first, second, ~unknown, pair_groups)
    about = "one person against another who labeled the same row, over all pairs"
    return make_baseline("one annotator", about, counts, metrics.draws(len(counts.actual)), categories)


def spaced_stems(text: str) -> str:
    """Return the stems of a text between spaces, so that a phrase matches whole words only."""
    return f" {' '.join(stems(text))} "
