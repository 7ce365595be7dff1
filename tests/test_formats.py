"""Files of formats that few policies come in: each is read as a person sees it, or refused in one sentence."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers import isolated
from classifier.readers.formats import READERS, ReadOptions
from classifier.readers.mail import mime
from classifier.readers.mail.reader import read_email, read_mhtml
from classifier.readers.markdown import has_markup, read_markdown
from classifier.readers.plaintext import find_blocks
from classifier.readers.registry import parse, parse_all, read_all
from classifier.readers.rst import read_rst
from classifier.segmentation import segment
from tests.conftest import Run
from tests.strategies import check, check_or_refused
from tests.test_html import seen
from tests.test_pdf import drawn
from tests.test_time import KILOBYTES, MAX_EXPONENT, growth

Rows = list[tuple[str, str]]


def rows(document: Document) -> Rows:
    """Return the headings and the text of each clause that is no navigation, white space collapsed."""
    check(document)
    clauses = (clause for clause in segment(document) if clause.kind == "text")
    return [(" > ".join(clause.headings), " ".join(clause.text.split())) for clause in clauses]


# --- data about the file at its beginning ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "matter",
    [
        pytest.param("---\ntitle: We sell data\n---\n", id="YAML"),
        pytest.param("---\r\ntitle: 'We sell data'\r\n\r\ntags:\r\n  - sale\r\n- share\r\n...\r\n", id="lists"),
        pytest.param('+++\ntitle = "We sell data"\n# a comment\n[params]\n  share = true\n+++\n', id="TOML"),
    ],
)
@pytest.mark.parametrize("suffix", [".md", ".mdx", ".rst", ".txt"])
def test_data_about_a_file_are_no_clause(matter: str, suffix: str) -> None:
    document = parse(f"{matter}\nWe keep logs.\n".encode(), f"a{suffix}", suffix)
    assert rows(document) == [("", "We keep logs.")]
    assert [block.kind for block in document.blocks] == ["navigation", "paragraph"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("---\n\n# Privacy\n\n---\n\nWe keep logs.", id="a title between rules"),
        pytest.param("---\ntitle: Privacy\n\nWe keep logs.\n\nWe share them.", id="no end"),
        pytest.param("---\ntitle: Privacy\nWe keep logs.\n---", id="prose in it"),
        pytest.param("---\nLast updated: 3 May\n---\n\nWe keep logs.", id="a date between rules"),
        pytest.param("---\n" + "a: b\n" * 500 + "---\n\nWe keep logs.", id="too long"),
    ],
)
def test_rules_around_text_hide_none_of_it(text: str) -> None:
    shown = [block for block in find_blocks(text) if block.kind != "navigation"]
    assert any("Privacy" in text[block.start : block.end] or ": " in text[block.start : block.end] for block in shown)


# --- HTML in Markdown ----------------------------------------------------------------------------------------------------


def markdown(source: str) -> Document:
    document = parse(source.encode(), "a.md", ".md")
    assert document.format == "markdown"
    check(document)
    return document


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("We keep logs.\n\n<!-- do we sell\n\ndata? -->\n\nWe share.", ["p\tWe keep logs.", "p\tWe share."], id="a comment"),
        pytest.param("We keep <!-- sell --> logs.<!---->", ["p\tWe keep logs."], id="a comment in a line"),
        pytest.param("<div align=center>\n\n# Privacy\n\n</div>\n</td>\n\nWe keep logs.", ["h1\t# Privacy", "p\tWe keep logs."], id="tags on lines of their own"),
        pytest.param('<a name="logs"></a>\n## Logs\n\nWe keep them.', ["h2\t## Logs", "p\tWe keep them."], id="an anchor"),
        pytest.param("We keep <b>server</b> <i>logs</i> for the 15<sup>th</sup> time.", ["p\tWe keep **server** logs for the 15th time."], id="tags in a line"),
        pytest.param("<strong>Log files.</strong> We keep them.", ["hb\t**Log files.**", "p\tWe keep them."], id="a bold opening"),
        pytest.param("<b> Logs </b>are <b>kept\n\nfor</b> a <B>year</B>.", ["p\t**Logs** are kept", "p\tfor a **year**."], id="bold words with edges"),
        pytest.param('<p>See <a href="https://x.example/?a&amp;b">our list</a>.</p>', ["p\tSee [our list](https://x.example/?a&b)."], id="a link"),
        pytest.param('* <a href="/shop">Shop</a>\n* <a href=/help>Help</a>\n\nWe keep logs.', ["toc\t* [Shop](/shop) * [Help](/help)", "p\tWe keep logs."], id="a menu"),
        pytest.param("Otterford Ltd<br>\n4 Mill Lane<br/>Pellbridge<BR><br>We keep logs.", ["p\tOtterford Ltd 4 Mill Lane Pellbridge", "p\tWe keep logs."], id="breaks"),
        pytest.param("Terms &amp; data&nbsp;of &#8220;users&#x201d; &lt;18, &unknown; 5 &#42; 3", ["p\tTerms & data of “users” <18, &unknown; 5 \\* 3"], id="entities"),
        pytest.param("<h2 id=x><a href='#x'>Logs &amp; <em>bills</em></a></h2><p>We keep them.</p>", ["h2\tLogs & bills", "p\tWe keep them."], id="a heading"),
        pytest.param("<h2>Logs <h3>Bills</h3>\n\nWe keep them.", ["hb\tLogs", "h3\tBills", "p\tWe keep them."], id="a heading without an end"),
        pytest.param("<ul>\n<li>logs</li>\n<li><p>bills</p><ol><li>new<li>old</ol></li>\n</ul>\nWe keep them.", ["li0\t* logs", "li0\t* bills", "li2\t1. new", "li2\t2. old", "p\tWe keep them."], id="lists"),
        pytest.param("<dl><dt>Logs</dt><dd>We keep them for a year.</dd></dl>", ["hb\tLogs", "p\tWe keep them for a year."], id="terms"),
        pytest.param("<script>sell()</script><style>p { share: all }</style><svg><text>sell</text></svg>We keep <img src=x alt=sell> logs.", ["p\tWe keep logs."], id="what is not shown"),
        pytest.param("Use `<b>` and `&amp;`, <Data Officer>, <mail@x.example>, <https://x.example>, \\<b> and 2 <3. <i>So.</i>", ["p\tUse `<b>` and `&amp;`, <Data Officer>, <mail@x.example>, <https://x.example>, \\<b> and 2 <3. So."], id="what is no tag"),
        pytest.param("```html\n<b>&amp;</b>\n```\n\nWe keep <b>logs</b>.", ["p\t```html <b>&amp;</b> ```", "p\tWe keep **logs**."], id="code"),
        pytest.param("<!DOCTYPE x><?xml version='1.0'?>We keep <u>logs</u>.", ["p\tWe keep logs."], id="declarations"),
        pytest.param("| Data | Why |\n|---|---|\n| Logs<br>Bills | <ul><li>safety</li><li>law</li></ul> |\n\n<p>We share.", ["row\t| Data | Why | |---|---|", "row\t| Logs Bills | • safety • law |", "p\tWe share."], id="in a row of Markdown"),
        pytest.param("<b>We keep logs.", ["p\tWe keep logs."], id="never closed"),
        pytest.param("We keep <!-- logs.", ["p\tWe keep <!-- logs."], id="a comment without an end is no comment"),
    ],
)  # fmt: skip
def test_markup_in_markdown_is_read_as_it_is_shown(source: str, expected: list[str]) -> None:
    assert seen(markdown(source)) == expected


def test_panels_end_where_their_element_ends() -> None:
    source = """# Privacy

<details open>
<summary><b>What we share</b></summary>

We share data with partners.

<details><summary>Whom</summary>We share it with banks.</details>
We share it by post.
</details>

We keep logs for a year."""
    assert rows(markdown(source)) == [
        ("Privacy > What we share", "We share data with partners."),
        ("Privacy > What we share > Whom", "We share it with banks."),
        ("Privacy > What we share", "We share it by post."),
        ("Privacy", "We keep logs for a year."),
    ]


HEADS = "<tr><th>Data</th><th>Kept</th></tr>"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(f"<table>{HEADS}<tr><td>Logs</td><td>A year</td></tr></table>", [("Data | Kept", "Logs | A year")], id="on one line"),
        pytest.param(f"<table>\n{HEADS}\n\n<tr>\n<td>\n\n* Logs\n* **Bills**\n\n</td>\n<td>A year</td>\n</tr>\n</table>", [("Data | Kept", "* Logs * **Bills** | A year")], id="Markdown in cells"),
        pytest.param(f"<TABLE>{HEADS}<tr><td rowspan=2>Logs<td>A year<tr><td>A day</TABLE>", [("Data | Kept", "Logs | A year"), ("Data | Kept", "Logs | A day")], id="without end tags"),
        pytest.param(f"<table>{HEADS}<!-- <tr><td>sell --><tr><td>Logs</td><td>A year</td></tr></table>", [("Data | Kept", "Logs | A year")], id="a comment in it"),
        pytest.param("<table><tr><td>Logs</td><td>A year</td></tr><tr><td>Bills</td><td>Ten years</td></tr></table>", [("", "Logs | A year"), ("", "Bills | Ten years")], id="no heads"),
        pytest.param("<table><tr><td>We keep logs.</td></tr></table>", [("", "We keep logs.")], id="a box"),
        pytest.param(f"<table><tr><td><table>{HEADS}<tr><td>Logs</td><td>A year</td></tr></table></td></tr></table>", [("Data | Kept", "Logs | A year")], id="in a box"),
        pytest.param("<table><tr><td>We keep logs.</td><td>We share.</td>", [("", "We keep logs."), ("", "We share.")], id="never closed"),
    ],
)  # fmt: skip
def test_tables_in_markdown_are_read_row_by_row(table: str, expected: Rows) -> None:
    document = markdown(f"We keep <i>data</i>.\n\n{table}\n\nThat is all.")
    found = [(clause.context, " ".join(clause.text.split())) for clause in segment(document)]
    assert found == [("", "We keep data."), *expected, ("", "That is all.")]


def test_text_outside_of_the_cells_of_a_table_is_not_lost() -> None:
    document = markdown(f"<table>{HEADS}We keep logs.<tr><td>Bills</td><td>Ten years</td></tr></table>")
    assert document.text.split() == "Data Kept We keep logs. Bills Ten years".split()


def test_a_clause_says_the_line_that_it_begins_on() -> None:
    source = "# Privacy\r\n\r\n<!--\r\n\r\n-->\r\n<p>We keep\r\nlogs.</p>\r\n<table>\r\n<tr><th>Data</th><th>Kept</th></tr>\r\n\r\n<tr>\r\n<td>Logs</td><td>A year</td></tr></table><p>We share.\r\n\r\nAll.</p>"
    assert [(clause.place, clause.text.split()[0]) for clause in segment(markdown(source))] == [
        ("line 6", "We"),
        ("line 11", "Logs"),
        ("line 12", "We"),
        ("line 14", "All."),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "# Privacy\n\nWe keep logs, see <https://x.example> & <mail@x.example>, 1 <2.",
        "| Data | Kept |\n|---|---|\n| Logs<br>bills<br/> | A year |",
        "Write to <Data Protection Officer>, AT&T; <Summary>",
    ],
)
def test_a_text_without_hidden_markup_is_its_own_source(source: str) -> None:
    assert not has_markup(source.encode())
    document = parse(source.encode(), "a.md", ".md")
    assert (document.format, document.text) == ("text", source)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252"])
def test_markup_is_found_in_every_encoding(encoding: str) -> None:
    document = parse("We keep <b>the café’s</b> logs.".encode(encoding), "a.md", ".md")
    assert (document.format, document.text) == ("markdown", "We keep **the café’s** logs.")


def test_markup_alone_is_no_text() -> None:
    with pytest.raises(ReadError, match=r"^a\.md: has no text in it, only markup$"):
        parse(b"<div>\n<!-- we sell data -->\n</div>", "a.md", ".md")


@pytest.mark.parametrize("name", ["a", "a.txt", "a.markdown"])
def test_html_in_any_text_is_read(name: str) -> None:
    assert parse(b"We keep <b>logs</b>.", name, Path(name).suffix).text == "We keep **logs**."


PIECES = st.sampled_from(
    ["<b>", "</b>", "<p>", "</p>", "<li>", "<ul>", "</ul>", "<ol>", "</ol>", "<table>", "</table>", "<tr>", "<td>", "<th>", "</td>", "<br>",
     "<h2>", "</h2>", "<summary>", "</summary>", "<details>", "</details>", "<a href=x>", "</a>", "<!--", "-->", "&amp;", "&#42;", "`",
     "```", "\n", "\n\n", "\r\n", "  ", "* ", "| ", "We keep logs.", "Title", "**", "[", "](x)", "---", "a: b", "# ", "<script>", "</script>",
     "<Note>", "</Note>", "{", "}", "{/*", "*/}", "import a from 'b'", "\x85", "\u2028", "\u200b", "e\u0301", "<td rowspan=3>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join), st.booleans())
def test_any_mixture_is_read_without_loss_or_refused(source: str, is_jsx: bool) -> None:
    check_or_refused(lambda: read_markdown(source.encode(), "a.md", is_jsx=is_jsx))


GROWING: dict[str, Callable[[int], str]] = {
    "cells": lambda n: f"<table>{HEADS}" + "<tr><td>a</td><td>b</td></tr>" * (n // 29) + "</table>",
    "tables": lambda n: f"<table>{HEADS}</table>\n" * (n // 60),
    "tables in tables": lambda n: "<table><tr><td>" * (n // 15) + "x",
    "tables without an end": lambda n: "<table>" * (n // 7) + "</table>",
    "bold without an end": lambda n: "<b>" * (n // 3) + "x</b>",
    "bold in bold": lambda n: "<b><strong>" * (n // 20) + "x" + "</strong></b>" * (n // 20),
    "headings without an end": lambda n: "<h2>x" * (n // 5) + "</h2>",
    "quotes without an end": lambda n: "<a x='<a x=\"" * (n // 12),
    "attributes": lambda n: "<a " + "b " * (n // 2),
    "comments without an end": lambda n: "<!--x" * (n // 5),
    "items": lambda n: "<ul><li>x" * (n // 9),
    "breaks": lambda n: "x<br>" * (n // 5),
    "breaks in a row": lambda n: "| x" + "<br>x" * (n // 5),
    "panels": lambda n: "<details><summary>x</summary>y" * (n // 30),
    "fences without an end": lambda n: "```x\n<b>\n" * (n // 9),
    "components": lambda n: "<Note>x\n" * (n // 8),
    "braces": lambda n: "<Note x={ {}" * (n // 12),
    "imports": lambda n: "import a\n" * (n // 9) + "x",
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", GROWING)
def test_markup_is_read_in_linear_time(kind: str) -> None:
    def read(length: int) -> None:
        source = GROWING[kind](length).encode()
        check_or_refused(lambda: read_markdown(source, "a"))
        check_or_refused(lambda: read_markdown(source, "a", is_jsx=True))

    assert growth(read, 10 * KILOBYTES) <= MAX_EXPONENT


def test_more_tags_than_any_policy_has_are_refused() -> None:
    with pytest.raises(ReadError, match="has more than 200,000 tags, which no policy has"):
        read_markdown(b"<b>" * 200_001, "a.md")


def test_ten_thousand_cells_are_read_in_a_process_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    source = f"<table>{HEADS}{'<tr><td>Logs</td><td>A year</td></tr>' * 5000}</table>".encode()
    assert len(parse(source, "a.md", ".md").blocks) == 5001
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(ReadError, match="Python cannot be started again"):
        parse(source, "a.md", ".md")


# --- MDX -----------------------------------------------------------------------------------------------------------------

MDX = """import { Note } from '@site/note'
import Layout, {
  Step,
} from "./layout"

export const meta = {
  date: '2024',
}

# Privacy

{/* do we
sell data? */}

<Note type="warning" onClick={() => { close({ all: 1 }) }}>
  We never **sell** your data.
</Note>

<Step title="1">We collect your name.</Step>
<Step>We delete it after {years} years.</Step>

We share it with <Link to="/partners">our partners</Link>{' '}and <Mark>nobody</Mark> else.

<Tabs.Item {...props} />
<>

* logs

</>

export of data to other countries is rare.
"""


def test_of_mdx_only_text_is_read() -> None:
    document = parse(MDX.encode(), "a.mdx", ".mdx")
    assert document.format == "mdx"
    assert rows(document) == [
        ("Privacy", "We never **sell** your data."),
        ("Privacy", "We collect your name."),
        ("Privacy", "We delete it after {years} years."),
        ("Privacy", "We share it with our partners and nobody else."),
        ("Privacy", "* logs"),
        ("Privacy", "export of data to other countries is rare."),
    ]


# --- reStructuredText ------------------------------------------------------------------------------------------------------

RST = """:orphan:

.. _privacy:

=================
Otterford Privacy
=================

:Date: 3 May 2024

.. toctree::
   :maxdepth: 2

   we-sell
   we-share

.. |us| replace:: Otterford Ltd

What we collect
===============

We, |us|, collect :term:`personal data <data>` as the `law of
Pellbridge <https://law.example>`_ allows, see sharing_ and `Cookies`_ [1]_ in ``user_name``.

.. note:: We never **sell** your data.

.. admonition:: In short

   We keep logs.

   * names
   * mails

     * none

We keep these::

    a literal block

.. we sell data
   to brokers

Cookies
-------

Session cookie
    It ends when you close the browser.
Stored cookie
    It stays for a year.

.. image:: logo.png
   :alt: we share

| Otterford Ltd
| 4 Mill Lane

.. [1] Says the footnote.

Sharing
=======

#. banks
#. post offices

----

.. figure:: flow.png
   :width: 20

   How data flow.

The end.
"""


def test_restructured_text_is_read_as_it_is_shown() -> None:
    document = parse(RST.encode(), "a.rst", ".rst")
    assert document.format == "rst"
    title, collect = "Otterford Privacy", "Otterford Privacy > What we collect"
    assert rows(document) == [
        (title, "Date: 3 May 2024"),
        (collect, "We, Otterford Ltd, collect personal data as the [law of Pellbridge](https://law.example) allows, see sharing and Cookies [1] in `user_name`."),
        (collect, "We never **sell** your data."),
        (f"{collect} > In short", "We keep logs."),
        (f"{collect} > In short", "* names * mails * none"),
        (collect, "We keep these:"),
        (collect, "a literal block"),
        (f"{collect} > Cookies > Session cookie:", "It ends when you close the browser."),
        (f"{collect} > Cookies > Stored cookie:", "It stays for a year."),
        (f"{collect} > Cookies", "Otterford Ltd 4 Mill Lane"),
        (f"{collect} > Cookies", "[1] Says the footnote."),
        (f"{title} > Sharing", "* banks * post offices"),
        (f"{title} > Sharing", "How data flow."),
        (f"{title} > Sharing", "The end."),
    ]  # fmt: skip
    places = {clause.text.split("\n")[0]: clause.place for clause in segment(document)}
    assert places["The end."] == f"line {RST[: RST.index('The end.')].count(chr(10)) + 1}"


@pytest.mark.parametrize(
    "marks",
    [("=", "-", "~"), ("*", "=", "^"), ("#", "`", '"')],
    ids="".join,
)
def test_sections_have_ranks_in_the_order_of_their_marks(marks: tuple[str, ...]) -> None:
    first, second, third = marks
    sections = [("Privacy", first), ("Logs", second), ("Days", third), ("Sharing", second), ("Terms", first)]
    source = "".join(f"{title}\n{mark * 8}\n\nWe keep it.\n\n" for title, mark in sections)
    assert [path for path, _ in rows(read_rst(source.encode(), "a"))] == [
        "Privacy",
        "Privacy > Logs",
        "Privacy > Logs > Days",
        "Privacy > Sharing",
        "Terms",
    ]


def test_a_title_with_a_line_above_is_of_another_rank() -> None:
    source = "=======\nPrivacy\n=======\n\nLogs\n====\n\nWe keep them.\n"
    assert rows(read_rst(source.encode(), "a")) == [("Privacy > Logs", "We keep them.")]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param(
            "+--------+---------+\n| Data   | Kept    |\n+========+=========+\n| Server | A year  |\n| logs   |\n+--------+---------+\n"
            "| Bills, and letters\n+--------+---------+\n",
            [("Data | Kept", "Server logs | A year"), ("Data | Kept", "Bills, and letters")],
            id="a grid",
        ),
        pytest.param(
            "=======  ======\nData     Kept\n=======  ======\nServer   A year\nlogs\n\\        or so\n=======  ======\n",
            [("Data | Kept", "Server | A year"), ("Data | Kept", "logs"), ("Data | Kept", "or so")],
            id="a simple one",
        ),
        pytest.param("====  ====\nLogs  A long year\n      or two\n====  ====\n", [("", "Logs | A long year or two")], id="no heads"),
        pytest.param(
            ".. list-table:: All that we set.\n   :header-rows: 1\n   :widths: 1 2\n\n   * - Name\n     - Kept\n   * - fm\n     - A year\n       or two\n"
            "   * - vid\n     -\n",
            [("", "All that we set."), ("Name | Kept", "fm | A year or two"), ("Name | Kept", "vid")],
            id="a list",
        ),
    ],
)  # fmt: skip
def test_tables_of_restructured_text_are_read_row_by_row(table: str, expected: Rows) -> None:
    document = read_rst(f"We keep it so long.\n\n{table}\nThat is all.\n".encode(), "a")
    check(document)
    found = [(clause.context, " ".join(clause.text.split()).replace("\\ ", "")) for clause in segment(document)]
    assert found == [("", "We keep it so long."), *expected, ("", "That is all.")]


def test_what_restructured_text_takes_from_elsewhere_is_said() -> None:
    document = read_rst(b"We keep logs.\n\n.. include:: sharing.rst\n\n.. raw:: html\n\n   <p>We share.</p>\n", "a")
    assert document.notes == (
        "it holds the text of another file, which is not read",
        "it holds raw markup, which is not read",
    )


RST_PIECES = st.sampled_from(
    [".. note::", ".. ", ".. |a| replace:: b", ".. [1] ", ".. _a:", ".. list-table::", "   * - a", "     - b", "===", "=== ===", "+--+--+",
     "| a", "|a |b |", "Title", "---", "    ", "  ", "\n", "\n\n", "`a <b>`_", "`", "``", "a_", "|a|", ":a:`b`", ":a: b", "* ", "#. ", "::",
     "We keep logs.", "\\ ", "\t", "\x85", "\u2028", "\x1c", "__ x", "\\", "[1]_", "1. "]
)  # fmt: skip


@given(st.lists(RST_PIECES, max_size=40).map("".join))
def test_any_mixture_of_restructured_text_is_read_or_refused(source: str) -> None:
    check_or_refused(lambda: read_rst(source.encode(), "a.rst"))


RST_GROWING: dict[str, Callable[[int], str]] = {
    "borders": lambda n: "== ==\nx\n" * (n // 8),
    "a wide simple table": lambda n: "= " * (n // 4) + "=\n" + "x\n" * (n // 4) + "= =\n",
    "a wide grid": lambda n: "+-" * (n // 4) + "+\n" + "|\n" * (n // 4),
    "a cell": lambda n: "+--+\n" + "|a |\n" * (n // 5),
    "a cell of a list": lambda n: ".. list-table::\n\n   * - a\n" + "       b\n" * (n // 9),
    "notes": lambda n: ".. note::\n\n" * (n // 11) + "x",
    "nested notes": lambda n: "".join(" " * i + ".. note:: x\n" for i in range(int((2 * n) ** 0.5))),
    "comments": lambda n: ".. x\n" * (n // 5) + "\nx",
    "backquotes": lambda n: "``a` " * (n // 5),
    "blanks in a role": lambda n: "`" + " " * n + "<a>`_",
    "replacements": lambda n: f".. |a| replace:: {'x' * 90}\n\n" + "|a| " * (n // 4),
    "terms": lambda n: "a\n b\n" * (n // 5),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", RST_GROWING)
def test_restructured_text_is_read_in_linear_time(kind: str) -> None:
    def read(length: int) -> None:
        source = RST_GROWING[kind](length).encode()
        check_or_refused(lambda: read_rst(source, "a"))

    assert growth(read, 10 * KILOBYTES) <= MAX_EXPONENT


# --- e-mail ----------------------------------------------------------------------------------------------------------------

PAGE = """<html><body><h1>What changes</h1><p>From 1 May we <b>share</b> your data with the café.</p>
<p><b>From:</b> Legal &lt;l@otter.example&gt;<br><b>Sent:</b> Monday<br><b>Subject:</b> We sell your data</p>
<p>We keep it for two years.</p></body></html>"""


def message(subject: str = "Re: Fwd: Our new policy", text: str = "We keep logs.\n") -> EmailMessage:
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = subject, "Otter <o@otter.example>", "you@x.example"
    made.set_content(text)
    return made


def mail() -> bytes:
    made = message()
    made.add_alternative(PAGE, subtype="html", charset="iso-8859-1", cte="quoted-printable")
    made.add_attachment("# Notice\n\nWe keep bills.", subtype="markdown", filename="nötice.md")
    made.add_attachment(b"x", maintype="image", subtype="png", filename="logo.png")
    return made.as_bytes()


def mhtml() -> bytes:
    policy = (
        "<h2>Sharing of data</h2><p>We share your name with the operator of the boat that collects you at the pier.</p>"
    )
    cookies = "<h2>Cookies</h2><p>We set a cookie that remembers the language you chose, and keep it for one year.</p>"
    return f"""From: <Saved by Blink>
Snapshot-Content-Location: https://otter.example/privacy
Subject: Privacy
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="--b--1"

----b--1
Content-Type: text/css
Content-Location: cid:css@mhtml.blink

p {{ color: red }}
----b--1
Content-Type: text/html
Content-ID: <frame-1@mhtml.blink>
Content-Transfer-Encoding: quoted-printable
Content-Location: https://otter.example/privacy

<!DOCTYPE html><html><body><h1>Privacy</h1><p>We keep the logs of each café for 30 days a=
nd no longer.</p><iframe src=3D"cid:frame-2@mhtml.blink"></iframe>
<iframe src=3D'https://otter.example/cookies'></iframe><p>The end of our notice.</p></body></html>
----b--1
Content-Type: text/html
Content-ID: <frame-2@mhtml.blink>

<html><body>{policy}<iframe src="cid:frame-1@mhtml.blink"></iframe></body></html>
----b--1
Content-Type: text/html
Content-Location: https://otter.example/cookies

<html><body>{cookies}</body></html>
----b--1--
""".encode()


def test_of_an_email_the_page_is_read_below_its_subject() -> None:
    document, attached = parse_all(mail(), "a.eml", ".eml")
    assert (document.format, document.encoding) == ("email", "windows-1252")
    assert rows(document) == [
        ("Our new policy > What changes", "From 1 May we share your data with the café."),
        ("Our new policy > What changes", "We keep it for two years."),
    ]
    assert (attached.name, attached.format, rows(attached)) == (
        "a.eml#nötice.md",
        "text",
        [("Notice", "We keep bills.")],
    )
    assert parse(mail(), "a.eml", ".eml").notes == (
        "the file holds 2 policies, and this is the first; split it to tag the others: nötice.md",
    )


def test_a_page_that_says_its_subject_says_it_once() -> None:
    made = message("Our new policy")
    made.add_alternative("<h1>Our new policy</h1><p>We keep logs.</p>", subtype="html")
    assert rows(read_email(made.as_bytes(), "a")[0]) == [("Our new policy", "We keep logs.")]


TEXT = """Hello,

we change our policy. From now on we share your e-mail address
with our advertising partners.

Retention
=========

We keep your data for two years.

---------- Forwarded message ---------
From: Legal <legal@otter.example>
Date: Mon, 3 May 2024
Subject: we sell your data
To: <all@otter.example>

On Mon, 3 May 2024, Ida wrote:
> We never sell data.
"""


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_an_email_of_text_is_read_without_the_headers_it_quotes(line_end: bytes) -> None:
    (document,) = read_email(message(text=TEXT).as_bytes().replace(b"\n", line_end), "a.eml")
    assert rows(document) == [
        ("Our new policy", "Hello,"),
        ("Our new policy", "we change our policy. From now on we share your e-mail address with our advertising partners."),
        ("Our new policy > Retention", "We keep your data for two years."),
        ("Our new policy > Retention", "> We never sell data."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "To: our customers\n\nWe keep logs.",
        "From: 1 May\n\nWe keep logs.",
        "Write to us.\nSubject: deletion\nTo: privacy@x.example",
        "On Monday we wrote: nothing.",
    ],
)
def test_lines_that_only_look_like_headers_stay(text: str) -> None:
    (document,) = read_email(message(text=text).as_bytes(), "a.eml")
    assert [block.kind for block in document.blocks if block.kind == "navigation"] == []


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param("Subject: A\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nV2Uga2VlcCBjYWbDqXMu", "A\n\nWe keep cafés.", id="base64"),
        pytest.param("Subject: A\nContent-Transfer-Encoding: base64\n\nV2Uga2!VlcCB\nsb2dzLg", "A\n\nWe keep logs.", id="damaged base64"),
        pytest.param("Subject: =?utf-8?Q?Caf=C3=A9?=\n\t=?utf-8?B?IGxvZ3M=?= of ours\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nWe keep caf=E9s=\n.", "Café logs of ours\n\nWe keep cafés.", id="encoded words"),
        pytest.param("Subject: A\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\ncaf=E9s =ZZ", "A\n\ncafés =ZZ", id="a wrong charset"),
        pytest.param("Subject: A\nContent-Type: text/plain; charset=none-such\n\nWe keep logs.", "A\n\nWe keep logs.", id="an unknown charset"),
        pytest.param("Subject: A\nContent-Type: text/plain; charset=utf-7\n\n+AGE-", "A\n\n+AGE-", id="UTF-7"),
        pytest.param("Subject: A\nContent-Type: multipart/mixed\n\nWe keep logs.", "A\n\nWe keep logs.", id="no boundary"),
        pytest.param("Subject: A\nContent-Type: multipart/mixed\n\n--x\nContent-Type: text/plain\n\nWe keep logs.\n--x--", "A\n\nWe keep logs.", id="a boundary that is not declared"),
        pytest.param("Subject: A\nContent-Type: multipart/mixed; boundary=x\n\nto old programs\n--x\n\nWe keep logs.\n--x\n\nWe share.", "A\n\nWe keep logs.\n\nWe share.", id="no end"),
        pytest.param("From o@otter.example Mon May  3\nSubject: A\n\nWe keep logs.", "A\n\nWe keep logs.", id="of a mailbox"),
        pytest.param("Subject:\n\nWe keep logs.", "We keep logs.", id="no subject"),
        pytest.param("Subject: A\nContent-Type: text/html; charset=utf-8\n\n<p hidden></p><p>We keep logs.</p>", "A\n\nWe keep logs.", id="a page alone"),
    ],
)  # fmt: skip
def test_emails_are_decoded_as_far_as_they_can_be(source: str, text: str) -> None:
    (document,) = read_email(source.encode(), "a.eml")
    check(document)
    assert document.text == text


def test_attached_files_are_read_or_named() -> None:
    made = message()
    made.add_attachment(
        drawn((72, 700, "We keep bills for ten years.")), maintype="application", subtype="pdf", filename="policy.pdf"
    )
    made.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="a.zip")
    made.add_attachment(message("Inner", "We share data."))
    made.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="a.ics")
    documents = parse_all(made.as_bytes(), "a.eml", ".eml")
    assert [(document.name, document.format) for document in documents] == [
        ("a.eml", "email"),
        ("a.eml#policy.pdf", "pdf"),
        ("a.eml#message", "email"),
    ]
    assert documents[1].text == "We keep bills for ten years."
    assert documents[2].text == "Inner\n\nWe share data."
    assert documents[0].notes == ("attachment a.zip: is a ZIP archive, which is not read; take the policy out of it",)


def test_an_attachment_alone_is_the_policy() -> None:
    made = message(text="")
    made.add_attachment("We keep bills.", subtype="plain", filename="policy.txt")
    (document,) = parse_all(made.as_bytes(), "a.eml", ".eml")
    assert (document.name, document.text) == ("a.eml#policy.txt", "We keep bills.\n")


def test_an_email_without_text_is_refused() -> None:
    made = message(text="")
    made.add_attachment(b"PK\x03\x04", maintype="application", subtype="zip", filename="a.zip")
    data = made.as_bytes().replace(b'"a.zip"', b'"a\x1b[31m.zip"')
    with pytest.raises(ReadError, match=r"^a\.eml: has no text in it; attachment a\\x1b\[31m\.zip: is a ZIP") as error:
        parse(data, "a.eml", ".eml")
    assert "\n" not in str(error.value)


def test_files_of_a_child_may_be_of_other_formats_in_emails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = {
        "name": "a#b",
        "text": "We share.",
        "blocks": [],
        "encoding": "",
        "coverage": 1.0,
        "notes": [],
        "left_out": [],
        "links": [],
    }
    monkeypatch.setattr(
        isolated, "_CHILD_CODE", f"print({json.dumps(json.dumps({'documents': [{**fields, 'format': 'pdf'}]}))})"
    )
    assert isolated.read_isolated(b"", "a", "email", ReadOptions())[0].format == "pdf"
    for format in ("mhtml", "html"):
        with pytest.raises(ReadError):
            isolated.read_isolated(b"", "a", format, ReadOptions())


MULTIPART = "Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n"
HOSTILE: dict[str, Callable[[int], str]] = {
    "parts in each other": lambda n: "".join(MULTIPART.replace("{i}", str(i)) for i in range(n // 60)) + "\nWe keep logs.",
    "parts of one boundary in each other": lambda n: MULTIPART * (n // 60) + "\nWe keep logs.",
    "parts": lambda n: MULTIPART + "--b{i}\n\nWe keep logs.\n" * (n // 22),
    "attachments": lambda n: MULTIPART + "--b{i}\nContent-Disposition: attachment; filename=a.txt\n\nWe keep logs.\n" * (n // 75),
    "messages in each other": lambda n: "Content-Type: message/rfc822\n\n" * (n // 30) + "\nWe keep logs.",
    "base64": lambda n: "Content-Transfer-Encoding: base64\n\n" + "V2U!ga2VlcC" * (n // 11),
    "a header": lambda n: "Content-Type: text/plain" + '; a="b' * (n // 6) + "\n\nWe keep logs.",
    "headers": lambda n: "X: y\n" * (n // 5) + "\nWe keep logs.",
    "quoted headers": lambda n: "\n" + "From: a\nTo: b\n\nWe keep logs.\n\n" * (n // 30),
    "quote marks": lambda n: "\n" + "> * " * (n // 4),
    "frames": lambda n: "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\nContent-ID: <1>\n\n<p>We keep logs.</p>" + "<iframe src='cid:1'></iframe>" * (n // 29),
    "frames in each other": lambda n: "Content-Type: multipart/related; boundary=b\n\n" + "".join(f"--b\nContent-Type: text/html\nContent-ID: <{i}>\n\n<p>We keep logs.</p><iframe src=cid:{i + 1}></iframe><iframe src=cid:{i + 2}></iframe>\n" for i in range(n // 150)),
    "frames without an end": lambda n: "Content-Type: text/html\n\n<p>We keep logs.</p>" + "<iframe a='b\"' \"" * (n // 15),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_messages_are_read_in_linear_time(kind: str) -> None:
    def read_it(length: int) -> None:
        source = f"Subject: A\nMIME-Version: 1.0\n{HOSTILE[kind](length)}".encode()
        check_or_refused(lambda: read_email(source, "a.eml")[0])
        check_or_refused(lambda: read_mhtml(source, "a.mht"))

    assert growth(read_it, 40 * KILOBYTES) <= MAX_EXPONENT


@pytest.mark.parametrize("kind", ["parts in each other", "parts of one boundary in each other", "parts"])
def test_a_thousand_parts_are_read_as_far_as_a_message_goes(kind: str) -> None:
    source = f"Subject: A\nMIME-Version: 1.0\n{HOSTILE[kind](100_000)}".encode()
    note = "it has more parts, or more in each other, than an e-mail does; the others are not read"
    try:
        assert note in read_email(source, "a.eml")[0].notes
    except ReadError as error:
        assert str(error) == f"a.eml: has no text in it; {note}"
        assert kind == "parts in each other"


@given(
    st.lists(
        st.sampled_from(
            [*(piece for kind in HOSTILE.values() for piece in kind(120).split("\n")), "", "--b--", "--b", PAGE]
        ),
        max_size=30,
    )
)
def test_any_mixture_of_headers_and_parts_is_read_or_refused(lines: list[str]) -> None:
    source = "\n".join(["Subject: A", *lines]).encode()
    check_or_refused(lambda: read_email(source, "a.eml")[0])
    check_or_refused(lambda: read_mhtml(source, "a.mht"))


def test_parts_know_what_they_are() -> None:
    root = mime.parse_message(mail()).root
    assert [(part.kind, part.is_attachment, part.file_name) for part in root.leaves()] == [
        ("text/plain", False, ""),
        ("text/html", False, ""),
        ("text/markdown", True, "nötice.md"),
        ("image/png", True, "logo.png"),
    ]


# --- pages saved by a browser ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".mhtml", ".mht", ""])
def test_a_saved_page_is_read_with_its_frames(suffix: str) -> None:
    document = parse(mhtml(), f"a{suffix}", suffix)
    assert (document.format, document.encoding) == ("mhtml", "utf-8")
    assert rows(document) == [
        ("Privacy", "We keep the logs of each café for 30 days and no longer."),
        ("Privacy > Sharing of data", "We share your name with the operator of the boat that collects you at the pier."),
        ("Privacy > Cookies", "We set a cookie that remembers the language you chose, and keep it for one year."),
        ("Privacy > Cookies", "The end of our notice."),
    ]  # fmt: skip


def test_a_frame_that_was_not_saved_is_named() -> None:
    source = mhtml().replace(
        b"Content-Location: https://otter.example/cookies", b"Content-Location: https://otter.example/"
    )
    (note,) = parse(source, "a.mht", ".mht").notes
    assert note.endswith("if the policy is in it, read cid:frame-1@mhtml.blink, https://otter.example/cookies")


def test_a_page_of_frames_alone_is_read() -> None:
    source = mhtml().replace(b"<h1>Privacy</h1>", b"</body><frameset>").replace(b"<iframe", b"<frame")
    assert [path for path, _ in rows(parse(source, "a.mht", ".mht"))] == ["Sharing of data", "Cookies"]


def test_a_message_without_a_page_is_no_saved_page() -> None:
    with pytest.raises(ReadError, match=r"^a\.mht: holds no page; save the page again, as HTML$"):
        parse(b"MIME-Version: 1.0\nContent-Type: text/plain\n\nWe keep logs.", "a.mht", ".mht")


# --- files of data -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".json", "a JSON file"),
        (".jsonl", "a JSON file"),
        (".yaml", "a YAML file"),
        (".yml", "a YAML file"),
        (".csv", "a table of comma- or tab-separated values"),
        (".xml", "an XML file"),
    ],
)
def test_data_are_refused_with_what_to_do(suffix: str, kind: str) -> None:
    with pytest.raises(ReadError) as error:
        parse(b'{"text": "We keep logs."}', f"a{suffix}", suffix)
    assert (
        str(error.value)
        == f"a{suffix}: is {kind}, which holds data and not a text; save the policy in it as .txt or .html"
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"We", "us" and "our"} mean Otterford Ltd.',
        "[Otterford] keeps logs.",
        "<We> keep logs.",
        "a: b, c\nd: e, f",
        "Subject: logs\nFrom: Otterford\n\nWe keep them.",
    ],
)
def test_a_text_may_begin_as_data_do(text: str) -> None:
    document = parse(text.encode(), "a.txt", ".txt")
    assert (document.text, document.format) == (text, "text")


def test_a_file_that_is_no_email_is_read_as_text() -> None:
    assert parse(b"We keep logs.", "a.eml", ".eml").format == "text"


def test_a_page_of_xml_is_read() -> None:
    assert (
        parse(b"<?xml version='1.0'?><html><body><p>We keep logs.</p></body></html>", "a.xml", ".xml").format == "html"
    )


# --- all of them -------------------------------------------------------------------------------------------------------------

FILES = {
    "a.md": b"# P\n\nWe keep your <b>data</b> for two years.",
    "a.mdx": MDX.encode(),
    "a.rst": RST.encode(),
    "a.eml": mail(),
    "a.mhtml": mhtml(),
}


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_tagged(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    done = run("tag", tmp_path / name, "-f", "json")
    assert done.returncode == 0
    (policy,) = json.loads(done.stdout)["policies"]
    assert any(clause["labels"] for clause in policy["clauses"])
    assert all(policy["text"][clause["start"] : clause["end"]] == clause["text"] for clause in policy["clauses"])


@pytest.mark.parametrize("name", FILES)
def test_a_process_of_its_own_reads_each_alike(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(FILES[name])
    (first, *_) = documents = read_all(tmp_path / name)
    alike = isolated.read_isolated(FILES[name], first.name, first.format, ReadOptions())
    assert alike == [replace(document, language="") for document in documents]  # which is told afterwards
    assert first.format in {reader.name for reader in READERS}
