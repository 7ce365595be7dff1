import pytest

from classifier import resources, taxonomy
from classifier.datasets.translate import translate
from classifier.errors import DataError
from classifier.taxonomy import Category, Taxonomy
from classifier.types import Example
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def ours() -> Taxonomy:
    return taxonomy.load_taxonomy(ROOT / "data/taxonomy.toml")


@pytest.mark.parametrize(
    ("before", "labels", "unknown"),
    [
        pytest.param(("use",), ("first_party",), ("other",), id="use"),
        pytest.param(("cookies",), (), ("first_party", "other"), id="cookies of the site or others"),
        pytest.param(("cookies", "sharing"), ("third_party",), ("first_party", "other"), id="cookies shared"),
        pytest.param(("rights", "region"), ("access", "audiences"), ("other",), id="rights of a region"),
        pytest.param(("legal_basis",), (), ("other",), id="not in OPP-115"),
    ],
)
def test_labels_are_translated_if_their_meaning_is_known(
    ours: Taxonomy, before: tuple[str, ...], labels: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    ten = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    (row,) = translate([Example("a", "p", "text", before)], ours, ten)
    assert (row.labels, row.unknown) == (labels, unknown)


def test_contact_is_a_category_of_its_own_among_twelve(ours: Taxonomy) -> None:
    twelve = taxonomy.load_taxonomy(resources.taxonomy_file("opp115-12"))
    (row,) = translate([Example("a", "p", "text", ("contact",))], ours, twelve)
    assert (row.labels, row.unknown) == (("contact",), ("introductory", "not_covered"))


def test_an_unknown_possible_counterpart_makes_unknown(ours: Taxonomy) -> None:
    ten = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    (row,) = translate([Example("a", "p", "text", (), unknown=("cookies",))], ours, ten)
    assert "first_party" in row.unknown


def test_unknown_stays_unknown(ours: Taxonomy) -> None:
    ten = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    (row,) = translate([Example("a", "p", "text", (), unknown=("collection",))], ours, ten)
    assert row.unknown == ("first_party", "other")


def test_taxonomies_with_nothing_in_common_are_refused(ours: Taxonomy) -> None:
    other = Taxonomy((Category("weather", "Weather", "Rain.", "#000000"),))
    with pytest.raises(DataError, match="no category is in both taxonomies: rows have collection"):
        translate([Example("a", "p", "text", ())], ours, other)
