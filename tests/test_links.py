"""Links keep their addresses: as data, and in what people read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Tagger
from classifier.readers.html.reader import read_html
from classifier.readers.registry import from_text, parse
from classifier.render.shown import MAX_SHOWN_LINKS
from classifier.types import Document

PAGE = "<h1>Privacy</h1><p>We share data with <a href='https://tern.example/p'>Tern</a> for maps and nothing else.</p>"


def links(document: Document) -> list[tuple[str, str]]:
    return [(document.text[link.start : link.end], link.address) for link in document.links]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        pytest.param("<p>See <a href=/a>A</a>, <a href=b>B</a>.", [("A", "/a"), ("B", "b")], id="two"),
        pytest.param(
            "<p>See <a href=/a>the <b>bold</b>  terms</a>.", [("the bold terms", "/a")], id="bold words in it"
        ),
        pytest.param("<p>See <a href=/a> \xa0terms\xa0</a>,", [("terms", "/a")], id="blanks in it"),
        pytest.param(
            "<p>One<br>two <a href=/a>A</a><br>three <a href=/b>B</a>", [("A", "/a"), ("B", "/b")], id="lines"
        ),
        pytest.param("<ul><li>• <a href=/a>Tern</a> for maps<li>Ads", [("Tern", "/a")], id="a typed bullet"),
        pytest.param("<h2><a href=/a>Our</a> partners</h2><p>Text.", [("Our", "/a")], id="a heading"),
        pytest.param(
            "<table><tr><th>Who<th>Why<tr><td>A<td>x<tr><td><a href=/a>A</a><td>A</table>", [("A", "/a")], id="a row"
        ),
        pytest.param(
            "<p>See <a href=#s>below</a> or <a name=x>here</a> or <a href='javascript:x()'>run</a>.", [], id="no page"
        ),
        pytest.param(
            "<p>See <a href='Data:text/html,x'>data</a>, <a href=''>empty</a>, <a href=x>\xad</a>.", [], id="nothing"
        ),
        pytest.param(f"<p>See <a href='https://x.example/{'x' * 3000}'>it</a> now.", [], id="an endless address"),
        pytest.param(
            "<p>See <a href='https://x.example/a\n b'>it</a> now.", [("it", "https://x.example/ab")], id="line end"
        ),
        pytest.param("<p>Write to <a href=mailto:a@b.example>us</a>.", [("us", "mailto:a@b.example")], id="mail"),
    ],
)
def test_links_of_pages_have_their_places(body: str, found: list[tuple[str, str]]) -> None:
    assert links(parse(f"<h1>Privacy</h1>{body}<p>And more.".encode(), "x.html", ".html")) == found


@given(
    st.lists(
        st.sampled_from(
            [*"ab \n\t\xa0\xad", "<b>", "</b>", "<br>", "<a href=x>", "<a href=y>", "</a>", "<p>", "<li>• "]
        )
    )
)
def test_places_of_links_begin_and_end_with_words(parts: list[str]) -> None:
    document = read_html(f"<p>First.</p>{''.join(parts)}<p>Last.".encode(), "x")
    at = 0
    for link in document.links:
        words = document.text[link.start : link.end]
        assert at <= link.start < link.end and words.strip() == words and set(words) <= set("ab \n•Last.")
        at = link.end


def test_addresses_of_a_fetched_page_are_whole() -> None:
    page = b"<p>See <a href=../terms?x=1>the terms</a> and <a href='//cdn.example/a'>this</a>, <a href='http://['>odd</a>.</p>"
    document = read_html(page, "https://tern.example/legal/privacy")
    assert [link.address for link in document.links] == [
        "https://tern.example/terms?x=1",
        "https://cdn.example/a",
        "http://[",
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See [A](/a), [B](<b c>) and [C](c 'title').", [("A", "/a"), ("B", "b c"), ("C", "c")]),
        ("No ![picture](p.png), \\[no](link), [s](#s), [ ](blank).", []),
        ("[a (b)](https://x.example/a_(b))", [("a (b)", "https://x.example/a_(b)")]),
    ],
)
def test_links_of_texts_have_their_places(tagger: Tagger, text: str, found: list[tuple[str, str]]) -> None:
    text = f"# Privacy\n\nWe say this.\n\n{text} More words."
    tagged = tagger.tag_document(from_text(text))
    assert [(text[start:end], address) for start, end, address in tagged.links(tagged[-1])] == found
    assert tagged.links(tagged[0]) == []


def test_all_output_has_the_addresses(tagger: Tagger) -> None:
    tagged = tagger.tag_bytes(PAGE.encode(), "x.html", ".html")
    address = "https://tern.example/p"
    assert tagged.to_dict()["clauses"][0]["links"] == [address]
    assert json.loads(tagged.to_json())["clauses"][0]["links"] == [address]
    assert tagged.to_frame()["links"].tolist() == [[address]]
    assert f'<a href="{address}" rel="noopener noreferrer nofollow">' in tagged.to_html()
    assert f"Links: [Tern]({address})." in tagged.to_markdown()


@pytest.mark.parametrize("address", ["ftp://x.example", "vbscript:x", "/terms", "java\tscript:x()", "x:y"])
def test_only_pages_and_mail_can_be_followed(tagger: Tagger, address: str) -> None:
    tagged = tagger.tag_text(f"We share data with [Tern](<{address}>) and others.")
    assert '<a href="#' in tagged.to_html() and f'href="{address}' not in tagged.to_html()
    assert "](" not in tagged.to_markdown()


def test_an_address_cannot_leave_its_place(tagger: Tagger) -> None:
    address = 'https://x.example/"><script>x</script>>)[y](javascript:z)'
    tagged = tagger.tag_bytes(f"<p>We share data with <a href='{address}'>T</a>.".encode(), "x.html", ".html")
    assert "<script" not in tagged.to_html()
    assert (
        "](https://x.example/%22%3E%3Cscript%3Ex%3C/script%3E%3E%29%5By%5D%28javascript:z%29)" in tagged.to_markdown()
    )


def test_of_many_links_some_are_shown_and_all_are_data(tagger: Tagger) -> None:
    words = ", ".join(f"[V{n}](https://v{n}.example)" for n in range(MAX_SHOWN_LINKS + 5))
    tagged = tagger.tag_text(f"We share your data with {words}, [V0](https://v0.example) and nobody else.")
    assert "and 5 more" in tagged.to_html() and "and 5 more" in tagged.to_markdown()
    assert len(tagged.to_dict()["clauses"][0]["links"]) == MAX_SHOWN_LINKS + 6


@pytest.mark.parametrize(
    ("data", "name"),
    [
        pytest.param(b"We share data with `Tern <https://tern.example/p>`_ and others.\n", "x.rst", id="rst"),
        pytest.param(
            b"Subject: News\nMIME-Version: 1.0\nContent-Type: text/html\n\n" + PAGE.encode(), "x.eml", id="an e-mail"
        ),
        pytest.param(
            b"We share data with <a href='https://tern.example/p'>Tern</a> and others.", "x.md", id="HTML in it"
        ),
    ],
)
def test_links_of_the_rare_formats_are_kept(tagger: Tagger, data: bytes, name: str) -> None:
    tagged = tagger.tag_bytes(data, name, f".{name.partition('.')[2]}")
    (found,) = [link for clause in tagged for link in tagged.links(clause)]
    assert (tagged.document.text[found.start : found.end], found.address) == ("Tern", "https://tern.example/p")
