"""Reports and comparisons as programs and people read them: JSON, CSV, and one offline HTML file with plots."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from classifier.evaluation.report import Baseline, Estimate, Report
from classifier.evaluation.significance import Comparison
from classifier.render.csv import csv_line, defuse_formula
from classifier.render.templating import fill_template

if TYPE_CHECKING:
    from matplotlib.figure import Figure


import math
import textwrap
import unicodedata
from collections.abc import Sequence

from classifier.text.escaping import escape_controls

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


def report_to_json(report: Report) -> Iterator[str]:
    """Write a report as JSON, which `classifier.evaluation.report.load` reads back."""
    yield report.to_json()


def report_to_csv(report: Report) -> Iterator[str]:
    """Write figures as a table: a line a category, then one each for the micro, macro and samples averages."""
    estimates = ("precision", "recall", "f1", "average_precision")
    head = ["category", "support", "predicted", "known", "policies"]
    head += [f"{name}{end}" for name in estimates for end in ("", "_low", "_high")]
    yield csv_line([*head, "calibration_error"])
    for row in report.figures:
        cells: list[Any] = [defuse_formula(row.category), row.support, row.predicted, row.known, row.policies]
        for name in estimates:
            cells += map(_cell, getattr(row, name))
        yield csv_line([*cells, _cell(row.calibration_error)])
    for mean in ("micro", "macro", "samples"):
        cells = [f"({mean})", *[""] * 4]
        for name in estimates:
            cells += map(_cell, report.averages.get(f"{mean}_{name}", ("", "", "")))
        yield csv_line([*cells, _cell(report.calibration_error) if mean == "micro" else ""])


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
    yield csv_line(["figure", "first", "second", "difference", "low", "high", "p"])
    for row in comparison.differences:
        yield csv_line([defuse_formula(row.figure), *map(_cell, (row.first, row.second, *row.difference, row.p))])


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


WIDTH = 100
"""Columns at which sentences and texts are wrapped, unless the terminal has fewer."""
NAME_COLUMNS = 16
"""Least width of the column of names; the longest name and a space widen it."""


def report_to_text(report: Report, width: int | None = None) -> Iterator[str]:
    """Set the figures of a report as tables.

    Parameters
    ----------
    report
        The report.
    width
        Columns of the terminal. Where one table is wider, the baselines follow in a second one, and names that leave too
        little room stand on lines of their own. None sets one table of any width, a line for each category.
    """
    alike = f" ({report.groups} counting near-duplicates once)" if report.groups < report.policies else ""
    yield f"{counted(report.rows, 'row')} of {counted(report.policies, 'policy')}{alike}; {escape_controls(report.how)}\n\n"
    bases = list(filter(is_defined, report.baselines))
    names = [escape_controls(row.category) for row in report.figures]
    head = f"{'precision':>9}{'recall':>8}{'F1':>7}{'95 %':>13}{'AP':>7}{'support':>9}"
    rows = [
        _cells([row.precision, row.recall, row.f1, row.average_precision], str(row.support) if row.known else "-")
        for row in report.figures
    ]
    for mean in ("micro", "macro"):
        keys = (f"{mean}_{name}" for name in ("precision", "recall", "f1", "average_precision"))
        rows.append(_cells([report.averages.get(key) for key in keys], ""))
    others_head, others = _baselines(bases, report.categories)
    names += ["micro", "macro"]
    if bases and (width is None or _name_columns(names) + len(head) + len(others_head) <= width):
        head, rows, bases = head + others_head, [a + b for a, b in zip(rows, others, strict=True)], []
    yield from _table(names, head, rows, width)
    if bases:
        yield "\nF1 of others on the same rows:\n"
        yield from _table(names, others_head, others, width)
    yield "\n"
    for key in ("samples_f1", "subset_accuracy", "presence_absence_f1"):
        if key in report.averages:
            yield f"  {AVERAGES[key]:<24}{shown(report.averages[key])}\n"
    yield f"  {'calibration error':<24}{_figure(report.calibration_error)}\n"
    if any(row.known for row in report.figures):
        yield f"  {'labels a row':<24}{report.cardinality:.2f}, predicted {report.predicted_cardinality:.2f}\n"
        yield f"  {'rows without a label':<24}{report.unlabelled}, predicted {report.predicted_unlabelled}\n"
    for note in report.notes:
        yield textwrap.fill(f"note: {escape_controls(note)}", _room(width), subsequent_indent="  ") + "\n"


def mistakes_to_text(report: Report, number: int, width: int | None = None) -> Iterator[str]:
    """Set what is commonly confused, and the worst mistakes with their texts."""
    if pairs := confusions(report):
        yield "\nmost often given instead of another:\n"
        yield from (
            f"  {count:>5}  {escape_controls(given)} instead of {escape_controls(missed)}\n"
            for missed, given, count in pairs
        )
    if report.mistakes:
        yield "\nworst mistakes:\n\n"
    for mistake in report.mistakes[:number]:
        what = f"{'missed' if mistake.given else 'wrongly given'}, score {mistake.score:.2f}"
        yield f"  {escape_controls(mistake.category)} {what}  {escape_controls(mistake.id)}\n"
        text = textwrap.shorten(" ".join(mistake.text.split()), 4 * WIDTH, placeholder=" ...")
        if text:
            yield (
                textwrap.fill(escape_controls(text), _room(width), initial_indent="    ", subsequent_indent="    ")
                + "\n"
            )
        yield "\n"


def comparison_to_text(comparison: Comparison, first: str, second: str, width: int | None = None) -> Iterator[str]:
    """Set the differences of two reports as a table."""
    yield f"{counted(comparison.policies, 'policy')} (near-duplicates count once); paired bootstrap over policies\n"
    for letter, name, how in zip("AB", (first, second), comparison.hows, strict=True):
        yield f"  {letter}  {escape_controls(name)}: {escape_controls(how)}\n"
    if comparison.left_out:
        yield f"  left out, since one of them lacks it: {escape_controls(', '.join(comparison.left_out))}\n"
    yield "\n"
    rows = []
    for row in comparison.differences:
        value, low, high = row.difference
        interval = "-" if math.isnan(low) else f"{low:+.3f} {high:+.3f}"
        rows.append(f"{row.first:>8.3f}{row.second:>8.3f}{value:>+9.3f}{interval:>18}{_figure(row.p):>8}")
    head = f"{'A':>8}{'B':>8}{'B - A':>9}{'95 %':>18}{'p':>8}"
    yield from _table([escape_controls(row.figure) for row in comparison.differences], head, rows, width, "F1")


def columns(text: str) -> int:
    """Count the columns that a terminal shows a text in: two for a wide character, none for a combining mark.

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
    """Set rows under their head, each after its name, or under it where the widest name does not fit beside them."""
    first = _name_columns(names)
    if width is not None and first + len(head) > width:
        fitting = [name for name in names if columns(name) + 1 + len(head) <= width]
        first = max(2, min(width - len(head), _name_columns(fitting)))
    yield f"{_padded(corner, first)}{head}\n"
    for name, row in zip(names, rows, strict=True):
        if columns(name) < first:
            yield f"{_padded(name, first)}{row}\n"
        else:
            yield f"{name}\n{' ' * first}{row}\n"


def _name_columns(names: Sequence[str]) -> int:
    return max(NAME_COLUMNS, 1 + max(map(columns, names), default=0))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - columns(text))


def _room(width: int | None) -> int:
    return WIDTH if width is None else max(20, min(WIDTH, width))


def _baselines(bases: Sequence[Baseline], categories: Sequence[str]) -> tuple[str, list[str]]:
    """Set the F1 of baselines: their head, then a line for each category, micro and macro."""
    wide = [max(9, len(base.name) + 2) for base in bases]
    head = "".join(f"{escape_controls(base.name):>{width}}" for base, width in zip(bases, wide, strict=True))
    values = [[*(base.f1[id] for id in categories), base.micro_f1.value, base.macro_f1.value] for base in bases]
    lines = zip(*values, strict=True)
    return head, ["".join(f"{_figure(cell):>{wide[k]}}" for k, cell in enumerate(line)) for line in lines]


def _cells(estimates: Sequence[Estimate | None], support: str) -> str:
    """Set precision, recall, F1 with its interval, and average precision."""
    cells = [_figure(value.value if value else math.nan) for value in estimates]
    f1 = estimates[2]
    interval = f"{f1.low:.3f}-{f1.high:.3f}" if f1 and not math.isnan(f1.value + f1.low) else ""
    return f"{cells[0]:>9}{cells[1]:>8}{cells[2]:>7}{interval:>13}{cells[3]:>7}{support:>9}"


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
