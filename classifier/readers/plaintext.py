"""Cut a text into blocks: headings, paragraphs, list items and navigation, however the text was saved.

Saved policies are seldom clean Markdown. Headings are `#` lines, underlined lines, bold lines, bold run-ins, ALL-CAPS
lines or bare Title Case lines; whole paragraphs are a line each, without blank lines between them. So this is a scanner
of lines and not a Markdown parser, which would read a Title Case line as a paragraph and take more than twice as long. It
works in three passes: each line is classified by itself; neighboring lines are joined to blocks; bare lines are judged by
their neighbors.

Nothing is lost: each character that is not white space is in exactly one block, markup included. Inline markup stays in
place; `text.plain` strips it for display.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, repeat
from typing import NamedTuple

from classifier.readers import headings
from classifier.readers.document import MAX_BLOCKS, check_size
from classifier.readers.furniture import find_furniture
from classifier.text.markup import BREAK, BULLET, BULLETS, NUMBER, plain
from classifier.types import Block

MAX_RUN_INS = 4
"""Bold runs that are read at the start of a line: "**What else?** **Log files**" are two headings."""
MAX_MARK_CHARACTERS = 40
"""Length of the mark of an item, blanks included."""
MAX_RUN_LINES = 50_000
"""Lines without a blank line between them that are read together; each takes several hundred bytes of memory."""
CHUNK_CHARACTERS = 2**20
"""Characters that are split into lines at once."""
MAX_HEAD_CHARACTERS, MAX_HEAD_WORDS = 70, 7
"""Length of a heading within a hard-wrapped text, and number of its words if it is not in capitals or Title Case."""
MIN_SENTENCE_CHARACTERS, MIN_SENTENCE_WORDS = 40, 4
"""Size of the line below such a heading: characters if a sentence only begins there, words if it also ends."""
MAX_LEAD_CHARACTERS = 400
"""Characters at the end of a paragraph that may say what the list below it holds."""
MAX_UNDERLINE_DIFFERENCE = 5
"""Characters by which the underline of a numbered heading may be shorter or longer than it."""
MAX_ADDRESS_LINES = 12
"""Lines of an address without blank lines between them."""
MAX_NAME_WORDS = 6
"""Words of a line of an address that ends with a full stop, such as "Acorn Holdings Ltd."."""
MAX_TITLE_LINES = 5
"""Lines of a title page without blank lines between them."""
MIN_MEASURED_LINES, MAX_FILLED_SHARE = 4, 0.8
"""Lines of a run by which its width is known, and share of the width up to which a line is short."""
MIN_SEPARATED_ROWS = 3
"""Rows of a table whose cells are separated by tabs or strokes."""
MIN_DOTTED_ROWS = 2
"""Rows of a table whose cells are joined by dots."""
MAX_FRAGMENT_WORDS = 5
"""Words of a line that is only a part of something, such as the first cell of a table that was saved cell by cell."""
MAX_FRONT_MATTER_LINES = 200
"""Lines at the beginning of a file that hold data about it, fences included."""
_BREAK_KEPT = re.compile(f"({BREAK.pattern})")
_FENCES = ("---", "+++")
"""Lines around the data about a file, in YAML and in TOML; the patterns below are compiled when a file has them."""
_FIELD = r"[\w.\"'-]++[ \t]*+[:=]"
_DOTTED_ROW = r"[^\s.][ \t]?\.{{{},}}[ \t]*(?!\d{{1,4}}$)[^\s.]"
_SEPARATORS = ("\t", " / ")
"""What stands between the cells of a table in a text."""
_FRONT_MATTER_LINE = rf"{_FIELD}|[ \t#\]}}\[]|-[ \t]|$"
"""A line of YAML or TOML: a field, a line within one, a comment, an item."""
_ATX = re.compile(r"(#{1,6})[ \t]+\S")
_RULE = re.compile(r"(?:={3,}|-{3,}|\*{3,}|_{3,}|(?:[*_-][ \t]+){2,}[*_-])$")
_COLUMN_RULES = re.compile(r"-{3,}(?:[ \t]+-{3,})+$")
_RULE_BEGINNINGS = frozenset("|-:=*_")
_QUOTE_MARKS = re.compile(r"(?:>[ \t]?)+")
_BOLD = re.compile(
    r"(?P<mark>\*\*\*|\*\*_|___|__\*|\*\*|__)(?=\S)(?P<title>(?:[^*_\n]++|\*(?!\*)|_(?!_))+?)(?:_\*\*|\*__|\*{2,3}|_{2,3})"
)
_LINK = re.compile(r"\[(?<!\\\[)(?:[^\[\]\\]++|\\.)*+\]\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+(?:\s+\"[^\"\n]*\")?\)")
_IMAGE = re.compile(r"!\[(?<!\\!\[)(?:[^\[\]\\]++|\\.)*+\]\([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+\)")
_US = re.compile(r"\b(?:we|us|our)\b", re.IGNORECASE)
_SHARES = re.compile(
    r"\b(?:shar(?:e|ed|es|ing)|disclos\w+|transfer\w*|provid(?:e|ed|es)|sen[dt]|sell|use|work with"
    r"|hand|pass|receiv\w+|recipients?|compan(?:y|ies)|firms?|vendors?|suppliers?|third parties|partners?|processors?"
    r"|providers?)\b",
    re.IGNORECASE,
)
"""What a sentence says whose list is of recipients of data."""
_ADDRESS_LINK = re.compile(r"\]\((?:mailto:|[^()\s]*email-protection)")


_Content = tuple[str, int, int, str]
"""A line: its content without surrounding white space, the start of that in the text and in the line, and the whole line."""


class _Line(NamedTuple):
    """A line of a run without blank lines.

    Attributes
    ----------
    block
        The block that it is by itself.
    text
        Its content, without surrounding white space.
    indent
        Start of the content in the line.
    source
        The whole line.
    """

    block: Block
    text: str
    indent: int
    source: str

    def as_row(self) -> _Line:
        """Return the line as a row of a table."""
        return self._replace(block=self.block._replace(kind="paragraph", level=0, style="row"))

    @property
    def hard_break(self) -> bool:
        return self.source.endswith("  ") and not self.text.endswith((".", "!", "?", ":"))


def find_blocks(text: str, most: int | None = None, known: Sequence[Block] = ()) -> tuple[Block, ...]:
    """Cut a text into blocks that hold all of it but white space; none begins or ends with white space.

    Data about the file at its beginning, as site generators write them between two fences, are navigation.

    Parameters
    ----------
    text
        The text.
    most
        Stop after one block more than this number. The blocks then hold only the beginning of the text, and the caller
        refuses it: no time and memory is spent on the rest.
    known
        Blocks of the text that are not to be found, in order, such as the rows of a table.

    Examples
    --------
    >>> for block in find_blocks("# Privacy\\n\\nWe keep logs.\\n\\n* for a week"):
    ...     print(block.kind, block.start, block.end)
    heading 0 9
    paragraph 11 24
    item 26 38
    """
    at = front_matter_end(text)
    if known and known[0].start < at:
        at = 0
    matter = (Block("navigation", 0, at),) if at else ()
    blocks: list[Block] = []
    for stop in (*known, None):
        for run in _runs(text, at, stop.start if stop else len(text)):
            for block in _join_lines(run, not blocks) if len(run) > 1 else (_classify(*run[0][:3]),):
                if _may_open_in_bold(text, block):
                    blocks += _split_run_ins(text, block)
                else:
                    blocks.append(block)
            if most is not None and len(blocks) > most:
                return tuple(blocks[: most + 1])
        if stop:
            blocks.append(stop)
            at = stop.end
    judged = headings.find_bare_headings(text, blocks)
    links = _find_links(text, judged) if "](" in text else set()
    return (*matter, *headings.join_navigation(text, judged, links | find_furniture(text, judged)))


def limited_blocks(text: str, name: str, known: Sequence[Block] = ()) -> tuple[Block, ...]:
    """Return `find_blocks` of a text; raise `ReadError` if it has more characters or blocks than a policy could have."""
    check_size(name, len(text))
    blocks = find_blocks(text, MAX_BLOCKS, known)
    check_size(name, len(text), len(blocks))
    return blocks


def front_matter_end(text: str) -> int:
    """Return the end of the data about a file that it begins with, 0 if there are none.

    >>> front_matter_end("---\\ntitle: Privacy\\n---\\n\\nWe keep logs."), front_matter_end("---\\nWe keep logs.\\n---")
    (22, 0)
    """
    mark = text[:3]
    if mark not in _FENCES or not re.match(r"[ \t]*[\r\n]", text[3:100]):
        return 0
    at = len(mark)
    has_field = False
    for number, (line, end) in enumerate(_lines(text, at, len(text))):
        content = line.rstrip()
        if has_field and content in (mark, "..." if mark == "---" else mark):
            return at + len(content)
        is_first = number > 0 and not has_field
        has_field = has_field or re.match(_FIELD, content) is not None
        is_data = re.match(_FRONT_MATTER_LINE, content) is not None
        if number > MAX_FRONT_MATTER_LINES or not is_data or (is_first and not has_field):
            return 0
        at += len(line) + end
    return 0


def _runs(text: str, at: int, end: int) -> Iterator[list[_Content]]:
    """Return the runs of lines without blank lines between them in a part of a text."""
    run: list[_Content] = []
    for line, line_end in _lines(text, at, end):
        content = line.strip()
        if content:
            indent = line.index(content[0])
            run.append((content, at + indent, indent, line))
        if run and (not content or len(run) == MAX_RUN_LINES):
            yield run
            run = []
        at += len(line) + line_end
    if run:
        yield run


def _lines(text: str, at: int, last: int) -> Iterator[tuple[str, int]]:
    """Split a part of a text into lines, each with the length of its line end; in chunks, so that few are held at a time."""
    while at < last:
        end = BREAK.search(text, at + CHUNK_CHARACTERS, last)
        stop = end.end() if end else last
        chunk = text[at:stop]
        lines: Sequence[str] = chunk.split("\n")
        ends: Iterable[int] = repeat(1)
        if "\r" in chunk:
            parts = _BREAK_KEPT.split(chunk)
            lines, ends = parts[0::2], [*map(len, parts[1::2]), 0]
        yield from zip(lines[:-1] if end else lines, ends, strict=False)
        at = stop


def _classify(text: str, start: int, indent: int) -> Block:
    """Return the block that a line is by itself; `text` is its content without surrounding white space."""
    first, end = text[0], start + len(text)
    if (
        first == "#"
        and len(text) <= headings.MAX_HEADING_CHARACTERS
        and (atx := _ATX.match(text))
        and not headings.is_date_or_contact(plain(text))
    ):
        return Block("heading", start, end, len(atx[1]))  # "# Effective May 2020" opens no section
    if first in BULLETS and BULLET.match(text) and not _is_rule(text):
        return Block("item", start, end, indent, "bullet")
    if NUMBER.match(text):
        return Block("item", start, end, indent, "number")
    return Block("paragraph", start, end, 0, "row" if first == "|" else "")


# --- lines to blocks ---------------------------------------------------------------------------------------------


def _join_lines(run: list[_Content], is_first: bool) -> Iterator[Block]:
    """Join the lines of a run to blocks: each line that continues the one above; `is_first` if the text begins with them."""
    lines = [_Line(_classify(text, start, indent), text, indent, source) for text, start, indent, source in run]
    if any(line.text[0] in _RULE_BEGINNINGS and _is_table_rule(line.text) for line in lines):
        _mark_rows(lines)
    elif separator := next((mark for mark in _SEPARATORS if all(mark in line.text for line in lines)), ""):
        _mark_separated_rows(lines, separator)
    elif any("...." in line.text for line in lines):
        _mark_dotted_rows(lines)
    wrapped = max(len(line.text) for line in lines) <= headings.WRAP_WIDTH
    are_headings = _find_headings(lines, is_first) if wrapped else [False] * len(lines)
    width = max(len(line.text) for line in lines) if wrapped and len(lines) >= MIN_MEASURED_LINES else 0
    part: list[_Line] = []
    for line, is_heading in zip(lines, are_headings, strict=True):
        if part and (is_heading or not _continues(part, line, wrapped) or _ends_paragraph(part, line, width)):
            yield _to_block(part, line)
            part = []
        part.append(line)
        if is_heading:
            yield line.block._replace(kind="heading", style=headings.bare_style(line.text))
            part = []
    if part:
        yield _to_block(part)


def _mark_rows(lines: list[_Line]) -> None:
    """Mark the lines around the rule below the heads of a table as rows: those with bars, or all in a table without."""
    rule = next(number for number, line in enumerate(lines) if _is_table_rule(line.text))
    has_bars = "|" in lines[rule].text
    for number in range(max(0, rule - 1), len(lines)):
        line = lines[number]
        if (has_bars and "|" in line.text) or (not has_bars and line.indent == lines[rule].indent):
            lines[number] = line.as_row()


def _mark_separated_rows(lines: list[_Line], separator: str) -> None:
    """Mark lines of equally many cells as rows, and the first as the heads of the columns if it looks like that."""
    n_cells = {line.text.count(separator) for line in lines}
    if len(lines) < MIN_SEPARATED_ROWS or len(n_cells) > 1:
        return
    for number, line in enumerate(lines):
        lines[number] = line.as_row()
    first = lines[0]
    cells = [cell.split(None, MAX_HEAD_WORDS) for cell in first.text.split(separator)]
    if all(0 < len(words) <= MAX_FRAGMENT_WORDS for words in cells) and not any(map(str.isdigit, first.text)):
        lines[0] = first._replace(block=first.block._replace(kind="heading"))


def _mark_dotted_rows(lines: list[_Line]) -> None:
    """Mark lines whose two cells dots join as rows, such as "Logs ..... 30 days"; before a page number they are contents."""
    if sum(re.search(_DOTTED_ROW.format(4), line.text) is not None for line in lines) < MIN_DOTTED_ROWS:
        return
    # of a long first cell three dots may be left
    for number, line in enumerate(lines):
        if re.search(_DOTTED_ROW.format(3), line.text):
            lines[number] = line.as_row()


def _find_headings(lines: list[_Line], is_first: bool) -> list[bool]:
    """Return for each line of a wrapped run whether it is a heading.

    A heading is a short line directly above a sentence or another heading, and directly below the end of a sentence. At the
    beginning of a text the lines of a title page are headings, and above an address a numbered line is one.
    """
    are_headings = [False] * len(lines)
    is_title_page = is_first and len(lines) <= MAX_TITLE_LINES and all(map(_may_be_on_title_page, lines))
    if is_title_page and not any(headings.is_address(line.text) for line in lines):
        return [_is_title_line(line.text) for line in lines]
    if _is_address_run(lines):
        is_over_address = headings.heads_contacts(lines[0].text) and "," not in lines[0].text
        return [is_over_address and _may_be_heading(lines[0])] + [False] * (len(lines) - 1)
    first = lines[0]
    is_numbered = first.text[0].isdigit() or first.block.style == "number"
    if len(lines) > 1 and is_numbered and _may_be_heading(first) and lines[1].block.kind == "paragraph":
        are_headings[0] = lines[1].text[0].isupper() and headings.is_titled(first.text)
    for number in range(len(lines) - 2, -1, -1):
        line, below = lines[number], lines[number + 1]
        are_headings[number] |= _may_be_heading(line) and (
            are_headings[number + 1] or _is_sentence(below.text, line.text)
        )
    for number in range(1, len(lines)):
        are_headings[number] &= are_headings[number - 1] or lines[number - 1].text.endswith((".", "!", "?", ":", ";"))
    return are_headings


def _is_title_line(text: str) -> bool:
    return (headings.is_titled(text) or headings.is_caps(text)) and not headings.is_date_or_contact(text)


def _is_address_run(lines: list[_Line]) -> bool:
    """Whether lines are an address, with names above it and ways to reach them below: all are short, none is a sentence."""
    if not 1 < len(lines) <= MAX_ADDRESS_LINES or not any(map(_may_be_of_address, lines[1:])):
        return False
    if any(line.block.style == "row" or len(line.text) > MAX_HEAD_CHARACTERS for line in lines):
        return False
    if any(
        line.text[-1] in ";?!" or (line.text[-1] == "." and len(line.text.split()) > MAX_NAME_WORDS) for line in lines
    ):
        return False
    return any(headings.is_address(line.text) or headings.is_contact(line.text) for line in lines)


def _may_be_of_address(line: _Line) -> bool:
    return "@" in line.text or any(map(str.isdigit, line.text))


def _may_be_on_title_page(line: _Line) -> bool:
    is_plain = line.block.kind == "paragraph" and line.block.style != "row" and not _is_rule(line.text)
    return is_plain and len(line.text) <= MAX_HEAD_CHARACTERS and line.text[-1] not in ".,;:!?"


def _may_be_heading(line: _Line) -> bool:
    text = line.text
    if (
        (line.block.kind != "paragraph" and line.block.style != "number")
        or line.block.style == "row"
        or len(text) > MAX_HEAD_CHARACTERS
        or text.endswith((",", ".", ";", ":"))
        or line.hard_break
    ):
        return False
    if text[0].isdigit() or line.block.style == "number":
        text = headings.without_number(text)
    return (
        headings.is_caps(text)
        or headings.is_titled(text)
        or (len(text.split()) <= MAX_HEAD_WORDS and text[0].isupper())
    ) and not (headings.is_date_or_contact(text) or headings.is_address(text))


def _is_sentence(text: str, heading: str) -> bool:
    """Whether a line may be the text below a heading: a whole sentence, or the long beginning of one."""
    if not text[0].isupper() and not text.startswith(("*", "-", "•")):
        return False
    is_whole = text.endswith((".", ";", ":")) and len(text.split()) >= MIN_SENTENCE_WORDS
    return is_whole or len(text) > max(MIN_SENTENCE_CHARACTERS, 1.2 * len(heading))


def _to_block(part: list[_Line], below: _Line | None = None) -> Block:
    """Return the block of some lines; `below` is the line below them, if it directly follows."""
    first, last = part[0], part[-1]
    if first.block.style == "row" and _is_table_rule(last.text) and below is not None and below.block.style == "row":
        return first.block._replace(kind="heading", end=last.block.end)  # the heads of the columns
    if first is last:
        return first.block
    is_underlined = len(part) == 2 and last.text[0] in "=-" and _is_rule(last.text)
    if is_underlined and _may_be_underlined(first, last):
        level = 1 if last.text[0] == "=" else 2
        return first.block._replace(kind="heading", end=last.block.end, level=level, style="")
    return first.block._replace(end=last.block.end)


def _may_be_underlined(line: _Line, rule: _Line) -> bool:
    if len(line.text) > headings.MAX_HEADING_CHARACTERS or headings.is_date_or_contact(line.text):
        return False
    if line.block.kind == "item":  # "2. Retention"; the rule below the last item of a list is short, or long
        is_as_long = abs(len(rule.text) - len(line.text)) <= MAX_UNDERLINE_DIFFERENCE
        return line.block.style == "number" and is_as_long and not line.text.endswith((".", ";", ","))
    return line.block.kind == "paragraph"


def _continues(part: list[_Line], line: _Line, wrapped: bool) -> bool:
    """Whether a line belongs to the block of the lines before it."""
    first, last = part[0], part[-1]
    kind = first.block.kind
    if kind == "heading" or line.block.kind != "paragraph" or _is_rule(last.text):
        return False
    if line.text[0] in _RULE_BEGINNINGS and (_is_rule(line.text) or _is_table_rule(line.text)):
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


def _ends_paragraph(part: list[_Line], line: _Line, width: int) -> bool:
    """Whether a line of a wrapped text begins a paragraph without a blank line above: the line above is short for no reason.

    The first word would have fit there, and the line above ends a sentence, or an item at the indent of its mark.
    """
    last, first = part[-1], part[0]
    if not width or line.block.kind != "paragraph" or not line.text[0].isupper():
        return False
    if first.block.style == "row" or line.block.style == "row" or _is_rule(line.text) or _is_table_rule(line.text):
        return False
    would_fit = len(last.text) + 1 + len(line.text.partition(" ")[0]) <= MAX_FILLED_SHARE * width
    ends = last.text.endswith((".", "!", "?", ":")) or (first.block.kind == "item" and line.indent <= first.indent)
    return would_fit and ends


def _is_rule(text: str) -> bool:
    """Whether the content of a line is a horizontal rule."""
    return text[0] in "=-*_" and text[-1] in "=-*_" and _RULE.match(text) is not None


def _is_table_rule(text: str) -> bool:
    """Whether a line is the rule below the heads of a table: dashes between bars, or several runs of dashes."""
    if text[0] not in "|-:" or text.strip("|:- \t"):
        return False
    return ("|" in text and "-" in text) or _COLUMN_RULES.match(text) is not None


def _is_fragment(text: str) -> bool:
    """Whether a line is too short for a paragraph, such as the first cell of a table that was saved cell by cell."""
    is_short = text.endswith(".") and len(text.split(None, MAX_FRAGMENT_WORDS)) <= MAX_FRAGMENT_WORDS
    return is_short and not headings.is_titled(text)


# --- run-in headings ---------------------------------------------------------------------------------------------


def _may_open_in_bold(text: str, block: Block) -> bool:
    """Whether a block could begin with bold words: a cheap test, since few do and the full one costs as much as all else."""
    if block.kind != "item":
        return text[block.start] in "*_>"
    beginning = text[block.start + 1 : block.start + MAX_MARK_CHARACTERS]
    return "*" in beginning or "_" in beginning


def _split_run_ins(text: str, block: Block) -> Iterator[Block]:
    """Split the bold headings that it opens with off a paragraph or an item."""
    for _ in range(MAX_RUN_INS):
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
    """Return the heading that a block opens with, and the rest of the block, None if there is no rest."""
    if block.kind == "heading":
        return None
    marker = BULLET.match(text, block.start) or NUMBER.match(text, block.start) if block.kind == "item" else None
    begin = marker.end() if marker else block.start
    if text[begin] == ">" and (quote := _QUOTE_MARKS.match(text, begin, block.end)):
        begin = quote.end()
    if text[begin : begin + 1] not in ("*", "_"):
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
    """Read the bold runs at the start of a line as one title; return it without markup, and the start of the rest."""
    for line_end in "\n\r":
        line_end_at = text.find(line_end, at, end)
        end = line_end_at if line_end_at >= 0 else end
    titles: list[str] = []
    while len(titles) < MAX_RUN_INS and not (titles and titles[-1].endswith((".", "?", ":", "!"))):
        bold = _BOLD.match(text, at, end)
        if bold is None:
            break
        titles.append(bold["title"].strip())
        at = _skip(text, bold.end(), end)
    title = plain(" ".join(titles))
    if titles and at < end and text[at] in ".:–—-":
        return title + text[at], _skip(text, at + 1, end)
    return title, at


def _skip(text: str, at: int, end: int) -> int:
    """Return the place of the next character that is not a blank."""
    while at < end and text[at] in " \t":
        at += 1
    return at


def _find_links(text: str, blocks: list[Block]) -> set[int]:
    """Return the starts of the blocks that lead elsewhere.

    A heading whose words are a link to itself, as many sites publish them, leads nowhere: it has a written rank, and more
    than links follow. In a menu or a table of contents another link of its rank follows.
    """
    links: set[int] = set()
    kept = _find_recipients(text, blocks) | (_find_rows(blocks) if "|" in text else set())
    below: Block | None = None
    for block in reversed(blocks):
        if block.start not in kept and _is_links(text, block):
            is_over_text = below is not None and (
                below.start not in links
                or (below.kind == "heading" and below.level > block.level)
                or (below.kind != "heading" and text.find("](#", block.start, block.end) >= 0)
            )
            if block.kind != "heading" or not block.level or not is_over_text:
                links.add(block.start)
        below = block
    return links


def _find_recipients(text: str, blocks: list[Block]) -> set[int]:
    """Return the starts of list items below a sentence with a colon that says with whom data are shared."""
    recipients: set[int] = set()
    lead: Block | None = None
    is_listed = False
    for above, block in pairwise(blocks):
        if block.kind != "item":
            continue
        if above.kind != "item":
            lead = above if above.kind == "paragraph" else None
            is_listed = False
        if text.find("](", block.start, block.end) < 0 or text.find("](#", block.start, block.end) >= 0:
            continue
        if lead is not None:
            is_listed = _names_recipients(text, lead)
            lead = None
        if is_listed:
            recipients.add(block.start)
    return recipients


def _names_recipients(text: str, block: Block) -> bool:
    """Whether a paragraph ends with a colon and says that the list below it is of those with whom data are shared."""
    lead = text[max(block.start, block.end - MAX_LEAD_CHARACTERS) : block.end]
    return lead.rstrip("* ").endswith(":") and bool(_US.search(lead) and _SHARES.search(lead))


def _find_rows(blocks: list[Block]) -> set[int]:
    """Return the starts of the rows of the tables that have heads of columns: their links are what the table lists."""
    rows: set[int] = set()
    is_in_table = False
    for block in blocks:
        is_in_table = block.style == "row" and (is_in_table or block.kind == "heading")
        if is_in_table:
            rows.add(block.start)
    return rows


def _is_links(text: str, block: Block) -> bool:
    """Whether all words of a block are in links, none of them to an e-mail address."""
    # the cheap tests first: most blocks have no link, or words before it
    first = text.find("[", block.start, block.end)
    if first < 0 or text[block.start].isalpha() or headings.WORD.search(text, block.start, first):
        return False
    content = text[block.start : block.end]
    if "](" not in content:
        return False
    if ("mailto:" in content or "email-protection" in content) and _ADDRESS_LINK.search(content):
        return False
    return not headings.WORD.search(_LINK.sub("", _IMAGE.sub("", content) if "![" in content else content))
