"""Check the invariants of blocks that everything after a reader relies on, for every document that is read.

Blocks are in order, do not overlap, are not empty, begin and end with something other than white space, and together hold
every character that is not white space (`str.isspace`).
"""

from __future__ import annotations

from collections.abc import Sequence

from classifier.errors import InternalReadError
from classifier.types import Block


class BrokenPromiseError(InternalReadError):
    """A reader returned blocks that do not fit their text: a bug of this program, not a fault of the file."""


def check_blocks(text: str, blocks: Sequence[Block], name: str) -> None:
    """Check the invariants of the blocks of a text.

    Parameters
    ----------
    text, blocks
        As in `Document`.
    name
        Name of the file in messages.

    Raises
    ------
    BrokenPromiseError
        If an invariant does not hold.

    Examples
    --------
    >>> check_blocks("One. \\n\\nTwo.", [Block("paragraph", 0, 4), Block("paragraph", 7, 11)], "x")
    """
    at = 0
    for block in blocks:
        start, end = block.start, block.end
        if start < at or end > len(text):
            raise _error(name, f"the block at {start} is out of place")
        if start >= end:
            raise _error(name, f"the block at {start} is empty")
        if text[start].isspace() or text[end - 1].isspace():
            raise _error(name, f"the block at {start} begins or ends with white space")
        if start > at and not text[at:start].isspace():
            raise _error(name, f"text at {at} is in no block")
        at = end
    if at < len(text) and not text[at:].isspace():
        raise _error(name, f"text at {at} is in no block")


def _error(name: str, problem: str) -> BrokenPromiseError:
    return BrokenPromiseError(f"{name}: was read wrongly: {problem}; this is a bug, please report it")
