"""Tagged policies become matplotlib figures, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from classifier.predict import TaggedPolicy


def counts(tagged: TaggedPolicy, ax: Axes | None = None) -> Axes:
    """Draw how many clauses each category has, the taxonomy's first on top."""
    categories = list(tagged.model.taxonomy)
    number = tagged.counts()
    ax = ax or plt.subplots(figsize=(7, 4.5), layout="constrained")[1]
    bars = ax.barh(
        [category.title for category in categories],
        [number[category.id] for category in categories],
        color=[category.colour for category in categories],
    )
    ax.bar_label(bars, padding=3)
    ax.invert_yaxis()
    ax.set_xlabel("clauses")
    ax.set_title(tagged.document.name, parse_math=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def positions(tagged: TaggedPolicy, ax: Axes | None = None) -> Axes:
    """Draw where in the document each category stands: a bar from the start to the end of each of its clauses."""
    categories = list(tagged.model.taxonomy)
    length = max(1, len(tagged.document.text))
    ax = ax or plt.subplots(figsize=(9, 4.5), layout="constrained")[1]
    for row, category in enumerate(categories):
        spans: Sequence[tuple[float, float]] = [
            (100 * clause.start / length, max(0.3, 100 * (clause.end - clause.start) / length))
            for clause in tagged.clauses
            if category.id in clause.labels
        ]
        ax.broken_barh(spans, (row - 0.4, 0.8), color=category.colour)
    ax.set_yticks(range(len(categories)), [category.title for category in categories])
    ax.set_ylim(len(categories) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.set_xlabel("place in the document, % of its characters")
    ax.set_title(tagged.document.name, parse_math=False)
    ax.grid(axis="y", alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
