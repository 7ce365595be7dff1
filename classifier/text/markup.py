"""A string becomes terms: the one analyser, used by training and by tagging.

A token is a run of letters or digits, lower-cased and cut to its Snowball stem. Numbers of more than two digits are "0":
"13" tells a clause on children, "1798" is one of too many. Of an e-mail address only the "@" is a token. Terms are the
stems and the pairs of neighbouring stems. What Unicode writes in several ways (ligatures, accents apart, soft hyphens) is
one word. Stop words stay: without them F1 on OPP-115 falls by a point and a half ("we do *not* sell").
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

import Stemmer

# Marks and invisible characters inside a word belong to it: accents written apart, soft hyphens, joiners.
_INNER = "\u00ad\u0300-\u036f\u200b-\u200d\u2060\ufeff"
_TOKEN = re.compile(rf"[^\W_]+(?:[{_INNER}]+[^\W_]*)*|@")
_OF_WORD = re.compile(rf"[^\W_]|[{_INNER}]")
# Also white space, which some letters are taken apart into: a stem holds none, since terms of two stems do.
_DROPPED = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff]")
BREAK = re.compile(r"\r\n|\r|\n")
BULLETS = "*+•·◦▪‣○●■–-"
BULLET = re.compile(rf"[{BULLETS}][ \t]+(?=\S)")
NUMBER = re.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)][ \t]+(?=\S)")
"""What ends a line, and how an item of a list is marked at the start of one; readers use the same."""
_LINK_TARGET = re.compile(r"\]\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)")
# Lengths are bounded as in RFC 5321, which also keeps the search linear.
_LOCAL_PART = re.compile(r"[\w.+-]{1,64}\Z")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# Patterns that are searched for begin with the characters that they can begin with, and look behind these only then, so that
# `re` passes over all others several times as fast; here, and in _EMPHASIS, _BRACKETS and the links of `readers.markdown`.
# Here: a bracket that a backslash stands before, or no letter.
_MASKED_ADDRESS = re.compile(
    r"[\\\[<{-](?:(?<=\\)[\[<{-]|(?<!\\)(?<!\w.))e-?mail(?:[ _\xa0-](?:protected|address))?\\?[\]>}-](?!\w)",
    re.IGNORECASE,
)
_MASKED_BEGINNINGS = tuple(opening + letter for opening in "[<{-" for letter in "eE")
_MARKED = frozenset(">#" + BULLETS)
_MARKERS = re.compile(rf"^[ \t]*(?:>[ \t]?)*(?:#{{1,6}}[ \t]+|[{BULLETS}][ \t]+)?", re.MULTILINE)
_BULLET_LINE = re.compile(rf"^[ \t]*(?:>[ \t]?)*[{BULLETS}](?=[ \t])", re.MULTILINE)
_SHORT_LINE = 60
# Control characters could move the cursor or recolour the terminal, direction marks reorder what is read.
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
OWN = "\x1e"
"""What `with_context` puts before a clause's own text."""
# What an underscore could not begin the next one cannot either, unless that one was escaped: to try it would make a long
# blank to fill in take the square of its length.
_EMPHASIS = re.compile(r"\*\*+|\*(?:(?<!\w\*)[*_]*|[*_]*(?!\w))|_(?:(?<!\w_)[*_]*|(?<![^\\]__)[*_]*(?!\w))|``*")
_MARKUP = re.compile(rf"\\([!-/:-@\[-`{{-~])|{_EMPHASIS.pattern}")
_UNDERLINE = re.compile(r"^[ \t]*[=-]{3,}[ \t]*$", re.MULTILINE)
_BRACKETS = re.compile(r"(?:!\[|\[(?<!\\\[))((?:[^\[\]\\]++|\\.)*+)\]")
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
    found = list(_TOKEN.finditer(blank(text)))
    stems = stem([word(match.group()) for match in found])
    return [Token(stem, *match.span()) for stem, match in zip(stems, found, strict=True)]


def stems(text: str) -> list[str]:
    """List the stems of a text in reading order.

    >>> stems("We keep logs for 30 days.")
    ['we', 'keep', 'log', 'for', '30', 'day']
    """
    return stem([word(found) for found in _TOKEN.findall(blank(text))])


def terms(text: str, window: int = 0) -> list[str]:
    """List the terms of a text: every stem, then every two neighbours, then what stands together within `window` words.

    >>> terms("We keep logs.")
    ['we', 'keep', 'log', 'we keep', 'keep log']
    >>> terms("We keep logs.", window=2)[5:]
    ['keep~we', 'log~we', 'keep~log']
    """
    words = stems(text)
    own = stems(text[own_start(text) :]) if window else []
    near = [together(a, b) for number, a in enumerate(own) for b in own[number + 1 : number + window + 1] if a != b]
    return words + [f"{a} {b}" for a, b in pairwise(words)] + near


def own_start(text: str) -> int:
    """Give the place where a clause's own text begins, after what `with_context` put before it; 0 without."""
    return text.rfind(OWN) + 1


def together(a: str, b: str) -> str:
    """Name the term of two stems that stand near each other, whichever comes first."""
    return f"{a}~{b}" if a < b else f"{b}~{a}"


def word(found: str) -> str:
    """Give a word as it is stemmed: lower case, one way of writing, "0" for a number of more than two digits.

    >>> word("Cookies"), word("1798"), word("ﬁle")
    ('cookies', '0', 'file')
    """
    if found.isascii():
        return "0" if len(found) > 2 and found.isdigit() else found.lower()
    import unicodedata  # few texts need it

    folded = _DROPPED.sub("", unicodedata.normalize("NFKC", found))
    return "0" if len(folded) > 2 and folded.isdigit() else folded.lower()


def is_of_word(character: str) -> bool:
    """Whether a character beyond ASCII is part of a word that it stands in: letters, digits, accents, what is invisible."""
    return _OF_WORD.match(character) is not None


def with_context(text: str, headings: Sequence[str] = (), context: str = "") -> str:
    r"""Put before a clause what helps to understand it, each on a line: the nearest heading and the lead-in.

    A mark ends them, since stems of a heading do not stand near those of the text: counted as if they did, they cost half a
    point of F1 on OPP-115.

    >>> with_context("As long as needed.", ("Privacy Policy", "Retention"))
    'Retention\n\x1eAs long as needed.'
    """
    before = "".join([f"{part}\n" for part in (*headings[-1:], *([context] if context else []))])
    if OWN in text or OWN in before:  # somebody else's, which would move where the clause begins
        before, text = before.replace(OWN, " "), text.replace(OWN, " ")
    return before + OWN + text if before else text


def blank(text: str) -> str:
    """Write spaces over what is no language, so that every other character keeps its place.

    Of an e-mail address its "@" stays, and one that was masked ("[email protected]") gets it back; of a Markdown link its
    text stays.

    >>> blank("write to privacy@example.org or see [this](https://example.org)")
    'write to        @            or see [this                      '
    >>> blank("mail [email protected] now")
    'mail @                 now'
    """
    if "](" in text:
        own = own_start(text)  # no link begins in what stands before a clause and ends in the clause
        text = _blank_targets(text[:own]) + _blank_targets(text[own:])
    if "@" in text:
        text = _blank_addresses(text)
    if any(beginning in text for beginning in _MASKED_BEGINNINGS) and "mail" in text.lower():
        text = _MASKED_ADDRESS.sub(lambda match: "@" + " " * (len(match.group()) - 1), text)
    return text


def _blank_targets(text: str) -> str:
    return _LINK_TARGET.sub(lambda match: " " * len(match.group()), text)


def _blank_addresses(text: str) -> str:
    """Look around each "@": a pattern for the whole would try every word of the text as a beginning."""
    parts, done, at = [], 0, text.find("@")
    while at >= 0:
        before = _LOCAL_PART.search(text, max(done, at - 64, text.rfind(" ", max(done, at - 64), at) + 1), at)
        after = before and _DOMAIN.match(text, at + 1)
        if before and after:
            parts += [text[done : before.start()], " " * (at - before.start()), "@", " " * (after.end() - at - 1)]
            done = after.end()
        at = text.find("@", max(at + 1, done))
    return "".join([*parts, text[done:]])


def lines(text: str, wrapped: bool = True) -> list[str]:
    r"""Give a clause as the lines a person would see: its paragraph, and each item of a list or line of an address.

    Where the source is no `wrapped` text, but was extracted from a page, each of its lines is one.

    >>> lines("We collect:\n\n* your **name**;\n* your address.")
    ['We collect:', '• your name;', '• your address.']
    """
    result: list[list[str]] = []  # for each line of the result the source lines that it is wrapped over
    short = False
    for line in filter(str.strip, BREAK.split(text)):
        content, start = plain(line), line.lstrip(" \t")
        bullet = BULLET.match(start) is not None
        if wrapped and result and not short and not bullet and not NUMBER.match(start):
            result[-1].append(content)
        elif content:
            result.append([f"• {content}" if bullet else content])
        short = len(content) <= _SHORT_LINE
    return [" ".join(parts) for parts in result]


def safe(text: str) -> str:
    r"""Replace what could play tricks on who reads: controls, escape sequences, marks of direction.

    >>> safe("red: \x1b[31m")
    'red: �[31m'
    """
    return text if text.isprintable() else _UNSAFE.sub("\ufffd", text)  # most text is, and to see it is quick


def marked_lines(text: str, spans: Iterable[tuple[int, int]], wrapped: bool = True) -> list[list[tuple[str, int]]]:
    """Give a clause as `lines` does, cut where spans of it begin and end.

    Parameters
    ----------
    text
        The clause.
    spans
        Places in it, as (start, end); where they overlap, the last one counts.
    wrapped
        As in `lines`.

    Returns
    -------
    list of list of (str, int)
        For each line its parts, each with the number of the span it stands in, -1 for none.

    Examples
    --------
    >>> marked_lines("We keep **server logs**.", [(10, 16)])
    [[('We keep ', -1), ('server', 0), (' logs.', -1)]]
    """
    owner = [-1] * len(text)
    for number, (start, end) in enumerate(spans):
        owner[start:end] = [number] * len(owner[start:end])
    shown = lines(text, wrapped)
    if max(owner, default=-1) < 0:
        return [[(line, -1)] for line in shown]
    # a person sees the source without some of its characters; targets of links could be taken for the text after them
    source = _Source(
        _LINK_TARGET.sub(lambda match: "]" + " " * (len(match.group()) - 1), text) if "](" in text else text
    )
    return [_cut(line, source.owners(line, owner)) for line in shown]


class _Source:
    """A text in which the characters of its lines, as `lines` returns them, are found one after the other.

    Each character is looked for after the one before it. Where one is not found, the place stays.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._last: dict[str, int] = {}
        self._has_bullets = True

    def owners(self, line: str, owner: Sequence[int]) -> list[int]:
        """Return for each character of the next line its owner, by the owners of the characters of the text."""
        found: list[int] = []
        if line.startswith("• ") and self._skip_bullet():
            found.append(-1)
        for number, word in enumerate(line[len(found) :].split(" ")):
            if number:
                found.append(self._of_blank(found, owner))
            if not word:
                continue
            at = self._find(word[0])
            if at >= 0 and self._text.startswith(word, at):
                self._at = at + len(word)
                found += owner[at : self._at]
            else:  # markup stands within the word
                found += [self._of_character(character, owner) for character in word]
        return found

    def _skip_bullet(self) -> bool:
        """Go to the next bullet, which may be written otherwise than it is shown; return False if there is none."""
        bullet = _BULLET_LINE.search(self._text, self._at) if self._has_bullets else None
        if bullet is None:
            self._has_bullets = False
            return False
        self._at = bullet.end() - 1
        return True

    def _of_blank(self, found: Sequence[int], owner: Sequence[int]) -> int:
        """Return the owner of a blank: a span's, if the characters on both sides belong to it."""
        at = self._at
        if not found or at >= len(owner) or owner[at - 1] != owner[at] or found[-1] != owner[at]:
            return -1
        return owner[at]

    def _of_character(self, character: str, owner: Sequence[int]) -> int:
        at = self._find(character)
        if at < 0:
            return -1
        self._at = at + 1
        return owner[at]

    def _find(self, character: str) -> int:
        """Find the next place of a character, -1 if there is none; each part of the text is searched once."""
        if self._last and self._last.get(character, -1) < self._at:
            return -1
        at = self._text.find(character, self._at)
        if at < 0 and not self._last:  # hardly ever; to search the rest of the text each time would take quadratic time
            self._last = {character: at for at, character in enumerate(self._text)}
        return at


def _cut(line: str, owners: Sequence[int]) -> list[tuple[str, int]]:
    """Cut a line where the owner of its characters changes."""
    if owners.count(owners[0]) == len(owners):
        return [(line, owners[0])]
    parts, start = [], 0
    for owner, run in groupby(owners):
        end = start + sum(1 for _ in run)
        parts.append((line[start:end], owner))
        start = end
    return parts


def plain(text: str) -> str:
    """Give a piece of a source as a person would read it: no markup, one space between words.

    >>> plain("##  **_Cookies._** See [this](https://example.org)")
    'Cookies. See this'
    """
    # each pattern only where it could be found: this is most of the time in which a policy is read
    if "\r" in text:
        text = BREAK.sub("\n", text)
    if "](" in text:
        text = _LINK_TARGET.sub("]", text)
    if "\n" in text:
        text = _UNDERLINE.sub("", _MARKERS.sub("", text))
    else:
        if text.lstrip(" \t")[:1] in _MARKED and (markers := _MARKERS.match(text)):
            text = text[markers.end() :]
        if not text.strip("=- \t"):
            text = _UNDERLINE.sub("", text)
    if "[" in text:
        text = _BRACKETS.sub(itemgetter(1), text)
    if "*" in text or "_" in text or "\\" in text or "`" in text:
        # escapes in the same pass as emphasis, so that an escaped star or underscore stays
        text = _MARKUP.sub(lambda match: match[1] or "", text) if "\\" in text else _EMPHASIS.sub("", text)
    return " ".join(text.split())
