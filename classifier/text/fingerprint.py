"""Name a clause by its words and its section, so that the name survives changes elsewhere in the policy.

Case, punctuation, markup, white space and the number of the section do not count. A clause that moves to another section, or
whose words change, gets another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b

from classifier.text.markup import plain
from classifier.types import Clause

ID_BYTES = 8
"""Bytes of a name, written as 16 hexadecimal digits: among a million clauses two of different words share one with a
probability of 3e-8."""
_NO_WORD = bytes(byte for byte in range(128) if not chr(byte).isalnum())
"""Bytes of ASCII that are dropped: white space, punctuation, markup."""
_LOWER = bytes(byte + 32 if 65 <= byte <= 90 else byte for byte in range(256))
_TYPOGRAPHIC = re.compile(rb"\xe2(?:[\x80\x81\x96\x97].)|\xc2[\xa0-\xbf]|\xe3\x80\x80", re.DOTALL)
"""Punctuation, spaces and bullets beyond ASCII in UTF-8, which are dropped: U+00A0-00BF, 2000-207F, 2580-25FF, 3000."""
_SECTION_NUMBER = re.compile(r"\s*(?:\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.):]+\s*|\d{1,3}(?:\.\d{1,3})*\s+)+(?=\w)")
"""The number of a section at the beginning of its heading: "6.", "2.1 ", "(b)", "iv)"."""


def fingerprint(text: str, heading: str = "") -> str:
    """Return the name of a clause under a heading, 16 hexadecimal digits.

    Examples
    --------
    >>> first = fingerprint("We keep **logs** for 30 days.", "6. Retention")
    >>> first == fingerprint("we keep logs for 30 days", "7. Retention")
    True
    """
    # only links and escapes hold letters that a person does not see; all other markup is dropped with the punctuation
    words = _normalized(plain(text) if "](" in text or "\\" in text else text)
    return blake2b(b"%b\n%b" % (_section(heading), words), digest_size=ID_BYTES).hexdigest()


@lru_cache(256)  # the clauses of a section have one heading
def _section(heading: str) -> bytes:
    numbered = _SECTION_NUMBER.match(heading)
    return _normalized(heading[numbered.end() :] if numbered else heading)


def unique_ids(clauses: Iterable[Clause]) -> Iterator[str]:
    """Name the clauses of a policy; a repeated one gets "-2", "-3" and so on after its name."""
    seen: dict[str, int] = {}
    for clause in clauses:
        name = fingerprint(clause.text, clause.headings[-1] if clause.headings else "")
        seen[name] = count = seen.get(name, 0) + 1
        yield name if count == 1 else f"{name}-{count}"


def _normalized(text: str) -> bytes:
    """Return the letters and digits of a text in lower case, without anything in between."""
    if text.isascii():
        return text.encode().translate(_LOWER, _NO_WORD)
    data = _TYPOGRAPHIC.sub(b"", text.casefold().encode("utf-8", "surrogatepass"))
    return data.translate(_LOWER, _NO_WORD)
