"""Blocks of a text file: what they hold, where they begin and end, and how many are made."""

import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.readers import plaintext as markdown
from classifier.segmentation import segment
from classifier.types import Block, Document

SPACES = [
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\xa0",
    "\u2028",
    "\u2029",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1f",
    "\x85",
    "\u3000",
]
PIECES = [
    "**Log files.**", "**What?**", "**_A b:_**", "__Data -__", "**Terms**", "* ", "1. ", "# ", "> ", "| a |", "---", "===", "We keep logs",
    "you.", "keep:", "[a](b)", "LOUD", "Title Case", "\u200b", "\u200d", "\ufeff", "\u0301", "\x1b", "x" * 140, "**", "_",
]  # fmt: skip
ODD = st.lists(st.sampled_from(SPACES + PIECES)).map("".join)


def check(text: str, blocks: tuple[Block, ...]) -> None:
    at = 0
    for block in blocks:
        content = text[block.start : block.end]
        assert content
        assert content == content.strip()
        assert at <= block.start
        assert not text[at : block.start].strip()
        at = block.end
    assert not text[at:].strip()


@given(ODD)
@example("**Log files.**\nWe keep server logs for thirty days.")
@example("**Log files.**\xa0We keep server logs.")
@example("* **Logs.**\r**Days.**\rThirty")
@example("**A.**\u2028\x85**B.** \x1c c")
def test_blocks_begin_and_end_with_no_space_and_hold_all_else(text: str) -> None:
    check(text, markdown.find_blocks(text))


@given(ODD, st.integers(1, 40))
def test_a_text_is_cut_alike_piece_by_piece(text: str, size: int) -> None:
    whole = markdown.find_blocks(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markdown, "CHUNK_CHARACTERS", size)
        assert markdown.find_blocks(text) == whole


@pytest.mark.parametrize("space", ["\n", "\r", "\r\n", "\xa0", "\u2028", " \n  "], ids=ascii)
def test_what_follows_a_bold_title_begins_with_its_words(space: str) -> None:
    text = f"**Log files.**{space}We keep server logs for thirty days."
    (clause,) = segment(Document("x", text, markdown.find_blocks(text)))
    assert clause.text == "We keep server logs for thirty days."
    assert clause.headings == ("Log files.",)


def test_as_many_blocks_are_made_as_are_allowed_and_one_more() -> None:
    text = "We keep it.\n\n" * 50
    assert markdown.find_blocks(text, 50) == markdown.find_blocks(text)
    assert markdown.find_blocks(text, 49) == markdown.find_blocks(text)
    assert len(markdown.find_blocks(text, 20)) == 21


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a\n\n", "* a\n", "**A.** **B.** c\n\n"], ids=ascii)
def test_blocks_that_are_too_many_take_no_memory(unit: str) -> None:
    text = unit * (2_000_000 // len(unit))
    tracemalloc.start()
    try:
        assert len(markdown.find_blocks(text, 1000)) == 1001
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
