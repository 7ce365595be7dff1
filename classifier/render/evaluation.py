"""Reports and comparisons as programs and people read them: JSON, CSV, and one offline HTML file with plots."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from classifier.evaluation.report import Baseline, Estimate, Report
from classifier.evaluation.significance import Comparison
from classifier.render.cells import defused, line
from classifier.render.templating import render

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AVERAGES = {
    "micro_precision": "micro precision",
    "micro_recall": "micro recall",
    "micro_f1": "micro F1",
    "macro_precision": "macro precision",
    "macro_recall": "macro recall",
    "macro_f1": "macro F1",
    "macro_average_precision": "macro average precision",
    "samples_f1": "samples F1",
    "subset_accuracy": "subset accuracy",
    "presence_absence_f1": "presence/absence F1",
}
"""What people call the averages, in the order in which they are shown."""
_CONFUSIONS = 12


def to_json(report: Report) -> Iterator[str]:
    """Write a report as JSON, which `classifier.evaluation.report.load` reads back."""
    yield report.to_json()


def to_csv(report: Report) -> Iterator[str]:
    """Write figures as a table: a line a category, then one each for the micro, macro and samples averages."""
    estimates = ("precision", "recall", "f1", "average_precision")
    head = ["category", "support", "predicted", "known", "policies"]
    head += [f"{name}{end}" for name in estimates for end in ("", "_low", "_high")]
    yield line([*head, "calibration_error"])
    for row in report.figures:
        cells: list[Any] = [defused(row.category), row.support, row.predicted, row.known, row.policies]
        for name in estimates:
            cells += map(_cell, getattr(row, name))
        yield line([*cells, _cell(row.calibration_error)])
    for mean in ("micro", "macro", "samples"):
        cells = [f"({mean})", *[""] * 4]
        for name in estimates:
            cells += map(_cell, report.averages.get(f"{mean}_{name}", ("", "", "")))
        yield line([*cells, _cell(report.calibration_error) if mean == "micro" else ""])


def to_html(report: Report) -> Iterator[str]:
    """Write a report as one HTML file that loads nothing from elsewhere."""
    from classifier.render import plots

    pictures = {
        "precision_recall": _svg(plots.precision_recall, report) if any(report.curves.values()) else "",
        "reliability": _svg(plots.reliability, report) if report.reliability.get("") else "",
        "learning_curve": _svg(plots.learning_curve, report) if len(report.learning_curve) > 1 else "",
    }
    yield render(
        "report.html",
        report=replace(report, baselines=tuple(filter(is_defined, report.baselines))),
        counted=counted,
        averages=[(AVERAGES[key], report.averages[key]) for key in AVERAGES if key in report.averages],
        pictures=pictures,
        confusions=confusions(report),
        tint=max((max(row) for row in report.confusion), default=0),
    )


def comparison_to_json(comparison: Comparison) -> Iterator[str]:
    """Write a comparison as JSON."""
    rows = [
        {**asdict(row), "difference": [_rounded(value) for value in row.difference]} for row in comparison.differences
    ]
    for row in rows:
        row |= {key: _rounded(row[key]) for key in ("first", "second", "p")}
    yield (
        json.dumps(
            {
                "policies": comparison.policies,
                "hows": comparison.hows,
                "left_out": comparison.left_out,
                "differences": rows,
            },
            indent=1,
            allow_nan=False,
        )
        + "\n"
    )


def comparison_to_csv(comparison: Comparison) -> Iterator[str]:
    """Write a comparison as a table."""
    yield line(["figure", "first", "second", "difference", "low", "high", "p"])
    for row in comparison.differences:
        yield line([defused(row.figure), *map(_cell, (row.first, row.second, *row.difference, row.p))])


def confusions(report: Report, number: int = _CONFUSIONS) -> list[tuple[str, str, int]]:
    """List the commonest (missed category, category given instead, rows)."""
    names = report.categories
    pairs = [
        (names[i], names[j], report.confusion[i][j])
        for i in range(len(names))
        for j in range(len(names))
        if report.confusion and report.confusion[i][j]
    ]
    return sorted(pairs, key=lambda pair: -pair[2])[:number]


def counted(number: int, noun: str) -> str:
    """Write a number with its noun in singular or plural.

    >>> counted(1, "policy"), counted(2000, "policy"), counted(0, "row")
    ('1 policy', '2,000 policies', '0 rows')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def is_defined(base: Baseline) -> bool:
    """Whether a baseline has a figure for any category."""
    return any(value == value for value in base.f1.values())


def _svg(draw: Callable[[Report, Figure], object], report: Report) -> str:
    """Draw a picture as SVG; the same report gives the same bytes."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context({"svg.hashsalt": "policy-clauses", "svg.fonttype": "none", "font.size": 10}):
        figure = Figure(layout="constrained")
        draw(report, figure)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def _cell(value: Any) -> Any:
    return "" if value != value else f"{value:.4f}" if isinstance(value, float) else value


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 4)


def shown(estimate: Estimate) -> str:
    """Write a figure with its interval.

    >>> shown(Estimate(0.75, 0.7, 0.8))
    '0.750 [0.700-0.800]'
    """
    if estimate.value != estimate.value:
        return "-"
    interval = "" if estimate.low != estimate.low else f" [{estimate.low:.3f}-{estimate.high:.3f}]"
    return f"{estimate.value:.3f}{interval}"
