import pytest

from classifier import Tagger, explain


def test_the_strongest_terms_tell_the_category(tagger: Tagger) -> None:
    terms = explain.strongest_terms(tagger.model, "cookies", 10)
    assert "cooki" in [term for term, _ in terms]
    assert [weight for _, weight in terms] == sorted((weight for _, weight in terms), reverse=True)


def test_a_category_must_be_one_of_the_model(tagger: Tagger) -> None:
    with pytest.raises(ValueError, match="price"):
        explain.strongest_terms(tagger.model, "price")
