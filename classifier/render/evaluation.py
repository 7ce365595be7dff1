"""Write evaluation reports and comparisons as text, JSON, CSV, and one offline HTML file with plots."""

from __future__ import annotations

import io
import json
import math
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from classifier.evaluation.report import Baseline, CategoryMetrics, Estimate, Report
from classifier.evaluation.significance import Comparison
from classifier.render.csv import csv_line, defuse_formula
from classifier.render.templating import fill_template
from classifier.text.escaping import escape_controls

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
"""Titles of the averages, in the order in which they are shown."""
CATEGORY_METRICS = ("precision", "recall", "f1", "average_precision")
"""Metrics that each category and the micro and macro averages have."""
MAX_CONFUSIONS = 12
"""Pairs of confused categories that are listed."""
MAX_TEXT_COLUMNS = 100
"""Columns at which sentences and texts are wrapped, unless the terminal has fewer."""
MIN_TEXT_COLUMNS = 20
"""Columns at which they are wrapped in an even narrower terminal."""
MIN_NAME_COLUMNS = 16
"""Least width of the column of names; the longest name and a space widen it."""
MAX_MISTAKE_CHARACTERS = 400
"""Characters shown of the text of a mistake."""


def report_to_json(report: Report) -> Iterator[str]:
    """Write a report as JSON, which `classifier.evaluation.report.load_report` reads back."""
    yield report.to_json()


def report_to_csv(report: Report) -> Iterator[str]:
    """Write the metrics as a table: a line per category, then one each for the micro, macro and samples averages."""
    head = ["category", "support", "predicted", "known", "policies"]
    head += [f"{name}{end}" for name in CATEGORY_METRICS for end in ("", "_low", "_high")]
    yield csv_line([*head, "calibration_error"])
    for row in report.per_category:
        cells: list[Any] = [defuse_formula(row.category), row.support, row.predicted, row.known, row.policies]
        for name in CATEGORY_METRICS:
            cells += map(_csv_cell, getattr(row, name))
        yield csv_line([*cells, _csv_cell(row.calibration_error)])
    for mean in ("micro", "macro", "samples"):
        cells = [f"({mean})", *[""] * 4]
        for name in CATEGORY_METRICS:
            cells += map(_csv_cell, report.averages.get(f"{mean}_{name}", ("", "", "")))
        yield csv_line([*cells, _csv_cell(report.calibration_error) if mean == "micro" else ""])


def report_to_html(report: Report) -> Iterator[str]:
    """Write a report as one HTML file that loads nothing from elsewhere."""
    from classifier.render import plots

    pictures = {
        "precision_recall": _svg(plots.precision_recall, report) if any(report.curves.values()) else "",
        "reliability": _svg(plots.reliability, report) if report.reliability.get("") else "",
        "learning_curve": _svg(plots.learning_curve, report) if len(report.learning_curve) > 1 else "",
    }
    yield fill_template(
        "report.html",
        report=replace(report, baselines=tuple(filter(is_defined, report.baselines))),
        counted=counted,
        averages=[(AVERAGES[key], report.averages[key]) for key in AVERAGES if key in report.averages],
        pictures=pictures,
        confusions=confusions(report),
        max_confusion=max((max(row) for row in report.confusion), default=0),
    )


def comparison_to_json(comparison: Comparison) -> Iterator[str]:
    """Write a comparison as JSON."""
    differences = [
        {
            "figure": row.name,
            "first": _rounded(row.first),
            "second": _rounded(row.second),
            "difference": [_rounded(value) for value in row.difference],
            "p": _rounded(row.p),
        }
        for row in comparison.differences
    ]
    content = {
        "policies": comparison.policies,
        "hows": comparison.descriptions,
        "left_out": comparison.left_out,
        "differences": differences,
    }
    yield json.dumps(content, indent=1, allow_nan=False) + "\n"


def comparison_to_csv(comparison: Comparison) -> Iterator[str]:
    """Write a comparison as a table."""
    yield csv_line(["figure", "first", "second", "difference", "low", "high", "p"])
    for row in comparison.differences:
        yield csv_line([defuse_formula(row.name), *map(_csv_cell, (row.first, row.second, *row.difference, row.p))])


def confusions(report: Report, number: int = MAX_CONFUSIONS) -> list[tuple[str, str, int]]:
    """List the most frequent (missed category, category predicted in its place, number of rows)."""
    names = report.categories
    pairs = [
        (names[i], names[j], report.confusion[i][j])
        for i in range(len(names))
        for j in range(len(names))
        if report.confusion and report.confusion[i][j]
    ]
    return sorted(pairs, key=lambda pair: -pair[2])[:number]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in singular or plural.

    >>> counted(1, "policy"), counted(2000, "policy"), counted(0, "row")
    ('1 policy', '2,000 policies', '0 rows')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def is_defined(baseline: Baseline) -> bool:
    """Return whether a baseline has an F1 for any category."""
    return any(value == value for value in baseline.f1.values())


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


def _csv_cell(value: Any) -> Any:
    return "" if value != value else f"{value:.4f}" if isinstance(value, float) else value


def _rounded(value: float) -> float | None:
    return None if value != value else round(value, 4)


def with_interval(estimate: Estimate) -> str:
    """Return a metric with its interval.

    >>> with_interval(Estimate(0.75, 0.7, 0.8))
    '0.750 [0.700-0.800]'
    """
    if estimate.value != estimate.value:
        return "-"
    interval = "" if estimate.low != estimate.low else f" [{estimate.low:.3f}-{estimate.high:.3f}]"
    return f"{estimate.value:.3f}{interval}"


def report_to_text(report: Report, width: int | None = None) -> Iterator[str]:
    """Write the metrics of a report as tables.

    Parameters
    ----------
    report
        The report.
    width
        Columns of the terminal. If one table is wider, the baselines follow in a second one, and names that leave too little
        room get lines of their own. None writes one table of any width, a line per category.
    """
    yield f"{_scope(report)}; {escape_controls(report.description)}\n\n"
    baselines = list(filter(is_defined, report.baselines))
    names = [*(escape_controls(row.category) for row in report.per_category), "micro", "macro"]
    head = f"{'precision':>9}{'recall':>8}{'F1':>7}{'95 %':>13}{'AP':>7}{'support':>9}"
    rows = [*map(_category_line, report.per_category), *(_mean_line(report, mean) for mean in ("micro", "macro"))]
    baseline_head, baseline_rows = _baseline_lines(baselines, report.categories)
    fits = width is None or _name_columns(names) + len(head) + len(baseline_head) <= width
    if baselines and fits:
        head, rows = head + baseline_head, [a + b for a, b in zip(rows, baseline_rows, strict=True)]
    yield from _table(names, head, rows, width)
    if baselines and not fits:
        yield "\nF1 of baselines on the same rows:\n"
        yield from _table(names, baseline_head, baseline_rows, width)
    yield "\n"
    yield from _summary_lines(report)
    for note in report.notes:
        yield textwrap.fill(f"note: {escape_controls(note)}", _text_columns(width), subsequent_indent="  ") + "\n"


def _scope(report: Report) -> str:
    duplicates = f" ({report.groups} counting near-duplicates once)" if report.groups < report.policies else ""
    return f"{counted(report.rows, 'row')} of {counted(report.policies, 'policy')}{duplicates}"


def _summary_lines(report: Report) -> Iterator[str]:
    for key in ("samples_f1", "subset_accuracy", "presence_absence_f1"):
        if key in report.averages:
            yield f"  {AVERAGES[key]:<24}{with_interval(report.averages[key])}\n"
    yield f"  {'calibration error':<24}{_number(report.calibration_error)}\n"
    if any(row.known for row in report.per_category):
        yield f"  {'labels per row':<24}{report.cardinality:.2f}, predicted {report.predicted_cardinality:.2f}\n"
        yield f"  {'rows without a label':<24}{report.unlabelled}, predicted {report.predicted_unlabelled}\n"


def mistakes_to_text(report: Report, number: int, width: int | None = None) -> Iterator[str]:
    """Write the most frequent confusions, and the worst mistakes with their texts.

    Parameters
    ----------
    report
        The report.
    number
        Mistakes to write.
    width
        Columns of the terminal; None for a file.
    """
    if pairs := confusions(report):
        yield "\nmost often given instead of another:\n"
        yield from (
            f"  {count:>5}  {escape_controls(wrong)} instead of {escape_controls(missed)}\n"
            for missed, wrong, count in pairs
        )
    if report.mistakes:
        yield "\nworst mistakes:\n\n"
    for mistake in report.mistakes[:number]:
        kind = "missed" if mistake.given else "wrongly given"
        yield f"  {escape_controls(mistake.category)} {kind}, score {mistake.score:.2f}  {escape_controls(mistake.id)}\n"
        text = textwrap.shorten(" ".join(mistake.text.split()), MAX_MISTAKE_CHARACTERS, placeholder=" ...")
        if text:
            yield textwrap.fill(
                escape_controls(text), _text_columns(width), initial_indent=" " * 4, subsequent_indent=" " * 4
            )
            yield "\n"
        yield "\n"


def comparison_to_text(comparison: Comparison, first: str, second: str, width: int | None = None) -> Iterator[str]:
    """Write the differences of two reports as a table.

    Parameters
    ----------
    comparison
        The differences.
    first, second
        Names of the reports.
    width
        Columns of the terminal; None for a file.
    """
    yield f"{counted(comparison.policies, 'policy')} (near-duplicates count once); paired bootstrap over policies\n"
    for letter, name, description in zip("AB", (first, second), comparison.descriptions, strict=True):
        yield f"  {letter}  {escape_controls(name)}: {escape_controls(description)}\n"
    if comparison.left_out:
        yield f"  left out, since only one has them: {escape_controls(', '.join(comparison.left_out))}\n"
    yield "\n"
    rows = []
    for row in comparison.differences:
        value, low, high = row.difference
        interval = "-" if math.isnan(low) else f"{low:+.3f} {high:+.3f}"
        rows.append(f"{row.first:>8.3f}{row.second:>8.3f}{value:>+9.3f}{interval:>18}{_number(row.p):>8}")
    head = f"{'A':>8}{'B':>8}{'B - A':>9}{'95 %':>18}{'p':>8}"
    yield from _table([escape_controls(row.name) for row in comparison.differences], head, rows, width, "F1")


def columns(text: str) -> int:
    """Count the columns of a text in a terminal: two for a wide character, none for a combining mark.

    >>> columns("cookies"), columns("保存期間"), columns("e\u0301")
    (7, 8, 1)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.category(each) in ("Mn", "Me", "Cf") else 1 + (unicodedata.east_asian_width(each) in "WF")
        for each in text
    )


def _table(names: Sequence[str], head: str, rows: Sequence[str], width: int | None, corner: str = "") -> Iterator[str]:
    """Lay out rows of cells after their names; a row goes below its name where the longest name leaves no room."""
    name_columns = _name_columns(names)
    if width is not None and name_columns + len(head) > width:
        fitting = [name for name in names if columns(name) + 1 + len(head) <= width]
        name_columns = max(2, min(width - len(head), _name_columns(fitting)))
    yield f"{_padded(corner, name_columns)}{head}\n"
    for name, row in zip(names, rows, strict=True):
        if columns(name) < name_columns:
            yield f"{_padded(name, name_columns)}{row}\n"
        else:
            yield f"{name}\n{' ' * name_columns}{row}\n"


def _name_columns(names: Sequence[str]) -> int:
    return max(MIN_NAME_COLUMNS, 1 + max(map(columns, names), default=0))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _text_columns(width: int | None) -> int:
    return MAX_TEXT_COLUMNS if width is None else max(MIN_TEXT_COLUMNS, min(MAX_TEXT_COLUMNS, width))


def _baseline_lines(baselines: Sequence[Baseline], categories: Sequence[str]) -> tuple[str, list[str]]:
    """Lay out the F1 of baselines: a head, then a line for each category, micro and macro."""
    widths = [max(9, len(baseline.name) + 2) for baseline in baselines]
    head = "".join(f"{escape_controls(base.name):>{width}}" for base, width in zip(baselines, widths, strict=True))
    values = [[*(base.f1[id] for id in categories), base.micro_f1.value, base.macro_f1.value] for base in baselines]
    lines = zip(*values, strict=True)
    return head, ["".join(f"{_number(cell):>{widths[k]}}" for k, cell in enumerate(line)) for line in lines]


def _category_line(row: CategoryMetrics) -> str:
    return _line([getattr(row, name) for name in CATEGORY_METRICS], str(row.support) if row.known else "-")


def _mean_line(report: Report, mean: str) -> str:
    return _line([report.averages.get(f"{mean}_{name}") for name in CATEGORY_METRICS], "")


def _line(estimates: Sequence[Estimate | None], support: str) -> str:
    """Lay out precision, recall, F1 with its interval, average precision, and the support."""
    cells = [_number(estimate.value if estimate else math.nan) for estimate in estimates]
    f1 = estimates[2]
    interval = f"{f1.low:.3f}-{f1.high:.3f}" if f1 and not math.isnan(f1.value + f1.low) else ""
    return f"{cells[0]:>9}{cells[1]:>8}{cells[2]:>7}{interval:>13}{cells[3]:>7}{support:>9}"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
