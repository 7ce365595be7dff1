"""A PDF becomes the text of its policy: `pages` puts what stands on its pages in the order in which people read it.

A PDF knows characters and their places, nothing of words, lines or paragraphs. Here they are read off by pdfium (BSD, by
pypdfium2) and put together to runs: characters on one line, set alike, with no wide gap between.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any

from classifier.errors import ReadError
from classifier.readers import pages
from classifier.readers.layout import lay_out
from classifier.readers.pages import Run
from classifier.types import Document

MAX_PAGES, MAX_CHARACTERS = 2000, 5_000_000
HEAVY = 600
"""From this weight on a font is bold."""
GAP = 1.2
"""Characters are one run up to a gap of so many times their height."""
_BOLD_NAME = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)


def read(data: bytes, name: str) -> Document:
    """Read a PDF.

    Raises
    ------
    ReadError
        If it is encrypted, damaged, too long, without text, or pypdfium2 is not installed.
    """
    try:
        import pypdfium2
    except ImportError:
        raise ReadError(f"{name}: PDF files need a package more: pip install 'policy-clauses[pdf]'") from None
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        what = "is encrypted; save it without a password" if "assword" in str(error) else "is damaged: not a sound PDF"
        raise ReadError(f"{name}: {what}") from None
    try:
        if len(document) > MAX_PAGES:
            raise ReadError(f"{name}: has {len(document):,} pages; a policy has far fewer, split the file")
        found, lost, left = [], [], MAX_CHARACTERS
        for number in range(len(document)):
            try:
                runs = list(_runs(document[number]))
            except pypdfium2.PdfiumError:
                runs = []
                lost.append(number + 1)
            left -= sum(len(run.text) for run in runs)
            if left < 0:
                raise ReadError(
                    f"{name}: has more than {MAX_CHARACTERS:,} characters; a policy has far fewer, split the file"
                )
            found.append(runs)
    finally:
        document.close()
    empty = [number for number, runs in enumerate(found, 1) if not runs]
    if len(empty) == len(found):
        raise ReadError(f"{name}: has no text on its pages, as scans have none; recognise it first (ocrmypdf, say)")
    notes = [f"{_pages(lost)} damaged and could not be read"] if lost else []
    if scanned := [number for number in empty if number not in lost]:
        notes.append(f"{_pages(scanned)} without text; what is scanned there is missing here")
    text, blocks = lay_out(pages.pieces(found))
    return Document(name, text, blocks, "", "pdf", notes=tuple(notes))


def _pages(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")
    return f"page {shown} is" if len(numbers) == 1 else f"pages {shown} are"


# --- characters to runs ------------------------------------------------------------------------------------------------


def _runs(page: Any) -> Iterator[Run]:
    """Give the runs of a page, in the order in which they were written into the file."""
    import pypdfium2.raw as pdfium

    text_page = page.get_textpage()
    box = pdfium.FS_RECTF()
    flags = ctypes.c_int()
    font = ctypes.create_string_buffer(200)
    part: list[str] = []
    left = right = bottom = top = 0.0
    bold = False
    blank = False  # a blank was read and not yet written
    try:
        for index in range(text_page.count_chars()):
            code = pdfium.FPDFText_GetUnicode(text_page, index)
            if code in _BREAKS or code == 0:
                blank = True
                continue
            character = "-" if code == _HYPHEN else chr(code) if code < 0x110000 else "\ufffd"
            if character.isspace():
                blank = True
                continue
            pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
            height = max(box.top - box.bottom, 0.1)
            apart = (
                not part
                or part[-1] == "•"  # it is often of another font, and higher
                or abs(box.bottom - bottom) > 0.5 * height
                or box.left - right > GAP * height
                or box.left < left - 0.5 * height
                or not 0.67 < height / max(0.1, top - bottom) < 1.5
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
            part.append(_BULLETS.get(character, character))
            right, blank = max(right, box.right) if len(part) > 1 else box.right, False
            bottom, top = min(bottom, box.bottom), max(top, box.top)
        if part:
            yield Run("".join(part), left, bottom, right, top, bold)
    finally:
        text_page.close()


_BREAKS = frozenset((10, 13, 0xAD))
_HYPHEN = 2
"""What pdfium gives for a hyphen at the end of a line."""
# bullets of the fonts Symbol and Wingdings, which have no code of their own
_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf0d8\uf076\uf0fc\u25cf\u25aa", "•")
