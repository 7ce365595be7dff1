"""Write tagged policies as comma-separated values, for spreadsheets and data frames.

A row per clause with the columns of `render.table`. `attributes` holds the values, "not:" before a denied one, `facts` types
and values. After the column of scores of each category follows a column ``has_<category>`` with yes or no, to filter by.
Cells that a spreadsheet would run as formulas are defused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from classifier.render.formats import OutputFormat, RenderOptions, TaggedWith
from classifier.render.table import (
    SCORE_DIGITS,
    clause_columns,
    clause_fields,
    evidence,
    numbered_clauses,
    policy_fields,
)

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy

_BYTE_ORDER_MARK = "\ufeff"
"""First character of a file; without it spreadsheets take UTF-8 for another encoding."""
# Line ends of `str.splitlines`; spreadsheets know the first two.
_LINE_ENDS = frozenset("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
_BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
_MARKS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_BULLETS = ("- ", "+ ", "-\t", "+\t")


def csv_format(options: RenderOptions) -> OutputFormat:
    """Return the format of a table with a header."""
    return OutputFormat(
        partial(_rows, explain=options.explain), partial(_header, explain=options.explain, mark=options.to_file)
    )


def _header(source: TaggedWith, explain: bool, mark: bool) -> str:
    ids = source.model.taxonomy.ids
    columns = [*clause_columns(source), *(f"has_{id}" for id in ids)]
    if explain:
        columns += ["near_misses", "evidence"]
    return (_BYTE_ORDER_MARK if mark else "") + csv_line(columns)


def _rows(policy: TaggedPolicy, explain: bool) -> Iterator[str]:
    shared = policy_fields(policy)
    shared["coverage"] = f"{shared['coverage']:.4f}"
    ids = policy.model.taxonomy.ids
    for number, clause in numbered_clauses(policy):
        fields = clause_fields(number, clause, policy)
        fields.update(headings=" > ".join(clause.headings), section=" > ".join(clause.section))
        fields.update(links=" ".join(fields["links"]), labels=" ".join(clause.labels))
        if policy.level > 1:
            fields["attributes"] = " ".join(
                f"not:{value['value']}" if value["denied"] else value["value"] for value in fields["attributes"]
            )
            fields["facts"] = "; ".join(f"{fact['type']}={fact['value']}" for fact in fields["facts"])
        cells: list[Any] = [*shared.values(), *fields.values()]
        cells += [f"{score:.{SCORE_DIGITS}f}" for score in clause.scores.values()]
        cells += ["yes" if id in clause.labels else "no" for id in ids]
        if explain:
            cells += [" ".join(policy.near_misses(clause)), evidence(policy, clause)]
        yield csv_line([defuse_formula(cell) if isinstance(cell, str) else cell for cell in cells])


def csv_line(cells: Iterable[Any]) -> str:
    r"""Return a line of CSV. NUL, at which many programs end a cell, becomes U+FFFD.

    >>> csv_line(["a\rb", 1, "c"])
    '"a\rb",1,c\n'
    """
    return (",".join(map(_quoted, cells)) or '""').replace("\0", "\ufffd") + "\n"


def _quoted(value: Any) -> str:
    """Quote a value for every line end; `csv.writer` does so for two of them only, or slowly for all values."""
    text = value if isinstance(value, str) else "" if value is None else str(value)
    if "," in text or '"' in text or "\n" in text or not (text.isprintable() or _LINE_ENDS.isdisjoint(text)):
        return '"' + text.replace('"', '""') + '"'
    return text


def defuse_formula(cell: str) -> str:
    r"""Put an apostrophe before each line of a cell that a spreadsheet would run as a formula.

    Bullets of a list stay as they are, except at the beginning of the cell.

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
