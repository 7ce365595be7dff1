"""Score how the readers cut whole policies into clauses, against what a careful person marked in them.

    python -m tests.documents.score [--errors] [--update] [NAME ...]

Beside each document in this folder, `NAME.expected.json` lists its clauses (README.md describes the fields). A clause of the
annotation has its place in the document by its first and last words; it is cut right if one clause that was read begins and
ends there. Only words are compared: neither markup, punctuation, case nor the number of an item counts. A clause that was
read and holds no word of an annotated one is furniture that should not have been read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from classifier.readers.registry import read
from classifier.segmentation import segment
from classifier.text.masking import LINK_TARGET
from classifier.types import Clause, Document

FOLDER = Path(__file__).parent
FLOORS = FOLDER / "floors.json"
SUFFIX = ".expected.json"
ALL = "all"
"""The name of the floor of all documents together."""

_WORD = re.compile(r"[^\W_]+")
_LINK_LABEL = re.compile(r"\]\[[^\[\]\n]*\]")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>")
_ITEM_NUMBER = re.compile(r"\W*(?:\d{1,3}(?:\W{1,2}\d{1,2})*[.):\\]*|(?:[A-Za-z]|[ivx]+|[IVX]+)[.):\\]+)(?:\s\W*|$)")
"""The number or letter before the first word of an item, "1." or "(a)", with the markup around it."""

_Words = tuple[str, ...]


class Expected(NamedTuple):
    """A clause as a person marked it; the fields are those of the annotation."""

    begins: str
    ends: str
    headings: tuple[str, ...] = ()
    lead: str = ""
    lacks: str = ""
    optional: bool = False


class Error(NamedTuple):
    """A difference between annotation and reading.

    Attributes
    ----------
    kind
        What went wrong, "headings: missing"; errors are grouped by it.
    clause
        The first and last words of the clause.
    expected, read
        The differing parts as they should be and as they are.
    """

    kind: str
    clause: str
    expected: str
    read: str


class Score(NamedTuple):
    """How one document was read.

    Attributes
    ----------
    clauses
        Number of annotated clauses, without the optional ones.
    cut, headings, nearest, lead
        Number of those that are cut right, and of these with the right headings, with the right nearest heading (which alone
        counts for labels), and with the right lead.
    right
        Number of those with the right cut, headings and lead.
    furniture
        Number of text clauses that hold no word of an annotated clause.
    errors
        Each difference.
    """

    clauses: int
    cut: int
    headings: int
    nearest: int
    lead: int
    right: int
    furniture: int
    errors: tuple[Error, ...] = ()


# --- annotations -------------------------------------------------------------------------------------------------


def documents() -> dict[str, Path]:
    """Return the annotated documents by the names of their files."""
    names = (path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}"))
    return {name: FOLDER / name for name in sorted(names)}


def load_expected(document: Path) -> tuple[Expected, ...]:
    """Read the annotation of a document.

    Raises
    ------
    ValueError
        If an entry lacks a field or has one of another kind; the message lists them all.
    """
    path = document.with_name(document.name + SUFFIX)
    rows = json.loads(path.read_text(encoding="utf-8"))
    bad = [f"entry {number}: {problem}" for number, row in enumerate(rows, 1) for problem in _problems(row)]
    if bad:
        raise ValueError(f"{path.name}: {'; '.join(bad)}")
    return tuple(Expected(**{**row, "headings": tuple(row["headings"])}) for row in rows)


def _problems(row: dict[str, object]) -> Iterator[str]:
    for field in ("begins", "ends", "lead"):
        if not isinstance(row.get(field), str):
            yield f"{field} is not a string"
        elif field != "lead" and not _words(str(row[field])):
            yield f"{field} has no word"
    headings = row.get("headings")
    if not isinstance(headings, list) or not all(isinstance(title, str) for title in headings):
        yield "headings is not a list of strings"
    for field in row.keys() - set(Expected._fields):
        yield f"{field} is not a field"


# --- words and their places --------------------------------------------------------------------------------------


def _visible(text: str) -> str:
    """Blank the targets of links and the tags in a text; all other characters keep their places."""
    for pattern in (LINK_TARGET, _LINK_LABEL, _TAG):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return text


def _words(text: str) -> _Words:
    """Return the words of a text, without case and markup.

    >>> _words("**Your** [Rights](https://example.org).")
    ('your', 'rights')
    """
    return tuple(word.casefold() for word in _WORD.findall(_visible(text)))


def _lead_words(lead: str) -> _Words:
    """Return the words of a lead without its number, "2.1" or "(a)"."""
    number = _ITEM_NUMBER.match(lead)
    return _words(lead[number.end() :] if number else lead)


class _Span(NamedTuple):
    """Words `start` to `end` of a document."""

    start: int
    end: int


class _Text:
    """The words of a document, with their offsets."""

    def __init__(self, text: str) -> None:
        self.text = _visible(text)
        matches = list(_WORD.finditer(self.text))
        self.words = [match[0].casefold() for match in matches]
        self.starts = [match.start() for match in matches]
        self._places: dict[str, list[int]] = defaultdict(list)
        for at, word in enumerate(self.words):
            self._places[word].append(at)

    def find(self, phrase: _Words) -> list[int]:
        """Return each place of a phrase."""
        size = len(phrase)
        return [at for at in self._places.get(phrase[0], ()) if tuple(self.words[at : at + size]) == phrase]

    def span(self, start: int, end: int) -> _Span:
        """Return the words between two offsets."""
        return _Span(bisect_left(self.starts, start), bisect_left(self.starts, end))

    def begins_at(self, clause: _Span, word: int) -> bool:
        """Whether a clause begins at a word, or with the number of an item before that word."""
        if clause.start == word:
            return True
        if not clause.start < word < clause.end:
            return False
        return _ITEM_NUMBER.fullmatch(self.text[self.starts[clause.start] : self.starts[word]]) is not None


def locate(text: str, expected: Sequence[Expected]) -> list[tuple[int, int] | None]:
    """Return the words that each annotated clause has in a text, by their numbers; None for a clause without a place."""
    return [*_locate(_Text(text), expected)]


def _locate(text: _Text, expected: Sequence[Expected]) -> list[_Span | None]:
    """Find the places of annotated clauses: as many as possible that follow each other, and the shortest of those.

    A clause whose words are not there, or not after those before it, has no place.
    """
    chains: list[tuple[tuple[int, int], int, _Span, int]] = []  # (found, -words), number, span, chain before
    for number, clause in enumerate(expected):
        begins, ends = _words(clause.begins), _words(clause.ends)
        stops = [at + len(ends) for at in text.find(ends)]
        added = []
        for start in text.find(begins):
            at = bisect_left(stops, start + max(len(begins), len(ends)))
            if at == len(stops):
                continue
            span = _Span(start, stops[at])
            before = max(
                (k for k, chain in enumerate(chains) if chain[2].end <= start), key=lambda k: chains[k][0], default=-1
            )
            n_found, n_words = chains[before][0] if before >= 0 else (0, 0)
            added.append(((n_found + 1, n_words - (span.end - span.start)), number, span, before))
        chains += added
    spans: list[_Span | None] = [None] * len(expected)
    at = max(range(len(chains)), key=lambda k: chains[k][0], default=-1)
    while at >= 0:
        _, number, span, at = chains[at]
        spans[number] = span
    return spans


# --- judgment ----------------------------------------------------------------------------------------------------


def score(document: Document, expected: Sequence[Expected]) -> Score:
    """Compare the clauses of a document with its annotation."""
    text, clauses = _Text(document.text), segment(document)
    spans = _locate(text, expected)
    read_spans = [text.span(clause.start, clause.end) for clause in clauses]
    counts: Counter[str] = Counter()
    errors: list[Error] = []
    for mark, span in zip(expected, spans, strict=True):
        if mark.optional:
            continue
        found = _clause_at(text, span, clauses, read_spans)
        wrong = [_cut_error(text, mark, span, clauses, read_spans)] if found is None else _errors(mark, found)
        errors += wrong
        counts["clauses"] += 1
        counts["right"] += not wrong
        if found is not None and not any(error.kind.startswith("cut") for error in wrong):
            counts["cut"] += 1
            counts["nearest"] += _words("".join(mark.headings[-1:])) == _words("".join(found.headings[-1:]))
            for part in ("headings", "lead"):
                counts[part] += not any(error.kind.startswith(part) for error in wrong)
    for clause, (start, end) in zip(clauses, read_spans, strict=True):
        if clause.kind == "text" and not any(span and start < span.end and span.start < end for span in spans):
            counts["furniture"] += 1
            errors.append(Error("furniture read as text", "", "", _excerpt(clause.text)))
    return Score(*(counts[field] for field in Score._fields[:-1]), errors=tuple(errors))


def _clause_at(
    text: _Text, span: _Span | None, clauses: Sequence[Clause], read_spans: Sequence[_Span]
) -> Clause | None:
    """Return the text clause that begins and ends where an annotated one does."""
    for clause, read_span in zip(clauses, read_spans, strict=True):
        if span and clause.kind == "text" and read_span.end == span.end and text.begins_at(read_span, span.start):
            return clause
    return None


def _errors(mark: Expected, clause: Clause) -> list[Error]:
    """Return what is wrong with a clause that begins and ends right."""
    name = _name(mark)
    errors = []
    if mark.lacks and _contains(_words(clause.text), _words(mark.lacks)):
        errors.append(Error("cut: furniture within", name, f"no {mark.lacks!r}", _excerpt(clause.text)))
    expected, found = [_words(title) for title in mark.headings], [_words(title) for title in clause.headings]
    if expected != found:
        kind = "missing" if _is_part(found, expected) else "too many" if _is_part(expected, found) else "others"
        if expected[-1:] == found[-1:]:
            kind += ", but the nearest is right"
        shown = (" > ".join(titles) or "none" for titles in (mark.headings, clause.headings))
        errors.append(Error(f"headings: {kind}", name, *shown))
    if _lead_words(mark.lead) != _lead_words(clause.context):
        kind = "missing" if not clause.context else "others" if mark.lead else "not one"
        errors.append(Error(f"lead: {kind}", name, mark.lead or "none", clause.context or "none"))
    return errors


def _cut_error(
    text: _Text, mark: Expected, span: _Span | None, clauses: Sequence[Clause], read_spans: Sequence[_Span]
) -> Error:
    """Say how an annotated clause was cut wrongly."""
    if span is None:
        return Error("cut: not in the text in this order", _name(mark), "", "")
    near = [
        (clause, read_span)
        for clause, read_span in zip(clauses, read_spans, strict=True)
        if read_span.start < span.end and span.start < read_span.end
    ]
    n_words = sum(min(at.end, span.end) - max(at.start, span.start) for _, at in near)
    if any(clause.kind == "navigation" for clause, _ in near):
        kind = "read as navigation"
    elif n_words < span.end - span.start:
        kind = "read as a heading, or a part of it"
    elif len(near) == 1:
        kind = "joined with its neighbors"
    elif text.begins_at(near[0][1], span.start) and near[-1][1].end == span.end:
        kind = "cut into several"
    else:
        kind = "cut at other places"
    return Error(f"cut: {kind}", _name(mark), "one clause", " // ".join(_excerpt(clause.text) for clause, _ in near))


def _is_part(some: Sequence[_Words], titles: Sequence[_Words]) -> bool:
    """Whether titles are among others in the same order."""
    rest = iter(titles)
    return all(title in rest for title in some)


def _contains(words: _Words, phrase: _Words) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words)))


def _name(mark: Expected) -> str:
    return f"{mark.begins} ... {mark.ends}"


def _excerpt(text: str) -> str:
    words = text.split()
    return " ".join(words if len(words) <= 14 else [*words[:7], "...", *words[-6:]])


# --- reports and floors ------------------------------------------------------------------------------------------


def score_all(names: Iterable[str] = ()) -> dict[str, Score]:
    """Score the documents of these names, or all."""
    paths = documents()
    return {name: score(read(paths[name]), load_expected(paths[name])) for name in names or paths}


def total(scores: Iterable[Score]) -> Score:
    """Sum the counts of scores."""
    columns = zip(*(one[:-1] for one in scores), strict=True)
    return Score(*map(sum, columns))


def table(scores: dict[str, Score]) -> str:
    """Write scores as a table: shares of all clauses, but headings, nearest and lead of those that are cut right."""
    rows = [("document", "clauses", "cut", "headings", "nearest", "lead", "right", "furniture")]
    for name, one in [*scores.items(), (ALL, total(scores.values()))]:
        shares = (
            _percent(one.cut, one.clauses),
            _percent(one.headings, one.cut),
            _percent(one.nearest, one.cut),
            _percent(one.lead, one.cut),
            _percent(one.right, one.clauses),
        )
        rows.append((name, str(one.clauses), *shares, str(one.furniture)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{row[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    )


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"


def report(scores: dict[str, Score]) -> str:
    """Write all errors, grouped by kind."""
    by_kind: dict[str, list[tuple[str, Error]]] = defaultdict(list)
    for name, one in scores.items():
        for error in one.errors:
            by_kind[error.kind].append((name, error))
    lines = []
    for kind in sorted(by_kind):
        lines.append(f"\n{kind} ({len(by_kind[kind])})")
        for name, error in by_kind[kind]:
            lines.append(f"  {name}: {error.clause}".rstrip(": "))
            lines += [f"      expected: {error.expected}"] if error.expected else []
            lines += [f"      read:     {error.read}"] if error.read else []
    return "\n".join(lines)


def floors_of(scores: dict[str, Score]) -> dict[str, dict[str, int]]:
    """Return the floors that scores give, for each document and for all: clauses that are cut right, right, and furniture."""
    rows = [*scores.items(), (ALL, total(scores.values()))]
    return {name: {"cut": one.cut, "right": one.right, "furniture": one.furniture} for name, one in rows}


def raised(floors: dict[str, dict[str, int]], scores: dict[str, Score]) -> dict[str, dict[str, int]]:
    """Return floors that are nowhere worse than before; if there are other documents, the floor of all is a new one."""
    found = floors_of(scores)
    for name, old in floors.items():
        if name in found and (name != ALL or floors.keys() == found.keys()):
            found[name] = {
                field: (min if field == "furniture" else max)(old[field], number)
                for field, number in found[name].items()
            }
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Print the scores; see the beginning of this module."""
    parser = argparse.ArgumentParser(prog="python -m tests.documents.score", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", metavar="NAME", nargs="*", help="documents, by the names of their files (default: all)"
    )
    parser.add_argument("--errors", action="store_true", help="print each difference, grouped by kind")
    parser.add_argument("--update", action="store_true", help="raise floors.json to these scores; never lower one")
    options = parser.parse_args(words)
    unknown = sorted(set(options.names) - documents().keys())
    if unknown:
        parser.error(f"no annotated document is called {', '.join(unknown)}; there are {', '.join(documents())}")
    if options.update and options.names:
        parser.error("--update needs the scores of all documents; leave the names out")
    scores = score_all(options.names)
    print(table(scores))
    if options.errors:
        print(report(scores))
    if options.update:
        floors = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
        FLOORS.write_text(json.dumps(raised(floors, scores), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
