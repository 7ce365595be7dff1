"""What surrounds a policy in text, PDF and Word files is navigation, and what only looks like it is not."""

import pytest

from classifier.readers.registry import from_text
from classifier.segmentation import segment
from tests.strategies import check

BEFORE, AFTER = (
    "We keep your name for as long as you have an account.",
    "We delete it when you close your account with us.",
)


def shown(text: str) -> list[str]:
    """Return the clauses of a text between two paragraphs that are not navigation."""
    document = from_text(f"{BEFORE}\n\n{text}\n\n{AFTER}")
    check(document)
    found = [clause.text for clause in segment(document) if clause.kind == "text"]
    assert found[0] == BEFORE and found[-1] == AFTER
    return found[1:-1]


@pytest.mark.parametrize(
    "line",
    [
        "© 2026 Tern Maps Ltd. All rights reserved.",
        "(c) Tern Maps 2019-2026",
        "Copyright 2026 Tern Maps",
        "Page 3",
        "page 3 of 12",
        "Tern Maps | Privacy Notice Page 3 of 12",
        "2. Retention ............................ 4",
        "Retention . . . . . . . . 4",
        "Careers | Press | Public records",
        "Home › Legal › Privacy",
    ],
)
def test_furniture_is_no_clause(line: str) -> None:
    assert shown(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "Copyright law lets us keep what you post.",
        "You see on page 3 what we keep.",
        "We wait ... and then delete it.",
        "Logs | 30 days | deleted by us after that, and never sold.",
        "We sell | we share | we rent nothing that you give us",
        "© is the sign by which we mark our pictures.",
    ],
)
def test_what_only_looks_like_furniture_is_a_clause(line: str) -> None:
    assert shown(line) == [line]


SECTIONS = ("Who We Are", "What We Keep", "Whom We Tell", "Your Rights")


@pytest.mark.parametrize(
    "entry", ["{title}", "{number}. {title}", "{number} {title}", "{number}. {title} ..... {number}"]
)
def test_lines_that_come_again_as_headings_are_a_table_of_contents(entry: str) -> None:
    contents = "\n".join(entry.format(title=title, number=number) for number, title in enumerate(SECTIONS, 1))
    policy = "\n\n".join(f"{number}. {title}\n\n{BEFORE}" for number, title in enumerate(SECTIONS, 1))
    document = from_text(f"Privacy Policy\n\n{BEFORE}\n\n{contents}\n\n{policy}")
    check(document)
    clauses = [clause for clause in segment(document) if clause.kind == "text"]
    assert [clause.text for clause in clauses] == [BEFORE] * 5
    assert [clause.headings[-1] for clause in clauses[1:]] == [f"{n}. {title}" for n, title in enumerate(SECTIONS, 1)]


def test_a_list_that_does_not_come_again_is_text() -> None:
    assert len(shown("\n".join(f"{number}. {title}" for number, title in enumerate(SECTIONS, 1)))) == 1


def test_a_menu_at_the_beginning_is_none_of_the_headings() -> None:
    menu = "\n".join(("Home", "Products", "Prices", "About", "Jobs", "Contact"))
    document = from_text(f"{menu}\nPRIVACY NOTICE\n{BEFORE * 3}\nYOUR RIGHTS\n{AFTER * 3}")
    clauses = [clause for clause in segment(document) if clause.kind == "text"]
    assert [clause.headings for clause in clauses] == [("PRIVACY NOTICE",), ("PRIVACY NOTICE", "YOUR RIGHTS")]
