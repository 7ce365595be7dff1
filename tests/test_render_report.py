"""Reports as text, CSV, JSON and HTML; a browser also opens the HTML where one is installed."""

import csv
import io
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import resources, taxonomy
from classifier.datasets import opp115
from classifier.evaluation import evaluate
from classifier.evaluation.build import build_report, with_presence_absence
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.plan import SplitPlan
from classifier.evaluation.report import Baseline, Estimate, Report
from classifier.evaluation.significance import compare_reports
from classifier.render.evaluation import (
    columns,
    comparison_to_csv,
    comparison_to_json,
    comparison_to_text,
    mistakes_to_text,
    report_to_csv,
    report_to_html,
    report_to_text,
)
from classifier.types import Example
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def found() -> Report:
    twelve = taxonomy.load_taxonomy(resources.taxonomy_file("opp115-12"))
    rows = opp115.load_opp115(ROOT / "tests/corpora/opp115", twelve)
    return with_presence_absence(evaluate.cross_validate(rows, twelve, n_folds=3, curve=True))


@pytest.fixture(scope="module")
def page(found: Report) -> str:
    return "".join(report_to_html(found))


def test_the_table_has_every_figure(found: Report) -> None:
    text = "".join(report_to_text(found))
    for row in found.per_category:
        assert re.search(
            rf"^{row.category} +{row.precision.value:.3f} +{row.recall.value:.3f} +{row.f1.value:.3f}", text, re.M
        )
    assert f"{found.micro_f1.value:.3f}" in text
    assert "keywords  one annotator" in text
    assert re.search(r"note: presence/absence F1 .* must\s+not be compared", text, re.S)
    assert max(map(len, text.splitlines())) <= 110


def test_mistakes_are_shown_with_their_texts_unless_texts_are_removed(found: Report) -> None:
    first = found.mistakes[0]
    shown = "".join(mistakes_to_text(found, 2))
    assert first.id in shown
    assert first.text.split()[0] in shown
    assert "instead of" in shown
    assert first.text.split("\n")[-1] not in "".join(mistakes_to_text(found.without_texts(), 2))


def test_csv_has_a_line_per_category_and_average(found: Report) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(report_to_csv(found)))))
    assert [row["category"] for row in rows] == [*found.categories, "(micro)", "(macro)", "(samples)"]
    assert float(rows[0]["f1_low"]) <= float(rows[0]["f1"]) <= float(rows[0]["f1_high"])
    assert float(rows[-2]["f1"]) == pytest.approx(found.macro_f1.value, abs=1e-4)


def test_the_page_loads_nothing_and_escapes_everything(page: str) -> None:
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)""", page)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == 3


def test_a_text_cannot_break_out_of_the_page(found: Report) -> None:
    evil = replace(found.mistakes[0], text="</blockquote><script>alert(1)</script>")
    page = "".join(report_to_html(replace(found, mistakes=(evil,))))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_has_the_metrics_of_the_report(page: str, found: Report) -> None:
    assert f"<b>{found.micro_f1.value:.3f}</b>" in page
    for row in found.per_category:
        assert f"<td><b>{row.f1.value:.3f}</b></td>" in page
    assert "must not be compared with it" in page


def test_the_same_report_gives_the_same_page(page: str, found: Report) -> None:
    assert "".join(report_to_html(found)) == page


def test_a_report_without_curve_or_mistakes_is_a_page_too(found: Report) -> None:
    page = "".join(report_to_html(replace(found, learning_curve=(), mistakes=(), baselines=(), notes=())))
    assert page.count("<svg") == 2


@pytest.mark.skipif(BROWSER is None, reason="there is no browser on this machine")
def test_a_browser_shows_the_page(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    done = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            *quiet,
            f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=2000",
            "--dump-dom",
            file.as_uri(),
        ],
        capture_output=True,
        timeout=120,
        check=True,
    )
    dom = done.stdout.decode()
    assert dom.count("<svg") == 3
    assert dom.count('class="track"') == 12


def test_comparisons_are_tables_too(found: Report) -> None:
    same = compare_reports(found, found)
    assert "+0.000" in "".join(comparison_to_text(same, "a.json", "b.json"))
    data = json.loads("".join(comparison_to_json(same)))
    assert data["differences"][0] == {"figure": "micro", "first": round(found.micro_f1.value, 4), "second": round(found.micro_f1.value, 4), "difference": [0.0, 0.0, 0.0], "p": 1.0}  # fmt: skip
    assert next(csv.DictReader(comparison_to_csv(same)))["p"] == "1.0000"


# --- reports with undefined metrics, and names of any length -------------------------------------------------------------

LONG = [f"{'retention_of_personal_data_after_the_end_of_the_contract_with_us'[:63]}{k}" for k in range(3)]


def made(
    y_true: list[list[int]], policies: str = "pqrs", ids: tuple[str, ...] = ("a", "b"), **values: object
) -> Report:
    """Make a report in which every prediction is right; -1 is unknown."""
    labels = np.array(y_true)
    rows = [Example(f"row {k}", policy, f"text {k}", ()) for k, policy in enumerate(policies)]
    plan = SplitPlan(np.unique(list(policies), return_inverse=True)[1], 2)
    predicted = Predictions(
        labels == 1,
        labels >= 0,
        labels == 1,
        (labels == 1) * 0.9,
        np.arange(len(rows)) % 2,
        np.full((2, len(ids)), 0.5),
        plan,
    )
    return replace(build_report(predicted, rows, ids, "a test"), **values)  # type: ignore[arg-type]


def words(page: str) -> str:
    return " ".join(re.sub("<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.S).split())


@pytest.mark.parametrize("ids", [LONG, ["a", "cookies", "b" * 40], ["保存期間", "クッキー", "children"]], ids=str)
@pytest.mark.parametrize("width", [None, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("others", [0, 2], ids=["alone", "with baselines"])
def test_columns_are_aligned_for_names_of_any_length(ids: list[str], width: int | None, others: int) -> None:
    bases = tuple(
        Baseline(name, name, Estimate(0.5), Estimate(0.5), dict.fromkeys(ids, 0.5))
        for name in ("keywords", "one annotator")[:others]
    )
    report = made([[1, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, 1]], ids=tuple(ids), baselines=bases)
    lines = "".join(report_to_text(report, width)).split("\n\n  samples F1")[0].splitlines()[2:]
    assert all(any(re.match(rf"{id}( |$)", line) for line in lines) for id in ids)
    ends = {columns(line) for line in lines if re.search(r"\d\.\d{3}", line)}
    assert len(ends) <= 2  # of one table, or of two
    if width is not None:
        assert max(map(columns, lines)) <= max(width, 1 + max(map(columns, ids)))
    compared = "".join(comparison_to_text(compare_reports(report, report), "a", "b", width)).splitlines()
    assert len({columns(line) for line in compared if re.search(r"\+0\.000", line)}) == 1
    assert all(any(line.startswith(id) for line in compared) for id in ids)


def test_not_annotated_differs_from_not_occurring() -> None:
    report = made([[1, -1], [1, -1], [0, -1], [0, -1]])
    page = words("".join(report_to_html(report)))
    assert "not annotated in these rows" in page
    assert "does not occur" not in page
    assert re.search(r"^b .* -\n", "".join(report_to_text(report)), re.M)
    page = words("".join(report_to_html(made([[1, 0], [1, -1], [0, 0], [0, -1]]))))
    assert "does not occur in the 2 rows annotated for it" in page
    assert "does not occur in these rows" in words("".join(report_to_html(made([[1, 0], [1, 0], [0, 0], [0, 0]]))))


def test_rows_without_annotations_have_no_metrics() -> None:
    report = made([[-1, -1]] * 4)
    assert report.averages["samples_f1"].value != report.averages["samples_f1"].value
    page = words("".join(report_to_html(report)))
    assert "nothing to compare with" in page
    assert not re.search(r"\bnan\b|[01]\.\d\d|95 %|Calibration|Confused|Baselines|only one policy", page)
    assert not re.search(r"nan|[01]\.\d\d", "".join(report_to_text(report)))
    assert not re.search(r"nan|[01]\.\d\d", "".join(report_to_csv(report)))
    assert not re.search("NaN", report.to_json())


@pytest.mark.parametrize(
    ("y_true", "policies", "reason"),
    [
        ([[1, 0], [1, 1], [0, 1], [0, 0]], "pppp", "there is only one policy"),
        ([[1, 0], [1, 1], [-1, -1], [-1, -1]], "ppqr", "only one policy is annotated"),
    ],
)
def test_one_policy_has_no_intervals_and_a_reason(y_true: list[list[int]], policies: str, reason: str) -> None:
    report = made(y_true, policies)
    assert report.micro_f1.value == 1.0
    assert report.micro_f1.low != report.micro_f1.low
    page = words("".join(report_to_html(report)))
    assert reason in page
    assert "no interval" in page
    assert "with its 95 % interval" not in page
    assert "Intervals are" not in page
    assert "None: no label was missed and none wrongly given." in page
    assert not re.search(r"\bnan\b|\b1 policies|\b1 rows|\[\]", page)


def test_the_learning_curve_is_announced_only_if_there_is_one(found: Report, page: str) -> None:
    assert "and learning curve" in page
    assert "and learning curve" not in "".join(report_to_html(replace(found, learning_curve=())))
    once = replace(found, learning_curve=found.learning_curve[-1:])
    assert "and learning curve" not in "".join(report_to_html(once))


def test_baselines_without_a_metric_are_not_shown(found: Report) -> None:
    nobody = Baseline(
        "one annotator",
        "people",
        Estimate(float("nan")),
        Estimate(float("nan")),
        dict.fromkeys(found.categories, float("nan")),
    )
    page = "".join(report_to_html(replace(found, baselines=(nobody,))))
    assert "Baselines" not in page
    assert "annotator" not in page
