"""Cut a Document into clauses: the paragraph-sized pieces that a label is given to, each with its headings.

A paragraph is a clause. A list of short items is one clause with the sentence that introduces it; a list of long items is a
clause per item, each with that sentence as context. A row of a table is a clause, with the heads of its columns as context.
Headings of one style are of one rank, unless their numbers tell it. The bold opening of an item or a paragraph is over that
alone, unless paragraphs between such openings show that each opens a section. A heading over a part of a page, such as the
label of a panel, or over rows of a table ends with these.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from classifier.text.markup import BREAK, plain
from classifier.types import PANEL, TABLE_STYLES, Block, Clause, ClauseKind, Document

MAX_MEAN_ITEM_WORDS, MAX_ITEM_WORDS = 20, 45
"""Words of the items of a short list: in the mean, and of each item."""
_INTRODUCES = re.compile(r"\b(?:following|below|include|are)\b", re.IGNORECASE)
_CLOSING_MARKS = '*_"”) \t\r\n'
MAX_ITEM_DEPTH = 20
"""Levels of nested items; deeper ones are read as not nested."""
MAX_LEAD_CHARACTERS = 400
"""Characters at the end of a paragraph in which the sentence that introduces a list is looked for."""
MAX_HEADING_CHARACTERS, MAX_OPEN_HEADINGS = 400, 12
"""Characters of a heading that a clause carries, and number of its headings; on real policies at most 347 and 7. Each clause
carries them all: without a limit the output for a page of one long heading and many short clauses grows with the square of
its length."""
MAX_CONTEXT_CHARACTERS = 1000
"""Characters of the sentences that introduce nested lists, together; on real policies at most 538."""
MAX_NUMBER_PARTS = 4
"""Parts of a section number; 2.1.3 has three."""
_NUMBER = re.compile(rf"\d{{1,2}}(?:\.\d{{1,2}}){{0,{MAX_NUMBER_PARTS - 1}}}(?=[.):]?\s)")
_GOES_ON = ("more", "definition")
"""Styles of items that belong to what is above them: a further paragraph of an item, a definition of a term."""
_SUMMARY = re.compile(r"\W*(?:summary|in short|in brief)\b", re.IGNORECASE)
"""The beginning of a heading that is over the next paragraph only, if it stands right below the heading of the section."""
_SENTENCE_END = re.compile(r"(?<=[.!?])[*_\"”)]*\s+(?=[*_\"“(]*[A-Z])")


def segment(document: Document) -> tuple[Clause, ...]:
    """Cut a document into clauses.

    Parameters
    ----------
    document
        As a reader returns it.

    Returns
    -------
    tuple of Clause
        In order. The text of each is ``document.text[start:end]``; clauses and headings together hold every character that
        is not white space.

    Examples
    --------
    >>> from classifier.readers.registry import from_text
    >>> [(c.headings, c.text) for c in segment(from_text("# Retention\\n\\nWe keep:\\n\\n* logs\\n* bills"))]
    [(('Retention',), 'We keep:\\n\\n* logs\\n* bills')]
    """
    text, blocks = document.text, document.blocks
    clauses: list[Clause] = []
    headings = _read_headings(text, blocks)
    path = _HeadingPath()
    places = {block.start: block.place for block in blocks} if blocks and blocks[0].place else {}
    lead = ""  # the sentence that introduces a list whose items open with headings, or the rows of a table
    columns = ""  # the heads of the columns of a table
    at = 0
    while at < len(blocks):
        block = blocks[at]
        kind = block.kind
        if block.closes:
            path.leave(block.closes)
        is_row = block.style == "row"
        if kind == "heading":
            is_first = at == 0 or blocks[at - 1].kind != "heading"
            if block.style in TABLE_STYLES and is_first and (at == 0 or text[blocks[at - 1].end - 1] != ":"):
                path.leave_narrow(_PARAGRAPH)
            if is_row:
                above = columns if not is_first and blocks[at - 1].style == "row" else ""
                columns = _shortened(" | ".join(filter(None, (above, _column_heads(text[block.start : block.end])))))
                if is_first:
                    path.leave("group")
            elif block.style == "group":
                path.enter(headings[at])
            else:
                path.leave_table()
                columns = ""
                if headings[at].narrow == _SECTION and block.style not in ("run-in", "caption"):
                    lead = ""
                path.enter(headings[at])
            at += 1
            continue
        if not is_row:
            path.leave_table()
            columns = ""
        if path.narrow != _SECTION and blocks[at - 1].kind != "heading" and not columns:
            path.leave_narrow(_innermost_level(text, block))
        path.is_empty = False
        stop = at + 1
        if kind != "navigation" and not is_row:
            while (
                stop < len(blocks)
                and blocks[stop].kind == "item"
                and blocks[stop].style != "definition"
                and not blocks[stop].closes
                and (path.narrow < 0 or not path.ends_before(blocks[stop]))
            ):
                stop += 1
        is_single = stop == at + 1 and kind != "item"
        spans = [(block.start, block.end, "")] if is_single else _spans(text, blocks[at:stop])
        if kind != "item" and not is_row:
            source = text[block.start : block.end]
            below = headings.get(stop)
            opens_items = below is not None and below.narrow >= 0 and _introduces(source)
            opens_rows = stop < len(blocks) and blocks[stop].style in TABLE_STYLES and source.endswith(":")
            lead = _last_sentence(source) if opens_items or opens_rows else ""
        if columns:
            spans = [(a, b, columns) for a, b, _ in spans]
        elif lead and (kind == "item" or is_row):
            spans = [(a, b, _join_contexts(lead, context)) for a, b, context in spans]
        titles, n_run_ins = path.titles, path.n_run_ins
        clause_kind: ClauseKind = "navigation" if kind == "navigation" else "text"
        clauses += [
            Clause(text[a:b], a, b, titles, context, clause_kind, place=places.get(a, ""), n_run_ins=n_run_ins)
            for a, b, context in spans
        ]
        at = stop
    return tuple(clauses)


def _column_heads(row: str) -> str:
    """Return the cells of the first row of a table as a line.

    >>> _column_heads("| **Name** | | Country |\\n| --- | --- | --- |")
    'Name | Country'
    """
    return _shortened(plain(BREAK.split(row, maxsplit=1)[0]))


def _innermost_level(text: str, block: Block) -> int:
    """Return the lowest level of the items whose headings end before a block; all end before a paragraph."""
    if block.kind == "item":
        return block.level + (block.style in _GOES_ON)
    is_indented = block.kind == "paragraph" and text[block.start - 1 : block.start] in (" ", "\t")
    return sys.maxsize if is_indented else _PARAGRAPH  # an indented paragraph belongs to the item above it


# --- lists -------------------------------------------------------------------------------------------------------


def _spans(text: str, blocks: Sequence[Block]) -> list[tuple[int, int, str]]:
    """Cut a paragraph and the items below it, or items alone, into clauses: (start, end, context)."""
    lead = blocks[0] if blocks[0].kind != "item" else None
    items = _items(blocks[1:] if lead else blocks)
    if not items:
        return [(blocks[0].start, blocks[0].end, "")]
    introduces = lead is not None and _introduces(text[lead.start : lead.end])
    if _is_short(text, items):
        if introduces:
            return [(blocks[0].start, items[-1].end, "")]
        lead_spans = [(lead.start, lead.end, "")] if lead else []
        return [*lead_spans, (items[0].start, items[-1].end, "")]
    context = _last_sentence(text[lead.start : lead.end]) if lead and introduces else ""
    spans = [(lead.start, lead.end, "")] if lead else []
    for item in items:
        spans.extend((a, b, _join_contexts(context, inner)) for a, b, inner in _item_spans(text, item))
    return spans


class _Item(NamedTuple):
    """A list item and the items nested in it."""

    block: Block
    inner: tuple[_Item, ...]

    @property
    def start(self) -> int:
        return self.block.start

    @property
    def end(self) -> int:
        return self.inner[-1].end if self.inner else self.block.end


def _items(blocks: Sequence[Block], depth: int = 0) -> list[_Item]:
    """Nest items by their level; an item of a lower level than the first one is its sibling."""
    items: list[_Item] = []
    at = 0
    while at < len(blocks):
        stop = at + 1
        while depth < MAX_ITEM_DEPTH and stop < len(blocks) and blocks[stop].level > blocks[at].level:
            stop += 1
        items.append(_Item(blocks[at], tuple(_items(blocks[at + 1 : stop], depth + 1))))
        at = stop
    return items


def _item_spans(text: str, item: _Item) -> list[tuple[int, int, str]]:
    if not item.inner or _is_short(text, item.inner):
        return [(item.start, item.end, "")]
    context = _last_sentence(text[item.block.start : item.block.end])
    inner = [span for nested in item.inner for span in _item_spans(text, nested)]
    return [
        (item.block.start, item.block.end, ""),
        *((a, b, _join_contexts(context, c)) for a, b, c in inner),
    ]


def _is_short(text: str, items: Sequence[_Item]) -> bool:
    """Whether the items of a list are short enough for one clause; words beyond the limit are not counted."""
    n_words = [len(text[item.start : item.end].split(None, MAX_ITEM_WORDS)) for item in items]
    return sum(n_words) <= MAX_MEAN_ITEM_WORDS * len(n_words) and max(n_words) <= MAX_ITEM_WORDS


def _introduces(text: str) -> bool:
    """Whether a paragraph introduces the list below it: by a colon, by the lack of a full stop, or by its words."""
    text = text[-MAX_LEAD_CHARACTERS:].rstrip(_CLOSING_MARKS)
    return not text.endswith((".", "!", "?", ";")) or _INTRODUCES.search(_last_sentence(text)) is not None


def _last_sentence(text: str) -> str:
    """Return the last sentence of a paragraph without markup; of a long one its end, from the beginning of a word.

    >>> _last_sentence("We keep logs. We **share** them with:"), len(_last_sentence("word " * 1000)) <= MAX_LEAD_CHARACTERS
    ('We share them with:', True)
    """
    shown = plain(text)
    sentence = _SENTENCE_END.split(shown[-MAX_LEAD_CHARACTERS:])[-1]
    if len(sentence) < min(len(shown), MAX_LEAD_CHARACTERS):
        return sentence
    return sentence if len(shown) <= MAX_LEAD_CHARACTERS else f"… {sentence[2:].partition(' ')[2]}"


def _join_contexts(outer: str, inner: str) -> str:
    """Join the sentences that introduce nested lists; if they are too long, drop the beginning of the outer one."""
    if not outer or not inner or len(outer) + len(inner) < MAX_CONTEXT_CHARACTERS:
        return f"{outer} {inner}" if outer and inner else outer or inner
    end = outer[len(outer) + len(inner) + len("… ") - MAX_CONTEXT_CHARACTERS :].partition(" ")[2]
    return f"…{end} {inner}" if end else inner


# --- headings ----------------------------------------------------------------------------------------------------


def _shortened(title: str) -> str:
    """Cut a long title at the end of a word.

    >>> len(_shortened("word " * 1000)) <= MAX_HEADING_CHARACTERS
    True
    """
    if len(title) <= MAX_HEADING_CHARACTERS:
        return title
    cut = title.rfind(" ", MAX_HEADING_CHARACTERS // 2, MAX_HEADING_CHARACTERS)
    return title[: cut if cut > 0 else MAX_HEADING_CHARACTERS - 1] + "…"


_SECTION, _PARAGRAPH = -2, -1
"""What a heading is over, if not over an item of a list: a section, or the next paragraph and the list below it."""


class _Heading(NamedTuple):
    """A heading, and how far it reaches.

    Attributes
    ----------
    title
        Its words, without markup.
    style, rank
        As `style` and `level` of its block.
    narrow
        `_SECTION`, `_PARAGRAPH`, or the level of the item that it is over.
    number
        The parts of its section number, empty if it has none.
    is_continued
        Whether a heading with the next number follows.
    """

    title: str
    style: str
    rank: int
    narrow: int = _SECTION
    number: tuple[int, ...] = ()
    is_continued: bool = False


def _read_headings(text: str, blocks: Sequence[Block]) -> dict[int, _Heading]:
    """Return the headings among the blocks, each by the place of its block."""
    narrow = _find_narrow(text, blocks)
    headings: dict[int, _Heading] = {}
    seen: dict[tuple[str, tuple[int, ...]], int] = {}
    for at, block in enumerate(blocks):
        if block.kind != "heading" or block.style == "row":
            continue
        title = _shortened(plain(text[block.start : block.end]))
        match = _NUMBER.match(title) if title[:1].isdecimal() else None
        number = tuple(map(int, match[0].split("."))) if match else ()
        headings[at] = _Heading(title, block.style, block.level, narrow.get(at, _SECTION), number)
        if number and not block.level and at not in narrow:
            before = seen.pop((block.style, (*number[:-1], number[-1] - 1)), None)
            if before is not None:
                headings[before] = headings[before]._replace(is_continued=True)
            seen[block.style, number] = at
    return headings


def _find_narrow(text: str, blocks: Sequence[Block]) -> Mapping[int, int]:
    """Return the headings that are not over a section, each by the place of its block, with what it is over.

    A bold opening is over its item or paragraph. If other paragraphs stand between two openings of one kind in a section,
    they belong to the one above them: then each opens a section of its own.
    """
    narrow: dict[int, int] = {}
    groups: dict[int, _Openings] = {}
    n_paragraphs = 0
    for at, block in enumerate(blocks):
        if block.kind != "heading" and not groups:
            continue
        below = blocks[at + 1] if at + 1 < len(blocks) else None
        above = blocks[at - 1] if at else None
        if block.kind == "heading":
            if block.style == "run-in" and below is not None and below.kind in ("paragraph", "item"):
                level = below.level if below.kind == "item" else _PARAGRAPH
                narrow[at] = level
                if below.kind == "paragraph" or below.style == "number":
                    groups.setdefault(level, _Openings()).add(at, n_paragraphs)
                continue
            if block.style == "term":
                narrow[at] = _level_below_term(blocks, at)
                continue
            if block.style in TABLE_STYLES:
                continue
            if groups:
                _widen(narrow, groups)
            is_second = above is not None and above.kind == "heading" and not block.level
            if is_second and below is not None and below.kind == "paragraph" and _SUMMARY.match(text, block.start):
                narrow[at] = _PARAGRAPH
        elif block.kind == "paragraph" and above is not None and above.kind != "heading":
            n_paragraphs += text[block.start - 1] not in " \t"  # an indented one belongs to an item
    _widen(narrow, groups)
    return narrow


def _level_below_term(blocks: Sequence[Block], at: int) -> int:
    """Return the level of the definition of the term at a place, which may begin with the terms of an inner list."""
    for n_terms, block in enumerate(blocks[at + 1 : at + 1 + MAX_ITEM_DEPTH]):
        if block.style != "term":
            return max(0, block.level - n_terms) if block.kind == "item" else _PARAGRAPH
    return 0


class _Openings:
    """Bold openings of one kind in a section.

    Attributes
    ----------
    places
        Places of their blocks.
    are_sections
        Whether a paragraph stands between two of them.
    """

    __slots__ = ("_n_paragraphs", "are_sections", "places")

    def __init__(self) -> None:
        self.places: list[int] = []
        self.are_sections = False
        self._n_paragraphs = 0

    def add(self, place: int, n_paragraphs: int) -> None:
        """Add an opening, before which there are so many paragraphs without one in the document."""
        self.are_sections |= bool(self.places) and n_paragraphs > self._n_paragraphs
        self._n_paragraphs = n_paragraphs
        self.places.append(place)


def _widen(narrow: dict[int, int], groups: dict[int, _Openings]) -> None:
    """Take the openings that open sections out of those that do not, and forget all."""
    for openings in groups.values():
        if openings.are_sections:
            for place in openings.places:
                del narrow[place]
    groups.clear()


class _HeadingPath:
    """The open headings, outermost first; at most `MAX_OPEN_HEADINGS`, a deeper one replaces the deepest.

    Written ranks (`#`, underlines) order themselves. A bare heading closes the open one of its style and all below it, and a
    numbered one the one with the number before its own, whatever its style. Directly after a heading of its own style it is
    that one's child: people set the title of a section and its first subtitle alike more often than they leave a section
    empty. Within a panel all headings are below its label, whatever their rank.
    """

    def __init__(self) -> None:
        self._open: list[_Heading] = []
        self._is_in_table = False
        self._left: _Heading | None = None  # the heading that was left since the last one
        self.is_empty = False  # whether nothing follows the last heading yet
        self.titles: tuple[str, ...] = ()
        self.narrow = _SECTION  # what the last heading is over
        self.n_run_ins = 0  # the last titles that are of no section

    def leave(self, style: str) -> None:
        """Close the outermost heading of a style, and all below it."""
        at = next((number for number, heading in enumerate(self._open) if heading.style == style), len(self._open))
        if at < len(self._open):
            self._left = self._open[at]
            del self._open[at:]
            self._set_titles()

    def leave_table(self) -> None:
        """Close the headings over rows of a table."""
        if self._is_in_table:
            self._is_in_table = False
            self.leave("caption")
            self.leave("group")

    def leave_narrow(self, level: int) -> None:
        """Close the headings over items of this level or a deeper one; `_PARAGRAPH` closes those over paragraphs too."""
        if self.narrow >= level:
            while self._open and self._open[-1].narrow >= level:
                self._open.pop()
            self._set_titles()

    def ends_before(self, item: Block) -> bool:
        """Whether the last heading is over an item of a list, and this is another one."""
        return 0 <= item.level <= self.narrow and item.style not in _GOES_ON

    def enter(self, heading: _Heading) -> None:
        """Open a heading, and close those of its rank and below; the label of a panel is not repeated."""
        last = self._open[-1] if self._open else None
        is_repeated = self.is_empty and last is not None and last.title.casefold() == heading.title.casefold()
        if is_repeated and last is not None and (last.style.startswith(PANEL) or last.rank > 0 == heading.rank):
            return
        self._is_in_table |= heading.style in TABLE_STYLES
        if self.narrow != _SECTION and heading.style not in TABLE_STYLES:
            self.leave_narrow(max(heading.narrow, _PARAGRAPH))
        depth = len(self._open)
        if heading.narrow == _SECTION:
            numbered = self._numbered_depth(heading) if heading.number and not heading.rank else None
            depth = self._depth(heading) if numbered is None else numbered
            is_like = numbered is not None and depth < len(self._open) and not heading.style.startswith(PANEL)
            if is_like:  # it is of the rank of the one that it follows
                heading = heading._replace(style=self._open[depth].style, rank=self._open[depth].rank)
        if depth >= MAX_OPEN_HEADINGS:
            depth = MAX_OPEN_HEADINGS - 1
        self._open[depth:] = [heading]
        self._set_titles()
        self.is_empty, self._left = True, None

    def _depth(self, heading: _Heading) -> int:
        n_open = len(self._open)
        within = range(self._first_within(heading), n_open)
        depth = next((number for number in within if _closes(heading, self._open[number])), n_open)
        if self.is_empty and not heading.rank and depth == n_open - 1:
            depth += 1
        return depth

    def _numbered_depth(self, heading: _Heading) -> int | None:
        """Return the depth that the number of a bare heading tells; None if no open heading has the number before it."""
        *section, last = heading.number
        if self._left is not None and self._left.number == (*section, last - 1):
            return len(self._open)
        for depth in range(len(self._open) - 1, self._first_within(heading) - 1, -1):
            number = self._open[depth].number
            if number == (*section, last - 1):
                return depth
            if section and number == tuple(section):
                return depth + 1
        return None

    def _first_within(self, heading: _Heading) -> int:
        """Return the depth below the innermost panel that is open, down to which a heading may close others."""
        for depth in range(len(self._open) - 1, -1, -1):
            style = self._open[depth].style
            if style.startswith(PANEL):
                return depth if style == heading.style else depth + 1
        return 0

    def _set_titles(self) -> None:
        self.titles = tuple([heading.title for heading in self._open if heading.title])
        self.narrow = self._open[-1].narrow if self._open else _SECTION
        self.n_run_ins = 0
        if self.narrow != _SECTION:  # these are the innermost ones
            self.n_run_ins = sum(heading.narrow != _SECTION and heading.title != "" for heading in self._open)


def _closes(heading: _Heading, other: _Heading) -> bool:
    """Whether a heading closes an open one."""
    if heading.rank:  # a written rank closes bare headings, and written ones of its rank and below
        return not other.rank or other.rank >= heading.rank
    if other.is_continued and (not heading.number or heading.number[-1] == 1):  # a section of the other, which goes on
        return False
    is_over_run_in = other.style == "run-in" and not other.rank and heading.style not in TABLE_STYLES
    return other.style == heading.style or is_over_run_in
