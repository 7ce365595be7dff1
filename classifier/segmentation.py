"""Cut a Document into clauses: the paragraph-sized pieces that a label is given to, each with its headings.

A paragraph is a clause. A list of short items is one clause with the sentence that introduces it; a list of long items is a
clause per item, each with that sentence as context. Headings of one style are of one rank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from classifier.text.markup import plain
from classifier.types import Block, Clause, ClauseKind, Document

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
    path = _HeadingPath()
    places = {block.start: block.place for block in blocks} if blocks and blocks[0].place else {}
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if block.kind == "heading":
            path.enter(block, _shortened(plain(text[block.start : block.end])))
            at += 1
            continue
        if block.closes:
            path.leave(block.closes)
        path.add_content()
        stop = at + 1
        if block.kind in ("paragraph", "item"):
            while stop < len(blocks) and blocks[stop].kind == "item":
                stop += 1
        kind: ClauseKind = "navigation" if block.kind == "navigation" else "text"
        is_single = stop == at + 1 and block.kind != "item"
        spans = [(block.start, block.end, "")] if is_single else _spans(text, blocks[at:stop])
        titles = path.titles
        clauses += [Clause(text[a:b], a, b, titles, context, kind, place=places.get(a, "")) for a, b, context in spans]
        at = stop
    return tuple(clauses)


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
    return plain(_SENTENCE_END.split(text[-MAX_LEAD_CHARACTERS:])[-1])


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


class _HeadingPath:
    """The open headings, outermost first; at most `MAX_OPEN_HEADINGS`, a deeper one replaces the deepest.

    Written ranks (`#`, underlines) order themselves. A bare heading closes the open one of its style and all below it.
    Directly after a heading of its own style it is that one's child: people set the title of a section and its first subtitle
    alike more often than they leave a section empty.
    """

    def __init__(self) -> None:
        self._open: list[tuple[str, int, str]] = []  # (style, written rank or 0, title)
        self._is_empty = False  # whether nothing follows the last heading yet
        self.titles: tuple[str, ...] = ()

    def add_content(self) -> None:
        self._is_empty = False

    def leave(self, style: str) -> None:
        """Close the outermost heading of a style, and all below it."""
        at = next(
            (number for number, (open_style, _, _) in enumerate(self._open) if open_style == style), len(self._open)
        )
        del self._open[at:]
        self._set_titles()

    def enter(self, block: Block, title: str) -> None:
        """Open a heading, and close those of its rank and below."""
        depth = 0
        for style, rank, _ in self._open:
            if _closes(block, style, rank):
                break
            depth += 1
        if self._is_empty and not block.level and depth == len(self._open) - 1:
            depth += 1
        depth = min(depth, MAX_OPEN_HEADINGS - 1)
        self._open[depth:] = [(block.style, block.level, title)]
        self._set_titles()
        self._is_empty = True

    def _set_titles(self) -> None:
        self.titles = tuple([title for _, _, title in self._open if title])


def _closes(heading: Block, style: str, rank: int) -> bool:
    """Whether a heading closes an open one of this style and written rank (0: none)."""
    if heading.level:  # a written rank closes bare headings, and written ones of its rank and below
        return not rank or rank >= heading.level
    return style == heading.style
