"""Find names in a text: places, companies and authorities, with normalized values.

Names come from the tables in data/gazetteer; a company that is not there is found by its legal form ("Norwell Ltd"). Where a
name often means something else ("Jersey", "Segment"), the words around it decide; without evidence nothing is yielded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from classifier.analysis.spans import GAZETTEER, Found, NameTable, Taken
from classifier.resources import bundled

_PLACE_BEFORE = re.compile(
    r"(?:\b(?:in|of|to|from|outside|within|and|or|including|as|the|Isle|[Ss]tate\sof|[Rr]epublic\sof)|,)\W{1,3}\Z"
)
_CAPITALS_BEFORE, _CAPITALS_AFTER = re.compile(r"\b[A-Z]{2,}\W{1,3}\Z"), re.compile(r"\A\W{1,3}[A-Z]{2,}\b")
_CAPITALS_SHARE = 0.8
"""A line with this share of capitals is written in capitals, and "US" in it may be a pronoun."""
_FORMS = "|".join(
    (
        *(
            r"Inc",
            "Incorporated",
            "LLC",
            r"L\.L\.C",
            "LLP",
            "LP",
            r"L\.P",
            "Ltd",
            "Limited",
            "PLC",
            "Plc",
            "plc",
            "Corp",
        ),
        *(
            "Corporation",
            r"Co\.,?\sLtd",
            r"Pty\.?\sLtd",
            r"Pte\.?\sLtd",
            r"Pvt\.?\sLtd",
            r"GmbH(?:\s&\sCo\.\sKG)?",
            "gGmbH",
        ),
        *(
            "UG",
            r"Company\sLimited",
            r"Unlimited\sCompany",
            "AG",
            "KG",
            r"S\.A\.S",
            "SAS",
            r"S\.A",
            "SA",
            "SE",
            r"B\.V",
            "BV",
            r"N\.V",
            "NV",
            r"S\.r\.l",
            r"S\.R\.L",
        ),
        *("SRL", "Srl", r"S\.p\.A", "SpA", r"S\.à\sr\.l", r"S\.L", "AB", "A/S", "ApS", "AS", "Oyj?", "OÜ", r"K\.K"),
        *(r"[Ss]p\.\sz\so\.o", "Ltda", "Lda"),
    )
)
_FORM_WORDS = frozenset(
    "Inc Incorporated Company Unlimited LLC LLP LP Ltd Limited PLC Plc plc Corp Corporation Co GmbH gGmbH UG AG KG SAS SA SE "
    "BV NV SRL Srl SpA AB ApS AS Oy Oyj OÜ sp Sp Ltda Lda".split()
)
_DOTTED_FORMS = ("L.L", "L.P", "S.A", "B.V", "N.V", "S.r", "S.R", "S.p", "S.à", "S.L", "A/S", "K.K")
"""First words of these, and what is in the others; a text with none of them need not be searched for forms."""
_SEPARATORS = re.compile(r"[.,]")
_SHORT_FORMS = frozenset(("AS", "SA", "SE", "AB", "AG", "LP", "KG", "UG", "Corporation", "Limited"))
"""Forms that are words too where all is written in capitals."""
_FIRST_WORD = r"(?:[A-Z0-9][\w’'&.\-]*|[a-z]+[A-Z0-9]\w*)"
_NEXT_WORD = rf"(?:{_FIRST_WORD}|&|and|of|de|the|für|et)"
_BY_FORM = re.compile(
    rf"(?<![\w@])(?P<name>{_FIRST_WORD}(?:\s{_NEXT_WORD}){{0,5}}?)(?:\s\([^()]{{1,30}}\))?,?\s(?P<form>{_FORMS})(?![\w’'-])\.?"
)
_FORM_BEHIND = re.compile(rf"(?:\s\([\w\s]{{1,30}}\))?,?\s(?:{_FORMS})(?![\w’'-])\.?")
_COMPANY_BEFORE = re.compile(
    r"\b(?:such\sas|including|include|like|by|via|through|use|using|with|from|and|or|called|named|providers?|processor)[,:]?\s\Z"
    r"|[,(]\s?\Z",
    re.IGNORECASE,
)
_COMPANY_AFTER = re.compile(r"\A(?:\s?(?:[,;.)]|and\b|or\b|[’']s\b)|\s*\Z)")
_LIST_CHARACTERS = 60
"""An ambiguous name counts no further than this from one that is certain."""
_NOT_FIRST = frozenset(
    "The Our Your We You By With From To For In On At As If When Where Under Through Via And Or Of This These Contact Please "
    "Company Service Services Data Controller Provider Copyright Between".split()
)
"""Capitalized words that begin a sentence or a line before a company, and are no part of its name."""


@lru_cache(1)
def _places() -> NameTable:
    return NameTable.read(bundled(f"{GAZETTEER}/places.csv"), "code", "kind")


@lru_cache(1)
def _companies() -> NameTable:
    return NameTable.read(bundled(f"{GAZETTEER}/companies.csv"), "name", "kind")


def places(text: str) -> Iterator[Found]:
    """Yield countries and unions by ISO 3166-1 code, states and provinces by ISO 3166-2 code.

    >>> [found.value for found in places("Our servers are in the United States and in Quebec. CONTACT US")]
    ['US', 'CA-QC']
    """
    for start, end, name in _places().find(text):
        before, after = text[max(0, start - 20) : start], text[end : end + 20]
        if text[start:end] == "US" and (
            _CAPITALS_BEFORE.search(before) or _CAPITALS_AFTER.match(after) or _is_in_capitals(text, start, end)
        ):
            continue
        if name.is_ambiguous and (not _PLACE_BEFORE.search(before) or after.lstrip().startswith(("’s", "'s"))):
            continue
        yield Found("country", start, end, name.value)


def _is_in_capitals(text: str, start: int, end: int) -> bool:
    """Whether the line around a place is written in capitals."""
    line = text[text.rfind("\n", 0, start) + 1 : start] + text[end:].partition("\n")[0]
    letters = [character for character in line if character.isalpha()]
    return len(letters) > 2 and sum(map(str.isupper, letters)) > _CAPITALS_SHARE * len(letters)


def companies(text: str) -> Iterator[Found]:
    """Yield companies, products of companies, authorities and self-regulatory bodies by their usual names.

    `of` is "vendor", "authority", "self_regulation" or "software"; "company" for one that only its legal form tells.

    >>> [(found.value, found.of) for found in companies("Norwell Ltd uses Google Analytics; complain to the ICO.")]
    [('Google Analytics', 'vendor'), ('ICO', 'authority'), ('Norwell', 'company')]
    """
    listed = list(_companies().find(text))
    certain = [(start, end) for start, end, name in listed if not name.is_ambiguous]
    taken = Taken(text)
    for start, end, name in listed:
        form = _FORM_BEHIND.match(text, end)
        if name.is_ambiguous and not form and not _is_listed(text, start, end, certain):
            continue
        stop = form.end() if form else _end_with_country(text, end)
        if name.kind == "authority":
            start = _start_with_country(text, start)
        taken.add(start, stop)
        yield Found("company", start, stop, name.value, name.kind)
    has_form = not _FORM_WORDS.isdisjoint(_SEPARATORS.sub(" ", text).split()) or any(
        map(text.__contains__, _DOTTED_FORMS)
    )
    for match in _BY_FORM.finditer(text) if has_form else ():
        parts = match["name"].split(" ")
        start = match.start()
        while parts and parts[0] in _NOT_FIRST:
            start += len(parts[0]) + 1
            parts = parts[1:]
        value = " ".join(parts)
        is_shouted = match["form"] in _SHORT_FORMS and value.isupper() and len(parts) > 1
        is_number = len(parts) == 1 and value[:1].isdigit()
        is_taken = taken.overlaps(start, match.end())
        if value and not is_shouted and not is_number and not is_taken:
            taken.add(start, match.end())
            yield Found("company", start, match.end(), value, "company")


def _end_with_country(text: str, end: int) -> int:
    """Return the end of a company with the country that its name ends in: "Meta Platforms Ireland's"."""
    if text[end : end + 1] != " ":
        return end
    following = next(_places().find(text[end + 1 : end + 40]), None)
    return end + 1 + following[1] if following and following[0] == 0 and following[2].kind == "country" else end


def _start_with_country(text: str, start: int) -> int:
    """Return the start of an authority with the country before its name: "United Kingdom Information Commissioner"."""
    before = text[max(0, start - 30) : start]
    for begin, end, _ in _places().find(before):
        if before[end:].isspace():
            return start - len(before) + begin
    return start


def _is_listed(text: str, start: int, end: int, certain: Sequence[tuple[int, int]]) -> bool:
    """Whether an ambiguous name is that of a company: written as an item of a list, near one that is certain."""
    if not (_COMPANY_BEFORE.search(text[max(0, start - 25) : start]) and _COMPANY_AFTER.match(text[end : end + 12])):
        return False
    return any(max(start - other_end, other_start - end) < _LIST_CHARACTERS for other_start, other_end in certain)
