"""A clause becomes sentences, by what Punkt learned from the labelled rows: abbreviations, and words that begin sentences.

Its parameters are data/punkt.json, plain data that `make train` writes; nothing is
downloaded. nltk takes two seconds to load, and so is loaded only where sentences are asked for.

References
----------
Kiss & Strunk, "Unsupervised multilingual sentence boundary detection", Computational Linguistics 2006.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from classifier import io as files
from classifier import taxonomy
from classifier.datasets import rows as dataset
from classifier.model import persistence as model
from classifier.text.markup import BREAK, BULLET, NUMBER
from classifier.text.sequences import Texts, text_list

ABBREVIATIONS = frozenset(
    "approx art arts cf ch cl co corp dept dr et al etc fig gmbh inc jr ltd mr mrs ms no nos para paras pp prof reg regs sec "
    "secs sr st v vol vs".split()
)
"""Abbreviations of legal English, which policies use too seldom for all of them to be learned."""
WINDOW_CHARACTERS = 10_000
"""Characters that Punkt is given at once, some milliseconds of work: nltk gives up after five seconds of wall time for one
text, however busy the machine is. A sentence that is longer is cut at white space."""


def spans(text: str) -> list[tuple[int, int]]:
    """Find the sentences of a text; each line that is an item of a list is one or more of its own.

    Returns
    -------
    list of (start, end)
        In order; together they hold all of the text but white space and the marks of items.

    Examples
    --------
    >>> text = "We keep logs, e.g. addresses. We delete them."
    >>> [text[start:end] for start, end in spans(text)]
    ['We keep logs, e.g. addresses.', 'We delete them.']
    """
    return list(_spans(text))


@lru_cache(1)  # asked for once for each label of a clause
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(span for start, end in _lines(text) for span in _in_paragraph(text, start, end))


def _in_paragraph(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Find the sentences between two places, window by window.

    The last sentence of a window may go on after it, and so the next window begins with that sentence.
    """
    while end - start > WINDOW_CHARACTERS:
        limit = start + WINDOW_CHARACTERS
        blank = max(text.rfind(" ", start, limit), text.rfind("\n", start, limit))
        stop = blank if blank > start else limit
        found = _punkt_spans(text, start, stop)
        yield from found[:-1]
        if len(found) > 1:
            start = found[-1][0]
        else:  # one sentence as long as the window
            yield from found
            start = stop + len(text[stop:limit]) - len(text[stop:limit].lstrip())
    yield from _punkt_spans(text, start, end)


def _punkt_spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Find the sentences between two places with Punkt; where nltk has no time for it, the whole is one."""
    piece = text[start:end]
    begin = len(piece) - len(piece.lstrip())
    try:
        found = list(_punkt().span_tokenize(piece[begin:]))
    except TimeoutError:
        found = [(0, len(piece.strip()))]
    return [(start + begin + a, start + begin + b) for a, b in found if a < b]


def _lines(text: str) -> list[tuple[int, int]]:
    """Give the parts of a text that hold whole sentences: paragraphs, and items without their marks."""
    breaks = [match.span() for match in BREAK.finditer(text)]
    lines = list(zip([0, *(end for _, end in breaks)], [*(start for start, _ in breaks), len(text)], strict=True))
    parts: list[tuple[int, int]] = []
    for start, end in lines:
        start += len(text[start:end]) - len(text[start:end].lstrip())
        mark = BULLET.match(text, start, end) or NUMBER.match(text, start, end)
        if start >= end:
            parts.append((end, end))
        elif mark or not parts or parts[-1][0] == parts[-1][1]:
            parts.append((mark.end() if mark else start, end))
        else:  # a wrapped line goes on with the one above
            parts[-1] = (parts[-1][0], end)
    return [(start, end) for start, end in parts if text[start:end].strip()]


class _Counts(dict[str, int]):
    """Zero for what is not there; nltk's own table grows by each word that is looked up in it."""

    def __missing__(self, word: str) -> int:
        return 0


@cache
def _punkt() -> Any:
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer

    learned = json.loads(model.shipped("data/punkt.json").read_text(encoding="utf-8"))
    parameters = PunktParameters()
    parameters.abbrev_types = {*learned["abbreviations"], *ABBREVIATIONS}
    parameters.collocations = {tuple(pair) for pair in learned["collocations"]}
    parameters.sent_starters = set(learned["sentence_starters"])
    parameters.ortho_context = _Counts(learned["orthography"])
    return PunktSentenceTokenizer(parameters)


def learn(texts: Texts) -> dict[str, Any]:
    """Learn where sentences end.

    Returns
    -------
    dict
        Abbreviations, collocations, words that begin sentences, and how words are written within them and at their
        beginning, sorted: the same texts give the same.
    """
    from nltk.tokenize.punkt import PunktTrainer

    trainer = PunktTrainer()
    trainer.train("\n\n".join(text_list(texts)), finalize=False)
    trainer.finalize_training()
    found = trainer.get_params()
    return {
        "abbreviations": sorted(found.abbrev_types),
        "collocations": sorted(map(list, found.collocations)),
        "sentence_starters": sorted(found.sent_starters),
        "orthography": dict(sorted((word, flags) for word, flags in found.ortho_context.items() if flags)),
    }


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    rows = dataset.load([source], taxonomy.load(model.shipped("data/taxonomy.toml")))
    files.write(target, (json.dumps(learn([row.text for row in rows]), ensure_ascii=False, indent=0) + "\n").encode())
