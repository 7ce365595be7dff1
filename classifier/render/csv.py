"""Write tagged policies as a table of comma-separated values."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from classifier.render.formats import OutputFormat
from classifier.tagging.tagged import TaggedPolicy
from classifier.tagging.tagger import Tagger
from classifier.text.markup import plain
from classifier.types import Clause

if TYPE_CHECKING:
    pass


from collections.abc import Iterable


def csv_format(explain: bool = False, mark: bool = False) -> OutputFormat:
    """Give the format of a table with a header: labels and headings in one cell each, then a column of scores a category.

    With `mark` it begins with a mark of byte order, without which spreadsheets take it for another encoding than UTF-8.
    """
    return OutputFormat(partial(_csv_policy, explain=explain), partial(_csv_head, explain=explain, mark=mark))


# --- tables ------------------------------------------------------------------------------------------------------------


def _csv_head(tagger: Tagger, explain: bool, mark: bool) -> str:
    columns = [
        "policy",
        "format",
        "coverage",
        "clause",
        "start",
        "end",
        "place",
        "kind",
        "headings",
        "text",
        "labels",
        *tagger.categories,
    ]
    return ("\ufeff" if mark else "") + _csv_row([*columns, *(["near_misses", "evidence"] if explain else [])])


def _csv_policy(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    for number, clause in enumerate(policy.clauses, 1):
        document = policy.document
        about = [document.name, document.format, f"{document.coverage:.4f}"]
        place = [*about, number, clause.start, clause.end, clause.place, clause.kind]
        scores = [f"{score:.5f}" for score in clause.scores.values()]
        why = [" ".join(policy.near_misses(clause)), evidence(policy, clause)] if explain else []
        yield _csv_row([*place, " > ".join(clause.headings), clause.text, " ".join(clause.labels), *scores, *why])


def evidence(policy: TaggedPolicy, clause: Clause) -> str:
    """Write the sentence that carries each label best, a line a label."""
    text = policy.document.text
    lines = []
    for id in clause.labels:
        start, end = policy.sentence(clause, id)
        lines.append(f"{id}: {plain(text[start:end])}")
    return "\n".join(lines)


def _csv_row(cells: list[Any]) -> str:
    return csv_line([defuse_formula(cell) if isinstance(cell, str) else cell for cell in cells])


_LINE_ENDS = frozenset(
    "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
)  # for `str.splitlines`; spreadsheets know the first two
_BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
_MARKS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_BULLETS = ("- ", "+ ", "-\t", "+\t")


def csv_line(cells: Iterable[Any]) -> str:
    r"""Write a line of CSV. A NUL, at which many programs end a cell, becomes U+FFFD.

    >>> csv_line(["a\rb", 1, "c"])
    '"a\rb",1,c\n'
    """
    return (",".join(map(_quoted, cells)) or '""').replace("\0", "\ufffd") + "\n"


def _quoted(value: Any) -> str:
    """Write a value as `csv.writer` does, which does not quote for all line ends, and is slow where it is told to."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if "," in text or '"' in text or "\n" in text or not (text.isprintable() or _LINE_ENDS.isdisjoint(text)):
        return '"' + text.replace('"', '""') + '"'
    return text


def defuse_formula(cell: str) -> str:
    r"""Put an apostrophe before what a spreadsheet would take for a formula and run, in each line of a cell.

    A bullet of a list is left as it is but at the beginning of a cell.

    >>> [defuse_formula(cell) for cell in ("=HYPERLINK(1)", "We keep logs.", "Ads\r=1+1", "We keep:\n- logs")]
    ["'=HYPERLINK(1)", 'We keep logs.', "Ads\r'=1+1", 'We keep:\n- logs']

    References
    ----------
    OWASP, "CSV injection", https://owasp.org/www-community/attacks/CSV_Injection
    """
    if cell[:1].isalnum() and cell.isprintable():  # one line that begins with a word, as most cells are
        return cell
    lines = cell.splitlines(keepends=True)
    is_first = True
    for number, source in enumerate(lines):
        content = source.lstrip(_BLANKS)
        if content.startswith(_MARKS) and (is_first or not content.startswith(_BULLETS)):
            lines[number] = f"'{source}" if number == 0 else f"{source[: len(source) - len(content)]}'{content}"
        is_first = is_first and not content
    return "".join(lines)
