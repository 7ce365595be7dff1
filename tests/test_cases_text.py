"""Whole text and Markdown files, each with a fault that real ones have: their clauses are those that a person sees.

The files in `tests/cases/` are written for this project.
"""

import pytest

from classifier.readers.registry import from_text, read
from classifier.segmentation import segment
from tests.conftest import ROOT

CASES = ROOT / "tests/cases"
Rows = list[tuple[str, str]]


def rows_of(text: str) -> Rows:
    """Return the headings and the text of each clause."""
    return [(" > ".join(clause.headings), clause.text) for clause in segment(from_text(text))]


def rows_of_case(name: str) -> Rows:
    return [(" > ".join(clause.headings), clause.text) for clause in segment(read(CASES / name))]


def test_headings_that_link_to_themselves_are_headings() -> None:
    assert rows_of_case("heading-link.md") == [
        ("Sharing", "We share data with partners."),
        ("Retention", "We keep it for two years."),
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(
            "# [Policy](#policy)\n\n## [Data](https://example.org/privacy#data)\n\nWe keep logs.",
            [("Policy > Data", "We keep logs.")],
            id="a heading below a heading",
        ),
        pytest.param(
            "[**1\\. Data**](#data)\n----\n\n* [name](#name)\n\nWe keep logs.",
            [("1. Data", "* [name](#name)"), ("1. Data", "We keep logs.")],
            id="over links",
        ),
        pytest.param(
            "## [Shop](/shop)\n\n## [Help](/help)\n\n* [Jobs](/jobs)\n\n# Policy\n\nWe keep logs.",
            [
                ("", "## [Shop](/shop)\n\n## [Help](/help)\n\n* [Jobs](/jobs)"),
                ("Policy", "We keep logs."),
            ],
            id="a menu",
        ),
    ],
)
def test_heading_links_are_told_from_menus(text: str, rows: Rows) -> None:
    assert rows_of(text) == rows
