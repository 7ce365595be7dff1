"""Read and check a taxonomy file: the categories, in column order, and the attributes below them.

The file is TOML so that anyone can replace it; the head of data/taxonomy.toml explains its fields. Nothing else in the
package knows the names or the number of the categories.

Schema 1 is a list of categories. Schema 2 adds attributes with values, the second level of labels::

    schema_version = 2

    [[category]]
    id = "sharing"
    ...

    [[attribute]]
    id = "recipient"
    title = "Recipient"
    definition = "Who receives the data."
    categories = ["sharing"]      # where it may occur; all categories if empty or missing
    question = "Who gets the data" # what a summary of a policy asks; the title if missing

    [[attribute.value]]
    id = "authority"              # its label is "recipient.authority"
    title = "Authority"
    definition = "Courts, regulators and the police."
    includes = ["subpoenas"]
    dpv = ["dpv:Authority"]       # counterparts elsewhere: opp115, dpv, fideslang, iab, gdpr, ccpa

This module does not check that counterparts exist in the other vocabularies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from classifier.errors import TaxonomyError, reason
from classifier.io import read_regular
from classifier.text.escaping import escape_controls

SCHEMA_VERSIONS = (1, 2)
"""Versions of the file that this release reads; attributes need version 2."""
RESERVED_IDS = frozenset(
    "attributes clause context coverage end evidence facts format heading headings id kind label labels language links model "
    "name near_misses none part place policy score scores section start text".split()
)
"""Names of output columns, which no category may have."""
MAX_FILE_BYTES = 4 * 2**20
MAX_NAMES_SHOWN = 20
"""Names that a message lists."""
MAX_CATEGORIES = 1000
MAX_ATTRIBUTES = 1000
MAX_ATTRIBUTE_VALUES = 1000
"""Values of one attribute."""
MAX_CHARACTERS = {"id": 100, "title": 200, "question": 200, "definition": 10_000, "colour": 7}
"""Characters of each required field."""
MAX_ITEMS, MAX_ITEM_CHARACTERS = 10_000, 10_000
"""Strings in a list, and characters of each."""
MAX_PROBLEMS_SHOWN = 20
"""Problems of a file that one error lists; the rest are counted."""
_ID = re.compile(r"[a-z][a-z0-9_]*")
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
_LINE_END = re.compile("[\t\n\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class Category(NamedTuple):
    """An entry of the taxonomy's first level. Fields are those of the file, where `color` is spelled `colour`."""

    id: str
    title: str
    definition: str
    color: str
    counts: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    opp115: tuple[str, ...] = ()
    gdpr: tuple[str, ...] = ()
    ccpa: tuple[str, ...] = ()


class Value(NamedTuple):
    """A value of an attribute, and its counterparts in other vocabularies."""

    id: str
    title: str
    definition: str
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    opp115: tuple[str, ...] = ()
    dpv: tuple[str, ...] = ()
    fideslang: tuple[str, ...] = ()
    iab: tuple[str, ...] = ()
    gdpr: tuple[str, ...] = ()
    ccpa: tuple[str, ...] = ()


class Attribute(NamedTuple):
    """A question about clauses of some categories, such as who receives the data, and its possible answers.

    Attributes
    ----------
    id, title, definition
        As in the file.
    values
        The answers, at least one.
    categories
        Ids of the categories in which it may occur; empty for all.
    question
        What a summary of a policy asks: "Who gets the data"; "" for the title.
    """

    id: str
    title: str
    definition: str
    values: tuple[Value, ...]
    categories: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The categories in column order, and the attributes of the second level.

    >>> taxonomy = Taxonomy(
    ...     (Category("use", "Use", "Purposes of the data.", "#66CCEE"),),
    ...     (Attribute("purpose", "Purpose", "Why data is used.", (Value("legal", "Legal", "To obey the law."),)),),
    ... )
    >>> taxonomy.ids, taxonomy.value_ids
    (('use',), ('purpose.legal',))
    >>> taxonomy.attribute("purpose").title
    'Purpose'
    >>> taxonomy.sort({"use"})
    ('use',)
    """

    categories: tuple[Category, ...]
    attributes: tuple[Attribute, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the categories, in column order."""
        return tuple(category.id for category in self.categories)

    @property
    def value_ids(self) -> tuple[str, ...]:
        """The labels of the second level, "attribute.value", in the order of the file."""
        return tuple(f"{attribute.id}.{value.id}" for attribute in self.attributes for value in attribute.values)

    def __iter__(self) -> Iterator[Category]:
        return iter(self.categories)

    def __len__(self) -> int:
        return len(self.categories)

    def attribute(self, id: str) -> Attribute:
        """Return an attribute.

        Raises
        ------
        KeyError
            If the taxonomy has no attribute of this id.
        """
        for attribute in self.attributes:
            if attribute.id == id:
                return attribute
        known = ", ".join(attribute.id for attribute in self.attributes) or "none"
        raise KeyError(f"no attribute {id!r}; the taxonomy has {known}")

    def sort(self, labels: Iterable[str]) -> tuple[str, ...]:
        """Return those of `labels` that are categories, in column order, each once.

        Raises
        ------
        TypeError
            If `labels` is a single string.
        """
        if isinstance(labels, str):
            raise TypeError("expected labels, not one string; put it in a list")
        wanted = set(labels)
        return tuple(id for id in self.ids if id in wanted)


# --- reading -----------------------------------------------------------------------------------------------------------


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
    return parse_taxonomy(source.replace("\r\n", "\n"), str(path))


def parse_taxonomy(source: str, name: str = "taxonomy") -> Taxonomy:
    """Read and check the text of a taxonomy file.

    Parameters
    ----------
    source
        TOML, with "\\n" as line end.
    name
        The name of the file in messages.

    Raises
    ------
    TaxonomyError
        If the text breaks a rule; the message lists every broken rule with its line.

    Examples
    --------
    >>> source = '''
    ... schema_version = 1
    ... [[category]]
    ... id = "use"
    ... title = "Use"
    ... definition = "Purposes of the data."
    ... colour = "#66CCEE"
    ... '''
    >>> parse_taxonomy(source).ids
    ('use',)
    """
    import tomllib  # not loaded with a model, which carries its taxonomy as JSON

    try:
        content = tomllib.loads(source)
    except (ValueError, RecursionError) as error:  # a TOMLDecodeError is a ValueError
        raise TaxonomyError(f"{name}: not valid TOML: {error}") from None
    lines = _LineFinder(source)
    broken = [*_problems(content, lambda table: f"line {lines.find(table, 'id')}"), *_unknown_keys(content)]
    located = sorted((lines.find(problem.table, problem.field), problem.sentence) for problem in broken)
    problems = [f"{name}:{line}: {sentence}" for line, sentence in located]
    if len(problems) > MAX_PROBLEMS_SHOWN:
        problems[MAX_PROBLEMS_SHOWN:] = [f"... and {len(problems) - MAX_PROBLEMS_SHOWN} more"]
    if problems:
        raise TaxonomyError("\n".join(problems))
    return _taxonomy(content)


def to_tables(taxonomy: Taxonomy) -> dict[str, list[dict[str, Any]]]:
    """Return a taxonomy as plain data for model.json; the inverse of `from_tables`.

    >>> to_tables(Taxonomy((Category("use", "Use", "Purposes of the data.", "#66CCEE"),)))["categories"][0]["colour"]
    '#66CCEE'
    """
    tables = {"categories": [_plain(category) for category in taxonomy.categories]}
    if taxonomy.attributes:
        tables["attributes"] = [
            {**_plain(attribute), "values": [_plain(value) for value in attribute.values]}
            for attribute in taxonomy.attributes
        ]
    return tables


def from_tables(content: Mapping[str, Any]) -> Taxonomy:
    """Return the taxonomy that a model carries.

    Parameters
    ----------
    content
        The fields of model.json, of which `categories` and `attributes` are read. Unknown fields of a category, attribute or
        value are ignored: a later release may have written them.

    Raises
    ------
    TaxonomyError
        If the tables break a rule; the message names the first broken one, with the index of the table and the field.
    """
    attributes = content.get("attributes", [])
    if isinstance(attributes, list):
        attributes = [
            {**table, "value": table.get("values")} if isinstance(table, dict) else table for table in attributes
        ]
    tables = {"schema_version": 2, "category": content.get("categories"), "attribute": attributes}
    for problem in _problems(tables, _index):
        place = _index(problem.table)
        raise TaxonomyError(f"{place}: {problem.sentence}" if place else problem.sentence)
    return _taxonomy(tables)


def unsafe_character(text: str, is_line: bool = False) -> str:
    r"""Return the first character that could mislead a reader or break a line of output, "" if there is none.

    Unsafe are control characters, direction marks and halves of surrogate pairs; with `is_line`, for text shown within one
    line, line ends and tabs too.

    >>> unsafe_character("Use"), unsafe_character("Use\u202e") == "\u202e", unsafe_character("a\nb", is_line=True)
    ('', True, '\n')
    """
    if text.isascii() and text.isprintable():
        return ""
    shown = escape_controls(_SURROGATE.sub("\0", _LINE_END.sub("\0", text) if is_line else text))
    return next((character for character, replaced in zip(text, shown, strict=True) if character != replaced), "")


def _taxonomy(content: Mapping[str, Any]) -> Taxonomy:
    """Build a taxonomy from tables that passed `_problems`."""
    categories = tuple(Category(**_arguments("category", table)) for table in content["category"])
    attributes = []
    for table in content.get("attribute", ()):
        values = tuple(Value(**_arguments("value", value)) for value in table["value"])
        attributes.append(Attribute(values=values, **_arguments("attribute", table)))
    return Taxonomy(categories, tuple(attributes))


def _arguments(kind: _Kind, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the known fields of a table as keyword arguments of its class."""
    known = {key: table[key] for key in table if key in _FIELDS[kind] and key != "value"}
    return {
        _TO_PYTHON.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in known.items()
    }


def _plain(entry: Category | Attribute | Value) -> dict[str, Any]:
    """Return the fields of an entry by their names in files, tuples as lists."""
    items = ((_TO_FILE.get(field, field), getattr(entry, field)) for field in entry._fields)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in items if value != ""}


# --- checking ----------------------------------------------------------------------------------------------------------

_Kind = Literal["category", "attribute", "value"]
_TO_FILE = {"color": "colour"}
_TO_PYTHON = {"colour": "color"}
_REQUIRED: dict[_Kind, tuple[str, ...]] = {
    "category": ("id", "title", "definition", "colour"),
    "attribute": ("id", "title", "definition"),
    "value": ("id", "title", "definition"),
}
_FIELDS: dict[str, tuple[str, ...]] = {
    "category": tuple(_TO_FILE.get(field, field) for field in Category._fields),
    "attribute": ("id", "title", "definition", "categories", "question", "value"),
    "value": Value._fields,
}
"""The keys of each kind of table in a file."""


class _Table(NamedTuple):
    """The place of a table in a taxonomy file: its kind and its number, from 0.

    A value has the number of its attribute, and in `value` its number in that attribute.
    """

    kind: _Kind | Literal["top"]
    number: int = 0
    value: int = 0


class _Problem(NamedTuple):
    """A broken rule: the table, the field that breaks it ("" for the table itself), and a sentence."""

    table: _Table
    field: str
    sentence: str


_TOP = _Table("top")


def _index(table: _Table) -> str:
    """Return the place of a table in model.json, "" for the top."""
    attribute = f"attributes[{table.number}]"
    return {
        "top": "",
        "category": f"categories[{table.number}]",
        "attribute": attribute,
        "value": f"{attribute}.values[{table.value}]",
    }[table.kind]


class _LineFinder:
    """Find the line of a key, which `tomllib` does not report."""

    _HEADER = re.compile(r"\s*\[\[\s*(?:(category)|(attribute)(\s*\.\s*value)?)\s*\]\]")

    def __init__(self, source: str) -> None:
        self._lines = source.splitlines()
        headers: list[tuple[_Table, int]] = [(_TOP, 1)]
        categories, attributes, values = -1, -1, -1
        for number, line in enumerate(self._lines, 1):
            match = self._HEADER.match(line)
            if match is None:
                continue
            if match[1]:
                categories += 1
                table = _Table("category", categories)
            elif match[3]:
                values += 1
                table = _Table("value", attributes, values)
            else:
                attributes, values = attributes + 1, -1
                table = _Table("attribute", attributes)
            headers.append((table, number))
        ends = [number for _, number in headers[1:]] + [len(self._lines) + 1]
        self._ranges = {table: (first, end) for (table, first), end in zip(headers, ends, strict=True)}

    def find(self, table: _Table, key: str = "") -> int:
        """Return the line of `key` in a table, or the first line of the table if the key is not found.

        A table written in a way that the scan does not know, such as an inline table, is reported in line 1.
        """
        first, end = self._ranges.get(table, (1, 1))
        for number in range(first, end):
            if key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", self._lines[number - 1]):
                return number
        return first


def _problems(content: Mapping[str, Any], locate: Callable[[_Table], str]) -> Iterator[_Problem]:
    """Find broken rules; `locate` names a table in a sentence."""
    version = content.get("schema_version")
    if version not in SCHEMA_VERSIONS:
        yield _Problem(_TOP, "schema_version", f"schema_version must be {' or '.join(map(str, SCHEMA_VERSIONS))}")
    if version == 1 and "attribute" in content:
        yield _Problem(_TOP, "schema_version", "schema_version must be 2 in a file with attributes")
    categories = content.get("category")
    if sentence := _wrong_tables("category", categories, MAX_CATEGORIES):
        yield _Problem(_TOP, "category", sentence)
        categories = []
    yield from _entry_problems("category", _numbered("category", categories), locate)
    attributes = content.get("attribute", [])
    if attributes == []:
        return
    if sentence := _wrong_tables("attribute", attributes, MAX_ATTRIBUTES):
        yield _Problem(_TOP, "attribute", sentence)
        return
    yield from _entry_problems("attribute", _numbered("attribute", attributes), locate)
    category_ids = dict.fromkeys(
        entry["id"] for _, entry in _numbered("category", categories) if isinstance(entry.get("id"), str)
    )
    for table, attribute in _numbered("attribute", attributes):
        if category_ids:
            yield from _unknown_categories(table, attribute, category_ids)
        values = attribute.get("value")
        if sentence := _wrong_tables("attribute.value", values, MAX_ATTRIBUTE_VALUES):
            yield _Problem(table, "value", sentence)
        else:
            yield from _entry_problems("value", _numbered("value", values, table.number), locate)


def _unknown_categories(table: _Table, attribute: dict[str, Any], known: dict[str, None]) -> Iterator[_Problem]:
    """Find the categories that an attribute names and the taxonomy lacks."""
    categories = attribute.get("categories")
    unknown = (
        [id for id in categories if isinstance(id, str) and id not in known] if isinstance(categories, list) else []
    )
    if unknown:
        plural = "category" if len(unknown) == 1 else "categories"
        sentence = f"unknown {plural} {_some(map(repr, unknown))}; the taxonomy has {_some(known)}"
        yield _Problem(table, "categories", sentence)


def _some(names: Iterable[str]) -> str:
    """Return the first names of a list, so that no message grows with the file."""
    listed = list(names)
    shown = ", ".join(name[:100] for name in listed[:MAX_NAMES_SHOWN])
    return f"{shown}, ..." if len(listed) > MAX_NAMES_SHOWN else shown


def _wrong_tables(name: str, tables: object, most: int) -> str:
    """Return the sentence for a list of tables that is missing, empty, too long or not one, else ""."""
    if tables is not None and not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        return f"{name.rpartition('.')[2]} must be written as [[{name}]] tables"
    if not tables:
        return f"there must be at least one [[{name}]]"
    if len(tables) > most:
        plural = {"category": "categories", "attribute": "attributes"}.get(name, "values of one attribute")
        return f"there are {len(tables):,} {plural}, more than {most:,}"
    return ""


def _entry_problems(
    kind: _Kind, entries: Iterable[tuple[_Table, dict[str, Any]]], locate: Callable[[_Table], str]
) -> Iterator[_Problem]:
    """Find fields that break rules in tables of one kind, whose ids must differ."""
    first_use: dict[str, _Table] = {}
    for table, entry in entries:
        for key in [key for key in entry if key in _FIELDS[kind] and key != "value"]:
            if sentence := _wrong_field(kind, key, entry[key]):
                yield _Problem(table, key, sentence)
        for key in _REQUIRED[kind]:
            if key not in entry:
                yield _Problem(table, "", f"the {kind} lacks {key!r}")
        id = str(entry.get("id"))
        if "id" in entry and id in first_use:
            yield _Problem(table, "id", f"the id {id!r} was already given in {locate(first_use[id])}")
        first_use.setdefault(id, table)


def _unknown_keys(content: dict[str, Any]) -> Iterator[_Problem]:
    """Find keys of a file that no table has, most likely misspelled ones."""
    for key in content.keys() - {"schema_version", "category", "attribute"}:
        yield _Problem(_TOP, key, f"unknown key {key!r}")
    entries: list[tuple[_Table, dict[str, Any]]] = list(_numbered("category", content.get("category")))
    for table, attribute in _numbered("attribute", content.get("attribute")):
        entries += [(table, attribute), *_numbered("value", attribute.get("value"), table.number)]
    for table, entry in entries:
        kind = table.kind
        article = "an" if kind == "attribute" else "a"
        for key in entry.keys() - set(_FIELDS[kind]):
            yield _Problem(table, key, f"unknown key {key!r}; {article} {kind} has {', '.join(_FIELDS[kind])}")


def _numbered(kind: _Kind, tables: object, attribute: int = 0) -> Iterator[tuple[_Table, dict[str, Any]]]:
    """Yield the tables of a list with their places; `attribute` is the number of the attribute that values belong to."""
    for number, entry in enumerate(tables if isinstance(tables, list) else ()):
        if isinstance(entry, dict):
            yield _Table(kind, attribute, number) if kind == "value" else _Table(kind, number), entry


def _wrong_field(kind: _Kind, key: str, value: object) -> str:
    """Return the sentence for a field that breaks a rule, else ""."""
    if key not in MAX_CHARACTERS:
        return _wrong_list(key, value)
    if not isinstance(value, str) or not value.strip():
        return f"{key} must be a string that is not empty"
    if sentence := _wrong_string(key, value, MAX_CHARACTERS[key], is_line=key != "definition"):
        return sentence
    if kind == "category" and key == "id" and value in RESERVED_IDS:
        return f"the id {value!r} is the name of a column of the output; choose another"
    if key == "id" and not _ID.fullmatch(value):
        return f"the id {value!r} must be lower case letters, digits and underscores, beginning with a letter"
    if key == "colour" and not _COLOR.fullmatch(value):
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
