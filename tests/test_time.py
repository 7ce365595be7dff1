"""Time grows with the length of the input and no faster, whatever the input: tagging a file must not become a trap."""

import time
from collections.abc import Callable

import pytest

from classifier import Tagger, readers
from classifier.segment import segment
from classifier.text import plain

KILOBYTES = 1000
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
    "menus": lambda n: "[a](b)\n\nMenu\n\n" * (n // 14),
    "numbers": lambda n: "1. " * (n // 3),
    "quotes": lambda n: "> " * (n // 2),
    "table rule": lambda n: "a\n|" + "-" * n + "x",
    "escaped brackets": lambda n: "a](x) " + "\\[" * (n // 2),
    "brackets": lambda n: "[" * n,
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
    "mail": lambda n: "[email" * (n // 6),
}


def seconds(tagger: Tagger, text: str) -> float:
    start = time.perf_counter()
    segment(readers.from_text(text))
    plain(text)  # as it is shown
    if len(text) <= 20 * KILOBYTES:  # scoring many clauses is linear and slow; a small text shows the worst of it
        tagger.tag_text(text)
    return time.perf_counter() - start


@pytest.mark.parametrize("trap", TRAPS)
def test_time_is_linear(trap: str, tagger: Tagger) -> None:
    make = TRAPS[trap]
    seconds(tagger, make(20 * KILOBYTES))
    small = min(seconds(tagger, make(50 * KILOBYTES)) for _ in range(3))
    large = min(seconds(tagger, make(200 * KILOBYTES)) for _ in range(2))
    assert large < 8 * small + 0.1, f"{small:.3f} s for 50 KB, {large:.3f} s for 200 KB"
