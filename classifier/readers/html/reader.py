"""A web page becomes the text of its policy: headings, paragraphs, lists, tables row by row, panels that open.

`tree` parses, `surroundings` says what is not of the policy, and here what is left is read in the order of the page. Where
browsers break a line a piece ends; what a page shows only after a click (accordions, tabs, hidden panels) is read where it
stands, under the label that opens it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

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
from classifier.readers.html.boilerplate import is_contents, left_out, opens
from classifier.readers.html.dom import A_PANEL, INLINE, LARGE_CHARACTERS, Element, decode_html, parse_html
from classifier.types import Document

SHORT_LINE = 60
"""Lines of an address are no longer than this."""
MAX_LABEL_CHARACTERS = 4000
"""Characters, blanks of the source included, that the label of a tab or a heading known by its class has at most."""
LOW = 0.5
"""Where less of the page's words is kept than this, the person is told."""
_BOLD = frozenset(("b", "strong", "u"))
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|text-decoration\s*:\s*underline", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
_HEADING = re.compile(r"h[1-6]")
_HEADING_NAMES = re.compile(
    r" (?:h[1-6]|title|heading|headline|subtitle|subhead|subheading|page title|hdr|head) $| h[1-6] "
)
_SENTENCE = re.compile(r"[.;!?][\"”)]*$")


def read_html(data: bytes, name: str, keep_all: bool = False, charset: str = "") -> Document:
    """Read a web page.

    Parameters
    ----------
    data
        The page as it came.
    name
        What messages and output call it.
    keep_all
        Keep also what is surely not of the policy, such as menus.
    charset
        What a server says that it is encoded in.

    Raises
    ------
    ReadError
        If there is no text on it, or more than a policy could have.
    """
    html, encoding, notes = decode_html(data, name, charset)
    document = of_body(parse_html(html, name), name, keep_all)
    return replace(document, encoding=encoding, notes=(*notes, *document.notes))


def of_body(body: Element, name: str, keep_all: bool = False) -> Document:
    """Read a page that has been parsed; see `read`."""
    notes: tuple[str, ...] = ()
    out = {} if keep_all else left_out(body)
    pieces = _Walk(body, out).pieces()
    text, blocks = build_text(pieces, name)
    lost = _lost(out)
    coverage = 1.0 - sum(lost.values()) / max(1, body.words)
    what = ", ".join(f"{reason} ({count:,} words)" for reason, count in lost.most_common())
    if not text:
        why = f"nothing on it is taken for a policy; left out: {what}; see --keep-all"
        script = "has no text on it; it may be made by a script: save the page from a browser, as it shows it"
        raise ReadError(f"{name}: {why if lost else script}")
    if coverage < LOW:
        said = f"only {coverage:.0%} of the page's words are taken for the policy; left out: {what}; see --keep-all"
        notes = (said,)
    return Document(name, text, blocks, "", "html", coverage, notes, tuple(lost.most_common()))


def _lost(out: Mapping[Element, str]) -> Counter[str]:
    """Count the words left out by reason; those of an element within another one that is left out are counted once."""
    inner, last = set(), -1
    for element in sorted(out, key=_number_of):
        if element.number <= last:
            inner.add(element)
        last = max(last, element.last)
    lost: Counter[str] = Counter()
    for element, reason in out.items():
        if element not in inner:
            lost[reason] += element.words
    return lost


def _number_of(element: Element) -> int:
    return element.number


class _Run(NamedTuple):
    """Text within a line, and how it is set."""

    text: str
    bold: bool
    link: bool


class _Walk:
    """Reads the elements in order; a flush ends the piece that is being gathered."""

    def __init__(self, body: Element, out: Mapping[Element, str]) -> None:
        self._body = body
        self._out = out
        self._runs: list[_Run] = []
        self._bold = self._link = 0
        self._lists: list[_List] = []
        self._open: list[_Open] = [_Open(body)]
        self._panels, self._tabs = _panels(body)
        self._closed = ""  # how the label of a panel is set that has just ended

    def pieces(self) -> Iterator[Piece]:
        """Give what is found, in order."""
        stack: list[Element | str | _Open] = list(reversed(self._body.children))
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                self._runs.append(_Run(item, self._bold > 0, self._link > 0))
            elif isinstance(item, _Open):
                yield from self._leave(item)
            elif item in self._out or item in self._tabs:
                if item.tag == "button":
                    self._runs.append(_Run(" ", False, False))
                elif item.tag not in INLINE:
                    yield from self._flush()
            else:
                if title := self._panels.get(item):
                    yield from self._flush()
                    yield Piece(title, "heading", style="tab", place=item.path)
                if item.tag == "table" and tables.is_data(item):
                    yield from self._flush()
                    yield from tables.pieces(item, self._out)
                elif is_contents(item) and item.tag == "nav":
                    yield from self._flush()
                    yield Piece(collapse_whitespace(item.text()), "navigation", is_links=True, place=item.path)
                else:
                    opened = yield from self._enter(item)
                    stack.append(opened)
                    stack.extend(reversed(item.children))
        yield from self._flush()

    # --- elements ------------------------------------------------------------------------------------------------------

    def _enter(self, element: Element) -> Generator[Piece, None, _Open]:
        opened = _Open(element)
        if element.tag == "br":
            self._runs.append(_Run("\n", self._bold > 0, self._link > 0))
        elif self._is_inline(element):
            opened.bold = element.tag in _BOLD or _BOLD_STYLE.search(element.attributes.get("style", "")) is not None
            opened.link = element.tag == "a" and _leads_away(element)
            self._bold += opened.bold
            self._link += opened.link
        else:
            yield from self._flush()
            opened.block = True
            self._enter_block(element, opened)
        return opened

    def _enter_block(self, element: Element, opened: _Open) -> None:
        around = self._open[-1]
        opened.heading, opened.level = around.heading, around.level
        opened.keeps_lines = around.keeps_lines or element.tag == "pre"
        bold = _BOLD_STYLE.search(element.attributes.get("style", "")) is not None
        self._bold += bold
        opened.bold = bold
        if not opened.heading:
            opened.heading, opened.level = _heading(element)
        if element.tag in ("ul", "ol", "menu", "dir"):
            self._lists.append(_List(element))
            opened.is_list = True
        elif element.tag == "li":
            opened.fresh = True
        elif element.tag in ("dt", "dd"):
            opened.depth = len(self._lists) + (element.tag == "dd")
            opened.style = "term"
        opened.item = opened if element.tag in ("li", "dt", "dd") else around.item
        self._open.append(opened)

    def _leave(self, opened: _Open) -> Iterator[Piece]:
        if opened.block:
            yield from self._flush()
            self._open.pop()
            if opened.element.tag == "details":
                self._closed = _summary_style(opened.element)
            if opened.is_list:
                self._lists.pop()
        self._bold -= opened.bold
        self._link -= opened.link

    def _is_inline(self, element: Element) -> bool:
        if element.tag in INLINE:
            return not _BLOCK_STYLE.search(element.attributes.get("style", ""))
        if element.tag == "button":  # the label of one that opens something is a heading, if it does not stand in one
            if self._open[-1].heading:
                return True
            return not opens(element) and all(child.tag in INLINE for child in element.elements)
        if "-" in element.tag:  # an element of the page's own is as a word in a sentence where it stands in one
            return (element.parent or element).has_bare_words
        return False

    # --- pieces ---------------------------------------------------------------------------------------------------------

    def _flush(self) -> Iterator[Piece]:
        if not self._runs:
            return
        runs, self._runs = self._runs, []
        around = self._open[-1]
        if around.heading:
            line = _line([_Run(run.text.replace("\n", " "), False, False) for run in runs])
            if line.text:
                level, self._closed = around.level, ""
                yield Piece(line.text, "heading", level, "" if level else around.heading, place=around.element.path)
            return
        if sum(len(run.text) for run in runs) < LARGE_CHARACTERS:
            lines = [_line(line) for line in _lines(runs, around.keeps_lines)]
            for part in _parts(lines, wrapped=all(len(line.text) <= headings.WRAP_WIDTH for line in lines)):
                yield self._piece(part, around)
            return
        # lines are made twice, so that they need not all be kept
        wrapped = all(map(_is_wrapped, _lines(runs, around.keeps_lines)))
        for part in _parts(map(_line, _lines(runs, around.keeps_lines)), wrapped):
            yield self._piece(part, around)

    def _piece(self, part: _Part, around: _Open) -> Piece:
        text = part.text
        bold = len(text) if part.is_bold else part.bold
        links = part.is_links
        place = around.element.path
        piece = parse_typed_bullet(Piece(text, bold=bold, is_links=links, place=place))
        item = around.item
        if item is None and piece.kind == "item":
            return piece._replace(level=len(self._lists))
        if item is None:
            closes, self._closed = self._closed, ""
            return piece._replace(closes=closes)
        if item.element.tag != "li":
            style, mark = item.style, ""
        elif item.fresh and self._lists:
            style, mark = self._lists[-1].mark(item.element)
        else:
            style, mark = ("bullet", "•") if item.fresh else ("more", "")
        item.fresh = False
        depth = item.depth if item.depth >= 0 else max(0, len(self._lists) - 1)
        return piece._replace(kind="item", level=depth, style=style, mark=mark or piece.mark)


class _Open:
    """An element that is being read: what it changes until it ends."""

    __slots__ = (
        "block", "bold", "depth", "element", "fresh", "heading", "is_list", "item", "keeps_lines", "level", "link", "style"
    )  # fmt: skip

    def __init__(self, element: Element) -> None:
        self.element = element
        self.block = self.bold = self.link = self.is_list = self.fresh = self.keeps_lines = False
        self.heading = self.style = ""
        self.level, self.depth = 0, -1
        self.item: _Open | None = None  # the innermost item of a list that it is or stands in


class _List:
    """A list that is being read: how its items are marked."""

    def __init__(self, element: Element) -> None:
        self.ordered = element.tag == "ol"
        self.kind = element.attributes.get("type", "1" if self.ordered else "disc")
        self.number = _number(element.attributes.get("start"), 1) - 1

    def mark(self, item: Element) -> tuple[str, str]:
        """Give the style and the mark of the next item."""
        if not self.ordered:
            return "bullet", "•"
        self.number = _number(item.attributes.get("value"), self.number + 1)
        return "number", f"{format_list_number(self.number, self.kind)}."


def _number(written: str | None, otherwise: int) -> int:
    try:
        return max(-9999, min(9999, int(written or "")))
    except ValueError:
        return otherwise


# --- what elements are -------------------------------------------------------------------------------------------------


def _heading(element: Element) -> tuple[str, int]:
    """Give how an element is set as a heading, and its rank where that is written; "" where it is none."""
    if _HEADING.fullmatch(element.tag):
        return "rank", int(element.tag[1])
    if element.role == "heading":
        return "rank", min(6, max(1, _number(element.attributes.get("aria-level"), 2)))
    if element.tag == "summary":
        inner = element.first(_HEADING)
        return ("rank", int(inner.tag[1])) if inner is not None else (_summary_style(element), 0)
    if opens(element) and 0 < element.words <= headings.MAX_HEADING_WORDS:
        return "button", 0
    if element.tag == "legend":
        return "legend", 0
    short = 0 < element.words <= headings.MAX_HEADING_WORDS and element.end - element.start <= MAX_LABEL_CHARACTERS
    plain = not any(child.tag not in INLINE for child in element.elements)
    if short and plain and _HEADING_NAMES.search(_last_names(element)):
        text = collapse_whitespace(element.text())
        if text and not text.endswith((".", ",", ";")) and not headings.DATED.match(text) and "@" not in text:
            return "named", 0
    return "", 0


def _summary_style(element: Element) -> str:
    """Say how the label of a panel is set, which its depth tells; `element` is the panel, or the label in it."""
    return f"summary {element.above // A_PANEL + (element.tag == 'details')}"


def _last_names(element: Element) -> str:
    """Give the classes, each as words, of an element that could be named a heading; its tag where that is the page's own."""
    tag = f" {element.tag.replace('-', ' ')} " if "-" in element.tag else ""
    classes = element.attributes.get("class", "").split()[:6]
    return (
        tag
        + "".join(f" {' '.join(name.replace('-', ' ').replace('_', ' ').lower().split())} $" for name in classes)[:500]
    )


def _leads_away(element: Element) -> bool:
    return element.linked > 0 or (element.words > 0 and element.attributes.get("href", "").startswith("#"))


def _panels(body: Element) -> tuple[dict[Element, str], set[Element]]:
    """Find the panels of tabs and give each the label of its tab, and the tabs that are so read with their panels."""
    tabs = [element for element in body.inside() if element.attributes and _is_tab(element)]
    if not tabs:
        return {}, set()
    by_id = {element.attributes["id"]: element for element in body.inside() if element.attributes.get("id")}
    pairs = [(tab, by_id.get(_target(tab))) for tab in tabs]
    named = {tab.attributes.get("id", ""): tab for tab in tabs}
    for each in body.inside():
        label = each.attributes.get("aria-labelledby", "") if each.role == "tabpanel" else ""
        if label in named and label:
            pairs.append((named[label], each))
    labels: dict[Element, str] = {}
    read = set()
    for tab, panel in pairs:
        if panel is not None and panel not in labels and not tab.holds(panel) and tab not in read:
            labels[panel] = collapse_whitespace(tab.text()).removeprefix("• ")
            read.add(tab)
    return labels, read


def _is_tab(element: Element) -> bool:
    toggles = element.attributes.get("data-toggle") == "tab" or element.attributes.get("data-bs-toggle") == "tab"
    return (toggles or element.role == "tab") and element.end - element.start <= MAX_LABEL_CHARACTERS


def _target(tab: Element) -> str:
    """Give the id of the element that a tab opens."""
    given = (tab.attributes.get(name, "") for name in ("aria-controls", "data-bs-target", "data-target", "href"))
    return next(filter(None, given), "").removeprefix("#")


# --- lines -------------------------------------------------------------------------------------------------------------


class _Line(NamedTuple):
    """A line: its words, how many of its first characters are bold, whether it is nothing but links."""

    text: str
    bold: int
    is_links: bool


class _Part:
    """Lines that go on with one another: their texts, how much of the first is bold, whether all of all is bold, or links."""

    __slots__ = ("_joined", "_texts", "bold", "is_bold", "is_links", "last")

    def __init__(self, line: _Line) -> None:
        self._joined: list[str] = []
        self._texts = [line.text]
        self.last = line
        self.bold = line.bold
        self.is_bold = line.bold == len(line.text)
        self.is_links = line.is_links

    def add(self, line: _Line) -> None:
        if len(self._texts) >= 1000:  # a text takes less memory than its lines do
            self._joined.append("\n".join(self._texts))
            self._texts = []
        self._texts.append(line.text)
        self.last = line
        self.is_bold = self.is_bold and line.bold == len(line.text)
        self.is_links = self.is_links and line.is_links

    @property
    def text(self) -> str:
        """The lines, a line end between them."""
        return "\n".join([*self._joined, *self._texts])


def _is_wrapped(line: list[_Run]) -> bool:
    """Whether a line is no longer than those of a text with hard line ends."""
    return sum(len(run.text) for run in line) <= headings.WRAP_WIDTH or len(_line(line).text) <= headings.WRAP_WIDTH


def _lines(runs: list[_Run], keeps_lines: bool) -> Iterator[list[_Run]]:
    """Cut runs where a line breaks; line ends of the source are blanks unless they are kept."""
    line: list[_Run] = []
    for run in runs:
        if run.text == "\n" or (keeps_lines and "\n" in run.text):
            for number, text in enumerate(_split(run.text)):
                if number:
                    yield line
                    line = []
                line.append(run if text == run.text else _Run(text, run.bold, run.link))
        else:
            line.append(run)
    yield line


def _split(text: str) -> Iterator[str]:
    """Split a text at line ends as `str.split` does; a large one piece by piece, so that not all lines are kept."""
    at = 0
    while len(text) - at > LARGE_CHARACTERS:
        end = text.find("\n", at + LARGE_CHARACTERS // 2)
        if end < 0:
            break
        yield from text[at:end].split("\n")
        at = end + 1
    yield from (text[at:] if at else text).split("\n")


def _line(runs: list[_Run]) -> _Line:
    text = collapse_whitespace("".join(run.text for run in runs) if len(runs) != 1 else runs[0].text)
    bold = []
    for run in runs:
        if not run.bold and run.text.strip():
            break
        bold.append(run.text)
    with_words = [run for run in runs if headings.WORD.search(run.text)]
    bold_length = len(text) if len(bold) == len(runs) else len(collapse_whitespace("".join(bold)))
    return _Line(text, bold_length, bool(with_words) and all(run.link for run in with_words))


def _parts(lines: Iterable[_Line], wrapped: bool) -> Iterator[_Part]:
    """Put lines together that go on with one another: those of an address do, a heading and what follows do not."""
    part: _Part | None = None
    for line in lines:
        if part is not None and (not line.text or not _goes_on(part.last, line, wrapped)):
            yield part
            part = None
        if line.text:
            if part is None:
                part = _Part(line)
            else:
                part.add(line)
    if part is not None:
        yield part


def _goes_on(before: _Line, line: _Line, wrapped: bool) -> bool:
    if TYPED_BULLET.match(line.text) or (before.bold == len(before.text)) != (line.bold == len(line.text)):
        return False
    if TYPED_BULLET.match(before.text):
        return False
    if before.text.endswith(":") or (_SENTENCE.search(before.text) and len(before.text) > SHORT_LINE):
        return False
    return wrapped or max(len(before.text), len(line.text)) <= SHORT_LINE
