import json
from collections import defaultdict
from collections.abc import Callable
from itertools import chain
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import Tagger
from classifier.text import sentences
from classifier.training.punkt import learn_punkt
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
    assert [text[start:end] for start, end in sentences.sentence_spans(text)] == found


@given(st.text())
def test_sentences_are_in_order_and_hold_all_but_marks(text: str) -> None:
    at = 0
    for start, end in sentences.sentence_spans(text):
        assert at <= start < end <= len(text)
        at = end
    kept = {k for start, end in sentences.sentence_spans(text) for k in range(start, end)}
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
    assert json.dumps(learn_punkt(texts)) == json.dumps(learn_punkt(texts))


def test_what_was_learned_is_plain_data_of_our_rows() -> None:
    learned = json.loads((ROOT / "data/punkt.json").read_text(encoding="utf-8"))
    assert list(learned) == ["abbreviations", "collocations", "sentence_starters", "orthography"]
    assert "inc" in learned["abbreviations"]
    assert all(list(words) == sorted(words) for words in (learned["abbreviations"], learned["sentence_starters"]))


@pytest.fixture(scope="module")
def nltk_spans() -> Callable[[str], list[tuple[int, int]]]:
    """Sentences by nltk with the same parameters: what the decoder must give."""
    punkt = pytest.importorskip("nltk.tokenize.punkt")
    learned = json.loads((ROOT / "data/punkt.json").read_text(encoding="utf-8"))
    parameters = punkt.PunktParameters()
    parameters.abbrev_types = {*learned["abbreviations"], *sentences.ABBREVIATIONS}
    parameters.collocations = {tuple(pair) for pair in learned["collocations"]}
    parameters.sent_starters = set(learned["sentence_starters"])
    parameters.ortho_context = defaultdict(int, learned["orthography"])
    tokenizer = punkt.PunktSentenceTokenizer(parameters)

    def spans(text: str) -> list[tuple[int, int]]:
        begin = len(text) - len(text.lstrip())
        return [(begin + start, begin + end) for start, end in tokenizer.span_tokenize(text[begin:])]

    return spans


@pytest.mark.slow
def test_sentences_are_those_of_nltk_on_the_seeds_and_the_authored_clauses(nltk_spans: Callable[..., object]) -> None:
    rows = [
        json.loads(line)
        for path in sorted((ROOT / "data/clauses").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = [row["text"] for row in rows]
    texts += [path.read_text(encoding="utf-8", errors="replace") for path in SEEDS]
    assert len(texts) > 16_000
    assert [text for text in texts if sentences.punkt_spans(text) != nltk_spans(text)] == []


PARTS = st.sampled_from(
    "We they data. Inc. e.g. 1. 2.5 A. B. keep share? no! ( ) you. Art. 6 Sec. , : -- ... .\" See “x.” ‘ ’ .) ?! x? - # '".split()
)


@settings(max_examples=300)
@given(st.lists(st.tuples(PARTS, st.sampled_from([" ", " ", "", "  ", "\n"])), max_size=40))
def test_sentences_are_those_of_nltk_on_anything(
    nltk_spans: Callable[..., object], parts: list[tuple[str, str]]
) -> None:
    text = "".join(chain.from_iterable(parts))
    assert sentences.punkt_spans(text) == nltk_spans(text)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["? ", "a ", "a", ". ", "?", "we share.", "x\xa0", "a. B "], ids=ascii)
def test_a_clause_without_end_is_cut_in_linear_time(source: str) -> None:
    def seconds(length: int) -> float:
        text = source * (length // len(source))
        begin = process_time()
        sentences.punkt_spans(text)
        return process_time() - begin

    assert min(seconds(80_000) for _ in range(2)) < 8 * min(seconds(20_000) for _ in range(3)) + 0.05
