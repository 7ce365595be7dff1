"""Decode a page as a browser would, and parse it into a tree of elements that know how many words they hold.

The parser (lexbor, through selectolax) repairs tags that are not closed or wrongly nested. Some pages, crafted or not, would
cost it minutes or gigabytes; `bounds` finds them before they are parsed. Here the parser's tree is copied within limits, in
one pass that also counts words, links and headings. Invisible elements are not copied.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from classifier.errors import ReadError
from classifier.readers.encoding import ENCODINGS, is_mostly_utf8, sniff
from classifier.readers.html import bounds

MAX_PATH_DEPTH = 60
"""Depth of an element whose path is written out; deeper ones have the path ""."""
INVISIBLE = frozenset(
    "script style template iframe embed applet svg math canvas audio video select datalist meter progress title link meta "
    "base area map param source track frame frameset noframes input img".split()
)
"""Elements without words that a reader of the page sees, or without words of the policy."""
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr output picture q rb rp rt ruby s "
    "samp small span strike strong sub sup time tt u var wbr".split()
)
"""Elements within a line."""
HEADINGS = frozenset(("h1", "h2", "h3", "h4"))
OPENERS = ("aria-expanded", "data-toggle", "data-bs-toggle")
"""Attributes of a link or button that opens a part of the page."""
_CONTROLS = frozenset("button input select textarea".split())
MIN_PROSE_WORDS = 8
"""Words in a text outside links that counts as prose."""
MIN_LINKED_PROSE_WORDS = 20
"""Words in a text on a topic of policies that is prose although it is in a link; labels of links are shorter."""
POLICY_TOPIC = re.compile(
    r"(?:personal (?:data|information)|privacy|data protection|retain|retention|cookies?|your (?:data|information|rights)|"
    r"we (?:collect|use|share|keep|process)|you may)\b"
)
"""Words that policies use and other texts of a page seldom do."""
MAX_MATCH_CHARACTERS = 40
"""Characters matched by a pattern that `Element.has_match` may be given."""
IN_ARTICLE, IN_SECTION, IN_HEADING = 1, 2, 4
"""Flags of an element by the elements around it."""
_FLAGS = {
    "main": IN_ARTICLE,
    "article": IN_ARTICLE | IN_SECTION,
    "section": IN_SECTION,
    **dict.fromkeys((*HEADINGS, "summary"), IN_HEADING),
}
MAX_FRAME_DEPTH = 3
"""Frames inside each other that are read, so that no page is parsed again and again."""
MIN_UNREAD_WORDS = 50
"""Words in a template or in escaped markup that are counted."""
MAX_NAME_CHARACTERS = 200
"""Characters at the end of an address that may name a policy."""
_FRAMES = {"iframe": ("src", "data-src", "data-lazy-src"), "object": ("data",), "embed": ("src",)}
"""Elements that show another page, with the attributes that may have its address."""
DATA_PAGE = "data:text/html"
"""Beginning of an address that holds a page itself."""
_DOCUMENT = re.compile(r"\.(?:html?|pdf)$", re.IGNORECASE)
_POLICY_NAME = re.compile(
    r"(?:privacy|cookies?|data)[-_ /]?(?:policy|notice|statement)|\bpolic(?:y|ies)\b", re.IGNORECASE
)
_TAG = re.compile("<[^<>]*>")
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
UTF8_SAMPLE_BYTES = 2**20
"""Bytes by which a page that is not valid UTF-8 is judged to be mostly UTF-8."""
DECLARATION_BYTES = 4096
"""Bytes at the beginning of a page that are searched for its encoding."""
LARGE_TEXT_CHARACTERS = 100_000
"""The words of a text of at least this length are counted one by one and not listed, to spare memory."""
MAX_ADDRESS_CHARACTERS = 2000
"""Characters of the address of a link; longer ones are left out."""
_NOT_ADDRESS = re.compile("(?:about|blob|data|javascript|vbscript):", re.IGNORECASE)
_WORD = re.compile(r"\S+")
_CAMEL_CASE = re.compile("([a-z0-9])([A-Z])")


class Page:
    """The elements of a page in document order and their text, with searches that run once for the whole page.

    Attributes
    ----------
    elements
        The body and each element in it, in document order; `Element.number` is the index.
    text
        The text of the body as `Element.text` writes it.
    prose
        Its texts in prose.
    frames
        Addresses of the visible frames, whose pages are not read.
    policy_frames
        Those of them that name a policy.
    unread_words
        Number of words on topics of policies in templates and escaped markup, which only scripts show.
    """

    __slots__ = (
        "_folded",
        "_match_edges",
        "_matching",
        "elements",
        "frames",
        "policy_frames",
        "prose",
        "text",
        "unread_words",
    )

    def __init__(self) -> None:
        self.frames: list[str] = []
        self.policy_frames: list[str] = []
        self.unread_words = 0
        self.elements: list[Element] = []
        self.text = ""
        self.prose: list[Prose] = []
        self._folded: str | None = None
        self._match_edges: dict[re.Pattern[str], list[int]] = {}
        self._matching: dict[tuple[re.Pattern[str], re.Pattern[str] | None], list[int]] = {}

    @property
    def folded(self) -> str:
        """The text in lower case, with the same offsets, which patterns are matched with."""
        if self._folded is None:
            folded = self.text.lower()
            if len(folded) != len(self.text):  # "İ" in lower case has two characters
                folded = "".join(character.lower()[:1] for character in self.text)
            self._folded = folded
        return self._folded

    def match_edges(self, pattern: re.Pattern[str]) -> list[int]:
        """Return start and end of each match of a pattern in the folded text, one after the other; none overlap."""
        edges = self._match_edges.get(pattern)
        if edges is None:
            edges = [edge for match in pattern.finditer(self.folded) for edge in match.span()]
            self._match_edges[pattern] = edges
        return edges

    def matching(self, tag: re.Pattern[str], pattern: re.Pattern[str] | None = None) -> list[int]:
        """Return the numbers of the elements whose tag matches and whose text contains a pattern, if one is given."""
        numbers = self._matching.get((tag, pattern))
        if numbers is None:
            tagged = (element for element in self.elements if tag.fullmatch(element.tag))
            numbers = [element.number for element in tagged if pattern is None or element.has_match(pattern)]
            self._matching[tag, pattern] = numbers
        return numbers


class Prose(NamedTuple):
    """A text in prose: the number of the element that it is directly in, and by what it is likely known again."""

    number: int
    words: int
    sample: tuple[str, ...]


class Element:
    """An element, its content, and counts of the words and elements in it.

    Attributes
    ----------
    tag, attributes
        As in HTML, in lower case.
    children
        Elements and texts, in order.
    words, linked_words, jump_words, prose_words
        Number of words in it, in all, in links, in links to a place of the same page, in prose.
    controls, links, headings, menus, tables
        Number of buttons and fields in it, of links, of headings of ranks 1 to 4, of navigation elements, of tables.
    child_index
        Its index among the children of its parent.
    number, last_number
        Its index in `Page.elements`, and that of the last element inside it.
    start, end
        The slice of `Page.text` that is its text.
    flags
        `IN_ARTICLE`, `IN_SECTION`, `IN_HEADING` by the elements around it.
    """

    __slots__ = (
        "_has_bare_words", "_names", "_path", "_role", "attributes", "child_index", "children", "controls", "depth", "end",
        "flags", "headings", "jump_words", "last_number", "linked_words", "links", "menus", "number", "page", "parent",
        "prose_words", "start", "step", "tables", "tag", "words",
    )  # fmt: skip

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None, step: str) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.step = step
        self.children: list[Element | str] = []
        self.words = self.linked_words = self.jump_words = self.prose_words = 0
        self.controls = self.links = self.headings = self.menus = self.tables = 0
        self.start = self.end = 0
        self._names: str | None = None
        self._path: str | None = None
        self._role: str | None = None
        self._has_bare_words: bool | None = None
        if parent is None:
            self.child_index, self.depth, self.flags, self.page = 0, 1, 0, Page()
        else:
            self.child_index, self.depth, self.page = len(parent.children), parent.depth + 1, parent.page
            self.flags = parent.inner_flags
        self.number = self.last_number = len(self.page.elements)
        self.page.elements.append(self)

    @property
    def inner_flags(self) -> int:
        """The flags of its children."""
        flags = self.flags | _FLAGS.get(self.tag, 0)
        has_role = self.attributes and self.attributes.get("role")
        return flags | IN_ARTICLE if has_role and self.role == "article" else flags

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly in it."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def next_element(self) -> Element | None:
        """The element right after it, None if there is text between."""
        siblings = self.parent.children if self.parent is not None else []
        for sibling in siblings[self.child_index + 1 : self.child_index + 4]:
            if isinstance(sibling, Element):
                return sibling
            if sibling and not sibling.isspace():
                return None
        return None

    @property
    def has_bare_words(self) -> bool:
        """Whether it directly contains words that are in no element of their own."""
        if self._has_bare_words is None:
            self._has_bare_words = any(isinstance(child, str) and child.strip() for child in self.children)
        return self._has_bare_words

    def subtree(self) -> list[Element]:
        """Return it and all elements in it, in document order."""
        return self.page.elements[self.number : self.last_number + 1]

    def contains(self, other: Element) -> bool:
        """Whether another element is this one or inside it."""
        return self.number <= other.number <= self.last_number

    def find(self, tag: re.Pattern[str], pattern: re.Pattern[str] | None = None) -> Element | None:
        """Return the first element of its subtree whose tag matches and whose text contains a pattern, if one is given."""
        numbers = self.page.matching(tag, pattern)
        at = bisect_left(numbers, self.number)
        return self.page.elements[numbers[at]] if at < len(numbers) and numbers[at] <= self.last_number else None

    def text(self, removed: Container[Element] = ()) -> str:
        """Return its text without that of removed elements; blocks are separated by blanks, items of lists by bullets."""
        if not removed:
            return self.page.text[self.start : self.end]
        parts: list[str] = []
        stack: list[Element | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            elif item not in removed:
                separator = _separator(item.tag)
                parts.append(separator)
                stack.extend([" " if separator else "", *reversed(item.children)])
        return "".join(parts)

    def match_ends(self, pattern: re.Pattern[str], after: int = 0) -> Iterator[int]:
        """Yield the ends of a pattern's matches in its text, as offsets in `Page.text`.

        Only the edges of the text are searched. Matches between them are looked up among those of the whole page, so that
        nested elements are not searched again and again.

        Parameters
        ----------
        pattern
            In lower case, as the text that it is matched with. No match may be longer than `MAX_MATCH_CHARACTERS`.
        after
            Offset in `Page.text` before which matches do not count.
        """
        text, start, end = self.page.folded, max(self.start, after), self.end
        if end - start <= 4 * MAX_MATCH_CHARACTERS:
            yield from (start + match.end() for match in pattern.finditer(text[start:end]))
            return
        # search the head on its own: a word may begin with the element, but not in the text of the page
        head = text[start : start + 3 * MAX_MATCH_CHARACTERS]
        yield from (start + match.end() for match in pattern.finditer(head) if match.end() <= 2 * MAX_MATCH_CHARACTERS)
        # matches of the whole page that are inside the element; an even index is the start of a match
        edges = self.page.match_edges(pattern)
        at = bisect_left(edges, start)
        at += at % 2
        while at < len(edges) and edges[at + 1] <= end:
            yield edges[at + 1]
            at += 2
        # search the tail on its own: a word may end with the element
        tail = text[end - 2 * MAX_MATCH_CHARACTERS : end]
        yield from (end - len(tail) + match.end() for match in pattern.finditer(tail) if match.start())

    def has_match(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern matches in its text; no match may be longer than `MAX_MATCH_CHARACTERS`."""
        return next(self.match_ends(pattern), None) is not None

    def count_matches(self, pattern: re.Pattern[str]) -> int:
        """Count the matches of a pattern in its text; those at its very edges may be missed."""
        edges = self.page.match_edges(pattern)
        return max(0, bisect_right(edges, self.end) // 2 - (bisect_left(edges, self.start) + 1) // 2)

    @property
    def role(self) -> str:
        """Its `role` attribute in lower case, "" if there is none."""
        if self._role is None:
            self._role = self.attributes.get("role", "").strip().lower()
        return self._role

    @property
    def names(self) -> str:
        """Its id and classes as words between blanks: " site footer main nav " for "siteFooter main_nav"."""
        if self._names is None:
            source = f"{self.attributes.get('id', '')[:1000]} {self.attributes.get('class', '')[:1000]}"[:1000]
            words = _CAMEL_CASE.sub(r"\1 \2", source).replace("-", " ").replace("_", " ").lower().split()
            self._names = f" {' '.join(words)} "
        return self._names

    @property
    def path(self) -> str:
        """Its path as XPath; "" below `MAX_PATH_DEPTH`."""
        if self._path is None:
            if self.depth > MAX_PATH_DEPTH:
                self._path = ""
            else:
                self._path = f"{self.parent.path if self.parent is not None else ''}/{self.step}"
        return self._path


def link_address(link: Element) -> str:
    """Return the address that a link leads to, "" if it stays on the page or runs a script.

    >>> (paragraph,) = parse_html("<p><a href=' /data '>data</a> <a href='#top'>up</a>", "page").elements
    >>> [link_address(element) for element in paragraph.elements]
    ['/data', '']
    """
    address = "".join(link.attributes.get("href", "")[: MAX_ADDRESS_CHARACTERS + 1].split())
    is_kept = 0 < len(address) <= MAX_ADDRESS_CHARACTERS and not address.startswith("#")
    return address if is_kept and not _NOT_ADDRESS.match(address) else ""


def _separator(tag: str) -> str:
    """Return the text that separates an element from the words before it."""
    return "" if tag in INLINE else " • " if tag == "li" else " "


def outermost(elements: Iterable[Element]) -> list[Element]:
    """Return the elements, which are in document order, that are in none of the others."""
    found: list[Element] = []
    for element in elements:
        if not found or not found[-1].contains(element):
            found.append(element)
    return found


def overlaps(element: Element, others: Sequence[Element], numbers: Sequence[int]) -> bool:
    """Whether an element is in one of others, or contains one; they are in order and disjoint, `numbers` are theirs."""
    at = bisect_right(numbers, element.number)
    if at and others[at - 1].contains(element):
        return True
    return at < len(numbers) and numbers[at] <= element.last_number


# --- parsing -----------------------------------------------------------------------------------------------------------


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

    Examples
    --------
    >>> (paragraph,) = parse_html("<p>We share <a href=/data>some data</a>.", "page").elements
    >>> paragraph.words, paragraph.linked_words, paragraph.path
    (5, 2, '/html/body/p[1]')
    """
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        parser = LexborHTMLParser(bounds.prepared(html))
    except SelectolaxError:  # raised only when memory runs out
        raise MemoryError from None
    return body_of(parser, html, name)


def body_of(parser: Any, html: str, name: str) -> Element:
    """Copy the body of a page that lexbor has parsed; arguments and errors as in `parse_html`."""
    if parser.body is None:
        body = Element("body", {}, None, "html/body")
        body.page.text = "  "
        body.end = 2
        body.page.frames += [frame.attributes.get("src") or "" for frame in parser.css("frame")]
        return body
    has_data_pages = DATA_PAGE in html  # as written: `bounds.is_cheap` looks for it before entities are decoded
    return _copy(parser.body, name, bounds.count_written_formatting(html) + bounds.MAX_REOPENED, has_data_pages)


def _copy(body: Any, name: str, formatting_left: int, has_data_pages: bool) -> Element:
    """Copy the visible part of the parser's tree, with at most `formatting_left` formatting elements, and count its words."""
    root = Element("body", {}, None, "html/body")
    # the pieces of the page's text, and their total length
    parts, length = [" "], 1
    # ancestors of the current element: the element, the number of children by tag, the kind of link, the next node in it
    stack: list[tuple[Element, dict[str, int], str, Any]] = []
    tag_counts: dict[str, int] = {}
    parent, link, node = root, "", body.first_child
    depth_sum = n_nodes = open_frames = 0
    while True:
        # end of an element: close its text, add its counts to its parent, go on with the parent
        if node is None:
            if parent.tag not in INLINE:
                parts.append(" ")
                length += 1
            parent.end, parent.last_number = length, len(root.page.elements) - 1
            if not stack:
                break
            open_frames -= parent.tag == "iframe"
            _add_counts(parent, stack[-1][0])
            parent, tag_counts, link, node = stack.pop()
            continue
        n_nodes += 1
        if n_nodes > bounds.MAX_NODES:
            raise bounds.too_costly(name, f"more than {bounds.MAX_NODES:,} elements and texts")
        if node.is_text_node:
            text = node.text_content or ""
            _add_text(parent, text, link)
            parts.append(text)
            length += len(text)
        elif node.is_element_node:
            tag = node.tag
            number = tag_counts[tag] = tag_counts.get(tag, 0) + 1
            attributes = node.attributes
            parent.controls += tag in _CONTROLS
            parent.links += tag == "a"
            parent.headings += tag in HEADINGS
            parent.menus += tag == "nav" or (bool(attributes) and attributes.get("role") == "navigation")
            if tag in bounds.FORMATTING:
                formatting_left -= 1
                if formatting_left < 0:
                    raise bounds.too_costly(name, "thousands of formatting elements that are not closed")
            first = node.first_child
            frame = None
            if tag in _FRAMES:
                is_read = tag == "iframe" and open_frames < MAX_FRAME_DEPTH
                source = frame_source(attributes, has_data_pages) if is_read else ""
                frame = _parse_body(source) if source else None
                if frame is not None:
                    attributes.pop("srcdoc", None)
                    formatting_left += bounds.count_written_formatting(source)
                    open_frames += 1
                    first = frame.first_child
                else:
                    _add_frame(root.page, tag, attributes)
            is_escaped = tag == "noscript" and _is_escaped(node)
            if is_escaped or tag == "template":
                root.page.unread_words += _policy_words((first.text_content if is_escaped else node.html) or "")
            # start of a visible element: go on with its children
            if (tag not in INVISIBLE or frame is not None) and not is_escaped:
                parent.tables += tag == "table"
                for key, value in attributes.items():
                    if value is None:
                        attributes[key] = ""
                element = Element(tag, attributes, parent, f"{tag}[{number}]")
                parent.children.append(element)
                depth_sum += element.depth
                if depth_sum > bounds.MAX_DEPTH_SUM:
                    raise bounds.too_costly(name, f"{element.depth:,} elements open at once")
                separator = _separator(tag)
                parts.append(separator)
                element.start = length
                length += len(separator)
                stack.append((parent, tag_counts, link, node.next))
                parent, tag_counts, link, node = element, {}, _link_kind(element) or link, first
                continue
        node = node.next
    root.page.text = "".join(parts)
    return root


def frame_source(attributes: dict[str, Any], has_data_pages: bool = True) -> str:
    """Return the page in a frame, as programs that save pages write it: in its `srcdoc`, or in its address.

    >>> frame_source({"srcdoc": "<p>a"}), frame_source({"src": "data:text/html;base64,PHA+Yg=="}), frame_source({"src": "/c"})
    ('<p>a', '<p>b', '')
    """
    source = attributes.get("srcdoc") or ""
    address = attributes.get("src") or ""
    if source or not has_data_pages or not address.startswith(DATA_PAGE):
        return source
    import base64  # few pages need these
    from urllib.parse import unquote

    kind, _, data = address.partition(",")
    if not kind.lower().endswith(";base64"):
        return unquote(data)
    try:
        return base64.b64decode(unquote(data)).decode("utf-8", "replace")
    except ValueError:  # no base64
        return ""


def _parse_body(html: str) -> Any:
    """Parse the page in a frame, and return its body, None without one."""
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    try:
        return LexborHTMLParser(bounds.prepared(html)).body
    except SelectolaxError:  # raised only when memory runs out
        raise MemoryError from None


def _add_frame(page: Page, tag: str, attributes: dict[str, Any]) -> None:
    """Add a frame that shows another page to those of its page."""
    address = next(filter(None, (attributes.get(name) for name in _FRAMES[tag])), "")
    if not address or not _is_visible_frame(tag, address, attributes):
        return
    page.frames.append(address)
    named = f"{attributes.get('title') or ''} {address.partition('?')[0].partition('#')[0][-MAX_NAME_CHARACTERS:]}"
    if _POLICY_NAME.search(named):
        page.policy_frames.append(address)


def _is_visible_frame(tag: str, address: str, attributes: dict[str, Any]) -> bool:
    """Whether a frame shows another page; frames of one dot or none are for scripts, and other objects are pictures."""
    if address.startswith(("about:", "javascript:", "data:")):
        return False
    if tag != "iframe":
        kind = (attributes.get("type") or "").lower()
        if not (kind in ("text/html", "application/pdf") or _DOCUMENT.search(address.partition("?")[0])):
            return False
    is_dot = attributes.get("width") in ("0", "1") or attributes.get("height") in ("0", "1")
    return not is_dot and "hidden" not in attributes and _HIDDEN_STYLE.search(attributes.get("style") or "") is None


def _policy_words(markup: str) -> int:
    """Return the number of words in markup that only scripts show, 0 if they are few or on other topics than policies."""
    text = _TAG.sub(" ", markup)
    words = len(text.split())
    return words if words >= MIN_UNREAD_WORDS and POLICY_TOPIC.search(text.lower()) is not None else 0


def _is_escaped(node: Any) -> bool:
    """Whether the content of an element is escaped markup, as in <noscript>&lt;img src=...&gt;</noscript>."""
    first = node.first_child
    return first is not None and first.is_text_node and (first.text_content or "").lstrip()[:1] == "<"


def _add_counts(element: Element, parent: Element) -> None:
    """Add the counts of an element to those of its parent."""
    parent.words += element.words
    parent.linked_words += element.linked_words
    parent.jump_words += element.jump_words
    parent.prose_words += element.prose_words
    parent.controls += element.controls
    parent.links += element.links
    parent.headings += element.headings
    parent.menus += element.menus
    parent.tables += element.tables


def _add_text(parent: Element, text: str, link: str) -> None:
    """Add a text to its parent and count its words; `link` is the kind of the innermost link around it."""
    parent.children.append(text)
    if len(text) < LARGE_TEXT_CHARACTERS:
        listed = text.split()
        words = len(listed)
    else:
        listed = []
        words = sum(1 for _ in _WORD.finditer(text))
    parent.words += words
    if link in ("link", "jump") and not (words >= MIN_LINKED_PROSE_WORDS and POLICY_TOPIC.search(text.lower())):
        parent.linked_words += words
        parent.jump_words += words * (link == "jump")
    elif words >= MIN_PROSE_WORDS:
        parent.prose_words += words
        sample = (listed[0], listed[words // 2], listed[-1]) if listed else (text[:40], "", text[-40:])
        parent.page.prose.append(Prose(parent.number, words, sample))


def is_linked_prose(text: str) -> bool:
    """Whether a text in a link is prose of a policy rather than the label of the link.

    Whole answers are in links where accordions are built of them, and where an <a> was never closed.

    >>> is_linked_prose("Read how we use your data"), is_linked_prose("We share your data with " + "more and " * 9)
    (False, True)
    """
    is_long = len(text.split(None, MIN_LINKED_PROSE_WORDS)) >= MIN_LINKED_PROSE_WORDS
    return is_long and POLICY_TOPIC.search(text.lower()) is not None


def _link_kind(element: Element) -> str:
    """Return the kind of a link: "jump" within this page, "address" of e-mail or telephone, "link" elsewhere, "" for none."""
    target = element.attributes.get("href", "").strip() if element.tag == "a" else ""
    if not target or any(name in element.attributes for name in OPENERS):
        return ""
    if target.lower().startswith(("mailto:", "tel:")) or "email-protection" in target:
        return "address"
    return "jump" if target.startswith("#") and len(target) > 2 else "link"  # "#" and "#!" are for scripts


# --- decoding ----------------------------------------------------------------------------------------------------------


def decode_html(data: bytes, name: str, charset: str = "") -> tuple[str, str, tuple[str, ...]]:
    """Decode a page as a browser would: by its byte order mark, else as UTF-8 if it is valid, else as declared.

    Parameters
    ----------
    data, name
        The page, and its name in messages.
    charset
        The encoding declared by a server, which takes precedence over that declared by the page.

    Returns
    -------
    text, encoding, notes
        Bytes that could not be decoded are U+FFFD in the text and counted in the notes.

    Raises
    ------
    ReadError
        If it is binary.

    Examples
    --------
    >>> decode_html("<p>A café in Paris.".encode("cp1252"), "page")[:2]
    ('<p>A café in Paris.', 'windows-1252')
    """
    encoding, unknown = _encoding(data, charset)
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if text.count("\0") > len(text) // 1000:
        raise ReadError(f"{name}: holds NUL characters; it is a binary or damaged file, not a page")
    n_invalid = text.count("\ufffd")
    subject = "1 character is" if n_invalid == 1 else f"{n_invalid:,} characters are"
    notes = [f"{subject} not valid {encoding.upper()} and shown as \ufffd"] if n_invalid else []
    if unknown:
        notes.append(f"it declares the unknown encoding {unknown[:40]!r}; it is read as Windows-1252")
    return text, codecs.lookup(encoding).name.replace("cp125", "windows-125"), tuple(notes)


def _encoding(data: bytes, charset: str) -> tuple[str, str]:
    """Return the encoding of a page, and the declared encoding if it is unknown."""
    if encoding := sniff(data):
        return encoding, ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 or is_mostly_utf8(data[:UTF8_SAMPLE_BYTES]):
            return "utf-8", ""
    else:
        return "utf-8", ""
    beginning = data[:DECLARATION_BYTES]
    match = _META_CHARSET.search(beginning) or _XML_ENCODING.match(beginning)
    declared = charset or (match[1].decode("ascii", "replace") if match else "")
    try:
        known = ENCODINGS.get(codecs.lookup(declared).name, "") if declared else "cp1252"
    except (LookupError, ValueError):
        known = ""
    # many pages that declare UTF-8 are in Windows-1252, so this deserves no note
    return known or "cp1252", "" if known or declared.lower().replace("-", "") == "utf8" else declared
