"""Reports as people and programs read them; the HTML is also opened in a browser where there is one."""

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from classifier import compare, corpora, evaluate, figures, taxonomy
from classifier.corpora import opp115
from classifier.render import report as rendering
from classifier.render import tables
from classifier.report import Report
from tests.conftest import ROOT

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def found() -> Report:
    twelve = taxonomy.load(corpora.taxonomy_file("opp115-12"))
    rows = opp115.load(ROOT / "tests/corpora/opp115", twelve)
    return figures.with_presence_absence(evaluate.cross_validate(rows, twelve, n_folds=3, curve=True))


@pytest.fixture(scope="module")
def page(found: Report) -> str:
    return "".join(rendering.to_html(found))


def test_the_table_has_every_figure(found: Report) -> None:
    text = "".join(tables.report(found))
    for row in found.figures:
        assert re.search(
            rf"^{row.category} +{row.precision.value:.3f} +{row.recall.value:.3f} +{row.f1.value:.3f}", text, re.M
        )
    assert f"{found.micro_f1.value:.3f}" in text
    assert "keywords  one annotator" in text
    assert re.search(r"note: presence/absence F1 .* must\s+not be compared", text, re.S)
    assert max(map(len, text.splitlines())) <= 110


def test_mistakes_are_shown_with_their_texts_unless_they_were_left_out(found: Report) -> None:
    first = found.mistakes[0]
    shown = "".join(tables.mistakes(found, 2))
    assert first.id in shown
    assert first.text.split()[0] in shown
    assert "instead of" in shown
    assert first.text.split("\n")[-1] not in "".join(tables.mistakes(found.without_texts(), 2))


def test_csv_has_a_line_a_category_and_an_average(found: Report) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(rendering.to_csv(found)))))
    assert [row["category"] for row in rows] == [*found.categories, "(micro)", "(macro)", "(samples)"]
    assert float(rows[0]["f1_low"]) <= float(rows[0]["f1"]) <= float(rows[0]["f1_high"])
    assert float(rows[-2]["f1"]) == pytest.approx(found.macro_f1.value, abs=1e-4)


def test_the_page_loads_nothing_and_escapes_everything(page: str) -> None:
    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)""", page)
    assert "<script" not in page
    assert "default-src 'none'" in page
    assert page.count("<svg") == 3


def test_a_text_cannot_break_out_of_the_page(found: Report) -> None:
    from dataclasses import replace

    evil = replace(found.mistakes[0], text="</blockquote><script>alert(1)</script>")
    page = "".join(rendering.to_html(replace(found, mistakes=(evil,))))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_says_what_the_report_says(page: str, found: Report) -> None:
    assert f"<b>{found.micro_f1.value:.3f}</b>" in page
    for row in found.figures:
        assert f"<td><b>{row.f1.value:.3f}</b></td>" in page
    assert "must not be compared with it" in page


def test_the_same_report_gives_the_same_page(page: str, found: Report) -> None:
    assert "".join(rendering.to_html(found)) == page


def test_a_report_without_curve_or_mistakes_is_a_page_too(found: Report) -> None:
    from dataclasses import replace

    page = "".join(rendering.to_html(replace(found, learning_curve=(), mistakes=(), baselines=(), notes=())))
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
    same = compare.compare(found, found)
    assert "+0.000" in "".join(tables.comparison(same, "a.json", "b.json"))
    data = json.loads("".join(rendering.comparison_to_json(same)))
    assert data["differences"][0] == {"figure": "micro", "first": round(found.micro_f1.value, 4), "second": round(found.micro_f1.value, 4), "difference": [0.0, 0.0, 0.0], "p": 1.0}  # fmt: skip
    assert next(csv.DictReader(rendering.comparison_to_csv(same)))["p"] == "1.0000"
