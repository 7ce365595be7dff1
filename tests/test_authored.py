"""The authored documents: every clause is labeled, every version's edits are known, and Word and PDF say the same."""

import json
from pathlib import Path

import pytest

from classifier.datasets.edits import KINDS, later_version, load_edits
from classifier.datasets.policies import LabeledPolicy, load_policies, read_clauses, update_labels
from classifier.taxonomy import Taxonomy
from classifier.text.fingerprint import fingerprint
from tests import office
from tests.conftest import ROOT

pytestmark = pytest.mark.no_cover  # others cover the same with fewer pages

FOLDER = ROOT / "data/policies"


@pytest.fixture(scope="module")
def policies(taxonomy: Taxonomy) -> list[LabeledPolicy]:
    return load_policies(FOLDER, taxonomy)


def index() -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def test_every_clause_of_every_document_is_labeled(policies: list[LabeledPolicy], taxonomy: Taxonomy) -> None:
    assert len(policies) >= 160
    assert sum(len(policy.clauses) for policy in policies) >= 13_000
    names = [policy.name for policy in policies]
    assert names == [row["file"] for row in index()]
    given = {value.id for policy in policies for clause in policy.clauses for value in clause.values}
    assert set(taxonomy.value_ids) == given


def test_what_a_document_lacks_is_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    lacking = [row for row in index() if row["absent"]]
    assert len(lacking) >= 36
    for row in lacking:
        assert f"| {row['file']} | {'; '.join(row['absent'])} |" in readme  # type: ignore[arg-type]


def test_the_edits_of_later_versions_are_known() -> None:
    edits = load_edits(FOLDER)
    assert len(edits) >= 40
    assert all(later_version(FOLDER / name).exists() for name in edits)
    assert {edit.kind for found in edits.values() for edit in found} == set(KINDS)


def test_labels_are_where_their_clauses_are(tmp_path: Path) -> None:
    name = "tandemsplit.txt"
    (tmp_path / "labels").mkdir()
    for path in (name, f"labels/{name}.jsonl"):
        (tmp_path / path).write_bytes((FOLDER / path).read_bytes())
    assert update_labels(tmp_path) == []
    assert (tmp_path / f"labels/{name}.jsonl").read_bytes() == (FOLDER / f"labels/{name}.jsonl").read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(("suffix", "least"), [(".docx", 0.95), (".pdf", 0.85)])
def test_the_same_clauses_are_read_from_office_files(suffix: str, least: float, tmp_path: Path) -> None:
    write = {".docx": office.write_docx, ".pdf": office.write_pdf}[suffix]
    found, wanted = 0, 0
    for name in ("akademia-nadodrzanska.md", "cutbloom-video.md", "halvorsen-lodges.md", "kudora-wallet.md"):
        write(FOLDER / name, target := tmp_path / f"{name}{suffix}")
        read = {fingerprint(clause.text) for clause in read_clauses(target)}
        clauses = [fingerprint(clause.text) for clause in read_clauses(FOLDER / name)]
        found, wanted = found + sum(clause in read for clause in clauses), wanted + len(clauses)
    assert found / wanted >= least
