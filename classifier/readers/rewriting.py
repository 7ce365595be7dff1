"""Write the readable text of a source whose markup would hide it, and remember the line that each part comes from.

A text file is its own text: offsets count in the file. Where markup is not light enough for that (HTML in Markdown,
reStructuredText) the reader writes Markdown without it, and the place of a block is its line in the source. What the
reader knows to be a block, such as a row of a table, stays one; the rest is cut as a text file is (`readers.plaintext`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from classifier.errors import ReadError
from classifier.readers.checks import check_blocks
from classifier.readers.plaintext import limited_blocks
from classifier.text.markup import BREAK
from classifier.types import Block, BlockKind, Document, Format

WRAPPED, LINE, PARAGRAPH = 1, 2, 3
"""Breaks: within a paragraph, between lines, between paragraphs."""
_BREAKS = ("", "  \n", "\n", "\n\n")


class Rewriter:
    """Collects the text of a document.

    Parameters
    ----------
    source
        The decoded file.

    Attributes
    ----------
    indent
        Blanks before the text after a break, as in a list item.
    notes
        Keys are remarks on how the source was read, one sentence each.
    """

    def __init__(self, source: str) -> None:
        self.indent = ""
        self.notes: dict[str, None] = {}
        self._source = source
        self._parts: list[str] = []
        self._length = 0
        self._origins: list[tuple[int, int]] = []  # offset in the text, offset in the source
        self._known: list[Block] = []
        self._closed: list[tuple[int, str]] = []  # offset in the text, style of the heading that ends there
        self._break = 0
        self._mark: tuple[str, int] | None = None
        self._line = ""  # the first character of the line
        self._is_glued = False

    @property
    def is_in_row(self) -> bool:
        """Whether the line so far is a row of a Markdown table, which must stay one line."""
        return self._line == "|" and not self._break

    def add(self, text: str, at: int) -> None:
        """Write a text that is at this offset of the source; white space after a break is left out."""
        if self._break or self._is_glued:
            content = text.lstrip()
            n_blank = len(text) - len(content)
            if self._break and text.count("\n", 0, n_blank) > 1:
                self._break = PARAGRAPH
            text, at = content, at + n_blank
        if not text:
            return
        self._is_glued = False
        if self._break:
            self._write_break()
        self._write(text, at)

    def add_block(self, kind: BlockKind, text: str, at: int, level: int = 0, style: str = "") -> None:
        """Write a text that is a block by itself."""
        text = text.strip()
        if not text:
            return
        self.break_line(PARAGRAPH)
        self.add(text, at)
        self._known.append(Block(kind, self._length - len(text), self._length, level, style))
        self.break_line(PARAGRAPH)

    def break_line(self, kind: int) -> None:
        """Break the line before the next text; of several breaks the strongest counts, and two within a paragraph end it."""
        if self._mark is None:  # the first paragraph of an item stays behind its mark
            self._break = PARAGRAPH if kind == self._break == WRAPPED else max(kind, self._break)

    def add_mark(self, mark: str, at: int) -> None:
        """Write a mark before the next text, on a line of its own."""
        self.break_line(LINE)
        self._mark = mark, at

    def drop_mark(self) -> None:
        """Forget a mark that no text followed."""
        self._mark = None

    def open(self, mark: str, at: int) -> None:
        """Write a mark that no white space may follow, such as that of bold words."""
        self.add(mark, at)
        self._is_glued = True

    def close(self, mark: str, at: int) -> None:
        """Write a mark that no white space may precede; the space goes behind it."""
        self._is_glued = False
        had_space = self._strip()
        self._write(mark, at)
        if had_space and not self._break:
            self._write(" ", at)

    def end_section(self, style: str) -> None:
        """End the section of the open heading of this style here; "" is none."""
        if style:
            self._closed.append((self._length, style))

    def to_document(self, name: str, encoding: str, format: Format) -> Document:
        """Return the document; raise `ReadError` if it has no text, or more than a policy could have."""
        self._strip()
        text = "".join(self._parts)
        if not text:
            raise ReadError(f"{name}: has no text in it, only markup")
        found = limited_blocks(text, name, self._known)
        line_starts = [end.end() for end in BREAK.finditer(self._source)]
        blocks = [block._replace(place=f"line {self._line_of(block.start, line_starts)}") for block in found]
        starts = [block.start for block in blocks]
        for offset, style in self._closed:
            at = bisect_left(starts, offset)
            if at < len(blocks) and blocks[at].kind != "heading":
                blocks[at] = blocks[at]._replace(closes=style)
        check_blocks(text, blocks, name)
        return Document(name, text, tuple(blocks), encoding, format, notes=tuple(self.notes))

    def _line_of(self, offset: int, line_starts: list[int]) -> int:
        origin, source = self._origins[bisect_right(self._origins, (offset, len(self._source))) - 1]
        return bisect_right(line_starts, source + offset - origin) + 1

    def _write(self, text: str, at: int) -> None:
        self._origins.append((self._length, at))
        self._parts.append(text)
        self._length += len(text)
        line = text.rfind("\n") + 1
        if line or not self._line:
            self._line = text[line:].lstrip()[:1]

    def _write_break(self) -> None:
        if self._strip() or self._length:
            self._parts.append(_BREAKS[self._break])
            self._length += len(_BREAKS[self._break])
        self._break, self._line = 0, ""
        if self._mark is not None:
            self._write(*self._mark)
            self._mark = None
        elif self.indent:
            self._parts.append(self.indent)
            self._length += len(self.indent)

    def _strip(self) -> bool:
        """Take the white space off the end of the text; return whether there was any."""
        had_space = False
        while self._parts and self._parts[-1][-1:].isspace():
            part = self._parts.pop()
            kept = part.rstrip()
            self._length -= len(part) - len(kept)
            if kept:
                self._parts.append(kept)
            had_space = True
        while self._origins and self._origins[-1][0] >= self._length:
            self._origins.pop()
        return had_space
