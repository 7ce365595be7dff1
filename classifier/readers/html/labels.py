"""Tell which elements of a web page are headings, and which part of the page a heading is over.

The tag of a heading tells its rank. Many headings are plain elements whose class says "title"; each such class is a style of
its own, so that two classes are two ranks. The label of a panel (accordions, tabs) and the title of a box are over that part
of the page alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from classifier.readers import headings
from classifier.readers.document import collapse_whitespace
from classifier.readers.html import tables
from classifier.readers.html.boilerplate import is_disclosure
from classifier.readers.html.dom import INLINE, Element

MAX_LABEL_CHARACTERS = 4000
"""Characters in the source of a tab's label or of a heading known by its class, white space included."""
MAX_LIST_NUMBER = 9999
"""Largest number of a list item, heading rank or list start that is read."""
MAX_CLASS_CHARACTERS, MAX_CLASSES = 500, 6
"""Characters of an element's classes that are looked at, and their number."""
MAX_AD_DEPTH = 3
"""Elements from the label of an advertisement to the one that is called one."""
PANELS = {"summary": "details", "legend": "fieldset"}
"""Elements that are the labels of panels, and those panels."""
_HEADING = re.compile(r"h[1-6]")
_HEADING_NAME = re.compile(
    r"(?:.* )?(?:title|heading|headline|subtitle|subhead|subheading|hdr|head)|(?:.* )?h[1-6](?: .*)?"
)
"""The words of a class of headings, such as "section title"."""
_NAME_AROUND = re.compile(
    r"\b(?:menu|nav|navbar|navigation|breadcrumb|footer|sidebar|widget|modal|popup|toc|site|brand|logo|product)s?\b"
)
"""A word in the class of a title that is not of the policy, such as that of a menu."""
_NEVER_NAMED = frozenset("li dt dd td th caption figcaption label option".split())
"""Elements that are no headings, whatever their class."""
_CARD_NAME = re.compile("(?:.* )?(?:card|box|tile|callout|panel)")
"""The words of a class of boxes that have a title of their own, such as "summary box"."""
_OPENER = re.compile("a|button")
_PANEL_TAGS = frozenset("article div dl ol section ul".split())
"""Elements that are the panel of a button right above them, if that names none."""
_READ_WHOLE = frozenset(("nav", "table"))
"""Elements that are read without a look at the panels in them."""
_FIGURE_CAPTION = re.compile("figcaption")
_AD_LABELS = frozenset(
    ("ad", "ads", "advertisement", "advertisements", "advertising", "sponsored", "sponsored content")
)
_MAX_AD_LABEL_CHARACTERS = max(map(len, _AD_LABELS)) + 1
_AD_NAME = re.compile(
    r" (?:ads?|adv|ad(?:slot|unit|box|banner|container|label|wrapper)s?|advert\w*|sponsor\w*|dfp|gpt) "
)


def heading_style(element: Element) -> tuple[str, int]:
    """Return the style of a heading and its rank, 0 if no rank is written; the style is "" if the element is no heading.

    >>> from classifier.readers.html.dom import parse_html
    >>> body = parse_html("<h2>Data</h2><p class='section-title big'>Use</p><p>We do.", "page")
    >>> [heading_style(element) for element in body.elements]
    [('rank', 2), ('named section title', 0), ('', 0)]
    """
    if _HEADING.fullmatch(element.tag):
        return "rank", int(element.tag[1])
    if element.role == "heading":
        return "rank", min(6, max(1, parse_number(element.attributes.get("aria-level"), 2)))
    if element.tag == "summary":
        inner = element.find(_HEADING)
        return "summary", int(inner.tag[1]) if inner is not None else 0
    if is_disclosure(element) and 0 < element.words <= headings.MAX_HEADING_WORDS:
        return "button", 0
    if element.tag == "legend":
        return "legend", 0
    return _named_style(element), 0


def parse_number(written: str | None, default: int) -> int:
    """Return the number in an attribute, within limits; the default if there is none."""
    try:
        return max(-MAX_LIST_NUMBER, min(MAX_LIST_NUMBER, int(written or "")))
    except ValueError:
        return default


def _named_style(element: Element) -> str:
    """Return the style of a heading known by its class, such as <p class="section-title">Cookies</p>, "" if it is none."""
    is_short = 0 < element.words <= headings.MAX_HEADING_WORDS and element.end - element.start <= MAX_LABEL_CHARACTERS
    if not is_short or element.tag in _NEVER_NAMED or element.words == element.linked_words:
        return ""
    name = next((name for name in _class_names(element) if _HEADING_NAME.fullmatch(name)), "")
    if not name or _NAME_AROUND.search(name) or any(child.tag not in INLINE for child in element.elements):
        return ""
    text = collapse_whitespace(element.text())
    is_title = text and not text.endswith((".", ",", ";")) and not headings.is_date_or_contact(text) and "@" not in text
    return f"named {name}" if is_title else ""


def _class_names(element: Element) -> Iterator[str]:
    """Yield the first classes as words, and the tag if it is a custom element.

    For <x-title class="page-title big">: "x title", "page title", "big".
    """
    if "-" in element.tag:
        yield element.tag.replace("-", " ")
    for name in element.attributes.get("class", "")[:MAX_CLASS_CHARACTERS].split()[:MAX_CLASSES]:
        yield " ".join(name.replace("-", " ").replace("_", " ").lower().split())


def is_card(element: Element) -> bool:
    """Whether an element is a box that may have a title of its own, as its class says."""
    return "class" in element.attributes and any(map(_CARD_NAME.fullmatch, _class_names(element)))


def is_ad_label(text: str, element: Element) -> bool:
    """Whether a text is the label of an advertisement, as the name of an element around it or in it says."""
    if len(text) > _MAX_AD_LABEL_CHARACTERS or text.rstrip(":").lower() not in _AD_LABELS:
        return False
    near = [*islice(element.elements, MAX_AD_DEPTH)]
    around: Element | None = element
    while around is not None and len(near) < 2 * MAX_AD_DEPTH:
        near.append(around)
        around = around.parent
    return any(_AD_NAME.search(each.names) for each in near)


# --- parts of a page and their labels ------------------------------------------------------------------------------------


class Panels:
    """The panels of a page.

    Attributes
    ----------
    titles
        The panels of tabs, with the labels of their tabs.
    skipped
        The elements that are not read in their place: boilerplate, preference centers, tabs, captions read with their table.
    labels
        The panels whose labels have been read, with the styles of these.
    """

    def __init__(self, body: Element, removed: Mapping[Element, str], centers: Iterable[Element]) -> None:
        self.titles, tabs = _find_tabs(body)
        self.skipped = {*removed, *centers, *tabs, *_find_figure_captions(body, removed)}
        self.labels: dict[Element, str] = {}
        self._body = body
        self._by_id: dict[str, Element] | None = None
        self._by_class: dict[str, list[int]] | None = None

    def opened_by(self, title: Element, is_ranked: bool) -> Element | None:
        """Return the panel that a button opens, or the button in a heading of written rank; None if there is none."""
        button = title.find(_OPENER) if is_ranked else title
        if button is None or not is_disclosure(button):
            return None
        if self._by_id is None:
            self._by_id = _find_ids(self._body)
        panel = self._by_id.get(_target_id(button))
        if panel is None and (below := title.next_element) is not None and below.tag in _PANEL_TAGS:
            panel = below
        if panel is None or panel.number <= title.last_number or not panel.words:
            return None
        around: Element | None = panel
        while around is not None and not around.contains(title):
            if around in self.skipped or around in self.labels or around.tag in _READ_WHOLE:
                return None
            around = around.parent
        return panel

    def is_only_title(self, title: Element, card: Element) -> bool:
        """Whether no other element of its class is in the box with a title."""
        if self._by_class is None:
            self._by_class = defaultdict(list)
            for element in self._body.subtree():
                if element.attributes.get("class"):
                    self._by_class[element.attributes["class"]].append(element.number)
        numbers = self._by_class.get(title.attributes.get("class", ""), [])
        at = bisect_left(numbers, card.number + 1)
        return at + 1 >= len(numbers) or numbers[at + 1] > card.last_number


def _find_ids(body: Element) -> dict[str, Element]:
    return {element.attributes["id"]: element for element in body.subtree() if element.attributes.get("id")}


def _find_tabs(body: Element) -> tuple[dict[Element, str], set[Element]]:
    """Return the panels of tabs with the labels of their tabs, and the tabs, which are not read again on their own."""
    tabs = [element for element in body.subtree() if element.attributes and _is_tab(element)]
    if not tabs:
        return {}, set()
    # a tab names its panel, or a panel its tab
    by_id = _find_ids(body)
    pairs = [(tab, by_id.get(_target_id(tab))) for tab in tabs]
    tab_by_id = {tab.attributes.get("id", ""): tab for tab in tabs}
    for element in body.subtree():
        label_id = element.attributes.get("aria-labelledby", "") if element.role == "tabpanel" else ""
        if label_id in tab_by_id and label_id:
            pairs.append((tab_by_id[label_id], element))
    # one panel for each tab and one tab for each panel
    titles: dict[Element, str] = {}
    paired_tabs = set()
    for tab, panel in pairs:
        if panel is not None and panel not in titles and not tab.contains(panel) and tab not in paired_tabs:
            titles[panel] = collapse_whitespace(tab.text()).removeprefix("• ")
            paired_tabs.add(tab)
    return titles, paired_tabs


def _is_tab(element: Element) -> bool:
    toggles = element.attributes.get("data-toggle") == "tab" or element.attributes.get("data-bs-toggle") == "tab"
    return (toggles or element.role == "tab") and element.end - element.start <= MAX_LABEL_CHARACTERS


def _target_id(button: Element) -> str:
    """Return the id of the element that a tab or a button opens, "" if it names none."""
    targets = (button.attributes.get(name, "") for name in ("aria-controls", "data-bs-target", "data-target", "href"))
    return next(filter(None, targets), "").removeprefix("#")


def _find_figure_captions(body: Element, removed: Mapping[Element, str]) -> set[Element]:
    """Return the captions of figures that are read with the table in the figure."""
    if body.find(_FIGURE_CAPTION) is None:
        return set()
    found = (element for element in body.subtree() if element.tag == "table" and element not in removed)
    captions = (caption for table in found if tables.is_data_table(table) for caption in tables.captions_of(table))
    return {caption for caption in captions if caption.tag == "figcaption"}
