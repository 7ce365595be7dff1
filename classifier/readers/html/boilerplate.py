"""What surely is not the policy on a page becomes known, with a reason: menus, banners, footers and the like.

Extractors that look for the main text lose what they take for clutter: lists, tables, panels that open. So here everything is
kept but what says of itself that it is something else, by its tag, its role or its name, *and* is built like it: a menu is
links, a banner has buttons; none of them holds a large share of the page, and none has a heading over text as policies have.
What is left out is counted by reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from classifier.readers.html import tables
from classifier.readers.html.dom import HEADINGS, IN_ARTICLE, IN_HEADING, IN_SECTION, INLINE, OPENERS, Element

NAVIGATION, BANNER, HEADER, FOOTER = "menus", "consent banners", "page headers", "page footers"
BESIDE, DIALOG, FORM, BUTTON = "boxes beside the text", "dialogs", "forms", "buttons"
SPOKEN, SCRIPTLESS, AROUND = "text for screen readers", "text for browsers without scripts", "what stands around"

LINKS = 0.6
"""A menu has at least this share of its words in links."""
LARGE = 0.35
"""What holds so much of the page's words is no clutter, whatever it is called."""
ALL_PROSE = 0.9
"""The policy stands in the innermost element with so much of the prose that is left."""
SMALL = 80
"""Words that a notice or a form has at most."""
_CONTAINERS = frozenset("body div main article section form center table tbody tr td span".split())
_NAVIGATION_ROLES = frozenset(("navigation", "menu", "menubar", "search", "toolbar", "tree"))


def _named(*words: str) -> re.Pattern[str]:
    return re.compile(rf" (?:{'|'.join(words)}) ")


_MENU = _named(
    "nav", "navbar", "navigation", "menu", "menus", "megamenu", "submenu", "dropdown", "breadcrumbs?", "pagination",
    "pager", "sitemap", "skip", "skiplinks?", "skip link", "subnav", "topbar", "lang(?:uage)?s?", "off ?canvas", "tabs",
)  # fmt: skip
_CONSENT = _named(
    "onetrust.*", "ot sdk.*", "optanon.*", "truste.*", "cookiebot.*", "cybot.*", "didomi.*", "usercentrics.*", "osano.*",
    "quantcast.*", "qc cmp.*", "cc window", "ccc", "iubenda cs.*", "termly.*", "cookieyes.*", "cky.*", "cmplz.*",
    "moove gdpr.*", "evidon.*", "cookielaw.*", "cookiealert", "cookieconsent", "cookienotice", "cookiebar", "cookiebanner",
    "(?:cookies?|consent|gdpr|ccpa|privacy)(?: \\w+)? (?:banner|notice|bar|popup|pop up|modal|overlay|dialog|consent|wall|"
    "alert|message|prompt|settings|preferences|learn|widget|disclaimer|container|wrapper|root|law|manager|center)",
)  # fmt: skip
_DIALOG = _named(
    "modal", "popup", "pop up", "overlay", "lightbox", "dialog", "drawer", "login", "sign ?in", "signup", "acsb.*"
)
_HEADER = _named("header", "masthead", "top bar", "banner", "promo")
_FOOTER = _named("footer", "foot", "colophon", "copyright", "footer.*")
_BESIDE = _named(
    "share", "sharedaddy", "share buttons?", "sharing buttons?", "addtoany.*", "addthis.*", "social", "subscribe",
    "comments?", "sidebar", "advert.*", "ads?", "promo", "search", "widget area", "popular", "trending", "feedback",
)  # fmt: skip
_ELSEWHERE = _named(
    "related", "recommended", "newsletter", "comments", "testimonials?", "read next", "more articles", "disqus.*"
)
_HIDDEN = _named(
    "sr only", "visually ?hidden", "screen reader text", "screen reader", "assistive text", "u hidden visually"
)
_PANEL = _named("accordion.*", "collaps.*", "panel", "toggle", "faq", "question", "expand.*", "content")
_COOKIE = re.compile(r" (?:cookie|consent)")
_FIXED = re.compile(r"position\s*:\s*fixed", re.IGNORECASE)
_COOKIES = re.compile(r"\bcookies?\b", re.IGNORECASE)
_CONSENT_WORDS = re.compile(
    r"\b(?:accept|agree|allow|decline|dismiss|got it|ok(?:ay)?|close|consent|continue|by using)\b", re.IGNORECASE
)
_COOKIE_ANYWHERE = re.compile("cookie", re.IGNORECASE)
_LETTER = re.compile(r"[^\W_]")
_SKIP = re.compile("skip", re.IGNORECASE)
_AT, _COPYRIGHT = re.compile("@"), re.compile("©")
_H1 = re.compile("h1")
_SENTENCE = re.compile(r"\w[.:;!?](?:\s|$)")
_TITLE = re.compile(r"\b(?:privacy|polic(?:y|ies)|notice|statement|data protection|gdpr|ccpa)\b", re.IGNORECASE)
_OF_POLICY = re.compile(
    r"\b(?:personal (?:data|information)|privacy|data protection|retain|retention|cookies?|your (?:data|information|rights)|"
    r"we (?:collect|use|share|keep|process)|you may)\b",
    re.IGNORECASE,
)


def left_out(body: Element) -> dict[Element, str]:
    """Say which elements are surely not of the policy, and why; what stands in them is not named again."""
    found: dict[Element, str] = {}
    for element in _outside(body, found):
        if is_contents(element):
            continue
        reason = next((reason for reason, rule in _RULES if rule(element)), "")
        if reason and element.words <= LARGE * body.words:
            found[element] = reason
    _leave_out_beside(body, found)
    return found


def _leave_out_beside(body: Element, found: dict[Element, str]) -> None:
    """Leave out what is around the policy and does not belong to it; without it the policy may be found further inside."""
    gone = _gone(body, found)
    prose = body.prose - gone.get(body, (0, 0))[1]
    outer = body
    while True:
        root = _root(outer, prose, found, gone)
        inside, more = root, False
        while inside is not outer and inside.parent is not None:
            for beside in inside.parent.elements:
                if beside is inside or beside in found or beside.words <= gone.get(beside, (0, 0))[0]:
                    continue
                if (beside.following is inside and _heads(beside)) or _may_belong(beside):
                    continue
                found[beside] = NAVIGATION if _is_linked(beside) else BANNER if _asks(beside) else AROUND
                prose -= beside.prose - gone.get(beside, (0, 0))[1]
                more = True
            inside = inside.parent
        if not more:
            return
        outer = root


def _outside(body: Element, found: dict[Element, str]) -> Iterator[Element]:
    """List the elements in order; not what stands in one that was found in the meantime."""
    stack = list(body.elements)[::-1]
    while stack:
        element = stack.pop()
        if not element.words:
            continue
        yield element
        if element not in found:
            stack.extend(child for child in reversed(element.children) if isinstance(child, Element))


# --- rules -------------------------------------------------------------------------------------------------------------


def is_contents(element: Element) -> bool:
    """Whether an element lists the sections of the page itself."""
    return element.links >= 3 and element.jumps >= LINKS * element.words


def opens(element: Element) -> bool:
    """Whether an element opens a part of the page: it says so, or it is a button that stands over text."""
    if element.tag not in ("button", "a", "div", "span", "p") or element.role == "tab":
        return False
    if any(name in element.attributes for name in OPENERS):
        return True
    return element.tag == "button" and ("aria-controls" in element.attributes or _is_over_text(element))


def _is_over_text(element: Element) -> bool:
    after = element.following
    if after is None or after.tag in INLINE or after.tag == "button" or not after.words:
        return False
    closed = "hidden" in after.attributes or "none" in after.attributes.get("style", "")
    return closed or any(_PANEL.search(each.names) for each in (element, after))


def _is_linked(element: Element) -> bool:
    return element.linked >= LINKS * element.words


def _in_article(element: Element) -> bool:
    return bool(element.above & IN_ARTICLE)


def _has_heading(element: Element) -> bool:
    return element.headings > 0 or element.tag in HEADINGS


def _speaks(element: Element) -> bool:
    """Whether an element has a heading of its own and text on what policies are about, as a part of one has."""
    if element.prose < 8 or element.linked >= 0.4 * element.words or not _has_heading(element):
        return False
    return element.has(_OF_POLICY)


def _asks(element: Element) -> bool:
    """Whether an element names cookies, and then asks to consent to them."""
    named = next(element.matches(_COOKIES), None)
    return named is not None and next(element.matches(_CONSENT_WORDS, named), None) is not None


def _navigation(element: Element) -> bool:
    if element.tag == "nav" or element.role in _NAVIGATION_ROLES:
        return True
    return _MENU.search(element.names) is not None and _is_linked(element)


def _skip(element: Element) -> bool:
    """Whether an element is a link into the page for those who cannot see it."""
    return element.tag == "a" and element.jumps == element.words <= 8 and element.has(_SKIP)


def _banner(element: Element) -> bool:
    floats = _FIXED.search(element.attributes.get("style", "")) is not None
    if floats and element.words < SMALL:
        return True
    if element.words < SMALL and element.controls and _COOKIE.search(element.names) and not _has_heading(element):
        return True
    if not _CONSENT.search(element.names):
        return False
    return element.controls > 0 or element.role.endswith("dialog") or floats or not _has_heading(element)


def _dialog(element: Element) -> bool:
    says = element.tag == "dialog" or element.role.endswith("dialog") or element.attributes.get("aria-modal") == "true"
    named = element.controls > 0 and _DIALOG.search(element.names) is not None
    return (says or named) and not _in_article(element)


def _header(element: Element) -> bool:
    says = element.tag == "header" or element.role == "banner"
    if not says and (element.prose > 40 or not _HEADER.search(element.names) or _has_heading(element)):
        return False
    if element.above & IN_SECTION:  # of a part of the page
        return False
    return (element.menus > 0 or element.linked - element.jumps >= 0.5 * element.words) and not _has_title(element)


def _footer(element: Element) -> bool:
    if element.tag == "footer" or element.role == "contentinfo":
        return (element.linked >= 0.5 * element.words or not _in_article(element)) and not _speaks(element)
    named = element.tag not in ("tfoot", "p", "li") and _FOOTER.search(element.names) is not None
    return named and not _in_article(element) and not _speaks(element)


def _beside(element: Element) -> bool:
    linked = element.linked >= 0.4 * element.words
    if element.tag == "aside" or element.role == "complementary":
        return (linked or not _in_article(element)) and not _speaks(element)
    if _ELSEWHERE.search(element.names):
        leads_away = element.linked >= 0.2 * element.words or element.controls > 0
        return not _in_article(element) and (leads_away or not _speaks(element))
    small = element.controls > 0 and element.words < SMALL
    return (linked or small) and _BESIDE.search(element.names) is not None and not _speaks(element)


def _form(element: Element) -> bool:
    if element.tag == "textarea":
        return element.prose < 40
    return element.tag == "form" and element.controls > 0 and element.words < SMALL and not _speaks(element)


def _scriptless(element: Element) -> bool:
    return element.tag == "noscript"


def _button(element: Element) -> bool:
    """Whether an element is a button that opens nothing and titles nothing."""
    if element.tag != "button" or element.words > 6 or opens(element):
        return False
    if any(child.tag not in INLINE for child in element.elements):  # never closed, and so around what follows
        return False
    if element.parent is not None and element.parent.has_bare_words:  # a word of a sentence
        return False
    return not element.above & IN_HEADING


def _spoken(element: Element) -> bool:
    named = element.words <= 20 and not element.tag.startswith("h") and _HIDDEN.search(element.names) is not None
    ornament = element.words == 1 and element.attributes.get("aria-hidden") == "true"
    return named or (ornament and not element.has(_LETTER))


_RULES: tuple[tuple[str, Callable[[Element], bool]], ...] = (
    (SPOKEN, _spoken),
    (NAVIGATION, _skip),
    (BANNER, _banner),
    (NAVIGATION, _navigation),
    (HEADER, _header),
    (FOOTER, _footer),
    (DIALOG, _dialog),
    (BESIDE, _beside),
    (FORM, _form),
    (SCRIPTLESS, _scriptless),
    (BUTTON, _button),
)


# --- where the policy stands -----------------------------------------------------------------------------------------


def _root(outer: Element, whole: int, found: dict[Element, str], gone: dict[Element, tuple[int, int]]) -> Element:
    """Find the innermost element that holds nearly all prose of what is left, which is `whole` words."""

    def prose(element: Element) -> int:
        return 0 if element in found else element.prose - gone.get(element, (0, 0))[1]

    root = outer
    while True:
        best = max(root.elements, key=prose, default=None)
        if best is None or prose(best) < ALL_PROSE * max(1, whole):
            return root
        is_container = best.tag in _CONTAINERS or "-" in best.tag
        if not is_container or (best.tag == "table" and tables.is_data(best)):
            return root
        root = best


def _heads(element: Element) -> bool:
    """Whether an element is the heading of what follows it, or opens it."""
    return element.tag in HEADINGS or element.role in ("heading", "tab") or opens(element)


def _gone(body: Element, found: dict[Element, str]) -> dict[Element, tuple[int, int]]:
    """Count the words left out within each element, and those of them in runs of prose."""
    gone: dict[Element, tuple[int, int]] = {}
    for element in reversed(body.inside()[1:]) if found else ():
        words, prose = (element.words, element.prose) if element in found else gone.get(element, (0, 0))
        if words and element.parent is not None:
            before = gone.get(element.parent, (0, 0))
            gone[element.parent] = (before[0] + words, before[1] + prose)
    return gone


def _has_title(element: Element) -> bool:
    """Whether the heading of the page stands in an element, rather than the name of the site."""
    return _has_heading(element) and element.first(_H1, _TITLE) is not None


def _may_belong(element: Element) -> bool:
    """Whether something beside the policy could be of it: anything but links, what asks for consent, forms, bare words."""
    if element.linked - element.jumps >= 0.5 * element.words:
        return element.has(_AT) or _has_title(element)
    small = element.words < SMALL
    if small and (_asks(element) or (element.controls > 0 and element.has(_COOKIE_ANYWHERE))):
        return False
    if (element.controls > 0 and element.words < 40) or (element.words < 30 and element.has(_COPYRIGHT)):
        return False
    if element.prose > 0 or _has_heading(element) or element.has(_AT):
        return True
    if any(inner.tag == "li" or (inner.tag == "table" and tables.is_data(inner)) for inner in element.inside()):
        return True
    return element.has(_SENTENCE) or (element.words <= 20 and element.has(_TITLE))
