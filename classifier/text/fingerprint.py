"""Name a clause by its words and its section, so that the name survives changes elsewhere in the policy.

Case, punctuation, markup, white space and the number of the section do not count. A clause that moves to another section, or
whose words change, gets another name.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from hashlib import blake2b

from classifier.text.markup import plain

ID_BYTES = 8
"""Bytes of a name, written as 16 hexadecimal digits: among a million clauses two of different words share one with a
probability of 3e-8."""
# Bytes of ASCII: capitals become small letters, whatever is neither letter nor digit becomes white space.
_FOLD = bytes(
    byte + 32 if 65 <= byte <= 90 else byte if byte >= 128 or chr(byte) in string.ascii_letters + string.digits else 32
    for byte in range(256)
)
_TYPOGRAPHIC = str.maketrans(dict.fromkeys("\xa0\xad\xab\xbb‘’‚“”„–—…•·\u200b", " "))
"""Punctuation beyond ASCII, as white space."""
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
    numbered = _SECTION_NUMBER.match(heading)
    section = _normalized(heading[numbered.end() :] if numbered else heading)
    return blake2b(b"%b\n%b" % (section, _normalized(plain(text))), digest_size=ID_BYTES).hexdigest()


def unique_ids(clauses: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Name the clauses of a policy, given as (text, heading); a repeated one gets "-2", "-3" and so on after its name."""
    seen: dict[str, int] = {}
    for text, heading in clauses:
        name = fingerprint(text, heading)
        seen[name] = count = seen.get(name, 0) + 1
        yield name if count == 1 else f"{name}-{count}"


def _normalized(text: str) -> bytes:
    if not text.isascii():
        text = text.translate(_TYPOGRAPHIC).casefold()
    return b" ".join(text.encode("utf-8", "surrogatepass").translate(_FOLD).split())
