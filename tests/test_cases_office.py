"""PDF and Word files of our own writing, one for each kind of fault in reading, each with what a person sees in it."""

import io
import zipfile
from collections.abc import Sequence

import pytest

from classifier import ReadError
from classifier.readers.docx.reader import read_docx
from classifier.readers.pdf import lines
from classifier.readers.pdf.layout import arrange_pages
from classifier.readers.registry import parse, read
from tests.conftest import CASES
from tests.strategies import check
from tests.test_docx import NUMBERING, STYLES, package
from tests.test_html import seen
from tests.test_pdf import page, raw

SEEN = {
    "docx-altchunk.docx": [
        "h2\tCover sheet for the board",
        "p\tPlease read the notice below.",
        "h1\tHarbourlight Privacy Notice",
        "h2\tHow long we keep it",
        "p\tWe keep booking records for six years after your last stay.",
        "h2\tWho we share it with",
        "p\tWe pass your name and arrival time to the boat operator that collects you.",
    ],
    "docx-contents.docx": [
        "h1\tLarkspur Data Notice",
        "toc\tContents What we collect 2 How long we keep it 2 Who we share it with 3 Children 3 Your rights 4",
        "h2\tWhat we collect",
        "p\tWe collect your name and your e-mail address when you sign up.",
        "h2\tHow long we keep it",
        "p\tWe keep it for two years.",
        "h2\tWho we share it with",
        "p\tWe share it with our hosting company.",
        "h2\tChildren",
        "p\tOur service is not meant for children under 13.",
        "h2\tYour rights",
        "p\tYou may ask us for a copy of your data.",
    ],
    "docx-hidden-text.docx": [
        "h2\tHarbourlight Privacy Notice",
        "p\tWe never sell your personal data.",
        "p\tWe keep booking records for six years.",
    ],
    "docx-numbering.docx": [
        "h2\tLarkspur Data Notice",
        "h3\t4. Data we collect",
        "li1\t4.1 We collect your name, postal address and e-mail address when you open an account with us or when you order anything from our shop.",
        "li1\t4.2 We also collect the following technical details each time that your browser asks one of our servers for a page of the shop:",
        "li2\t(a) the address that your internet provider gave to your device, and the country that this address belongs to, as far as we can tell;",
        "li2\t(b) the kind of browser that you use and the language it is set to, which tells us in which language we should answer you.",
        "h3\t5. Sharing",
        "li1\t5.1 We share the data described in clause 4.2(a) with our hosting company, which may use it for nothing but running our servers safely.",
    ],
    "pdf-bold-line.pdf": [
        "h1\tQuillhaven Privacy Policy",
        "h2\tDeletion",
        "p\tYou can ask us at any time to delete your account and everything that belongs to it by writing to us at privacy@quillhaven.example",
        "h2\tLocation",
        "p\tYou can switch the use of your location on and off whenever you like, in the privacy settings of your telephone or tablet.",
        "h2\tSale",
        "p\tWe work hard to earn your trust. We do not sell, rent, lend, barter or give your personal information to anybody outside of our company for their own advertising, and we never have done so in the past. Should that change we will ask you first and you may refuse without any drawback.",
        "h2\tCookies",
        "p\tWe set two cookies.",
    ],
    "pdf-contents.pdf": [
        "h1\tLarkspur Privacy Notice",
        "h2\tContents",
        "toc\t1. What we collect | 2 2. How long we keep it | 2 3. Who we share it with | 3 4. Children | 3 5. Your rights | 4",
        "h2\t1. What we collect",
        "p\tWe collect your name and your e-mail address when you sign up.",
        "h2\t2. How long we keep it",
        "p\tWe keep it for two years.",
        "h2\t3. Who we share it with",
        "p\tWe share it with our hosting company.",
        "h2\t4. Children",
        "p\tOur service is not meant for children under 13.",
        "h2\t5. Your rights",
        "p\tYou may ask us for a copy of your data.",
    ],
    "pdf-form-values.pdf": [
        "h1\tNotice of Privacy Practices",
        "h2\tHow long we keep it",
        "p\tWe keep your records for ten years after your last visit to our practice.",
        "h2\tContact",
        "p\tWrite to our privacy officer: Dr Ida Marsh, 4 Mill Lane, Otterford",
    ],
    "pdf-table-last-row.pdf": [
        "h1\tCookie notice of Fernmoor Games",
        "h2\tMarketing cookies",
        "row\tName | Purpose | Expiry",
        "row\tfm_seen | Counts how many of our adverts you have seen on other sites | 179 days",
        "row\tfm_uid | Gives your browser a number so that we know it when it returns | Session",
        "row\tvid_next | Remembers which film you have watched last on our pages | 1 year",
        "h2\tRefusing cookies",
        "p\tYou may refuse all of them in your browser.",
    ],
    "pdf-table-one-line-cells.pdf": [
        "h1\tRetention schedule of Otterford",
        "p\tWe keep your data for as long as this table says and delete it after that time.",
        "h2\tPeriods",
        "row\tData | Kept for",
        "row\tServer logs | 14 days",
        "row\tBookings | 6 years",
        "row\tLetters | 2 years",
        "row\tInvoices | 10 years",
        "row\tJob letters | 6 months",
        "h2\tBackups",
        "p\tBackups are overwritten after 30 days.",
    ],
    "docx-strong-style.docx": [
        "h2\tLarkspur Data Notice",
        "hb\tWhat we may collect from you.",
        "p\tWe collect your name and your e-mail address when you sign up.",
        "hb\tHow long we keep your data.",
        "p\tWe keep it for two years.",
        "hb\tWho we share your data with.",
        "p\tWe share it with our hosting company.",
    ],
}


@pytest.mark.parametrize("name", SEEN)
def test_cases_are_read_as_people_read_them(name: str) -> None:
    document = read(CASES / name)
    check(document)
    assert seen(document) == SEEN[name]


# --- Word ----------------------------------------------------------------------------------------------------------------


def word(body: str, styles: str = "", more: str = "", **parts: str) -> list[str]:
    document = read_docx(package(body, STYLES + more, styles=styles, **parts), "n")
    check(document)
    return seen(document)


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def style(style_id: str, properties: str, kind: str = "paragraph", name: str = "", more: str = "") -> str:
    return f"<w:style w:type='{kind}' w:styleId='{style_id}' {more}><w:name w:val='{name or style_id}'/>{properties}</w:style>"


TOGGLES = (
    style("On", "<w:rPr><w:b/><w:vanish/></w:rPr>", "character")
    + style("OnPar", "<w:rPr><w:b/><w:vanish w:val='1'/></w:rPr>")
    + style("Child", "<w:basedOn w:val='OnPar'/>")
    + style("Off", "<w:basedOn w:val='OnPar'/><w:rPr><w:b w:val='0'/><w:vanish w:val='false'/></w:rPr>")
)
RUN_STYLE = "<w:rStyle w:val='On'/>"


@pytest.mark.parametrize(
    ("properties", "run", "is_on"),
    [
        ("", "", False),
        ("", "<w:b/><w:vanish/>", True),
        ("", "<w:b w:val='0'/><w:vanish w:val='0'/>", False),
        ("", RUN_STYLE, True),
        ("", RUN_STYLE + "<w:b w:val='off'/><w:vanish w:val='off'/>", False),
        ("<w:pStyle w:val='OnPar'/>", "", True),
        ("<w:pStyle w:val='Child'/>", "", True),
        ("<w:pStyle w:val='Off'/>", "", False),
        ("<w:pStyle w:val='OnPar'/>", "<w:b w:val='0'/><w:vanish w:val='0'/>", False),
        ("<w:pStyle w:val='OnPar'/>", RUN_STYLE, False),  # they cancel each other
        ("<w:pStyle w:val='nowhere'/>", "<w:rStyle w:val='nowhere'/>", False),
        ("<w:rPr><w:b/><w:vanish/></w:rPr>", "", False),  # of the mark at the end of the paragraph
    ],
)
def test_bold_and_hidden_are_looked_up_in_styles(properties: str, run: str, is_on: bool) -> None:
    below = paragraph("We keep it for two years and then delete it.")
    text = "What we may collect from you."
    bold = word(paragraph(text, properties, run).replace("vanish", "i") + below, TOGGLES.replace("vanish", "i"))
    assert bold[0] == ("hb" if is_on else "p") + f"\t{text}"
    hidden = word(paragraph(text, properties, run) + below, TOGGLES)
    assert len(hidden) == (1 if is_on else 2)


def test_hidden_text_is_said() -> None:
    document = read(CASES / "docx-hidden-text.docx")
    assert document.notes == ("text that is marked as hidden in Word is left out",)
    assert read(CASES / "docx-strong-style.docx").notes == ()


def test_hidden_text_in_tables_and_notes_is_left_out() -> None:
    row = "".join(
        f"<w:tc>{paragraph(text, '', run)}</w:tc>"
        for text, run in (("Logs", ""), ("a year", ""), ("ask Ida", "<w:vanish/>"))
    )
    assert word(f"<w:tbl><w:tr>{row}</w:tr></w:tbl>") == ["row\tLogs | a year"]


def level(depth: int, kind: str = "decimal", text: str | None = None, more: str = "") -> str:
    shown = "" if text is None else f"<w:lvlText w:val='{text}'/>"
    return f"<w:lvl w:ilvl='{depth}'>{more}<w:numFmt w:val='{kind}'/>{shown}</w:lvl>"


def numbered(
    numbering: int | str = 1, depth: int = 0, text: str = "We keep logs for a year, then they go.", run: str = ""
) -> str:
    return paragraph(text, f"<w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{numbering}'/></w:numPr>", run)


def definition(levels: str, number: int = 1, more: str = "") -> str:
    return f"<w:abstractNum w:abstractNumId='{number}'>{levels}</w:abstractNum>{use(number, number, more)}"


def use(number: int, defined: int, more: str = "") -> str:
    return f"<w:num w:numId='{number}'><w:abstractNumId w:val='{defined}'/>{more}</w:num>"


def marks(body: str, numbering: str, styles: str = "") -> list[str]:
    seen_lines = word(body, styles, NUMBERING, numbering=numbering)
    return [line.partition("\t")[2].partition("We ")[0].strip() for line in seen_lines]


LEGAL = level(0, "decimal", "%1.") + level(1, "decimal", "%1.%2") + level(2, "lowerRoman", "(%3)")
RESTART = "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='{}'/></w:lvlOverride>"


@pytest.mark.parametrize(
    ("levels", "depths", "shown"),
    [
        pytest.param(LEGAL, [0, 1, 1, 2, 2, 1, 0, 1], "1. 1.1 1.2 (i) (ii) 1.3 2. 2.1", id="legal"),
        pytest.param(LEGAL, [1, 1], "1.1 1.2", id="a level above that is not there"),
        pytest.param(level(0), [0, 0], "1. 2.", id="no text"),
        pytest.param(level(0, "upperRoman", "Article %1"), [0, 0], "Article I Article II", id="words"),
        pytest.param(level(0, "upperLetter", "%1)", "<w:start w:val='26'/>"), [0, 0], "Z) AA)", id="letters after z"),
        pytest.param(level(0, "lowerRoman", "%1.", "<w:start w:val='39'/>"), [0, 0], "xxxix. xl.", id="higher Roman"),
        pytest.param(level(0, "decimalZero", "%1"), [0], "01", id="a zero"),
        pytest.param(level(0, "upperRoman", "%1.") + level(1, "decimal", "%1.%2", "<w:isLgl/>"), [0, 1], "I. 1.1", id="digits"),
        pytest.param(level(0, "decimal", "%1.") + level(1, "decimal", "%2.", "<w:lvlRestart w:val='0'/>"), [0, 1, 0, 1], "1. 1. 2. 2.", id="no restart"),
        pytest.param(level(0, "none", "") + level(1, "decimal", "%1%2."), [0, 1], " 1.", id="no number"),
        pytest.param(level(0, "bullet", "-"), [0], "•", id="bullets"),
        pytest.param(level(0, "decimal", "%1." + "x" * 4000), [0], "1.", id="a very long text"),
        pytest.param(level(0, "decimal", "%1.", "<w:start w:val='x'/>"), [0], "1.", id="no number to start with"),
    ],
)  # fmt: skip
def test_numbers_are_those_that_word_shows(levels: str, depths: list[int], shown: str) -> None:
    body = "".join(numbered(depth=depth) for depth in depths)
    assert " ".join(marks(body, definition(levels))) == shown


def test_numberings_of_one_definition_share_their_counts() -> None:
    numbering = definition(LEGAL) + use(2, 1) + use(3, 1, RESTART.format(7))
    assert marks("".join(map(numbered, [1, 2, 1, 3, 3, 1])), numbering) == ["1.", "2.", "3.", "7.", "8.", "9."]


def test_a_numbering_may_be_one_of_a_style() -> None:
    heads = "".join(
        style(f"H{k}", f"<w:pPr><w:outlineLvl w:val='{k}'/><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr>")
        for k in (0, 1)
    )
    levels = level(0, "decimal", "%1", "<w:pStyle w:val='H0'/>") + level(
        1, "decimal", "%1.%2", "<w:pStyle w:val='H1'/>"
    )
    body = "".join(
        paragraph("We", f"<w:pStyle w:val='H{k}'/>{off}")
        for k, off in ((0, ""), (1, ""), (1, ""), (0, "<w:numPr><w:numId w:val='0'/></w:numPr>"))
    )
    assert word(body, heads, NUMBERING, numbering=definition(levels)) == [
        "h2\t1 We",
        "h3\t1.1 We",
        "h3\t1.2 We",
        "h2\tWe",
    ]
    linked = f"<w:abstractNum w:abstractNumId='5'><w:styleLink w:val='S'/>{levels}</w:abstractNum>"
    numbering = f"{linked}<w:abstractNum w:abstractNumId='1'><w:numStyleLink w:val='S'/></w:abstractNum>{use(1, 1)}"
    assert word(body, heads, NUMBERING, numbering=numbering)[:2] == ["h2\t1 We", "h3\t1.1 We"]


def test_empty_paragraphs_count_unless_they_are_hidden() -> None:
    numbering = definition(level(0, "decimal", "%1."))
    gone = numbered(text="").replace("</w:pPr>", "<w:rPr><w:vanish/></w:rPr></w:pPr>")
    assert marks(numbered() + numbered(text="") + gone + numbered(), numbering) == ["1.", "3."]


def test_bold_numbered_titles_are_headings_and_bold_items_are_not() -> None:
    numbering = definition(LEGAL)
    body = (
        numbered(text="Definitions", run="<w:b/>") + numbered(depth=1) + numbered(text="Our use of data.", run="<w:b/>")
    )
    assert [line.partition("\t")[0] for line in word(body, "", NUMBERING, numbering=numbering)] == ["hb", "li1", "hb"]
    items = paragraph("We keep:") + numbered(text="your name", run="<w:b/>") * 2
    assert [line.partition("\t")[0] for line in word(items, "", NUMBERING, numbering=numbering)] == ["p", "li0", "li0"]


def field(kind: str) -> str:
    return f"<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>"


def made_by(instruction: str, body: str) -> str:
    opened = f"{field('begin')}<w:r><w:instrText> {instruction} </w:instrText></w:r>{field('separate')}"
    return body.replace("<w:r>", opened + "<w:r>", 1) + f"<w:p>{field('end')}</w:p>"


ENTRIES = paragraph("Your Rights 4") + paragraph("Our Cookies 5").replace("<w:r>", field("begin") + "<w:r>", 1).replace("</w:p>", field("end") + "</w:p>")  # fmt: skip
AFTER = paragraph("We keep logs for a year, and then we delete them.")
BLOCK = "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='{}'/></w:docPartObj></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    ("body", "is_contents"),
    [
        pytest.param(made_by("TOC \\o", ENTRIES), True, id="a field"),
        pytest.param(made_by("TOC \\o", ENTRIES).rpartition("<w:p>")[0], False, id="a field without an end"),
        pytest.param(made_by("INDEX", ENTRIES), False, id="another field"),
        pytest.param(BLOCK.format("Table of Contents", ENTRIES), True, id="the building block"),
        pytest.param(BLOCK.format("Cover Pages", ENTRIES), False, id="another building block"),
        pytest.param(ENTRIES.replace("<w:pPr>", "<w:pPr><w:pStyle w:val='Inhalt'/>"), True, id="the style"),
    ],
)
def test_entries_of_a_table_of_contents_are_navigation(body: str, is_contents: bool) -> None:
    kinds = [line.partition("\t")[0] for line in word(body + AFTER, style("Inhalt", "", name="toc 1"))]
    assert kinds == (["toc", "p"] if is_contents else ["hb", "hb", "p"])


def test_text_in_a_table_of_contents_keeps_its_labels() -> None:
    long = paragraph("We keep logs for a year. " * 12)
    heading = paragraph("Your rights", "<w:outlineLvl w:val='0'/>")
    lines = word(BLOCK.format("Table of Contents", ENTRIES + heading + long))
    assert [line.partition("\t")[0] for line in lines] == ["toc", "h2", "p"]


# --- PDF -----------------------------------------------------------------------------------------------------------------


def pieces(*rows: tuple[str, ...], left: float = 50.0, height: float = 10.0) -> list[str]:
    """Lay out lines of runs, 12 points apart; a run that begins with "*" is bold, with "^" in a font of a higher box."""
    runs: list[lines.Run] = []
    for number, row in enumerate(rows):
        at = left
        for run in row:
            text = run.lstrip("*^")
            bottom, top = 700 - 12.0 * number, 700 - 12.0 * number + height
            top += 2 if run.startswith("^") else 0
            runs.append(lines.Run(text, at, bottom, at + 5.0 * len(text), top, run.startswith("*")))
            at += 5.0 * len(text) + 5
    return [piece.text for piece in arrange_pages([runs])[0]]


FULL = "We collect your name and the address that you give to"
LAST = "us when you order."


@pytest.mark.parametrize(
    ("rows", "n_pieces"),
    [
        pytest.param([(FULL,), ("*" + LAST,)], 1, id="a sentence that ends in bold"),
        pytest.param([(FULL,), ("*" + FULL.lower(),), (LAST,)], 1, id="a bold line in the middle"),
        pytest.param([("We collect", "*your name and the address that you give to"), ("*" + LAST,)], 1, id="bold from the middle"),
        pytest.param([("*" + FULL,), (LAST,)], 1, id="a bold opening"),
        pytest.param([("*Your rights",), (FULL,), (LAST,)], 2, id="a heading"),
        pytest.param([(FULL,), (LAST,), ("*Your rights",), (FULL,), (LAST,)], 3, id="a heading between paragraphs"),
        pytest.param([(FULL,), ("us when you order, or when you ask for our newsletters.",), ("*Your rights",), (FULL,), (LAST,)], 3, id="a heading below a full line"),
        pytest.param([("*What we collect of the things that you give to us here",), (FULL,), (LAST,)], 2, id="a full heading"),
        pytest.param([(FULL,), ("^" + LAST,)], 1, id="another font"),
        pytest.param([(FULL,), ("^" + FULL.lower(),), (LAST,)], 1, id="a line in another font"),
    ],
)  # fmt: skip
def test_a_bold_line_tears_no_sentence(rows: list[tuple[str, ...]], n_pieces: int) -> None:
    assert len(pieces(*rows)) == n_pieces


def test_a_high_character_tears_no_paragraph() -> None:
    runs = [lines.Run(FULL, 50, 700 - 12 * k, 300, 710 - 12 * k, False) for k in range(4)]
    odd = lines.Run("☎", 302, 685, 312, 705, False)
    assert len(list(arrange_pages([[*runs, odd]])[0])) == 1


def spelled(shift: int) -> bytes:
    """A PDF of three pages, the middle one in a font whose characters have names that say nothing."""
    sentence = "We keep the logs of your visits for a year, and you may ask us for them at any time"
    codes = "".join(chr(ord(letter) + shift) if letter != " " else " " for letter in sentence).encode()
    names = b" ".join(b"/g%d" % code for code in range(33, 127))
    procs = b" ".join(b"/g%d 5 0 R" % code for code in range(33, 127))
    font = (
        b"<< /Type /Font /Subtype /Type3 /FontBBox [0 0 600 700] /FontMatrix [0.001 0 0 0.001 0 0] /FirstChar 33 /LastChar 126 "
        b"/Widths [%s] /CharProcs << %s >> /Encoding << /Differences [33 %s] >> >>" % (b"600 " * 94, procs, names)
    )
    glyph = b"<< /Length 33 >>\nstream\n600 0 0 0 600 700 d1 0 0 9 9 re f \nendstream"
    shown = codes.replace(b"(", b"\\(").replace(b")", b"\\)")
    return raw([page(sentence), b"BT /F2 9 Tf 20 700 Td (%s) Tj ET" % shown, page("And this.")], (font, glyph))


def test_fonts_without_letters_are_said() -> None:
    with pytest.raises(
        ReadError, match="has fonts that do not say which letters they show, so that only people can read"
    ):
        read(CASES / "pdf-no-unicode.pdf")
    document = parse(spelled(3), "n")
    assert document.notes == ("page 2 is in fonts that do not say which letters they show; this text is missing here",)
    assert document.text.count("visits") == 1
    document = parse(spelled(0), "n")
    assert document.notes == ()
    assert document.text.count("visits") == 2


SHORT_ROW = (("Server logs",), ("14 days",), ("Hosting",))
WRAPPED = (("Bookings",), ("Remembers which film", "you have watched last", "on our pages"), ("Session",))
TWICE = (("Name of the", "visitor"), ("Counts the adverts", "that you have seen"), ("1 year",))
HEAD = (("Data",), ("Why we keep it",), ("Kept for",))


def table(rows: Sequence[tuple[tuple[str, ...], ...]], padding: float, spacing: float) -> list[str]:
    """Lay out a table between two paragraphs, lines `spacing` apart within cells and rows `padding` more."""
    at, runs = 700.0, [lines.Run("We keep what this table says:", 50, 720, 300, 730, False)]
    for row in rows:
        for column, cell in enumerate(row):
            for number, text in enumerate(cell):
                left, bottom = 50.0 + 130 * column, at - number * spacing
                runs.append(lines.Run(text, left, bottom, left + 5.0 * len(text), bottom + 10, False))
        at -= spacing * max(map(len, row)) + padding
    runs.append(lines.Run("Ask us if anything in it is not clear to you.", 50, at - 16, 300, at - 6, False))
    return [piece.text for piece in arrange_pages([runs])[0]][1:-1]


@pytest.mark.parametrize(
    ("padding", "spacing"), [(8, 11), (4, 11), (3, 12.5), (6, 14)], ids=["wide", "close", "open", "very open"]
)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([HEAD, SHORT_ROW, SHORT_ROW], id="one line each"),
        pytest.param([HEAD, SHORT_ROW], id="two rows"),
        pytest.param([HEAD, SHORT_ROW, WRAPPED], id="a wrapped last row"),
        pytest.param([HEAD, WRAPPED], id="nothing but a wrapped last row"),
        pytest.param([HEAD, WRAPPED, SHORT_ROW, WRAPPED], id="wrapped rows"),
        pytest.param([HEAD, TWICE, SHORT_ROW, WRAPPED], id="wrapped in the first column too"),
        pytest.param([HEAD, *[SHORT_ROW] * 12, WRAPPED, *[SHORT_ROW] * 12], id="one wrapped row among many"),
    ],
)
def test_each_row_of_a_table_is_a_line(rows: list[tuple[tuple[str, ...], ...]], padding: float, spacing: float) -> None:
    assert table(rows, padding, spacing) == [" | ".join(map(" ".join, row)) for row in rows]


@pytest.mark.parametrize("spacing", [11, 12.5])
def test_rows_without_a_gap_begin_in_the_first_column(spacing: float) -> None:
    rows = [HEAD, SHORT_ROW, WRAPPED, SHORT_ROW]
    assert table(rows, 0, spacing) == [" | ".join(map(" ".join, row)) for row in rows]


TITLES = ["What we collect", "How long we keep it", "Your rights"]


@pytest.mark.parametrize(
    ("entries", "is_contents"),
    [
        pytest.param([f"{title} ........ {k}" for k, title in enumerate(TITLES, 2)], True, id="leaders"),
        pytest.param([f"{title} {k}" for k, title in enumerate(TITLES, 2)], True, id="no leaders"),
        pytest.param([f"{title} . . . . . . {k}" for k, title in zip(("i", "iv", "x"), TITLES, strict=True)], True, id="Roman"),
        pytest.param([*(f"{title} ... 2" for title in TITLES), "What the notes do not say ... 3"], True, id="a title that is not there"),
        pytest.param(["Bookings ... 2", "Letters ... 3", "Invoices ... 4"], False, id="no titles"),
        pytest.param([f"{title} ... {9 - k}" for k, title in enumerate(TITLES)], False, id="numbers that fall"),
        pytest.param(TITLES, False, id="no numbers"),
    ],
)  # fmt: skip
def test_titles_with_page_numbers_are_contents(entries: list[str], is_contents: bool) -> None:
    texts = [
        "Contents",
        *entries,
        *(text for title in TITLES for text in (title, "We keep the logs of your visits for a year.")),
    ]
    runs = [
        lines.Run(text, 50, 700 - 14.0 * k, 50 + 5.0 * len(text), 710 - 14.0 * k, False) for k, text in enumerate(texts)
    ]
    pieces = list(arrange_pages([runs])[0])
    assert [piece.text for piece in pieces if piece.is_links] == (entries if is_contents else [])


# --- forms in PDFs ---------------------------------------------------------------------------------------------------


TEXT_FIELD = b"/FT /Tx /V (for ten years) /F 4"


def form(field: bytes, more: bytes = b"", copies: int = 1) -> bytes:
    """A page that says "We keep logs", then a field, then "and no longer."."""
    drawn = b"BT /F1 10 Tf 72 700 Td (We keep logs ) Tj ET BT /F1 10 Tf 300 700 Td (and no longer.) Tj ET"
    widget = b"<< /Type /Annot /Subtype /Widget /T (a) /Rect [140 696 290 710] /DA (/F1 10 Tf 0 g) %s >>" % field
    data = raw([drawn], (widget,)).replace(b"/Contents", b"/Annots [%s] /Contents" % b" ".join([b"4 0 R"] * copies))
    fields = b"/AcroForm << /Fields [4 0 R] /DA (/F1 10 Tf 0 g) /DR << /Font << /F1 3 0 R >> >> %s >>" % more
    return data.replace(b"/Type /Catalog", b"/Type /Catalog " + fields)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        pytest.param(TEXT_FIELD, "We keep logs for ten years and no longer.", id="text"),
        pytest.param(b"/FT /Tx /Ff 4096 /V (for ten years) /F 4", "We keep logs for ten years and no longer.", id="lines"),
        pytest.param(b"/FT /Ch /Ff 131072 /Opt [(for a day) (for a year)] /V (for a year) /F 4", "We keep logs for a year and no longer.", id="a choice"),
        pytest.param(b"/FT /Tx /V (for ten years) /F 0", "We keep logs for ten years and no longer.", id="no flags"),
        pytest.param(b"/FT /Tx /V () /F 4", "We keep logs and no longer.", id="empty"),
        pytest.param(b"/FT /Tx /F 4", "We keep logs and no longer.", id="no value"),
        pytest.param(b"/FT /Tx /V (for ten years) /F 2", "We keep logs and no longer.", id="hidden"),
        pytest.param(b"/FT /Tx /V (for ten years) /F 32", "We keep logs and no longer.", id="only printed"),
        pytest.param(b"/FT /Tx /Ff 8192 /V (secret) /F 4", "We keep logs and no longer.", id="a password"),
        pytest.param(b"/FT /Btn /V /Yes /AS /Yes /MK << /CA (4) >> /F 4", "We keep logs and no longer.", id="a check box"),
        pytest.param(b"/FT /Btn /Ff 65536 /MK << /CA (Print) >> /F 4", "We keep logs and no longer.", id="a button"),
        pytest.param(b"/FT /Sig /V << >> /F 4", "We keep logs and no longer.", id="a signature"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("more", [b"", b"/NeedAppearances true"], ids=["", "needs looks"])
def test_values_of_form_fields_are_read_in_their_line(field: bytes, text: str, more: bytes) -> None:
    document = parse(form(field, more), "n.pdf", ".pdf")
    check(document)
    assert (document.text, document.notes) == (text, ())


def test_a_page_with_thousands_of_fields_is_read_without_them() -> None:
    document = parse(form(TEXT_FIELD, copies=5001), "n.pdf", ".pdf")
    assert document.text == "We keep logs and no longer."
    assert document.notes == ("the values of its form fields are not read; print it to a new PDF to read them",)


def test_a_note_on_a_page_is_no_value_of_a_field() -> None:
    note = TEXT_FIELD.replace(b"/FT /Tx", b"/FT /Tx /Subtype /FreeText /Contents (We sell data)")
    assert parse(form(note).replace(b"/Subtype /Widget", b""), "n.pdf", ".pdf").text == "We keep logs and no longer."


# --- Word files of other kinds -----------------------------------------------------------------------------------------


UNREAD = "a part of the text is an embedded file, which is not read; open it in Word and save it again to read all"
CHUNK = '<w:altChunk xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" r:id="{}"/>'
PLAIN = paragraph("We keep logs.")


def chunk(name: str, id: str = "c", kind: str = "aFChunk", more: str = "") -> str:
    return f'<Relationship Id="{id}" Type="http://x.example/relationships/{kind}" Target="{name}" {more}/>'


def embedding(body: str, relations: str, files: dict[str, bytes], types: str = "") -> bytes:
    """A Word file with other files in it."""
    with (
        zipfile.ZipFile(io.BytesIO(package(body, relations))) as source,
        zipfile.ZipFile(buffer := io.BytesIO(), "w") as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"</Types>", f"{types}</Types>".encode()))
        for name, content in files.items():
            target.writestr(name, content)
    return buffer.getvalue()


SAVED_PAGE = (
    b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html; charset=utf-8\n"
    b"Content-Transfer-Encoding: quoted-printable\n\n<h1>Notice</h1><p class=3Dfooter>We keep caf=C3=A9s.</p>\n--b--\n"
)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        pytest.param("a.html", b"<h1>Notice</h1><ul><li>logs<li>bills</ul><footer>We share.</footer>", ["h1\tNotice", "li0\t• logs", "li0\t• bills", "p\tWe share."], id="a page"),
        pytest.param("a.htm", b"<table><tr><th>Data<th>Kept<tr><td>Logs<td>A year</table>", ["row\tData | Kept", "row\tLogs | A year"], id="a table"),
        pytest.param("a.dat", b"<p>We share.", ["p\tWe share."], id="a page by its type"),
        pytest.param("a.txt", b"# Notice\r\n\r\nWe share.\r\n\r\n* logs\r\n    * bills", ["h1\t# Notice", "p\tWe share.", "li0\t* logs", "li4\t* bills"], id="a text"),
        pytest.param("a.mht", SAVED_PAGE, ["h1\tNotice", "p\tWe keep cafés."], id="a saved page"),
        pytest.param("a.docx", package(paragraph("Notice", "<w:outlineLvl w:val='0'/>") + paragraph("We share.")), ["h2\tNotice", "p\tWe share."], id="a Word file"),
    ],
)  # fmt: skip
def test_embedded_files_are_read_in_their_place(name: str, content: bytes, found: list[str]) -> None:
    types = '<Default Extension="mht" ContentType="message/rfc822"/><Override PartName="/word/a.dat" ContentType="text/html"/>'
    data = embedding(f"{PLAIN}{CHUNK.format('c')}{PLAIN}", chunk(name), {f"word/{name}": content}, types)
    for document in (read_docx(data, "n"), read_docx(strict(data), "n"), parse(data, "n.docx", ".docx")):
        check(document)
        assert seen(document) == ["p\tWe keep logs.", *found, "p\tWe keep logs."]
        assert document.notes == ()
        assert [block.place for block in document.blocks][1] == "embedded file 1"


def test_links_of_embedded_pages_keep_their_places() -> None:
    page = (
        b"<ul><li>We use <a href=/t>Tern</a> for maps<li>and <a href=/b>Brent</a></ul><p>See <a href=/c>the list</a>."
    )
    document = read_docx(embedding(f"{PLAIN}{CHUNK.format('c')}", chunk("a.html"), {"word/a.html": page}), "n")
    links = [(document.text[link.start : link.end], link.address) for link in document.links]
    assert links == [("Tern", "/t"), ("Brent", "/b"), ("the list", "/c")]


def test_embedded_files_in_cells_are_read() -> None:
    cell = "<w:tc>{}</w:tc>"
    table = f"<w:tbl><w:tr>{cell.format(PLAIN)}{cell.format(CHUNK.format('c') + '<w:p/>')}</w:tr></w:tbl>"
    data = embedding(table, chunk("a.html"), {"word/a.html": b"<p>We share."})
    assert seen(read_docx(data, "n")) == ["p\tWe keep logs.", "p\tWe share."]


PAGE_FILE = {"word/a.html": b"<p>We share."}


@pytest.mark.parametrize(
    ("relations", "files"),
    [
        pytest.param(chunk("a.rtf"), {"word/a.rtf": b"{\\rtf1 We share.}"}, id="RTF"),
        pytest.param(chunk("a.html"), {}, id="missing"),
        pytest.param(chunk("a.html"), {"word/a.html": b""}, id="empty"),
        pytest.param(chunk("a.html"), {"word/a.html": b"<p hidden>"}, id="without text"),
        pytest.param(chunk("a.pdf"), {"word/a.pdf": b"%PDF-1.7"}, id="PDF"),
        pytest.param(chunk("../../../../etc/hostname"), {}, id="outside"),
        pytest.param(chunk("file:///etc/hostname", more='TargetMode="External"'), {}, id="external"),
        pytest.param(chunk("https://x.example/a.html", more='TargetMode="External"'), {}, id="an address"),
        pytest.param(chunk("a.html", kind="image"), PAGE_FILE, id="another kind of relation"),
        pytest.param(chunk("a.html", id="d"), PAGE_FILE, id="another relation"),
        pytest.param(chunk("document.xml"), {}, id="itself"),
        pytest.param("", {}, id="no relation"),
    ],
)
def test_embedded_files_that_are_not_read_are_said(relations: str, files: dict[str, bytes]) -> None:
    document = read_docx(embedding(f"{PLAIN}{CHUNK.format('c')}", relations, files), "n")
    assert (seen(document), document.notes) == (["p\tWe keep logs."], (UNREAD,))
    with pytest.raises(ReadError, match="^n: has its text in an embedded file, which is not read"):
        read_docx(embedding(CHUNK.format("c"), relations, files), "n")


def test_a_word_file_in_a_word_file_in_a_word_file_is_not_read() -> None:
    data = package(PLAIN)
    for _ in range(3):
        data = embedding(f"{PLAIN}{CHUNK.format('c')}", chunk("a.docx"), {"word/a.docx": data})
    assert seen(read_docx(data, "n")) == ["p\tWe keep logs."] * 2


def test_an_embedded_file_is_read_once_and_so_are_many() -> None:
    data = embedding(CHUNK.format("c") * 20_000, chunk("a.html"), PAGE_FILE)
    assert seen(read_docx(data, "n")) == ["p\tWe share."]
    body = "".join(CHUNK.format(f"c{k}") for k in range(200))
    files = {f"word/a{k}.html": b"<p>We share." for k in range(200)}
    document = read_docx(embedding(body, "".join(chunk(f"a{k}.html", f"c{k}") for k in range(200)), files), "n")
    assert (len(document.blocks), document.notes) == (50, (UNREAD,))


def test_embedded_files_count_as_parts_do() -> None:
    data = embedding(CHUNK.format("c"), chunk("a.html"), {"word/a.html": b"<p>We share." + b" " * (17 * 2**20)})
    with pytest.raises(ReadError, match="^n: holds more than 16 MiB or 1,500,000 tags of XML"):
        read_docx(data, "n")


def strict(data: bytes) -> bytes:
    """The same file as Word saves it as "Strict Open XML"."""
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer := io.BytesIO(), "w") as target:
        for name in source.namelist():
            part = source.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            part = part.replace(b"openxmlformats.org/officeDocument/2006/", b"purl.oclc.org/ooxml/officeDocument/")
            target.writestr(name, part)
    return buffer.getvalue()


@pytest.mark.parametrize("name", [name for name in SEEN if name.startswith("docx")])
def test_strict_files_are_read_alike(name: str) -> None:
    assert seen(read_docx(strict((CASES / name).read_bytes()), "n")) == SEEN[name]


@pytest.mark.parametrize("suffix", ["docm", "dotm", "dotx"])
def test_templates_and_files_with_macros_are_word_files(suffix: str) -> None:
    data = (CASES / "docx-strong-style.docx").read_bytes()
    assert seen(parse(data, f"n.{suffix}", f".{suffix}")) == SEEN["docx-strong-style.docx"]
    with pytest.raises(ReadError, match="is not a DOCX file, whatever its name says"):
        parse(b"We keep logs.", f"n.{suffix}", f".{suffix}")
