from pathlib import Path

import numpy as np
import pytest

import classifier
from classifier import ReadError, Tagger, readers
from tests.conftest import ROOT, SEEDS


def test_labels_are_the_categories_whose_score_reaches_the_threshold(tagger: Tagger) -> None:
    texts = ["We use cookies and pixels to measure visits.", "Welcome to our shop."]
    scores = tagger.predict_proba(texts)
    assert scores.shape == (2, len(tagger.categories))
    cut = np.array([tagger.thresholds[id] for id in tagger.categories])
    assert tagger.predict(texts) == [tuple(np.array(tagger.categories)[row >= cut]) for row in scores]
    assert "cookies" in tagger.predict(texts)[0]


def test_thresholds_can_be_set_for_single_categories() -> None:
    never = classifier.load(thresholds=dict.fromkeys(classifier.load().categories, 1.0))
    always = classifier.load(thresholds={"children": 0.0})
    assert never.predict(["We use cookies."]) == [()]
    assert "children" in always.predict(["We use cookies."])[0]


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        pytest.param({"price": 0.5}, "no category 'price'", id="unknown"),
        pytest.param({"use": 1.5}, "the threshold of use must be between 0 and 1, not 1.5", id="above 1"),
        pytest.param({"use": float("nan")}, "must be between 0 and 1", id="not a number"),
    ],
)
def test_a_threshold_that_is_none_is_refused(thresholds: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        classifier.load(thresholds=thresholds)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_each_clause_of_a_seed_is_a_slice_with_scores(path: Path, tagger: Tagger) -> None:
    tagged = tagger.tag(path)
    assert len(tagged.clauses) > 30
    for clause in tagged.clauses:
        assert tagged.document.text[clause.start : clause.end] == clause.text
        assert list(clause.scores) == list(tagger.categories)
        if clause.kind == "text":
            assert clause.labels == tuple(id for id, score in clause.scores.items() if score >= tagger.thresholds[id])
        else:
            assert clause.labels == ()


def test_one_document_tagged_twice_gives_clauses_of_each_tagger(tagger: Tagger) -> None:
    """Clauses are tagged in place, so no two taggers may have the same."""
    document = readers.from_text("We keep server logs for thirty days.")
    strict = Tagger(tagger.model, {"retention": 1.0})
    first, second = tagger.tag_document(document), strict.tag_document(document)
    assert (first.clauses[0].labels, second.clauses[0].labels) == (("retention",), ())


def test_headings_help_to_understand(tagger: Tagger) -> None:
    bare, headed = (tagger.tag_text(text).clauses[0] for text in ("For a month.", "# Data retention\n\nFor a month."))
    assert headed.scores["retention"] > bare.scores["retention"]


def test_a_tagged_policy_is_a_table_and_counts_its_labels(tagger: Tagger) -> None:
    tagged = tagger.tag(ROOT / "seeds/fax.com-2015.md")
    frame = tagged.to_frame()
    assert list(frame.columns) == [
        *("policy", "clause", "start", "end", "place", "kind", "headings", "heading", "text", "labels"),
        *tagger.categories,
    ]
    assert len(frame) == len(tagged.clauses)
    assert sum(tagged.counts().values()) == frame["labels"].map(len).sum()
    assert list(tagger.tag_text("# Only a heading").to_frame().columns) == list(frame.columns)


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
@pytest.mark.parametrize("texts", ["one text", [1]], ids=["a bare string", "numbers"])
def test_texts_must_be_a_sequence_of_strings(method: str, texts: object, tagger: Tagger) -> None:
    with pytest.raises(TypeError):
        getattr(tagger, method)(texts)


def test_a_policy_that_cannot_be_read_is_an_error(tagger: Tagger, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"nowhere.txt: cannot be read: No such file"):
        tagger.tag(tmp_path / "nowhere.txt")


def test_a_tagger_that_was_used_can_be_copied_and_sent_to_a_process() -> None:
    import copy
    import pickle

    tagger = classifier.load()
    tagged = tagger.tag_text("We keep server logs for 30 days.")
    for other in (copy.deepcopy(tagger), pickle.loads(pickle.dumps(tagger))):  # noqa: S301
        assert other.predict(["We use cookies."]) == tagger.predict(["We use cookies."])
    assert pickle.loads(pickle.dumps(tagged)).clauses == tagged.clauses  # noqa: S301
