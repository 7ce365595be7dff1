"""Write a policy in Markdown as a Word file and as a PDF, as an office would: `python -m tests.office NAME.md FOLDER`.

The files of data/policies are text and pages. Their words, headings, lists and tables are set here with python-docx and
reportlab, so that the same clauses can be looked for in what is read from these formats.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape

import docx
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Flowable, ListFlowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from classifier.readers.registry import read
from classifier.text.markup import BREAK, BULLET, plain
from classifier.types import Block


class Part(NamedTuple):
    """A part of a policy: "heading", "text", "items" or "table"; a text may have an opening in bold."""

    kind: str
    level: int = 0
    bold: str = ""
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def parts(path: Path) -> Iterator[Part]:
    """Yield the parts of a Markdown file, as our reader finds them."""
    document = read(path)
    source = document.text
    opening = ""
    for (is_row, is_item), run in groupby(document.blocks, lambda block: (block.style == "row", block.kind == "item")):
        blocks = list(run)
        if is_row:
            lines = [line for block in blocks for line in BREAK.split(source[block.start : block.end])]
            cells = [_cells(line) for line in lines if line.strip("|:- \t")]
            yield Part("table", rows=tuple(row for row in cells if len(row) == len(cells[0])))
            continue
        if is_item and not opening:
            yield Part("items", rows=tuple((_words(source, block),) for block in blocks))
            continue
        for block in blocks:
            words = _words(source, block)
            if block.kind == "heading" and block.style == "run-in":
                opening = words
            elif block.kind == "heading":
                yield Part("heading", level=min(block.level or 3, 4), text=words)
            elif block.kind != "navigation":
                yield Part("items" if block.kind == "item" else "text", bold=opening, text=words, rows=((words,),))
                opening = ""


def _cells(line: str) -> tuple[str, ...]:
    return tuple(plain(cell).strip() for cell in line.strip().strip("|").split("|"))


def _words(source: str, block: Block) -> str:
    text = source[block.start : block.end]
    marker = BULLET.match(text)
    return " ".join(plain(text[marker.end() :] if marker else text).split())


def write_docx(path: Path, target: Path) -> None:
    """Write a policy as a Word file."""
    document = docx.Document()
    for part in parts(path):
        if part.kind == "heading":
            document.add_heading(part.text, part.level)
        elif part.kind == "table":
            table = document.add_table(rows=len(part.rows), cols=len(part.rows[0]))
            for cells, row in zip(table.rows, part.rows, strict=True):
                for cell, words in zip(cells.cells, row, strict=True):
                    cell.text = words
            for cell in table.rows[0].cells:
                for run in cell.paragraphs[0].runs:
                    run.bold = True
        elif part.kind == "items":
            for number, row in enumerate(part.rows):
                paragraph = document.add_paragraph(style="List Bullet")
                if part.bold and number == 0:
                    paragraph.add_run(f"{part.bold} ").bold = True
                paragraph.add_run(row[0])
        else:
            paragraph = document.add_paragraph()
            if part.bold:
                paragraph.add_run(f"{part.bold} ").bold = True
            paragraph.add_run(part.text)
    document.save(str(target))


def write_pdf(path: Path, target: Path) -> None:
    """Write a policy as a PDF."""
    styles = getSampleStyleSheet()
    story: list[Flowable] = []
    for part in parts(path):
        bold = f"<b>{escape(part.bold)}</b> " if part.bold else ""
        if part.kind == "heading":
            story.append(Paragraph(escape(part.text), styles[f"Heading{part.level}"]))
        elif part.kind == "table":
            rows = [[Paragraph(escape(words), styles["BodyText"]) for words in row] for row in part.rows]
            rows[0] = [Paragraph(f"<b>{escape(words)}</b>", styles["BodyText"]) for words in part.rows[0]]
            table = Table(rows)
            table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP")]))
            story += [table, Spacer(1, 10)]
        elif part.kind == "items":
            listed = [
                Paragraph((bold if not n else "") + escape(row[0]), styles["BodyText"])
                for n, row in enumerate(part.rows)
            ]
            story.append(ListFlowable(listed, bulletType="bullet"))
        else:
            story.append(Paragraph(bold + escape(part.text), styles["BodyText"]))
    SimpleDocTemplate(str(target), pagesize=A4).build(story)


if __name__ == "__main__":
    chosen, folder = Path(sys.argv[1]), Path(sys.argv[2])
    write_docx(chosen, folder / f"{chosen.stem}.docx")
    write_pdf(chosen, folder / f"{chosen.stem}.pdf")
