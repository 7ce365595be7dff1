import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Document, TaggedPolicy, Tagger
from classifier.render import markdown
from classifier.render.csv import csv_line, defuse_formula
from classifier.render.formats import OutputFormat, RenderOptions, get_format
from classifier.render.json import CHUNK_CLAUSES, json_format, jsonl_format
from classifier.render.terminal import Terminal
from classifier.types import Block, Clause
from tests.conftest import ROOT, SEEDS

SOURCE = "# Data\n\nWe use cookies to remember you.\n\n* [Home](/)\n\nWelcome, \x1b[31mfriend\u202e.\n"


def written(form: OutputFormat, policies: Iterable[TaggedPolicy], tagger: Tagger) -> Iterator[str]:
    return form.join(map(form.policy, policies), tagger)


@pytest.mark.parametrize("paths", [SEEDS, []], ids=["seeds", "nothing"])
def test_json_is_valid_under_its_schema(paths: list[object], tagger: Tagger) -> None:
    schema = json.loads(resources.files("classifier.render").joinpath("tagged.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads("".join(written(get_format("json"), (tagger.tag(path) for path in paths), tagger)))  # type: ignore[arg-type]
    jsonschema.validate(document, schema)
    assert len(document["policies"]) == len(paths)
    assert document["model"]["sha256"] == tagger.model.checksum


def test_json_lines_hold_the_clauses_of_the_json(tagger: Tagger) -> None:
    tagged = [tagger.tag_text(SOURCE, "x")]
    document = json.loads("".join(written(get_format("json"), tagged, tagger)))
    rows = [json.loads(line) for line in "".join(written(get_format("jsonl"), tagged, tagger)).splitlines()]
    for row, clause in zip(rows, document["policies"][0]["clauses"], strict=True):
        assert clause.items() <= row.items()
        assert SOURCE[row["start"] : row["end"]] == row["text"]
    assert [row["clause"] for row in rows] == [1, 2, 3]


def test_json_lines_write_scores_and_strings_as_json_does(tagger: Tagger) -> None:
    values = [0.0, 1.0, 0.5, 1e-9, 0.0000049, 0.0000051, 0.999994, 0.999996, 0.01, 0.00999, 0.12345, 0.3, 0.1 + 0.2]
    ids = tagger.categories
    quoted = ['"', "\\", "a\tb", "\x00\x1f", "\x7f", "é\u2028", "\n", "plain", 'both "\\"']
    clauses = tuple(
        Clause(quoted[k % len(quoted)], k, k, scores={id: values[(k + n) % len(values)] for n, id in enumerate(ids)})
        for k in range(2 * CHUNK_CLAUSES + 1)
    )
    policy = replace(tagger.tag_text("We keep logs.", 'a "name"'), clauses=clauses)
    rows = "".join(get_format("jsonl").policy(policy)).split("\n")
    assert rows.pop() == ""
    for row, clause in zip(rows, clauses, strict=True):
        found = json.loads(row)
        assert (found["policy"], found["text"]) == ('a "name"', clause.text)
        assert list(found["scores"]) == list(ids)
        assert json.dumps(clause.text, ensure_ascii=False) in row
        for id, score in clause.scores.items():
            assert f'"{id}": {score:.5f}' in row


@pytest.mark.parametrize("source", [*SEEDS, ROOT / "tests/pages/tables.html"], ids=lambda path: path.name)
def test_reasons_are_valid_under_the_schema_and_true(source: Path, tagger: Tagger) -> None:
    schema = json.loads(resources.files("classifier.render").joinpath("tagged.schema.json").read_text(encoding="utf-8"))
    tagged = tagger.tag(source)
    document = json.loads("".join(written(json_format(RenderOptions(explain=True)), [tagged], tagger)))
    jsonschema.validate(document, schema)
    policy = document["policies"][0]
    text = policy.get("text", tagged.document.text)
    for clause in policy["clauses"]:
        assert text[clause["start"] : clause["end"]] == clause["text"]
        assert list(clause["explanations"]) == clause["labels"]
        for id, why in clause["explanations"].items():
            added = why["intercept"] + sum(term["value"] for term in why["terms"])
            assert added == pytest.approx(why["log_odds"], abs=1e-3)
            assert 1 / (1 + math.exp(-why["log_odds"])) == pytest.approx(clause["scores"][id], abs=1e-4)
            for span in (why["sentence"], *why["evidence"]):
                assert text[span["start"] : span["end"]] == span["text"]
    lines = "".join(written(jsonl_format(RenderOptions(explain=True)), [tagged], tagger)).split("\n")
    assert json.loads(lines[0])["explanations"] == policy["clauses"][0]["explanations"]


def test_extracted_text_comes_along_and_that_of_text_files_does_not(tagger: Tagger) -> None:
    tagged = [tagger.tag(ROOT / "tests/pages/tables.html"), tagger.tag(SEEDS[0])]
    page, text = json.loads("".join(written(get_format("json"), tagged, tagger)))["policies"]
    assert page["format"] == "html"
    assert page["text"] == tagged[0].document.text
    assert page["clauses"][0]["place"].startswith("/html/body/")
    assert "text" not in text


def test_csv_has_a_row_a_clause(tagger: Tagger) -> None:
    rows = list(
        csv.DictReader(io.StringIO("".join(written(get_format("csv"), [tagger.tag_text(SOURCE, "x")], tagger))))
    )
    assert [row["kind"] for row in rows] == ["text", "navigation", "text"]
    assert "cookies" in rows[0]["labels"].split()
    assert 0 <= float(rows[0]["retention"]) <= 1


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\n=1", "\xa0=1", "\u200b=1"]
)
def test_a_spreadsheet_is_given_no_formula(cell: str, tagger: Tagger) -> None:
    document = Document(cell, f"{cell.strip()} keeps cookies", (Block("paragraph", 0, len(cell.strip()) + 14),))
    rows = list(
        csv.reader(
            io.StringIO("".join(written(get_format("csv"), [tagger.tag_document(document)], tagger)), newline="")
        )
    )
    for text in rows[1]:
        assert not text.lstrip(" \t\r\n\xa0\u200b").startswith(("=", "+", "-", "@", "＝"))


def test_csv_for_people_begins_with_a_mark_and_says_evidence(tagger: Tagger) -> None:
    form = get_format("csv", RenderOptions(explain=True, to_file=True))
    text = "".join(written(form, [tagger.tag_text("Hello. We keep your data for 30 days.", "x")], tagger))
    assert text.startswith("\ufeffpolicy,")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert "retention: We keep your data for 30 days." in row["evidence"]


def test_parquet_is_read_by_pandas_as_the_csv_says(tagger: Tagger, tmp_path: Path) -> None:
    import pandas as pd

    tagged = [
        tagger.tag_text(SOURCE + "\n\nOdd \u2028 line ends \x85 stay in a clause.", "x"),
        *map(tagger.tag, SEEDS[:2]),
    ]
    form = get_format("parquet", RenderOptions(explain=True))
    assert form.packed is not None
    (tmp_path / "x.parquet").write_bytes(b"".join(form.packed(written(form, tagged, tagger), tagger)))
    frame = pd.read_parquet(tmp_path / "x.parquet")
    clauses = [clause for policy in tagged for clause in policy.clauses]
    assert frame["text"].tolist() == [clause.text for clause in clauses]
    assert [tuple(labels) for labels in frame["labels"]] == [clause.labels for clause in clauses]
    assert frame["retention"].tolist() == pytest.approx([clause.scores["retention"] for clause in clauses], abs=1e-4)
    assert frame["evidence"][0][0]["words"][0]["text"] == "cookies"
    empty = b"".join(form.packed([""], tagger))
    (tmp_path / "empty.parquet").write_bytes(empty)
    assert pd.read_parquet(tmp_path / "empty.parquet").shape[0] == 0


@given(st.text())
def test_markdown_holds_no_markup_of_the_policy(text: str) -> None:
    shown = markdown.escaped(text)
    assert not re.search(r"(?<!\\)(?:\\\\)*[<*_\[\]`#|]", shown)
    assert "\n" not in shown


def test_markdown_shows_labels_and_marks_evidence(tagger: Tagger) -> None:
    form = get_format("markdown", RenderOptions(explain=True))
    shown = "".join(written(form, [tagger.tag_text(SOURCE, "mine.md")], tagger))
    assert shown.startswith("# mine\\.md\n")
    assert "### Data" in shown
    assert "**Cookies** 1.00" in shown
    assert "**cookies**" in shown
    assert "> We use cookies to remember you\\." in shown.replace("**", "")
    assert "\u202e" not in shown


def test_text_says_why(tagger: Tagger) -> None:
    tagged = tagger.tag_text("# Retention\n\nWe keep your data for ten years. Hello, dear reader of this policy.", "x")
    shown = "".join(written(Terminal().format(explain=True), [tagged], tagger))
    assert re.search(r"Retention \(>= 0\.\d\d\): .*years \+\d\.\d\d", shown)
    assert "“We keep your data for ten years.”" in shown
    coloured = "".join(written(Terminal(color=True).format(explain=True), [tagged], tagger))
    assert re.search(r"\x1b\[38;2;\d+;\d+;\d+m\x1b\[1m\x1b\[4m(?:ten )?years", coloured)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).replace(" Retention ", "[Retention ").count("years") == shown.count(
        "years"
    )


def test_text_shows_headings_labels_and_a_summary(tagger: Tagger) -> None:
    shown = "".join(written(Terminal().format(), [tagger.tag_text(SOURCE, "mine.md")], tagger))
    assert "── mine.md ─" in shown
    assert "\nData\n" in shown
    assert "[Cookies " in shown
    assert "    We use cookies to remember you." in shown
    assert "Home" not in shown
    assert "1 of navigation not shown" in shown
    assert "not found by the classifier:" in shown
    assert tagger.model.checksum[:12] in shown


def test_navigation_is_shown_when_asked_for(tagger: Tagger) -> None:
    shown = "".join(written(Terminal().format(show_all=True), [tagger.tag_text(SOURCE)], tagger))
    assert "navigation\n    • Home" in shown


def test_a_document_cannot_play_tricks_on_the_terminal(tagger: Tagger) -> None:
    shown = "".join(written(Terminal(color=False).format(), [tagger.tag_text(SOURCE, "evil\x1b]0;name\x07")], tagger))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "�[31mfriend�" in shown


def test_colour_comes_only_when_asked_for(tagger: Tagger) -> None:
    assert "\x1b[48;2;" in "".join(written(Terminal(color=True).format(), [tagger.tag_text(SOURCE)], tagger))


@pytest.mark.parametrize("width", [10, 60, 500])
def test_lines_keep_to_the_width(width: int, tagger: Tagger) -> None:
    terminal = Terminal(width)
    shown = "".join(written(terminal.format(), [tagger.tag(SEEDS[0])], tagger))
    body = [line for line in shown.splitlines() if line.startswith("    ")]
    assert max(map(len, body)) <= terminal.width
    assert 40 <= terminal.width <= 100


LINE_ENDS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029", "\r \xa0\u200b"]


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_no_line_end_in_a_clause_begins_a_row_or_a_formula(end: str, tagger: Tagger) -> None:
    text = f"We share data with partners for ads{end}=1+1{end}and we keep it"
    document = Document("x", text, (Block("paragraph", 0, len(text)),))
    written_text = "".join(written(get_format("csv"), [tagger.tag_document(document)], tagger))
    assert f'"We share data with partners for ads{end}\'=1+1{end}and we keep it"' in written_text
    (row,) = csv.DictReader(io.StringIO(written_text, newline=""))
    assert row["text"].replace("'", "") == text


@pytest.mark.parametrize("mark", ["=1", "+1", "-1", "@a", "\uff1d1", "- 1", "+ 1"])
@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_a_formula_is_defused_in_each_line_but_a_bullet_is_none(end: str, mark: str) -> None:
    defused = defuse_formula(f"ads{end}{mark}{end}{end}{mark}")
    expected = mark if mark[1] == " " else f"'{mark}"
    assert defused == f"ads{end}{expected}{end}{end}{expected}"
    assert defuse_formula(f"{end}{mark}") == f"{end}'{mark}"


@given(st.lists(st.text(alphabet='ab=- ,"\r\n\x85\u2028\x0b\x1e'), min_size=1))
def test_a_line_of_csv_is_read_back_and_is_one_line_outside_quotes(row: list[str]) -> None:
    line = csv_line(row)
    assert next(csv.reader(io.StringIO(line, newline=""))) == row
    outside = re.sub('"[^"]*"', "", line.removesuffix("\n"))
    assert len(outside.splitlines()) <= 1


def test_a_cell_without_line_ends_is_written_as_csv_writes_it() -> None:
    buffer = io.StringIO()
    row = ["a", 'b "c"', "d, e", "", None, 1, 0.5, " f ", "'g'"]
    csv.writer(buffer, lineterminator="\n").writerow(row)
    assert csv_line(row) == buffer.getvalue()
    assert csv_line(["a\0b"]) == "a\ufffdb\n"
