from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.model import tokenizer
from classifier.model.tokenizer import Tokenizer
from classifier.text import analyzer, context, masking
from classifier.text.context import BODY_MARK
from tests.conftest import SEEDS

# Characters that change the reading of a text: every kind of space, invisible characters, marks, letters that change their
# length in lower case or when decomposed, surrogates, addresses and links, complete and broken.
ODD = [
    "\u200b",
    "\u00ad",
    "\u0301",
    "\ufeff",
    "İ",
    "ß",
    "ﬁ",
    "ﷺ",
    "Ⅷ",
    "²",
    "٣",
    "數據",
    "שלום",
    "🍪",
    "\ud800",
    "_",
    "\0",
    BODY_MARK,
]
SPACES = [chr(code) for code in range(0x3001) if chr(code).isspace()]
PIECES = [
    "We",
    "keep",
    "1798",
    "13",
    "x" * 16,
    "x" * 17,
    "a@b.org",
    "@",
    "[x](http://y)",
    "](",
    "<e-mail>",
    "[Email",
    "-e",
    "mail]",
]
TEXTS = st.lists(st.sampled_from([*ODD, *SPACES, *PIECES, " ", " ", "(", ")", ".", '"']) | st.characters()).map("".join)


def stems_of(texts: list[str]) -> list[list[str]]:
    """Tokenize texts with numpy, and return their stems as strings."""
    names: list[str] = []
    number: dict[str, int] = {}

    def count(stem: str) -> int:
        if stem not in number:
            number[stem] = len(names)
            names.append(stem)
        return number[stem]

    batch = Tokenizer(count)(texts)
    found = [names[k] for k in batch.stems.tolist()]
    for source, start, body, end in zip(texts, batch.offsets, batch.body_starts, batch.offsets[1:], strict=False):
        assert found[body:end] == analyzer.stems(source[context.body_start(source) :])
        assert start <= body <= end
    return [found[a:b] for a, b in pairwise(batch.offsets.tolist())]


@given(st.lists(TEXTS, max_size=5))
def test_texts_are_read_as_the_analyzer_reads_them(texts: list[str]) -> None:
    assert stems_of(texts) == [analyzer.stems(item) for item in texts]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_seeds_are_read_as_the_analyzer_reads_them(path) -> None:  # type: ignore[no-untyped-def]
    source = path.read_text(encoding="utf-8")
    assert stems_of([source, *source.splitlines()]) == [analyzer.stems(item) for item in [source, *source.splitlines()]]


def test_forgotten_words_are_learned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokenizer, "MAX_REMEMBERED_WORDS", 20)
    asked: list[str] = []
    tokenize = Tokenizer(lambda stem: asked.append(stem) or len(stem))  # type: ignore[func-returns-value]
    for _ in range(2):
        for start in range(0, 60, 6):
            words = [f"w{'x' * k}" for k in range(start, start + 6)]
            assert tokenize(words).stems.tolist() == [len(analyzer.stem([word])[0]) for word in words]
    assert len(asked) > 60
    assert len(tokenize._table) <= 21
    assert len(tokenize._unkeyed_ids) <= 20


def test_an_interrupt_while_words_are_learned_leaves_no_inconsistent_table(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"keep": 1, "log": 2, "bill": 3}
    tokenize = Tokenizer(lambda stem: known.get(stem, 0))
    assert tokenize(["keep logs"]).stems.tolist() == [1, 2]

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tokenizer.np, "append", interrupted)
        with pytest.raises(KeyboardInterrupt):
            tokenize._learn(np.array([[ord("x"), 0]], dtype=np.uint64))
        with pytest.raises(KeyboardInterrupt):
            tokenize._look_up(b"\0new\0" + bytes(16), np.array([1]), np.array([3]), np.array([], dtype=np.intp))
    assert tokenize(["keep bills and logs"]).stems.tolist() == [1, 3, 0, 2]


def test_threads_may_share_a_tokenizer() -> None:
    known: dict[str, int] = {}
    tokenize = Tokenizer(lambda stem: known.setdefault(stem, len(known)))
    texts = [[f"word{k * n} and word{k + n}" for k in range(300)] for n in range(16)]
    with ThreadPoolExecutor(8) as pool:
        batches = list(pool.map(tokenize, texts))
    for batch, items in zip(batches, texts, strict=True):
        assert batch.stems.tolist() == [known[stem] for item in items for stem in analyzer.stems(item)]


@given(TEXTS, st.integers(1, 30))
def test_a_long_text_is_cut_between_words(source: str, characters: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "BATCH_CHARACTERS", characters)
        pieces = list(tokenizer.split_long_text(source))
    assert "".join(piece for piece, _ in pieces) == masking.mask_addresses(source)
    tokenize = Tokenizer(hash)
    found = [stem for piece, _ in pieces for stem in tokenize([piece], is_masked=True).stems.tolist()]
    assert len(found) == len(analyzer.stems(source))
    body = "".join(piece for piece, is_body in pieces if is_body)
    assert body == masking.mask_addresses(source)[context.body_start(source) :]


@given(st.lists(st.integers(0, 40)), st.integers(1, 60))
def test_batches_cover_all_texts_and_have_similar_sizes(sizes: list[int], characters: int) -> None:
    texts = ["x" * size for size in sizes]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "BATCH_CHARACTERS", characters)
        found = list(tokenizer.batches(texts))
    assert [k for start, stop in found for k in range(start, stop)] == list(range(len(texts)))
    lengths = [sum(size + 1 for size in sizes[start:stop]) for start, stop in found]
    for (start, stop), length in zip(found, lengths, strict=True):
        assert length <= characters or stop == start + 1
    if lengths and max(sizes) < characters / 8:
        assert min(lengths) > max(lengths) / 3  # no small batch remains at the end
