"""Turn the HTML of an OPP-115 segment into lines of text, and find the heading over each segment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import NamedTuple

_BREAKS = {"br", "ul", "ol", "li", "p", "div", "blockquote"}
_BOLD = {"strong", "b"}
_INLINE = {"em", "i", "u", "a", "span", "font", "sup", "sub", "html", "body"}
_TAG_NAME = r"([a-zA-Z][^\t\n\r\f />\x00]*+)"
_START_TAG = re.compile(rf"""<{_TAG_NAME}(?:[^>=]++|=\s*+"[^"]*+"|=\s*+'[^']*+'|=(?!\s*+["']))*+>""")
_SIMPLE_START_TAG = re.compile(rf"<{_TAG_NAME}[^<>]*+>")
"""Read in place of the above where a quote is not closed, so that a quote is sought to the end of the segment once only."""
_END_TAG = re.compile(r"</\s*+([a-zA-Z][^\s/>\x00]*+)[^>]*+>")
_DECLARATION = re.compile(r"<[!?/][^>]*+>")
_COMMENT_END = re.compile(r"--\s*>")
_TAG_BEGIN = re.compile(r"<[a-zA-Z]")
_LONG_REFERENCE = re.compile(r"&#(?:\d{8,}|[xX][0-9a-fA-F]{8,});?")
"""A reference to a character with a number that no character has."""
_MARKS = str.maketrans("", "", "\x02\x03")
_WHOLE_POLICY = re.compile(r"privacy (?:policy|notice|statement)$|updated|effective", re.IGNORECASE)


def unescape_references(text: str) -> str:
    """Replace character references by the characters, or by U+FFFD if there is no such character."""
    return unescape(_LONG_REFERENCE.sub("\ufffd", text))


class Line(NamedTuple):
    """A line of a segment as people saw it, and whether it begins in bold, or is bold throughout."""

    text: str
    begins_bold: bool = False
    is_bold: bool = False


def _pieces(segment: str) -> Iterator[str]:
    """Yield the text of a segment, a line each for what `<br>`, lists and their items set apart; bold between marks.

    Tags are read as `html.parser` reads them, in time that grows with the length of the segment.
    """
    last_end = segment.rfind(">")
    start_tag, has_comments = _START_TAG, True
    begin = position = 0
    while 0 <= (position := segment.find("<", position)) < last_end:
        tag, end = _markup(segment, position, start_tag, has_comments)
        if tag is None:
            if segment.startswith("<!--", position):
                has_comments = False  # sought to the end of the segment once only
            elif _TAG_BEGIN.match(segment, position):  # a quote is not closed
                start_tag = _SIMPLE_START_TAG
            position += 1
            continue
        yield unescape_references(segment[begin:position]).translate(_MARKS)
        yield tag
        begin = position = end
    yield unescape_references(segment[begin:]).translate(_MARKS)


def _markup(segment: str, position: int, start_tag: re.Pattern[str], has_comments: bool) -> tuple[str | None, int]:
    """Read the tag, comment or declaration at a place: what becomes of it, and where it ends; None if it is text."""
    if match := start_tag.match(segment, position):
        return _start(match.group(1).lower(), match.group()), match.end()
    if match := _END_TAG.match(segment, position):
        return _end(match.group(1).lower()), match.end()
    if segment.startswith("<!--", position):
        match = _COMMENT_END.search(segment, position + 4) if has_comments else None
        return ("", match.end()) if match else (None, position)
    match = _DECLARATION.match(segment, position)
    return ("", match.end()) if match else (None, position)


def _start(name: str, tag: str) -> str:
    if name in _BREAKS:
        opened = "\n* " if name == "li" else "\n"
    elif name in _BOLD:
        opened = "\x02"
    else:  # no tag but damage ("<strPBS.org"), whose text is kept
        return "" if name in _INLINE else tag
    return opened + _end(name) if tag.endswith("/>") else opened


def _end(name: str) -> str:
    if name in _BOLD:
        return "\x03"
    return "\n" if name in _BREAKS else ""


def segment_lines(segment: str) -> list[Line]:
    r"""Give the lines of a segment.

    >>> [line.text for line in segment_lines("<strong> Sharing </strong> <br> <br> With: <ul> <li> banks </ul> </li> <br>")]
    ['Sharing', 'With:', '* banks']
    """
    found = []
    for line in "".join(_pieces(segment)).split("\n"):
        text = " ".join(line.translate(_MARKS).split())
        if text not in ("", "*"):
            _, bold, rest = line.partition("\x02")
            begins = bool(bold) and not line.partition("\x02")[0].strip()
            found.append(Line(text, begins, begins and not rest.partition("\x03")[2].strip("\x02\x03 ")))
    return found


def headings_above(segments: Sequence[Sequence[Line]]) -> list[str]:
    """Give the heading over each segment, where it stands in an earlier one; "" where a segment begins with its own."""
    result, last = [], ""
    for lines in segments:
        own = 0
        while own < len(lines) and _is_heading(lines, own):
            own += 1
        result.append("" if own or (lines and lines[0].begins_bold) else last)
        headings = [*lines[:own], *(line for line in lines[own:] if _is_bold_heading(line))]
        if headings:
            last = "" if _WHOLE_POLICY.search(headings[-1].text) else headings[-1].text
    return result


def _is_bold_heading(line: Line) -> bool:
    return line.is_bold and len(line.text.split()) <= 20


def _is_heading(lines: Sequence[Line], k: int) -> bool:
    """Whether a line at the beginning of a segment is a heading: bold, or short and without an end over a longer one."""
    line = lines[k]
    if line.is_bold:
        return _is_bold_heading(line)
    short = len(line.text.split()) <= 12 and line.text[0].isalnum() and line.text[-1] not in ".;,:"
    return short and (len(lines) == 1 or (k + 1 < len(lines) and len(lines[k + 1].text.split()) > 12))
