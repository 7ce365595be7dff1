"""Bound the cost of a web page by counting, before it is parsed.

Parsers of HTML repair tags that are not closed or wrongly nested, and a page made for it costs them minutes or gigabytes:
thousands of elements open at once, formatting that each paragraph opens again. A few counts show of most pages that they
cannot be among these (`is_cheap`). All others are read in a process with limits.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from classifier.errors import ReadError

MAX_NODES = 200_000
"""Elements and texts that are read of a page; real pages have 5 % of it."""
MAX_REOPENED = 20_000
"""Formatting elements that a parser makes beyond those that are written, since they were not closed."""
MAX_COST = 10_000_000
"""Sum over the elements of a page of their depths; real pages have 1 % of it."""
MAX_ATTRIBUTES, MAX_OPTIONS = 5_000, 8_000
"""Attributes in one tag, options of fields; a page with more is refused before it is parsed. Real pages have 5 % of it."""

MAX_COUNTED_BYTES = 16 * 2**20
"""A larger page is not counted."""
CHEAP_BYTES = 1_500_000
CHEAP_TAGS = 12_000
CHEAP_NODES = 30_000
CHEAP_STEPS = 20_000_000
CHEAP_ATTRIBUTES = 2_000
"""A page is cheap up to these: bytes, "<" signs, nodes and pieces, tags times open elements, attributes in one tag."""
ADOPTED = 32
"""Elements that an end tag of a formatting element makes at most: 8 rounds, each of 1 element and at most 3 within it."""

FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that the parser opens again where they were not closed."""
WITHIN_LINES = frozenset("abbr cite label mark span sub sup time".split())
"""Elements without rules of their own that pages have within lines."""
NEVER_OPEN = frozenset("br embed hr img meta wbr".split())
"""Void elements that are so even in pictures and formulas."""
_COUNTED = frozenset("col colgroup option table td th tr".split())
_ATTRIBUTE = (
    r"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|))?+"
)
_REST = rf"(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+"
# as the tokenizer of the HTML standard does; a quote or a comment that does not end goes to the end of the page
_ATTRIBUTE_NAMES = re.compile(_ATTRIBUTE.replace("/>=]*+", "/>=]*+)", 1).replace("[", "([", 1))
_COPIES = re.compile("<(?=selectedcontent)", re.IGNORECASE)
_WRITTEN = re.compile(rf"<(?:{'|'.join(sorted(FORMATTING))})(?![a-z0-9-])", re.IGNORECASE)


def written_formatting(html: str) -> int:
    """Count the formatting elements that are written on a page, at least."""
    return sum(1 for _ in _WRITTEN.finditer(html))


def too_large(name: str, what: str) -> ReadError:
    """Make the error for a page that would take too long."""
    return ReadError(f"{name}: has {what}, which no policy has; save the policy alone")


def without_copies(html: str) -> str:
    """Rename elements that repeat the content of others: <selectedcontent> shows the chosen option once more."""
    return _COPIES.sub("<x-", html) if "electedcontent" in html.lower() else html


# --- cheap pages -------------------------------------------------------------------------------------------------------

# a tag that surely ends where it seems to: no "<" or ">" between its quotes
_WHOLE_TAG = re.compile(
    rb"(/?)(?:((?i:%b))(?=[\t\n\f\r />])|[a-zA-Z][a-zA-Z0-9:-]*+)"
    rb"((?:[\t\n\f\r ]++[^\t\n\f\r />=\"'<]++(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    rb"(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\t\n\f\r >\"'<=`]++))?+)*+)[\t\n\f\r ]*+/?>"
    % "|".join(sorted(FORMATTING | WITHIN_LINES | NEVER_OPEN | _COUNTED)).encode()
)
_REST_OF_TAG = re.compile(rb"/?[a-zA-Z][^\t\n\f\r />]*+" + _REST.encode())
_NAMES_IN_TAG = re.compile(_ATTRIBUTE_NAMES.pattern.encode())
_LOOSE_FORMATTING = re.compile(
    rb"/?(?:%b)(?![a-z0-9])" % b"|".join(sorted(name.encode() for name in FORMATTING)), re.IGNORECASE
)
_ROWSPAN = re.compile(rb"rowspan[\t\n\f\r ]*+=[\t\n\f\r ]*+[\"']?+([0-9]{1,9})[\"' >/\t\n\f\r]")
_NEVER_OPEN = frozenset(name.encode() for name in NEVER_OPEN)
_COUNTED_BYTES = frozenset(name.encode() for name in _COUNTED)
_FORMATTING_BYTES = frozenset(name.encode() for name in FORMATTING)


def is_cheap(data: bytes, name: str) -> bool:
    """Whether a page surely takes at most about half a second and 100 MB to parse and read.

    Raises
    ------
    ReadError
        If it could take so much that it is not worth a try.

    Notes
    -----
    A page that is not may be as cheap; nobody knows before it is parsed. The argument, for a parser that follows the HTML
    standard:

    1. Each token but text begins with "<", so there are at most `L` of them, `L` being the number of these signs, and as
       many texts. A token makes at most 1 element of its own; a cell, a row, a column at most 2 that were left out around it.
       Comments, scripts and attributes make `L` larger, never smaller. In UTF-16 and ISO-2022-JP this does not hold: such
       pages are not cheap.
    2. More is made only of formatting elements (`FORMATTING`) that are closed without their end tags. One that is followed,
       with nothing but text, void elements and well-nested elements of a line between, by its own end tag is not among them
       ("paired"): if its start tag is one, and does not stand in a comment, then so are those tags. Of the others at most 3
       alike are remembered by a parser, and 1 <a> and 1 <nobr>. So at most `F` are opened again at once, `F` being 2 plus the
       sum over the different tags of min(3, count); tags that are not surely whole count one each. They are closed by a tag
       that is not paired, so at most `F` times the number of those are made.
    3. An end tag that is not paired, of an unpaired kind of formatting element, makes at most `ADOPTED` elements. So does an
       <a> while another one is open, which it closes, so no more often than there are unpaired ones. An end tag may be
       unpaired though it does not seem so, if its start tag is in a comment or an attribute that ends between the two. Each
       of these begins with a "<" that begins no whole tag, and ends once, within at most as many pairs as are nested.
    4. At most as many elements are open as there are start tags that are neither void nor paired, 2 for each table added;
       formatting opened again is open in one place only. The time of the parser grows with that number times the tags.
    5. A tag that is surely whole has as many attributes as are counted in it; for each other "<" the tag that may begin there
       is read as the tokenizer reads it.
    6. Reading takes time that grows with the nodes, cells repeated by `rowspan`, lines of <pre>, and bytes.
    """
    if len(data) > MAX_COUNTED_BYTES or b"\0" in data or b"\x1b" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    counted = count(data)
    if counted.attributes > MAX_ATTRIBUTES:
        raise too_large(name, f"a tag with more than {MAX_ATTRIBUTES:,} attributes")
    if counted.options > MAX_OPTIONS:
        raise too_large(name, f"more than {MAX_OPTIONS:,} options in its fields")
    return (
        len(data) <= CHEAP_BYTES
        and counted.signs <= CHEAP_TAGS
        and counted.attributes <= CHEAP_ATTRIBUTES
        and counted.nodes <= CHEAP_NODES
        and counted.steps <= CHEAP_STEPS
        and b"<selectedcontent" not in data.lower()
    )


class Count(NamedTuple):
    """Upper bounds for a page: nodes made and pieces read, steps of the parser, attributes in one tag; options, "<" signs."""

    nodes: int
    steps: int
    attributes: int
    options: int
    signs: int


def count(data: bytes) -> Count:
    """Count what a page costs at most, as `is_cheap` explains."""
    lower = data.lower()
    signs = data.count(b"<")
    tags = _Tags(data)
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"&") if b"<pre" in lower else 0
    nodes = 2 * signs + 1 + tags.implied + tags.reopened() + ADOPTED * tags.adopting + lines + _repeated_cells(lower)
    steps = (signs + 16 * tags.adopting) * (tags.opened + tags.implied_open + 3) + tags.options * signs
    return Count(nodes, steps, tags.attributes, tags.options - tags.unsure, signs)


def _repeated_cells(lower: bytes) -> int:
    """Count the cells that `rowspan` repeats; where the count is not certain it is too many."""
    spans = _ROWSPAN.findall(lower) if b"rowspan" in lower else []
    return sum(min(1000, int(span)) for span in spans) if len(spans) == lower.count(b"rowspan") else CHEAP_NODES


class _Tags:
    """The tags of a page, counted by what a parser could do with them; see `is_cheap`.

    Attributes
    ----------
    opened
        Start tags that are neither void nor paired.
    unsure
        Tags that are not surely whole.
    options, implied, implied_open
        Options; elements of tables made though their tags were left out; how many of those are open at once.
    attributes
        The largest number of attributes in one tag; more than `CHEAP_ATTRIBUTES` where the count is not certain.
    adopting
        Tags that may move a formatting element into the blocks that are open in it.
    """

    def __init__(self, data: bytes) -> None:
        self.opened = self.attributes = self.adopting = self.options = self.implied = self.implied_open = 0
        self._unpaired: dict[
            tuple[bytes, bytes], int
        ] = {}  # start tags of formatting elements to how many of them are not paired
        # formatting tags that are not surely whole; all tags that are not; tags that are not paired
        self._loose = self.unsure = self._closing = 0
        self._count(data)

    def _count(self, data: bytes) -> None:
        unpaired_ends: dict[bytes, int] = {}
        paired_ends: dict[bytes, int] = {}
        counted = dict.fromkeys(_COUNTED_BYTES, 0)
        pending: list[tuple[bytes, bytes]] = []  # names and tags that are open since the last tag of a block
        deepest = contexts = looked_at = at = opened = closing = 0
        parts = data.split(b"<")
        match_tag = _WHOLE_TAG.match
        for part in parts[1:]:
            at += 1
            match = match_tag(part)
            if match is None:
                contexts += 1
                pending = self._unpair(pending)
                if part[:1].isalpha() or (part[:1] == b"/" and part[1:2].isalpha()):
                    looked_at += self._loose_tag(parts, at)
                    if looked_at > len(data):
                        self.attributes = CHEAP_ATTRIBUTES + 1
                        return
                continue
            slash, name, rest = match.groups()
            if len(rest) > 2 * CHEAP_ATTRIBUTES:
                self.attributes = max(self.attributes, len(_NAMES_IN_TAG.findall(rest)))
            if name is not None:
                name = name.lower()
                if name in _NEVER_OPEN:
                    if not slash:
                        continue
                elif name in _COUNTED_BYTES:
                    counted[name] += not slash
                elif not slash:
                    pending.append((name, rest))
                    continue
                elif pending and pending[-1][0] == name:
                    deepest = max(deepest, len(pending))
                    pending.pop()
                    paired_ends[name] = paired_ends.get(name, 0) + 1
                    continue
                else:
                    unpaired_ends[name] = unpaired_ends.get(name, 0) + 1
            if pending:
                pending = self._unpair(pending)
            closing += 1
            opened += not slash
        self._unpair(pending)
        self.opened += opened
        self.options = counted[b"option"] + self.unsure
        self.implied = 2 * sum(counted.values()) + 2 * self.unsure
        self.implied_open = 2 * counted[b"table"] + 2 * self.unsure
        surprises = contexts * deepest
        self._closing += closing + surprises
        if self._unpaired or self._loose:
            names = {name for name, _ in self._unpaired}
            all_ends = [(unpaired_ends, True), (paired_ends, False)]
            ends = {
                certain: sum(
                    count
                    for name, count in each.items()
                    if name in names or (self._loose and name in _FORMATTING_BYTES)
                )
                for each, certain in all_ends
            }
            links = sum(count for (name, _), count in self._unpaired.items() if name in (b"a", b"nobr"))
            self.adopting = ends[True] + min(surprises, ends[False]) + links + self._loose

    def _unpair(self, pending: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Count what is open in a line when a tag of a block comes; nothing is open in a line after it."""
        for tag in pending:
            self.opened += 1
            self._closing += 1
            if tag[0] in _FORMATTING_BYTES:
                self._unpaired[tag] = self._unpaired.get(tag, 0) + 1
        return []

    def _loose_tag(self, parts: list[bytes], at: int) -> int:
        """Count a tag that may begin at a part and be longer than it; return the bytes looked at."""
        self.opened += 1
        self._closing += 1
        self.unsure += 1
        self._loose += _LOOSE_FORMATTING.match(parts[at]) is not None
        text, last, size = parts[at], at + 1, 0
        while True:
            match = _REST_OF_TAG.match(text)
            end = match.end() if match is not None else 0
            size += end
            if end < len(text) or last == len(parts) or len(text) > 16 * CHEAP_ATTRIBUTES:
                break
            more = min(len(parts), 2 * last - at + 1)  # the tag may go on: look at twice as many parts
            text = b"<".join(parts[at:more])
            last = more
        if end > 2 * CHEAP_ATTRIBUTES:
            found = len(_NAMES_IN_TAG.findall(text, 0, end))
            # a tag that goes on beyond the text has more attributes than were counted
            self.attributes = max(self.attributes, found if end < len(text) else CHEAP_ATTRIBUTES + 1)
        return size

    def reopened(self) -> int:
        """Return how many formatting elements are opened again, at most."""
        at_once = self._loose
        names = {name for name, _ in self._unpaired}
        at_once += len(names & {b"a", b"nobr"})
        at_once += sum(min(3, count) for (name, _), count in self._unpaired.items() if name not in (b"a", b"nobr"))
        return at_once * (self._closing + 1)
