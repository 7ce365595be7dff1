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


def paths(text: str) -> list[str]:
    return [" > ".join(clause.headings) for clause in segment(from_text(text)) if clause.kind == "text"]


@pytest.mark.parametrize(
    ("title", "section"),
    [
        ("Privacy Policy of Tern Maps", "Our Cookies"),
        ("TERN MAPS PRIVACY NOTICE", "OUR COOKIES"),
        ("**Privacy Policy**", "**Our Cookies**"),
        ("## Privacy Policy", "## Our Cookies"),
    ],
)
def test_the_title_of_a_document_is_over_all_its_sections(title: str, section: str) -> None:
    name, first = title.strip("*# "), section.strip("*# ")
    text = f"{title}\n\nWe care about your data.\n\n{section}\n\nWe use some.\n\n{section} Again\n\nWe use more."
    if section.endswith("**"):
        text = text.replace("** Again", " Again**")
    if section.isupper():
        text = text.replace("Again", "AGAIN")
    found = paths(text)
    assert [path.upper() for path in found] == [
        path.upper() for path in (name, f"{name} > {first}", f"{name} > {first} Again")
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("# Privacy Policy\n\nOne.\n\n# Cookie Policy\n\nTwo.", ["Privacy Policy", "Cookie Policy"], id="two documents"),
        pytest.param("# Our Data\n\nOne.\n\n# Our Cookies\n\nTwo.", ["Our Data", "Our Cookies"], id="no title"),
        pytest.param("# What is the policy?\n\nOne.\n\n# Who are we?\n\nTwo.", ["What is the policy?", "Who are we?"], id="a question"),
        pytest.param("## Privacy Policy\n\nOne.\n\n# Terms\n\nTwo.", ["Privacy Policy", "Terms"], id="a higher rank"),
        pytest.param("TERN MAPS LIMITED\n\nPRIVACY NOTICE\n\nVersion 2 of May 2025\n\nOUR COOKIES\n\nWe use some of them.", ["PRIVACY NOTICE", "PRIVACY NOTICE > OUR COOKIES"], id="the name above it"),
        pytest.param("# Privacy Notice\n\nTern Maps Society\n\nApproved on 4 May 2025\n\n## Data\n\nWe use some.", ["Privacy Notice", "Privacy Notice > Data"], id="the name below it"),
    ],
)  # fmt: skip
def test_title_pages(text: str, found: list[str]) -> None:
    assert paths(text) == found


@pytest.mark.parametrize(
    "lines",
    [
        ("Tern Maps Ltd", "4 Ostrava Lane", "Pellbridge PB1 2QX"),
        ("Privacy Officer", "Tern Maps Society", "4 Ostrava Lane, Pellbridge"),
        ("Write to:", "The Privacy Clerk", "Mill House, Larkfield LK4 0ZZ", "privacy@tern.example"),
    ],
)
@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_lines_of_an_address_are_one_clause(lines: tuple[str, ...], between: str) -> None:
    text = f"## Contact\n\nThe rules on how we use data are in our notice, which we change now and then.\n\n{between.join(lines)}\n\nWe reply."
    clauses = segment(from_text(text))
    assert [" ".join(clause.text.split()) for clause in clauses[1:]] == [" ".join(lines), "We reply."]
    assert {clause.headings for clause in clauses} == {("Contact",)}


def contexts(text: str) -> list[str]:
    return [clause.context for clause in segment(from_text(text))]


LONG = "words " * 30


def test_a_lead_in_goes_on_over_a_list_that_is_interrupted() -> None:
    items = [f"({letter}) to do {LONG}{letter};" for letter in "abcd"]
    text = "\n\n".join(
        ["We use data for these purposes:", *items[:2], "You may object to (b).", *items[2:], "That is all."]
    )
    lead = "We use data for these purposes:"
    assert contexts(text) == ["", lead, lead, "", lead, lead, ""]
    text = "\n\n".join(["We use data for these purposes:", *items[:2], "You may object to (b).", *items[:2]])
    assert contexts(text) == ["", lead, lead, "", "", ""]
    text = "\n\n".join(["We use data for these purposes:", *items[:2], "# Other", *items[2:]])
    assert contexts(text) == ["", lead, lead, "", ""]


def test_paragraphs_with_labels_have_the_sentence_that_introduces_them() -> None:
    lead = "Some examples of the cookies that we use are:"
    for mark in (" – ", ": "):
        text = "\n\n".join(
            [lead, f"Security cookies{mark}{LONG}.", f"Other cookies{mark}{LONG}.", f"We like them {LONG}."]
        )
        assert contexts(text) == ["", lead, lead, ""]
    text = f"{lead}\n\n**Security.** We use {LONG}.\n\n**Others.** We use {LONG}.\n\n## Next\n\nMore."
    assert contexts(text) == ["", lead, lead, ""]


def test_a_summary_is_over_its_paragraph_alone() -> None:
    text = f"## Data\n\n**Summary – Data:** We keep some.\n\n* {LONG}.\n* {LONG}.\n\nWe keep more."
    assert paths(text) == ["Data > Summary – Data:", *["Data"] * 3]


def test_a_contents_list_with_links_tells_the_ranks_of_bare_headings() -> None:
    listed = ("Data", "Cookies", "Rights", "Contact")
    entries = "\n".join(f"{n}. [{title}](#s{n})" for n, title in enumerate(listed, 1))
    sections = "\n\n".join(f"**{title}**\n\nText of it.\n\n**More of {title}**\n\nText of that." for title in listed)
    assert paths(f"# Policy\n\n{entries}\n\n{sections}")[2:4] == [
        "Policy > Cookies",
        "Policy > Cookies > More of Cookies",
    ]


def test_a_question_is_a_heading_directly_above_its_answer() -> None:
    answer = "Because the law forbids us to recommend a loan that you cannot afford, and asks us to show it."
    assert paths(f"OUR ANSWERS\nWhy do you need so much?\n{answer * 2}\nFor how long?\n{answer * 2}") == [
        "OUR ANSWERS > Why do you need so much?",
        "OUR ANSWERS > For how long?",
    ]


def test_text_with_tabs_is_a_table() -> None:
    text = "Data\tPeriod\nPayslips\tSix years\nRecorded calls\tNinety days\n\nWe delete it."
    clauses = segment(from_text(text))
    assert [(clause.context, clause.text) for clause in clauses] == [
        ("Data Period", "Payslips\tSix years"),
        ("Data Period", "Recorded calls\tNinety days"),
        ("", "We delete it."),
    ]


def test_wrapped_text_without_blank_lines_has_paragraphs() -> None:
    text = """1. Introduction
Brightmoor has to know a good deal about its students in order to teach them, and house them.
This says why.
It applies from the day you ask for a prospectus to the day your name is the last trace that
is left of you in the register, and says what we keep:
• your name, date of birth and nationality
• what your teachers say of you
Interviews are held by video. They are not recorded, but the two people who talk to you write
down a mark."""
    clauses = segment(from_text(text))
    assert [clause.text.split()[0] for clause in clauses] == ["Brightmoor", "It", "Interviews"]
    assert {clause.headings for clause in clauses} == {("1. Introduction",)}
