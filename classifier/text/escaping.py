"""Make names and texts of strangers safe to print."""

from __future__ import annotations

import re

from classifier.text.address import without_password

# Control characters could move the cursor or recolour the terminal, direction marks reorder what is read.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def escape_controls(text: str) -> str:
    r"""Replace what could play tricks on who reads: controls, escape sequences, marks of direction.

    >>> escape_controls("red: \x1b[31m")
    'red: �[31m'
    """
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)  # most text is, and to see it is quick


def escape_name(name: str) -> str:
    r"""Escape what a file's name may hold and a line of output must not: line ends, controls, bytes of no encoding.

    User name and password of a web address are replaced by asterisks.

    >>> escape_name("a\nb.txt"), escape_name("https://me:secret@example.org")
    ('a\\nb.txt', 'https://***@example.org')
    """
    name = without_password(name)
    return name if name.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
