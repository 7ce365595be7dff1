"""Labeled documents: rows follow their clauses, and everything wrong is said at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from classifier import DataError
from classifier.datasets.policies import load_policies, main, update_labels
from classifier.datasets.rows import load_examples
from classifier.taxonomy import Taxonomy, load_taxonomy
from tests.conftest import ROOT

TEXT = """# Privacy

## California

We do not sell your name.

### Requests

Write to us to ask for a copy.
"""
LABELS: list[tuple[list[str], list[dict[str, Any]]]] = [
    (["sharing", "region"], [{"value": "sale.sold", "quote": "sell", "denied": True}]),
    (["rights", "region@section"], [{"value": "place.california", "quote": "California"}]),
]


@pytest.fixture(scope="module")
def full_taxonomy() -> Taxonomy:
    return load_taxonomy(ROOT / "data/taxonomy.toml")


def make_folder(tmp_path: Path, text: str = TEXT) -> Path:
    (tmp_path / "acorn.md").write_text(text)
    update_labels(tmp_path)
    return tmp_path / "labels/acorn.md.jsonl"


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().split("\n") if line]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def label(path: Path) -> list[dict[str, Any]]:
    rows = rows_of(path)
    for row, (labels, values) in zip(rows, LABELS, strict=True):
        row |= {"labels": labels, "values": values}
    write_rows(path, rows)
    return rows


def test_clauses_are_read_in_context(tmp_path: Path, full_taxonomy: Taxonomy) -> None:
    label(make_folder(tmp_path))
    first, second = load_examples([tmp_path], full_taxonomy)
    assert (first.labels, first.unknown, first.headings) == (("sharing", "region"), (), ("Privacy", "California"))
    # only a heading further out names California: the model does not read it, so it learns neither yes nor no
    assert (second.labels, second.unknown) == (("rights",), ("region",))
    assert second.headings == ("Privacy", "California", "Requests")
    assert first.policy == second.policy == "acorn.md"
    (policy,) = load_policies(tmp_path, full_taxonomy)
    assert [[(value.id, value.is_denied) for value in clause.values] for clause in policy.clauses] == [
        [("sale.sold", True)],
        [("place.california", False)],
    ]


def test_rows_follow_their_clauses(tmp_path: Path, full_taxonomy: Taxonomy) -> None:
    path = make_folder(tmp_path)
    label(path)
    changed = TEXT.replace("# Privacy", "# Privacy\n\nWe are Acorn.").replace("### Requests", "### How to ask")
    (tmp_path / "acorn.md").write_text(changed)
    with pytest.raises(DataError, match=r"acorn\.md\.jsonl: the labels do not fit the clauses of acorn\.md \(2 of 3"):
        load_policies(tmp_path, full_taxonomy)
    assert update_labels(tmp_path) == [f"{path}: 1 of 3 clauses have no labels yet"]
    rows = rows_of(path)
    assert [row["labels"] for row in rows] == [None, ["sharing", "region"], ["rights", "region@section"]]
    with pytest.raises(DataError, match=r"acorn\.md\.jsonl:1: labels must be a list of categories; null says"):
        load_policies(tmp_path, full_taxonomy)
    (tmp_path / "acorn.md").write_text(TEXT.replace("We do not sell your name.", "We keep logs."))
    lost = f"{path}: no clause begins with 'We do not sell your name.' any more; its labels were ['sharing', 'region']"
    assert lost in update_labels(tmp_path)


def test_a_row_follows_a_clause_that_a_title_is_split_off(tmp_path: Path) -> None:
    path = make_folder(tmp_path, "# Data\n\nLogs. We keep logs.\n\nWe sell none.\n")
    rows = rows_of(path)
    rows[0]["labels"] = ["retention"]
    write_rows(path, rows)
    (tmp_path / "acorn.md").write_text("# Data\n\nBits. We keep logs.\n\nWe sell none.\n")
    told = update_labels(tmp_path)
    assert told[1] == f"{path}: 'Bits. We keep logs.' begins elsewhere than before; see whether its labels fit"
    assert rows_of(path)[0]["labels"] == ["retention"]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path, full_taxonomy: Taxonomy) -> None:
    path = make_folder(tmp_path)
    rows = label(path)
    rows[0]["labels"] = ["sharing", "rumors", "sharing"]
    rows[0]["values"] = [
        {"value": "colour.red", "quote": "sell"},
        {"value": "sale.rented", "quote": "sell"},
        {"value": "retention.period", "quote": "sell"},
        {"value": "data.contact", "quote": "your surname"},
        {"value": "data.contact", "quote": "  "},
        {"value": "sale.sold", "quote": "sell"},
        {"value": "sale.sold", "quote": "do not sell"},
        "sold",
    ]
    write_rows(path, rows)
    with pytest.raises(DataError) as found:
        load_policies(tmp_path, full_taxonomy)
    told = "\n".join(found.value.problems)
    for sentence in (
        "acorn.md.jsonl:1: unknown category 'rumors' in labels",
        "the label 'sharing' is given twice",
        "unknown attribute in 'colour.red'; the taxonomy has data, source",
        "unknown value 'sale.rented'; sale has sold",
        "the value 'retention.period' needs one of the labels retention",
        "the quote 'your surname' is not in the clause",
        "the quote '  ' is not in the clause",
        "the value 'sale.sold' is given twice",
        "values must be objects like",
    ):
        assert sentence in told


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param("{", r"jsonl:1: not a line of JSON", id="broken"),
        pytest.param("[]", r"jsonl:1: a row must be an object", id="no object"),
        pytest.param("", r"jsonl: the labels do not fit the clauses of acorn\.md \(2 of 2 have none\)", id="empty"),
    ],
)
def test_broken_labels(tmp_path: Path, full_taxonomy: Taxonomy, content: str, sentence: str) -> None:
    make_folder(tmp_path).write_text(content)
    with pytest.raises(DataError, match=sentence):
        load_examples([tmp_path], full_taxonomy)


def test_labels_without_their_document(tmp_path: Path, full_taxonomy: Taxonomy) -> None:
    label(make_folder(tmp_path))
    (tmp_path / "acorn.md").unlink()
    with pytest.raises(DataError, match=r"acorn\.md\.jsonl: its document cannot be read: .*acorn\.md"):
        load_examples([tmp_path], full_taxonomy)


def test_the_program_names_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 1
    assert "nowhere: cannot be read: No such file or directory" in capsys.readouterr().err
    assert main([]) == 2
    assert "usage: python -m classifier.datasets.policies FOLDER" in capsys.readouterr().err
    label(make_folder(tmp_path))
    assert main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "every clause has its labels\n"


def test_a_line_separator_in_a_quote_ends_no_row(tmp_path: Path, full_taxonomy: Taxonomy) -> None:
    path = make_folder(tmp_path, "# Data\n\nWe sell\u2028your name.\n")
    rows = rows_of(path)
    rows[0] |= {"labels": ["sharing"], "values": [{"value": "sale.sold", "quote": "sell\u2028your"}]}
    path.write_text(json.dumps(rows[0], ensure_ascii=False) + "\n")
    ((clause,),) = (policy.clauses for policy in load_policies(tmp_path, full_taxonomy))
    assert clause.values[0].quote == "sell\u2028your"


@pytest.mark.parametrize("field", ["id", "end", "begins"])
def test_rows_of_other_types_are_no_traceback(tmp_path: Path, full_taxonomy: Taxonomy, field: str) -> None:
    path = make_folder(tmp_path)
    rows = label(path)
    rows[0][field] = [1]
    write_rows(path, rows)
    if field != "begins":
        with pytest.raises(DataError, match="the labels do not fit the clauses"):
            load_policies(tmp_path, full_taxonomy)
    update_labels(tmp_path)
    assert [row["labels"] for row in rows_of(path)] == [labels for labels, _ in LABELS]
