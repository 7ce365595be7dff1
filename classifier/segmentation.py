"""A Document's blocks become clauses: the pieces a person would talk about, each with its headings.

A paragraph is a clause. A list of short items belongs to the sentence that introduces it; where the items are long, each
is a clause of its own and keeps the introducing sentence as context. Headings of one style are of one rank.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from classifier.text.markup import plain
from classifier.types import AFTER, Block, Clause, ClauseKind, Document

SHORT_MEAN, SHORT_MAX = 20, 45
"""A list is short where its items have at most so many words in the mean, and none has more than the second figure."""
_INTRODUCES = re.compile(r"\b(?:following|below|include|are)\b", re.IGNORECASE)
_CLOSERS = '*_"”) \t\r\n'
MAX_DEPTH, CONTEXT = 20, 400
"""Items nested deeper are read as not nested; of a sentence that introduces a list so many last characters are kept."""
MAX_HEADING_CHARACTERS, MAX_OPEN_HEADINGS = 400, 12
"""Characters of a heading that a clause carries, and headings above it; on real policies at most 347 and 7. Each clause
carries them all, so without a bound a page of one long heading and many short clauses becomes output of the square of its
length."""
MAX_CONTEXT_CHARACTERS = 1000
"""Characters of the sentences that introduce nested lists, taken together; on real policies at most 538."""
_SENTENCE_END = re.compile(r"(?<=[.!?])[*_\"”)]*\s+(?=[*_\"“(]*[A-Z])")


def segment(document: Document) -> tuple[Clause, ...]:
    """Cut a document into clauses, in order.

    Each clause's text is ``document.text[start:end]``; the clauses and the headings together hold every character that is
    not white space.

    >>> from classifier.readers.registry import from_text
    >>> [(c.headings, c.text) for c in segment(from_text("# Retention\\n\\nWe keep:\\n\\n* logs\\n* bills"))]
    [(('Retention',), 'We keep:\\n\\n* logs\\n* bills')]
    """
    text, blocks = document.text, document.blocks
    clauses: list[Clause] = []
    path = _Path()
    places = {block.start: block.place for block in blocks} if blocks and blocks[0].place else {}
    at = 0
    while at < len(blocks):
        block = blocks[at]
        if block.kind == "heading":
            path.enter(block, _shortened(plain(text[block.start : block.end])))
            at += 1
            continue
        if block.style.startswith(AFTER):
            path.leave(block.style.removeprefix(AFTER))
        path.content()
        stop = at + 1
        if block.kind in ("paragraph", "item"):
            while stop < len(blocks) and blocks[stop].kind == "item":
                stop += 1
        kind: ClauseKind = "navigation" if block.kind == "navigation" else "text"
        alone = stop == at + 1 and block.kind != "item"
        spans = [(block.start, block.end, "")] if alone else _spans(text, blocks[at:stop])
        titles = path.titles
        clauses += [Clause(text[a:b], a, b, titles, context, kind, place=places.get(a, "")) for a, b, context in spans]
        at = stop
    return tuple(clauses)


# --- lists -------------------------------------------------------------------------------------------------------


def _spans(text: str, blocks: Sequence[Block]) -> list[tuple[int, int, str]]:
    """Cut a paragraph and the items under it, or items alone, into (start, end, context)."""
    lead = blocks[0] if blocks[0].kind != "item" else None
    items = _items(blocks[1:] if lead else blocks)
    if not items:
        return [(blocks[0].start, blocks[0].end, "")]
    introduces = lead is not None and _introduces(text[lead.start : lead.end])
    if _is_short(text, items):
        if introduces:
            return [(blocks[0].start, items[-1].end, "")]
        own = [(lead.start, lead.end, "")] if lead else []
        return [*own, (items[0].start, items[-1].end, "")]
    context = _last_sentence(text[lead.start : lead.end]) if lead and introduces else ""
    spans = [(lead.start, lead.end, "")] if lead else []
    for item in items:
        spans.extend((a, b, _joined(context, inner)) for a, b, inner in _item_spans(text, item))
    return spans


class _Item(NamedTuple):
    """An item and the items nested in it."""

    block: Block
    inner: tuple[_Item, ...]

    @property
    def start(self) -> int:
        return self.block.start

    @property
    def end(self) -> int:
        return self.inner[-1].end if self.inner else self.block.end


def _items(blocks: Sequence[Block], depth: int = 0) -> list[_Item]:
    """Nest items by their depth; an item less deep than the first is on the first one's level."""
    items: list[_Item] = []
    at = 0
    while at < len(blocks):
        stop = at + 1
        while depth < MAX_DEPTH and stop < len(blocks) and blocks[stop].level > blocks[at].level:
            stop += 1
        items.append(_Item(blocks[at], tuple(_items(blocks[at + 1 : stop], depth + 1))))
        at = stop
    return items


def _item_spans(text: str, item: _Item) -> list[tuple[int, int, str]]:
    if not item.inner or _is_short(text, item.inner):
        return [(item.start, item.end, "")]
    context = _last_sentence(text[item.block.start : item.block.end])
    inner = [span for below in item.inner for span in _item_spans(text, below)]
    return [
        (item.block.start, item.block.end, ""),
        *((a, b, _joined(context, c)) for a, b, c in inner),
    ]


def _is_short(text: str, items: Sequence[_Item]) -> bool:
    # no more words are counted than it takes to say that it is too many
    lengths = [len(text[item.start : item.end].split(None, SHORT_MAX)) for item in items]
    return sum(lengths) <= SHORT_MEAN * len(lengths) and max(lengths) <= SHORT_MAX


def _introduces(text: str) -> bool:
    """Whether a paragraph leads to the list below it: it ends with a colon or without a full stop, or says so."""
    text = text[-CONTEXT:].rstrip(_CLOSERS)
    return not text.endswith((".", "!", "?", ";")) or _INTRODUCES.search(_last_sentence(text)) is not None


def _last_sentence(text: str) -> str:
    return plain(_SENTENCE_END.split(text[-CONTEXT:])[-1])


def _joined(outer: str, inner: str) -> str:
    """Join the sentences that introduce nested lists; where they are too long, drop the beginning of the outer one."""
    if not outer or not inner or len(outer) + len(inner) < MAX_CONTEXT_CHARACTERS:
        return f"{outer} {inner}" if outer and inner else outer or inner
    end = outer[len(outer) + len(inner) + len("… ") - MAX_CONTEXT_CHARACTERS :].partition(" ")[2]
    return f"…{end} {inner}" if end else inner


# --- headings ----------------------------------------------------------------------------------------------------


def _shortened(title: str) -> str:
    """Cut a title that is too long at the end of a word.

    >>> len(_shortened("word " * 1000)) <= MAX_HEADING_CHARACTERS
    True
    """
    if len(title) <= MAX_HEADING_CHARACTERS:
        return title
    cut = title.rfind(" ", MAX_HEADING_CHARACTERS // 2, MAX_HEADING_CHARACTERS)
    return title[: cut if cut > 0 else MAX_HEADING_CHARACTERS - 1] + "…"


class _Path:
    """The headings that are open, outermost first; at most `MAX_OPEN_HEADINGS`, a deeper one replaces the deepest.

    Written ranks (`#`, underlines) order themselves. A bare heading closes the open one of its style and all below it;
    directly after one of its own style, with nothing between, it is that one's child: people set a section's title and its
    first sub-title alike more often than they leave a section empty.
    """

    def __init__(self) -> None:
        self.open: list[tuple[str, int, str]] = []
        self.titles: tuple[str, ...] = ()
        self.fresh = False

    def content(self) -> None:
        self.fresh = False

    def leave(self, style: str) -> None:
        """Close the heading that is set so, and all below it."""
        at = next((number for number, (open_, _, _) in enumerate(self.open) if open_ == style), len(self.open))
        del self.open[at:]
        self._name()

    def enter(self, block: Block, title: str) -> None:
        keep = 0
        for style, level, _ in self.open:
            if (not level or level >= block.level) if block.level else style == block.style:
                break
            keep += 1
        if self.fresh and not block.level and keep == len(self.open) - 1:
            keep += 1
        keep = min(keep, MAX_OPEN_HEADINGS - 1)
        self.open[keep:] = [(block.style, block.level, title)]
        self._name()
        self.fresh = True

    def _name(self) -> None:
        self.titles = tuple([title for _, _, title in self.open if title])
