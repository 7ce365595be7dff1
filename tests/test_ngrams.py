import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model.ngrams import bigram_code, parse_terms, skipgram_code, term_names
from classifier.text import analyzer

STEMS = st.lists(st.sampled_from(["keep", "log", "we", "@", "30", "é"]), max_size=12).map(" ".join)


@given(STEMS, st.integers(0, 4))
def test_codes_represent_the_terms_of_the_analyzer(source: str, window: int) -> None:
    expected = sorted(set(analyzer.terms(source, window)))
    stems, codes = parse_terms(expected)
    assert list(term_names(codes, stems)) == expected
    assert len(set(codes.tolist())) == len(expected)


def test_codes_are_those_of_the_scorer() -> None:
    stems, codes = parse_terms(["we", "we keep", "keep~we"])
    keep, we, n = np.array([0]), np.array([1]), len(stems) + 1
    assert codes.tolist() == [1, *bigram_code(we, keep, n), *skipgram_code(we, keep, n)]


@pytest.mark.parametrize("term", ["", "a b c", "a ", "~a"])
def test_a_string_that_is_not_a_term_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match="is not a term"):
        parse_terms(["a", term])
