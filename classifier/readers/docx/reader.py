"""Read the text of a Word file: headings by style, lists with marks, tables row by row, footnotes at the end.

python-docx parses the XML, and this module reads it: the text that python-docx returns for a paragraph lacks content
controls, text boxes and tracked insertions. Tracked deletions are left out. Each element is visited a fixed number of
times, however the file nests them, and nesting needs no recursion.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

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
from classifier.types import Document

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_PARAGRAPH, _TEXT, _TABLE, _ROW, _CELL = (_W + name for name in ("p", "t", "tbl", "tr", "tc"))
_BOX = _W + "txbxContent"
_Step: TypeAlias = "Piece | Iterator[_Step]"
"""Result of reading an element: a piece, or the steps inside the element."""
_MAIN_PART = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_HEADING = re.compile(r"(?:heading|überschrift|titre) ?(\d)", re.IGNORECASE)
_NO_NUMBERING = ("0", 0)
"""Declares that a paragraph is no item, though its style numbers paragraphs."""
_OFF = ("0", "false", "off", "none")
"""Values of a property that is switched off."""
MAX_BASE_STYLES = 20
"""Styles that a style is based on, one on the other, in which its properties are looked for."""
MAX_RANK, MAX_NUMBERED_LEVEL = 6, 9
"""Lowest rank of a heading, and levels of a numbered list; items of deeper levels have bullets."""
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
    text, blocks = build_text(_Reader(package, main, body).pieces(), name)
    if not text:
        raise ReadError(f"{name}: has no text in it")
    n_left_out = sum(len(_all_text(package.root(part)).split()) for part in package.related(main, "/header", "/footer"))
    left_out = (("headers and footers", n_left_out),) if n_left_out else ()
    n_words = len(text.split())
    return Document(name, text, blocks, "", "docx", n_words / max(1, n_words + n_left_out), (), left_out)


class _Style(NamedTuple):
    """The properties of a style that are used here, read once per style."""

    name: str
    based_on: str | None
    rank: int
    numbering: tuple[str, int] | None


class _Inherited(NamedTuple):
    """The properties that a paragraph inherits from its style and its base styles."""

    rank: int
    numbering: tuple[str, int] | None


class _Reader:
    """Reads the body of a document in order."""

    def __init__(self, package: Package, main: str, body: Any) -> None:
        self._body = body
        self._notes = [package.root(part) for part in package.related(main, "/footnotes", "/endnotes")]
        self._styles = {style.get(_W + "styleId"): _style(style) for style in _styles(package, main)}
        self._inherited: dict[str, _Inherited] = {}
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
                if note.get(_W + "type", "normal") == "normal" and (text := collapse_whitespace(_all_text(note))):
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
        lines, bold = _text(element)
        if text := "\n".join(filter(None, map(collapse_whitespace, lines.split("\n")))):
            yield self._piece(element, text, len(collapse_whitespace(bold)))
        for box in self._boxes.get(element, ()):
            yield self._content(box)

    def _piece(self, element: Any, text: str, bold: int) -> Piece:
        place = f"paragraph {self._paragraphs}"
        inherited = self._inherit(element)
        number = _numbering(element) or inherited.numbering
        mark = self._mark(*number) if number is not None and number != _NO_NUMBERING else ""
        if level := _outlined(element) or inherited.rank:
            return Piece(text.replace("\n", " "), "heading", level, place=place)
        if number is not None and number != _NO_NUMBERING:
            return Piece(text, "item", number[1], "bullet" if mark == "•" else "number", mark, bold, place=place)
        return parse_typed_bullet(Piece(text, bold=bold, place=place))

    def _inherit(self, element: Any) -> _Inherited:
        """Return the properties that a paragraph inherits from its style."""
        reference = element.find(f"{_W}pPr/{_W}pStyle")
        style_id = reference.get(_W + "val", "") if reference is not None else ""
        if style_id not in self._inherited:
            lineage: list[_Style] = []
            style = self._styles.get(style_id)
            while style is not None and len(lineage) < MAX_BASE_STYLES:
                lineage.append(style)
                style = self._styles.get(style.based_on) if style.based_on is not None else None
            numbering = next((style.numbering for style in lineage if style.numbering is not None), None)
            if numbering is None and any(style.name.lower().startswith("list bullet") for style in lineage):
                numbering = ("bullet", 0)
            self._inherited[style_id] = _Inherited(next((style.rank for style in lineage if style.rank), 0), numbering)
        return self._inherited[style_id]

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
        texts = [] if is_layout else [[collapse_whitespace(_all_text(cell)) for cell in row] for row in cells]
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
            is_head = row.find(f"{_W}trPr/{_W}tblHeader") is not None or (number == 1 and _all_bold(row))
            if text := table_row(above):
                place = f"table {self._tables}, row {number}"
                yield Piece(text, "paragraph" if is_head else "item", style="row", place=place)


_NUMBER_KINDS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
"""Kinds of numbers, as `format_list_number` calls them, by their names in Word; all others are digits."""


def _styles(package: Package, main: str) -> Iterator[Any]:
    """Return the style elements of a file; those of python-docx if it has none."""
    from docx.opc.package import OpcPackage
    from docx.parts.styles import StylesPart

    parts = package.related(main, "/styles")[:1]
    root = package.root(parts[0]) if parts else StylesPart.default(OpcPackage()).element
    return iter(root.iter(_W + "style"))


def _style(element: Any) -> _Style:
    name_element = element.find(_W + "name")
    name = name_element.get(_W + "val", "") if name_element is not None else ""
    if heading := _HEADING.match(name):
        rank = min(MAX_RANK, 1 + max(1, int(heading[1])))  # the title is above all others
    else:
        rank = 1 if name.lower() == "title" else _outlined(element)
    based = element.find(_W + "basedOn")
    return _Style(name, based.get(_W + "val", "") if based is not None else None, rank, _numbering(element))


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


def _text(paragraph: Any) -> tuple[str, str]:
    """Return the text of a paragraph, and the bold text at its beginning."""
    parts: list[str] = []
    bold: list[str] = []
    known: dict[Any, bool] = {}
    all_bold = True
    for run, text in _runs(paragraph):
        parts.append(text)
        all_bold = all_bold and (not text.strip() or _is_bold(run, known))
        if all_bold:
            bold.append(text)
    return "".join(parts), "".join(bold)


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


def _is_bold(run: Any, known: dict[Any, bool]) -> bool:
    """Whether a run is bold; `known` holds the answers so far, since a run may hold any number of texts."""
    if run not in known:
        bold = run.find(f"{_W}rPr/{_W}b")
        known[run] = bold is not None and bold.get(_W + "val", "1") not in _OFF
    return known[run]


def _all_bold(row: Any) -> bool:
    known: dict[Any, bool] = {}
    runs = (each for paragraph in row.iter(_PARAGRAPH) if not _is_inner(paragraph) for each in _runs(paragraph))
    return all(not text.strip() or _is_bold(run, known) for run, text in runs)


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


def _all_text(element: Any) -> str:
    """Return the text of all paragraphs inside an element, including those in text boxes."""
    paragraphs = element.iter(_PARAGRAPH)
    return " ".join(_text(paragraph)[0] for paragraph in paragraphs if not _is_inner(paragraph))


def _is_inner(paragraph: Any) -> bool:
    """Whether a paragraph is a copy for older programs, or is within another one, which the standard forbids."""
    ancestor = next(paragraph.iterancestors(_PARAGRAPH, _BOX, _CELL), None)
    if ancestor is not None and ancestor.tag == _PARAGRAPH:
        return True
    return next(paragraph.iterancestors(_FALLBACK), None) is not None


def _outlined(holder: Any) -> int:
    """Return the rank of a paragraph or a style by its outline level, 0 if it has none."""
    level = holder.find(f"{_W}pPr/{_W}outlineLvl")
    value = level.get(_W + "val", "9") if level is not None else "9"
    # the title is above all others
    return min(MAX_RANK, int(value) + 2) if value.isdecimal() and len(value) < 3 and int(value) < 9 else 0


def _numbering(holder: Any) -> tuple[str, int] | None:
    """Return the numbering and the level that a paragraph or a style refers to, None if none."""
    properties = holder.find(f"{_W}pPr/{_W}numPr")
    if properties is None:
        return None
    numbering, level = properties.find(_W + "numId"), properties.find(_W + "ilvl")
    numbering_id = numbering.get(_W + "val", "0") if numbering is not None else "0"
    depth = level.get(_W + "val", "0") if level is not None else "0"
    if numbering_id == "0":
        return _NO_NUMBERING
    return numbering_id, int(depth) if depth.isdecimal() and len(depth) < 3 else 0


def _cell_text(cell: Any, text: str, above: list[str], at: int) -> str:
    """Return the text of a cell, or of the cell above that it is merged with; `above` is the row above, `at` the column."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    is_continued = merge is not None and merge.get(_W + "val", "continue") == "continue"
    return above[at][:MAX_REPEATED_CHARACTERS] if is_continued and not text and at < len(above) else text
