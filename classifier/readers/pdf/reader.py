"""A PDF becomes the text of its policy: `pages` puts what stands on its pages in the order in which people read it.

A PDF knows characters and their places, nothing of words, lines or paragraphs. Here they are read off by pdfium (BSD, by
pypdfium2) and put together to runs: characters on one line, set alike, with no wide gap between. A crafted PDF of two
kilobytes can ask for any amount of time and memory, and pdfium, where it gets none, ends the process. So call `read` in a
process that may end, as `readers.parse` does.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from math import hypot
from typing import Any

from classifier.errors import ReadError, needs_package
from classifier.readers.document import build_text
from classifier.readers.pdf import lines
from classifier.readers.pdf.layout import arrange_pages
from classifier.readers.pdf.lines import Run
from classifier.types import Document

MAX_PAGES, MAX_CHARACTERS = 2000, 5_000_000
MAX_RUNS = 500_000
"""Runs of all pages together: each takes up to 2 kB of memory until the pages are in order."""
HEAVY = 600
"""From this weight on a font is bold."""
GAP = 1.2
"""Characters are one run up to a gap of so many times their height."""
MAX_SIZE_POINTS, USUAL_SIZE_POINTS = 2000.0, 10.0
"""The size of characters without height is what their font says, up to this; else it is the usual one."""
_BOLD_NAME = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_BREAKS = frozenset((0, 10, 13, 0xAD))
_HYPHEN = 2
"""What pdfium gives for a hyphen at the end of a line."""
# bullets of the fonts Symbol and Wingdings, which have no code of their own
_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf0fc\u25cf\u25aa", "•")


def read_pdf(data: bytes, name: str) -> Document:
    """Read a PDF.

    Raises
    ------
    ReadError
        If it is encrypted, damaged, too long, without text, or pypdfium2 is not installed.
    """
    try:
        import pypdfium2  # noqa: F401
    except ImportError:
        raise ReadError(f"{name}: {needs_package('PDF files', 'pdf')}") from None
    by_page, lost = _read(data, name)
    empty = [number for number, runs in enumerate(by_page, 1) if not runs]
    if len(empty) == len(by_page):
        raise ReadError(f"{name}: has no text on its pages, as scans have none; recognise it first (ocrmypdf, say)")
    notes = [f"{_pages(lost)} damaged and could not be read"] if lost else []
    if scanned := [number for number in empty if number not in lost]:
        notes.append(f"{_pages(scanned)} without text; what is scanned there is missing here")
    pieces, furniture = arrange_pages(by_page)
    text, blocks = build_text(pieces, name)
    if not text:
        raise ReadError(f"{name}: has nothing on its pages but what comes again on each; is it a policy?")
    words = sum(len(run.text.split()) for runs in by_page for run in runs)
    dropped = sum(len(line.text.split()) for line in furniture)
    left_out = (("running titles and page numbers", dropped),) if dropped else ()
    return Document(name, text, blocks, "", "pdf", 1.0 - dropped / max(1, words), tuple(notes), left_out)


def _pages(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")
    return f"page {shown} is" if len(numbers) == 1 else f"pages {shown} are"


def _read(data: bytes, name: str) -> tuple[list[list[Run]], list[int]]:
    """Return the runs of each page, and the numbers of the pages that cannot be read."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        said = str(error).lower()
        locked = "password" in said or "security" in said
        problem = "is encrypted; save it without a password" if locked else "is damaged: not a sound PDF"
        raise ReadError(f"{name}: {problem}") from None
    if len(document) > MAX_PAGES:
        raise ReadError(f"{name}: has {len(document):,} pages; a policy has far fewer, split the file")
    found: list[list[Run]] = []
    lost: list[int] = []
    characters = runs = 0
    for number in range(len(document)):
        found.append([])
        try:
            text_page = document[number].get_textpage()
        except pypdfium2.PdfiumError:
            lost.append(number + 1)
            continue
        characters += text_page.count_chars()
        if characters > MAX_CHARACTERS:
            raise ReadError(f"{name}: has over {MAX_CHARACTERS:,} characters; no policy has, split the file")
        for run in _runs(text_page):
            found[-1].append(run)
            runs += 1
            if runs > MAX_RUNS:
                raise ReadError(f"{name}: has over {MAX_RUNS:,} pieces of text; no policy has, save its text alone")
    return found, lost


def _runs(text_page: Any) -> Iterator[Run]:
    """Give the runs of a page, in the order in which they were written into the file."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    flags = ctypes.c_int()
    font = ctypes.create_string_buffer(200)
    part: list[str] = []
    left = right = bottom = top = 0.0
    bold = False
    blank = False  # a blank was read and not yet written
    for index, character in _characters(text_page):
        if character.isspace():
            blank = True
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        height = box.top - box.bottom
        if not lines.MIN_HEIGHT_POINTS <= height <= lines.MAX_COORDINATE_POINTS:  # flat, without end, or not a number
            height = _font_size(text_page, index)
            box.top = box.bottom + height
        apart = (
            not part
            or part[-1] == "•"  # it is often of another font, and higher
            or abs(box.bottom - bottom) > 0.5 * height
            or box.left - right > GAP * height
            or box.left < left - 0.5 * height
            or not 0.67 < height / max(lines.MIN_HEIGHT_POINTS, top - bottom) < 1.5
        )
        if blank or apart:
            length = pdfium.FPDFText_GetFontInfo(text_page, index, font, 200, flags)
            named = font.raw[: max(0, min(200, length) - 1)].decode("utf-8", "replace")
            heavy = pdfium.FPDFText_GetFontWeight(text_page, index) >= HEAVY or _BOLD_NAME.search(named) is not None
            if apart or heavy != bold:
                if part:
                    yield Run("".join(part), left, bottom, right, top, bold)
                part, left, bottom, top, bold = [], box.left, box.bottom, box.top, heavy
            else:
                part.append(" ")
        part.append(character)
        right, blank = max(right, box.right) if len(part) > 1 else box.right, False
        bottom, top = min(bottom, box.bottom), max(top, box.top)
    if part:
        yield Run("".join(part), left, bottom, right, top, bold)


def _font_size(text_page: Any, index: int) -> float:
    """Return the size of a character by its font and its scale along the line."""
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text_page, index, matrix)
    size: float = pdfium.FPDFText_GetFontSize(text_page, index) * hypot(matrix.a, matrix.b)
    return size if lines.MIN_HEIGHT_POINTS <= size <= MAX_SIZE_POINTS else USUAL_SIZE_POINTS


def _characters(text_page: Any) -> Iterator[tuple[int, str]]:
    """Give the characters of a page, each with its number; what is none is shown as such, what breaks lines is a blank."""
    import pypdfium2.raw as pdfium

    high = 0  # the first half of a character that pdfium gives in two
    for index in range(text_page.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
        high = 0
        if code in _BREAKS:
            yield index, " "
        else:
            character = "-" if code == _HYPHEN else chr(code) if code < 0x110000 else "\ufffd"
            yield index, _BULLETS.get(character, character)
