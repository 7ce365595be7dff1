"""Read the files that a Word file shows in its text (`w:altChunk`): pages, texts, saved pages, other Word files.

Programs that make Word files of web pages store the page as it is, and Word converts it when it opens the file. Here the
reader of its format reads it, and its blocks become pieces of the Word file.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from classifier.errors import InternalReadError, ReadError
from classifier.readers.document import Piece
from classifier.readers.docx.package import Package
from classifier.types import Document, Link

MAX_FILES = 50
"""Embedded files that are read; each takes some milliseconds at least."""
MAX_DEPTH = 1
"""Word files in each other that are read."""
_FORMATS = ("html", "mhtml", "text", "markdown", "docx")


class EmbeddedFiles:
    """The embedded files of a Word file; each is read once, at its first place.

    Parameters
    ----------
    package, main
        The Word file, and the name of its main part.
    name
        Name of the Word file in messages.
    depth
        Number of Word files that it is embedded in.

    Attributes
    ----------
    has_unread
        Whether one was not read.
    """

    def __init__(self, package: Package, main: str, name: str, depth: int) -> None:
        self._package = package
        self._name = name
        self._depth = depth
        self._parts = package.related_by_id(main, "/aFChunk")
        self._read: set[str] = set()
        self.has_unread = False

    def pieces(self, relation: str) -> Iterator[Piece]:
        """Yield the pieces of the file that a relation leads to; none if it is not read."""
        part = self._parts.get(relation, "") if relation else ""
        if part in self._read:
            return
        self._read.add(part)
        document = self._document(part) if len(self._read) <= MAX_FILES else None
        if document is None:
            self.has_unread = True
            return
        links = iter(document.links)
        link = next(links, None)
        for block in document.blocks:
            inside: list[Link] = []
            while link is not None and link.start < block.end:
                inside.append(Link(link.start - block.start, link.end - block.start, link.address))
                link = next(links, None)
            yield Piece(
                document.text[block.start : block.end],
                block.kind,
                block.level,
                block.style,
                is_links=block.kind == "navigation",
                place=f"embedded file {len(self._read)}",
                closes=block.closes,
                links=tuple(inside),
            )

    def _document(self, part: str) -> Document | None:
        """Return an embedded file as it is read; None if it is missing, outside of the package, or of another format."""
        from classifier.readers.docx.reader import read_docx
        from classifier.readers.formats import MEDIA_TYPES, ReadOptions, find_reader
        from classifier.readers.registry import read_as

        data = self._package.content(part)
        kind = self._package.content_type(part)
        suffix = MEDIA_TYPES.get(kind) or posixpath.splitext(part)[1].lower()
        if suffix == ".eml":  # what is embedded as a message is a page with its pictures
            suffix = ".mht"
        try:
            format = find_reader(data, self._name, suffix).name if data else ""
            if format not in _FORMATS or (format == "docx" and self._depth >= MAX_DEPTH):
                return None
            if format == "docx":
                return read_docx(data, self._name, self._depth + 1)
            return read_as(format, data, self._name, ReadOptions(keep_all=True))[0]  # Word leaves nothing out
        except InternalReadError:
            raise
        except ReadError:
            return None
