"""The formats that tagged policies are written in, by name: one table, one module per format.

To add a format, write a module with a function that returns an `OutputFormat`, and add a row to `_BUILDERS` and
`FORMAT_BY_SUFFIX`. Nothing is computed here but text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from classifier.model.info import ModelInfo
    from classifier.model.model import Model
    from classifier.tagging.tagged import TaggedPolicy

_BUILDERS = {
    "text": "classifier.render.terminal:terminal_format",
    "html": "classifier.render.html:html_format",
    "markdown": "classifier.render.markdown:markdown_format",
    "json": "classifier.render.json:json_format",
    "jsonl": "classifier.render.json:jsonl_format",
    "csv": "classifier.render.csv:csv_format",
    "parquet": "classifier.render.parquet:parquet_format",
    "dpv": "classifier.render.vocabularies:dpv_format",
    "fides": "classifier.render.vocabularies:fides_format",
}
"""Module and function that build each format; loaded when the format is asked for."""
FORMAT_NAMES = tuple(_BUILDERS)
FORMAT_BY_SUFFIX = {
    ".html": "html",
    ".htm": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".jsonl": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".jsonld": "dpv",
}
"""Format of an output file by its suffix, where `--format` is not given."""
SUFFIX_BY_FORMAT = {
    "text": ".txt",
    "fides": ".fides.json",
    **{name: suffix for suffix, name in reversed(FORMAT_BY_SUFFIX.items())},
}
"""Suffix of the files in an output folder."""


class TaggedWith(Protocol):
    """The model and thresholds behind some output: a `Tagger` or a `TaggedPolicy`."""

    @property
    def model(self) -> Model | ModelInfo:
        """The model used."""

    @property
    def thresholds(self) -> Mapping[str, float]:
        """The thresholds used, category id to probability."""

    @property
    def level(self) -> int:
        """2 if clauses carry the values of attributes too."""


class RenderOptions(NamedTuple):
    """Options of all formats; each uses those that mean something to it.

    Attributes
    ----------
    width
        Columns of the terminal, 0 for the default.
    color
        Whether the terminal shows colors.
    show_all
        Show navigation in text, HTML and Markdown.
    explain
        Add the reasons of labels.
    to_file
        Whether the output is a file that people open, rather than input of another program.
    """

    width: int = 0
    color: bool = False
    show_all: bool = False
    explain: bool = False
    to_file: bool = False


class OutputFormat(NamedTuple):
    """How tagged policies are written.

    Each policy is written without knowledge of the others, so that several processes can write them.

    Attributes
    ----------
    policy
        Returns the pieces of text of one policy.
    begin, between, end
        Text before, between and after the policies.
    packed
        For formats that are not text: turns all pieces into bytes.
    number
        Placeholder in the pieces that is replaced by the number of the policy, counted from 1.
    """

    policy: Callable[[TaggedPolicy], Iterator[str]]
    begin: Callable[[TaggedWith], str] = lambda tagger: ""
    between: str = ""
    end: str = ""
    packed: Callable[[Iterable[str], TaggedWith], Iterator[bytes]] | None = None
    number: str = ""

    def join(self, policies: Iterable[Iterable[str]], tagger: TaggedWith) -> Iterator[str]:
        """Put together policies that were written one by one."""
        yield self.begin(tagger)
        for number, pieces in enumerate(policies):
            if number:
                yield self.between
            yield from (piece.replace(self.number, str(number + 1)) for piece in pieces) if self.number else pieces
        yield self.end

    def output(self, policies: Iterable[Iterable[str]], tagger: TaggedWith) -> Iterator[str] | Iterator[bytes]:
        """Put policies together as they are written to a file."""
        pieces = self.join(policies, tagger)
        return pieces if self.packed is None else self.packed(pieces, tagger)

    def document(self, policy: TaggedPolicy) -> str:
        """Write one policy as a whole text."""
        return "".join(self.join([self.policy(policy)], policy))


def get_format(name: str, options: RenderOptions = RenderOptions()) -> OutputFormat:  # noqa: B008  # immutable
    """Return a format by its name, one of `FORMAT_NAMES`.

    Raises
    ------
    WriteError
        If the format needs a package that is not installed.
    """
    module, _, function = _BUILDERS[name].partition(":")
    found: OutputFormat = getattr(import_module(module), function)(options)
    return found
