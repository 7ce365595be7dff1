"""Read the text of a PDF: the characters on its pages become runs, which `layout` puts into reading order.

A PDF knows characters and their places, but no words, lines or paragraphs. pdfium (BSD, through pypdfium2) reads the
characters; here they are joined to runs: characters on one line, in one font, without a wide gap. A crafted PDF of two
kilobytes can ask for any amount of time and memory, and pdfium ends the process if memory is refused. So call `read_pdf` in a
process that may end, as `readers.parse` does.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from itertools import islice
from math import hypot
from typing import Any

from classifier.errors import ReadError
from classifier.readers.document import build_text
from classifier.readers.pdf import fields, lines
from classifier.readers.pdf.layout import arrange_pages
from classifier.readers.pdf.lines import Run
from classifier.types import Document

MAX_PAGES, MAX_CHARACTERS = 2000, 5_000_000
MAX_RUNS = 500_000
"""Runs of all pages together; each takes up to 2 kB of memory until the pages are in order."""
MIN_BOLD_WEIGHT = 600
"""Weight of a bold font, on the scale of 100 to 900."""
MAX_RUN_GAP_RATIO = 1.2
"""Gap between characters of one run, in times their height."""
MAX_BASELINE_SHIFT_RATIO = 0.5
"""Vertical distance between characters of one run, in times their height."""
MAX_BACKWARD_RATIO = 0.5
"""Distance by which a character of a run may begin before the run does, in times its height."""
MIN_HEIGHT_RATIO, MAX_HEIGHT_RATIO = 0.67, 1.5
"""Height of a character, in times that of the run it continues."""
MAX_SIZE_POINTS, DEFAULT_SIZE_POINTS = 2000.0, 10.0
"""Size of characters whose box has no height: what their font says up to this limit, else the default."""
MAX_PAGES_SHOWN = 8
"""Page numbers that a note lists."""
MAX_SAMPLED_CHARACTERS, MAX_JUDGED_CHARACTERS = 200, 4000
"""Characters of a page whose fonts are asked for their meaning; and, if most have none, those that are judged as text."""
MIN_COMMON_WORD_SHARE = 0.05
"""Share of common words in a text that makes sense; in policies it is above 0.2."""
_COMMON_WORDS = frozenset(
    "a and any are as at by for from in is it may not of on or our that the this to us we with you your".split()
)
_FONT_NAME_BYTES = 200
_BOLD_NAME = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_BLANKS = frozenset((0, 10, 13, 0xAD))
"""Codes that are read as a blank: none, line ends, the soft hyphen."""
_LINE_END_HYPHEN = 2
"""Code that pdfium returns for a hyphen at the end of a line."""
_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf0fc\u25cf\u25aa", "•")
"""Bullets of the fonts Symbol and Wingdings, which have no code of their own."""


def read_pdf(data: bytes, name: str) -> Document:
    """Read a PDF.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.

    Raises
    ------
    ReadError
        If it is encrypted, damaged, too long, or without text.
    """
    by_page, damaged, meaningless, has_all_fields = _read(data, name)
    empty = [number for number, runs in enumerate(by_page, 1) if not runs]
    if meaningless and len(empty) == len(by_page):
        raise ReadError(
            f"{name}: has fonts that do not say which letters they show, so that only people can read it; recognize its "
            "text first (ocrmypdf --force-ocr, say)"
        )
    if len(empty) == len(by_page):
        raise ReadError(f"{name}: has no text on its pages, as scans have none; recognize it first (ocrmypdf, say)")
    notes = [f"{_pages(damaged)} damaged and could not be read"] if damaged else []
    if meaningless:
        notes.append(
            f"{_pages(meaningless)} in fonts that do not say which letters they show; this text is missing here"
        )
    if scanned := [number for number in empty if number not in damaged and number not in meaningless]:
        notes.append(f"{_pages(scanned)} without text; scanned text is missing here")
    if not has_all_fields:
        notes.append(fields.NOTE)
    pieces, running = arrange_pages(by_page)
    text, blocks, links = build_text(pieces, name)
    if not text:
        raise ReadError(f"{name}: has only repeated headers and footers; is it a policy?")
    n_words = sum(len(run.text.split()) for runs in by_page for run in runs)
    n_dropped = sum(len(line.text.split()) for line in running)
    left_out = (("running titles and page numbers", n_dropped),) if n_dropped else ()
    return Document(name, text, blocks, "", "pdf", 1.0 - n_dropped / max(1, n_words), tuple(notes), left_out, links)


def _pages(numbers: list[int]) -> str:
    """Return page numbers as the subject of a sentence.

    >>> _pages([3]), _pages([3, 4])
    ('page 3 is', 'pages 3, 4 are')
    """
    shown = ", ".join(map(str, numbers[:MAX_PAGES_SHOWN])) + (", ..." if len(numbers) > MAX_PAGES_SHOWN else "")
    return f"page {shown} is" if len(numbers) == 1 else f"pages {shown} are"


def _read(data: bytes, name: str) -> tuple[list[list[Run]], list[int], list[int], bool]:
    """Read the pages of a file.

    Returns
    -------
    runs, damaged, meaningless, has_all_fields
        The runs of each page, the numbers of damaged pages, those of pages whose fonts give no letters, and whether the
        values of all form fields are among the runs.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        message = str(error).lower()
        is_encrypted = "password" in message or "security" in message
        problem = "is encrypted; save it without a password" if is_encrypted else "is damaged: not a valid PDF"
        raise ReadError(f"{name}: {problem}") from None
    if len(document) > MAX_PAGES:
        raise ReadError(f"{name}: has {len(document):,} pages; a policy has far fewer, split the file")
    by_page: list[list[Run]] = []
    damaged: list[int] = []
    meaningless: list[int] = []
    n_characters = n_runs = 0
    is_form = fields.has_fields(document)
    has_all_fields = True
    for number in range(len(document)):
        by_page.append([])
        try:
            page = document[number]
            if is_form:
                is_changed, is_complete = fields.draw_values(page)
                has_all_fields = has_all_fields and is_complete
                page = document[number] if is_changed else page
            text_page = page.get_textpage()
        except pypdfium2.PdfiumError:
            damaged.append(number + 1)
            continue
        n_characters += text_page.count_chars()
        if n_characters > MAX_CHARACTERS:
            raise ReadError(f"{name}: has over {MAX_CHARACTERS:,} characters; no policy has, split the file")
        if _is_meaningless(text_page):
            meaningless.append(number + 1)
            continue
        for run in _runs(text_page):
            by_page[-1].append(run)
            n_runs += 1
            if n_runs > MAX_RUNS:
                raise ReadError(f"{name}: has over {MAX_RUNS:,} pieces of text; no policy has, save its text alone")
    return by_page, damaged, meaningless, has_all_fields


def _is_meaningless(text_page: Any) -> bool:
    """Whether most characters of a page are in fonts that do not say which letters they show, and make no words.

    Such a font may number its characters as ASCII does: then the text makes sense all the same.
    """
    import pypdfium2.raw as pdfium

    n_characters = text_page.count_chars()
    n_asked = n_unknown = 0
    for index in range(0, n_characters, 1 + n_characters // MAX_SAMPLED_CHARACTERS):
        if pdfium.FPDFText_IsGenerated(text_page, index) != 1:
            n_asked += 1
            n_unknown += pdfium.FPDFText_HasUnicodeMapError(text_page, index) == 1
    if 2 * n_unknown <= n_asked:
        return False
    text = "".join(character for _, character in islice(_characters(text_page), MAX_JUDGED_CHARACTERS))
    words = text.lower().split()
    return sum(word in _COMMON_WORDS for word in words) < MIN_COMMON_WORD_SHARE * max(1, len(words))


def _runs(text_page: Any) -> Iterator[Run]:
    """Join the characters of a page to runs, in the order in which the file draws them."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    # the run so far: its characters and their box
    part: list[str] = []
    left = right = bottom = top = 0.0
    bold = False
    after_blank = False  # a blank was read, and is not in the run yet
    for index, character in _characters(text_page):
        if character.isspace():
            after_blank = True
            continue
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        height = box.top - box.bottom
        if not lines.MIN_HEIGHT_POINTS <= height <= lines.MAX_COORDINATE_POINTS:  # flat, infinite, or not a number
            height = _font_size(text_page, index)
            box.top = box.bottom + height
        begins_run = (
            not part
            or part[-1] == "•"  # it is often in another font, and higher
            or abs(box.bottom - bottom) > MAX_BASELINE_SHIFT_RATIO * height
            or box.left - right > MAX_RUN_GAP_RATIO * height
            or box.left < left - MAX_BACKWARD_RATIO * height
            or not MIN_HEIGHT_RATIO < height / max(lines.MIN_HEIGHT_POINTS, top - bottom) < MAX_HEIGHT_RATIO
        )
        if after_blank or begins_run:  # within a word the font is not looked up, which is slow
            is_bold = _is_bold(text_page, index)
            if begins_run or is_bold != bold:
                if part:
                    yield Run("".join(part), left, bottom, right, top, bold)
                part, left, bottom, top, bold = [], box.left, box.bottom, box.top, is_bold
            else:
                part.append(" ")
        part.append(character)
        right, after_blank = max(right, box.right) if len(part) > 1 else box.right, False
        bottom, top = min(bottom, box.bottom), max(top, box.top)
    if part:
        yield Run("".join(part), left, bottom, right, top, bold)


def _is_bold(text_page: Any, index: int) -> bool:
    """Whether the font of a character is bold by its weight or its name."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFText_GetFontWeight(text_page, index) >= MIN_BOLD_WEIGHT:
        return True
    font, flags = ctypes.create_string_buffer(_FONT_NAME_BYTES), ctypes.c_int()
    length = pdfium.FPDFText_GetFontInfo(text_page, index, font, _FONT_NAME_BYTES, flags)
    name = font.raw[: max(0, min(_FONT_NAME_BYTES, length) - 1)].decode("utf-8", "replace")
    return _BOLD_NAME.search(name) is not None


def _font_size(text_page: Any, index: int) -> float:
    """Return the size of a character by its font and its horizontal scale."""
    import pypdfium2.raw as pdfium

    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text_page, index, matrix)
    size: float = pdfium.FPDFText_GetFontSize(text_page, index) * hypot(matrix.a, matrix.b)
    return size if lines.MIN_HEIGHT_POINTS <= size <= MAX_SIZE_POINTS else DEFAULT_SIZE_POINTS


def _characters(text_page: Any) -> Iterator[tuple[int, str]]:
    """Return the characters of a page, each with its index; invalid ones as U+FFFD, line ends as blanks."""
    import pypdfium2.raw as pdfium

    high = 0  # the first half of a surrogate pair
    for index in range(text_page.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if 0xD800 <= code < 0xDC00:
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
        high = 0
        if code in _BLANKS:
            yield index, " "
        else:
            character = "-" if code == _LINE_END_HYPHEN else chr(code) if code < 0x110000 else "\ufffd"
            yield index, _BULLETS.get(character, character)
