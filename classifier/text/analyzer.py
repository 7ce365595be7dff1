"""A string becomes terms: the one analyser, used by training and by tagging.

A token is a run of letters or digits, lower-cased and cut to its Snowball stem. Numbers of more than two digits are "0":
"13" tells a clause on children, "1798" is one of too many. Of an e-mail address only the "@" is a token. Terms are the
stems and the pairs of neighbouring stems. What Unicode writes in several ways (ligatures, accents apart, soft hyphens) is
one word. Stop words stay: without them F1 on OPP-115 falls by a point and a half ("we do *not* sell").
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import Stemmer

from classifier.text.context import body_start
from classifier.text.masking import mask_addresses

# Marks and invisible characters inside a word belong to it: accents written apart, soft hyphens, joiners.
_INNER = "\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff"
_TOKEN = re.compile(rf"[^\W_]+(?:[{_INNER}]+[^\W_]*)*|@")
_OF_WORD = re.compile(rf"[^\W_]|[{_INNER}]")
# Also white space, which some letters are taken apart into: a stem holds none, since terms of two stems do.
_DROPPED = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]")
_local = threading.local()


class Token(NamedTuple):
    """A stem and where its word stands in the text."""

    stem: str
    start: int
    end: int


def stem(words: Sequence[str]) -> list[str]:
    """Cut lower-case words to their Snowball stems.

    >>> stem(["collected", "collection", "international", "internal"])
    ['collect', 'collect', 'internat', 'internal']
    """
    if not hasattr(_local, "stemmer"):  # a Stemmer must not be shared between threads
        _local.stemmer = Stemmer.Stemmer("english")
    stems: list[str] = _local.stemmer.stemWords(words)
    return stems


def tokens(text: str) -> list[Token]:
    """Find the tokens of a text with their places.

    >>> tokens("Cookies: 30 days")
    [Token(stem='cooki', start=0, end=7), Token(stem='30', start=9, end=11), Token(stem='day', start=12, end=16)]
    """
    found = list(_TOKEN.finditer(mask_addresses(text)))
    stems = stem([normalize_word(match.group()) for match in found])
    return [Token(stem, *match.span()) for stem, match in zip(stems, found, strict=True)]


def stems(text: str) -> list[str]:
    """List the stems of a text in reading order.

    >>> stems("We keep logs for 30 days.")
    ['we', 'keep', 'log', 'for', '30', 'day']
    """
    return stem([normalize_word(found) for found in _TOKEN.findall(mask_addresses(text))])


def terms(text: str, window: int = 0) -> list[str]:
    """List the terms of a text: every stem, then every two neighbours, then what stands together within `window` words.

    >>> terms("We keep logs.")
    ['we', 'keep', 'log', 'we keep', 'keep log']
    >>> terms("We keep logs.", window=2)[5:]
    ['keep~we', 'log~we', 'keep~log']
    """
    words = stems(text)
    own = stems(text[body_start(text) :]) if window else []
    near = [skipgram(a, b) for number, a in enumerate(own) for b in own[number + 1 : number + window + 1] if a != b]
    return words + [f"{a} {b}" for a, b in pairwise(words)] + near


def skipgram(a: str, b: str) -> str:
    """Name the term of two stems that stand near each other, whichever comes first."""
    return f"{a}~{b}" if a < b else f"{b}~{a}"


def normalize_word(found: str) -> str:
    """Give a word as it is stemmed: lower case, one way of writing, "0" for a number of more than two digits.

    >>> normalize_word("Cookies"), normalize_word("1798"), normalize_word("ﬁle")
    ('cookies', '0', 'file')
    """
    if found.isascii():
        return "0" if len(found) > 2 and found.isdigit() else found.lower()
    import unicodedata  # few texts need it

    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", found))
    return "0" if len(folded) > 2 and folded.isdigit() else folded.lower()


def is_word_char(character: str) -> bool:
    """Whether a character beyond ASCII is part of a word that it stands in: letters, digits, accents, what is invisible."""
    return _OF_WORD.match(character) is not None
