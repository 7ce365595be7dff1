"""The nouns of the project as frozen data: document, block, clause, example.

Offsets count code points of `Document.text`; `text[start:end]` is always the thing itself. For a text file, `text` is the
decoded source with its original line ends; for all other formats it is the extracted text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, NoReturn, TypeVar

BlockKind = Literal["heading", "paragraph", "item", "navigation"]
ClauseKind = Literal["text", "navigation"]
Format = Literal["text", "markdown", "mdx", "rst", "html", "mhtml", "email", "pdf", "docx"]


Key = TypeVar("Key")
Value = TypeVar("Value")


class FrozenDict(dict[Key, Value]):
    """A dictionary that cannot be changed, for the fields of frozen data; equal to a dict of the same items.

    >>> FrozenDict(use=0.9) == {"use": 0.9}
    True
    """

    __slots__ = ()

    def _refuse(self, *_arguments: Any, **_named: Any) -> NoReturn:
        raise TypeError("this mapping is read-only; make a dict of it to change it")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[FrozenDict[Key, Value]], tuple[dict[Key, Value]]]:
        return FrozenDict, (dict(self),)


class Block(NamedTuple):
    """A part of a document that a reader recognized: a heading, a paragraph, a list item, navigation.

    A tuple, since it is built three times as fast as a dataclass, and a policy has hundreds.

    Attributes
    ----------
    kind
        "heading", "paragraph", "item" (of a list) or "navigation" (links that lead elsewhere).
    start, end
        Offsets into the document's text; markup at its edges belongs to it.
    level
        Depth of an item, 0 for the outermost; rank of a heading with a written rank (1 is the highest), else 0.
    style
        Typography of a heading ("bold", "caps", ...): headings of one style have one rank. Or what it is over: "run-in" what
        is directly below it, "term" its definitions, `PANEL` and a number a panel of a page, `TABLE_STYLES` rows of a table.
        Of an item, "bullet", "number", "definition", or "more" for a further paragraph; of a row of a table, "row".
    place
        Place in a file whose text was extracted: XPath of an element, "page 3", "line 12"; "" for text files.
    closes
        Style of an open heading whose section ends before this block, such as the label of a panel; "" if none.
    part
        "consent" in the preference center of a consent manager, which a page has beside its policy; "" in the policy itself.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    style: str = ""
    place: str = ""
    closes: str = ""
    part: str = ""


MARKDOWN_FORMATS = ("text", "markdown", "mdx", "rst")
"""Formats of documents whose text is Markdown, in which links stand with their addresses."""
PANEL = "panel "
"""Beginning of the style of a heading over a part of a page, such as the label of a tab; `Block.closes` tells its end."""
TABLE_STYLES = ("row", "group", "caption")
"""Styles of the headings in a table: the heads of its columns, a heading over some of its rows, one over all."""


class Link(NamedTuple):
    """A link in a document: ``text[start:end]`` leads to the address."""

    start: int
    end: int
    address: str


@dataclass(frozen=True, slots=True)
class Document:
    """A policy as read: its text and its blocks.

    Attributes
    ----------
    name
        Name in messages and output: the path as given, or ``"<stdin>"``.
    text
        The decoded source, or the extracted text.
    blocks
        In order, without overlap; together they hold every character that is not white space.
    encoding
        Encoding of the bytes; "" for formats with an encoding of their own.
    format
        Format of the file: "text", "html", "pdf", "docx" and others; "markdown" where HTML was taken out of a text.
    coverage
        Share of the visible words that `text` holds, from 0 to 1; the rest is boilerplate. Words that come twice count once.
    notes
        Remarks on how it was read, one sentence each.
    left_out
        Boilerplate and repeated parts that `text` does not hold: (reason, number of words) each.
    links
        The links in an extracted text, in order. Empty for text files, whose source holds them; see `TaggedPolicy.links`.
    language
        ISO 639-1 code of the language that it seems to be in, "" if that is not told; see `text.language`.
    """

    name: str
    text: str
    blocks: tuple[Block, ...]
    encoding: str = "utf-8"
    format: Format = "text"
    coverage: float = 1.0
    notes: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    links: tuple[Link, ...] = ()
    language: str = ""


class MarkedValue(NamedTuple):
    """A value of an attribute that a person gave to a clause.

    Attributes
    ----------
    id
        The attribute and the value, such as "data.contact".
    quote
        The words that say it, from the clause, or else from a heading or the lead-in.
    is_denied
        Whether the clause says that it is not so.
    """

    id: str
    quote: str
    is_denied: bool = False


class ValueLabel(NamedTuple):
    """A value of an attribute that a model gave to a clause, with the words that say it.

    Attributes
    ----------
    id
        The attribute and the value, such as "data.contact".
    score
        Calibrated probability.
    start, end
        Place of the words in the document's text; -1 if only a heading or the lead-in says it.
    quote
        The words.
    is_denied
        Whether the clause says that it is not so: "we do not sell your data".
    """

    id: str
    score: float
    start: int
    end: int
    quote: str
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """One paragraph-sized piece of a policy, with its place; a `Tagger` adds labels, scores, values and id.

    Attributes
    ----------
    text
        Exactly ``document.text[start:end]``, markup included.
    start, end
        Offsets into the document's text.
    headings
        Headings above it, outermost first, without markup: at most 12 of at most 400 characters.
    context
        The sentence that introduces the list this clause is an item of, or the heads of the columns of its table, else
        ``""``; at most 1,000 characters.
    kind
        ``"navigation"`` for a run of links, which is never given a label; else ``"text"``.
    labels
        Ids of its categories, in the order of the taxonomy.
    scores
        Category id to calibrated probability, read-only; empty before tagging.
    place
        Place in a file whose text was extracted: XPath of an element, "page 3", "line 12"; "" for text files.
    id
        Name made of its words and section, the same in every version of the policy that has the clause, unique in a policy;
        empty before tagging. See `text.fingerprint`.
    number
        Its number in the policy, from 1; 0 before tagging.
    n_run_ins
        Number of its last headings that are over its paragraph or list item alone, such as bold words that open it.
    part
        ``"consent"`` in the preference center of a consent manager, whose text is no part of the policy, else ``""``.
    values
        Values of attributes, the second level of labels, in the order of the taxonomy; empty if the model has none.
    """

    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    context: str = ""
    kind: ClauseKind = "text"
    labels: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=FrozenDict, hash=False)
    place: str = ""
    id: str = ""
    number: int = 0
    n_run_ins: int = 0
    part: str = ""
    values: tuple[ValueLabel, ...] = ()

    @property
    def section(self) -> tuple[str, ...]:
        """Headings of the section it is in, outermost first, without those that are over it alone.

        >>> Clause("We keep it for a year.", 0, 22, ("Retention", "Server logs."), n_run_ins=1).section
        ('Retention',)
        """
        return self.headings[: len(self.headings) - self.n_run_ins]

    def __repr__(self) -> str:
        shown = self.text if len(self.text) <= 60 else f"{self.text[:57]}..."
        given = ", ".join(
            f"{label} {self.scores[label]:.2f}" if label in self.scores else label for label in self.labels
        )
        return f"<Clause {self.start}-{self.end} [{given or 'no label'}] {shown!r}>"


class Rationale(NamedTuple):
    """A span that an annotator marked as the reason for a category: ``text[start:end]``."""

    category: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """A labeled clause to learn from or to evaluate on.

    Attributes
    ----------
    id
        Unique among all rows that are used together.
    policy
        The document it comes from; a split never separates rows of one policy.
    text, headings, context
        As in `Clause`.
    labels
        Ids of its categories, in the order of the taxonomy.
    unknown
        Ids of categories, and of values, that nobody annotated: neither trained on nor evaluated.
    annotations
        If several people labeled the row, the labels of each, in a fixed order of annotators.
    rationales
        If annotators marked spans, those of each annotator, in the order of `annotations` (one entry if that is empty). A
        label without a rationale applies to the whole text. Empty if nobody was asked to mark spans.
    values
        Values of attributes with the words that say each, at most one of each; None if nobody was asked for them.
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
    values: tuple[MarkedValue, ...] | None = None
