"""Time grows with the length of the input and no faster, whatever the input: tagging a file must not become a trap."""

import gc
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from classifier import TaggedPolicy, Tagger
from classifier.model.explain import Explanation, Word
from classifier.readers.registry import from_text
from classifier.render import csv
from classifier.render.formats import RenderOptions, get_format
from classifier.segmentation import segment
from classifier.text import sentences
from classifier.text.markup import highlighted_lines, lines, plain

pytestmark = pytest.mark.no_cover  # it measures time, which coverage would lengthen

KILOBYTES = 1000
MAX_EXPONENT = 1.3
"""Power of the length that the time may grow with: 1 is linear, 2 is what this guards against."""
NOTICEABLE_SECONDS = 0.1
"""CPU time below which growth is not looked at: it is noise, and no trap."""
TRAPS: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "x" * n,
    "words": lambda n: "we share data " * (n // 14),
    "short lines": lambda n: "Short Line\n\n" * (n // 12),
    "list items": lambda n: "* a\n" * (n // 4),
    "list items turning": lambda n: "    * a\n  * b\n" * (n // 14),
    "nested list": lambda n: "".join(" " * (i % 300) + "* a\n" for i in range(n // 150)),
    "bold": lambda n: "**A.** " * (n // 7),
    "bold open": lambda n: "**A?** **b" * (n // 10),
    "bold words": lambda n: "**A** " * (n // 6),
    "bold bullets": lambda n: "* **A.** " * (n // 9),
    "bold titles": lambda n: "**A.**\n" * (n // 7),
    "all marks": lambda n: "* # 1. 0123;<b>1." * (n // 17),
    "menus": lambda n: "[a](b)\n\nMenu\n\n" * (n // 14),
    "numbers": lambda n: "1. " * (n // 3),
    "quotes": lambda n: "> " * (n // 2),
    "table rule": lambda n: "a\n|" + "-" * n + "x",
    "escaped brackets": lambda n: "a](x) " + "\\[" * (n // 2),
    "brackets": lambda n: "[" * n,
    "links": lambda n: "[a](b) " * (n // 7),
    "link opened": lambda n: "](" * (n // 2),
    "link nested": lambda n: "](a(" * (n // 4),
    "dates": lambda n: "# " + "updated " * (n // 8),
    "bold dates": lambda n: "**" + "updated " * (n // 8) + "**",
    "closers": lambda n: "a" + '"' * n + ".\n\n* a b\n* b",
    "stars": lambda n: "a." + "*" * n + "b:\n\n* a b\n* b",
    "underscores": lambda n: "a" + "_" * n + "b",
    "underscores and stars": lambda n: "a" + "*_" * (n // 2) + "b",
    "ticks": lambda n: "`" * n,
    "include": lambda n: "We include " * (n // 11) + "\n\n* a\n* b",
    "long heading": lambda n: "# " + "word " * (n // 10) + "\n\n" + "We keep it.\n\n" * (n // 26),
    "long lead-in": lambda n: "word " * (n // 10) + ":\n\n" + ("* " + "we keep it and " * 30 + "\n") * (n // 900),
    "addresses": lambda n: "a@" * (n // 2),
    "at signs": lambda n: "@" * n,
    "addresses in lines": lambda n: "a@\n" * (n // 3),
    "dotted": lambda n: "a." * (n // 2),
    "dots": lambda n: ". " * (n // 2),
    "questions": lambda n: "? " * (n // 2),
    "mail": lambda n: "[email" * (n // 6),
    "carriage returns": lambda n: "a\r" * (n // 2),
    "wrapped lines": lambda n: (
        ("we may share your personal information with partners of all kinds, and" + "\n") * (n // 71)
    ),
}
SENTENCE = "We may share your personal information with our advertising partners and third parties. "


def growth(run: Callable[[int], object], small: int = 20 * KILOBYTES) -> float:
    """Measure the power of the length that CPU time grows with; another try is made before it is called too much.

    Time of the process, since others use the machine too, and without the garbage collector, which looks at all objects of
    all tests at times that have nothing to do with the input.
    """
    exponent = 0.0
    for _ in range(3):
        large = _seconds(run, 4 * small)
        if large < NOTICEABLE_SECONDS:
            return 0.0
        exponent = math.log(large / max(_seconds(run, small), NOTICEABLE_SECONDS / 20), 4)
        if exponent <= MAX_EXPONENT:
            return exponent
    return exponent


def _seconds(run: Callable[[int], object], length: int) -> float:
    start = time.process_time()
    run(length)
    return time.process_time() - start


@pytest.fixture(autouse=True)
def _no_garbage_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def labelled(tagger: Tagger, text: str) -> TaggedPolicy:
    """Tag a text, and give each clause a label, whatever it says."""
    tagged = tagger.tag_text(text)
    clauses = tuple(replace(clause, labels=("retention",)) for clause in tagged.clauses if clause.kind == "text")
    return replace(tagged, clauses=clauses)


@pytest.mark.slow
@pytest.mark.parametrize("trap", TRAPS)
def test_a_text_is_read_in_linear_time(trap: str) -> None:
    def read(length: int) -> None:
        text = TRAPS[trap](length)
        segment(from_text(text))
        plain(text)  # as it is shown
        lines(text)
        highlighted_lines(text, [(length // 2, length // 2 + 5)])

    assert growth(read) <= MAX_EXPONENT


@pytest.mark.parametrize("trap", TRAPS)
def test_a_small_text_is_tagged_soon(trap: str, tagger: Tagger) -> None:
    text = TRAPS[trap](20 * KILOBYTES)
    tagger.tag_text("We keep it.")
    assert _seconds(lambda _: tagger.tag_text(text), 0) < 1.5


WRITTEN = [
    ("html", False, "links"),  # more of them in test_growth
    ("text", True, "words"),
    ("markdown", False, "wrapped lines"),
]


@pytest.mark.parametrize(("name", "explain", "trap"), WRITTEN)
def test_a_long_clause_is_written_in_linear_time(name: str, explain: bool, trap: str, tagger: Tagger) -> None:
    form = get_format(name, RenderOptions(explain=explain))
    sentences.sentence_spans("a. b.")  # reads the parameters

    def write(length: int) -> None:
        "".join(form.policy(labelled(tagger, TRAPS[trap](length))))

    assert growth(write, 16 * KILOBYTES) <= MAX_EXPONENT


@pytest.mark.parametrize(
    ("text", "span"),
    [
        pytest.param(lambda n: "zyx qwv " * (n // 8), (2, 5), id="words"),
        pytest.param(lambda n: "](a\n'b')" + "'q)" * (n // 3), (2, 5), id="not found"),
        pytest.param(lambda n: "**• a\n" * (n // 6), (4, 5), id="no bullets"),
    ],
)
def test_spans_are_marked_in_linear_time(text: Callable[[int], str], span: tuple[int, int]) -> None:
    assert growth(lambda n: highlighted_lines(text(n), [span]), 60 * KILOBYTES) <= MAX_EXPONENT


def test_a_sentence_is_chosen_in_linear_time() -> None:
    def choose(length: int) -> None:
        words = tuple(Word("a", at, at + 1, 0.1) for at in range(0, length, 5))
        spans = [(at, at + 50) for at in range(0, length, 50)]
        assert Explanation("a", 0.5, 0.5, 0.0, (), words, 0.0).sentence(spans)[1] <= length

    assert growth(choose, 100 * KILOBYTES) <= MAX_EXPONENT


def test_cells_are_defused_in_linear_time() -> None:
    for unit in ("\n", "\n=", "= ", " ", "\r-"):
        assert (
            growth(lambda n, unit=unit: csv.defuse_formula("a" + unit * (n // len(unit)) + "="), 200 * KILOBYTES)
            <= MAX_EXPONENT
        )  # type: ignore[misc]
