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


def test_no_line_of_an_address_is_a_heading() -> None:
    lead = "If you are in the EU, write to our representative at the following address:"
    lead_uk = "If you are in the UK, write to our UK representative at the following address:"
    assert rows_of_case("address-line.md") == [
        ("Policy > Complaints", f"{lead}\n\nDataRep, The Cube, Monahan Road, Cork, T12 H1XY, Republic of Ireland"),
        ("Policy > Complaints", f"{lead_uk}\n\nDataRep, 107-111 Fleet Street, London, EC4A 2AB, United Kingdom"),
        ("Policy > Complaints", "We answer within one month."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "FAO Privacy Operations",
        "ATTN: Privacy Operations",
        "**Effective Date:** May 2025",
        "**Last Updated:**",
        "Last updated",
        "**May 3, 2025**",
        "## 3 May 2025",
        "**2025-05-03**",
        "Email:",
        "**E-mail us at:** office",
        "**privacy@otterford.example**",
        "**Toll-Free: (800) 555-0100**",
        "4 Ostrava Lane, Pellbridge",
        "**Otterford Ltd, 4 Ostrava Lane**",
        "Otterford Ltd\n\nFAO Privacy Team",
        "Suite 400, Pellbridge",
        "P.O. Box 12, Pellbridge",
        "Otterford House, Pellbridge, Ireland",
    ],
)
def test_no_date_and_no_contact_is_a_heading(line: str) -> None:
    after = "We answer all that you ask of us, and that within a month after we have your letter."
    assert {path for path, _ in rows_of(f"# Policy\n\nWe exist.\n\n{line}\n\n{after}")} == {"Policy"}


@pytest.mark.parametrize(
    "line",
    [
        "Email Marketing",
        "How To Contact Us",
        "Your Rights in the United States",
        "Collection, Use, and Disclosure of Data",
        "Changes Since Our Last Update",
        "**Date of Birth**",
        "Where We Keep Data, and How",
        "**About Otterford Ltd**",
        "Updates to This Notice",
    ],
)
def test_headings_that_speak_of_dates_and_contacts_stay(line: str) -> None:
    after = "We answer all that you ask of us, and that within a month after we have your letter."
    assert rows_of(f"# Policy\n\nWe exist.\n\n{line}\n\n{after}")[-1] == (f"Policy > {line.strip('*')}", after)


def test_a_heading_below_an_address_stays() -> None:
    lead, address = "Write to us at:", "Privacy Officer\n\nOtterford Ltd\n\n4 Ostrava Lane\n\nPellbridge 4020"
    after = "Changes to This Policy\n\nWe may change it at any time, and tell you by a letter when we do."
    found = rows_of(f"# Policy\n\n{lead}\n\n{address}\n\n{after}")
    assert {path for path, _ in found[:-1]} == {"Policy"}
    assert found[-1][0] == "Policy > Changes to This Policy"
