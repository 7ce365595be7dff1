"""HTML becomes a tree of elements that counts its words, decoded as a browser would, within bounds of time and memory.

The parser (lexbor, by selectolax) repairs what is not closed or wrongly nested. Some pages, made for it or not, would cost it
minutes or gigabytes: thousands of elements open at once. They are counted first, and refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Container, Iterator
from functools import cached_property
from itertools import islice
from typing import Any

from classifier.errors import ReadError
from classifier.readers.decode import ENCODINGS, is_mostly_utf8, sniff

MAX_TAGS = 300_000
MAX_COST = 10_000_000
"""Tags on a page, and the sum over them of how many elements are open there: real pages have 1 % of either."""
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
# what stands between quotes is no tag; its length keeps the search linear
_TAG = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)((?:[^<>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,100}+)", re.DOTALL | re.IGNORECASE
)
_UNPARSED = re.compile(r"<!--|<(script|style|textarea|title)\b", re.IGNORECASE)
_UNPARSED_ENDS = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea", "title")}
_SCOPES = frozenset("applet caption html table td th marquee object template svg math select button".split())
_PICTURES = frozenset(("svg", "math"))
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# these end by themselves where the next one begins
_SELF_CLOSING = frozenset("p li dt dd tr td th tbody thead tfoot option colgroup html head body rp rt".split())
_DECLARED = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
SAMPLE = 2**20
"""So many bytes tell whether a page is mostly UTF-8."""
_HUMP = re.compile("([a-z0-9])([A-Z])")


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
    controls, links, headings, menus
        How many buttons and fields are in it, links, headings of the ranks 1 to 4, elements of navigation.
    place
        Its number among the children of the element it stands in.
    """

    __slots__ = (
        "__dict__", "attributes", "children", "controls", "headings", "jumps", "linked", "links", "menus", "parent", "place",
        "prose", "step", "tag", "words",
    )  # fmt: skip

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None, step: str) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.step = step
        self.place = len(parent.children) if parent is not None else 0
        self.children: list[Element | str] = []
        self.words = self.linked = self.jumps = self.prose = 0
        self.controls = self.links = self.headings = self.menus = 0

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly in it."""
        return (child for child in self.children if isinstance(child, Element))

    @property
    def following(self) -> Element | None:
        """The element after it, if nothing but blanks is between."""
        beside = self.parent.children if self.parent is not None else []
        for other in islice(beside, self.place + 1, self.place + 4):
            if isinstance(other, Element):
                return other
            if other.strip():
                return None
        return None

    @property
    def ancestors(self) -> Iterator[Element]:
        """The elements it stands in, innermost first."""
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    def inside(self) -> Iterator[Element]:
        """List it and all elements in it, in order."""
        stack = [self]
        while stack:
            element = stack.pop()
            yield element
            stack.extend(reversed(list(element.elements)))

    def text(self, out: Container[Element] = ()) -> str:
        """Give its words as they are written, but for those of elements in `out`; what does not stand in a line is apart."""
        parts: list[str] = []
        stack: list[Element | str] = [self]
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                parts.append(item)
            elif item not in out:
                apart = "" if item.tag in INLINE else " • " if item.tag == "li" else " "
                parts.append(apart)
                stack.extend([" " if apart else "", *reversed(item.children)])
        return "".join(parts)

    @cached_property
    def role(self) -> str:
        """Its role, as it is written."""
        return self.attributes.get("role", "").strip().lower()

    @cached_property
    def names(self) -> str:
        """Its id and classes as words between blanks: " site footer main nav " for "siteFooter main_nav"."""
        given = f"{self.attributes.get('id', '')} {self.attributes.get('class', '')}"[:1000]
        words = _HUMP.sub(r"\1 \2", given).replace("-", " ").replace("_", " ").lower().split()
        return f" {' '.join(words)} "

    @cached_property
    def path(self) -> str:
        """Its path, as XPath."""
        steps = [self.step, *(above.step for above in self.ancestors)]
        return "/" + "/".join(reversed(steps)) if len(steps) <= PATH_DEPTH else ""


def parse(html: str, name: str) -> Element:
    """Parse a page; give its body.

    Raises
    ------
    ReadError
        If it has too many tags, or too many open at once.
    """
    _check(html, name)
    from selectolax.lexbor import LexborHTMLParser

    parser = LexborHTMLParser(html.replace("\0", "\ufffd"))
    return _tree(parser.body) if parser.body is not None else Element("body", {}, None, "body")


def _check(html: str, name: str) -> None:
    """Count what is open at each tag, as the parser will: an end tag ends what it finds without leaving a table, say."""
    open_: list[str] = []
    cost = drawn = 0  # drawn: how many of the open elements are pictures, in which "/>" ends an element
    for number, match in enumerate(_TAG.finditer(_parsed(html))):
        is_end, tag, rest = match[1], (match[2] or "").lower(), match[3] or ""
        if tag and not is_end and tag not in _VOID and tag not in _SELF_CLOSING and not (drawn and rest.endswith("/")):
            open_.append(tag)
            drawn += tag in _PICTURES
        elif is_end:
            at = len(open_) - 1
            while at >= 0 and open_[at] != tag and open_[at] not in _SCOPES:
                at -= 1
            cost += len(open_) - at
            if at >= 0 and open_[at] == tag:
                drawn -= sum(each in _PICTURES for each in open_[at:])
                del open_[at:]
        cost += len(open_)
        if number >= MAX_TAGS or cost > MAX_COST:
            what = f"more than {MAX_TAGS:,} tags" if number >= MAX_TAGS else f"{len(open_):,} elements open at once"
            raise ReadError(f"{name}: has {what}, which no policy has; save the policy alone")


def _parsed(html: str) -> str:
    """Give a page without comments and what scripts hold, in which nothing is a tag."""
    parts, at = [], 0
    while (found := _UNPARSED.search(html, at)) is not None:
        parts.append(html[at : found.start()])
        if found[1]:
            end = _UNPARSED_ENDS[found[1].lower()].search(html, found.end())
            at = end.end() if end else len(html)
        else:
            end_at = html.find("-->", found.end())
            at = end_at + 3 if end_at >= 0 else len(html)
    return "".join([*parts, html[at:]])


def _tree(body: Any) -> Element:
    """Copy what can be seen of the parser's tree, and count its words."""
    root = Element("body", {}, None, "html/body")
    made = [root]
    # what is yet to be read: an element, how many of each tag it has had, whether it is a link, the next node in it
    stack: list[tuple[Element, dict[str, int], str, Any]] = [(root, {}, "", body.first_child)]
    while stack:
        parent, seen, link, node = stack.pop()
        while node is not None:
            if node.is_text_node:
                _add_text(parent, node.text_content or "", link)
            elif node.is_element_node:
                tag = node.tag
                seen[tag] = seen.get(tag, 0) + 1
                parent.controls += tag in _CONTROLS
                parent.links += tag == "a"
                parent.headings += tag in HEADINGS
                parent.menus += tag == "nav" or node.attributes.get("role") == "navigation"
                if tag not in UNSEEN:
                    attributes = {key: value or "" for key, value in node.attributes.items()}
                    element = Element(tag, attributes, parent, f"{tag}[{seen[tag]}]")
                    parent.children.append(element)
                    made.append(element)
                    stack.append((parent, seen, link, node.next))
                    parent, seen, link, node = element, {}, _link(element) or link, node.first_child
                    continue
            node = node.next
    for element in reversed(made[1:]):
        above: Element = element.parent  # type: ignore[assignment]
        for name in ("words", "linked", "jumps", "prose", "controls", "links", "headings", "menus"):
            setattr(above, name, getattr(above, name) + getattr(element, name))
    return root


def _add_text(parent: Element, text: str, link: str) -> None:
    parent.children.append(text)
    words = len(text.split())
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


def decode(data: bytes, name: str, charset: str = "") -> tuple[str, str, tuple[str, ...]]:
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


def is_cheap(data: bytes) -> bool:
    return len(data) < 100_000
