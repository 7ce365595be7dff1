import json
import math
from pathlib import Path

import pytest

from classifier.datasets.rows import load_examples
from classifier.errors import DataError
from classifier.evaluation import evaluate, report
from classifier.evaluation.build import with_presence_absence
from classifier.evaluation.report import Report
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
    return evaluate.cross_validate(load_examples([path], taxonomy), taxonomy, n_folds=4, curve=True)


def test_a_report_comes_back_from_json(found: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(found.to_json(), encoding="utf-8")
    again = report.load_report(path)
    assert again.to_json() == found.to_json()
    assert again.micro_f1.value == pytest.approx(found.micro_f1.value, abs=1e-4)
    assert math.isnan(again.per_category[12].f1.value)
    assert "NaN" not in found.to_json()


def test_the_summary_has_metrics_but_no_rows(found: Report) -> None:
    summary = found.summary()
    assert summary["averages"]["micro_f1"][0] == round(found.micro_f1.value, 4)
    assert "Welcome" not in json.dumps(summary)
    assert report.report_from_dict(summary).micro_f1 == report.report_from_dict(found.to_dict()).micro_f1


def test_texts_can_be_left_out(found: Report) -> None:
    wrong = with_presence_absence(found).without_texts()
    assert all(mistake.text == "" for mistake in wrong.mistakes)
    assert "must not be compared" in wrong.notes[-1]
    assert wrong.averages["presence_absence_f1"].value >= found.macro_f1.value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("{", "is not JSON; give reports that", id="no JSON"),
        pytest.param("[1]", "is not a report", id="a list"),
        pytest.param('{"schema_version": 99}', "is not a report", id="another version"),
        pytest.param('{"schema_version": 1}', "the report is damaged: it lacks 'how'", id="empty"),
        pytest.param('{"schema_version": 1, "how": 3}', "damaged: how must be a string, not 3", id="wrong kind"),
    ],
)
def test_files_that_are_not_reports_are_refused(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        report.load_report(path)


def test_a_missing_report_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nothing.json: cannot be read: No such file"):
        report.load_report(tmp_path / "nothing.json")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("counts", "p0"), [[1e308]], "counts.p0[0][0] must be a whole number from 0 to 9007199254740992, not 1e+308"),
        (("counts", "p0"), [[1]], "counts of 'p0' must be three lists with one number per category"),
        (("counts", "p0", 0, 0), 5, "counts of 'p0' have more true positives than labels"),
        (("counts", "p0", 0, 0), -1, "counts.p0[0][0] must be a whole number"),
        (("figures", 1, "f1"), [0.5], "figures[1].f1 must be a list of 3, not of 1"),
        (("figures", 1, "f1", 0), "0.5", "figures[1].f1[0] must be a number or null, not a string"),
        (("figures", 1, "support"), math.nan, "figures[1].support must be a whole number from 0"),
        (("figures", 1, "category"), "collection", "figures name a category twice"),
        (("averages",), {}, "averages lack 'micro_f1'"),
        (("calibration_error",), math.inf, "calibration_error must be a number or null, not Infinity"),
        (("rows",), 10**400, "rows must be a whole number"),
        (("confusion",), [[1]], "confusion must be square"),
        (("notes",), "x", "notes must be a list, not a string"),
        (("by_policy",), None, "by_policy must be true or false, not null"),
    ],
    ids=str,
)
def test_a_wrong_field_is_named(path: tuple[str | int, ...], value: object, message: str, found: Report) -> None:
    content = json.loads(found.to_json())
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(DataError) as caught:
        report.report_from_dict(content, "r.json")
    assert f"r.json: the report is damaged: {message}" in str(caught.value)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """List the places of a JSON value: all fields of objects, the first item of each list and mapping."""
    mappings = ("counts", "averages", "reliability", "curves", "f1")
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    if isinstance(value, list) or (path and path[-1] in mappings):
        inside = inside[:1]
    return [path, *(place for key, item in inside for place in places(item, (*path, key)))]


def test_hostile_values_are_refused_or_can_be_compared(found: Report) -> None:
    original = json.loads(found.to_json())
    for key in ("reliability", "curves", "mistakes"):
        original[key] = (
            {"": original[key][""]} if key == "reliability" else original[key][:1] if key == "mistakes" else {}
        )
    hostile = [
        None,
        True,
        -1,
        0,
        1.5,
        math.nan,
        math.inf,
        10**400,
        2**60,
        "",
        "1",
        "\ud800",
        [],
        [1],
        [None],
        [[]],
        {},
        {"a": 1},
    ]
    for path in places(original)[1:]:
        for value in hostile:
            place = original
            for key in path[:-1]:
                place = place[key]
            before, place[path[-1]] = place[path[-1]], value
            try:
                damaged = report.report_from_dict(original, "r.json")
            except DataError as error:
                assert str(error).startswith("r.json: ")
                assert len(str(error)) < 300
            else:
                assert damaged.to_json().encode()
            place[path[-1]] = before
