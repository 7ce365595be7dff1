"""Models of two terms and two categories, quickly made, saved and loaded; also by processes that import little else."""

import numpy as np

from classifier.model.model import Model
from classifier.taxonomy import Category, Taxonomy

CARD = "# Card of {}\n"


def tiny(name: str, value: float) -> Model:
    """A model of two terms and two categories, all of whose numbers say which one it is."""
    categories = Taxonomy((Category("use", "Use", "Use.", "#66CCEE"), Category("never", "Never", "Never.", "#AA7733")))
    return Model(
        name=name,
        taxonomy=categories,
        stems=("cooki", "retain"),
        codes=np.array([0, 1]),
        idf=np.array([value, value], dtype=np.float32),
        weights=np.array([[value, 0], [-value, 0]], dtype=np.float32),
        intercept=np.array([value, -30], dtype=np.float32),
        thresholds=np.array([0.5, 1.0]),
    )


def is_whole(found: Model) -> bool:
    value = {"first": 1, "second": 2}[found.name]
    return bool((found.idf == value).all() and (found.intercept[0] == value) and found.weights[1, 0] == -value)
