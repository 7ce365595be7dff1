"""Structure of web pages: what each heading is over, and where it ends."""

from __future__ import annotations

import pytest

from classifier.readers.html.reader import read_html
from classifier.segmentation import segment
from tests.strategies import check_promises
from tests.test_cases_html import clauses
from tests.test_time import MAX_EXPONENT, growth

PROSE = "We keep the records of our guests for as long as the law of the land wants us to."
LONG = PROSE.replace(".", ", and for the time that our own books need after that, which is two years.")
SHORT = "We mend nets."
TOP = "<h1>Harbor notice</h1>"
Places = list[tuple[str, str]]


def places(body: str) -> Places:
    """The headings over each clause below "Harbor notice", and its text."""
    found = clauses(f"<!doctype html><body>{TOP}{body}")
    assert all(headings[0] == "Harbor notice" for headings, _, _ in found)
    return [(" > ".join(headings[1:]), text) for headings, _, text in found]


# --- items that open in bold --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["ul", "ol"])
@pytest.mark.parametrize(
    ("opening", "title"),
    [
        pytest.param("<b>Moorings.</b> ", "Moorings.", id="a period"),
        pytest.param("<strong>Moorings:</strong> ", "Moorings:", id="a colon"),
        pytest.param("<b>Moorings</b>: ", "Moorings:", id="a colon that is not bold"),
        pytest.param("<b>Moorings</b> – ", "Moorings –", id="a dash"),
        pytest.param("<b>Moorings</b> — ", "Moorings —", id="a long dash"),
        pytest.param("<span style='font-weight:700'>Moorings.</span> ", "Moorings.", id="bold by style"),
        pytest.param("<p><b>Moorings.</b> ", "Moorings.", id="in a paragraph"),
        pytest.param("<a href=/m><b>Moorings.</b></a> ", "Moorings.", id="a link"),
    ],
)
def test_the_bold_opening_of_an_item_is_over_that_item_alone(tag: str, opening: str, title: str) -> None:
    mark = "1. " if tag == "ol" else ""
    items = f"<li>{opening}{PROSE}</li><li>{PROSE}</li>"
    found = clauses(
        f"<!doctype html><body>{TOP}<p>We use your data for the following:</p><{tag}>{items}</{tag}>{SHORT}"
    )
    lead = "We use your data for the following:"
    assert found == [
        (("Harbor notice",), "", lead),
        (("Harbor notice", mark + title), lead, PROSE),
        (("Harbor notice",), lead, f"{'2.' if tag == 'ol' else '•'} {PROSE}"),
        (("Harbor notice",), "", SHORT),
    ]


@pytest.mark.parametrize(
    "item",
    [
        pytest.param("<b>Moorings</b>", id="nothing else"),
        pytest.param("<b>Moorings.</b>", id="nothing else but a period"),
        pytest.param("<b>Your boat</b>, which you tell us of", id="a sentence that goes on"),
        pytest.param("your <b>Boat.</b> Its name", id="bold words further on"),
    ],
)
def test_other_bold_words_are_part_of_their_item(item: str) -> None:
    assert [headings for headings, _ in places(f"<ul><li>{item}</li><li>nets</li></ul>{SHORT}")] == ["", ""]


def test_an_opening_is_over_the_further_paragraphs_and_the_list_of_its_item() -> None:
    items = f"<li><b>Moorings.</b> {LONG}<p>{LONG}</p><ul><li>{LONG}</li></ul></li><li><b>Nets.</b> {SHORT}</li>"
    assert places(f"<ul>{items}</ul>") == [
        ("Moorings.", LONG),
        ("Moorings.", LONG),
        ("Moorings.", f"• {LONG}"),
        ("Nets.", SHORT),
    ]


def test_openings_of_nested_items_are_below_those_around_them() -> None:
    inner = f"<ul><li><b>Ropes.</b> {PROSE}</li><li><b>Buoys.</b> {PROSE}</li></ul>"
    assert places(f"<ul><li><b>Moorings.</b> {SHORT}{inner}</li><li><b>Nets.</b> {SHORT}</li></ul>") == [
        ("Moorings.", SHORT),
        ("Moorings. > Ropes.", PROSE),
        ("Moorings. > Buoys.", PROSE),
        ("Nets.", SHORT),
    ]


def test_openings_of_two_lists_are_not_over_the_paragraphs_between() -> None:
    lists = "<ol><li><b>Ropes.</b> We coil them.</li><li><b>Nets.</b> We mend them.</li></ol>"
    assert places(f"<h2>Deeds</h2>{lists}<p>{PROSE}</p>{lists}<p>{SHORT}</p>")[2::3] == [
        ("Deeds", PROSE),
        ("Deeds", SHORT),
    ]


def test_openings_are_over_the_paragraphs_between_the_items_of_their_list() -> None:
    body = (
        f"<ol><li><b>Ropes.</b> We coil them.</li><p>{PROSE}</p><li><b>Nets.</b> We mend them.</li><p>{SHORT}</p></ol>"
    )
    assert places(body) == [
        ("1. Ropes.", "We coil them."),
        ("1. Ropes.", PROSE),
        ("2. Nets.", "We mend them."),
        ("2. Nets.", SHORT),
    ]


def test_a_sentence_that_introduces_a_list_ends_with_its_section() -> None:
    item = f"<ul><li><b>Nets.</b> {SHORT}</li></ul>"
    body = f"<h2>Use</h2><p>We use data for the following:</p>{item}<h2>Other</h2>{item}"
    assert [lead for _, lead, _ in clauses(f"<!doctype html><body>{body}")] == [
        "",
        "We use data for the following:",
        "",
    ]


# --- lists of definitions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        pytest.param(
            f"<dt>Skipper<dd>{SHORT}<dt>Berth<dd>{PROSE}",
            [("Skipper", SHORT), ("Berth", PROSE)],
            id="no end tags",
        ),
        pytest.param(
            f"<dt>Skipper</dt><dd>{SHORT}</dd><dd>{PROSE}</dd><dt>Berth</dt><dd>A place.</dd>",
            [("Skipper", SHORT), ("Skipper", PROSE), ("Berth", "A place.")],
            id="two definitions",
        ),
        pytest.param(
            f"<dt>Skipper</dt><dt>Captain</dt><dd>{SHORT}</dd><dt>Berth</dt><dd>A place.</dd>",
            [("Skipper / Captain", SHORT), ("Berth", "A place.")],
            id="two terms",
        ),
        pytest.param(
            f"<div><dt>Skipper</dt><dd>{SHORT}</dd></div><div class=x><dt>Berth</dt><dd>A place.</dd></div>",
            [("Skipper", SHORT), ("Berth", "A place.")],
            id="pairs in elements of their own",
        ),
        pytest.param(
            f"<dt><b>Skipper</b></dt><dd><p>{LONG}</p><p>{LONG}</p></dd><dd>{SHORT}</dd>",
            [("Skipper", LONG), ("Skipper", LONG), ("Skipper", SHORT)],
            id="two paragraphs",
        ),
        pytest.param(
            f"<dt>Skipper</dt><dd>{LONG}<ul><li>{LONG}</li><li>{LONG}</li></ul></dd><dd>{SHORT}</dd>",
            [("Skipper", LONG), ("Skipper", f"• {LONG}"), ("Skipper", f"• {LONG}"), ("Skipper", SHORT)],
            id="a list",
        ),
        pytest.param(
            f"<dt>Skipper</dt><dd><b>Note.</b> {SHORT}</dd><dt>Berth</dt><dd>A place.</dd>",
            [("Skipper", f"Note. {SHORT}"), ("Berth", "A place.")],
            id="bold words",
        ),
        pytest.param(
            f"<dt>Skipper</dt><dd>{SHORT}<dl><dt>Mate</dt><dd>{PROSE}</dd></dl></dd><dt>Berth</dt><dd>A place.</dd>",
            [("Skipper", SHORT), ("Skipper > Mate", PROSE), ("Berth", "A place.")],
            id="a list of definitions in one",
        ),
        pytest.param(
            f"<dt>Skipper</dt><dd><dl><dt>Mate</dt><dd>{PROSE}</dd></dl></dd><dt>Berth</dt><dd>A place.</dd>",
            [("Skipper > Mate", PROSE), ("Berth", "A place.")],
            id="nothing but such a list",
        ),
        pytest.param(
            f"<dt>Skipper<br>or captain</dt><dd>{SHORT}</dd>",
            [("Skipper or captain", SHORT)],
            id="a term of two lines",
        ),
        pytest.param(
            f"<dt><h3>Skipper</h3></dt><dd>{SHORT}</dd><dt><button aria-expanded=x>Berth</button></dt><dd>A place.</dd>",
            [("Skipper", SHORT), ("Berth", "A place.")],
            id="headings",
        ),
        pytest.param(f"<dt>Skipper</dt><dd></dd><dt>Berth</dt><dd>{SHORT}</dd>", [("Skipper / Berth", SHORT)], id="empty"),
        pytest.param(f"<dd>{SHORT}</dd>", [("", SHORT)], id="no term"),
        pytest.param(f"<dt>Skipper</dt><dd>{SHORT}</dd><dt>Berth of a boat, 12 m.</dt>",
            [("Skipper", SHORT), ("", "Berth of a boat, 12 m.")],
            id="no definition",
        ),
        pytest.param(
            f"<dt>{PROSE * 4}</dt><dd>{SHORT}</dd>",
            [("", PROSE * 4), ("", SHORT)],
            id="a long term",
        ),
    ],
)  # fmt: skip
def test_a_term_is_a_heading_over_its_definitions(inner: str, found: Places) -> None:
    assert places(f"<dl>{inner}</dl><p>Ask us.</p>") == [*found, ("", "Ask us.")]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        pytest.param("<ul><li>nets</li></ul>", [("", "• nets")], id="a list"),
        pytest.param("<p><b>Fees</b></p><p>None.</p>", [("Fees", "None.")], id="a bold heading"),
        pytest.param("<h2>Fees</h2><p>None.</p>", [("Fees", "None.")], id="a heading"),
        pytest.param("<table><tr><th>Fee<th>Day<tr><td>ten<td>May</table>", [("", "ten | May")], id="a table"),
    ],
)
def test_a_term_ends_with_its_list(after: str, found: Places) -> None:
    assert places(f"<dl><dt>Skipper</dt><dd>{SHORT}</dd></dl>{after}") == [("Skipper", SHORT), *found]


def test_definitions_keep_the_sentence_that_introduces_them() -> None:
    lead = "In this notice the words below mean this."
    found = clauses(
        f"<!doctype html><body><p>{lead}</p><dl><dt>Skipper</dt><dd>{SHORT}</dd><dt>Berth</dt><dd>A place.</dl>"
    )
    assert found == [((), "", lead), (("Skipper",), lead, SHORT), (("Berth",), lead, "A place.")]


def test_terms_without_definitions_are_items_over_the_lists_in_their_list() -> None:
    inner = "<dt>Fees</dt><ul><li>moorings</li><li>nets</li></ul><dt>Days</dt><ul><li>Monday</li></ul>"
    assert places(f"<dl>{inner}</dl>") == [("", "Fees • moorings • nets Days • Monday")]


def test_links_in_terms_keep_their_places() -> None:
    body = f"<dl><dt><a href=/s>Skipper</a></dt><dt>Old <a href=/c>captain</a></dt><dd>{SHORT}</dd></dl>"
    document = read_html(f"<!doctype html><body>{body}".encode(), "x")
    assert [(document.text[a:b], address) for a, b, address in document.links] == [("Skipper", "/s"), ("captain", "/c")]


# --- headings known by their class, cards --------------------------------------------------------------------------------


def test_two_classes_of_headings_are_two_ranks() -> None:
    body = "".join(
        f"<div class='section-title mb-{n}'>Part {word}</div><p>{SHORT}</p>"
        f"<p class='section-subtitle'>Detail {word}</p><p>{PROSE}</p>"
        for n, word in enumerate(("one", "two"))
    )
    assert places(body) == [
        ("Part one", SHORT),
        ("Part one > Detail one", PROSE),
        ("Part two", SHORT),
        ("Part two > Detail two", PROSE),
    ]


LONG_TITLE = "Notice to the guests who arrive in the winter season by boat"


@pytest.mark.parametrize(
    "title",
    [
        pytest.param(f"<div class='section-title'>{LONG_TITLE}</div>", id="div"),
        pytest.param(f"<p class='a b c-heading'>{LONG_TITLE}</p>", id="p"),
        pytest.param(f"<x-title>{LONG_TITLE}</x-title>", id="an element of the page's own"),
        pytest.param(f"<div class='policy__title policy__title--big'><span>{LONG_TITLE}</span></div>", id="two names"),
        pytest.param(f"<div class=h3>{LONG_TITLE}</div>", id="a rank"),
    ],
)
def test_headings_are_known_by_their_class(title: str) -> None:
    assert places(f"<p>{PROSE}</p>{title}<p>We do so too:</p>") == [("", PROSE), (LONG_TITLE, "We do so too:")]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("<div class='section-title'>We mend nets for all who ask.</div>", id="a sentence"),
        pytest.param("<div class='title'>Email: harbor@pier.example</div>", id="an address"),
        pytest.param("<div class='subtitle'>Last updated on 4 May 2023</div>", id="a date"),
        pytest.param("<ul><li class='item-title'>nets and</li><li class='item-title'>ropes</li></ul>", id="items"),
        pytest.param("<div class='untitled'>nets and ropes,</div>", id="another class"),
    ],
)
def test_other_lines_are_no_headings(line: str) -> None:
    assert {headings for headings, _ in places(f"<p>{PROSE}</p>{line}<p>{PROSE}</p>")} == {""}


CARD = "<div class='{0}'><div class='{1}'>{2}</div><div>{3}</div></div>"


@pytest.mark.parametrize(
    ("card", "title"),
    [
        ("rights-card", "rights-card-title"),
        ("card", "card-title"),
        ("info-box mb-3", "title"),
        ("tile", "tile__heading"),
        ("summary-box", "summary-title"),
    ],
)
def test_the_title_of_a_card_ends_with_the_card(card: str, title: str) -> None:
    cards = "".join(CARD.format(card, title, word, f"You may {word.lower()} what we hold.") for word in ("See", "Mend"))
    body = f"<p><b>7. Your rights</b></p><div class=row>{cards}</div><div>{PROSE}</div><p><b>8. Safety</b></p><p>{SHORT}</p>"
    assert places(body) == [
        ("7. Your rights > See", "You may see what we hold."),
        ("7. Your rights > Mend", "You may mend what we hold."),
        ("7. Your rights", PROSE),
        ("8. Safety", SHORT),
    ]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        pytest.param(f"<p>{SHORT}</p>", ("Rights", SHORT), id="text"),
        pytest.param(
            f"<h4>Ask us</h4><p>{SHORT}</p>", ("Rights > Mend > Ask us", SHORT), id="a heading of the next rank"
        ),
        pytest.param(f"<h2>Fees</h2><p>{SHORT}</p>", ("Fees", SHORT), id="a section"),
    ],
)
def test_a_ranked_title_of_a_card_ends_before_text_outside(after: str, found: tuple[str, str]) -> None:
    cards = "".join(f"<div class=card><h3>{word}</h3><p>{PROSE}</p></div>" for word in ("See", "Mend"))
    assert places(f"<h2>Rights</h2>{cards}{after}") == [("Rights > See", PROSE), ("Rights > Mend", PROSE), found]


def test_headings_in_a_card_are_below_its_title() -> None:
    card = f"<div class=card><div class=card-title>Rights</div><p>{SHORT}</p><h4>See</h4><p>{PROSE}</p></div>"
    assert places(f"<h2>You</h2>{card}<p>Ask us.</p>") == [
        ("You > Rights", SHORT),
        ("You > Rights > See", PROSE),
        ("You", "Ask us."),
    ]


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param("<div class=content-box><div class=title>Data</div><p>{0}</p><div class=title>Use</div><p>{0}</p></div>", id="titles"),
        pytest.param("<div class=box><p>{0}</p><div class=title>Use</div><p>{0}</p></div>", id="text first"),
        pytest.param("<div class=box><div class=title>Use</div></div><p>{0}</p>", id="a title alone"),
        pytest.param("<div class=box><div class=title>1. Use</div><p>{0}</p></div>", id="a section number"),
        pytest.param("<div class=box><h2>Use</h2><p>{0}</p></div>", id="a section"),
    ],
)  # fmt: skip
def test_other_boxes_do_not_end_a_section(sections: str) -> None:
    *_, last = places(f"{sections.format(PROSE)}<p>{SHORT}</p>")
    assert last[0].removeprefix("1. ") == "Use" and last[1] == SHORT


# --- panels -------------------------------------------------------------------------------------------------------------

LABELS = [
    pytest.param("<details><summary>{0}</summary>{1}</details>", id="details"),
    pytest.param("<details><summary><h3>{0}</h3></summary>{1}</details>", id="a heading in details"),
    pytest.param("<details><summary><span>+</span> {0}</summary><div>{1}</div></details>", id="a sign"),
    pytest.param(
        "<div><button aria-expanded=false aria-controls=p{2}>{0}</button></div><div id=p{2}>{1}</div>", id="button"
    ),
    pytest.param("<button class=accordion>{0}</button><div class=panel>{1}</div>", id="a button right above"),
    pytest.param("<fieldset><legend>{0}</legend>{1}</fieldset>", id="fieldset"),
    pytest.param("<ul><li><a role=tab href='#p{2}'>{0}</a></ul><div id=p{2} role=tabpanel>{1}</div>", id="tab"),
]


@pytest.mark.parametrize("panel", LABELS)
@pytest.mark.parametrize("next_panel", LABELS[:2])
def test_panels_of_all_kinds_are_siblings_and_end(panel: str, next_panel: str) -> None:
    inner = f"<p>{PROSE}</p><h4>See</h4><p>{SHORT}</p><h2>Mend</h2><p>{SHORT}</p><p><b>Deeds</b></p><p>{PROSE}</p>"
    body = panel.format("Where you live", inner, 1) + next_panel.format("Where we work", f"<p>{SHORT}</p>", 2)
    above = "Regions" if "h3" in panel else "Regions > Rules"  # a written rank closes the heading in bold
    after = "Regions" if "h3" in panel + next_panel else above
    assert places(f"<h2>Regions</h2><p><b>Rules</b></p><p>{PROSE}</p>{body}<p>Ask us.</p>")[1:] == [
        (f"{above} > Where you live", PROSE),
        (f"{above} > Where you live > See", SHORT),
        (f"{above} > Where you live > Mend", SHORT),
        (f"{above} > Where you live > Mend > Deeds", PROSE),
        (f"{after} > Where we work", SHORT),
        (after, "Ask us."),
    ]


@pytest.mark.parametrize("inner", LABELS)
@pytest.mark.parametrize("panel", LABELS)
def test_panels_in_panels_end_with_their_own(panel: str, inner: str) -> None:
    inside = f"<p>{PROSE}</p>{inner.format('Within', f'<p>{SHORT}</p>', 2)}<p>Ask us.</p>"
    assert places(f"{panel.format('Where you live', inside, 1)}<p>{PROSE}</p>") == [
        ("Where you live", PROSE),
        ("Where you live > Within", SHORT),
        ("Where you live", "Ask us."),
        ("", PROSE),
    ]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        pytest.param("<ul><li>nets</li><li>ropes</li></ul>", ("", "• nets • ropes"), id="a list"),
        pytest.param("<ul><li><b>Nets.</b> We mend them.</li></ul>", ("Nets.", "We mend them."), id="an opening"),
        pytest.param("<table><tr><td>nets<td>ten<tr><td>ropes<td>two</table>", ("", "nets | ten"), id="a table"),
        pytest.param("<p><b>Nets.</b> We mend them.</p>", ("Nets.", "We mend them."), id="a run-in"),
        pytest.param("<p>OUR NETS</p><p>We mend them.</p>", ("OUR NETS", "We mend them."), id="a bare heading"),
        pytest.param("<h5>Nets</h5><p>We mend them.</p>", ("Nets", "We mend them."), id="a ranked heading"),
        pytest.param("<dl><dt>Nets</dt><dd>We mend them.</dd></dl>", ("Nets", "We mend them."), id="a term"),
        pytest.param("<h6></h6><p>\x1f</p><p>We mend them.</p>", ("", "We mend them."), id="nothing, then text"),
        pytest.param("<p><a href=/x>Our nets</a></p><p>We mend them.</p>", ("", "Our nets"), id="links"),
    ],
)  # fmt: skip
def test_whatever_follows_a_panel_is_not_below_its_label(after: str, found: tuple[str, str]) -> None:
    assert places(f"<details><summary>Where</summary><p>{PROSE}</p></details>{after}")[1] == found


def test_a_panel_of_links_alone_ends_too() -> None:
    body = f"<p>{PROSE}</p><details><summary>Where</summary><p><a href=/x>here</a></p></details><p><a href=/y>there</a></p>"
    assert places(f"{body}<p>{SHORT}</p><p><b>Nets</b></p><p>Ask us.</p>")[-2:] == [("", SHORT), ("Nets", "Ask us.")]


def test_sections_in_panels_are_numbered_on() -> None:
    panels = "".join(
        f"<details><summary>{n}. {w}</summary><p>{PROSE}</p></details>" for n, w in ((2, "See"), (3, "Mend"))
    )
    assert places(f"<h2>2. Rights</h2>{panels}<p>{SHORT}</p>") == [
        ("2. Rights > 2. See", PROSE),
        ("2. Rights > 3. Mend", PROSE),
        ("2. Rights", SHORT),
    ]


def test_the_label_of_a_panel_is_not_repeated() -> None:
    body = f"<details><summary>Where you live</summary><h3>Where you live</h3><p>{PROSE}</p></details><p>{SHORT}</p>"
    assert places(body) == [("Where you live", PROSE), ("", SHORT)]


def test_a_preference_center_is_below_no_panel() -> None:
    center = f"<div id=onetrust-pc-sdk role=dialog><h2>Your cookies</h2><p>{PROSE * 6}</p><button>Save</button><button>Go</button>"
    body = f"<p>{PROSE * 9} It tells of cookies.</p><details><summary>Where</summary><p>{PROSE}</p></details>{center}</div>"
    found = clauses(f"<!doctype html><body>{body.replace('<button>Save', 'Cookies. <button>Save')}")
    assert [headings for headings, _, _ in found][1:3] == [("Where",), ("Preference center", "Your cookies")]


# --- tables -------------------------------------------------------------------------------------------------------------

HEADS, ROW = "<tr><th>Cookie<th>Set by<th>Kept", "<tr><td>{0}<td>The pier<td>{0} days"


def rows(body: str) -> list[tuple[str, str, str]]:
    found = clauses(f"<!doctype html><body>{TOP}{body}")
    return [(" > ".join(headings[1:]), context, text) for headings, context, text in found]


@pytest.mark.parametrize(
    "table",
    [
        pytest.param("<table><caption>Cookies of the pier</caption>{0}</table>", id="caption"),
        pytest.param("<figure><table>{0}</table><figcaption>Cookies of the pier</figcaption></figure>", id="below"),
        pytest.param(
            "<figure><figcaption>Cookies of the pier</figcaption><div><table>{0}</table></div></figure>", id="above"
        ),
        pytest.param("<table><tr><th colspan=3>Cookies of the pier{0}</table>", id="a first row over all columns"),
        pytest.param("<table><tr><td colspan=3><b>Cookies of the pier</b>{0}</table>", id="such a row in bold"),
    ],
)
def test_a_caption_is_a_heading_over_its_table_alone(table: str) -> None:
    body = table.format(HEADS + ROW.format(9) + "<tr><th colspan=3>Adverts" + ROW.format(7))
    other = f"<table>{HEADS}{ROW.format(5)}</table>"
    heads = "Cookie | Set by | Kept"
    for after in ("", f"<p>{SHORT}</p>", "<h4>Nets</h4>", "<p><b>Nets</b></p>"):
        title = "Nets" if "Nets" in after else ""
        text = [("", "", SHORT)] if SHORT in after else []
        assert rows(f"{body}{after}{other}") == [
            ("Cookies of the pier", heads, "9 | The pier | 9 days"),
            ("Cookies of the pier > Adverts", heads, "7 | The pier | 7 days"),
            *text,
            (title, heads, "5 | The pier | 5 days"),
        ]


def test_a_sentence_below_a_table_is_no_heading_over_it() -> None:
    sentence = "The harbor office keeps this list and changes it each spring."
    assert rows(f"<table><caption>{sentence}</caption>{HEADS}{ROW.format(9)}</table>")[0] == ("", "", sentence)


@pytest.mark.parametrize(
    "group",
    [
        pytest.param("<tr class=group><th colspan=3>{0}", id="a head over all columns"),
        pytest.param("<tr><td colspan=3>{0}", id="a cell over all columns"),
        pytest.param("<tr><td colspan=99><strong>{0}</strong>", id="over more columns than there are"),
        pytest.param("<tr><th>{0}<td><td>", id="a head beside empty cells"),
        pytest.param("<tr><td><b>{0}</b><td>&nbsp;<td>", id="bold words beside empty cells"),
        pytest.param("<tbody><tr><th scope=rowgroup colspan=3>{0}", id="a body of its own"),
    ],
)
def test_a_row_of_one_cell_is_a_heading_over_those_below(group: str) -> None:
    table = HEADS + "".join(group.format(word) + ROW.format(n) * 2 for n, word in ((9, "Needed"), (7, "Adverts")))
    heads = "Cookie | Set by | Kept"
    assert rows(f"<h2>Cookies</h2><table>{table}</table><p>{SHORT}</p>") == [
        *[("Cookies > Needed", heads, "9 | The pier | 9 days")] * 2,
        *[("Cookies > Adverts", heads, "7 | The pier | 7 days")] * 2,
        ("Cookies", "", SHORT),
    ]


@pytest.mark.parametrize(
    ("table", "found"),
    [
        pytest.param(HEADS + "<tr><th>sid<td>x<td>y<tr><th>uid<td><td><tr><th>vid<td>x<td>z", ["sid | x | y", "uid", "vid | x | z"], id="heads of rows"),
        pytest.param(HEADS + ROW.format(9) + "<tr><td colspan=3>None", ["9 | The pier | 9 days", "None"], id="the last row"),
        pytest.param(HEADS + ROW.format(9) + "<tfoot><tr><th colspan=3>All days are whole", ["9 | The pier | 9 days", "All days are whole"], id="a foot"),
        pytest.param(HEADS + "<tr><td colspan=3>Some of these are set by others whom we do not know well.<tr><td>a<td>b<td>c", ["Some of these are set by others whom we do not know well.", "a | b | c"], id="a sentence"),
        pytest.param(HEADS + "<tr><td>sid<td><td><tr><td>a<td>b<td>c", ["sid", "a | b | c"], id="one cell"),
        pytest.param(HEADS + "<tr><th colspan=3>Needed<tr><td colspan=3>None of these<tr><th colspan=3>Adverts<tr><td>a<td>b<td>c", ["None of these", "a | b | c"], id="a group of one such row"),
        pytest.param("<tr><th>One<tr><td>Two<tr><td>Three", ["One", "Two", "Three"], id="one column"),
        pytest.param(HEADS + "<tr><td rowspan=2>sid<td>b<td>c<tr><th colspan=2>Pier<tr><td>x<td>y<td>z", ["sid | b | c", "sid | Pier", "x | y | z"], id="beside a cell over two rows"),
    ],
)  # fmt: skip
def test_other_rows_of_one_cell_are_rows(table: str, found: list[str]) -> None:
    assert [text for _, _, text in rows(f"<table>{table}</table>")] == found


def test_bold_words_above_a_table_stay_over_its_groups() -> None:
    table = f"<table>{HEADS}<tr><th colspan=3>Needed{ROW.format(9)}</table>"
    assert rows(f"<p><b>Cookies.</b> This is the list:</p>{table}<p>{SHORT}</p>") == [
        ("Cookies.", "", "This is the list:"),
        ("Cookies. > Needed", "Cookie | Set by | Kept", "9 | The pier | 9 days"),
        ("", "", SHORT),
    ]


INNER = "<table><tr><td>Skippers:<td>all<tr><td>Guests<td>the host alone</table>"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        pytest.param(INNER, "Skippers: all; Guests: the host alone", id="two columns"),
        pytest.param(f"<p>As follows.</p><div>{INNER}</div>No more.", "As follows. Skippers: all; Guests: the host alone No more.", id="words around it"),
        pytest.param("<table><tr><td>a<td>b<td>c<tr><td><td>d<td></table>", "a | b | c; d", id="three columns"),
        pytest.param("<table><caption>Trees</caption><tr><td>a<td>b</table><table><tr><td>c</table>", "Trees; a: b c", id="two tables"),
    ],
)  # fmt: skip
def test_a_table_in_a_cell_is_part_of_its_text(cell: str, text: str) -> None:
    assert rows(f"<table>{HEADS}{ROW.format(9)}<tr><td>tree<td>{cell}<td>ever</table><p>{SHORT}</p>") == [
        ("", "Cookie | Set by | Kept", "9 | The pier | 9 days"),
        ("", "Cookie | Set by | Kept", f"tree | {text} | ever"),
        ("", "", SHORT),
    ]


def test_links_of_a_table_in_a_cell_keep_their_places() -> None:
    cell = "<table><tr><td><a href=/a>Skippers:</a><td>all<tr><td><a href=/b>Guests</a><td>none</table>"
    document = read_html(f"<body><table>{HEADS}<tr><td>tree<td>{cell}<td>ever</table>".encode(), "x")
    assert [(document.text[a:b], address) for a, b, address in document.links] == [
        ("Skippers:", "/a"),
        ("Guests", "/b"),
    ]


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param("<table><tr><td>The pier<td>Since 1931<tr><td>{0}<td>Ask us.</table>", id="no heads"),
        pytest.param("<table role=presentation>" + HEADS + "<tr><td>x<td>{0}<td>y</table>", id="it says so"),
        pytest.param("<table><tr><th>The pier<tr><td>{0}</table>", id="one head"),
        pytest.param("<table>" + HEADS + "<tr><td>x<td><table><tr><td>{0}<td>b</table><td>y</table>", id="tables in tables"),
    ],
)  # fmt: skip
def test_a_table_of_tables_is_a_layout(layout: str) -> None:
    inner = f"<table><tr><th>Who<th>Why<tr><td>Skippers<td>{PROSE}</table>"
    assert ("", "Who | Why", f"Skippers | {PROSE}") in rows(layout.format(inner))


# --- advertisements -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "slot",
    [
        "<div class='ad-slot'><span>Advertisement</span></div>",
        "<div><p><span class='adLabel'>Advertisement</span></p></div>",
        "<div id=dfp-1><div><p>Sponsored</p></div></div>",
        "<div class=advert><div class=advert-title>Advertisements</div></div>",
        "<div class=ads><b>Advertising</b></div>",
    ],
)
def test_the_label_of_an_advertisement_is_no_heading(slot: str) -> None:
    body = f"{TOP}<h2>Use</h2><p>{PROSE}</p>{slot}<p>{SHORT}</p>"
    document = read_html(f"<!doctype html><body>{body}".encode(), "x", keep_all=True)
    check_promises(document)
    assert [(c.kind, c.headings) for c in segment(document)] == [
        (kind, ("Harbor notice", "Use")) for kind in ("text", "navigation", "text")
    ]


def test_a_section_on_advertising_is_one() -> None:
    assert places(f"<div class=x><b>Advertising</b></div><p>{PROSE}</p>") == [("Advertising", PROSE)]


# --- time ---------------------------------------------------------------------------------------------------------------

PARTS = {
    "cards": "<div class=card><div class=card-title>Own {0}</div><p>We do.</p></div>",
    "cards around": "<div class=card><h4 class=title>Own</h4>",
    "boxes around a title": "<div class=box>",
    "panels": "<details><summary>Own {0}</summary>We do.</details>",
    "panels around": "<details><summary>Own</summary>",
    "buttons": "<button aria-expanded=x aria-controls=p{0}>Own</button><div id=p{0}>We do.</div>",
    "buttons of one panel": "<button aria-expanded=x aria-controls=p>Own</button>",
    "buttons of panels around": "<button aria-expanded=x aria-controls=p{0}>Own</button><div id=p{0}>",
    "terms": "<dl><dt>Own {0}<dd>We do.<dd>We may.</dl>",
    "terms around alone": "<dl><dt>Own",
    "terms around": "<dl><dt>Own<dd>",
    "terms in one list": "<dt>Own {0}",
    "groups": "<tr><th colspan=2>Own {0}<tr><td>We do.<td>ten",
    "captions": "<figure><table><tr><th>a<th>b<tr><td>c<td>d</table><figcaption>Own {0}</figcaption></figure>",
    "figures around": "<figure><figcaption>Own</figcaption>",
    "tables around": "<table><tr><th>a<th>b<tr><td>c<td>",
    "tables in cells": "<tr><td>We do.<td><table><tr><td>a<td>b</table>",
    "titles": "<div class=section-title>Own {0}</div><div class=section-subtitle>Own</div><p>We do.</p>",
    "slots": "<div class=ad><p>Advertisement</p></div>",
    "openings": "<li><b>Own {0}.</b> We do.",
}


OPENINGS = {"groups": "<table><tr><th>a<th>b", "tables in cells": "<table><tr><th>a<th>b", "terms in one list": "<dl>"}


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_time_grows_with_the_page(part: str) -> None:
    def read(n: int) -> None:
        source = OPENINGS.get(part, "") + "".join(PARTS[part].format(number) for number in range(n))
        document = read_html(f"<body><p>Own.</p>{source}<dd><p>Own.</p></body>".encode(), "x")
        segment(document)

    assert growth(read, 100 if "around" in part else 500) < MAX_EXPONENT
