import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model import ngrams as terms
from classifier.text import analyzer

STEMS = st.lists(st.sampled_from(["keep", "log", "we", "@", "30", "é"]), max_size=12).map(" ".join)


@given(STEMS, st.integers(0, 4))
def test_codes_stand_for_the_terms_that_the_analyser_gives(source: str, window: int) -> None:
    given_terms = sorted(set(analyzer.terms(source, window)))
    stems, codes = terms.parse(given_terms)
    assert list(terms.names(codes, stems)) == given_terms
    assert len(set(codes.tolist())) == len(given_terms)


def test_codes_are_those_that_the_engine_makes() -> None:
    stems, codes = terms.parse(["we", "we keep", "keep~we"])
    keep, we, n = np.array([0]), np.array([1]), len(stems) + 1
    assert codes.tolist() == [1, *terms.beside(we, keep, n), *terms.near(we, keep, n)]


@pytest.mark.parametrize("term", ["", "a b c", "a ", "~a"])
def test_what_is_no_term_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="is no term"):
        terms.parse(["a", term])
