"""Make names and texts from untrusted files safe to print."""

from __future__ import annotations

import re

from classifier.text.address import without_password

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, which could move the cursor or color the terminal, and direction marks, which reorder text."""


def escape_controls(text: str) -> str:
    r"""Replace control characters, escape sequences and direction marks by U+FFFD.

    >>> escape_controls("red: \x1b[31m")
    'red: �[31m'
    """
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)  # the fast path: most text is printable


def escape_name(name: str) -> str:
    r"""Escape line ends, control characters and undecodable bytes in a file name, so that it fits on a line of output.

    User name and password of a web address are replaced by asterisks.

    >>> escape_name("a\nb.txt"), escape_name("https://me:secret@example.org")
    ('a\\nb.txt', 'https://***@example.org')
    """
    name = without_password(name)
    return name if name.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
