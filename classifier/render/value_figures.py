"""Write the figures of the second level: averages and a row per value, as text, JSON or CSV."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from classifier.render.csv import csv_line

if TYPE_CHECKING:
    from classifier.evaluation.values import ValueReports

_TITLES = {
    "given": "with the categories given",
    "end_to_end": "from end to end, with the categories that the model gives",
    "keywords": "keyword rules, with the categories given",
}
_COLUMNS = ("support", "policies", "precision", "recall", "f1", "policy_f1")


def values_to_text(reports: ValueReports) -> Iterator[str]:
    """Write a table: F1 by clause and by policy of each value, then the averages."""
    first = reports.given
    yield f"{first.rows:,} clauses of {first.policies} policies; F1 by clause and by policy, thresholds of the model\n\n"
    width = max((len(row.id) for row in first.values if row.support), default=5)
    yield f"  {'value':<{width}}  given  end to end  keywords  by policy  clauses  policies\n"
    others = [{row.id: row.f1 for row in report.values} for report in (reports.end_to_end, reports.keywords)]
    for row in first.values:
        if row.support:
            yield (
                f"  {row.id:<{width}}  {_shown(row.f1)}       {_shown(others[0][row.id])}     {_shown(others[1][row.id])}"
                f"      {_shown(row.policy_f1)}  {row.support:7,}  {row.policies:8,}\n"
            )
    for name, report in reports._asdict().items():
        yield (
            f"\n{_TITLES[name]}: macro-F1 {_shown(report.macro_f1)} (95 % {_shown(report.macro_low)}-"
            f"{_shown(report.macro_high)}), micro-F1 {_shown(report.micro_f1)}, by policy {_shown(report.policy_macro_f1)}"
        )
    yield f"\nwords of values rightly found: token F1 {_shown(first.quote_f1)}; denied: F1 {_shown(first.denial_f1)}\n"


def values_to_json(reports: ValueReports) -> str:
    """Write all figures as JSON; an undefined one is null."""
    return json.dumps({name: _plain(asdict(report)) for name, report in reports._asdict().items()}, indent=1) + "\n"


def values_to_csv(reports: ValueReports) -> Iterator[str]:
    """Write a row per kind of report and value."""
    yield csv_line(["categories", "value", *_COLUMNS])
    for name, report in reports._asdict().items():
        for row in report.values:
            yield csv_line([name, row.id, *(_plain(getattr(row, column)) for column in _COLUMNS)])


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def _shown(value: float) -> str:
    return "    -" if math.isnan(value) else f"{value:.3f}"
