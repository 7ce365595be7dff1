import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.datasets.rows import load_examples
from classifier.errors import DataError
from classifier.evaluation.cross_validation import Predictions
from classifier.evaluation.plan import SplitPlan
from classifier.model.estimator import UNREACHABLE
from classifier.taxonomy import Taxonomy
from classifier.training.audit import _judged_labels, audit_labels
from classifier.training.train import MAX_STEPS
from tests.conftest import Run


def test_a_wrong_label_is_doubted_most(labelled: Path, taxonomy: Taxonomy) -> None:
    examples = load_examples([labelled], taxonomy)
    wrong = {"c-3": ("retention",), "d-6": ("cookies",)}
    examples = [replace(example, labels=wrong.get(example.id, example.labels)) for example in examples]
    calls: list[None] = []
    found = audit_labels(examples, taxonomy.ids, on_progress=lambda: calls.append(None))
    doubts = found.doubts
    assert found.not_judged == {}
    assert len(calls) == MAX_STEPS
    assert {doubt.example.id for doubt in doubts[:3]} == set(wrong)
    assert [doubt.strength for doubt in doubts] == sorted((doubt.strength for doubt in doubts), reverse=True)
    missing = next(doubt for doubt in doubts if doubt.example.id == "c-3" and not doubt.given)
    assert missing.category == "cookies"
    assert "cooki" in missing.reasons


@pytest.mark.parametrize(
    ("rare", "not_judged"),
    [
        pytest.param({"a-6": "children"}, {"children": 1}, id="one example"),
        pytest.param({f"a-{k}": "children" for k in range(10)}, {"children": 10}, id="one policy alone"),
        pytest.param({f"{p}-{k}": "children" for p in "ab" for k in range(5)}, {"children": 10}, id="two policies"),
        pytest.param({f"{p}-6": "children" for p in "abcdef"}, {"children": 6}, id="one a policy"),
        pytest.param({f"{p}-{k}": "children" for p in "abcdef" for k in range(10)}, {"children": 60}, id="every row"),
    ],
)
def test_labels_that_other_folds_cannot_teach_are_counted_and_not_doubted(
    rare: dict[str, str], not_judged: dict[str, int], labelled: Path, taxonomy: Taxonomy
) -> None:
    examples = load_examples([labelled], taxonomy)
    wrong = {"c-3": ("retention",)}
    examples = [replace(example, labels=wrong.get(example.id, example.labels)) for example in examples]
    plain = audit_labels(examples, taxonomy.ids)
    more = [replace(row, labels=(*row.labels, *filter(None, [rare.get(row.id)]))) for row in examples]
    found = audit_labels(more, taxonomy.ids)
    assert found.not_judged == not_judged
    assert ("children", True) not in {(doubt.category, doubt.given) for doubt in found.doubts}
    assert found.doubts[0].example.id == plain.doubts[0].example.id == "c-3"


def test_a_fold_judges_categories_learned_from_enough_examples() -> None:
    """Fold 0 has 8 examples of each of the first three categories, and fold 1 has 7; each fold learns from the other."""
    y_true = np.zeros((40, 4), dtype=bool)
    y_true[:8, :3] = y_true[20:27, :3] = y_true[:, 3] = True
    fold_ids = np.repeat([0, 1], 20)
    thresholds = np.array([[0.3, 0.3, 0.3, UNREACHABLE], [0.1, 0.09, UNREACHABLE, 0.4]])
    mask, scores = np.ones_like(y_true), np.zeros(y_true.shape)
    found = _judged_labels(Predictions(y_true, mask, y_true, scores, fold_ids, thresholds, SplitPlan(None, 2)))
    assert found[:20].tolist() == [[False, False, False, False]] * 20
    assert found[20:].tolist() == [[True, False, False, True]] * 20


def test_rows_without_a_label_are_refused(labelled: Path, taxonomy: Taxonomy) -> None:
    rows = [replace(row, labels=()) for row in load_examples([labelled], taxonomy)]
    with pytest.raises(DataError, match="none of the 60 labeled rows has a label"):
        audit_labels(rows, taxonomy.ids)


def test_the_command_counts_labels_that_are_not_judged(run: Run, labelled: Path) -> None:
    path = labelled / "rows.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows[6::20]:
        row["labels"] = ["children"]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    done = run("audit", labelled)
    assert (
        b"note: 3 labels are not judged (children 3): the other policies do not teach the category (fewer than 8"
        in done.stderr
    )
    assert b"has children" not in done.stdout
    assert b"not judged" not in run("audit", labelled, "-c", "cookies").stderr


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
