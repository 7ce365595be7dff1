"""Bounds on the cost of a web page, found by counting before the page is parsed.

Parsers of HTML repair what is not closed or wrongly nested, and a page made for it costs them minutes or gigabytes: thousands
of elements open at once, formatting that each paragraph opens again. `check` goes through the tags as a parser does and
refuses such pages. `is_cheap` tells by a few counts that a page cannot be one of them; most pages pass it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from classifier.errors import ReadError

MAX_TAGS = 300_000
"""Tags of a page, end tags included; real pages have 1 % of it."""
MAX_NODES = 600_000
"""Elements and texts that a parser makes of a page."""
MAX_REPEATED = 50_000
"""Formatting elements that a parser makes once more, since they were not closed or were wrongly nested."""
MAX_COST = 10_000_000
"""Sum over the tags of the elements open there, and of what else a parser looks at for a tag; real pages have 1 % of it."""

CHEAP_BYTES = 1_500_000
CHEAP_TAGS = 12_000
CHEAP_NODES = 30_000
CHEAP_STEPS = 20_000_000
CHEAP_ATTRIBUTES = 2_000
"""A page is cheap up to these: bytes, "<" signs, nodes and pieces, tags times open elements, attributes in one tag."""
ADOPTED = 32
"""Elements that an end tag of a formatting element makes at most: 8 rounds, each of 1 element and at most 3 within it."""

FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that the parser opens again where they were not closed."""
WITHIN_LINES = frozenset("abbr cite label mark span sub sup time".split())
"""Elements without rules of their own that pages have within lines."""
NEVER_OPEN = frozenset("br embed hr img meta wbr".split())
"""Void elements that are so even in pictures and formulas."""
_COUNTED = frozenset("col colgroup option table td th tr".split())
VOID = frozenset(
    "area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split()
)

_ATTRIBUTE = (
    r"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|))?+"
)
_REST = rf"(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+"
# as the tokenizer of the HTML standard does; a quote or a comment that does not end goes to the end of the page
_TOKEN = re.compile(rf"<(?:!--(?:-?>|)|(/?)([a-zA-Z][^\t\n\f\r />]*+)({_REST})>?|(!\[CDATA\[)|[!?/][^>]*+>?)")
_ATTRIBUTE_NAMES = re.compile(_ATTRIBUTE.replace("/>=]*+", "/>=]*+)", 1).replace("[", "([", 1))
_COMMENT_END = re.compile("--!?>")
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_RAW_ENDS = {name: re.compile(rf"</{name}(?=[\t\n\f\r />])", re.IGNORECASE) for name in _RAW}
_SCRIPT_STATES = re.compile(r"<!--|-->|<(/?)script(?=[\t\n\f\r />])", re.IGNORECASE)
_COPIES = re.compile("<(?=selectedcontent)", re.IGNORECASE)

_SCOPE = frozenset("applet caption html table td th marquee object select template".split())
_FOREIGN_SCOPE = frozenset("*mi *mo *mn *ms *mtext *annotation-xml *foreignobject *desc *title".split())
_ALL_SCOPE = _SCOPE | _FOREIGN_SCOPE
_BUTTON_SCOPE = _ALL_SCOPE | {"button"}
_ITEM_SCOPE = _ALL_SCOPE | {"ol", "ul"}
_MARKED = frozenset("applet caption marquee object td template th".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = frozenset(
    "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header hgroup listing "
    "main menu nav ol pre search section summary ul".split()
)
_CLOSES_P = _BLOCKS | _HEADINGS | frozenset("dd dt form hr li p plaintext table xmp".split())
_SPECIAL = (
    _BLOCKS
    | _HEADINGS
    | _ALL_SCOPE
    | VOID
    | frozenset(
        "body button colgroup dd dt form head iframe li noembed noframes noscript p plaintext script style".split()
    )
    | frozenset("tbody textarea tfoot thead title tr xmp".split())
) - {"dialog"}
_IN_ROWS = frozenset("table tbody tfoot thead tr".split())
_ROW_PARTS = {"caption": 0, "colgroup": 0, "tbody": 0, "tfoot": 0, "thead": 0, "tr": 1, "td": 2, "th": 2}
_IMPLIED_ENDS = frozenset("dd dt li optgroup option p rb rp rt rtc".split())
_BREAKOUT = frozenset(
    "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p "
    "pre ruby s small span strong strike sub sup table tt u ul var".split()
)
_FONT_LOOKS = re.compile(r"[\t\n\f\r /\"'](?:color|face|size)(?![^\t\n\f\r />=])", re.IGNORECASE)


def too_large(name: str, what: str) -> ReadError:
    """Make the error for a page that would take too long."""
    return ReadError(f"{name}: has {what}, which no policy has; save the policy alone")


def check(html: str, name: str) -> None:
    """Refuse a page that costs too much to parse.

    Raises
    ------
    ReadError
        If it has too many tags, too many elements open at once, or too many attributes in one tag.
    """
    _Parser(name).run(html)


def without_copies(html: str) -> str:
    """Rename elements that repeat the content of others: <selectedcontent> shows the chosen option once more."""
    return _COPIES.sub("<x-", html) if "electedcontent" in html.lower() else html


class _Token(NamedTuple):
    """A tag, whether text is before it, and whether it ends an element or itself."""

    tag: str
    is_end: bool
    rest: str
    after_text: bool


class _Formatting:
    """A formatting element that is not closed by its end tag yet; it may have to be opened again."""

    __slots__ = ("is_open", "key", "tag")

    def __init__(self, tag: str, key: str) -> None:
        self.tag = tag
        self.key = key
        self.is_open = True


class _Parser:
    """Counts what a parser of the HTML standard would do.

    It knows what an end tag and a start tag close, and which elements stop them; formatting that is opened again, and that is
    moved into blocks by its end tag. `open` are the tags of the open elements, those of pictures and formulas with a "*" before
    them; `formatting` has the formatting element for each that is one. A None in `active` is a marker, which nothing before is
    opened again after.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._open: list[str] = ["html", "body"]
        self._formatting: list[_Formatting | None] = [None, None]
        self._active: list[_Formatting | None] = []
        self._cost = self._nodes = self._repeated = 0
        self._selects: list[int] = []  # for each open <select> the nodes made before it

    def run(self, html: str) -> None:
        for number, token in enumerate(self._tokens(html)):
            if token.after_text:
                self._text()
            if token.is_end:
                self._end(token.tag)
            else:
                self._start(token.tag, token.rest)
            self._cost += len(self._open)
            if number >= MAX_TAGS:
                raise too_large(self._name, f"more than {MAX_TAGS:,} tags")
            if self._cost > MAX_COST:
                raise too_large(self._name, f"{len(self._open):,} elements open at once")
            if self._repeated > MAX_REPEATED:
                what = f"formatting that was never closed and has to be repeated more than {MAX_REPEATED:,} times"
                raise too_large(self._name, what)
        self._text()

    def _tokens(self, html: str) -> Iterator[_Token]:
        """Find the tags; not in comments, nor in scripts and the like."""
        at = 0
        before = 0  # where the last token ended
        while (match := _TOKEN.search(html, at)) is not None:
            at = match.end()
            tag = match[2]
            if tag is not None:
                tag = tag.lower()
                rest = match[3]
                if len(rest) > 4 * CHEAP_ATTRIBUTES:
                    self._attributes(rest)
                yield _Token(tag, bool(match[1]), rest, match.start() > before)
                if tag in _RAW_ENDS and not match[1] and not self._is_foreign_tag(tag):
                    at = _raw_end(html, at, tag)
                elif tag == "plaintext" and not match[1] and self._open[-1] == tag:
                    at = len(html)
            elif match[0] == "<!--":
                end = _COMMENT_END.search(html, at)
                at = end.end() if end else len(html)
            elif match[4]:
                at = html.find("]]>" if self._is_foreign() else ">", at) + 1 or len(html)
            before = at

    def _attributes(self, rest: str) -> None:
        """Count the attributes of one tag: a parser compares each with all before it."""
        count = len(set(_ATTRIBUTE_NAMES.findall(rest)))
        self._cost += count * count // 2
        if self._cost > MAX_COST:
            raise too_large(self._name, f"{count:,} attributes in one tag")

    # --- what is open ---------------------------------------------------------------------------------------------------

    def _push(self, tag: str, formatting: _Formatting | None = None) -> None:
        self._open.append(tag)
        self._formatting.append(formatting)
        self._nodes += 1

    def _cut(self, at: int) -> None:
        """Close the open elements from a place on."""
        for tag in self._open[at:]:
            if tag == "select":
                self._selects.pop()
        for formatting in self._formatting[at:]:
            if formatting is not None:
                formatting.is_open = False
        del self._open[at:], self._formatting[at:]

    def _find(self, tag: str, scope: frozenset[str]) -> int:
        """Return the place of the innermost open element of a tag, -1 where there is none in scope."""
        for at in range(len(self._open) - 1, 1, -1):
            if self._open[at] == tag:
                self._cost += len(self._open) - at
                return at
            if self._open[at] in scope:
                self._cost += len(self._open) - at
                return -1
        self._cost += len(self._open)
        return -1

    def _close(self, tag: str, scope: frozenset[str]) -> bool:
        at = self._find(tag, scope)
        if at >= 0:
            self._cut(at)
        return at >= 0

    def _unmark(self) -> None:
        """Forget the formatting since the last marker, and the marker."""
        while self._active and self._active.pop() is not None:
            pass

    def _close_marked(self, at: int) -> None:
        """Close the open elements from a place on, and forget the formatting begun in those that mark it off."""
        marked = sum(tag in _MARKED for tag in self._open[at:])
        self._cut(at)
        for _ in range(marked):
            self._unmark()

    # --- formatting -----------------------------------------------------------------------------------------------------

    def _text(self) -> None:
        self._nodes += 1
        if not self._is_foreign():
            self._reopen()

    def _reopen(self) -> None:
        """Open again the formatting elements that were closed without their end tags."""
        active = self._active
        at = len(active)
        while at:
            formatting = active[at - 1]
            if formatting is None or formatting.is_open:
                break
            at -= 1
        for formatting in active[at:]:
            if formatting is not None:
                formatting.is_open = True
                self._push(formatting.tag, formatting)
                self._repeated += 1

    def _format(self, tag: str, rest: str) -> None:
        """Open a formatting element; of those alike at most three are remembered."""
        formatting = _Formatting(tag, f"{tag} {rest.strip()}")
        alike = []
        for at in range(len(self._active) - 1, -1, -1):
            other = self._active[at]
            self._cost += 1
            if other is None:
                break
            if other.key == formatting.key:
                alike.append(at)
        if len(alike) >= 3:
            del self._active[alike[-1]]
        self._push(tag, formatting)
        self._active.append(formatting)

    def _adopt(self, tag: str) -> None:
        """Close a formatting element; where blocks are open in it, it is moved into them, at most eight times."""
        if self._open[-1] == tag and not self._is_active(self._formatting[-1]):
            self._cut(len(self._open) - 1)
            return
        for _ in range(8):
            formatting = self._last_active(tag)
            if formatting is None:
                return self._close_other(tag)
            if not formatting.is_open:
                self._forget(formatting)
                return None
            at = len(self._open) - 1
            while self._formatting[at] is not formatting:
                if self._open[at] in _ALL_SCOPE:
                    return None
                at -= 1
            self._cost += 2 * (len(self._open) - at)
            block = next((k for k in range(at + 1, len(self._open)) if self._open[k] in _SPECIAL), 0)
            if not block:
                self._forget(formatting)
                self._cut(at)
                return None
            self._move(at, block, formatting)
        return None

    def _is_active(self, formatting: _Formatting | None) -> bool:
        if formatting is None:
            return False
        return any(each is formatting for each in reversed(self._active))

    def _forget(self, formatting: _Formatting) -> None:
        """Take a formatting element from those to be opened again, if it is one."""
        for at in range(len(self._active) - 1, -1, -1):
            self._cost += 1
            if self._active[at] is formatting:
                del self._active[at]
                return

    def _last_active(self, tag: str) -> _Formatting | None:
        for formatting in reversed(self._active):
            self._cost += 1
            if formatting is None:
                return None
            if formatting.tag == tag:
                return formatting
        return None

    def _move(self, at: int, block: int, formatting: _Formatting) -> None:
        """Move a formatting element into a block, with the three innermost ones between them."""
        between = [each for each in self._formatting[at + 1 : block] if each is not None]
        kept, dropped = between[-3:], between[:-3]
        for each in self._formatting[at:block]:
            if each is not None:
                each.is_open = False
        for each in dropped:
            self._forget(each)
        tags: list[str] = [each.tag for each in kept]
        self._open[at : block + 1] = [*tags, self._open[block], formatting.tag]
        self._formatting[at : block + 1] = [*kept, self._formatting[block], formatting]
        for each in (*kept, formatting):
            each.is_open = True
        self._repeated += 1 + len(kept)

    # --- tags -----------------------------------------------------------------------------------------------------------

    def _is_foreign(self) -> bool:
        return self._open[-1].startswith("*") and self._open[-1] not in _FOREIGN_SCOPE

    def _is_foreign_tag(self, tag: str) -> bool:
        return self._open[-1] == f"*{tag}" or self._is_foreign()

    def _start(self, tag: str, rest: str) -> None:
        if self._is_foreign():
            if tag not in _BREAKOUT and not (tag == "font" and _FONT_LOOKS.search(rest)):
                if not rest.endswith("/"):
                    self._push(f"*{tag}")
                return
            while self._is_foreign():
                self._cut(len(self._open) - 1)
        if tag in _ROW_PARTS or tag == "col":
            self._start_in_table(tag)
        elif tag in ("html", "head", "body", "frameset"):
            return
        elif tag in VOID or tag in _RAW_ENDS or tag == "image":
            if tag == "hr" or tag == "xmp":
                self._close("p", _BUTTON_SCOPE)
            if tag not in ("hr", "script", "style", "title", "noframes", "link", "meta", "base"):
                self._reopen()
            self._nodes += 1
        elif tag in _CLOSES_P:
            self._start_block(tag)
        else:
            self._start_inline(tag, rest)

    def _start_block(self, tag: str) -> None:
        if tag in ("li", "dd", "dt"):
            alike = ("li",) if tag == "li" else ("dd", "dt")
            for at in range(len(self._open) - 1, 1, -1):
                self._cost += 1
                if self._open[at] in alike:
                    self._cut(at)
                    break
                if self._open[at] in _SPECIAL and self._open[at] not in ("address", "div", "p"):
                    break
        elif tag == "form" and "form" in self._open[2:]:
            return
        elif (
            tag == "table" and (at := self._table()) and not any(t in ("td", "th", "caption") for t in self._open[at:])
        ):
            self._close_marked(at)
        self._close("p", _BUTTON_SCOPE)
        if tag in _HEADINGS and self._open[-1] in _HEADINGS:
            self._cut(len(self._open) - 1)
        self._push(tag)

    def _start_inline(self, tag: str, rest: str) -> None:
        if tag == "a":
            if (old := self._last_active("a")) is not None:
                self._adopt("a")
                self._forget(old)
        elif tag == "nobr":
            self._reopen()
            if self._find("nobr", _ALL_SCOPE) >= 0:
                self._adopt("nobr")
        elif tag == "button":
            self._close("button", _ALL_SCOPE)
        elif tag in ("option", "optgroup"):
            self._start_option(tag)
        elif tag in ("rb", "rtc", "rp", "rt"):
            if self._find("ruby", _ALL_SCOPE) >= 0:
                while self._open[-1] in _IMPLIED_ENDS and not (tag in ("rp", "rt") and self._open[-1] == "rtc"):
                    self._cut(len(self._open) - 1)
            self._push(tag)
            return
        elif tag == "select" and self._close("select", _SCOPE - {"select"}):
            return
        if tag not in ("noscript", "template", "rb", "rt", "rp"):
            self._reopen()
        if tag in FORMATTING:
            self._format(tag, rest)
        elif tag in ("svg", "math"):
            if not rest.endswith("/"):
                self._push(f"*{tag}")
        else:
            if tag == "select":
                self._selects.append(self._nodes)
            self._push(tag)
            if tag in _MARKED:
                self._active.append(None)

    def _start_option(self, tag: str) -> None:
        if self._selects:
            while self._open[-1] == "option" or (tag == "optgroup" and self._open[-1] == "optgroup"):
                self._cut(len(self._open) - 1)
            if tag == "option":
                self._cost += self._nodes - self._selects[-1]
        elif self._open[-1] == "option":
            self._cut(len(self._open) - 1)

    def _table(self) -> int:
        """Return the place of the innermost open table, 0 where there is none."""
        for at in range(len(self._open) - 1, 1, -1):
            if self._open[at] == "table":
                return at
            if self._open[at] == "template":
                return 0
        return 0

    def _start_in_table(self, tag: str) -> None:
        at = self._table()
        self._cost += len(self._open) - at
        if not at:
            return
        self._close_marked(at + 1)
        if tag == "col":
            self._nodes += 1
            return
        for part in ("tbody", "tr")[: _ROW_PARTS[tag]]:
            self._push(part)
        self._push(tag)
        if tag in _MARKED:
            self._active.append(None)

    def _end(self, tag: str) -> None:
        if self._open[-1].startswith("*") and tag not in ("p", "br"):
            at = len(self._open) - 1
            while self._open[at].startswith("*") and self._open[at] != f"*{tag}":
                at -= 1
            self._cost += len(self._open) - at
            if self._open[at].startswith("*"):
                self._cut(at)
                return
        if tag in FORMATTING:
            self._adopt(tag)
        elif tag == "p":
            if not self._close("p", _BUTTON_SCOPE):
                self._nodes += 1
        elif tag in _ROW_PARTS or tag == "table":
            self._end_in_table(tag)
        elif tag == "li":
            self._close("li", _ITEM_SCOPE)
        elif tag in _HEADINGS:
            at = max(self._find(each, _ALL_SCOPE | _HEADINGS - {each}) for each in _HEADINGS)
            if at >= 0:
                self._cut(at)
        elif tag == "form":
            at = self._find("form", _ALL_SCOPE)
            if at >= 0:
                del self._open[at], self._formatting[at]
        elif tag in _MARKED:
            at = self._find(tag, _ALL_SCOPE)
            if at >= 0:
                self._close_marked(at)
        elif tag in _BLOCKS or tag in ("button", "dd", "dt", "select"):
            self._close(tag, _ALL_SCOPE - {"select"} if tag == "select" else _ALL_SCOPE)
        elif tag not in VOID:
            self._close_other(tag)

    def _end_in_table(self, tag: str) -> None:
        at = len(self._open) - 1
        while at > 1 and self._open[at] != tag and self._open[at] not in ("table", "template"):
            at -= 1
        self._cost += len(self._open) - at
        if self._open[at] == tag:
            self._close_marked(at)

    def _close_other(self, tag: str) -> None:
        self._close(tag, _SPECIAL)


def _raw_end(html: str, at: int, tag: str) -> int:
    """Return where the text of a script or the like ends, which is before its end tag."""
    end = _RAW_ENDS[tag].search(html, at)
    if end is None:
        return len(html)
    if tag != "script" or html.find("<!--", at, end.start()) < 0:
        return end.start()
    hidden = twice = False  # in a comment; in a script in a comment, whose end tag does not end the outer one
    for match in _SCRIPT_STATES.finditer(html, at):
        if match[0] == "<!--":
            hidden = True
        elif match[0] == "-->":
            hidden = twice = False
        elif not match[1]:
            twice = twice or hidden
        elif twice:
            twice = False
        else:
            return match.start()
    return len(html)


# --- cheap pages -------------------------------------------------------------------------------------------------------

# a tag that surely ends where it seems to: no "<" or ">" between its quotes
_WHOLE_TAG = re.compile(
    rb"(/?)(?:((?i:%b))(?=[\t\n\f\r />])|[a-zA-Z][a-zA-Z0-9:-]*+)"
    rb"((?:[\t\n\f\r ]++[^\t\n\f\r />=\"'<]++(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+"
    rb"(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\t\n\f\r >\"'<=`]++))?+)*+)[\t\n\f\r ]*+/?>"
    % "|".join(sorted(FORMATTING | WITHIN_LINES | NEVER_OPEN | _COUNTED)).encode()
)
_REST_OF_TAG = re.compile(rb"/?[a-zA-Z][^\t\n\f\r />]*+" + _REST.encode())
_NAMES_IN_TAG = re.compile(_ATTRIBUTE_NAMES.pattern.encode())
_LOOSE_FORMATTING = re.compile(
    rb"/?(?:%b)(?![a-z0-9])" % b"|".join(sorted(name.encode() for name in FORMATTING)), re.IGNORECASE
)
_ROWSPAN = re.compile(rb"rowspan[\t\n\f\r ]*+=[\t\n\f\r ]*+[\"']?+([0-9]{1,9})[\"' >/\t\n\f\r]")
_NEVER_OPEN = frozenset(name.encode() for name in NEVER_OPEN)
_COUNTED_BYTES = frozenset(name.encode() for name in _COUNTED)
_FORMATTING_BYTES = frozenset(name.encode() for name in FORMATTING)


def is_cheap(data: bytes) -> bool:
    """Whether a page surely takes at most about half a second and 100 MB to parse and read.

    A page that is not may be as cheap; nobody knows before it is parsed. The argument, for a parser that follows the HTML
    standard:

    1. Each token but text begins with "<", so there are at most `L` of them, `L` being the number of these signs, and as many
       texts. A token makes at most 1 element of its own; a cell, a row, a column at most 2 that were left out around it.
       Comments, scripts and attributes make `L` larger, never smaller. In UTF-16 and ISO-2022-JP this does not hold: such pages
       are not cheap.
    2. More is made only of formatting elements (`FORMATTING`) that are closed without their end tags. One that is followed,
       with nothing but text, void elements and well-nested elements of a line between, by its own end tag is not among them
       ("paired"): if its start tag is one, and does not stand in a comment, then so are those tags. Of the others at most 3
       alike are remembered by a parser, and 1 <a> and 1 <nobr>. So at most `F` are opened again at once, `F` being 2 plus the
       sum over the different tags of min(3, count); tags that are not surely whole count one each. They are closed by a tag
       that is not paired, so at most `F` times the number of those are made.
    3. An end tag that is not paired, of an unpaired kind of formatting element, makes at most `ADOPTED` elements. So does an
       <a> while another one is open, which it closes, so no more often than there are unpaired ones. An end tag may be
       unpaired though it does not seem so, if its start tag is in a comment or an attribute that ends between the two. Each
       of these begins with a "<" that begins no whole tag, and ends once, within at most as many pairs as are nested.
    4. At most as many elements are open as there are start tags that are neither void nor paired, 2 for each table added;
       formatting opened again is open in one place only. The time of the parser grows with that number times the tags.
    5. A tag that is surely whole has as many attributes as are counted in it; for each other "<" the tag that may begin there
       is read as the tokenizer reads it.
    6. Reading takes time that grows with the nodes, cells repeated by `rowspan`, lines of <pre>, and bytes.
    """
    signs = data.count(b"<")
    if len(data) > CHEAP_BYTES or signs > CHEAP_TAGS or b"\0" in data or b"\x1b" in data:
        return False
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    lower = data.lower()
    if b"<selectedcontent" in lower:
        return False
    tags = _Tags(data)
    if tags.attributes > CHEAP_ATTRIBUTES:
        return False
    lines = data.count(b"\n") + data.count(b"\r") + data.count(b"&") if b"<pre" in lower else 0
    nodes = 2 * signs + tags.implied + tags.reopened() + ADOPTED * tags.adopting + lines + _repeated_cells(lower)
    steps = (signs + 16 * tags.adopting) * (tags.opened + tags.implied_open + 3) + tags.options * signs
    return nodes <= CHEAP_NODES and steps <= CHEAP_STEPS


def _repeated_cells(lower: bytes) -> int:
    """Count the cells that `rowspan` repeats; where the count is not certain it is too many."""
    spans = _ROWSPAN.findall(lower) if b"rowspan" in lower else []
    return sum(min(1000, int(span)) for span in spans) if len(spans) == lower.count(b"rowspan") else CHEAP_NODES


class _Tags:
    """The tags of a page, counted by what a parser could do with them; see `is_cheap`.

    Attributes
    ----------
    opened
        Start tags that are neither void nor paired.
    options, implied, implied_open
        Options; elements of tables made though their tags were left out; how many of those are open at once.
    attributes
        The largest number of attributes in one tag; more than `CHEAP_ATTRIBUTES` where the count is not certain.
    adopting
        Tags that may move a formatting element into the blocks that are open in it.
    """

    def __init__(self, data: bytes) -> None:
        self.opened = self.attributes = self.adopting = self.options = self.implied = self.implied_open = 0
        self._unpaired: dict[bytes, int] = {}  # start tags of formatting elements to how many of them are not paired
        # formatting tags that are not surely whole; all tags that are not; tags that are not paired
        self._loose = self._unsure = self._closing = 0
        self._count(data)

    def _count(self, data: bytes) -> None:
        unpaired_ends: dict[bytes, int] = {}
        paired_ends: dict[bytes, int] = {}
        counted = dict.fromkeys(_COUNTED_BYTES, 0)
        pending: list[tuple[bytes, bytes]] = []  # names and tags that are open since the last tag of a block
        deepest = contexts = looked_at = at = opened = closing = 0
        parts = data.split(b"<")
        match_tag = _WHOLE_TAG.match
        for part in parts[1:]:
            at += 1
            match = match_tag(part)
            if match is None:
                contexts += 1
                pending = self._unpair(pending)
                if part[:1].isalpha() or (part[:1] == b"/" and part[1:2].isalpha()):
                    looked_at += self._loose_tag(parts, at)
                    if looked_at > len(data):
                        self.attributes = CHEAP_ATTRIBUTES + 1
                        return
                continue
            slash, name, rest = match.groups()
            if len(rest) > 2 * CHEAP_ATTRIBUTES:
                self.attributes = max(self.attributes, len(_NAMES_IN_TAG.findall(rest)))
            if name is not None:
                name = name.lower()
                if name in _NEVER_OPEN:
                    if not slash:
                        continue
                elif name in _COUNTED_BYTES:
                    counted[name] += not slash
                elif not slash:
                    pending.append((name, rest))
                    continue
                elif pending and pending[-1][0] == name:
                    deepest = max(deepest, len(pending))
                    pending.pop()
                    paired_ends[name] = paired_ends.get(name, 0) + 1
                    continue
                else:
                    unpaired_ends[name] = unpaired_ends.get(name, 0) + 1
            if pending:
                pending = self._unpair(pending)
            closing += 1
            opened += not slash
        self._unpair(pending)
        self.opened += opened
        self.options = counted[b"option"] + self._unsure
        self.implied = 2 * sum(counted.values()) + 2 * self._unsure
        self.implied_open = 2 * counted[b"table"] + 2 * self._unsure
        surprises = contexts * deepest
        self._closing += closing + surprises
        if self._unpaired or self._loose:
            names = {name for name, _ in self._unpaired}
            all_ends = [(unpaired_ends, True), (paired_ends, False)]
            ends = {
                certain: sum(
                    count
                    for name, count in each.items()
                    if name in names or (self._loose and name in _FORMATTING_BYTES)
                )
                for each, certain in all_ends
            }
            links = sum(count for (name, _), count in self._unpaired.items() if name in (b"a", b"nobr"))
            self.adopting = ends[True] + min(surprises, ends[False]) + links + self._loose

    def _unpair(self, pending: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Count what is open in a line when a tag of a block comes; nothing is open in a line after it."""
        for tag in pending:
            self.opened += 1
            self._closing += 1
            if tag[0] in _FORMATTING_BYTES:
                self._unpaired[tag] = self._unpaired.get(tag, 0) + 1
        return []

    def _loose_tag(self, parts: list[bytes], at: int) -> int:
        """Count a tag that may begin at a part and be longer than it; return the bytes looked at."""
        self.opened += 1
        self._closing += 1
        self._unsure += 1
        self._loose += _LOOSE_FORMATTING.match(parts[at]) is not None
        text, last, size = parts[at], at + 1, 0
        while True:
            match = _REST_OF_TAG.match(text)
            end = match.end() if match is not None else 0
            size += end
            if end < len(text) or last == len(parts) or len(text) > 16 * CHEAP_ATTRIBUTES:
                break
            more = min(len(parts), 2 * last - at + 1)  # the tag may go on: look at twice as many parts
            text = b"<".join(parts[at:more])
            last = more
        if end > 2 * CHEAP_ATTRIBUTES:
            found = len(_NAMES_IN_TAG.findall(text, 0, end))
            # a tag that goes on beyond the text has more attributes than were counted
            self.attributes = max(self.attributes, found if end < len(text) else CHEAP_ATTRIBUTES + 1)
        return size

    def reopened(self) -> int:
        """Return how many formatting elements are opened again, at most."""
        at_once = self._loose
        names = {name for name, _ in self._unpaired}
        at_once += len(names & {b"a", b"nobr"})
        at_once += sum(min(3, count) for (name, _), count in self._unpaired.items() if name not in (b"a", b"nobr"))
        return at_once * (self._closing + 1)
