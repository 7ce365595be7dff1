"""A text becomes blocks: headings, paragraphs, list items and navigation, whatever way the text was saved.

What people save as a policy is seldom clean Markdown: headings are `#` lines, underlined lines, bold lines, bold run-ins,
ALL-CAPS lines or bare Title Case lines; whole paragraphs stand a line each with no blank lines between. So this is a
scanner of lines, not a Markdown parser (which would read a Title Case line as a paragraph and, at 1-2 MB/s, slow the
tool down tenfold). It works in three passes: lines are sorted by what they are by themselves; neighbours are joined to
blocks; then bare lines are judged by what stands around them.

It marks nothing as lost: each character that is not white space belongs to exactly one block, markup included. Inline
markup is left in place; `text.plain` takes it off for show.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import NamedTuple

from classifier.readers import headings
from classifier.text.markup import BREAK, BULLET, BULLETS, NUMBER, plain
from classifier.types import Block

RUN_INS = 4
"""At most so many bold runs are read at the start of a line: "**What else?** **Log files**" are two headings."""
MARK = 40
"""The mark of an item, blanks included, is no longer than this."""
MAX_RUN_LINES = 50_000
"""Lines without a blank one between that are read together; more would take several hundred bytes of memory each."""
PIECE_CHARACTERS = 2**20
"""Characters that are cut into lines at once."""
_BREAK_KEPT = re.compile(f"({BREAK.pattern})")
_ATX = re.compile(r"(#{1,6})[ \t]+\S")
_RULE = re.compile(r"(?:={3,}|-{3,}|\*{3,}|_{3,}|(?:[*_-][ \t]+){2,}[*_-])$")
_BOLD = re.compile(
    r"(?P<mark>\*\*\*|\*\*_|___|__\*|\*\*|__)(?=\S)(?P<title>(?:[^*_\n]++|\*(?!\*)|_(?!_))+?)(?:_\*\*|\*__|\*{2,3}|_{2,3})"
)
_LINK = re.compile(r"\[(?<!\\\[)(?:[^\[\]\\]++|\\.)*+\]\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+(?:\s+\"[^\"\n]*\")?\)")
_IMAGE = re.compile(r"!\[(?<!\\!\[)(?:[^\[\]\\]++|\\.)*+\]\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+\)")
_ADDRESS_LINK = re.compile(r"\]\((?:mailto:|[^()\s]*email-protection)")


_Content = tuple[str, int, int, str]
"""A line as found: what it holds between white space, where that begins in the text and in the line, and the line itself."""


class _Line(NamedTuple):
    """A line that stands with others: what it is by itself, what it holds between white space, from where on, its source."""

    block: Block
    text: str
    indent: int
    source: str

    @property
    def hard_break(self) -> bool:
        return self.source.endswith("  ") and not self.text.endswith((".", "!", "?", ":"))


def find_blocks(text: str, most: int | None = None) -> tuple[Block, ...]:
    """Cut a text into blocks that together hold all of it but white space; none begins or ends with white space.

    Parameters
    ----------
    text
        The text.
    most
        Stop at one block more than this number, which takes time and memory for those blocks alone. The blocks returned are
        then one too many and hold only the beginning of the text: the caller refuses it.

    Examples
    --------
    >>> for block in find_blocks("# Privacy\\n\\nWe keep logs.\\n\\n* for a week"):
    ...     print(block.kind, block.start, block.end)
    heading 0 9
    paragraph 11 24
    item 26 38
    """
    found: list[Block] = []
    for run in _runs(text):
        for block in _group(run) if len(run) > 1 else (_alone(*run[0][:3]),):
            if _may_open(text, block):
                found += _run_in(text, block)
            else:
                found.append(block)
        if most is not None and len(found) > most:
            return tuple(found[: most + 1])
    judged = headings.find_bare_headings(text, found)
    links = {block.start for block in judged if _is_links(text, block)} if "](" in text else frozenset()
    return tuple(headings.join_navigation(text, judged, links))


def _runs(text: str) -> Iterator[list[_Content]]:
    """Give the lines that stand together, with no blank line between."""
    run: list[_Content] = []
    at = 0
    for line, end in _lines(text):
        content = line.strip()
        if content:
            indent = line.index(content[0])
            run.append((content, at + indent, indent, line))
        if run and (not content or len(run) == MAX_RUN_LINES):
            yield run
            run = []
        at += len(line) + end
    if run:
        yield run


def _lines(text: str) -> Iterator[tuple[str, int]]:
    """Cut a text into lines, each with the length of what ends it, piece by piece so that few are held at a time."""
    at = 0
    while at < len(text):
        end = BREAK.search(text, at + PIECE_CHARACTERS)
        stop = end.end() if end else len(text)
        piece = text[at:stop]
        lines: Sequence[str] = piece.split("\n")
        ends: Iterable[int] = repeat(1)
        if "\r" in piece:
            parts = _BREAK_KEPT.split(piece)
            lines, ends = parts[0::2], [*map(len, parts[1::2]), 0]
        yield from zip(lines[:-1] if end else lines, ends, strict=False)
        at = stop


def _alone(text: str, start: int, indent: int) -> Block:
    """Say what a line is by itself, by what it holds between white space."""
    first, end = text[0], start + len(text)
    if (
        first == "#"
        and len(text) <= headings.MAX_HEADING_CHARACTERS
        and (atx := _ATX.match(text))
        and not headings.DATED.match(plain(text))
    ):
        return Block("heading", start, end, len(atx[1]))  # "# Effective May 2020" opens no section
    if first in BULLETS and BULLET.match(text) and not _is_rule(text):
        return Block("item", start, end, indent, "bullet")
    if NUMBER.match(text):
        return Block("item", start, end, indent, "number")
    return Block("paragraph", start, end, 0, "row" if first == "|" else "")


# --- lines to blocks ---------------------------------------------------------------------------------------------


def _group(run: list[_Content]) -> Iterator[Block]:
    """Join the lines of a run without blank lines, where they go on with one another."""
    lines = [_Line(_alone(text, start, indent), text, indent, source) for text, start, indent, source in run]
    wrapped = max(len(line.text) for line in lines) <= headings.WRAP_WIDTH
    heads = _heads(lines) if wrapped else [False] * len(lines)
    part: list[_Line] = []
    for line, head in zip(lines, heads, strict=True):
        if part and (head or not _joins(part, line, wrapped)):
            yield _joined(part)
            part = []
        part.append(line)
        if head:
            yield line.block._replace(kind="heading", style=headings.bare_style(line.text))
            part = []
    if part:
        yield _joined(part)


def _heads(lines: list[_Line]) -> list[bool]:
    """Which lines of a wrapped run are headings: short ones between full stops that stand on a sentence or on a heading."""
    heads = [False] * len(lines)
    for number in range(len(lines) - 2, -1, -1):
        below = lines[number + 1].text
        heads[number] = _may_head(lines[number]) and (heads[number + 1] or _is_sentence(below, lines[number].text))
    for number in range(1, len(lines)):
        heads[number] &= heads[number - 1] or lines[number - 1].text.endswith((".", "!", "?", ":", ";"))
    return heads


def _may_head(line: _Line) -> bool:
    text = line.text
    if line.block.kind != "paragraph" or len(text) > 70 or text.endswith((",", ".", ";", ":")) or line.hard_break:
        return False
    return (
        headings.is_caps(text)
        or headings.is_titled(text)
        or (len(text.split()) <= 7 and text[0].isupper() and not headings.DATED.match(text))
    )


def _is_sentence(text: str, heading: str) -> bool:
    """Whether a line is text that a heading can stand on: a sentence of its own, or the long beginning of one."""
    if not text[0].isupper() and not text.startswith(("*", "-", "•")):
        return False
    ends = text.endswith((".", ";", ":")) and len(text.split()) >= 4
    return ends or len(text) > max(40, 1.2 * len(heading))


def _joined(part: list[_Line]) -> Block:
    first, last = part[0], part[-1]
    if first is last:
        return first.block
    underlined = len(part) == 2 and last.text[0] in "=-" and _is_rule(last.text)
    if underlined and first.block.kind == "paragraph" and len(first.text) <= headings.MAX_HEADING_CHARACTERS:
        level = 1 if last.text[0] == "=" else 2
        return first.block._replace(kind="heading", end=last.block.end, level=level)
    return first.block._replace(end=last.block.end)


def _joins(part: list[_Line], line: _Line, wrapped: bool) -> bool:
    """Whether `line` goes on with the lines before it."""
    first, last = part[0], part[-1]
    kind = first.block.kind
    if kind == "heading" or line.block.kind != "paragraph" or _is_rule(last.text):
        return False
    if _is_rule(line.text) or _is_table_rule(line.text):
        return True
    if "row" in (line.block.style, first.block.style):
        return False
    if last.hard_break or (line.text.startswith(">") and last.text.startswith(">")):
        return True
    if kind == "item" and line.indent > first.indent:
        return True
    if not wrapped and kind == "paragraph" and line.indent == first.indent and _is_fragment(last.text):
        return True
    return wrapped and not headings.is_caps(line.text)


def _is_rule(text: str) -> bool:
    """Whether what a line holds between white space is a rule."""
    return text[0] in "=-*_" and text[-1] in "=-*_" and _RULE.match(text) is not None


def _is_table_rule(text: str) -> bool:
    return text.startswith("|") and "-" in text and not text.strip("|:- \t")


def _is_fragment(text: str) -> bool:
    """Whether a line is too little to stand alone, such as the first cell of a table that was saved cell by cell."""
    return text.endswith(".") and len(text.split(None, 5)) <= 5 and not headings.is_titled(text)


# --- run-in headings ---------------------------------------------------------------------------------------------


def _may_open(text: str, block: Block) -> bool:
    """Whether a block could begin with bold words: few do, and to look closer costs as much as all else here."""
    if block.kind != "item":
        return text[block.start] in "*_"
    begin = text[block.start + 1 : block.start + MARK]
    return "*" in begin or "_" in begin


def _run_in(text: str, block: Block) -> Iterator[Block]:
    """Split a bold opening off a paragraph or an item, where it works as a heading."""
    for _ in range(RUN_INS):
        opening = _opening(text, block)
        if opening is None:
            break
        heading, rest = opening
        yield heading
        if rest is None:
            return
        block = rest
    yield block


def _opening(text: str, block: Block) -> tuple[Block, Block | None] | None:
    """Give the heading that a block opens with and what is left of the block, None where nothing is."""
    if block.kind == "heading":
        return None
    marker = BULLET.match(text, block.start) or NUMBER.match(text, block.start) if block.kind == "item" else None
    begin = marker.end() if marker else block.start
    if text[begin] not in "*_":
        return None
    title, at = _bold_title(text, begin, block.end)
    bold_follows = text.startswith("**", at)
    style = headings.opening_style(title, block, text[at : block.end], bold_follows)
    if not style:
        return None
    if not text[at : block.end].strip():
        return block._replace(kind="heading", style=style), None
    heading = Block("heading", block.start, block.start + len(text[block.start : at].rstrip()), style=style)
    at += len(text[at : block.end]) - len(text[at : block.end].lstrip())  # the title may end its line
    rest = Block("paragraph", at, block.end) if bold_follows else block._replace(start=at)
    return heading, rest


def _bold_title(text: str, at: int, end: int) -> tuple[str, int]:
    """Read the bold runs at the start of a line as one title; give it without markup, and where what follows begins."""
    for line_end in "\n\r":
        found = text.find(line_end, at, end)
        end = found if found >= 0 else end
    titles: list[str] = []
    while len(titles) < RUN_INS and not (titles and titles[-1].endswith((".", "?", ":", "!"))):
        bold = _BOLD.match(text, at, end)
        if bold is None:
            break
        titles.append(bold["title"].strip())
        at = _skip(text, bold.end(), end)
    title = plain(" ".join(titles))
    if titles and at < end and text[at] in ".:–-":
        return title + text[at], _skip(text, at + 1, end)
    return title, at


def _skip(text: str, at: int, end: int) -> int:
    """Give the place of the next character that is no blank."""
    while at < end and text[at] in " \t":
        at += 1
    return at


def _is_links(text: str, block: Block) -> bool:
    """Whether all words stand inside links that are not addresses."""
    # first what costs little: most blocks have no link, or words before it
    first = text.find("[", block.start, block.end)
    if first < 0 or text[block.start].isalpha() or headings.WORD.search(text, block.start, first):
        return False
    content = text[block.start : block.end]
    if "](" not in content:
        return False
    if ("mailto:" in content or "email-protection" in content) and _ADDRESS_LINK.search(content):
        return False
    return not headings.WORD.search(_LINK.sub("", _IMAGE.sub("", content) if "![" in content else content))
