"""Find boilerplate on a page, such as menus, consent banners and footers, and the reason why it is not policy text.

Extractors that look for the main text lose lists, tables and panels, which they take for clutter. So an element is removed
only if its tag, role or name says that it is boilerplate and, for most kinds, if it is also built like it: a menu consists of
links, a banner has buttons. Elements that hold a large share of the page stay, and so does prose on topics of policies,
whatever it is in. At the end, elements next to the policy are removed if they cannot belong to it. The reader counts removed
words by reason.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from classifier.readers.html import consent, tables
from classifier.readers.html.consent import MAX_NOTICE_WORDS, named
from classifier.readers.html.dom import (
    HEADINGS,
    IN_ARTICLE,
    IN_HEADING,
    IN_SECTION,
    INLINE,
    MIN_PROSE_WORDS,
    OPENERS,
    POLICY_TOPIC,
    Element,
)

NAVIGATION, BANNER, HEADER, FOOTER = "menus", "consent banners", "page headers", "page footers"
FRAME, VENDORS = "frames", "lists of vendors"
SIDEBAR, DIALOG, FORM, BUTTON = "sidebars and widgets", "dialogs", "forms", "buttons"
SCREEN_READER, NOSCRIPT, SURROUNDINGS = (
    "text for screen readers",
    "text for browsers without scripts",
    "surrounding text",
)

NAVIGATION_LINK_SHARE = 0.6
"""Least share of words in links, in a menu or a table of contents."""
HEADER_LINK_SHARE = 0.5
"""Least share of words in links, in a page header or footer."""
SIDEBAR_LINK_SHARE = 0.4
"""Least share of words in links, in a sidebar; text with more is not policy text."""
MAX_WORD_SHARE = 0.35
"""Boilerplate holds at most this share of the page's words, whatever its name."""
MIN_MENU_LINKS = 5
"""Links in a menu that has text besides."""
MIN_MENTIONS = 5
"""Times that the policy on a page mentions the data of people, at least, for what does not to be none of it."""
MIN_FIELDS, MAX_LABEL_WORDS = 10, 10
"""Fields of a form with nothing but fields and their labels, at least, and words for each, at most."""
MIN_ACCESSIBILITY_SETTINGS = 4
"""Kinds of settings in the dialog of an accessibility widget, at least."""
MIN_SECTION_WORDS, MAX_SECTION_LINK_SHARE = 40, 0.1
"""Words in prose of a section of the policy that has no heading, at least, and share of its words in links, at most."""
MIN_TEXT_SHARE = 0.5
"""Share of the words in prose from which on an element named a menu is none."""
MIN_REMOVED_WORDS, MIN_REMOVED_SHARE = 20, 0.6
"""Words of boilerplate in an element, and their share, from which on the rest of it is taken for boilerplate too."""
MAX_REST_SHARE = 0.1
"""Share of the prose of the page in such a rest, at most."""
MIN_PROSE_SHARE = 0.9
"""The root of the policy is the innermost element with at least this share of the prose."""
_CONTAINERS = frozenset("body div main article section form center table tbody tr td span iframe".split())
_JUDGED_TAGS = frozenset("nav header footer aside dialog form textarea noscript iframe button".split())
"""Elements that are judged by their tags; others only if they have attributes."""
_NAVIGATION_ROLES = frozenset(("navigation", "menu", "menubar", "search", "toolbar", "tree"))


_MENU = named(
    "nav", "navbar", "navigation", "menu", "menus", "megamenu", "submenu", "dropdown", "breadcrumbs?", "pagination",
    "pager", "sitemap", "skip", "skiplinks?", "skip link", "subnav", "topbar", "lang(?:uage)?s?", "off ?canvas", "tabs",
)  # fmt: skip
_DIALOG = named(
    "modal", "popup", "pop up", "overlay", "lightbox", "dialog", "drawer", "login", "sign ?in", "signup", "acsb.*"
)
_DIALOG_PART = named("(?:modal|popup|pop up|dialog|drawer|lightbox) (?:header|title|body|content|text|footer|inner)")
_TOOLTIP = named("tooltip.*", "popover.*", "qtip.*")
_ACCESSIBILITY_TOOLS = ("acsb.*", "userway.*", "uwy.*", "audioeye.*", "equalweb.*", "indmenu.*")
_ACCESSIBILITY_TOOL = named(*_ACCESSIBILITY_TOOLS)
_ACCESSIBILITY_WIDGET = named(*_ACCESSIBILITY_TOOLS, "accessib(?:ility|le).*", "a11y.*")
_ACCESSIBILITY = re.compile("contrast|screen[- ]?reader")
_ACCESSIBILITY_SETTINGS = tuple(
    re.compile(words)
    for words in (
        "contrast", r"(?:font|text|content) (?:siz|scal)|(?:bigger|larger?) text", r"screen[- ]?reader", "dyslexi",
        r"highlight (?:links|titles|hover)", "cursor", r"(?:line|letter|text) (?:height|spacing)", "saturation|monochrome",
        "seizure|epilep", r"keyboard navigation", r"(?:reading|text) (?:guide|mask|magnif)", r"stop animations|mute sounds",
    )
)  # fmt: skip
"""What people adjust in the dialogs of accessibility widgets."""
_HEADER = named("header", "masthead", "top bar", "banner", "promo")
_FOOTER = named("footer", "foot", "colophon", "copyright", "footer.*")
_SIDEBAR = named(
    "share", "sharedaddy", "share buttons?", "sharing buttons?", "addtoany.*", "addthis.*", "social", "subscribe",
    "comments?", "sidebar", "advert.*", "ads?", "promo", "search", "widget area", "popular", "trending", "feedback",
    "chat", "live ?chat.*", "chat (?:bot|widget|window|box|container)", "intercom.*", "drift.*", "tawk.*", "zopim.*",
    "crisp client.*", "helpcrunch.*", "hubspot messages.*", "lhc status.*", "messenger",
)  # fmt: skip
_ELSEWHERE = named(
    "related(?: \\w+)?", "recommended(?: \\w+)?", "newsletter.*", "latest (?:news|posts|articles)",
    "you may (?:also )?like", "comments", "testimonials?", "read next", "more articles", "disqus.*",
)  # fmt: skip
_HIDDEN = named(
    "sr only", "visually ?hidden", "screen reader text", "screen reader", "assistive text", "u hidden visually"
)
_PANEL = named("accordion.*", "collaps.*", "panel", "toggle", "faq", "question", "expand.*", "content")
_LETTER = re.compile(r"[^\W_]")
_SKIP = re.compile("skip")
_AT, _COPYRIGHT = re.compile("@"), re.compile("©")
_H1, _HEADING = re.compile("h1"), re.compile("h[1-4]")
_SENTENCE = re.compile(r"\w[.:;!?](?:\s|$)")
_TITLE = re.compile(r"(?:privacy|polic(?:y|ies)|notice|statement|data protection|gdpr|ccpa)\b")
_PERSONAL_DATA = re.compile(
    r"(?:personal (?:data|information)|your (?:data|information|rights)|privacy (?:officer|practices|team|rights))\b"
)
_REQUEST = re.compile(
    r"(?:your (?:privacy )?rights|do not sell|privacy (?:law|requests?|rights)|opt[- ]out request|"
    r"data (?:subject|requests?)|consumer (?:requests?|rights))\b"
)
"""The topics of forms in which people exercise their rights; those of newsletters speak of the policy at most."""


def find_boilerplate(body: Element, centers: Sequence[Element] = ()) -> dict[Element, str]:
    """Return the elements that are certainly not policy text, with the reason; elements inside them are not listed.

    Parameters
    ----------
    body
        The body of a page, from `dom.parse_html`.
    centers
        Its preference centers, from `find_preference_centers`, which are kept.

    Returns
    -------
    dict of Element to str
        The reason is a kind of boilerplate as output names it, such as "menus".

    Examples
    --------
    >>> from classifier.readers.html.dom import parse_html
    >>> body = parse_html("<nav><a href=/>Home</a></nav><h1>Privacy Policy</h1><p>We keep logs for a month.</p>", "page")
    >>> [(element.tag, reason) for element, reason in find_boilerplate(body).items()]
    [('nav', 'menus')]
    """
    # centers are not a part of the policy while its surroundings are judged
    removed: dict[Element, str] = dict.fromkeys(centers, BANNER)
    numbers = [center.number for center in centers]
    for element in _not_removed(body, removed):
        if not element.attributes and element.tag not in _JUDGED_TAGS:  # no name or role to judge by
            continue
        if is_table_of_contents(element) or _contains_any(element, numbers):
            continue
        reason = next((reason for reason, is_boilerplate in _RULES if is_boilerplate(element)), "")
        if reason and (element.words <= MAX_WORD_SHARE * body.words or _may_be_large(element)):
            removed[element] = reason
    _remove_rests(body, removed, numbers)
    _remove_surroundings(body, removed, numbers)
    for center in centers:
        del removed[center]
        for element in _not_removed(center, removed):
            reason = next((reason for reason, is_boilerplate in _RULES_IN_CENTER if is_boilerplate(element)), "")
            if reason:
                removed[element] = reason
    return removed


def _contains_any(element: Element, numbers: list[int]) -> bool:
    """Whether an element contains one of those with these numbers, which are sorted."""
    at = bisect_left(numbers, element.number)
    return at < len(numbers) and numbers[at] <= element.last_number


def _not_removed(body: Element, removed: dict[Element, str]) -> Iterator[Element]:
    """Yield the elements with words in order; skip the inside of an element that the caller removes meanwhile."""
    stack = list(body.elements)[::-1]
    while stack:
        element = stack.pop()
        if not element.words:
            continue
        yield element
        if element not in removed:
            stack.extend(child for child in reversed(element.children) if isinstance(child, Element))


# --- features ----------------------------------------------------------------------------------------------------------


def is_table_of_contents(element: Element) -> bool:
    """Whether an element lists sections of its own page: at least three links, most words in links into the page."""
    return element.links >= 3 and element.jump_words >= NAVIGATION_LINK_SHARE * element.words


def is_disclosure(element: Element) -> bool:
    """Whether an element opens a part of the page: it says so, or it is a button right above closed text."""
    if element.tag not in ("button", "a", "div", "span", "p") or element.role == "tab":
        return False
    if any(name in element.attributes for name in OPENERS):
        return True
    return element.tag == "button" and ("aria-controls" in element.attributes or _is_above_panel(element))


def _is_above_panel(element: Element) -> bool:
    panel = element.next_element
    if panel is None or panel.tag in INLINE or panel.tag == "button" or not panel.words:
        return False
    is_closed = "hidden" in panel.attributes or "none" in panel.attributes.get("style", "")
    return is_closed or any(_PANEL.search(each.names) for each in (element, panel))


def _is_mostly_links(element: Element) -> bool:
    return element.linked_words >= NAVIGATION_LINK_SHARE * element.words


def _is_beside_policy(element: Element) -> bool:
    """Whether an element does not speak of the data of people, though its page does, again and again."""
    if element.flags & IN_ARTICLE or element.has_match(_PERSONAL_DATA):
        return False
    return element.page.elements[0].count_matches(_PERSONAL_DATA) >= MIN_MENTIONS


def _may_be_large(element: Element) -> bool:
    """Whether boilerplate may hold any share of a page: menus on other topics than the policy, settings of readers."""
    is_menu = element.tag in ("nav", "header") or element.role == "navigation"
    return (is_menu and _is_beside_policy(element)) or _is_accessibility_widget(element)


def _in_article(element: Element) -> bool:
    return bool(element.flags & IN_ARTICLE)


def _has_heading(element: Element) -> bool:
    return element.headings > 0 or element.tag in HEADINGS


def _has_title(element: Element) -> bool:
    """Whether an element holds the title of the policy, rather than the name of the site."""
    return _has_heading(element) and element.find(_H1, _TITLE) is not None


def _is_policy_section(element: Element) -> bool:
    """Whether an element has a heading and prose on a topic of policies, as a section of one has, or much such prose."""
    if element.prose_words < 8 or element.linked_words >= SIDEBAR_LINK_SHARE * element.words:
        return False
    if _has_heading(element):
        return element.has_match(POLICY_TOPIC)
    is_prose = (
        element.prose_words >= MIN_SECTION_WORDS and element.linked_words <= MAX_SECTION_LINK_SHARE * element.words
    )
    return is_prose and element.has_match(_PERSONAL_DATA)


def _is_prose(element: Element) -> bool:
    """Whether an element consists of sentences on a topic of policies, though it may be named a menu."""
    if element.prose_words < max(MIN_PROSE_WORDS, MIN_TEXT_SHARE * element.words):
        return False
    return element.linked_words < SIDEBAR_LINK_SHARE * element.words and element.has_match(POLICY_TOPIC)


# --- rules, in order; the first that applies gives the reason ---------------------------------------------------------


def _is_screen_reader_text(element: Element) -> bool:
    # <span class="sr-only">opens in a new window</span>, <i aria-hidden="true">★</i>
    is_hidden = element.words <= 20 and not element.tag.startswith("h") and _HIDDEN.search(element.names) is not None
    is_ornament = element.words == 1 and element.attributes.get("aria-hidden") == "true"
    return is_hidden or (is_ornament and not element.has_match(_LETTER))


def _is_skip_link(element: Element) -> bool:
    # <a href="#main">Skip to content</a>
    return element.tag == "a" and element.jump_words == element.words <= 8 and element.has_match(_SKIP)


def _is_navigation(element: Element) -> bool:
    # <nav>...</nav>, <div class="main-menu"><a href="/">Home</a> <a href="/shop">Shop</a></div>
    if element.tag == "nav" or element.role in _NAVIGATION_ROLES:
        return not _is_prose(element)
    if _MENU.search(element.names) is None:
        return False
    is_menu_with_text = element.links >= MIN_MENU_LINKS and _is_beside_policy(element) and not _is_prose(element)
    return _is_mostly_links(element) or is_menu_with_text


def _is_header(element: Element) -> bool:
    # <header><img src="logo.png"> <a href="/">Acme</a> <a href="/login">Log in</a></header>
    says_so = element.tag == "header" or element.role == "banner"
    if not says_so and (element.prose_words > 40 or not _HEADER.search(element.names) or _has_heading(element)):
        return False
    if element.flags & IN_SECTION:  # the header of a section
        return False
    leads_away = element.linked_words - element.jump_words >= HEADER_LINK_SHARE * element.words
    return (element.menus > 0 or leads_away) and not _has_title(element) and not _is_prose(element)


def _is_footer(element: Element) -> bool:
    # <footer>© Acme <a href="/terms">Terms</a></footer>; not the footer of an article, which may hold the postal address
    if element.tag == "footer" or element.role == "contentinfo":
        is_linked = element.linked_words >= HEADER_LINK_SHARE * element.words
        return (is_linked or not _in_article(element)) and not _is_policy_section(element)
    is_named = element.tag not in ("tfoot", "p", "li") and _FOOTER.search(element.names) is not None
    return is_named and not _in_article(element) and not _is_policy_section(element)


def _is_accessibility_widget(element: Element) -> bool:
    # <div role="dialog">Adjustments: Contrast, Font Size, Highlight Links</div>, whatever share of a page it holds
    is_window = _says_dialog(element) or element.role in ("region", "complementary") or element.tag == "aside"
    if not is_window:
        return False
    if _says_dialog(element) and _ACCESSIBILITY_WIDGET.search(element.names):
        return True
    if not element.has_match(_ACCESSIBILITY):
        return False
    found = 0
    for setting in _ACCESSIBILITY_SETTINGS:
        found += element.has_match(setting)
        if found == MIN_ACCESSIBILITY_SETTINGS:
            return not element.has_match(_PERSONAL_DATA)
    return False


def _says_dialog(element: Element) -> bool:
    return element.tag == "dialog" or element.role.endswith("dialog") or element.attributes.get("aria-modal") == "true"


def _is_dialog(element: Element) -> bool:
    # <div role="dialog">Join our club! ...</div>, <div class="modal">Log in <input> <button>Go</button></div>
    says_so = _says_dialog(element)
    is_named = element.controls > 0 and _DIALOG.search(element.names) is not None
    if not (says_so or (is_named and not _is_part_of_dialog(element))) or _in_article(element):
        return _is_accessibility_widget(element)
    is_window_of_policy = (
        element.controls <= 2 and element.prose_words >= MIN_SECTION_WORDS and _is_policy_section(element)
    )
    return not is_window_of_policy or _is_accessibility_widget(element)


def _is_part_of_dialog(element: Element) -> bool:
    """Whether an element is the title bar or the content of a dialog, rather than a dialog."""
    return _DIALOG_PART.search(element.names) is not None


def _is_tooltip(element: Element) -> bool:
    # <body>... <div role="tooltip">Prices are those of our dealers.</div></body>, where scripts put what explains their menus
    if element.depth > 2:
        return False
    if element.role == "tooltip" or _TOOLTIP.search(element.names):
        return not element.has_match(POLICY_TOPIC)
    # <div class="acsb-loader">Please wait ...</div>
    return element.words < MAX_NOTICE_WORDS and _ACCESSIBILITY_TOOL.search(element.names) is not None


def _is_sidebar(element: Element) -> bool:
    # <aside><a href="/news">News</a></aside>, <div class="related">Read next: ...</div>, <div class="share-buttons">...</div>
    is_linked = element.linked_words >= SIDEBAR_LINK_SHARE * element.words
    if element.tag == "aside" or element.role == "complementary":
        return (is_linked or not _in_article(element)) and not _is_policy_section(element)
    if _ELSEWHERE.search(element.names):
        leads_away = element.linked_words >= 0.2 * element.words or element.controls > 0
        return not _in_article(element) and (leads_away or not _is_policy_section(element))
    is_widget = element.controls > 0 and element.words < MAX_NOTICE_WORDS
    return (is_linked or is_widget) and _SIDEBAR.search(element.names) is not None and not _is_policy_section(element)


def _is_form(element: Element) -> bool:
    # <form>Your e-mail: <input> <button>Subscribe</button></form>; not a form around the whole page, as ASP.NET writes it
    if element.tag == "textarea":
        return element.prose_words < 40
    if element.tag != "form" or not element.controls or element.has_match(_REQUEST):
        return False
    if element.controls >= MIN_FIELDS and element.words <= MAX_LABEL_WORDS * element.controls:
        return True
    return element.words < MAX_NOTICE_WORDS and not _is_policy_section(element)


def _is_noscript(element: Element) -> bool:
    # <noscript>Please enable JavaScript.</noscript>
    return element.tag == "noscript"


def _is_other_frame(element: Element) -> bool:
    # <iframe srcdoc="<p>Buy now!</p>"></iframe>; not a frame with a policy, or with a part of one
    if element.tag != "iframe":
        return False
    is_linked = element.linked_words >= SIDEBAR_LINK_SHARE * element.words
    return not _is_policy_section(element) and (
        is_linked or element.prose_words < MAX_NOTICE_WORDS or not element.has_match(POLICY_TOPIC)
    )


def _is_plain_button(element: Element) -> bool:
    # <button>Print</button>; not one that opens a panel or titles a section
    if element.tag != "button" or element.words > 6 or is_disclosure(element):
        return False
    if any(child.tag not in INLINE for child in element.elements):  # never closed, so it contains the text after it
        return False
    if element.parent is not None and element.parent.has_bare_words:  # a word of a sentence
        return False
    return not element.flags & IN_HEADING


_RULES: tuple[tuple[str, Callable[[Element], bool]], ...] = (
    (SCREEN_READER, _is_screen_reader_text),
    (NAVIGATION, _is_skip_link),
    (BANNER, consent.is_consent_banner),
    (NAVIGATION, _is_navigation),
    (HEADER, _is_header),
    (FOOTER, _is_footer),
    (DIALOG, _is_dialog),
    (SIDEBAR, _is_sidebar),
    (SIDEBAR, _is_tooltip),
    (FORM, _is_form),
    (NOSCRIPT, _is_noscript),
    (FRAME, _is_other_frame),
    (BUTTON, _is_plain_button),
)
"""Reason and predicate of each kind of boilerplate."""
_RULES_IN_CENTER = (
    *(rule for rule in _RULES if rule[0] in (SCREEN_READER, NOSCRIPT, BUTTON)),
    (BUTTON, consent.is_center_button),
    (BANNER, consent.is_center_extra),
    (VENDORS, consent.is_vendor_list),
)


# --- text around the policy --------------------------------------------------------------------------------------------


def _remove_rests(body: Element, removed: dict[Element, str], centers: list[int]) -> None:
    """Remove elements that are boilerplate for the most part, such as all around a menu that is removed."""
    removed_words = _removed_words(body, removed)
    prose = body.prose_words - removed_words.get(body, (0, 0))[1]
    passed = body.number
    for element in sorted(removed_words, key=lambda element: element.number):
        words, prose_words = removed_words[element]
        if element.number <= passed or words < max(MIN_REMOVED_WORDS, MIN_REMOVED_SHARE * element.words):
            continue
        is_small = element.prose_words - prose_words <= MAX_REST_SHARE * prose
        if is_small and not _contains_any(element, centers) and _may_be_rest_of_boilerplate(element):
            removed[element] = SURROUNDINGS
            passed = element.last_number


def _remove_surroundings(body: Element, removed: dict[Element, str], centers: list[int]) -> None:
    """Remove elements around the root of the policy that do not belong to it, until the root no longer moves inwards.

    Elements that contain a preference center are left; `centers` are their numbers.
    """
    removed_words = _removed_words(body, removed)
    prose = body.prose_words - removed_words.get(body, (0, 0))[1]
    outer = body
    while True:
        root = _policy_root(outer, prose, removed, removed_words)
        # from the root outwards, look at the siblings of each ancestor
        inner, has_changed = root, False
        while inner is not outer and inner.parent is not None:
            for sibling in inner.parent.elements:
                words_before, prose_before = removed_words.get(sibling, (0, 0))
                if sibling is inner or sibling in removed or sibling.words <= words_before:
                    continue
                if _contains_any(sibling, centers):
                    continue
                if (sibling.next_element is inner and _is_title_of_next(sibling)) or _may_be_policy(sibling):
                    continue
                removed[sibling] = _reason_of_sibling(sibling)
                prose -= sibling.prose_words - prose_before
                has_changed = True
            inner = inner.parent
        if not has_changed:
            return
        outer = root


def _reason_of_sibling(element: Element) -> str:
    if _is_mostly_links(element):
        return NAVIGATION
    return BANNER if consent.asks_for_consent(element) else SURROUNDINGS


def _policy_root(
    outer: Element, prose: int, removed: dict[Element, str], removed_words: dict[Element, tuple[int, int]]
) -> Element:
    """Return the innermost container in `outer` with nearly all of the remaining prose, which is `prose` words."""

    def remaining_prose(element: Element) -> int:
        return 0 if element in removed else element.prose_words - removed_words.get(element, (0, 0))[1]

    root = outer
    while True:
        best = max(root.elements, key=remaining_prose, default=None)
        if best is None or remaining_prose(best) < MIN_PROSE_SHARE * max(1, prose):
            return root
        is_container = best.tag in _CONTAINERS or "-" in best.tag
        if not is_container or (best.tag == "table" and tables.is_data_table(best)):
            return root
        root = best


def _removed_words(body: Element, removed: dict[Element, str]) -> dict[Element, tuple[int, int]]:
    """Return for each element around removed ones the number of removed words in it, and of those in prose."""
    totals: dict[Element, tuple[int, int]] = {}
    # inner elements come after outer ones in document order, so in reverse each total is complete when it is passed on
    for element in reversed(body.subtree()[1:]) if removed else ():
        is_removed = element in removed
        words, prose = (element.words, element.prose_words) if is_removed else totals.get(element, (0, 0))
        if words and element.parent is not None:
            words_before, prose_before = totals.get(element.parent, (0, 0))
            totals[element.parent] = (words_before + words, prose_before + prose)
    return totals


def _may_be_rest_of_boilerplate(element: Element) -> bool:
    """Whether an element that is boilerplate for the most part does not speak of the policy, so that the rest is too."""
    if element.tag not in _CONTAINERS or element.tag == "main" or _in_article(element):
        return False
    return not element.has_match(_PERSONAL_DATA) and element.find(_HEADING, _TITLE) is None


def _is_title_of_next(element: Element) -> bool:
    """Whether an element is the heading of the element after it, or opens it."""
    return element.tag in HEADINGS or element.role in ("heading", "tab") or is_disclosure(element)


def _may_be_policy(element: Element) -> bool:
    """Whether a sibling of the policy could belong to it: anything but links, consent requests, forms and bare words."""
    if element.linked_words - element.jump_words >= HEADER_LINK_SHARE * element.words:
        return element.has_match(_AT) or _has_title(element)  # "Contact: privacy@acme.example"
    if element.words < MAX_NOTICE_WORDS and (
        consent.asks_for_consent(element) or (element.controls > 0 and consent.mentions_cookies(element))
    ):
        return False
    # "Search: [    ] [Go]", "© 2024 Acme Ltd."; not "Privacy request: [    ] [Send]", "<h4>Privacy Policy</h4> [×]"
    if element.controls > 0 and (element.has_match(_REQUEST) or element.find(_HEADING, _TITLE) is not None):
        return True
    if (element.controls > 0 and element.words < 40) or (element.words < 30 and element.has_match(_COPYRIGHT)):
        return False
    if element.prose_words > 0 or _has_heading(element) or element.has_match(_AT):
        return True
    if any(inner.tag == "li" or (inner.tag == "table" and tables.is_data_table(inner)) for inner in element.subtree()):
        return True
    return element.has_match(_SENTENCE) or (element.words <= 20 and element.has_match(_TITLE))
