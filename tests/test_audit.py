import json
from dataclasses import replace
from pathlib import Path

from classifier import dataset
from classifier.audit import audit
from classifier.taxonomy import Taxonomy
from classifier.train import STEPS
from tests.conftest import Run


def test_a_wrong_label_is_doubted_most(labelled: Path, taxonomy: Taxonomy) -> None:
    examples = dataset.load([labelled], taxonomy)
    wrong = {"c-3": ("retention",), "d-6": ("cookies",)}
    examples = [replace(example, labels=wrong.get(example.id, example.labels)) for example in examples]
    ticks: list[None] = []
    doubts = audit(examples, taxonomy.ids, tick=lambda: ticks.append(None))
    assert len(ticks) == STEPS
    assert {doubt.example.id for doubt in doubts[:3]} == set(wrong)
    assert [doubt.strength for doubt in doubts] == sorted((doubt.strength for doubt in doubts), reverse=True)
    missing = next(doubt for doubt in doubts if doubt.example.id == "c-3" and not doubt.given)
    assert missing.category == "cookies"
    assert "cooki" in missing.reasons


def test_the_command_lists_doubts(run: Run, labelled: Path) -> None:
    path = labelled / "rows.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows[23]["labels"] = ["retention"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    shown = run("audit", labelled, "-n", "1", "-c", "cookies")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.decode().startswith("c-3 lacks cookies, the model says ")
    (line,) = run("audit", labelled, "-n", "1", "-f", "jsonl").stdout.splitlines()
    assert json.loads(line)["id"] == "c-3"
    assert run("audit", labelled, "-c", "price").returncode == 2
