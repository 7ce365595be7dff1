"""A Word file becomes the text of its policy: headings by style, lists with marks, tables row by row, footnotes at the end.

Parts, styles and numberings are found by python-docx. Paragraphs are read from the XML itself, since what it calls a
paragraph's text leaves out content controls, text boxes and tracked insertions; what is tracked as deleted is left out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from classifier.errors import ReadError
from classifier.readers import layout
from classifier.readers.layout import LONG_CELL, LONG_REPEATED, Piece, folded, lay_out
from classifier.types import Document

MAX_UNPACKED, MAX_PARTS, MAX_XML = 128 * 2**20, 5000, 16 * 2**20
"""A policy's file holds some megabytes at most, pictures included; what would unpack to more may be a bomb."""
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"(?:heading|überschrift|titre) ?(\d)", re.IGNORECASE)
_OFF = ("0", "false", "off", "none")
MAX_LINEAGE = 20
"""Styles that a style is based on, one on the other, are looked through so far."""
_SKIPPED = frozenset(
    (_FALLBACK, *(_W + name for name in ("del", "moveFrom", "txbxContent", "instrText", "delText", "pPr", "rPr")))
)


def read(data: bytes, name: str) -> Document:
    """Read a Word file (.docx).

    Raises
    ------
    ReadError
        If it is damaged, would unpack to more than a policy could have, has no text, or python-docx is not installed.
    """
    try:
        import docx
    except ImportError:
        raise ReadError(f"{name}: Word files need a package more: pip install 'policy-clauses[docx]'") from None
    try:
        _check(data, name)
        document = docx.Document(io.BytesIO(data))
        text, blocks = lay_out(_Reader(document).pieces(), name)
        furniture = list(_furniture(document))
    except ReadError:
        raise
    except Exception:  # of zipfile, zlib, lxml or python-docx, each of which has its own for what is damaged
        raise ReadError(f"{name}: is damaged, encrypted or no Word file: its parts cannot be read") from None
    if not text:
        raise ReadError(f"{name}: has no text in it")
    around = sum(len(_all_text(part).split()) for part in furniture)
    left_out = (("headers and footers", around),) if around else ()
    words = len(text.split())
    return Document(name, text, blocks, "", "docx", words / max(1, words + around), (), left_out)


def _check(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    written = max((part.file_size for part in parts if part.filename.endswith(".xml")), default=0)
    if size > MAX_UNPACKED or len(parts) > MAX_PARTS or written > MAX_XML:
        raise ReadError(
            f"{name}: would unpack to {size / 2**20:,.0f} MiB in {len(parts):,} parts, as no policy does; save its text alone"
        )


class _Reader:
    """Reads the body of a document in order."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = {style.get(_W + "styleId"): style for style in document.styles.element.iter(_W + "style")}
        self._lineages: dict[str, list[Any]] = {}
        self._numbers: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._shapes = _numberings(document)
        self._paragraphs = self._tables = 0

    def pieces(self) -> Iterator[Piece]:
        """Give what is found, in order, footnotes last."""
        yield from self._content(self._document.element.body)
        for relation in self._document.part.rels.values():
            if relation.reltype.endswith(("/footnotes", "/endnotes")) and not relation.is_external:
                yield from self._notes(relation.target_part.blob)

    def _content(self, parent: Any) -> Iterator[Piece]:
        for element in parent.iterchildren():
            if element.tag == _W + "p":
                yield from self._paragraph(element)
            elif element.tag == _W + "tbl":
                yield from self._table(element)
            elif isinstance(element.tag, str) and element.tag not in _SKIPPED:
                yield from self._content(element)  # a content control, an insertion

    def _notes(self, blob: bytes) -> Iterator[Piece]:
        from docx.oxml import parse_xml

        for note in parse_xml(blob).iterchildren():
            number = note.get(_W + "id", "0")
            if note.get(_W + "type", "normal") == "normal":
                texts = [folded(_text(paragraph)[0]) for paragraph in note.iter(_W + "p")]
                if text := " ".join(filter(None, texts)):
                    yield Piece(text, place=f"footnote {number}")

    # --- paragraphs ----------------------------------------------------------------------------------------------------

    def _paragraph(self, element: Any) -> Iterator[Piece]:
        self._paragraphs += 1
        place = f"paragraph {self._paragraphs}"
        written, bold_part = _text(element)
        lines = [folded(line) for line in written.split("\n")]
        text = "\n".join(filter(None, lines))
        bold = len(folded(bold_part))
        level = self._rank(element)
        number = self._numbering(element)
        mark = self._mark(*number) if number is not None and text else ""
        if text and level:
            yield Piece(text.replace("\n", " "), "heading", level, place=place)
        elif text and number is not None:
            style = "bullet" if mark == "•" else "number"
            yield Piece(text, "item", number[1], style, mark, bold, place=place)
        elif text:
            yield layout.typed(Piece(text, bold=bold, place=place))
        for box in element.iter(_W + "txbxContent"):
            around = next(above for above in box.iterancestors() if above.tag in (_W + "p", _FALLBACK))
            if around is element:  # boxes within a box are read with its paragraphs
                yield from self._content(box)

    def _rank(self, element: Any) -> int:
        """Give the rank of a heading, by its style's name or outline level; 0 where it is none."""
        if (rank := _outlined(element)) > 0:
            return rank
        for style in self._ancestry(element):
            name = _name(style)
            if found := _HEADING.match(name):
                return min(6, 1 + max(1, int(found[1])))  # the title is above all others
            if name.lower() == "title":
                return 1
            if (rank := _outlined(style)) > 0:
                return rank
        return 0

    def _ancestry(self, element: Any) -> Iterator[Any]:
        """Give the style of a paragraph and those it is based on."""
        given = element.find(f"{_W}pPr/{_W}pStyle")
        id = given.get(_W + "val", "") if given is not None else ""
        if id not in self._lineages:
            lineage: list[Any] = []
            style = self._styles.get(id)
            while style is not None and len(lineage) < MAX_LINEAGE:
                lineage.append(style)
                based = style.find(_W + "basedOn")
                style = self._styles.get(based.get(_W + "val", "")) if based is not None else None
            self._lineages[id] = lineage
        yield from self._lineages[id]

    def _numbering(self, element: Any) -> tuple[str, int] | None:
        """Give the numbering and the level of an item, None where a paragraph is none."""
        holders = [element, *self._ancestry(element)]
        for holder in holders:
            found = holder.find(f"{_W}pPr/{_W}numPr")
            if found is None:
                continue
            id, level = found.find(_W + "numId"), found.find(_W + "ilvl")
            value = id.get(_W + "val", "0") if id is not None else "0"
            if value == "0":
                return None
            depth = level.get(_W + "val", "0") if level is not None else "0"
            return value, int(depth) if depth.isdigit() and len(depth) < 3 else 0
        for style in self._ancestry(element):
            if _name(style).lower().startswith("list bullet"):
                return "bullet", 0
        return None

    def _mark(self, numbering: str, level: int) -> str:
        shape = self._shapes.get(numbering)
        found = shape.find(f"{_W}lvl[@{_W}ilvl='{level}']/{_W}numFmt") if shape is not None and level < 9 else None
        kind = found.get(_W + "val", "bullet") if found is not None else "bullet"
        if kind in ("bullet", "none"):
            return "•"
        counts = self._numbers[numbering]
        for deeper in [depth for depth in counts if depth > level]:
            del counts[deeper]
        counts[level] = counts.get(level, 0) + 1
        return f"{layout.counted(counts[level], _COUNTED.get(kind, '1'))}."

    # --- tables --------------------------------------------------------------------------------------------------------

    def _table(self, element: Any) -> Iterator[Piece]:
        lines = [line for line in element.iter(_W + "tr") if _table_of(line) is element]
        cells = [[cell for cell in line.iter(_W + "tc") if _table_of(cell) is element] for line in lines]
        texts = [[folded(_all_text(cell)) for cell in row] for row in cells]
        filled = [text for row in texts for text in row if text]
        nested = any(table is not element for table in element.iter(_W + "tbl"))
        words = sum(len(text.split()) for text in filled)
        if nested or max(map(len, cells), default=0) < 2 or words > LONG_CELL * max(1, len(filled)):
            for row in cells:
                for cell in row:
                    yield from self._content(cell)
            return
        self._tables += 1
        above: list[str] = []
        for number, (line, row, written) in enumerate(zip(lines, cells, texts, strict=True), 1):
            above = [_merged(cell, text, above, at) for at, (cell, text) in enumerate(zip(row, written, strict=True))]
            is_head = line.find(f"{_W}trPr/{_W}tblHeader") is not None or (number == 1 and _all_bold(line))
            if text := layout.row(above):
                place = f"table {self._tables}, row {number}"
                yield Piece(text, "paragraph" if is_head else "item", style="row", place=place)


def _furniture(document: Any) -> Iterator[Any]:
    """List the parts that are printed at the top and the bottom of pages."""
    from docx.oxml import parse_xml

    for relation in document.part.rels.values():
        if relation.reltype.endswith(("/header", "/footer")) and not relation.is_external:
            yield parse_xml(relation.target_part.blob)


_COUNTED = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}


def _numberings(document: Any) -> dict[str, Any]:
    """Give by numbering the element that says how its levels are counted."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return {}
    abstract = {entry.get(_W + "abstractNumId"): entry for entry in root.iter(_W + "abstractNum")}
    found = {}
    for entry in root.iter(_W + "num"):
        target = entry.find(_W + "abstractNumId")
        if target is not None and target.get(_W + "val") in abstract:
            found[entry.get(_W + "numId")] = abstract[target.get(_W + "val")]
    return found


def _text(paragraph: Any) -> tuple[str, str]:
    """Give the text of a paragraph, and so much of its beginning as is bold."""
    parts: list[str] = []
    bold: list[str] = []
    whole = True
    for run, text in _runs(paragraph):
        parts.append(text)
        whole = whole and (not text.strip() or _is_bold(run))
        if whole:
            bold.append(text)
    return "".join(parts), "".join(bold)


def _runs(element: Any) -> Iterator[tuple[Any, str]]:
    for child in element.iterchildren():
        if child.tag in _SKIPPED or not isinstance(child.tag, str):
            continue
        if child.tag == _W + "t":
            yield element, child.text or ""
        elif child.tag in (_W + "br", _W + "cr"):
            yield element, "\n"
        elif child.tag in (_W + "tab", _W + "ptab"):
            yield element, " "
        elif child.tag == _W + "sym":  # a character of a font of symbols, most often a bullet or a box to tick
            yield element, "•"
        elif child.tag == _W + "noBreakHyphen":
            yield element, "-"
        else:
            yield from _runs(child)


def _is_bold(run: Any) -> bool:
    found = run.find(f"{_W}rPr/{_W}b")
    return found is not None and found.get(_W + "val", "1") not in _OFF


def _all_bold(line: Any) -> bool:
    return all(not text.strip() or _is_bold(run) for cell in line.iter(_W + "p") for run, text in _runs(cell))


def _table_of(element: Any) -> Any:
    return next(above for above in element.iterancestors() if above.tag == _W + "tbl")


def _all_text(cell: Any) -> str:
    """Give the text of a cell, that of text boxes included."""
    paragraphs = [p for p in cell.iter(_W + "p") if not any(above.tag == _FALLBACK for above in p.iterancestors())]
    return " ".join(_text(paragraph)[0] for paragraph in paragraphs)


def _outlined(holder: Any) -> int:
    """Give the rank that a paragraph or a style has by its outline level, 0 where it has none."""
    level = holder.find(f"{_W}pPr/{_W}outlineLvl")
    value = level.get(_W + "val", "9") if level is not None else "9"
    return min(6, int(value) + 2) if value.isdigit() and int(value) < 9 else 0  # the title is above all others


def _name(style: Any) -> str:
    found = style.find(_W + "name")
    return str(found.get(_W + "val", "")) if found is not None else ""


def _merged(cell: Any, text: str, above: list[str], at: int) -> str:
    """Give the text of a cell, or of the one above that it is merged with."""
    merge = cell.find(f"{_W}tcPr/{_W}vMerge")
    goes_on = merge is not None and merge.get(_W + "val", "continue") == "continue"
    return above[at][:LONG_REPEATED] if goes_on and not text and at < len(above) else text
