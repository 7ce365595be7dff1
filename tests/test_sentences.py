import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Tagger
from classifier.text import sentences
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


PARTS = st.sampled_from(
    'We they data. Inc. e.g. 1. 2.5 A. B. keep share? no! ( ) you. Art. 6 Sec. , : -- ... ." See'.split()
)


@given(st.lists(PARTS, max_size=150).map(" ".join), st.integers(60, 200))
def test_windows_find_the_sentences_of_the_whole(text: str, window: int) -> None:
    sentences._spans.cache_clear()
    whole = sentences.spans(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sentences, "WINDOW_CHARACTERS", window)
        sentences._spans.cache_clear()
        found = sentences.spans(text)
    if all(end - start < window - 20 for start, end in whole):  # longer ones are cut
        assert found == whole


@pytest.mark.parametrize("source", ["? ", "a ", "a", ". ", "?", "we share.", "x\xa0"], ids=ascii)
def test_a_clause_without_end_has_sentences_that_end(source: str) -> None:
    text = source * (30_000 // len(source))
    found = sentences.spans(text)
    assert max(end - start for start, end in found) <= sentences.WINDOW_CHARACTERS
    at = 0
    for start, end in found:
        assert not text[at:start].strip()
        assert text[start:end] == text[start:end].strip()
        at = end
    assert not text[at:].strip()


def test_where_nltk_gives_up_the_paragraph_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    redos = pytest.importorskip("nltk.redos")
    sentences.spans("a. b.")
    monkeypatch.setattr(redos, "DEFAULT_TIMEOUT", 1e-9)
    text = "We keep logs. We delete them. " * 300
    assert sentences.spans(f"{text}\n\n* a")[-1] == (len(text) + 4, len(text) + 5)
    sentences._spans.cache_clear()


def test_looking_up_words_takes_no_memory() -> None:
    before = len(sentences._punkt()._params.ortho_context)
    sentences.spans("Mr. Xyzzyfrob. Plugharble e.g. Quuxify it. 1. Foobarbaz.")
    assert len(sentences._punkt()._params.ortho_context) == before
