import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model.vectorizer import fit_vectorizer
from classifier.text import analyzer

TEXTS = [
    "We share your data with partners, and partners share it with us.",
    "Your data is shared with our partners!",
    "Cookies: we use cookies with care.",
    "",
    "We keep data. We keep it with care, we do.",
    "Partners keep cookies; we share data with them",
] * 2
WORDS = st.lists(st.sampled_from("we share data with cookies partners keep".split())).map(" ".join)


@pytest.mark.parametrize("window", [0, 1, 4, 10])
def test_the_vectorizer_transforms_texts_as_fit_did(window: int) -> None:
    vectorizer, tfidf = fit_vectorizer(TEXTS, None, window, 2)
    assert np.allclose(vectorizer.transform(TEXTS).toarray(), tfidf.toarray())
    names = vectorizer.get_feature_names_out().tolist()
    assert names == sorted(names)
    assert any("~" in name for name in names) == (window > 0)


@given(st.lists(WORDS, min_size=2, max_size=8), st.integers(0, 5))
def test_any_texts_are_counted_as_by_the_analyzer(texts: list[str], window: int) -> None:
    try:
        vectorizer, tfidf = fit_vectorizer(texts, None, window, 1)
    except ValueError:
        assert not any(analyzer.terms(item) for item in texts)
        return
    assert np.allclose(vectorizer.transform(texts).toarray(), tfidf.toarray())


@pytest.mark.parametrize("window", [0, 4])
def test_extra_texts_are_transformed_and_have_no_influence(window: int) -> None:
    extra = ["We share cookies.", "Zebras share zebras.", ""]
    vectorizer, tfidf = fit_vectorizer(TEXTS, None, window, 2, extra)
    alone, own = fit_vectorizer(TEXTS, None, window, 2)
    assert vectorizer.vocabulary_ == alone.vocabulary_
    assert (vectorizer.idf_ == alone.idf_).all()
    assert np.allclose(tfidf.toarray(), np.vstack([own.toarray(), alone.transform(extra).toarray()]))


def test_without_a_window_it_is_the_tfidf_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    theirs = TfidfVectorizer(analyzer=analyzer.terms, sublinear_tf=True, min_df=2)
    expected = theirs.fit_transform(TEXTS).toarray()
    vectorizer, tfidf = fit_vectorizer(TEXTS, None, 0, 2)
    assert vectorizer.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()
    assert np.allclose(tfidf.toarray(), expected)


def test_words_of_one_policy_alone_are_not_terms() -> None:
    texts = [f"we keep data {name}corp {name}corp" for name in "abcdefgh" for _ in range(3)]
    groups = [name for name in "abcdefgh" for _ in range(3)]
    vectorizer, _ = fit_vectorizer(texts, groups, 4, 2)
    assert not any("corp" in term for term in vectorizer.get_feature_names_out())
    assert "keep~we" in vectorizer.get_feature_names_out()
    few, _ = fit_vectorizer(texts[:9], groups[:9], 0, 2)
    assert "acorp" in few.get_feature_names_out()


def test_texts_without_a_common_word_are_refused() -> None:
    for texts in (["a", "b"], ["", ""], ["..."]):
        with pytest.raises(ValueError, match="no word occurs in 2 texts or policies"):
            fit_vectorizer(texts, None, 10, 2)
