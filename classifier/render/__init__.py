"""Tagged policies and reports become text for a terminal, JSON, JSON lines or CSV; nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from classifier.predict import TaggedPolicy, Tagger


@dataclass(frozen=True, slots=True)
class Format:
    """How tagged policies are written: what stands before, between and after them, and each by itself.

    Each policy is written without a look at the others, so that several processes can write them.
    """

    policy: Callable[[TaggedPolicy], Iterator[str]]
    begin: Callable[[Tagger], str] = lambda tagger: ""
    between: str = ""
    end: str = ""

    def join(self, policies: Iterable[Iterable[str]], tagger: Tagger) -> Iterator[str]:
        """Put together policies that were written by themselves."""
        yield self.begin(tagger)
        for number, pieces in enumerate(policies):
            if number:
                yield self.between
            yield from pieces
        yield self.end


def named(name: str, width: int = 0, color: bool = False, show_all: bool = False) -> Format:
    """Give a format by its name, json, jsonl, csv or text; the rest is for text, a width of 0 for the usual one."""
    if name == "text":
        from classifier.render import terminal

        return terminal.Terminal(width or terminal.MAX_WIDTH, color).format(show_all)
    from classifier.render import data

    return {"json": data.JSON, "jsonl": data.JSONL, "csv": data.CSV}[name]
