"""Recognize the parts of a page by which consent managers speak: banners that ask, and centers where people choose.

A banner says in a line or two that the site uses cookies, and asks for consent; it is boilerplate. A center says at length
what cookies are for and lets people choose among them; it is no policy text, but people look there for opt-outs, so it is
kept apart from the policy. Both are known by the names that managers give to them, and by their structure: they
lie over the page, speak of cookies all the time, and have a button that decides, such as "Accept".

Lists in a center that name every vendor or cookie are left out: hundreds of entries say less than the few lines above them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import takewhile

from classifier.readers.html.dom import HEADINGS, IN_ARTICLE, INLINE, OPENERS, Element, outermost, overlaps

MAX_NOTICE_WORDS = 80
"""Words in a notice or a form."""
MIN_CENTER_PROSE_WORDS = 60
"""Words in prose of a center; with fewer it is a banner. Banners that say only that there are cookies have at most 50."""
MAX_WORDS_PER_MENTION = 70
"""Words in prose of a center for each time that it mentions cookies or consent; 97 of 100 policies have more."""
MAX_OUTER_DEPTH = 3
"""Depth of elements that scripts put beside the whole page; the body has 1."""
MAX_CENTER_SHARE = 0.35
"""Share of the page's words in a center that neither lies over the page nor has the name of a manager's center, at most."""
MAX_CENTER_LINK_SHARE = 0.4
"""Share of the words in links, in a center, at most."""
MAX_BUTTON_WORDS = 6
"""Words in the label of a button."""
MAX_ENTRIES = 60
"""Entries of a list in a center; a longer one lists all vendors or cookies."""
MAX_VENDOR_WORDS = 150
"""Words in a part of a center that is named after vendors; with more it lists them."""


def named(*words: str) -> re.Pattern[str]:
    """Return a pattern for `Element.names` that matches one of the names.

    >>> bool(named("menu", "nav").search(" main nav ")), bool(named("menu").search(" submenu "))
    (True, False)
    """
    return re.compile(rf" (?:{'|'.join(words)}) ")


_MANAGERS = (
    "onetrust.*", "optanon (?:alert|popup).*", "trust(?:e|arc).*", "cookiebot.*", "cybot.*", "didomi.*", "usercentrics.*",
    "osano.*", "quantcast.*", "qc cmp.*", "cc window", "ccc", "iubenda c(?:s|mp).*", "termly.*", "cookieyes.*", "cky.*",
    "cmplz.*", "moove gdpr.*", "evidon.*", "cookielaw.*", "hs eu cookie.*", "sp message.*", "tealium gdpr.*", "klaro.*",
    "cmp(?:box|wrapper).*", "fc consent.*", "tarteaucitron.*", "borlabs.*", "cookiefirst.*", "cookiescript.*", "axeptio.*",
)  # fmt: skip
"""Names that consent managers give to the elements they add."""
_KINDS = (
    "(?:banner|notice|bar|popup|pop up|modal|overlay|dialog|consent|wall|alert|message|prompt|settings|preferences|learn|"
    "widget|disclaimer|container|wrapper|root|law|manager|center)"
)
_COOKIE_NAMES = (*_MANAGERS, "cookie(?:alert|consent|notice|bar|banner)", rf"(?:cookies?|consent)(?: \w+)? {_KINDS}")
_COOKIE_BANNER = named(*_COOKIE_NAMES)
_CONSENT = named(*_COOKIE_NAMES, rf"(?:gdpr|ccpa|privacy)(?: \w+)? {_KINDS}")
_MANAGER_CENTER = named(
    "onetrust pc sdk", "cli settings popup", "cybot cookiebot dialog", "cmplz cookiebanner", "ccc notify",
    "qc cmp2 (?:main|ui)", "didomi (?:popup|preferences|consent popup)", "osano cm (?:drawer|info dialog)",
    "cky (?:modal|preference center)", "uc (?:main|center) (?:dialog|container)", "iubenda cs preferences",
    "moove gdpr cookie modal", "truste consent tool",
)  # fmt: skip
_CENTER = named("(?:cookies?|consent|privacy) (?:preferences?|settings?) (?:center|centre|modal|popup|dialog|panel)")
_EMBEDDED_POLICY = named("ot sdk cookie policy.*", "cookie ?declaration.*", "cmplz document.*")
"""Cookie policies, which some managers write into the page of a policy, to be read there."""
_COOKIE_NAME = re.compile(r" (?:cookie|consent)")
_CENTER_EXTRA = named("footer", "footer.*", "ot pc lst", "ot pc footer", "powered by.*")
_VENDORS = named(
    "vendors?", "vendors? list", "partners? list", "(?:iab|tcf) (?:vendors?|list)", "ot pc lst", "ot vnd.*"
)
_PARTS_OF_TABLES = frozenset(("thead", "tbody", "tfoot", "tr", "td", "th"))
_FIXED = re.compile(r"position\s*:\s*fixed", re.IGNORECASE)
_COOKIE = re.compile("cookie")
_MENTION = re.compile("cookie|consent|vendor|tracking technolog")
_CONSENT_WORD = re.compile(
    r"\W(?:accept|agree|allow|decline|dismiss|got it|ok(?:ay)?|close|consent|continue|by using)\b"
)
_ASKS = re.compile(
    r"\Wby (?:using|continuing|browsing|clicking|closing|visiting|accessing)\b|\Wyou (?:agree|consent|accept)\b|"
    r"\W(?:accept|got it|i agree|dismiss)\W"
)
_BUTTON = re.compile("a|button")
# the white space around labels is limited, so that no page is searched again and again
_DECISION = re.compile(
    r"\A\W{0,80}(?:(?:yes|no|i|we|please|only)\W{1,3}){0,2}"
    r"(?:accept|agree|allow|reject|refuse|decline|deny|confirm|save|got it|ok(?:ay)?|understand)\b"
    r"[\w &]{0,30}\W{0,80}\Z"
)
"""The label of a button that decides: "Accept all", "Yes, I agree", "Save & close"."""
_CENTER_BUTTON = re.compile(
    rf"{_DECISION.pattern}|\A\W{{0,80}}(?:(?:manage|more|cookies?|privacy|customi[sz]e) )?"
    r"(?:cookies?|settings|preferences|options|close|cancel|customi[sz]e|read more|x)?\W{0,80}\Z"
)
"""The label of any button of a center."""
_TITLE = re.compile("h1")
_POLICY = re.compile(r"polic(?:y|ies)\b")


# --- features ----------------------------------------------------------------------------------------------------------


def lies_over(element: Element) -> bool:
    """Whether an element lies over the page: it says that it is a dialog, or is fixed to the window."""
    if element.tag == "dialog" or element.role.endswith("dialog") or element.attributes.get("aria-modal") == "true":
        return True
    return _is_fixed(element)


def _is_fixed(element: Element) -> bool:
    return "style" in element.attributes and _FIXED.search(element.attributes["style"]) is not None


def mentions_cookies(element: Element) -> bool:
    """Whether the text of an element has "cookie" in it."""
    return element.has_match(_COOKIE)


def asks_for_consent(element: Element) -> bool:
    """Whether an element mentions cookies and, after that, consent to them."""
    cookies_end = next(element.match_ends(_COOKIE), None)
    return cookies_end is not None and next(element.match_ends(_CONSENT_WORD, cookies_end), None) is not None


def _decides(element: Element) -> bool:
    """Whether an element has a button or a link that decides about consent."""
    return element.find(_BUTTON, _DECISION) is not None


def is_word_of_sentence(element: Element) -> bool:
    """Whether an element is a word or link of the sentence around it, such as "see our <a>Cookie Settings</a>"."""
    is_inline = element.tag in INLINE or element.tag == "button"
    return is_inline and element.parent is not None and element.parent.has_bare_words


# --- banners -----------------------------------------------------------------------------------------------------------


def is_consent_banner(element: Element) -> bool:
    """Whether an element asks for consent to cookies.

    >>> from classifier.readers.html.dom import parse_html
    >>> page = "<div id=cookie-banner>We use cookies. <button>Accept</button></div><div class=privacy-notice>We keep logs."
    >>> [is_consent_banner(element) for element in parse_html(page, "page").elements]
    [True, False]
    """
    if not element.attributes or is_word_of_sentence(element):
        return False
    is_short = element.words < MAX_NOTICE_WORDS
    if is_short and _is_fixed(element):
        return True
    is_named = _CONSENT.search(element.names) is not None
    if not is_named and not _COOKIE_NAME.search(element.names):
        return False
    if _EMBEDDED_POLICY.search(element.names):
        return False
    has_heading = element.headings > 0 or element.tag in HEADINGS
    is_in_article = bool(element.flags & IN_ARTICLE)
    if is_short and not has_heading and element.controls and (not is_in_article or _decides(element)):
        return True
    if not is_named:
        return False
    if lies_over(element):
        return True
    # not <section class="cookie-notice"><h2>Cookies</h2> ...: a section of the policy
    if _decides(element):
        return not is_in_article or not has_heading
    if is_in_article:
        return False
    if has_heading:
        return element.controls > 0
    # not <div class="privacy-notice">We keep logs.</div>
    asks = mentions_cookies(element) and element.has_match(_ASKS)
    return is_short and (asks or _COOKIE_BANNER.search(element.names) is not None)


# --- centers -----------------------------------------------------------------------------------------------------------


def find_preference_centers(body: Element) -> list[Element]:
    """Return the preference centers of consent managers, in document order.

    A page that is nothing but a policy about cookies has none, whatever its names.

    >>> from classifier.readers.html.dom import parse_html
    >>> choice = "<div role=dialog>" + "Some cookies count visits to our site. " * 9 + "<button>Save</button></div>"
    >>> [element.tag for element in find_preference_centers(parse_html("<p>We keep logs.</p>" * 9 + choice, "page"))]
    []
    >>> policy = "<p>We keep the logs of our servers for a month, and then we delete them.</p>" * 20
    >>> [element.tag for element in find_preference_centers(parse_html(policy + choice, "page"))]
    ['div']
    """
    candidates = [
        element
        for element in body.subtree()[1:]
        if element.attributes and element.prose_words >= MIN_CENTER_PROSE_WORDS
    ]
    # the centers that managers name, then those that are built like one and contain none of the former
    by_name = outermost(element for element in candidates if _is_named_center(element, body))
    numbers = [element.number for element in by_name]
    rest = [element for element in candidates if not overlaps(element, by_name, numbers)]
    is_any_large = any(element.words > MAX_CENTER_SHARE * body.words and lies_over(element) for element in rest)
    lists = [element for element in body.subtree() if is_vendor_list(element)] if is_any_large else []
    by_structure = outermost(element for element in rest if _is_built_like_center(element, body, lists))
    if body.prose_words - sum(center.prose_words for center in by_name + by_structure) < MIN_CENTER_PROSE_WORDS:
        return by_name
    return sorted(by_name + by_structure, key=lambda element: element.number)


def is_center_extra(element: Element) -> bool:
    """Whether an element of a center is an empty list or the buttons at its end."""
    return element.prose_words == 0 and _CENTER_EXTRA.search(element.names) is not None


def is_center_button(element: Element) -> bool:
    """Whether an element of a center is a button without effect on what there is to read, such as "Accept all" or "Close"."""
    says_so = element.tag == "button" or element.role == "button" or element.tag == "a"
    if not says_so or element.words > MAX_BUTTON_WORDS or any(name in element.attributes for name in OPENERS):
        return False
    return not is_word_of_sentence(element) and element.has_match(_CENTER_BUTTON)


def is_vendor_list(element: Element) -> bool:
    """Whether an element of a center lists all vendors or all cookies, one by one."""
    if element.words <= MAX_ENTRIES or element.tag in _PARTS_OF_TABLES:
        return False
    if element.words > MAX_VENDOR_WORDS and element.attributes and _VENDORS.search(element.names):
        return True
    if element.tag == "table" and not element.tables:
        return sum(1 for inner in element.subtree() if inner.tag == "tr" and inner.words) > MAX_ENTRIES
    if len(element.children) <= MAX_ENTRIES:
        return False
    return sum(1 for entry in element.elements if entry.words and entry.tag not in INLINE) > MAX_ENTRIES


def _words_without(element: Element, lists: Sequence[Element]) -> int:
    """Return the number of words in an element without those in some lists, which are in document order."""
    if not lists:
        return element.words
    first = bisect_right(lists, element.number, key=lambda each: each.number)
    inside = takewhile(element.contains, lists[first:])
    return element.words - sum(each.words for each in outermost(inside))


def _is_named_center(element: Element, body: Element) -> bool:
    """Whether an element has the name of a center, and people choose something in it."""
    if element.controls < 2 or not mentions_cookies(element):
        return False
    if _MANAGER_CENTER.search(element.names):
        return True
    is_small = element.words <= MAX_CENTER_SHARE * body.words
    return (is_small or lies_over(element)) and _CENTER.search(element.names) is not None


def _is_built_like_center(element: Element, body: Element, lists: Sequence[Element]) -> bool:
    """Whether an element is apart from the page or named after consent, speaks of cookies alone, and decides."""
    if MAX_WORDS_PER_MENTION * element.count_matches(_MENTION) < element.prose_words:
        return False
    if not mentions_cookies(element) or _EMBEDDED_POLICY.search(element.names):
        return False
    is_over = lies_over(element)
    is_named = _CONSENT.search(element.names) is not None or _COOKIE_NAME.search(element.names) is not None
    is_window = is_over and is_named
    if not (is_over or is_named or element.depth <= MAX_OUTER_DEPTH):
        return False
    if not is_window and _words_without(element, lists if is_over else ()) > MAX_CENTER_SHARE * body.words:
        return False
    if element.linked_words >= MAX_CENTER_LINK_SHARE * element.words or element.find(_TITLE, _POLICY) is not None:
        return False
    if element.flags & IN_ARTICLE and not is_over:  # a section of the policy
        return False
    return is_window or _decides(element)
