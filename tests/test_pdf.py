"""PDFs as people have them, made here with reportlab and, where it is installed, printed by a browser."""

import cProfile
import io
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, ListFlowable, ListItem, PageTemplate, Paragraph, Table

from classifier import Document, ReadError
from classifier.readers import registry as readers
from classifier.readers.document import build_text
from classifier.readers.pdf import lines
from classifier.readers.pdf.layout import arrange_pages
from classifier.segmentation import segment
from tests.conftest import ROOT
from tests.growth import Candidate, page_runs
from tests.strategies import check, check_or_refused, damaged

STYLES = getSampleStyleSheet()
BODY = ParagraphStyle("body", parent=STYLES["BodyText"], alignment=4)
TEXT = (
    "We collect what you give us when you open an account with the harbour office, such as your name, the name of your "
    "boat and the number of the berth that you rent, and we keep it for as long as you rent it."
)


def made(flowables: list[object], columns: int = 1) -> bytes:
    """A document with a running title and page numbers."""

    def furniture(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        canvas.drawString(2 * cm, 28.5 * cm, "Harbour Lane Ltd - Privacy notice")
        canvas.drawCentredString(10.5 * cm, 1 * cm, f"Page {template.page}")

    buffer = io.BytesIO()
    template = BaseDocTemplate(buffer, pagesize=A4, invariant=1)
    width = (17.0 - (columns - 1)) / columns
    frames = [Frame((2 + k * (width + 1)) * cm, 2 * cm, width * cm, 25.5 * cm, id=str(k)) for k in range(columns)]
    template.addPageTemplates([PageTemplate(frames=frames, onPage=furniture)])
    template.build(flowables)
    return buffer.getvalue()


def drawn(*lines: tuple[float, float, str], font: str = "Helvetica", size: float = 10) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1)
    canvas.setFont(font, size)
    for x, y, text in lines:
        canvas.drawString(x, y, text)
    canvas.save()
    return buffer.getvalue()


def sections(n: int = 4) -> list[object]:
    parts: list[object] = [Paragraph("Privacy notice of Harbour Lane", STYLES["Title"])]
    for number in range(1, n + 1):
        parts.append(Paragraph(f"{number}. Section {number}", STYLES["Heading2"]))
        parts += [Paragraph(f"Paragraph {number}.{k} begins here. {TEXT} {TEXT}", BODY) for k in range(4)]
        items = [
            ListItem(Paragraph(f"item {number}.{k}, which goes on for long enough to fill a line and more", BODY))
            for k in range(2)
        ]
        parts.append(ListFlowable(items, bulletType="bullet", start="•"))
    return parts  # fmt: skip


def read(data: bytes) -> Document:
    document = readers.parse(data, "notice.pdf")
    check(document)
    assert document.format == "pdf"
    return document


def texts(document: Document, kind: str) -> list[str]:
    return [" ".join(document.text[b.start : b.end].split()) for b in document.blocks if b.kind == kind]


@pytest.mark.parametrize("columns", [1, 2])
def test_columns_are_read_one_after_the_other_without_page_furniture(columns: int) -> None:
    document = read(made(sections(), columns))
    assert texts(document, "heading") == ["Privacy notice of Harbour Lane", *(f"{n}. Section {n}" for n in range(1, 5))]
    words = " ".join(document.text.split())
    places = [words.index(f"Paragraph {n}.{k} begins here.") for n in range(1, 5) for k in range(4)]
    assert places == sorted(places)
    assert (
        words.count(TEXT) >= 4 * 4 * 2 - 8
    )  # those that are cut by the end of a column or page go on in another piece
    assert "Harbour Lane Ltd" not in words
    assert "Page 1" not in words
    assert [text[:10] for text in texts(document, "item")[:2]] == ["• item 1.0", "• item 1.1"]


def test_each_clause_says_its_page() -> None:
    document = read(made(sections()))
    numbers = [int(clause.place.removeprefix("page ")) for clause in segment(document)]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, max(numbers) + 1))
    assert max(numbers) > 1


def test_a_sentence_goes_on_over_the_page() -> None:
    digits = str.maketrans("0123456789", "abcdefghij")
    spelled = [f"word{k}".translate(digits) for k in range(1500)]
    long = Paragraph(" ".join(spelled) + ".", BODY)
    document = read(made([long]))
    assert len(document.blocks) == 1
    assert [word.rstrip(".") for word in document.text.split()] == spelled


def test_hyphens_at_the_end_of_a_line_are_undone() -> None:
    lines = [
        "We keep your infor-",
        "mation safe from third-",
        "parties, and you can opt-",
        "out of our news-",
        "letter. Information is data.",
    ]
    document = read(drawn(*((72, 700 - 12 * k, line) for k, line in enumerate(lines))))  # fmt: skip
    assert document.text == (
        "We keep your information safe from third-parties, and you can opt-out of our newsletter. Information is data."
    )


def test_a_table_is_read_row_by_row() -> None:
    rows = [["Data", "Why", "Kept for"], ["your name and that of your boat, and its berth", "to send bills", "ten years, as the law on taxes wants it"], ["e-mail address", "to tell you that the harbour is closed because of ice or of a regatta", "until you leave"]]  # fmt: skip
    table = Table([[Paragraph(cell, BODY) for cell in row] for row in rows], colWidths=[5 * cm, 6 * cm, 4 * cm])
    document = read(made([Paragraph(TEXT, BODY), table, Paragraph(TEXT, BODY)]))
    assert [text for text in texts(document, "paragraph") if text != TEXT] == [" | ".join(row) for row in rows]


def test_bold_lines_and_openings_are_headings() -> None:
    parts: list[object] = [Paragraph("<b>Your rights</b>", BODY), Paragraph(TEXT, BODY), Paragraph(f"<b>Log files.</b> {TEXT}", BODY)]  # fmt: skip
    document = read(made(parts))
    # on a single page nothing tells a running title
    assert texts(document, "heading") == ["Harbour Lane Ltd - Privacy notice", "Your rights", "Log files."]
    assert texts(document, "paragraph") == [TEXT, TEXT]


def encrypted() -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret", "owner"))
    canvas.drawString(72, 700, "We keep logs.")
    canvas.save()
    return buffer.getvalue()


def empty_pages(n: int) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(n):
        document.new_page(200, 200)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


SOUND = drawn((72, 700, "We keep logs for a year, and then we delete them."))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(encrypted(), "n: is encrypted; save it without a password", id="encrypted"),
        pytest.param(
            empty_pages(2), "n: has no text on its pages, as scans have none; recognize it first", id="a scan"
        ),
        pytest.param(empty_pages(2001), "n: has 2,001 pages; a policy has far fewer", id="many pages"),
        pytest.param(b"%PDF-1.7\n" + b"x" * 500, "n: is damaged: not a valid PDF", id="broken"),
        pytest.param(SOUND[: len(SOUND) // 3], "n: is damaged: not a valid PDF", id="cut off"),
    ],
)
def test_each_kind_of_bad_pdf_has_its_own_sentence(data: bytes, message: str) -> None:
    with pytest.raises(ReadError) as error:
        readers.parse(data, "n")
    assert str(error.value).startswith(message)


def test_pages_without_text_are_said() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    for text in ("We keep logs.", "", "We delete them.", ""):
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    assert read(buffer.getvalue()).notes == ("pages 2, 4 are without text; scanned text is missing here",)


@pytest.mark.slow
@settings(max_examples=20)
@given(damaged(SOUND, first=8, most=20))
def test_damaged_pdfs_are_read_or_refused(data: bytes) -> None:
    check_or_refused(lambda: readers.parse(data, "x"))


RUNS = st.lists(
    st.builds(
        lambda text, x, y, size, bold: lines.Run(text, x, y, x + 5.0 * len(text), y + size, bold),
        st.sampled_from(
            [
                "alpha",
                "beta gamma",
                "1. one",
                "• two",
                "Delta.",
                "##",
                "7",
                "§ 5",
                "é",
                "🍪 e\u0301 \u202e",
                "end of it;",
            ]
        ),
        st.sampled_from([40.0, 60.0, 200.0, 320.0, 480.0]),
        st.integers(1, 60).map(lambda k: 12.0 * k),
        st.sampled_from([9.0, 10.0, 14.0]),
        st.booleans(),
    ),
    max_size=60,
)


@given(st.lists(RUNS, max_size=4))
def test_no_letter_is_lost_or_doubled(found: list[list[lines.Run]]) -> None:
    words = Counter(letter for runs in found for run in runs for letter in "".join(run.text.split()))
    pieces, furniture = arrange_pages(found)
    in_order = list(pieces)
    kept = Counter(letter for piece in in_order for letter in "".join(f"{piece.mark}{piece.text}".split()))
    dropped = Counter(letter for line in furniture for letter in "".join(line.text.split()))
    for extra in ("|", "•"):  # between the cells of a table, before items
        words.pop(extra, None), kept.pop(extra, None), dropped.pop(extra, None)
    assert kept + dropped == words
    text, blocks, _ = build_text(in_order, "x")
    check(Document("x", text, blocks))


@pytest.mark.slow
def test_many_lines_on_a_page_cost_little() -> None:
    runs = [lines.Run(f"w{k}", 10.0 + k % 100 * 5, 1000.0 - k // 100, 14.0 + k % 100 * 5, 1000.8 - k // 100, False) for k in range(20_000)]  # fmt: skip
    began = time.process_time()
    assert sum(1 for _ in arrange_pages([runs])[0]) > 0
    assert time.process_time() - began < 20


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed (make setup-browser)")
def test_what_a_browser_prints_is_read(tmp_path: Path) -> None:
    options = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    command = [
        "chromium",
        *options.split(),
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--print-to-pdf={tmp_path / 'page.pdf'}",
    ]
    page = ROOT / "tests/pages/nested-lists.html"
    subprocess.run([*command, page.as_uri()], check=True, capture_output=True, timeout=120)
    document = readers.read(tmp_path / "page.pdf")
    check(document)
    assert sum(block.kind == "heading" for block in document.blocks) >= 3
    words = set(document.text.split())
    expected = {
        word for line in page.with_suffix(".expected.txt").read_text().splitlines() for word in line.split()[1:]
    }
    assert len(expected & words) > 0.9 * len(expected)


def raw(contents: list[bytes], objects: tuple[bytes, ...] = (), resources: bytes = b"") -> bytes:
    """A PDF put together by hand, so that it can be odd: pages, further objects from 4 on, resources of the pages."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *objects,
    ]
    kids = []
    for content in contents:
        parts.append(b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream")
        parts.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R " % len(parts)
            + b"/Resources << /Font << /F1 3 0 R /F2 4 0 R >> %s >> >>" % resources
        )
        kids.append(b"%d 0 R" % len(parts))
    parts[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    written, places = b"%PDF-1.5\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    tail = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(parts) + 1, len(written))
    return written + head + table + tail


def page(*lines: str, top: int = 750) -> bytes:
    shown = b"\n".join(b"(%s) Tj T*" % line.encode() for line in lines)
    return b"BT /F1 11 Tf 72 %d Td 14 TL\n%s\nET" % (top, shown)


@pytest.mark.parametrize(
    ("code", "shown"),
    [("D83DDE00", "\U0001f600"), ("D800", ""), ("DE00", "\ufffd"), ("00E9", "é"), ("00650301", "e\u0301")],
)
def test_characters_in_two_halves_are_one(code: str, shown: str) -> None:
    mapping = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def 1 begincodespacerange <00> <FF> "
        b"endcodespacerange 1 beginbfchar <41> <%s> endbfchar endcmap end end" % code.encode()
    )
    objects = (
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(mapping), mapping),
    )
    document = read(raw([b"BT /F2 11 Tf 72 700 Td (We keep A logs) Tj ET"], objects))
    assert document.text.encode().decode() == document.text
    assert document.text.split() == f"We keep {shown} logs".split()


@pytest.mark.slow
def test_a_paragraph_of_many_pages_costs_what_its_length_does() -> None:
    lines = ["we collect your name and email address when you regis-"] * 50
    began = time.monotonic()
    document = read(raw([page(*lines)] * 120))
    assert len(document.text) > 250_000
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("contents", "kept"),
    [
        pytest.param(
            [page("We keep logs for 30 days."), page("We keep logs for 90 days.")],
            ["30 days", "90 days"],
            id="numbers of their own",
        ),
        pytest.param([page("It is in force since May", "2018")], ["2018"], id="a year alone"),
        pytest.param([page("Annex 1", "One."), page("Annex 7", "Two.")], ["Annex 1", "Annex 7"], id="annexes"),
    ],
)
def test_lines_that_are_like_others_but_for_numbers_stay(contents: list[bytes], kept: list[str]) -> None:
    document = read(raw(contents))
    assert all(text in document.text for text in kept)
    assert document.left_out == ()


def test_what_is_left_out_is_counted() -> None:
    document = read(made(sections()))
    ((reason, words),) = document.left_out
    assert reason == "running titles and page numbers"
    assert words == 8 * len({clause.place for clause in segment(document)})
    assert document.coverage < 1


SENTENCE = "We share your data with firms"


@pytest.mark.parametrize("set_up", ["", "3 Tr", "1 0 0 0 0 0 cm"], ids=["plain", "invisible", "flat page"])
@pytest.mark.parametrize(
    "matrix",
    [
        pytest.param("1 0 0 0 72", id="no height"),
        pytest.param("1 0 1 0 72", id="sheared and flat"),
        pytest.param("1 0 0 -0.0000001 72", id="upside down and flat"),
        pytest.param("0 0 0 1 72", id="no width"),
        pytest.param("0 0 0 0 72", id="a point"),
        pytest.param("0 1 0 0 72", id="upright and flat"),
        pytest.param("1 0 0 99999999999 72", id="very high"),
        pytest.param("1 0 0 0 9" + "9" * 60, id="very far away"),
        pytest.param("1 0 0 9" + "9" * 60 + " 72", id="without end"),
        pytest.param("0.00001 0 0 0.00001 72", id="tiny"),
    ],
)
def test_characters_of_any_size_are_read(matrix: str, set_up: str) -> None:
    shown = " ".join(f"{matrix} {700 - 14 * k} Tm ({SENTENCE}) Tj" for k in range(6))
    cells = "".join(f"1 0 0 1 {x} 400 Tm ({cell}) Tj " for x, cell in ((72, "We"), (260, "keep"), (450, "logs")))
    data = raw([f"{set_up} BT /F1 12 Tf {shown} ET BT /F1 12 Tf {cells} ET".encode()])
    given = pypdfium2.PdfDocument(data)[0].get_textpage().get_text_range()  # it leaves out characters without width
    text = read(data).text.replace(" | ", " ")
    assert Counter("".join(text.split())) == Counter("".join(given.split()))
    assert SENTENCE in text or SENTENCE not in given


NUMBERS = st.one_of(
    st.floats(), st.floats(-800, 800), st.sampled_from([0.0, -0.0, 1e300, -1e300, 5e-324, float("inf"), float("nan")])
)
ANY_RUN = st.builds(lines.Run, st.sampled_from(["a", "B.", "of us", "1.", "• x", "re-", "page 3"]), *[NUMBERS] * 4, st.booleans())  # fmt: skip


@given(st.lists(st.lists(ANY_RUN, max_size=12), max_size=3))
def test_boxes_of_any_numbers_lose_no_letter(found: list[list[lines.Run]]) -> None:
    def letters(texts: list[str]) -> Counter[str]:
        return Counter(letter for text in texts for letter in text if letter not in " |•-")

    pieces, furniture = arrange_pages(found)
    kept = letters([f"{piece.mark}{piece.text}" for piece in pieces]) + letters([line.text for line in furniture])
    assert kept == letters([run.text for runs in found for run in runs])


def cell(column: int, row: int, pitch: float = 3.0) -> lines.Run:
    return lines.Run("x", pitch * column, -1.2 * row, pitch * column + 1, 1 - 1.2 * row, False)


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([cell(k, row) for k in range(8000) for row in (0, 1)], id="two rows of many cells"),
        pytest.param(
            [*(cell(k, 0) for k in range(12000)), *(cell(k, row) for row in range(1, 300) for k in (0, 9))],
            id="narrow rows below a wide one",
        ),
        pytest.param([cell(k, row) for k in range(20) for row in range(400)], id="many rows"),
        pytest.param([cell(k, 0, 0.0) for k in range(16000)], id="one place"),
    ],
)
def test_tables_cost_what_their_number_of_cells_does(runs: list[lines.Run]) -> None:
    began = time.process_time()
    pieces, furniture = arrange_pages([runs])
    texts = [*(piece.text for piece in pieces), *(line.text for line in furniture)]
    assert time.process_time() - began < 6
    assert sum(text.count("x") for text in texts) == len(runs)


def test_a_paragraph_of_many_columns_costs_what_their_number_does() -> None:
    letters = str.maketrans("0123456789", "abcdefghij")
    found = [[lines.Run(f"we collect {k} and ".translate(letters), 50, 700, 250, 710, False)] for k in range(12_000)]
    began = time.process_time()
    (piece,) = arrange_pages(found)[0]
    assert time.process_time() - began < 6
    assert piece.text.count("collect") == 12_000


@pytest.mark.slow
def test_a_longer_page_costs_no_more_for_each_run() -> None:
    """Columns may show only from some length on; each place where a gutter may be was then judged by all lines."""
    page = Candidate(
        "pages",
        "x:,200,1,10,10,0;",
        "hyphen-,500,12.5,200,14,1;1.,50,12,200,10,0;a line of words that is long enough,75,30,500,{i},1;WORD,{i},0,200,10,0;",
        prefix="x:,60,12.5,50,10,0;",
    )

    def calls_per_run(length: int) -> float:
        (runs,) = page_runs(page.source(length))
        profile = cProfile.Profile()
        profile.runcall(lambda: list(arrange_pages([runs])[0]))
        return sum(entry.callcount for entry in profile.getstats()) / len(runs)

    assert calls_per_run(192_000) < 1.6 * calls_per_run(128_000)  # 2.6 without these limits
