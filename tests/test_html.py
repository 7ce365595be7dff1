"""Web pages as people save them: those of tests/pages, and small ones for each rule."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers import registry as readers
from classifier.readers.html.dom import parse_html
from classifier.readers.html.reader import read_html
from classifier.segmentation import segment
from tests.conftest import ROOT
from tests.strategies import check, check_or_refused

PAGES = sorted((ROOT / "tests/pages").glob("*.html"))


def cpu_seconds() -> float:
    """Processor time of this process and of the readers that it started; wall time depends on the load of the machine."""
    return sum(os.times()[:4])


def seen(document: Document) -> list[str]:
    """The blocks as the expected files write them."""
    lines = []
    for block in document.blocks:
        text = document.text[block.start : block.end]
        kind = {"heading": f"h{block.level}" if block.level else "hb", "paragraph": "p", "navigation": "toc"}.get(
            block.kind, ""
        )
        if block.style == "row":
            kind = "row"
        elif block.style in ("term", "definition"):
            kind = "dt" if block.style == "term" else "dd"
        elif block.kind == "item":
            kind = f"li{block.level}"
        lines.append(f"{kind}\t{' '.join(text.split())}")
    return lines


def read(source: str, **options: bool) -> Document:
    return readers.parse(f"<!DOCTYPE html><body>{source}".encode(), "page", **options)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_pages_are_read_as_people_read_them(path: Path) -> None:
    document = readers.read(path)
    assert seen(document) == path.with_suffix(".expected.txt").read_text(encoding="utf-8").splitlines()
    assert document.format == "html"
    check(document)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_keep_all_keeps_boilerplate(path: Path) -> None:
    document = readers.read(path, keep_all=True)
    assert len(document.text) >= len(readers.read(path).text)
    assert document.coverage > 0.85  # the rest are labels of buttons
    check(document)


LONG = "We keep the records of our customers for as long as the law wants us to, and then we delete them. " * 12


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param(
            f"<p>{LONG}</p><div class='menu'><a href='/'>Home</a> <a href='/x'>Shop</a></div>", "", id="a menu"
        ),
        pytest.param(f"<nav><a href='/'>Home</a></nav><main><p>{LONG}</p></main>", "", id="nav"),
        pytest.param(
            f"<main><p>{LONG}</p></main><div id='cookie-banner'>We use cookies. <button>Accept</button></div>",
            "",
            id="a banner",
        ),
        pytest.param(
            f"<div><p>{LONG}</p></div><div class='x1'>This site uses cookies. <a href='#'>Accept</a></div>",
            "",
            id="a banner without a name",
        ),
        pytest.param(
            f"<main><p>{LONG}</p></main><footer>© Acme <a href='/terms'>Terms</a></footer>", "", id="a footer"
        ),
        pytest.param(
            f"<main><article><p>{LONG}</p><footer><p>Write to Acme, Mill Lane 3.</p></footer></article></main>",
            "Write to Acme, Mill Lane 3.",
            id="the footer of the policy",
        ),
        pytest.param(
            f"<div><p>{LONG}</p></div><div><b>Contact:</b> privacy@acme.example</div>",
            "privacy@acme.example",
            id="an address next to the policy",
        ),
        pytest.param(
            f"<div class='hero'><h1>Privacy Policy</h1></div><div><p>{LONG}</p></div>", "Privacy Policy", id="the title"
        ),
        pytest.param(f"<div class='panel' style='display:none'><p>{LONG}</p></div>", LONG.strip(), id="a hidden panel"),
        pytest.param(
            f"<p>{LONG}</p><section class='cookie-policy'><p>Cookies are small files that your browser keeps for us, and we read.</p></section>",
            "Cookies are small files that your browser keeps for us, and we read.",
            id="a section on cookies",
        ),
        pytest.param(
            f"<div class='modal'><p>{LONG}</p><button>Close</button></div>",
            LONG.strip(),
            id="a dialog that is all there is",
        ),
    ],
)
def test_only_certain_boilerplate_is_removed(source: str, wanted: str) -> None:
    document = read(source)
    rest = document.text.replace(LONG.strip(), "", 0 if wanted == LONG.strip() else 1).strip()
    assert wanted in document.text
    assert rest == wanted or (wanted and wanted in rest)


def test_a_note_lists_boilerplate_if_little_is_kept() -> None:
    menu = "".join(f"<li><a href='/{k}'>Product number {k}</a></li>" for k in range(400))
    document = read(f"<nav><ul>{menu}</ul></nav><main><p>{LONG}</p></main>")
    assert 0.1 < document.coverage < 0.5
    share = f"only {document.coverage:.0%} of the page's words are taken for the policy"
    assert document.notes == (f"{share}; left out: menus (1,200 words); see --keep-all",)
    assert read(f"<main><p>{LONG}</p></main>").notes == ()


def test_text_after_a_panel_is_not_under_its_label() -> None:
    inner = "<details><summary>Inner</summary><p>We set cookies here.</p></details><p>Back in the outer.</p>"
    document = read(
        f"<h2>Policy</h2><details><summary>Outer</summary><p>We do.</p>{inner}</details><p>We transfer data.</p>"
    )
    assert [(clause.headings, clause.text) for clause in segment(document)] == [
        (("Policy", "Outer"), "We do."),
        (("Policy", "Outer", "Inner"), "We set cookies here."),
        (("Policy", "Outer"), "Back in the outer."),
        (("Policy",), "We transfer data."),
    ]


def test_places_are_the_paths_of_elements() -> None:
    document = read("<main><h1>Policy</h1><div><p>One.</p><p>Two.</p></div></main>")
    assert [clause.place for clause in segment(document)] == [
        "/html/body/main[1]/div[1]/p[1]",
        "/html/body/main[1]/div[1]/p[2]",
    ]


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        pytest.param("<p>a<br>b", ["p\ta b"], id="one line break"),
        pytest.param("<div>One sentence.<p>Another one.</div>", ["p\tOne sentence.", "p\tAnother one."], id="text beside a block"),
        pytest.param("<h3><button aria-expanded=false>Our data</button></h3><div>We do.</div>", ["h3\tOur data", "p\tWe do."], id="a button in a heading"),
        pytest.param("<button aria-expanded=false>Our data</button><div hidden>We do.</div>", ["hb\tOur data", "p\tWe do."], id="a button"),
        pytest.param("<p>We<span> keep </span>l<b>o</b>gs.</p>", ["p\tWe keep logs."], id="within a word"),
        pytest.param("<ol type=i start=3><li>three<li value=9>nine</ol>", ["li0\tiii. three", "li0\tix. nine"], id="numbers"),
        pytest.param("<p>We use <x-term>cookies</x-term> here.</p>", ["p\tWe use cookies here."], id="an element of the page's own"),
        pytest.param("<table><tr><td>a<td>b<tr><td>c<td>d</table>", ["row\ta | b", "row\tc | d"], id="a table without heads"),
        pytest.param("<table><tr><th>a<th>b<tr><td><ul><li>x<li>y z</ul><td>c</table>", ["row\ta | b", "row\tx • y z | c"], id="a list in a cell"),
        pytest.param("<p>so&shy;ft and e\u200bmpty", ["p\tsoft and empty"], id="invisible characters"),
        pytest.param("<p>👩\u200d🔧 e\u0301", ["p\t👩\u200d🔧 e\u0301"], id="emoji and accents"),
        pytest.param("<p>&#0;x&#x110000;y", ["p\t�x�y"], id="characters that are none"),
        pytest.param("<pre>one\ntwo\n\nthree</pre>", ["p\tone two", "p\tthree"], id="lines kept"),
    ],
)  # fmt: skip
def test_blocks_are_those_that_a_browser_shows(source: str, blocks: list[str]) -> None:
    assert seen(read(source)) == blocks


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        pytest.param("<html><p>naïve“".encode(), "naïve“", "utf-8", id="UTF-8 that says nothing"),
        pytest.param("<html><meta charset=iso-8859-1><p>naïve".encode(), "naïve", "utf-8", id="UTF-8 that says Latin-1"),
        pytest.param("<html><meta charset=utf-8><p>naïve “quote” voilà".encode("cp1252"), "naïve “quote” voilà", "windows-1252", id="Windows-1252 that says UTF-8"),
        pytest.param("<html><meta charset='windows-1251'><p>привет".encode("cp1251"), "привет", "windows-1251", id="as it says"),
        pytest.param("<html><meta charset=shift_jis><p>個人情報".encode("shift_jis"), "個人情報", "shift_jis", id="Japanese"),
        pytest.param("<html><p>naïve".encode("utf-16"), "naïve", "utf-16", id="UTF-16"),
        pytest.param(b"<html><meta charset=utf-7><p>+ADw-script+AD4-", "+ADw-script+AD4-", "utf-8", id="UTF-7 is not believed"),
    ],
)  # fmt: skip
def test_pages_are_decoded_as_browsers_do(data: bytes, text: str, encoding: str) -> None:
    document = readers.parse(data, "page")
    assert (document.text, document.encoding, document.notes) == (text, encoding, ())


def test_the_encoding_of_the_server_takes_precedence() -> None:
    data = "<html><meta charset=windows-1252><p>привет".encode("koi8-r")
    assert readers.parse(data, "page", charset="koi8-r").text == "привет"
    assert readers.parse(data, "page", charset="nonsense").text != "привет"


def test_invalid_bytes_are_shown_and_noted() -> None:
    document = readers.parse("<html><p>naïve – voilà – déjà – très ".encode() + b"\xff", "page")
    assert document.text.endswith("très �")
    assert document.notes == ("1 character is not valid UTF-8 and shown as �",)


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        pytest.param("a.txt", b"<!doctype html><p>Hello there.", "html", id="a page called text"),
        pytest.param("a.html", b"Just some text.", "text", id="text called a page"),
        pytest.param("a.html", b"<p>Hello there.", "html", id="part of a page"),
        pytest.param("a.md", b"# Title\n\nText with <b>HTML</b>.", "markdown", id="Markdown with HTML in it"),
        pytest.param("a.aspx", b"<html><p>Hello there.", "html", id="another suffix"),
    ],
)
def test_the_format_is_recognized_by_content(name: str, data: bytes, found: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert readers.read(tmp_path / name).format == found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("<div>" * 30_000, "elements open at once, which no policy has|takes more than", id="deeply nested"),
        pytest.param("".join(f"<b id={k}>" for k in range(20_000)) + "<p>x" * 20_000, "elements that are not closed|elements open at once|takes more (memory|than)", id="bold never closed"),
        pytest.param("<p>x" * 400_000, "has more than 200,000 elements and texts", id="many tags"),
        pytest.param("<script>document.write('x')</script>", "has no text on it", id="made by a script"),
        pytest.param("<nav>Home</nav><nav>Shop</nav><nav>News</nav><nav>Jobs</nav>", "nothing on it is taken for a policy; left out: menus", id="menus alone"),
        pytest.param("\0\0" + "abc" * 500, "holds NUL characters", id="binary"),
    ],
)  # fmt: skip
def test_absurd_pages_are_refused_soon(source: str, message: str) -> None:
    began = cpu_seconds()
    with pytest.raises(ReadError, match=message):
        read(source)
    assert cpu_seconds() - began < 60


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<p>" + "word " * 2_000_000, id="a paragraph of ten megabytes"),
        pytest.param("<table>" + "<tr><td rowspan=65534 colspan=1000>x<td>y" * 5000, id="cells that span all"),
        pytest.param("<ul><li>x" * 900, id="lists in lists"),
        pytest.param("<div class='" + "a " * 500_000 + "'>x</div>", id="classes"),
        pytest.param("<div>" * 3000 + "x", id="nested"),
        pytest.param("<a href=#>" * 60_000 + "x", id="links in links"),
        pytest.param("<details><summary>x</summary>" * 1500, id="panels in panels"),
        pytest.param("<p><b>" * 300 + "<p>y" * 30_000, id="misnested"),
        pytest.param("<!--" + "<!--" * 100_000, id="comments"),
    ],
)
def test_time_stays_bounded(source: str) -> None:
    began = cpu_seconds()
    check_or_refused(lambda: read(source))
    assert cpu_seconds() - began < 30


TAGS = st.sampled_from(
    "p div li ul ol table tr td th b strong h2 span a br details summary nav main footer button dl dt dd pre x-y template svg "
    "select form".split()
)
SOUP = st.lists(
    st.one_of(
        TAGS.map(lambda tag: f"<{tag}>"),
        TAGS.map(lambda tag: f"</{tag}>"),
        st.sampled_from(["We keep logs.", " ", "\n", "e\u0301", "🍪", "&amp;", "&#13;", "<a href='#x'>", "<!--", "-->", "<td rowspan=3>", "•", "1. "]),
        st.text(max_size=5),
    )
).map("".join)  # fmt: skip


@given(SOUP, st.booleans())
def test_any_soup_of_tags_is_read_with_exact_places(source: str, keep_all: bool) -> None:
    try:
        document = read(source, keep_all=keep_all)
    except ReadError:
        return
    check(document)
    assert 0 <= document.coverage <= 1


@given(st.binary())
def test_random_bytes_are_a_page_or_refused(data: bytes) -> None:
    check_or_refused(lambda: read_html(b"<html>" + data, "page"))


def test_elements_count_words_and_links() -> None:
    body = parse_html(
        "<div><a href='/x'>one two</a> <a href='#y1'>three</a> <a href='mailto:x'>four</a> five</div>", "x"
    )
    (div,) = body.elements
    assert (div.words, div.linked_words, div.jump_words) == (5, 3, 1)
    assert [element.path for element in div.elements] == [f"/html/body/div[1]/a[{k}]" for k in (1, 2, 3)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<div></x>" * 20_000, id="end tags that end nothing"),
        pytest.param("".join(f"<b id={k}></x>" for k in range(20_000)) + "<p>word</p>" * 20_000, id="bold and such end tags"),
        pytest.param("<div><i></i>" * 3000 + "<a href='#abc'>xy</a>" * 4 + "</div>" * 3000, id="links far inside"),
        pytest.param("<table><tr><td rowspan=1000>" + "a" * 500_000 + "</td><td>b</td></tr>" + "<tr><td>c</td></tr>" * 1000, id="a long cell that spans"),
        pytest.param("<div class=header>" * 2000 + "word" + "</div>" * 2000, id="headers in headers"),
    ],
)  # fmt: skip
def test_crafted_pages_cost_little(source: str) -> None:
    began = cpu_seconds()
    try:
        assert len(read(source).text) < 3_000_000
    except ReadError as error:
        assert re.search("open at once|not closed|takes more (memory|than)", str(error))
    assert cpu_seconds() - began < 15


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param("<button class='accordion'>What we collect</button><div class='panel'><p>We collect your name, address and the like.</p></div>", ["hb\tWhat we collect", "p\tWe collect your name, address and the like."], id="a button over its panel"),
        pytest.param("<h2><button>What we collect</button></h2><p>Names.</p>", ["h2\tWhat we collect", "p\tNames."], id="a button in a heading"),
        pytest.param("<button>Menu<h2>Our policy</h2><p>We keep logs.</p>", ["hb\tMenu", "h2\tOur policy", "p\tWe keep logs."], id="a button never closed"),
        pytest.param("<div role=tab aria-controls=p><h3>Retention</h3><div id=p><p>We keep logs.</p></div></div>", ["h3\tRetention", "p\tWe keep logs."], id="a panel in its tab"),
        pytest.param("<div role=tab aria-controls=p>One</div><div role=tab aria-controls=p>Two</div><div id=p>We keep logs.</div>", ["hb\tTwo", "hb\tOne", "p\tWe keep logs."], id="two tabs, one panel"),
        pytest.param("<textarea readonly>We keep your data for ten years, and then we delete all of them. " + "So it is. " * 20 + "</textarea>", None, id="a policy in a field"),
        pytest.param("<noscript><p>We keep your data for ten years, and then we delete them.</p></noscript>", ["p\tWe keep your data for ten years, and then we delete them."], id="a policy for browsers without scripts"),
        pytest.param("<table><tr><th>Category<th>Why</tr><tr><td>Location<td>" + "We use the place where you are to show what is near to you and to others. " * 3 + "</tr><tr><td>Health records<td>Not sold</tr></table>", None, id="a table that holds nearly all"),
        pytest.param(f"<main><p>{LONG}</p></main><footer><h2>Contact</h2><p>We collect the letters that people send to our office about their personal data.</p></footer>", None, id="a part in a footer"),
        pytest.param(f"<p>{LONG}</p><form><h2>Your rights</h2><p>You may object to what we do with your personal data at any time.</p><input></form>", None, id="a part in a form"),
        pytest.param(f"<p>{LONG}</p><section class='social-media'><h2>Social media</h2><p>We share your data with the networks whose buttons stand on our pages.</p></section>", None, id="a part on social media"),
        pytest.param(f"<p>{LONG}</p><div id='cookie-notice'><h2>Cookie notice</h2><p>Cookies are small files that your browser keeps for us, and that we read.</p></div>", None, id="a notice that asks nothing"),
    ],
)  # fmt: skip
def test_policy_text_that_looks_like_boilerplate_stays(source: str, wanted: list[str] | None) -> None:
    document = read(source)
    if wanted is not None:
        assert seen(document) == wanted
    assert document.coverage == 1.0


def test_removed_words_are_counted_by_reason() -> None:
    document = read(f"<nav><a href='/'>Home page</a></nav><main><p>{LONG}</p></main><footer>© Acme</footer>")
    assert document.left_out == (("menus", 2), ("page footers", 2))
    words = len(LONG.split())
    assert document.coverage == pytest.approx(words / (words + 4))


def test_an_unknown_encoding_is_noted() -> None:
    document = readers.parse("<html><meta charset=klingon><p>naïve and voilà, for long".encode("cp1252"), "page")
    assert document.text == "naïve and voilà, for long"
    assert document.notes == ("it declares the unknown encoding 'klingon'; it is read as Windows-1252",)
    turkish = "<html><meta charset=iso-8859-9><p>politikası değişiklik"
    assert readers.parse(turkish.encode("iso-8859-9"), "page").text == "politikası değişiklik"


P = "<p>We keep the records of our customers for as long as the law wants us to.</p>"


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        pytest.param(f"<h1>Privacy Policy</h1><div>{P * 6}</div><h2>Retention</h2><p>We keep logs for thirty days.</p><h2>Selling</h2><p>We never sell data.</p>", "We never sell data.", id="short sections beside the bulk"),
        pytest.param(f"<div>{P * 6}</div><div><h2>Children</h2><ul><li>none</ul></div>", "• none", id="a short list beside the bulk"),
        pytest.param(f"<div>{P * 6}</div><table><tr><th>Cookie<th>For<tr><td>sid<td>30 days</table>", "sid | 30 days", id="a table beside the bulk"),
        pytest.param(f"<h2>How we handle your data</h2><p>Effective: 1 May 2020</p><div>{P * 6}</div>", "Effective: 1 May 2020", id="a date before the bulk"),
        pytest.param(f"<article><section><header><h2><a href='#s'>Sharing of data</a></h2></header>{P}</section></article>", "Sharing of data", id="the header of a section"),
        pytest.param(f"<div class='panel-header header'><h3><a href='#c3'>Rights</a></h3></div>{P}", "Rights", id="the header of a panel"),
        pytest.param("<p>Press <button>Opt out</button> or use <button>Do not sell</button> to stop.</p>", "Press Opt out or use Do not sell to stop.", id="buttons in a sentence"),
        pytest.param(f"<table><tr><th><h1>Privacy Policy</h1></th></tr><tr><td>{P}<h2>Sharing</h2>{P}</td></tr></table>", "\n\nSharing\n\n", id="a layout with a header cell"),
    ],
)  # fmt: skip
def test_short_text_next_to_long_text_is_kept(source: str, wanted: str) -> None:
    assert wanted in read(source).text


@pytest.mark.parametrize(
    "source",
    [
        "<ul class='nav nav-tabs'><li><a data-toggle=tab href='#p1'>Collection</a><li><a data-toggle=tab href='#p2'>Sharing</a></ul><div id=p1>We collect.</div><div id=p2>We share.</div>",
        "<ul><li><button data-bs-toggle=tab data-bs-target='#p1'>Collection</button><li><button data-bs-toggle=tab data-bs-target='#p2'>Sharing</button></ul><div id=p1>We collect.</div><div id=p2>We share.</div>",
        "<div><span role=tab id=t1>Collection</span><span role=tab id=t2>Sharing</span></div><div role=tabpanel aria-labelledby=t1>We collect.</div><div role=tabpanel aria-labelledby=t2>We share.</div>",
    ],
    ids=["links", "buttons", "labels"],
)  # fmt: skip
def test_tabs_of_all_kinds_become_headings_of_their_panels(source: str) -> None:
    document = read(f"{P * 3}{source}")
    assert seen(document)[3:] == ["hb\tCollection", "p\tWe collect.", "hb\tSharing", "p\tWe share."]


def test_an_action_button_is_not_a_heading() -> None:
    document = read(f"{P}<button>Print</button>{P}<button>Copy link</button><ul><li>one</ul>")
    assert not any(block.kind == "heading" for block in document.blocks)


def test_pictures_leave_nothing_open() -> None:
    icon = "<svg viewBox='0 0 9 9'><path d='M0 0'/><circle r=1 /><use href='#x'/></svg>"
    assert len(read(f"<p>We keep logs. {icon}" * 2500).blocks) == 2500


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        pytest.param("<div>word <!--</div>-->" * 20_000, id="end tags in comments"),
        pytest.param("<optgroup>word " * 35_000, id="groups of options"),
        pytest.param("<div><table></div></table>" * 20_000, id="end tags in tables"),
        pytest.param("<div><i title='</div>'>" * 20_000, id="end tags in attributes"),
        pytest.param("<div><script></div></script>" * 20_000, id="end tags in scripts"),
        pytest.param('<a "' * 100_000, id="quotes never closed"),
        pytest.param("<!--" * 100_000, id="comments never closed"),
        pytest.param("<script>" * 50_000, id="scripts never closed"),
    ],
)
def test_hidden_end_tags_do_not_close_elements(source: str) -> None:
    began = cpu_seconds()
    with pytest.raises(
        ReadError, match="elements open at once|elements that are not closed|has no text on it|takes more (memory|than)"
    ):
        read(source)
    assert cpu_seconds() - began < 60
