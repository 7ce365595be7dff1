"""Parts of saved pages that are the policy though they look like boilerplate, and the other way round; parts that come twice.

Each test is a kind of page, with names and texts of our own; the parameters vary how it is built.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import replace

import pytest

from classifier import Document
from classifier.readers import isolated
from classifier.readers import registry as readers
from classifier.readers.formats import ReadOptions
from classifier.readers.html import bounds
from classifier.segmentation import segment
from tests.strategies import check_promises

SENTENCE = "We keep the records of our customers for as long as the law wants us to, and share your data with nobody."
PROSE = f"<p>{SENTENCE}</p>"
POLICY = PROSE * 12
COOKIES = "Cookies of this kind tell us which of our pages people open, and they are kept for a year at most."


def read(body: str, keep_all: bool = False) -> Document:
    document = readers.parse(f"<!doctype html><html><body>{body}</body></html>".encode(), "page", keep_all=keep_all)
    check_promises(document)
    return document


def consent_text(document: Document) -> str:
    """The text of the blocks of preference centers."""
    return "\n".join(document.text[block.start : block.end] for block in document.blocks if block.part == "consent")


def policy_text(document: Document) -> str:
    """The text of all other blocks."""
    return "\n".join(document.text[block.start : block.end] for block in document.blocks if not block.part)


# --- menus that are prose ----------------------------------------------------------------------------------------------

ITEMS = range(5)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("".join(f"<nav><h2>Part {k}</h2>{PROSE}</nav>" for k in ITEMS), id="sections that are nav"),
        pytest.param("".join(f"<nav>{PROSE}</nav>" for k in ITEMS) + POLICY, id="nav without headings"),
        pytest.param("<nav><ul>" + "".join(f"<li><a href='/{k}'>{SENTENCE}</a>" for k in ITEMS) + f"</ul></nav>{POLICY}", id="nav of long links"),
        pytest.param("<ul class=menu>" + "".join(f"<li><a href='/{k}'>{SENTENCE}</a>" for k in ITEMS) + f"</ul>{POLICY}", id="menu of long links"),
        pytest.param("".join(f"<div role=menu><div role=menuitem>Why {k}?</div>{PROSE}</div>" for k in ITEMS) + POLICY, id="role of menus"),
        pytest.param("<div role=tree>" + "".join(f"<div role=treeitem>Why {k}?</div>{PROSE}" for k in range(3)) + f"</div>{POLICY}", id="tree"),
        pytest.param("<ul class='dropdown menu'>" + "".join(f"<li><a href=#>Why {k}?</a><div class=submenu>{PROSE}</div>" for k in ITEMS) + f"</ul>{POLICY}", id="questions in a menu"),
        pytest.param("<div class=menu>" + "".join(f"<a href='/faq#{k}'><h3>Why {k}?</h3>{PROSE}</a>" for k in ITEMS) + f"</div>{POLICY}", id="answers in links"),
        pytest.param("<nav>" + "".join(f"<details><summary>Why {k}?</summary>{PROSE}</details>" for k in range(4)) + f"</nav>{POLICY}", id="panels in nav"),
        pytest.param("".join(f"<aside>{PROSE * 3}</aside>" for k in ITEMS) + POLICY, id="asides"),
        pytest.param("".join(f"<footer>{PROSE * 3}</footer>" for k in ITEMS) + POLICY, id="footers"),
        pytest.param(f"<div role=contentinfo>{PROSE * 3}</div>{POLICY}", id="role of footers"),
        pytest.param("".join(f"<header><nav><a href=/>Home</a></nav>{PROSE * 2}</header>" for k in ITEMS) + POLICY, id="headers"),
        pytest.param("".join(f"<div role=dialog><h3>Why {k}?</h3>{PROSE * 3}<button>Close</button></div>" for k in ITEMS) + POLICY, id="dialogs"),
    ],
)  # fmt: skip
def test_prose_of_a_policy_is_kept_whatever_it_is_built_of(source: str) -> None:
    document = read(source)
    assert document.text.count(SENTENCE) == source.count(SENTENCE)
    kinds = {block.kind for block in document.blocks if SENTENCE in document.text[block.start : block.end]}
    assert "navigation" not in kinds


def test_a_link_that_is_never_closed_does_not_make_prose_navigation() -> None:
    document = read(f"<p><a href='https://x.example/'>Partners<p>{SENTENCE}<p>{SENTENCE}")
    assert [clause.kind for clause in segment(document) if SENTENCE in clause.text] == ["text", "text"]


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<nav>" + "".join(f"<a href='/{k}'>Our product number {k}</a> " for k in ITEMS) + "</nav>", id="a menu"),
        pytest.param("<nav>" + "".join(f"<a href='/{k}'>See product number {k} of ours</a><p>It counts your sheep at night.</p>" for k in ITEMS) + "</nav>", id="a menu with blurbs"),
        pytest.param("<div class=wrap><nav>" + "".join(f"<a href='/{k}'>Our product number {k}</a> " for k in range(9)) + "</nav><p>Your search did not match any of them, so try other words.</p></div>", id="the rest of a menu"),
        pytest.param("<div class=newsletter-popup role=dialog><h2>Join us</h2><p>By signing up you agree that we use your data as our privacy policy says.</p><input><button>Join</button></div>", id="a newsletter"),
        pytest.param("<div id=chat-widget><p>Hi, how may I help you with your order today, please?</p><textarea></textarea><button>Send</button></div>", id="a chat"),
        pytest.param("<div class=related-posts><h2>Related posts</h2><a href=/a>Ten ways to bake bread</a> <a href=/b>How to keep bees</a></div>", id="related articles"),
        pytest.param("<div class='x tooltip-panel'><p>All prices are those that our dealers have set for the model shown here.</p></div>" * 30, id="tooltips at the end of the body"),
        pytest.param("<form>" + "".join(f"<label>Title of the work number {k} that was copied</label><input><input>" for k in range(9)) + "</form>", id="a form of fields"),
        pytest.param("<nav>" + "".join(f"<a href='/{k}'>Product {k}</a><p>{'It counts your sheep at night, and in the day it sleeps. ' * 9}</p>" for k in ITEMS) + "</nav>", id="a menu larger than the policy"),
        pytest.param("<ul class=megamenu>" + "".join(f"<li><a href='/{k}'>Product {k}</a><p>It counts your sheep at night, and in the day it sleeps.</p>" for k in ITEMS) + "</ul>", id="a list with blurbs"),
        pytest.param("<div class=acsb-loader><span>Please wait until the page is as you want it to be.</span></div>", id="a tool that loads"),
        pytest.param("<footer><p>No part of this site may be copied, sold or changed in any form by anyone at all.</p><a href=/privacy>Privacy</a></footer>", id="a footer"),
    ],
)  # fmt: skip
def test_furniture_goes(source: str) -> None:
    document = read(f"<div><h1>Privacy</h1>{POLICY}</div>{source}")
    assert document.text == "\n\n".join(["Privacy", *[SENTENCE] * 12])


SETTINGS = ("Contrast", "Bigger text", "Screen reader", "Highlight links", "Dyslexia font", "Big cursor")


@pytest.mark.parametrize(
    "opening", ["div role=dialog", "div role=alertdialog class=x9", "dialog", "aside", "section role=region"]
)
def test_settings_for_accessibility_go_whatever_their_name_and_size(opening: str) -> None:
    settings = "".join(
        f"<button>{each}</button><p>{'It makes the page fit for people who want it so. ' * 9}</p>" for each in SETTINGS
    )
    tag = opening.split()[0]
    assert read(f"<{opening}><h2>Adjust</h2>{settings}</{tag}><h1>Privacy</h1>{PROSE}").text == f"Privacy\n\n{SENTENCE}"


def test_a_policy_that_names_some_of_these_settings_is_none_of_them() -> None:
    text = "Our pages can be read with a screen reader, in high contrast and with bigger text, and we keep your data apart."
    assert text in read(f"<section role=region><h2>Use of our pages</h2><p>{text}</p></section>{POLICY}").text


# --- names of consent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<div class=privacy-notice-section><p>{}</p></div>", id="a part of the notice"),
        pytest.param("<div id=changes-to-this-privacy-notice><p>{}</p></div>", id="an anchor"),
        pytest.param("<p class=ccpa-explicit-notice>{}</p>", id="a paragraph"),
        pytest.param("<main><div class=cookie-settings><h2>Cookies</h2><p>{}</p><button>Manage them</button></div></main>", id="a section with a button"),
        pytest.param("<div class=ot-sdk-cookie-policy><h3>Counting</h3><p class=ot-sdk-cookie-policy-group-desc>{}</p></div>", id="a list of cookies of a manager"),
        pytest.param("<div class=cmplz-document><p>{}</p></div>", id="a document of a manager"),
    ],
)  # fmt: skip
def test_sections_of_a_policy_are_no_banners(source: str) -> None:
    text = "We may change this notice about cookies, and we allow you to read older versions of it whenever you ask us."
    assert text in policy_text(read(POLICY + source.format(text)))


@pytest.mark.parametrize("link", ["<a class=optanon-show-settings href=#>{}</a>", "<button class=ot-sdk-show-settings>{}</button>", "<span class=cookie-settings>{}</span>", "<a id=consent-preferences href=/c>{}</a>"])  # fmt: skip
def test_a_link_to_the_consent_manager_is_a_word_of_its_sentence(link: str) -> None:
    source = (
        f"<p>You may opt out of them at any time by way of our {link.format('Cookie Settings')}, or write to us.</p>"
    )
    assert "by way of our Cookie Settings, or write to us." in read(POLICY + source).text


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<form><p>{}</p><label>Name</label><input><button>Send</button></form>", id="a form"),
        pytest.param("<div><form><label>State</label><select></select><p>{}</p>" + "<input>" * 12 + "</form></div>", id="a form of many fields"),
        pytest.param("<div><h2>Privacy Request Form</h2><p>{}</p><input></div>", id="fields beside the policy"),
    ],
)  # fmt: skip
def test_a_form_for_the_rights_of_people_is_kept(source: str) -> None:
    text = "Say here whether you want to use your rights under a privacy law of your state."
    assert text in read(f"<div>{POLICY}</div>{source.format(text)}").text


def test_the_title_of_a_dialog_that_is_kept_is_kept_too() -> None:
    dialog = (
        f"<div class=modal-header><h4>Privacy Policy</h4><button>×</button></div><div class=modal-body>{POLICY}</div>"
    )
    assert read(f"<div class=modal role=dialog>{dialog}</div>").text.startswith("Privacy Policy\n\n")


# --- preference centers -------------------------------------------------------------------------------------------------


def categories(tag: str = "h3") -> str:
    kinds = ("Needed", "Counting", "Adverts", "Other")
    return "".join(f"<div><{tag}>{kind}</{tag}><p>{COOKIES}</p><input type=checkbox></div>" for kind in kinds)


VENDORS = "".join(
    f"<li><b>Vendor {k}</b><p>Stores the name of your device for {k} days at most.</p></li>" for k in range(300)
)
COOKIE_ROWS = "".join(f"<tr><td>ck{k}<td>Counts visit number {k} of a person to this site</tr>" for k in range(200))
CENTERS = [
    pytest.param(f"<div id=onetrust-consent-sdk><div id=onetrust-banner-sdk>We use cookies. <button>Accept All</button></div><div id=onetrust-pc-sdk class=ot-hide role=region><button>Allow All</button>{categories('h4')}<section id=ot-pc-lst><ul>{VENDORS}</ul></section></div></div>", id="OneTrust"),
    pytest.param(f"<div id=CybotCookiebotDialog role=dialog><a id=CybotCookiebotDialogBodyButtonAccept>Allow all</a>{categories()}<input><table><tr><th>Name<th>Use</tr>{COOKIE_ROWS}</table></div>", id="Cookiebot"),
    pytest.param(f"<div id=usercentrics-root><template shadowrootmode=open><div data-testid=uc-app-container role=dialog>{categories()}<button>Deny</button><button>Accept All</button></div></template></div>", id="Usercentrics"),
    pytest.param(f"<div class=truste_box_overlay><iframe class=truste_popframe srcdoc=\"{html.escape(categories() + '<a class=call>Submit</a><button>Agree and proceed</button>')}\"></iframe></div>", id="TrustArc"),
    pytest.param(f"<div id=qc-cmp2-container><div id=qc-cmp2-ui role=dialog>{categories('h2')}<button>AGREE</button><div class=qc-cmp2-vendors-list><ul>{VENDORS}</ul></div></div></div>", id="Quantcast"),
    pytest.param(f"<div id=didomi-host><div class=didomi-popup-container role=dialog>{categories()}<button>Agree to all</button><div class=didomi-vendors>{VENDORS}</div></div></div>", id="Didomi"),
    pytest.param(f"<div class=osano-cm-window><div class=osano-cm-dialog role=dialog>We use cookies. <button>Accept</button></div><div class=osano-cm-info-dialog>{categories()}<button>Save</button></div></div>", id="Osano"),
    pytest.param(f"<div id=xq1 aria-modal=true>{categories()}<button>Save my choices</button></div>", id="another one, in a dialog"),
    pytest.param(f"<div class=our-cookie-consent>{categories()}<a href=# role=button>Accept</a></div>", id="another one, by its name"),
    pytest.param(f"<div id=xq2>{categories()}<button>Save my choices</button></div>", id="another one, at the end of the body"),
    pytest.param("<div role=dialog>" + categories() + "<button>Reject all</button>" + "".join(f"<h4>{k}</h4><ul class=vendors>{VENDORS[:2000]}</ul>" for k in range(20)) + "</div>", id="vendors by letters"),
]  # fmt: skip


@pytest.mark.parametrize("center", CENTERS)
@pytest.mark.parametrize("order", [1, -1], ids=["below the policy", "above the policy"])
def test_the_center_of_any_consent_manager_is_kept_and_marked(center: str, order: int) -> None:
    policy = f"<main><h1>Privacy</h1>{POLICY}</main>"
    document = read("".join([policy, center][::order]))
    assert policy_text(document) == "\n".join(["Privacy", *[SENTENCE] * 12])
    consent = consent_text(document)
    assert consent.startswith("Preference center\n")
    assert consent.count(COOKIES) == 4
    assert "Adverts" in consent
    assert len(consent) < 1000  # no list of vendors
    assert document.blocks[-1].part == "consent"


def test_lists_of_vendors_are_counted() -> None:
    document = read(f"{POLICY * 40}<div id=onetrust-pc-sdk>{categories()}<button>Save</button><ul>{VENDORS}</ul></div>")
    assert dict(document.left_out)["lists of vendors"] == 300 * 13
    assert consent_text(document).count(COOKIES) == 4
    short = read(f"{POLICY}<div id=onetrust-pc-sdk>{categories()}<button>Save</button><ul>{VENDORS[:2500]}</ul></div>")
    assert "Vendor 9" in consent_text(short)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"<div id=cookie-preferences-center><h1>Cookie Policy</h1>{categories() * 5}<button>Save</button><button>Close</button></div>", id="a page of one part"),
        pytest.param(f"<div class=cookie-consent-wrapper>{categories() * 5}<button>Accept</button></div><footer>© Acme</footer>", id="without a title"),
        pytest.param(f"<main class=cookie-notice><h1>Cookies</h1>{categories() * 5}<a href=#>Accept</a></main>", id="in main"),
        pytest.param(f"<div role=dialog><h1>Cookie Policy</h1>{categories() * 5}<button>OK</button></div><p>Welcome.</p>", id="in a dialog"),
    ],
)  # fmt: skip
def test_a_page_that_is_nothing_but_a_policy_about_cookies_is_no_center(source: str) -> None:
    document = read(source)
    assert consent_text(document) == ""
    assert document.text.count(COOKIES) == 20


def test_a_section_about_cookies_is_no_center() -> None:
    section = f"<section class=cookie-preferences><h2>Cookies</h2><p>{COOKIES * 8}</p><button>Manage cookies</button></section>"
    document = read(f"<article><h1>Privacy</h1>{POLICY}{section}</article>")
    assert consent_text(document) == ""
    assert COOKIES in document.text


def test_a_center_that_comes_twice_is_read_once() -> None:
    center = f"<div class=consent-popup role=dialog>{categories()}<button>Accept</button></div>"
    document = read(f"{POLICY}{center}{center}")
    assert consent_text(document).count(COOKIES) == 4
    assert "repeated text" in dict(document.left_out)


def test_the_mark_of_a_center_survives_another_process() -> None:
    source = f"<html><body>{POLICY}<div id=onetrust-pc-sdk>{categories()}<button>Save</button><a href=/x>More</a></div>"
    (document,) = isolated.read_isolated(source.encode(), "page", "html", ReadOptions())
    assert document == replace(readers.parse(source.encode(), "page"), language="")  # which is told afterwards
    assert consent_text(document).count(COOKIES) == 4
    assert {block.part for block in document.blocks} == {"", "consent"}


def test_links_at_the_end_of_a_policy_are_not_joined_with_those_of_a_center() -> None:
    links = "<ul>" + "".join(f"<li><a href='/{k}'>See part {k}</a></li>" for k in range(3)) + "</ul>"
    document = read(
        f"{POLICY}{links}<div id=onetrust-pc-sdk><ul><li><a href=/c>More about them</a></ul>{categories()}<button>Save</button></div>"
    )
    navigation = [block for block in document.blocks if block.kind == "navigation"]
    assert [block.part for block in navigation] == ["", "consent"]


# --- parts that stand on a page twice -----------------------------------------------------------------------------------


def about(country: str) -> str:
    return f"<p>We keep the records of our customers for as long as the law of {country} wants us to, and then delete them.</p>"


PART = f"<h2>Records</h2>{about('Spain')}<ul><li>Names</li><li>Post codes</li></ul><h2>Sharing</h2>{about('France')}{about('Italy')}<h3>More</h3>{about('Malta')}"
BEGINNING = f"<h2>Records</h2>{about('Spain')}<h2>Sharing</h2>{about('France')}{about('Italy')}"
BARE = "".join(about(country) for country in ("Spain", "France", "Italy", "Malta", "Greece"))


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param(f"<h1>Privacy</h1><div class=desktop>{PART}</div><div class=mobile>{PART}</div>", 4, id="for desktops and phones"),
        pytest.param(f"<h1>Privacy</h1><div>{PART}</div><div>\n<a href=#top>Back to  top</a>\n{PART.replace('<p>', '<p> ')}<span>Menu</span></div>", 4, id="with labels and other white space"),
        pytest.param(f"<h1>Privacy</h1><div>{PART}</div><h2>To print</h2><div>{PART}</div>", 4, id="to print"),
        pytest.param(f"<div><h1>Privacy</h1>{PART}</div><div><h1>Privacy</h1>{PART}</div>", 4, id="with their titles"),
        pytest.param(f"<h1>Privacy</h1>{f'<section>{PART}</section>' * 3}", 4, id="three times"),
        pytest.param(f"<h1>Privacy</h1>{f'<div>{PART}{BARE}{PART}</div>' * 2}", 13, id="with repetitions of their own"),
        pytest.param(f"<h1>Privacy</h1><div>{PART}</div><div>{BEGINNING}</div>", 4, id="its beginning below it"),
        pytest.param(f"<h1>Privacy</h1><div>{BEGINNING}</div><div>{PART}</div>", 4, id="its beginning above it"),
        pytest.param(f"<div>{BARE}</div><div>{BARE}</div>", 5, id="without headings"),
        pytest.param(f"<h1>Privacy</h1><div><a role=tab aria-controls=p1>One</a><a role=tab aria-controls=p2>Two</a><div id=p1>{BARE}</div><div id=p2>{PART}</div></div><div><button>One</button><div>{BARE}</div><button>Two</button><div>{PART}</div></div>", 9, id="as tabs and as panels"),
        pytest.param(f"<h1>Privacy</h1><div>{PART}</div><noscript><div>{PART}</div></noscript>", 4, id="for browsers without scripts"),
    ],
)  # fmt: skip
def test_a_part_that_stands_on_a_page_twice_is_read_once(source: str, wanted: int) -> None:
    document = read(source)
    assert document.text.count("We keep") == wanted
    reason, words = document.left_out[0]
    assert reason == "repeated text"
    assert words >= 50
    assert document.coverage == 1.0  # all that it says is in the text
    assert read(source, keep_all=True).text.count("We keep") == source.count("We keep")


def test_the_first_whole_copy_is_kept() -> None:
    found = read(f"<h1>Privacy</h1><div id=a>{BEGINNING}</div><div id=b>{PART}</div><div id=c>{PART}</div>")
    assert {block.place.split("/p[")[0] for block in found.blocks if block.kind == "paragraph"} == {"/html/body/div[2]"}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"<h1>Privacy</h1><div>{PART}</div><div>{PART.replace('Malta', 'Cyprus')}</div>", id="another word"),
        pytest.param(f"<h1>Privacy</h1><div>{PART}<p>Kept 30 days</p></div><div>{PART}<p>Kept 60 days</p></div>", id="another number"),
        pytest.param(f"<h1>Privacy</h1><div>{PART}</div><div>{PART.replace('Sharing', 'Selling')}</div>", id="another heading"),
        pytest.param(f"<div><h1>Europe</h1>{PART}</div><div><h1>America</h1>{PART}</div>", id="two regions"),
        pytest.param(f"<h1>Europe</h1><div>{PART}</div><h1>America</h1><div>{PART}</div>", id="two regions, titles beside them"),
        pytest.param("<h1>Privacy</h1>" + "".join(f"<h2>Right {k}</h2><div>{about(k)}</div><div>{BARE}</div>" for k in "abc"), id="the same below each right"),
        pytest.param("<h1>Privacy</h1>" + "".join(f"<button aria-expanded=false>{k}</button><div>{BARE}</div>" for k in ("App", "Shop")), id="the same in two panels"),
        pytest.param(f"<h1>Privacy</h1><div>{BARE}</div>" + "".join(about(str(k)) for k in range(60)) + f"<div>{BARE}</div>", id="some paragraphs"),
        pytest.param(f"<h1>Privacy</h1>{PART}<ul>{'<li>Names of people who shop with us here or anywhere</li>' * 9}</ul>" * 1 + "<p>Also:</p><ul>" + "<li>Names of people who shop with us here or anywhere</li>" * 9 + "</ul>", id="lists"),
    ],
)  # fmt: skip
def test_parts_that_differ_are_all_read(source: str) -> None:
    document = read(source)
    assert document.text.count("We keep") == source.count("We keep")
    assert document.left_out == ()


LONG = "".join(f"<h2>Part {k}</h2>{about(f'country {k}')}" for k in range(20))


def test_large_parts_that_come_twice_are_noted() -> None:
    document = read(f"<h1>Privacy</h1><div>{LONG}</div><div>{LONG}</div>")
    words = dict(document.left_out)["repeated text"]
    assert document.notes == (f"parts of the page with {words:,} words stand on it more than once; they are read once",)


def test_large_parts_that_are_much_alike_are_noted() -> None:
    other = LONG.replace("country 9 ", "country X ")
    document = read(f"<div><h1>Europe</h1>{LONG}</div><div><h1>America</h1>{other}</div>")
    assert document.text.count("We keep") == 40
    assert document.notes == (
        "a part of the page is much like another one but not the same, as versions for two regions are; both are read",
    )
    assert read(f"<h1>Privacy</h1><div>{LONG}</div>").notes == ()


# --- parts that are not in the page -------------------------------------------------------------------------------------


def data_frame(source: str) -> str:
    return f"<iframe src='data:text/html;charset=utf-8,{html.escape(source)}'></iframe>"


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(data_frame(f"<h1>Privacy</h1>{PROSE * 3}"), id="as it is"),
        pytest.param(data_frame(f"<h1>Privacy</h1>{PROSE * 3}".replace(" ", "%20")), id="quoted"),
        pytest.param("<iframe src='data:text/html;base64,PGgxPlByaXZhY3k8L2gxPjxwPldlIGtlZXAgYWxsIGxvZ3Mgb2Ygb3VyIHNlcnZlcnMgZm9yIGEgbW9udGguPC9wPg=='></iframe>", id="base64"),
    ],
)  # fmt: skip
def test_a_page_in_the_address_of_a_frame_is_read(frame: str) -> None:
    assert read(frame).text.startswith("Privacy\n\nWe keep")
    assert not bounds.is_cheap(f"<html>{frame}".encode(), "page")


def test_an_address_that_hides_a_page_from_counting_is_not_read() -> None:
    frame = data_frame(PROSE).replace("data:", "&#100;ata:")
    assert bounds.is_cheap(f"<html>{PROSE}{frame}".encode(), "page")
    assert read(PROSE + frame).text == SENTENCE


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        pytest.param("<iframe src='notice_files/frame.html'></iframe>", "notice_files/frame.html", id="a saved frame"),
        pytest.param("<iframe data-src='https://x.example/policy'></iframe>", "https://x.example/policy", id="a frame that is loaded late"),
        pytest.param("<iframe src='blob:https://x.example/1'></iframe>", "blob:https://x.example/1", id="a page that a script made"),
        pytest.param("<object data=notice.html></object>", "notice.html", id="an object"),
        pytest.param("<object data=/n type='application/pdf'></object>", "/n", id="a PDF file"),
        pytest.param("<embed src='notice.pdf?v=2'>", "notice.pdf?v=2", id="an embedded PDF file"),
        pytest.param("<x-y><template shadowrootmode=open><iframe src=n.html></iframe></template></x-y>", "n.html", id="a frame in a shadow root"),
    ],
)  # fmt: skip
def test_other_pages_that_may_hold_the_policy_are_named(frame: str, named: str) -> None:
    note = f"the page has little text and a frame, which is not read: if the policy is in it, read {named}"
    assert read(f"<p>Our notice:</p>{frame}").notes == (note,)


@pytest.mark.parametrize(
    "frame", ["<object data=logo.svg></object>", "<embed src=film.mp4>", "<object data=x type='image/png'></object>"]
)
def test_pictures_are_no_pages(frame: str) -> None:
    assert read(f"<p>Our notice.</p>{frame}").notes == ()


@pytest.mark.parametrize(
    ("attributes", "is_named"),
    [
        pytest.param("src='page_files/privacy-policy.html'", True, id="its address"),
        pytest.param("src='page_files/saved_resource.html' title='Cookie Policy'", True, id="its title"),
        pytest.param("src='https://x.example/policies/privacy?v=1'", True, id="a folder"),
        pytest.param("src='https://ads.example/frame?page=/privacy-policy'", False, id="the address of this page"),
        pytest.param("src='https://ads.example/frame.html'", False, id="no name"),
        pytest.param("src='page_files/privacy-policy.html' hidden", False, id="a hidden one"),
    ],
)  # fmt: skip
def test_a_frame_named_after_a_policy_is_noted_on_any_page(attributes: str, is_named: bool) -> None:
    address = attributes.split("'")[1]
    note = f"a frame of the page is not read: if it shows more of the policy, read {address}"
    assert read(f"{POLICY}<iframe {attributes}></iframe>").notes == ((note,) if is_named else ())


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(f"<template id=t>{PROSE * 6}</template>", id="a template"),
        pytest.param(f"<noscript>{html.escape(PROSE * 6)}</noscript>", id="escaped markup"),
    ],
)
def test_text_that_only_scripts_show_is_noted(hidden: str) -> None:
    words = 6 * len(SENTENCE.split())
    note = f"{words} words of the page are shown by scripts, which are not run: save the page from a browser, as it shows it"
    assert read(f"<p>Loading</p>{hidden}").notes == (note,)
    assert read(f"{POLICY}{hidden}").notes == ()


@pytest.mark.parametrize("hidden", ["<template>{}</template>", "<noscript>&lt;p>{}</noscript>"])
def test_text_that_scripts_show_on_other_topics_is_not_noted(hidden: str) -> None:
    assert read("<p>Loading</p>" + hidden.format("Our new shoes are here. " * 30)).notes == ()


# --- time ---------------------------------------------------------------------------------------------------------------

GROWING: list[Callable[[int], str]] = [
    lambda k: f"<div>{PART}</div>" * k,
    lambda k: "<div>" * k + f"<div>{PART}</div>" * k,
    lambda k: "".join(f"<div><h2>Right {n}</h2><div><h3>x</h3>{BARE}</div></div>" for n in range(k)),
    lambda k: "<div class=cookie-consent-wrapper>" * k + f"<p>{COOKIES}</p><button>Accept</button>" * k,
    lambda k: "<div role=dialog>" * k + f"<table><tr><td>{COOKIES}</table>" * k + "<button>Accept</button>",
    lambda k: "<div role=dialog aria-label=x>contrast screen reader cursor " * k + "dyslexia " * k,
    lambda k: "<nav>" * k + "<a href=/x>a b c</a>" * k + PROSE,
    lambda k: "<template>" * k + "<" * k + PROSE,
]


@pytest.mark.parametrize("number", range(len(GROWING)))
@pytest.mark.no_cover
def test_time_grows_no_faster_than_the_page(number: int) -> None:
    from tests.test_html_growth import seconds

    small = min(seconds(GROWING[number](100)) for _ in range(3))
    large = min(seconds(GROWING[number](800)) for _ in range(2))
    assert large < 24 * max(small, 0.004)
