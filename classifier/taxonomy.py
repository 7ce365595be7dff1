"""A taxonomy file, checked, as the ordered categories that fix the order of every column.

The file is TOML so that anyone can replace it: data/taxonomy.toml explains its fields. Nothing else in the package
knows the names or the number of the categories.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from classifier.errors import TaxonomyError, reason
from classifier.io import read_regular
from classifier.text.escaping import escape_controls

SCHEMA_VERSION = 1
_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
RESERVED = frozenset(
    "clause context end heading headings id kind label labels model name none policy score scores start text".split()
)
_REQUIRED = ("id", "title", "definition", "colour")
MAX_CATEGORIES = 1000
MAX_PROBLEMS_SHOWN = 20
MAX_FILE_BYTES = 4 * 2**20
MAX_CHARACTERS = {"id": 100, "title": 200, "definition": 10_000, "colour": 7}
"""Longest string of each required field."""
MAX_ITEMS, MAX_ITEM_CHARACTERS = 10_000, 10_000
"""Most strings of a list, and the longest of them."""
_LINE_END = re.compile("[\t\n\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


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


def load_taxonomy(path: str | Path) -> Taxonomy:
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
    try:
        source = read_regular(path, MAX_FILE_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"{path}: the taxonomy cannot be read: {reason(error)}") from None
    return parse(source.replace("\r\n", "\n"), str(path))


def parse(source: str, name: str = "taxonomy") -> Taxonomy:
    """Check the text of a taxonomy file; `name` is what messages call it. Raises `TaxonomyError`."""
    import tomllib  # a model brings its taxonomy along as JSON

    try:
        content = tomllib.loads(source)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError
        raise TaxonomyError(f"{name}: not valid TOML: {error}") from None
    lines = _Lines(source)
    rules = _problems(content, lambda number: f"line {lines.of(number, 'id')}")
    found = [(lines.of(number, key), sentence) for number, key, sentence in rules]
    found += [(lines.of(None, key), f"unknown key {key!r}") for key in content.keys() - {"schema_version", "category"}]
    tables = content.get("category")
    for number, table in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(table, dict):
            found += [(lines.of(number, key), _unknown(key)) for key in table if key not in _FIELDS]
    problems = [f"{name}:{line}: {sentence}" for line, sentence in sorted(found)]
    if len(problems) > MAX_PROBLEMS_SHOWN:
        problems[MAX_PROBLEMS_SHOWN:] = [f"... and {len(problems) - MAX_PROBLEMS_SHOWN} more"]
    if problems:
        raise TaxonomyError("\n".join(problems))
    return Taxonomy(tuple(_category(table) for table in content["category"]))


def from_tables(tables: Sequence[Mapping[str, Any]]) -> Taxonomy:
    """Make a taxonomy of its categories as plain data, as a model carries them.

    Fields that this release does not know are left out: a model of a later one may have them.

    Raises
    ------
    TaxonomyError
        If the categories break a rule; the message names the number of the category, from 0, and the field.
    """
    content = {"schema_version": SCHEMA_VERSION, "category": tables}
    for number, _, sentence in _problems(content, lambda number: f"categories[{number}]"):
        raise TaxonomyError(sentence if number is None else f"categories[{number}]: {sentence}")
    return Taxonomy(tuple(_category(table) for table in tables))


def unsafe_character(text: str, is_line: bool = False) -> str:
    r"""Find the first character that could mislead a reader or break a line of output; "" if there is none.

    These are control characters, marks of direction and halves of surrogate pairs; where `text` is shown within one line,
    line ends and tabs too.

    >>> unsafe_character("Use"), unsafe_character("Use\u202e") == "\u202e", unsafe_character("a\nb", is_line=True)
    ('', True, '\n')
    """
    if text.isascii() and text.isprintable():
        return ""
    shown = escape_controls(_SURROGATE.sub("\0", _LINE_END.sub("\0", text) if is_line else text))
    return next((character for character, replaced in zip(text, shown, strict=True) if character != replaced), "")


def _category(table: Mapping[str, Any]) -> Category:
    known = {key: value for key, value in table.items() if key in _FIELDS}
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in known.items()}
    return Category(**values)


class _Lines:
    """Finds the line of a key, which `tomllib` does not tell."""

    def __init__(self, source: str) -> None:
        self.lines = source.splitlines()
        tables = [i for i, line in enumerate(self.lines, 1) if re.match(r"\s*\[\[\s*category\s*\]\]", line)]
        self.starts = [0, *tables, len(self.lines) + 1]

    def of(self, table: int | None, key: str = "") -> int:
        """Line of `key` in the table of that number (from 0; None is the top), or where the table begins."""
        starts = self.starts
        at = 0 if table is None else table + 1
        if at + 1 >= len(starts):  # categories written in a way the scan does not know, such as inline tables
            return 1
        first, last = starts[at], starts[at + 1]
        for number in range(max(first, 1), last):
            if key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", self.lines[number - 1]):
                return number
        return max(first, 1)


def _problems(content: dict[str, Any], place: Callable[[int], str]) -> Iterator[tuple[int | None, str, str]]:
    """Find broken rules, as (number of the category or None, field, sentence); `place` names a category in a sentence."""
    if content.get("schema_version") != SCHEMA_VERSION:
        yield None, "schema_version", f"schema_version must be {SCHEMA_VERSION}"
    tables = content.get("category")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        yield None, "category", "there must be at least one [[category]]"
        return
    if len(tables) > MAX_CATEGORIES:
        yield None, "category", f"there are {len(tables):,} categories, more than {MAX_CATEGORIES:,}"
        return
    seen: dict[str, int] = {}
    for number, table in enumerate(tables):
        for key in [field for field in table if field in _FIELDS]:
            if sentence := _wrong(key, table[key]):
                yield number, key, sentence
        for key in _REQUIRED:
            if key not in table:
                yield number, "", f"the category lacks {key!r}"
        id = str(table.get("id"))
        if "id" in table and id in seen:
            yield number, "id", f"the id {id!r} was already given in {place(seen[id])}"
        seen.setdefault(id, number)


def _wrong(key: str, value: object) -> str:
    """Return the sentence for a field that breaks a rule, else ""."""
    if key not in _REQUIRED:
        return _wrong_list(key, value)
    if not isinstance(value, str) or not value.strip():
        return f"{key} must be a string that is not empty"
    if sentence := _wrong_string(key, value, MAX_CHARACTERS[key], is_line=key != "definition"):
        return sentence
    if key == "id" and value in RESERVED:
        return f"the id {value!r} is the name of a column of the output; choose another"
    if key == "id" and not _ID.fullmatch(value):
        return f"the id {value!r} must be lower case letters, digits and underscores, beginning with a letter"
    if key == "colour" and not _COLOUR.fullmatch(value):
        return f"colour must be #rrggbb, not {value!r}"
    return ""


def _wrong_list(key: str, value: object) -> str:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return f"{key} must be a list of strings"
    if len(value) > MAX_ITEMS:
        return f"{key} must be a list of at most {MAX_ITEMS:,} strings, not of {len(value):,}"
    sentences = (_wrong_string(key, item, MAX_ITEM_CHARACTERS, is_line=False) for item in value)
    return next(filter(None, sentences), "")


def _wrong_string(key: str, value: str, most: int, is_line: bool) -> str:
    if len(value) > most:
        return f"{key} must have at most {most:,} characters, not {len(value):,}"
    if character := unsafe_character(value, is_line):
        return f"{key} holds the character {character!a}, which could mislead readers; remove it"
    return ""


def _unknown(key: str) -> str:
    return f"unknown key {key!r}; a category has {', '.join(field.name for field in fields(Category))}"


_FIELDS = frozenset(field.name for field in fields(Category))
