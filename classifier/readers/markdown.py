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
from dataclasses import replace
from itertools import repeat
from typing import NamedTuple

from classifier.text import BREAK, BULLET, BULLETS, NUMBER, plain
from classifier.types import Block, BlockKind

WRAPPED = 130
"""Neighbouring lines are one hard-wrapped paragraph up to this length; where one is longer, each is a paragraph."""
HEADING_WORDS, HEADING_LENGTH = 14, 240
RUN_INS = 4
"""At most so many bold runs are read at the start of a line: "**What else?** **Log files**" are two headings."""
_BREAK_KEPT = re.compile(f"({BREAK.pattern})")
_ATX = re.compile(r"(#{1,6})[ \t]+\S")
_RULE = re.compile(r"(?:={3,}|-{3,}|\*{3,}|_{3,}|(?:[*_-][ \t]+){2,}[*_-])[ \t]*$")
_ESCAPED_NUMBER = re.compile(r"(?:\d{1,3}|[A-Za-z])\\?[.)][ \t]+")
_BOLD = re.compile(
    r"(?P<mark>\*\*\*|\*\*_|___|__\*|\*\*|__)(?=\S)(?P<title>(?:(?!\*\*|__).)+?)(?:_\*\*|\*__|\*{2,3}|_{2,3})"
)
_LINK = re.compile(r"(?<!\\)\[(?:[^\[\]\\]|\\.)*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"\n]*\")?\)")
_IMAGE = re.compile(r"(?<!\\)!\[(?:[^\[\]\\]|\\.)*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_ADDRESS_LINK = re.compile(r"\]\((?:mailto:|[^()\s]*email-protection)")
_WORD = re.compile(r"[^\W\d_]")
_LONG_NUMBER = re.compile(r"\d{3}")
_TITLE_WORD = re.compile(r"[^\W_][\w’'.-]*")
_RUN_TOGETHER = re.compile(r"[a-z][A-Z]")
_TOP = re.compile(r"\W*(?:back to |return to |go to )?(?:the )?top\W*$", re.IGNORECASE)
_DATED = re.compile(
    r"\W*(?:(?:last|most|recently|date|this|our|the|privacy|policy|notice|statement|was|is|of)\s+)*"
    r"(?:effective|updated|revised|modified|dated?)\b.{0,40}\d",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"\b(?:we|you|your)\b", re.IGNORECASE)
_SMALL = frozenset(
    "a an and as at by for from in into is it its my of on or our that the this to us we with you your".split()
)


class _Line(NamedTuple):
    """A line that is not blank: what it is by itself, and how it is set."""

    text: str
    start: int
    kind: BlockKind
    level: int
    style: str
    indent: int
    hard_break: bool


def blocks(text: str) -> tuple[Block, ...]:
    """Cut a text into blocks that together hold all of it but white space.

    >>> for block in blocks("# Privacy\\n\\nWe keep logs.\\n\\n* for a week"):
    ...     print(block.kind, block.start, block.end)
    heading 0 9
    paragraph 11 24
    item 26 38
    """
    found: list[Block] = []
    for lines in _runs(text):
        for block in _group(lines) if len(lines) > 1 else (_joined(lines),):
            if block.kind == "item" or text[block.start] in "*_":
                found += _run_in(text, block)
            else:
                found.append(block)
    return tuple(_navigation(text, _bare_headings(text, found)))


def _runs(text: str) -> Iterator[list[_Line]]:
    """Give the lines that stand together, with no blank line between."""
    lines: Sequence[str] = text.split("\n")
    ends: Iterable[int] = repeat(1)
    if "\r" in text:
        parts = _BREAK_KEPT.split(text)
        lines, ends = parts[0::2], [*map(len, parts[1::2]), 0]
    run: list[_Line] = []
    at = 0
    for line, end in zip(lines, ends, strict=False):
        content = line.strip()
        if content:
            run.append(_alone(line, content, at))
        elif run:
            yield run
            run = []
        at += len(line) + end
    if run:
        yield run


def _alone(line: str, text: str, at: int) -> _Line:
    """Say what a line is by itself; `text` is what it holds between white space, `at` is where it begins."""
    indent = line.index(text[0])
    hard_break = line.endswith("  ") and not text.endswith((".", "!", "?", ":"))
    kind: BlockKind = "paragraph"
    level, style, first = 0, "", text[0]
    if first == "#" and len(text) <= HEADING_LENGTH and (atx := _ATX.match(text)) and not _DATED.match(plain(text)):
        kind, level = "heading", len(atx[1])  # "# Effective May 2020" opens no section
    elif first in BULLETS and BULLET.match(text) and not _RULE.match(text):
        kind, level, style = "item", indent, "bullet"
    elif NUMBER.match(text):
        kind, level, style = "item", indent, "number"
    elif first == "|":
        style = "row"
    return _Line(text, at + indent, kind, level, style, indent, hard_break)


# --- lines to blocks ---------------------------------------------------------------------------------------------


def _group(lines: list[_Line]) -> Iterator[Block]:
    """Join the lines of a run without blank lines, where they go on with one another."""
    wrapped = max(len(line.text) for line in lines) <= WRAPPED
    heads = _heads(lines) if wrapped else [False] * len(lines)
    part: list[_Line] = []
    for line, head in zip(lines, heads, strict=True):
        if part and (head or not _joins(part, line, wrapped)):
            yield _joined(part)
            part = []
        part.append(line)
        if head:
            yield _joined(part, opens=True)
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
    if line.kind != "paragraph" or len(text) > 70 or text.endswith((",", ".", ";", ":")) or line.hard_break:
        return False
    return (
        _is_caps(text) or _is_titled(text) or (len(text.split()) <= 7 and text[0].isupper() and not _DATED.match(text))
    )


def _is_sentence(text: str, heading: str) -> bool:
    """Whether a line is text that a heading can stand on: a sentence of its own, or the long beginning of one."""
    if not text[0].isupper() and not text.startswith(("*", "-", "•")):
        return False
    ends = text.endswith((".", ";", ":")) and len(text.split()) >= 4
    return ends or len(text) > max(40, 1.2 * len(heading))


def _joined(part: list[_Line], opens: bool = False) -> Block:
    first, last = part[0], part[-1]
    end = last.start + len(last.text)
    underlined = len(part) == 2 and _RULE.match(last.text) and last.text[0] in "=-"
    if underlined and first.kind == "paragraph" and len(first.text) <= HEADING_LENGTH:
        return Block("heading", first.start, end, 1 if last.text[0] == "=" else 2, first.style)
    if opens:
        return Block("heading", first.start, end, first.level, _bare_style(first.text))
    return Block(first.kind, first.start, end, first.level, first.style)


def _joins(part: list[_Line], line: _Line, wrapped: bool) -> bool:
    """Whether `line` goes on with the lines before it."""
    first, last = part[0], part[-1]
    if first.kind == "heading" or _RULE.match(last.text):
        return False
    if _RULE.match(line.text) or _is_table_rule(line.text):
        return True
    if line.kind != "paragraph" or "row" in (line.style, first.style):
        return False
    if last.hard_break or (line.text.startswith(">") and last.text.startswith(">")):
        return True
    if first.kind == "item" and line.indent > first.indent:
        return True
    if not wrapped and first.kind == "paragraph" and line.indent == first.indent and _is_fragment(last.text):
        return True
    return wrapped and not _is_caps(line.text)


def _is_table_rule(text: str) -> bool:
    return text.startswith("|") and "-" in text and not text.strip("|:- \t")


def _is_fragment(text: str) -> bool:
    """Whether a line is too little to stand alone, such as the first cell of a table that was saved cell by cell."""
    return text.endswith(".") and len(text.split()) <= 5 and not _is_titled(text)


# --- run-in headings ---------------------------------------------------------------------------------------------


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
    if not _WORD.search(title):
        return None
    if len(title) > HEADING_LENGTH:
        return None
    if not text[at : block.end].strip():
        alone = block.kind == "paragraph" and _is_bold_heading(title)
        return (replace(block, kind="heading", style="bold"), None) if alone else None
    words = len(title.split())
    closed = title.endswith((".", "?", ":", "!", "–", "-")) or (text[at].isupper() and words > 1)
    if words > 12 or not closed or not title[0].isupper() or _DATED.match(title):
        return None
    bold_follows = text.startswith("**", at)
    style = "bold" if title.endswith("?") and bold_follows else "run-in"
    heading = Block("heading", block.start, block.start + len(text[block.start : at].rstrip()), style=style)
    rest = Block("paragraph", at, block.end) if bold_follows else replace(block, start=at)
    return heading, rest


def _bold_title(text: str, at: int, end: int) -> tuple[str, int]:
    """Read the bold runs at the start of a line as one title; give it without markup, and where what follows begins."""
    line_end = BREAK.search(text, at, end)
    end = line_end.start() if line_end else end
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


def _is_bold_heading(title: str) -> bool:
    words = len(title.split())
    if _DATED.match(title) or title.endswith((".", ";", ",")):
        return title.endswith(".") and words <= 8 and not _DATED.match(title)
    return words <= (6 if title.endswith(":") else HEADING_WORDS)


# --- bare headings, judged by their neighbours -----------------------------------------------------------------------


def _bare_headings(text: str, found: list[Block]) -> list[Block]:
    """Turn bare lines into headings, and short lines after a colon into items of a list."""
    result: list[Block] = []
    for number, block in enumerate(found):
        below = found[number + 1] if number + 1 < len(found) else None
        above = result[-1] if result else None
        if block.kind == "item" and block.style == "number":
            beside = [b for b in (found[number - 1] if number else None, below) if b is not None]
            numbered = any(b.kind == "item" and b.style == "number" for b in beside)
            if not numbered and below is not None and _is_bare_heading(text, block, below):
                block = replace(block, kind="heading", level=0, style="number")
        elif block.kind == "paragraph" and block.end - block.start <= 4 * WRAPPED:
            content = text[block.start : block.end]
            if above is not None and _in_short_lines(text, above, block):
                block = replace(block, kind="item", level=0, style="line")
            elif below is not None and len(content) <= WRAPPED and _is_bare_heading(text, block, below):
                block = replace(block, kind="heading", style=_bare_style(content))
        result.append(block)
    return result


def _in_short_lines(text: str, above: Block, block: Block) -> bool:
    """Whether a short line directly under a colon, or under such a line, belongs to a list without bullets."""
    after_colon = above.kind == "paragraph" and text[above.start : above.end].rstrip("* ").endswith(":")
    if not after_colon and above.style != "line":
        return False
    apart = len(BREAK.findall(text, above.end, block.start)) > 1
    if apart and not after_colon:
        return False
    lines = [plain(line) for line in BREAK.split(text[block.start : block.end])]
    if max(map(len, lines)) > 60 or lines[-1].endswith((".", ":", "?")) or (apart and len(lines) < 2):
        return False
    return not _is_caps(lines[0])


def _is_bare_heading(text: str, block: Block, below: Block) -> bool:
    if block.end - block.start > HEADING_LENGTH:
        return False
    content = plain(text[block.start : block.end]).rstrip('”"’)')
    content = _ESCAPED_NUMBER.sub("", content, count=1) if _ESCAPED_NUMBER.match(content) else content
    if BREAK.search(text, block.start, block.end) or not content or _DATED.match(content) or content[0] in '©“"(<[|':
        return False
    if _is_caps(content) and content.endswith(":") and len(content.split()) <= 4 and below.kind != "item":
        return True
    if "@" in content or "http" in content or _LONG_NUMBER.search(content) or content.endswith((",", ";", ":", "!")):
        return False
    if _is_caps(content) or (_is_titled(content) and content.rstrip(".") != plain(text[below.start : below.end])):
        return True
    # "How long we keep data": a sentence-case line is a heading only where it stands apart and opens something longer
    if content.endswith(".") or not content[0].isupper() or len(content.split()) > 9:
        return False
    apart = len(BREAK.findall(text, block.end, below.start)) > 1 or below.end - below.start > 2 * WRAPPED
    return apart and (below.kind in ("heading", "item") or below.end - below.start > 1.2 * (block.end - block.start))


def _bare_style(content: str) -> str:
    content = plain(content)
    if _ESCAPED_NUMBER.match(content):
        return "number"
    return "caps" if _is_caps(content) else "title." if content.endswith(".") else "title"


def _is_caps(content: str) -> bool:
    content = plain(content)
    if not content.isupper() or content.endswith((".", ",", ";")) or len(content.split()) > HEADING_WORDS:
        return False
    return sum(map(str.isalpha, content)) > 2 and not _LONG_NUMBER.search(content)


def _is_titled(content: str) -> bool:
    """Whether a line is set in Title Case: all words but the small ones begin with a capital letter."""
    shown = plain(content)
    # most lines are not, and show it in their first words
    if any(word[0].islower() and word.isalpha() and word not in _SMALL for word in shown.split()):
        return False
    words = [word for word in _TITLE_WORD.findall(shown) if not word.isdigit()]
    if not 1 <= len(words) <= 12 or not words[0][0].isupper() or content.endswith((";", ",")):
        return False
    if not all(word[0].isupper() or word in _SMALL for word in words):
        return False
    if sum(_RUN_TOGETHER.search(word) is not None for word in words) > 1:  # cells of a table run together
        return False
    return not content.endswith(".") or (2 <= len(words) <= 8 and ". " not in content and not content.isupper())


# --- navigation --------------------------------------------------------------------------------------------------


def _navigation(text: str, found: list[Block]) -> list[Block]:
    """Join runs of links, and the bare lines between them, to blocks of navigation."""
    result: list[Block] = []
    bare: list[Block] = []  # bare lines after a run of links, which are part of it if another one follows
    for block in found:
        before = bool(result) and result[-1].kind == "navigation"
        if _is_links(text[block.start : block.end]):
            start = result.pop().start if before else block.start
            result.append(Block("navigation", start, block.end))
            bare = []
        elif before and _may_be_menu(text, block):
            bare.append(block)
        else:
            result += [*bare, block]
            bare = []
    return result + bare


def _is_links(content: str) -> bool:
    """Whether all words stand inside links that are not addresses, or are a jump to the top."""
    if len(content) < 40 and _TOP.match(content):
        return True
    if not _WORD.search(content):  # rules, "×", stray punctuation
        return True
    return (
        "](" in content
        and not _ADDRESS_LINK.search(content)
        and not _WORD.search(_LINK.sub("", _IMAGE.sub("", content) if "![" in content else content))
    )


def _may_be_menu(text: str, block: Block) -> bool:
    """Whether a block could be the title of a menu: a few words, no sentence, no rank of its own."""
    if (
        block.end - block.start > HEADING_LENGTH * 4
        or (block.kind == "heading" and 0 < block.level <= 4)
        or block.style == "bold"
    ):
        return False
    content = plain(text[block.start : block.end])
    sentence = re.search(r"[.!?:;](?:\s|$)|\d", content) or _ADDRESSED.search(content)
    return len(content.split()) <= 9 and not sentence
