"""Make names and texts of strangers safe to print."""

from __future__ import annotations

import re

# Control characters could move the cursor or recolour the terminal, direction marks reorder what is read.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape_controls(text: str) -> str:
    r"""Replace what could play tricks on who reads: controls, escape sequences, marks of direction.

    >>> escape_controls("red: \x1b[31m")
    'red: �[31m'
    """
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)  # most text is, and to see it is quick
