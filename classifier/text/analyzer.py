"""Turn a string into terms: the one analyzer, used by training and by tagging.

A token is a run of letters or digits, lower-cased and cut to its Snowball stem. Numbers of more than two digits become "0":
"13" identifies a clause on children, "1798" is one of too many. The only token of an e-mail address is its "@". Terms are the
stems and the pairs of neighboring stems. Different Unicode spellings of a word (ligatures, combining accents, soft hyphens)
are one token. Stop words are kept: without them F1 on OPP-115 falls by a point and a half ("we do *not* sell").
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

_INNER = "\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff"
"""Marks and invisible characters that belong to the word they are in: combining accents, soft hyphens, joiners."""
_TOKEN = re.compile(rf"[^\W_]+(?:[{_INNER}]+[^\W_]*)*|@")
_WORD_CHAR = re.compile(rf"[^\W_]|[{_INNER}]")
_DROPPED = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]")
"""Invisible characters, and white space, which normalization makes of some letters; in a term it separates two stems."""
MAX_NUMBER_DIGITS = 2
"""Digits of a number that is a token of its own; longer ones become "0"."""
_local = threading.local()


class Token(NamedTuple):
    """A stem and the place of its word: ``text[start:end]``."""

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
    """Return the tokens of a text with their places.

    >>> tokens("Cookies: 30 days")
    [Token(stem='cooki', start=0, end=7), Token(stem='30', start=9, end=11), Token(stem='day', start=12, end=16)]
    """
    matches = list(_TOKEN.finditer(mask_addresses(text)))
    stems = stem([normalize_word(match.group()) for match in matches])
    return [Token(stem, *match.span()) for stem, match in zip(stems, matches, strict=True)]


def stems(text: str) -> list[str]:
    """Return the stems of a text in reading order.

    >>> stems("We keep logs for 30 days.")
    ['we', 'keep', 'log', 'for', '30', 'day']
    """
    return stem([normalize_word(word) for word in _TOKEN.findall(mask_addresses(text))])


def terms(text: str, window: int = 0) -> list[str]:
    """Return the terms of a text: its stems, then pairs of neighboring stems, then skip-grams within `window` words.

    Parameters
    ----------
    text
        A clause, with or without context.
    window
        Largest distance of the two stems of a skip-gram, in words; 0 for none. Skip-grams are made of the clause alone.

    Examples
    --------
    >>> terms("We keep logs.")
    ['we', 'keep', 'log', 'we keep', 'keep log']
    >>> terms("We keep logs.", window=2)[5:]
    ['keep~we', 'log~we', 'keep~log']
    """
    words = stems(text)
    body = stems(text[body_start(text) :]) if window else []
    skipgrams = [
        skipgram(a, b) for number, a in enumerate(body) for b in body[number + 1 : number + window + 1] if a != b
    ]
    return words + [f"{a} {b}" for a, b in pairwise(words)] + skipgrams


def skipgram(a: str, b: str) -> str:
    """Return the term of two stems near each other, the same in either order.

    >>> skipgram("we", "keep")
    'keep~we'
    """
    return f"{a}~{b}" if a < b else f"{b}~{a}"


def normalize_word(word: str) -> str:
    """Normalize a word for stemming: lower case, one Unicode spelling, "0" for a number of more than two digits.

    >>> normalize_word("Cookies"), normalize_word("1798"), normalize_word("ﬁle")
    ('cookies', '0', 'file')
    """
    if word.isascii():
        return "0" if len(word) > MAX_NUMBER_DIGITS and word.isdigit() else word.lower()
    import unicodedata  # few texts need it

    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", word))
    return "0" if len(folded) > MAX_NUMBER_DIGITS and folded.isdigit() else folded.lower()


def is_word_char(character: str) -> bool:
    """Whether a character beyond ASCII belongs to the word it is in: a letter, digit, accent or invisible character."""
    return _WORD_CHAR.match(character) is not None
