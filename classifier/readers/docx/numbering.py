"""Count the numbered paragraphs of a Word file, and write their numbers as Word shows them: "4.", "4.2", "(a)".

A file defines numberings, which share the counts of the definition that they refer to; a numbering may start some levels anew
when it is first used. Word stores none of the numbers themselves.

References
----------
ISO/IEC 29500-1, 17.9 (numbering).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any, NamedTuple

from classifier.readers.document import format_list_number
from classifier.readers.docx.package import Package
from classifier.readers.docx.styles import NO_NUMBERING, W, toggle

MAX_LEVELS = 9
"""Levels of a numbering; items of deeper levels have bullets."""
MAX_MARK_CHARACTERS = 40
"""Characters of the text around the number of a level; a longer one is not shown."""
_MAX_START_DIGITS = 6
"""Digits of the number that a level starts with."""
_REFERENCE = re.compile(r"%([1-9])")
_KINDS = {"lowerLetter": "a", "upperLetter": "A", "lowerRoman": "i", "upperRoman": "I"}
"""Kinds of numbers, as `format_list_number` calls them, by their names in Word; all others are digits."""
BULLET = "•"


class _Level(NamedTuple):
    """A level of a numbering: its first number, and how the numbers are written and restarted."""

    start: int = 1
    kind: str = "bullet"
    text: str | None = None
    style: str | None = None
    restarts_after: int | None = None
    in_digits: bool = False


class _Definition(NamedTuple):
    """A numbering: the id of the definition whose counts it shares, its levels, and the numbers that it starts anew with."""

    counts: str
    levels: dict[int, _Level]
    starts: dict[int, int]


_NO_DEFINITION = _Definition("", {}, {})


class Numberings:
    """The numberings of a file, and the numbers reached so far.

    Parameters
    ----------
    package
        The file.
    main
        Name of its main part.
    """

    def __init__(self, package: Package, main: str) -> None:
        parts = package.related(main, "/numbering")[:1]
        self._definitions = _definitions(package.root(parts[0])) if parts else {}
        self._level_of_style = {
            (numbering, level.style): depth
            for numbering, definition in self._definitions.items()
            for depth, level in definition.levels.items()
            if level.style is not None
        }
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._used: set[tuple[str, int]] = set()

    def resolve(
        self, own: tuple[str | None, int | None] | None, inherited: tuple[str, int] | None, style: str
    ) -> tuple[str, int] | None:
        """Return the numbering and the level of a paragraph, None if it is not numbered.

        Parameters
        ----------
        own
            The numbering and the level that it refers to itself, each None if it is left to its style.
        inherited
            Those of its style.
        style
            Id of its style: a level may be the one of a style.
        """
        numbering, level = own or (None, None)
        if numbering is None:
            if inherited is None:
                return None
            numbering = inherited[0]
            if level is None:
                level = self._level_of_style.get((numbering, style), inherited[1])
        return None if numbering == NO_NUMBERING[0] else (numbering, level or 0)

    def next_mark(self, numbering: str, level: int) -> str:
        """Count a paragraph, and return its bullet or its number; "" if Word shows none."""
        definition = self._definitions.get(numbering, _NO_DEFINITION)
        shape = definition.levels.get(level, _Level())
        if shape.kind == "bullet" or level >= MAX_LEVELS:
            return BULLET
        counts = self._counts[definition.counts]
        for depth in [depth for depth in counts if depth > level]:
            after = definition.levels.get(depth, _Level()).restarts_after
            if after is None or level < after:
                del counts[depth]
        if level in definition.starts and (numbering, level) not in self._used:
            counts[level] = definition.starts[level]
        else:
            counts[level] = counts[level] + 1 if level in counts else shape.start
        self._used.add((numbering, level))
        return self._written(definition.levels, shape, counts, level)

    @staticmethod
    def _written(levels: dict[int, _Level], shape: _Level, counts: dict[int, int], level: int) -> str:
        """Return a number with those of the levels above it, as the text of its level wants them."""

        def number(depth: int) -> str:
            other = levels.get(depth, _Level())
            value = counts.get(depth, other.start)
            return str(value) if shape.in_digits and other.kind != "none" else _write(value, other.kind)

        if shape.text is None:
            return f"{number(level)}." if shape.kind != "none" else ""
        if len(shape.text) > MAX_MARK_CHARACTERS:
            return f"{number(level)}."
        text = _REFERENCE.sub(lambda match: number(int(match[1]) - 1) if int(match[1]) <= level + 1 else "", shape.text)
        return " ".join(text.split())


def _write(value: int, kind: str) -> str:
    """Write a number in one of the kinds of Word.

    >>> _write(4, "decimal"), _write(4, "decimalZero"), _write(28, "lowerLetter"), _write(44, "upperRoman")
    ('4', '04', 'bb', 'XLIV')
    """
    if kind == "none":
        return ""
    if kind == "decimalZero":
        return f"{value:02}"
    if kind in ("lowerLetter", "upperLetter") and 26 < value <= 26 * 4:  # aa, bb, ...
        return format_list_number((value - 1) % 26 + 1, _KINDS[kind]) * ((value - 1) // 26 + 1)
    if kind in ("lowerRoman", "upperRoman") and 39 < value < 400:
        tens = ("", "x", "xx", "xxx", "xl", "l", "lx", "lxx", "lxxx", "xc")[value // 10 % 10]
        roman = "c" * (value // 100) + tens + (format_list_number(value % 10, "i") if value % 10 else "")
        return roman if kind == "lowerRoman" else roman.upper()
    return format_list_number(value, _KINDS.get(kind, "1"))


def _definitions(root: Any) -> dict[str, _Definition]:
    """Return the numberings of a file by their ids."""
    levels: dict[str, dict[int, _Level]] = {}
    linked: dict[str, str] = {}  # the definition that each numbering style stands for
    links: dict[str, str] = {}  # the numbering style that a definition is taken from
    for entry in root.iter(W + "abstractNum"):
        entry_id = entry.get(W + "abstractNumId", "")
        levels[entry_id] = _levels(entry)
        if (style := _value(entry, "styleLink")) is not None:
            linked.setdefault(style, entry_id)
        if (style := _value(entry, "numStyleLink")) is not None:
            links[entry_id] = style
    definitions: dict[str, _Definition] = {}
    for entry in root.iter(W + "num"):
        target = _value(entry, "abstractNumId") or ""
        if target in links and not levels[target]:
            target = linked.get(links[target], target)
        if target in levels:
            starts: dict[int, int] = {}
            changed: dict[int, _Level] = {}
            for override in entry.iterchildren(W + "lvlOverride"):
                depth = _number(override.get(W + "ilvl"), -1)
                if (start := _value(override, "startOverride")) is not None:
                    starts[depth] = _number(start, 1)
                changed.update((depth, level) for level in _levels(override).values())
            own = {**levels[target], **changed} if changed else levels[target]
            definitions[entry.get(W + "numId", "")] = _Definition(target, own, starts)
    return definitions


def _levels(holder: Any) -> dict[int, _Level]:
    levels: dict[int, _Level] = {}
    for element in holder.iterchildren(W + "lvl"):
        depth = _number(element.get(W + "ilvl"), -1)
        if depth in levels or (kind := _value(element, "numFmt")) is None:
            continue
        restart = _value(element, "lvlRestart")
        levels[depth] = _Level(
            _number(_value(element, "start"), 1),
            kind,
            _value(element, "lvlText"),
            _value(element, "pStyle"),
            _number(restart, 0) if restart is not None else None,
            toggle(element, "isLgl") or False,
        )
    return levels


def _value(holder: Any, name: str) -> str | None:
    element = holder.find(W + name)
    value: str | None = None if element is None else element.get(W + "val")
    return value


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdecimal() and len(value) <= _MAX_START_DIGITS else default
