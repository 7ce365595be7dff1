"""Read the text of a Word file: headings by style, lists with marks, tables row by row, footnotes at the end.

python-docx parses the XML, and this module reads it: the text that python-docx returns for a paragraph lacks content
controls, text boxes and tracked insertions. Tracked deletions are left out. Each element is visited a fixed number of
times, however the file nests them, and nesting needs no recursion.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, TypeAlias

from classifier.errors import ReadError, needs_package
from classifier.readers.document import (
    MAX_CELL_WORDS,
    MAX_REPEATED_CHARACTERS,
    Piece,
    build_text,
    collapse_whitespace,
    format_list_number,
    parse_typed_bullet,
    table_row,
)
from classifier.readers.docx.package import Package
from classifier.readers.docx.styles import NO_NUMBERING, Look, Styles, numbering, outlined
from classifier.readers.docx.styles import W as _W
from classifier.types import Document

_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARAGRAPH, _TEXT, _TABLE, _ROW, _CELL = (_W + name for name in ("p", "t", "tbl", "tr", "tc"))
_BOX = _W + "txbxContent"
_Step: TypeAlias = "Piece | Iterator[_Step]"
"""Result of reading an element: a piece, or the steps inside the element."""
_HIDDEN_NOTE = "text that is marked as hidden in Word is left out"
_MAIN_PART = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
MAX_NUMBERED_LEVEL = 9
"""Levels of a numbered list; items of deeper levels have bullets."""
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


def read_docx(data: bytes, name: str) -> Document:
    """Read a Word file (.docx).

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.

    Raises
    ------
    ReadError
        If it is damaged, unpacks to more than a policy could have, has no text, or python-docx is not installed.
    """
    try:
        import docx  # noqa: F401
    except ImportError:
        raise ReadError(f"{name}: {needs_package('Word files', 'docx')}") from None
    package = Package(data, name)
    main = next(iter(package.related("", _MAIN_PART)), None)
    body = package.root(main).find(_W + "body") if main is not None else None
    if main is None or body is None:
        raise package.damaged()
    reader = _Reader(package, main, body)
    text, blocks = build_text(reader.pieces(), name)
    if not text:
        raise ReadError(f"{name}: has no text in it")
    notes = (_HIDDEN_NOTE,) if reader.texts.has_hidden else ()
    parts = package.related(main, "/header", "/footer")
    n_left_out = sum(len(reader.texts.of_all(package.root(part)).split()) for part in parts)
    left_out = (("headers and footers", n_left_out),) if n_left_out else ()
    n_words = len(text.split())
    return Document(name, text, blocks, "", "docx", n_words / max(1, n_words + n_left_out), notes, left_out)


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

    def __init__(self, package: Package, main: str, body: Any) -> None:
        self._body = body
        self._notes = [package.root(part) for part in package.related(main, "/footnotes", "/endnotes")]
        self._styles = Styles(package, main)
        self.texts = _Texts(self._styles)
        self._formats = _number_formats(package, main)
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._boxes = _boxes(body)
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
            elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
                yield self._content(element)  # a content control, an insertion

    # --- paragraphs ----------------------------------------------------------------------------------------------------

    def _paragraph(self, element: Any) -> Iterator[_Step]:
        self._paragraphs += 1
        lines, bold = self.texts.of_paragraph(element)
        if text := "\n".join(filter(None, map(collapse_whitespace, lines.split("\n")))):
            yield self._piece(element, text, len(collapse_whitespace(bold)))
        for box in self._boxes.get(element, ()):
            yield self._content(box)

    def _piece(self, element: Any, text: str, bold: int) -> Piece:
        place = f"paragraph {self._paragraphs}"
        inherited = self._styles.of_paragraph(element)
        number = numbering(element) or inherited.numbering
        mark = self._mark(*number) if number is not None and number != NO_NUMBERING else ""
        if level := outlined(element) or inherited.rank:
            return Piece(text.replace("\n", " "), "heading", level, place=place)
        if number is not None and number != NO_NUMBERING:
            return Piece(text, "item", number[1], "bullet" if mark == "•" else "number", mark, bold, place=place)
        return parse_typed_bullet(Piece(text, bold=bold, place=place))

    def _mark(self, numbering: str, level: int) -> str:
        """Return the bullet or the next number of an item, and count it."""
        kind = self._formats.get(numbering, {}).get(str(level), "bullet") if level < MAX_NUMBERED_LEVEL else "bullet"
        if kind in ("bullet", "none"):
            return "•"
        counts = self._counts[numbering]
        for deeper in [depth for depth in counts if depth > level]:
            del counts[deeper]
        counts[level] = counts.get(level, 0) + 1
        return f"{format_list_number(counts[level], _NUMBER_KINDS.get(kind, '1'))}."

    # --- tables --------------------------------------------------------------------------------------------------------

    def _table(self, element: Any) -> Iterator[_Step]:
        rows = list(_parts(element, _ROW))
        cells = [list(_parts(row, _CELL)) for row in rows]
        tables = element.iter(_TABLE)
        next(tables)  # the element itself
        is_layout = next(tables, None) is not None or max(map(len, cells), default=0) < 2
        texts = [] if is_layout else [[collapse_whitespace(self.texts.of_all(cell)) for cell in row] for row in cells]
        filled = [text for row in texts for text in row if text]
        if is_layout or sum(len(text.split()) for text in filled) > MAX_CELL_WORDS * max(1, len(filled)):
            for row in cells:
                for cell in row:
                    yield self._content(cell)
            return
        self._tables += 1
        above: list[str] = []
        for number, (row, row_cells, row_texts) in enumerate(zip(rows, cells, texts, strict=True), 1):
            above = [
                _cell_text(cell, text, above, at)
                for at, (cell, text) in enumerate(zip(row_cells, row_texts, strict=True))
            ]
            is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None or (number == 1 and self.texts.is_bold(row))
            if text := table_row(above):
                place = f"table {self._tables}, row {number}"
                yield Piece(text, "paragraph" if is_head else "item", style="row", place=place)


_NUMBER_KINDS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
"""Kinds of numbers, as `format_list_number` calls them, by their names in Word; all others are digits."""


def _number_formats(package: Package, main: str) -> dict[str, dict[str, str]]:
    """Return the number format of each level of each numbering, by their ids."""
    parts = package.related(main, "/numbering")[:1]
    if not parts:
        return {}
    root = package.root(parts[0])
    abstract: dict[str, dict[str, str]] = {}
    for entry in root.iter(_W + "abstractNum"):
        formats = abstract[entry.get(_W + "abstractNumId")] = {}
        for level in entry.iterchildren(_W + "lvl"):
            if (counted := level.find(_W + "numFmt")) is not None:
                formats.setdefault(level.get(_W + "ilvl"), counted.get(_W + "val", "bullet"))
    by_id = {}
    for entry in root.iter(_W + "num"):
        target = entry.find(_W + "abstractNumId")
        if target is not None and target.get(_W + "val") in abstract:
            by_id[entry.get(_W + "numId")] = abstract[target.get(_W + "val")]
    return by_id


def _boxes(body: Any) -> dict[Any, list[Any]]:
    """Return the text boxes of each paragraph they are anchored in, without the copies for older programs."""
    boxes: defaultdict[Any, list[Any]] = defaultdict(list)
    for box in body.iter(_BOX):
        ancestor = next(box.iterancestors(_PARAGRAPH, _FALLBACK), None)
        if ancestor is not None and ancestor.tag == _PARAGRAPH:
            boxes[ancestor].append(box)
    return boxes


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


def _cell_text(cell: Any, text: str, above: list[str], at: int) -> str:
    """Return the text of a cell, or of the cell above that it is merged with; `above` is the row above, `at` the column."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    is_continued = merge is not None and merge.get(_W + "val", "continue") == "continue"
    return above[at][:MAX_REPEATED_CHARACTERS] if is_continued and not text and at < len(above) else text
