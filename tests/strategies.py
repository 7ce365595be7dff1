"""Texts for property tests of readers: white space of all kinds, invisible characters, and blocks that keep their promises."""

from __future__ import annotations

from hypothesis import strategies as st

from classifier import Document
from classifier.readers.checks import check_blocks

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
