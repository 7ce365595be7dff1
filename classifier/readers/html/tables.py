"""Turn a table of a web page into pieces: the heads of its columns, and its rows.

Old pages use tables for their layout. A table counts as data if it says so (header cells, a caption), or if it is built like
data: several rows and columns of short cells.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator

from classifier.readers.document import MAX_CELL_WORDS, MAX_REPEATED_CHARACTERS, Piece, collapse_whitespace, table_row
from classifier.readers.html.bounds import MAX_SPAN
from classifier.readers.html.dom import Element, link_address
from classifier.types import BlockKind, Link

MAX_REPEATED_CELLS = 50_000
"""Cells of a table that are repeated in further rows."""


def is_data_table(table: Element) -> bool:
    """Whether a table holds data, rather than the layout of the page.

    >>> from classifier.readers.html.dom import parse_html
    >>> (table,) = parse_html("<table><tr><th>Data<th>Kept<tr><td>Logs<td>30 days</table>", "page").elements
    >>> is_data_table(table), [piece.text for piece in table_pieces(table, ())]
    (True, ['Data | Kept', 'Logs | 30 days'])
    """
    if table.role in ("presentation", "none"):
        return False
    if table.tables:
        return False
    inner = table.subtree()[1:]
    cells = [element for element in inner if element.tag in ("td", "th") and element.words]
    if any(element.tag in ("h1", "h2", "h3") and element.words for element in inner):
        return False
    if any(element.tag in ("th", "thead", "caption") for element in inner):
        return True
    rows = [element for element in inner if element.tag == "tr" and element.words]
    if len(rows) < 2 or len(cells) <= len(rows):
        return False
    return sum(cell.words for cell in cells) <= MAX_CELL_WORDS * len(cells)


def table_pieces(table: Element, removed: Container[Element]) -> Iterator[Piece]:
    """Yield the caption, the header row and the other rows of a table, without removed elements."""
    for caption in table.elements:
        if caption.tag == "caption" and (text := collapse_whitespace(caption.text(removed))):
            yield Piece(text, place=caption.path)
    rows = [element for element in table.subtree() if element.tag == "tr" and element not in removed]
    is_first = True
    for row, cells in zip(rows, _grid(rows, removed), strict=True):
        if text := table_row(cells):
            kind: BlockKind = "heading" if _is_header_row(row, is_first) else "paragraph"
            yield Piece(text, kind, style="row", place=row.path, links=_row_links(row, text, removed))
            is_first = False


def _row_links(row: Element, text: str, removed: Container[Element]) -> tuple[Link, ...]:
    """Return the links of a row: their words are found in its text one after the other."""
    links: list[Link] = []
    at = 0
    for element in row.subtree():
        if element.tag == "a" and (address := link_address(element)):
            words = collapse_whitespace(element.text(removed))
            found = text.find(words, at) if words else -1
            if found >= 0:
                at = found + len(words)
                links.append(Link(found, at, address))
    return tuple(links)


def _is_header_row(row: Element, is_first: bool) -> bool:
    """Whether a row holds the heads of the columns: as its tags say, or, in the first row, its bold letters."""
    cells = [cell for cell in row.elements if cell.words]
    if len(cells) < 2:
        return False
    is_in_head = row.parent is not None and row.parent.tag == "thead"
    return is_in_head or all(cell.tag == "th" or (is_first and _is_bold(cell)) for cell in cells)


def _is_bold(cell: Element) -> bool:
    """Whether all words of a cell are bold."""
    n_bold, bold_depth = 0, sys.maxsize
    for element in cell.subtree():
        if element.depth <= bold_depth:  # not within a bold element
            is_bold = element.tag in ("b", "strong", "th")
            bold_depth = element.depth if is_bold else sys.maxsize
            n_bold += element.words if is_bold else 0
    return n_bold == cell.words


def _grid(rows: list[Element], removed: Container[Element]) -> list[list[str]]:
    """Return the texts of each row's cells. A cell that spans rows is repeated in each, one that spans columns is not."""
    spanning: dict[int, tuple[int, str]] = {}  # column to the rows left to span, and the text of the cell
    grid: list[list[str]] = []
    repeats_left = MAX_REPEATED_CELLS
    for row in rows:
        texts: list[str] = []
        column = 0
        for cell in (cell for cell in row.elements if cell.tag in ("td", "th")):
            column = _add_spanning(spanning, column, texts)
            text = collapse_whitespace(cell.text(removed)).removeprefix("• ")
            texts.append(text)
            height = _span(cell, "rowspan")
            width = _span(cell, "colspan")
            if height > 1 and repeats_left > 0:
                spanning[column] = (height - 1, text[:MAX_REPEATED_CHARACTERS])
                repeats_left -= height - 1
            column += width
        _add_spanning(spanning, column, texts)
        grid.append(texts)
    return grid


def _add_spanning(spanning: dict[int, tuple[int, str]], column: int, texts: list[str]) -> int:
    """Add the cells that span into this row at a column and those right after it; return the next free column."""
    while column in spanning:
        rows_left, text = spanning.pop(column)
        texts.append(text)
        if rows_left > 1:
            spanning[column] = (rows_left - 1, text)
        column += 1
    return column


def _span(cell: Element, name: str) -> int:
    """Return the rows or columns that a cell spans, 1 if the attribute is missing or wrong."""
    try:
        return max(1, min(MAX_SPAN, int(cell.attributes.get(name, "1"))))
    except ValueError:
        return 1
