from dataclasses import replace

import pytest

from classifier import Tagger, resources, taxonomy
from classifier.datasets import opp115
from classifier.datasets.rows import load_examples
from classifier.errors import DataError
from classifier.evaluation import evaluate
from classifier.evaluation.report import Report
from classifier.taxonomy import Taxonomy
from classifier.types import Example
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ten() -> Taxonomy:
    return taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))


@pytest.fixture(scope="module")
def rows(ten: Taxonomy) -> list[Example]:
    return opp115.load_opp115(ROOT / "tests/corpora/opp115", ten)


@pytest.fixture(scope="module")
def found(rows: list[Example], ten: Taxonomy) -> Report:
    return evaluate.cross_validate(rows, ten, curve=True)


def test_baselines_are_majority_keywords_and_people(found: Report) -> None:
    by_name = {base.name: base.micro_f1.value for base in found.baselines}
    assert list(by_name) == ["majority", "keywords", "one annotator"]
    assert by_name["majority"] < by_name["keywords"] < found.micro_f1.value < by_name["one annotator"]


def test_the_learning_curve_ends_with_the_evaluation_itself(found: Report) -> None:
    assert [point.policies for point in found.learning_curve] == sorted(
        point.policies for point in found.learning_curve
    )
    assert len(found.learning_curve) == len(evaluate.CURVE_SHARES) + 1
    assert found.learning_curve[-1].micro_f1 == found.micro_f1.value
    assert found.learning_curve[0].micro_f1 < found.micro_f1.value


def test_the_same_rows_give_the_same_report(found: Report, rows: list[Example], ten: Taxonomy) -> None:
    assert evaluate.cross_validate(rows, ten, curve=True, n_jobs=2).to_json() == found.to_json()


def test_sister_sites_count_once(found: Report) -> None:
    assert (found.policies, found.groups) == (14, 13)
    assert any("131_sister-of-blue-heron" in note for note in found.notes)


def test_a_protocol_decides_labels_from_the_annotators(rows: list[Example], ten: Taxonomy, found: Report) -> None:
    other = [replace(row, labels=()) for row in rows]
    again = evaluate.evaluate_protocol("grouped-5", other, ten)
    assert again.micro_f1 == found.micro_f1
    assert (
        again.description == "grouped-5: 10 categories, majority of the annotators, 5 folds by policy, with rationales"
    )
    union = evaluate.evaluate_protocol("grouped-5", other, ten, gold="union")
    assert union.per_category[0].support > again.per_category[0].support


def test_plue_learns_from_the_others(rows: list[Example], ten: Taxonomy, monkeypatch: pytest.MonkeyPatch) -> None:
    from classifier.evaluation import protocols

    task = protocols.Protocol("union", ("union",), frozenset({11, 17, 25}))
    monkeypatch.setitem(protocols.PROTOCOLS, "plue", task)
    report = evaluate.evaluate_protocol("plue", rows, ten)
    assert (report.policies, report.n_folds) == (3, 0)
    assert report.description.endswith("3 policies scored, with rationales")
    auxiliary = [Example("x", "x", "We zap zebras.", ()), Example("y", "y", "We zap quaggas.", ())]
    more = evaluate.evaluate_protocol("plue", rows, ten, auxiliary=auxiliary)
    assert more.description.endswith("3 policies scored, with rationales, learning from 2 rows from elsewhere too")
    assert 0.3 < report.micro_f1.value < 1.0


def test_a_model_is_scored_in_the_categories_that_both_have(rows: list[Example], ten: Taxonomy, tagger: Tagger) -> None:
    report = evaluate.evaluate_model(tagger.model, rows, ten)
    assert report.categories == ("choice", "retention", "security", "changes", "do_not_track")
    assert "5 of 10 categories are scored, since the model does not know first_party" in report.notes[0]
    assert report.description.startswith("model default ")
    assert report.per_category[0].thresholds == (tagger.thresholds["choice"],)


def test_a_model_without_a_common_category_is_refused(rows: list[Example], ten: Taxonomy, tagger: Tagger) -> None:
    only = Taxonomy(tuple(entry for entry in ten if entry.id == "audiences"))
    with pytest.raises(DataError, match="the model 'default' has none of the rows' categories"):
        evaluate.evaluate_model(tagger.model, rows, only)


def test_a_model_that_learned_from_the_scored_policies_is_noted(tagger: Tagger, taxonomy: Taxonomy) -> None:
    rows = load_examples([ROOT / "data/clauses/seeds.jsonl"], taxonomy)
    report = evaluate.evaluate_model(tagger.model, rows, taxonomy)
    assert "the model has learned from 5 of these policies (cloudmed.com.txt, " in report.notes[0]


def test_rows_without_labels_are_refused(rows: list[Example], ten: Taxonomy) -> None:
    with pytest.raises(DataError, match="none of the 261 labeled rows has a label"):
        evaluate.cross_validate([replace(row, labels=()) for row in rows], ten)
    with pytest.raises(DataError, match="too few"):
        evaluate.cross_validate(rows[2:4], ten)


def test_a_learning_curve_of_few_policies_has_distinct_points(rows: list[Example], ten: Taxonomy) -> None:
    few = sorted({row.policy for row in rows})[:4]
    found = evaluate.cross_validate([row for row in rows if row.policy in few], ten, curve=True)
    numbers = [point.policies for point in found.learning_curve]
    assert numbers == sorted(set(numbers))
    assert found.learning_curve[-1].micro_f1 == found.micro_f1.value
