import csv
import io
import json
from collections.abc import Iterable, Iterator
from importlib import resources

import jsonschema
import pytest

from classifier import TaggedPolicy, Tagger
from classifier.render import Format, data
from classifier.render.terminal import Terminal
from tests.conftest import SEEDS

SOURCE = "# Data\n\nWe use cookies to remember you.\n\n* [Home](/)\n\nWelcome, \x1b[31mfriend\u202e.\n"


def written(form: Format, policies: Iterable[TaggedPolicy], tagger: Tagger) -> Iterator[str]:
    return form.join(map(form.policy, policies), tagger)


@pytest.mark.parametrize("paths", [SEEDS, []], ids=["seeds", "nothing"])
def test_json_is_valid_under_its_schema(paths: list[object], tagger: Tagger) -> None:
    schema = json.loads(resources.files("classifier.render").joinpath("tagged.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads("".join(written(data.JSON, (tagger.tag(path) for path in paths), tagger)))  # type: ignore[arg-type]
    jsonschema.validate(document, schema)
    assert len(document["policies"]) == len(paths)
    assert document["model"]["sha256"] == tagger.model.checksum


def test_json_lines_hold_the_clauses_of_the_json(tagger: Tagger) -> None:
    tagged = [tagger.tag_text(SOURCE, "x")]
    document = json.loads("".join(written(data.JSON, tagged, tagger)))
    rows = [json.loads(line) for line in "".join(written(data.JSONL, tagged, tagger)).splitlines()]
    for row, clause in zip(rows, document["policies"][0]["clauses"], strict=True):
        assert clause.items() <= row.items()
        assert SOURCE[row["start"] : row["end"]] == row["text"]
    assert [row["clause"] for row in rows] == [1, 2, 3]


def test_csv_has_a_row_a_clause(tagger: Tagger) -> None:
    rows = list(csv.DictReader(io.StringIO("".join(written(data.CSV, [tagger.tag_text(SOURCE, "x")], tagger)))))
    assert [row["kind"] for row in rows] == ["text", "navigation", "text"]
    assert "cookies" in rows[0]["labels"].split()
    assert 0 <= float(rows[0]["retention"]) <= 1


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
    assert "  navigation\n    • Home" in shown


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
