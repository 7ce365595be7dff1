from pathlib import Path

import pytest

from classifier import TaxonomyError, taxonomy

ENTRY = '[[category]]\nid = "use"\ntitle = "Use"\ndefinition = "What data is for."\ncolour = "#66CCEE"\n'


def test_the_shipped_taxonomy_has_the_fifteen_categories_in_order(taxonomy: taxonomy.Taxonomy) -> None:
    assert taxonomy.ids == (
        "collection", "use", "sharing", "cookies", "do_not_track", "choice", "rights", "retention", "security", "children",
        "transfer", "region", "legal_basis", "changes", "contact",
    )  # fmt: skip
    assert len({category.colour for category in taxonomy}) == len(taxonomy)


def test_a_taxonomy_of_ones_own_is_read(tmp_path: Path) -> None:
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
        pytest.param("schema_version = 7\n" + ENTRY, "mine:1: schema_version must be 1", id="version"),
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
        taxonomy.parse(source, "mine")
    assert message in str(error.value)


def test_text_of_any_language_and_several_lines_is_allowed() -> None:
    source = "schema_version = 1\n" + ENTRY.replace("What data", "Was\\nmit").replace('"Use"', '"نمی‌خواهم שימוש 使用"')
    (category,) = taxonomy.parse(source)
    assert category.definition == "Was\nmit is for."


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="nowhere.toml: the taxonomy cannot be read: No such file"):
        taxonomy.load_taxonomy(tmp_path / "nowhere.toml")
