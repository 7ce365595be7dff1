"""The results of an evaluation as data: written as JSON, read back, compared with another.

An undefined metric is NaN here and null in JSON. The counts of each policy are kept, so that two reports on the same rows can
be compared policy by policy. This module computes nothing; `build` does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

from classifier.errors import DataError, reason
from classifier.io import read_regular
from classifier.text.escaping import escape_name

SCHEMA_VERSION = 1
"""Raised when a field of the JSON is removed or changes its meaning; a new field does not raise it."""
JSON_KEYS = {"description": "how", "per_category": "figures"}
"""Fields of `Report` whose key in JSON differs from their name."""
MAX_FILE_BYTES = 256 * 2**20
"""Largest report that is read, in bytes; one on a hundred policies has some hundred thousand."""
MAX_NUMBER = 2**53
"""Upper limit of numbers in a report; integers below it are exact as floats."""
MAX_SHOWN_CHARACTERS = 60
"""Characters of a report's value that a message shows."""


class Estimate(NamedTuple):
    """A metric and its 95 % interval by bootstrap over policies."""

    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True)
class CategoryMetrics:
    """The metrics of one category.

    Attributes
    ----------
    category
        Its id.
    support, predicted, known
        Number of rows in which it is a label, is predicted, and is known either way.
    policies
        Number of policies in which it is a label.
    precision, recall, f1, average_precision
        Over the rows where it is known.
    calibration_error
        Expected calibration error of its scores.
    thresholds
        The threshold of each fold.
    """

    category: str
    support: int
    predicted: int
    known: int
    policies: int
    precision: Estimate
    recall: Estimate
    f1: Estimate
    average_precision: Estimate
    calibration_error: float
    thresholds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The F1 of a simpler method, or of a person, on the same rows: averaged and by category."""

    name: str
    about: str
    micro_f1: Estimate
    macro_f1: Estimate
    f1: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A label that was missed (`given`) or wrongly predicted (not `given`), with its row."""

    id: str
    policy: str
    category: str
    given: bool
    score: float
    labels: tuple[str, ...]
    predicted: tuple[str, ...]
    text: str


class Point(NamedTuple):
    """A point of the learning curve: number of policies learned from, and the F1 reached."""

    policies: int
    micro_f1: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """How well a model predicts rows.

    Attributes
    ----------
    description
        The evaluation in a few words, for people: "5 folds by policy". In JSON: `how`.
    data_sha256, rows, policies, groups
        The rows that were scored; there are fewer groups than policies where policies are near-duplicates.
    unlabelled, predicted_unlabelled
        Number of rows without a label, and of rows for which none was predicted.
    cardinality, predicted_cardinality
        Mean number of labels per row.
    n_folds, by_policy
        How it was split; 0 folds where a finished model was scored. Where `by_policy` is False the metrics flatter the model.
    per_category
        One entry per category, in the order of the taxonomy. In JSON: `figures`.
    averages
        By name: micro and macro precision, recall and F1, macro average precision, samples F1, subset accuracy.
    calibration_error
        Of all scores together.
    notes
        Caveats to read before the metrics.
    reliability
        By category, and under "" for all together: (mean score, share of labels, count) for each tenth of scores.
    curves
        By category: (recall, precision, threshold).
    confusion
        As `classifier.evaluation.metrics.confusion`.
    baselines, mistakes, learning_curve
        Empty where they were not asked for.
    counts
        By policy, near-duplicates together under one of their names: true positives, predicted positives and actual positives
        of each category.
    """

    description: str
    data_sha256: str
    rows: int
    policies: int
    groups: int
    unlabelled: int
    predicted_unlabelled: int
    cardinality: float
    predicted_cardinality: float
    n_folds: int
    by_policy: bool
    per_category: tuple[CategoryMetrics, ...]
    averages: Mapping[str, Estimate]
    calibration_error: float
    notes: tuple[str, ...] = ()
    reliability: Mapping[str, tuple[tuple[float, float, int], ...]] = field(default_factory=dict)
    curves: Mapping[str, tuple[tuple[float, float, float], ...]] = field(default_factory=dict)
    confusion: tuple[tuple[int, ...], ...] = ()
    baselines: tuple[Baseline, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    learning_curve: tuple[Point, ...] = ()
    counts: Mapping[str, tuple[tuple[int, ...], ...]] = field(default_factory=dict)

    @property
    def categories(self) -> tuple[str, ...]:
        """The ids of the categories."""
        return tuple(row.category for row in self.per_category)

    @property
    def micro_f1(self) -> Estimate:
        """F1 over all labels."""
        return self.averages["micro_f1"]

    @property
    def macro_f1(self) -> Estimate:
        """Mean F1 of the categories that occur."""
        return self.averages["macro_f1"]

    def summary(self) -> dict[str, Any]:
        """Return the metrics alone as plain data: no rows, curves, baselines or counts per policy."""
        details = {"reliability", "curves", "confusion", "baselines", "mistakes", "learning_curve", "counts"}
        return {key: value for key, value in self.to_dict().items() if key not in details}

    def without_texts(self) -> Report:
        """Return the report without the texts of rows, which may be confidential or under copyright."""
        return replace(self, mistakes=tuple(replace(row, text="") for row in self.mistakes))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data for JSON, numbers rounded to four places, estimates as [value, low, high]."""
        content: dict[str, Any] = _plain({JSON_KEYS.get(key, key): value for key, value in asdict(self).items()})
        return {"schema_version": SCHEMA_VERSION, **content}

    def to_json(self) -> str:
        """Return the report as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False) + "\n"


def report_from_dict(content: Mapping[str, Any], name: str = "<report>") -> Report:
    """Read a report from plain data, as `Report.to_dict` returns it.

    Parameters
    ----------
    content
        Parsed JSON.
    name
        Name in messages.

    Raises
    ------
    DataError
        If it is not a report of this version, or a field has a wrong value; the message names the field.
    """
    if not isinstance(content, dict) or content.get("schema_version") != SCHEMA_VERSION:
        raise DataError([f"{name}: is not a report of `clauses evaluate -f json`, schema {SCHEMA_VERSION}"])
    try:
        report = _report(content)
        _check_categories(report)
    except ValueError as error:
        raise DataError([f"{name}: the report is damaged: {error}"]) from None
    return report


def load_report(path: str | Path) -> Report:
    """Read a report that `clauses evaluate -f json` wrote.

    Raises
    ------
    DataError
        If the file cannot be read, or is not a report.
    """
    name = escape_name(str(path))
    try:
        content = json.loads(read_regular(path, MAX_FILE_BYTES).decode())
    except OSError as error:
        raise DataError([f"{name}: cannot be read: {reason(error)}"]) from None
    except (ValueError, RecursionError):
        raise DataError([f"{name}: is not JSON; give reports that `clauses evaluate -o REPORT.json` wrote"]) from None
    return report_from_dict(content, name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value


# --- reading: a parser takes a value and the name of its field, and raises ValueError if the value is wrong ------------

Parser = Callable[[Any, str], Any]


def _report(content: Mapping[str, Any]) -> Report:
    values = {}
    for entry in fields(Report):
        key = JSON_KEYS.get(entry.name, entry.name)
        if key in content:
            values[entry.name] = _REPORT[key](content[key], key)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise ValueError(f"it lacks {key!r}")
    return Report(**values)


def _check_categories(report: Report) -> None:
    """Check that all parts of a report are about the same categories."""
    categories = report.categories
    if len(set(categories)) != len(categories):
        raise ValueError("figures name a category twice")
    for key in ("micro_f1", "macro_f1"):
        if key not in report.averages:
            raise ValueError(f"averages lack {key!r}")
    for base in report.baselines:
        if missing := [id for id in categories if id not in base.f1]:
            raise ValueError(f"the baseline {_shown(base.name)} lacks {_shown(missing[0])}")
    if report.confusion and {len(report.confusion), *map(len, report.confusion)} != {len(categories) + 1}:
        raise ValueError("confusion must be square, with one row and one column more than there are categories")
    for policy, parts in report.counts.items():
        if [len(part) for part in parts] != [len(categories)] * 3:
            raise ValueError(f"counts of {_shown(policy)} must be three lists with one number per category")
        if any(hits > min(predicted, actual) for hits, predicted, actual in zip(*parts, strict=True)):
            raise ValueError(f"counts of {_shown(policy)} have more true positives than labels")


def _shown(value: Any) -> str:
    """Return a value of the report as a message shows it, shortened if it is long."""
    text = json.dumps(value) if isinstance(value, int | float | bool | None) else repr(value)
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}..."


def _wrong_value(field: str, expected: str, value: Any) -> ValueError:
    kinds: dict[type, str] = {dict: "an object", list: "a list", str: "a string"}
    return ValueError(f"{field} must be {expected}, not {kinds.get(type(value)) or _shown(value)}")


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str):
        raise _wrong_value(field, "a string", value)
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError(f"{field} holds a lone surrogate, which is not a character")
    return value


def _flag(value: Any, field: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong_value(field, "true or false", value)
    return value


def _count(value: Any, field: str) -> int:
    if type(value) is not int or not 0 <= value < MAX_NUMBER:
        raise _wrong_value(field, f"a whole number from 0 to {MAX_NUMBER}", value)
    return value


def _number(value: Any, field: str) -> float:
    """Read a number; null is NaN, an undefined metric."""
    if value is None:
        return math.nan
    if type(value) not in (int, float) or not abs(value) < MAX_NUMBER:  # NaN, which is not JSON, fails here too
        raise _wrong_value(field, "a number or null", value)
    return float(value)


def _tuple_of(parse: Parser, length: int | None = None) -> Parser:
    def parse_all(value: Any, field: str) -> tuple[Any, ...]:
        expected = "a list" if length is None else f"a list of {length}"
        if not isinstance(value, list):
            raise _wrong_value(field, expected, value)
        if length not in (None, len(value)):
            raise ValueError(f"{field} must be {expected}, not of {len(value)}")
        return tuple(parse(item, f"{field}[{number}]") for number, item in enumerate(value))

    return parse_all


def _mapping_of(parse: Parser) -> Parser:
    def parse_all(value: Any, field: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _wrong_value(field, "an object", value)
        return {
            _text(key, f"a key of {field}"): parse(item, f"{field}.{key[:MAX_SHOWN_CHARACTERS]}")
            for key, item in value.items()
        }

    return parse_all


def _record_of(*parsers: Parser, make: Callable[..., Any] = lambda *items: items) -> Parser:
    """Parse a list with one item per parser."""

    def parse(value: Any, field: str) -> Any:
        items = _tuple_of(lambda item, _field: item, len(parsers))(value, field)
        return make(*(one(item, f"{field}[{k}]") for k, (one, item) in enumerate(zip(parsers, items, strict=True))))

    return parse


def _object_of(kind: type[Any], parsers: Mapping[str, Parser]) -> Parser:
    """Parse an object with these fields; unknown ones come from a later release and are ignored."""

    def parse(value: Any, field: str) -> Any:
        if not isinstance(value, dict):
            raise _wrong_value(field, "an object", value)
        if missing := [key for key in parsers if key not in value]:
            raise ValueError(f"{field} lacks {missing[0]!r}")
        return kind(**{key: one(value[key], f"{field}.{key}") for key, one in parsers.items()})

    return parse


_estimate = _record_of(_number, _number, _number, make=Estimate)
_CATEGORY: dict[str, Parser] = {
    "category": _text,
    **dict.fromkeys(("support", "predicted", "known", "policies"), _count),
    **dict.fromkeys(("precision", "recall", "f1", "average_precision"), _estimate),
    "calibration_error": _number,
    "thresholds": _tuple_of(_number),
}
_BASELINE: dict[str, Parser] = {
    "name": _text,
    "about": _text,
    "micro_f1": _estimate,
    "macro_f1": _estimate,
    "f1": _mapping_of(_number),
}
_MISTAKE: dict[str, Parser] = {
    **dict.fromkeys(("id", "policy", "category"), _text),
    "given": _flag,
    "score": _number,
    "labels": _tuple_of(_text),
    "predicted": _tuple_of(_text),
    "text": _text,
}
_REPORT: dict[str, Parser] = {
    "how": _text,
    "data_sha256": _text,
    **dict.fromkeys(("rows", "policies", "groups", "unlabelled", "predicted_unlabelled", "n_folds"), _count),
    **dict.fromkeys(("cardinality", "predicted_cardinality", "calibration_error"), _number),
    "by_policy": _flag,
    "figures": _tuple_of(_object_of(CategoryMetrics, _CATEGORY)),
    "averages": _mapping_of(_estimate),
    "notes": _tuple_of(_text),
    "reliability": _mapping_of(_tuple_of(_record_of(_number, _number, _count))),
    "curves": _mapping_of(_tuple_of(_record_of(_number, _number, _number))),
    "confusion": _tuple_of(_tuple_of(_count)),
    "baselines": _tuple_of(_object_of(Baseline, _BASELINE)),
    "mistakes": _tuple_of(_object_of(Mistake, _MISTAKE)),
    "learning_curve": _tuple_of(_record_of(_count, _number, _number, make=Point)),
    "counts": _mapping_of(_tuple_of(_tuple_of(_count))),
}
"""The parser of each field of a report, by its key in JSON."""
