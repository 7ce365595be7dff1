"""A taxonomy file, checked, as the ordered categories that fix the order of every column.

The file is TOML so that anyone can replace it: data/taxonomy.toml explains its fields. Nothing else in the package
knows the names or the number of the categories.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from classifier.errors import TaxonomyError

SCHEMA_VERSION = 1
_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
RESERVED = frozenset(
    "clause context end heading headings id kind label labels model name none policy score scores start text".split()
)
_REQUIRED = ("id", "title", "definition", "colour")


@dataclass(frozen=True, slots=True)
class Category:
    """One entry of the taxonomy; the fields are those of the file."""

    id: str
    title: str
    definition: str
    colour: str
    counts: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    opp115: tuple[str, ...] = ()
    gdpr: tuple[str, ...] = ()
    ccpa: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The categories in column order.

    >>> taxonomy = Taxonomy((Category("use", "Use", "What data is for.", "#66CCEE"),))
    >>> taxonomy.ids
    ('use',)
    >>> taxonomy.sort({"use"})
    ('use',)
    """

    categories: tuple[Category, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the categories, in column order."""
        return tuple(category.id for category in self.categories)

    def __iter__(self) -> Iterator[Category]:
        return iter(self.categories)

    def __len__(self) -> int:
        return len(self.categories)

    def sort(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Put `labels` in column order, each once."""
        if isinstance(labels, str):
            raise TypeError("expected labels, not one string; put it in a list")
        given = set(labels)
        return tuple(id for id in self.ids if id in given)


def load(path: str | Path) -> Taxonomy:
    """Read and check a taxonomy file.

    Parameters
    ----------
    path
        A TOML file laid out as data/taxonomy.toml.

    Raises
    ------
    TaxonomyError
        If the file cannot be read or breaks a rule; the message lists every broken rule with its line.
    """
    path = Path(path)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyError(
            f"{path}: the taxonomy cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from None
    return parse(source, str(path))


def parse(source: str, name: str = "taxonomy") -> Taxonomy:
    """Check the text of a taxonomy file; `name` is what messages call it. Raises `TaxonomyError`."""
    import tomllib  # a model brings its taxonomy along as JSON

    try:
        content = tomllib.loads(source)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError
        raise TaxonomyError(f"{name}: not valid TOML: {error}") from None
    problems = [f"{name}:{line}: {what}" for line, what in sorted(_problems(content, _Lines(source)))]
    if problems:
        raise TaxonomyError("\n".join(problems))
    return Taxonomy(tuple(_category(table) for table in content["category"]))


def from_tables(tables: Sequence[Mapping[str, Any]]) -> Taxonomy:
    """Make a taxonomy of its categories as plain data, as a model carries them. Raises `TaxonomyError`."""
    content = {"schema_version": SCHEMA_VERSION, "category": tables}
    problems = sorted({what for _, what in _problems(content, _Lines(""))})
    if problems:
        raise TaxonomyError("; ".join(problems))
    return Taxonomy(tuple(_category(table) for table in tables))


def _category(table: Mapping[str, Any]) -> Category:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    return Category(**values)


class _Lines:
    """Finds the line of a key, which `tomllib` does not tell."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines()
        self.tables = [i for i, line in enumerate(self.lines, 1) if re.match(r"\s*\[\[\s*category\s*\]\]", line)]

    def of(self, table: int | None, key: str = "") -> int:
        """Line of `key` in the table of that number (from 0; None is the top), or where the table begins."""
        starts = [0, *self.tables, len(self.lines) + 1]
        at = 0 if table is None else table + 1
        if at + 1 >= len(starts):  # categories written in a way the scan does not know, such as inline tables
            return 1
        first, last = starts[at], starts[at + 1]
        for number in range(max(first, 1), last):
            if key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", self.lines[number - 1]):
                return number
        return max(first, 1)


def _problems(content: dict[str, Any], lines: _Lines) -> Iterator[tuple[int, str]]:
    if content.get("schema_version") != SCHEMA_VERSION:
        yield lines.of(None, "schema_version"), f"schema_version must be {SCHEMA_VERSION}"
    for key in content.keys() - {"schema_version", "category"}:
        yield lines.of(None, key), f"unknown key {key!r}"
    tables = content.get("category")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        yield 1, "there must be at least one [[category]]"
        return
    known = {field.name for field in fields(Category)}
    seen: dict[str, int] = {}
    for number, table in enumerate(tables):
        for key, value in table.items():
            if what := _wrong(key, value, known):
                yield lines.of(number, key), what
        for key in _REQUIRED:
            if key not in table:
                yield lines.of(number), f"the category lacks {key!r}"
        id = str(table.get("id"))
        if "id" in table and id in seen:
            yield lines.of(number, "id"), f"the id {id!r} was already given in line {seen[id]}"
        seen.setdefault(id, lines.of(number, "id"))


def _wrong(key: str, value: object, known: set[str]) -> str | None:
    """Say what is wrong with one field, or None."""
    if key not in known:
        return f"unknown key {key!r}; a category has {', '.join(field.name for field in fields(Category))}"
    if key not in _REQUIRED:
        listed = isinstance(value, list) and all(isinstance(item, str) for item in value)
        return None if listed else f"{key} must be a list of strings"
    if not isinstance(value, str) or not value.strip():
        return f"{key} must be a string that is not empty"
    if key == "id" and value in RESERVED:
        return f"the id {value!r} is the name of a column of the output; choose another"
    if key == "id" and not _ID.fullmatch(value):
        return f"the id {value!r} must be lower case letters, digits and underscores, beginning with a letter"
    if key == "colour" and not _COLOUR.fullmatch(value):
        return f"colour must be #rrggbb, not {value!r}"
    return None
