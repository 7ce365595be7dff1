"""Read the text of a Word file: headings by style, lists with marks, tables row by row, footnotes at the end.

python-docx parses the XML, and this module reads it: the text that python-docx returns for a paragraph lacks content
controls, text boxes and tracked insertions. Tracked deletions are left out. Each element is visited a fixed number of
times, however the file nests them, and nesting needs no recursion.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from classifier.errors import ReadError
from classifier.readers.document import (
    MAX_CELL_WORDS,
    MAX_REPEATED_CHARACTERS,
    Piece,
    build_text,
    collapse_whitespace,
    parse_typed_bullet,
    table_row,
)
from classifier.readers.docx.embedded import EmbeddedFiles
from classifier.readers.docx.numbering import BULLET, Numberings
from classifier.readers.docx.package import Package
from classifier.readers.docx.styles import Inherited, Look, Styles, outlined, own_numbering
from classifier.readers.docx.styles import W as _W
from classifier.readers.headings import MAX_HEADING_CHARACTERS, opening_style
from classifier.types import Block, Document

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARAGRAPH, _TEXT, _TABLE, _ROW, _CELL = (_W + name for name in ("p", "t", "tbl", "tr", "tc"))
_BOX = _W + "txbxContent"
_EMBEDDED = _W + "altChunk"
_CONTROL, _GALLERY, _FIELD_MARK, _INSTRUCTION = (
    _W + name for name in ("sdt", "docPartGallery", "fldChar", "instrText")
)
_MAKES_CONTENTS = re.compile(r"\s*TOC\b")
_PARAGRAPH_BLOCK = Block("paragraph", 0, 1)
"""Stands for any paragraph where a title is judged."""
_Step: TypeAlias = "Piece | Iterator[_Step]"
"""Result of reading an element: a piece, or the steps inside the element."""
_HIDDEN_NOTE = "text that is marked as hidden in Word is left out"
_EMBEDDED_NOTE = (
    "a part of the text is an embedded file, which is not read; open it in Word and save it again to read all"
)
_MAIN_PART = "/officeDocument"
_SKIPPED = frozenset(
    (_FALLBACK, *(_W + name for name in ("del", "moveFrom", "txbxContent", "instrText", "delText", "pPr", "rPr")))
)
_TEXT_OF = {
    _W + "br": "\n",
    _W + "cr": "\n",
    _W + "tab": " ",
    _W + "ptab": " ",
    _W + "noBreakHyphen": "-",
    _W + "sym": "•",
}
"""Text for elements without text; w:sym is a character of a symbol font, most often a bullet or a check box."""


def read_docx(data: bytes, name: str, depth: int = 0) -> Document:
    """Read a Word file (.docx).

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.
    depth
        Number of Word files that it is embedded in.

    Raises
    ------
    ReadError
        If it is damaged, unpacks to more than a policy could have, or has no text.
    """
    package = Package(data, name)
    main = next(iter(package.related("", _MAIN_PART)), None)
    body = package.root(main).find(_W + "body") if main is not None else None
    if main is None or body is None:
        raise package.damaged()
    reader = _Reader(package, main, body, EmbeddedFiles(package, main, name, depth))
    text, blocks, links = build_text(reader.pieces(), name)
    has_unread = reader.embedded.has_unread
    if not text and has_unread:
        raise ReadError(
            f"{name}: has its text in an embedded file, which is not read; open it in Word and save it again"
        )
    if not text:
        raise ReadError(f"{name}: has no text in it")
    notes = ((_HIDDEN_NOTE,) if reader.texts.has_hidden else ()) + ((_EMBEDDED_NOTE,) if has_unread else ())
    parts = package.related(main, "/header", "/footer")
    n_left_out = sum(len(reader.texts.of_all(package.root(part)).split()) for part in parts)
    left_out = (("headers and footers", n_left_out),) if n_left_out else ()
    n_words = len(text.split())
    return Document(name, text, blocks, "", "docx", n_words / max(1, n_words + n_left_out), notes, left_out, links)


class _Texts:
    """Reads the text of paragraphs without what Word hides."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self.has_hidden = False

    def of_paragraph(self, paragraph: Any) -> tuple[str, str]:
        """Return the text of a paragraph, and the bold text at its beginning."""
        parts: list[str] = []
        bold: list[str] = []
        all_bold = True
        for text, is_bold in self._shown(paragraph):
            parts.append(text)
            all_bold = all_bold and (is_bold or not text.strip())
            if all_bold:
                bold.append(text)
        return "".join(parts), "".join(bold)

    def of_all(self, element: Any) -> str:
        """Return the text of all paragraphs inside an element, including those in text boxes."""
        paragraphs = element.iter(_PARAGRAPH)
        return " ".join(self.of_paragraph(paragraph)[0] for paragraph in paragraphs if not _is_inner(paragraph))

    def is_bold(self, element: Any) -> bool:
        """Whether the text of all paragraphs inside an element is bold."""
        paragraphs = (paragraph for paragraph in element.iter(_PARAGRAPH) if not _is_inner(paragraph))
        runs = (shown for paragraph in paragraphs for shown in self._shown(paragraph))
        return all(is_bold or not text.strip() for text, is_bold in runs)

    def _shown(self, paragraph: Any) -> Iterator[tuple[str, bool]]:
        """Return the texts of a paragraph that are not hidden, and whether each is bold."""
        inherited = self._styles.of_paragraph(paragraph)
        known: dict[Any, Look] = {}  # a run may hold any number of texts
        for run, text in _runs(paragraph):
            if run not in known:
                known[run] = self._styles.look(run, inherited)
            look = known[run]
            if not look.hidden:
                yield text, look.bold
            elif text.strip():
                self.has_hidden = True


class _Reader:
    """Reads the body of a document in order."""

    def __init__(self, package: Package, main: str, body: Any, embedded: EmbeddedFiles) -> None:
        self.embedded = embedded
        self._body = body
        self._has_embedded = next(body.iter(_EMBEDDED), None) is not None
        self._notes = [package.root(part) for part in package.related(main, "/footnotes", "/endnotes")]
        self._styles = Styles(package, main)
        self.texts = _Texts(self._styles)
        self._numberings = Numberings(package, main)
        self._boxes = _boxes(body)
        self._contents = _contents(body)
        self._paragraphs = self._tables = 0

    def pieces(self) -> Iterator[Piece]:
        """Return the pieces in order, footnotes last."""
        # a generator in place of a recursion: a step is a piece, or the steps inside an element
        pending = [self._content(self._body)]
        while pending:
            for step in pending[-1]:
                if isinstance(step, Piece):
                    yield step
                else:
                    pending.append(step)
                    break
            else:
                pending.pop()
        for notes in self._notes:
            for note in notes.iterchildren():
                if note.get(_W + "type", "normal") == "normal" and (
                    text := collapse_whitespace(self.texts.of_all(note))
                ):
                    yield Piece(text, place=f"footnote {note.get(_W + 'id', '0')}")

    def _content(self, parent: Any) -> Iterator[_Step]:
        for element in parent.iterchildren():
            if element.tag == _PARAGRAPH:
                yield from self._paragraph(element)
            elif element.tag == _TABLE:
                yield self._table(element)
            elif element.tag == _EMBEDDED:
                ids = (value for name, value in element.items() if name.endswith("}id"))
                yield from self.embedded.pieces(next(ids, ""))
            elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
                yield self._content(element)  # a content control, an insertion

    # --- paragraphs ----------------------------------------------------------------------------------------------------

    def _paragraph(self, element: Any) -> Iterator[_Step]:
        self._paragraphs += 1
        lines, bold = self.texts.of_paragraph(element)
        inherited = self._styles.of_paragraph(element)
        number = self._number(element, inherited)
        text = "\n".join(filter(None, map(collapse_whitespace, lines.split("\n"))))
        is_counted = number is not None and (text or not _has_hidden_mark(element))  # Word also numbers what is empty
        mark = self._numberings.next_mark(*number) if number is not None and is_counted else ""
        if text:
            piece = Piece(text, bold=len(collapse_whitespace(bold)), place=f"paragraph {self._paragraphs}")
            rank = outlined(element) or inherited.rank
            is_entry = inherited.is_contents or (element in self._contents and not rank)
            if is_entry and len(text) <= MAX_HEADING_CHARACTERS:  # a longer text is no entry, whatever a file says
                yield piece._replace(text=text.replace("\n", " "), bold=0, mark=mark, is_links=True)
            else:
                yield self._shaped(piece, element, rank, number, mark)
        for box in self._boxes.get(element, ()):
            yield self._content(box)

    def _number(self, element: Any, inherited: Inherited) -> tuple[str, int] | None:
        """Return the numbering and the level of a paragraph, None if it has none."""
        return self._numberings.resolve(own_numbering(element), inherited.numbering, inherited.style)

    def _shaped(self, piece: Piece, element: Any, rank: int, number: tuple[str, int] | None, mark: str) -> Piece:
        """Return a paragraph as a heading, an item or running text."""
        if rank:
            text = piece.text.replace("\n", " ")
            return piece._replace(text=text, kind="heading", level=rank, bold=0, mark="" if mark == BULLET else mark)
        if number is None or not mark:
            return parse_typed_bullet(piece)
        if mark != BULLET and self._is_title(piece, element, number):
            return piece._replace(mark=mark)
        style = "bullet" if mark == BULLET else "number"
        return piece._replace(kind="item", level=number[1], style=style, mark=mark)

    def _is_title(self, piece: Piece, element: Any, number: tuple[str, int]) -> bool:
        """Whether a numbered paragraph is the bold title of a section, rather than an item in bold among its like."""
        if piece.bold < len(piece.text) or not opening_style(piece.text, _PARAGRAPH_BLOCK, ""):
            return False
        for other in (element.getprevious(), element.getnext()):
            if other is not None and other.tag == _PARAGRAPH:
                inherited = self._styles.of_paragraph(other)
                if self._number(other, inherited) == number:
                    return False
        return True

    # --- tables --------------------------------------------------------------------------------------------------------

    def _table(self, element: Any) -> Iterator[_Step]:
        rows = list(_parts(element, _ROW))
        cells = [list(_parts(row, _CELL)) for row in rows]
        tables = element.iter(_TABLE)
        next(tables)  # the element itself
        is_layout = next(tables, None) is not None or max(map(len, cells), default=0) < 2
        if not is_layout and self._has_embedded:
            is_layout = next(element.iter(_EMBEDDED), None) is not None
        texts = [] if is_layout else [[collapse_whitespace(self.texts.of_all(cell)) for cell in row] for row in cells]
        filled = [text for row in texts for text in row if text]
        if is_layout or sum(len(text.split()) for text in filled) > MAX_CELL_WORDS * max(1, len(filled)):
            for row in cells:
                for cell in row:
                    yield self._content(cell)
            return
        self._tables += 1
        pieces: list[Piece] = []
        above: list[str] = []
        for number, (row, row_cells, row_texts) in enumerate(zip(rows, cells, texts, strict=True), 1):
            above = [
                _cell_text(cell, text, above, at)
                for at, (cell, text) in enumerate(zip(row_cells, row_texts, strict=True))
            ]
            is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None or (number == 1 and self.texts.is_bold(row))
            is_head = is_head and sum(map(bool, above)) > 1
            if text := table_row(above):
                place = f"table {self._tables}, row {number}"
                piece = Piece(text, "heading" if is_head else "paragraph", style="row", place=place)
                cells_below = cells[number] if number < len(cells) else []
                is_group = sum(map(bool, above)) == 1 and self._is_group(row_cells, text, cells_below)
                pieces.append(piece._replace(kind="heading", style="group") if is_group else piece)
        if pieces and pieces[-1].style == "group":  # it is over no row
            pieces[-1] = pieces[-1]._replace(kind="paragraph", style="row")
        yield from pieces

    def _is_group(self, cells: Sequence[Any], text: str, cells_below: Sequence[Any]) -> bool:
        """Whether a row with one filled cell is over the rows below it: the cell spans columns, or it alone is in bold."""
        if not opening_style(text, _PARAGRAPH_BLOCK, ""):
            return False
        is_bold = all(map(self.texts.is_bold, cells))
        if len(cells) == 1 and cells[0].find(f"{_W}tcPr/{_W}gridSpan") is not None:
            return is_bold or not text.endswith(".")
        return is_bold and bool(cells_below) and not self.texts.is_bold(cells_below[0])


def _boxes(body: Any) -> dict[Any, list[Any]]:
    """Return the text boxes of each paragraph they are anchored in, without the copies for older programs."""
    boxes: defaultdict[Any, list[Any]] = defaultdict(list)
    for box in body.iter(_BOX):
        ancestor = next(box.iterancestors(_PARAGRAPH, _FALLBACK), None)
        if ancestor is not None and ancestor.tag == _PARAGRAPH:
            boxes[ancestor].append(box)
    return boxes


def _contents(body: Any) -> set[Any]:
    """Return the paragraphs of tables of contents: those of the building block of Word, and of fields that make one."""
    contents: set[Any] = set()
    for gallery in body.iter(_GALLERY):
        control: Any = next(gallery.iterancestors(_CONTROL), None)
        is_read = control is None or next(control.iter(_PARAGRAPH), None) in contents  # it is within another one
        if gallery.get(_W + "val") == "Table of Contents" and not is_read:
            contents.update(control.iter(_PARAGRAPH))
    # a field goes on over paragraphs, with others nested in it; one without an end is not believed
    entries: list[Any] | None = None
    paragraph, depth, depth_of_contents = None, 0, 0
    for element in body.iter(_PARAGRAPH, _FIELD_MARK, _INSTRUCTION):
        if element.tag == _PARAGRAPH:
            paragraph = element
            if entries is not None:
                entries.append(element)
        elif element.tag == _INSTRUCTION:
            if entries is None and depth and _MAKES_CONTENTS.match(element.text or ""):
                entries, depth_of_contents = [paragraph], depth
        elif (kind := element.get(_W + "fldCharType")) == "begin":
            depth += 1
        elif kind == "end" and depth:
            if entries is not None and depth == depth_of_contents:
                contents.update(entries)
                entries = None
            depth -= 1
    return contents


def _runs(element: Any) -> Iterator[tuple[Any, str]]:
    """Return the texts inside an element in order, each with the element that holds it."""
    pending = [(element, element.iterchildren())]
    while pending:
        holder, children = pending[-1]
        for child in children:
            tag = child.tag
            if tag == _TEXT:
                yield holder, child.text or ""
            elif tag in _TEXT_OF:
                yield holder, _TEXT_OF[tag]
            elif tag not in _SKIPPED and isinstance(tag, str):
                pending.append((child, child.iterchildren()))
                break
        else:
            pending.pop()


def _parts(element: Any, tag: str) -> Iterator[Any]:
    """Return the rows of a table, or the cells of a row, without those of the tables in its cells."""
    pending = [element.iterchildren()]
    while pending:
        for child in pending[-1]:
            if child.tag == tag:
                yield child
            elif child.tag != _TABLE and child.tag != _CELL:
                pending.append(child.iterchildren())
                break
        else:
            pending.pop()


def _is_inner(paragraph: Any) -> bool:
    """Whether a paragraph is a copy for older programs, or is within another one, which the standard forbids."""
    ancestor = next(paragraph.iterancestors(_PARAGRAPH, _BOX, _CELL), None)
    if ancestor is not None and ancestor.tag == _PARAGRAPH:
        return True
    return next(paragraph.iterancestors(_FALLBACK), None) is not None


def _has_hidden_mark(paragraph: Any) -> bool:
    """Whether the end of a paragraph is hidden or deleted, so that Word shows nothing of it if it has no text."""
    properties = paragraph.find(f"{_W}pPr/{_W}rPr")
    return properties is not None and any(
        properties.find(_W + name) is not None for name in ("vanish", "del", "moveFrom")
    )


def _cell_text(cell: Any, text: str, above: list[str], at: int) -> str:
    """Return the text of a cell, or of the cell above that it is merged with; `above` is the row above, `at` the column."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    is_continued = merge is not None and merge.get(_W + "val", "continue") == "continue"
    return above[at][:MAX_REPEATED_CHARACTERS] if is_continued and not text and at < len(above) else text
