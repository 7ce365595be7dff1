"""Texts and labels count by position, whatever sequence they come in."""

import re
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import ClauseClassifier, Tagger
from classifier.datasets.splits import near_duplicates
from classifier.model.scorer import log_odds, probabilities, tfidf
from classifier.model.tokenizer import Tokenizer, batches
from classifier.model.vectorizer import fit_vectorizer
from classifier.readers.registry import read
from classifier.text.sequences import row_list, text_list
from classifier.training.punkt import learn_punkt
from tests.conftest import ROOT

SENTENCES = [
    "We keep server logs for thirty days and then delete them.",
    "Cookies are small files that we set in your browser.",
    "Write to privacy@example.org with your questions.",
    "We never sell your personal information to anyone.",
    "",
    "אנו אוספים מידע",
]
CONTAINERS: dict[str, Callable[[list[str], list[Any]], Any]] = {
    "tuple": lambda texts, index: tuple(texts),
    "deque": lambda texts, index: deque(texts),
    "object array": lambda texts, index: np.array(texts, dtype=object),
    "string array": lambda texts, index: np.array(texts, dtype=np.str_),
    "StringDType": lambda texts, index: np.array(texts, dtype=np.dtypes.StringDType()),
    "Series of objects": lambda texts, index: pd.Series(texts, index=index, dtype=object),
    "Series of strings": lambda texts, index: pd.Series(texts, index=index, dtype="string[python]"),
    "Series of Arrow strings": lambda texts, index: pd.Series(texts, index=index, dtype="string[pyarrow]"),
    "Series of an Arrow type": lambda texts, index: pd.Series(texts, index=index, dtype=pd.ArrowDtype(pa.string())),
    "categories": lambda texts, index: pd.Series(texts, index=index, dtype="category"),
    "Index": lambda texts, index: pd.Index(texts, dtype=object),
    "extension array": lambda texts, index: pd.array(texts, dtype="string"),
    "Arrow array": lambda texts, index: pa.array(texts, pa.string()),
    "chunked Arrow array": lambda texts, index: pa.chunked_array([texts[:1], texts[1:]], pa.string()),
}
REFUSED = {
    "a string": ("We keep logs.", "not one string; put it in a list"),
    "bytes": (b"We keep logs.", "not one bytes; put it in a list"),
    "a generator": ((text for text in SENTENCES), "not generator; put it in a list"),
    "an iterator": (iter(SENTENCES), "not list_iterator; put it in a list"),
    "a map": (map(str, SENTENCES), "not map; put it in a list"),
    "a set": (set(SENTENCES), "not a set, which has no positions"),
    "a dict": (dict.fromkeys(SENTENCES), "not a dict, which has no positions"),
    "values of a dict": ({1: "a"}.values(), "not dict_values; put it in a list"),
    "nothing": (None, "expected a sequence of texts, not NoneType"),
    "a data frame": (pd.DataFrame({"text": SENTENCES}), "not DataFrame of shape (6, 1)"),
    "a table": (pa.table({"text": SENTENCES}), "not Table of shape (6, 1)"),
    "two dimensions": (np.array([SENTENCES]), "not ndarray of shape (1, 6)"),
    "no dimension": (np.array("text"), "not ndarray of shape ()"),
    "None": (["a", None, "b", None], "missing (None or NaN) at position 1, 3, counted from 0"),
    "NaN": (pd.Series(["a", "b", np.nan], index=[5, 6, 7]), "at position 2, counted"),
    "pd.NA": (pd.Series([pd.NA, "b"], dtype="string"), "at position 0, counted"),
    "Arrow null": (pa.array(["a", None]), "at position 1, counted"),
    "many missing": ([None] * 9, "at position 0, 1, 2, 3, 4 and 4 more, counted"),
    "a number": (["a", 5], "text 1 is int, not str"),
    "bytes in a list": ([b"a"], "text 0 is bytes, not str"),
}
INDEXES = st.sampled_from(["reversed", "shuffled", "repeated", "strings", "far away"])


def an_index(kind: str, size: int) -> list[Any]:
    numbers = list(range(size))
    if kind == "shuffled":
        return np.random.default_rng(0).permutation(size).tolist()
    return {"reversed": numbers[::-1], "repeated": [0] * size, "strings": [f"row {k}" for k in numbers]}.get(
        kind, [k + 10**6 for k in numbers]
    )


@pytest.mark.parametrize("container", CONTAINERS)
@settings(max_examples=15)
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8), INDEXES)
def test_the_answer_is_that_of_the_list(container: str, tagger: Tagger, texts: list[str], kind: str) -> None:
    given_texts = CONTAINERS[container](texts, an_index(kind, len(texts)))
    assert text_list(given_texts) == texts
    assert tagger.predict(given_texts) == tagger.predict(texts)
    assert (tagger.predict_proba(given_texts) == tagger.predict_proba(texts)).all()


@pytest.mark.parametrize("container", ["tuple", "object array", "string array", "Series of objects", "Arrow array"])
def test_more_than_a_megabyte_of_texts_is_answered_by_position(container: str, tagger: Tagger) -> None:
    texts = [f"{SENTENCES[k % 4]} {'and so on ' * 20}" for k in range(5000)]
    assert sum(map(len, texts)) > 2**20
    found = log_odds(CONTAINERS[container](texts, an_index("shuffled", len(texts))), tagger.model)
    assert (found == log_odds(texts, tagger.model)).all()


def test_a_filtered_series_gives_the_labels_of_its_own_texts(tagger: Tagger) -> None:
    series = pd.Series(SENTENCES)
    for chosen in (series[1:3], series[[3, 0]], series.sort_values()):
        assert tagger.predict(chosen) == [tagger.predict([text])[0] for text in chosen]


@pytest.fixture(scope="module")
def fitted() -> ClauseClassifier:
    return ClauseClassifier(cv=2, min_examples=2).fit(*labelled())


@pytest.mark.parametrize(("texts", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_sequence_of_texts_is_refused_at_every_door(
    texts: Any, message: str, tagger: Tagger, fitted: ClauseClassifier
) -> None:
    doors: list[Callable[[Any], object]] = [
        text_list,
        tagger.predict,
        tagger.predict_proba,
        lambda texts: log_odds(texts, tagger.model),
        lambda texts: probabilities(texts, tagger.model),
        lambda texts: tfidf(texts, tagger.model),
        lambda texts: ClauseClassifier().fit(texts, [["a"]]),
        fitted.predict,
        fitted.predict_proba,
        fitted.decision_function,
        lambda texts: fitted.score(texts, [["a"]]),
        lambda texts: fit_vectorizer(texts, None, 0, 1),
        lambda texts: near_duplicates(texts, ["a"]),
        lambda texts: list(batches(texts)),
        Tokenizer(len),
        learn_punkt,
    ]
    for door in doors:
        with pytest.raises(TypeError, match=re.escape(message)):
            door(texts)


def labelled() -> tuple[list[str], list[list[str]]]:
    texts = [f"{name} {text}" for name in ("acme", "globex", "initech", "hooli") for text in SENTENCES[:4]]
    return texts, [["retention"], ["cookies"], [], ["sharing", "cookies"]] * 4


@pytest.mark.parametrize("container", ["Series of objects", "Series of Arrow strings", "object array", "tuple"])
def test_texts_labels_and_groups_belong_together_by_position(container: str) -> None:
    texts, labels = labelled()
    groups = [k // 4 for k in range(16)]
    expected = ClauseClassifier(cv=2, min_examples=2).fit(texts, labels, groups)
    index = an_index("shuffled", len(texts))
    given_texts = CONTAINERS[container](texts, index)
    fitted = ClauseClassifier(cv=2, min_examples=2).fit(
        given_texts, pd.Series(labels, index=index[::-1]), pd.Series(groups, index=[k + 3 for k in index])
    )
    assert (fitted.coef_ == expected.coef_).all()
    assert fitted.predict(given_texts) == expected.predict(texts)
    assert fitted.score(given_texts, pd.Series(labels, index=index)) == expected.score(texts, labels)


def test_a_data_frame_of_labels_is_an_array_of_labels() -> None:
    texts, labels = labelled()
    array = np.array([[int(name in row) for name in ("cookies", "retention")] for row in labels])
    expected = ClauseClassifier(cv=2, min_examples=2).fit(texts, array)
    for frame in (pd.DataFrame(array, index=an_index("shuffled", 16)), pd.DataFrame(array).astype("Int64")):
        fitted = ClauseClassifier(cv=2, min_examples=2).fit(texts, frame)
        assert (fitted.coef_ == expected.coef_).all()


@pytest.mark.parametrize(
    ("labels", "groups", "error", "message"),
    [
        pytest.param((row for row in labelled()[1]), None, TypeError, "of label rows, not generator", id="generator"),
        pytest.param("abc", None, TypeError, "of label rows, not one string", id="string"),
        pytest.param({"a", "b"}, None, TypeError, "of label rows, not a set", id="set"),
        pytest.param([["a"], None] * 8, None, ValueError, "labels of text 1 must be a list of names", id="None"),
        pytest.param([["a"], ["b", None]] * 8, None, TypeError, "a label of text 1 is NoneType", id="None in a row"),
        pytest.param([[0, 1], [1]] * 8, None, ValueError, "in rows of equal length", id="ragged"),
        pytest.param(labelled()[1], "ab", TypeError, "of groups, not one string", id="groups: string"),
        pytest.param(labelled()[1], (k for k in range(16)), TypeError, "of groups, not generator", id="groups"),
        pytest.param(labelled()[1], ["a", None] * 8, TypeError, "groups are missing", id="groups: None"),
        pytest.param(labelled()[1], ["a", "b"], ValueError, "16 texts but 2 groups", id="groups: length"),
        pytest.param(labelled()[1], [("a", 1)] * 16, ValueError, "one name or number", id="groups: tuples"),
    ],
)
def test_labels_and_groups_of_no_position_are_refused(
    labels: Any, groups: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ClauseClassifier(cv=2).fit(labelled()[0], labels, groups)


def test_documents_are_tagged_from_any_sequence(tagger: Tagger) -> None:
    documents = [read(ROOT / f"seeds/{name}") for name in ("fax.com-2015.md", "phone.com-2019.txt")]
    expected = [policy.clauses for policy in tagger.tag_documents(documents)]
    for many in (tuple(documents), pd.Series(documents, index=[1, 0])):
        assert [policy.clauses for policy in tagger.tag_documents(many)] == expected
    for wrong, message in (
        (documents[0], "expected a sequence of documents, not Document"),
        ((document for document in documents), "of documents, not generator; put it in a list"),
        (["text"], "document 0 is str, not Document"),
    ):
        with pytest.raises(TypeError, match=message):
            tagger.tag_documents(wrong)  # type: ignore[arg-type]


def test_a_list_is_not_copied() -> None:
    texts = ["a"]
    assert text_list(texts) is texts
    assert row_list(texts) is texts
