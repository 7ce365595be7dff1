"""Cut a clause into sentences with the parameters that Punkt learned from labeled rows.

Punkt knows abbreviations ("Inc."), pairs that no sentence ends between ("No. 5"), words that often begin sentences, and how
each word is written at the beginning of and within sentences. These parameters are data/punkt.json, written by
`training.punkt`. This module decides with them as nltk does, but without nltk, whose import takes two seconds; a test holds
both equal on every sentence of the seeds and the authored clauses.

Each line that is a list item holds sentences of its own.

References
----------
Kiss & Strunk, "Unsupervised multilingual sentence boundary detection", Computational Linguistics 2006; its sections are named
in the comments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from classifier.resources import bundled
from classifier.text.markup import BREAK, BULLET, NUMBER

ABBREVIATIONS = frozenset(
    "approx art arts cf ch cl co corp dept dr et al etc fig gmbh inc jr ltd mr mrs ms no nos para paras pp prof reg regs sec "
    "secs sr st v vol vs".split()
)
"""Abbreviations of legal English, too rare in policies for all of them to be learned."""

_CLOSING_QUOTES = "\u2018\u2019\u201c\u201d\xab\xbb"
_NO_WORD = rf"""[)";}}\]*:@'({{\[?!{_CLOSING_QUOTES}]"""
"""A character that no word contains."""
_REPEATED = r"(?:-{2,}|\.{2,}|(?:\.\s){2,}\.)"
"""A dash of hyphens or an ellipsis."""
_CANDIDATE = re.compile(rf"[.?!](?=({_NO_WORD}|\s+(\S+)))")
"""A mark that may end a sentence; group 1 is what follows it, group 2 the next word, if there is one."""
_TOKEN = re.compile(
    rf"{_REPEATED}"
    rf"|(?![(\"`{{\[:;&#*@)}}\]\-,])\S+?(?=\s|$|{_NO_WORD}|{_REPEATED}|,(?=$|\s|{_NO_WORD}|{_REPEATED}))"
    r"|\S"
)
_CLOSING = re.compile(rf"""["')\]}}{_CLOSING_QUOTES}]+?(?:\s+|(?=--)|$)""", re.MULTILINE)
"""Quotes and brackets after the mark that belong to the sentence before."""
_NUMERIC = re.compile(r"-?[.,]?\d[\d,.-]*")
_NUMBER_TYPE = "##number##"
_INITIAL = re.compile(r"[^\W\d]\.")
_ELLIPSIS = re.compile(r"\.{2,}")
# How a word was seen in the training text, as bits of its number in the parameters.
_UPPER_WITHIN = 1 << 2
_UPPER = 1 << 1 | 1 << 2 | 1 << 3
_LOWER_AT_BEGINNING = 1 << 4
_LOWER = 1 << 4 | 1 << 5 | 1 << 6


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text.

    Returns
    -------
    list of (start, end)
        In order; together they hold all of the text but white space and the bullets or numbers of list items.

    Examples
    --------
    >>> text = "We keep logs, e.g. addresses. We delete them."
    >>> [text[start:end] for start, end in sentence_spans(text)]
    ['We keep logs, e.g. addresses.', 'We delete them.']
    """
    return list(_spans(text))


@lru_cache(1)  # asked for once for each label of a clause
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(
        (start + a, start + b) for start, end in _paragraphs(text) for a, b in punkt_spans(text[start:end]) if a < b
    )


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Return the parts of a text that hold whole sentences: paragraphs, and list items without bullet or number."""
    breaks = [match.span() for match in BREAK.finditer(text)]
    lines = list(zip([0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)], strict=True))
    parts: list[tuple[int, int]] = []
    for start, end in lines:
        start += len(text[start:end]) - len(text[start:end].lstrip())
        mark = BULLET.match(text, start, end) or NUMBER.match(text, start, end)
        if start >= end:
            parts.append((end, end))
        elif mark or not parts or parts[-1][0] == parts[-1][1]:
            parts.append((mark.end() if mark else start, end))
        else:  # a wrapped line continues the one above
            parts[-1] = (parts[-1][0], end)
    return [(start, end) for start, end in parts if text[start:end].strip()]


# --- Punkt ---------------------------------------------------------------------------------------------------------------


def punkt_spans(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a paragraph as nltk's PunktSentenceTokenizer.span_tokenize does, in linear time."""
    begin = len(text) - len(text.lstrip())
    return [(begin + a, begin + b) for a, b in _with_closing_marks(text[begin:], list(_cut(text[begin:])))]


def _cut(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text after each mark that ends a sentence."""
    parameters = _parameters()
    start = 0
    for word, mark in _candidates(text):
        if _holds_break(text[word : mark.end()] + mark[1], parameters):
            yield start, mark.end()
            start = mark.start(2) if mark[2] else mark.end()  # white space between sentences belongs to neither
    yield start, len(text.rstrip())


def _candidates(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Find the marks that may end a sentence, each with the start of its word; of one word only the last mark."""
    word, mark = 0, None
    for found in _CANDIDATE.finditer(text):
        after = mark.start() if mark else 0
        last = _last_word(text, after, found.start())
        start = word if last == after else last  # without white space in between both are in one word
        if mark and mark.start() <= start:
            yield word, mark
        word, mark = start, found
    if mark:
        yield word, mark


def _last_word(text: str, start: int, end: int) -> int:
    """Return the start of the last word of text[start:end], `start` if it is all one word."""
    at = max(text.rfind(blank, start, end) for blank in " \t\n\r\x0b\x0c")
    return at + 1 if at > start else start


class _Token(NamedTuple):
    """A token of the context of a mark, with the decision of the first pass.

    Attributes
    ----------
    text
        As written.
    kind
        In lower case; a number is `_NUMBER_TYPE`.
    is_abbreviation, is_ellipsis, ends
        Known abbreviation; ellipsis; marked as the end of a sentence.
    """

    text: str
    kind: str
    is_abbreviation: bool
    is_ellipsis: bool
    ends: bool

    @property
    def without_period(self) -> str:
        return self.kind[:-1] if len(self.kind) > 1 and self.kind[-1] == "." else self.kind

    @property
    def word(self) -> str:
        """The kind under which its occurrences were counted."""
        return self.without_period if self.ends else self.kind


class _Parameters(NamedTuple):
    """The learned parameters; `orthography` maps a word to bits for the ways in which it was written."""

    abbreviations: frozenset[str]
    collocations: frozenset[tuple[str, str]]
    starters: frozenset[str]
    orthography: Mapping[str, int]


@cache
def _parameters() -> _Parameters:
    learned: dict[str, Any] = json.loads(bundled("data/punkt.json").read_text(encoding="utf-8"))
    return _Parameters(
        frozenset(learned["abbreviations"]) | ABBREVIATIONS,
        frozenset((first, second) for first, second in learned["collocations"]),
        frozenset(learned["sentence_starters"]),
        learned["orthography"],
    )


def _holds_break(context: str, parameters: _Parameters) -> bool:
    """Return whether a sentence ends within the context of a mark, before its last token."""
    tokens = [
        _first_pass(token, parameters) for line in context.split("\n") for token in _TOKEN.findall(line) if line.strip()
    ]
    return any(_second_pass(token, following, parameters) for token, following in pairwise(tokens))


def _first_pass(text: str, parameters: _Parameters) -> _Token:
    """Decide by the token alone (section 3)."""
    lower = text.lower()
    kind = _NUMBER_TYPE if _NUMERIC.fullmatch(lower) else lower
    if text in (".", "?", "!"):
        return _Token(text, kind, False, False, True)
    if _ELLIPSIS.fullmatch(text):
        return _Token(text, kind, False, True, False)
    if not text.endswith(".") or text.endswith(".."):
        return _Token(text, kind, False, False, False)
    stem = lower[:-1]
    known = stem in parameters.abbreviations or stem.rpartition("-")[2] in parameters.abbreviations
    return _Token(text, kind, known, False, not known)


def _second_pass(token: _Token, following: _Token, parameters: _Parameters) -> bool:
    """Decide whether a token ends a sentence by the token that follows (section 4)."""
    if not token.text.endswith("."):
        return token.ends
    kind, next_word = token.without_period, following.word
    if (kind, next_word) in parameters.collocations:  # 4.1.2
        return False
    is_initial = _INITIAL.fullmatch(token.text) is not None
    starts = _starts_sentence(following, parameters)
    if (token.is_abbreviation or token.is_ellipsis) and not is_initial:  # 4.2
        return starts is True or (following.text[0].isupper() and next_word in parameters.starters)
    if is_initial or kind == _NUMBER_TYPE:  # 4.3
        if starts is False:
            return False
        seen = parameters.orthography.get(next_word, 0)
        if starts is None and is_initial and following.text[0].isupper() and not seen & _LOWER:  # "J. Bach"
            return False
    return token.ends


def _starts_sentence(token: _Token, parameters: _Parameters) -> bool | None:
    """Return whether a token is written as at the beginning of a sentence; None if that is uncertain (4.1.1)."""
    if token.text in (";", ":", ",", ".", "!", "?"):
        return False
    seen = parameters.orthography.get(token.word, 0)
    if token.text[0].isupper() and seen & _LOWER and not seen & _UPPER_WITHIN:
        return True
    if token.text[0].islower() and (seen & _UPPER or not seen & _LOWER_AT_BEGINNING):
        return False
    return None


def _with_closing_marks(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Extend each sentence by the quotes and brackets that follow its mark."""
    moved = 0  # characters that the sentence before has taken from this one
    for (start, end), following in zip(spans, [*spans[1:], None], strict=True):
        start += moved
        closing = following and _CLOSING.match(text[following[0] : following[1]])
        if following and closing:
            moved = closing.end()
            yield start, following[0] + len(closing.group().rstrip())
            continue
        moved = 0
        if start < end:
            yield start, end
