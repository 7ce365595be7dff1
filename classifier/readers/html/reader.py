"""Turn a web page into the text of its policy: headings, paragraphs, lists, tables row by row, panels.

`dom` parses the page, `boilerplate` finds the parts that are not policy text, and this module reads the rest in document
order. A piece ends where browsers break a line. Parts that a page shows only after a click (accordions, tabs, hidden panels)
are read in place, under the label that opens them. Scripts are not run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urljoin

from classifier.errors import ReadError
from classifier.readers import headings
from classifier.readers.document import (
    TYPED_BULLET,
    Piece,
    build_text,
    collapse_whitespace,
    format_list_number,
    parse_typed_bullet,
)
from classifier.readers.html import tables
from classifier.readers.html.boilerplate import (
    find_boilerplate,
    find_preference_centers,
    is_disclosure,
    is_table_of_contents,
)
from classifier.readers.html.dom import (
    IN_PANEL,
    INLINE,
    LARGE_TEXT_CHARACTERS,
    MIN_PROSE_WORDS,
    Element,
    decode_html,
    link_address,
    parse_html,
)
from classifier.types import Block, Document, Link

MAX_ADDRESS_LINE_CHARACTERS = 60
"""Characters in a line that continues the line before it, as the lines of an address do."""
MAX_LABEL_CHARACTERS = 4000
"""Characters in the source of a tab's label or of a heading known by its class, white space included."""
MIN_COVERAGE = 0.5
"""Share of the page's words below which a note says how little was kept."""
CENTER_TITLE = "Preference center"
"""Heading over the preference center of a consent manager, which is no part of the policy."""
MAX_NAMED_FRAMES = 5
"""Frames that a message names."""
MAX_WORDS_AROUND_FRAMES = 150
"""Words of a page that may do no more than show another page in a frame."""
MAX_JOINED_LINES = 1000
"""Lines of a part that are kept one by one; then they are joined, since one string takes less memory."""
MAX_LIST_NUMBER = 9999
"""Largest number of a list item, heading rank or list start that is read."""
MAX_LEAD_CHARACTERS = 400
"""Characters at the end of a text in which the sentence that introduces a list is looked for."""
MIN_LEAD_WORDS = 4
"""Words of a sentence that introduces a list of links; "Follow us on:" is the title of a menu."""
_BOLD = frozenset(("b", "strong", "u"))
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|text-decoration\s*:\s*underline", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
_HEADING = re.compile(r"h[1-6]")
_HEADING_NAMES = re.compile(
    r" (?:h[1-6]|title|heading|headline|subtitle|subhead|subheading|page title|hdr|head) $| h[1-6] "
)
_INTRODUCES = re.compile(r"\b(?:following|below)\b", re.IGNORECASE)
_SECTION_NUMBER = re.compile(r"(\d{1,2})[.)]\s")
_SENTENCE_BREAK = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_PARAGRAPH = Block("paragraph", 0, 0)
_SENTENCE_END = re.compile(r"[.;!?][\"”)]*$")


def read_html(data: bytes, name: str, keep_all: bool = False, charset: str = "") -> Document:
    """Read a web page.

    Parameters
    ----------
    data
        The page as received.
    name
        Its name in messages and output.
    keep_all
        Keep boilerplate, such as menus, too.
    charset
        The encoding declared by a server.

    Raises
    ------
    ReadError
        If it has no text, or more than a policy could have.

    Examples
    --------
    >>> document = read_html(b"<nav><a href=/>Home</a></nav><main><h1>Privacy</h1><p>We keep logs.</p></main>", "page")
    >>> document.text
    'Privacy\\n\\nWe keep logs.'
    >>> document.left_out
    (('menus', 1),)
    """
    html, encoding, notes = decode_html(data, name, charset)
    document = of_body(parse_html(html, name), name, keep_all)
    links = document.links
    if name.startswith(("http://", "https://")):  # the page was fetched, so what its addresses are relative to is known
        links = tuple([link._replace(address=_absolute(name, link.address)) for link in links])
    return replace(document, encoding=encoding, notes=(*notes, *document.notes), links=links)


def _absolute(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:  # as of "http://["
        return address


def of_body(body: Element, name: str, keep_all: bool = False) -> Document:
    """Read a page that has been parsed; arguments and errors as in `read_html`."""
    centers = find_preference_centers(body)
    removed = {} if keep_all else find_boilerplate(body, centers)
    text, blocks, links = build_text(_PieceReader(body, removed, centers).pieces(), name)
    removed_words = _count_removed_words(removed)
    coverage = 1.0 - sum(removed_words.values()) / max(1, body.words)
    reasons = ", ".join(f"{reason} ({count:,} words)" for reason, count in removed_words.most_common())
    if not text and removed_words:
        raise ReadError(f"{name}: nothing on it is taken for a policy; left out: {reasons}; see --keep-all")
    frames = ", ".join(dict.fromkeys(filter(None, body.page.frames[:MAX_NAMED_FRAMES])))[:MAX_LABEL_CHARACTERS]
    if not text and frames:
        raise ReadError(f"{name}: has no text on it; its frames are not read, read their pages: {frames}")
    if not text:
        raise ReadError(
            f"{name}: has no text on it; it may be made by a script: save the page from a browser, as it shows it"
        )
    notes: tuple[str, ...] = ()
    if coverage < MIN_COVERAGE:
        share = f"only {coverage:.0%} of the page's words are taken for the policy"
        notes = (f"{share}; left out: {reasons}; see --keep-all",)
    if frames and len(text.split(None, MAX_WORDS_AROUND_FRAMES)) < MAX_WORDS_AROUND_FRAMES:
        notes = (
            *notes,
            f"the page has little text and a frame, which is not read: if the policy is in it, read {frames}",
        )
    return Document(name, text, blocks, "", "html", coverage, notes, tuple(removed_words.most_common()), links)


def _count_removed_words(removed: Mapping[Element, str]) -> Counter[str]:
    """Count the removed words by reason; an element inside another removed one is not counted again."""
    nested, last_number = set(), -1
    for element in sorted(removed, key=_number_of):
        if element.number <= last_number:
            nested.add(element)
        last_number = max(last_number, element.last_number)
    counts: Counter[str] = Counter()
    for element, reason in removed.items():
        if element not in nested:
            counts[reason] += element.words
    return counts


def _number_of(element: Element) -> int:
    return element.number


# --- items that are sections, links that are content --------------------------------------------------------------------


class _Placed(NamedTuple):
    """A piece, the element that it is the text of, and the list item that it is in, if any."""

    piece: Piece
    element: Element
    item: _OpenElement | None


class _Judge:
    """Judge pieces by those around them, in order.

    - A list item with a bold line over its text is a section of the policy, as accordions are built. The line becomes a
      heading, which ends with the item, and the rest of the item paragraphs.
    - Bold words at the beginning of any other item hold for that item alone, so they stay part of it.
    - A bold line whose number is the next one after that of a heading of written rank is of its rank.
    - Links directly below a sentence that introduces them, such as "We share your data with:", are content.
    """

    def __init__(self) -> None:
        self._section: Element | None = None  # the item that is a section
        self._list: Element | None = None  # its list, whose other items may be sections too
        self._style = ""  # style of the headings in it
        self._is_below_bold = False  # whether a bold heading outside of lists is open
        self._number = self._level = 0  # number and rank of the last heading of written rank with a number
        self._introduces = False  # whether the last text outside of links introduces a list
        self._links: Element | None = None  # the element around the links that it introduces
        self._checked: tuple[Element | None, bool] = (None, False)

    def judge(self, placed: _Placed, below: _Placed | None) -> Piece:
        """Return a piece as it is to be written; `below` is the piece after it."""
        piece, element, item = placed
        closes = ""
        if self._section is not None and not self._section.contains(element):
            self._section, closes = None, self._style
        if piece.kind == "heading":
            self._enter_heading(piece)
            return piece
        if piece.is_links:
            return self._judge_links(placed)
        is_title = piece.bold == len(piece.text) and bool(headings.opening_style(piece.text, _PARAGRAPH, ""))
        if item is not None and item.element.tag == "li" and piece.kind == "item":
            if is_title and self._opens_section(item.element, below):
                self._section, self._list = item.element, item.element.parent
                self._style = "bold in item" if self._is_below_bold else "bold"
            if self._section is item.element:
                self._introduces = _introduces_list(piece.text)
                mark = piece.mark if piece.style == "number" else ""
                if is_title:
                    return piece._replace(kind="heading", level=0, style=self._style, mark=mark)
                return piece._replace(kind="paragraph", level=0, style="", mark=mark, closes=piece.closes or closes)
        self._introduces = _introduces_list(piece.text)
        if piece.kind == "item":
            return piece._replace(bold=0, closes=piece.closes or closes)
        if is_title and _section_number(piece.text) == self._number + 1 > 1:
            piece = piece._replace(kind="heading", level=self._level)
            self._enter_heading(piece)
            return piece
        self._is_below_bold = self._is_below_bold or is_title
        return piece._replace(closes=piece.closes or closes)

    def _enter_heading(self, piece: Piece) -> None:
        self._introduces = False
        if not piece.level:
            return
        self._is_below_bold = False
        number = _section_number(piece.text)
        if number or piece.level < self._level:
            self._number, self._level = number, piece.level

    def _opens_section(self, item: Element, below: _Placed | None) -> bool:
        """Whether a bold line of an item is over prose in it, and the list does not answer a sentence above it."""
        if self._section is item:
            return False
        is_in_answer = self._introduces and self._list is not item.parent
        if below is None or below.item is None or below.item.element is not item or below.piece.is_links:
            return False
        text = below.piece.text
        is_prose = len(text.split(None, MIN_PROSE_WORDS)) >= MIN_PROSE_WORDS
        return is_prose and below.piece.bold < len(text) and not is_in_answer

    def _judge_links(self, placed: _Placed) -> Piece:
        """Turn links that a sentence introduces into items; the others are navigation."""
        piece = placed.piece
        element = placed.item.element if placed.item is not None else placed.element
        if element.parent is not None and element.parent.tag == "a":
            element = element.parent
        if self._links is None or not self._links.contains(element):
            self._links = element.parent if self._introduces else None
        if self._links is None or not self._leads_elsewhere(element):
            self._introduces = False
            self._links = None
            return piece
        self._introduces = False
        if piece.kind == "item":
            return piece._replace(is_links=False, bold=0)
        return piece._replace(kind="item", style="line", is_links=False, bold=0)

    def _leads_elsewhere(self, element: Element) -> bool:
        """Whether no link in an element leads to a place of a page, as those of a table of contents do."""
        if self._checked[0] is not element:
            links = (inner.attributes.get("href", "") for inner in element.subtree() if inner.tag == "a")
            self._checked = element, not any("#" in target for target in links)
        return self._checked[1]


def _section_number(title: str) -> int:
    """Return the number that a title begins with, 0 if it begins with none.

    >>> _section_number("6. Sharing"), _section_number("6.1 Partners")
    (6, 0)
    """
    number = _SECTION_NUMBER.match(title)
    return int(number[1]) if number else 0


def _introduces_list(text: str) -> bool:
    """Whether a text ends with a sentence that introduces a list; single words, such as "Share:", do not."""
    sentence = _SENTENCE_BREAK.split(text[-MAX_LEAD_CHARACTERS:])[-1].rstrip('*_"”) ')
    if len(sentence.split()) < MIN_LEAD_WORDS:
        return False
    return sentence.endswith(":") or _INTRODUCES.search(sentence) is not None


# --- walk --------------------------------------------------------------------------------------------------------------


class _Run(NamedTuple):
    """Text within a line, whether it is bold and in a link that leads away, and the address of the link, if it has one."""

    text: str
    is_bold: bool
    is_link: bool
    address: str = ""


class _PieceReader:
    """Walk the elements in document order, gather runs of text, and flush them as pieces where a block begins or ends."""

    def __init__(self, body: Element, removed: Mapping[Element, str], centers: Sequence[Element]) -> None:
        self._body = body
        self._removed = removed
        self._centers = dict.fromkeys(centers)
        self._runs: list[_Run] = []
        self._bold_depth = self._link_depth = 0
        self._address = ""
        self._lists: list[_List] = []
        self._blocks: list[_OpenElement] = [_OpenElement(body)]
        self._panel_titles, self._tabs = _find_panels(body)
        self._ended_panel = ""  # heading style of a panel that has just ended

    def pieces(self) -> Iterator[Piece]:
        """Yield the pieces of the page in order."""
        judge = _Judge()
        last: _Placed | None = None
        for placed in self._walk():
            if last is not None:
                yield judge.judge(last, placed)
            last = placed
        if last is not None:
            yield judge.judge(last, None)

    def _walk(self) -> Iterator[_Placed]:
        """Yield the pieces as their elements alone tell; those of preference centers come last, each under a heading."""
        yield from self._walk_in(self._body)
        for center in self._centers:
            yield _Placed(Piece(CENTER_TITLE, "heading", level=1, place=center.path), center, None)
            for placed in self._walk_in(center):
                level = placed.piece.level
                inner = placed.piece.kind == "heading" and level > 0
                yield placed._replace(piece=placed.piece._replace(level=min(6, level + 1))) if inner else placed

    def _walk_in(self, root: Element) -> Iterator[_Placed]:
        # an _OpenElement on the stack marks the end of its element
        stack: list[Element | str | _OpenElement] = list(reversed(root.children))
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                self._runs.append(_Run(item, self._bold_depth > 0, self._link_depth > 0, self._address))
            elif isinstance(item, _OpenElement):
                yield from self._leave(item)
            elif item in self._removed or item in self._tabs or item in self._centers:
                if item.tag == "button":
                    self._runs.append(_Run(" ", False, False))
                elif item.tag not in INLINE:
                    yield from self._flush()
            else:
                if title := self._panel_titles.get(item):
                    yield from self._flush()
                    yield _Placed(Piece(title, "heading", style="tab", place=item.path), item, None)
                if item.tag == "table" and tables.is_data_table(item):
                    yield from self._flush()
                    rows = tables.table_pieces(item, self._removed)
                    yield from (_Placed(row, item, self._blocks[-1].item) for row in rows)
                elif is_table_of_contents(item) and item.tag == "nav":
                    yield from self._flush()
                    contents = Piece(collapse_whitespace(item.text()), "navigation", is_links=True, place=item.path)
                    yield _Placed(contents, item, None)
                else:
                    opened = yield from self._enter(item)
                    stack.append(opened)
                    stack.extend(reversed(item.children))
        yield from self._flush()

    # --- elements ------------------------------------------------------------------------------------------------------

    def _enter(self, element: Element) -> Generator[_Placed, None, _OpenElement]:
        opened = _OpenElement(element)
        if element.tag == "br":
            self._runs.append(_Run("\n", self._bold_depth > 0, self._link_depth > 0))
        elif self._is_inline(element):
            opened.is_bold = element.tag in _BOLD or _has_bold_style(element)
            opened.is_link = element.tag == "a" and _leads_away(element)
            if element.tag == "a":
                self._address = link_address(element)
            self._bold_depth += opened.is_bold
            self._link_depth += opened.is_link
        else:
            yield from self._flush()
            opened.is_block = True
            self._enter_block(element, opened)
        return opened

    def _enter_block(self, element: Element, opened: _OpenElement) -> None:
        outer = self._blocks[-1]
        opened.heading, opened.level = outer.heading, outer.level
        opened.keeps_lines = outer.keeps_lines or element.tag == "pre"
        opened.is_bold = _has_bold_style(element)
        self._bold_depth += opened.is_bold
        if not opened.heading:
            opened.heading, opened.level = _heading_style(element)
        if element.tag in ("ul", "ol", "menu", "dir"):
            self._lists.append(_List(element))
            opened.is_list = True
        elif element.tag == "li":
            opened.needs_mark = True
        elif element.tag in ("dt", "dd"):
            opened.depth = len(self._lists) + (element.tag == "dd")
            opened.style = "term"
        opened.item = opened if element.tag in ("li", "dt", "dd") else outer.item
        self._blocks.append(opened)

    def _leave(self, opened: _OpenElement) -> Iterator[_Placed]:
        if opened.is_block:
            yield from self._flush()
            self._blocks.pop()
            if opened.element.tag == "details":
                self._ended_panel = _summary_style(opened.element)
            if opened.is_list:
                self._lists.pop()
        if opened.element.tag == "a":
            self._address = ""  # no link is within another one
        self._bold_depth -= opened.is_bold
        self._link_depth -= opened.is_link

    def _is_inline(self, element: Element) -> bool:
        if element.tag in INLINE:
            return not _BLOCK_STYLE.search(element.attributes.get("style", ""))
        if element.tag == "button":  # the label of a disclosure button is a heading, unless it is in a heading
            if self._blocks[-1].heading:
                return True
            return not is_disclosure(element) and all(child.tag in INLINE for child in element.elements)
        if "-" in element.tag:  # a custom element in a sentence is like a word
            return (element.parent or element).has_bare_words
        return False

    # --- pieces ---------------------------------------------------------------------------------------------------------

    def _flush(self) -> Iterator[_Placed]:
        """Yield the gathered runs as pieces."""
        if not self._runs:
            return
        runs, self._runs = self._runs, []
        block = self._blocks[-1]
        if block.heading:
            line = _line([_Run(run.text.replace("\n", " "), False, False, run.address) for run in runs])
            if line.text:
                level, self._ended_panel = block.level, ""
                piece = Piece(line.text, "heading", level, "" if level else block.heading, place=block.element.path)
                piece = piece._replace(links=line.links)
                yield _Placed(piece, block.element, block.item)
            return
        if sum(len(run.text) for run in runs) < LARGE_TEXT_CHARACTERS:
            lines = [_line(line) for line in _split_lines(runs, block.keeps_lines)]
            for part in _join_lines(lines, is_wrapped=all(len(line.text) <= headings.WRAP_WIDTH for line in lines)):
                yield _Placed(self._piece(part, block), block.element, block.item)
            return
        # split a large text twice rather than keep all its lines in memory
        is_wrapped = all(map(_is_wrapped_line, _split_lines(runs, block.keeps_lines)))
        for part in _join_lines(map(_line, _split_lines(runs, block.keeps_lines)), is_wrapped):
            yield _Placed(self._piece(part, block), block.element, block.item)

    def _piece(self, part: _Part, block: _OpenElement) -> Piece:
        text = part.text
        bold = len(text) if part.is_bold else part.bold_characters
        piece = Piece(text, bold=bold, is_links=part.is_links, place=block.element.path, links=part.links)
        piece = parse_typed_bullet(piece)
        item = block.item
        if item is None and piece.kind == "item":  # a paragraph that begins with a typed bullet
            return piece._replace(level=len(self._lists))
        if item is None:
            closes, self._ended_panel = self._ended_panel, ""
            return piece._replace(closes=closes)
        if item.element.tag != "li":
            style, mark = item.style, ""
        elif item.needs_mark and self._lists:
            style, mark = self._lists[-1].next_mark(item.element)
        else:
            style, mark = ("bullet", "•") if item.needs_mark else ("more", "")
        item.needs_mark = False
        depth = item.depth if item.depth >= 0 else max(0, len(self._lists) - 1)
        return piece._replace(kind="item", level=depth, style=style, mark=mark or piece.mark)


class _OpenElement:
    """The effect of an element that is being read, until it ends.

    Attributes
    ----------
    is_block, is_bold, is_link, is_list
        Whether it breaks lines, makes text bold, is a link that leads away, is a list.
    keeps_lines
        Whether line ends of the source break lines.
    heading, level
        Style of the heading that it is in ("" if none), and its rank (0 if not written).
    depth, style
        Depth and style of an item; -1 if its lists tell the depth.
    item
        The innermost list item that it is or is in.
    needs_mark
        Whether it is an item whose bullet or number has not been written.
    """

    __slots__ = (
        "depth", "element", "heading", "is_block", "is_bold", "is_link", "is_list", "item", "keeps_lines", "level",
        "needs_mark", "style",
    )  # fmt: skip

    def __init__(self, element: Element) -> None:
        self.element = element
        self.is_block = self.is_bold = self.is_link = self.is_list = self.needs_mark = self.keeps_lines = False
        self.heading = self.style = ""
        self.level, self.depth = 0, -1
        self.item: _OpenElement | None = None


class _List:
    """A list that is being read, with the number of its last item."""

    def __init__(self, element: Element) -> None:
        self.is_ordered = element.tag == "ol"
        self.kind = element.attributes.get("type", "1" if self.is_ordered else "disc")
        self.number = _parse_number(element.attributes.get("start"), 1) - 1

    def next_mark(self, item: Element) -> tuple[str, str]:
        """Return the style and the mark of the next item."""
        if not self.is_ordered:
            return "bullet", "•"
        self.number = _parse_number(item.attributes.get("value"), self.number + 1)
        return "number", f"{format_list_number(self.number, self.kind)}."


def _parse_number(written: str | None, default: int) -> int:
    try:
        return max(-MAX_LIST_NUMBER, min(MAX_LIST_NUMBER, int(written or "")))
    except ValueError:
        return default


# --- kinds of elements -------------------------------------------------------------------------------------------------


def _has_bold_style(element: Element) -> bool:
    return _BOLD_STYLE.search(element.attributes.get("style", "")) is not None


def _heading_style(element: Element) -> tuple[str, int]:
    """Return the style of a heading and its rank, 0 if no rank is written; the style is "" if the element is no heading."""
    if _HEADING.fullmatch(element.tag):
        return "rank", int(element.tag[1])
    if element.role == "heading":
        return "rank", min(6, max(1, _parse_number(element.attributes.get("aria-level"), 2)))
    if element.tag == "summary":
        inner = element.find(_HEADING)
        return ("rank", int(inner.tag[1])) if inner is not None else (_summary_style(element), 0)
    if is_disclosure(element) and 0 < element.words <= headings.MAX_HEADING_WORDS:
        return "button", 0
    if element.tag == "legend":
        return "legend", 0
    # <p class="section-title">Cookies</p>
    is_short = 0 < element.words <= headings.MAX_HEADING_WORDS and element.end - element.start <= MAX_LABEL_CHARACTERS
    is_plain = not any(child.tag not in INLINE for child in element.elements)
    if is_short and is_plain and _HEADING_NAMES.search(_class_names(element)):
        text = collapse_whitespace(element.text())
        if text and not text.endswith((".", ",", ";")) and not headings.DATED.match(text) and "@" not in text:
            return "named", 0
    return "", 0


def _summary_style(element: Element) -> str:
    """Return the heading style of a panel's label, which includes its depth; `element` is the panel or the label in it."""
    return f"summary {element.flags // IN_PANEL + (element.tag == 'details')}"


def _class_names(element: Element) -> str:
    """Return the first classes as words, each followed by "$", after the tag if it is a custom element.

    For <x-title class="page-title big">: " x title  page title $ big $".
    """
    tag = f" {element.tag.replace('-', ' ')} " if "-" in element.tag else ""
    classes = element.attributes.get("class", "").split()[:6]
    words = (" ".join(name.replace("-", " ").replace("_", " ").lower().split()) for name in classes)
    return tag + "".join(f" {each} $" for each in words)[:500]


def _leads_away(element: Element) -> bool:
    """Whether a link leads elsewhere, or to a place of this page."""
    return element.linked_words > 0 or (element.words > 0 and element.attributes.get("href", "").startswith("#"))


def _find_panels(body: Element) -> tuple[dict[Element, str], set[Element]]:
    """Return the panels of tabs with the labels of their tabs, and the tabs, which are not read again on their own."""
    tabs = [element for element in body.subtree() if element.attributes and _is_tab(element)]
    if not tabs:
        return {}, set()
    # a tab names its panel, or a panel its tab
    by_id = {element.attributes["id"]: element for element in body.subtree() if element.attributes.get("id")}
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


def _target_id(tab: Element) -> str:
    """Return the id of the element that a tab opens, "" if it names none."""
    targets = (tab.attributes.get(name, "") for name in ("aria-controls", "data-bs-target", "data-target", "href"))
    return next(filter(None, targets), "").removeprefix("#")


# --- lines -------------------------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """A line: its text, the number of bold characters at its beginning, whether all its words are links, and the links."""

    text: str
    bold_characters: int
    is_links: bool
    links: tuple[Link, ...]


class _Part:
    """Consecutive lines that form one paragraph.

    Attributes
    ----------
    text
        The lines, separated by line ends.
    last
        The last line.
    bold_characters
        Number of bold characters at the beginning of the first line.
    is_bold, is_links
        Whether all of it is bold; whether all words are links.
    """

    __slots__ = ("_joined", "_length", "_links", "_texts", "bold_characters", "is_bold", "is_links", "last")

    def __init__(self, line: _Line) -> None:
        self._joined: list[str] = []
        self._texts = [line.text]
        self._length, self._links = len(line.text), list(line.links)
        self.last = line
        self.bold_characters = line.bold_characters
        self.is_bold = line.bold_characters == len(line.text)
        self.is_links = line.is_links

    def add(self, line: _Line) -> None:
        if len(self._texts) >= MAX_JOINED_LINES:
            self._joined.append("\n".join(self._texts))
            self._texts = []
        self._texts.append(line.text)
        start = self._length + len("\n")
        self._links += [Link(start + link.start, start + link.end, link.address) for link in line.links]
        self._length = start + len(line.text)
        self.last = line
        self.is_bold = self.is_bold and line.bold_characters == len(line.text)
        self.is_links = self.is_links and line.is_links

    @property
    def text(self) -> str:
        return "\n".join([*self._joined, *self._texts])

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple(self._links)


def _is_wrapped_line(line: list[_Run]) -> bool:
    """Whether a line is as short as those of a text with hard line breaks."""
    return sum(len(run.text) for run in line) <= headings.WRAP_WIDTH or len(_line(line).text) <= headings.WRAP_WIDTH


def _split_lines(runs: list[_Run], keeps_lines: bool) -> Iterator[list[_Run]]:
    """Split runs into lines at <br>, and at line ends of the source if they are kept."""
    line: list[_Run] = []
    for run in runs:
        if run.text == "\n" or (keeps_lines and "\n" in run.text):
            for number, text in enumerate(_split_text(run.text)):
                if number:
                    yield line
                    line = []
                line.append(run if text == run.text else run._replace(text=text))
        else:
            line.append(run)
    yield line


def _split_text(text: str) -> Iterator[str]:
    """Split a text at line ends as `str.split` does, but a large text in parts, so that not all lines are in memory."""
    start = 0
    while len(text) - start > LARGE_TEXT_CHARACTERS:
        end = text.find("\n", start + LARGE_TEXT_CHARACTERS // 2)
        if end < 0:
            break
        yield from text[start:end].split("\n")
        start = end + 1
    yield from (text[start:] if start else text).split("\n")


def _line(runs: list[_Run]) -> _Line:
    text = collapse_whitespace("".join(run.text for run in runs) if len(runs) != 1 else runs[0].text)
    # the leading runs that are bold or blank
    bold = []
    for run in runs:
        if not run.is_bold and run.text.strip():
            break
        bold.append(run.text)
    bold_characters = len(text) if len(bold) == len(runs) else len(collapse_whitespace("".join(bold)))
    with_words = [run for run in runs if headings.WORD.search(run.text)]
    links = _find_links(runs) if any(run.address for run in runs) else ()
    return _Line(text, bold_characters, bool(with_words) and all(run.is_link for run in with_words), links)


def _find_links(runs: list[_Run]) -> tuple[Link, ...]:
    """Return the links of a line, with places in its text as `collapse_whitespace` makes it of the runs."""
    links: list[Link] = []
    at, is_apart = 0, False  # the length of the text so far, and whether white space follows it
    for run in runs:
        text = collapse_whitespace(run.text)
        if text:
            at += at > 0 and (is_apart or run.text[0].isspace())
            last = links[-1] if links else None
            if run.address and last is not None and last.address == run.address and at - last.end <= 1:
                links[-1] = Link(last.start, at + len(text), run.address)  # a link with bold words has several runs
            elif run.address:
                links.append(Link(at, at + len(text), run.address))
            at += len(text)
        is_apart = run.text[-1:].isspace() if text else is_apart or run.text.isspace()
    return tuple(links)


def _join_lines(lines: Iterable[_Line], is_wrapped: bool) -> Iterator[_Part]:
    """Join lines that continue each other, such as those of an address; a heading and the line below it are not joined."""
    part: _Part | None = None
    for line in lines:
        if part is not None and (not line.text or not _continues(part.last, line, is_wrapped)):
            yield part
            part = None
        if line.text:
            if part is None:
                part = _Part(line)
            else:
                part.add(line)
    if part is not None:
        yield part


def _continues(previous: _Line, line: _Line, is_wrapped: bool) -> bool:
    """Whether a line continues the one before it; `is_wrapped` if all lines are as short as hard line breaks make them."""
    previous_is_bold = previous.bold_characters == len(previous.text)
    if TYPED_BULLET.match(line.text) or previous_is_bold != (line.bold_characters == len(line.text)):
        return False
    if TYPED_BULLET.match(previous.text):
        return False
    ends_sentence = _SENTENCE_END.search(previous.text) and len(previous.text) > MAX_ADDRESS_LINE_CHARACTERS
    if previous.text.endswith(":") or ends_sentence:
        return False
    return is_wrapped or max(len(previous.text), len(line.text)) <= MAX_ADDRESS_LINE_CHARACTERS
