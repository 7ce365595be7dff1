"""Word files as people have them, made here with python-docx."""

import io
import struct
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers.docx.reader import read_docx
from classifier.readers.registry import parse
from classifier.segmentation import segment
from tests.strategies import check, check_or_refused, damaged
from tests.test_html import seen

Made = Callable[["docx.document.Document"], object]


def saved(write: Made) -> bytes:
    document = docx.Document()
    write(document)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def read(write: Made) -> Document:
    document = parse(saved(write), "notice.docx")
    check(document)
    assert document.format == "docx"
    return document


def notice(document: "docx.document.Document") -> None:
    document.add_heading("Privacy notice", 0)
    document.add_heading("What we collect", 1)
    document.add_paragraph("We collect:")
    document.add_paragraph("your name", style="List Bullet")
    document.add_paragraph("your address", style="List Bullet")
    paragraph = document.add_paragraph()
    paragraph.add_run("Log files.").bold = True
    paragraph.add_run(" Our server writes down each visit.")
    document.add_heading("What we do", 2)
    document.add_paragraph("Keep it", style="List Number")
    document.add_paragraph("Delete it", style="List Number")
    table = document.add_table(rows=3, cols=2)
    for row, texts in zip(table.rows, [("Data", "Kept for"), ("Name", "Ten years"), ("E-mail", "A year")], strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = ""
            cell.paragraphs[0].add_run(text).bold = text in ("Data", "Kept for")
    document.add_paragraph("Write to privacy@harbour.example.")


def test_headings_lists_and_tables_are_read_in_order() -> None:
    document = read(notice)
    assert seen(document) == [
        "h1\tPrivacy notice",
        "h2\tWhat we collect",
        "p\tWe collect:",
        "li0\t• your name",
        "li0\t• your address",
        "hb\tLog files.",
        "p\tOur server writes down each visit.",
        "h3\tWhat we do",
        "li0\t1. Keep it",
        "li0\t2. Delete it",
        "row\tData | Kept for",
        "row\tName | Ten years",
        "row\tE-mail | A year",
        "p\tWrite to privacy@harbour.example.",
    ]
    places = {clause.place for clause in segment(document)}
    assert {"paragraph 3", "table 1, row 2"} <= places


def part(document: "docx.document.Document", xml: str) -> None:
    document.element.body.insert(0, parse_xml(f"<w:root {nsdecls('w')}>{xml}</w:root>")[0])


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        pytest.param("<w:sdt><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p></w:sdtContent></w:sdt>", "In a control.", id="a content control"),
        pytest.param("<w:p><w:ins><w:r><w:t>New </w:t></w:r></w:ins><w:del><w:r><w:delText>old </w:delText></w:r></w:del><w:r><w:t>text.</w:t></w:r></w:p>", "New text.", id="tracked changes"),
        pytest.param("<w:p><w:hyperlink><w:r><w:t>linked</w:t></w:r></w:hyperlink><w:r><w:t>, not</w:t></w:r></w:p>", "linked, not", id="a link"),
        pytest.param("<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r></w:p>", "a b\nc-d", id="tabs and breaks"),
        pytest.param("<w:p><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent></w:pict></w:r></w:p>", "In a box.", id="a text box"),
        pytest.param("<w:p><w:pPr><w:outlineLvl w:val='0'/></w:pPr><w:r><w:t>Outlined</w:t></w:r></w:p>", "Outlined", id="an outline level"),
    ],
)  # fmt: skip
def test_what_python_docx_leaves_out_is_read(xml: str, text: str) -> None:
    assert read(lambda document: part(document, xml)).text == text


def test_cells_that_go_on_below_are_repeated() -> None:
    def write(document: "docx.document.Document") -> None:
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).merge(table.cell(1, 0)).text = "Name"
        table.cell(0, 1).text, table.cell(1, 1).text = "bills", "letters"

    assert seen(read(write)) == ["row\tName | bills", "row\tName | letters"]


def test_headers_and_footers_are_left_out_and_counted() -> None:
    def write(document: "docx.document.Document") -> None:
        document.add_paragraph("We keep logs for a year and no longer.")
        document.sections[0].footer.paragraphs[0].text = "Contact privacy@acme.example"

    document = read(write)
    assert document.text == "We keep logs for a year and no longer."
    assert document.left_out == (("headers and footers", 2),)
    assert document.coverage == pytest.approx(9 / 11)


def test_footnotes_come_last() -> None:
    def write(document: "docx.document.Document") -> None:
        document.add_paragraph("We keep logs.")
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part

        xml = f"<w:footnotes {nsdecls('w')}><w:footnote w:type='separator' w:id='0'><w:p/></w:footnote><w:footnote w:id='2'><w:p><w:r><w:t>For a year.</w:t></w:r></w:p></w:footnote></w:footnotes>"
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
        notes = Part(PackURI("/word/footnotes.xml"), kind, xml.encode(), document.part.package)
        document.part.relate_to(notes, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")

    document = read(write)
    assert document.text == "We keep logs.\n\nFor a year."
    assert document.blocks[1].place == "footnote 2"


def zipped(**parts: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/") if "/" not in name else name, content)
    return buffer.getvalue()


def with_document(xml: bytes) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(saved(lambda document: document.add_paragraph("x"))))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, xml if name == "word/document.xml" else source.read(name))
    return buffer.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE d ['
    + b'<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (k, b"&a%d;" % (k - 1) * 10) for k in range(1, 12))
    + b"]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:body></w:document>"
)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(zipped(word__document=b"x"), "n: is damaged, encrypted or not a Word file", id="no parts"),
        pytest.param(
            saved(notice)[:2000] + b"word/document", "n: is damaged, encrypted or not a Word file", id="cut off"
        ),
        pytest.param(
            zipped(word__document=bytes(200 * 2**20)),
            "n: would unpack to 200 MiB in 1 parts, as no policy does",
            id="a bomb",
        ),
        pytest.param(saved(lambda document: None), "n: has no text in it", id="nothing"),
        pytest.param(with_document(LAUGHS), "n: ", id="a billion laughs"),
        pytest.param(with_document(b"<a>" * 100_000), "n: is damaged", id="deeply nested XML"),
    ],
)
def test_each_kind_of_bad_file_has_its_own_sentence(data: bytes, message: str) -> None:
    with pytest.raises(ReadError) as error:
        parse(data, "n")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=30)


@pytest.mark.slow
@settings(max_examples=20)
@given(
    st.lists(
        st.one_of(WORDS, st.sampled_from(["We keep logs.", "🍪 e\u0301 \u202e", "a\r\nb", "• typed", "1. one"])),
        min_size=1,
    )
)
def test_places_are_exact_whatever_is_written(texts: list[str]) -> None:
    def write(document: "docx.document.Document") -> None:
        for number, text in enumerate(texts):
            document.add_paragraph(text, style=("Normal", "List Bullet", "Heading 2")[number % 3])

    try:
        document = read(write)  # which checks every place
    except ReadError as error:
        assert "has no text in it" in str(error)
        return
    tagged = [clause for clause in segment(document) if clause.text]
    assert all(document.text[clause.start : clause.end] == clause.text for clause in tagged)


@pytest.mark.slow
@settings(max_examples=20)
@given(damaged(saved(notice), first=4, most=10))
def test_damaged_files_are_read_or_refused(data: bytes) -> None:
    check_or_refused(lambda: parse(data, "x"))


def test_styles_based_on_one_another_in_a_circle_end() -> None:
    def write(document: "docx.document.Document") -> None:
        document.add_paragraph("text", style="Body Text")
        style = document.styles["Body Text"].element
        based = style.find(qn("w:basedOn"))
        if based is None:
            based = OxmlElement("w:basedOn")
            style.append(based)
        based.set(qn("w:val"), style.get(qn("w:styleId")))

    assert read(write).text == "text"


def boxes(depth: int) -> str:
    box = "<w:p><w:r><w:t>x</w:t></w:r><w:r><w:pict><w:txbxContent>"
    return box * depth + "<w:p><w:r><w:t>inmost</w:t></w:r></w:p>" + "</w:txbxContent></w:pict></w:r></w:p>" * depth


def test_boxes_in_boxes_are_read_once() -> None:
    document = read(lambda each: part(each, boxes(30)))
    assert document.text.split() == ["x"] * 30 + ["inmost"]


def test_styles_and_numberings_cost_what_their_number_does() -> None:
    def write(document: "docx.document.Document") -> None:
        styles = document.styles.element
        for number in range(1000):
            based = f"<w:basedOn w:val='S{number - 1}'/>" if number else ""
            styles.append(
                parse_xml(
                    f"<w:style {nsdecls('w')} w:styleId='S{number}' w:type='paragraph'><w:name w:val='S{number}'/>{based}</w:style>"
                )
            )
        for number in range(1000):
            part(document, f"<w:p><w:pPr><w:pStyle w:val='S{number}'/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>")

    began = time.monotonic()
    assert len(read(write).blocks) == 1000
    assert time.monotonic() - began < 20


@pytest.mark.slow
def test_a_long_cell_is_not_repeated_whole() -> None:
    def write(document: "docx.document.Document") -> None:
        table = document.add_table(rows=100, cols=2)
        table.cell(0, 0).merge(table.cell(99, 0)).text = "word " * 100
        for row in range(100):
            table.cell(row, 1).text = "x"

    assert len(read(write).text) < 33_000


KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
ONE = "<w:p><w:r><w:t>word</w:t></w:r></w:p>"


def relation(kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="r{hash((kind, target, more))}" Type="{KINDS}/{kind}" Target="{target}" {more}/>'


def package(body: str = ONE, relations: str = "", main: str = "document.xml", head: str = "", **parts: str) -> bytes:
    """A Word file put together by hand, so that it can be odd."""
    namespaces = f'{nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    written = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    files = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/{main}" ContentType="{written}"/></Types>',
        "_rels/.rels": RELATIONS.format(relation("officeDocument", f"word/{main}")),
        f"word/_rels/{main}.rels": RELATIONS.format(relations),
        f"word/{main}": f"{head}<w:document {namespaces}><w:body>{body}</w:body></w:document>",
        **{f"word/{name}.xml": f"<w:{name} {namespaces}>{part}</w:{name}>" for name, part in parts.items()},
    }
    return zipped(**files)  # type: ignore[arg-type]


def nested(opening: str, inner: str, closing: str, depth: int) -> str:
    return opening * depth + inner + closing * depth


CELL = "<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"
BOX = "<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"
STYLED = '<w:p><w:pPr><w:pStyle w:val="S"/></w:pPr><w:r><w:t>word</w:t></w:r></w:p>'
ITEM = '<w:p><w:pPr><w:numPr><w:ilvl w:val="8"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>word</w:t></w:r></w:p>'
STYLES, NUMBERING, NOTES = (relation(kind, f"{kind}.xml") for kind in ("styles", "numbering", "footnotes"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(
            package(relations="".join(relation("header", "hdr.xml", f'x="{k}"') for k in range(2000)), hdr=ONE * 2000),
            1,
            id="one header named by many relationships",
        ),
        pytest.param(
            package(relations="".join(relation("footnotes", "notes.xml", f'x="{k}"') for k in range(2000)), notes=ONE),
            2,
            id="one part of footnotes named by many relationships",
        ),
        pytest.param(package(nested(CELL[0], ONE * 4000, CELL[1], 80)), 4000, id="tables in tables"),
        pytest.param(package(nested(CELL[0] + ONE * 40, ONE, CELL[1], 80)), 3201, id="text at each depth"),
        pytest.param(package(nested(BOX[0], ONE * 4000, BOX[1], 60)), 4000, id="boxes in boxes"),
        pytest.param(package(nested("<w:sdt>", ONE * 4000, "</w:sdt>", 240)), 4000, id="controls in controls"),
        pytest.param(
            package("<w:p>" + nested("<w:sdt>", "<w:r><w:t>word </w:t></w:r>" * 8000, "</w:sdt>", 240) + "</w:p>"),
            8000,
            id="controls in controls on a line",
        ),
        pytest.param(
            package("<w:tbl><w:tr><w:tc>" + ONE + "</w:tc><w:tc>" + nested("<w:p>", "<w:r><w:t>word </w:t></w:r>" * 8000, "</w:p>", 200) + "</w:tc></w:tr></w:tbl>"),
            8001,
            id="paragraphs in paragraphs",
        ),
        pytest.param(
            package("<w:p><w:r>" + "<w:t>word </w:t>" * 40_000 + "<w:rPr><w:b/></w:rPr></w:r></w:p>"),
            40_000,
            id="a bold run of many texts",
        ),
        pytest.param(
            package(STYLED * 4000, STYLES, styles="<w:style w:styleId='S'>" + "<w:x/>" * 40_000 + "<w:name w:val='a'/></w:style>"),
            4000,
            id="a style of many parts",
        ),
        pytest.param(
            package(
                ITEM * 4000,
                NUMBERING,
                numbering="<w:abstractNum w:abstractNumId='1'>" + "<w:lvl w:ilvl='1'/>" * 20_000
                + "<w:lvl w:ilvl='8'><w:numFmt w:val='decimal'/></w:lvl></w:abstractNum>"
                + "<w:num w:numId='1'><w:abstractNumId w:val='1'/></w:num>",
            ),
            8000,
            id="a numbering of many levels",
        ),
    ],
)  # fmt: skip
def test_each_element_is_read_a_fixed_number_of_times(data: bytes, words: int) -> None:
    began = time.process_time()
    document = parse(data, "n", ".docx")
    assert time.process_time() - began < 4
    assert len(document.text.split()) == words


def test_nesting_needs_no_deep_recursion() -> None:
    limit = sys.getrecursionlimit()
    data = package(nested("<w:sdt>", ONE, "</w:sdt>", 240) + "<w:p>" + nested("<w:ins>", "<w:r><w:t>x</w:t></w:r>", "</w:ins>", 240) + "</w:p>")  # fmt: skip
    parse(data, "n", ".docx")
    sys.setrecursionlimit(150)
    try:
        assert read_docx(data, "n").text.split() == ["word", "x"]
    finally:
        sys.setrecursionlimit(limit)


def test_a_header_counts_once_however_many_name_it() -> None:
    relations = "".join(relation("header", "hdr.xml", f'x="{k}"') for k in range(5))
    document = parse(package(relations=relations, hdr=ONE * 3), "n", ".docx")
    assert document.left_out == (("headers and footers", 3),)


def lying(data: bytes, says: int) -> bytes:
    """The same archive, whose directory says a size of its largest part that is not true."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = max(part.file_size for part in archive.infolist())
    return data.replace(struct.pack("<L", size), struct.pack("<L", says))


BLANKS = " " * (17 * 2**20)
HALF = f"<w:x/>{' ' * (9 * 2**20)}"
TWO = relation("header", "hdr.xml") + relation("footer", "ftr.xml")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(package(BLANKS), id="the text"),
        pytest.param(package(BLANKS, main="document.xml2"), id="the text, of another suffix"),
        pytest.param(package(BLANKS, main="document"), id="the text, without a suffix"),
        pytest.param(package(relations=TWO, hdr=BLANKS), id="a header"),
        pytest.param(package(relations=TWO, hdr=HALF, ftr=HALF), id="a header and a footer together"),
        pytest.param(package(relations=f"{TWO}{BLANKS}", hdr="", ftr=""), id="the relationships"),
        pytest.param(package("<w:p/>" * 1_600_000), id="many small elements"),
    ],
)
def test_xml_is_limited_whatever_its_part_is_called(data: bytes) -> None:
    with pytest.raises(ReadError, match=r"^n: holds more than 16 MiB or 1,500,000 tags of XML, as no policy does"):
        parse(data, "n", ".docx")


def test_bytes_are_counted_while_they_are_unpacked() -> None:
    data = lying(package(BLANKS), 1000)
    with pytest.raises(ReadError, match="^n: is damaged, encrypted or not a Word file|^n: holds more than 16 MiB"):
        parse(data, "n", ".docx")


def test_parts_that_are_not_read_are_not_unpacked() -> None:
    with zipfile.ZipFile(buffer := io.BytesIO(package(relations=relation("image", "a.png"))), "a") as archive:
        archive.writestr("word/a.png", bytes(100 * 2**20), zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    try:
        assert parse(buffer.getvalue(), "n", ".docx").text == "word"
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "head",
    [
        pytest.param('<!DOCTYPE d [<!ENTITY a "word">]>', id="an entity"),
        pytest.param('<!DOCTYPE d SYSTEM "file:///etc/passwd">', id="an external definition"),
        pytest.param('<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>', id="an external entity"),
    ],
)
@pytest.mark.parametrize("body", ["", "<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", "<w:p w:val='&a;'/>"])
def test_definitions_of_a_document_type_are_refused(head: str, body: str) -> None:
    with pytest.raises(ReadError, match="^n: is damaged, encrypted or not a Word file"):
        parse(package(ONE + body, head=head), "n", ".docx")


@pytest.mark.parametrize(
    "relations",
    [
        pytest.param(relation("footnotes", "https://a.example/b.xml", 'TargetMode="External"'), id="an address"),
        pytest.param(relation("footnotes", "/etc/passwd", 'TargetMode="External"'), id="a file outside"),
        pytest.param(relation("image", "NULL"), id="a picture that is not there"),
        pytest.param(relation("theme", "../../../../etc/passwd"), id="a path upwards"),
    ],
)
def test_relationships_that_lead_elsewhere_are_not_followed(relations: str) -> None:
    assert parse(package(relations=relations), "n", ".docx").text == "word"


@pytest.mark.parametrize("target", ["footnotes.xml", "./footnotes.xml", "../word/footnotes.xml", "/word/footnotes.xml", "../../../word/x/../footnotes.xml"])  # fmt: skip
def test_relationships_may_name_a_part_by_any_path(target: str) -> None:
    data = package(relations=relation("footnotes", target), footnotes=f"<w:footnote w:id='3'>{ONE}</w:footnote>")
    assert parse(data, "n", ".docx").text == "word\n\nword"


@pytest.mark.parametrize("value", ["²", "٣", "9" * 5000, "-1", "", "x"])
def test_levels_that_are_no_numbers_are_read(value: str) -> None:
    xml = ITEM.replace('w:ilvl w:val="8"', f'w:ilvl w:val="{value}"').replace("<w:numPr>", f'<w:outlineLvl w:val="{value}"/><w:numPr>')  # fmt: skip
    assert "word" in parse(package(xml), "n", ".docx").text


def test_an_archive_of_many_files_is_refused() -> None:
    with zipfile.ZipFile(buffer := io.BytesIO(package()), "a") as archive:
        for number in range(5001):
            archive.writestr(f"word/{number}", b"")
    with pytest.raises(ReadError, match=r"^n: holds 5,00\d files, far more than a Word file does"):
        parse(buffer.getvalue(), "n", ".docx")
