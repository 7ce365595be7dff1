"""The gate: figures of the default model stay above their floors, and the model is the one of the data."""

import json
import os
from pathlib import Path

import pytest

from benchmarks import accuracy, cards, outside
from classifier import resources
from classifier.datasets import opp115
from classifier.datasets.rows import data_digest, example_to_json, load_examples
from classifier.model.persistence import load_model
from classifier.taxonomy import Taxonomy
from classifier.taxonomy import load_taxonomy as load_taxonomy
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def test_the_default_model_was_trained_on_the_data_as_it_is(taxonomy: Taxonomy) -> None:
    examples = load_examples([ROOT / "data/clauses", ROOT / "data/policies"], taxonomy)
    training = load_model(ROOT / "models/default").training
    assert training["data_sha256"] == data_digest(examples), "data/ was changed: run `make train`"
    documents = [row for row in examples if (ROOT / "data/policies" / row.policy).is_file()]
    found = cards.load("documents")
    assert found["data_sha256"] == data_digest(documents), "run python -m benchmarks.documents --json ..."
    assert all(mistake["text"] == "" for mistake in found["mistakes"])


def test_no_figure_of_the_default_model_is_below_its_floor() -> None:
    assert outside.main([]) == 0
    floors = json.loads(outside.FLOORS.read_text(encoding="utf-8"))
    assert len([name for name in floors if name.startswith("folds ")]) == 17
    assert {"opp115 macro-F1", "appcorp macro-F1", "modern micro-F1", "documents micro-F1"} <= floors.keys()


def test_a_floor_that_is_not_measured_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"folds unheard-of F1": 0.5}))
    monkeypatch.setattr(outside, "FLOORS", floors)
    assert outside.main([]) == 1


OUTSIDE = {"opp115": "CLAUSES_OPP115", "appcorp": "CLAUSES_APPCORP", "modern": "CLAUSES_MODERN"}


@pytest.mark.parametrize("corpus", OUTSIDE)
def test_no_figure_on_an_outside_corpus_is_below_its_floor(corpus: str) -> None:
    path = os.environ.get(OUTSIDE[corpus])
    if not path:
        pytest.skip(f"{OUTSIDE[corpus]} names no file of the corpus, which is not part of the repository")
    assert outside.main([f"{corpus}={path}"]) == 0


def test_a_figure_below_its_floor_is_named() -> None:
    assert outside.check({"a": 0.5, "b": 0.499, "c": 0.1}, {"a": 0.5, "b": 0.5}) == []
    assert outside.check({"a": 0.4}, {"a": 0.5}) == ["a: 0.4000 is below its floor 0.5000"]


def test_floors_are_raised_and_never_lowered() -> None:
    assert outside.raise_floors({"a": 0.6, "b": 0.3}, {"a": 0.5, "b": 0.4, "c": 0.2}) == {"a": 0.6, "b": 0.4, "c": 0.2}


def test_an_update_does_not_write_where_a_figure_fell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text(json.dumps({"folds micro-F1": 1.5}))
    monkeypatch.setattr(outside, "FLOORS", floors)
    assert outside.main(["--update"]) == 1
    assert json.loads(floors.read_text()) == {"folds micro-F1": 1.5}


def test_a_corpus_is_scored_by_its_own_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text("{}")
    monkeypatch.setattr(outside, "FLOORS", floors)
    rows = tmp_path / "rows.jsonl"
    texts = {label: f"We speak of {' and '.join(categories)}." for label, categories in outside.MAPS["opp115"].items()}
    rows.write_text("".join(json.dumps({"text": text, "gold": [label]}) + "\n" for label, text in texts.items()))
    assert outside.main([f"opp115={rows}", "--update"]) == 0
    assert "opp115: macro-F1 " in capsys.readouterr().out
    assert 0 < json.loads(floors.read_text())["opp115 macro-AP"] <= 1


def test_clauses_of_today_are_scored_in_our_own_categories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], taxonomy: Taxonomy
) -> None:
    floors = tmp_path / "floors.json"
    floors.write_text("{}")
    monkeypatch.setattr(outside, "FLOORS", floors)
    given = [("30 days", ["Retention"], ["retention"], []), ("We set cookies.", [], [], list(taxonomy.ids))]
    keys = ("text", "headings", "labels", "unknown")
    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(json.dumps({**dict(zip(keys, row, strict=True)), "context": ""}) + "\n" for row in given))
    # "retention" is right by its heading; of the other clause all is unknown and not counted
    assert outside.main([f"modern={rows}", "--update"]) == 0
    assert "modern: micro-F1 1.000" in capsys.readouterr().out
    assert json.loads(floors.read_text())["modern micro-F1"] == 1.0


def test_no_figure_in_a_card_has_drifted_from_the_results() -> None:
    assert cards.main(["--check"]) == 0
    blocks = [name for card in cards.CARDS for name in cards._BLOCK.findall((ROOT / card).read_text(encoding="utf-8"))]
    assert {name for _, name, _ in blocks} == set(cards.BLOCKS)


def test_a_drifted_card_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = "Seeds:\n<!-- figures: seeds -->\nMicro-F1 0.999.\n<!-- end of figures -->\n"
    (tmp_path / "card.md").write_text(card, encoding="utf-8")
    monkeypatch.setattr(cards, "CARDS", ("card.md",))
    monkeypatch.setattr(cards, "ROOT", tmp_path)
    assert cards.main(["--check"]) == 1
    assert "card.md: has drifted" in capsys.readouterr().err
    assert cards.main([]) == 0
    assert "0.999" not in (tmp_path / "card.md").read_text(encoding="utf-8")


def test_the_results_are_about_the_data_as_they_are(taxonomy: Taxonomy) -> None:
    rows = load_examples([ROOT / "data/clauses/seeds.jsonl"], taxonomy)
    assert cards.load("seeds")["data_sha256"] == data_digest(rows), "run python -m benchmarks.seeds --json ..."
    assert all(mistake["text"] == "" for mistake in cards.load("seeds")["mistakes"])


def test_the_estimator_is_set_beside_others_on_the_same_folds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ten = load_taxonomy(resources.taxonomy_file("opp115"))
    examples = opp115.load_opp115(ROOT / "tests/corpora/opp115", ten)
    (tmp_path / "rows.jsonl").write_text("".join(example_to_json(row) + "\n" for row in examples), encoding="utf-8")
    also = str(ROOT / "data/clauses/seeds.jsonl")
    words = [str(tmp_path / "rows.jsonl"), "--also", also, "--json", str(tmp_path / "found.json")]
    assert accuracy.main(words) == 0
    assert "| policy-clauses | 0." in capsys.readouterr().out
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    ours, naive = (
        found[name]["averages"]["macro_f1"][0] for name in ("policy-clauses", "naive: TF-IDF + LR, C=1, at 0.5")
    )
    assert ours > naive
    assert {accuracy.PEOPLE, accuracy.WITH_AUXILIARY} <= found.keys()
