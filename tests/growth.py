"""Hunt for inputs whose cost grows faster than their length.

    python -m tests.growth --minutes 60 --jobs 2              # everything, until the time is over
    python -m tests.growth --only html,text --seconds 300     # some targets
    python -m tests.growth --replay '{"target": "text", "unit": "**A "}'
    python -m tests.growth --list                             # the targets, and the size of their alphabets

A candidate is a pattern of text that can be made of any length: a prefix, a unit repeated k times, a middle, another unit
repeated k times, a suffix; "{i}" in a unit is the number of the repetition. The pieces come from the code itself: strings
that its regular expressions match, the names in its sets, the strings it compares with (`vocabulary`). So a new pattern in
a reader is part of the hunt as soon as it is written.

A candidate begins small and grows until its cost passes `FLOOR_SECONDS` or its size passes the cap of its target; most are
dropped on the way, since their cost per byte does not rise. Cost is processor time. A finding is a candidate whose cost
grows with an exponent above `MAX_EXPONENT` both from 2k to 8k and from 4k to 8k repetitions, `ROUNDS` times over; or one
that takes more than `CPU_SECONDS` or `MEMORY_BYTES`, or raises anything but a ReadError. Each is printed on one line with
the function that takes the time and the command that shows it again. The exit code is 1 if there is any.

Of a web page the time of the parser (lexbor) does not count: some shapes cost it the square of their length, and it runs
within limits of its own.

Candidates are measured in child processes with limits of their own, which are started again when one of them dies. One seed
gives the same candidates in the same order; how many of them are measured depends on the time given.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import cProfile
import ctypes
import functools
import gc
import inspect
import io
import itertools
import json
import math
import os
import pstats
import random
import re
import resource
import shlex
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import classifier
from classifier import ReadError, Tagger
from classifier import segmentation as segment
from classifier.model import explain
from classifier.readers import headings, rst
from classifier.readers import markdown as rewrite
from classifier.readers import plaintext as markdown
from classifier.readers.document import build_text
from classifier.readers.docx.reader import read_docx
from classifier.readers.html import boilerplate as surroundings
from classifier.readers.html import bounds, consent, labels, tables
from classifier.readers.html import dom as tree
from classifier.readers.html import reader as html
from classifier.readers.mail import mime
from classifier.readers.mail import reader as mail
from classifier.readers.pdf import lines
from classifier.readers.pdf.layout import arrange_pages
from classifier.readers.registry import from_text
from classifier.render import csv, terminal
from classifier.render import html as page
from classifier.render import markdown as render_markdown
from classifier.render.formats import RenderOptions, get_format
from classifier.text import analyzer, escaping, masking, sentences
from classifier.text import markup as text
from tests.children import unmeasured

MAX_PARSED_NODES, MAX_PARSER_STEPS = 2_000_000, 500_000_000
"""Bounds on what the parser of pages is asked for in a hunt."""
MAX_EXPONENT = 1.3
"""Cost that grows faster than length to this power is a finding; linear cost with a cache in it measures up to 1.2."""
STEADY_EXPONENT = 1.1
"""A candidate that grows no faster than this is not made longer to see whether it will."""
FLOOR_SECONDS = 0.15
"""Costs below this are not compared: noise would count."""
CEILING_SECONDS = 1.5
"""A candidate that costs this and still grows with its length is not made longer."""
ROUNDS = 3
"""A finding must be measured this many times in a row."""
START_BYTES = 2_000
FLAT = 1.25
"""A candidate whose cost per byte has not yet risen by this factor is dropped early."""
FULL_SHARE = 0.1
"""Share of the candidates that are not dropped early."""
CPU_SECONDS = 20
"""Processor time of one measurement; more is a finding by itself."""
WALL_SECONDS = 400
"""Time without an answer after which a child is killed: a machine may be busy."""
MEMORY_BYTES = 3 * 2**30
"""Address space of a child."""
MAX_BYTES_PER_BYTE = 200
"""Growth of the resident set per byte of input that `--memory` reports."""
ROOT = Path(__file__).parent.parent


# --- candidates --------------------------------------------------------------------------------------------------------


class Candidate(NamedTuple):
    """A pattern of input: `prefix`, `unit` k times, `middle`, `close` k times, `suffix`."""

    target: str
    unit: str
    close: str = ""
    prefix: str = ""
    middle: str = ""
    suffix: str = ""

    def source(self, length: int) -> str:
        """Build the input of about this length.

        >>> Candidate("html", "<b id={i}>", "</b>", middle="x").source(30)
        '<b id=0><b id=1>x</b></b>'
        """
        k = max(1, length // max(1, len(self.unit) + len(self.close)))
        prefix, middle, suffix = (once.replace("{i}", "0") for once in (self.prefix, self.middle, self.suffix))
        return "".join([prefix, _repeated(self.unit, k), middle, _repeated(self.close, k), suffix])

    def to_json(self) -> str:
        """Write the parts that are not empty."""
        return json.dumps({key: value for key, value in self._asdict().items() if value}, ensure_ascii=True)


def _repeated(unit: str, k: int) -> str:
    if "{i}" not in unit:
        return unit * k
    parts = unit.split("{i}")
    return "".join([str(i).join(parts) for i in range(k)])


class Alphabet(NamedTuple):
    """Pieces of input: those that open something, those that stand between, those that close."""

    openings: tuple[str, ...]
    separators: tuple[str, ...]
    closings: tuple[str, ...]


def candidates(target: str, seed: int) -> Iterator[Candidate]:
    """List the candidates of a target without end: by turns a single piece, a pair, and a random mixture."""
    chance = random.Random(f"{target} {seed}")
    alphabet = TARGETS[target].alphabet()
    singles = [(a, b) for a in alphabet.openings for b in ("", *alphabet.separators)]
    chance.shuffle(singles)
    pairs = _all_pairs(alphabet.openings, chance)
    for opening, separator in itertools.chain(singles, itertools.repeat(("", ""))):
        if opening:
            yield Candidate(target, opening + separator)
        if pair := next(pairs, None):
            yield _of_pair(target, pair, alphabet, chance)
        yield _at_random(target, alphabet, chance)


def _all_pairs(pieces: Sequence[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """List all pairs once, in an order that looks random and needs no memory: by steps that share no factor with their number."""
    n = len(pieces)
    step = next(step for step in iter(lambda: chance.randrange(1, n * n), 0) if math.gcd(step, n * n) == 1)
    at = chance.randrange(n * n)
    for _ in range(n * n):
        yield pieces[at // n], pieces[at % n]
        at = (at + step) % (n * n)


def _of_pair(target: str, pair: tuple[str, str], alphabet: Alphabet, chance: random.Random) -> Candidate:
    first, second = pair
    separator = chance.choice(("", "", *alphabet.separators))
    shapes = (
        Candidate(target, first + separator + second + separator),
        Candidate(target, first + second + separator),
        Candidate(target, second + separator, prefix=first),
        Candidate(target, first + separator, second + separator),
    )
    return chance.choice(shapes)


def _at_random(target: str, alphabet: Alphabet, chance: random.Random) -> Candidate:
    def some(most: int) -> str:
        groups = (alphabet.openings, alphabet.openings, alphabet.separators, alphabet.closings)
        return "".join(chance.choice(chance.choice(groups)) for _ in range(chance.randint(0, most)))

    unit = chance.choice(alphabet.openings) + some(3)
    if chance.random() < 0.2:
        unit += "{i}"
    if chance.random() < 0.1:  # a long unit of one piece
        unit = unit[:8] * chance.choice((10, 100)) + some(1)
    close = chance.choice(alphabet.closings) + some(1) if chance.random() < 0.4 else ""
    prefix, middle, suffix = (some(2) if chance.random() < 0.4 else "" for _ in range(3))
    return Candidate(target, unit, close, prefix, middle, suffix)


# --- the alphabet follows the code -------------------------------------------------------------------------------------

_SEPARATORS = (
    " ",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\t",
    "x",
    "x ",
    "Word ",
    "WORD ",
    ". ",
    ", ",
    ": ",
    "? ",
    "7",
    "{i} ",
    "\xa0",
    "\u00ad",
)
_WORDS = "We share your personal information with third parties "
_CLOSINGS = ("**", "__", "_", "*", ")", "]", "](b)", "](b) ", '"', "”", ">", "`", ".", ":", "?", "|", "\n---\n")


def vocabulary(*modules: ModuleType) -> tuple[str, ...]:
    """Collect the short strings that modules look for: in patterns, in sets and tuples, in comparisons."""
    found: dict[str, None] = {}
    for module in modules:
        for value in vars(module).values():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found |= dict.fromkeys(samples(value))
            elif isinstance(value, (frozenset, set, tuple)):
                found |= dict.fromkeys(sorted(item for item in value if isinstance(item, str)))
        for node in _nodes(module):
            parts: list[ast.expr] = []
            if isinstance(node, ast.Compare):
                parts = [node.left, *node.comparators]
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LOOKS:
                parts = node.args
            found |= dict.fromkeys(string for part in parts for string in _strings(part))
    return tuple(piece for piece in found if piece and len(piece) <= _LONGEST_PIECE)


_LOOKS = frozenset("startswith endswith find index rfind count split partition replace strip lstrip rstrip get".split())
_LONGEST_PIECE = 60


def compared(name: str, *modules: ModuleType) -> set[str]:
    """Collect the strings that modules compare an attribute of this name with: `element.tag in ("dt", "dd")`."""
    found: set[str] = set()
    for node in itertools.chain.from_iterable(map(_nodes, modules)):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == name:
            found.update(string for part in node.comparators for string in _strings(part))
    return found


def _asked(*modules: ModuleType) -> set[str]:
    """Collect the attributes that modules ask an element for: `attributes.get("role")`, `"hidden" in attributes`."""
    found: set[str] = set()
    for node in itertools.chain.from_iterable(map(_nodes, modules)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("get", "_number", "_span")
        ):
            found.update(string for part in node.args[:1] for string in _strings(part))
        elif isinstance(node, ast.Compare) and isinstance(node.comparators[0], ast.Attribute):
            found.update(_strings(node.left))
    return {name for name in found if re.fullmatch("[a-z]+(-[a-z]+)*", name)}


@functools.cache
def _nodes(module: ModuleType) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(inspect.getsource(module))))


def _strings(node: ast.expr) -> Iterator[str]:
    inner = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
    for each in inner:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def samples(pattern: re.Pattern[str], most: int = 60) -> list[str]:
    """Spell strings that a pattern matches, each of its alternatives in one of them, at most so many.

    >>> samples(re.compile(r"(?:a|b)[.)]+ x{2}"))
    ['a. xx', 'b. xx', 'a.. xx', 'a) xx', 'a)) xx']
    """
    flags = pattern.flags & (re.VERBOSE | re.ASCII | re.IGNORECASE)
    return _spelled(re._parser.parse(pattern.pattern, flags), most)  # type: ignore[attr-defined]


def _spelled(parsed: Any, most: int) -> list[str]:
    positions = [_choices(str(operation), argument, most) or [""] for operation, argument in parsed]
    first = [choices[0] for choices in positions]
    spelled = ["".join(first)]
    for number, choices in enumerate(positions):
        spelled += ["".join([*first[:number], choice, *first[number + 1 :]]) for choice in choices[1:]]
    return list(dict.fromkeys(spelled))[:most]


def _choices(operation: str, argument: Any, most: int) -> list[str]:
    if operation == "LITERAL":
        return [chr(argument)]
    if operation == "IN":
        return _members(argument)
    if operation == "BRANCH":
        return [choice for branch in argument[1] for choice in _spelled(branch, most)]
    if operation == "SUBPATTERN":
        return _spelled(argument[3], most)
    if operation == "ATOMIC_GROUP":
        return _spelled(argument, most)
    if operation.endswith("REPEAT"):
        least, highest, inner = argument
        times = sorted({max(1, least), min(int(highest), max(2, least))})
        return [choice * n for choice in _spelled(inner, most) for n in times if n]
    return ["x"] if operation in ("ANY", "NOT_LITERAL") else [""]


def _members(items: Any) -> list[str]:
    kinds = {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "x", "CATEGORY_NOT_WORD": "-"}
    found: list[str] = []
    for operation, argument in items:
        if str(operation) == "NEGATE":
            return ["x"]
        if str(operation) == "LITERAL":
            found.append(chr(argument))
        elif str(operation) == "RANGE":
            found.append(chr(argument[0]))
        else:
            found.append(kinds.get(str(argument), "x"))
    return found[:16]


@functools.cache
def _text_alphabet() -> Alphabet:
    modules = (
        *(text, masking, analyzer, escaping, csv, markdown, headings, segment, sentences, explain, page, terminal),
        render_markdown,
    )
    found = [piece for piece in vocabulary(*modules) if not piece.isidentifier() or len(piece) <= 4]
    own = (
        *text.BULLETS,
        *(f"{bullet} " for bullet in text.BULLETS),
        "# ",
        "> ",
        "1. ",
        "0123;",
        "a@b.c",
        "\\[",
        _WORDS,
    )
    wrapped = (
        " ".join(["words"] * 12) + "\n",
        "[a](b) ",
        "“word” ",
        "* item\n",
        "* item\n* ",
        "    * ",
        "[email protected] ",
    )
    return Alphabet(tuple(dict.fromkeys((*own, *wrapped, *found))), _SEPARATORS, _CLOSINGS)


@functools.cache
def _html_alphabet() -> Alphabet:
    modules = (tree, html, labels, surroundings, consent, tables)
    sets = [value for module in modules for value in vars(module).values() if isinstance(value, frozenset)]
    tags = sorted(
        {"ul", "em", "section", *compared("tag", *modules), *(w for each in sets for w in each if w.isalnum())}
    )
    named = (
        value
        for value in (*vars(surroundings).values(), *vars(consent).values())
        if isinstance(value, re.Pattern) and value.pattern.startswith(" ")
    )
    names = sorted({sample.strip() for pattern in named for sample in samples(pattern) if "'" not in sample})
    roles = sorted(compared("role", *modules) | surroundings._NAVIGATION_ROLES)
    attributes = sorted(_asked(*modules) | set(tree.OPENERS))
    openings = [f"<{tag}>" for tag in tags]
    openings += [f"<{tag} id={{i}}>" for tag in sorted(tree.INLINE)]
    openings += [f"<div class='{name}'>" for name in names]
    openings += [f"<div role='{name}'>" for name in roles]
    openings += [f"<div {name}=t{{i}}>" for name in attributes]
    openings += [
        "<a href=#t{i}>", "<a href='x'>", "<a href='mailto:x'>", "<div style='display:block;font-weight:bold'>",
        "<td colspan=50>", "<td rowspan=1000>", "<div aria-labelledby=t{i} role=tabpanel>", "<ol start=7>", "<li value=3>",
        "<p a{i}=1>", "<a role=tab aria-controls=t{i}>", "<a data-toggle=tab data-target=#t{i}>", "<div role=tabpanel id=t{i}>", "<!-->", "<!--", "-->", "<![CDATA[", "<?x", "</p>", "</br>", "<x-y>", "<svg/>", "<div hidden>",
        "<div class=card>", "<div class=section-title>", "<div class=ad>", "<legend>", "<fieldset>", "<figure>", "<dl><dt>x<dd>",
        "<button aria-controls=t{i}>", "<div id=t{i}>", "<th colspan=9>",
        "<div style='position:fixed'>", "<button aria-expanded=x>", "<input>", "&nbsp;", "&#38;", "• ", "1. ", "\n",
    ]  # fmt: skip
    separators = (
        "x",
        "x ",
        " ",
        _WORDS,
        "<br>",
        "Word ",
        "a@b.c ",
        ". ",
        ": ",
        "{i} ",
        "<p>x",
        "<b>x</b>",
        "<a href=x>x</a>",
        "\n",
    )
    return Alphabet(tuple(openings), separators, tuple(f"</{tag}>" for tag in tags))


@functools.cache
def _mixed_alphabet() -> Alphabet:
    tags = sorted({"x-y", "Note", *rewrite._BREAKING, *rewrite.INLINE, *rewrite.INVISIBLE})
    openings = [
        *(f"<{tag}>" for tag in tags),
        *vocabulary(rewrite),
        "<b ",
        '<a href="',
        "<a href=x>",
        "{",
        "import a",
        "| a ",
    ]
    return Alphabet(
        tuple(dict.fromkeys(openings)), _SEPARATORS, (*(f"</{tag}>" for tag in tags), *_CLOSINGS, "}", "/>")
    )


@functools.cache
def _rst_alphabet() -> Alphabet:
    own = (
        ".. note::", ".. _a:", ".. |a| replace:: b", ".. [1] ", ".. ", ".. list-table::\n\n   * - a\n", "     - b\n", "`a <b>`_",
        "`", "``", "|a|", "a_", ":a:`", ":a: ", "| ", "+---+---+\n", "| a | b |\n", "=== ===\n", "===", "Title\n=====\n", "#. ",
        "* ", "a\n  b\n", "::", "   ", "\\ ", "__ ",
    )  # fmt: skip
    return Alphabet(tuple(dict.fromkeys((*own, *vocabulary(rst)))), (*_SEPARATORS, "\n   "), _CLOSINGS)


@functools.cache
def _mail_alphabet() -> Alphabet:
    own = (
        "Content-Type: multipart/mixed; boundary=b\n\n", "Content-Type: multipart/alternative; boundary=b\n\n", "--b\n", "--b--\n",
        "Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n", "Content-Type: text/html\n", "Content-Type: message/rfc822\n\n",
        "Content-Transfer-Encoding: base64\n", "Content-Transfer-Encoding: quoted-printable\n", "Content-ID: <c{i}>\n",
        "Content-Disposition: attachment; filename=a.txt\n", "<iframe src=cid:c{i}></iframe>", "<iframe src='", "<frameset>", "=\n",
        "=4", "V2Ug", "From: a\n", "To: b\n", "On a wrote:\n", "> ", "<p>We keep logs.</p>", "=?utf-8?q?a?=", "; a=b", "\n\n",
    )  # fmt: skip
    return Alphabet(tuple(dict.fromkeys((*own, *vocabulary(mail, mime)))), _SEPARATORS, _CLOSINGS)


_WORD_XML = {
    "paragraph": ("<w:p>", "</w:p>"),
    "run": ("<w:r>", "</w:r>"),
    "text": ("<w:r><w:t>x ", "</w:t></w:r>"),
    "whole": ("<w:p><w:r><w:t>We share data. ", "</w:t></w:r></w:p>"),
    "bold": ("<w:r><w:rPr><w:b/></w:rPr><w:t>Bold.</w:t>", "</w:r>"),
    "box": ("<w:p><w:r><w:pict><w:txbxContent>", "</w:txbxContent></w:pict></w:r></w:p>"),
    "bare box": ("<w:txbxContent><w:p>", "</w:p></w:txbxContent>"),
    "table": ("<w:tbl>", "</w:tbl>"),
    "row": ("<w:tr>", "</w:tr>"),
    "cell": ("<w:tc>", "</w:tc>"),
    "full cell": ("<w:tc><w:p><w:r><w:t>x</w:t></w:r>", "</w:p></w:tc>"),
    "merged": ("<w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p>", "</w:p></w:tc>"),
    "nested table": ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
    "control": ("<w:sdt><w:sdtContent>", "</w:sdtContent></w:sdt>"),
    "insertion": ("<w:ins>", "</w:ins>"),
    "deletion": ("<w:del>", "</w:del>"),
    "link": ("<w:hyperlink>", "</w:hyperlink>"),
    "unknown": ("<w:x{i}>", "</w:x{i}>"),
    "fallback": ("<mc:AlternateContent><mc:Fallback>", "</mc:Fallback></mc:AlternateContent>"),
    "style": ('<w:p><w:pPr><w:pStyle w:val="s{i}"/></w:pPr><w:r><w:t>x', "</w:t></w:r></w:p>"),
    "list": ('<w:p><w:pPr><w:numPr><w:ilvl w:val="{i}"/><w:numId w:val="{i}"/></w:numPr></w:pPr><w:r><w:t>x', "</w:t></w:r></w:p>"),
    "one list": ('<w:p><w:pPr><w:numPr><w:ilvl w:val="2"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x', "</w:t></w:r></w:p>"),
    "outline": ('<w:p><w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Title', "</w:t></w:r></w:p>"),
    "break": ("<w:r><w:br/>", "</w:r>"),
    "tab": ("<w:r><w:tab/><w:sym/>", "</w:r>"),
    "note": ('<w:footnote w:id="{i}">', "</w:footnote>"),
    "a style": ('<w:style w:styleId="s{i}"><w:name w:val="n{i}"/><w:basedOn w:val="s0"/>', "</w:style>"),
    "a chain": ('<w:style w:styleId="s{i}"><w:basedOn w:val="s{i}0"/>', "</w:style>"),
    "a numbering": ('<w:num w:numId="{i}"><w:abstractNumId w:val="{i}"/>', "</w:num>"),
    "an abstract": ('<w:abstractNum w:abstractNumId="{i}"><w:lvl w:ilvl="{i}"><w:numFmt w:val="decimal"/></w:lvl>', "</w:abstractNum>"),
    "levels": ('<w:lvl w:ilvl="{i}"><w:numFmt w:val="decimal"/>', "</w:lvl>"),
}  # fmt: skip
"""Pieces of Word's XML, each as it opens and closes: a body that is not well-formed is only refused."""
_PARTS = {
    "styles": ("a style", "a chain"),
    "numbering": ("a numbering", "an abstract"),
    "footnotes": ("note",),
    "header1": ("whole", "table"),
}
"""Parts beside the body, and what of `_WORD_XML` stands in them."""


def _docx_candidates(seed: int) -> Iterator[Candidate]:
    """List bodies by pairs and triples of nested elements, and parts beside the body."""
    chance = random.Random(f"docx {seed}")
    kinds = list(_WORD_XML)
    yield Candidate("docx", _nested(["a style"]), _nested(["style"]), prefix="=styles\n", middle="=document\n")
    yield Candidate(
        "docx", _nested(["an abstract"]) + _nested(["a numbering"]), _nested(["list"]), "=numbering\n", "=document\n"
    )
    while True:
        names = chance.choices(kinds, k=chance.randint(1, 4))
        unit = _nested(names)
        around = chance.choice(kinds) if chance.random() < 0.5 else ""
        opening, closing = _WORD_XML[around] if around else ("", "")
        beside = _nested(chance.choices(kinds, k=2)) if chance.random() < 0.4 else ""
        if chance.random() < 0.2:
            part = chance.choice(list(_PARTS))
            inner = _nested([chance.choice(_PARTS[part]), *chance.choices(kinds, k=chance.randint(0, 2))])
            yield Candidate("docx", inner, unit, f"={part}\n", "=document\n")
        elif chance.random() < 0.3:  # nested within one another; beyond some hundred levels XML itself is refused
            opened = "".join(_WORD_XML[name][0] for name in names).replace("{i}", "1")
            closed = "".join(_WORD_XML[name][1] for name in reversed(names)).replace("{i}", "1")
            depth = chance.choice((5, 20, 60))
            yield Candidate("docx", opened * depth + "<w:r><w:t>x</w:t></w:r>" + closed * depth)
            yield Candidate("docx", unit, prefix=opened * depth, suffix=closed * depth)
        else:
            yield Candidate(
                "docx", unit + beside, prefix=opening.replace("{i}", "0"), suffix=closing.replace("{i}", "0")
            )


def _nested(names: Sequence[str]) -> str:
    return "".join(_WORD_XML[name][0] for name in names) + "".join(_WORD_XML[name][1] for name in reversed(names))


def _pages_candidates(seed: int) -> Iterator[Candidate]:
    """List pages by runs: text, place from the left, step down, width, height, whether bold; a line feed ends a page."""
    chance = random.Random(f"pages {seed}")
    says = (
        "word",
        "•",
        "1.",
        "(a)",
        "o",
        "hyphen-",
        "Word.",
        "a line of words that is long enough",
        "WORD",
        "Page {i}",
        "{i}",
        "x:",
    )
    lefts, steps = (
        ("50", "60", "75", "200", "300", "310", "500", "{i}"),
        ("0", "0", "1", "6", "12", "12", "12.5", "30", "-12"),
    )
    widths, heights = ("1", "10", "50", "200", "240", "500"), ("0.1", "10", "10", "10.5", "14", "40", "{i}")

    def run() -> str:
        cells = [chance.choice(each) for each in (says, lefts, steps, widths, heights, "01")]
        return ",".join(cells) + (";\n" if chance.random() < 0.05 else ";")

    while True:
        unit = "".join(run() for _ in range(chance.randint(1, 5)))
        prefix, close = ("".join(run() for _ in range(chance.choice((0, 0, 1, 4)))) for _ in range(2))
        yield Candidate("pages", unit, close, prefix)


# --- targets -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """A part of the product, and what it is given.

    Attributes
    ----------
    prepare
        Makes the input of a source; its time does not count.
    run
        Does the work.
    max_bytes
        Candidates are not made longer.
    alphabet
        The pieces of the candidates.
    candidates
        Their list, where they are not made of an alphabet.
    """

    prepare: Callable[[str], Any]
    run: Callable[[Any], object]
    max_bytes: int
    alphabet: Callable[[], Alphabet] = _text_alphabet
    candidates: Callable[[int], Iterator[Candidate]] | None = None

    def listed(self, name: str, seed: int) -> Iterator[Candidate]:
        """List its candidates, without end."""
        return self.candidates(seed) if self.candidates is not None else candidates(name, seed)


def _read_text(source: str) -> object:
    return segment.segment(from_text(source))


def _read_markdown(source: bytes) -> object:
    rewrite.has_markup(source)
    return segment.segment(rewrite.read_markdown(source, "x.md"))


def _read_mdx(source: bytes) -> object:
    return segment.segment(rewrite.read_markdown(source, "x.mdx", is_jsx=True))


def _read_rst(source: bytes) -> object:
    return segment.segment(rst.read_rst(source, "x.rst"))


def _read_mail(source: bytes) -> object:
    return [segment.segment(document) for document in mail.read_email(source, "x.eml")]


def _read_mhtml(source: bytes) -> object:
    return segment.segment(mail.read_mhtml(source, "x.mhtml"))


def _parsed(source: str) -> Any:
    """Let the parser of pages do its part, whose time is limited and not ours; None where it could take a minute."""
    from selectolax.lexbor import LexborHTMLParser

    counted = bounds.count(source.encode())
    if counted.attributes > bounds.MAX_ATTRIBUTES or counted.options > bounds.MAX_OPTIONS:
        return None
    if counted.nodes > MAX_PARSED_NODES or counted.steps > MAX_PARSER_STEPS:
        return None
    return LexborHTMLParser(source), source


def _read_html(page: Any, keep_all: bool = False) -> object:
    if page is None:
        return None
    return segment.segment(html.of_body(tree.body_of(*page, "x.html"), "x.html", keep_all))


def _read_docx(source: bytes) -> object:
    return segment.segment(read_docx(source, "x.docx"))


def _read_pages(source: Sequence[Sequence[lines.Run]]) -> object:
    pieces, _ = arrange_pages(source)
    laid = build_text(pieces, "x.pdf")
    return segment.segment(classifier.Document("x.pdf", laid[0], laid[1], "", "pdf"))


def word_file(source: str) -> bytes:
    r"""Zip the parts of a Word file: the body, or parts that begin with a line such as "=styles"."""
    parts = {"document": ""}
    for part in re.split(r"^(?==\w+\n)", source, flags=re.MULTILINE):
        named = re.match(r"=(\w+)\n", part)
        parts[named[1] if named else "document"] = part[named.end() :] if named else part
    parts["document"] = f"<w:body>{parts['document'] or _nested(['whole'])}</w:body>"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    kinds = {"document": "document.main", "header1": "header"}
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    root = {"header1": "hdr"}
    spaces = (
        'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    beside = [name for name in parts if name != "document"]
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    written = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(f'<Override PartName="/word/{name}.xml" ContentType="{main}.{kinds.get(name, name)}+xml"/>' for name in parts)
        + "</Types>",
        "_rels/.rels": f'{relations}<Relationship Id="r1" Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": relations
        + "".join(f'<Relationship Id="r{n}" Type="{office}/{name.rstrip("1")}" Target="{name}.xml"/>' for n, name in enumerate(beside))
        + "</Relationships>",
    }  # fmt: skip
    for name, xml in parts.items():
        written[f"word/{name}.xml"] = f"<w:{root.get(name, name)} {spaces}>{xml}</w:{root.get(name, name)}>"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, xml in written.items():
            archive.writestr(path, xml)
    return buffer.getvalue()


def page_runs(source: str) -> list[list[lines.Run]]:
    r"""Read runs as `_pages_candidates` writes them: "text,left,down,width,height,bold;", a line feed ends a page.

    >>> page_runs("a,50,12,10,8,0;b,70,0,10,8,1;")[0][1]
    Run(text='b', left=70.0, bottom=788.0, right=80.0, top=796.0, bold=True)
    """
    found: list[list[lines.Run]] = []
    for written in source.split("\n"):
        runs, bottom = [], 800.0
        for run in filter(None, written.split(";")):
            said, left, down, width, height, bold = run.split(",")
            bottom -= float(down)
            left_at, high = float(left) % 10_000, float(height) % 500
            runs.append(lines.Run(said, left_at, bottom, left_at + float(width), bottom + high, bold == "1"))
        found.append(runs)
    return found


@functools.cache
def _tagger() -> Tagger:
    """The default model, so set that each clause has two labels: one without is not explained."""
    tagger = classifier.load(ROOT / "models/default")
    first = tagger.categories[:2]
    return Tagger(tagger.model, {id: 0.0 if id in first else 1.0 for id in tagger.categories})


def _rendered(name: str, explained: bool) -> Callable[[str], object]:
    def run(source: str) -> object:
        form = get_format(name, RenderOptions(show_all=True, explain=explained, to_file=True, color=name == "text"))
        policy = _tagger().tag_text(source)
        return sum(map(len, form.join([form.policy(policy)], _tagger())))

    return run


def _shown(source: str) -> object:
    return page.policy_to_html(_tagger().tag_text(source))


_FORMATS = ("text", "html", "markdown", "json", "jsonl", "csv")
TARGETS: dict[str, Target] = {
    "text": Target(str, _read_text, 1_600_000),
    "html": Target(_parsed, _read_html, 400_000, _html_alphabet),
    "html-all": Target(_parsed, functools.partial(_read_html, keep_all=True), 400_000, _html_alphabet),
    "markdown": Target(str.encode, _read_markdown, 300_000, _mixed_alphabet),
    "mdx": Target(str.encode, _read_mdx, 300_000, _mixed_alphabet),
    "rst": Target(str.encode, _read_rst, 300_000, _rst_alphabet),
    "mail": Target(lambda source: f"Subject: x\n{source}".encode(), _read_mail, 300_000, _mail_alphabet),
    "mhtml": Target(lambda source: f"Subject: x\n{source}".encode(), _read_mhtml, 300_000, _mail_alphabet),
    "docx": Target(word_file, _read_docx, 800_000, candidates=_docx_candidates),
    "pages": Target(page_runs, _read_pages, 800_000, candidates=_pages_candidates),
    "plain": Target(
        str, lambda source: (text.plain(source), text.lines(source), masking.mask_addresses(source)), 1_600_000
    ),
    "sentences": Target(str, sentences.sentence_spans, 400_000),
    "tag": Target(str, lambda source: _tagger().tag_text(source), 800_000),
    **{f"render-{name}": Target(str, _rendered(name, False), 400_000) for name in _FORMATS},
    **{f"explain-{name}": Target(str, _rendered(name, True), 400_000) for name in _FORMATS},
    "notebook": Target(str, _shown, 400_000),
}


# --- measuring ---------------------------------------------------------------------------------------------------------


class Finding(NamedTuple):
    """A candidate that costs too much: how it was found out, with what length, how many seconds, and where they went."""

    candidate: Candidate
    kind: str
    length: int
    seconds: float
    exponent: float
    hot: str

    def line(self) -> str:
        """Write it on one line, with the command that shows it again."""
        grows = f"exponent {self.exponent:.2f}" if self.exponent else self.kind
        command = f"python -m tests.growth --replay {shlex.quote(self.candidate.to_json())}"
        return f"{self.candidate.target}: {grows}, {self.seconds:.2f} s at {self.length:,} characters; {self.hot}; {command}"


def cost(candidate: Candidate, length: int, times: int = 1) -> tuple[int, float]:
    """Give the length of the input as made, and the least processor time of some runs. A refusal is an answer."""
    source = candidate.source(length)
    target = TARGETS[candidate.target]
    prepared = target.prepare(source)
    least = math.inf
    for _ in range(times):
        gc.collect()
        gc.disable()
        start = time.process_time()
        with contextlib.suppress(ReadError):
            target.run(prepared)
        least = min(least, time.process_time() - start)
        gc.enable()
    return len(source), least


def examine(
    candidate: Candidate, *, thorough: bool = False, on_size: Callable[[int], None] = lambda length: None
) -> Finding | None:
    """Let a candidate grow; give a finding if its cost grows faster than its length.

    Parameters
    ----------
    candidate
        The candidate.
    thorough
        Let it grow up to the cap of its target, however little its cost rises at first.
    on_size
        Is told each length before it is measured.
    """
    most = TARGETS[candidate.target].max_bytes
    thorough = thorough or random.Random(candidate.to_json()).random() < FULL_SHARE
    length, least = START_BYTES, math.inf
    while True:
        on_size(length)
        made, seconds = cost(candidate, length)
        if 0.002 < seconds < FLOOR_SECONDS:
            seconds = min(seconds, cost(candidate, length)[1])
        flat = seconds / made < FLAT * least
        if seconds >= FLOOR_SECONDS and not flat and least < math.inf:
            break
        dull = flat and least < math.inf and (length >= 64 * START_BYTES or seconds > 2 * FLOOR_SECONDS)
        if length >= most or seconds > CEILING_SECONDS or (dull and not thorough):
            return None
        if seconds > 0.002:
            least = min(least, seconds / made)
        length = min(most, 4 * length)
    if seconds > CEILING_SECONDS / 2:  # then this length is the longest that is measured again
        length //= 2
    while (exponent := _least_exponent(candidate, length, on_size)) <= MAX_EXPONENT:
        length *= 2  # what grows a little too fast here may grow much too fast where it is longer
        if exponent <= STEADY_EXPONENT or length > most or cost(candidate, length)[1] > CPU_SECONDS / 5:
            return None
    made, seconds = cost(candidate, length)
    return Finding(candidate, "growth", made, seconds, exponent, hot(candidate, length))


def _least_exponent(candidate: Candidate, length: int, on_size: Callable[[int], None]) -> float:
    """Measure the growth around a length until it is not too fast, or has been so `ROUNDS` times; give the least exponent."""
    least = math.inf
    for _ in range(ROUNDS):
        on_size(2 * length)
        least = min(least, _exponent(candidate, length))
        if least <= MAX_EXPONENT:
            break
    return least


def _exponent(candidate: Candidate, length: int) -> float:
    """Give the lesser exponent of growth from half of a length and from the whole to its double, as far as time allows."""
    points = [cost(candidate, length // 4, 3), cost(candidate, length // 2, 2), cost(candidate, length, 1)]
    if points[-1][1] < CPU_SECONDS / 8:
        points.append(cost(candidate, 2 * length, 1))
    return min(_growth(points[-2], points[-1]), _growth(points[-3], points[-1]))


def _growth(first: tuple[int, float], second: tuple[int, float]) -> float:
    """Give the exponent with which cost grows between two (length, seconds)."""
    if second[0] <= first[0]:
        return 0.0
    return math.log(max(second[1], 1e-6) / max(first[1], 1e-6)) / math.log(second[0] / first[0])


def hot(candidate: Candidate, length: int) -> str:
    """Name the functions that take most of the time, each with what it spends in functions written in C."""
    prepared = TARGETS[candidate.target].prepare(candidate.source(length))
    profile = cProfile.Profile(time.process_time)
    with contextlib.suppress(ReadError):
        profile.runcall(TARGETS[candidate.target].run, prepared)
    own: dict[tuple[str, int, str], float] = {}
    for function, (_, _, seconds, _, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if function[0] != "~":
            own[function] = own.get(function, 0.0) + seconds
        for caller, (_, _, inside, _) in callers.items() if function[0] == "~" else ():
            own[caller] = own.get(caller, 0.0) + inside
    whole = max(1e-9, sum(own.values()))
    ranked = sorted(own, key=lambda function: -own[function])[:3]
    return ", ".join(
        f"{Path(path).parent.name}/{Path(path).name}:{name} {own[path, line, name] / whole:.0%}"
        for path, line, name in ranked
        if own[path, line, name] > 0.1 * whole
    )


def bytes_per_byte(candidate: Candidate, length: int) -> float:
    """Give by how much the resident set grows at most while a candidate is read, per byte of it (Linux)."""
    prepared = TARGETS[candidate.target].prepare(candidate.source(length))
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the highest resident set so far
    before = _status("VmRSS")
    with contextlib.suppress(ReadError):
        TARGETS[candidate.target].run(prepared)
    return (_status("VmHWM") - before) / max(1, length)


def _status(name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


# --- child processes ---------------------------------------------------------------------------------------------------


def serve(memory: bool) -> None:
    """Examine the candidates that come as lines of JSON on standard input; write each size before it is measured."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    answers, sys.stdout = sys.stdout, sys.stderr
    warm: set[str] = set()

    def answer(content: dict[str, Any]) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    def on_size(length: int) -> None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        allowed = CPU_SECONDS * (
            2 + 3 * ROUNDS if length > START_BYTES else 1
        )  # of all measurements up to the next size
        resource.setrlimit(resource.RLIMIT_CPU, (spent + allowed, resource.RLIM_INFINITY))
        answer({"length": length})

    for line in sys.stdin:
        asked = json.loads(line)
        thorough = asked.pop("thorough", False)
        candidate = Candidate(**asked)
        if candidate.target not in warm:  # imports, caches
            with contextlib.suppress(ReadError):
                target = TARGETS[candidate.target]
                target.run(target.prepare("word " if target.candidates is None else ""))
            warm.add(candidate.target)
            gc.collect()
            gc.freeze()
        start, at = time.process_time(), [0]
        try:
            found = examine(
                candidate,
                thorough=thorough,
                on_size=lambda length, at=at: (at.__setitem__(0, length), on_size(length))[1],
            )
            if found is None and memory:
                length = min(200_000, TARGETS[candidate.target].max_bytes)
                if (ratio := bytes_per_byte(candidate, length)) > MAX_BYTES_PER_BYTE:
                    found = Finding(candidate, f"{ratio:.0f} bytes of memory for a byte", length, 0.0, 0.0, "")
        except MemoryError:
            found = Finding(candidate, f"more than {MEMORY_BYTES / 2**30:.0f} GiB of memory", at[0], 0.0, 0.0, "")
        except Exception as error:
            trace = error.__traceback__
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else ""
            found = Finding(candidate, f"raises {type(error).__name__}: {str(error)[:80]}", at[0], 0.0, 0.0, where)
        answer({"found": found and [found.candidate._asdict(), *found[1:]], "seconds": time.process_time() - start})


class Child:
    """A child process that examines candidates; it is started anew when one kills it."""

    def __init__(self, memory: bool = False) -> None:
        self._command = [sys.executable, "-m", "tests.growth", "--serve", *(["--memory"] if memory else [])]
        self._process: subprocess.Popen[str] | None = None
        self.seconds = 0.0

    def examine(self, candidate: Candidate, *, thorough: bool = False) -> Finding | None:
        """Examine a candidate as `examine` does; one that kills the child is examined again, and a finding if it does so each time."""
        for _ in range(ROUNDS):
            answer, length = self._ask(candidate, thorough)
            if answer is not None:
                self.seconds += answer["seconds"]
                found = answer["found"]
                return None if found is None else Finding(Candidate(**found[0]), *found[1:])
        return Finding(candidate, f"killed: more than {CPU_SECONDS} s or out of memory", length, CPU_SECONDS, 0.0, "")

    def _ask(self, candidate: Candidate, thorough: bool) -> tuple[dict[str, Any] | None, int]:
        if self._process is None:
            path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                encoding="utf-8", cwd=ROOT, env=unmeasured(path),
            )  # fmt: skip
        process, length = self._process, 0
        assert process.stdin is not None
        assert process.stdout is not None
        timer = threading.Timer(WALL_SECONDS, process.kill)
        timer.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(json.dumps({**candidate._asdict(), "thorough": thorough}) + "\n")
                process.stdin.flush()
            while line := process.stdout.readline():
                said = json.loads(line)
                if "length" not in said:
                    return said, length
                length = said["length"]
        finally:
            timer.cancel()
        self.close()
        return None, length

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


# --- the program -------------------------------------------------------------------------------------------------------


def hunt(names: Sequence[str], seed: int, seconds: float, jobs: int = 1, memory: bool = False) -> list[Finding]:
    """Examine candidates of targets by turns until the time is over; print what is found."""
    lists = [TARGETS[name].listed(name, seed) for name in names]
    queue = itertools.chain.from_iterable(zip(*lists, strict=True))
    found: list[Finding] = []
    counts = dict.fromkeys(names, 0)
    lock = threading.Lock()
    end = time.monotonic() + seconds

    def work() -> None:
        child = Child(memory)
        while time.monotonic() < end:
            with lock:
                candidate = next(queue)
            finding = child.examine(candidate)
            with lock:
                counts[candidate.target] += 1
                if finding is not None:
                    found.append(finding)
                    print(finding.line(), flush=True)
        child.close()

    workers = [threading.Thread(target=work) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(
        f"{sum(counts.values()):,} candidates, {len(found)} findings; "
        + ", ".join(f"{k} {n:,}" for k, n in counts.items())
    )
    return found


def replay(candidate: Candidate) -> bool:
    """Print what a candidate costs at growing lengths and where; say whether it is a finding."""
    length, before = START_BYTES, (0, 0.0)
    while length <= 2 * TARGETS[candidate.target].max_bytes:
        made, seconds = cost(candidate, length)
        exponent = _growth(before, (made, seconds)) if before[1] > 0.001 else math.nan
        print(f"{made:>12,} characters {seconds:9.3f} s  exponent {exponent:.2f}", flush=True)
        before = made, seconds
        if seconds > 4:
            break
        length *= 2
    print(hot(candidate, min(length, TARGETS[candidate.target].max_bytes) // 2))
    found = examine(candidate)
    print(found.line() if found else "no finding")
    return found is not None


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.growth", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default=",".join(TARGETS), help="targets, separated by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--memory", action="store_true", help="report also what takes much memory")
    parser.add_argument("--replay", metavar="JSON", help="measure one candidate")
    parser.add_argument("--list", action="store_true", help="list the targets")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.serve:
        serve(given.memory)
        return 0
    if given.list:
        for name, target in TARGETS.items():
            print(f"{name:<18}{len(target.alphabet().openings) if target.candidates is None else '':>6}")
        return 0
    if given.replay:
        return int(replay(Candidate(**json.loads(given.replay))))
    names = given.only.split(",")
    if unknown := set(names) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    return int(bool(hunt(names, given.seed, 60 * given.minutes or given.seconds, given.jobs, given.memory)))


if __name__ == "__main__":
    sys.exit(main())
