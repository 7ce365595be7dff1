"""Blocks are judged by their neighbours: which lines are headings, which items of a list, which lead elsewhere.

What a policy's author set as a heading is often a bare line in bold, in capitals or in Title Case. The same rules hold for
whatever a reader found, be it lines of a text file, paragraphs of a page or of a Word file: people set headings alike.
"""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import zip_longest

from classifier.text.markup import BREAK, plain
from classifier.types import Block

WRAPPED = 130
"""Neighbouring lines are one hard-wrapped paragraph up to this length; where one is longer, each is a paragraph."""
HEADING_WORDS, HEADING_LENGTH = 14, 240
JUMP = 40
"""A jump to the top of the page is shorter than this."""
WORD = re.compile(r"[^\W\d_]")
_ESCAPED_NUMBER = re.compile(r"(?:\d{1,3}|[A-Za-z])\\?[.)][ \t]+")
_SECTION_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2}){1,3}\.?[ \t]+")
_LONG_NUMBER = re.compile(r"\d\d\d")
_TITLE_WORD = re.compile(r"[^\W_][\w’'.-]*")
_RUN_TOGETHER = re.compile(r"[a-z][A-Z]")
_TOP = re.compile(r"\W*(?:back to |return to |go to )?(?:the )?top\W*$", re.IGNORECASE)
DATED = re.compile(
    r"\W*(?:(?:last|most|recently|date|this|our|the|privacy|policy|notice|statement|was|is|of)\s+)*"
    r"(?:effective|updated|revised|modified|dated?)\b.{0,40}\d",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?:;](?:\s|$)|\d")
_ADDRESSED = re.compile(r"\b(?:we|you|your)\b", re.IGNORECASE)
_SMALL = frozenset(
    "a an and as at by for from in into is it its my of on or our that the this to us we with you your".split()
)


# --- bold openings -----------------------------------------------------------------------------------------------


def opening_style(title: str, block: Block, rest: str, goes_on: bool = False) -> str:
    """Say how a heading is set that is the bold opening of a block, "" where it is none.

    Parameters
    ----------
    title
        The opening, without markup.
    block
        The block.
    rest
        What follows in the block.
    goes_on
        Whether another bold run follows.
    """
    if len(title) > HEADING_LENGTH or not WORD.search(title):
        return ""
    if not rest.strip():
        return "bold" if block.kind == "paragraph" and _is_bold_heading(title) else ""
    words = len(title.split())
    closed = title.endswith((".", "?", ":", "!", "–", "-")) or (rest[0].isupper() and words > 1)
    if words > 12 or not closed or not title[0].isupper() or DATED.match(title):
        return ""
    return "bold" if title.endswith("?") and goes_on else "run-in"


def _is_bold_heading(title: str) -> bool:
    if title.endswith((";", ",")) or DATED.match(title):
        return False
    return len(title.split()) <= (8 if title.endswith(".") else 6 if title.endswith(":") else HEADING_WORDS)


# --- bare headings, judged by their neighbours -----------------------------------------------------------------------


def bare(text: str, found: list[Block]) -> list[Block]:
    """Turn bare lines into headings, and short lines after a colon into items of a list."""
    result: list[Block] = []
    for number, (block, below) in enumerate(zip_longest(found, found[1:])):
        if block.kind == "paragraph":
            length = block.end - block.start
            if length <= 4 * WRAPPED and result and _in_short_lines(text, result[-1], block):
                block = block._replace(kind="item", level=0, style="line")
            elif length <= WRAPPED and below is not None and block.style != "row":
                style = _bare_heading(text, block, below)
                block = block._replace(kind="heading", style=style) if style else block
        elif block.style == "number" and block.kind == "item":
            beside = [b for b in (found[number - 1] if number else None, below) if b is not None]
            numbered = any(b.kind == "item" and b.style == "number" for b in beside)
            if not numbered and below is not None and _bare_heading(text, block, below):
                block = block._replace(kind="heading", level=0, style="number")
        result.append(block)
    return result


def _in_short_lines(text: str, above: Block, block: Block) -> bool:
    """Whether a short line directly under a colon, or under such a line, belongs to a list without bullets."""
    if above.style != "line" and text[above.end - 1] not in ":* ":  # most blocks end with something else
        return False
    after_colon = above.kind == "paragraph" and text[above.start : above.end].rstrip("* ").endswith(":")
    if not after_colon and above.style != "line":
        return False
    apart = len(BREAK.findall(text, above.end, block.start)) > 1
    if apart and not after_colon:
        return False
    lines = [plain(line) for line in BREAK.split(text[block.start : block.end])]
    if max(map(len, lines)) > 60 or lines[-1].endswith((".", ":", "?")) or (apart and len(lines) < 2):
        return False
    return not is_caps(lines[0])


def _bare_heading(text: str, block: Block, below: Block) -> str:
    """Say how a block is set if it is a bare heading, "" if it is none."""
    source = text[block.start : block.end]
    if len(source) > HEADING_LENGTH or source[-1] in ",;!" or "\n" in source or "\r" in source:
        return ""
    content = plain(source)
    return _bare_style(content) if _is_bare(text, block, below, content.rstrip('”"’)')) else ""


def _is_bare(text: str, block: Block, below: Block, content: str) -> bool:
    number = _ESCAPED_NUMBER.match(content) or _SECTION_NUMBER.match(content)
    content = content[number.end() :] if number else content
    if not content or DATED.match(content) or content[0] in '©“"(<[|':
        return False
    caps = _is_caps(content)
    if caps and content.endswith(":") and len(content.split()) <= 4 and below.kind != "item":
        return True
    if content.endswith((",", ";", ":", "!")) or "@" in content or "http" in content or _LONG_NUMBER.search(content):
        return False
    if caps or (_is_titled(content) and not _says(text, below, content.rstrip("."))):
        return True
    # "How long we keep data": a sentence-case line is a heading only where it stands apart and opens something longer
    if content.endswith(".") or not content[0].isupper() or len(content.split()) > 9:
        return False
    apart = len(BREAK.findall(text, block.end, below.start)) > 1 or below.end - below.start > 2 * WRAPPED
    return apart and (below.kind in ("heading", "item") or below.end - below.start > 1.2 * (block.end - block.start))


def _says(text: str, block: Block, content: str) -> bool:
    """Whether a block holds these words and no more; most begin with another letter, and are not looked at."""
    start, end = block.start, block.end
    first, other = WORD.search(text, start, end), WORD.search(content)
    if first and other and first[0] != other[0] and text.find("](", start, end) < 0:
        return False
    return plain(text[start:end]) == content


def bare_style(content: str) -> str:
    """Say how a bare heading is set, since headings set alike are of one rank."""
    return _bare_style(plain(content))


def _bare_style(content: str) -> str:
    if _ESCAPED_NUMBER.match(content):
        return "number"
    if _SECTION_NUMBER.match(content):
        return "number 2"
    return "caps" if _is_caps(content) else "title." if content.endswith(".") else "title"


def is_caps(content: str) -> bool:
    """Whether a line is set in capitals and could be a heading."""
    if not content.isupper() and "](" not in content:  # the target of a link may be in small letters
        return False
    return _is_caps(plain(content))


def _is_caps(content: str) -> bool:
    if not content.isupper() or content.endswith((".", ",", ";")) or len(content.split()) > HEADING_WORDS:
        return False
    return sum(map(str.isalpha, content)) > 2 and not _LONG_NUMBER.search(content)


def is_titled(content: str) -> bool:
    """Whether a line is set in Title Case: all words but the small ones begin with a capital letter."""
    return _is_titled(plain(content))


def _is_titled(content: str) -> bool:
    # most lines are not, and show it in their first words
    if any(word[0].islower() and word.isalpha() and word not in _SMALL for word in content.split()):
        return False
    words = [word for word in _TITLE_WORD.findall(content) if not word.isdigit()]
    if not 1 <= len(words) <= 12 or not words[0][0].isupper() or content.endswith((";", ",")):
        return False
    if not all(word[0].isupper() or word in _SMALL for word in words):
        return False
    if sum(_RUN_TOGETHER.search(word) is not None for word in words) > 1:  # cells of a table run together
        return False
    return not content.endswith(".") or (2 <= len(words) <= 8 and ". " not in content and not content.isupper())


# --- navigation --------------------------------------------------------------------------------------------------


def navigation(text: str, found: list[Block], links: Set[int]) -> list[Block]:
    """Join blocks that lead elsewhere, and the bare lines between them, to blocks of navigation.

    `links` are the places where blocks begin all of whose words stand in links.
    """
    result: list[Block] = []
    bare: list[Block] = []  # bare lines after a run of links, which are part of it if another one follows
    for block in found:
        before = bool(result) and result[-1].kind == "navigation"
        if block.start in links or _leads_nowhere(text, block):
            start = result.pop().start if before else block.start
            result.append(Block("navigation", start, block.end, place=block.place))
            bare = []
        elif before and _may_be_menu(text, block):
            bare.append(block)
        else:
            result += [*bare, block]
            bare = []
    return result + bare


def _leads_nowhere(text: str, block: Block) -> bool:
    """Whether a block is a jump to the top, a rule, stray punctuation."""
    start, end = block.start, block.end
    if end - start < JUMP and _TOP.match(text, start, end):
        return True
    return not text[start].isalpha() and not WORD.search(text, start, end)


def _may_be_menu(text: str, block: Block) -> bool:
    """Whether a block could be the title of a menu: a few words, no sentence, no rank of its own."""
    if (
        block.end - block.start > HEADING_LENGTH * 4
        or (block.kind == "heading" and 0 < block.level <= 4)
        or block.style == "bold"
    ):
        return False
    content = plain(text[block.start : block.end])
    return len(content.split()) <= 9 and not (_SENTENCE.search(content) or _ADDRESSED.search(content))
