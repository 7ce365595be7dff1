"""Make the Word files of this folder from the text below.

    python -m tests.documents.make_docx

The XML is written directly and not by python-docx, which lacks footnotes, comments, text boxes, tracked changes and numbered
headings. Every file is made of the same few parts. The bytes are the same each time.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

FOLDER = Path(__file__).parent
_SPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
}
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_AUTHOR = 'w:author="Reviewer" w:date="2024-01-10T09:00:00Z"'
_MARKUP = re.compile(r"(\*\*.+?\*\*|__.+?__)")


class Xml(str):
    """Markup of Word, which is not escaped."""


# --- runs and paragraphs -----------------------------------------------------------------------------------------


def run(text: str, properties: str = "") -> Xml:
    """Return a run; a line break in the text breaks the line, a tab is one."""
    parts = []
    for piece in re.split(r"(\n|\t)", text):
        if piece in ("\n", "\t"):
            parts.append("<w:br/>" if piece == "\n" else "<w:tab/>")
        elif piece:
            parts.append(f'<w:t xml:space="preserve">{escape(piece)}</w:t>')
    return Xml(f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{''.join(parts)}</w:r>")


def runs(*content: str) -> Xml:
    """Return the runs of texts; ``**bold**`` and ``__underlined italics__`` are marked so, `Xml` is taken as it is."""
    found = []
    for text in content:
        if isinstance(text, Xml):
            found.append(text)
            continue
        for piece in filter(None, _MARKUP.split(text)):
            if piece.startswith("**"):
                found.append(run(piece[2:-2], "<w:b/>"))
            elif piece.startswith("__"):
                found.append(run(piece[2:-2], '<w:i/><w:u w:val="single"/>'))
            else:
                found.append(run(piece))
    return Xml("".join(found))


def paragraph(*content: str, style: str = "", level: int = -1, numbering: int = 1, properties: str = "") -> Xml:
    """Return a paragraph; from level 0 on it is an item of a numbering."""
    settings = f'<w:pStyle w:val="{style}"/>' if style else ""
    if level >= 0:
        settings += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{numbering}"/></w:numPr>'
    return Xml(f"<w:p><w:pPr>{settings}{properties}</w:pPr>{runs(*content)}</w:p>")


def items(*texts: str, level: int = 0, numbering: int = 1) -> Xml:
    """Return items of a list."""
    return Xml("".join(paragraph(text, style="ListParagraph", level=level, numbering=numbering) for text in texts))


def centered(*content: str, style: str = "") -> Xml:
    """Return a centered paragraph."""
    return paragraph(*content, style=style, properties='<w:jc w:val="center"/>')


PAGE_BREAK = Xml('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')


def inserted(text: str) -> Xml:
    """Return a tracked insertion."""
    return Xml(f'<w:ins w:id="901" {_AUTHOR}>{run(text)}</w:ins>')


def deleted(text: str) -> Xml:
    """Return a tracked deletion."""
    return Xml(
        f'<w:del w:id="902" {_AUTHOR}><w:r><w:delText xml:space="preserve">{escape(text)}</w:delText></w:r></w:del>'
    )


def hidden(text: str) -> Xml:
    """Return hidden text."""
    return run(text, "<w:vanish/>")


def comment(number: int) -> Xml:
    """Return the mark of a comment."""
    return Xml(
        f'<w:commentRangeStart w:id="{number}"/><w:commentRangeEnd w:id="{number}"/>'
        f'<w:r><w:commentReference w:id="{number}"/></w:r>'
    )


def footnote(number: int) -> Xml:
    """Return the mark of a footnote."""
    return Xml(f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="{number}"/></w:r>')


def reference(shown: str) -> Xml:
    """Return a field that shows the number of another paragraph."""
    return Xml(f'<w:fldSimple w:instr=" REF _Ref100 \\r \\h ">{run(shown)}</w:fldSimple>')


# --- tables, boxes and contents ----------------------------------------------------------------------------------


def cell(*paragraphs: str, span: int = 1, merge: str = "") -> Xml:
    """Return a cell; `merge` is "restart" where a cell over several rows begins and "continue" where it goes on."""
    settings = '<w:tcW w:w="2400" w:type="dxa"/>'
    settings += f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    settings += f'<w:vMerge w:val="{merge}"/>' if merge else ""
    inner = "".join(text if isinstance(text, Xml) else paragraph(text) for text in paragraphs or ("",))
    return Xml(f"<w:tc><w:tcPr>{settings}</w:tcPr>{inner}</w:tc>")


def row(*cells: str, is_header: bool = False) -> Xml:
    """Return a row; a header is repeated at the top of each page and set in bold."""
    settings = "<w:trPr><w:tblHeader/></w:trPr>" if is_header else ""
    written = (text if isinstance(text, Xml) else cell(f"**{text}**" if is_header else text) for text in cells)
    return Xml(f"<w:tr>{settings}{''.join(written)}</w:tr>")


def table(n_columns: int, *rows: str) -> Xml:
    """Return a table with lines around its cells."""
    grid = '<w:gridCol w:w="2400"/>' * n_columns
    return Xml(
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="0" w:type="auto"/></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )


def text_box(*paragraphs: str) -> Xml:
    """Return a paragraph that holds a text box, also in the form for old versions of Word."""
    inner = "".join(paragraphs)
    drawing = (
        '<w:drawing><wp:anchor distT="0" distB="0" distL="114300" distR="114300" simplePos="0" relativeHeight="1" '
        'behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="column"><wp:posOffset>0</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="paragraph"><wp:posOffset>0</wp:posOffset></wp:positionV>'
        '<wp:extent cx="5400000" cy="1200000"/><wp:wrapTopAndBottom/><wp:docPr id="7" name="Text box"/>'
        '<a:graphic><a:graphicData uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>'
        '<wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="5400000" cy="1200000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></wps:spPr>'
        f"<wps:txbx><w:txbxContent>{inner}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing>"
    )
    old = f"<w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict>"
    return Xml(
        '<w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps">'
        f"{drawing}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )


def contents(title: str, *entries: str) -> Xml:
    """Return a table of contents as Word makes it: a field in a content control."""
    begin = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        '<w:r><w:instrText xml:space="preserve"> TOC \\o "1-2" \\h \\z \\u </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    )
    lines = []
    for number, entry in enumerate(entries):
        linked = Xml(f'<w:hyperlink w:anchor="_Toc{number}">{run(entry)}</w:hyperlink>')
        lines.append(paragraph(Xml(begin if not number else ""), linked, style="TOC1"))
    end = paragraph(Xml('<w:r><w:fldChar w:fldCharType="end"/></w:r>'))
    return Xml(
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
        f"</w:sdtPr><w:sdtContent>{paragraph(title, style='TOCHeading')}{''.join(lines)}{end}</w:sdtContent></w:sdt>"
    )


def control(*paragraphs: str) -> Xml:
    """Return paragraphs in a content control."""
    return Xml(
        f'<w:sdt><w:sdtPr><w:tag w:val="text"/></w:sdtPr><w:sdtContent>{"".join(paragraphs)}</w:sdtContent></w:sdt>'
    )


# --- the parts of a file -----------------------------------------------------------------------------------------


def _style(name: str, shown: str, paragraph_settings: str = "", run_settings: str = "", kind: str = "paragraph") -> str:
    is_default = ' w:default="1"' if name == "Normal" else ""
    based = "" if name in ("Normal", "TableGrid") else '<w:basedOn w:val="Normal"/>'
    return (
        f'<w:style w:type="{kind}"{is_default} w:styleId="{name}"><w:name w:val="{shown}"/>{based}'
        f"<w:pPr>{paragraph_settings}</w:pPr><w:rPr>{run_settings}</w:rPr></w:style>"
    )


_NUMBERED = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="9"/></w:numPr><w:outlineLvl w:val="{}"/>'
_LINES = "".join(
    f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


def _styles(are_headings_numbered: bool) -> str:
    headings = [
        _NUMBERED.format(level, level) if are_headings_numbered else f'<w:outlineLvl w:val="{level}"/>'
        for level in (0, 1)
    ]
    return "".join(
        (
            _style("Normal", "Normal", '<w:spacing w:after="120"/>', '<w:sz w:val="22"/>'),
            _style("Title", "Title", '<w:jc w:val="center"/>', '<w:b/><w:sz w:val="44"/>'),
            _style("Heading1", "heading 1", f"<w:keepNext/>{headings[0]}", '<w:b/><w:sz w:val="30"/>'),
            _style("Heading2", "heading 2", f"<w:keepNext/>{headings[1]}", '<w:b/><w:sz w:val="26"/>'),
            _style(
                "AnnexHeading", "Annex Heading", '<w:keepNext/><w:outlineLvl w:val="0"/>', '<w:b/><w:sz w:val="30"/>'
            ),
            _style("ListParagraph", "List Paragraph", '<w:ind w:left="720"/><w:contextualSpacing/>'),
            _style("Caption", "caption", "", '<w:b/><w:i/><w:sz w:val="18"/>'),
            _style("TOCHeading", "TOC Heading", "", '<w:b/><w:sz w:val="30"/>'),
            _style("TOC1", "toc 1", '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9000"/></w:tabs>'),
            _style("FootnoteText", "footnote text", "", '<w:sz w:val="18"/>'),
            f'<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:tblPr><w:tblBorders>{_LINES}'
            "</w:tblBorders></w:tblPr></w:style>",
        )
    )


def _level(number: int, kind: str, text: str, style: str = "") -> str:
    linked = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>{linked}<w:lvlText w:val="{text}"/>'
        f'<w:pPr><w:ind w:left="{360 * (number + 1)}" w:hanging="360"/></w:pPr></w:lvl>'
    )


_BULLETS, _LETTERS, _CLAUSES, _HEADINGS = 1, 2, 3, 9


def _numbering() -> str:
    levels = {
        _BULLETS: (_level(0, "bullet", "•"), _level(1, "bullet", "–"), _level(2, "bullet", "▪")),
        _LETTERS: (_level(0, "lowerLetter", "(%1)"), _level(1, "lowerRoman", "(%2)")),
        _CLAUSES: (
            _level(0, "decimal", "%1."),
            _level(1, "decimal", "%1.%2"),
            _level(2, "lowerLetter", "(%3)"),
            _level(3, "lowerRoman", "(%4)"),
        ),
        _HEADINGS: (_level(0, "decimal", "%1.", "Heading1"), _level(1, "decimal", "%1.%2", "Heading2")),
    }
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{number}"><w:multiLevelType w:val="multilevel"/>{"".join(inner)}</w:abstractNum>'
        for number, inner in levels.items()
    )
    used = "".join(f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>' for number in levels)
    return abstract + used


def _notes(kind: str, texts: dict[int, str]) -> str:
    notes = "".join(
        f'<w:{kind} w:id="{number}"{f" {_AUTHOR}" if kind == "comment" else ""}>'
        f"{paragraph(text, style='FootnoteText')}</w:{kind}>"
        for number, text in texts.items()
    )
    separator = '<w:footnote w:type="separator" w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    return (separator if kind == "footnote" else "") + notes


def write(
    name: str,
    *body: str,
    header: str = "",
    footer: str = "",
    footnotes: dict[int, str] | None = None,
    comments: dict[int, str] | None = None,
    are_headings_numbered: bool = False,
) -> None:
    """Write a Word file into this folder."""
    parts = {
        "styles": ("styles", _styles(are_headings_numbered)),
        "numbering": ("numbering", _numbering()),
    }
    if header:
        parts["header"] = ("hdr", paragraph(header))
    if footer:
        parts["footer"] = ("ftr", paragraph(footer))
    if footnotes:
        parts["footnotes"] = ("footnotes", _notes("footnote", footnotes))
    if comments:
        parts["comments"] = ("comments", _notes("comment", comments))
    edges = "".join(
        f'<w:{part}Reference w:type="default" r:id="{part}"/>' for part in ("header", "footer") if part in parts
    )
    document = f'<w:body>{"".join(body)}<w:sectPr>{edges}<w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body>'
    declared = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in _SPACES.items())
    declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    types = "".join(f'<Override PartName="/word/{part}.xml" ContentType="{_WORD_TYPE}.{part}+xml"/>' for part in parts)
    relations = "".join(
        f'<Relationship Id="{part}" Type="{_SPACES["r"]}/{part}" Target="{part}.xml"/>' for part in parts
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_WORD_TYPE}.document.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="document" Type="{_SPACES["r"]}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "word/document.xml": f"<w:document{declared}>{document}</w:document>",
        **{f"word/{part}.xml": f"<w:{tag}{declared}>{inner}</w:{tag}>" for part, (tag, inner) in parts.items()},
    }
    with zipfile.ZipFile(FOLDER / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), declaration + text, zipfile.ZIP_DEFLATED)


# --- the documents -----------------------------------------------------------------------------------------------


def credit_union() -> None:
    """Write a notice with a title page, contents, headings that Word numbers, merged cells and footnotes."""
    write(
        "lakeside-credit-union.docx",
        centered("Lakeside Teachers Credit Union"),
        paragraph("Member Privacy Notice", style="Title"),
        centered("Version 4.1, effective February 1, 2024"),
        PAGE_BREAK,
        contents(
            "Contents",
            "1.\tAbout this notice\t2",
            "2.\tInformation we collect\t2",
            "2.1\tInformation you give us\t2",
            "2.2\tInformation from others\t2",
            "3.\tHow we use information\t3",
            "4.\tWho receives information\t3",
            "4.1\tCompanies that work for us\t3",
            "4.2\tAuthorities\t4",
            "4.3\tNo sale\t4",
            "5.\tHow we protect information\t4",
            "6.\tHow long we keep information\t4",
            "7.\tYour rights\t5",
            "8.\tChanges\t5",
            "9.\tContact\t5",
        ),
        PAGE_BREAK,
        paragraph("About this notice", style="Heading1"),
        paragraph(
            "Lakeside Teachers Credit Union is owned by its members. This notice tells members, borrowers and visitors to our"
            " branches how we treat their personal information.",
            comment(1),
        ),
        paragraph(
            "Federal law gives you the right to limit some but not all sharing. ",
            deleted("Members of the board are not covered by this notice. "),
            "Please keep this notice with your membership papers.",
        ),
        paragraph("Information we collect", style="Heading1"),
        paragraph("Information you give us", style="Heading2"),
        paragraph("You give us information when you:"),
        items("apply for membership, an account or a loan;", "use online banking"),
        items("to pay a bill,", "to deposit a check, or", "to send money to a friend;", level=1),
        items("call a branch, or write to us."),
        paragraph("Information from others", style="Heading2"),
        paragraph("Not everything we know comes from you. We obtain information about you from these sources:"),
        items(
            "Credit bureaus send us your credit history and score when you apply for a loan or a card, and afterwards once a"
            " year for as long as you owe us money.",
            "Your employer confirms your salary and the length of your service if you ask for a loan that is repaid from your"
            " pay, and tells us when you change to another school.",
        ),
        paragraph(
            deleted("Data brokers sell us lists of teachers who have moved to one of the counties that we serve."),
            style="ListParagraph",
            level=0,
            properties=f'<w:rPr><w:del w:id="903" {_AUTHOR}/></w:rPr>',
        ),
        items(
            "Public registers tell us about liens, bankruptcies and the deeds of houses that are offered to us as security,"
            " in every county where you have lived during the last seven years.",
        ),
        paragraph("How we use information", style="Heading1"),
        paragraph(
            "We use personal information to run your accounts and to decide on loans. Whether you can limit a use depends on"
            " its purpose.",
            footnote(2),
        ),
        paragraph("Table 1. Purposes, information and limits", style="Caption"),
        table(
            3,
            row("Purpose", "Information we use", "Can you limit it?", is_header=True),
            row(cell("Everyday business", merge="restart"), "Balances, payments and income", "No"),
            row(cell(merge="continue"), "Credit history", "No"),
            row("Our own marketing", "Name, address and products held", "Yes"),
            row("Joint marketing with insurers", cell("Name and address", "Age"), "Yes"),
            row("Marketing by other companies", cell("We do not share", span=2)),
        ),
        paragraph("If you are a new member we may begin to use information for marketing 30 days after you joined."),
        paragraph("Who receives information", style="Heading1"),
        paragraph("Companies that work for us", style="Heading2"),
        paragraph(
            "Printers of statements, makers of cards and the operator of our data center receive what they need for their"
            " work, ",
            inserted("and nothing beyond it, "),
            "under contracts that oblige them to keep it confidential.",
        ),
        paragraph("Authorities", style="Heading2"),
        paragraph(
            "We report interest to the tax authority and large cash deposits to the financial crimes bureau. We answer"
            " subpoenas after our counsel has read them.",
            footnote(3),
        ),
        paragraph("No sale", style="Heading2"),
        paragraph("We do not sell information about members, former members or applicants to anyone."),
        paragraph("How we protect information", style="Heading1"),
        paragraph(
            "Paper files are kept in locked rooms. Computer files are encrypted, and employees can open only the accounts of"
            " the branch they work at."
        ),
        paragraph(
            "We will tell you without delay if somebody has gained access to your information who should not have."
        ),
        paragraph("How long we keep information", style="Heading1"),
        paragraph("**Closed accounts.** We keep the papers of an account for seven years after it was closed."),
        paragraph(
            "**Declined applications.** If we decline a loan, we keep the application for 25 months so that you can ask us"
            " for our reasons."
        ),
        paragraph("**Call recordings.** Recordings of telephone orders are erased after one year."),
        paragraph("Your rights", style="Heading1"),
        paragraph("As a member you have the right:"),
        items(
            "to see the information in your file,",
            "to have errors corrected,",
            "to limit marketing as shown in Table 1, and",
            "to receive this notice on paper.",
            numbering=_LETTERS,
        ),
        paragraph(
            "Joint owners may decide for themselves. If one of them limits sharing, we treat that as a decision about her or"
            " his own information alone."
        ),
        paragraph("Changes", style="Heading1"),
        paragraph("We send every member a new notice before a change that concerns the sharing of information."),
        paragraph("Contact", style="Heading1"),
        paragraph("To limit sharing, call (555) 010-0122 or write to:"),
        paragraph("Lakeside Teachers Credit Union"),
        paragraph("Privacy Desk"),
        paragraph("600 Chalk Street"),
        paragraph("Lakeside, WI 53900"),
        header="Lakeside Teachers Credit Union",
        footer="Member Privacy Notice, page 2",
        footnotes={
            2: "The limits in this notice follow from the law on financial privacy. State law may give you further ones.",
            3: "A subpoena is an order to hand over papers or to appear as a witness.",
        },
        comments={1: "Should we mention the trustees here? The lawyers want to see this sentence again."},
        are_headings_numbered=True,
    )


def school() -> None:
    """Write a letter-like notice whose headings are bold lines, with a text box, typed bullets and hidden text."""
    write(
        "hollin-bank-school.docx",
        centered("**PRIVACY NOTICE FOR PUPILS AND PARENTS**"),
        centered("Hollin Bank School"),
        centered("Approved by the governors on 12 May 2023"),
        text_box(
            paragraph("**Key points**"),
            paragraph(
                "We hold what a school needs to teach and protect children. We sell nothing, and you may see it all."
            ),
        ),
        paragraph("**Why we are writing to you**"),
        paragraph(
            "Hollin Bank School is the controller of the information it holds about pupils and their families. This notice"
            " says what that information is and what becomes of it."
        ),
        paragraph(
            "It applies to pupils from nursery to year six. Staff and volunteers ",
            deleted("will be given"),
            inserted("have received"),
            " a notice of their own.",
        ),
        paragraph("**Information we hold**"),
        paragraph("__About pupils__"),
        paragraph("For each pupil we hold:"),
        paragraph("- name, date of birth and address"),
        paragraph("- marks and reports"),
        paragraph("- attendance and reasons for absence"),
        paragraph("- allergies and medicines"),
        paragraph(
            "We photograph classes once a year. Pictures appear on our website only if both parents have agreed, and without"
            " the names of the children."
        ),
        paragraph("__About parents__"),
        paragraph(
            "We hold the names, addresses and telephone numbers of parents and of one further person whom we may call in an"
            " emergency."
        ),
        paragraph(hidden("Draft: ask the county whether the number of the passport is needed as well.")),
        paragraph("**Where it comes from**"),
        paragraph(
            "**Admission form.** Most of it comes from the form that you fill in when your child starts school. Fields with a"
            " star are required by law, the others are optional."
        ),
        paragraph(
            "**Previous school.** When a child moves to us, the former school sends the pupil file through a secure site of"
            " the education department."
        ),
        paragraph(
            "**Social services.** In rare cases social services tell us of a risk to a child. Only the head and the officer"
            " for safeguarding can read such notes."
        ),
        paragraph("**Why we may use it**"),
        paragraph("We use the information on these grounds:"),
        paragraph(
            "1) Public task. Education law charges us with teaching, with keeping children safe and with reporting results to"
            " the county, and most of what we do with information serves that task."
        ),
        paragraph(
            "2) Legal obligation. We take part in the school census three times a year and must keep a register of attendance"
            " that an inspector can look at without notice."
        ),
        paragraph(
            "3) Consent. We ask you before we use fingerprints for the lunch till or pictures for the website, and a child"
            " whose parents refuse pays with a card in the same queue."
        ),
        paragraph("**Who receives it**"),
        paragraph("We share information with:"),
        paragraph("\u2022\tthe education department"),
        paragraph("\u2022\tthe school nurse"),
        paragraph("\u2022\tthe next school of the child"),
        paragraph("\u2022\tthe company that runs our lunch till"),
        paragraph("We do not give information about pupils to companies that want to advertise to them."),
        paragraph("**How long we keep it**"),
        paragraph("The periods in this table are those of the county archive."),
        table(
            2,
            row("**Admission register**", "Six years after the last entry"),
            row("**Pupil file**", "Passed to the next school when the child leaves"),
            row("**Accident book**", "Until the child is twenty-five"),
            row("**Lunch till records**", "Three months"),
        ),
        paragraph("**Your rights**"),
        paragraph(
            "You may ask to see the information about your child, to have it corrected, or to object to its use. We answer"
            " within a month, outside of holidays too."
        ),
        paragraph(
            "From the age of twelve we normally ask the child as well before a parent is shown the file, because the rights"
            " belong to the child."
        ),
        paragraph("**Complaints**"),
        paragraph("Please talk to us first. You may also complain to the information commissioner of your country."),
        paragraph("**Contact**"),
        paragraph("Data Protection Officer\nHollin Bank School\nBank Lane\nHollin HB4 0ZZ\noffice@hollinbank.example"),
        paragraph("We look at this notice every spring and post the new version on the notice board by the gate."),
        header="Hollin Bank School",
        footer="Privacy notice for pupils and parents, page 1 of 3",
    )


def courier() -> None:
    """Write a schedule of a contract: numbered clauses with lettered parts, defined terms in a table, an annex."""

    def clause(*content: str, level: int = 1) -> Xml:
        return paragraph(*content, level=level, numbering=_CLAUSES)

    def section(title: str) -> Xml:
        return paragraph(f"**{title}**", level=0, numbering=_CLAUSES)

    write(
        "wren-couriers-schedule.docx",
        paragraph("Data Protection Schedule", style="Title"),
        paragraph("Schedule 3 to the Carriage Terms of Wren & Okafor Couriers Limited"),
        control(paragraph("Last revised: 30 June 2024")),
        paragraph(
            "This schedule applies whenever Wren & Okafor Couriers (the “Carrier”) handles personal data of the people to whom"
            " a business customer (the “Sender”) has parcels delivered."
        ),
        section("Defined terms"),
        clause(
            "The words in the table below have the meaning given beside them. All other words that begin with a capital"
            " letter have the meaning that the Carriage Terms give to them."
        ),
        table(
            2,
            row("Term", "Meaning", is_header=True),
            row("Delivery Data", "The name, address and telephone number of a Recipient and any note for the driver"),
            row("Recipient", "A person to whom the Sender has a parcel delivered"),
            row("Subcontractor", "A driver or a company whom the Carrier engages for a delivery"),
        ),
        section("Roles and instructions"),
        clause(
            "The Sender is the controller of Delivery Data, and the Carrier is its processor, except where the Carrier decides"
            " for itself how data are used, as it does for customs and for the safety of its vehicles."
        ),
        clause(
            "The Carrier processes Delivery Data only on the instructions of the Sender, which are given through the booking"
            " system and which the Carrier records there with the time and the name of the user:"
        ),
        clause("to collect, sort and deliver parcels;", level=2),
        clause("to tell Recipients when a parcel will arrive; and", level=2),
        clause("to show the Sender proof of delivery.", level=2),
        clause(
            "If the Carrier believes that an instruction breaks the law, it says so at once and may wait with the instruction"
            " until the Sender has confirmed or changed it in writing."
        ),
        section("Confidentiality and security"),
        clause(
            "Everyone who can see Delivery Data has promised in writing to keep them confidential, and the promise goes on"
            " after the end of his or her work for the Carrier."
        ),
        clause("The Carrier takes the following measures, which it reviews with an outside auditor once every year:"),
        clause(
            "Handheld scanners are encrypted and lock themselves after two minutes, and a scanner that was lost can be wiped"
            " from the depot within a quarter of an hour of the report.",
            level=2,
        ),
        clause(
            "Addresses are shown to a driver only for parcels that have been loaded into his or her van on that day, and they"
            " vanish from the scanner at the end of the shift.",
            level=2,
        ),
        clause(
            "Labels that were torn off or could not be read are shredded in the depot, and the shredder is emptied under the"
            " eyes of a supervisor every evening.",
            level=2,
        ),
        section("Breaches"),
        clause(
            "The Carrier tells the Sender of a breach within 24 hours after it has learned of it, describes what has happened"
            " as far as it is known, and adds what it learns later."
        ),
        clause(
            "Telling Recipients and authorities is the business of the Sender. The Carrier helps with that and does not speak"
            " to the press about it without the Sender's consent."
        ),
        section("Subcontractors"),
        clause(
            "The Sender agrees to the Subcontractors named in Annex A. The Carrier gives 30 days' notice before it engages"
            " another one, and the Sender may object for good reasons, as set out in clause ",
            reference("2.3"),
            " for instructions.",
        ),
        section("Deletion"),
        clause(
            "Delivery Data are deleted 180 days after the delivery, unless a claim for loss or damage is still open; then they"
            " are deleted as soon as that claim has been settled."
        ),
        clause(
            "Copies on back-up tapes are overwritten after another 30 days at most. Until then the Carrier does not read them"
            " back, except to restore the booking system after a failure."
        ),
        section("Requests of Recipients"),
        clause(
            "The Carrier forwards requests from Recipients to the Sender within five working days and gives the Sender the data"
            " that are needed for an answer, in a common format and free of charge."
        ),
        paragraph("Annex A: Subcontractors", style="AnnexHeading"),
        paragraph("This annex is part of the schedule. It is kept up to date on the Carrier's website."),
        table(
            3,
            row("Company", "Service", "Place of processing", is_header=True),
            row(cell("**Within the European Union**", span=3)),
            row("Brightfold Depots B.V.", "Sorting of parcels", "Rotterdam"),
            row("Ostler Data GmbH", "Hosting of the booking system", "Hanover"),
            row(cell("**Outside of it**", span=3)),
            row(
                "Pennywhistle SMS Inc.",
                cell(
                    "Text messages to Recipients:",
                    paragraph("time of arrival", style="ListParagraph", level=0),
                    paragraph("missed delivery", style="ListParagraph", level=0),
                ),
                "Toronto",
            ),
        ),
        paragraph("Annex B: Contacts", style="AnnexHeading"),
        paragraph(
            "Data protection questions of Senders go to dpo@wrenokafor.example. Recipients should turn to the Sender of their"
            " parcel, whose name is on the label."
        ),
    )


def main() -> None:
    """Write all files."""
    credit_union()
    school()
    courier()


if __name__ == "__main__":
    main()
