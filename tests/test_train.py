from dataclasses import replace
from pathlib import Path

import pytest

from classifier import DataError, Example
from classifier.datasets.rows import data_digest, load_examples
from classifier.model.persistence import save_model
from classifier.render import card
from classifier.taxonomy import Taxonomy
from classifier.training.train import MAX_STEPS, train


def test_a_model_is_learned_with_figures_and_notes(labelled: Path, taxonomy: Taxonomy, tmp_path: Path) -> None:
    examples = load_examples([labelled], taxonomy)
    calls: list[None] = []
    fitted, report, notes = train(examples, taxonomy, name="mine", on_progress=lambda: calls.append(None))
    assert len(calls) == MAX_STEPS
    assert report.micro_f1.value > 0.8
    assert fitted.training["rows"] == 60
    assert fitted.training["data_sha256"] == data_digest(examples)
    assert notes == [
        note for note in notes if note.startswith("too few examples to learn, never given: collection (0), use (0)")
    ]
    assert len(notes) == 1
    text = card.model_card(fitted, "## Origin\n\nOurs.")
    assert "# Model card: mine" in text
    assert "## Origin\n\nOurs." in text
    assert f"| `retention` | {report.per_category[7].precision.value:.3f} |" in text


def test_a_category_of_one_policy_alone_is_noted(labelled: Path, taxonomy: Taxonomy) -> None:
    examples = [
        replace(row, labels=(*row.labels, "security")) if row.policy == "a" else row
        for row in load_examples([labelled], taxonomy)
    ]
    fitted, _, notes = train(examples, taxonomy)
    assert "examples of one policy only, never given: security" in notes
    assert fitted.thresholds[taxonomy.ids.index("security")] == 1.0


def test_the_same_rows_give_the_same_bytes(labelled: Path, taxonomy: Taxonomy, tmp_path: Path) -> None:
    for name in ("one", "two"):
        fitted, _, _ = train(load_examples([labelled], taxonomy), taxonomy, n_jobs=-1 if name == "one" else 1)
        save_model(fitted, tmp_path / name, card.model_card(fitted))
    one, two = ({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two"))
    assert one == two
    assert len(one) == 3


def test_one_policy_is_learned_from_with_a_warning(taxonomy: Taxonomy, labelled: Path) -> None:
    examples = [Example(e.id, "all", e.text, e.labels) for e in load_examples([labelled], taxonomy)]
    fitted, report, notes = train(examples, taxonomy)
    assert not report.by_policy
    assert any("folds are by row and the figures flatter" in note for note in notes)
    assert "these figures flatter the model" in card.model_card(fitted)


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        pytest.param([Example("a", "p", "x", ())] * 9, "none of the 9 labeled rows has a label", id="no label"),
        pytest.param([Example("a", "p", "x", ("use",))], "1 labeled rows are too few", id="one row"),
    ],
)
def test_what_cannot_be_learned_from_is_said(examples: list[Example], message: str, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match=message):
        train(examples, taxonomy)
