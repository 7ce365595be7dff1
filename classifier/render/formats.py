"""Tagged policies and reports become text for a terminal, HTML, Markdown, JSON, tables; nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy
    from classifier.tagging.tagger import Tagger

FORMAT_NAMES = ("text", "html", "markdown", "json", "jsonl", "csv", "parquet")
FORMAT_BY_SUFFIX = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
}
"""The format of an output file that is not asked for by name."""


class RenderOptions(NamedTuple):
    """How output is to look.

    Attributes
    ----------
    width, color
        Columns of the terminal, 0 for the usual number, and whether it shows colours.
    show_all
        Show navigation in text, HTML and Markdown.
    explain
        Say why labels were given.
    to_file
        Whether it goes to a file that people open, rather than to another program.
    """

    width: int = 0
    color: bool = False
    show_all: bool = False
    explain: bool = False
    to_file: bool = False


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """How tagged policies are written: what stands before, between and after them, and each by itself.

    Each policy is written without a look at the others, so that several processes can write them.
    """

    policy: Callable[[TaggedPolicy], Iterator[str]]
    begin: Callable[[Tagger], str] = lambda tagger: ""
    between: str = ""
    end: str = ""
    packed: Callable[[Iterable[str], Tagger], Iterator[bytes]] | None = None
    """Where the output is not text: makes bytes of all of it."""
    number: str = ""
    """What stands in a policy for its number among the others."""

    def join(self, policies: Iterable[Iterable[str]], tagger: Tagger) -> Iterator[str]:
        """Put together policies that were written by themselves."""
        yield self.begin(tagger)
        for number, pieces in enumerate(policies):
            if number:
                yield self.between
            yield from (piece.replace(self.number, str(number + 1)) for piece in pieces) if self.number else pieces
        yield self.end

    def output(self, policies: Iterable[Iterable[str]], tagger: Tagger) -> Iterator[str] | Iterator[bytes]:
        """Put policies together as they are written to a file."""
        pieces = self.join(policies, tagger)
        return pieces if self.packed is None else self.packed(pieces, tagger)


def get_format(name: str, look: RenderOptions = RenderOptions()) -> OutputFormat:  # noqa: B008  # a tuple
    """Give a format by its name, one of `NAMES`."""
    if name == "text":
        from classifier.render import terminal

        return terminal.Terminal(look.width or terminal.MAX_WIDTH, look.color).format(look.show_all, look.explain)
    if name == "html":
        from classifier.render.html import form

        return form(look.show_all, look.explain)
    if name == "markdown":
        from classifier.render import markdown

        return markdown.form(look.show_all, look.explain)
    if name == "csv":
        from classifier.render import csv

        return csv.csv_format(look.explain, mark=look.to_file)
    if name == "parquet":
        from classifier.render import parquet

        return parquet.form(look.explain)
    from classifier.render import json

    return json.json_format(look.explain) if name == "json" else json.jsonl_format(look.explain)
