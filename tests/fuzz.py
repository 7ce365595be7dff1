"""Damage our own documents at random, and hold what comes of them against what every document promises.

    python -m tests.fuzz --cases 20000                        # of each reader
    python -m tests.fuzz --only html,docx --seconds 600       # until the time is over
    python -m tests.fuzz --only html --seed 7 --case 1234     # one case again, with a traceback
    python -m tests.fuzz --cases 20000 --keep /tmp/failures   # the inputs that failed, as files

A case begins with a sound document (a seed, a page of the tests, a Word file or PDF made here, labelled rows, a model, a
taxonomy, a report), and changes it a few times: bytes turned, lost, put in, repeated, two documents cut into each other; or
tags, elements of Word's XML, objects of a PDF, marks of Markdown, fields of JSON swapped. Then:

- a reader gives a Document or a ReadError of one line, and nothing else; so do the loaders of rows, models, taxonomies and
  reports with their own errors;
- blocks are in order, do not overlap, have no white space at their edges, and hold all that is not white space; clauses are
  slices of the text;
- some documents are tagged and written in every format: JSON and JSON lines can be parsed, each row of a CSV has all columns
  and no cell runs as a formula, a page holds no tags but ours, nothing holds control characters or marks of direction;
- none takes more processor time than `SECONDS` and `SECONDS_PER_MEGABYTE` allow.

Each case depends on the reader, the seed and its number alone. Cases run in a child process, which is started again if one
kills it. The exit code is 1 if any failed.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import functools
import hashlib
import io
import json
import math
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import classifier
from classifier import Document, ReadError, Tagger, taxonomy
from classifier import segmentation as segment
from classifier.datasets.rows import example_to_json, load_examples
from classifier.errors import DataError, ModelError, TaxonomyError
from classifier.evaluation import report
from classifier.evaluation.report import Baseline, CategoryMetrics, Estimate, Mistake, Point, Report
from classifier.model.model import Model
from classifier.model.ngrams import parse_terms
from classifier.model.persistence import DESCRIPTION, load_model, save_model
from classifier.readers.markdown import read_markdown
from classifier.readers.registry import from_text, parse
from classifier.readers.rst import read_rst
from classifier.render import evaluation as tables
from classifier.render import html
from classifier.render.evaluation import report_to_csv
from classifier.render.formats import RenderOptions, get_format
from classifier.text.escaping import escape_controls
from classifier.types import Example, Rationale
from tests.children import unmeasured

SECONDS, SECONDS_PER_MEGABYTE = 2.0, 30.0
"""Processor time that reading a case may take: this, and so much for each megabyte of it."""
RENDERED_SHARE = 0.1
"""Share of the documents that are tagged and written in every format."""
MAX_RENDERED_BLOCKS = 100
"""Documents of more are not tagged: it takes a second for each, and shows nothing more."""
CPU_SECONDS, WALL_SECONDS, MEMORY_BYTES = 60, 600, 3 * 2**30
"""Limits of the child: processor time and wall time of one case, address space of all."""
ROOT = Path(__file__).parent.parent

INTERESTING = (
    b"\0", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\r\n", b"\xa0", "\xa0".encode(), "\u2028".encode(),
    "\u200b".encode(), "\ufeff".encode(), "\u00ad".encode(), b"\x1b[31m", b"\x1b]0;x\x07", "\u202e".encode(), "\u2066".encode(),
    "\u200f".encode(), b"\x1e", b"\x02", b"\x1c", b"\x85", "\x85".encode(), b"\x0b", b"\x0c", b"\x7f", "\U0001f512".encode(),
    b"\xed\xa0\x80", b"\xc0\x80", b"\\ud800", b"&#xd800;", b"&#0;", b"&#x80;", b"=1+1", b"\r=1+1", b"<script>", b"]]>", b"{{ 7 * 7 }}",
    b"\\", b'"', b"'", b"%s", b"{0}", b"\t", b"  ", b"-1", b"99999999999999999999", b"1e999", b"NaN", b"null", b"[" * 50,
)  # fmt: skip
_DIRECTIONS_AND_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_BLANKS = " \n\r\t\x0b\x0c\xa0\u200b\u200c\u200d\u2060\ufeff"


class Failure(NamedTuple):
    """A case that broke a promise."""

    reader: str
    seed: int
    case: int
    what: str

    def line(self) -> str:
        """Write it with the command that shows it again."""
        return f"{self.what}\n    python -m tests.fuzz --only {self.reader} --seed {self.seed} --case {self.case}"


# --- sound documents -----------------------------------------------------------------------------------------------------


@functools.cache
def _texts() -> tuple[bytes, ...]:
    """The seeds in the encodings that are read, and small texts of all kinds of Markdown."""
    seeds = [
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "seeds").iterdir()) if path.name != "README.md"
    ]
    small = (
        "# Privacy\r\n\r\nWe collect:\r\n\r\n* your **name**;\r\n    * first\r\n* [more](https://x.example)\r\n\r\nLog files\r\n"
        "=========\r\n\r\n1. We keep logs.\r\n2. We delete them.\r\n\r\n| Data | Why |\r\n|---|---|\r\n| name | bills |\r\n",
        "**Cookies.** We set some.\n\nWHAT WE SHARE\nWe share data with partners\rand others.\n\n[Home](/)\n[Shop](/shop)\n\n"
        "Contact: privacy@harbour.example or [email protected]\n\n> quoted\n\n__What?__ __Log files__ Our server writes.\n",
        "Wir erheben Ihre Daten – „Name“, Anschrift, naïve café.\n\n" * 4,
    )
    short = [text[:6000] for text in seeds]
    encoded = [text.encode() for text in (*short, *small)]
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"):
        encoded += [text.encode(encoding, "replace") for text in (*short[:2], *small)]
    return tuple(encoded)


@functools.cache
def _pages() -> tuple[bytes, ...]:
    return tuple(path.read_bytes() for path in sorted((ROOT / "tests/pages").glob("*.html")))


_MIXED = """---
title: Privacy
---
<!-- a comment -->
# Privacy <sup>2</sup>

<a name="logs"></a>
We keep <b>logs</b> and <a href="https://x.example">more</a>.<br/>For 5&nbsp;years &amp; a day.

<details><summary><b>Sharing</b></summary>

- partners
- `<div>` others

<ul><li>one<ol><li>two</li></ol></li><li><p>three</p></li></ul>
</details>

<table><thead><tr><th>Data</th><th>Kept</th></tr></thead>
<tr><td rowspan=2>Logs</td><td><ul><li>a year</li></ul></td></tr><tr><td>more</td></tr></table>

| a<br>b | <ul><li>c</li></ul> |
|---|---|

```html
<p>code</p>
```
<h3>End</h3><script>x</script>
"""
_COMPONENTS = """import { Note } from '@site/note'
export const year = 2024

# Privacy

{/* a comment */}
<Note title="a" onClick={() => { close({a: 1}) }}>
  We never **sell** data.{' '}
</Note>
<><Step>one</Step></>
Kept for {years} <Year /> years.
"""
_RESTRUCTURED = """=======
Privacy
=======

.. |us| replace:: Otterford
.. note:: We, |us|, keep :term:`logs`, see `our list <https://x.example>`_ and sharing_ [1]_.

   * a
   * b

Sharing
-------

Term
    A definition.
:Field: value
| Otterford
| Mill Lane

+------+------+
| Data | Kept |
+======+======+
| Logs | a    |
|      | year |
+------+------+

====  ====
A     B
====  ====
1     2
====  ====

.. list-table:: Cookies
   :header-rows: 1

   * - Name
     - Kept
   * - fm
     - a year

.. image:: x.png
.. a comment
   over lines
#. one
"""


@functools.cache
def _mixed() -> tuple[bytes, ...]:
    return _MIXED.encode(), _MIXED.replace("\n", "\r\n").encode("utf-16"), (_MIXED * 3).encode("cp1252")


@functools.cache
def _components() -> tuple[bytes, ...]:
    return _COMPONENTS.encode(), (_COMPONENTS + _MIXED).encode()


@functools.cache
def _restructured() -> tuple[bytes, ...]:
    return _RESTRUCTURED.encode(), (_RESTRUCTURED * 2).replace("\n", "\r\n").encode("cp1252")


@functools.cache
def _mails() -> tuple[bytes, ...]:
    from tests.test_formats import mail, mhtml

    return (mail(), mail().replace(b"\n", b"\r\n"), mhtml(), mhtml().replace(b"\n", b"\r\n"))


@functools.cache
def _word_files() -> tuple[bytes, ...]:
    """Word files of python-docx, and small ones of its XML alone, without dates, so that the same ones are made each time."""
    from tests import growth
    from tests.test_cases_office import CHUNK, chunk, embedding
    from tests.test_docx import notice, saved

    paragraph = "<w:p><w:r><w:t>We keep logs.</w:t></w:r></w:p>"
    small = (
        "".join(growth._nested([name]) for name in growth._WORD_XML if not name.startswith(("a", "note", "levels"))).replace("{i}", "1"),
        "=styles\n" + growth._nested(["a style"]).replace("{i}", "1") + "=document\n" + growth._nested(["style"]).replace("{i}", "1"),
        "=footnotes\n" + growth._nested(["note", "whole"]).replace("{i}", "2") + "=document\n" + paragraph,
        "=numbering\n" + (growth._nested(["an abstract"]) + growth._nested(["a numbering"])).replace("{i}", "1")
        + "=document\n" + growth._nested(["list"]).replace("{i}", "1") * 3,
        "=header1\n" + paragraph + "=document\n" + paragraph * 2,
    )  # fmt: skip
    embedded = {"word/a.html": b"<h1>Notice</h1><ul><li>We keep logs.<li>We share them.</ul>"}
    files = [saved(notice), embedding(CHUNK.format("c"), chunk("a.html"), embedded), *map(growth.word_file, small)]
    return tuple(_zipped(_unzipped(data)) for data in files)


@functools.cache
def _pdfs() -> tuple[bytes, ...]:
    from tests.test_cases_office import TEXT_FIELD, form
    from tests.test_pdf import drawn, made, sections

    lines = [(72.0, 700.0 - 14 * k, f"{k}. We keep item {k} for a year and de-") for k in range(12)]
    return (
        made(sections(1)),
        made(sections(2), 2),
        drawn(*lines),
        drawn((72, 700, "Privacy"), font="Helvetica-Bold", size=20),
        form(TEXT_FIELD),
    )


@functools.cache
def _rows() -> tuple[bytes, ...]:
    ids = _taxonomy().ids
    full = Example(
        "a-1", "a", "We keep logs for 30 days.", ids[:2], ("Retention",), "We keep:", (ids[3],), (ids[:2], ids[:1]),
        ((Rationale(ids[0], 0, 7),), (Rationale(ids[0], 8, 12),)),
    )  # fmt: skip
    plain = [Example(f"b-{k}", "b", f"We share data number {k}.", ids[k : k + 1]) for k in range(4)]
    lines = [example_to_json(example).encode() for example in (full, *plain)]
    seeds = (ROOT / "data/clauses/seeds.jsonl").read_bytes().split(b"\n")[:8]
    return b"\n".join(lines) + b"\n", b"\n".join(seeds), b"\xef\xbb\xbf" + b"\r\n".join(lines)


@functools.cache
def _taxonomies() -> tuple[bytes, ...]:
    whole = (ROOT / "data/taxonomy.toml").read_bytes()
    return whole, b"[[category]]".join(whole.split(b"[[category]]")[:4])


@functools.cache
def _models() -> tuple[bytes, ...]:
    """A small model, its two files one after the other with their lengths before them."""
    names = ["keep", "log", "share", "keep log", "log~share"]
    stems, codes = parse_terms(names)
    order = np.argsort(codes)
    small = Model(
        "small", taxonomy.Taxonomy(_taxonomy().categories[:2]), stems, codes[order], np.ones(len(codes), np.float32),
        np.linspace(-1, 1, 2 * len(codes), dtype=np.float32).reshape(-1, 2), np.zeros(2, np.float32), np.array([0.5, 0.4]), 3,
        {"rows": 5, "policies": 2, "words": 20},
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        save_model(small, folder, "# card\n")
        names = (DESCRIPTION, _weights_name(Path(folder)))
        return (_packed(*((Path(folder) / name).read_bytes() for name in names)),)


def _weights_name(folder: Path) -> str:
    """Return the name of the weights that a model names."""
    name: str = json.loads((folder / DESCRIPTION).read_bytes())["weights"]["file"]
    return name


@functools.cache
def _reports() -> tuple[bytes, ...]:
    estimate = Estimate(0.5, 0.4, math.nan)
    figures = CategoryMetrics("use", 4, 3, 9, 2, estimate, estimate, estimate, estimate, 0.1, (0.5, 0.4))
    found = Report(
        "2 folds by policy", "0" * 64, 9, 2, 2, 3, 4, 1.5, 1.25, 2, True, (figures, figures), {"micro_f1": estimate, "macro_f1": estimate},
        0.1, ("a note",), {"": ((0.1, 0.2, 3),)}, {"use": ((0.1, 0.2, 0.3),)}, ((1, 0), (0, 1)),
        (Baseline("k", "about", estimate, estimate, {"use": 0.3}),), (Mistake("a", "p", "use", True, 0.1, ("use",), (), "text"),),
        (Point(1, 0.1, 0.2),), {"p": ((1, 1), (1, 2), (2, 1))},
    )  # fmt: skip
    return (json.dumps(found.to_dict(), indent=1).encode(), found.to_json().encode())


@functools.cache
def _taxonomy() -> taxonomy.Taxonomy:
    return taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml")


def _packed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(4, "little") + part for part in parts)


def _unpacked(packed: bytes) -> list[bytes]:
    """Undo `_packed`, whatever happened to the bytes; two parts are given."""
    first = int.from_bytes(packed[:4], "little")
    return [packed[4 : 4 + first], packed[8 + first :]]


def _unzipped(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def _zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# --- damage --------------------------------------------------------------------------------------------------------------


def damaged(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Damage bytes, whatever they mean."""
    at = chance.randrange(len(content) + 1)
    end = min(len(content), at + chance.choice((1, 2, 5, 20, 100, 2000)))
    kind = chance.randrange(8)
    if kind == 0:  # turn bits
        place = min(at, len(content) - 1)
        return (
            content[:place] + bytes([content[place] ^ 1 << chance.randrange(8)]) + content[place + 1 :]
            if content
            else content
        )
    if kind == 1:
        return content[:at] + chance.choice(INTERESTING) + content[at:]
    if kind == 2:
        return content[:at] + chance.choice(INTERESTING) + content[end:]
    if kind == 3:
        return content[:at] + content[end:]
    if kind == 4:
        first = chance.randrange(len(other) + 1)
        return content[:at] + other[first : first + chance.choice((10, 200, 5000))] + content[end:]
    if kind == 5:
        return content[:at] if chance.random() < 0.5 else content[at:]
    if kind == 6:
        return content[:at] + content[at:end] * chance.choice((2, 3, 20, 200)) + content[end:]
    return content[:at] + bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 40)))) + content[end:]


def _swapped(pattern: re.Pattern[bytes], content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Take pieces that a pattern finds for one another: swap, drop, double or repeat one, or take one of another document."""
    places = [match.span() for match in pattern.finditer(content)]
    if not places:
        return damaged(content, other, chance)
    start, end = chance.choice(places)
    piece = content[start:end]
    kind = chance.randrange(5)
    if kind == 0:
        first, last = chance.choice(places)
        return content[:start] + content[first:last] + content[end:]
    if kind == 1:
        return content[:start] + content[end:]
    if kind == 2:
        return content[:end] + piece * chance.choice((1, 2, 50)) + content[end:]
    if kind == 3:
        return content[:start] + chance.choice(INTERESTING) + content[end:]
    pieces = pattern.findall(other)
    taken = chance.choice(pieces) if pieces else b""
    return content[:start] + (taken if isinstance(taken, bytes) else taken[0]) + content[end:]


_TAG = re.compile(rb"</?[a-zA-Z][^<>]*>")
_ATTRIBUTES = (
    b" class='nav footer'", b" role=navigation", b" role=tab aria-controls=p1", b" id=p1", b" hidden", b" style='display:none'",
    b" style='font-weight:bold;display:block'", b" colspan=9999 rowspan=99999", b" href='#top'", b" href=x", b" type=i start=-5",
    b" aria-labelledby=p1 role=tabpanel", b" aria-expanded=false", b" role=heading aria-level=99", b" value=\xff", b" a=\"'<>",
)  # fmt: skip


def _html(content: bytes, other: bytes, chance: random.Random) -> bytes:
    tags = [match.span() for match in _TAG.finditer(content)]
    if not tags or chance.random() < 0.5:
        return _swapped(_TAG, content, other, chance)
    _, end = chance.choice(tags)
    return content[: end - 1] + chance.choice(_ATTRIBUTES) + content[end - 1 :]


_MARKS = re.compile(rb"\*\*|__|\n[ \t]*(?:[*-]|\d+\.)[ \t]|\n#+ |\n\n|\]\(|\[|\)|\n|[ \t]+|\||\n[=-]+\n|\r\n?")


def _markdown(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return _swapped(_MARKS, content, other, chance)


_RST_MARKS = re.compile(rb"\n *\.\. [^\n]*|`[^`]*`_*|\n[=+-]{3,}[=+ -]*|\n +|\n|[|_:*\\]|\+|::")


def _rst(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return _swapped(_RST_MARKS, content, other, chance)


_MIME = re.compile(rb"\n[A-Z][\w-]+: [^\n]*|; *\w+=[^;\n]*|\n--[^\n]*|\n\r?\n|=[0-9A-F]{2}|<[^<>]*>|\n")


def _mime(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return _swapped(_MIME, content, other, chance)


_ELEMENT = re.compile(rb"<[^<>]*>|<(w:\w+)[ >](?:(?!<\1[ >]).)*?</\1>", re.DOTALL)
_WHOLE = re.compile(rb"<(w:p|w:r|w:tbl|w:tc|w:tr|w:pPr|w:style|w:num|w:lvl)[ >](?:(?!<\1[ >]).)*?</\1>", re.DOTALL)


def _word(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Change one part inside the zip; whole elements most often, since XML that is not well-formed is only refused."""
    try:
        parts, others = _unzipped(content), _unzipped(other)
    except Exception:  # the zip itself was damaged before
        return damaged(content, other, chance)
    name = chance.choice([*parts, *["word/document.xml"] * (2 * len(parts))])
    part, beside = parts.get(name, b""), others.get(name, b"") or others.get("word/document.xml", b"")
    kind = chance.random()
    if kind < 0.7:
        whole = [match.span() for match in _WHOLE.finditer(part)]
        source = [match.group() for match in _WHOLE.finditer(beside)]
        if whole:
            start, end = chance.choice(whole)
            new = chance.choice([*source[:50], b"", part[start:end] * 2, part[start:end] * 60])
            part = part[:start] + new + part[chance.choice((start, end)) :]
    elif kind < 0.85:
        part = _swapped(_ELEMENT, part, b"", chance)
    elif kind < 0.95:
        part = re.sub(
            rb'"[^"]{1,12}"', lambda match: chance.choice((match[0], match[0], b'"7"', b'"-1"', b'"x"', b'""')), part
        )
    else:
        part = damaged(part, beside, chance)
    return _zipped({**parts, name: part})


_NUMBER = re.compile(rb"\d+ \d+ R|\d+ 0 obj|/Length \d+|/\w+|\b\d+(?:\.\d+)?\b|<<|>>|endobj|endstream|stream")


def _pdf(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return _swapped(_NUMBER, content, other, chance)


def _json(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Take values of JSON for one another, in one line or in all."""
    lines = content.split(b"\n")
    number = chance.randrange(len(lines))
    whole = chance.random() < 0.5 and len(lines) < 400
    try:
        value = json.loads(content if whole else lines[number])
    except ValueError:
        return _swapped(re.compile(rb'"[^"\n]*"|[\[\]{},:]|-?\d+'), content, other, chance)
    places = list(_places(value))
    if not places:
        return damaged(content, other, chance)
    holder, key = chance.choice(places)
    taken, from_ = chance.choice(places)
    odd = (
        None,
        True,
        -1,
        0,
        1e308,
        2**70,
        "",
        "x",
        "\ud800",
        [],
        {},
        [[]],
        {"a": 1},
        math.inf,
        math.nan,
        "\0",
        ["use"] * 3,
    )
    kind = chance.randrange(4)
    if kind == 0:
        holder[key] = json.loads(json.dumps(taken[from_]))
    elif kind == 1:
        holder[key] = chance.choice(odd)
    elif kind == 2:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(key, chance.choice(odd))
    else:
        holder[chance.choice(("text", "labels", "id", "x", "", "shape"))] = holder[key]
    written = json.dumps(value, ensure_ascii=chance.random() < 0.5).encode(errors="surrogatepass")
    return written if whole else b"\n".join([*lines[:number], written, *lines[number + 1 :]])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys: Any = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def _of_model(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Change the description or the weights; most often so that the checksum fits again, and what comes after it is reached."""
    description, weights = _unpacked(content)
    if chance.random() < 0.5:
        change = chance.choice((_json, damaged))
        description = change(description, other, chance)
    elif chance.random() < 0.6:
        start = 8 + int.from_bytes(weights[:8], "little")
        head = chance.choice((_json, _json, damaged))(weights[8:start], other, chance)
        weights = len(head).to_bytes(8, "little") + head + weights[start:]
    else:
        weights = damaged(weights, other, chance)
    if chance.random() < 0.9:
        checksum = hashlib.sha256(weights).hexdigest().encode()
        description = re.sub(rb'("sha256": ")[0-9a-f]{64}', lambda match: match[1] + checksum, description, count=1)
    return _packed(description, weights)


_TOML = re.compile(rb'"[^"\n]*"|\[\[?\w+\]\]?|\n\w+ = |[\[\],=]|\n')


def _toml(content: bytes, other: bytes, chance: random.Random) -> bytes:
    return _swapped(_TOML, content, other, chance)


# --- promises ------------------------------------------------------------------------------------------------------------


def check_document(document: object) -> Document:
    """Hold a document against what `types.Document` promises; give it back."""
    assert isinstance(document, Document), f"a reader gave {type(document).__name__}"
    text, at = document.text, 0
    text.encode()  # half a surrogate pair could be written nowhere
    for block in document.blocks:
        assert at <= block.start < block.end <= len(text), f"{block} begins before {at}, or is empty"
        assert not text[at : block.start].strip(), f"text is lost before {block}"
        assert not text[block.start].isspace(), f"{block} begins with white space"
        assert not text[block.end - 1].isspace(), f"{block} ends with white space"
        assert block.level >= 0, f"{block} has a level below 0"
        at = block.end
    assert not text[at:].strip(), f"text is lost after {at}"
    assert 0.0 <= document.coverage <= 1.0, f"coverage {document.coverage}"
    assert document.blocks, "a document without blocks"
    for note in document.notes:
        assert "\n" not in note, "a note of several lines"
    return document


def check_clauses(document: Document) -> None:
    """Clauses are slices in order; with the headings they hold all that is not white space."""
    spans = [(block.start, block.end) for block in document.blocks if block.kind == "heading"]
    for clause in segment.segment(document):
        assert document.text[clause.start : clause.end] == clause.text, f"{clause.start} to {clause.end} is no slice"
        assert clause.text.strip(), "an empty clause"
        spans.append((clause.start, clause.end))
    at = 0
    for start, end in sorted(spans):
        assert at <= start, f"a clause or heading at {start} overlaps the one before"
        assert not document.text[at:start].strip(), f"text is lost before {start}"
        at = end
    assert not document.text[at:].strip(), f"text is lost after {at}"


@functools.cache
def _tagger() -> Tagger:
    """The default model with low thresholds, so that most clauses have labels to explain."""
    found = classifier.load(ROOT / "models/default")
    return Tagger(found.model, dict.fromkeys(found.categories, 0.1))


@functools.cache
def _own_tags() -> frozenset[str]:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "classifier/render/templates").glob("*.html")]
    return frozenset(tag.lower() for source in sources for tag in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", source))


def check_rendered(document: Document, explain: bool, tagger: Tagger | None = None) -> None:
    """Tag a document and write it in every format."""
    tagger = tagger or _tagger()
    policy = tagger.tag_document(document)
    for name in ("json", "jsonl", "csv", "html", "markdown", "text"):
        form = get_format(name, RenderOptions(show_all=True, explain=explain))
        written = "".join(form.join([form.policy(policy)], tagger))
        written.encode()
        _CHECKS[name](written, len(policy.clauses), document)
    _check_page(html.policy_to_html(policy), len(policy.clauses), document)
    policy.to_frame()


def _check_json(written: str, n_clauses: int, document: Document) -> None:
    (policy,) = json.loads(written)["policies"]
    assert len(policy["clauses"]) == n_clauses, "the JSON has another number of clauses"
    for clause in policy["clauses"]:
        assert document.text[clause["start"] : clause["end"]] == clause["text"], "a clause of the JSON is no slice"


def _check_jsonl(written: str, n_clauses: int, document: Document) -> None:
    lines = written.split("\n")
    assert lines.pop() == "", "the last line has no end"
    assert len(lines) == n_clauses, "the JSON lines are not one for a clause"
    for line in lines:
        clause = json.loads(line)
        assert document.text[clause["start"] : clause["end"]] == clause["text"], (
            "a clause of the JSON lines is no slice"
        )


def _check_csv(written: str, n_clauses: int, document: Document) -> None:
    csv.field_size_limit(2**31 - 1)  # a whole policy may be one clause
    head, *rows = csv.reader(io.StringIO(written, newline=""))
    assert len(rows) == n_clauses, f"the CSV has {len(rows)} rows for {n_clauses} clauses"
    for row in rows:
        assert len(row) == len(head), f"a row of the CSV has {len(row)} cells of {len(head)}"
        for cell in row:
            # programs that end a row at a lone carriage return, quoted or not, begin a cell after it
            for part in re.split(r"\r(?!\n)", cell):
                assert not part.lstrip(_BLANKS).startswith(_FORMULA), f"a formula in the CSV: {part[:20]!r}"


def _check_page(written: str, n_clauses: int, document: Document) -> None:
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z][a-zA-Z0-9]*)", written)}
    assert tags <= _own_tags(), f"the page has tags of the policy: {sorted(tags - _own_tags())}"
    assert "<script" not in written.lower(), "the page has a script"
    _check_shown(written, n_clauses, document)


def _check_markdown(written: str, n_clauses: int, document: Document) -> None:
    assert not re.search(r"(?<!\\)<", written), "the Markdown has tags of the policy"
    _check_shown(written, n_clauses, document)


def _check_shown(written: str, n_clauses: int, document: Document) -> None:
    found = _DIRECTIONS_AND_CONTROLS.search(written.replace("\t", " "))
    assert found is None, f"a control character or mark of direction is shown: {found and hex(ord(found[0]))}"


_CHECKS: dict[str, Callable[[str, int, Document], None]] = {
    "json": _check_json, "jsonl": _check_jsonl, "csv": _check_csv, "html": _check_page, "markdown": _check_markdown,
    "text": _check_shown,
}  # fmt: skip


# --- readers -------------------------------------------------------------------------------------------------------------


def _refused(error: Exception) -> str:
    """Check the message of an error that is raised on purpose."""
    said = str(error)
    assert said.strip(), "an error without words"
    assert escape_controls(said) == said, f"an error shows control characters: {said!r}"
    return said


def _document(read: Callable[[bytes], Document]) -> Callable[[bytes], Document | None]:
    """Read a document, or make sure that its refusal is one line."""

    def load(content: bytes) -> Document | None:
        try:
            document = read(content)
        except ReadError as error:
            assert "\n" not in _refused(error), "a refusal of several lines"
            return None
        segment.segment(document)
        return document

    return load


def _check_read(document: Document, chance: random.Random) -> None:
    check_document(document)
    check_clauses(document)
    if chance.random() < RENDERED_SHARE and len(document.blocks) < MAX_RENDERED_BLOCKS:
        check_rendered(document, chance.random() < 0.5)


def _read_docx(content: bytes) -> Document:
    from classifier.readers.docx.reader import read_docx

    return read_docx(content, "x.docx")


def _read_pdf(content: bytes) -> Document:
    from classifier.readers.pdf.reader import read_pdf

    return read_pdf(content, "x.pdf")


def _read_mail(content: bytes) -> Document:
    from classifier.readers.mail.reader import read_email, read_mhtml

    if b"Snapshot-Content-Location" in content:
        return read_mhtml(content, "x.mhtml")
    return read_email(content, "x.eml")[0]


def _load_rows(content: bytes) -> list[Example] | None:
    with _file("rows.jsonl", content) as path:
        try:
            return load_examples([path], _taxonomy())
        except DataError as error:
            _refused(error)
            return None


def _check_rows(examples: list[Example], chance: random.Random) -> None:
    again = "".join(example_to_json(example) + "\n" for example in examples)
    assert _load_rows(again.encode()) == examples, "rows do not come back as they were written"


def _load_model(content: bytes) -> Model | None:
    description, weights = _unpacked(content)
    with _file(DESCRIPTION, description) as path:
        with contextlib.suppress(ValueError, KeyError, TypeError, OSError):  # a damaged description may name anything
            name = _weights_name(path.parent)
            if re.fullmatch(r"weights[\w.-]{0,60}", name):
                (path.parent / name).write_bytes(weights)
        try:
            return load_model(path.parent)
        except ModelError as error:
            assert "\n" not in _refused(error), "a refusal of several lines"
            return None


def _check_model(found: Model, chance: random.Random) -> None:
    tagger = Tagger(found)
    scores = tagger.predict_proba(["we keep logs and share them", "", "share " * 50])
    assert np.isfinite(scores).all(), "a score is no number"
    assert ((scores >= 0) & (scores <= 1)).all(), "a score is no probability"
    check_rendered(from_text("We keep logs.\n\nWe share logs with others."), chance.random() < 0.5, tagger)


def _load_taxonomy(content: bytes) -> taxonomy.Taxonomy | None:
    with _file("taxonomy.toml", content) as path:
        try:
            return taxonomy.load_taxonomy(path)
        except TaxonomyError as error:
            _refused(error)
            return None


def _check_taxonomy(found: taxonomy.Taxonomy, chance: random.Random) -> None:
    tables = json.loads(json.dumps(taxonomy.to_tables(found)))  # as a model carries it
    assert taxonomy.from_tables(tables) == found, "a taxonomy does not come back as it was"


def _load_report(content: bytes) -> Report | None:
    with _file("report.json", content) as path:
        try:
            return report.load_report(path)
        except DataError as error:
            _refused(error)
            return None


def _check_report(found: Report, chance: random.Random) -> None:
    """A report that is sound enough to be read is sound enough to be written in every format but plots."""
    again = _load_report(found.to_json().encode())
    assert again is not None, "a report that was read is refused once it was written"
    assert again.to_json() == found.to_json(), "a report does not come back as it was"
    for part in (
        *report_to_csv(found),
        *tables.report_to_text(found),
        *tables.mistakes_to_text(found, 3),
    ):
        part.encode()


@contextlib.contextmanager
def _file(name: str, content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


Change = Callable[[bytes, bytes, random.Random], bytes]


class Reader(NamedTuple):
    """A kind of file: sound ones, how they are damaged with a look at their structure, how they are read and checked.

    `load` gives None where a file is refused; its time is measured, that of `check` is not.
    """

    sound: Callable[[], tuple[bytes, ...]]
    change: Change
    load: Callable[[bytes], Any]
    check: Callable[[Any, random.Random], None]
    suffix: str

    def run(self, content: bytes, chance: random.Random) -> float:
        """Read a file and check what comes of it; give the processor time that reading took."""
        start = time.process_time()
        found = self.load(content)
        seconds = time.process_time() - start
        if found is not None:
            self.check(found, chance)
        return seconds


_read_text = _document(lambda content: parse(content, "x.txt", ".txt"))
_read_html = _document(lambda content: parse(content, "x.html", ".html"))
_read_markdown = _document(lambda content: read_markdown(content, "x.md"))
_read_mdx = _document(lambda content: read_markdown(content, "x.mdx", is_jsx=True))
_read_rst = _document(lambda content: read_rst(content, "x.rst"))
READERS: dict[str, Reader] = {
    "text": Reader(_texts, _markdown, _read_text, _check_read, ".txt"),
    "html": Reader(_pages, _html, _read_html, _check_read, ".html"),
    "markdown": Reader(_mixed, _html, _read_markdown, _check_read, ".md"),
    "mdx": Reader(_components, _html, _read_mdx, _check_read, ".mdx"),
    "rst": Reader(_restructured, _rst, _read_rst, _check_read, ".rst"),
    "mail": Reader(_mails, _mime, _document(_read_mail), _check_read, ".eml"),
    # these two by their own modules, since `readers.parse` may read them in a process of their own
    "docx": Reader(_word_files, _word, _document(_read_docx), _check_read, ".docx"),
    "pdf": Reader(_pdfs, _pdf, _document(_read_pdf), _check_read, ".pdf"),
    "rows": Reader(_rows, _json, _load_rows, _check_rows, ".jsonl"),
    "model": Reader(_models, _of_model, _load_model, _check_model, ".model"),
    "taxonomy": Reader(_taxonomies, _toml, _load_taxonomy, _check_taxonomy, ".toml"),
    "report": Reader(_reports, _json, _load_report, _check_report, ".json"),
}


def made(name: str, seed: int, case: int) -> tuple[bytes, random.Random]:
    """Make the input of a case, and the chance by which it goes on."""
    chance = random.Random(f"{name} {seed} {case}")
    reader = READERS[name]
    content, other = chance.choice(reader.sound()), chance.choice(reader.sound())
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        change = reader.change if chance.random() < 0.6 else damaged
        if change is damaged and name == "model" and chance.random() < 0.8:
            change = reader.change
        content = change(content, other, chance)[: 2 * 2**20]
    return content, chance


def run(name: str, seed: int, case: int) -> str:
    """Run a case; say what is wrong, "" if nothing is."""
    content, chance = made(name, seed, case)
    try:
        seconds = READERS[name].run(content, chance)
    except AssertionError as error:
        return str(error) or "an assertion of the product failed"
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"raises {type(error).__name__}: {str(error)[:100]} ({Path(last.filename).name}:{last.lineno})"
    allowed = SECONDS + SECONDS_PER_MEGABYTE * _size(name, content) / 10**6
    return f"takes {seconds:.1f} s, {allowed:.1f} s are allowed" if seconds > allowed else ""


def _size(name: str, content: bytes) -> int:
    """Give the size of a case; of a Word file that of what it unpacks to."""
    if name == "docx":
        with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    return len(content)


# --- child processes -----------------------------------------------------------------------------------------------------


def serve(name: str, seed: int, first: int, last: int) -> None:
    """Run cases, and write a line before and after each."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    answers, sys.stdout = sys.stdout, sys.stderr
    READERS[name].sound()
    with contextlib.suppress(Exception):  # what is loaded once does not count
        if name in ("text", "html", "docx", "pdf"):
            check_rendered(from_text("We keep logs for a year.\n\nWe share data.", "x"), explain=True)
        READERS[name].run(READERS[name].sound()[0], random.Random(0))
    for case in range(first, last):
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS, resource.RLIM_INFINITY))
        answers.write(f"{case}\n")
        answers.flush()
        wrong = run(name, seed, case)
        if wrong:
            answers.write(json.dumps(wrong) + "\n")
            answers.flush()
    answers.write("end\n")
    answers.flush()


def fuzz(
    name: str, seed: int, cases: int, seconds: float = math.inf, on_failure: Callable[[Failure], None] = print
) -> tuple[int, float, list[Failure]]:
    """Run the cases of a reader in a child process.

    Returns
    -------
    int, float, list of Failure
        How many were run, the processor seconds that took, and what failed.
    """
    failures: list[Failure] = []
    before, end = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() + seconds
    at = 0
    while at < cases and time.monotonic() < end:
        at, new = _serve_from(name, seed, at, cases, end, on_failure)
        failures += new
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return at, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, failures


def _serve_from(
    name: str, seed: int, first: int, last: int, end: float, on_failure: Callable[[Failure], None]
) -> tuple[int, list[Failure]]:
    """Run cases until a child ends, the time is over, or all are run; give the number of the next case."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "tests.fuzz", "--only", name, "--seed", str(seed), "--serve", f"{first}:{last}"]
    failures: list[Failure] = []
    at, is_over = first - 1, False

    def fail(what: str) -> None:
        failures.append(Failure(name, seed, at, f"{name} case {at}: {what}"))
        on_failure(failures[-1])

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT,
        env=unmeasured(path),
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        errors: list[str] = []
        reading = threading.Thread(target=lambda: errors.append(child.stderr.read()))  # type: ignore[union-attr]
        reading.start()
        timer = threading.Timer(WALL_SECONDS, child.kill)
        timer.start()
        for line in child.stdout:
            if line == "end\n" or time.monotonic() > end:
                is_over = True
                child.kill()
                break
            if line[0].isdigit():
                at = int(line)
                timer.cancel()
                timer = threading.Timer(WALL_SECONDS, child.kill)
                timer.start()
            else:
                fail(json.loads(line))
        timer.cancel()
        child.wait()
        reading.join()
    if not is_over and at < first:
        raise RuntimeError(f"the child of {name} does not start: {''.join(errors)[-2000:]}")
    if not is_over:
        said = "".join(errors).strip().rpartition("\n")[2][:100]
        fail(
            f"kills the process that reads it (exit code {child.returncode}; more than {CPU_SECONDS} s or 3 GiB, or a crash) {said}"
        )
    return at + 1, failures


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", default=",".join(READERS), help="readers, separated by commas")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--cases", type=int, default=0, help="for each reader; 1000 if neither these nor seconds are given"
    )
    parser.add_argument("--seconds", type=float, default=math.inf, help="for each reader")
    parser.add_argument("--case", type=int, help="run one case here, with its traceback")
    parser.add_argument("--keep", type=Path, help="a folder, outside of the repository, for inputs that fail")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    names = given.only.split(",")
    if unknown := set(names) - set(READERS):
        parser.error(f"no reader {', '.join(sorted(unknown))}; there are {', '.join(READERS)}")
    if given.keep and given.keep.resolve().is_relative_to(ROOT):
        parser.error("--keep names a folder inside the repository, where inputs that fail could be committed")
    if given.serve:
        serve(names[0], given.seed, *map(int, given.serve.split(":")))
        return 0

    def keep(failure: Failure) -> None:
        print(failure.line(), flush=True)
        if given.keep:
            given.keep.mkdir(parents=True, exist_ok=True)
            content, _ = made(failure.reader, failure.seed, failure.case)
            (
                given.keep / f"{failure.reader}-{failure.seed}-{failure.case}{READERS[failure.reader].suffix}"
            ).write_bytes(content)

    if given.case is not None:
        content, chance = made(names[0], given.seed, given.case)
        if given.keep:
            keep(Failure(names[0], given.seed, given.case, "kept"))
        READERS[names[0]].run(content, chance)
        wrong = run(names[0], given.seed, given.case)  # again, for its time
        print(wrong or "nothing is wrong")
        return int(bool(wrong))
    cases = given.cases or (10**9 if given.seconds < math.inf else 1000)
    failed = 0
    for name in names:
        count, seconds, failures = fuzz(name, given.seed, cases, given.seconds, keep)
        failed += len(failures)
        print(
            f"{name}: {count:,} cases, {len(failures)} failed; {count / max(seconds, 1e-9):,.0f} a processor second",
            flush=True,
        )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
