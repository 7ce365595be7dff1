"""Crafted pages: time and memory grow in proportion to the size, and no costly page counts as cheap."""

from __future__ import annotations

import contextlib
import os
import re
import time
import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers import limits
from classifier.readers.checks import BrokenPromiseError, check_blocks
from classifier.readers.html import bounds
from classifier.readers.html.dom import parse_html
from classifier.readers.registry import parse, read_as
from classifier.types import Block
from tests.conftest import ROOT
from tests.strategies import INVISIBLE, ODD_TEXTS, WHITE, check_promises

pytestmark = pytest.mark.no_cover  # it measures time, which coverage would lengthen

PAGES = sorted((ROOT / "tests/pages").glob("*.html"))


def page(source: str) -> bytes:
    return f"<html><body><p>We share your data.</p>{source}".encode()


def read(source: str, keep_all: bool = False) -> Document:
    return parse(page(source), "page", keep_all=keep_all)


def seconds(source: str) -> float:
    began = time.process_time()
    with contextlib.suppress(ReadError):
        read_as("html", page(source), "page")  # in this process
    return time.process_time() - began


def many(text: str) -> Callable[[int], str]:
    return lambda k: text * k


def numbered(*parts: str) -> Callable[[int], str]:
    return lambda k: "".join("".join(part.replace("#", str(number)) for number in range(k)) for part in parts)


# --- time --------------------------------------------------------------------------------------------------------------

GROWING = [
    pytest.param(numbered("<div role=tab aria-controls=p#>T#</div>", "<div role=tabpanel id=p#>x y</div>"), 250, id="tabs"),
    pytest.param(lambda k: "<div>" * (k // 2) + "<b role=tab aria-controls=p>x</b>" * k + "<i id=p>y", 250, id="tabs far inside"),
    pytest.param(lambda k: "<p>" + "<x-y>a</x-y>" * k, 500, id="elements of the page's own"),
    pytest.param(many("<button>a</button>"), 500, id="buttons side by side"),
    pytest.param(lambda k: "<header>" * (k // 2) + "<h1>x</h1>" * k + "<a href=/x>a b c d</a>" * 9, 250, id="headers in headers"),
    pytest.param(lambda k: "<div class=footer><h3>x</h3>" * k + "it is on and on and on and on x " * k, 120, id="footers in footers"),
    pytest.param(lambda k: "<div><b>x</b><div>" * k + "We share your data. " * 3, 120, id="bare words beside the policy, at each level"),
    pytest.param(lambda k: "<ul><li>x" * k, 90, id="lists in lists"),
    pytest.param(lambda k: "<table><tr><td>" * k + "x", 60, id="tables in tables"),
    pytest.param(lambda k: "<details><summary>x</summary>" * k, 90, id="panels in panels"),
    pytest.param(lambda k: "<details><h5>" * k + "<div role=button aria-expanded=false>x</div>" * k, 90, id="headings in panels"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "number"), GROWING)
def test_time_grows_no_faster_than_the_page(make: Callable[[int], str], number: int) -> None:
    # 8 times the size takes 64 times the time where time grows with the square; all else is noise
    small = min(seconds(make(number)) for _ in range(3))
    large = min(seconds(make(8 * number)) for _ in range(2))
    assert large < 24 * max(small, 0.004)


BOMBS = [
    pytest.param(many("<dd><li>x "), id="terms in items in terms"),
    pytest.param(lambda k: "<!-->" + "<div>x " * k + "-->", id="a comment that ends at once"),
    pytest.param(lambda k: "<!--->" + "<div>x " * k + "-->", id="a comment of three dashes"),
    pytest.param(lambda k: "<!-- --!>" + "<div>x " * k + "-->", id="a comment that ends with !"),
    pytest.param(many("<rt>x "), id="rt outside of ruby"),
    pytest.param(many("<desc><rp>x "), id="rp in desc"),
    pytest.param(lambda k: "<p " + " ".join(f"a{i}=1" for i in range(k)) + ">x", id="attributes"),
    pytest.param(lambda k: "<p " + "".join(f"a{i}='>'" for i in range(k)) + ">x", id="attributes with > in quotes"),
    pytest.param(lambda k: "<select>" + "<option>a" * k + "</select>", id="options"),
    pytest.param(numbered("<p><b id=#>x"), id="formatting never closed"),
    pytest.param(numbered("<div><font size=#>x</div>"), id="fonts closed by a div"),
    pytest.param(numbered("<p><b id=#><table><td></b></table></p>x"), id="end tags in a cell"),
    pytest.param(lambda k: "<span>" * k + "".join(f"<b id={i}>" for i in range(60)) + "</span>x" * k, id="formatting closed by a span"),
    pytest.param(many("<div " + "a" * 120 + " title='</div>'>x"), id="end tags far in a tag"),
    pytest.param(many("<svg><![CDATA[></svg>]]>"), id="end tags in CDATA"),
    pytest.param(many("<div><script><!--<script></script></div><!-- --></script>x"), id="end tags in a script in a script"),
    pytest.param(lambda k: "<svg><p>" + "<div/>x" * k, id="a slash after a picture"),
    pytest.param(many("<a href=/><div>x"), id="blocks in links"),
    pytest.param(many("<template shadowrootmode=open><div>x"), id="shadow roots never closed"),
    pytest.param(lambda k: "<iframe srcdoc='" + "<div>" * k + "x'></iframe>", id="deep in a frame"),
    pytest.param(numbered("<iframe srcdoc='<p><b id=#>x'></iframe>"), id="frames"),
]  # fmt: skip


@pytest.mark.parametrize("make", BOMBS)
def test_a_crafted_page_is_refused_or_read_within_limits(make: Callable[[int], str]) -> None:
    source = make(6_000)
    began = os.times()
    with contextlib.suppress(ReadError):
        read(source)
    ended = os.times()
    assert ended.user - began.user < 1  # nothing of it in this process
    assert ended.children_user - began.children_user < limits.seconds_for(len(source)) + 1


@pytest.mark.parametrize("make", BOMBS)
def test_no_bomb_is_cheap(make: Callable[[int], str]) -> None:
    with contextlib.suppress(ReadError):
        assert not bounds.is_cheap(page(make(10_000)), "page")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "<p" + "".join(f" a{k}" for k in range(5001)) + ">x", "more than 5,000 attributes", id="attributes"
        ),
        pytest.param("<select>" + "<option>a" * 8001, "more than 8,000 options", id="options"),
    ],
)
def test_absurd_counts_are_refused_before_parsing(source: str, message: str) -> None:
    with pytest.raises(ReadError, match=f"^page: has .*{message}"):
        bounds.is_cheap(page(source), "page")


def test_the_copy_ends_at_too_many_reopened_elements() -> None:
    with pytest.raises(ReadError, match="page: has thousands of formatting elements that are not closed"):
        parse_html("".join(f"<p><b id={k}>x" for k in range(800)), "page")


def test_the_copy_of_a_chosen_option_is_not_read() -> None:
    source = "<select><button><selectedcontent></selectedcontent></button><option selected><b>x</b></select><p>y</p>"
    assert read(source).text == "We share your data.\n\ny"
    assert not bounds.is_cheap(page(source), "page")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("<div>" * 6000 + "x", "open at once", id="deep"),
        pytest.param("<i>x</i>" * 6000, "more than 10,000 elements and texts", id="many"),
    ],
)
def test_the_copy_of_the_tree_has_bounds_of_its_own(source: str, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_NODES", 10_000)
    with pytest.raises(ReadError, match=message):
        parse_html(source, "page")


# --- cheap pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_ordinary_pages_are_cheap(path) -> None:  # type: ignore[no-untyped-def]
    data = path.read_bytes()
    assert bounds.is_cheap(data, path.name) == (b"srcdoc" not in data)  # pages in frames are not counted


def test_pages_that_cannot_be_counted_are_not_cheap() -> None:
    assert bounds.is_cheap(b"<html><p>x", "page")
    for data in ("<html><p>x".encode("utf-16"), b"<html><p>\x1b$B", b"<html>" + b"x" * 2_000_000, b"\xff\xfe\x3c\x3c"):
        assert not bounds.is_cheap(data, "page")


def nodes_of(html: str) -> int:
    from selectolax.lexbor import LexborHTMLParser

    parser = LexborHTMLParser(html)
    node, count = parser.root, 0
    while node is not None:
        count += 1
        below = node.first_child
        while below is None and node is not None:
            below = node.next
            node = node.parent if below is None else node
        node = below
    return count


FORMAT = st.sampled_from("a b i em font nobr strong u".split())
OTHER = st.sampled_from("p div li td table tr ul span svg button h2 dd select option template object sub desc".split())
IDS = st.sampled_from(["", "", ' id="1"', ' id="2"', " id=3", " id='>'", ' title="<b>"', ' title="'])
PART = st.one_of(
    st.builds("<{}{}>".format, st.one_of(FORMAT, OTHER), IDS),
    st.builds("</{}>".format, st.one_of(FORMAT, OTHER)),
    st.builds("<{0}{1}>x</{0}>".format, FORMAT, IDS),
    st.sampled_from(["x", " ", "<br>", "<!--", "-->", "<!-->", "--><b>", "<b a=-->", "<script>", "</script>", '">', "<!", "]]>"]),
)  # fmt: skip


@given(st.lists(PART, min_size=1, max_size=14), st.integers(1, 60))
@example(["<b a=-->", "x", "</b>", "<!--"], 50)
@example(["<span>", "<b>", "</span>", "x", "</b>"], 50)
def test_no_cheap_page_has_more_nodes_than_the_bound_says(parts: list[str], times: int) -> None:
    source = "".join(parts) * times
    numbered_source = re.sub(r'id="(\d)"', lambda match: f'id="{match.start()}"', source)
    for html in (source, numbered_source):
        counted = bounds.count(html.encode())
        assert nodes_of(html) <= counted.nodes + 8  # html, head, body and the like


# --- promises ----------------------------------------------------------------------------------------------------------

TAGS = st.sampled_from("p div li ul td tr table th pre b i h2 br nav a dt dd button summary details span".split())
ODD_PAGES = st.lists(
    st.one_of(
        ODD_TEXTS,
        TAGS.map(lambda tag: f"<{tag}>"),
        TAGS.map(lambda tag: f"</{tag}>"),
        st.sampled_from(["<a href='#ab'></a>" * 3, "<a href=/x>", "&nbsp;", "&#13;", "&#x2028;", "&ZeroWidthSpace;", "<b>:</b>"]),
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(ODD_PAGES, st.booleans())
@example("<p>We share your data.</p><nav>" + "<a href='#ab'></a>" * 3 + "</nav>", True)
@example("<ul><li>\x1c•\x85x\u2028<li>\xa0", False)
def test_blocks_keep_their_promises(source: str, keep_all: bool) -> None:
    try:
        check_promises(read(source, keep_all))
    except BrokenPromiseError:
        raise
    except ReadError:
        pass


def test_an_empty_menu_makes_no_block() -> None:
    document = read("<nav>" + "<a href='#ab'></a>" * 3 + "</nav>", keep_all=True)
    assert [(block.kind, block.start, block.end) for block in document.blocks] == [("paragraph", 0, 19)]


@pytest.mark.parametrize("white", WHITE, ids=ascii)
def test_no_block_begins_or_ends_with_white_space(white: str) -> None:
    document = read(f"<p>{white}One{white}</p><pre>{white}two{white}</pre><b>{white}three.{white}</b>{white}Four.")
    check_promises(document)
    assert document.text.split() == ["We", "share", "your", "data.", "One", "two", "three.", "Four."]


@pytest.mark.parametrize("hidden", INVISIBLE[:4], ids=ascii)
def test_invisible_characters_make_no_block(hidden: str) -> None:
    assert read(f"<p>{hidden}</p><li>{hidden}</li><nav>{'<a href=#ab></a>' * 3}{hidden}</nav>", keep_all=True).text == (
        "We share your data."
    )


@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        pytest.param([(0, 4)], "text at 4 is in no block", id="a gap at the end"),
        pytest.param([(0, 4), (10, 13)], "text at 4 is in no block", id="a gap"),
        pytest.param([(0, 4), (6, 6), (6, 13)], "the block at 6 is empty", id="empty"),
        pytest.param([(0, 5), (6, 13)], "begins or ends with white space", id="a white end"),
        pytest.param([(0, 4), (5, 13)], "begins or ends with white space", id="a white beginning"),
        pytest.param([(0, 9), (6, 13)], "the block at 6 is out of place", id="overlap"),
        pytest.param([(0, 4), (6, 14)], "the block at 6 is out of place", id="beyond the text"),
    ],
)
def test_broken_promises_are_reported(blocks: list[tuple[int, int]], message: str) -> None:
    found = [Block("paragraph", start, end) for start, end in blocks]
    with pytest.raises(BrokenPromiseError, match=message):
        check_blocks("One.\n\u2028Two and", found, "x")


# --- memory ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["ab\n", "We share your data with others.\n"])
def test_a_long_preformatted_text_takes_memory_in_proportion(line: str) -> None:
    source = "<pre>" + line * (150_000 // len(line))
    tracemalloc.start()
    try:
        read(source)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * len(source)


def test_the_lines_of_a_long_preformatted_text_are_those_of_a_short_one() -> None:
    lines = "one\ntwo\n\nA line. It is here.\n\n" * 5000
    short, long = read(f"<pre>{lines[:3000]}"), read(f"<pre>{lines}")
    assert [long.text[b.start : b.end] for b in long.blocks[:150]] == [
        short.text[b.start : b.end] for b in short.blocks[:150]
    ]
