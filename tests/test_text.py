import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.text import analyzer, context, masking
from classifier.text.markup import _BULLET_LINE, highlighted_lines, lines, plain


@given(st.text())
def test_tokens_stand_where_they_say(source: str) -> None:
    for token in analyzer.tokens(source):
        assert 0 <= token.start < token.end <= len(source)
        assert source[token.start : token.end].strip() == source[token.start : token.end]


@given(st.text())
def test_terms_are_the_stems_and_their_pairs(source: str) -> None:
    stems = [token.stem for token in analyzer.tokens(source)]
    assert analyzer.terms(source) == stems + [f"{a} {b}" for a, b in zip(stems, stems[1:], strict=False)]


@given(st.text(alphabet='[]() \\"!ab@.-\n'))
def test_blanking_keeps_every_place(source: str) -> None:
    blanked = masking.mask_addresses(source)
    assert len(blanked) == len(source)
    assert all(b in (a, " ", "@") for a, b in zip(source, blanked, strict=True))


ADDRESSES = [
    "a.b+c@mail.example.org",
    "[email protected]",
    "\\[email\xa0protected\\]",
    "<e-mail>",
    "-email-",
    "{EMAIL_ADDRESS}",
    "[EmAil pRotected]",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_one_token(address: str) -> None:
    assert [token.stem for token in analyzer.tokens(f"Write to {address}, please.")] == ["write", "to", "@", "pleas"]


@pytest.mark.parametrize(
    "word",
    [
        "confidential",
        "con\ufb01dential",
        "con\u00adfidential",
        "\u200bconfi\u200bdential",
        "CONFIDENTIAL",
        "ｃonfidential",
    ],
    ids=ascii,
)
def test_what_unicode_writes_in_several_ways_is_one_word(word: str) -> None:
    assert analyzer.terms(f"keep {word} data") == analyzer.terms("keep confidential data")
    assert analyzer.terms("cafe\u0301 data") == analyzer.terms("caf\u00e9 data")


@pytest.mark.parametrize("source", ["[a](<b\x1ec>) d", '[a](u "t\x1ez") d', '[a](u\x1e"t") d'], ids=ascii)
def test_no_link_reaches_into_a_clause(source: str) -> None:
    assert masking.mask_addresses(source) == source
    assert masking.mask_addresses(source.replace("\x1e", " ")) == "[a" + " " * (len(source) - 4) + " d"


def test_mail_as_a_word_is_no_address() -> None:
    assert "@" not in analyzer.terms("an e-mail (email), we-email-you, [mailing list]")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("**Bold** and _slanted_ and `code`", "Bold and slanted and code", id="emphasis"),
        pytest.param("snake_case and 2*3 stay", "snake_case and 2*3 stay", id="inner marks"),
        pytest.param("* item\n* other", "item other", id="bullets"),
        pytest.param("Title\n=====", "Title", id="underline"),
        pytest.param("[\\[email protected\\]](https://example.org/x)", "[email protected]", id="escaped brackets"),
        pytest.param("Do\\_Not\\_Track, 5 \\* 3, \\*required", "Do_Not_Track, 5 * 3, *required", id="escaped marks"),
        pytest.param("**Sold**You may", "SoldYou may", id="bold run in"),
        pytest.param("Title\r=====\r\r* item", "Title item", id="old line ends"),
        pytest.param("[a](<http://x y>) [b](u 'title')", "a b", id="odd link targets"),
        pytest.param("> *quoted*", "quoted", id="quote"),
        pytest.param("![logo](data:image/svg+xml,%3C) text", "logo text", id="image"),
        pytest.param('[a](https://example.org/b_(c) "title") d', "a d", id="parentheses and title"),
    ],
)
def test_plain_takes_the_markup_off(source: str, expected: str) -> None:
    assert plain(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("GIF. We use tiny images.", ["GIF. We use tiny images."], id="a word is no number"),
        pytest.param("We share:\n(a) names;\n1. cards", ["We share:", "(a) names;", "1. cards"], id="numbers"),
        pytest.param("Acme Corp  \nMain Street 1", ["Acme Corp", "Main Street 1"], id="an address"),
        pytest.param("word " * 20 + "\nand so on", ["word " * 20 + "and so on"], id="wrapped"),
    ],
)
def test_lines_are_those_a_person_would_see(source: str, expected: list[str]) -> None:
    assert lines(source) == expected


def test_link_targets_are_no_terms() -> None:
    assert analyzer.terms("see [us](https://cookies.example)") == ["see", "us", "see us"]


@given(st.text(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12))))
def test_marked_lines_are_the_lines_cut(source: str, places: list[tuple[int, int]]) -> None:
    spans = [(start, start + length) for start, length in places]
    assert ["".join(part for part, _ in line) for line in highlighted_lines(source, spans)] == lines(source)


def test_lines_of_what_was_extracted_are_lines() -> None:
    source = "Category of all the data that we sell, and to whom | Kept for so long\nIdentifiers and the like of all of our customers | a year"
    assert len(lines(source)) == 1
    assert lines(source, wrapped=False) == source.split("\n")


def test_bullets_that_are_shown_otherwise_move_no_mark() -> None:
    source = "* cookies we keep;\n• cookies you set"
    second = source.rindex("cookies")
    assert highlighted_lines(source, [(second, second + 7)]) == [
        [("• cookies we keep;", -1)],
        [("• ", -1), ("cookies", 0), (" you set", -1)],
    ]


def test_a_mark_of_ours_in_a_text_of_theirs_moves_nothing() -> None:
    joined = context.with_context("We keep\x1elogs.", ("A\x1eheading",))
    assert joined == "A heading\n\x1eWe keep logs."
    assert context.with_context("We keep\x1elogs.") == "We keep logs."


def test_marks_stand_on_the_words_not_on_what_a_link_hides() -> None:
    source = "We **keep**\n\n* [logs](http://logs.example/logs) and logs"
    spans = [(source.rindex("logs"), len(source)), (source.index("keep"), source.index("keep") + 4)]
    assert highlighted_lines(source, spans) == [
        [("We ", -1), ("keep", 1)],
        [("• logs and ", -1), ("logs", 0)],
    ]


@given(
    st.text(alphabet="ab ]('\"<)\n*•_[\\>-"),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=1),
    st.booleans(),
)
@example("](a\n'b')bbbb", [(2, 3)], True)
@example("* a **b**\n• b", [(5, 6), (11, 12)], True)
def test_marks_stand_where_each_character_is_found_after_the_one_before(
    source: str, places: list[tuple[int, int]], wrapped: bool
) -> None:
    spans = [(start, start + length) for start, length in places]
    owner = [-1] * len(source)
    for number, (start, end) in enumerate(spans):
        owner[start:end] = [number] * len(owner[start:end])
    searched = masking.LINK_TARGET.sub(lambda match: "]" + " " * (len(match.group()) - 1), source)
    at = 0
    for line, parts in zip(lines(source, wrapped), highlighted_lines(source, spans, wrapped), strict=True):
        found = [mark for part, mark in parts for _ in part]
        bullet = _BULLET_LINE.search(searched, at) if line.startswith("• ") else None
        at = bullet.end() - 1 if bullet else at
        for number, character in enumerate(line):
            if character == " ":
                inside = number > 0 and at < len(owner) and owner[at - 1] == owner[at] == found[number - 1]
                assert found[number] == (owner[at] if inside else -1)
            elif number or not bullet:
                place = searched.find(character, at)
                assert found[number] == (owner[place] if place >= 0 else -1)
                at = place + 1 if place >= 0 else at
