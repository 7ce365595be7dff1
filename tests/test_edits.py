"""Known edits between versions: each clause is in exactly one."""

import json
from pathlib import Path

import pytest

from classifier import DataError
from classifier.datasets.edits import load_edits
from classifier.datasets.policies import read_clauses

OLD = "# Retention\n\nWe keep logs for 30 days. We keep bills for a year.\n\nWe share nothing.\n\nWe are Acorn.\n"
NEW = "# Retention\n\nWe keep logs for 30 days.\n\nWe keep bills for a year.\n\nWe share nothing.\n\nWe use cookies.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acorn.md").write_text(OLD)
    (tmp_path / "acorn.v2.md").write_text(NEW)
    (tmp_path / "edits").mkdir()
    return tmp_path


def write(folder: Path, *rows: object) -> None:
    (folder / "edits/acorn.md.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def ids(path: Path) -> list[str]:
    return [clause.id for clause in read_clauses(path)]


def test_clauses_without_an_edit_are_unchanged(folder: Path) -> None:
    old, new = ids(folder / "acorn.md"), ids(folder / "acorn.v2.md")
    write(
        folder,
        {"kind": "split", "old": old[:1], "new": new[:2]},
        {"kind": "removed", "old": old[2:], "new": []},
        {"kind": "added", "old": [], "new": new[3:]},
    )
    edits = load_edits(folder)["acorn.md"]
    assert [(edit.kind, len(edit.old), len(edit.new)) for edit in edits] == [
        ("split", 1, 2),
        ("removed", 1, 0),
        ("added", 0, 1),
        ("unchanged", 1, 1),
    ]
    assert edits[3].old[0].text == edits[3].new[0].text == "We share nothing."


def test_all_that_is_wrong_is_said(folder: Path) -> None:
    old, new = ids(folder / "acorn.md"), ids(folder / "acorn.v2.md")
    write(
        folder,
        {"kind": "melted", "old": [], "new": []},
        {"kind": "added", "old": [], "new": ["0" * 16]},
        {"kind": "split", "old": old[:1], "new": new[:1]},
        {"kind": "reworded", "old": old[:1], "new": new[:1]},
        {"kind": "merged", "old": old[:2], "new": new[1:2]},
        {"kind": "removed", "old": "all", "new": []},
        7,
        {"kind": [], "old": [], "new": []},
    )
    with pytest.raises(DataError) as found:
        load_edits(folder)
    told = "\n".join(found.value.problems)
    for sentence in (
        "acorn.md.jsonl:1: kind must be one of unchanged, reworded",
        "acorn.md.jsonl:2: no clause of the new version has the id '0000000000000000'",
        "acorn.md.jsonl:3: a clause that is split has not 1 in new",
        f"acorn.md.jsonl:5: the clause {old[0]} is in an edit above already",
        "acorn.md.jsonl:6: old must be a list of ids",
        f"no edit has the clause {old[2]} of acorn.md: 'We are Acorn.'",
        "of acorn.v2.md:",
    ):
        assert sentence in told
