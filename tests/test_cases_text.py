"""Whole text and Markdown files, each with a fault that real ones have: their clauses are those that a person sees.

The files in `tests/cases/` are written for this project.
"""

from collections.abc import Callable

import pytest

from classifier.readers.registry import from_text, read
from classifier.segmentation import segment
from tests.conftest import CASES

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


def test_a_bold_opening_of_an_item_is_over_that_item_alone() -> None:
    assert rows_of_case("run-in-leaks.md") == [
        ("Policy > 5. How long we keep data > Invoices:", "for 10 years from the close of the financial year."),
        ("Policy > 5. How long we keep data > Support data:", "for 5 years."),
        ("Policy > 6. Who we share data with", "We share your data with our payment processor."),
        ("Policy > 6. Who we share data with", "Some other paragraph about sharing data with our affiliates."),
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(
            "# P\n\n* **Logs.** We keep them.\n* We keep bills.\n\nWe delete all.",
            [("P > Logs.", "We keep them."), ("P", "* We keep bills."), ("P", "We delete all.")],
            id="the next item without one",
        ),
        pytest.param(
            "# P\n\n* **Logs.** We keep:\n    * times\n    * places\n* We keep bills.",
            [("P > Logs.", "We keep:\n    * times\n    * places"), ("P", "* We keep bills.")],
            id="items in the item belong to it",
        ),
        pytest.param(
            "# P\n\n*   **Logs.** We keep them.\n\n    They hold times.\n\nWe delete all.",
            [("P > Logs.", "We keep them."), ("P > Logs.", "They hold times."), ("P", "We delete all.")],
            id="an indented paragraph belongs to the item",
        ),
        pytest.param(
            "# P\n\n**Summary.** We keep logs.\n\nWe keep logs for a year.",
            [("P > Summary.", "We keep logs."), ("P", "We keep logs for a year.")],
            id="over its paragraph",
        ),
        pytest.param(
            "# P\n\n**Logs.** We keep them.\n\n**Bills.** So are these.\n\nWe delete all.",
            [("P > Logs.", "We keep them."), ("P > Bills.", "So are these."), ("P", "We delete all.")],
            id="one paragraph each",
        ),
        pytest.param(
            "# P\n\n**Logs.** We keep them.\n\nThey hold times.\n\n**Bills.** So are these.\n\nThey hold sums.",
            [
                ("P > Logs.", "We keep them."),
                ("P > Logs.", "They hold times."),
                ("P > Bills.", "So are these."),
                ("P > Bills.", "They hold sums."),
            ],
            id="paragraphs between them show sections",
        ),
        pytest.param(
            "1. **Logs.** We keep them.\n\nThey hold times.\n\n2. **Bills.** So are these.\n\nThey hold sums.",
            [
                ("1. Logs.", "We keep them."),
                ("1. Logs.", "They hold times."),
                ("2. Bills.", "So are these."),
                ("2. Bills.", "They hold sums."),
            ],
            id="numbered sections",
        ),
        pytest.param(
            "# P\n\n**Logs.** We keep:\n\n* **Times.** All of them.\n\nWe delete all.\n\n**Sharing**\n\nWe share none.",
            [
                ("P > Logs.", "We keep:"),
                ("P > Logs. > Times.", "All of them."),
                ("P", "We delete all."),
                ("P > Sharing", "We share none."),
            ],
            id="an item below a paragraph",
        ),
        pytest.param(
            "# P\n\n**Logs**\n\n**Summary – Logs**\n\nWe keep logs.\n\nWe keep them for a year.",
            [("P > Logs > Summary – Logs", "We keep logs."), ("P > Logs", "We keep them for a year.")],
            id="a summary",
        ),
    ],
)
def test_a_bold_opening_reaches_as_far_as_a_person_reads_it(text: str, rows: Rows) -> None:
    assert rows_of(text) == rows


def test_items_that_open_in_bold_keep_the_sentence_that_introduces_them() -> None:
    text = "We keep these:\n\n* **Logs.** We keep them.\n* **Bills.** So are these.\n\nWe delete all."
    assert [clause.context for clause in segment(from_text(text))] == ["", "We keep these:", "We keep these:", ""]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        pytest.param(
            "# P\n\n## 1. Data\n\nWe keep logs.\n\n**2. Sharing**\n\nWe share none.\n\n## 3. Contact\n\nWrite to us.",
            ["P > 1. Data", "P > 2. Sharing", "P > 3. Contact"],
            id="whatever its style",
        ),
        pytest.param(
            "**1. Data**\n\nWe keep logs.\n\n**Cookies**\n\nWe set one.\n\n**2. Sharing**\n\nWe share none.\n\n"
            "**Contact**\n\nWrite to us.",
            ["1. Data", "1. Data > Cookies", "2. Sharing", "Contact"],
            id="over the subsections of the one before",
        ),
        pytest.param(
            "1. Data\n\nWe keep logs.\n\n1.1 Cookies\n\nWe set one.\n\n1.2 Logs\n\nWe keep them.\n\n2. Sharing\n\nWe share none.",
            ["1. Data", "1. Data > 1.1 Cookies", "1. Data > 1.2 Logs", "2. Sharing"],
            id="parts of a section",
        ),
        pytest.param(
            "**5. Data**\n\nWe keep logs.\n\n**1. Logs**\n\nOf times.\n\n**2. Bills**\n\nOf sums.\n\n**6. Sharing**\n\nWe share none.",
            ["5. Data", "5. Data > 1. Logs", "5. Data > 2. Bills", "6. Sharing"],
            id="numbers that begin anew in a section",
        ),
    ],
)
def test_a_number_closes_the_one_before_it(text: str, paths: list[str]) -> None:
    assert [path for path, _ in rows_of(text)] == paths


LETTERED = [
    ("1. DEFINITIONS", '(a) "Company" means Otterford Ltd, which runs the site and decides what is done with the data.\n\n'
     '(b) "Site" means the pages that can be reached under otterford.example.'),
    ("2. COLLECTION OF PERSONAL DATA", "(a) We collect your name and your e-mail address when you sign up for an account on "
     "the Site.\n\n(b) We collect the address of your device whenever you ask for a page."),
    ("3. COOKIES", "(a) We set one cookie that remembers your language, and none for adverts."),
    ("4. RETENTION", "We keep the data for two years."),
]  # fmt: skip


def test_numbered_headings_stand_over_lettered_clauses() -> None:
    title = "OTTERFORD PRIVACY NOTICE"
    assert rows_of_case("text-numbered-lettered.txt") == [(f"{title} > {path}", text) for path, text in LETTERED]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("(a)", "a.").replace("(b)", "b."), id="letters with a dot"),
        pytest.param(lambda text: text.replace("(a)", "(i)").replace("(b)", "(ii)"), id="Roman numbers"),
        pytest.param(lambda text: text.replace("(", "   ("), id="indented"),
        pytest.param(lambda text: text.replace("\n\n(", "\n("), id="no blank line above"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), id="other line ends"),
    ],
)
def test_numbered_headings_are_found_however_the_clauses_are_written(change: Callable[[str], str]) -> None:
    text = change((CASES / "text-numbered-lettered.txt").read_text(encoding="utf-8"))
    paths = [clause.headings[-1] for clause in segment(from_text(text))]
    assert list(dict.fromkeys(paths)) == [path for path, _ in LETTERED]


def test_numbered_headings_in_small_letters_stand_over_lettered_clauses() -> None:
    text = (CASES / "text-numbered-lettered.txt").read_text(encoding="utf-8")
    for path, _ in LETTERED:
        text = text.replace(path, path.title())
    assert list(dict.fromkeys(clause.headings[-1] for clause in segment(from_text(text)))) == [
        path.title() for path, _ in LETTERED
    ]


def test_numbered_items_over_short_lettered_ones_stay_a_list() -> None:
    text = "We keep:\n\n1. Contact Data\n   a. name\n   b. address\n2. Usage Data\n   a. pages\n\nWe delete all."
    assert rows_of(text)[-1] == ("", "We delete all.")
    assert all(path == "" for path, _ in rows_of(text))


def test_numbered_headings_may_be_underlined() -> None:
    title = "OTTERFORD PRIVACY POLICY"
    assert rows_of_case("text-numbered-underlined.txt") == [
        (title, "Last Updated: May 3, 2025"),
        (
            f"{title} > 1. INFORMATION WE COLLECT",
            "We collect the following when you sign up:\n- your name\n- your e-mail address",
        ),
        (f"{title} > 2. HOW LONG WE KEEP IT", "We keep it for two years after your last visit."),
        (f"{title} > 3. Sharing With Others", "We share it with our hosting company."),
    ]


@pytest.mark.parametrize("rule", ["---", "-" * 60])
def test_a_rule_below_a_numbered_list_underlines_no_item(rule: str) -> None:
    text = f"# P\n\nWe keep:\n\n1. your name\n2. your address and the like\n{rule}\n\nWe delete all."
    assert {path for path, _ in rows_of(text)} == {"P"}


def test_a_row_of_a_table_is_a_clause_with_the_heads_of_its_columns() -> None:
    document = read(CASES / "table.md")
    who, long = "Policy > Who we share data with", "Policy > How long we keep it"
    assert [(" > ".join(clause.headings), clause.context, clause.text) for clause in segment(document)] == [
        (who, "Name | Purpose | Country", "| OpenAI | Artificial Intelligence | USA |"),
        (who, "Name | Purpose | Country", "| Stripe | Payments<br><br>Fraud prevention | USA |"),
        (long, "Data | Retention period", "| Customer Data | Indefinitely |"),
        (long, "Data | Retention period", "| Invoices | 10 years |"),
    ]


def test_html_in_markdown_is_read_as_it_is_shown() -> None:
    document = read(CASES / "html-in-markdown.md")
    heads = "What we use your data for | What data we process | Our lawful basis"
    assert [
        (" > ".join(clause.headings), clause.context, clause.text, clause.place) for clause in segment(document)
    ] == [
        (
            "Otterford Privacy Notice > Lawful bases",
            heads,
            "To provide you with an account | Contact data • Language | Contract to provide you with what you have asked for, "
            "and legitimate interest in keeping thieves out of our shop and of the accounts of others.",
            "line 14",
        ),
        ("Otterford Privacy Notice > Retention", "", "We keep your data for two years.", "line 31"),
    ]
    assert "<" not in document.text
    assert [block.kind for block in document.blocks if block.style == "row"] == ["heading", "paragraph"]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        pytest.param(
            "| **Data** | Kept \\| held |\r\n|:--|--:|\r\n| Logs | A year |",
            [("Data | Kept | held", "| Logs | A year |")],
            id="markup in the heads",
        ),
        pytest.param(
            "We keep these:\n\n| Data | Kept |\n| --- | --- |\n| Logs | A year |\n\nWe delete all.",
            [("", "We keep these:"), ("Data | Kept", "| Logs | A year |"), ("", "We delete all.")],
            id="below a sentence",
        ),
        pytest.param(
            "| Data | Kept |\n| --- | --- |\n| Logs | A Year |\nWe delete all of it when you close your account with us.",
            [
                ("Data | Kept", "| Logs | A Year |"),
                ("", "We delete all of it when you close your account with us."),
            ],
            id="directly above a sentence",
        ),
        pytest.param(
            "|  |  |\n| --- | --- |\n| Logs | A year |",
            [("", "| Logs | A year |")],
            id="empty heads",
        ),
        pytest.param(
            "| Logs | A year |\n| Bills | Ten years |",
            [("", "| Logs | A year |"), ("", "| Bills | Ten years |")],
            id="no heads",
        ),
        pytest.param(
            "| We sell no data of yours. |\n| --- |\n\nWe keep logs.",
            [("", "| We sell no data of yours. |\n| --- |"), ("", "We keep logs.")],
            id="a box is no head",
        ),
        pytest.param(
            "| Partner |\n| --- |\n| [Adbarn](https://adbarn.example) |",
            [("Partner", "| [Adbarn](https://adbarn.example) |")],
            id="links are what the table lists",
        ),
        pytest.param(
            "| Data | Kept |\n| --- | --- |\n| Logs | A year |\n\n# P\n\n| Bills | Ten years |",
            [("Data | Kept", "| Logs | A year |"), ("", "| Bills | Ten years |")],
            id="another table",
        ),
    ],
)
def test_tables_are_read_however_they_are_written(text: str, rows: Rows) -> None:
    document = from_text(text)
    assert [(clause.context, clause.text) for clause in segment(document)] == rows
    assert {clause.kind for clause in segment(document)} == {"text"}


def test_a_table_below_items_that_open_in_bold_is_under_the_section() -> None:
    text = "# P\n\n* **Logs.** We keep them.\n\n| Data | Kept |\n| --- | --- |\n| Bills | Ten years |"
    assert rows_of(text) == [("P > Logs.", "We keep them."), ("P", "| Bills | Ten years |")]


def test_a_list_of_links_below_a_sentence_that_names_recipients_belongs_to_it() -> None:
    text = (CASES / "list-of-links.md").read_text(encoding="utf-8")
    start = text.index("We share")
    assert rows_of_case("list-of-links.md") == [
        ("Privacy Policy of Tern Games > Partners", text[start : text.index("\n\nEach of")]),
        (
            "Privacy Policy of Tern Games > Partners",
            "Each of them decides by itself what it does with the data.",
        ),
        ("Privacy Policy of Tern Games > Retention", "We keep your data for two years."),
    ]


@pytest.mark.parametrize("lead", ["In this policy we say how we share data:", "Contents:", "We exist."])
@pytest.mark.parametrize("target", ["#a", "#b"])
def test_a_list_of_contents_stays_navigation(lead: str, target: str) -> None:
    clauses = segment(from_text(f"{lead}\n\n* [Sharing]({target})\n* [Retention]({target})\n\nWe keep logs."))
    assert [clause.kind for clause in clauses] == ["text", "navigation", "text"]
