"""Facts: what is parsed out of a clause, and what is not."""

import time

import pytest

import classifier
from classifier.analysis.facts import FACT_TYPES, find_facts, own_names, policy_facts


def found(text: str, type: str = "") -> list[str]:
    return [fact.value for fact in find_facts(text) if not type or fact.type == type]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("for thirty (30) days", ["P30D"]),
        ("2 (two) years after closing", ["P2Y"]),
        ("within a month of your request", ["P1M"]),
        ("a 365-day period", ["P365D"]),
        ("for **90** days", ["P90D"]),
        ("twenty-four (24) hours", ["PT24H"]),
        ("30-60 days", ["P30D/P60D"]),
        ("the preceding twelve months", ["P12M"]),
        ("ten business days", ["P10D"]),
        ("one hundred and eighty (180) days", ["P180D"]),
        ("support is there 24/7", []),
        ("once a month, every year, 24 hours a day", ["PT24H"]),
        ("from time to time, for years", []),
        ("Version 2.3.1 of 12 May 2020", []),
        ("children under 13 years of age", []),
        ("30\ndays", ["P30D"]),
    ],
)
def test_periods(text: str, values: list[str]) -> None:
    assert found(text, "period") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("children under 13", ["13"]),
        ("anyone under the age of thirteen (13)", ["13"]),
        ("You must be 18 or older", ["18"]),
        ("at least 16 years of age", ["16"]),
        ("between the ages of 13 and 17", ["13", "17"]),
        ("persons younger than 16", ["16"]),
        ("under 30 days", []),
        ("for 10 years or more", []),
        ("18 countries", []),
        ("you are less than 20 miles away", []),
    ],
)
def test_ages(text: str, values: list[str]) -> None:
    assert found(text, "age") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Effective May 1, 2024", ["2024-05-01"]),
        ("the 25th of May 2018", ["2018-05-25"]),
        ("August 2025", ["2025-08"]),
        ("2024-02-29", ["2024-02-29"]),
        ("25.05.2018", ["2018-05-25"]),
        ("1/31/2024", ["2024-01-31"]),
        ("3/4/2024", []),
        ("in 2023", ["2023"]),
        ("you may 2 times", []),
        ("the Data Protection Act 2018", []),
        ("call 555-2023", []),
        ("2023 users", []),
    ],
)
def test_dates(text: str, values: list[str]) -> None:
    assert found(text, "date") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$25 million", ["USD 25000000"]),
        ("€20", ["EUR 20"]),
        ("1.500,00 EUR", []),
        ("£1,250.50", ["GBP 1250.5"]),
        ("2,500 euros", ["EUR 2500"]),
        ("100 %", []),
    ],
)
def test_money(text: str, values: list[str]) -> None:
    assert found(text, "money")[:1] == values[:1] or not values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("servers in the United States and Ireland", ["US", "IE"]),
        ("transferred outside the EEA", ["EEA"]),
        ("residents of California", ["US-CA"]),
        ("the U.S.", ["US"]),
        ("CONTACT US FOR MORE", []),
        ("Contact US", ["US"]),
        ("the California Consumer Privacy Act", []),
        ("the EU-U.S. Data Privacy Framework", []),
        ("Google Ireland Limited", []),
        ("Georgia told us", []),
        ("French law, Californian courts", []),
    ],
)
def test_places(text: str, values: list[str]) -> None:
    assert found(text, "country") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Art. 6(1)(f) GDPR", [("Art. 6(1)(f)", "GDPR")]),
        ("Article 6 (1) (b) of the GDPR", [("Art. 6(1)(b)", "GDPR")]),
        ("Art. 6 para. 1 lit. a", [("Art. 6(1)(a)", "")]),
        ("Articles 15 to 22 GDPR", [("Arts. 15-22", "GDPR")]),
        ("Articles 13 and 14 of the UK GDPR", [("Art. 13", "UK GDPR"), ("Art. 14", "UK GDPR")]),
        ("Civil Code Section 1798.83", [("1798.83", "")]),
        ("45 CFR 164.508", [("45 CFR 164.508", "")]),
        ("see Section 5", []),
        ("read 5 articles 3 times", []),
    ],
)
def test_articles(text: str, values: list[tuple[str, str]]) -> None:
    assert [(fact.value, fact.of) for fact in find_facts(text) if fact.type == "article"] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("under the GDPR and CCPA", ["GDPR", "CCPA"]),
        ("Children’s Online Privacy Protection Act (“COPPA”)", ["COPPA", "COPPA"]),
        ("the Norfolk Shipping Act 1999", ["Norfolk Shipping Act 1999"]),
        ("your Zip Code", []),
        ("Act now", []),
    ],
)
def test_laws(text: str, values: list[str]) -> None:
    assert found(text, "law") == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("We use Google Analytics and Stripe, Inc.", ["Google Analytics", "Stripe"]),
        ("Norwell Holding GmbH & Co. KG", ["Norwell Holding"]),
        ("complain to the Information Commissioner’s Office", ["ICO"]),
        ("tools such as Google Analytics, Segment and Stripe", ["Google Analytics", "Segment", "Stripe"]),
        ("Segment your audience", []),
        ("OUR COMPANY AS A WHOLE", []),
        ("operated by j2 Cloud Services, Inc.", ["j2 Cloud Services"]),
    ],
)
def test_companies(text: str, values: list[str]) -> None:
    assert found(text, "company") == values


@pytest.mark.parametrize(
    ("text", "type", "values"),
    [
        ("privacy@norwell.example.", "email", ["privacy@norwell.example"]),
        ("dpo [at] norwell.example", "email", ["dpo@norwell.example"]),
        ("a@b", "email", []),
        ("+44 20 7946 0123", "phone", ["+442079460123"]),
        ("(800) 555-0199", "phone", ["+18005550199"]),
        ("Tel.: 020 7946 0123", "phone", ["02079460123"]),
        ("2018-05-25, 192.168.0.1, 12345 67890", "phone", []),
        ("www.norwell.example/privacy.", "url", ["www.norwell.example/privacy"]),
        ("[us](https://a.example)", "url", []),
        ("4 Quay Road, Leeds LS1 4AB, United Kingdom", "address", ["4 Quay Road, Leeds LS1 4AB, United Kingdom"]),
        ("12 Main Street\nSuite 5\nBoston, MA 02110", "address", ["12 Main Street, Suite 5, Boston, MA 02110"]),
        ("P.O. Box 12, Dublin, D02 X285", "address", ["P.O. Box 12, Dublin, D02 X285"]),
        ("Lange Str. 7, 10115 Berlin", "address", ["Lange Str. 7, 10115 Berlin"]),
        ("within 30 days, in 10115 cases", "address", []),
    ],
)
def test_contacts(text: str, type: str, values: list[str]) -> None:
    assert found(text, type) == values


@pytest.mark.parametrize(
    "text", ["", " ", "9" * 5000, "(" * 5000, "a " * 20_000, "Art. " * 5000, "1, " * 10_000, "A-" * 9000]
)
def test_no_text_is_too_odd(text: str) -> None:
    for fact in find_facts(text):
        assert fact.type in FACT_TYPES
        assert 0 <= fact.start < fact.end <= len(text)


def test_facts_of_a_policy_have_their_place_and_matter() -> None:
    tagged = classifier.load().tag_text(
        "# Retention\r\n\r\nServer logs are kept for 30 days.\r\n\r\nWe use Google Analytics."
    )
    facts = policy_facts(tagged)
    assert [(fact.type, fact.value) for fact in facts] == [("period", "P30D"), ("company", "Google Analytics")]
    assert facts[0].of == "retention.period"
    for fact in facts:
        assert tagged.document.text[fact.start : fact.end] == fact.text
    assert list(tagged.facts()["type"]) == ["period", "company"]


def test_a_policy_introduces_names_that_are_found_in_its_other_clauses() -> None:
    source = "# Norwell's Privacy Notice\n\nNorwell keeps records.\n\nTern Ltd helps.\n\nWe ask Tern for help; norwell.example is ours."
    facts = policy_facts(classifier.load().tag_text(source))
    named = [(fact.value, fact.kind) for fact in facts if fact.type == "company"]
    assert named == [("Norwell", "company"), ("Tern", "company"), ("Tern", "company")]


@pytest.mark.parametrize(
    "title", ["Privacy Policy", "Our Privacy Notice", "California Privacy Notice", "1. Data we collect"]
)
def test_a_title_without_a_name_introduces_none(title: str) -> None:
    assert own_names(classifier.load().tag_text(f"# {title}\n\nWe keep records.")) == ()


@pytest.mark.parametrize(
    "piece", ["9 ", "1, ", "Art. 1, ", "Road 1, ", "Road 12\n", "Aa & Bb Ltd ", "+1 ", "May 1 ", "Google "]
)
def test_facts_are_found_in_time_that_grows_with_the_text(piece: str) -> None:
    def seconds(n: int) -> float:
        begin = time.process_time()
        find_facts(piece * (n // len(piece)))
        return time.process_time() - begin

    seconds(1000)
    assert min(seconds(40_000) for _ in range(3)) < 6 * min(seconds(10_000) for _ in range(3)) + 0.1
