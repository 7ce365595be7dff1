"""Draw tagged policies and evaluation reports with matplotlib, for notebooks and for the HTML report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from classifier.evaluation.report import Report
    from classifier.tagging.tagged import TaggedPolicy

_BLUE, _RED, _GRAY = "#4477AA", "#EE6677", "#888888"
MIN_BAR_PERCENT = 0.3
"""Width of a bar that can still be seen, in percent of the document."""
MAX_CURVE_COLUMNS = 5
"""Precision-recall panels in one line."""
MIN_BASELINE_F1 = 0.3
"""Baselines below this are not drawn: they would squeeze the learning curve into a corner."""


def counts(tagged: TaggedPolicy, ax: Axes | None = None) -> Axes:
    """Draw the number of clauses per category, the taxonomy's first on top."""
    categories = list(tagged.model.taxonomy)
    n_clauses = tagged.counts()
    ax = ax or plt.subplots(figsize=(7, 4.5), layout="constrained")[1]
    bars = ax.barh(
        [category.title for category in categories],
        [n_clauses[category.id] for category in categories],
        color=[category.color for category in categories],
    )
    ax.bar_label(bars, padding=3)
    ax.invert_yaxis()
    ax.set_xlabel("clauses")
    ax.set_title(tagged.document.name, parse_math=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def positions(tagged: TaggedPolicy, ax: Axes | None = None) -> Axes:
    """Draw the positions of each category in the document: a bar from the start to the end of each of its clauses."""
    categories = list(tagged.model.taxonomy)
    length = max(1, len(tagged.document.text))
    ax = ax or plt.subplots(figsize=(9, 4.5), layout="constrained")[1]
    for row, category in enumerate(categories):
        spans: Sequence[tuple[float, float]] = [
            (100 * clause.start / length, max(MIN_BAR_PERCENT, 100 * (clause.end - clause.start) / length))
            for clause in tagged.clauses
            if category.id in clause.labels
        ]
        ax.broken_barh(spans, (row - 0.4, 0.8), color=category.color)
    ax.set_yticks(range(len(categories)), [category.title for category in categories])
    ax.set_ylim(len(categories) - 0.4, -0.6)
    ax.set_xlim(0, 100)
    ax.set_xlabel("position in the document, % of its characters")
    ax.set_title(tagged.document.name, parse_math=False)
    ax.grid(axis="y", alpha=0.25)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def precision_recall(report: Report, figure: Figure | None = None) -> Figure:
    """Draw the precision-recall curve of each category that occurs, with the point at the thresholds."""
    rows = [row for row in report.per_category if report.curves.get(row.category)]
    columns = min(MAX_CURVE_COLUMNS, max(1, len(rows)))
    lines = max(1, -(-len(rows) // columns))
    figure = figure or plt.figure(layout="constrained")
    figure.set_size_inches(2.3 * columns, 2.3 * lines)
    axes = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[len(rows) :]:
        ax.set_visible(False)
    for ax, row in zip(axes.flat, rows, strict=False):
        curve = report.curves[row.category]
        ax.step([0.0, *(r for r, _, _ in curve)], [curve[0][1], *(p for _, p, _ in curve)], where="pre", color=_BLUE)
        ax.plot(row.recall.value, row.precision.value, "o", color=_RED, markersize=5)
        ax.axhline(row.support / max(1, row.known), color=_GRAY, linewidth=0.8, linestyle=":")
        ax.set_title(f"{row.category}  {row.average_precision.value:.2f}", fontsize=9, parse_math=False)
        ax.set(xlim=(0, 1.02), ylim=(0, 1.04), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        ax.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("recall", fontsize=9)
    figure.supylabel("precision", fontsize=9)
    return figure


def reliability(report: Report, figure: Figure | None = None) -> Figure:
    """Draw the share of labels that apply against the score, and the number of scores below it."""
    bins = report.reliability.get("", ())
    figure = figure or plt.figure(layout="constrained")
    figure.set_size_inches(4.6, 4.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
    above.plot([0, 1], [0, 1], color=_GRAY, linewidth=0.8, linestyle=":")
    above.plot([score for score, _, _ in bins], [share for _, share, _ in bins], "o-", color=_BLUE, markersize=4)
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel="share of labels that apply")
    below.bar([score for score, _, _ in bins], [count for _, _, count in bins], width=0.05, color=_BLUE)
    below.set(yscale="log", xlabel="score", ylabel="scores")
    for ax in (above, below):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def learning_curve(report: Report, figure: Figure | None = None) -> Figure:
    """Draw F1 against the number of policies learned from, with the baselines."""
    figure = figure or plt.figure(layout="constrained")
    figure.set_size_inches(5.6, 4.4)
    ax = figure.subplots()
    n_policies = [point.policies for point in report.learning_curve]
    for name, color in (("micro_f1", _BLUE), ("macro_f1", _RED)):
        values = [getattr(point, name) for point in report.learning_curve]
        ax.plot(n_policies, values, "o-", color=color, markersize=4, label=f"{name.partition('_')[0]} F1")
    for baseline, style in zip(report.baselines, ("--", "-.", ":", (0, (1, 3))), strict=False):
        if n_policies and baseline.micro_f1.value > MIN_BASELINE_F1:
            ax.axhline(
                baseline.micro_f1.value, color=_GRAY, linewidth=1, linestyle=style, label=f"{baseline.name}, micro"
            )
    ax.set(xlabel="policies to learn from", ylabel="F1", xlim=(0, None))
    ax.legend(frameon=False, fontsize=8)
    ax.spines[["top", "right"]].set_visible(False)
    return figure
