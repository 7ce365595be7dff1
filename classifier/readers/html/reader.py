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
from classifier.readers.html.boilerplate import find_boilerplate, is_disclosure, is_table_of_contents
from classifier.readers.html.consent import find_preference_centers
from classifier.readers.html.dom import (
    INLINE,
    LARGE_TEXT_CHARACTERS,
    MIN_PROSE_WORDS,
    Element,
    decode_html,
    is_linked_prose,
    link_address,
    parse_html,
)
from classifier.readers.html.labels import PANELS, Panels, heading_style, is_ad_label, is_card, parse_number
from classifier.readers.html.repeated import NOTED_WORDS, Repeated, find_repeated_parts
from classifier.types import PANEL, TABLE_STYLES, Block, Document, Link

MAX_ADDRESS_LINE_CHARACTERS = 60
"""Characters in a line that continues the line before it, as the lines of an address do."""
MIN_COVERAGE = 0.5
"""Share of the page's words below which a note says how little was kept."""
REPEATED = "repeated text"
"""Reason for leaving out a part that stands on the page twice."""
CENTER_TITLE = "Preference center"
"""Heading over the preference center of a consent manager, which is no part of the policy."""
MAX_NAMED_FRAMES = 5
"""Frames that a message names."""
MAX_WORDS_AROUND_FRAMES = 150
"""Words of a page that may do no more than show another page in a frame."""
MAX_FRAME_CHARACTERS = 4000
"""Characters of the names of these frames."""
MAX_JOINED_LINES = 1000
"""Lines of a part that are kept one by one; then they are joined, since one string takes less memory."""
MAX_CARD_WORDS = 300
"""Words of a box whose title is over that alone; one with more holds a part of the policy with its sections."""
MIN_CARD_RANK = 3
"""Least written rank of the title of a box; h1 and h2 are over what follows the box too."""
_CARD = "card "
"""Beginning of the style of a heading of written rank that ends with a box, unless another such heading follows."""
TERM_SEPARATOR = " / "
"""Between terms of one definition."""
MAX_LEAD_CHARACTERS = 400
"""Characters at the end of a text in which the sentence that introduces a list is looked for."""
MIN_LEAD_WORDS = 4
"""Words of a sentence that introduces a list of links; "Follow us on:" is the title of a menu."""
_BOLD = frozenset(("b", "strong", "u"))
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)|text-decoration\s*:\s*underline", re.IGNORECASE)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table|list-item)", re.IGNORECASE)
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
    repeated = Repeated([], 0) if keep_all else find_repeated_parts(body, removed, centers)
    removed |= dict.fromkeys(repeated.parts, REPEATED)
    text, blocks, links = build_text(_PieceReader(body, removed, centers).pieces(), name)
    removed_words = _count_removed_words(removed)
    repeated_words = removed_words[REPEATED]  # the text holds them once
    coverage = 1.0 - (removed_words.total() - repeated_words) / max(1, body.words - repeated_words)
    reasons = ", ".join(f"{reason} ({count:,} words)" for reason, count in removed_words.most_common())
    if not text and removed_words:
        raise ReadError(f"{name}: nothing on it is taken for a policy; left out: {reasons}; see --keep-all")
    frames = _listed(body.page.frames)
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
    if repeated_words >= NOTED_WORDS:
        notes = (
            *notes,
            f"parts of the page with {repeated_words:,} words stand on it more than once; they are read once",
        )
    if repeated.similar_words:
        difference = "a part of the page is much like another one but not the same, as versions for two regions are"
        notes = (*notes, f"{difference}; both are read")
    has_little_text = len(text.split(None, MAX_WORDS_AROUND_FRAMES)) < MAX_WORDS_AROUND_FRAMES
    if frames and has_little_text:
        notes = (
            *notes,
            f"the page has little text and a frame, which is not read: if the policy is in it, read {frames}",
        )
    elif named := _listed(body.page.policy_frames):
        notes = (*notes, f"a frame of the page is not read: if it shows more of the policy, read {named}")
    if has_little_text and body.page.unread_words:
        hidden = f"{body.page.unread_words:,} words of the page are shown by scripts, which are not run"
        notes = (*notes, f"{hidden}: save the page from a browser, as it shows it")
    return Document(name, text, blocks, "", "html", coverage, notes, tuple(removed_words.most_common()), links)


def _listed(frames: Sequence[str]) -> str:
    """Return the addresses of frames as a message lists them."""
    addresses = (" ".join(address.split()) for address in frames[:MAX_NAMED_FRAMES])
    return ", ".join(dict.fromkeys(filter(None, addresses)))[:MAX_FRAME_CHARACTERS]


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
    """A piece, the element that it is the text of, the list item that it is in, and what ended before it, if any."""

    piece: Piece
    element: Element
    item: _OpenElement | None
    ended: Element | None = None


class _Judge:
    """Judge pieces by those around them, in order.

    - A list item with a bold line over its text is a section of the policy, as accordions are built. The line becomes a
      heading, which ends with the item, and the rest of the item paragraphs.
    - Bold words at the beginning of any other item may be a heading over that item alone; of a definition, the term is.
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
        piece, element, item, ended = placed
        closes_panel = piece.closes
        # a table below an item that introduces it is still in its section
        if self._section is not None and not self._section.contains(element) and piece.style not in TABLE_STYLES:
            if ended is None or self._section.contains(ended):
                piece = piece._replace(closes=self._style)
            self._section = None
        if piece.kind == "navigation" and not piece.is_links:
            return piece
        if piece.kind == "heading":
            self._enter_heading(piece)
            return piece
        if piece.is_links:
            return self._judge_links(placed._replace(piece=piece))
        is_title = piece.bold == len(piece.text) and bool(headings.opening_style(piece.text, _PARAGRAPH, ""))
        if item is not None and item.element.tag == "li" and piece.kind == "item":
            if is_title and self._opens_section(item.element, below):
                self._section, self._list = item.element, item.element.parent
                self._style = "bold in item" if self._is_below_bold else "bold"
            if self._section is item.element:
                self._introduces = _introduces_list(piece.text)
                mark = piece.mark if piece.style == "number" else ""
                if is_title:
                    return piece._replace(kind="heading", level=0, style=self._style, mark=mark, closes=closes_panel)
                return piece._replace(kind="paragraph", level=0, style="", mark=mark)
        self._introduces = _introduces_list(piece.text)
        if piece.kind == "item":
            return _with_opening(piece, item)
        if is_title and _section_number(piece.text) == self._number + 1 > 1:
            piece = piece._replace(kind="heading", level=self._level)
            self._enter_heading(piece)
            return piece
        self._is_below_bold = self._is_below_bold or is_title
        return piece

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


def _with_opening(piece: Piece, item: _OpenElement | None) -> Piece:
    """Return an item as its bold opening is to be read.

    The opening of a numbered item may be the title of a section whose paragraphs stand between the items of a list. A list
    of items alone has none.
    """
    if item is not None and item.element.tag == "dd":
        return piece._replace(bold=0)
    is_numbered = piece.style == "number" and 0 < piece.bold < len(piece.text)
    is_alone = item is not None and item.list is not None and item.list.has_only_items
    return piece._replace(style="bullet") if is_numbered and is_alone else piece


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
        self._centers = tuple(centers)
        self._runs: list[_Run] = []
        self._bold_depth = self._link_depth = 0
        self._address = ""
        self._lists: list[_List] = []
        self._blocks: list[_OpenElement] = [_OpenElement(body)]
        self._panels = Panels(body, removed, centers)
        self._terms: list[_Placed] = []  # terms whose definition has not begun
        self._terms_list: _List | None = None
        self._ended: list[tuple[str, Element]] = []  # since the last piece, with the styles of the headings over them
        self._n_pieces = 0

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
            if center in self._removed:
                continue
            title = Piece(CENTER_TITLE, "heading", level=1, place=center.path, part="consent")
            yield from self._emit(title, center)
            for placed in self._walk_in(center):
                piece = placed.piece._replace(part="consent")
                if piece.kind == "heading" and piece.level > 0:
                    piece = piece._replace(level=min(6, piece.level + 1))
                yield placed._replace(piece=piece)

    def _walk_in(self, root: Element) -> Iterator[_Placed]:
        # an _OpenElement on the stack marks the end of its element
        stack: list[Element | str | _OpenElement] = list(reversed(root.children))
        while stack:
            item = stack.pop()
            if isinstance(item, str):
                is_link = self._link_depth > 0 and not is_linked_prose(item)
                self._runs.append(_Run(item, self._bold_depth > 0, is_link, self._address))
            elif isinstance(item, _OpenElement):
                yield from self._leave(item)
            elif item in self._panels.skipped:
                if item.tag == "button":
                    self._runs.append(_Run(" ", False, False))
                elif item.tag not in INLINE:
                    yield from self._flush()
            else:
                if title := self._panels.titles.get(item):
                    yield from self._flush()
                    self._panels.labels[item] = style = f"{PANEL}{item.number}"
                    yield from self._emit(Piece(title, "heading", style=style, place=item.path), item)
                if item.tag == "table" and tables.is_data_table(item):
                    yield from self._flush()
                    yield from self._read_table(item)
                elif is_table_of_contents(item) and item.tag == "nav":
                    yield from self._flush()
                    contents = Piece(collapse_whitespace(item.text()), "navigation", is_links=True, place=item.path)
                    yield from self._emit(contents, item)
                    self._end(item, self._panels.labels.get(item, ""))
                else:
                    opened = yield from self._enter(item)
                    stack.append(opened)
                    stack.extend(reversed(item.children))
        yield from self._flush()

    # --- elements ------------------------------------------------------------------------------------------------------

    def _enter(self, element: Element) -> Generator[_Placed, None, _OpenElement]:
        opened = _OpenElement(element)
        opened.label = self._panels.labels.get(element, "")
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
        opened.heading, opened.level, opened.title = outer.heading, outer.level, outer.title
        opened.panel, opened.card, opened.definition = outer.panel, outer.card, outer.definition
        opened.keeps_lines = outer.keeps_lines or element.tag == "pre"
        opened.is_bold = _has_bold_style(element)
        self._bold_depth += opened.is_bold
        if not opened.heading:
            opened.heading, opened.level = heading_style(element)
            opened.title = element
        if element.tag in ("details", "fieldset"):
            opened.panel = opened
        elif is_card(element):
            opened.card, opened.outer_card, opened.n_pieces = opened, outer.card, self._n_pieces
        if element.tag in ("ul", "ol", "menu", "dir", "dl"):
            self._lists.append(_List(element))
            opened.is_list = True
        elif element.tag in ("li", "dt", "dd"):
            opened.needs_mark = True
            opened.depth = max(0, len(self._lists) - 1)
            opened.list = self._lists[-1] if self._lists else None
            if element.tag == "dd":
                opened.definition = opened
        opened.item = opened if element.tag in ("li", "dt", "dd") else outer.item
        self._blocks.append(opened)

    def _leave(self, opened: _OpenElement) -> Iterator[_Placed]:
        if opened.is_block or opened.label:
            yield from self._flush()
        if opened.is_block:
            self._blocks.pop()
        if opened.is_list and self._lists.pop() is self._terms_list:
            yield from self._release_terms(is_defined=False)
        self._end(opened.element, opened.label)
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
        is_term = block.item is not None and block.item.element.tag == "dt" and bool(self._lists)
        if block.heading and not is_term:
            line = _line([_Run(run.text.replace("\n", " "), False, False, run.address) for run in runs])
            if line.text:
                is_heading = not is_ad_label(line.text, block.element)
                piece = self._heading(line, block) if is_heading else _navigation(line.text, block.element)
                yield from self._emit(piece, block.element, block.item)
            return
        if sum(len(run.text) for run in runs) < LARGE_TEXT_CHARACTERS:
            lines = [_line(line) for line in _split_lines(runs, block.keeps_lines)]
            parts = _join_lines(lines, is_wrapped=all(len(line.text) <= headings.WRAP_WIDTH for line in lines))
        else:
            # split a large text twice rather than keep all its lines in memory
            is_wrapped = all(map(_is_wrapped_line, _split_lines(runs, block.keeps_lines)))
            parts = _join_lines(map(_line, _split_lines(runs, block.keeps_lines)), is_wrapped)
        for part in parts:
            piece = self._piece(part, block)
            yield from self._add_term(piece, block) if is_term else self._emit(piece, block.element, block.item)

    def _emit(self, piece: Piece, element: Element, item: _OpenElement | None = None) -> Iterator[_Placed]:
        """Yield a piece, after the terms that it defines or does not define, with the style of what ended before it."""
        if self._terms:
            definition = self._blocks[-1].definition
            is_defined = definition is not None and definition.list is self._terms_list
            yield from self._release_terms(is_defined, is_in_list=self._terms_list in self._lists)
        yield self._placed(piece, element, item)

    def _placed(self, piece: Piece, element: Element, item: _OpenElement | None) -> _Placed:
        self._n_pieces += 1
        is_ranked = piece.kind == "heading" and piece.level > 0
        ended = [end for end in self._ended if not (is_ranked and end[0].startswith(_CARD))]
        self._ended = []
        if not ended:
            return _Placed(piece, element, item)
        label, part = ended[-1]  # the outermost
        return _Placed(piece._replace(closes=label), element, item, part)

    def _end(self, element: Element, label: str) -> None:
        """Note that an element has ended, and with it the heading over it, if it has one."""
        if label:
            self._ended.append((label, element))

    def _piece(self, part: _Part, block: _OpenElement) -> Piece:
        text = part.text
        bold = len(text) if part.is_bold else part.bold_characters
        piece = Piece(text, bold=bold, is_links=part.is_links, place=block.element.path, links=part.links)
        if is_ad_label(text, block.element):
            return _navigation(text, block.element)
        piece = parse_typed_bullet(piece)
        item = block.item
        if item is None or item.element.tag == "dt":
            # a paragraph that begins with a typed bullet is an item
            return piece._replace(level=len(self._lists)) if piece.kind == "item" else piece
        if item.element.tag == "dd":
            has_term = item.list is not None and item.list.has_term
            style, mark = "more" if not item.needs_mark else "definition" if has_term else "line", ""
        elif item.needs_mark and self._lists:
            style, mark = self._lists[-1].next_mark(item.element)
        else:
            style, mark = ("bullet", "•") if item.needs_mark else ("more", "")
        item.needs_mark = False
        depth = max(0, len(self._lists) - 1)
        return piece._replace(kind="item", level=depth, style=style, mark=mark or piece.mark)

    def _read_table(self, table: Element) -> Iterator[_Placed]:
        style = ""  # of the outermost heading in it
        for piece in tables.table_pieces(table, self._removed):
            yield from self._emit(piece, table, self._blocks[-1].item)
            if piece.kind == "heading" and piece.style != "row" and not style:
                style = piece.style
        self._end(table, style)
        self._end(table, self._panels.labels.get(table, ""))

    # --- terms -----------------------------------------------------------------------------------------------------------

    def _add_term(self, piece: Piece, block: _OpenElement) -> Iterator[_Placed]:
        """Keep a term until it is known whether a definition follows; a long one is none."""
        terms = self._lists[-1]
        if terms is not self._terms_list:
            definition = self._blocks[-1].definition
            is_defined = definition is not None and definition.list is self._terms_list
            yield from self._release_terms(is_defined)
        terms.has_term = len(piece.text) <= headings.MAX_HEADING_CHARACTERS
        placed = _Placed(piece._replace(kind="paragraph", level=0, style="", mark=""), block.element, block.item)
        if not terms.has_term:
            yield from self._release_terms(is_defined=False)
            yield self._placed(placed.piece, placed.element, None)
            return
        self._terms_list = terms
        self._terms.append(placed)

    def _release_terms(self, is_defined: bool, is_in_list: bool = False) -> Iterator[_Placed]:
        """Yield the terms that were kept: as a heading over their definition, or as paragraphs if they have none.

        If something else follows in their list, as in one without <dd>, they are items of it.
        """
        terms, self._terms, self._terms_list = self._terms, [], None
        if is_defined and sum(len(term.piece.text) for term in terms) > headings.MAX_HEADING_CHARACTERS:
            yield from (self._placed(*term[:2], None) for term in terms[:-1])
            terms = terms[-1:]
        if not is_defined or not terms:
            for piece, element, item, _ in terms:
                if is_in_list and item is not None:
                    piece = piece._replace(kind="item", level=item.depth, style="line")
                yield self._placed(piece, element, item if is_in_list else None)
            return
        text, links = "", []
        for number, (piece, _, item, _) in enumerate(terms):
            if number:
                text += " " if item is terms[number - 1].item else TERM_SEPARATOR
            links += [Link(len(text) + link.start, len(text) + link.end, link.address) for link in piece.links]
            text += piece.text
        heading = Piece(text, "heading", style="term", place=terms[0].piece.place, links=tuple(links))
        yield self._placed(heading, terms[0].element, None)

    # --- headings over a part of the page --------------------------------------------------------------------------------

    def _heading(self, line: _Line, block: _OpenElement) -> Piece:
        """Return a heading; if it is the label of a panel or the title of a box, that ends with it."""
        level, style = block.level, "" if block.level else block.heading
        panel = block.panel
        title = block.title or block.element
        if panel is not None and PANELS.get(title.tag) == panel.element.tag:
            level = 0 if panel.label else level  # a further line of the label is below the first one
            style = f"{PANEL}{panel.element.number}"
            if headings.WORD.search(line.text):  # not the sign before it, such as "+"
                panel.label = style
        elif (opened := self._panels.opened_by(title, is_ranked=level > 0)) is not None:
            style = self._panels.labels[opened] = f"{_CARD if level else PANEL}{opened.number}"
        elif (card := self._titled_card(title, level, line.text)) is not None:
            style = card.label = f"{_CARD if level else PANEL}{card.element.number}"
        return Piece(line.text, "heading", level, style, place=block.element.path, links=line.links)

    def _titled_card(self, title: Element, level: int, text: str) -> _OpenElement | None:
        """Return the box whose title a heading is: it is the first text in the box, and another one follows."""
        if 0 < level < MIN_CARD_RANK or text[:1].isdigit():
            return None
        card = self._blocks[-1].card
        while card is not None and card.n_pieces == self._n_pieces and card.element.words <= title.words:
            card = card.outer_card
        if card is None or card.n_pieces < self._n_pieces or card.element.words > MAX_CARD_WORDS or card.label:
            return None
        return card if level or self._panels.is_only_title(title, card.element) else None


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
    title
        The element that is that heading.
    item
        The innermost list item, term or definition that it is or is in.
    needs_mark
        Whether it is an item whose bullet or number has not been written.
    depth
        Depth of an item.
    definition
        The innermost definition that it is or is in.
    list
        The list that an item, a term or a definition is in.
    panel, card, outer_card
        The innermost panel and box that it is or is in, and the one around that box.
    label
        Style of the heading over it alone, which ends with it; "" if it has none.
    n_pieces
        Number of pieces before a box.
    """

    __slots__ = (
        "card", "definition", "depth", "element", "heading", "is_block", "is_bold", "is_link", "is_list", "item",
        "keeps_lines", "label", "level", "list", "n_pieces", "needs_mark", "outer_card", "panel", "title",
    )  # fmt: skip

    def __init__(self, element: Element) -> None:
        self.element = element
        self.is_block = self.is_bold = self.is_link = self.is_list = self.needs_mark = self.keeps_lines = False
        self.heading = self.label = ""
        self.level = self.n_pieces = self.depth = 0
        self.title: Element | None = None
        self.item: _OpenElement | None = None
        self.definition: _OpenElement | None = None
        self.panel: _OpenElement | None = None
        self.card: _OpenElement | None = None
        self.outer_card: _OpenElement | None = None
        self.list: _List | None = None


class _List:
    """A list that is being read, with the number of its last item, or whether its last term may have a definition."""

    def __init__(self, element: Element) -> None:
        self.has_term = False
        self.has_only_items = all(child.tag == "li" for child in element.elements if child.words)
        self.is_ordered = element.tag == "ol"
        self.kind = element.attributes.get("type", "1" if self.is_ordered else "disc")
        self.number = parse_number(element.attributes.get("start"), 1) - 1

    def next_mark(self, item: Element) -> tuple[str, str]:
        """Return the style and the mark of the next item."""
        if not self.is_ordered:
            return "bullet", "•"
        self.number = parse_number(item.attributes.get("value"), self.number + 1)
        return "number", f"{format_list_number(self.number, self.kind)}."


# --- kinds of elements -------------------------------------------------------------------------------------------------


def _has_bold_style(element: Element) -> bool:
    return _BOLD_STYLE.search(element.attributes.get("style", "")) is not None


def _navigation(text: str, element: Element) -> Piece:
    return Piece(text, "navigation", place=element.path)


def _leads_away(element: Element) -> bool:
    """Whether a link leads elsewhere, or to a place of this page."""
    return element.linked_words > 0 or (element.words > 0 and element.attributes.get("href", "").startswith("#"))


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
        between = collapse_whitespace(f"x{run.text}x")[1:-1]  # so that white space at its edges is seen
        text = between.strip()
        if text:
            at += at > 0 and (is_apart or between[0] == " ")
            last = links[-1] if links else None
            if run.address and last is not None and last.address == run.address and at - last.end <= 1:
                links[-1] = Link(last.start, at + len(text), run.address)  # a link with bold words has several runs
            elif run.address:
                links.append(Link(at, at + len(text), run.address))
            at += len(text)
        is_apart = between[-1:] == " " or (is_apart and not text)
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
