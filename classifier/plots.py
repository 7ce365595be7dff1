"""The door to plots for notebooks, drawn with matplotlib."""

from classifier.errors import require_package

require_package("plots", "plots", "matplotlib")

from classifier.render.plots import (  # noqa: E402
    counts,
    learning_curve,
    positions,
    precision_recall,
    reliability,
)

__all__ = ["counts", "learning_curve", "positions", "precision_recall", "reliability"]
