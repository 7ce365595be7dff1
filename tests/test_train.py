import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from classifier import DataError, Example
from classifier.cli.train import train as train_cli
from classifier.datasets.rows import data_digest, load_examples
from classifier.model.estimator import ClauseClassifier
from classifier.model.persistence import save_model
from classifier.render import card
from classifier.taxonomy import Taxonomy
from classifier.training.changes import changes_since_training
from classifier.training.train import MAX_STEPS, train
from tests.conftest import ROOT


def test_a_model_is_trained_with_metrics_and_notes(labelled: Path, taxonomy: Taxonomy, tmp_path: Path) -> None:
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


def test_training_on_one_policy_is_noted(taxonomy: Taxonomy, labelled: Path) -> None:
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
def test_rows_that_teach_nothing_are_refused(examples: list[Example], message: str, taxonomy: Taxonomy) -> None:
    with pytest.raises(DataError, match=message):
        train(examples, taxonomy)


# --- training again only if something changed ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 24 rows of four policies, small enough to train on in a second."""
    texts = [
        ("We retain logs of {0} for years, {0}{0} and {0}.", ["retention"]),
        ("We keep data of {0} for a month.", ["retention"]),
        ("Cookies of {0} are small files.", ["cookies"]),
        ("Your browser refuses {0} cookies.", ["cookies"]),
        ("Welcome to {0}, a shop for tools of {0}.", []),
        ("{0} is governed by the law of {0}.", []),
    ]
    rows = [
        {"policy": policy, "text": text.format(policy), "labels": labels}
        for policy in ("acme", "bolt", "cord", "dent")
        for text, labels in texts
    ]
    path = tmp_path_factory.mktemp("data") / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def train_command(*words: object) -> str:
    """Run `clauses train --if-changed` in this process and return what it told the user."""
    done = CliRunner().invoke(train_cli, [*map(str, words), "--if-changed", "-j", "1"], standalone_mode=False)
    assert done.exception is None, done.exception
    return done.stderr


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_model_of_the_same_inputs_is_not_trained_again(rows: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("## Origin\n\nOurs.\n", encoding="utf-8")
    words = (rows, "-o", tmp_path / "mine", "--notes", notes, "--fast", "--also", ROOT / "data/clauses/seeds.jsonl")
    first = train_command(*words)
    assert "up to date" not in first
    assert f"wrote {tmp_path / 'mine'}" in first
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "mine").iterdir()}
    again = train_command(*words)
    assert (
        again == f"clauses: {tmp_path / 'mine'} is up to date: trained on the same rows, taxonomy, notes and options\n"
    )
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "mine").iterdir()} == before


@pytest.fixture(scope="module")
def trained(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "mine"
    train_command(rows, "-o", folder, "--fast")
    return folder


@pytest.mark.parametrize(
    ("words", "change"),
    [
        pytest.param([], "--fast", id="window"),
        pytest.param(["--fast", "--name", "other"], "the model's name", id="name"),
        pytest.param(["--fast", "--notes", "notes.md"], "the notes or the form of the model card", id="notes"),
        pytest.param(["--fast", "--also", "more.jsonl"], "the rows of --also", id="also"),
        pytest.param(["--fast", "--taxonomy", "other.toml"], "the taxonomy", id="taxonomy"),
        pytest.param(["--fast", "more.jsonl"], "the labeled rows", id="rows"),
    ],
)
def test_a_changed_input_is_named_and_trained_on(
    words: list[str], change: str, rows: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("## Limits\n", encoding="utf-8")
    more = {"policy": "else", "text": "Biscuits are cookies too.", "labels": ["cookies"]}
    (tmp_path / "more.jsonl").write_text(json.dumps(more) + "\n", encoding="utf-8")
    default = (ROOT / "data/taxonomy.toml").read_text(encoding="utf-8")
    (tmp_path / "other.toml").write_text(default.replace('title = "Cookies', 'title = "Web cookies'), encoding="utf-8")
    folder = tmp_path / "mine"
    shutil.copytree(trained, folder)
    told = train_command(rows, "-o", folder, *words)
    assert f"training again, since this changed: {change}\n" in told
    assert f"wrote {folder}" in told
    assert "is up to date" in train_command(rows, "-o", folder, *words)


def test_a_model_that_cannot_be_read_is_trained_again(rows: Path, trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(trained, folder)
    description = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "model.json").write_text(json.dumps({**description, "format_version": 99}), encoding="utf-8")
    told = train_command(rows, "-o", folder, "--fast")
    assert "training again: " in told
    assert "has format version 99" in told
    assert files_of(folder) == files_of(trained)


def test_without_the_option_a_model_is_always_trained(rows: Path, trained: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(trained, folder)
    done = CliRunner().invoke(train_cli, [str(rows), "-o", str(folder), "--fast", "-j", "1"], standalone_mode=False)
    assert f"wrote {folder}" in done.stderr
    assert files_of(folder) == files_of(trained)


def test_rows_of_also_that_training_drops_do_not_count_as_a_change(taxonomy: Taxonomy, labelled: Path) -> None:
    """A copy of a scored policy is dropped, so the model has not learned from rows of --also."""
    examples = load_examples([labelled], taxonomy)
    copies = [replace(row, id=f"copy-{row.id}", policy="copy") for row in examples if row.policy == "a"]
    fitted, _, _ = train(examples, taxonomy, auxiliary=copies, classifier=ClauseClassifier(window=0))
    assert "also" not in fitted.training
    same = {"name": "default", "window": 0}
    assert changes_since_training(fitted, examples, taxonomy, **same, auxiliary=copies) == []
    assert changes_since_training(fitted, examples[:-1], taxonomy, **same) == ["the labeled rows"]
