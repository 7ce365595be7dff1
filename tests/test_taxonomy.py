from dataclasses import replace
from pathlib import Path

import pytest

from classifier import TaxonomyError, taxonomy
from classifier.model.persistence import load_model, save_model
from classifier.taxonomy import Attribute, Category, Taxonomy, Value
from tests.tiny import tiny

ENTRY = '[[category]]\nid = "use"\ntitle = "Use"\ndefinition = "What data is for."\ncolour = "#66CCEE"\n'


def test_the_bundled_taxonomy_has_fifteen_categories_in_order(taxonomy: taxonomy.Taxonomy) -> None:
    assert taxonomy.ids == (
        "collection", "use", "sharing", "cookies", "do_not_track", "choice", "rights", "retention", "security", "children",
        "transfer", "region", "legal_basis", "changes", "contact",
    )  # fmt: skip
    assert len({category.color for category in taxonomy}) == len(taxonomy)


def test_a_custom_taxonomy_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("schema_version = 1\n" + ENTRY + 'counts = ["purposes"]\n', encoding="utf-8")
    (category,) = taxonomy.load_taxonomy(path)
    assert (category.id, category.counts, category.gdpr) == ("use", ("purposes",), ())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "schema_version = 1\n" + ENTRY + ENTRY,
            "mine:8: the id 'use' was already given in line 3",
            id="duplicate id",
        ),
        pytest.param("schema_version = 1\n" + ENTRY + "color = 1", "mine:7: unknown key 'color'", id="unknown key"),
        pytest.param("schema_version = 1\nextra = 1\n" + ENTRY, "mine:2: unknown key 'extra'", id="unknown top key"),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace("What data is for.", " "), "mine:5: definition must be", id="empty"
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace('"use"', '"The Use"'), "mine:3: the id 'The Use'", id="bad id"
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace("#66CCEE", "blue"), "mine:6: colour must be #rrggbb", id="bad colour"
        ),
        pytest.param(
            "schema_version = 1\n[[category]]\nid = 'x'\n", "mine:2: the category lacks 'title'", id="missing key"
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY + "gdpr = 6", "mine:7: gdpr must be a list of strings", id="not a list"
        ),
        pytest.param("schema_version = 7\n" + ENTRY, "mine:1: schema_version must be 1 or 2", id="version"),
        pytest.param("schema_version = 1\n", "at least one [[category]]", id="no category"),
        pytest.param(
            "schema_version = 1\ncategory = [{id = 'Bad'}]", "the id 'Bad' must be lower case", id="inline tables"
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace('"Use"', '"Use\\u202e"'),
            "mine:4: title holds the character '\\u202e', which could mislead readers",
            id="direction",
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace('"Use"', '"Use\\nmore"'),
            "mine:4: title holds the char",
            id="line end",
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace("is for", "\\u001b[31m"), "mine:5: definition holds", id="escape"
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY + 'gdpr = ["\\u0000"]', "mine:7: gdpr holds the character '\\x00'", id="null"
        ),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace('"Use"', f'"{"x" * 201}"'), "title must have at most 200", id="long"
        ),
        pytest.param(
            "schema_version = 1\n" + "[[category]]\n" * 1001, "there are 1,001 categories, more than 1,000", id="many"
        ),
        pytest.param("schema_version = 1\n" + "[[category]]\n" * 900, "... and 3580 more", id="many problems"),
        pytest.param("schema_version = ", "mine: not valid TOML", id="not TOML"),
        pytest.param("a = " + "[" * 5000, "mine: not valid TOML", id="deep TOML"),
        pytest.param(
            "schema_version = 1\n" + ENTRY.replace('"use"', '"text"'),
            "mine:3: the id 'text' is the name of a column",
            id="column",
        ),
    ],
)
def test_a_broken_rule_is_named_with_its_line(source: str, message: str) -> None:
    with pytest.raises(TaxonomyError) as error:
        taxonomy.parse_taxonomy(source, "mine")
    assert message in str(error.value)


def test_text_of_any_language_and_several_lines_is_allowed() -> None:
    source = "schema_version = 1\n" + ENTRY.replace("What data", "Was\\nmit").replace('"Use"', '"نمی‌خواهم שימוש 使用"')
    (category,) = taxonomy.parse_taxonomy(source)
    assert category.definition == "Was\nmit is for."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="nowhere.toml: the taxonomy cannot be read: No such file"):
        taxonomy.load_taxonomy(tmp_path / "nowhere.toml")


# --- schema 2 ----------------------------------------------------------------------------------------------------------

ATTRIBUTE = """[[attribute]]
id = "recipient"
title = "Recipient"
definition = "Who receives the data."
categories = ["use"]

"""
VALUE = """[[attribute.value]]
id = "authority"
title = "Authority"
definition = "Courts, regulators and the police."
includes = ["subpoenas"]
opp115 = ["Third Party Sharing/Collection: Purpose = Legal requirement"]
dpv = ["dpv:Authority"]

"""
OTHER_VALUE = VALUE.replace("authority", "public").replace("Authority", "Public")
SECOND = ATTRIBUTE.replace("recipient", "right").replace('categories = ["use"]\n', "")
SOURCE = "schema_version = 2\n" + ENTRY + "\n" + ATTRIBUTE + VALUE + OTHER_VALUE + SECOND + VALUE
WITH_ATTRIBUTES = Taxonomy(
    (Category("use", "Use", "Use.", "#66CCEE"), Category("never", "Never", "Never.", "#AA7733")),
    (
        Attribute(
            "right",
            "Right",
            "What people may ask for.",
            (Value("access", "Access", "A copy.", gdpr=("Art. 15",)),),
            ("use",),
        ),
    ),
)


def test_attributes_and_their_values_are_read_in_order() -> None:
    found = taxonomy.parse_taxonomy(SOURCE)
    assert found.ids == ("use",)
    assert found.value_ids == ("recipient.authority", "recipient.public", "right.authority")
    recipient = found.attribute("recipient")
    assert (recipient.title, recipient.categories) == ("Recipient", ("use",))
    assert found.attribute("right").categories == ()
    authority = recipient.values[0]
    assert (authority.includes, authority.dpv, authority.iab) == (("subpoenas",), ("dpv:Authority",), ())


def test_a_file_of_schema_2_needs_no_attributes() -> None:
    assert taxonomy.parse_taxonomy("schema_version = 2\n" + ENTRY) == taxonomy.parse_taxonomy(
        "schema_version = 1\n" + ENTRY
    )


def test_an_unknown_attribute_is_a_key_error_that_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match="no attribute 'place'; the taxonomy has recipient, right"):
        taxonomy.parse_taxonomy(SOURCE).attribute("place")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("schema_version = 2", "schema_version = 1", "mine:1: schema_version must be 2 in a file with attributes", id="version"),
        pytest.param('id = "recipient"\n', "", "mine:8: the attribute lacks 'id'", id="attribute without id"),
        pytest.param('id = "recipient"', 'id = "The Recipient"', "mine:9: the id 'The Recipient' must be lower case", id="attribute id"),
        pytest.param('id = "right"', 'id = "recipient"', "mine:31: the id 'recipient' was already given in line 9", id="attribute twice"),
        pytest.param('title = "Recipient"', 'title = ""', "mine:10: title must be a string that is not empty", id="attribute title"),
        pytest.param('categories = ["use"]', 'categories = ["use", "sell"]', "mine:12: unknown category 'sell'; the taxonomy has use", id="unknown category"),
        pytest.param('categories = ["use"]', 'categories = "use"', "mine:12: categories must be a list of strings", id="categories"),
        pytest.param('categories = ["use"]', 'category = ["use"]', "mine:12: unknown key 'category'; an attribute has id, title, definition, categories, question, value", id="attribute key"),
        pytest.param(VALUE + OTHER_VALUE, "", "mine:8: there must be at least one [[attribute.value]]", id="no values"),
        pytest.param(VALUE + OTHER_VALUE, "value = 3\n", "mine:14: value must be written as [[attribute.value]] tables", id="values not tables"),
        pytest.param('id = "authority"\n', "", "mine:14: the value lacks 'id'", id="value without id"),
        pytest.param('id = "public"', 'id = "authority"', "mine:23: the id 'authority' was already given in line 15", id="value twice"),
        pytest.param('id = "public"', 'id = "a.b"', "mine:23: the id 'a.b' must be lower case", id="value id"),
        pytest.param('title = "Public"', "title = 5", "mine:24: title must be a string that is not empty", id="value title"),
        pytest.param('dpv = ["dpv:Authority"]', "dpv = [5]", "mine:20: dpv must be a list of strings", id="map"),
        pytest.param('includes = ["subpoenas"]', 'includes = ["\\u202e"]', "mine:18: includes holds the character '\\u202e'", id="direction"),
        pytest.param('includes = ["subpoenas"]', 'counts = ["subpoenas"]', "mine:18: unknown key 'counts'; a value has id, title", id="value key"),
        pytest.param(VALUE, VALUE * 1001, "mine:8: there are 1,002 values of one attribute, more than 1,000", id="many values"),
        pytest.param(SOURCE[SOURCE.index(ATTRIBUTE) :], "[[attribute]]\n" * 1001, "there are 1,001 attributes, more than 1,000", id="many attributes"),
        pytest.param(SOURCE, "schema_version = 2\nattribute = 3\n" + ENTRY, "mine:2: attribute must be written as [[attribute]] tables", id="attribute not a table"),
    ],
)  # fmt: skip
def test_a_broken_rule_of_an_attribute_is_named_with_its_line(old: str, new: str, message: str) -> None:
    assert old in SOURCE
    with pytest.raises(TaxonomyError) as error:
        taxonomy.parse_taxonomy(SOURCE.replace(old, new, 1), "mine")
    assert any(line.startswith(message) or message in line for line in str(error.value).split("\n"))


def test_all_broken_rules_of_a_file_are_in_one_error() -> None:
    source = SOURCE.replace("#66CCEE", "blue").replace('id = "public"', 'id = "a.b"').replace('"use"]', '"sell"]')
    with pytest.raises(TaxonomyError) as error:
        taxonomy.parse_taxonomy(source, "mine")
    lines = str(error.value).split("\n")
    assert [line.partition(": ")[0] for line in lines] == ["mine:6", "mine:12", "mine:23"]


def test_a_model_keeps_the_attributes_of_its_taxonomy(tmp_path: Path) -> None:
    saved = save_model(replace(tiny("first", 1), taxonomy=WITH_ATTRIBUTES), tmp_path)
    assert saved.taxonomy == load_model(tmp_path).taxonomy == WITH_ATTRIBUTES
    assert b'"attributes"' in (tmp_path / "model.json").read_bytes()


def test_a_model_without_attributes_does_not_mention_them(tmp_path: Path) -> None:
    save_model(tiny("first", 1), tmp_path)
    assert b'"attributes"' not in (tmp_path / "model.json").read_bytes()


def test_a_taxonomy_of_a_model_is_checked_and_may_have_fields_of_a_later_release() -> None:
    tables = taxonomy.to_tables(WITH_ATTRIBUTES)
    tables["attributes"][0]["values"][0]["later"] = 1
    tables["attributes"][0]["later"] = 1
    assert taxonomy.from_tables(tables) == WITH_ATTRIBUTES
    tables["attributes"][0]["values"][0]["title"] = ""
    with pytest.raises(TaxonomyError, match=r"^attributes\[0\]\.values\[0\]: title must be a string"):
        taxonomy.from_tables(tables)
    tables["attributes"][0]["values"] = []
    with pytest.raises(TaxonomyError, match=r"^attributes\[0\]: there must be at least one"):
        taxonomy.from_tables(tables)
