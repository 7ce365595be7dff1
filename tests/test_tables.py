"""The same table in each format gives the same clauses: one a row, each with the heads of its columns."""

import io
import itertools

import docx
import pytest
from docx.oxml.ns import qn
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from classifier.readers.registry import from_text, parse
from classifier.segmentation import segment
from classifier.text.markup import plain
from classifier.types import Document
from tests.strategies import check
from tests.test_pdf import BODY

HEADS = ["Data", "Why we use it", "Kept for"]
ROWS = [
    ["Your name and address", "To send you bills", "Ten years"],
    ["Server logs", "To find faults", "14 days"],
    ["The place of your boat", "To find you in a storm", "Until you leave"],
]
BEFORE, AFTER = "This table says what we use your data for.", "We ask you before we use it for anything else."


def markdown(rows: list[list[str]], has_heads: bool) -> Document:
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    if has_heads:
        lines.insert(1, "|" + " --- |" * len(rows[0]))
    return from_text("\n".join([BEFORE, "", *lines, "", AFTER]))


def page(rows: list[list[str]], has_heads: bool) -> Document:
    tags = itertools.chain(["th"] if has_heads else [], itertools.repeat("td"))
    written = "".join(
        "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"
        for tag, cells in zip(tags, rows, strict=False)
    )
    return parse(f"<p>{BEFORE}</p><table>{written}</table><p>{AFTER}</p>".encode(), "x.html", ".html")


def word(rows: list[list[str]], has_heads: bool) -> Document:
    document = docx.Document()
    document.add_paragraph(BEFORE)
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    if has_heads:
        properties = table.rows[0]._tr.get_or_add_trPr()
        properties.append(properties.makeelement(qn("w:tblHeader"), {}))
    document.add_paragraph(AFTER)
    buffer = io.BytesIO()
    document.save(buffer)
    return parse(buffer.getvalue(), "x.docx")


def pdf(rows: list[list[str]], has_heads: bool) -> Document:
    made = [
        [Paragraph(f"<b>{cell}</b>" if has_heads and not at else cell, BODY) for cell in row]
        for at, row in enumerate(rows)
    ]
    table = Table(made, colWidths=[150] * len(rows[0]), style=[("GRID", (0, 0), (-1, -1), 1, colors.black)])
    buffer = io.BytesIO()
    SimpleDocTemplate(buffer, pagesize=A4, invariant=1).build([Paragraph(BEFORE, BODY), table, Paragraph(AFTER, BODY)])
    return parse(buffer.getvalue(), "x.pdf")


def clauses(document: Document) -> list[tuple[str, str]]:
    check(document)
    assert {clause.kind for clause in segment(document)} == {"text"}
    return [(clause.context, plain(clause.text)) for clause in segment(document)]


@pytest.mark.parametrize("made", [markdown, page, word, pdf])
def test_each_row_is_a_clause_with_the_heads_of_its_columns(made) -> None:  # type: ignore[no-untyped-def]
    rows = [("Data | Why we use it | Kept for", " | ".join(row)) for row in ROWS]
    assert clauses(made([HEADS, *ROWS], True)) == [("", BEFORE), *rows, ("", AFTER)]


@pytest.mark.parametrize("made", [markdown, page, word, pdf])
def test_without_heads_each_row_is_a_clause_too(made) -> None:  # type: ignore[no-untyped-def]
    rows = [("", " | ".join(row)) for row in ROWS]
    assert clauses(made(ROWS, False)) == [("", BEFORE), *rows, ("", AFTER)]


@pytest.mark.parametrize("made", [markdown, page, word])
def test_empty_cells_are_left_out(made) -> None:  # type: ignore[no-untyped-def]
    rows = [["Name", "", "Ten years"], ["", "Bills", ""]]
    assert clauses(made([["Data", "", "Kept"], *rows], True)) == [
        ("", BEFORE),
        ("Data | Kept", "Name | Ten years"),
        ("Data | Kept", "Bills"),
        ("", AFTER),
    ]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        pytest.param(
            "<tr><td><b>Data</b><td><p><strong>Kept</strong></p><tr><td><b>Logs</b><td><b>A year</b>",
            [("Data | Kept", "Logs | A year")],
            id="the first row is bold",
        ),
        pytest.param(
            "<tr><td><b>Logs</b> of our server<td><b>A year</b><tr><td>Bills<td>Ten years",
            [("", "Logs of our server | A year"), ("", "Bills | Ten years")],
            id="some words of the first row are bold",
        ),
        pytest.param(
            "<tr><th>Logs<td>A year<tr><th>Bills<td>Ten years",
            [("", "Logs | A year"), ("", "Bills | Ten years")],
            id="heads of rows",
        ),
        pytest.param(
            "<tr><th>Data<th>Kept<tr><th rowspan=2>Logs<td>A year<tr><td>Two, of faults<tr><th>Bills<td>Ten years",
            [
                ("Data | Kept", "Logs | A year"),
                ("Data | Kept", "Logs | Two, of faults"),
                ("Data | Kept", "Bills | Ten years"),
            ],
            id="a head over several rows",
        ),
        pytest.param(
            "<thead><tr><th colspan=2>What we keep<th>Why<tr><th>Data<th>Time<th>Purpose</thead><tr><td>Logs<td>A year<td>Faults",
            [("What we keep | Why | Data | Time | Purpose", "Logs | A year | Faults")],
            id="heads in two rows",
        ),
        pytest.param(
            "<tr><th>Data<th>Kept<tr><td>Logs<td>A year<tr><th>Data<th>Shared<tr><td>Bills<td>No",
            [("Data | Kept", "Logs | A year"), ("Data | Shared", "Bills | No")],
            id="new heads further down",
        ),
        pytest.param(
            "<caption>How long we keep data</caption><tr><td>Logs<td>A year<tr><td>Bills<td>Ten years",
            [("", "Logs | A year"), ("", "Bills | Ten years")],
            id="a caption",
        ),
        pytest.param(
            "<tr><th>Data<th>Kept<tr><td>Logs<td><ul><li>A year</li><li>Two, of faults</li></ul>",
            [("Data | Kept", "Logs | A year • Two, of faults")],
            id="a list in a cell",
        ),
        pytest.param(
            "<tr><th>Data<th>Kept<tr><td>Logs<tr><td>Bills<td>Ten years<td>Law",
            [("Data | Kept", "Logs"), ("Data | Kept", "Bills | Ten years | Law")],
            id="rows of unequal length",
        ),
    ],
)
def test_tables_of_pages(table: str, rows: list[tuple[str, str]]) -> None:
    document = parse(f"<p>{BEFORE}</p><table>{table}</table><p>{AFTER}</p>".encode(), "x.html", ".html")
    assert [row for row in clauses(document) if row[1] not in (BEFORE, AFTER)] == rows


def test_rows_without_heads_have_the_sentence_that_introduces_them() -> None:
    lead = "We share your data with the companies that follow:"
    document = parse(
        f"<p>{lead}<table><tr><td>Adbarn<td>Adverts<tr><td>Tern<td>Maps</table><p>{AFTER}".encode(), "x.html", ".html"
    )
    assert clauses(document) == [("", lead), (lead, "Adbarn | Adverts"), (lead, "Tern | Maps"), ("", AFTER)]


def test_a_list_below_a_table_is_no_part_of_its_last_row() -> None:
    document = parse(
        b"<table><tr><th>Data<th>Kept<tr><td>Logs<td>A year</table><ul><li>We sell nothing</ul>", "x.html", ".html"
    )
    assert clauses(document) == [("Data | Kept", "Logs | A year"), ("", "We sell nothing")]


GROUPS = {"Needed": [["sid", "The pier"], ["uid", "The pier"]], "Adverts": [["vid", "Tern"]]}


def grouped_markdown() -> Document:
    lines = [f"{BEFORE}\n", "| Cookie | Set by |", "|---|---|"]
    for group, cells in GROUPS.items():
        lines += [f"| **{group}** | |", *(f"| {' | '.join(row)} |" for row in cells)]
    return from_text("\n".join([*lines, "", AFTER]))


def grouped_page() -> Document:
    rows = ["<tr><th>Cookie<th>Set by"]
    for group, cells in GROUPS.items():
        rows += [f"<tr><th colspan=2>{group}", *(f"<tr><td>{'<td>'.join(row)}" for row in cells)]
    return parse(f"<p>{BEFORE}<table>{''.join(rows)}</table><p>{AFTER}".encode(), "x.html", ".html")


def grouped_word(is_merged: bool) -> Document:
    document = docx.Document()
    document.add_paragraph(BEFORE)
    table = document.add_table(rows=1, cols=2)
    for cell, text in zip(table.rows[0].cells, ("Cookie", "Set by"), strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for group, cells in GROUPS.items():
        row = table.add_row()
        cell = row.cells[0].merge(row.cells[1]) if is_merged else row.cells[0]
        cell.paragraphs[0].add_run(group).bold = not is_merged
        for texts in cells:
            for cell, text in zip(table.add_row().cells, texts, strict=True):
                cell.text = text
    document.add_paragraph(AFTER)
    buffer = io.BytesIO()
    document.save(buffer)
    return parse(buffer.getvalue(), "x.docx")


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(grouped_markdown, id="markdown"),
        pytest.param(grouped_page, id="page"),
        pytest.param(lambda: grouped_word(is_merged=True), id="word, merged cells"),
        pytest.param(lambda: grouped_word(is_merged=False), id="word, bold"),
    ],
)
def test_a_row_of_one_cell_is_a_heading_over_those_below(document) -> None:  # type: ignore[no-untyped-def]
    found = document()
    check(found)
    rows = [((group,), "Cookie | Set by", " | ".join(row)) for group, cells in GROUPS.items() for row in cells]
    read = [(clause.headings, clause.context, plain(clause.text)) for clause in segment(found)]
    assert read == [((), "", BEFORE), *rows, ((), "", AFTER)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("| **sid** | |\n| **uid** | a day |", id="heads of rows"),
        pytest.param("| **Needed** | The pier |\n| uid | a day |", id="two cells"),
        pytest.param("| Needed | |\n| uid | a day |", id="not bold"),
        pytest.param("| uid | a day |\n| **Needed** | |", id="the last row"),
        pytest.param("| **We set all of these cookies as soon as you come to our page.** | |\n| uid | a day |", id="a sentence"),
    ],
)  # fmt: skip
def test_other_rows_of_markdown_are_rows(rows: str) -> None:
    document = from_text(f"{BEFORE}\n\n| Cookie | Kept |\n|---|---|\n{rows}\n\n{AFTER}")
    assert [clause.headings for clause in segment(document)] == [()] * 4


def test_a_row_of_a_note_over_all_columns_of_a_word_table_is_a_row() -> None:
    document = docx.Document()
    table = document.add_table(rows=3, cols=2)
    for row, texts in zip(
        table.rows, (("Logs", "a day"), ("All of these days are whole ones.", ""), ("Bills", "two years")), strict=True
    ):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    table.rows[1].cells[0].merge(table.rows[1].cells[1])
    buffer = io.BytesIO()
    document.save(buffer)
    assert [clause.headings for clause in segment(parse(buffer.getvalue(), "x.docx"))] == [()] * 3
