"""The nouns of the project as frozen data: document, block, clause, example.

Offsets count code points of `Document.text`; a slice of that text is always the thing itself. Of a text file it is the
decoded source with its line ends as they were, of a page, a PDF or a Word file what was extracted from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

BlockKind = Literal["heading", "paragraph", "item", "navigation"]
ClauseKind = Literal["text", "navigation"]
Format = Literal["text", "html", "pdf", "docx"]


class Block(NamedTuple):
    """A run of the source that a reader recognised as one thing.

    A tuple, since it is made three times as fast as a dataclass, and a policy has hundreds.

    Attributes
    ----------
    kind
        What it is: a heading, a paragraph, an item of a list, or links that lead elsewhere.
    start, end
        Where it stands, as offsets into the document's text; markup at its edges belongs to it.
    level
        Depth of an item, 0 at the outside; rank of a heading whose rank is written (1 highest), else 0.
    style
        How a heading is set ("bold", "caps", ...): headings alike are of one rank. How an item is marked.
    place
        Where it stands in a file whose text was extracted: the path of an element, a page; "" for text files.
    closes
        Style of an open heading whose section ends before this block, such as the label of a panel; "" if none.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    style: str = ""
    place: str = ""
    closes: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy as read: its text and the blocks it is made of.

    Attributes
    ----------
    name
        What messages and output call it: the path as given, or ``"<stdin>"``.
    text
        The decoded source, or what was extracted from it.
    blocks
        In order, without overlap; together they hold every character that is not white space.
    encoding
        The encoding the bytes were decoded from; "" where the format says it itself.
    format
        What it was read from: "text", "html", "pdf" or "docx".
    coverage
        Share of a page's visible words that the text holds, from 0 to 1; the rest is menus, banners and the like.
    notes
        What a person should know of how it was read, a sentence each.
    left_out
        What of a page the text does not hold: reasons, and how many words.
    """

    name: str
    text: str
    blocks: tuple[Block, ...]
    encoding: str = "utf-8"
    format: Format = "text"
    coverage: float = 1.0
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """One paragraph-sized piece of a policy, with its place; tagged once it has passed a `Tagger`.

    Attributes
    ----------
    text
        Exactly ``document.text[start:end]``, markup included.
    start, end
        Offsets into the document's text.
    headings
        The headings above it, outermost first, without markup: at most 12, of at most 400 characters each.
    context
        The sentence that introduces the list this clause is an item of, else ``""``; at most 1,000 characters.
    kind
        ``"navigation"`` for a run of links, which is never given a label; else ``"text"``.
    labels
        Ids of the categories it was given, in the order of the taxonomy.
    scores
        Category id to calibrated probability; empty before tagging.
    place
        Where it begins in a file whose text was extracted: the path of an element (XPath), "page 3"; "" for text files.
    """

    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    context: str = ""
    kind: ClauseKind = "text"
    labels: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict, hash=False)
    place: str = ""


class Rationale(NamedTuple):
    """A place in a text that somebody marked as speaking for a category: ``text[start:end]``."""

    category: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled clause to learn from or to score against.

    Attributes
    ----------
    id
        Unique among all rows that are used together.
    policy
        The document it comes from; rows of one policy never stand on both sides of a split.
    text, headings, context
        As in `Clause`.
    labels
        Ids of its categories, in the order of the taxonomy.
    unknown
        Ids of categories of which nobody said whether they apply: neither trained on nor scored.
    annotations
        Where several people labelled the row, what each of them gave it, in a fixed order of the people.
    rationales
        Where people marked what in the text speaks for a category, what each of them marked, in the order of `annotations`
        (of who gave `labels`, where there are none). Who gave a label and marked nothing for it said it of the whole text.
        Empty if nobody was asked to.
    """

    id: str
    policy: str
    text: str
    labels: tuple[str, ...]
    headings: tuple[str, ...] = ()
    context: str = ""
    unknown: tuple[str, ...] = ()
    annotations: tuple[tuple[str, ...], ...] = ()
    rationales: tuple[tuple[Rationale, ...], ...] = ()
