import json
import math
from pathlib import Path

import pytest

from classifier import dataset, evaluate, figures, report
from classifier.errors import DataError
from classifier.report import Report
from classifier.taxonomy import Taxonomy


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory, taxonomy: Taxonomy) -> Report:
    rows = [
        {"policy": f"p{p}", "text": text.format(p), "labels": labels, "unknown": ["legal_basis"]}
        for p in range(8)
        for text, labels in [
            ("We keep logs for {} years and days.", ["retention"]),
            ("Cookies of site {} are small files.", ["cookies"]),
            ("Welcome, shop {} sells tools <b>&amp; seeds</b>.", []),
        ]
    ]
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return evaluate.cross_validate(dataset.load([path], taxonomy), taxonomy, n_folds=4, curve=True)


def test_a_report_comes_back_from_json(found: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(found.to_json(), encoding="utf-8")
    again = report.load(path)
    assert again.to_json() == found.to_json()
    assert again.micro_f1.value == pytest.approx(found.micro_f1.value, abs=1e-4)
    assert math.isnan(again.figures[12].f1.value)
    assert "NaN" not in found.to_json()


def test_the_summary_has_figures_but_nothing_of_the_rows(found: Report) -> None:
    summary = found.summary()
    assert summary["averages"]["micro_f1"][0] == round(found.micro_f1.value, 4)
    assert "Welcome" not in json.dumps(summary)
    assert report.from_dict(summary).micro_f1 == report.from_dict(found.to_dict()).micro_f1


def test_texts_can_be_left_out(found: Report) -> None:
    wrong = figures.with_presence_absence(found).without_texts()
    assert all(mistake.text == "" for mistake in wrong.mistakes)
    assert "must not be compared" in wrong.notes[-1]
    assert wrong.averages["presence_absence_f1"].value >= found.macro_f1.value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "is no JSON; give reports that", id="no JSON"),
        pytest.param(
            '{"schema_version": 1, "figures": [], "averages": {}, "calibration_error": 0, "counts": {"p": [[1e308]]}}',
            "damaged: ValueError: counts of 'p'",
            id="odd counts",
        ),
        pytest.param("[1]", "is no report", id="a list"),
        pytest.param('{"schema_version": 99}', "is no report", id="another version"),
        pytest.param('{"schema_version": 1}', "damaged: KeyError: 'figures'", id="empty"),
        pytest.param('{"schema_version": 1, "figures": 3}', "damaged: TypeError", id="wrong kind"),
    ],
)
def test_what_is_no_report_is_said(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        report.load(path)


def test_a_missing_report_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing.json: cannot be read: No such file"):
        report.load(tmp_path / "nothing.json")
