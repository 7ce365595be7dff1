"""PDF and Word files of our own writing, one for each kind of fault in reading, each with what a person sees in it."""

import pytest

from classifier.readers.docx.reader import read_docx
from classifier.readers.registry import read
from tests.conftest import ROOT
from tests.test_docx import STYLES, package
from tests.test_html import seen
from tests.test_segment import check

CASES = ROOT / "tests" / "cases"

SEEN = {
    "docx-hidden-text.docx": [
        "h2\tHarbourlight Privacy Notice",
        "p\tWe never sell your personal data.",
        "p\tWe keep booking records for six years.",
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
