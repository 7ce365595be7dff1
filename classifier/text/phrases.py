"""Cut a text into phrases: what stands between punctuation marks, in one item of a list, in one cell of a table.

A value of an attribute is said by a phrase ("your IP address"), not by a sentence, which names several. Phrases are short,
five words on average, and are found by punctuation alone.
"""

from __future__ import annotations

import re

_BETWEEN = re.compile(
    r"[,;:.()!?\n|•–—-](?:(?<=[\n|•])|(?<=[,;:.!?])[,;:.()!?]*(?=\s|\Z)|(?<=\s\()(?!\d{1,5}\))|(?<=\D\))(?!\w)|(?<=\s[–—-])(?=\s))"
)
"""What separates phrases: line ends, bars of tables, marks before a blank, dashes between blanks, brackets but those of
"thirty (30) days". The first class holds all characters that may begin one, so that a search passes over the others."""
_BEFORE = " \t\n\r\f\v\xa0*_#>-–—•\"'“”‘’(["
_AFTER = " \t\n\r\f\v\xa0*_#>-–—•\"'“”‘’)].,;:"
"""Blanks, marks of emphasis, quotes and brackets at the edges of a phrase, which are no part of it."""


def phrase_spans(text: str) -> list[tuple[int, int]]:
    """Find the phrases of a text, as (start, end), in order.

    Examples
    --------
    >>> text = "We share your name, e-mail address (if given) and age."
    >>> [text[start:end] for start, end in phrase_spans(text)]
    ['We share your name', 'e-mail address', 'if given', 'and age']
    """
    spans = []
    start = 0
    for match in _BETWEEN.finditer(text):
        if match.start() > start:
            spans.append((start, match.start()))
        start = match.end()
    if start < len(text):
        spans.append((start, len(text)))
    trimmed = []
    for start, end in spans:
        piece = text[start:end].rstrip(_AFTER)
        rest = piece.lstrip(_BEFORE)
        if rest:
            first = start + len(piece) - len(rest)
            trimmed.append((first, first + len(rest)))
    return trimmed
