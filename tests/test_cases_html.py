"""Pages of tests/cases: each stands for a kind of page that was read wrongly, with the clauses that a person reads on it."""

from __future__ import annotations

import html
import time

import pytest

from classifier import Document, ReadError
from classifier.readers import registry as readers
from classifier.readers.html import bounds
from classifier.segmentation import segment
from tests.conftest import CASES
from tests.strategies import check_promises

Found = list[tuple[tuple[str, ...], str, str]]


def found_in(document: Document) -> Found:
    """Headings, context and text of each clause of a page, white space collapsed."""
    check_promises(document)
    return [(clause.headings, clause.context, " ".join(clause.text.split())) for clause in segment(document)]


def clauses(source: str, keep_all: bool = False) -> Found:
    return found_in(readers.parse(source.encode(), "page", keep_all=keep_all))


def case(name: str, keep_all: bool = False) -> Found:
    return found_in(readers.read(CASES / f"{name}.html", keep_all=keep_all))


def page(body: str) -> str:
    return f"<!doctype html><html><body>{body}</body></html>"


# --- noscript ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep_all", [False, True])
def test_noscript_in_the_head_is_no_text(keep_all: bool) -> None:
    wanted = [(("Privacy Policy",), "", "We collect your name and e-mail address when you register.")]
    assert case("noscript-in-head", keep_all=keep_all) == wanted


@pytest.mark.parametrize(
    "head",
    [
        pytest.param("<noscript>Switch on scripts.</noscript>", id="words"),
        pytest.param("<meta charset=utf-8><!-- > --><noscript>&lt;p>x&lt;/p></noscript><title>x</title>", id="after others"),
        pytest.param("<script>a = '<noscript>';<!-- b --></script><noscript>&lt;img></noscript>", id="after a script"),
        pytest.param("<NOSCRIPT class='a>b'>&lt;img></NOSCRIPT ><link rel=x>", id="capitals"),
        pytest.param("<noscript><link rel=x><style>p {}</style></noscript>", id="styles"),
    ],
)  # fmt: skip
def test_no_kind_of_noscript_in_the_head_is_text(head: str) -> None:
    assert clauses(f"<!DOCTYPE html><html lang=en><head>{head}</head><body><p>We keep logs.</p></body></html>") == [
        ((), "", "We keep logs.")
    ]


@pytest.mark.parametrize("keep_all", [False, True])
def test_escaped_markup_is_no_text(keep_all: bool) -> None:
    hidden = "<noscript> &lt;img src=x&gt; and a few words&lt;/img&gt;</noscript>"
    assert clauses(page(f"<p>We keep {hidden} logs.</p>"), keep_all=keep_all) == [((), "", "We keep logs.")]


def test_what_follows_a_script_in_a_script_is_left_alone() -> None:
    source = "<head><script><!-- <script></script> <noscript> --></script><p>a <noscript>b</noscript>"
    assert bounds.without_head_noscript(source) == source


@pytest.mark.parametrize(
    "part", ["<noscript>x</noscript>", "<noscript>", "<!-- ", "<script><!--", "<script><!-- --></script>", "<meta a='"]
)
def test_a_head_is_searched_in_time_that_grows_with_it(part: str) -> None:
    began = time.process_time()
    bounds.without_head_noscript("<html><head><noscript></noscript>" + part * 100_000)
    assert time.process_time() - began < 3


# --- bold words in lists -----------------------------------------------------------------------------------------------


def test_a_bold_line_over_prose_in_an_item_is_a_heading() -> None:
    top = "Privacy at X"
    first = "This statement explains our practices with regard to Personal Data and how we handle it in our business with you."
    second = "In most cases, we collect Personal Data directly from you when you contact us."
    assert case("bold-headings-in-item") == [
        ((top, "1. Types of Personal Data"), "", first),
        ((top, "2. How X collects Personal Data"), "", second),
    ]


PROSE = "We keep the records of our customers for as long as the law wants us to."


@pytest.mark.parametrize("bold", ["<p><b>{}</b></p>", "<b>{}</b><br>", "<div style='font-weight:700'>{}</div>"])
@pytest.mark.parametrize("tag", ["ul", "ol"])
def test_a_heading_in_an_item_ends_with_the_item(bold: str, tag: str) -> None:
    items = "".join(
        f"<li>{bold.format(title)}<p>{PROSE}</p><p>{PROSE}</p></li>" for title in ("What we keep", "Why we do")
    )
    marks = ("1. ", "2. ") if tag == "ol" else ("", "")
    titles = [f"{marks[0]}What we keep", f"{marks[1]}Why we do"]
    found = clauses(
        page(f"<h2>Data</h2><{tag}>{items}</{tag}><p>Write to us.</p><p><b>Changes</b></p><p>We tell you.</p>")
    )
    assert found == [
        *((("Data", title), "", PROSE) for title in titles for _ in range(2)),
        (("Data",), "", "Write to us."),
        (("Data", "Changes"), "", "We tell you."),
    ]


def test_a_heading_in_an_item_is_below_a_bold_one_above_the_list() -> None:
    items = f"<ul><li><p><b>Our mail</b></p><p>{PROSE}</p></li></ul>"
    found = clauses(
        page(f"<p><b>Marketing</b></p><p>We do it.</p>{items}<p>Less of it.</p><p><b>Changes</b></p><p>None.</p>")
    )
    assert found == [
        (("Marketing",), "", "We do it."),
        (("Marketing", "Our mail"), "", PROSE),
        (("Marketing",), "", "Less of it."),
        (("Changes",), "", "None."),
    ]


@pytest.mark.parametrize(
    "items",
    [
        pytest.param("<li><p><b>Names</b></p></li><li><p><b>Places</b></p></li>", id="nothing below"),
        pytest.param("<li><b>Names</b><ul><li>first</li><li>last</li></ul></li>", id="a list below"),
        pytest.param("<li><b>Names</b><br>of people</li>", id="a few words below"),
    ],
)
def test_other_bold_items_are_no_headings(items: str) -> None:
    assert {headings for headings, _, _ in clauses(page(f"<h1>Data</h1><ul>{items}</ul><p>End.</p>"))} == {("Data",)}


def test_bold_lines_of_items_that_answer_a_sentence_are_no_headings() -> None:
    found = clauses(
        page(f"<p>We use your data for the following:</p><ul><li><p><b>Mail</b></p><p>{PROSE}</p></li></ul>")
    )
    assert not any(headings for headings, _, _ in found)


def test_items_with_bold_openings_keep_the_sentence_that_introduces_them() -> None:
    place = ("Marrowgate Privacy Policy", "Your data at work")
    leads = [
        "We may use personal data for the following purposes:",
        "We may pass on personal data in these situations:",
    ]
    found = case("bold-items")
    titles = [
        (),
        ("Managing your account:",),
        ("Performing a contract:",),
        (),
        (),
        ("Affiliates:",),
        ("Partners:",),
        (),
    ]
    assert [headings for headings, _, _ in found] == [(*place, *title) for title in titles]
    assert [context for _, context, _ in found] == ["", leads[0], leads[0], leads[0], "", leads[1], leads[1], ""]
    assert found[1][2].startswith("your registration as a guest")
    assert found[-1] == (place, "", "Nobody else gets to see it.")


def test_a_bold_opening_of_an_item_is_over_that_item_alone() -> None:
    assert case("run-in-leaks") == [
        (("Policy", "5. Perks", "Deals:"), "", "You get access to deals."),
        (("Policy", "5. Perks", "Community Support:"), "", "You help direct where we give."),
        (("Policy", "5. Perks"), "", "We share your data with our payment processor."),
        (("Policy", "6. Who we share data with"), "", "We share your data with advertisers."),
    ]


def test_a_bold_line_with_the_next_number_is_of_the_rank_of_the_heading_before_it() -> None:
    source = "<h1>Policy</h1><h3>1. A b</h3><p>We do.</p><h4>Inner</h4><p>We may.</p><p><b>2. C d</b></p><p>We can.</p>"
    assert [headings for headings, _, _ in clauses(page(source))] == [
        ("Policy", "1. A b"),
        ("Policy", "1. A b", "Inner"),
        ("Policy", "2. C d"),
    ]


# --- links that answer a sentence --------------------------------------------------------------------------------------


def test_a_list_of_links_that_answers_a_sentence_is_content() -> None:
    lead = "We share your advertising identifier with the following companies:"
    assert case("list-of-links")[0] == (
        ("Privacy Policy of Tern Games", "Partners"),
        "",
        f"{lead} • Adbarn • Clickmoor • Bidstream One",
    )


LINKS = [f"<a href='https://{name}.example/'>{name.title()}</a>" for name in ("adbarn", "clickmoor")]


@pytest.mark.parametrize("lead", ["We share your data with:", "We share your data with the companies below."])
@pytest.mark.parametrize("tag", ["p", "div", "li"])
def test_all_kinds_of_links_below_a_sentence_are_content(lead: str, tag: str) -> None:
    links = "".join(f"<{tag}>{link}</{tag}>" for link in LINKS)
    document = readers.parse(page(f"<p>{lead}</p><div>{links}</div><p>Ask them.</p>").encode(), "page.html")
    assert [clause.kind for clause in segment(document)] == ["text", "text"]
    assert "Clickmoor" in segment(document)[0].text


@pytest.mark.parametrize(
    ("above", "links"),
    [
        pytest.param("<h2>Our other policies are the following:</h2>", "<li>".join(["", *LINKS]), id="a heading"),
        pytest.param("<p>Follow us:</p>", "<li>".join(["", *LINKS]), id="a menu"),
        pytest.param("<p>We keep your data.</p>", "<li>".join(["", *LINKS]), id="no introduction"),
        pytest.param("<p>This policy has the following parts:</p>", "<li><a href='#ab'>One</a><li><a href='#bc'>Two</a>", id="a table of contents"),
        pytest.param("<p>This policy has the following parts:</p>", "<li><a href='/p#ab'><p>One</p></a><li><a href='/p#bc'><p>Two</p></a>", id="contents with addresses"),
    ],
)  # fmt: skip
def test_other_links_are_navigation(above: str, links: str) -> None:
    document = readers.parse(page(f"<p>{PROSE}</p>{above}<ul>{links}</ul><p>{PROSE}</p>").encode(), "page.html")
    assert "navigation" in [clause.kind for clause in segment(document)]


# --- frames and shadow roots -------------------------------------------------------------------------------------------

LARKSPUR = [
    (
        ("Privacy Notice of Larkspur", "Retention"),
        "",
        "We keep your booking records for six years after your last stay with us.",
    ),
    (
        ("Privacy Notice of Larkspur", "Sharing"),
        "",
        "We share your name with the operator of the boat that collects you at the pier.",
    ),
]


def test_the_page_in_a_saved_frame_is_read() -> None:
    assert case("frame-saved") == [((), "", "Our privacy notice is shown below."), *LARKSPUR]


def test_a_declarative_shadow_root_is_read() -> None:
    assert case("shadow-saved") == LARKSPUR


def in_frame(source: str) -> str:
    return f'<iframe srcdoc="{html.escape(source)}"></iframe>'


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p>Buy our new shoes now, before all of them are gone forever!</p>", id="an advertisement"),
        pytest.param("<h2>Privacy</h2><a href='/privacy'>We use cookies, read all about them and your privacy here</a>", id="links"),
        pytest.param("<button>I am no robot</button>", id="a button"),
    ],
)  # fmt: skip
def test_other_frames_are_left_out(source: str) -> None:
    document = readers.parse(page(f"<p>{PROSE * 9}</p>{in_frame(source)}").encode(), "page")
    assert found_in(document) == [((), "", PROSE * 9)]
    assert document.left_out


def test_frames_in_frames_are_read_within_limits() -> None:
    source = f"<h2>Privacy</h2><p>{PROSE}</p>"
    for _ in range(3):
        source = in_frame(source)
    assert clauses(page(source)) == [(("Privacy",), "", PROSE)]
    with pytest.raises(ReadError, match="has no text on it"):
        clauses(page(in_frame(source)))


def test_pages_with_frames_are_not_cheap() -> None:
    assert not bounds.is_cheap(page(in_frame("<p>x")).encode(), "page")


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<x-y><template shadowroot='open'>{}</template></x-y>", id="an old name"),
        pytest.param("<x-y><TEMPLATE class=a\nSHADOWROOTMODE=closed >{}</TEMPLATE></x-y>", id="capitals"),
        pytest.param("<x-y><template shadowrootmode=open>{}<template><p>no</p></template></template></x-y>", id="a template in it"),
        pytest.param("<template><p>no</p></template><x-y><template shadowrootmode=open>{}</template></x-y>", id="a template before it"),
        pytest.param("<x-y><template shadowrootmode=open><x-z><template shadowrootmode=open>{}</template></x-z></template></x-y>", id="one in another"),
        pytest.param("<template title='a shadowrootmode=open'><p>no</p></template>{}", id="a title"),
        pytest.param("</template>{}", id="an end tag alone"),
    ],
)  # fmt: skip
def test_shadow_roots_are_read_and_templates_are_not(source: str) -> None:
    assert clauses(page(source.format(f"<p>{PROSE}</p>"))) == [((), "", PROSE)]


def test_a_frame_that_may_hold_the_policy_is_named() -> None:
    frame = "<iframe src='notice_files/saved.html'></iframe>"
    note = (
        "the page has little text and a frame, which is not read: if the policy is in it, read notice_files/saved.html"
    )
    assert readers.parse(page(f"<p>Our notice:</p>{frame}").encode(), "page").notes == (note,)
    assert readers.parse(page(f"<p>{PROSE * 20}</p>{frame}").encode(), "page").notes == ()


def test_the_address_of_a_frame_is_named_on_one_line() -> None:
    (note,) = readers.parse(page("<p>Our notice:</p><iframe src='a\nb.html'></iframe>").encode(), "page").notes
    assert note.endswith("read a b.html")


@pytest.mark.parametrize(
    "attributes", ["", "src='about:blank'", "src=/x height=0", "src=/x hidden", "src=/x style='display: none'"]
)
def test_frames_that_show_nothing_are_not_named(attributes: str) -> None:
    assert readers.parse(page(f"<p>Our notice.</p><iframe {attributes}></iframe>").encode(), "page").notes == ()


def test_a_page_of_frames_is_refused_by_their_names() -> None:
    with pytest.raises(ReadError, match="its frames are not read, read their pages: menu.html, policy.html"):
        clauses("<html><frameset><frame src=menu.html><frame src=policy.html></frameset></html>")


# --- preference centers and accessibility widgets ----------------------------------------------------------------------


def test_a_preference_center_is_kept_apart_from_the_policy() -> None:
    found = [headings for headings, _, _ in case("preference-centre")]
    choice = ("Preference center", "Choose your cookies")
    assert found == [
        *(("Privacy Policy", title) for title in ("What we collect", "How long", "Contact")),
        choice,
        *((*choice, title) for title in ("Needed", "Counting", "Adverts")),
    ]


CENTER = f"""<div id=onetrust-consent-sdk><div id=onetrust-banner-sdk>We use cookies. <button>Accept</button></div>
<div id=onetrust-pc-sdk role=dialog><h2>Your cookies</h2><p>{PROSE * 6}</p><button>Save</button>
<div class=ot-pc-footer>Powered by Acme <button>Go</button></div></div></div>"""


@pytest.mark.parametrize("keep_all", [False, True])
@pytest.mark.parametrize("order", [0, 1], ids=["above the policy", "below the policy"])
def test_a_preference_center_is_read_last(order: int, keep_all: bool) -> None:
    parts = [CENTER, f"<main><h2>Privacy</h2><p>{PROSE * 20}</p></main>"][:: -1 if order else 1]
    found = clauses(page("".join(parts)), keep_all=keep_all)
    assert (("Privacy",), "", PROSE * 20) in found
    last = [clause for clause in found if clause[0][:1] == ("Preference center",)]
    assert last == found[-len(last) :]
    assert last[0] == (("Preference center", "Your cookies"), "", PROSE * 6)
    assert keep_all or len(found) == 2


def test_headings_of_a_preference_center_are_below_that_of_its_own() -> None:
    center = CENTER.replace("h2>", "h1>")
    assert clauses(page(f"<h1>Privacy</h1><p>{PROSE}</p>{center}"))[-1][0] == ("Preference center", "Your cookies")


def test_a_banner_is_still_left_out() -> None:
    banner = "<div id=onetrust-pc-sdk role=dialog><h2>Cookies</h2><p>We use cookies here and there.</p><button>Accept</button></div>"
    assert clauses(page(f"<p>{PROSE * 9}</p>{banner}")) == [((), "", PROSE * 9)]


@pytest.mark.parametrize("place", ["<main>{}{}</main>", "<main>{}</main>{}"])
def test_dialogs_of_accessibility_widgets_go_whatever_their_size(place: str) -> None:
    widget = f"<div class='acsb-widget' role=dialog><h2>Adjustments</h2><p>{PROSE * 20}</p><button>On</button></div>"
    assert clauses(page(place.format(f"<h1>Privacy</h1><p>{PROSE}</p>", widget))) == [(("Privacy",), "", PROSE)]
