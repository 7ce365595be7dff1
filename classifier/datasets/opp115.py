"""Read the OPP-115 release as Examples: a segment of a policy becomes a row, annotators' practices become labels.

An annotator gives a category to a segment if one of the practices that this person annotated there matches one of the
category's rules, the taxonomy's `opp115` field. The text that the person selected for the attributes of the practice becomes
the rationales. Categories without rules, which the corpus never annotated, are unknown in every row. The values of attributes
with rules are given in the same way, each with the text selected for its attribute; values without rules are unknown.

The two files of a policy are joined by file name, since the policy id inside the CSV files is that of the annotation tool.
Segments count from 0. Texts stay as released, also where curly quotes were lost ("youve").

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
from types import MappingProxyType
from typing import Literal, NamedTuple

from classifier.datasets.opp115_segments import headings_above, segment_lines, unescape_references
from classifier.errors import DataError, ReadError, reason
from classifier.io import read_regular
from classifier.readers.encoding import decode_bytes
from classifier.taxonomy import Taxonomy
from classifier.text.escaping import escape_name
from classifier.types import Example, MarkedValue, Rationale

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
"""Matches every category, or every value but "Unspecified", in a rule."""
MAX_POLICY_BYTES = 4 * 2**20
"""Bytes of a policy of the corpus; the longest has some 50,000."""
MAX_TABLE_BYTES = 64 * 2**20
"""Bytes of the annotations of a policy; the largest file has some 700,000."""
MAX_ANNOTATORS = 100
"""Annotators of a policy; in the release each policy has three."""
_UNSPECIFIED = {"Unspecified", "unspecified", "not-selected", "Not selected", ""}
_NO_SELECTION = {"null", "Not selected", ""}
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"\w+")
_WORD_SEPARATOR = "\n"
_SEGMENT_SEPARATOR = "|||"
_N_COLUMNS = 9


class Practice(NamedTuple):
    """An annotator's statement about a segment: a category, values of its attributes, and the text selected for them.

    Each item of `selected` is a piece of text with the share of the segment that precedes it, from 0 to 1; `selected_for` has
    that of each attribute.
    """

    annotator: str
    segment: int
    category: str
    values: Mapping[str, str]
    selected: tuple[tuple[str, float], ...] = ()
    selected_for: Mapping[str, tuple[str, float]] = MappingProxyType({})


class Rule(NamedTuple):
    """A kind of practice: `"Category"` or `"Category: Attribute = Value"`, where `*` matches any category or value.

    >>> Rule.parse("*: Personal Information Type = Location").attribute
    'Personal Information Type'
    """

    category: str
    attribute: str = ""
    value: str = ANY

    @classmethod
    def parse(cls, text: str) -> Rule:
        """Read a rule as written in a taxonomy.

        Raises
        ------
        ValueError
            If the category is unknown or the text has another form.
        """
        category, _, rest = text.partition(": ")
        attribute, equals, value = rest.partition(" = ")
        if category not in (*CATEGORIES, ANY):
            raise ValueError(f"OPP-115 has no category {category!r}; it has {', '.join(CATEGORIES)}")
        if rest and not (attribute.strip() and equals and value.strip()):
            raise ValueError(f"{text!r} is not of the form 'Category: Attribute = Value'")
        return cls(category, attribute.strip(), value.strip() or ANY)

    def matches(self, practice: Practice) -> bool:
        """Whether a practice is of this kind."""
        if self.category not in (ANY, practice.category):
            return False
        if not self.attribute:
            return True
        value = practice.values.get(self.attribute, "")
        return value not in _UNSPECIFIED if self.value == ANY else value == self.value


@dataclass(frozen=True, slots=True)
class _Policy:
    """A policy of the release.

    Attributes
    ----------
    name
        The name of its files without suffix, number included.
    segments, headings
        The text of each segment, and the heading above it ("" if none).
    annotators
        Their ids, sorted.
    practices
        All annotations, in the order of the file.
    """

    name: str
    segments: tuple[str, ...]
    headings: tuple[str, ...]
    annotators: tuple[str, ...]
    practices: tuple[Practice, ...]


def load_opp115(folder: str | Path, taxonomy: Taxonomy, gold: Gold = "majority") -> list[Example]:
    """Read the corpus in the form in which its authors release it.

    Parameters
    ----------
    folder
        The folder with `annotations/*.csv` and `sanitized_policies/*.html`.
    taxonomy
        The categories to label by; their `opp115` fields are the rules.
    gold
        The labels of a row: categories given by more than half of the annotators ("majority"), by at least one ("union"), or
        by one annotator, with a row for each annotator ("annotator").

    Returns
    -------
    list of Example
        In the order of the policies' numbers and of their segments. `policy` is the name of the file, number included; `id`
        adds the segment. `headings` holds the heading above the segment if it is in an earlier segment. `annotations` holds
        the labels of each annotator.

    Raises
    ------
    DataError
        If anything is missing or damaged; it lists every problem.
    """
    folder = Path(folder)
    rules, value_rules = _rules(taxonomy), _value_rules(taxonomy)
    problems: list[str] = []
    policies = [policy for pair in _pairs(folder, problems) if (policy := _policy(*pair, problems)) is not None]
    if problems:
        raise DataError(problems)
    return [example for policy in policies for example in _examples(policy, rules, value_rules, taxonomy, gold)]


def gold_labels(annotations: Sequence[Sequence[str]], taxonomy: Taxonomy, gold: Gold) -> tuple[str, ...]:
    """Return the joint labels of several annotators: those of more than half of them (majority), or of any (union).

    >>> from classifier.taxonomy import Category
    >>> use, sharing = Category("use", "Use", "For what.", "#66CCEE"), Category("sharing", "Sharing", "To whom.", "#EE6677")
    >>> gold_labels([("use",), ("use", "sharing"), ()], Taxonomy((use, sharing)), "majority")
    ('use',)
    """
    if gold == "annotator":
        raise ValueError("the labels of each annotator are rows of their own, and have no joint labels")
    needed = len(annotations) // 2 + 1 if gold == "majority" else 1
    return tuple(id for id in taxonomy.ids if sum(id in labels for labels in annotations) >= needed)


def _rules(taxonomy: Taxonomy) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of each category. Raises `DataError` if a rule is wrong or there is none."""
    problems, rules = [], {}
    for category in taxonomy:
        try:
            rules[category.id] = tuple(Rule.parse(text) for text in category.opp115)
        except ValueError as error:
            problems.append(f"taxonomy, category {category.id!r}: {error}")
    if not any(rules.values()):
        problems.append("no category of the taxonomy has an `opp115` field, its counterpart in OPP-115")
    if problems:
        raise DataError(problems)
    return rules


def _value_rules(taxonomy: Taxonomy) -> dict[str, tuple[Rule, ...]]:
    """Return the rules of each value of an attribute that has some. Raises `DataError` if a rule is wrong."""
    problems, rules = [], {}
    for attribute in taxonomy.attributes:
        for value in attribute.values:
            id = f"{attribute.id}.{value.id}"
            try:
                rules[id] = tuple(Rule.parse(text) for text in value.opp115)
            except ValueError as error:
                problems.append(f"taxonomy, value {id!r}: {error}")
    if problems:
        raise DataError(problems)
    return {id: listed for id, listed in rules.items() if listed}


# --- files -------------------------------------------------------------------------------------------------------------


def _pairs(folder: Path, problems: list[str]) -> list[tuple[Path, Path]]:
    """Return the annotation file and the HTML file of each policy, in the order of the policies' numbers."""
    files: dict[str, dict[str, Path]] = {}
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
        files[part] = {path.stem: path for path in paths}
    if problems:
        return []
    tables, pages = files["annotations"], files["sanitized_policies"]
    for present, other, part, suffix in (
        (tables, pages, "sanitized_policies", ".html"),
        (pages, tables, "annotations", ".csv"),
    ):
        problems.extend(
            f"{escape_name(str(present[name]))}: there is no {part}/{escape_name(name)}{suffix} to go with it"
            for name in sorted(present.keys() - other.keys())
        )
    return [(tables[name], pages[name]) for name in sorted(tables.keys() & pages.keys(), key=_policy_number)]


def _policy_number(name: str) -> tuple[int, str]:
    """Return the sort key of a file name: its leading number, last if there is none, then the name."""
    number = name.partition("_")[0]
    return (int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 10**9, name)


def _policy(table: Path, html: Path, problems: list[str]) -> _Policy | None:
    """Read a policy; if it is damaged, add to `problems` and return None."""
    try:
        text = _read(html, MAX_POLICY_BYTES)
        rows = list(_csv_rows(table))
    except ReadError as error:
        problems.append(str(error))
        return None
    segments = text.split(_SEGMENT_SEPARATOR)
    practices: list[Practice] = []
    n_before = len(problems)
    for number, row in enumerate(rows, 1):
        if not row:
            continue
        try:
            practices.append(_practice(row, segments))
        except ValueError as error:
            problems.append(f"{escape_name(str(table))}: row {number}: {error}")
    if not rows:
        problems.append(f"{escape_name(str(table))}: holds no annotation")
    if len(problems) > n_before:
        return None
    annotators = tuple(sorted({practice.annotator for practice in practices}))
    if len(annotators) > MAX_ANNOTATORS:
        problems.append(f"{escape_name(str(table))}: has {len(annotators):,} annotators, more than {MAX_ANNOTATORS}")
        return None
    lines_of = [segment_lines(segment) for segment in segments]
    texts = tuple("\n".join(line.text for line in lines) for lines in lines_of)
    return _Policy(escape_name(table.stem), texts, tuple(headings_above(lines_of)), annotators, tuple(practices))


def _read(path: Path, max_bytes: int) -> str:
    name = escape_name(str(path))
    try:
        return decode_bytes(read_regular(path, max_bytes), name)[0]
    except OSError as error:
        raise ReadError(f"{name}: cannot be read: {reason(error)}") from None


def _csv_rows(path: Path) -> Iterator[list[str]]:
    """Read a CSV file. Raises `ReadError`, which names the wrong line."""
    reader = csv.reader(io.StringIO(_read(path, MAX_TABLE_BYTES), newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ReadError(f"{escape_name(str(path))}:{reader.line_num}: is not valid CSV: {error}") from None


def _practice(row: Sequence[str], segments: Sequence[str]) -> Practice:
    """Read a row of an annotation file; `segments` are those of the policy, as released. Raises `ValueError`."""
    if len(row) < _N_COLUMNS - 1:
        raise ValueError(f"has {len(row)} columns instead of {_N_COLUMNS}")
    _, _, annotator, _, segment, category, attributes, *_ = row
    if not (segment.isascii() and segment.isdigit() and len(segment) < 10 and int(segment) < len(segments)):
        raise ValueError(f"segment {segment[:20]!r} is not among the policy's {len(segments)} (from 0)")
    if category not in CATEGORIES:
        raise ValueError(f"OPP-115 has no category {category!r}")
    try:
        # attribute name to an object with the chosen value, the selected text and its place
        attribute_values = json.loads(attributes)
        values = {name: str(chosen["value"]) for name, chosen in attribute_values.items()}
        selected = {
            name: (
                str(chosen["selectedText"]),
                _share_before(chosen.get("startIndexInSegment"), segments[int(segment)]),
            )
            for name, chosen in attribute_values.items()
            if chosen.get("selectedText") and str(chosen["selectedText"]) not in _NO_SELECTION
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("the attributes are not JSON as in OPP-115") from None
    return Practice(annotator, int(segment), category, values, tuple(selected.values()), selected)


def _share_before(index: object, segment: str) -> float:
    """Return the share of a segment before an index; 0 if the index is invalid, since it only breaks ties."""
    return index / max(1, len(segment)) if isinstance(index, int) and 0 <= index <= len(segment) else 0.0


# --- rows --------------------------------------------------------------------------------------------------------------


def _examples(
    policy: _Policy,
    rules: Mapping[str, Sequence[Rule]],
    value_rules: Mapping[str, Sequence[Rule]],
    taxonomy: Taxonomy,
    gold: Gold,
) -> Iterator[Example]:
    # (segment, annotator) to category to the practices that match it
    matched: dict[tuple[int, str], dict[str, list[Practice]]] = {}
    practices_of: dict[tuple[int, str], list[Practice]] = {}
    for practice in policy.practices:
        practices_of.setdefault((practice.segment, practice.annotator), []).append(practice)
        by_category = matched.setdefault((practice.segment, practice.annotator), {})
        for id, category_rules in rules.items():
            if any(rule.matches(practice) for rule in category_rules):
                by_category.setdefault(id, []).append(practice)
    unknown = tuple(id for id in taxonomy.ids if not rules[id])
    if value_rules:
        unknown += tuple(id for id in taxonomy.value_ids if id not in value_rules)
    has_rationales = any(practice.selected for practice in policy.practices)
    for number, text in enumerate(policy.segments):
        if not text:
            continue
        people = [matched.get((number, annotator), {}) for annotator in policy.annotators]
        annotations = tuple(taxonomy.sort(person) for person in people)
        rationales = tuple(tuple(_rationales(text, person, taxonomy)) for person in people) if has_rationales else ()
        heading = policy.headings[number]
        headings = (heading,) if heading else ()
        row = Example(f"{policy.name}#{number}", policy.name, text, (), headings=headings, unknown=unknown)
        quotes = [
            _quotes(text, practices_of.get((number, annotator), ()), value_rules) for annotator in policy.annotators
        ]
        if gold == "annotator":
            for k, labels in enumerate(annotations):
                values = _joint_values(quotes[k : k + 1], labels, taxonomy, gold) if value_rules else None
                one = replace(row, id=f"{row.id}/{k + 1}", labels=labels, rationales=rationales[k : k + 1])
                yield replace(one, values=values)
        else:
            labels = gold_labels(annotations, taxonomy, gold)
            values = _joint_values(quotes, labels, taxonomy, gold) if value_rules else None
            yield replace(row, labels=labels, annotations=annotations, rationales=rationales, values=values)


def _quotes(text: str, practices: Sequence[Practice], rules: Mapping[str, Sequence[Rule]]) -> dict[str, MarkedValue]:
    """Return the values that an annotator gave a segment, each with the first words selected for it, else the segment."""
    quotes: dict[str, MarkedValue] = {}
    for id, value_rules in rules.items():
        matching = [(rule, practice) for practice in practices for rule in value_rules if rule.matches(practice)]
        if not matching:
            continue
        spans = [
            span
            for rule, practice in matching
            if rule.attribute in practice.selected_for
            and (span := _find(text, *practice.selected_for[rule.attribute])) is not None
        ]
        start, end = min(spans, default=(0, len(text)))
        is_denied = all(practice.values.get("Does/Does Not") == "Does Not" for _, practice in matching)
        quotes[id] = MarkedValue(id, text[start:end].strip() or text, is_denied)
    return quotes


def _joint_values(
    quotes: Sequence[Mapping[str, MarkedValue]], labels: Sequence[str], taxonomy: Taxonomy, gold: Gold
) -> tuple[MarkedValue, ...]:
    """Return the joint values of annotators, as `gold_labels` does, where the attribute may occur with the joint labels."""
    needed = len(quotes) // 2 + 1 if gold == "majority" else 1
    values = []
    for attribute in taxonomy.attributes:
        if attribute.categories and set(attribute.categories).isdisjoint(labels):
            continue
        for value in attribute.values:
            id = f"{attribute.id}.{value.id}"
            given = [person[id] for person in quotes if id in person]
            if given and len(given) >= needed:
                shortest = min(given, key=lambda value: len(value.quote))
                is_denied = 2 * sum(value.is_denied for value in given) > len(given)
                values.append(shortest._replace(is_denied=is_denied))
    return tuple(values)


def _rationales(text: str, person: Mapping[str, Sequence[Practice]], taxonomy: Taxonomy) -> Iterator[Rationale]:
    """Yield the selections of an annotator in a segment by category, merged; the whole text for a category without any."""
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


def _find(text: str, selected: str, share_before: float) -> tuple[int, int] | None:
    """Find a selection in the text of its segment, at the occurrence nearest to its original place.

    A selection has the tags and white space of the page, so words are compared. It may begin or end within a word.
    """
    wanted = _WORD_SEPARATOR.join(_WORD.findall(unescape_references(_TAG.sub(" ", selected))))
    words, offsets = _words(text)
    spans = []
    start = words.find(wanted) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        spans.append((start + offsets.at(start), end + offsets.at(end - 1)))
        start = words.find(wanted, end)
    return min(spans, key=lambda span: abs(span[0] - share_before * len(text)), default=None)


class _Offsets(NamedTuple):
    """For joined words of a text: the start of each word there, and the distance to its start in the text."""

    starts: Sequence[int]
    distances: Sequence[int]

    def at(self, place: int) -> int:
        """Return the distance for the word at a place of the joined words."""
        return self.distances[bisect_right(self.starts, place) - 1]


@lru_cache(maxsize=4)
def _words(text: str) -> tuple[str, _Offsets]:
    """Join the words of a text, one separator between them, with the offsets that lead back to the text."""
    matches = list(_WORD.finditer(text))
    starts = list(accumulate((len(match.group()) + 1 for match in matches), initial=0))[: len(matches)]
    distances = [match.start() - start for match, start in zip(matches, starts, strict=True)]
    return _WORD_SEPARATOR.join(match.group() for match in matches), _Offsets(starts, distances)
