"""Look up what a paragraph or a run of a Word file inherits from its styles: rank, numbering, bold, hidden.

A style is read once, and what it inherits is worked out once. Properties that are switched on and off (bold, hidden) follow
the standard: set on a run they count as they are; set in the styles of the paragraph and of the characters they cancel each
other. Formats of tables and of their parts are not looked up.

References
----------
ISO/IEC 29500-1, 17.7.3 (toggle properties).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from classifier.readers.docx.package import Package

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NO_NUMBERING = ("0", 0)
"""Declares that a paragraph is no item, though its style numbers paragraphs."""
MAX_BASE_STYLES = 20
"""Styles that a style is based on, one on the other, in which its properties are looked for."""
MAX_RANK = 6
"""Lowest rank of a heading."""
_HEADING = re.compile(r"(?:heading|überschrift|titre) ?(\d)", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:toc (?:\d|heading)|table of figures|contents (?:\d|heading))", re.IGNORECASE)
"""Names of the styles of a table of contents, in Word and in LibreOffice."""
_OFF = ("0", "false", "off", "none")
"""Values of a property that is switched off."""


class _Style(NamedTuple):
    """The properties of a style that are used here, read once per style."""

    name: str
    based_on: str | None
    rank: int
    numbering: tuple[str, int] | None
    bold: bool | None
    hidden: bool | None


class Inherited(NamedTuple):
    """The properties that a paragraph or a run inherits from its style and its base styles.

    Attributes
    ----------
    style
        Id of the style.
    rank
        Rank of a heading, 0 for none.
    numbering
        Id of the numbering and level, None if no style numbers it.
    is_contents
        Whether it is an entry of a table of contents, or its title.
    bold, hidden
        Whether its characters are.
    """

    style: str = ""
    rank: int = 0
    numbering: tuple[str, int] | None = None
    is_contents: bool = False
    bold: bool = False
    hidden: bool = False


class Look(NamedTuple):
    """How the characters of a run look."""

    bold: bool
    hidden: bool


class Styles:
    """The styles of a file.

    Parameters
    ----------
    package
        The file.
    main
        Name of its main part.
    """

    def __init__(self, package: Package, main: str) -> None:
        self._styles: dict[str | None, _Style] = {}
        self._default = ""
        for element in _elements(package, main):
            style_id = element.get(W + "styleId")
            self._styles[style_id] = _style(element)
            if element.get(W + "type") == "paragraph" and element.get(W + "default", "0") not in _OFF:
                self._default = style_id or ""
        self._inherited: dict[str, Inherited] = {}

    def of_paragraph(self, paragraph: Any) -> Inherited:
        """Return the properties that a paragraph inherits from its style, or from the one of all paragraphs."""
        reference = paragraph.find(f"{W}pPr/{W}pStyle")
        return self._inherit(reference.get(W + "val", "") if reference is not None else self._default)

    def look(self, run: Any, paragraph: Inherited) -> Look:
        """Return how the characters of a run look.

        Parameters
        ----------
        run
            The element that holds them.
        paragraph
            What its paragraph inherits.
        """
        properties = run.find(W + "rPr")
        if properties is None:
            return Look(paragraph.bold, paragraph.hidden)
        reference = properties.find(W + "rStyle")
        style = self._inherit(reference.get(W + "val", "")) if reference is not None else Inherited()
        bold, hidden = toggle(properties, "b"), toggle(properties, "vanish")
        return Look(
            paragraph.bold != style.bold if bold is None else bold,
            paragraph.hidden != style.hidden if hidden is None else hidden,
        )

    def _inherit(self, style_id: str) -> Inherited:
        if style_id not in self._inherited:
            lineage: list[_Style] = []
            style = self._styles.get(style_id)
            while style is not None and len(lineage) < MAX_BASE_STYLES:
                lineage.append(style)
                style = self._styles.get(style.based_on) if style.based_on is not None else None
            numbering = next((style.numbering for style in lineage if style.numbering is not None), None)
            if numbering is None and any(style.name.lower().startswith("list bullet") for style in lineage):
                numbering = ("bullet", 0)
            self._inherited[style_id] = Inherited(
                style_id,
                next((style.rank for style in lineage if style.rank), 0),
                numbering,
                any(_CONTENTS.match(style.name) for style in lineage),
                next((style.bold for style in lineage if style.bold is not None), False),
                next((style.hidden for style in lineage if style.hidden is not None), False),
            )
        return self._inherited[style_id]


def _elements(package: Package, main: str) -> Iterator[Any]:
    """Return the style elements of a file; those of python-docx if it has none."""
    from docx.opc.package import OpcPackage
    from docx.parts.styles import StylesPart

    parts = package.related(main, "/styles")[:1]
    root = package.root(parts[0]) if parts else StylesPart.default(OpcPackage()).element
    return iter(root.iter(W + "style"))


def _style(element: Any) -> _Style:
    name_element = element.find(W + "name")
    name = name_element.get(W + "val", "") if name_element is not None else ""
    if heading := _HEADING.match(name):
        rank = min(MAX_RANK, 1 + max(1, int(heading[1])))  # the title is above all others
    else:
        rank = 1 if name.lower() == "title" else outlined(element)
    based = element.find(W + "basedOn")
    properties = element.find(W + "rPr")
    bold, hidden = (None, None) if properties is None else (toggle(properties, "b"), toggle(properties, "vanish"))
    base = based.get(W + "val", "") if based is not None else None
    numbering, level = own_numbering(element) or (None, None)
    return _Style(name, base, rank, None if numbering is None else (numbering, level or 0), bold, hidden)


def toggle(properties: Any, name: str) -> bool | None:
    """Return whether a property is switched on, None if nothing is said."""
    element = properties.find(W + name)
    return None if element is None else element.get(W + "val", "1") not in _OFF


def outlined(holder: Any) -> int:
    """Return the rank of a paragraph or a style by its outline level, 0 if it has none."""
    level = holder.find(f"{W}pPr/{W}outlineLvl")
    value = level.get(W + "val", "9") if level is not None else "9"
    # the title is above all others
    return min(MAX_RANK, int(value) + 2) if value.isdecimal() and len(value) < 3 and int(value) < 9 else 0


def own_numbering(holder: Any) -> tuple[str | None, int | None] | None:
    """Return the numbering and the level that a paragraph or a style refers to, each None if it is not said."""
    properties = holder.find(f"{W}pPr/{W}numPr")
    if properties is None:
        return None
    reference, level = properties.find(W + "numId"), properties.find(W + "ilvl")
    depth = level.get(W + "val", "0") if level is not None else None
    return (
        reference.get(W + "val", "0") if reference is not None else None,
        depth if depth is None else int(depth) if depth.isdecimal() and len(depth) < 3 else 0,
    )
