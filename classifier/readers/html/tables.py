"""Turn a table of a web page into pieces: its caption, the heads of its columns, headings over some rows, and its rows.

Old pages use tables for their layout. A table counts as data if it says so (header cells, a caption), or if it is built like
data: several rows and columns of short cells. A small table in a cell of a data table is part of the text of that cell.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator
from typing import NamedTuple

from classifier.readers import headings
from classifier.readers.document import MAX_CELL_WORDS, MAX_REPEATED_CHARACTERS, Piece, collapse_whitespace, table_row
from classifier.readers.html.bounds import MAX_SPAN
from classifier.readers.html.dom import Element, link_address
from classifier.types import Block, Link

MAX_REPEATED_CELLS = 50_000
"""Cells of a table that are repeated in further rows."""
MAX_FIGURE_DEPTH = 3
"""Elements between a table and the figure whose caption is that of the table."""
_PARAGRAPH = Block("paragraph", 0, 0)


def is_data_table(table: Element) -> bool:
    """Whether a table holds data, rather than the layout of the page.

    >>> from classifier.readers.html.dom import parse_html
    >>> (table,) = parse_html("<table><tr><th>Data<th>Kept<tr><td>Logs<td>30 days</table>", "page").elements
    >>> is_data_table(table), [piece.text for piece in table_pieces(table, ())]
    (True, ['Data | Kept', 'Logs | 30 days'])
    """
    if table.role in ("presentation", "none"):
        return False
    inner = list(_own_elements(table))
    if any(element.tag in ("h1", "h2", "h3") and element.words for element in inner):
        return False
    cells = [element for element in inner if element.tag in ("td", "th") and element.words]
    is_short = sum(cell.words for cell in cells) <= MAX_CELL_WORDS * len(cells)
    if table.tables:
        return is_short and _has_header_row(inner) and all(map(_is_part_of_cell, inner))
    if any(element.tag in ("th", "thead", "caption") for element in inner):
        return True
    rows = [element for element in inner if element.tag == "tr" and element.words]
    return len(rows) >= 2 and len(cells) > len(rows) and is_short


def _own_elements(table: Element) -> Iterator[Element]:
    """Yield the elements in a table, without those inside a table in one of its cells."""
    elements = table.page.elements
    number = table.number + 1
    while number <= table.last_number:
        element = elements[number]
        yield element
        number = element.last_number + 1 if element.tag == "table" else number + 1


def _has_header_row(inner: list[Element]) -> bool:
    row = next((element for element in inner if element.tag == "tr" and element.words), None)
    return row is not None and not row.tables and _is_header_row(row, False)


def _is_part_of_cell(element: Element) -> bool:
    """Whether a table in a cell is small enough to be part of the cell; other elements are."""
    return element.tag != "table" or (not element.tables and element.words <= MAX_CELL_WORDS)


def captions_of(table: Element) -> list[Element]:
    """Return the captions of a table: its own, or those of a figure around it alone."""
    captions = [element for element in table.elements if element.tag == "caption" and element.words]
    part: Element | None = table
    for _ in range(MAX_FIGURE_DEPTH):
        part = part.parent if part is not None else None
        if part is not None and part.tag == "figure" and part.tables == 1:
            return captions + [element for element in part.elements if element.tag == "figcaption" and element.words]
    return captions


def table_pieces(table: Element, removed: Container[Element]) -> Iterator[Piece]:
    """Yield the caption, the heads of the columns and the other rows of a table, without removed elements."""
    style = "caption"
    for caption in captions_of(table):
        if text := collapse_whitespace(caption.text(removed)):
            piece = Piece(text, place=caption.path, links=_links(caption, text, removed))
            if _is_title(text):
                piece = piece._replace(kind="heading", style=style)
                style = "group"
            yield piece
    rows = _rows(table, removed)
    for number, row in enumerate(rows):
        links = _links(row.element, row.text, removed)
        piece = Piece(row.text, style="row", place=row.element.path, links=links)
        if row.is_header:
            yield piece._replace(kind="heading")
        elif row.is_group and number + 1 < len(rows):
            is_over_all = number == 0 and rows[1].is_header
            yield piece._replace(kind="heading", style=style if is_over_all else "group")
        else:
            yield piece


def _is_title(text: str) -> bool:
    return bool(headings.opening_style(text, _PARAGRAPH, ""))


def _links(part: Element, text: str, removed: Container[Element]) -> tuple[Link, ...]:
    """Return the links of a part of a table: their words are found in its text one after the other."""
    links: list[Link] = []
    at = 0
    for element in part.subtree():
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


# --- rows --------------------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """A row of a table.

    Attributes
    ----------
    element, text
        Its element, and the texts of its cells.
    is_header
        Whether it holds the heads of the columns.
    is_group
        Whether it is over the rows below it: one cell alone is filled, which spans all columns or is set as a head.
    """

    element: Element
    text: str
    is_header: bool
    is_group: bool


def _rows(table: Element, removed: Container[Element]) -> list[_Row]:
    """Return the rows of a table that have a text."""
    rows_of_table = (element for element in _own_elements(table) if element.tag == "tr")
    elements = [row for row in rows_of_table if row not in removed and row.parent not in removed]
    grid = _grid(elements, removed)
    rows: list[_Row] = []
    alone: dict[int, _Row] = {}  # rows with one filled cell, by number
    for element, (texts, _) in zip(elements, grid, strict=True):
        if text := table_row(texts):
            row = _Row(element, text, _is_header_row(element, len(rows) == len(alone)), False)
            if sum(map(bool, texts)) == 1:
                alone[len(rows)] = row
            rows.append(row)
    n_columns = max((n for texts, n in grid if len(texts) > 1), default=1)
    if n_columns < 2 or not alone:
        return rows
    begin_with_head = any(
        _is_head(cell)
        for number, row in enumerate(rows)
        if number not in alone and not row.is_header and (cell := _first_cell(row.element)) is not None
    )
    spanning, heads = set(), set()
    for number, row in alone.items():
        cell = _first_cell(row.element)
        if cell is not None and _is_title(row.text) and (row.element.parent or table).tag != "tfoot":
            spanning |= {number} if _span(cell, "colspan") >= n_columns else set()
            heads |= {number} if _is_head(cell) else set()
    groups = heads & spanning if begin_with_head else heads
    if not groups:  # none is set as a head, so a cell over all columns that is no sentence tells them
        groups = {number for number in spanning if not rows[number].text.endswith(".") and number + 1 not in alone}
    return [row._replace(is_group=number in groups) for number, row in enumerate(rows)]


def _first_cell(row: Element) -> Element | None:
    return next((cell for cell in row.elements if cell.tag in ("td", "th") and cell.words), None)


def _is_head(cell: Element) -> bool:
    return cell.tag == "th" or _is_bold(cell)


def _grid(rows: list[Element], removed: Container[Element]) -> list[tuple[list[str], int]]:
    """Return the texts of each row's cells, and the number of its columns.

    A cell that spans rows is repeated in each, one that spans columns is not.
    """
    spanning: dict[int, tuple[int, str]] = {}  # column to the rows left to span, and the text of the cell
    grid: list[tuple[list[str], int]] = []
    repeats_left = MAX_REPEATED_CELLS
    for row in rows:
        texts: list[str] = []
        column = 0
        for cell in (cell for cell in row.elements if cell.tag in ("td", "th")):
            column = _add_spanning(spanning, column, texts)
            text = _cell_text(cell, removed)
            texts.append(text)
            height = _span(cell, "rowspan")
            width = _span(cell, "colspan")
            if height > 1 and repeats_left > 0:
                spanning[column] = (height - 1, text[:MAX_REPEATED_CHARACTERS])
                repeats_left -= height - 1
            column += width
        grid.append((texts, _add_spanning(spanning, column, texts)))
    return grid


def _cell_text(cell: Element, removed: Container[Element]) -> str:
    """Return the text of a cell; the rows of a table in it are separated by semicolons."""
    if not cell.tables:
        return collapse_whitespace(cell.text(removed)).removeprefix("• ")
    parts: list[str] = []
    stack: list[Element | str] = [cell]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            parts.append(item)
        elif item in removed:
            continue
        elif item.tag == "table":
            parts.append(f" {_inner_text(item, removed)} ")
        elif not item.tables:
            parts.append(item.text(removed))
        else:
            stack.extend([" ", *reversed(item.children), " "])
    return collapse_whitespace("".join(parts))


def _inner_text(table: Element, removed: Container[Element]) -> str:
    lines: list[str] = []
    for part in _own_elements(table):
        if part in removed or part.tag not in ("caption", "tr"):
            continue
        cells = part.elements if part.tag == "tr" else iter([part])
        texts = [*filter(None, (_cell_text(cell, removed) for cell in cells))]
        if len(texts) == 2:
            texts = [f"{texts[0].removesuffix(':')}: {texts[1]}"]
        lines.append(table_row(texts))
    return "; ".join(filter(None, lines))


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
