"""Tables of a web page become pieces: the row of headings introduces, each row below is an item.

Old pages are laid out by tables. One is taken for data where it says so (header cells, a caption) or is built like it:
several rows and columns of short cells.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from classifier.readers.document import (
    MAX_CELL_WORDS,
    MAX_REPEATED_CHARACTERS,
    Piece,
    collapse_whitespace,
    table_row,
)
from classifier.readers.html.dom import Element

MAX_SPAN, MAX_REPEATED = 1000, 50_000
"""A cell spans at most so many rows; so many cells are repeated in all."""


def is_data(table: Element) -> bool:
    """Whether a table holds data, rather than laying out the page."""
    if table.role in ("presentation", "none"):
        return False
    if table.tables:
        return False
    inner = table.inside()[1:]
    cells = [element for element in inner if element.tag in ("td", "th") and element.words]
    if any(element.tag in ("h1", "h2", "h3") and element.words for element in inner):
        return False
    if any(element.tag in ("th", "thead", "caption") for element in inner):
        return True
    lines = [element for element in inner if element.tag == "tr" and element.words]
    if len(lines) < 2 or len(cells) <= len(lines):
        return False
    return sum(cell.words for cell in cells) <= MAX_CELL_WORDS * len(cells)


def pieces(table: Element, out: Container[Element]) -> Iterator[Piece]:
    """Give the caption, the headings and the rows of a table, but for what is left out."""
    for caption in table.elements:
        if caption.tag == "caption" and (text := collapse_whitespace(caption.text(out))):
            yield Piece(text, place=caption.path)
    lines = [element for element in table.inside() if element.tag == "tr" and element not in out]
    for line, cells in zip(lines, _grid(lines, out), strict=True):
        if text := table_row(cells):
            yield Piece(text, "paragraph" if _is_head(line) else "item", style="row", place=line.path)


def _is_head(line: Element) -> bool:
    cells = [cell for cell in line.elements if cell.words]
    in_head = line.parent is not None and line.parent.tag == "thead"
    return in_head or (len(cells) > 1 and all(cell.tag == "th" for cell in cells))


def _grid(lines: list[Element], out: Container[Element]) -> list[list[str]]:
    """Give the texts of the cells a row; a cell that spans rows stands in each of them, one that spans columns once."""
    below: dict[int, tuple[int, str]] = {}  # column to how many more rows a cell spans, and its text
    grid: list[list[str]] = []
    left = MAX_REPEATED
    for line in lines:
        texts: list[str] = []
        column = 0
        for cell in (cell for cell in line.elements if cell.tag in ("td", "th")):
            column = _spanned(below, column, texts)
            text = collapse_whitespace(cell.text(out)).removeprefix("• ")
            texts.append(text)
            height = _span(cell, "rowspan")
            width = _span(cell, "colspan")
            if height > 1 and left > 0:
                below[column] = (height - 1, text[:MAX_REPEATED_CHARACTERS])
                left -= height - 1
            column += width
        _spanned(below, column, texts)
        grid.append(texts)
    return grid


def _spanned(below: dict[int, tuple[int, str]], column: int, texts: list[str]) -> int:
    """Add the cells from above that stand at this column and directly after it."""
    while column in below:
        rest, text = below.pop(column)
        texts.append(text)
        if rest > 1:
            below[column] = (rest - 1, text)
        column += 1
    return column


def _span(cell: Element, name: str) -> int:
    try:
        return max(1, min(MAX_SPAN, int(cell.attributes.get(name, "1"))))
    except ValueError:
        return 1
