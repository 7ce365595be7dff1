"""What an evaluation found, as data: written as JSON, read back, compared with another.

A figure that is not defined is NaN here and null in JSON. The counts of each policy are kept, so that two reports on the same
rows can be compared policy by policy.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from classifier.errors import DataError
from classifier.readers import printable

SCHEMA_VERSION = 1
"""Raised when a field of the JSON changes its meaning or goes; a new field does not raise it."""


class Estimate(NamedTuple):
    """A figure and its 95 % interval by bootstrap over policies."""

    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True, slots=True)
class Figures:
    """How well one category is predicted.

    Attributes
    ----------
    category
        Its id.
    support, predicted, known
        In how many rows it is a label, is predicted, and is known either way.
    policies
        In how many policies it is a label.
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
    """What something simpler, or a person, reaches on the same rows: F1 by category and averaged."""

    name: str
    about: str
    micro_f1: Estimate
    macro_f1: Estimate
    f1: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A label that was missed (given) or wrongly predicted (not given), with the row it is about."""

    id: str
    policy: str
    category: str
    given: bool
    score: float
    labels: tuple[str, ...]
    predicted: tuple[str, ...]
    text: str


class Point(NamedTuple):
    """A point of the learning curve: so many policies to learn from, and what came of it."""

    policies: int
    micro_f1: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """How well a model predicts rows.

    Attributes
    ----------
    how
        What was done, for people: "5 folds by policy".
    data_sha256, rows, policies, groups
        What was scored; groups are fewer than policies where policies are near-duplicates.
    unlabelled, predicted_unlabelled
        Rows without a label, and rows that were given none.
    cardinality, predicted_cardinality
        Mean number of labels a row.
    n_folds, by_policy
        How it was split; 0 folds where an existing model was scored. Where `by_policy` is False the figures flatter.
    figures
        One entry a category, in the order of the taxonomy.
    averages
        By name: micro and macro precision, recall and F1, macro average precision, samples F1, subset accuracy.
    calibration_error
        Of all scores together.
    notes
        What one should know before believing the figures.
    reliability
        By category, and under "" of all together: (mean score, share of labels, count) for each tenth of scores.
    curves
        By category: (recall, precision, threshold).
    confusion
        As `classifier.metrics.confusion`.
    baselines, mistakes, learning_curve
        As far as they were asked for.
    counts
        By policy, near-duplicates together under one of their names: true positives, predicted and actual positives of each
        category.
    """

    how: str
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
    figures: tuple[Figures, ...]
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
        return tuple(row.category for row in self.figures)

    @property
    def micro_f1(self) -> Estimate:
        """F1 over all labels."""
        return self.averages["micro_f1"]

    @property
    def macro_f1(self) -> Estimate:
        """Mean F1 of the categories that occur."""
        return self.averages["macro_f1"]

    def summary(self) -> dict[str, Any]:
        """Give the figures alone as plain data: nothing of the rows, no curves, nothing by policy."""
        left_out = {"reliability", "curves", "confusion", "baselines", "mistakes", "learning_curve", "counts"}
        return {key: value for key, value in self.to_dict().items() if key not in left_out}

    def without_texts(self) -> Report:
        """Leave out the texts of rows, which may be confidential or another's."""
        return replace(self, mistakes=tuple(replace(row, text="") for row in self.mistakes))

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain data for JSON, figures rounded to four places, estimates as [value, low, high]."""
        content: dict[str, Any] = _plain(asdict(self))
        return {"schema_version": SCHEMA_VERSION, **content}

    def to_json(self) -> str:
        """Write the report as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False) + "\n"


def from_dict(content: Mapping[str, Any], name: str = "<report>") -> Report:
    """Make a report of plain data; `name` is what messages call it.

    Raises
    ------
    DataError
        If it is none, or of another version.
    """
    if not isinstance(content, dict) or content.get("schema_version") != SCHEMA_VERSION:
        raise DataError([f"{name}: is no report of `clauses evaluate --format json`, version {SCHEMA_VERSION}"])
    try:
        values = {entry.name: content[entry.name] for entry in fields(Report) if entry.name in content}
        values["figures"] = tuple(_figures(row) for row in values["figures"])
        values["averages"] = {key: _estimate(value) for key, value in values["averages"].items()}
        values["calibration_error"] = _number(values["calibration_error"])
        values["notes"] = tuple(values.get("notes", ()))
        for key in ("reliability", "curves", "counts"):
            values[key] = {id: tuple(map(tuple, rows)) for id, rows in values.get(key, {}).items()}
        values["confusion"] = tuple(map(tuple, values.get("confusion", ())))
        values["baselines"] = tuple(_baseline(row) for row in values.get("baselines", ()))
        values["mistakes"] = tuple(_mistake(row) for row in values.get("mistakes", ()))
        values["learning_curve"] = tuple(Point(*map(_number, row)) for row in values.get("learning_curve", ()))
        for policy, parts in values["counts"].items():
            if [len(part) for part in parts] != [len(values["figures"])] * 3 or not all(map(_is_count, chain(*parts))):
                raise ValueError(f"counts of {policy!r} are not three lists of as many numbers as there are categories")
        return Report(**values)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DataError([f"{name}: the report is damaged: {type(error).__name__}: {error}"]) from None


def load(path: str | Path) -> Report:
    """Read a report that `clauses evaluate --format json` wrote. Raises `DataError`."""
    name = printable(str(path))
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError([f"{name}: cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError):
        raise DataError([f"{name}: is no JSON; give reports that `clauses evaluate -o REPORT.json` wrote"]) from None
    return from_dict(content, name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    return value


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 <= value < 2**53


def _number(value: Any) -> Any:
    return math.nan if value is None else value


def _estimate(value: Any) -> Estimate:
    return Estimate(*map(_number, value))


def _figures(row: Mapping[str, Any]) -> Figures:
    estimates = ("precision", "recall", "f1", "average_precision")
    return Figures(
        **{
            **row,
            **{key: _estimate(row[key]) for key in estimates},
            "calibration_error": _number(row["calibration_error"]),
            "thresholds": tuple(row["thresholds"]),
        }
    )


def _baseline(row: Mapping[str, Any]) -> Baseline:
    f1 = {id: _number(value) for id, value in row["f1"].items()}
    return Baseline(row["name"], row["about"], _estimate(row["micro_f1"]), _estimate(row["macro_f1"]), f1)


def _mistake(row: Mapping[str, Any]) -> Mistake:
    return Mistake(**{**row, "labels": tuple(row["labels"]), "predicted": tuple(row["predicted"])})
