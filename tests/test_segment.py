import pytest
from hypothesis import given

from classifier import Document
from classifier.readers.registry import from_text, parse, read
from classifier.segmentation import MAX_CONTEXT_CHARACTERS, MAX_HEADING_CHARACTERS, MAX_OPEN_HEADINGS, segment
from classifier.types import Block
from tests.conftest import SEEDS
from tests.strategies import check
from tests.test_readers import MESSY


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


def test_no_clause_carries_more_than_a_bounded_heading_and_context() -> None:
    title = "A heading of many words " * 500
    levels = [Block("heading", 0, len(title), style=f"style {k}") for k in range(30)]
    document = Document("x", title + "We keep logs.", (*levels, Block("paragraph", len(title), len(title) + 13)))
    (clause,) = segment(document)
    assert len(clause.headings) == MAX_OPEN_HEADINGS
    assert all(len(heading) <= MAX_HEADING_CHARACTERS for heading in clause.headings)
    assert clause.headings[-1].startswith("A heading of many words A heading")
    assert title.startswith(clause.headings[-1].removesuffix("…") + " ")


def test_a_heading_of_one_long_word_is_cut_in_it() -> None:
    document = Document("x", "x" * 1000 + " We.", (Block("heading", 0, 1000), Block("paragraph", 1001, 1004)))
    assert segment(document)[0].headings == ("x" * (MAX_HEADING_CHARACTERS - 1) + "…",)


def test_deeper_headings_than_are_kept_replace_one_another() -> None:
    text = " ".join(f"h{k:02}" for k in range(30)) + " We."
    found = [Block("heading", 4 * k, 4 * k + 3, style=f"style {k}") for k in range(30)]
    headings = segment(Document("x", text, (*found, Block("paragraph", 120, 123))))[0].headings
    assert headings == (*(f"h{k:02}" for k in range(MAX_OPEN_HEADINGS - 1)), "h29")


def test_nested_lists_keep_the_nearest_sentences() -> None:
    item = "we take many kinds of data from you when you come here to see us and buy things of all kinds from us " * 4
    source = "Kinds:\n\n" + "".join(f"{'  ' * k}* level {k:02} {item}:\n" for k in range(12))
    contexts = [clause.context for clause in segment(from_text(source))]
    assert max(map(len, contexts)) <= MAX_CONTEXT_CHARACTERS
    assert contexts[-1].startswith("…")
    assert contexts[-1].endswith(":")
    short = segment(
        from_text(
            source.replace(
                item,
                "we keep what we need to keep of you and of yours, and that for a long time to come, and of all that you",
            )
        )
    )
    assert "…" not in short[2].context


def test_a_long_heading_over_many_clauses_stays_in_proportion() -> None:
    page = f"<html><body><main><h1>{'privacy ' * 5000}</h1>{'<p>We keep your data for a year.</p>' * 500}</main></body></html>"
    clauses = segment(parse(page.encode(), "x.html"))
    assert len(clauses) == 500
    assert sum(len(heading) for clause in clauses for heading in clause.headings) <= 500 * MAX_HEADING_CHARACTERS


@pytest.mark.parametrize(
    ("text", "headings", "section"),
    [
        pytest.param("## Sharing\n\nWe share some.", ("P", "Sharing"), ("P", "Sharing"), id="a section"),
        pytest.param("## Sharing\n\n* **Courts.** We obey.", ("P", "Sharing", "Courts."), ("P", "Sharing"), id="an item"),
        pytest.param("## Sharing\n\n**Courts.** We obey.", ("P", "Sharing", "Courts."), ("P", "Sharing"), id="a paragraph"),
        pytest.param("## Sharing\n\n**Summary**\n\nWe obey.", ("P", "Sharing", "Summary"), ("P", "Sharing"), id="a summary"),
        pytest.param("**Courts.** We obey.", ("P", "Courts."), ("P",), id="no section but the title"),
        pytest.param("## Sharing\n\n**Courts.** We obey.\n\nThey ask.\n\n**Firms.** We pay.", ("P", "Sharing", "Firms."), ("P", "Sharing", "Firms."), id="openings over sections"),
    ],
)  # fmt: skip
def test_the_section_is_the_path_of_headings_without_run_ins(
    text: str, headings: tuple[str, ...], section: tuple[str, ...]
) -> None:
    clause = segment(from_text(f"# P\n\n{text}"))[-1]
    assert (clause.headings, clause.section) == (headings, section)


@pytest.mark.parametrize("end", ["with all of these:", "with [all](https://x.example/a_rather_long_address) of these:"])
@pytest.mark.parametrize("n_words", range(55, 75))
def test_a_long_lead_in_is_cut_between_words(n_words: int, end: str) -> None:
    words = [f"word{number}" for number in range(n_words)]
    items = "\n".join(f"* {'long ' * 30}{number}." for number in range(2))
    *_, clause = segment(from_text(f"We share {' '.join(words)} {end}\n\n{items}"))
    shown = clause.context.removeprefix("… ").split()
    assert shown == ["We", "share", *words, *"with all of these:".split()][-len(shown) :]
    assert len(clause.context) <= 400 and clause.context.startswith(("We share", "… "))
