from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import Document, ReadError
from classifier.readers import from_text, read
from classifier.segment import segment
from tests.conftest import SEEDS
from tests.test_readers import MESSY


def check(document: Document) -> None:
    """The law: clauses are slices in order, and with the headings they hold all that is not white space."""
    clauses = segment(document)
    held = set().union(*(range(b.start, b.end) for b in document.blocks if b.kind == "heading"), set())
    at = 0
    for clause in clauses:
        assert document.text[clause.start : clause.end] == clause.text
        assert at <= clause.start < clause.end
        assert not held & set(range(clause.start, clause.end))
        held |= set(range(clause.start, clause.end))
        at = clause.end
    assert all(place in held or char.isspace() for place, char in enumerate(document.text))


def check_or_refused(read: Callable[[], Document]) -> None:
    """Check what is read of bytes that may be no document: where they are refused, it is said in one line."""
    try:
        check(read())
    except ReadError as error:
        assert "\n" not in str(error)


def damaged(sound: bytes, first: int, most: int) -> st.SearchStrategy[bytes]:
    """Give copies of a file in which a few bytes, at most so many and none before the first, are others."""

    def change(places: list[tuple[int, int]]) -> bytes:
        mutable = bytearray(sound)
        for place, value in places:
            mutable[place] = value
        return bytes(mutable)

    places = st.tuples(st.integers(first, len(sound) - 1), st.integers(0, 255))
    return st.lists(places, min_size=1, max_size=most).map(change)


@given(MESSY)
def test_clauses_and_headings_hold_all_but_white_space(text: str) -> None:
    check(from_text(text))


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_the_seeds_are_cut_without_loss(path) -> None:  # type: ignore[no-untyped-def]
    check(read(path))


SHORT = "* your name\n* your address"
LONG = "\n".join(
    f"* {letter}: " + "we ask for many a thing that you may know or not know, and keep it " * 2 for letter in "ab"
)


@pytest.mark.parametrize(
    ("source", "texts", "contexts"),
    [
        pytest.param(
            "We collect:\n\n" + SHORT, ["We collect:\n\n" + SHORT], [""], id="short items belong to their sentence"
        ),
        pytest.param(
            "We exist.\n\n" + SHORT, ["We exist.", SHORT], ["", ""], id="a list without a sentence is one clause"
        ),
        pytest.param(
            "First. We collect:\n\n" + LONG,
            ["First. We collect:", *(item.rstrip() for item in LONG.split("\n"))],
            ["", "We collect:", "We collect:"],
            id="long items stand alone and keep the sentence",
        ),
        pytest.param(
            "Rights:\n\n* to ask for:\n    * erasure\n    * access\n" + LONG,
            ["Rights:", "* to ask for:\n    * erasure\n    * access", *(item.rstrip() for item in LONG.split("\n"))],
            ["", "Rights:", "Rights:", "Rights:"],
            id="short nested items belong to theirs",
        ),
        pytest.param(
            "We collect:\n\n* data of two kinds:\n" + LONG.replace("* ", "    * "),
            ["We collect:", "* data of two kinds:", *(item.strip() for item in LONG.split("\n"))],
            ["", "We collect:", "We collect: data of two kinds:", "We collect: data of two kinds:"],
            id="long nested items keep both sentences",
        ),
        pytest.param(
            "Write to:\n\nAcme\nMain Street 1\n\nThank you for reading this, and come again.",
            ["Write to:\n\nAcme\nMain Street 1", "Thank you for reading this, and come again."],
            ["", ""],
            id="an address belongs to its sentence",
        ),
    ],
)
def test_lists_are_cut_as_a_person_would(source: str, texts: list[str], contexts: list[str]) -> None:
    clauses = segment(from_text(source))
    assert [clause.text for clause in clauses] == texts
    assert [clause.context for clause in clauses] == contexts


def test_headings_make_a_path() -> None:
    source = "# Policy\n\n## Data\n\nOne.\n\n## Use\n\n### Ads\n\nTwo.\n\n# Terms\n\nThree."
    assert [clause.headings for clause in segment(from_text(source))] == [
        ("Policy", "Data"),
        ("Policy", "Use", "Ads"),
        ("Terms",),
    ]


def test_a_bare_heading_right_after_one_of_its_style_is_its_child() -> None:
    source = "**Cookies**\n\n**What they are**\n\nSmall files.\n\n**Logs**\n\nLines."
    assert [clause.headings for clause in segment(from_text(source))] == [("Cookies", "What they are"), ("Logs",)]


def test_navigation_is_kept_apart() -> None:
    clauses = segment(from_text("* [Home](/)\n* [Shop](/shop)\n\nWe keep logs."))
    assert [clause.kind for clause in clauses] == ["navigation", "text"]
