"""Find laws and their articles in a text.

Laws come from data/gazetteer/laws.csv; a law that is not there is found by its title, where it ends as laws do ("... Act").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from classifier.analysis.spans import GAZETTEER, Found, NameTable, Taken
from classifier.resources import bundled

_TITLE = re.compile(
    r"\b(?:[A-Z][\w’'-]+\s(?:(?:of|and|on|the|for|to|in)\s){0,3}){1,8}(?:Act|Ordinance|Code)\b"
    r"(?:\s(?:\(Cth\)\s)?(?:of\s)?(?:19|20)\d\d\b)?(?:\s\([A-Z][A-Za-z]{2,9}\))?"
)
_LAST_WORDS = ("Act", "Ordinance", "Code")
_LEADING = re.compile(
    r"\A(?:(?:The|Under|In|As|By|For|If|This|Our|Your|Any|All|Some|Such|Each|Section|Pursuant|Please|See|Also|With|To|And|Of|"
    r"We|U\.S)\s)+"
)
"""Words that begin a sentence or lead to a title, and are no part of it."""
_CODES = re.compile(
    r"(?:Civil|Penal|Labor|Labour|Business|Professions|Commercial|Tax|Criminal|Government|Revenue)\sCode$"
)
"""What a code of law is called; others are zip codes and codes of conduct."""

# --- parts of the number of a provision
_LETTERS_OR_NUMBER = r"(?:\s?\(\s?(?:\d{1,2}|[a-z]{1,2}|[ivx]{1,5}|[A-Z])\s?\))"
"""What stands in brackets behind a number: the paragraph, the letter."""
_NUMBER = rf"\d{{1,3}}[a-z]?(?![\w-]){_LETTERS_OR_NUMBER}*"
_PARAGRAPH = re.compile(r"(?:para(?:graph)?s?\.?|par\.|Abs\.|sec(?:tion)?\.?|no\.?)\s?(\d{1,2})")
_LETTER = re.compile(r"(?:lit(?:era)?\.?|letter|point|subparagraph|let\.)\s?\(?([a-z])\)?(?![a-z])")
_IN_WORDS = (
    r"(?:,?\s(?:para(?:graph)?s?\.?|par\.|Abs\.|sec(?:tion)?\.?|no\.?)\s?\d{1,2})?"
    r"(?:,?\s(?:sentence|S\.)\s\d)?"
    r"(?:,?\s(?:lit(?:era)?\.?|letter|point|subparagraph|let\.)\s?\(?[a-z]\)?(?![a-z]))?"
)
"""The same in words, as in "para. 1 lit. f"."""
_ARTICLE = re.compile(
    rf"\b(?P<word>Articles?|ARTICLES?|articles?|Arts?\.?)\s?(?P<first>{_NUMBER})(?P<rest>{_IN_WORDS})"
    rf"(?:\s?(?:to|through|-|–)\s?(?:Art(?:icle|\.)?\s)?(?P<last>{_NUMBER}))?"
)
_NEXT_ARTICLE = re.compile(
    rf"[,;]?\s?(?:and|or|&|,|in\sconjunction\swith)\s?(?P<first>{_NUMBER})(?P<rest>{_IN_WORDS})"
    r"(?!\s?(?:days|months|years|hours|U\.S\.C|CFR|C\.F\.R))"
)
_CODE_NUMBER = rf"\d{{2,5}}(?:\.\d{{1,4}}){{1,2}}{_LETTERS_OR_NUMBER}*"
_SECTION = re.compile(
    rf"(?:\b[Ss]ections?|\bSECTIONS?|\bSecs?\.|§{{1,2}}|\b[Cc]ode|\bCODE)\s?(?:§{{1,2}}\s?)?(?P<first>{_CODE_NUMBER})"
    rf"(?:\s?(?:to|through|-|–)\s?(?P<last>{_CODE_NUMBER}))?"
)
_FEDERAL = re.compile(
    r"\b\d{1,2}\s(?:CFR|C\.F\.R\.|U\.S\.C\.|USC)\s(?:(?:§{1,2}|[Pp]arts?|[Ss]ections?)\s?)?\d{1,5}[a-z]?(?:\.\d{1,4})?"
    rf"{_LETTERS_OR_NUMBER}*"
)
_BEFORE_LAW = re.compile(
    r"\A[\s,)]{0,3}(?:of\sthe\s|of\s|in\sthe\s|under\sthe\s|the\s)?(?:EU\s|European\sUnion[’']?s?\s)?"
)
_LAW_CHARACTERS = 90
"""Characters behind a number in which its law may stand."""


@lru_cache(1)
def _table() -> NameTable:
    return NameTable.read(bundled(f"{GAZETTEER}/laws.csv"), "name", "place")


def laws(text: str) -> Iterator[Found]:
    """Yield statutes and frameworks by their common short names, or by their titles.

    >>> [found.value for found in laws("Under the California Consumer Privacy Act (CCPA) and the Norfolk Shipping Act 1999")]
    ['CCPA', 'CCPA', 'Norfolk Shipping Act 1999']
    """
    known = Taken(text)
    for start, end, name in _table().find(text):
        known.add(start, end)
        yield Found("law", start, end, name.value)
    for match in _TITLE.finditer(text) if any(word in text for word in _LAST_WORDS) else ():
        lead = _LEADING.match(match[0])
        start = match.start() + (lead.end() if lead else 0)
        title = " ".join(text[start : match.end()].split())
        if (
            not known.overlaps(start, match.end())
            and " " in title
            and (not title.endswith("Code") or _CODES.search(title))
        ):
            yield Found("law", start, match.end(), title)


def articles(text: str) -> Iterator[Found]:
    """Yield provisions of laws, written in one way; `of` is the law if it stands beside the number.

    >>> [(found.value, found.of) for found in articles("Art. 6 para. 1 lit. f GDPR, Articles 15 to 22, Civ. Code § 1798.83")]
    [('Art. 6(1)(f)', 'GDPR'), ('Arts. 15-22', ''), ('1798.83', '')]
    """
    for match in _ARTICLE.finditer(text):
        if match["word"].islower() and not _law_after(text, match.end()) and "(" not in match[0]:
            continue  # "articles 5 to 10 words long"
        if match["last"]:
            value = f"Arts. {_tidy(match['first'])}-{_tidy(match['last'])}"
            yield Found("article", match.start(), match.end(), value, _law_after(text, match.end()))
            continue
        found = [(match.start(), match.end(), _value(match))]
        end = match.end()
        while following := _NEXT_ARTICLE.match(text, end):
            end = following.end()
            found.append((following.start("first"), end, _value(following)))
        of = _law_after(text, end)
        yield from (Found("article", start, stop, f"Art. {value}", of) for start, stop, value in found)
    for match in _SECTION.finditer(text):
        value = f"{_tidy(match['first'])}-{_tidy(match['last'])}" if match["last"] else _tidy(match["first"])
        yield Found("article", match.start(), match.end(), value, _law_after(text, match.end()))
    for match in _FEDERAL.finditer(text):
        yield Found("article", match.start(), match.end(), " ".join(match[0].split()))


def _value(match: re.Match[str]) -> str:
    """Return the number of an article, with paragraph and letter in brackets."""
    paragraph, letter = _PARAGRAPH.search(match["rest"]), _LETTER.search(match["rest"])
    parts = [found[1] for found in (paragraph, letter) if found]
    return _tidy(match["first"]) + "".join(f"({part})" for part in parts)


def _tidy(number: str) -> str:
    return re.sub(r"\s", "", number)


def _law_after(text: str, end: int) -> str:
    """Return the law whose name follows directly, "" if none does."""
    before = _BEFORE_LAW.match(text[end : end + 40])
    start = end + (before.end() if before else 0)
    first = next(_table().find(text[start : start + _LAW_CHARACTERS]), None)
    return first[2].value if first and first[0] <= 1 else ""
