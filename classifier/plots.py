"""The door to figures for notebooks, drawn with matplotlib."""

from classifier.render.plots import counts, learning_curve, positions, precision_recall, reliability

__all__ = ["counts", "learning_curve", "positions", "precision_recall", "reliability"]
