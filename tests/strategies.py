"""What property tests of readers share: odd texts, damaged files, and what holds for every document and its clauses."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers.checks import check_blocks
from classifier.segmentation import segment

WHITE = [
    "\xa0",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
    "\u3000",
    "\u2009",
    "\t",
    "\r",
    "\r\n",
    "\n",
    " ",
]
"""White space (`str.isspace`), most of which some regular expressions, parsers or formats do not take for it."""  # fmt: skip
INVISIBLE = ["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200d", "\u200e", "\u180e"]
"""Characters that nobody sees and that are not white space."""
WORDS = ["We keep logs.", "Retention", "• one", "1. two", "a", "e\u0301", "🍪", "Yes:", "CONTACT US", "©", "-", "|"]

ODD_TEXTS = st.lists(st.sampled_from([*WHITE, *INVISIBLE, *WORDS]), max_size=12).map("".join)
"""Short texts full of white space of all kinds, at their edges above all."""


def check_promises(document: Document) -> None:
    """Check what holds for the blocks of every document, whatever reader made it."""
    check_blocks(document.text, document.blocks, document.name)


def check(document: Document) -> None:
    """The law: clauses are slices in order, and with the headings they hold all that is not white space."""
    clauses = segment(document)
    held = set().union(*(range(b.start, b.end) for b in document.blocks if b.kind == "heading"), set())
    at = 0
    for clause in clauses:
        assert document.text[clause.start : clause.end] == clause.text
        assert at <= clause.start < clause.end
        assert not held & set(range(clause.start, clause.end))
        held |= set(range(clause.start, clause.end))
        at = clause.end
    assert all(place in held or char.isspace() for place, char in enumerate(document.text))


def check_or_refused(read: Callable[[], Document]) -> None:
    """Check what is read of bytes that may be no document: where they are refused, it is said in one line."""
    try:
        check(read())
    except ReadError as error:
        assert "\n" not in str(error)


def damaged(sound: bytes, first: int, most: int) -> st.SearchStrategy[bytes]:
    """Give copies of a file in which a few bytes, at most so many and none before the first, are others."""

    def change(places: list[tuple[int, int]]) -> bytes:
        mutable = bytearray(sound)
        for place, value in places:
            mutable[place] = value
        return bytes(mutable)

    places = st.tuples(st.integers(first, len(sound) - 1), st.integers(0, 255))
    return st.lists(places, min_size=1, max_size=most).map(change)
