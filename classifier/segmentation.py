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

from classifier.readers.furniture import entry_title
from classifier.readers.headings import item_number
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
_NUMBER = re.compile(rf"\d{{1,2}}(?:\.\d{{1,2}}){{0,{MAX_NUMBER_PARTS - 1}}}(?=[A-Z]?[.):]?\s)")
_INSERTED = r"[\d.]+[A-Z]"
"""The number of a section that was inserted after the one of the same number: "13A."."""
_GOES_ON = ("more", "definition")
"""Styles of items that belong to what is above them: a further paragraph of an item, a definition of a term."""
_SUMMARY = re.compile(r"\W*(?:summary|in short|in brief)\b", re.IGNORECASE)
"""The beginning of a heading that is over the next paragraph only, if it stands right below the heading of the section."""
_TITLE = re.compile(r"\b(?:privacy|polic(?:y|ies)|notice|statement|terms|data protection)\b", re.IGNORECASE)
"""A word of the title of a document, which is over all of its sections even if it is set as they are."""
# patterns that few documents need are compiled when they are first used, since to compile them delays every start
_OTHER_TITLE = r"(?i)(?!.*\b(?:the|this|these|our|your)\b)(?:\S+ ){0,5}(?:policy|notice|statement|terms|agreement)"
"""The title of another document in the same file, of the rank of the first."""
_HEADING_ID = r"\s*\{:?\s*[#.][^{}]*\}$"
"""The id or class that Markdown gives a heading: "## Sharing {#sharing}"."""
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_YEAR = r"\b(?:19|20)\d\d\b"
MAX_DATE_CHARACTERS = 100
"""Characters of a line with the date or the edition of the document, below its title."""
_LABEL = r"[*_]{0,3}[A-Z][^.:–?!\n]{2,60}(?::| [–-])[*_]{0,3} \S"
"""The beginning of a paragraph that is an item of a list without bullets: "Security cookies – ..."."""
MAX_LABEL_CHARACTERS = 80
"""Characters at the beginning of a paragraph in which a label is looked for."""
MIN_LISTED_HEADINGS = 4
"""Bare headings that a table of contents lists; then those that it does not list are below them."""
_LISTED_RANK = 5
"""The rank of a bare heading that the table of contents lists: below those of written ranks, above other bare ones."""
_ENTRY = r"\[((?:[^\[\]\\]|\\.)+)\]\(#"
_SENTENCE_END = re.compile(r"(?<=[.!?])[*_\"”)]*\s+(?=[*_\"“(]*[A-Z])")


_Span = tuple[int, int, str]
"""A clause: its start, its end, and the sentence that introduces it, "" if none."""


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
    lead = _Lead(text, blocks, headings)
    columns = ""  # the heads of the columns of a table
    part = ""
    at = 0
    while at < len(blocks):
        block = blocks[at]
        kind = block.kind
        if block.part != part:
            part, path, columns = block.part, _HeadingPath(), ""
            lead.forget()
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
                    lead.forget()
                if headings[at].narrow != _NOTHING:
                    path.enter(headings[at])
            at += 1
            continue
        if not is_row:
            path.leave_table()
            columns = ""
        if path.narrow != _SECTION and blocks[at - 1].kind != "heading" and not columns:
            path.leave_narrow(_innermost_level(text, block))
        if path.is_over_summary and blocks[at - 1].kind != "heading":
            path.leave_narrow(_PARAGRAPH)
        path.is_empty = False
        stop = at + 1
        takes_items = kind == "item" or (
            kind == "paragraph"
            and not is_row
            and not path.is_over_summary
            and stop < len(blocks)
            and blocks[stop].kind == "item"
            and _introduces(text[block.start : block.end])
            and not _is_numbered_paragraph(text, blocks, at)
        )
        if takes_items:
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
        if columns:
            spans = [(a, b, columns) for a, b, _ in spans]
        elif kind != "navigation":
            spans = lead.over(spans, at, stop)
        titles, n_run_ins = path.titles, path.n_run_ins
        clause_kind: ClauseKind = "navigation" if kind == "navigation" else "text"
        clauses += [
            Clause(
                text[a:b], a, b, titles, context, clause_kind, place=places.get(a, ""), n_run_ins=n_run_ins, part=part
            )
            for a, b, context in spans
        ]
        at = stop
    return tuple(clauses)


def _is_numbered_paragraph(text: str, blocks: Sequence[Block], at: int) -> bool:
    """Whether the item below a paragraph that ends with a full stop is a numbered paragraph, and no list."""
    if text[blocks[at].end - 1] != "." or blocks[at + 1].style != "number":
        return False
    return at + 2 == len(blocks) or blocks[at + 2].kind != "item" or text[blocks[at].start].isdigit()


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


class _Lead:
    """The sentence that introduces what follows: items that open with headings, rows, paragraphs with labels.

    A list that a paragraph interrupts goes on with the next number, and its sentence with it.
    """

    def __init__(self, text: str, blocks: Sequence[Block], headings: Mapping[int, _Heading]) -> None:
        self._text, self._blocks, self._headings = text, blocks, headings
        self._sentence = ""
        self._is_over_paragraphs = False
        # of the last list with numbers: the sentence that introduces it, and its last number
        self._list_sentence = self._list_number = ""

    def forget(self) -> None:
        """Forget all, at the beginning of a section."""
        self._sentence = self._list_sentence = self._list_number = ""
        self._is_over_paragraphs = False

    def over(self, spans: list[_Span], at: int, stop: int) -> list[_Span]:
        """Return the spans of a group of blocks with the sentence that introduces them; a paragraph may be the next one."""
        block = self._blocks[at]
        if not block.style and block.kind == "paragraph" and stop == at + 1 and not self._is_over_paragraphs:
            self._read(at, stop)  # the usual case
            return spans
        if block.kind == "item" or block.style == "row":
            sentence = self._sentence
            if not sentence and self._list_number and _follows(self._list_number, item_number(self._text, block)):
                sentence = self._list_sentence
        elif self._is_over_paragraphs and self._is_labeled(at):
            sentence = self._sentence
        else:
            sentence = ""
            self._read(at, stop)
        last = item_number(self._text, self._blocks[stop - 1])
        if last:
            self._list_number = last
            self._list_sentence = sentence or (spans[-1][2] if len(spans) > 1 else "")
        return [(a, b, _join_contexts(sentence, context)) for a, b, context in spans] if sentence else spans

    def _read(self, at: int, stop: int) -> None:
        """See whether a paragraph introduces what is below it and is no list of bullets or numbers."""
        start, end, self._sentence = self._blocks[at].start, self._blocks[at].end, ""
        self._is_over_paragraphs = False
        heading = self._headings.get(stop)
        has_colon = self._text[end - 1] == ":"
        if not has_colon and (heading is None or heading.narrow < 0):
            return
        below = self._blocks[stop] if stop < len(self._blocks) else None
        source = self._text[start:end]
        is_over_items = heading is not None and heading.narrow >= 0 and _introduces(source)
        is_over_rows = has_colon and below is not None and below.style in TABLE_STYLES
        is_directly_above = stop == at + 1 and stop < len(self._blocks)
        self._is_over_paragraphs = has_colon and is_directly_above and self._is_labeled(stop)
        is_lead = is_over_items or is_over_rows or self._is_over_paragraphs
        self._sentence = _last_sentence(source) if is_lead else ""

    def _is_labeled(self, at: int) -> bool:
        """Whether a paragraph begins with a label, or a heading is the label of a paragraph."""
        block, heading = self._blocks[at], self._headings.get(at)
        if heading is not None:
            return heading.narrow == _PARAGRAPH and not heading.is_summary
        above = self._headings.get(at - 1)
        if block.kind != "paragraph" or block.style == "row":
            return False
        if above is not None and above.narrow == _PARAGRAPH:
            return True
        beginning = self._text[block.start : block.start + MAX_LABEL_CHARACTERS]
        return re.match(_LABEL, beginning) is not None


def _follows(number: str, other: str) -> bool:
    """Whether a number of an item is the next one after another.

    >>> _follows("b", "c"), _follows("9", "10"), _follows("iv", "v"), _follows("b", "d")
    (True, True, True, False)
    """
    if number.isdecimal() and other.isdecimal():
        return int(other) == int(number) + 1
    if number in _ROMAN and other in _ROMAN and _ROMAN.index(other) == _ROMAN.index(number) + 1:
        return True
    return len(number) == len(other) == 1 and ord(other) == ord(number) + 1


def _spans(text: str, blocks: Sequence[Block]) -> list[_Span]:
    """Cut a paragraph and the items that it introduces, or items alone, into clauses: (start, end, context)."""
    lead = blocks[0] if blocks[0].kind != "item" else None
    items = _items(blocks[1:] if lead else blocks)
    if not items or _is_short(text, items):
        return [(blocks[0].start, items[-1].end if items else blocks[0].end, "")]
    context = _last_sentence(text[lead.start : lead.end]) if lead else ""
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


def _item_spans(text: str, item: _Item) -> list[_Span]:
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
_NOTHING = -3
"""What a line on the title page is over: the name of the organization, a subtitle."""


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
    is_title
        Whether it is the title of the document.
    is_summary
        Whether it is over the next paragraph alone, and not over a list below that.
    """

    title: str
    style: str
    rank: int
    narrow: int = _SECTION
    number: tuple[int, ...] = ()
    is_continued: bool = False
    is_title: bool = False
    is_summary: bool = False


def _read_headings(text: str, blocks: Sequence[Block]) -> dict[int, _Heading]:
    """Return the headings among the blocks, each by the place of its block."""
    titles = {
        at: _title(text, block) for at, block in enumerate(blocks) if block.kind == "heading" and block.style != "row"
    }
    numbers = {at: _number(title) for at, title in titles.items()}
    narrow = _find_narrow(text, blocks, numbers)
    title_at = _find_title(text, blocks, narrow)
    listed = _listed_titles(text, blocks)
    headings: dict[int, _Heading] = {}
    seen: dict[tuple[str, tuple[int, ...]], int] = {}
    for at, title in titles.items():
        block, number = blocks[at], numbers[at]
        reach = narrow.get(at, _SECTION)
        rank = block.level or (_LISTED_RANK if listed and reach == _SECTION and entry_title(title) in listed else 0)
        is_summary = reach == _PARAGRAPH and _SUMMARY.match(title) is not None
        headings[at] = _Heading(title, block.style, rank, reach, number, False, at == title_at, is_summary)
        if number and not block.level and at not in narrow:
            before = seen.pop((block.style, (*number[:-1], number[-1] - 1)), None)
            if before is not None:
                headings[before] = headings[before]._replace(is_continued=True)
            seen[block.style, number] = at
    return headings


def _title(text: str, block: Block) -> str:
    """Return the words of a heading, without markup and without the id that Markdown may give it."""
    title = _shortened(plain(text[block.start : block.end]))
    return re.sub(_HEADING_ID, "", title) if title.endswith("}") else title


def _number(title: str) -> tuple[int, ...]:
    """Return the parts of the section number that a title begins with, empty if it has none."""
    match = _NUMBER.match(title) if title[:1].isdecimal() else None
    return tuple(map(int, match[0].split("."))) if match else ()


def _find_title(text: str, blocks: Sequence[Block], narrow: dict[int, int]) -> int:
    """Return the place of the heading that is the title of the document, -1 if none is.

    It is among the headings before the first text. Those before it are of the title page, as is one between it and a date.
    """
    leading: list[int] = []
    for at, block in enumerate(blocks):
        if block.kind == "heading" and block.style != "row":
            leading.append(at)
        elif block.kind != "navigation":
            break
    title = next((at for at in leading if _may_be_title(text, blocks[at], narrow.get(at, _SECTION))), -1)
    for at in leading:
        if at < title and not blocks[at].level:
            narrow[at] = _NOTHING
    below, text_at = title + 1, title + 2
    if title in leading and below in leading and text_at < len(blocks) and not blocks[below].level:
        line = text[blocks[text_at].start : blocks[text_at].end]
        is_date = blocks[text_at].kind == "paragraph" and len(line) <= MAX_DATE_CHARACTERS and re.search(_YEAR, line)
        if is_date and not _NUMBER.match(plain(text[blocks[below].start : blocks[below].end])):
            narrow[below] = _NOTHING
    return title


def _may_be_title(text: str, block: Block, reach: int) -> bool:
    is_section = reach == _SECTION and text[block.end - 1] != "?" and not text[block.start].isdigit()
    return is_section and _TITLE.search(text, block.start, block.end) is not None


def _listed_titles(text: str, blocks: Sequence[Block]) -> frozenset[str]:
    """Return the titles in a table of contents with links, if most of them are bare headings of this document."""
    titles = {
        entry_title(match[1])
        for block in blocks
        if block.kind == "navigation" and text.find("](#", block.start, block.end) >= 0
        for match in re.finditer(_ENTRY, text[block.start : block.end])
    }
    if len(titles) < MIN_LISTED_HEADINGS:
        return frozenset()
    bare = {
        entry_title(text[block.start : block.end])
        for block in blocks
        if block.kind == "heading" and not block.level and block.style != "row"
    }
    found = titles & bare
    return frozenset(found) if len(found) >= max(MIN_LISTED_HEADINGS, len(titles) // 2) else frozenset()


def _find_narrow(text: str, blocks: Sequence[Block], numbers: Mapping[int, tuple[int, ...]]) -> dict[int, int]:
    """Return the headings that are not over a section, each by the place of its block, with what it is over.

    `numbers` are the section numbers of the headings, by the places of their blocks.

    A bold opening is over its item or paragraph. If other paragraphs stand between two openings of one kind in a section,
    they belong to the one above them: then each opens a section of its own.
    """
    narrow: dict[int, int] = {}
    groups: dict[int, _Openings] = {}
    n_paragraphs = last_number = 0
    for at, block in enumerate(blocks):
        if block.kind != "heading" and not groups:
            continue
        below = blocks[at + 1] if at + 1 < len(blocks) else None
        above = blocks[at - 1] if at else None
        if block.kind == "heading":
            parts = () if block.level else numbers.get(at, ())
            number = parts[0] if len(parts) == 1 else 0
            is_next = number > 1 and number == last_number + 1
            last_number = number or last_number
            if block.style == "run-in" and is_next and below is not None and below.kind == "paragraph":
                continue
            if block.style == "run-in" and below is not None and below.kind in ("paragraph", "item"):
                last_number = 0
                level = below.level if below.kind == "item" else _PARAGRAPH
                narrow[at] = level
                is_alone = below.kind == "item" and not _has_item_beside(blocks, at)
                if below.kind == "paragraph" or below.style == "number" or is_alone:
                    groups.setdefault(_PARAGRAPH if is_alone else level, _Openings()).add(at, n_paragraphs)
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


def _has_item_beside(blocks: Sequence[Block], at: int) -> bool:
    """Whether the item below an opening at a place is one of several: another one stands directly above or below."""
    above = blocks[at - 1] if at else None
    beside = blocks[at + 2] if at + 2 < len(blocks) else None
    is_opening = beside is not None and beside.kind == "heading" and beside.style == "run-in" and at + 3 < len(blocks)
    beside = blocks[at + 3] if is_opening else beside
    return any(block is not None and block.kind == "item" for block in (above, beside))


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
        self._has_numbers = False  # whether a section had a number
        self.is_empty = False  # whether nothing follows the last heading yet
        self.titles: tuple[str, ...] = ()
        self.narrow = _SECTION  # what the last heading is over
        self.n_run_ins = 0  # the last titles that are of no section
        self.is_over_summary = False  # whether the last heading is over a summary

    def leave(self, style: str) -> None:
        """Close the outermost heading of a style, and all below it."""
        closed = (
            number for number, heading in enumerate(self._open) if heading.style == style and not heading.is_title
        )
        at = next(closed, len(self._open))
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
        if self.is_over_summary and not self.is_empty:
            self.leave_narrow(_PARAGRAPH)
        if self.narrow != _SECTION and heading.style not in TABLE_STYLES:
            self.leave_narrow(max(heading.narrow, _PARAGRAPH))
        if heading.narrow == _PARAGRAPH and last is not None and not self.is_empty and _is_beside(last, heading):
            self._open.pop()
        if not self._has_numbers and heading.narrow == _SECTION and _is_first_number(heading):
            self._leave_preamble()
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

    def _leave_preamble(self) -> None:
        """Close a bare heading over text above the first numbered section, such as a box of promises, but not the title."""
        self._has_numbers = True
        if self.is_empty or len(self._open) < 2:
            return
        last = self._open[-1]
        if not (last.is_title or last.rank or last.style.startswith(PANEL) or _TITLE.search(last.title)):
            self._open.pop()

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
        is_inserted = re.match(_INSERTED, heading.title) is not None
        if self._left is not None and self._left.number == (*section, last - 1):
            return len(self._open)
        for depth in range(len(self._open) - 1, self._first_within(heading) - 1, -1):
            number = self._open[depth].number
            if number == (*section, last - 1) or (number == heading.number and is_inserted):
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
        self.is_over_summary = bool(self._open) and self._open[-1].is_summary
        self.n_run_ins = 0
        if self.narrow != _SECTION:  # these are the innermost ones
            self.n_run_ins = sum(heading.narrow != _SECTION and heading.title != "" for heading in self._open)


def _is_first_number(heading: _Heading) -> bool:
    """Whether a bare heading has the first number of a document: "1." or "I."."""
    if heading.rank:
        return False
    return heading.number == (1,) or (heading.style == "roman" and heading.title.startswith("I."))


def _is_beside(bold: _Heading, opening: _Heading) -> bool:
    """Whether a bold line over a table is one of the openings of a section, set as they are: "**Vendors.**"."""
    is_bold = bold.style == "bold" and bold.narrow == _SECTION and bold.title[-1:] == opening.title[-1:] == "."
    return is_bold and len(bold.number) == len(opening.number) and bold.number[:-1] == opening.number[:-1]


def _closes(heading: _Heading, other: _Heading) -> bool:
    """Whether a heading closes an open one."""
    if other.is_title:  # what is set like the title is below it
        if not heading.rank or heading.rank > other.rank:
            return False
        return heading.rank < other.rank or re.fullmatch(_OTHER_TITLE, heading.title) is not None
    if heading.number and not other.rank and not other.number and _SUMMARY.match(other.title):
        return True
    if heading.rank:  # a written rank closes bare headings, and written ones of its rank and below
        return not other.rank or other.rank >= heading.rank
    if other.is_continued and (not heading.number or heading.number[-1] == 1):  # a section of the other, which goes on
        return False
    is_over_run_in = other.style == "run-in" and heading.style not in TABLE_STYLES
    return not other.rank and (other.style == heading.style or is_over_run_in)
