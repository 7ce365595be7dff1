r"""Decide by counting whether a page is certainly cheap to parse, before it is parsed.

Why: HTML parsers repair tags that are not closed or wrongly nested, and the tree builder of lexbor can take quadratic time
and memory on crafted pages: thousands of elements open at once, or formatting that each paragraph opens again. A few counts
prove for most pages that they are not among these (`is_cheap`); such pages are parsed in this process. All others are parsed
in a child process with limits of time and memory (`readers.isolated`). Pages with absurd numbers of attributes or options
are refused at once.

The bounds, and where their numbers come from:

===================  ==========  ========================================================================================
`MAX_NODES`             200,000  elements and texts copied from a parsed page; real pages have at most 5 % of it
`MAX_REOPENED`           20,000  formatting elements that the parser adds to those written; counted while copying
`MAX_DEPTH_SUM`      10,000,000  sum of the depths of all elements; real pages have 1 % of it
`MAX_ATTRIBUTES`          5,000  attributes in one tag; real pages have at most 5 % of it
`MAX_OPTIONS`             8,000  options of form fields; real pages have at most 5 % of it
`MAX_COUNTED_BYTES`      16 MiB  a larger page is not counted at all, and not cheap
`CHEAP_...`                      a page within all of these takes at most about 0.5 s and 100 MB to parse and read
===================  ==========  ========================================================================================

This module does not parse: it looks at "<" signs and at tags that are certainly complete. tests/test_html_growth.py holds its
counts against the nodes that lexbor makes.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from classifier.errors import ReadError

MAX_NODES = 200_000
"""Elements and texts that are read from a page; real pages have at most 5 % of it."""
MAX_REOPENED = 20_000
"""Formatting elements that the parser adds to those written, because they were not closed."""
MAX_DEPTH_SUM = 10_000_000
"""Sum over the elements of a page of their depths; real pages have 1 % of it."""
MAX_ATTRIBUTES = 5_000
"""Attributes in one tag. A page with more is refused before it is parsed; real pages have at most 5 % of it."""
MAX_OPTIONS = 8_000
"""Options of form fields. A page with more is refused before it is parsed; real pages have at most 5 % of it."""
MAX_COUNTED_BYTES = 16 * 2**20
"""Bytes of a page that is counted; a larger one is not cheap."""

CHEAP_BYTES = 1_500_000
CHEAP_TAGS = 12_000
""""<" signs of a cheap page."""
CHEAP_NODES = 30_000
"""Nodes of a cheap page and pieces read from it."""
CHEAP_STEPS = 20_000_000
"""Tags of a cheap page times elements that are open at once."""
CHEAP_ATTRIBUTES = 2_000
"""Attributes in one tag of a cheap page."""

MAX_ADOPTED = 32
"""Elements made by one end tag of a formatting element: 8 rounds of the adoption agency algorithm, each with 1 element and at
most 3 inside it."""
MAX_SPAN = 1000
"""Rows or columns that a cell spans when it is read; larger spans are cut to this."""

FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that the parser opens again if they were not closed."""
PHRASING = frozenset("abbr cite label mark span sub sup time".split())
"""Elements within lines for which the parser has no rules of their own."""
ALWAYS_VOID = frozenset("br embed hr img meta wbr".split())
"""Elements that never stay open, even in SVG and MathML."""
_COUNTED = frozenset("col colgroup option table td th tr".split())
"""Elements whose start tags are counted by name."""
_ATTRIBUTE = (
    r"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|))?+"
)
"""An attribute as the tokenizer of the HTML standard reads it; a quote without an end extends to the end of the page."""
_REST = rf"(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+"
_ATTRIBUTE_NAMES = re.compile(_ATTRIBUTE.replace("/>=]*+", "/>=]*+)", 1).replace("[", "([", 1))
_SELECTED_CONTENT = re.compile("<(?=selectedcontent)", re.IGNORECASE)
_TEMPLATE_TAG = re.compile(rf"<(/?)template(?=[\t\n\f\r />])({_REST})", re.IGNORECASE)
_SHADOW_ROOT_NAMES = frozenset(("shadowmode", "shadowroot", "shadowrootmode"))
_SCRIPT_TAG = re.compile(r"<script[\t\n\f\r />]", re.IGNORECASE)
_HEAD_TOKEN = re.compile(
    rf"[\t\n\f\r ]++|<!--(?!-?>).*?-->|<!doctype[^>]*+>|<(?:html|head|meta|link|base)(?=[\t\n\f\r />]){_REST}>"
    rf"|<(script|style|title|noscript)(?=[\t\n\f\r />]){_REST}>(.*?)</\1(?=[\t\n\f\r />])[^>]*+>",
    re.IGNORECASE | re.DOTALL,
)
"""A comment or an element that does not end the head of a page; groups: its tag if it has content, and the content."""
_FORMATTING_TAG = re.compile(rf"<(?:{'|'.join(sorted(FORMATTING))})(?![a-z0-9-])", re.IGNORECASE)


def count_written_formatting(html: str) -> int:
    """Return the number of formatting elements written on a page, or more."""
    return sum(1 for _ in _FORMATTING_TAG.finditer(html))


def too_costly(name: str, excess: str) -> ReadError:
    """Return the error for a page that would take too long; `excess` says what it has too much of."""
    return ReadError(f"{name}: has {excess}, which no policy has; save the policy alone")


def without_copies(html: str) -> str:
    """Rename <selectedcontent>, for which the parser would copy the content of the chosen option."""
    return _SELECTED_CONTENT.sub("<x-", html)


def without_head_noscript(html: str) -> str:
    """Leave out <noscript> in the head of a page, with which the parser would begin the body, since it runs no scripts.

    It is found by reading the head as the tokenizer of the HTML standard does, so what is left makes no tokens that the page
    did not have, and the bounds of `is_cheap` hold.

    >>> without_head_noscript("<html><head><noscript>&lt;img&gt;</noscript><title>x</title>")
    '<html><head><title>x</title>'
    """
    kept: list[str] = []
    at = kept_to = 0
    while match := _HEAD_TOKEN.match(html, at):
        tag, content = (match[1] or "").lower(), match[2] or ""
        if tag == "script" and _has_inner_script(content):  # its end tag is another one
            break
        at = match.end()
        if tag == "noscript":
            kept.append(html[kept_to : match.start()])
            kept_to = at
    return "".join([*kept, html[kept_to:]]) if kept else html


def with_shadow_roots(html: str) -> str:
    """Rename <template> to <shadow-root> where it is a declarative shadow root, which browsers show; the parser does not.

    The bounds of `is_cheap` hold for the page with new names too, since they count neither name.

    >>> with_shadow_roots("<x-y><template shadowrootmode=open><p>a</template></x-y><template></template>")
    '<x-y><shadow-root shadowrootmode=open><p>a</shadow-root></x-y><template></template>'
    """
    parts: list[str] = []
    kept_to = 0
    are_roots: list[bool] = []  # for each open template, whether it is a shadow root
    for tag in _TEMPLATE_TAG.finditer(html):
        if not tag[1]:
            are_roots.append(any(n.lower() in _SHADOW_ROOT_NAMES for n in _ATTRIBUTE_NAMES.findall(tag[2])))
        if are_roots and (are_roots.pop() if tag[1] else are_roots[-1]):
            parts += [html[kept_to : tag.start()], f"<{tag[1]}shadow-root"]
            kept_to = tag.start(2)
    return "".join([*parts, html[kept_to:]])


def prepared(html: str) -> str:
    """Return a page as it is given to the parser."""
    lower = html.lower()  # most pages hold none of these
    if "<noscript" in lower:
        html = without_head_noscript(html)
    if "electedcontent" in lower:
        html = without_copies(html)
    if "shadowroot" in lower or "shadowmode" in lower:
        html = with_shadow_roots(html)
    return html.replace("\0", "\ufffd")


def _has_inner_script(content: str) -> bool:
    """Whether a script opens another one in a comment; then the first end tag is that of the inner one."""
    begin = content.find("<!--")
    while begin >= 0:
        end = content.find("-->", begin + 2)
        if _SCRIPT_TAG.search(content, begin, end if end >= 0 else len(content)):
            return True
        begin = content.find("<!--", end) if end >= 0 else -1
    return False


# --- cheap pages -------------------------------------------------------------------------------------------------------

# a tag that certainly ends where it seems to: no "<" or ">" between its quotes
# groups: slash of an end tag, name if it is one that matters, attributes
_COMPLETE_TAG = re.compile(
    rb"(/?)(?:((?i:%b))(?=[\t\n\f\r />])|[a-zA-Z][a-zA-Z0-9:-]*+)"
    rb"((?:[\t\n\f\r ]++[^\t\n\f\r />=\"'<]++(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    rb"(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\t\n\f\r >\"'<=`]++))?+)*+)[\t\n\f\r ]*+/?>"
    % "|".join(sorted(FORMATTING | PHRASING | ALWAYS_VOID | _COUNTED)).encode()
)
_REST_OF_TAG = re.compile(rb"/?[a-zA-Z][^\t\n\f\r />]*+" + _REST.encode())
_NAMES_IN_TAG = re.compile(_ATTRIBUTE_NAMES.pattern.encode())
_INCOMPLETE_FORMATTING = re.compile(
    rb"/?(?:%b)(?![a-z0-9])" % b"|".join(sorted(name.encode() for name in FORMATTING)), re.IGNORECASE
)
_ROWSPAN = re.compile(rb"rowspan[\t\n\f\r ]*+=[\t\n\f\r ]*+[\"']?+([0-9]{1,9})[\"' >/\t\n\f\r]")
_COPIED = re.compile(rb"<selectedcontent|srcdoc|data:text/html", re.IGNORECASE)
"""What the parser copies, and pages in attributes, which are not counted."""
_ALWAYS_VOID_BYTES = frozenset(name.encode() for name in ALWAYS_VOID)
_COUNTED_BYTES = frozenset(name.encode() for name in _COUNTED)
_FORMATTING_BYTES = frozenset(name.encode() for name in FORMATTING)


def is_cheap(data: bytes, name: str) -> bool:
    """Whether a page certainly takes at most about half a second and 100 MB to parse and read.

    Parameters
    ----------
    data, name
        The page, and its name in messages.

    Raises
    ------
    ReadError
        If it has more attributes in a tag or options than any policy.

    Notes
    -----
    A page that is not proved cheap may still be cheap; only parsing it would tell. The proof, for a parser that follows the
    HTML standard:

    1. Tokens. Each token except text begins with "<", so with `L` such signs there are at most `L` of them and as many texts.
       A token makes at most 1 element of its own; a cell, row or column at most 2 more, which were left out around it.
       Comments, scripts and attributes only make `L` larger. UTF-16 and ISO-2022-JP encode "<" otherwise, so pages in these
       encodings are never cheap.
    2. Reopened formatting. The parser makes further elements only from formatting elements (`FORMATTING`) that are closed
       without their end tags. A start tag is "paired" if its own end tag follows with only text, void elements and well
       nested phrasing elements between; then it is not reopened. (If the start tag is not in a comment, nor are those tags.)
       Of equal unpaired tags the parser remembers at most 3, and only 1 <a> and 1 <nobr>. So it reopens at most `F` elements
       at once, where `F` is 2 plus the sum over different tags of min(3, count); a tag that may be incomplete counts 1.
       Unpaired tags close them, so the total is at most `F` times the number of unpaired tags.
    3. Adoption. An unpaired end tag of a formatting element that also has unpaired start tags makes at most `MAX_ADOPTED`
       elements. So does an <a> inside an open <a>, which it closes; that happens at most once per unpaired <a>. An end tag
       that seems paired may be unpaired if its start tag is in a comment or an attribute that ends between the two. Each such
       comment or attribute begins with a "<" that begins no complete tag, ends once, and does so within at most as many pairs
       as are nested.
    4. Steps. Open at once are at most the start tags that are neither void nor paired, plus 2 for each table; reopened
       formatting is open in one place only. The time of the parser grows with that number times the number of tags.
    5. Attributes. A complete tag has the attributes counted in it. For any other "<" the tag that may begin there is read as
       the tokenizer reads it.
       Pages in `srcdoc` attributes and addresses of data are not counted, so a page with one is never cheap.
    6. Reading takes time that grows with the nodes, the cells repeated by `rowspan`, the lines of <pre>, and the bytes.

    Examples
    --------
    >>> is_cheap(b"<html><p>We keep logs.", "page"), is_cheap(b"<div>" * 20_000, "page")
    (True, False)
    """
    if len(data) > MAX_COUNTED_BYTES or b"\0" in data or b"\x1b" in data or data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    counted = count(data)
    if counted.attributes > MAX_ATTRIBUTES:
        raise too_costly(name, f"a tag with more than {MAX_ATTRIBUTES:,} attributes")
    if counted.options > MAX_OPTIONS:
        raise too_costly(name, f"more than {MAX_OPTIONS:,} options in its fields")
    return (
        len(data) <= CHEAP_BYTES
        and counted.signs <= CHEAP_TAGS
        and counted.attributes <= CHEAP_ATTRIBUTES
        and counted.nodes <= CHEAP_NODES
        and counted.steps <= CHEAP_STEPS
        and _COPIED.search(data) is None
    )


class Count(NamedTuple):
    """Upper bounds for a page.

    Attributes
    ----------
    nodes
        Nodes that the parser makes, and pieces that are read.
    steps
        Steps of the parser.
    attributes
        Attributes in one tag.
    options
        Options of form fields.
    signs
        "<" signs, exactly.
    """

    nodes: int
    steps: int
    attributes: int
    options: int
    signs: int


def count(data: bytes) -> Count:
    """Return upper bounds for the cost of a page; the notes of `is_cheap` prove them."""
    lower = data.lower()
    signs = data.count(b"<")
    tags = _TagCounter(data)
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"&") if b"<pre" in lower else 0
    adopted = MAX_ADOPTED * tags.adopting
    nodes = 2 * signs + 1 + tags.implied + tags.reopened() + adopted + lines + _repeated_cells(lower)
    # an adopting tag counts as 16 further tags
    steps = (signs + 16 * tags.adopting) * (tags.opened + tags.implied_open + 3) + tags.options * signs
    return Count(nodes, steps, tags.attributes, tags.options - tags.incomplete, signs)


def _repeated_cells(lower: bytes) -> int:
    """Return the number of cells that `rowspan` repeats; more than a cheap page has if a span cannot be read."""
    spans = _ROWSPAN.findall(lower) if b"rowspan" in lower else []
    if len(spans) != lower.count(b"rowspan"):
        return CHEAP_NODES
    return sum(min(MAX_SPAN, int(span)) for span in spans)


class _TagCounter:
    """Count the tags of a page by what a parser could do with them; see `is_cheap`.

    Attributes
    ----------
    opened
        Start tags that are neither void nor paired.
    incomplete
        Tags that are not certainly complete.
    options, implied, implied_open
        Options; elements of tables made for tags that were left out; the number of those that are open at once.
    attributes
        The largest number of attributes in one tag; more than `CHEAP_ATTRIBUTES` if the number is not certain.
    adopting
        Tags that may move a formatting element into the blocks that are open in it.
    """

    def __init__(self, data: bytes) -> None:
        self.opened = self.attributes = self.adopting = self.options = self.implied = self.implied_open = 0
        # (name, attributes) of start tags of formatting elements, to the number of unpaired ones
        self._unpaired: dict[tuple[bytes, bytes], int] = {}
        self.incomplete = 0
        self._incomplete_formatting = 0
        self._closing = 0  # unpaired tags; each may close formatting
        self._count(data)

    def _count(self, data: bytes) -> None:
        unpaired_ends: dict[bytes, int] = {}
        paired_ends: dict[bytes, int] = {}
        counted = dict.fromkeys(_COUNTED_BYTES, 0)
        pending: list[tuple[bytes, bytes]] = []  # (name, attributes) of start tags that may still find their end tags
        deepest = 0  # most pairs inside each other
        contexts = 0  # "<" signs without a complete tag: a comment or an attribute may begin there
        bytes_searched = index = opened = closing = 0
        parts = data.split(b"<")
        match_tag = _COMPLETE_TAG.match
        for part in parts[1:]:
            index += 1
            match = match_tag(part)
            if match is None:
                contexts += 1
                pending = self._unpair(pending)
                if part[:1].isalpha() or (part[:1] == b"/" and part[1:2].isalpha()):
                    bytes_searched += self._incomplete_tag(parts, index)
                    if bytes_searched > len(data):  # the page is made to be searched over and over: not cheap
                        self.attributes = CHEAP_ATTRIBUTES + 1
                        return
                continue
            slash, name, attributes = match.groups()
            if len(attributes) > 2 * CHEAP_ATTRIBUTES:  # else too short for that many
                self.attributes = max(self.attributes, len(_NAMES_IN_TAG.findall(attributes)))
            if name is not None:
                name = name.lower()
                if name in _ALWAYS_VOID_BYTES:
                    if not slash:
                        continue
                elif name in _COUNTED_BYTES:
                    counted[name] += not slash
                elif not slash:  # formatting or phrasing begins
                    pending.append((name, attributes))
                    continue
                elif pending and pending[-1][0] == name:  # its end tag: a pair
                    deepest = max(deepest, len(pending))
                    pending.pop()
                    paired_ends[name] = paired_ends.get(name, 0) + 1
                    continue
                else:
                    unpaired_ends[name] = unpaired_ends.get(name, 0) + 1
            # any other tag ends the pairs that are still open
            if pending:
                pending = self._unpair(pending)
            closing += 1
            opened += not slash
        self._unpair(pending)
        # a tag that may be incomplete could be any of the counted ones
        self.opened += opened
        self.options = counted[b"option"] + self.incomplete
        self.implied = 2 * sum(counted.values()) + 2 * self.incomplete
        self.implied_open = 2 * counted[b"table"] + 2 * self.incomplete
        # pairs that a comment or an attribute may break (step 3 of the proof)
        broken_pairs = contexts * deepest
        self._closing += closing + broken_pairs
        if self._unpaired or self._incomplete_formatting:
            certain = self._adopting_ends(unpaired_ends)
            possible = min(broken_pairs, self._adopting_ends(paired_ends))
            links = sum(number for (name, _), number in self._unpaired.items() if name in (b"a", b"nobr"))
            self.adopting = certain + possible + links + self._incomplete_formatting

    def _adopting_ends(self, ends: dict[bytes, int]) -> int:
        """Count the end tags of formatting elements that have unpaired start tags, or may have incomplete ones."""
        names = {name for name, _ in self._unpaired}
        return sum(
            number
            for name, number in ends.items()
            if name in names or (self._incomplete_formatting and name in _FORMATTING_BYTES)
        )

    def _unpair(self, pending: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Count the pending start tags as unpaired, and return the empty list that takes their place."""
        for tag in pending:
            self.opened += 1
            self._closing += 1
            if tag[0] in _FORMATTING_BYTES:
                self._unpaired[tag] = self._unpaired.get(tag, 0) + 1
        return []

    def _incomplete_tag(self, parts: list[bytes], index: int) -> int:
        """Count a tag that begins at a part and may extend beyond it; return the number of bytes searched."""
        self.opened += 1
        self._closing += 1
        self.incomplete += 1
        self._incomplete_formatting += _INCOMPLETE_FORMATTING.match(parts[index]) is not None
        text, last, size = parts[index], index + 1, 0
        while True:
            match = _REST_OF_TAG.match(text)
            end = match.end() if match is not None else 0
            size += end
            if end < len(text) or last == len(parts) or len(text) > 16 * CHEAP_ATTRIBUTES:
                break
            # the tag may extend further: join twice as many parts
            double = min(len(parts), 2 * last - index + 1)
            text = b"<".join(parts[index:double])
            last = double
        if end > 2 * CHEAP_ATTRIBUTES:
            number = len(_NAMES_IN_TAG.findall(text, 0, end))
            # a tag that extends beyond the text has further attributes, which were not counted
            self.attributes = max(self.attributes, number if end < len(text) else CHEAP_ATTRIBUTES + 1)
        return size

    def reopened(self) -> int:
        """Return the largest possible number of formatting elements that are opened again."""
        names = {name for name, _ in self._unpaired}
        at_once = self._incomplete_formatting + len(names & {b"a", b"nobr"})
        at_once += sum(min(3, number) for (name, _), number in self._unpaired.items() if name not in (b"a", b"nobr"))
        return at_once * (self._closing + 1)
