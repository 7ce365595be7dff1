"""Cells become a line of CSV that a spreadsheet shows as they are: one line a row, and no cell a formula.

Readers of CSV differ in what ends a line. So each cell that holds anything that ends one somewhere is quoted, and a formula
is defused at the beginning of a cell and after each line end in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

_LINE_ENDS = frozenset(
    "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
)  # for `str.splitlines`; spreadsheets know the first two
_BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
_MARKS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_BULLETS = ("- ", "+ ", "-\t", "+\t")


def line(cells: Iterable[Any]) -> str:
    r"""Write a line of CSV. A NUL, at which many programs end a cell, becomes U+FFFD.

    >>> line(["a\rb", 1, "c"])
    '"a\rb",1,c\n'
    """
    return (",".join(map(_quoted, cells)) or '""').replace("\0", "\ufffd") + "\n"


def _quoted(value: Any) -> str:
    """Write a value as `csv.writer` does, which does not quote for all line ends, and is slow where it is told to."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if "," in text or '"' in text or "\n" in text or not (text.isprintable() or _LINE_ENDS.isdisjoint(text)):
        return '"' + text.replace('"', '""') + '"'
    return text


def defused(cell: str) -> str:
    r"""Put an apostrophe before what a spreadsheet would take for a formula and run, in each line of a cell.

    A bullet of a list is left as it is but at the beginning of a cell.

    >>> defused("=HYPERLINK(1)"), defused("We keep logs."), defused("Ads\r=1+1"), defused("We keep:\n- logs")
    ("'=HYPERLINK(1)", 'We keep logs.', "Ads\r'=1+1", 'We keep:\n- logs')

    References
    ----------
    OWASP, "CSV injection", https://owasp.org/www-community/attacks/CSV_Injection
    """
    if cell[:1].isalnum() and cell.isprintable():  # one line that begins with a word, as most cells are
        return cell
    lines = cell.splitlines(keepends=True)
    is_first = True
    for number, source in enumerate(lines):
        content = source.lstrip(_BLANKS)
        if content.startswith(_MARKS) and (is_first or not content.startswith(_BULLETS)):
            lines[number] = f"'{source}" if number == 0 else f"{source[: len(source) - len(content)]}'{content}"
        is_first = is_first and not content
    return "".join(lines)
