"""HTML becomes a tree of elements that counts its words, decoded as a browser would, within bounds of time and memory.

The parser (lexbor, by selectolax) repairs what is not closed or wrongly nested. Some pages, made for it or not, would cost it
minutes or gigabytes: thousands of elements open at once. They are counted first, and refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from classifier.errors import ReadError
from classifier.readers.decode import is_mostly_utf8, sniff

MAX_TAGS = 300_000
MAX_COST = 30_000_000
"""Tags on a page, and the sum over them of how many elements are open there: real pages have 1 % of either."""
PATH_DEPTH = 60
"""Steps of an element's path that are written out."""
UNSEEN = frozenset(
    "script style noscript template iframe object embed applet svg math canvas audio video select datalist textarea meter "
    "progress title link meta base area map param source track frame frameset noframes input img".split()
)
"""What holds no words that a reader of the page sees, or none of the policy."""
OPENERS = ("aria-expanded", "data-toggle", "data-bs-toggle")
"""What a link or button has that opens a part of the page."""
_CONTROLS = frozenset("button input select textarea".split())
_PROSE = 8
"""A run of so many words outside links is prose."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# these end by themselves where the next one begins
_SELF_CLOSING = frozenset("p li dt dd tr td th tbody thead tfoot option optgroup colgroup html head body rp rt".split())
_DECLARED = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_XML_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})", re.IGNORECASE)
# as in the Encoding Standard (https://encoding.spec.whatwg.org); what is not here, UTF-7 above all, is not believed
_ENCODINGS = {
    **dict.fromkeys(("ascii", "iso8859-1"), "cp1252"),
    **{name: name for name in (f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16))},
    **{name: name for name in (f"cp125{n}" for n in range(9))},
    **{name: name for name in ("koi8-r", "koi8-u", "mac-roman", "cp866", "shift_jis", "euc_jp", "big5", "euc_kr")},
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
}
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
    controls
        Buttons and fields in it.
    """

    __slots__ = (
        "__dict__", "attributes", "children", "controls", "jumps", "linked", "parent", "prose", "step", "tag", "words"
    )  # fmt: skip

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None, step: str) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.step = step
        self.children: list[Element | str] = []
        self.words = self.linked = self.jumps = self.prose = self.controls = 0

    @property
    def elements(self) -> Iterator[Element]:
        """The elements directly in it."""
        return (child for child in self.children if isinstance(child, Element))

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
    depth = cost = 0
    for number, match in enumerate(_TAG.finditer(html)):
        tag = match[2].lower()
        if tag in _VOID or tag in _SELF_CLOSING:
            pass
        elif match[1]:
            depth = max(0, depth - 1)
        else:
            depth += 1
        cost += depth
        if number >= MAX_TAGS or cost > MAX_COST:
            what = f"more than {MAX_TAGS:,} tags" if number >= MAX_TAGS else f"{depth:,} elements open at once"
            raise ReadError(f"{name}: has {what}, which no policy has; save the policy alone")


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
        for name in ("words", "linked", "jumps", "prose", "controls"):
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
    encoding = sniff(data) or _declared(data, charset)
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    if text.count("\0") > len(text) // 1000:
        raise ReadError(f"{name}: holds NUL characters; it is a binary or damaged file, not a page")
    lost = text.count("\ufffd")
    what = "1 character is" if lost == 1 else f"{lost:,} characters are"
    notes = (f"{what} not valid {encoding.upper()} and shown as \ufffd",) if lost else ()
    return text, codecs.lookup(encoding).name.replace("cp125", "windows-125"), notes


def _declared(data: bytes, charset: str) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 or is_mostly_utf8(data):
            return "utf-8"
    else:
        return "utf-8"
    found = _DECLARED.search(data[:4096]) or _XML_DECLARED.match(data[:4096])
    try:
        named = charset or (found[1].decode("ascii") if found else "")
        return _ENCODINGS.get(codecs.lookup(named).name, "cp1252")
    except (LookupError, ValueError):
        return "cp1252"
