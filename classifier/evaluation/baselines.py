"""What something simpler, or a person, would reach on the same rows, to set a model's figures beside.

Three of them: the most frequent category for every row; the taxonomy's keywords; and, where several people labelled the rows,
one person against another, which says how far people agree on such labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from classifier.evaluation import metrics
from classifier.evaluation.build import baseline
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.matrices import model_texts
from classifier.evaluation.metrics import Counts
from classifier.evaluation.report import Baseline
from classifier.model.arrays import Bools
from classifier.taxonomy import Taxonomy
from classifier.text.analyzer import stems
from classifier.types import Example


def majority(predicted: Predictions) -> Bools:
    """Give every row the category that is most frequent in the other folds."""
    hits = np.zeros(predicted.truth.shape, dtype=bool)
    for part in np.unique(predicted.parts):
        here = predicted.parts == part
        seen = predicted.truth[~here] if not here.all() else predicted.truth
        counts = seen.sum(axis=0)
        hits[here, int(np.argmax(counts))] = counts.any()  # without a label there is no most frequent one
    return hits


def keywords(examples: Sequence[Example], taxonomy: Taxonomy, categories: Sequence[str]) -> Bools:
    """Give each row the categories of which a keyword stands in it, in any inflection.

    >>> from classifier.taxonomy import Category
    >>> taxonomy = Taxonomy((Category("cookies", "Cookies", "Cookies.", "#AA7733", keywords=("web beacon",)),))
    >>> keywords([Example("a", "p", "We set web beacons.", ())], taxonomy, ["cookies"]).tolist()
    [[True]]
    """
    phrases = {entry.id: [_stems(keyword) for keyword in entry.keywords] for entry in taxonomy}
    rows = [_stems(read) for read in model_texts(examples)]
    return np.array(
        [[any(phrase in row for phrase in phrases.get(id, ())) for id in categories] for row in rows], dtype=bool
    ).reshape(len(rows), len(categories))


def annotators(examples: Sequence[Example], categories: Sequence[str], groups: NDArray[np.intp]) -> Baseline | None:
    """Compare each two people who labelled the same row, over all pairs; None where nobody did.

    References
    ----------
    Hripcsak & Rothschild, "Agreement, the F-measure, and reliability in information retrieval", JAMIA 2005.
    """
    pairs = [
        (k, *pair) for k, row in enumerate(examples) for pair in permutations(row.annotations, 2)
    ]  # both orders, or who comes first would matter where one gives a label and the other does not
    if not pairs:
        return None
    first, second, unknown = (
        np.array([[id in labels for id in categories] for labels in side], dtype=np.bool_)
        for side in ([a for _, a, _ in pairs], [b for _, _, b in pairs], [examples[k].unknown for k, _, _ in pairs])
    )
    group_of = np.unique(groups[[k for k, _, _ in pairs]], return_inverse=True)[1]
    counts = Counts.of(first, second, ~unknown, group_of)
    about = "one person against another who labelled the same row, over all pairs"
    return baseline("one annotator", about, counts, metrics.draws(len(counts.actual)), categories)


def _stems(text: str) -> str:
    """Give the stems of a text between spaces, so that a phrase is found as it stands."""
    return f" {' '.join(stems(text))} "
