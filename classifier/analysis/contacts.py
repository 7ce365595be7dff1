"""Find ways to reach somebody in a text: e-mail, web and postal addresses, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from classifier.analysis.spans import Found, link_targets

_EMAIL = re.compile(
    r"(?<![\w.+%-])[A-Za-z0-9_][\w.+%-]{0,63}\s?@\s?(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,6}[A-Za-z]{2,24}(?![\w@])"
)
_OBSCURED = re.compile(
    r"\b[\w.+-]{1,64}\s?[\[(]\s?(?:at|@)\s?[\])]\s?[\w-]{1,63}(?:(?:\s?[\[(]\s?(?:dot|\.)\s?[\])]\s?|\.)[\w-]{1,63}){1,4}",
    re.IGNORECASE,
)
_URL = re.compile(
    r"\b(?:https?://|www\.)[^\s<>\"'“”‘’()\[\]{}|\\^`]{3,500}|(?<![\w@./-])(?:[a-z0-9](?:[a-z0-9-]{0,40})\.){1,4}(?:com|org|net|gov|edu|eu|io|co\.uk|org\.uk|gov\.uk|ai|de|fr|ie|example)\b(?:/[^\s<>\"'“”‘’()\[\]{}|\\^`]{0,400})?(?![\w@])",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"(?<![\w.,/$€£#§:-])(?:\+\s?\d{1,3}[\s.\-–]?)?(?:\(\+?\d{1,5}\)[\s.\-–]?)?\d{1,6}(?:[\s.\-–]{1,2}(?:\(\d{1,5}\)[\s.\-–]?)?\d{2,7}){1,5}(?![\w/%-]|\.\d)|(?<![\w.,/$€£#§:-])\+\d{8,15}\b|\b1[-\s.]?8(?:00|33|44|55|66|77|88)[-\s.](?=[A-Z0-9-]*[A-Z])[A-Z0-9]{2,9}(?:[-\s.][A-Z0-9]{2,7})?\b"
)
_PHONE_WORD = re.compile(
    r"\b(?:phone|telephone|tel|call|calling|fax|toll[\s-]free|mobile|hotline|helpline|dial|voicemail|number|TTY|SMS|line)\b",
    re.IGNORECASE,
)
_CERTAIN_SHAPE = re.compile(
    r"\A(?:\+|\(\d{3}\)\s?\d{3}[\s.-]\d{4}\Z|1?[\s.-]?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\Z|1[-\s.]?8\d\d)"
)
_LETTER_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_PART = r"[^,\n;|:()]{1,60}"
_HOUSE = r"(?:One|\d{1,6}[A-Za-z]?(?:[-–/]\d{1,5}[A-Za-z]?)?)"
_POSTCODE = (
    r"(?:(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]|California|New\sYork|Texas|Washington|Massachusetts|Delaware|Illinois|Virginia|Florida|Colorado),?\s{1,2}\d{5}(?:-\d{4})?"
    r"|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[\dW]\s?[A-Z\d]{4}|\d{4}\s[A-Z]{2},?\s[^\W\d_][^\d,;|\n]{2,30}|[A-Z]\d[A-Z]\s?\d[A-Z]\d"
    r"|(?:[A-Z]{1,3}-)?\d{2}-\d{3}\s[^\W\d_][^\d,;|\n]{2,30}|(?:[A-Z]{1,2}[-\s])?\d{4,6}(?:\s[A-Z]{2})?\s[^\W\d_][^\d,;|\n.]{2,30}|[^\W\d_][\w\s]{2,25}\s\d{4,6}|\d{3}-\d{4}|\d{3}\s\d{2}(?:\s[^\W\d_][^\d,;|\n.]{2,30})?)"
)
_ADDRESS = re.compile(
    rf"(?P<street>(?:P\.?\s?O\.?\s?Box\s\d{{1,6}}|Post(?:bus|fach)\s\d{{1,6}}|(?<![\w./-]){_HOUSE}\s[^\W\d_]{_PART}|(?<![\w])[^\W\d_][^,\n;|:()\d]{{2,40}}\s{_HOUSE}(?![\w%])))"
    rf"(?:(?:,|\n|\s\||<br\s?/?>|\s?\*\s?\*|\s{{2,}}\n|\\\n|•|\s[-–·]\s)\s{{0,4}}{_PART}){{0,4}}?(?:,|\n|<br\s?/?>|\s\||•|\s[-–·])?\s{{0,4}}(?P<post>{_POSTCODE})\b"
)  # fmt: skip
_COUNTRY_LINE = re.compile(
    r"(?:,|\n|<br\s?/?>|\.)?\s{0,4}(?:(?:United\sStates(?:\sof\sAmerica)?|USA|U\.S\.A\.|US|United\sKingdom|UK|England|Scotland|Wales|Ireland|Republic\sof\sIreland|Germany|France|The\sNetherlands|Netherlands|Canada|Australia|Switzerland|Sweden|Spain|Italy|Israel|India|Japan|Singapore|Poland|Austria|Belgium|Denmark|Norway|Finland|Portugal|Brazil|Luxembourg|Estonia|New\sZealand|South\sKorea|China|Hong\sKong|Cyprus|Malta)\b)"
)
_NO_STREET = re.compile(
    r"\b(?:days?|months?|years?|hours?|Section|Article|GDPR|Act|Regulation|version|rights?|you|we|our|your|data|information|please|under|since|because|when|after|the\sfollowing|users|people|employees)\b",
    re.IGNORECASE,
)


def emails(text: str) -> Iterator[Found]:
    """Yield e-mail addresses in lower case, also those written with "[at]".

    >>> [found.value for found in emails("Write to Privacy@Norwell.example or dpo [at] norwell.example.")]
    ['privacy@norwell.example', 'dpo@norwell.example']
    """
    hidden = link_targets(text)
    for match in _EMAIL.finditer(text):
        if _is_within(match.start(), hidden):
            continue
        yield Found("email", match.start(), match.end(), re.sub(r"\s", "", match[0]).lower())
    for match in _OBSCURED.finditer(text):
        value = re.sub(r"\s?[\[(]\s?(?:at|@)\s?[\])]\s?", "@", match[0], flags=re.IGNORECASE)
        value = re.sub(r"\s?[\[(]\s?(?:dot|\.)\s?[\])]\s?", ".", value, flags=re.IGNORECASE)
        if "." in value.partition("@")[2]:
            yield Found("email", match.start(), match.end(), value.lower())


def _is_within(place: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def urls(text: str) -> Iterator[Found]:
    """Yield web addresses that are written to be read; the targets of links are the business of `TaggedPolicy.links`.

    >>> [found.value for found in urls("See https://norwell.example/privacy, not [us](https://a.example).")]
    ['https://norwell.example/privacy']
    """
    hidden = link_targets(text)
    for match in _URL.finditer(text):
        start, end = match.start(), match.start() + len(match[0].rstrip(".,;:!?*_"))
        if _is_within(start, hidden):
            continue
        yield Found("url", start, end, text[start:end])


def phones(text: str) -> Iterator[Found]:
    """Yield telephone numbers in the form E.164, those of North America where a number has no country.

    >>> [found.value for found in phones("Call us at (800) 555-0199 or +44 20 7946 0123; invoice 12345 67890.")]
    ['+18005550199', '+442079460123']
    """
    for match in _NUMBER.finditer(text):
        written = match[0].strip()
        digits = re.sub(r"\D", "", written.translate(_LETTER_DIGITS))
        if (
            not 7 <= len(digits) <= 15
            or re.match(r"(?:19|20)\d\d[\s.–-]", written)
            or re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d+\.\d+\.\d+\.\d+", written)
        ):
            continue
        before = text[max(0, match.start() - 40) : match.start()]
        if not (_CERTAIN_SHAPE.match(written) or _PHONE_WORD.search(before)):
            continue
        if value := _e164(written, digits):
            yield Found("phone", match.start(), match.start() + len(match[0].rstrip()), value)


def _e164(written: str, digits: str) -> str:
    """Return a number as E.164 if it is possible in its country; "" if it is none."""
    import phonenumbers  # half a millisecond a number, and a tenth of a second to import

    region = None if written.startswith("+") else "US"
    try:
        number = phonenumbers.parse(f"+{digits}" if region is None else digits, region)
    except phonenumbers.NumberParseException:
        return ""
    if phonenumbers.is_possible_number(number):
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return digits if region else ""  # a national number of a country that is not told


def addresses(text: str) -> Iterator[Found]:
    """Yield postal addresses, from street or box to postal code and country, on one line.

    >>> [found.value for found in addresses("Write to Norwell Ltd, 4 Quay Road, Leeds LS1 4AB, United Kingdom.")]
    ['4 Quay Road, Leeds LS1 4AB, United Kingdom']
    """
    for match in _ADDRESS.finditer(text):
        if _NO_STREET.search(match[0]):
            continue
        end = match.end()
        if country := _COUNTRY_LINE.match(text, end):
            end = country.end()
        value = re.sub(r"\s*(?:\n|<br\s?/?>|\||•)+\s*", ", ", text[match.start() : end])
        yield Found(
            "address", match.start(), end, re.sub(r",(?:\s*,)+", ",", re.sub(r"[*_\\]", "", " ".join(value.split())))
        )
