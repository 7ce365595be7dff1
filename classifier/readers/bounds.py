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
CHEAP_TAGS = 16_000
CHEAP_NODES = 40_000
CHEAP_STEPS = 40_000_000
CHEAP_ATTRIBUTES = 4_000
"""A page is cheap up to these: bytes, "<" signs, nodes made, tags times open elements, attributes in one tag."""
ADOPTED = 32
"""Elements that an end tag of a formatting element makes at most: 8 rounds, each of 1 element and at most 3 within it."""

FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""Elements that the parser opens again where they were not closed."""
VOID = frozenset("area base basefont bgsound br col embed frame hr img input keygen link meta param source track wbr".split())

_ATTRIBUTE = (
    r"[^\t\n\f\r />][^\t\n\f\r />=]*+"
    r"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"[^\"]*+\"?+|'[^']*+'?+|[^\t\n\f\r >\"'][^\t\n\f\r >]*+|))?+"
)
_REST = rf"(?:[\t\n\f\r /]++|{_ATTRIBUTE})*+"
# as the tokenizer of the HTML standard does; a quote or a comment that does not end goes to the end of the page
_TOKEN = re.compile(
    rf"<(?:!--(?:-?>|)|(/?)([a-zA-Z][^\t\n\f\r />]*+)({_REST})>?|(!\[CDATA\[)|[!?/][^>]*+>?)"
)
_EACH_ATTRIBUTE = re.compile(_ATTRIBUTE)
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
    | frozenset("body button colgroup dd dt form head iframe li noembed noframes noscript p plaintext script style".split())
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
                if len(rest) > 2 * CHEAP_ATTRIBUTES:
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
        count = len(_EACH_ATTRIBUTE.findall(rest))
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
        elif tag == "table" and (at := self._table()) and not any(t in ("td", "th", "caption") for t in self._open[at:]):
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


def is_cheap(data: bytes) -> bool:
    return False
