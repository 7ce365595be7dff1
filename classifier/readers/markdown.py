"""Read Markdown with HTML in it, and MDX: a document's text is the Markdown without tags and comments.

Renderers show what HTML does and not its tags, so neither may a clause. Blanking tags in place would keep offsets that count
in the file, but leaves words broken, spaces before full stops, cells over many lines and comments that nobody sees; so the
text is rewritten, and a block's place is its line. Markdown itself is not parsed, only tokens of HTML are found in it:

- comments, scripts and styles are left out, tags within a line too; entities become characters;
- <b> and <a href> become bold words and links of Markdown, <li> its items; other tags break lines;
- <h1> to <h6> and <summary> become headings, and a table becomes its rows, read as that of a web page (`html.tables`);
- in MDX, tags of components, imports, exports and comments in braces are left out too; other expressions stay.

Code, between fences or backticks, stays as it is. A tag is only known by its name: "<Data Protection Officer>" is text.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from classifier.errors import ReadError
from classifier.readers.document import collapse_whitespace
from classifier.readers.encoding import decode_bytes, sniff
from classifier.readers.headings import MAX_HEADING_CHARACTERS
from classifier.readers.html.dom import INLINE, INVISIBLE
from classifier.readers.plaintext import front_matter_end
from classifier.readers.rewriting import LINE, PARAGRAPH, WRAPPED, Rewriter
from classifier.text.markup import BREAK
from classifier.types import Document

MAX_TOKENS = 200_000
"""Tags, comments and entities of a file; each takes some hundred bytes of memory."""
MAX_TITLE_SOURCE_CHARACTERS = 4000
"""Characters in the source of a heading, tags included."""
MAX_LIST_DEPTH = 10
"""Levels of nested items that are indented."""
MAX_EDGE_BLANKS = 100
"""White space before the first and after the last tag of a line."""
_VOID = frozenset("img input link meta base area param source track embed frame".split())
_DROPPED = INVISIBLE - _VOID
"""Elements that are left out with what is in them."""
_BREAKING = frozenset(
    "address article aside blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html label legend li main menu nav noscript ol optgroup "
    "option p pre search section summary table tbody td textarea tfoot th thead tr ul".split()
)
"""Elements that begin a line."""
_LISTS = frozenset(("dir", "menu", "ol", "ul"))
_RANKS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_TITLES = _RANKS | {"summary"}
_NO_TITLE = frozenset(("details", "ol", "table", "ul"))
"""Elements that no heading holds."""
_PAIRED = frozenset(("a", "b", "strong"))
_NAMES = sorted(INLINE | INVISIBLE | _BREAKING | {"br", "button", "object"}, reverse=True)
_NAME = "|".join([*_NAMES, *map(str.upper, _NAMES)])
_ATTRIBUTE = r"\s++[a-zA-Z_:@][\w.:@-]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'=<>`{]++))?+"  # as in CommonMark
_BRACES = r"\{(?:[^{}]++|\{(?:[^{}]++|\{[^{}]*+\})*+\})*+\}"
"""A value of JSX; nested deeper it is no value."""
_JSX_ATTRIBUTE = _ATTRIBUTE.replace("'|[^", rf"'|{_BRACES}|[^") + rf"|\s++{_BRACES}"


def _tag(name: str, attribute: str) -> str:
    return rf"<(?:/(?P<end>{name})\s*+|(?P<start>{name})(?P<attributes>(?:{attribute})*+)\s*+/?+)>"


_OTHERS = (
    r"(?P<escape>\\[!-/:-@\[-`{-~])|(?P<code>`++[^`\n]++`++)|(?P<fence>`{3,}|~{3,})|(?P<comment><!--)"
    r"|(?P<declaration><[!?][a-zA-Z\[][^<>]*+>)|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});)"
)
_TOKEN = re.compile(rf"(?=[<&`~\\])(?:{_tag(_NAME, _ATTRIBUTE)}|{_OTHERS})")
_JSX_TOKEN = re.compile(
    rf"(?=[<&`~\\{{ei])(?:{_tag('(?:[A-Za-z][A-Za-z0-9_.:-]*+)?', _JSX_ATTRIBUTE)}|{_OTHERS}"
    r"|(?P<jsx_comment>\{/\*)|(?P<blank>\{\s*+(?:\"\s*+\"|'\s*+'|`\s*+`)\s*+\})"
    r"|(?m:^)(?P<module>import\s+(?:[\w*{$][^;\"']{0,500}?\sfrom\s+)?[\"']"
    r"|export\s+(?:default|const|let|var|function|class|async|type|interface)\b|export\s*[*{]))"
)
_MARKUP = re.compile(
    rf"{_tag('|'.join(name for name in _NAME.split('|') if name.lower() != 'br'), _ATTRIBUTE)}|<!--"
    r"|&(?:nbsp|amp|lt|gt|quot|apos|[lr][sd]quo|[nm]dash|copy|reg|trade|hellip|bull|middot|e[nm]sp|shy|\#\d{1,7}|\#[xX]\w{1,6});"
)
_OPENING = re.compile("[<&]")
_BREAK_TAG = re.compile(r"^[ \t]*+(?![ \t|])[^\n\r]*?<(?:br|BR)\s*+/?+>", re.MULTILINE)
"""A line with a break, if it is not a row of a table."""
_HREF = re.compile(r"\shref\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>=`]++))", re.IGNORECASE)
_TARGET = re.compile(r"[^()\s<>\[\]|]++")
_BLANK_LINE = re.compile(r"\n[ \t]*+\n")
_FENCE_END = re.compile(r"^[ \t]*+(?:`{3,}+|~{3,}+)[ \t]*+$", re.MULTILINE)
_ROW_NUMBER = "data-source-token"
_ESCAPED = frozenset("*_`[]#|\\")
"""Characters that Markdown would take for markup."""


def has_markup(data: bytes) -> bool:
    """Whether a file holds HTML that a renderer of Markdown would not show.

    A file with line breaks in the rows of its tables and no other tags needs no rewriting: it stays as it is.

    >>> has_markup(b"We keep <b>logs</b>."), has_markup(b"Write to <mail@otterford.example>.")
    (True, False)
    """
    text = data.decode(sniff(data) or "utf-8", "replace")
    if any(_MARKUP.match(text, opening.start()) for opening in _OPENING.finditer(text)):
        return True
    return "<b" in text.lower() and _BREAK_TAG.search(text) is not None


def read_markdown(data: bytes, name: str, charset: str = "", is_jsx: bool = False) -> Document:
    """Read a file of Markdown with HTML in it.

    Parameters
    ----------
    data
        The bytes of the file.
    name
        Name of the file in messages and output.
    charset
        The encoding that a server declared.
    is_jsx
        Whether it is MDX.

    Raises
    ------
    ReadError
        If it cannot be decoded, has no text, or more than a policy could have.

    Examples
    --------
    >>> read_markdown(b"<h2>Logs</h2>\\n\\nWe keep <i>logs</i>.<!-- sure? -->", "policy.md").text
    'Logs\\n\\nWe keep logs.'
    """
    text, encoding = decode_bytes(data, name, charset)
    source = BREAK.sub("\n", text)
    return _Translation(source, name, is_jsx).rewritten().to_document(name, encoding, "mdx" if is_jsx else "markdown")


class _Token(NamedTuple):
    """A tag, a comment, an entity.

    Attributes
    ----------
    kind
        "start" or "end" of an element, "entity", "other" if it is left out, "text" if it stays as it is.
    name
        Name of the element; in capitals only that of a component.
    start, end
        Its place in the source.
    attributes
        Source of the attributes of a start tag.
    """

    kind: str
    name: str
    start: int
    end: int
    attributes: str = ""


class _Translation:
    """Writes the text of a source token by token."""

    def __init__(self, source: str, name: str, is_jsx: bool) -> None:
        self._source = source
        self._name = name
        self._out = Rewriter(source)
        self._begin = front_matter_end(source)
        self._tokens: list[_Token] = []
        for token in self._find_tokens(_JSX_TOKEN if is_jsx else _TOKEN):
            self._tokens.append(token)
            if len(self._tokens) > MAX_TOKENS:
                raise ReadError(
                    f"{name}: has more than {MAX_TOKENS:,} tags, which no policy has; save the policy alone"
                )
        self._ends = self._find_ends()
        self._pairs = self._find_pairs()
        self._line_starts = [0, *(end.end() for end in BREAK.finditer(source)), len(source) + 1]
        self._lists: list[int] = []  # for each open list the number of its last item, -1 without numbers
        self._open_details = 0

    def rewritten(self) -> Rewriter:
        """Write all of the source."""
        at, number = self._begin, 0
        if at:
            self._out.add(self._source[:at], 0)
        while number < len(self._tokens):
            token = self._tokens[number]
            self._out.add(self._source[at : token.start], at)
            number = self._translate(number)
            at = self._tokens[number - 1].end
        self._out.add(self._source[at:], at)
        return self._out

    # --- tokens --------------------------------------------------------------------------------------------------------

    def _find_tokens(self, pattern: re.Pattern[str]) -> Iterator[_Token]:
        """Yield the tokens in order; marks that nothing closes are text."""
        source, at = self._source, self._begin
        unclosed: set[str] = set()
        while match := pattern.search(source, at):
            kind, start, at = match.lastgroup or "", match.start(), match.end()
            if kind in ("start", "end", "attributes"):
                kind = "end" if match["end"] is not None else "start"
                written = match[kind]
                name = written.lower() if written.isupper() else written  # others in capitals are components
                yield _Token(kind, name, start, at, match["attributes"] or "")
            elif kind == "entity":
                yield _Token(kind, "", start, at)
            elif kind in ("declaration", "blank"):
                yield _Token("other" if kind == "declaration" else "entity", "", start, at)
            elif kind in ("comment", "jsx_comment", "fence", "module") and kind not in unclosed:
                end = self._end_of(kind, start, at)
                if end < 0:
                    unclosed.add(kind)
                elif end:
                    at = end
                    yield _Token("text" if kind == "fence" else "other", "", start, at)

    def _end_of(self, kind: str, start: int, at: int) -> int:
        """Return the end of a comment, of code or of an import; -1 if it has none, 0 if it is none."""
        source = self._source
        if kind == "module":
            blank = _BLANK_LINE.search(source, at)
            return blank.start() if blank else len(source)
        if kind == "fence":
            if source[source.rfind("\n", 0, start) + 1 : start].strip():
                return 0
            fence = _FENCE_END.search(source, at)
            return fence.end() if fence else -1
        mark = "-->" if kind == "comment" else "*/}"
        end = source.find(mark, at)
        return end + len(mark) if end >= 0 else -1

    def _find_ends(self) -> list[int]:
        """Return for each start tag the number of its end tag, 0 if there is none before another start tag of its name."""
        ends = [0] * len(self._tokens)
        following: dict[str, int] = {}
        for number in range(len(self._tokens) - 1, -1, -1):
            token = self._tokens[number]
            if token.kind == "end":
                following[token.name] = number
            elif token.kind == "start":
                ends[number] = following.get(token.name, 0)
                if token.name not in _DROPPED:  # in a script all is text
                    following[token.name] = 0
        return ends

    def _find_pairs(self) -> dict[int, int]:
        """Return the pairs of tags of bold words and links within a paragraph, as numbers of their tokens."""
        pairs: dict[int, int] = {}
        opened: dict[str, int] = {}
        for number, token in enumerate(self._tokens):
            if token.name in _BREAKING or token.kind == "text":
                opened.clear()
            elif token.kind == "start" and token.name in _PAIRED:
                opened[token.name] = number
            elif token.kind == "end" and token.name in opened:
                first = opened.pop(token.name)
                inner = self._inner_source(first, number)
                is_line = "\n" not in inner or not _BLANK_LINE.search(inner)
                if inner.strip() and is_line and not ("[" in inner if token.name == "a" else "**" in inner):
                    pairs[first] = number
        return pairs | {last: first for first, last in pairs.items()}

    def _inner_source(self, first: int, last: int) -> str:
        """Return the text between two tokens without the tokens between them."""
        tokens, parts = self._tokens, []
        for number in range(first, last):
            parts.append(self._source[tokens[number].end : tokens[number + 1].start])
            if tokens[number + 1].kind in ("entity", "text") and number + 1 < last:
                parts.append(self._shown(tokens[number + 1]))
        return "".join(parts)

    def _shown(self, token: _Token) -> str:
        """Return the text of a token without a tag."""
        source = self._source[token.start : token.end]
        if token.kind != "entity":
            return source
        character = " " if source[0] == "{" else html.unescape(source)
        return " " if character.isspace() else f"\\{character}" if character in _ESCAPED else character

    # --- translation ---------------------------------------------------------------------------------------------------

    def _translate(self, number: int) -> int:
        """Write what a token stands for; return the number of the token to go on with."""
        token, out = self._tokens[number], self._out
        if token.kind in ("entity", "text"):
            out.add(self._shown(token), token.start)
        elif token.name == "br":
            self._break(WRAPPED, token)
        elif token.name in _DROPPED and token.kind == "start":
            return max(number, self._ends[number]) + 1
        elif number in self._pairs:
            self._translate_pair(number)
        elif token.name in _BREAKING:
            if token.kind == "start" and (after := self._translate_whole(number)):
                return after
            self._translate_breaking(token)
        elif token.kind in ("start", "end") and self._is_at_edge(token):
            self._break(PARAGRAPH, token)
        return number + 1

    def _translate_pair(self, number: int) -> None:
        token, out = self._tokens[number], self._out
        start = self._tokens[min(number, self._pairs[number])]
        mark, end_mark = "**", "**"
        if token.name == "a":
            target = _HREF.search(start.attributes)
            address = html.unescape(target[1] or target[2] or target[3] or "").strip() if target else ""
            if not _TARGET.fullmatch(address):
                return
            mark, end_mark = "[", f"]({address})"
        if token.kind == "start":
            out.open(mark, token.start)
        else:
            out.close(end_mark, token.start)

    def _translate_whole(self, number: int) -> int:
        """Write a heading or a table; return the number of the token after it, 0 if it is none or has no end."""
        token, last = self._tokens[number], self._ends[number]
        if not last or self._out.is_in_row:
            return 0
        if token.name in _TITLES:
            return last + 1 if self._write_title(number, last) else 0
        return last + 1 if token.name == "table" and self._write_table(number, last) else 0

    def _write_title(self, first: int, last: int) -> bool:
        """Write a heading; return False if it holds more than a heading does."""
        token = self._tokens[first]
        if self._tokens[last].end - token.start > MAX_TITLE_SOURCE_CHARACTERS:
            return False
        tags = [tag.name for tag in self._tokens[first:last] if tag.kind in ("start", "end")]
        ranks = [int(tag[1]) for tag in tags if tag in _RANKS]
        if not _NO_TITLE.isdisjoint(tags) or (token.name in _RANKS and len(ranks) > 1):
            return False
        text = collapse_whitespace(self._inner_source(first, last)).strip("*_ ")
        if len(text) > MAX_HEADING_CHARACTERS:
            return False
        rank = ranks[0] if ranks else 0
        self._out.add_block("heading", text, token.start, rank, "" if rank else f"summary {self._open_details}")
        return True

    def _translate_breaking(self, token: _Token) -> None:
        out = self._out
        if token.name == "details":
            self._open_details = max(0, self._open_details + (1 if token.kind == "start" else -1))
        if token.name in _LISTS:
            if token.kind == "start":
                self._lists.append(0 if token.name == "ol" else -1)
            elif self._lists:
                self._lists.pop()
        if out.is_in_row:
            out.add(" • " if token.name == "li" and token.kind == "start" else " ", token.start)
            return
        depth = min(len(self._lists), MAX_LIST_DEPTH)
        out.indent = "  " * depth
        is_in_list = token.name == "li" or (token.name in _LISTS and depth > (token.kind == "start"))
        out.break_line(LINE if is_in_list else PARAGRAPH)
        if token.name == "li":
            out.drop_mark()
            if token.kind == "start":
                out.add_mark("  " * (depth - 1) + self._next_mark(), token.start)
        if token.name == "details" and token.kind == "end":
            out.end_section(f"summary {self._open_details + 1}")

    def _next_mark(self) -> str:
        if not self._lists or self._lists[-1] < 0:
            return "* "
        self._lists[-1] += 1
        return f"{self._lists[-1]}. "

    def _break(self, kind: int, token: _Token) -> None:
        if self._out.is_in_row:
            self._out.add(" ", token.start)
        else:
            self._out.break_line(kind)

    def _is_at_edge(self, token: _Token) -> bool:
        """Whether the tag of a component is the first or the last on a line that begins and ends with tags."""
        if token.name in INLINE or token.name in INVISIBLE:
            return False
        line = bisect_right(self._line_starts, token.start)
        start, end = self._line_starts[line - 1], self._line_starts[line] - 1
        # the line may be long, and hold many tags: only its edges are looked at
        before, after = (
            self._source[start : start + MAX_EDGE_BLANKS],
            self._source[max(start, end - MAX_EDGE_BLANKS) : end],
        )
        first, last = start + len(before) - len(before.lstrip()), end - len(after) + len(after.rstrip())
        if self._source[first : first + 1] != "<" or self._source[last - 1 : last] != ">":
            return False
        return first == token.start or last == token.end

    # --- tables --------------------------------------------------------------------------------------------------------

    def _write_table(self, first: int, last: int) -> bool:
        """Write the rows of a table of data; return False for a table that is only layout."""
        from classifier.readers.html.dom import parse_html
        from classifier.readers.html.tables import is_data_table, table_pieces

        # each row is given the number of its tag, to find its line again
        parts: list[str] = []
        starts: dict[str, int] = {}
        at = self._tokens[first].start
        for number in range(first, last):
            token = self._tokens[number]
            if token.name == "tr" and token.kind == "start":
                parts += [self._source[at : token.start], f'<tr {_ROW_NUMBER}="{number}"']
                at = token.start + len("<tr")
                starts[str(number)] = token.start
        parts.append(self._source[at : self._tokens[last].end])
        body = parse_html("".join(parts), self._name)
        table = next((element for element in body.elements if element.tag == "table"), None)
        if table is None or table.words < body.words or not is_data_table(table):
            return False
        numbers = {row.path: row.attributes.get(_ROW_NUMBER, "") for row in table.subtree() if row.tag == "tr"}
        for piece in table_pieces(table, ()):
            start = starts.get(numbers.get(piece.place, ""), self._tokens[first].start)
            self._out.add_block(piece.kind, piece.text, start, style=piece.style)
        return True
