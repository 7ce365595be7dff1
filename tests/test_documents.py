"""Whole policies of tests/documents are cut as a person cuts them, no worse than `floors.json` says; and the score is right."""

import json
from collections import Counter
from pathlib import Path

import pytest

from classifier import Document
from classifier.readers.registry import from_text, read
from tests.documents import make_pdf
from tests.documents.score import (
    ALL,
    FLOORS,
    FOLDER,
    SUFFIX,
    Expected,
    Score,
    documents,
    load_expected,
    locate,
    main,
    raised,
    score,
    score_all,
    total,
)

FORMATS = {".docx", ".html", ".md", ".pdf", ".txt"}
POLICY = """# Policy

[Home](/)

## Data

We collect the following:

* logs
* names

## Recipients

We share data in these cases:

* if a court in the country where we have our seat demands it in writing, and only as far as it does, after our lawyers have read it;
* if the business is sold, in which case the buyer promises to keep to this policy for as long as you do not agree to another one.

**Cards.** A bank reads them.

It never sells them.
"""
MARKS = (
    Expected("We collect the following", "logs names", ("Policy", "Data")),
    Expected("We share data in", "in these cases", ("Policy", "Recipients")),
    Expected("if a court", "have read it", ("Policy", "Recipients"), "We share data in these cases:"),
    Expected("if the business", "to another one", ("Policy", "Recipients"), "We share data in these cases:"),
    Expected("A bank reads", "reads them.", ("Policy", "Recipients", "Cards.")),
    Expected("It never sells", "sells them", ("Policy", "Recipients")),
)


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return score_all()


@pytest.fixture(scope="module")
def floors() -> dict[str, dict[str, int]]:
    loaded: dict[str, dict[str, int]] = json.loads(FLOORS.read_text(encoding="utf-8"))
    return loaded


# --- the documents -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", documents())
def test_a_document_is_cut_no_worse_than_before(
    name: str, scores: dict[str, Score], floors: dict[str, dict[str, int]]
) -> None:
    found = scores[name]
    assert name in floors, "it has no floor: python -m tests.documents.score --update"
    kinds = Counter(error.kind for error in found.errors)
    assert found.cut >= floors[name]["cut"], kinds
    assert found.right >= floors[name]["right"], kinds
    assert found.furniture <= floors[name]["furniture"], [e.read for e in found.errors if "furniture" in e.kind]


def test_all_documents_together_are_cut_no_worse_than_before(
    scores: dict[str, Score], floors: dict[str, dict[str, int]]
) -> None:
    found = total(scores.values())
    assert floors.keys() == {*scores, ALL}
    assert found.cut >= floors[ALL]["cut"]
    assert found.right >= floors[ALL]["right"]
    assert found.furniture <= floors[ALL]["furniture"]


def test_each_document_has_an_annotation() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.suffix in FORMATS and path.name != "README.md"}
    assert documents().keys() == files
    assert {path.suffix for path in documents().values()} == FORMATS


@pytest.mark.parametrize("name", documents())
def test_an_annotation_is_of_a_whole_policy(name: str) -> None:
    marks = load_expected(FOLDER / name)
    assert 25 <= sum(not mark.optional for mark in marks) <= 45


@pytest.mark.parametrize("name", [name for name in documents() if name.endswith((".md", ".txt"))])
def test_each_clause_of_an_annotation_is_in_its_text(name: str) -> None:
    marks = load_expected(FOLDER / name)
    found = locate(read(FOLDER / name).text, marks)
    assert [mark for mark, place in zip(marks, found, strict=True) if place is None] == []


@pytest.mark.parametrize("name", ["cormorant-bank.pdf", "larkfield-insurance.pdf"])
def test_pdf_files_hold_the_text_of_the_script(name: str, tmp_path: Path) -> None:
    make = {"cormorant-bank.pdf": make_pdf.make_bank, "larkfield-insurance.pdf": make_pdf.make_insurance}[name]
    make(tmp_path / name)
    assert read(tmp_path / name).text == read(FOLDER / name).text


# --- the score ---------------------------------------------------------------------------------------------------


def scored(document: Document, marks: tuple[Expected, ...] = MARKS) -> tuple[list[int], Counter[str]]:
    """Return the counts of a score, and how often there is an error of each kind."""
    found = score(document, marks)
    return list(found[:-1]), Counter(error.kind for error in found.errors)


def changed(**fields: object) -> tuple[Expected, ...]:
    """Return the annotation with other fields for the clause on a court."""
    return (*MARKS[:2], MARKS[2]._replace(**fields), *MARKS[3:])  # type: ignore[arg-type]


def test_a_document_that_is_cut_right_has_the_full_score() -> None:
    assert scored(from_text(POLICY)) == ([6, 6, 6, 6, 6, 6, 0], Counter())


@pytest.mark.parametrize(
    ("marks", "counts", "kind"),
    [
        pytest.param(
            changed(begins="if a court in the city"),
            [6, 5, 5, 5, 5, 5, 1],
            "cut: not in the text in this order",
            id="lost",
        ),
        pytest.param(
            changed(ends="demands it in writing"), [6, 5, 5, 5, 5, 5, 0], "cut: joined with its neighbors", id="end"
        ),
        pytest.param(
            changed(begins="demands it in"), [6, 5, 5, 5, 5, 5, 0], "cut: joined with its neighbors", id="beginning"
        ),
        pytest.param(
            changed(lacks="after our lawyers"), [6, 5, 5, 5, 5, 5, 0], "cut: furniture within", id="furniture within"
        ),
        pytest.param(
            changed(headings=("Policy",)), [6, 6, 5, 5, 6, 5, 0], "headings: too many", id="too many headings"
        ),
        pytest.param(
            changed(headings=("Recipients",)),
            [6, 6, 5, 6, 6, 5, 0],
            "headings: too many, but the nearest is right",
            id="outer",
        ),
        pytest.param(
            changed(headings=("Policy", "Recipients", "Courts")),
            [6, 6, 5, 5, 6, 5, 0],
            "headings: missing",
            id="missing heading",
        ),
        pytest.param(
            changed(headings=("Policy", "Data")), [6, 6, 5, 5, 6, 5, 0], "headings: others", id="another heading"
        ),
        pytest.param(changed(lead=""), [6, 6, 6, 6, 5, 5, 0], "lead: not one", id="no lead"),
        pytest.param(changed(lead="We share:"), [6, 6, 6, 6, 5, 5, 0], "lead: others", id="another lead"),
        pytest.param(
            (MARKS[0]._replace(lead="Data:"), *MARKS[1:]), [6, 6, 6, 6, 5, 5, 0], "lead: missing", id="missing lead"
        ),
        pytest.param(MARKS[:-1], [5, 5, 5, 5, 5, 5, 1], "furniture read as text", id="furniture"),
    ],
)
def test_each_difference_costs_one_clause(marks: tuple[Expected, ...], counts: list[int], kind: str) -> None:
    found = scored(from_text(POLICY), marks)
    assert found[0] == counts
    assert kind in found[1]
    assert sum(found[1].values()) == 1 + (counts[-1] if kind.startswith("cut") else 0)


@pytest.mark.parametrize(
    ("kinds", "right", "kind"),
    [
        pytest.param({"It never": "heading"}, 5, "cut: read as a heading, or a part of it", id="a heading"),
        pytest.param({"It never": "navigation"}, 5, "cut: read as navigation", id="navigation"),
        pytest.param({"* logs": "paragraph"}, 5, "cut: cut into several", id="several"),
    ],
)
def test_wrong_blocks_are_told(kinds: dict[str, str], right: int, kind: str) -> None:
    document = from_text(POLICY)
    blocks = tuple(
        block._replace(kind=new) if POLICY.startswith(begin, block.start) else block
        for begin, new in kinds.items()
        for block in document.blocks
    )
    counts, found = scored(Document("x", POLICY, blocks))
    assert counts[5] == right
    assert found[kind] == 1


def test_an_optional_line_costs_nothing() -> None:
    last = MARKS[-1]._replace(optional=True)
    assert scored(from_text(POLICY), (*MARKS[:-1], last)) == ([5, 5, 5, 5, 5, 5, 0], Counter())
    missing = Expected("Nobody wrote this", "wrote this", optional=True)
    assert scored(from_text(POLICY), (*MARKS, missing)) == ([6, 6, 6, 6, 6, 6, 0], Counter())


def test_numbers_markup_and_case_do_not_count() -> None:
    text = "# **Policy**\n\n1. *We* keep [logs](/logs_of_us)<br>\nfor a year, [always][1].\n"
    marks = (Expected("we keep logs", "FOR A YEAR, always", ("policy.",)),)
    assert scored(from_text(text), marks) == ([1, 1, 1, 1, 1, 1, 0], Counter())


def test_a_phrase_that_comes_again_is_taken_where_most_clauses_have_a_place() -> None:
    text = "We keep logs. Later.\n\nWe keep names.\n\nWe keep logs.\n"
    marks = (Expected("We keep", "Later"), Expected("We keep", "names"), Expected("We keep", "logs"))
    assert scored(from_text(text), marks)[0] == [3, 3, 3, 3, 3, 3, 0]


def test_an_annotation_with_errors_is_refused_with_all_of_them(tmp_path: Path) -> None:
    rows = [
        {"begins": "...", "ends": "x", "headings": "Data", "lead": ""},
        {"begins": "x", "ends": "y", "headings": [], "ld": ""},
    ]
    (tmp_path / f"a.md{SUFFIX}").write_text(json.dumps(rows))
    with pytest.raises(ValueError, match="entry 1: begins has no word; entry 1: headings is not") as caught:
        load_expected(tmp_path / "a.md")
    assert "entry 2: lead is not a string; entry 2: ld is not a field" in str(caught.value)


def test_floors_are_raised_and_never_lowered() -> None:
    better, worse = Score(9, 9, 9, 9, 9, 8, 1), Score(9, 7, 7, 7, 7, 2, 3)
    floor = {"cut": 8, "right": 5, "furniture": 2}
    floors = {"a": floor, "b": floor, ALL: {"cut": 17, "right": 9, "furniture": 4}}
    assert raised(floors, {"a": better, "b": worse}) == {
        "a": {"cut": 9, "right": 8, "furniture": 1},
        "b": floor,
        ALL: {"cut": 17, "right": 10, "furniture": 4},
    }
    assert raised(floors, {"a": better})[ALL] == {"cut": 9, "right": 8, "furniture": 1}


def test_the_command_prints_scores_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    name = "skarvholm-ferries.md"
    assert main([name, "--errors"]) == 0
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines()[:3]] == ["document", name, ALL]
    with pytest.raises(SystemExit):
        main(["absent.md"])
    assert "no annotated document is called absent.md" in capsys.readouterr().err
