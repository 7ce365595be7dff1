"""What something simpler, or a person, would reach on the same rows, to set a model's figures beside.

Three of them: the most frequent category for every row; the taxonomy's keywords; and, where several people labelled the rows,
one person against another, which a model that is scored against their common labels can hardly pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from classifier import metrics
from classifier.metrics import Bools, Counts
from classifier.predictions import Predictions
from classifier.report import Baseline, Estimate
from classifier.taxonomy import Taxonomy
from classifier.text import tokens
from classifier.types import Example


def majority(predicted: Predictions) -> Bools:
    """Give every row the category that is most frequent in the other folds."""
    hits = np.zeros(predicted.truth.shape, dtype=bool)
    for part in np.unique(predicted.parts):
        here = predicted.parts == part
        seen = predicted.truth[~here] if not here.all() else predicted.truth
        hits[here, int(np.argmax(seen.sum(axis=0)))] = True
    return hits


def keywords(examples: Sequence[Example], taxonomy: Taxonomy, categories: Sequence[str]) -> Bools:
    """Give each row the categories of which a keyword stands in it, in any inflection.

    >>> from classifier.taxonomy import Category
    >>> taxonomy = Taxonomy((Category("cookies", "Cookies", "Cookies.", "#AA7733", keywords=("web beacon",)),))
    >>> keywords([Example("a", "p", "We set web beacons.", ())], taxonomy, ["cookies"]).tolist()
    [[True]]
    """
    phrases = {entry.id: [_stems(keyword) for keyword in entry.keywords] for entry in taxonomy}
    rows = [_stems(example.text) for example in examples]
    return np.array(
        [[any(phrase in row for phrase in phrases.get(id, ())) for id in categories] for row in rows], dtype=bool
    ).reshape(len(rows), len(categories))


def annotators(examples: Sequence[Example], categories: Sequence[str]) -> Baseline | None:
    """Compare each two people who labelled the same row, averaged over pairs; None where nobody did.

    References
    ----------
    Hripcsak & Rothschild, "Agreement, the F-measure, and reliability in information retrieval", JAMIA 2005.
    """
    rows = [row for row in examples if len(row.annotations) > 1]
    if not rows:
        return None
    pairs = [(row, a, b) for row in rows for a, b in combinations(row.annotations, 2)]
    first, second, unknown = (
        np.array([[id in labels for id in categories] for labels in side], dtype=np.bool_)
        for side in ([a for _, a, _ in pairs], [b for _, _, b in pairs], [row.unknown for row, _, _ in pairs])
    )
    names, policy_of = np.unique([row.policy for row, _, _ in pairs], return_inverse=True)
    counts = Counts.of(first, second, ~unknown, policy_of)
    weights = metrics.draws(len(names))
    total, drawn = counts.weighted(np.ones(len(names))), counts.weighted(weights)
    return Baseline(
        "one annotator",
        "one person against another who labelled the same row, averaged over pairs",
        Estimate(float(total.pooled().f1), *metrics.interval(drawn.pooled().f1)),
        Estimate(float(metrics.macro(total.f1)), *metrics.interval(metrics.macro(drawn.f1))),
        dict(zip(categories, total.f1.tolist(), strict=True)),
    )


def _stems(text: str) -> str:
    """Give the stems of a text between spaces, so that a phrase is found as it stands."""
    return f" {' '.join(token.stem for token in tokens(text))} "
