"""HTML becomes a tree of elements that counts its words, decoded as a browser would, within bounds of time and memory.

The parser (lexbor, by selectolax) repairs what is not closed or wrongly nested. Some pages, made for it or not, would cost it
minutes or gigabytes: `bounds` refuses them before they are parsed.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Container, Iterator
from typing import Any

from classifier.errors import ReadError
from classifier.readers.encoding import ENCODINGS, is_mostly_utf8, sniff
from classifier.readers.html import bounds

PATH_DEPTH = 60
"""Steps of an element's path that are written out."""
UNSEEN = frozenset(
    "script style template iframe embed applet svg math canvas audio video select datalist meter progress title link meta "
    "base area map param source track frame frameset noframes input img".split()
)
"""What holds no words that a reader of the page sees, or none of the policy."""
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output picture q rb rp rt ruby s "
    "samp small span strike strong sub sup time tt u var wbr".split()
)
"""Elements that stand within a line."""
HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
OPENERS = ("aria-expanded", "data-toggle", "data-bs-toggle")
"""What a link or button has that opens a part of the page."""
_CONTROLS = frozenset("button input select textarea".split())
_PROSE = 8
"""A run of so many words outside links is prose."""
LONGEST_MATCH = 40
"""Characters that a match of the patterns given to `Element.has` has at most."""
IN_ARTICLE, IN_SECTION, IN_HEADING, A_PANEL = 1, 2, 4, 8
"""Flags of the elements around an element; each <details> around it adds `A_PANEL`."""
_FLAGS = {
    "main": IN_ARTICLE,
    "article": IN_ARTICLE | IN_SECTION,
    "section": IN_SECTION,
    **dict.fromkeys((*HEADINGS, "summary"), IN_HEADING),
}
_DECLARED = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
SAMPLE = 2**20
"""So many bytes tell whether a page is mostly UTF-8."""
LARGE_CHARACTERS = 100_000
"""The words of a text with at least this many characters are counted one by one, not listed, to spare memory."""
_WORD = re.compile(r"\S+")
_HUMP = re.compile("([a-z0-9])([A-Z])")


class Page:
    """The elements of a page in document order and the text of all of them, shared so that nothing is collected twice.

    Attributes
    ----------
    elements
        The body and each element in it, in document order; `Element.number` is the index.
    text
        The text of the body as `Element.text` writes it.
    """

    __slots__ = ("_holders", "_places", "elements", "text")

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.text = ""
        self._places: dict[re.Pattern[str], list[int]] = {}
        self._holders: dict[tuple[re.Pattern[str], re.Pattern[str] | None], list[int]] = {}

    def places(self, pattern: re.Pattern[str]) -> list[int]:
        """Return where a pattern matches in the text: start of the first match, its end, start of the second, and so on.

        A match that begins within another one is not listed.
        """
        found = self._places.get(pattern)
        if found is None:
            found = self._places[pattern] = [at for match in pattern.finditer(self.text) for at in match.span()]
        return found

    def holders(self, tag: re.Pattern[str], pattern: re.Pattern[str] | None = None) -> list[int]:
        """Return the numbers of the elements whose tag matches, and whose text holds a pattern, in order."""
        found = self._holders.get((tag, pattern))
        if found is None:
            tagged = (element for element in self.elements if tag.fullmatch(element.tag))
            found = [element.number for element in tagged if pattern is None or element.has(pattern)]
            self._holders[tag, pattern] = found
        return found


class Element:
    """An element with what stands in it, and how many words that are.

    Attributes
    ----------
    tag, attributes
        As in HTML, in lower case.
    children
        Elements and texts, in order.
    words, linked, jumps, prose
        Words in it; how many of them stand in links, in links to a place of the page itself, in runs of prose.
    controls, links, headings, menus, tables
        How many buttons and fields are in it, links, headings of the ranks 1 to 4, elements of navigation, tables.
    place
        Its number among the children of the element it stands in.
    number, last
        Its index in `Page.elements`, and that of the last element inside it.
    start, end
        The slice of `Page.text` that is its text.
    above
        Flags `IN_ARTICLE`, `IN_SECTION`, `IN_HEADING` of the elements around it, plus `A_PANEL` for each <details>.
    """

    __slots__ = (
        "_bare", "_names", "_path", "_role", "above", "attributes", "children", "controls", "depth", "end", "headings",
        "jumps", "last", "linked", "links", "menus", "number", "page", "parent", "place", "prose", "start", "step",
        "tables", "tag", "words",
    )  # fmt: skip

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None, step: str) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.step = step
        self.children: list[Element | str] = []
        self.words = self.linked = self.jumps = self.prose = 0
        self.controls = self.links = self.headings = self.menus = self.tables = 0
        self.start = self.end = 0
        self._names: str | None = None
        self._path: str | None = None
        self._role: str | None = None
        self._bare: bool | None = None
        if parent is None:
            self.place, self.depth, self.above, self.page = 0, 1, 0, Page()
        else:
            self.place, self.depth, self.page = len(parent.children), parent.depth + 1, parent.page
            self.above = parent.within
        self.number = self.last = len(self.page.elements)
        self.page.elements.append(self)

    @property
    def within(self) -> int:
        """The flags that hold for what stands in it."""
        flags = self.above + A_PANEL if self.tag == "details" else self.above | _FLAGS.get(self.tag, 0)
        return (
            flags | IN_ARTICLE if self.attributes and self.attributes.get("role") and self.role == "article" else flags
        )

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly in it."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def following(self) -> Element | None:
        """The element after it, if nothing but blanks is between."""
        beside = self.parent.children if self.parent is not None else []
        for other in beside[self.place + 1 : self.place + 4]:
            if isinstance(other, Element):
                return other
            if other and not other.isspace():
                return None
        return None

    @property
    def has_bare_words(self) -> bool:
        """Whether words stand directly in it, in no element of their own."""
        if self._bare is None:
            self._bare = any(isinstance(child, str) and child.strip() for child in self.children)
        return self._bare

    def inside(self) -> list[Element]:
        """List it and all elements in it, in order."""
        return self.page.elements[self.number : self.last + 1]

    def holds(self, other: Element) -> bool:
        """Whether another element is this one or stands in it."""
        return self.number <= other.number <= self.last

    def first(self, tag: re.Pattern[str], pattern: re.Pattern[str] | None = None) -> Element | None:
        """Find the first element of such a tag, whose text holds a pattern, that it is or has in it."""
        numbers = self.page.holders(tag, pattern)
        at = bisect_left(numbers, self.number)
        return self.page.elements[numbers[at]] if at < len(numbers) and numbers[at] <= self.last else None

    def text(self, out: Container[Element] = ()) -> str:
        """Give its words as they are written, but for those of elements in `out`; what does not stand in a line is apart."""
        if not out:
            return self.page.text[self.start : self.end]
        parts: list[str] = []
        stack: list[Element | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            elif item not in out:
                apart = _apart(item.tag)
                parts.append(apart)
                stack.extend([" " if apart else "", *reversed(item.children)])
        return "".join(parts)

    def matches(self, pattern: re.Pattern[str], after: int = 0) -> Iterator[int]:
        """Find a pattern in its text, none of whose matches is longer than `LONGEST_MATCH`; give where matches end.

        Only the edges of the text are searched here. All else is looked up in what was found once for the whole page, so
        that nested elements are not searched again and again. `after` is a place in the page's text.
        """
        text, start, end = self.page.text, max(self.start, after), self.end
        if end - start <= 4 * LONGEST_MATCH:
            yield from (start + match.end() for match in pattern.finditer(text[start:end]))
            return
        # a word may begin where the element does, but not in the text of the page
        head = text[start : start + 3 * LONGEST_MATCH]
        yield from (start + match.end() for match in pattern.finditer(head) if match.end() <= 2 * LONGEST_MATCH)
        places = self.page.places(pattern)
        at = bisect_left(places, start)
        at += at % 2
        while at < len(places) and places[at + 1] <= end:
            yield places[at + 1]
            at += 2
        tail = text[end - 2 * LONGEST_MATCH : end]
        yield from (end - len(tail) + match.end() for match in pattern.finditer(tail) if match.start())

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern is in its text, none of whose matches is longer than `LONGEST_MATCH`."""
        return next(self.matches(pattern), None) is not None

    @property
    def role(self) -> str:
        """Its role, as it is written."""
        if self._role is None:
            self._role = self.attributes.get("role", "").strip().lower()
        return self._role

    @property
    def names(self) -> str:
        """Its id and classes as words between blanks: " site footer main nav " for "siteFooter main_nav"."""
        if self._names is None:
            given = f"{self.attributes.get('id', '')[:1000]} {self.attributes.get('class', '')[:1000]}"[:1000]
            words = _HUMP.sub(r"\1 \2", given).replace("-", " ").replace("_", " ").lower().split()
            self._names = f" {' '.join(words)} "
        return self._names

    @property
    def path(self) -> str:
        """Its path, as XPath."""
        if self._path is None:
            if self.depth > PATH_DEPTH:
                self._path = ""
            else:
                self._path = f"{self.parent.path if self.parent is not None else ''}/{self.step}"
        return self._path


def _apart(tag: str) -> str:
    """Return the text that keeps an element apart from the words before it."""
    return "" if tag in INLINE else " • " if tag == "li" else " "


def parse_html(html: str, name: str) -> Element:
    """Parse a page and return its body.

    Parameters
    ----------
    html, name
        The page, and its name in messages.

    Raises
    ------
    ReadError
        If it has too many elements, too many open at once, or too many that were not closed.
    """
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        parser = LexborHTMLParser(bounds.without_copies(html).replace("\0", "\ufffd"))
    except SelectolaxError:  # its one reason is that it gets no memory
        raise MemoryError from None
    return body_of(parser, html, name)


def body_of(parser: Any, html: str, name: str) -> Element:
    """Copy the body of a page that lexbor has parsed; see `parse`."""
    if parser.body is None:
        body = Element("body", {}, None, "html/body")
        body.page.text = "  "
        body.end = 2
        return body
    return _tree(parser.body, name, bounds.written_formatting(html) + bounds.MAX_REOPENED)


def _tree(body: Any, name: str, formatting: int) -> Element:
    """Copy what can be seen of the parser's tree, with at most so many formatting elements, and count its words."""
    root = Element("body", {}, None, "html/body")
    parts, at = [" "], 1  # the text of the page, and how long it is
    # what is yet to be read: an element, how many of each tag it has had, whether it is a link, the next node in it
    stack: list[tuple[Element, dict[str, int], str, Any]] = []
    seen: dict[str, int] = {}
    parent, link, node = root, "", body.first_child
    cost = nodes = 0
    while True:
        if node is None:
            if parent.tag not in INLINE:
                parts.append(" ")
                at += 1
            parent.end, parent.last = at, len(root.page.elements) - 1
            if not stack:
                break
            _add(parent, stack[-1][0])
            parent, seen, link, node = stack.pop()
            continue
        nodes += 1
        if nodes > bounds.MAX_NODES:
            raise bounds.too_large(name, f"more than {bounds.MAX_NODES:,} elements and texts")
        if node.is_text_node:
            text = node.text_content or ""
            _add_text(parent, text, link)
            parts.append(text)
            at += len(text)
        elif node.is_element_node:
            tag = node.tag
            number = seen[tag] = seen.get(tag, 0) + 1
            attributes = node.attributes
            parent.controls += tag in _CONTROLS
            parent.links += tag == "a"
            parent.headings += tag in HEADINGS
            parent.menus += tag == "nav" or (bool(attributes) and attributes.get("role") == "navigation")
            if tag in bounds.FORMATTING:
                formatting -= 1
                if formatting < 0:
                    raise bounds.too_large(name, "thousands of formatting elements that are not closed")
            if tag not in UNSEEN:
                parent.tables += tag == "table"
                for key, value in attributes.items():
                    if value is None:
                        attributes[key] = ""
                element = Element(tag, attributes, parent, f"{tag}[{number}]")
                parent.children.append(element)
                cost += element.depth
                if cost > bounds.MAX_COST:
                    raise bounds.too_large(name, f"{element.depth:,} elements open at once")
                apart = _apart(tag)
                parts.append(apart)
                at += len(apart)
                element.start = at - len(apart)
                stack.append((parent, seen, link, node.next))
                parent, seen, link, node = element, {}, _link(element) or link, node.first_child
                continue
        node = node.next
    root.page.text = "".join(parts)
    return root


def _add(element: Element, above: Element) -> None:
    """Add the counts of an element to those of the element around it."""
    above.words += element.words
    above.linked += element.linked
    above.jumps += element.jumps
    above.prose += element.prose
    above.controls += element.controls
    above.links += element.links
    above.headings += element.headings
    above.menus += element.menus
    above.tables += element.tables


def _add_text(parent: Element, text: str, link: str) -> None:
    parent.children.append(text)
    words = len(text.split()) if len(text) < LARGE_CHARACTERS else sum(1 for _ in _WORD.finditer(text))
    parent.words += words
    if link in ("link", "jump"):
        parent.linked += words
        parent.jumps += words * (link == "jump")
    elif words >= _PROSE:
        parent.prose += words


def _link(element: Element) -> str:
    """Say where an element leads: "" nowhere, "jump" to this page, "address" to people, "link" elsewhere."""
    target = element.attributes.get("href", "").strip() if element.tag == "a" else ""
    if not target or any(name in element.attributes for name in OPENERS):
        return ""
    if target.lower().startswith(("mailto:", "tel:")) or "email-protection" in target:
        return "address"
    return "jump" if target.startswith("#") and len(target) > 2 else "link"  # "#" and "#!" are for scripts


def decode_html(data: bytes, name: str, charset: str = "") -> tuple[str, str, tuple[str, ...]]:
    """Decode a page as a browser would: by its mark of byte order, as UTF-8 where it is that, else as it says it is.

    Parameters
    ----------
    data, name
        The page, and what messages call it.
    charset
        What a server says; the page itself says it otherwise.

    Returns
    -------
    text, encoding, notes
        What could not be decoded is U+FFFD, and said in the notes.

    Raises
    ------
    ReadError
        If it is binary.
    """
    encoding, unknown = _encoding(data, charset)
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if text.count("\0") > len(text) // 1000:
        raise ReadError(f"{name}: holds NUL characters; it is a binary or damaged file, not a page")
    lost = text.count("\ufffd")
    what = "1 character is" if lost == 1 else f"{lost:,} characters are"
    notes = [f"{what} not valid {encoding.upper()} and shown as \ufffd"] if lost else []
    if unknown:
        notes.append(f"it says that it is encoded in {unknown[:40]!r}, which is not known; it is read as Windows-1252")
    return text, codecs.lookup(encoding).name.replace("cp125", "windows-125"), tuple(notes)


def _encoding(data: bytes, charset: str) -> tuple[str, str]:
    """Give the encoding, and what the page says of itself where that is not known."""
    if found := sniff(data):
        return found, ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 or is_mostly_utf8(data[:SAMPLE]):
            return "utf-8", ""
    else:
        return "utf-8", ""
    said = _DECLARED.search(data[:4096]) or _XML_DECLARED.match(data[:4096])
    named = charset or (said[1].decode("ascii", "replace") if said else "")
    try:
        known = ENCODINGS.get(codecs.lookup(named).name, "") if named else "cp1252"
    except (LookupError, ValueError):
        known = ""
    # UTF-8 that it is not is no news
    return known or "cp1252", "" if known or named.lower().replace("-", "") == "utf8" else named
