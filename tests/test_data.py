"""The data that the repository ships: seeds as given, rows anchored to them, figures of the data card that come out again."""

import hashlib
import json
import re
from collections import defaultdict

import pytest
from nltk.metrics import masi_distance
from nltk.metrics.agreement import AnnotationTask

from classifier.datasets.rows import load_examples
from classifier.readers.registry import read
from classifier.segmentation import segment
from classifier.taxonomy import Taxonomy
from tests.conftest import ROOT, SEEDS

SHA256 = {
    "cloudmed.com.txt": "4cf69e9a3a71853e431fcb9fbab5aad1c0b1ad70394e3800bc7b4d018840dcee",
    "connectsolutions.com-2016.md": "c7138fc462c635866913d4af923021ae0376ab58255282e7c8041836a718af07",
    "consensus.com-2024.md": "a45009895eea08b5026a01a0a36b2cac4b64c001fcd4c26d124318c66bef2974",
    "fax.com-2015.md": "729cdd78efdcb1687c6ebf938a328c5067a8acabba9640d8004a6a4d9bae6d90",
    "phone.com-2019.txt": "c1266e724222513fd12bb59e242c37de666f31a2c94a1507adcc1b0fb9139149",
}


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (ROOT / "data" / name).read_text(encoding="utf-8").splitlines()]


def test_the_seeds_are_as_they_were_given() -> None:
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SEEDS} == SHA256


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_every_clause_of_a_seed_is_a_labelled_row_anchored_by_offsets(path) -> None:  # type: ignore[no-untyped-def]
    text = read(path).text
    found = {(row["start"], row["end"]): row for row in rows("clauses/seeds.jsonl") if row["policy"] == path.name}
    clauses = {(c.start, c.end): c for c in segment(read(path)) if c.kind == "text"}
    assert all(text[start:end] == row["text"] for (start, end), row in found.items())  # type: ignore[misc]
    assert clauses.keys() <= found.keys()
    assert not any(row["labels"] for place, row in found.items() if place not in clauses)  # these are navigation
    for place, clause in clauses.items():
        row = found[place]
        assert (row["headings"], row.get("context", "")) == (list(clause.headings), clause.context), row["id"]


def test_all_rows_are_sound(taxonomy: Taxonomy) -> None:
    assert load_examples([ROOT / "data/clauses"], taxonomy)


def test_navigation_has_no_label() -> None:
    kinds = {(path.name, c.start): c.kind for path in SEEDS for c in segment(read(path))}
    for row in rows("clauses/seeds.jsonl"):
        if kinds.get((row["policy"], row["start"])) == "navigation":  # type: ignore[call-overload]
            assert row["labels"] == []


def test_the_agreement_in_the_data_card_comes_out_again(taxonomy: Taxonomy) -> None:
    card = (ROOT / "data/README.md").read_text(encoding="utf-8")
    for name in sorted(path.stem for path in (ROOT / "data/agreement").glob("*.jsonl")):
        readings = rows(f"agreement/{name}.jsonl")
        triples = [
            (reader, row["id"], frozenset(row[reader] or ["none"]))  # type: ignore[arg-type]
            for row in readings
            for reader in ("first", "second")
        ]
        alpha = AnnotationTask(triples, distance=masi_distance).alpha()
        assert f"| {name} | {len(readings)} | {alpha:.3f} |" in card
    by_category = defaultdict(list)
    for line in card.splitlines():
        if match := re.match(r"\| `(\w+)` \| (\d\.\d{3}) \|", line):
            by_category[match[1]].append(match[2])
    readings = rows("agreement/seeds.jsonl")
    for id in taxonomy.ids:
        both = sum(id in row["first"] and id in row["second"] for row in readings)  # type: ignore[operator]
        either = sum((id in row["first"]) + (id in row["second"]) for row in readings)  # type: ignore[operator]
        assert by_category[id][0] == f"{2 * both / either:.3f}", id
