from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import classifier
from classifier import ReadError, Tagger
from classifier.readers.registry import from_text
from classifier.render.formats import RenderOptions, get_format
from tests.conftest import ROOT, SEEDS
from tests.tiny import tiny


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


@pytest.mark.parametrize("value", [float("inf"), "0.5", True, None, 10**400], ids=str)
def test_a_threshold_is_a_number_between_0_and_1(value: object) -> None:
    with pytest.raises(ValueError, match="the threshold of use must be between 0 and 1, not"):
        classifier.load(thresholds={"use": value})  # type: ignore[dict-item]


def test_thresholds_of_numpy_are_numbers(tagger: Tagger) -> None:
    import json

    found = Tagger(tagger.model, {"use": np.float32(0.5), "children": np.int64(1)})
    assert json.loads(json.dumps(found.thresholds))["children"] == 1.0


@pytest.mark.parametrize("threshold", [0.0, 5e-324, 1e-300])
def test_a_category_never_learned_can_be_asked_for_at_any_threshold(threshold: float) -> None:
    fitted = tiny("first", 1)
    tagged = Tagger(fitted, dict.fromkeys(fitted.taxonomy.ids, threshold)).tag_text(
        "Cookies we retain.\n\nNothing else."
    )
    for clause in tagged.clauses:
        assert clause.labels == ("use", "never")
        assert tagged.near_misses(clause) == ()
        assert tagged.explain(clause, "never").sentence([(clause.start, clause.end)]) == (clause.start, clause.end)
        assert tagged.sentence(clause, "never") == (clause.start, clause.end)
    page = "".join(get_format("html", RenderOptions(explain=True)).policy(tagged))
    assert page.count("Never") > 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        pytest.param(lambda t: t.tag(""), ReadError, "the path of a policy is empty; name a file", id="no path"),
        pytest.param(lambda t: t.tag(None), TypeError, "must be str or Path, not NoneType", id="None for a path"),
        pytest.param(lambda t: t.tag_text(None), TypeError, "must be str, not NoneType; `tag` reads", id="no text"),
        pytest.param(lambda t: t.tag_text(b"a"), TypeError, "must be str, not bytes; `tag` reads", id="bytes"),
        pytest.param(lambda t: Tagger("nope"), TypeError, "needs a Model, not str; classifier.load", id="no model"),
        pytest.param(
            lambda t: classifier.load(5), TypeError, "a model folder must be str or Path, not int", id="number"
        ),
        pytest.param(
            lambda t: classifier.load(thresholds="0.5"),
            TypeError,
            "must map categories to probabilities, as in",
            id="a word",
        ),
        pytest.param(lambda t: t.model.taxonomy.sort("use"), TypeError, "expected labels, not one string", id="labels"),
    ],
)
def test_what_is_of_the_wrong_type_is_said_in_a_sentence(
    call: Callable[[Tagger], object], error: type[Exception], message: str, tagger: Tagger
) -> None:
    with pytest.raises(error, match=message) as caught:
        call(tagger)
    assert "\n" not in str(caught.value)


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
    document = from_text("We keep server logs for thirty days.")
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
        *(
            "policy",
            "format",
            "coverage",
            "language",
            "clause",
            "id",
            "start",
            "end",
            "place",
            "kind",
            "part",
            "headings",
        ),
        *("section", "context", "text", "links", "labels", "attributes", "facts"),
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
