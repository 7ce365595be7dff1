"""Find parts of a page that stand on it twice, such as a version for phones beside that for desktops, or one to print.

A part is left out if each of its paragraphs is in the text before it, apart from labels such as "Back to top"; or in the
text after it, if that goes on where the part ends. Paragraphs that come again are not always parts: a policy may say the same
below the heading of each state. So a part stays if it has a heading of its own above it, and a part without headings counts
only if it is large. Parts that differ in a paragraph, a number or a heading may be versions of a policy for two regions;
both stay.

The time is linear: paragraphs are looked up in a dictionary, and each element adds its sums to those of the one around it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from classifier.readers.html.dom import INLINE, MIN_PROSE_WORDS, Element, outermost, overlaps

MIN_REPEATED_WORDS = 50
"""Words of a part that stands on a page twice, at least."""
MIN_BARE_WORDS = 300
"""Words of such a part without headings, at least, unless it is a large share of the page."""
MIN_BARE_SHARE = 0.2
"""Share of the page's words in a part without headings from which on it counts, however few words it has."""
MIN_PROSE_SHARE = 0.5
"""Share of a part's words in prose, at least; tables and lists of words come again in many policies."""
MAX_LABEL_SHARE = 0.05
"""Share of a part's words in labels that are nowhere else, at most."""
MAX_SPREAD = 2
"""Words of the text that a part repeats, from its first paragraph to its last one, for each word of the part, at most."""
MIN_SIMILAR_SHARE = 0.6
"""Share of repeated words from which on a part is said to be like one before it, though it stays."""
MAX_STEPS_PER_TEXT = 50
"""Texts looked at to find out whether elements may be copies, for each text of the page."""
NOTED_WORDS = 300
"""Words of a part from which on a note says that it stands on the page twice."""
_PARTS = frozenset("div section article main aside center form details iframe noscript shadow-root".split())
_HEADING = re.compile(r"h[1-6]")
_NO_HEADING = 7
_DIGIT = re.compile(r"\d")
_VERSION = re.compile(r"\b(?:print\w*|mobile|desktop|phone|version|pdf|copy)\b")
"""Words in the label or heading of a copy."""


class Repeated(NamedTuple):
    """Parts of a page that are elsewhere in its text, and the number of words in parts that are only like another one."""

    parts: list[Element]
    similar_words: int


def find_repeated_parts(body: Element, removed: Container[Element], centers: Container[Element] = ()) -> Repeated:
    """Return the parts of a page that stand on it twice, without the copy that is to be read.

    Parameters
    ----------
    body
        The body of a page.
    removed
        Elements that are left out for other reasons.
    centers
        Its preference centers. They repeat one another at most, not the policy, and as a whole.

    Examples
    --------
    >>> from classifier.readers.html.dom import parse_html
    >>> policy = "<h2>Logs</h2><p>We keep the logs of our servers for a month, and then delete them.</p>" * 4
    >>> body = parse_html(f"<div class=desktop>{policy}</div><div class=mobile>{policy}</div>", "page")
    >>> [element.attributes["class"] for element in find_repeated_parts(body, ()).parts]
    ['mobile']
    """
    prose = _Prose(body)
    if not prose.is_repeated:
        return Repeated([], 0)
    candidates = [element for element in _kept(body, removed) if _may_be_part(element) or element in centers]
    similar = outermost(element for element in candidates if prose.is_similar(element) and element not in centers)
    parts: list[Element] = []
    if any(map(prose.may_be_copy, candidates)):
        page = _Page(body, removed, centers)
        paragraphs = page.paragraphs
        before = page.sums([paragraph.first for paragraph in paragraphs])
        copies = _outermost(span for span in before if page.is_copy(span, span.high < span.start))
        after = page.sums(_last(paragraphs, copies))
        beginnings = _outermost(span for span in after if page.is_copy(span, span.low >= span.end))
        parts = outermost(sorted((span.element for span in (*copies, *beginnings)), key=lambda part: part.number))
    numbers = [part.number for part in parts]
    return Repeated(parts, sum(element.words for element in similar if not overlaps(element, parts, numbers)))


class _Prose:
    """The texts in prose of a page, which tell soon that nothing comes again, as on most pages; a few words stand for each.

    Attributes
    ----------
    is_repeated
        Whether any text comes again.
    """

    def __init__(self, body: Element) -> None:
        self._body = body
        prose = body.page.prose
        texts = [(text.words, text.sample) for text in prose]
        counts = Counter(texts)
        self.is_repeated = len(counts) < len(texts)
        if not self.is_repeated:
            return
        self._numbers = [text.number for text in prose]
        self._unique = [number for number, text in zip(self._numbers, texts, strict=True) if counts[text] == 1]
        first: dict[tuple[int, tuple[str, ...]], int] = {}
        self._first = [first.setdefault(text, at) for at, text in enumerate(texts)]
        last = {text: at for at, text in enumerate(texts)}
        self._last = [last[text] for text in texts]
        # the number of repeated words before each text
        repeated = (text[0] * (first[text] < at) for at, text in enumerate(texts))
        self._repeated_before = [0, *accumulate(repeated)]
        self._steps = MAX_STEPS_PER_TEXT * len(texts)

    def may_be_copy(self, element: Element) -> bool:
        """Whether all prose of an element is before it too, or after it; True if that takes too long to find out."""
        if element.prose_words < MIN_PROSE_SHARE * MIN_REPEATED_WORDS:
            return False
        if not element.headings and element.words < min(MIN_BARE_WORDS, MIN_BARE_SHARE * self._body.prose_words):
            return False
        at = bisect_left(self._unique, element.number)
        if at < len(self._unique) and self._unique[at] <= element.last_number:
            return False
        start, end = self._texts_in(element)
        self._steps -= end - start
        if self._steps < 0:
            return True
        return max(self._first[start:end], default=end) < start or min(self._last[start:end], default=0) >= end

    def is_similar(self, element: Element) -> bool:
        """Whether an element is large, and most of it is in the text before it."""
        if element.words < max(NOTED_WORDS, MIN_BARE_SHARE * self._body.words):
            return False
        start, end = self._texts_in(element)
        repeated_words = self._repeated_before[end] - self._repeated_before[start]
        if repeated_words < MIN_SIMILAR_SHARE * element.prose_words:
            return False
        self._steps -= end - start
        is_before = self._steps >= 0 and sum(first < start for first in self._first[start:end])
        return is_before >= MIN_SIMILAR_SHARE / 2 * (end - start)

    def _texts_in(self, element: Element) -> tuple[int, int]:
        return bisect_left(self._numbers, element.number), bisect_right(self._numbers, element.last_number)


def _kept(body: Element, removed: Container[Element]) -> Iterator[Element]:
    """Yield the elements in the body that are not in removed ones, in document order."""
    passed = body.number
    for element in body.subtree():
        if element.number > passed:
            if element in removed:
                passed = element.last_number
            else:
                yield element


def _may_be_part(element: Element) -> bool:
    return element.tag in _PARTS or "-" in element.tag


class _Paragraph(NamedTuple):
    """A paragraph, label or heading.

    Attributes
    ----------
    first
        Index of the first paragraph with its text.
    words
        Number of its words.
    rank
        Its rank as a heading, 0 if it is none.
    heading
        Index of the heading above it; above a heading, of the next one of higher rank. -1 without one.
    is_label
        Whether it is short, without a number, and no heading.
    is_echo
        Whether it is the same as the one before it.
    is_title
        Whether it is short or a heading, and of the text below rather than of a version of it, such as "To print".
    span
        Index of the innermost element around it.
    """

    first: int
    words: int
    rank: int
    heading: int
    is_label: bool
    is_echo: bool
    is_title: bool
    span: int


class _Span:
    """An element and its paragraphs.

    Attributes
    ----------
    outer
        Index of the element around it, -1 for the body.
    start, end
        Index of its first paragraph, and of the first one after it.
    heading_rank
        The rank of the heading that it is or is in, 0 if there is none.
    is_in_center, is_in_menu
        Whether it is a preference center or in one; whether it is in navigation, where no label is a title of a policy.
    is_part
        Whether it may be a part that stands on the page twice.
    words, prose_words, new_label_words
        Words in all, in prose, in labels that are nowhere else.
    low, high
        The smallest and the largest index of copies of its paragraphs, labels left out.
    rank
        The highest rank of a heading in it.
    """

    __slots__ = (
        "element", "end", "heading_rank", "high", "is_in_center", "is_in_menu", "is_part", "low", "new_label_words", "outer",
        "prose_words", "rank", "start", "words",
    )  # fmt: skip

    def __init__(self, element: Element, outer: int, start: int) -> None:
        self.element = element
        self.outer = outer
        self.start = self.end = start
        self.heading_rank = 0
        self.is_in_center = self.is_in_menu = self.is_part = False
        self.clear()

    def clear(self) -> None:
        self.words = self.prose_words = self.new_label_words = 0
        self.low, self.high, self.rank = 10**9, -1, _NO_HEADING

    def add(self, inner: _Span) -> None:
        """Add the sums of an element directly in it."""
        self.words += inner.words
        self.prose_words += inner.prose_words
        self.new_label_words += inner.new_label_words
        self.low = min(self.low, inner.low)
        self.high = max(self.high, inner.high)
        self.rank = min(self.rank, inner.rank)

    def add_paragraph(self, paragraph: _Paragraph, copy: int, is_new: bool) -> None:
        """Add a paragraph directly in it, with the index of its copy."""
        self.words += paragraph.words
        if paragraph.is_label:
            self.new_label_words += paragraph.words * is_new
            return
        self.low = min(self.low, copy)
        self.high = max(self.high, copy)
        if paragraph.rank:
            self.rank = min(self.rank, paragraph.rank)
        if paragraph.words >= MIN_PROSE_WORDS and not paragraph.is_echo:
            self.prose_words += paragraph.words


class _Page:
    """The paragraphs of a page and the elements around them, in document order."""

    def __init__(self, body: Element, removed: Container[Element], centers: Container[Element]) -> None:
        self.paragraphs: list[_Paragraph] = []
        self.spans = [_Span(body, -1, 0)]
        self._words_before = [0]  # number of words before each paragraph
        self._first: dict[tuple[bool, str], int] = {}  # in a center or not, and text, to the first paragraph with it
        self._texts: list[str] = []
        self._read(body, removed, centers)

    def _read(self, body: Element, removed: Container[Element], centers: Container[Element]) -> None:
        at = 0  # index of the innermost open element
        stack: list[Element | str | None] = list(reversed(body.children))  # None ends an element
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                self._texts.append(item)
            elif item is None:
                self._flush(at)
                self.spans[at].end = len(self.paragraphs)
                at = self.spans[at].outer
            elif item.tag in INLINE:
                if item not in removed:
                    stack.extend(reversed(item.children))
            else:
                self._flush(at)
                if item in removed or not item.words:
                    continue
                at = self._open(item, at, item in centers)
                stack.append(None)
                stack.extend(reversed(item.children))
        self._flush(at)
        self.spans[0].end = len(self.paragraphs)

    def _open(self, element: Element, outer: int, is_center: bool) -> int:
        """Add an element, and return its index."""
        span = _Span(element, outer, len(self.paragraphs))
        span.heading_rank = _rank(element) or self.spans[outer].heading_rank
        span.is_in_center = is_center or self.spans[outer].is_in_center
        span.is_in_menu = element.tag == "nav" or element.role == "navigation" or self.spans[outer].is_in_menu
        span.is_part = is_center or (not span.is_in_center and _may_be_part(element))
        self.spans.append(span)
        return len(self.spans) - 1

    def _flush(self, at: int) -> None:
        """Add the gathered texts as a paragraph of an element."""
        words = "".join(self._texts).casefold().split()
        self._texts.clear()
        if not words:
            return
        text, number, span = " ".join(words), len(self.paragraphs), self.spans[at]
        first = self._first.setdefault((span.is_in_center, text), number)
        rank = span.heading_rank
        is_short = len(words) < MIN_PROSE_WORDS
        is_label = is_short and not rank and _DIGIT.search(text) is None
        is_title = (is_short or rank > 0) and _VERSION.search(text) is None
        is_echo = number > 0 and self.paragraphs[-1].first == first
        heading = self._heading_above(number, rank or _NO_HEADING)
        self.paragraphs.append(_Paragraph(first, len(words), rank, heading, is_label, is_echo, is_title, at))
        self._words_before.append(self._words_before[-1] + len(words))

    def _heading_above(self, number: int, rank: int) -> int:
        """Return the last heading of higher rank before a paragraph, -1 if there is none; at most 6 steps."""
        heading = number - 1
        if heading >= 0 and not self.paragraphs[heading].rank:
            heading = self.paragraphs[heading].heading
        while heading >= 0 and self.paragraphs[heading].rank >= rank:
            heading = self.paragraphs[heading].heading
        return heading

    def sums(self, copies: Sequence[int]) -> list[_Span]:
        """Sum up the paragraphs of each element, given the index of a copy of each; return elements that may be parts."""
        for span in self.spans:
            span.clear()
        for number, (paragraph, copy) in enumerate(zip(self.paragraphs, copies, strict=True)):
            self.spans[paragraph.span].add_paragraph(paragraph, copy, is_new=copy == number)
        for span in reversed(self.spans[1:]):
            self.spans[span.outer].add(span)
        return [span for span in self.spans if span.is_part and span.words >= MIN_REPEATED_WORDS]

    def is_copy(self, span: _Span, is_elsewhere: bool) -> bool:
        """Whether an element whose paragraphs all have copies elsewhere is a part that stands on the page twice."""
        if not is_elsewhere or span.high < 0 or span.prose_words < MIN_PROSE_SHARE * MIN_REPEATED_WORDS:
            return False
        if span.prose_words < MIN_PROSE_SHARE * span.words:
            return False
        if span.new_label_words > MAX_LABEL_SHARE * span.words:
            return False
        if span.rank == _NO_HEADING and span.words < min(MIN_BARE_WORDS, MIN_BARE_SHARE * self._words_before[-1]):
            return False
        words_of_copy = self._words_before[span.high + 1] - self._words_before[span.low]
        return words_of_copy <= MAX_SPREAD * span.words and (span.is_in_menu or not self._has_title_of_its_own(span))

    def _has_title_of_its_own(self, span: _Span) -> bool:
        """Whether a label or a heading above an element is not above its copy too."""
        label, heading = span.start - 1, self._heading_above(span.start, span.rank)
        above_copy = {span.low - 1}
        number = self._heading_above(span.low, _NO_HEADING)
        while number >= 0:
            above_copy.add(number)
            number = self.paragraphs[number].heading
        titles_of_copy = {self.paragraphs[number].first for number in above_copy if number >= 0}
        return any(
            number >= 0 and self.paragraphs[number].is_title and self.paragraphs[number].first not in titles_of_copy
            for number in (label, heading)
            if not span.low <= number <= span.high
        )


def _last(paragraphs: Sequence[_Paragraph], without: Sequence[_Span]) -> list[int]:
    """Return for each paragraph the index of the last one with its text that is in none of some elements."""
    last: dict[int, int] = {}
    kept_from = 0
    for span in (*without, None):
        for number in range(kept_from, span.start if span is not None else len(paragraphs)):
            last[paragraphs[number].first] = number
        kept_from = span.end if span is not None else 0
    return [last.get(paragraph.first, number) for number, paragraph in enumerate(paragraphs)]


def _outermost(spans: Iterable[_Span]) -> list[_Span]:
    """Return the elements, which are in document order, that are in none of the others."""
    found: list[_Span] = []
    for span in spans:
        if not found or span.start >= found[-1].end:
            found.append(span)
    return found


def _rank(element: Element) -> int:
    """Return the rank of a heading, 0 if an element is none."""
    if _HEADING.fullmatch(element.tag):
        return int(element.tag[1])
    return 2 if element.role == "heading" else 0
