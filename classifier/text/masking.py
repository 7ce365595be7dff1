"""Mask e-mail addresses and link targets, whose words say nothing about the topic of a clause."""

from __future__ import annotations

import re

from classifier.text.context import body_start

# A pattern that is searched for begins with the characters that a match can begin with, and looks behind them only then, so
# that `re` skips all others several times as fast; also in `text.markup` (_EMPHASIS, _BRACKETS) and `readers.plaintext`.
LINK_TARGET = re.compile(r"\]\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)")
MAX_LOCAL_PART = 64
"""Characters before the @ of an e-mail address, as in RFC 5321; the limit also keeps the search linear."""
_LOCAL_PART = re.compile(rf"[\w.+-]{{1,{MAX_LOCAL_PART}}}\Z")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_MASKED_ADDRESS = re.compile(
    r"[\\\[<{-](?:(?<=\\)[\[<{-]|(?<!\\)(?<!\w.))e-?mail(?:[ _\xa0-](?:protected|address))?\\?[\]>}-](?!\w)",
    re.IGNORECASE,
)
"""A masked e-mail address, such as "[email protected]"; before its bracket is a backslash, or no letter."""
_MASKED_BEGINNINGS = tuple(opening + letter for opening in "[<{-" for letter in "eE")


def mask_addresses(text: str) -> str:
    """Overwrite e-mail addresses and link targets with spaces, so that every other character keeps its offset.

    The "@" of an e-mail address is kept, and one that was masked ("[email protected]") gets it back; the text of a Markdown
    link is kept.

    >>> mask_addresses("write to privacy@example.org or see [this](https://example.org)")
    'write to        @            or see [this                      '
    >>> mask_addresses("mail [email protected] now")
    'mail @                 now'
    """
    if "](" in text:
        start = body_start(text)  # no link begins in the context of a clause and ends in the clause
        text = _blank_targets(text[:start]) + _blank_targets(text[start:])
    if "@" in text:
        text = _blank_addresses(text)
    if any(beginning in text for beginning in _MASKED_BEGINNINGS) and "mail" in text.lower():
        text = _MASKED_ADDRESS.sub(lambda match: "@" + " " * (len(match.group()) - 1), text)
    return text


def _blank_targets(text: str) -> str:
    return LINK_TARGET.sub(lambda match: " " * len(match.group()), text)


def _blank_addresses(text: str) -> str:
    """Overwrite e-mail addresses; one pattern for a whole address would try every word, so each "@" is found first."""
    parts, done, at = [], 0, text.find("@")
    while at >= 0:
        first = max(done, at - MAX_LOCAL_PART)
        before = _LOCAL_PART.search(text, max(first, text.rfind(" ", first, at) + 1), at)
        after = before and _DOMAIN.match(text, at + 1)
        if before and after:
            parts += [text[done : before.start()], " " * (at - before.start()), "@", " " * (after.end() - at - 1)]
            done = after.end()
        at = text.find("@", max(at + 1, done))
    return "".join([*parts, text[done:]])
