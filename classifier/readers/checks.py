"""The promises that the blocks of every reader keep, checked for every document that is read.

Whatever comes after a reader relies on them: blocks are in order, do not overlap, are not empty, begin and end with something
other than white space, and together hold every character that is not white space (`str.isspace`).
"""

from __future__ import annotations

from collections.abc import Sequence

from classifier.errors import InternalReadError
from classifier.types import Block


class BrokenPromiseError(InternalReadError):
    """A reader made blocks that do not fit their text: a fault of this program, not of the file."""


def check_blocks(text: str, blocks: Sequence[Block], name: str) -> None:
    """Check that blocks keep their promises.

    Raises
    ------
    BrokenPromiseError
        If they do not.

    Examples
    --------
    >>> check_blocks("One. \\n\\nTwo.", [Block("paragraph", 0, 4), Block("paragraph", 7, 11)], "x")
    """
    at = 0
    for block in blocks:
        start, end = block.start, block.end
        if start < at or end > len(text):
            raise _broken(name, f"the block at {start} is out of place")
        if start >= end:
            raise _broken(name, f"the block at {start} is empty")
        if text[start].isspace() or text[end - 1].isspace():
            raise _broken(name, f"the block at {start} begins or ends with white space")
        if start > at and not text[at:start].isspace():
            raise _broken(name, f"text at {at} is in no block")
        at = end
    if at < len(text) and not text[at:].isspace():
        raise _broken(name, f"text at {at} is in no block")


def _broken(name: str, what: str) -> BrokenPromiseError:
    return BrokenPromiseError(f"{name}: was read wrongly: {what}; this is a fault of the program, please report it")
