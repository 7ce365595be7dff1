"""The OPP-115 release becomes Examples: a segment of a policy is a row, annotators' practices become labels.

A category counts for an annotator if one of the practices that this person saw in the segment fits one of the category's
rules, the taxonomy's `opp115` field; what the person selected for the attributes of that practice becomes its rationales.
What the corpus never annotated (no rules) is unknown in every row. Files are joined by their names: the policy id inside the
CSV files is that of the annotation tool. Segments count from 0. The texts are left as they are released, also where curly
quotes were lost ("youve").

References
----------
Wilson et al., "The creation and analysis of a website privacy policy corpus", ACL 2016. https://usableprivacy.org/data
"""

from __future__ import annotations

import csv
import io
import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Literal, NamedTuple

from classifier.datasets.opp115_segments import headings_above, segment_lines, unescape_references
from classifier.errors import DataError, ReadError, reason
from classifier.io import read_regular
from classifier.readers.encoding import decode_bytes
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_name
from classifier.types import Example, Rationale

Gold = Literal["majority", "union", "annotator"]
GOLDS: tuple[Gold, ...] = ("majority", "union", "annotator")
CATEGORIES = (
    "First Party Collection/Use",
    "Third Party Sharing/Collection",
    "User Choice/Control",
    "User Access, Edit and Deletion",
    "Data Retention",
    "Data Security",
    "Policy Change",
    "Do Not Track",
    "International and Specific Audiences",
    "Other",
)
ANY = "*"
_UNSAID = {"Unspecified", "unspecified", "not-selected", "Not selected", ""}
_UNMARKED = {"null", "Not selected", ""}
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_SEPARATOR = "\n"
MAX_POLICY_BYTES = 4 * 2**20
"""Bytes of a policy of the corpus; the longest has some 50,000."""
MAX_TABLE_BYTES = 64 * 2**20
"""Bytes of the annotations of a policy; the most are some 700,000."""
MAX_ANNOTATORS = 100
"""Annotators of a policy; in the release each has three."""
_SEGMENTS_END = "|||"
_COLUMNS = 9


class Practice(NamedTuple):
    """What one annotator says of a segment: a category, values of its attributes, and where it says so.

    `selected` has the pieces of text that were selected for attributes, each with the share of the segment before it.
    """

    annotator: str
    segment: int
    category: str
    values: Mapping[str, str]
    selected: tuple[tuple[str, float], ...] = ()


class Rule(NamedTuple):
    """A kind of practice: `"Category"` or `"Category: Attribute = Value"`, where `*` leaves category or value open.

    >>> Rule.parse("*: Personal Information Type = Location").attribute
    'Personal Information Type'
    """

    category: str
    attribute: str = ""
    value: str = ANY

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read a rule as the taxonomy writes it. Raises `ValueError`."""
        category, _, rest = text.partition(": ")
        attribute, equals, value = rest.partition(" = ")
        if category not in (*CATEGORIES, ANY):
            raise ValueError(f"OPP-115 has no category {category!r}; it has {', '.join(CATEGORIES)}")
        if rest and not (attribute.strip() and equals and value.strip()):
            raise ValueError(f"{text!r} is not of the form 'Category: Attribute = Value'")
        return cls(category, attribute.strip(), value.strip() or ANY)

    def fits(self, practice: Practice) -> bool:
        """Whether a practice is of this kind."""
        if self.category not in (ANY, practice.category):
            return False
        if not self.attribute:
            return True
        value = practice.values.get(self.attribute, "")
        return value not in _UNSAID if self.value == ANY else value == self.value


@dataclass(frozen=True, slots=True)
class _Policy:
    """One policy of the release: its segments as text, headings over them, annotators sorted by name, what they saw."""

    name: str
    segments: tuple[str, ...]
    headings: tuple[str, ...]
    annotators: tuple[str, ...]
    practices: tuple[Practice, ...]


def load_opp115(folder: str | Path, taxonomy: Taxonomy, gold: Gold = "majority") -> list[Example]:
    """Read the corpus as its authors release it.

    Parameters
    ----------
    folder
        Holds `annotations/*.csv` and `sanitized_policies/*.html`.
    taxonomy
        The categories to label by; their `opp115` fields say what they are in the corpus.
    gold
        Which categories a row is given: those of more than half of its annotators, those of any, or those of each annotator,
        in a row of its own.

    Returns
    -------
    list of Example
        In the order of the policies' numbers and of their segments. `policy` is the name of the file, number included; `id`
        adds the segment; `headings` holds the heading above it where that stands in an earlier segment; `annotations` tells
        what each annotator gave.

    Raises
    ------
    DataError
        If anything is missing or damaged; it lists every problem.
    """
    folder = Path(folder)
    rules = _rules(taxonomy)
    problems: list[str] = []
    policies = [policy for pair in _pairs(folder, problems) if (policy := _policy(*pair, problems)) is not None]
    if problems:
        raise DataError(problems)
    return [example for policy in policies for example in _examples(policy, rules, taxonomy, gold)]


def gold_labels(annotations: Sequence[Sequence[str]], taxonomy: Taxonomy, gold: Gold) -> tuple[str, ...]:
    """Decide what several annotators say together: what more than half of them give (majority), or any of them (union).

    >>> from classifier.taxonomy import Category
    >>> use, sharing = Category("use", "Use", "For what.", "#66CCEE"), Category("sharing", "Sharing", "To whom.", "#EE6677")
    >>> gold_labels([("use",), ("use", "sharing"), ()], Taxonomy((use, sharing)), "majority")
    ('use',)
    """
    needed = len(annotations) // 2 + 1 if gold == "majority" else 1
    return tuple(id for id in taxonomy.ids if sum(id in labels for labels in annotations) >= needed)


def _rules(taxonomy: Taxonomy) -> dict[str, tuple[Rule, ...]]:
    problems, rules = [], {}
    for category in taxonomy:
        try:
            rules[category.id] = tuple(Rule.parse(text) for text in category.opp115)
        except ValueError as error:
            problems.append(f"taxonomy, category {category.id!r}: {error}")
    if not any(rules.values()):
        problems.append("no category of the taxonomy says by an `opp115` field what it is in OPP-115")
    if problems:
        raise DataError(problems)
    return rules


def _pairs(folder: Path, problems: list[str]) -> list[tuple[Path, Path]]:
    """Find the two files of each policy, in the order of the policies' numbers."""
    found: dict[str, dict[str, Path]] = {}
    for part, suffix in (("annotations", ".csv"), ("sanitized_policies", ".html")):
        try:
            paths = [
                path for path in (folder / part).iterdir() if path.suffix == suffix and not path.name.startswith(".")
            ]
        except OSError as error:
            problems.append(
                f"{escape_name(str(folder / part))}: cannot be read: {reason(error)}; DIR is the OPP-115 folder that holds "
                "annotations/ and sanitized_policies/"
            )
            continue
        if not paths:
            problems.append(f"{escape_name(str(folder / part))}: holds no {suffix} file")
        found[part] = {path.stem: path for path in paths}
    if problems:
        return []
    tables, texts = found["annotations"], found["sanitized_policies"]
    for here, there, part, suffix in (
        (tables, texts, "sanitized_policies", ".html"),
        (texts, tables, "annotations", ".csv"),
    ):
        problems.extend(
            f"{escape_name(str(here[name]))}: there is no {part}/{escape_name(name)}{suffix} to go with it"
            for name in sorted(here.keys() - there.keys())
        )
    return [(tables[name], texts[name]) for name in sorted(tables.keys() & texts.keys(), key=_number)]


def _number(name: str) -> tuple[int, str]:
    number = name.partition("_")[0]
    return (int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 10**9, name)


def _policy(table: Path, html: Path, problems: list[str]) -> _Policy | None:
    try:
        text = _read(html, MAX_POLICY_BYTES)
        rows = list(_table(table))
    except ReadError as error:
        problems.append(str(error))
        return None
    raw = text.split(_SEGMENTS_END)
    segments = [segment_lines(segment) for segment in raw]
    practices: list[Practice] = []
    before = len(problems)
    for number, row in enumerate(rows, 1):
        if not row:
            continue
        try:
            practices.append(_practice(row, raw))
        except ValueError as error:
            problems.append(f"{escape_name(str(table))}: row {number}: {error}")
    if not rows:
        problems.append(f"{escape_name(str(table))}: holds no annotation")
    if len(problems) > before:
        return None
    annotators = tuple(sorted({practice.annotator for practice in practices}))
    if len(annotators) > MAX_ANNOTATORS:
        problems.append(f"{escape_name(str(table))}: has {len(annotators):,} annotators, more than {MAX_ANNOTATORS}")
        return None
    texts = tuple("\n".join(line.text for line in lines) for lines in segments)
    return _Policy(escape_name(table.stem), texts, tuple(headings_above(segments)), annotators, tuple(practices))


def _read(path: Path, most_bytes: int) -> str:
    name = escape_name(str(path))
    try:
        return decode_bytes(read_regular(path, most_bytes), name)[0]
    except OSError as error:
        raise ReadError(f"{name}: cannot be read: {reason(error)}") from None


def _table(path: Path) -> Iterator[list[str]]:
    """Read a CSV file. Raises `ReadError`, which names the line that is wrong."""
    reader = csv.reader(io.StringIO(_read(path, MAX_TABLE_BYTES), newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ReadError(f"{escape_name(str(path))}:{reader.line_num}: is not sound CSV: {error}") from None


def _practice(row: Sequence[str], segments: Sequence[str]) -> Practice:
    """Read a row of an annotation file; `segments` are those of the policy, as released. Raises `ValueError`."""
    if len(row) < _COLUMNS - 1:
        raise ValueError(f"has {len(row)} columns instead of {_COLUMNS}")
    _, _, annotator, _, segment, category, attributes, *_ = row
    if not (segment.isascii() and segment.isdigit() and len(segment) < 10 and int(segment) < len(segments)):
        raise ValueError(f"segment {segment[:20]!r} is none of the policy's {len(segments)}, which count from 0")
    if category not in CATEGORIES:
        raise ValueError(f"{category!r} is no category of OPP-115")
    try:
        about = json.loads(attributes)
        values = {key: str(said["value"]) for key, said in about.items()}
        selected = [
            (str(said["selectedText"]), _share_before(said.get("startIndexInSegment"), segments[int(segment)]))
            for said in about.values()
            if said.get("selectedText") and str(said["selectedText"]) not in _UNMARKED
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("the attributes are not the JSON they should be") from None
    return Practice(annotator, int(segment), category, values, tuple(selected))


def _share_before(index: object, segment: str) -> float:
    """Give the part of a segment that stands before a place; 0 where the place is none, since it only settles ties."""
    return index / max(1, len(segment)) if isinstance(index, int) and 0 <= index <= len(segment) else 0.0


def _examples(
    policy: _Policy, rules: Mapping[str, Sequence[Rule]], taxonomy: Taxonomy, gold: Gold
) -> Iterator[Example]:
    seen: dict[tuple[int, str], dict[str, list[Practice]]] = {}
    for practice in policy.practices:
        by_category = seen.setdefault((practice.segment, practice.annotator), {})
        for id, kinds in rules.items():
            if any(kind.fits(practice) for kind in kinds):
                by_category.setdefault(id, []).append(practice)
    unknown = tuple(id for id in taxonomy.ids if not rules[id])
    is_marked = any(practice.selected for practice in policy.practices)
    for number, text in enumerate(policy.segments):
        if not text:
            continue
        people = [seen.get((number, annotator), {}) for annotator in policy.annotators]
        given = tuple(taxonomy.sort(person) for person in people)
        marked = tuple(tuple(_rationales(text, person, taxonomy)) for person in people) if is_marked else ()
        heading = policy.headings[number]
        headings = (heading,) if heading else ()
        row = Example(f"{policy.name}#{number}", policy.name, text, (), headings=headings, unknown=unknown)
        if gold == "annotator":
            for k, labels in enumerate(given):
                yield replace(row, id=f"{row.id}/{k + 1}", labels=labels, rationales=marked[k : k + 1])
        else:
            yield replace(row, labels=gold_labels(given, taxonomy, gold), annotations=given, rationales=marked)


def _rationales(text: str, person: Mapping[str, Sequence[Practice]], taxonomy: Taxonomy) -> Iterator[Rationale]:
    """Give what a person marked in a segment, category by category; the whole of it where a category has no place."""
    for id in taxonomy.sort(person):
        selected = [piece for practice in person[id] for piece in practice.selected]
        spans = sorted(span for piece in dict.fromkeys(selected) if (span := _find(text, *piece)) is not None)
        merged: list[tuple[int, int]] = []
        for start, end in spans or [(0, len(text))]:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        yield from (Rationale(id, start, end) for start, end in merged)


def _find(text: str, selected: str, before: float) -> tuple[int, int] | None:
    """Find what was selected, whose tags and white space are those of the page, nearest to where it stood there."""
    # it may begin and end within a word, as people's selections do
    sought = _SEPARATOR.join(_WORD.findall(unescape_references(_TAG.sub(" ", selected))))
    words, places = _words(text)
    found = []
    start = words.find(sought) if sought else -1
    while start >= 0:
        end = start + len(sought)
        found.append((start + places.shift(start), end + places.shift(end - 1)))
        start = words.find(sought, end)
    return min(found, key=lambda span: abs(span[0] - before * len(text)), default=None)


class _Places(NamedTuple):
    """Where words of a text stand: their starts among the words put together, and how far they are from there."""

    starts: Sequence[int]
    shifts: Sequence[int]

    def shift(self, place: int) -> int:
        return self.shifts[bisect_right(self.starts, place) - 1]


@lru_cache(maxsize=4)
def _words(text: str) -> tuple[str, _Places]:
    """Put the words of a text together, with one separator between them, and say where each stood."""
    matches = list(_WORD.finditer(text))
    starts = list(accumulate((len(match.group()) + 1 for match in matches), initial=0))[: len(matches)]
    shifts = [match.start() - start for match, start in zip(matches, starts, strict=True)]
    return _SEPARATOR.join(match.group() for match in matches), _Places(starts, shifts)
