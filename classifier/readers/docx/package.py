"""Unpack parts of a Word file, a ZIP archive by the Open Packaging Conventions, within limits of size.

Only requested parts are unpacked, each once. Their bytes are counted while they are unpacked, since the sizes in the
directory of the archive may be wrong. Pictures and other parts are never unpacked.
"""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from classifier.errors import ReadError

MAX_PARTS = 5000
"""Files in the archive."""
MAX_UNPACKED_BYTES = 128 * 2**20
"""Bytes of all files in the archive together, pictures included, as its directory states them."""
MAX_XML_BYTES = 16 * 2**20
"""Bytes of all parts that are read, together, counted while they are unpacked."""
MAX_XML_TAGS = 1_500_000
"""Tags of all parts that are read, together: an element takes up to 250 bytes of memory, however short its tag is."""
_DIRECTORY_ENTRY = b"PK\x01\x02"
_CONTENT_TYPES = "[Content_Types].xml"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_STRICT_NAMESPACE = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_NAMESPACE = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
"""Of the elements of Word, in a file saved as "Strict Open XML", and in all others."""
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, KeyError, RuntimeError)
"""Raised by zipfile for a damaged or encrypted archive; RuntimeError is for a password or an unknown method."""
_Result = TypeVar("_Result")


class Package:
    """Reads the parts of one file.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages.

    Raises
    ------
    ReadError
        If the archive is damaged, or too large for a policy; the methods raise it too.
    """

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        self._roots: dict[str, Any] = {}
        self._types: dict[str, str] = {}  # media types by name of a part, and by suffix
        self._bytes_left, self._tags_left = MAX_XML_BYTES, MAX_XML_TAGS
        # count the entries before zipfile makes an object of each
        if (entries := data.count(_DIRECTORY_ENTRY)) > MAX_PARTS:
            raise ReadError(f"{name}: holds {entries:,} files, far more than a Word file does; save its text alone")
        self._archive = self._unzip(lambda: zipfile.ZipFile(io.BytesIO(data)))
        parts = self._archive.infolist()
        size = sum(part.file_size for part in parts)
        if size > MAX_UNPACKED_BYTES:
            raise ReadError(
                f"{name}: would unpack to {size / 2**20:,.0f} MiB in {len(parts):,} parts, as no policy does; "
                "save its text alone"
            )

    def related(self, part: str, *kinds: str) -> list[str]:
        """Return the names of the parts that a part refers to, in order and without duplicates; external ones are left out.

        Parameters
        ----------
        part
            Name of the part that refers; "" for the whole package.
        kinds
            Ends of the types of relationships, such as "/header".
        """
        return list(dict.fromkeys(name for _, name in self._relations(part, kinds)))

    def related_by_id(self, part: str, *kinds: str) -> dict[str, str]:
        """Return the names of the parts that a part refers to, by the ids of the relations; arguments as in `related`."""
        return dict(self._relations(part, kinds))

    def _relations(self, part: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        folder, file = posixpath.split(part)
        relations = posixpath.join(folder, "_rels", f"{file}.rels")
        if relations not in self._archive.NameToInfo:
            return
        for relation in self.root(relations).iterchildren(_RELATIONSHIP):
            if relation.get("TargetMode") != "External" and relation.get("Type", "").endswith(kinds):
                target = posixpath.join("/", folder, relation.get("Target", ""))
                yield relation.get("Id", ""), posixpath.normpath(target).lstrip("/")

    def content(self, part: str) -> bytes:
        """Return the bytes of a part, counted with those of the others; none if there is no such part."""
        if part not in self._archive.NameToInfo:
            return b""
        data = self._unzip(lambda: self._unpacked(part))
        self._count(len(data), 0)
        return data

    def content_type(self, part: str) -> str:
        """Return the media type of a part in lower case, "" if none is declared."""
        if _CONTENT_TYPES not in self._archive.NameToInfo:
            return ""
        if not self._types:
            for entry in self.root(_CONTENT_TYPES).iterchildren("*"):
                key = entry.get("PartName") or f".{entry.get('Extension', '')}"
                self._types[key.lower()] = entry.get("ContentType", "").lower()
        by_suffix = self._types.get(posixpath.splitext(part)[1].lower(), "")
        return self._types.get(f"/{part}".lower(), by_suffix)

    def root(self, part: str) -> Any:
        """Return the root element of a part; it is parsed once."""
        if part not in self._roots:
            xml = self._unzip(lambda: self._unpacked(part))
            self._count(len(xml), xml.count(b"<"))
            self._roots[part] = self._parsed(xml.replace(_STRICT_NAMESPACE, _NAMESPACE))
        return self._roots[part]

    def _count(self, n_bytes: int, n_tags: int) -> None:
        self._bytes_left -= n_bytes
        self._tags_left -= n_tags
        if self._bytes_left < 0 or self._tags_left < 0:
            raise ReadError(
                f"{self._name}: holds more than {MAX_XML_BYTES // 2**20} MiB or {MAX_XML_TAGS:,} tags of XML, "
                "as no policy does; save its text alone"
            )

    def damaged(self) -> ReadError:
        """Return the error for a file that cannot be read."""
        return ReadError(f"{self._name}: is damaged, encrypted or not a Word file: its parts cannot be read")

    def _parsed(self, xml: bytes) -> Any:
        from docx.oxml import parse_xml  # which does not expand entities

        try:
            root = parse_xml(xml)
        except SyntaxError:  # also the one of lxml
            raise self.damaged() from None
        if root.getroottree().docinfo.internalDTD is not None:  # forbidden by the standard; it may define entities
            raise self.damaged()
        return root

    def _unpacked(self, part: str) -> bytes:
        entry = self._archive.getinfo(part)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others are unpacked without a limit
            raise zipfile.BadZipFile("a method of compression that Word files do not use")
        with self._archive.open(entry) as file:
            return file.read(self._bytes_left + 1)

    def _unzip(self, action: Callable[[], _Result]) -> _Result:
        try:
            return action()
        except _ZIP_ERRORS:
            raise self.damaged() from None
