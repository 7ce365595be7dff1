"""Read reStructuredText as the Markdown that says the same, a line at a time; its places are lines of the source.

Sections get their rank by the order in which their adornments first appear. Directives that hold text (notes, figures,
unknown ones) keep it and lose their mark; those that make no text (images, contents, code), comments and targets are left
out. Roles and links become their text. Grid tables, simple tables and list-tables become rows.

Small on purpose, since few policies are written in it: cells over several rows belong to the row they begin in, a csv-table
stays lines of text, and included files are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from classifier.readers.document import collapse_whitespace, table_row
from classifier.readers.encoding import decode_bytes
from classifier.readers.plaintext import front_matter_end
from classifier.readers.rewriting import PARAGRAPH, Rewriter
from classifier.text.markup import BREAK
from classifier.types import Document

MAX_RANK = 6
MAX_TITLE_CHARACTERS = 240
"""Length of the title of a section; a longer line over a rule is text."""
MIN_ADORNMENT = 3
"""Characters of an adornment that is shorter than its title."""
MIN_TRANSITION = 4
"""Characters of a rule between paragraphs."""
MAX_COLUMNS = 30
"""Columns of a table; the last holds what is in further ones."""
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+\s*$")
_EXPLICIT = re.compile(r"\.\.(?:\s+|$)")
_DIRECTIVE = re.compile(r"([A-Za-z][\w.:+-]*?)\s?::(?:\s+(.*)|$)")
_SUBSTITUTION = re.compile(r"^[ \t]*\.\. \|([^|\n]{1,100})\| replace::[ \t]*(.{1,100})$", re.MULTILINE)
_FOOTNOTE = re.compile(r"\[(?:[#*]?[\w.-]*)\]\s")
_OPTION = re.compile(r":[\w -]+:(?:\s|$)")
_FIELD = re.compile(r":((?:[^:\\\n]|\\.|:(?!\s|$))+):(?:\s+(.*)|$)")
_ITEM = re.compile(r"(?:[*+•‣⁃-]|\(?(?:[0-9]{1,4}|[A-Za-z]|[ivxIVX]{1,6}|#)[.)])\s")
_AUTO_NUMBER = re.compile(r"\(?#[.)]\s")
_LINE_BLOCK = re.compile(r"\|(?:\s|$)")
_GRID_BORDER = re.compile(r"\+(?:[-=]+\+)+\s*$")
_SIMPLE_BORDER = re.compile(r"=+(?:[ \t]+=+)+\s*$")
_BORDER_PART = re.compile(r"[-=+\s]*[-=][-=+\s]*")
_LIST_ROW = re.compile(r"[*+-] ([*+-])(?:\s|$)")
_HEADER_ROWS = re.compile(r":header-rows:\s*([0-9]{1,4})\s*$")
_EMPTY_CELLS = ("", "\\")
"""A backslash begins a row whose first cell is empty."""
_INLINE_TEXT = r"(?:[^`\n]|\n(?![ \t]*\n))"
_INLINE = re.compile(
    rf"``(?P<literal>(?:{_INLINE_TEXT}|`(?!`))+?)``"
    rf"|(?::[A-Za-z][\w:.+-]{{0,50}}:)?`(?P<text>{_INLINE_TEXT}+)`(?:_{{0,2}}(?!\w))"
    r"|\[(?P<note>[#*]?[\w.-]*)\]_(?!\w)|(?<![\w|])\|(?P<name>[^|\s](?:[^|\n]{0,98}[^|\s])?)\|_{0,2}(?!\w)"
    r"|(?<![\w`])(?P<word>[A-Za-z0-9](?:[\w.-]{0,98}[A-Za-z0-9])?)__?(?![\w`])|\\(?P<joined>\s)"
)
_ADDRESS = re.compile(r"[^\s()<>]+")
_TITLED = frozenset("admonition card collapse details dropdown rubric sidebar tab tab-item tabs topic".split())
"""Directives whose argument is a title."""
_LEFT_OUT = frozenset(
    "autoclass autofunction automodule code code-block contents currentmodule date default-role footer graphviz header "
    "highlight image include index literalinclude math mermaid meta module raw replace role section-numbering sectnum "
    "sourcecode tabularcolumns target-notes title toctree uml unicode".split()
)
"""Directives that make no text of the policy."""
_NOT_READ = {"include": "the text of another file", "literalinclude": "the text of another file", "raw": "raw markup"}
"""Those of them whose absence a note tells, with what they hold."""
_NO_ARGUMENT = frozenset("class container cssclass figure grid grid-item ifconfig only tab-set".split())
"""Directives whose argument nobody sees, and whose content is text."""


def read_rst(data: bytes, name: str, charset: str = "") -> Document:
    """Read a file of reStructuredText.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.
    charset
        The encoding that a server declared.

    Raises
    ------
    ReadError
        If it cannot be decoded, has no text, or more than a policy could have.

    Examples
    --------
    >>> read_rst(b"Logs\\n====\\n\\n.. note:: We keep :term:`logs`.\\n", "policy.rst").text.split("\\n\\n")
    ['Logs', 'We keep logs.']
    """
    text, encoding = decode_bytes(data, name, charset)
    return _Translation(BREAK.sub("\n", text)).rewritten().to_document(name, encoding, "rst")


class _Block(NamedTuple):
    """An open directive: its indent, that of its content, and the style of its heading, "" for none."""

    outer: int
    inner: int
    style: str


class _Translation:
    """Writes the text of a source line by line."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines = source.expandtabs(8).split("\n") if "\t" in source else source.split("\n")
        self._starts = [0]  # offsets of the lines in the source
        for line in source.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._out = Rewriter(source)
        self._replacements: dict[str, str] = dict(_SUBSTITUTION.findall(source))
        self._ranks: dict[tuple[str, bool], int] = {}
        self._paragraph: list[tuple[int, str]] = []  # lines that are not written yet: number and text
        self._blocks: list[_Block] = []  # directives that are open
        self._indent = 0  # of the last line
        self._may_be_table = True  # whether the last simple table had an end

    def rewritten(self) -> Rewriter:
        """Write all of the source."""
        number = 0
        if end := front_matter_end(self._source):
            self._out.add(self._source[:end], 0)
            number = self._source.count("\n", 0, end) + 1
            self._out.break_line(PARAGRAPH)
        while number < len(self._lines):
            number = self._read(number)
        self._flush()
        return self._out

    # --- lines ---------------------------------------------------------------------------------------------------------

    def _read(self, number: int) -> int:
        """Read the line of a number and those that belong to it; return the number of the next one."""
        line = self._lines[number]
        content = line.strip()
        if not content:
            self._flush()
            self._out.add("\n", self._starts[number])
            return number + 1
        indent = len(line) - len(line.lstrip())
        if self._paragraph and indent < self._indent:  # a definition or an item ends without a blank line
            self._flush()
            self._out.add("\n", self._starts[number])
        self._indent = indent
        while self._blocks and indent <= self._blocks[-1].outer:
            self._flush()
            self._out.end_section(self._blocks.pop().style)
        if after := self._read_structure(number, indent, content):
            return after
        self._add_line(number, indent, content)
        return number + 1

    def _read_structure(self, number: int, indent: int, content: str) -> int:
        """Read what is more than a line of text; return the number of the line after it, 0 if it is none."""
        begins = not self._paragraph
        if explicit := _EXPLICIT.match(content):
            self._flush()
            return self._read_explicit(number, indent, content[explicit.end() :])
        if content.startswith("__ "):
            return number + 1
        if after := self._read_section(number, indent, content):
            return after
        if begins and content[0] == "+" and _GRID_BORDER.match(content):
            return self._read_grid(number, indent)
        if begins and content[0] == "=" and _SIMPLE_BORDER.match(content):
            return self._read_simple(number, indent)
        if (field := _FIELD.match(content)) and (begins or self._paragraph[-1][1].startswith(":")):
            self._flush()
            if field[2]:
                self._out.add(self._inline(f"{field[1]}: {field[2]}\n\n"), self._starts[number])
            elif self._is_term(number, indent, "field"):
                self._paragraph.append((number, f"**{field[1]}:**"))
            return number + 1
        if begins and self._is_term(number, indent, content):
            self._paragraph.append((number, f"**{content.rstrip(':')}:**"))
            return number + 1
        return 0

    def _read_section(self, number: int, indent: int, content: str) -> int:
        below = self._line(number + 1).strip()
        over = _ADORNMENT.match(content)
        if over and not self._paragraph and indent == 0:
            under = _ADORNMENT.match(self._line(number + 2))
            if below and under and under[1] == over[1] and not _ADORNMENT.match(below):
                self._add_title(number + 1, below, over[1], True)
                return number + 3
            if not below and len(content) >= MIN_TRANSITION:
                return number + 1
        under = _ADORNMENT.match(self._line(number + 1))
        is_long = under and (len(below) >= len(content) or len(below) >= MIN_ADORNMENT)
        if not (under and is_long) or over or self._paragraph or indent or len(content) > MAX_TITLE_CHARACTERS:
            return 0
        self._add_title(number, content, under[1], False)
        return number + 2

    def _add_title(self, number: int, title: str, mark: str, has_over: bool) -> None:
        rank = self._ranks.setdefault((mark, has_over), len(self._ranks) + 1)
        self._out.add_block("heading", self._inline(title), self._starts[number], min(rank, MAX_RANK))

    def _is_term(self, number: int, indent: int, content: str) -> bool:
        """Whether a line is a term whose definition is indented below it."""
        below = self._line(number + 1)
        is_over = len(below) - len(below.lstrip()) > indent and below.strip() != ""
        return (
            is_over and len(content) <= MAX_TITLE_CHARACTERS and not _ITEM.match(content) and not content.endswith("::")
        )

    def _add_line(self, number: int, indent: int, content: str) -> None:
        """Add a line to the paragraph; one that begins an item, or is a line of its own, begins another one."""
        indent -= sum(block.inner - block.outer for block in self._blocks if indent >= block.inner)
        if content.endswith("::"):
            content = content[:-2].rstrip() if content == "::" or content[:-2].endswith(" ") else content[:-1]
        if _ITEM.match(content):
            self._flush()
            content = _AUTO_NUMBER.sub("* ", content) if _AUTO_NUMBER.match(content) else content
        elif line_block := _LINE_BLOCK.match(content):
            content = f"{content[line_block.end() :]}  "
        if content:
            self._paragraph.append((number, " " * indent + content))

    def _flush(self) -> None:
        """Write the lines of the paragraph."""
        if not self._paragraph:
            return
        lines = self._inline("\n".join(text for _, text in self._paragraph)).split("\n")
        for (number, _), line in zip(self._paragraph, lines, strict=True):
            self._out.add(f"{line}\n", self._starts[number])
        self._paragraph = []

    def _line(self, number: int) -> str:
        return self._lines[number] if number < len(self._lines) else ""

    def _end_of(self, number: int, indent: int) -> int:
        """Return the number of the first line from this one that is not indented more."""
        while number < len(self._lines):
            line = self._lines[number]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            number += 1
        return number

    # --- explicit markup -----------------------------------------------------------------------------------------------

    def _read_explicit(self, number: int, indent: int, content: str) -> int:
        """Read a directive, a footnote, a target or a comment, without the two dots it begins with."""
        if _FOOTNOTE.match(content):
            self._open(number + 1, indent)
            self._paragraph.append((number, " " * indent + content))
            return number + 1
        directive = _DIRECTIVE.match(content)
        name = directive[1].rpartition(":")[2] if directive else ""
        if name in _NOT_READ:
            self._out.notes[f"it holds {_NOT_READ[name]}, which is not read"] = None
        if directive is None or name in _LEFT_OUT:
            return self._end_of(number + 1, indent)
        argument = (directive[2] or "").strip()
        after, options = number + 1, []
        while self._line(after).strip() and _OPTION.match(self._line(after).strip()):
            options.append(self._line(after).strip())
            after += 1
        style = ""
        if argument and name in _TITLED:
            style = name if name == "rubric" else f"aside {len(self._blocks)}"
            self._out.add_block("heading", self._inline(argument), self._starts[number], style=style)
        elif argument and name not in _NO_ARGUMENT:
            self._paragraph.append((number, " " * indent + argument))
        if name == "list-table":
            self._flush()
            heads = next((int(head[1]) for head in map(_HEADER_ROWS.match, options) if head), 0)
            return self._read_list_table(after, self._end_of(after, indent), heads)
        self._open(after, indent, style if style != "rubric" else "")
        return after

    def _open(self, number: int, indent: int, style: str = "") -> None:
        """Open a directive whose content begins at a line or below it; the content will be written at its indent."""
        while number < len(self._lines) and not self._lines[number].strip():
            number += 1
        line = self._line(number)
        inner = len(line) - len(line.lstrip())
        if inner > indent:
            self._blocks.append(_Block(indent, inner, style))

    # --- tables --------------------------------------------------------------------------------------------------------

    def _add_row(self, number: int, cells: Mapping[int, Sequence[str]], is_head: bool) -> None:
        """Write a row; `cells` maps columns to the lines in them."""
        written = (" ".join(map(str.strip, cells[column])).strip() for column in sorted(cells))
        text = table_row([collapse_whitespace(self._inline(cell)) for cell in written if cell not in _EMPTY_CELLS])
        self._out.add_block("heading" if is_head else "paragraph", text, self._starts[number], style="row")

    def _read_grid(self, number: int, indent: int) -> int:
        """Read a table drawn with lines; a row ends where one is drawn."""
        stop = number
        while self._line(stop)[indent : indent + 1] in ("+", "|") and not self._line(stop)[:indent].strip():
            stop += 1
        table = [line[indent:].rstrip() for line in self._lines[number:stop]]
        columns = [at for at, character in enumerate(table[0]) if character == "+"][: MAX_COLUMNS + 1]
        has_heads = any(_GRID_BORDER.match(line) and "=" in line for line in table)
        first, cells = number + 1, dict[int, list[str]]()
        for line_number, line in enumerate(table[1:], number + 1):
            parts = _grid_cells(line, columns)
            is_border = any(_BORDER_PART.fullmatch(part) for part in parts.values())
            if is_border:
                self._add_row(first, cells, has_heads)
                has_heads = has_heads and "=" not in line
                first, cells = line_number + 1, {}
            for column, part in parts.items():
                if not _BORDER_PART.fullmatch(part):
                    cells.setdefault(column, []).append(part)
        self._add_row(first, cells, has_heads)
        return stop

    def _read_simple(self, number: int, indent: int) -> int:
        """Read a table whose columns are only underlined; a row begins where there is text in the first column."""
        if not self._may_be_table:
            return 0
        borders = [number]
        stop = number + 1
        while stop < len(self._lines):
            if _SIMPLE_BORDER.match(self._lines[stop].strip()):
                borders.append(stop)
                if not self._line(stop + 1).strip():
                    break
            stop += 1
        else:
            self._may_be_table = False
            return 0
        columns = [0, *(match.start() for match in re.finditer(r"=+", self._lines[number]))][: MAX_COLUMNS + 1]
        del columns[1]
        head_end = borders[1] if len(borders) > 2 else number
        first, cells = number, dict[int, list[str]]()
        for at in range(number + 1, stop):
            line = self._lines[at].rstrip()
            if not line or not line.strip("=- "):
                continue
            if line[columns[0] : columns[1]].strip() or first < head_end < at:
                self._add_row(first, cells, first < head_end)
                first, cells = at, {}
            for column, start in enumerate(columns):
                if start >= len(line):
                    break
                end = columns[column + 1] if column + 1 < len(columns) else len(line)
                cells.setdefault(column, []).append(line[start:end])
        self._add_row(first, cells, first < head_end)
        return stop + 1

    def _read_list_table(self, number: int, stop: int, n_heads: int) -> int:
        """Read a table written as a list of lists."""
        rows: list[tuple[int, dict[int, list[str]]]] = []
        mark, inner = "", 0
        for at in range(number, stop):
            line = self._lines[at]
            content = line.strip()
            indent = len(line) - len(line.lstrip())
            if (row := _LIST_ROW.match(content)) and (not rows or indent < inner):
                mark, inner = row[1], indent + 2
                rows.append((at, {0: [content[row.end() :]]}))
            elif rows and indent == inner and content[:1] == mark and content[1:2] in ("", " "):
                rows[-1][1][len(rows[-1][1])] = [content[2:]]
            elif rows and content:
                rows[-1][1][len(rows[-1][1]) - 1].append(content)
            elif content:
                self._add_line(at, indent, content)
        self._flush()
        for place, (at, cells) in enumerate(rows):
            self._add_row(at, cells, place < n_heads)
        return stop

    # --- inline markup -------------------------------------------------------------------------------------------------

    def _inline(self, text: str) -> str:
        """Return a text with roles, links and references as what is seen of them; its line ends stay."""
        if not any(mark in text for mark in "`_|\\"):
            return text
        return _INLINE.sub(self._shown_with_lines, text)

    def _shown_with_lines(self, match: re.Match[str]) -> str:
        shown = self._shown(match)
        return shown + "\n" * (match[0].count("\n") - shown.count("\n"))

    def _shown(self, match: re.Match[str]) -> str:
        kind = match.lastgroup
        if kind == "joined":
            return "\n" if match[0][1] == "\n" else ""
        if kind == "literal":
            return f"`{match['literal']}`"
        if kind == "note":
            return f"[{match['note'].lstrip('#*')}]"
        if kind == "name":
            return self._replacements.get(match["name"], match[0])
        if kind == "word":
            return match["word"]
        whole: str = match["text"].rstrip(" \t")
        text, _, target = whole.removesuffix(">").rpartition("<")
        if not text.strip() or not whole.endswith(">"):
            return whole.lstrip("~!")
        is_link = match[0].endswith("_") and _ADDRESS.fullmatch(target) and not target.endswith("_")
        text = text.rstrip(" \t")  # a line may end before the address
        return f"[{text}]({target})" if is_link else text


def _grid_cells(line: str, columns: Sequence[int]) -> dict[int, str]:
    """Return the parts of a line of a grid between its borders, by column; a part over several columns is in its first.

    >>> _grid_cells("| a | b |", [0, 4, 8])
    {0: ' a ', 1: ' b '}
    """
    cells: dict[int, str] = {}
    first, start = 0, columns[0] + 1
    for number, at in enumerate(columns[1:], 1):
        if at >= len(line):
            break
        if line[at] in "|+":
            cells[first] = line[start:at]
            first, start = number, at + 1
    if start < len(line):  # the last border is missing, or there are too many
        cells[first] = line[start:]
    return cells
