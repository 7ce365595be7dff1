"""Mask e-mail addresses and link targets, whose words say nothing about a clause."""

from __future__ import annotations

import re

from classifier.text.context import body_start

LINK_TARGET = re.compile(r"\]\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\)")
# Lengths are bounded as in RFC 5321, which also keeps the search linear.
_LOCAL_PART = re.compile(r"[\w.+-]{1,64}\Z")
_DOMAIN = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
# Patterns that are searched for begin with the characters that they can begin with, and look behind these only then, so that
# `re` passes over all others several times as fast; here, and in _EMPHASIS, _BRACKETS and the links of `readers.markdown`.
# Here: a bracket that a backslash stands before, or no letter.
_MASKED_ADDRESS = re.compile(
    r"[\\\[<{-](?:(?<=\\)[\[<{-]|(?<!\\)(?<!\w.))e-?mail(?:[ _\xa0-](?:protected|address))?\\?[\]>}-](?!\w)",
    re.IGNORECASE,
)
_MASKED_BEGINNINGS = tuple(opening + letter for opening in "[<{-" for letter in "eE")


def mask_addresses(text: str) -> str:
    """Write spaces over what is no language, so that every other character keeps its place.

    Of an e-mail address its "@" stays, and one that was masked ("[email protected]") gets it back; of a Markdown link its
    text stays.

    >>> mask_addresses("write to privacy@example.org or see [this](https://example.org)")
    'write to        @            or see [this                      '
    >>> mask_addresses("mail [email protected] now")
    'mail @                 now'
    """
    if "](" in text:
        own = body_start(text)  # no link begins in what stands before a clause and ends in the clause
        text = _blank_targets(text[:own]) + _blank_targets(text[own:])
    if "@" in text:
        text = _blank_addresses(text)
    if any(beginning in text for beginning in _MASKED_BEGINNINGS) and "mail" in text.lower():
        text = _MASKED_ADDRESS.sub(lambda match: "@" + " " * (len(match.group()) - 1), text)
    return text


def _blank_targets(text: str) -> str:
    return LINK_TARGET.sub(lambda match: " " * len(match.group()), text)


def _blank_addresses(text: str) -> str:
    """Look around each "@": a pattern for the whole would try every word of the text as a beginning."""
    parts, done, at = [], 0, text.find("@")
    while at >= 0:
        before = _LOCAL_PART.search(text, max(done, at - 64, text.rfind(" ", max(done, at - 64), at) + 1), at)
        after = before and _DOMAIN.match(text, at + 1)
        if before and after:
            parts += [text[done : before.start()], " " * (at - before.start()), "@", " " * (after.end() - at - 1)]
            done = after.end()
        at = text.find("@", max(at + 1, done))
    return "".join([*parts, text[done:]])
