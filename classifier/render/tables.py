"""Reports and comparisons as tables that a person reads in a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterator, Sequence

from classifier.compare import Comparison
from classifier.render.report import AVERAGES, confusions, shown
from classifier.report import Estimate, Report
from classifier.text import safe

WIDTH = 100


def report(report: Report) -> Iterator[str]:
    """Set the figures of a report as tables."""
    alike = f" ({report.groups} counting near-duplicates once)" if report.groups < report.policies else ""
    yield f"{report.rows} rows of {report.policies} policies{alike}; {safe(report.how)}\n\n"
    bases = [base for base in report.baselines if any(value == value for value in base.f1.values())]
    wide = [max(9, len(base.name) + 2) for base in bases]
    head = "".join(f"{safe(base.name):>{width}}" for base, width in zip(bases, wide, strict=True))
    yield f"{'':<16}{'precision':>9}{'recall':>8}{'F1':>7}{'95 %':>13}{'AP':>7}{'support':>9}{head}\n"
    for row in report.figures:
        others = "".join(f"{_figure(base.f1[row.category]):>{width}}" for base, width in zip(bases, wide, strict=True))
        yield _cells(safe(row.category), [row.precision, row.recall, row.f1, row.average_precision], str(row.support))
        yield f"{others}\n"
    for mean in ("micro", "macro"):
        averages = [
            report.averages.get(f"{mean}_{name}") for name in ("precision", "recall", "f1", "average_precision")
        ]
        others = "".join(
            f"{_figure(getattr(base, f'{mean}_f1').value):>{width}}" for base, width in zip(bases, wide, strict=True)
        )
        yield _cells(mean, averages, "") + f"{others}\n"
    yield "\n"
    for key in ("samples_f1", "subset_accuracy", "presence_absence_f1"):
        if key in report.averages:
            yield f"  {AVERAGES[key]:<24}{shown(report.averages[key])}\n"
    yield f"  {'calibration error':<24}{_figure(report.calibration_error)}\n"
    yield f"  {'labels a row':<24}{report.cardinality:.2f}, predicted {report.predicted_cardinality:.2f}\n"
    yield f"  {'rows without a label':<24}{report.unlabelled}, predicted {report.predicted_unlabelled}\n"
    for note in report.notes:
        yield textwrap.fill(f"note: {safe(note)}", WIDTH, subsequent_indent="  ") + "\n"


def mistakes(report: Report, number: int) -> Iterator[str]:
    """Set what is commonly confused, and the worst mistakes with their texts."""
    if pairs := confusions(report):
        yield "\nmost often given instead of another:\n"
        yield from (f"  {count:>5}  {safe(given)} instead of {safe(missed)}\n" for missed, given, count in pairs)
    if report.mistakes:
        yield "\nworst mistakes:\n\n"
    for mistake in report.mistakes[:number]:
        what = f"{'missed' if mistake.given else 'wrongly given'}, score {mistake.score:.2f}"
        yield f"  {safe(mistake.category)} {what}  {safe(mistake.id)}\n"
        text = textwrap.shorten(" ".join(mistake.text.split()), 4 * WIDTH, placeholder=" ...")
        if text:
            yield textwrap.fill(safe(text), WIDTH, initial_indent="    ", subsequent_indent="    ") + "\n"
        yield "\n"


def comparison(comparison: Comparison, first: str, second: str) -> Iterator[str]:
    """Set the differences of two reports as a table."""
    yield f"{comparison.policies} policies (near-duplicates count once); paired bootstrap over policies\n"
    for letter, name, how in zip("AB", (first, second), comparison.hows, strict=True):
        yield f"  {letter}  {safe(name)}: {safe(how)}\n"
    if comparison.left_out:
        yield f"  left out, since one of them lacks it: {safe(', '.join(comparison.left_out))}\n"
    yield "\n"
    yield f"{'F1':<16}{'A':>8}{'B':>8}{'B - A':>9}{'95 %':>18}{'p':>8}\n"
    for row in comparison.differences:
        value, low, high = row.difference
        interval = "-" if math.isnan(low) else f"{low:+.3f} {high:+.3f}"
        line = f"{safe(row.figure):<16}{row.first:>8.3f}{row.second:>8.3f}{value:>+9.3f}{interval:>18}"
        yield f"{line}{_figure(row.p):>8}\n"


def _cells(name: str, estimates: Sequence[Estimate | None], support: str) -> str:
    """Set precision, recall, F1 with its interval, and average precision."""
    cells = [_figure(value.value if value else math.nan) for value in estimates]
    f1 = estimates[2]
    interval = f"{f1.low:.3f}-{f1.high:.3f}" if f1 and not math.isnan(f1.value + f1.low) else ""
    return f"{name:<16}{cells[0]:>9}{cells[1]:>8}{cells[2]:>7}{interval:>13}{cells[3]:>7}{support:>9}"


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
