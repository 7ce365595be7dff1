"""Make the PDF documents of this folder: two with reportlab, and one that a browser prints.

    python -m tests.documents.make_pdf [--browser]

One version of reportlab makes the same bytes each time. What a browser prints depends on its version, its fonts and the day,
so `meadow-transit.pdf` is made only with `--browser`, from the page in `sources/`.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER, TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    FrameBreak,
    ListFlowable,
    ListItem,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

FOLDER = Path(__file__).parent

SMALL = ParagraphStyle("small", fontName="Times-Roman", fontSize=11, leading=13.4, spaceAfter=6, alignment=TA_JUSTIFY)
SMALL_HEADING = ParagraphStyle("small heading", parent=SMALL, fontName="Times-Bold", spaceBefore=6, spaceAfter=3)
SMALL_TITLE = ParagraphStyle("small title", fontName="Times-Bold", fontSize=17, leading=21, alignment=TA_CENTER)
CELL = ParagraphStyle("cell", fontName="Times-Roman", fontSize=8.5, leading=10)

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=11.5, leading=16.5, spaceAfter=9)
FIRST = ParagraphStyle("first", parent=BODY, fontName="Helvetica-Bold", fontSize=15, leading=19, spaceBefore=14)
SECOND = ParagraphStyle("second", parent=BODY, fontName="Helvetica-Bold", fontSize=12, leading=15, spaceBefore=6)
COVER = ParagraphStyle("cover", parent=BODY, fontSize=12, leading=17, alignment=TA_CENTER)
COVER_TITLE = ParagraphStyle("cover title", parent=COVER, fontName="Helvetica-Bold", fontSize=26, leading=32)
BOX = ParagraphStyle(
    "box", parent=BODY, leftIndent=8, rightIndent=8, borderPadding=6, borderWidth=0.7, borderColor=colors.gray
)


# --- parts -------------------------------------------------------------------------------------------------------


def bullets(style: ParagraphStyle, *items: str, is_lettered: bool = False) -> ListFlowable:
    """Return a list with bullets, or with letters."""
    flowables = [ListItem(Paragraph(item, style)) for item in items]
    options = {"bulletType": "a", "bulletFormat": "(%s)"} if is_lettered else {"bulletType": "bullet", "start": "•"}
    return ListFlowable(flowables, leftIndent=16, bulletFontSize=style.fontSize, **options)


def grid(style: ParagraphStyle, widths: Sequence[float], *rows: Sequence[str]) -> Table:
    """Return a ruled table; its first row is bold and comes again on each page."""
    head, *rest = rows
    bold = ParagraphStyle("head", parent=style, fontName=style.fontName.replace("-Roman", "") + "-Bold")
    cells = [[Paragraph(cell, bold) for cell in head], *([Paragraph(cell, style) for cell in row] for row in rest)]
    table = Table(cells, colWidths=[width * cm for width in widths], repeatRows=1, spaceBefore=4, spaceAfter=8)
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.4, colors.black), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
    return table


def contents(*rows: tuple[str, int]) -> list[Flowable]:
    """Return the lines of a table of contents, with dots up to the page number."""
    lines: list[Flowable] = []
    for title, page in rows:
        free = 16 * cm - sum(stringWidth(word, BODY.fontName, BODY.fontSize) for word in (title, f" {page}"))
        n_dots = int(free / stringWidth(".", BODY.fontName, BODY.fontSize)) - 2
        lines.append(Paragraph(f"{title} {'.' * n_dots} {page}", BODY))
    return lines


class NumberedCanvas(Canvas):
    """A canvas that writes "Page 1 of 3" below each page, when the number of pages is known."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        self._pages: list[dict[str, object]] = []

    def showPage(self) -> None:  # noqa: N802 - a name of reportlab
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            self.setFont("Times-Roman", 8)
            self.drawCentredString(10.5 * cm, 1.1 * cm, f"Page {number} of {len(self._pages)}")
            super().showPage()
        super().save()


# --- documents ---------------------------------------------------------------------------------------------------


def make_bank(path: Path) -> None:
    """Two columns of small print below a title over both; bold run-ins and a line in bold amid a paragraph."""

    def furniture(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.setFont("Times-Italic", 8)
        canvas.drawString(1.8 * cm, 28.6 * cm, "Cormorant Bank plc")
        canvas.drawRightString(19.2 * cm, 28.6 * cm, "CB/PS/0325")
        canvas.line(1.8 * cm, 28.45 * cm, 19.2 * cm, 28.45 * cm)

    def columns(top: float) -> list[Frame]:
        return [Frame(x * cm, 1.8 * cm, 8.4 * cm, (top - 1.8) * cm, 0, 0, 0, 0, id=f"{x}") for x in (1.8, 10.8)]

    title = Frame(1.8 * cm, 27.1 * cm, 17.4 * cm, 1.1 * cm, 0, 0, 0, 0, id="title")
    template = BaseDocTemplate(str(path), pagesize=A4, invariant=1, title="", author="")
    template.addPageTemplates(
        [
            PageTemplate("first", [title, *columns(27)], onPage=furniture),
            PageTemplate("later", columns(28.2), onPage=furniture),
        ]
    )

    def p(text: str) -> Paragraph:
        return Paragraph(text, SMALL)

    def h(text: str) -> Paragraph:
        return Paragraph(text, SMALL_HEADING)

    def table(*rows: Sequence[str]) -> Table:
        return grid(CELL, (2.7, 3.2, 2.5), *rows)

    flowables: list[Flowable] = [
        NextPageTemplate("later"),
        Paragraph("How Cormorant Bank uses your information", SMALL_TITLE),
        FrameBreak(),
        p("Effective 17 March 2025. It replaces the statement of June 2022."),
        p(
            "A bank that does not know its customers cannot lend to them, and may not even open an account. This statement "
            "tells you what we come to know, from whom, and where it goes. It is for people; companies get a leaflet of "
            "their own, except for what it says about those who sign for them."
        ),
        h("Who we are"),
        p(
            "Cormorant Bank plc has its seat at 2 Saltern Quay, Port Averil. We are the controller. Our card business is "
            "run by Cormorant Cards Ltd, a company of the same group, and whatever this statement says of us holds for it."
        ),
        h("What we know about you"),
        p(
            "<b>Identity.</b> Your name, your date of birth, a picture of your passport and a moving picture of your face, "
            "which we compare with each other once and then delete."
        ),
        p(
            "<b>Money.</b> What comes in and goes out, where you spend it, and what you owe elsewhere, as far as the credit "
            "register tells us."
        ),
        p(
            "<b>Contact.</b> Calls are recorded, chats are kept, and letters are scanned on the day on which they come. We "
            "do not listen in on calls between customers and our doctors' insurance desk."
        ),
        p(
            "<b>Devices.</b> The app reports the model of your telephone, whether it has been tampered with, and roughly "
            "where it is when a payment is made."
        ),
        p(
            "We do not ask about belief, politics or union membership. <b>Payments can reveal them all the same, and neither "
            "you nor we can help that now,</b> as with a fee to a union. We run no analysis that sorts customers by them."
        ),
        h("Where it comes from"),
        p("Most of it comes from you. The rest comes from these places:"),
        bullets(
            SMALL,
            "the credit register;",
            "the register of companies;",
            "shops, when you pay by card;",
            "people who pay you or whom you pay;",
            "lists of sanctions.",
        ),
        h("Why we may use it"),
        p("The law wants a ground for each use. Ours are in the table."),
        table(
            ("Use", "Ground", "Can you object?"),
            ("Running your account", "The contract with you", "No, but you can close it"),
            ("Checks against money laundering", "Legal obligation", "No"),
            ("Scoring for a loan", "Steps before a contract that you asked for", "No, but you can withdraw"),
            ("Telling you of other products", "Legitimate interest in selling them", "Yes, at any time"),
            ("Cookies that advertise", "Consent", "Say no in the banner"),
        ),
        p(
            "A score never refuses you by itself. When it is low, a member of our staff looks at your application "
            "and may ask you for payslips. You can ask which three facts weighed most, and we tell you."
        ),
        h("Who receives it"),
        p(
            "When you pay someone, their bank learns your name and the purpose that you typed. Card schemes learn the shop "
            "and the sum. We pass on no more than the payment needs."
        ),
        p("Besides, we give information to others in these cases:"),
        bullets(
            SMALL,
            "The credit register hears each month what you owe us and whether you pay in time, because every bank that "
            "lends has to report it; it keeps a late payment for three years after it was settled.",
            "The tax office hears once a year what interest you earned and, if you live abroad, what your balance was at "
            "the end of the year, and hands that on to the tax office of the country where you live.",
            "The financial police hear of a payment that looks like the proceeds of a crime, at once and without our "
            "being allowed to tell you, and may order us to hold the payment for up to ten days.",
            "Firms that print cards, keep our servers and send our letters work for us under contracts that bind them "
            "to secrecy, and the list of these firms is on our website and in every branch.",
            "A buyer of our loans, if we sell yours, receives the contract and the payments so far, but nothing of "
            "your account, and you are told the name of the buyer before the sale.",
        ),
        p("We have never sold information for advertising, and our articles forbid it."),
        h("Countries outside the Union"),
        p(
            "Payments to other continents take your data there; that lies in their nature. Our help line at night is "
            "answered in Manila by a company of our group. It is bound by standard contractual clauses, of which we send "
            "you a copy."
        ),
        h("How long we keep it"),
        p(
            "Ten years after the last payment, as the law on money laundering demands. Offers that you did not take up go "
            "after six months, recorded calls after thirteen."
        ),
        h("How we protect it"),
        p(
            "Every payment by app needs a second key. Staff see only the accounts of their own branch, and whoever looks "
            "up a neighbor is dismissed. Tell us at once if your telephone is stolen."
        ),
        h("Your rights"),
        p(
            "You may see, correct, move and, when the ten years are over, delete what we have. You may object to "
            "advertising with one word. Ask in any branch."
        ),
        p(
            "You may complain to the data protection commission. Most who wrote to our ombudsman first had an answer "
            "within two weeks."
        ),
        h("For customers in California"),
        p(
            "Some of our customers live there and hold an account from earlier days. Most of what we have about you falls "
            "under a federal law on banks and not under the California Consumer Privacy Act. What is left, such as visits "
            "to our website, you may see and delete as that act provides."
        ),
        h("Young customers"),
        p(
            "From the age of seven, children can have an account for savings. A parent opens it and sees it; at sixteen "
            "the view of the parent ends unless the child extends it."
        ),
        h("Changes"),
        p("If we change this statement we print it anew and enclose it with the next statement of your account."),
        h("Contact"),
        p(
            "Data Protection Officer<br/>Cormorant Bank plc<br/>2 Saltern Quay<br/>Port Averil 4410<br/>dpo@cormorant.example"
        ),
    ]
    template.build(flowables, canvasmaker=NumberedCanvas)


def make_insurance(path: Path) -> None:
    """A booklet: a cover, a page of contents, numbered headings, running titles, a table and a list over two pages."""

    def furniture(canvas: Canvas, template: BaseDocTemplate) -> None:
        canvas.setFont("Helvetica", 8)
        side = template.page % 2
        running = "Larkfield Mutual" if side else "Privacy booklet for members"
        draw = canvas.drawRightString if side else canvas.drawString
        draw((18.5 if side else 2.5) * cm, 28.2 * cm, running)
        draw((18.5 if side else 2.5) * cm, 0.9 * cm, str(template.page - 1))

    frame = Frame(2.5 * cm, 1.5 * cm, 16 * cm, 26.1 * cm, 0, 0, 0, 0)
    template = BaseDocTemplate(str(path), pagesize=A4, invariant=1, title="", author="")
    template.addPageTemplates([PageTemplate("cover", [frame]), PageTemplate("page", [frame], onPage=furniture)])

    def p(text: str) -> Paragraph:
        return Paragraph(text, BODY)

    def h1(text: str) -> Paragraph:
        return Paragraph(text, FIRST)

    def h2(text: str) -> Paragraph:
        return Paragraph(text, SECOND)

    flowables: list[Flowable] = [
        NextPageTemplate("page"),
        Spacer(1, 8 * cm),
        Paragraph("Privacy booklet for members", COVER_TITLE),
        Spacer(1, 1 * cm),
        Paragraph("Larkfield Mutual Insurance Society", COVER),
        Paragraph("Third edition, valid from 1 October 2024", COVER),
        PageBreak(),
        Paragraph("Contents", FIRST),
        *contents(
            ("1 About this booklet", 2),
            ("2 What the Society knows", 2),
            ("2.1 When you join", 2),
            ("2.2 When something happens", 2),
            ("2.3 From third parties", 2),
            ("3 What it does with it", 3),
            ("3.1 Premiums", 3),
            ("3.2 Claims", 3),
            ("4 Recipients", 3),
            ("5 Time limits", 3),
            ("6 What you can do", 4),
            ("7 Last things", 4),
        ),
        PageBreak(),
        h1("1 About this booklet"),
        Paragraph(
            "<b>In brief</b><br/>The Society belongs to you. It uses what it knows to work out premiums and to pay claims, "
            "and for little else.",
            BOX,
        ),
        p(
            "This booklet is for members, for those who are insured through a member, and for those who claim against one. "
            "The Society is the controller in each of these cases."
        ),
        p("Words in italics are explained in the policy itself."),
        h1("2 What the Society knows"),
        h2("2.1 When you join"),
        p(
            "The form asks for your name, your address, your trade and the thing that is to be insured. For a house it asks "
            "for the year in which it was built and the distance from the river. For a horse it asks for a letter of the "
            "vet."
        ),
        p("You need not answer the questions that are marked with a star. They serve statistics."),
        h2("2.2 When something happens"),
        p("When you report a claim, the Society writes down the following:"),
        bullets(
            BODY,
            "what happened, where and when;",
            "who was hurt, and how badly;",
            "who saw it;",
            "what you have spent so far.",
        ),
        p(
            "An assessor may come and take pictures. Pictures show more than they should; those of rooms that have nothing "
            "to do with the claim are deleted when it is closed."
        ),
        p(
            "Data about health is taken only for claims in which somebody was hurt. The Society asks for your consent "
            "first, on a form of its own, and you may strike out any doctor on it."
        ),
        h2("2.3 From third parties"),
        p("The Society also hears from others about you. Each of them tells it only part of the story:"),
        bullets(
            BODY,
            "The insurers' register of claims lists claims of the last five years with any insurer, so that the same "
            "bicycle is not stolen twice; each entry has the date, the sum and the kind of damage, but no names of those "
            "who were hurt or who saw it.",
            "The land registry confirms that a house is yours and says which bank has a charge on it, because that bank "
            "must be asked before the Society pays out more than a tenth of the sum for which the house is insured.",
            "The weather service sells the Society its measurements, from which it can tell whether there was hail in your "
            "street on the day in question, and how large the stones were that fell on the nearest of its stations.",
            "Witnesses and police officers tell what they saw; their statements are in your file, and you may read them "
            "once the claim is closed unless a prosecutor has asked the Society to keep them back until the trial is over.",
        ),
        h1("3 What it does with it"),
        h2("3.1 Premiums"),
        p(
            "A program works out the premium from the form. You can ask for the sum to be checked by a person, who explains "
            "it to you in words. The ground for this is the contract."
        ),
        h2("3.2 Claims"),
        p(
            "Small claims are paid by a program within an hour. Large ones are read by two people, of whom one has never "
            "dealt with you before."
        ),
        p(
            "Claims that look odd are compared with others. The Society has a legitimate interest in not being cheated, as "
            "has every member. If you are suspected, you are heard before anything else is done."
        ),
        h1("4 Recipients"),
        p(
            "The Society insures itself with larger insurers, who learn of claims above a certain sum without the name. "
            "Workshops, lawyers and doctors learn what they need for their part."
        ),
        p("Three firms work for the Society all the time:"),
        bullets(
            BODY,
            "Hollin Data, which keeps the files;",
            "Merestone Assessors, which looks at damage;",
            "Tarn and Tarn, which prints the letters.",
            is_lettered=True,
        ),
        p(
            "One of the larger insurers is in Bermuda. The European Commission has not found its law to be adequate, so the "
            "Society sends it figures from which nobody can be told."
        ),
        h1("5 Time limits"),
        p("Nothing is kept because it might be useful one day. These are the limits:"),
        grid(
            BODY,
            (4.5, 4, 7.5),
            ("Kind of file", "Limit", "Reason"),
            ("Membership", "Ten years after leaving", "Members share in the surplus of earlier years"),
            ("Claim for damage to things", "Six years after payment", "Time within which a court may be asked"),
            ("Claim for injuries", "Thirty years after payment", "Late effects of an injury"),
            ("Application that was refused", "One year", "Questions about the refusal"),
            ("Letters and calls", "Three years", "Disputes about advice"),
            ("Statistics", "No limit", "They name nobody"),
        ),
        h1("6 What you can do"),
        p(
            "Members and others have the same rights: to see what is in the file, to have it corrected or deleted, to take "
            "it elsewhere, and to object to comparisons. The Society answers within a month."
        ),
        p("If you have given your consent, you may take it back by a letter, a call or a word to the assessor."),
        p(
            "You may complain to the members' council, which meets on the first Tuesday of the month, or to the data "
            "protection authority, which meets every day."
        ),
        h1("7 Last things"),
        p(
            "The website of the Society sets no cookies. Its forms are sent in encrypted form and are taken off the web "
            "server every night."
        ),
        p("The booklet changes only with a vote of the members' council. Each change is sent to you with your bill."),
        p("Write to:<br/>The Privacy Clerk<br/>Larkfield Mutual Insurance Society<br/>Mill House, Larkfield LK4 0ZZ"),
    ]
    template.build(flowables)


def print_transit(path: Path) -> None:
    """Print the page in `sources/` with Chromium; its size is small because fonts are few and there are no tags."""
    options = "--headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    page = FOLDER / "sources/meadow-transit.html"
    with tempfile.TemporaryDirectory() as profile:
        command = [
            "chromium",
            *options.split(),
            "--disable-pdf-tagging",
            "--no-pdf-header-footer",
            f"--user-data-dir={profile}",
            f"--print-to-pdf={path}",
            page.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(prog="python -m tests.documents.make_pdf", description="Make the PDF documents.")
    parser.add_argument("--browser", action="store_true", help="also print the page in sources/ with Chromium")
    options = parser.parse_args()
    make_bank(FOLDER / "cormorant-bank.pdf")
    make_insurance(FOLDER / "larkfield-insurance.pdf")
    if options.browser:
        print_transit(FOLDER / "meadow-transit.pdf")


if __name__ == "__main__":
    main()
