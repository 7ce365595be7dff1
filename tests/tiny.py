"""Models of two terms and two categories, fast to make, save and load, also in processes that import little else."""

import numpy as np

from classifier.model.model import Model
from classifier.taxonomy import Category, Taxonomy

CARD = "# Card of {}\n"


def tiny(name: str, value: float) -> Model:
    """Return a model of two terms and two categories, with `value` in all arrays to identify it."""
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


def is_consistent(model: Model) -> bool:
    """Return whether all parts of a model come from the same call of `tiny`."""
    value = {"first": 1, "second": 2}[model.name]
    return bool((model.idf == value).all() and (model.intercept[0] == value) and model.weights[1, 0] == -value)
