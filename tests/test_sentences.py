import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Tagger, sentences
from tests.conftest import ROOT, SEEDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("We keep logs. We delete them.", ["We keep logs.", "We delete them."], id="two"),
        pytest.param("See Art. 6(1)(b) of the GDPR.", ["See Art. 6(1)(b) of the GDPR."], id="an article"),
        pytest.param("Acme Inc. keeps it for 1.5 years, e.g. bills.", ["Acme Inc. keeps it for 1.5 years, e.g. bills."], id="abbreviations"),
        pytest.param("We keep:\n\n* logs\n* bills. All of them.", ["We keep:", "logs", "bills.", "All of them."], id="items"),
        pytest.param("a wrapped\nline. And one\nmore", ["a wrapped\nline.", "And one\nmore"], id="wrapped lines"),
        pytest.param("  ", [], id="nothing"),
    ],
)  # fmt: skip
def test_sentences_end_where_they_do(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in sentences.spans(text)] == found


@given(st.text())
def test_sentences_are_in_order_and_hold_all_but_marks(text: str) -> None:
    at = 0
    for start, end in sentences.spans(text):
        assert at <= start < end <= len(text)
        at = end
    kept = {k for start, end in sentences.spans(text) for k in range(start, end)}
    lost = "".join(text[k] for k in range(len(text)) if k not in kept)
    assert len("".join(lost.split())) <= 6 * (text.count("\n") + text.count("\r") + 1)


def test_every_label_of_the_seeds_has_a_sentence_of_its_clause(tagger: Tagger) -> None:
    tagged = tagger.tag(SEEDS[1])
    for clause in tagged.clauses:
        for label in clause.labels:
            start, end = tagged.sentence(clause, label)
            assert clause.start <= start < end <= clause.end


def test_the_same_texts_teach_the_same() -> None:
    texts = ["Acme Inc. keeps it. Write to Acme Inc. today.", "We e.g. keep logs."] * 20
    assert json.dumps(sentences.learn(texts)) == json.dumps(sentences.learn(texts))


def test_what_was_learned_is_plain_data_of_our_rows() -> None:
    learned = json.loads((ROOT / "data/punkt.json").read_text(encoding="utf-8"))
    assert list(learned) == ["abbreviations", "collocations", "sentence_starters", "orthography"]
    assert "inc" in learned["abbreviations"]
    assert all(list(words) == sorted(words) for words in (learned["abbreviations"], learned["sentence_starters"]))
