"""Kinds of lines in texts that people publish, each with the headings that a reader sees above the clauses."""

import pytest

from classifier.readers.registry import from_text
from classifier.segmentation import segment


def clauses(text: str) -> list[tuple[tuple[str, ...], str, str]]:
    return [(c.headings, c.context, c.text.split("\n")[0]) for c in segment(from_text(text)) if c.kind == "text"]


@pytest.mark.parametrize(
    "lead",
    [
        "You have the right",
        "Under the GDPR you can",
        "We use subscriber information",
        "The Cooperative uses personal information to",
        "Whatever your place of residence, you may",
        "We obtain personal information",
    ],
)
@pytest.mark.parametrize("items", ["- to see your data,\n- to have it erased.", "(a) to see it;\n(b) to erase it."])
def test_the_beginning_of_a_sentence_is_no_heading_over_the_list_that_ends_it(lead: str, items: str) -> None:
    found = clauses(f"# Privacy\n\n## Your data\n\n{lead}\n\n{items}\n\nWrite to us.\n")
    assert found == [(("Privacy", "Your data"), "", lead), (("Privacy", "Your data"), "", "Write to us.")]


@pytest.mark.parametrize(
    "title", ["How we use your data", "What we may collect", "Data you share", "Your rights", "Uses of personal data"]
)
def test_a_title_over_a_list_is_a_heading(title: str) -> None:
    found = clauses(f"PRIVACY POLICY\n\n{title}\n\n- to answer you and to send you what you ordered\n\nWrite to us.\n")
    assert [headings[-1] for headings, _, _ in found] == [title, title]


@pytest.mark.parametrize(
    "address",
    [
        "Mr. Gordon Pell, Controller and Privacy Officer\nMill Tube Works Company\n88 Lower Race Road\nTelephone (860) 555-0177",
        "Privacy Officer\nBrushtail Rescue Inc.\nPO Box 555, Wodonga VIC 3689\nprivacy@brushtail.example",
        "Shri A. Deshmukh\nData Protection Officer\nPolaris Limited\nPolaris House, Pune 411 045\nE-mail: dpo@polaris.example",
    ],
)
@pytest.mark.parametrize("indent", ["", "    "])
def test_names_of_an_address_are_no_headings(address: str, indent: str) -> None:
    block = "\n".join(indent + line for line in address.split("\n"))
    found = clauses(
        f"14. CONTACT\n\n{block}\n\nFor an injured animal please ring us.\n\n15. CHANGES\n\nWe may change this.\n"
    )
    assert [headings for headings, _, _ in found] == [("14. CONTACT",), ("14. CONTACT",), ("15. CHANGES",)]
    assert found[0][2] == address.split("\n")[0]


def test_the_heading_directly_over_an_address_is_one() -> None:
    found = clauses(
        "We keep logs for a year.\n\nContact us\nAcorn Limited\n4 Mill Lane, Pellbridge\nhello@acorn.example\n"
    )
    assert [(headings, text) for headings, _, text in found] == [
        ((), "We keep logs for a year."),
        (("Contact us",), "Acorn Limited"),
    ]


@pytest.mark.parametrize("line", ["Effective June 16, 2014", "Version 3.2, March 2023", "Last updated: 4 May 2020"])
def test_the_date_on_a_title_page_is_no_heading(line: str) -> None:
    found = clauses(f"ACORN GROUP\nONLINE PRIVACY STATEMENT\n{line}\n\n1. SCOPE\n\nThis covers our site.\n")
    assert found[0][2] == line
    assert found[1][0] == ("ONLINE PRIVACY STATEMENT", "1. SCOPE")


def test_lines_of_two_cells_joined_by_dots_are_rows() -> None:
    rows = [
        "Website logs ................ 6 months",
        "Dog licenses ......... 3 years after the end",
        "Minutes .... kept",
    ]
    found = clauses("RETENTION\n\nSome periods:\n\n   " + "\n   ".join(rows) + "\n\nWe erase the rest.\n")
    assert found == [
        (("RETENTION",), "", "Some periods:"),
        *[(("RETENTION",), "Some periods:", row) for row in rows],
        (("RETENTION",), "", "We erase the rest."),
    ]


def test_lines_of_dots_before_pages_are_contents() -> None:
    found = clauses(
        "Contents\n\nUse of data ........ 2\nSharing .......... 3\n\nUSE OF DATA\n\nWe use it.\n\nSHARING\n\nWe share it.\n"
    )
    assert [text for _, _, text in found] == ["We use it.", "We share it."]


def test_lines_of_cells_between_strokes_are_rows() -> None:
    found = clauses(
        "We use:\n\nSupplier / Task / Place\nTwilio / Messages / USA\nMoneris / Cards / Toronto\n\n7.3 We keep logs.\n"
    )
    assert found == [
        ((), "", "We use:"),
        ((), "Supplier / Task / Place", "Twilio / Messages / USA"),
        ((), "Supplier / Task / Place", "Moneris / Cards / Toronto"),
        ((), "", "7.3 We keep logs."),
    ]


def test_roman_numbers_are_of_one_rank() -> None:
    titles = [
        "I. SCOPE OF THIS POLICY",
        "II. DATA WE COLLECT",
        "V. SHARING OF DATA",
        "IX. TRANSFERS ABROAD",
        "X. CALIFORNIA RESIDENTS",
    ]
    sections = "".join(
        f"{title}\n\nA. Acorn keeps what you write.\n\nB. It keeps what you buy.\n\n" for title in titles
    )
    found = clauses(f"PRIVACY POLICY\n\nThis is ours.\n\n{sections}")
    assert {headings for headings, _, _ in found} == {
        ("PRIVACY POLICY",),
        *(("PRIVACY POLICY", title) for title in titles),
    }


def test_a_letter_that_could_be_a_roman_number_is_a_letter_among_letters() -> None:
    titles = ["H. CHILDREN OF CUSTOMERS", "I. CUSTOMERS ABROAD", "J. CALIFORNIA CUSTOMERS"]
    found = clauses("PRIVACY POLICY\n\n" + "".join(f"{title}\n\nWe keep it all here.\n\n" for title in titles))
    assert [headings for headings, _, _ in found] == [("PRIVACY POLICY", title) for title in titles]


def test_a_box_above_the_first_number_is_not_over_the_sections() -> None:
    found = clauses(
        "PRIVACY POLICY\n\nOUR PROMISES\n\n* We sell nothing.\n\n1. SCOPE\n\nThis is all.\n\n2. USE\n\nWe use it.\n"
    )
    assert [headings[1:] for headings, _, _ in found] == [("OUR PROMISES",), ("1. SCOPE",), ("2. USE",)]


def test_numbered_openings_go_on_with_the_numbers_of_sections() -> None:
    text = "**3. Logs**\n\nWe keep logs.\n\n**4. Cookies.** We set a few.\n\n**5. Ads.** We show some.\n\nThey are small.\n"
    found = clauses(f"# Forum\n\n{text}")
    assert [headings[1:] for headings, _, _ in found] == [("3. Logs",), ("4. Cookies.",), ("5. Ads.",), ("5. Ads.",)]


def test_numbered_openings_of_a_section_are_over_their_paragraphs() -> None:
    found = clauses(
        "# Rights\n\nYou have these.\n\n**1. Access.** You may see it.\n\n**2. Erasure.** You may erase it.\n"
    )
    assert [headings for headings, _, _ in found] == [("Rights",), ("Rights", "1. Access."), ("Rights", "2. Erasure.")]


def test_a_summary_is_not_over_the_list_below_it() -> None:
    found = clauses(
        "# Acorn\n\n## Data\n\n> **In short:** what you type.\n\n- **Account.** Your name.\n- **Prompts.** Your text.\n"
    )
    assert [headings[1:] for headings, _, _ in found] == [
        ("Data", "In short:"),
        ("Data", "Account."),
        ("Data", "Prompts."),
    ]


def test_the_id_of_a_heading_is_not_shown() -> None:
    assert clauses("# Privacy {#top}\n\n## Sharing {: #share .big }\n\nWe share it.\n")[0][0] == ("Privacy", "Sharing")


def test_a_bold_line_over_a_table_is_one_of_the_openings_of_its_section() -> None:
    table = "**Vendors.**\n\n| Vendor | Task |\n|---|---|\n| Stripe | Cards |\n\n"
    found = clauses(f"# Acorn\n\n## Sharing\n\n**Sellers.** They see it.\n\n{table}**Courts.** If a law says so.\n")
    assert [headings[2:] for headings, _, _ in found] == [("Sellers.",), ("Vendors.",), ("Courts.",)]


def test_a_numbered_paragraph_is_not_introduced_by_the_one_above_it() -> None:
    found = clauses(
        "PROTECTION\n\n27B. You are advised to keep it.\n\n28. No method is secure, and we review ours.\n\n29. We tell you.\n"
    )
    assert [(context, text[:4]) for _, context, text in found] == [("", "27B."), ("", "28. ")]


def test_a_title_over_a_short_lead_in_is_a_heading() -> None:
    found = clauses(
        "PRIVACY POLICY\n\n13. Your rights\n\nYou may:\n\n- ask whether we hold data about you and to see them\n"
    )
    assert found[0][0] == ("PRIVACY POLICY", "13. Your rights")


def test_a_section_that_was_inserted_has_a_number_with_a_letter() -> None:
    sections = "".join(
        f"{title}\n\nWe keep what a law demands.\n\n" for title in ("13. Your rights", "13A. Periods", "14. Law")
    )
    found = clauses(f"PRIVACY POLICY\n\n{sections}")
    assert [headings[1:] for headings, _, _ in found] == [("13. Your rights",), ("13A. Periods",), ("14. Law",)]
