"""What surely is not the policy on a page becomes known, with a reason: menus, banners, footers and the like.

Extractors that look for the main text lose what they take for clutter: lists, tables, panels that open. So here everything is
kept but what says of itself that it is something else, by its tag, its role or its name, *and* is built like it: a menu is
links, a banner has buttons, and none of them holds a large share of the page. What is left out is counted by reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from classifier.readers.tree import Element

NAVIGATION, BANNER, HEADER, FOOTER = "menus", "consent banners", "page headers", "page footers"
BESIDE, DIALOG, FORM, SPOKEN, AROUND = (
    "boxes beside the text",
    "dialogs",
    "forms",
    "text for screen readers",
    "what stands around",
)

LINKS = 0.6
"""A menu has at least this share of its words in links."""
LARGE = 0.35
"""What holds so much of the page's words is no clutter, whatever it is called."""
ALL_PROSE = 0.9
"""The policy stands in the innermost element with so much of the prose that is left."""
_ARTICLE = ("main", "article")
_CONTAINERS = frozenset("body div main article section form center table tbody tr td span".split())


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
    "share.*", "addtoany.*", "addthis.*", "social", "subscribe", "comments?", "sidebar", "advert.*", "ads?", "promo",
    "search", "widget area", "popular", "trending", "feedback",
)  # fmt: skip
_ELSEWHERE = _named(
    "related", "recommended", "newsletter", "comments", "testimonials?", "read next", "more articles", "disqus.*"
)
_HIDDEN = _named(
    "sr only", "visually ?hidden", "screen reader text", "screen reader", "assistive text", "u hidden visually"
)
_COOKIE = re.compile(r" (?:cookie|consent)")
_FIXED = re.compile(r"position\s*:\s*(?:fixed|sticky)", re.IGNORECASE)
_CONSENT_WORDS = re.compile(
    r"\bcookies?\b.*\b(?:accept|agree|allow|decline|dismiss|got it|ok(?:ay)?|close|consent|continue|by using)\b",
    re.IGNORECASE | re.DOTALL,
)
_TITLE = re.compile(r"\b(?:privacy|polic(?:y|ies)|notice|statement|data protection|gdpr|ccpa)\b", re.IGNORECASE)
_NAVIGATION_ROLES = frozenset(("navigation", "menu", "menubar", "search", "toolbar", "tree"))


def left_out(body: Element) -> dict[Element, str]:
    """Say which elements are surely not of the policy, and why; what stands in them is not named again."""
    found: dict[Element, str] = {}
    for element in _outside(body, found):
        if is_contents(element):
            continue
        reason = next((reason for reason, rule in _RULES if rule(element, body)), "")
        if reason:
            found[element] = reason
    more = True
    while more:  # without what was left out the policy may be found further inside
        more = False
        for beside in _beside_root(body, found):
            if not _may_belong(beside):
                asks = _CONSENT_WORDS.search(_words(beside)) is not None
                found[beside] = NAVIGATION if _is_linked(beside) else BANNER if asks else AROUND
                more = True
    return found


def _beside_root(body: Element, found: dict[Element, str]) -> list[Element]:
    """List what stands beside the element that holds the policy, and beside those around it, and is not yet left out."""
    inside, beside = _root(body, found), []
    gone = _gone(found, "words")
    while inside.parent is not None:
        others = [element for element in inside.parent.elements if element is not inside and element not in found]
        beside += [element for element in others if element.words > gone.get(element, 0)]
        inside = inside.parent
    return beside


def _outside(body: Element, found: dict[Element, str]) -> Iterator[Element]:
    """List the elements in order; not what stands in one that was found in the meantime."""
    stack = list(body.elements)[::-1]
    while stack:
        element = stack.pop()
        if not element.words:
            continue
        yield element
        if element not in found:
            stack.extend(reversed(list(element.elements)))


# --- rules -------------------------------------------------------------------------------------------------------------


def _share(element: Element, body: Element) -> float:
    return element.words / max(1, body.words)


def _is_linked(element: Element) -> bool:
    return element.linked >= LINKS * element.words


def _in_article(element: Element) -> bool:
    return any(above.tag in _ARTICLE or above.role == "article" for above in element.ancestors)


def is_contents(element: Element) -> bool:
    """Whether an element lists the sections of the page itself."""
    return element.jumps >= LINKS * element.words and sum(_link_count(element)) >= 3


def _link_count(element: Element) -> Iterator[int]:
    return (1 for inner in element.inside() if inner.tag == "a")


def _navigation(element: Element, body: Element) -> bool:
    if _share(element, body) > LARGE:
        return False
    if element.tag == "nav" or element.role in _NAVIGATION_ROLES:
        return True
    named = _MENU.search(element.names) is not None
    # links from the top of the page into it are for those who cannot see it
    return named and _is_linked(element)


def _skip(element: Element, body: Element) -> bool:
    is_jump = element.tag == "a" and element.jumps == element.words <= 8 and body is not element
    return is_jump and "skip" in _words(element).lower()


def _words(element: Element) -> str:
    return " ".join(child for inner in element.inside() for child in inner.children if isinstance(child, str))


def _banner(element: Element, body: Element) -> bool:
    small = element.words < 80 and body is not element
    if small and (
        _FIXED.search(element.attributes.get("style", "")) or (_COOKIE.search(element.names) and element.controls)
    ):
        return True
    if not _CONSENT.search(element.names):
        return False
    outer = sum(1 for _ in element.ancestors) <= 3
    return _share(element, body) <= LARGE and (element.controls > 0 or outer or element.role.endswith("dialog"))


def _dialog(element: Element, body: Element) -> bool:
    is_one = (
        element.tag == "dialog" or element.role.endswith("dialog") or element.attributes.get("aria-modal") == "true"
    )
    named = _DIALOG.search(element.names) is not None and element.controls > 0
    return (is_one or named) and _share(element, body) <= LARGE and not _in_article(element)


def _header(element: Element, body: Element) -> bool:
    is_one = element.tag == "header" or element.role == "banner" or _HEADER.search(element.names) is not None
    if not is_one or _share(element, body) > LARGE or (element.tag != "header" and element.prose > 40):
        return False
    menu = any(inner.tag == "nav" or inner.role == "navigation" for inner in element.inside())
    return (menu or element.linked >= 0.5 * element.words) and not _has_title(element)


def _footer(element: Element, body: Element) -> bool:
    if _share(element, body) > LARGE:
        return False
    if element.tag == "footer" or element.role == "contentinfo":
        return not _in_article(element) or element.linked >= 0.5 * element.words
    named = _FOOTER.search(element.names) is not None
    return named and element.tag not in ("tfoot", "p", "li") and not _in_article(element)


def _beside(element: Element, body: Element) -> bool:
    if _share(element, body) > LARGE:
        return False
    linked = element.linked >= 0.4 * element.words
    if element.tag == "aside" or element.role == "complementary":
        return linked or not _in_article(element)
    if _ELSEWHERE.search(element.names) and not _in_article(element):
        return True
    return _BESIDE.search(element.names) is not None and (linked or (element.controls > 0 and element.words < 80))


def _form(element: Element, body: Element) -> bool:
    return element.tag == "form" and element.controls > 0 and element.words < 80 and _share(element, body) < LARGE


def _spoken(element: Element, body: Element) -> bool:
    return (
        _HIDDEN.search(element.names) is not None
        and element.words <= 20
        and not element.tag.startswith("h")
        and body is not element
    )


def _ornament(element: Element, body: Element) -> bool:
    hidden = element.attributes.get("aria-hidden") == "true" and body is not element
    return hidden and element.words == 1 and not any(map(str.isalnum, _words(element)))


_RULES: tuple[tuple[str, Callable[[Element, Element], bool]], ...] = (
    (SPOKEN, _spoken),
    (NAVIGATION, _skip),
    (BANNER, _banner),
    (NAVIGATION, _navigation),
    (HEADER, _header),
    (FOOTER, _footer),
    (DIALOG, _dialog),
    (BESIDE, _beside),
    (FORM, _form),
    (SPOKEN, _ornament),
)


# --- where the policy stands -----------------------------------------------------------------------------------------


def _root(body: Element, found: dict[Element, str]) -> Element:
    """Find the innermost element that holds nearly all prose of what is left."""
    gone = _gone(found, "prose")

    def prose(element: Element) -> int:
        return 0 if element in found else element.prose - gone.get(element, 0)

    root, whole = body, prose(body)
    while True:
        best = max(root.elements, key=prose, default=None)
        if best is None or not (best.tag in _CONTAINERS or "-" in best.tag) or prose(best) < ALL_PROSE * max(1, whole):
            return root
        root = best


def _gone(found: dict[Element, str], what: str) -> dict[Element, int]:
    """Count what was left out within each element."""
    gone: dict[Element, int] = {}
    for element in found:
        for above in element.ancestors:
            gone[above] = gone.get(above, 0) + getattr(element, what)
    return gone


def _has_title(element: Element) -> bool:
    """Whether the heading of the page stands in an element, rather than the name of the site."""
    return any(inner.tag == "h1" and _TITLE.search(_words(inner)) for inner in element.inside())


def _may_belong(element: Element) -> bool:
    """Whether something beside the policy could be of it: prose that asks for no consent, or the page's title."""
    words = _words(element)
    if element.prose >= 10 and not _is_linked(element):
        asks = element.words < 80 and (
            _CONSENT_WORDS.search(words) or (element.controls > 0 and "cookie" in words.lower())
        )
        return not asks and (element.controls == 0 or element.words >= 40)
    if "@" in words:
        return True
    is_title = element.words <= 20 and element.linked <= 0.3 * element.words and "©" not in words
    return (is_title and _TITLE.search(words) is not None) or _has_title(element)
