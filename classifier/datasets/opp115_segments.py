"""Turn the HTML of an OPP-115 segment into lines of text, and find the heading above each segment.

Tags are read as `html.parser` reads them, but in time that grows with the length of the segment: `html.parser` took 49 s for
60 KB of "<a <a <a".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

MAX_HEADING_WORDS = 20
"""Words in a bold line that counts as a heading."""
MAX_PLAIN_HEADING_WORDS = 12
"""Words in a heading that is not bold; the line below it must be longer than this."""
_BREAKS = {"br", "ul", "ol", "li", "p", "div", "blockquote"}
"""Tags that break a line."""
_BOLD = {"strong", "b"}
_INLINE = {"em", "i", "u", "a", "span", "font", "sup", "sub", "html", "body"}
"""Tags without effect on the text."""
_BOLD_START, _BOLD_END = "\x02", "\x03"
_BOLD_MARKS = str.maketrans("", "", _BOLD_START + _BOLD_END)
_TAG_NAME = r"([a-zA-Z][^\t\n\r\f />\x00]*+)"
_START_TAG = re.compile(rf"""<{_TAG_NAME}(?:[^>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*+["']))*+>""")
_SIMPLE_START_TAG = re.compile(rf"<{_TAG_NAME}[^<>]*+>")
"""Replaces `_START_TAG` after a quote without an end, so that the search for the end runs only once in a segment."""
_END_TAG = re.compile(r"</\s*+([a-zA-Z][^\s/>\x00]*+)[^>]*+>")
_DECLARATION = re.compile(r"<[!?/][^>]*+>")
_COMMENT_END = re.compile(r"--\s*>")
_TAG_BEGIN = re.compile(r"<[a-zA-Z]")
_LONG_REFERENCE = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{8,});?")
"""A reference to a code point beyond the range of Unicode."""
_TITLE_OF_POLICY = re.compile(r"privacy (?:policy|notice|statement)$|updated|effective", re.IGNORECASE)
"""Headings of the whole policy, which say nothing about a segment."""


def unescape_references(text: str) -> str:
    """Replace character references by their characters, and by U+FFFD if there is no such character."""
    return unescape(_LONG_REFERENCE.sub("\ufffd", text))


class Line(NamedTuple):
    """A line of a segment as annotators saw it, and whether it begins in bold, or is all bold."""

    text: str
    begins_bold: bool = False
    is_bold: bool = False


def segment_lines(segment: str) -> list[Line]:
    r"""Return the lines of a segment.

    >>> [line.text for line in segment_lines("<strong> Sharing </strong> <br> <br> With: <ul> <li> banks </ul> </li> <br>")]
    ['Sharing', 'With:', '* banks']
    """
    lines = []
    for line in "".join(_pieces(segment)).split("\n"):
        text = " ".join(line.translate(_BOLD_MARKS).split())
        if text not in ("", "*"):
            before, mark, rest = line.partition(_BOLD_START)
            begins_bold = bool(mark) and not before.strip()
            after = rest.partition(_BOLD_END)[2].strip(f"{_BOLD_START}{_BOLD_END} ")
            lines.append(Line(text, begins_bold, begins_bold and not after))
    return lines


def headings_above(segments: Sequence[Sequence[Line]]) -> list[str]:
    """Return for each segment the last heading of earlier segments, "" if the segment begins with a heading of its own."""
    result, last = [], ""
    for lines in segments:
        n_own = 0  # headings at the beginning of the segment
        while n_own < len(lines) and _is_heading(lines, n_own):
            n_own += 1
        result.append("" if n_own or (lines and lines[0].begins_bold) else last)
        headings = [*lines[:n_own], *(line for line in lines[n_own:] if _is_bold_heading(line))]
        if headings:
            last = "" if _TITLE_OF_POLICY.search(headings[-1].text) else headings[-1].text
    return result


def _is_bold_heading(line: Line) -> bool:
    return line.is_bold and len(line.text.split()) <= MAX_HEADING_WORDS


def _is_heading(lines: Sequence[Line], k: int) -> bool:
    """Whether a line at the beginning of a segment is a heading: bold, or short, without end mark, above a longer line."""
    line = lines[k]
    if line.is_bold:
        return _is_bold_heading(line)
    is_short = len(line.text.split()) <= MAX_PLAIN_HEADING_WORDS
    is_title = is_short and line.text[0].isalnum() and line.text[-1] not in ".;,:"
    is_alone = len(lines) == 1
    return is_title and (is_alone or (k + 1 < len(lines) and len(lines[k + 1].text.split()) > MAX_PLAIN_HEADING_WORDS))


# --- markup ------------------------------------------------------------------------------------------------------------


def _pieces(segment: str) -> Iterator[str]:
    """Yield the text of a segment, with a line end for `<br>`, lists and items, and with marks around bold text."""
    last_end = segment.rfind(">")
    start_tag, may_have_comments = _START_TAG, True
    begin = position = 0
    while 0 <= (position := segment.find("<", position)) < last_end:
        replacement, end = _markup(segment, position, start_tag, may_have_comments)
        if replacement is None:
            if segment.startswith("<!--", position):
                may_have_comments = False  # the search for the end of a comment runs only once
            elif _TAG_BEGIN.match(segment, position):  # a quote without an end
                start_tag = _SIMPLE_START_TAG
            position += 1
            continue
        yield unescape_references(segment[begin:position]).translate(_BOLD_MARKS)
        yield replacement
        begin = position = end
    yield unescape_references(segment[begin:]).translate(_BOLD_MARKS)


def _markup(segment: str, position: int, start_tag: re.Pattern[str], may_have_comments: bool) -> tuple[str | None, int]:
    """Return the text that replaces the tag, comment or declaration at a place, and its end; None if it is plain text."""
    if match := start_tag.match(segment, position):
        return _start(match.group(1).lower(), match.group()), match.end()
    if match := _END_TAG.match(segment, position):
        return _end(match.group(1).lower()), match.end()
    if segment.startswith("<!--", position):
        match = _COMMENT_END.search(segment, position + 4) if may_have_comments else None
        return ("", match.end()) if match else (None, position)
    match = _DECLARATION.match(segment, position)
    return ("", match.end()) if match else (None, position)


def _start(name: str, tag: str) -> str:
    """Return the text that replaces a start tag."""
    if name in _BREAKS:
        opened = "\n* " if name == "li" else "\n"
    elif name in _BOLD:
        opened = _BOLD_START
    else:  # an unknown tag is damaged text ("<strPBS.org"), which is kept
        return "" if name in _INLINE else tag
    return opened + _end(name) if tag.endswith("/>") else opened


def _end(name: str) -> str:
    """Return the text that replaces an end tag."""
    if name in _BOLD:
        return _BOLD_END
    return "\n" if name in _BREAKS else ""
