"""Find amounts in a text: periods, ages, dates and sums of money, with normalized values.

A number may be written in digits, in words, or in both, as contracts do: "thirty (30) days". White space may be a line end,
and Markdown emphasis may stand around a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifier.analysis.spans import Found, Taken

_UNITS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_VALUES = {
    **{word: number for number, word in enumerate(_UNITS.split(), 1)},
    **{word: 10 * number for number, word in enumerate(_TENS.split(), 2)},
}
_ANY_UNIT, _ANY_TEN = "|".join(_UNITS.split()), "|".join(_TENS.split())
_BELOW_100 = rf"(?:(?:{_ANY_TEN})(?:[-\s](?:{_ANY_UNIT}))?|{_ANY_UNIT})"
_WORDS = rf"(?:{_BELOW_100}(?:\shundred(?:\s(?:and\s)?{_BELOW_100})?)?)\b"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,4}(?:\.\d)?)"
_GAP = r"[\s*_]{1,4}"
_NUMBER = rf"(?:{_DIGITS}(?:[\s*_]?\([\s*_]?{_WORDS}[\s*_]?\))?|{_WORDS}(?:{_GAP}\([\s*_]?{_DIGITS}[\s*_]?\))?)"
_PERIOD_UNITS = {
    "second": ("T", 1, "S"),
    "minute": ("T", 1, "M"),
    "hour": ("T", 1, "H"),
    "day": ("", 1, "D"),
    "week": ("", 1, "W"),
    "month": ("", 1, "M"),
    "quarter": ("", 3, "M"),
    "year": ("", 1, "Y"),
}
"""Letters of ISO 8601 durations: what precedes the number, its factor, and the designator."""
_UNIT = rf"(?P<unit>{'|'.join(_PERIOD_UNITS)})s?\b"
_KIND_OF_UNIT = r"(?:(?:calendar|business|working|full|consecutive|additional|complete|rolling|further|more)\s)?"
_NOT_AFTER = r"(?<![\w.,$€£/:§-])"
_PERIOD = re.compile(
    rf"{_NOT_AFTER}(?P<first>{_NUMBER})(?:(?:\s?[-–]\s?|\s(?:to|or|and)\s)(?P<second>{_NUMBER}))?"
    rf"(?:{_GAP}|-){_KIND_OF_UNIT}{_UNIT}(?![/]\d)",
    re.IGNORECASE,
)
_ONE_PERIOD = re.compile(
    rf"(?:\b(?:within|for|after|than|least|exceed(?:ing)?|up\sto|every)\s)(?P<whole>an?\s(?:full\s|calendar\s)?{_UNIT})",
    re.IGNORECASE,
)
"""A period without a number, where a preposition shows that one is meant: "within a month", not "once a month"."""
_OLD = (
    r"(?:\s?-?\s?years?(?:\s?-?\s?olds?\b|\sof\sage\b)"
    r"|(?:\syears)?\s(?:and|or)\s(?:older|over|above|under|younger|up)\b(?!\s(?:the|to|these|this|a)\b)|\s?\+)"
)
"""What shows behind a number that it is an age."""
_PEOPLE = (
    r"(?:child(?:ren)?|minors?|persons?|people|individuals?|users?|anyone|someone|those|consumers?|visitors?|kids|residents?|"
    r"students?|members?|they|you|who|and|is|are|be|knowingly|data)(?:\s(?:who|is|are|be|was|were|aged|known|to|of|from)){0,3}"
)
_NO_AGE = (
    r"(?!\s?(?:%|percent|million|thousand|\w*\s?(?:days?|months?|hours?|weeks?|minutes?|countries|times|languages|employees|"
    r"people|users|customers|million)\b)|[\d.,]\d)"
)
"""What shows behind a number that it is none."""
_AGE = re.compile(
    # "under the age of 13", "aged 16 or over", "between the ages of 13 and 17"
    r"\b(?:(?:under|below|over|above|reach(?:ed|es)?|attain(?:ed|s)?|of|at(?:\sleast)?)\s)?(?:the\s)?(?:minimum\s)?age[sd]?"
    rf"(?:\sof(?:\smajority)?)?(?:\s(?:at\sleast|under|over|below))?\s(?P<by_age>{_NUMBER})"
    rf"(?:\s(?:years|and\s(?P<other>{_NUMBER}))\b)?(?:\s(?:or|and)\s(?:older|over|younger|under)\b|\sold\b)?"
    # "under 13", of ages at which laws draw a line
    rf"|\b(?:under|below)\s(?P<of_law>1[3-68]|21){_NO_AGE}(?:\syears\b(?!\s(?:of|from|after|ago))(?:\sold\b)?)?"
    # "13 years of age", "16 or older"
    rf"|{_NOT_AFTER}(?P<by_old>{_NUMBER}){_OLD}"
    # "children under 13"
    rf"|\b(?P<people>{_PEOPLE})\s(?:under|below|over|younger\sthan|older\sthan)\s(?P<under>{_NUMBER})"
    rf"{_NO_AGE}(?:\syears\b(?!\s(?:of|from|after|ago))(?:\sold\b)?)?",
    re.IGNORECASE,
)
_MIN_AGE, _MAX_AGE, _MAX_LIFE = 5, 25, 110
"""Ages that are told; higher ones than the second only where "years old" or "or older" says that they are ages."""
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("January", "Jan"),
            ("February", "Feb"),
            ("March", "Mar"),
            ("April", "Apr"),
            ("May",),
            ("June", "Jun"),
            ("July", "Jul"),
            ("August", "Aug"),
            ("September", "Sept", "Sep"),
            ("October", "Oct"),
            ("November", "Nov"),
            ("December", "Dec"),
        ),
        1,
    )
    for name in names
}
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|{'|'.join(name.upper() for name in _MONTHS)})\b\.?"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b(?!-\d)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?\b"
_DATES = (
    re.compile(rf"\b{_MONTH}\s{{1,2}}{_DAY}(?:,\s{{0,2}}|\s{{1,2}}){_YEAR}"),
    re.compile(rf"(?<![\w.])(?:the\s)?{_DAY}[\s.-](?:day\s)?(?:of\s)?{_MONTH}(?:,\s?|[\s-]|\sof\s){_YEAR}"),
    re.compile(rf"\b{_MONTH}(?:,\s?|\s(?:of\s)?){_YEAR}"),
    re.compile(
        r"(?<![\w./-])(?P<year>(?:19|20)\d\d)(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})(?![\w/-]|\.\d)"
    ),
    re.compile(r"(?<![\w./-])(?P<day>\d{1,2})\.\s?(?P<month>\d{1,2})\.\s?(?P<year>(?:19|20)\d\d)(?![\w/-]|\.\d)"),
    re.compile(
        r"(?<![\w./-])(?P<one>\d{1,2})(?P<mark>[/-])(?P<other>\d{1,2})(?P=mark)(?P<year>(?:19|20)\d\d)(?![\w/-]|\.\d)"
    ),
    re.compile(
        r"\b(?:in|since|by|until|from|during|before|after|year|of)\s(?P<whole>(?P<year>(?:19|20)\d\d))\b(?![-/–]\d|\s?[)\]]|,?\d|\s(?:\w+\s)?(?:days|hours|users|people|employees|characters|words)\b)"
    ),
)
_CURRENCIES = {
    **{
        "$": "USD",
        "US$": "USD",
        "€": "EUR",
        "£": "GBP",
        "C$": "CAD",
        "CA$": "CAD",
        "CAD$": "CAD",
        "A$": "AUD",
        "AU$": "AUD",
    },
    **{"NZ$": "NZD", "R$": "BRL", "¥": "JPY", "₹": "INR", "₩": "KRW", "S$": "SGD", "HK$": "HKD"},
    **{
        code: code for code in "USD EUR GBP CHF CAD AUD NZD BRL JPY INR KRW SGD HKD SEK NOK DKK PLN CZK ZAR MXN".split()
    },
}
_CURRENCY_WORDS = {
    **{
        "euro": "EUR",
        "dollar": "USD",
        "us dollar": "USD",
        "u.s. dollar": "USD",
        "pound": "GBP",
        "pound sterling": "GBP",
    },
    **{"swiss franc": "CHF", "canadian dollar": "CAD", "australian dollar": "AUD"},
}
_SCALES = {"thousand": 3, "k": 3, "million": 6, "m": 6, "mn": 6, "billion": 9, "bn": 9}
_SUM = (
    r"(?P<sum>\d{1,3}(?:[,. ]\d{3})+(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?![\d%])"
    r"(?:\s?(?P<scale>thousand|million|billion|mn|bn|[mk])\b)?"
)
_SIGNS = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True))
_SIGNS_BEHIND = "|".join(
    [
        *sorted(map(re.escape, _CURRENCY_WORDS), key=len, reverse=True),
        *"€ £ EUR USD GBP CHF SEK NOK DKK PLN CZK".split(),
    ]
)
_MONEY = (
    re.compile(rf"(?<![\w$])(?P<currency>{_SIGNS})\s?{_SUM}", re.IGNORECASE),
    re.compile(rf"(?<![\w.,])(?:{_SUM})\s?(?P<currency>{_SIGNS_BEHIND})(?:s\b|\b|(?<=[€£]))", re.IGNORECASE),
)


def number_of(text: str) -> float:
    """Return the number that `_NUMBER` matched; digits decide where it is written twice.

    >>> [number_of(text) for text in ("30", "thirty (30)", "2 (two)", "twenty-four", "one hundred and eighty")]
    [30.0, 30.0, 2.0, 24.0, 180.0]
    """
    if digits := re.search(_DIGITS, text):
        return float(digits[0].replace(",", ""))
    total, hundreds = 0, 0
    for word in re.findall(r"[a-z]+", text.lower()):
        if word == "hundred":
            hundreds, total = 100 * total, 0
        else:
            total += _VALUES.get(word, 0)
    return float(hundreds + total)


def periods(text: str) -> Iterator[Found]:
    """Yield lengths of time as ISO 8601 durations; a range has two, joined by a slash.

    >>> [(found.text(text), found.value) for text in ["We keep it for thirty (30) days."] for found in periods(text)]
    [('thirty (30) days', 'P30D')]
    """
    for match in _PERIOD.finditer(text):
        unit = match["unit"].lower()
        value = _duration(number_of(match["first"]), unit)
        if match["second"]:
            value += f"/{_duration(number_of(match['second']), unit)}"
        yield Found("period", match.start(), match.end(), value)
    for match in _ONE_PERIOD.finditer(text):
        yield Found("period", match.start("whole"), match.end("whole"), _duration(1, match["unit"].lower()))


def _duration(number: float, unit: str) -> str:
    before, factor, designator = _PERIOD_UNITS[unit]
    return f"P{before}{number * factor:g}{designator}"


def ages(text: str) -> Iterator[Found]:
    """Yield ages of people in years.

    >>> [found.value for found in ages("Children under 13, or persons younger than 16 years of age, may not join.")]
    ['13', '16']
    """
    for match in _AGE.finditer(text):
        group = next(name for name in ("by_age", "by_old", "under", "of_law") if match[name])
        number = number_of(match[group])
        most = _MAX_LIFE if group == "by_old" else _MAX_AGE
        if not _MIN_AGE <= number <= most or number != int(number):
            continue
        start = match.start() if group != "under" else match.end("people") + 1
        yield Found("age", start, match.end(), f"{number:g}")
        if match["other"] and _MIN_AGE <= number_of(match["other"]) <= _MAX_AGE:
            yield Found("age", match.start("other"), match.end("other"), f"{number_of(match['other']):g}")


def dates(text: str) -> Iterator[Found]:
    """Yield dates as ISO 8601: day, month or year. Where day and month cannot be told apart, nothing is yielded.

    >>> [found.value for found in dates("From 25 May 2018, not 3/4/2019; revised 1/31/2024, in force in 2025.")]
    ['2018-05-25', '2024-01-31', '2025']
    """
    taken = Taken(text)
    for pattern in _DATES:
        for match in pattern.finditer(text):
            groups = match.groupdict()
            whole = "whole" if groups.get("whole") else 0
            start, end = match.span(whole)
            value = _date(groups)
            if taken.overlaps(start, end):
                continue
            taken.add(start, end)
            if value:
                yield Found("date", start, end, value)


def _date(groups: dict[str, str | None]) -> str:
    year = groups["year"]
    month = groups.get("month") or ""
    day = int(groups.get("day") or 0)
    if groups.get("one"):
        one, other = int(groups["one"] or 0), int(groups["other"] or 0)
        if (one > 12 and other > 12) or (one <= 12 and other <= 12 and one != other):
            return ""
        day, month = (one, str(other)) if one > 12 else (other, str(one))
    if not month:
        return str(year)
    number = int(month) if month.isdigit() else _MONTHS[month.title()]
    if not 1 <= number <= 12 or day > 31:
        return ""
    return f"{year}-{number:02}-{day:02}" if day else f"{year}-{number:02}"


def money(text: str) -> Iterator[Found]:
    """Yield sums of money, as the ISO 4217 code and the amount.

    >>> [found.value for found in money("Fines of up to $25 million, or 2,500.50 euros.")]
    ['USD 25000000', 'EUR 2500.5']
    """
    for pattern in _MONEY:
        for match in pattern.finditer(text):
            written = match["currency"]
            code = _CURRENCIES.get(written.upper()) or _CURRENCY_WORDS.get(" ".join(written.lower().split()))
            if not code:
                continue
            number = re.sub(r"[, ](?=\d{3}(?:\D|$))|\.(?=\d{3}(?:\D|$))", "", match["sum"]).replace(",", ".")
            amount = float(number) * 10 ** _SCALES.get((match["scale"] or "").lower(), 0)
            yield Found("money", match.start(), match.end(), f"{code} {amount:.12g}")
