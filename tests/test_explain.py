from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Clause, Tagger
from classifier.datasets.rows import load_examples
from classifier.model import explain
from classifier.model.persistence import load_model
from classifier.model.scorer import log_odds, probabilities
from classifier.taxonomy import Taxonomy
from classifier.text.analyzer import terms
from classifier.text.context import with_context
from classifier.text.masking import mask_addresses
from classifier.training.train import train
from tests.conftest import ROOT

MODEL = load_model(ROOT / "models/default")
TEXTS = st.lists(
    st.sampled_from(["cookies", "We", "share", "your", "data", "with", "é", "🍪", "a@b.org", "[x](http://y)"])
).map(" ".join)


@given(TEXTS, st.sampled_from(MODEL.taxonomy.ids))
def test_contributions_add_up_to_the_score_and_have_the_right_places(text: str, category: str) -> None:
    column = MODEL.taxonomy.ids.index(category)
    found = explain.contributions(text, category, MODEL)
    total = sum(part.value for part in found) + MODEL.intercept[column]
    assert np.isclose(total, log_odds([text], MODEL)[0, column], atol=1e-6)
    assert [abs(part.value) for part in found] == sorted((abs(part.value) for part in found), reverse=True)
    for part in found:
        assert part.spans
        assert all(part.term in terms(mask_addresses(text)[start:end]) for start, end in part.spans)


def test_two_stems_near_each_other_are_explained_too(labelled: Path, taxonomy: Taxonomy) -> None:
    fitted, _, _ = train(load_examples([labelled], taxonomy), taxonomy)
    assert fitted.window > 0
    text = "We retain your records; logs are retained for years."
    found = explain.contributions(text, "retention", fitted)
    total = sum(part.value for part in found) + fitted.intercept[7]
    assert np.isclose(total, log_odds([text], fitted)[0, 7], atol=1e-6)
    near = [part for part in found if "~" in part.term]
    assert near
    for part in near:
        assert all(part.term in terms(text[start:end], fitted.window) for start, end in part.spans)


def test_the_decisive_word_is_named_first() -> None:
    first = explain.contributions("We set cookies.", "cookies", MODEL)[0]
    assert first.term == "cooki"
    assert first.spans == ((7, 14),)


def test_the_strongest_terms_indicate_the_category(tagger: Tagger) -> None:
    found = explain.strongest_terms(tagger.model, "cookies", 10)
    assert "cooki" in [term for term, _ in found]
    assert [weight for _, weight in found] == sorted((weight for _, weight in found), reverse=True)


@pytest.mark.parametrize(
    "call", [explain.strongest_terms, lambda m, c: explain.contributions("x", c, m)], ids=["terms", "text"]
)
def test_a_category_must_be_one_of_the_model(call, tagger: Tagger) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="no category 'price'; the model has collection"):
        call(tagger.model, "price")


@given(
    st.lists(st.sampled_from(["cookies", "We", "share", "your", "data", "é", "e\u0301", "🍪", "\r\n", "\n\n", "**b**", "a@b.org", "[x](http://y)", "logs."]), min_size=1).map(" ".join),
    st.sampled_from([(), ("Data we share",), ("Policy", "Cookies")]),
    st.sampled_from(["", "We collect:"]),
    st.integers(0, 50),
)  # fmt: skip
def test_a_clause_is_explained_with_places_in_its_document(
    text: str, headings: tuple[str, ...], context: str, at: int
) -> None:
    document = "x" * at + text
    clause = Clause(text, at, at + len(text), headings, context)
    scored = with_context(text, headings, context)
    for column, category in enumerate(MODEL.taxonomy.ids[:4]):
        found = explain.explain_clause(clause, category, MODEL)
        raw = log_odds([scored], MODEL)[0, column]
        assert np.isclose(found.log_odds, raw, atol=1e-6)
        assert np.isclose(found.score, probabilities([scored], MODEL)[0, column], atol=1e-6)
        laid = found.intercept + found.above + sum(word.value for word in found.words)
        assert np.isclose(laid, raw, atol=1e-6)  # the words add up to the score too
        for word in found.words:
            assert at <= word.start < word.end <= at + len(text)
        for start, end in found.evidence():
            assert document[start:end].strip()
        for reason in found.reasons:
            assert all(at <= start < end <= at + len(text) for start, end in reason.spans)
            assert reason.words


def test_evidence_is_the_words_that_indicate_a_label(tagger: Tagger) -> None:
    tagged = tagger.tag_text(
        "# Retention\n\nWe like your boat. We keep your records for ten years and then delete them."
    )
    clause = tagged.clauses[0]
    found = tagged.explain(clause, "retention")
    words = [tagged.document.text[start:end] for start, end in found.evidence(4)]
    assert "years" in words
    assert "boat" not in words
    assert any(not reason.spans and reason.words == "Retention" for reason in found.reasons)
    start, end = tagged.sentence(clause, "retention")
    assert tagged.document.text[start:end] == "We keep your records for ten years and then delete them."
    assert found.threshold == tagged.thresholds["retention"]


def test_an_address_is_evidence_as_a_whole(tagger: Tagger) -> None:
    tagged = tagger.tag_text("Write to our privacy officer at data.privacy@acme.example, please.")
    found = tagged.explain(tagged.clauses[0], "contact")
    assert "data.privacy@acme.example" in [tagged.document.text[start:end] for start, end in found.evidence()]


def test_near_misses_reach_half_the_threshold(tagger: Tagger) -> None:
    tagged = tagger.tag(ROOT / "seeds/phone.com-2019.txt")
    found = 0
    for clause in tagged.clauses:
        near = tagged.near_misses(clause)
        found += len(near)
        assert not set(near) & set(clause.labels)
        shares = [clause.scores[id] / tagged.thresholds[id] for id in near]
        assert shares == sorted(shares, reverse=True)
        assert all(0.5 <= share < 1 for share in shares)
    assert found


def test_the_sentence_is_the_one_with_the_largest_sum() -> None:
    words = tuple(
        explain.Word("a", at, at + 2, value)
        for at, value in [(0, 0.1), (3, -0.4), (8, 0.3), (7, 0.3), (20, 0.5), (21, 0.2)]
    )
    found = explain.Explanation("a", 0.5, 0.5, 0.0, (), words, 0.0)
    assert found.sentence([(0, 5), (6, 12), (20, 21)]) == (6, 12)
    assert found.sentence([(0, 5), (12, 20)]) == (12, 20)  # no words are better than words against it
    assert found.sentence([(0, 5), (20, 30)]) == (20, 30)
    assert found.sentence([(30, 31), (31, 32)]) == (30, 31)


def test_an_explanation_without_words_has_no_evidence() -> None:
    found = explain.Explanation("a", 0.5, 0.5, 0.0, (), (), 0.0)
    assert repr(found) == "<Explanation 'a': score 0.50, threshold 0.50, 0 reasons>"
    assert found.evidence() == ()
    assert found.evidence(0) == ()
    assert found.sentence([(0, 5)]) == (0, 5)
