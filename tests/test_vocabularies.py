"""What a policy says in the Data Privacy Vocabulary and in fideslang."""

import json

import pytest

import classifier
from classifier.render.formats import get_format
from classifier.render.vocabularies import DPV_PREFIXES
from classifier.tagging.tagged import TaggedPolicy
from classifier.taxonomy import load_taxonomy
from tests.conftest import ROOT

POLICY = """We collect your e-mail address and your location.

We do not sell your personal data.

No transmission over the internet is completely secure.
"""


@pytest.fixture(scope="module")
def tagged() -> TaggedPolicy:
    return classifier.load().tag_text(POLICY, "acme.md")


def test_json_ld_names_terms_with_their_clauses_and_words(tagged: TaggedPolicy) -> None:
    content = json.loads(get_format("dpv").document(tagged))
    assert content["@context"]["dpv"] == "https://w3id.org/dpv#"
    (process,) = content["@graph"]
    assert process["dct:source"] == "acme.md"
    data = {entry["@id"]: entry["oa:hasBody"] for entry in process["dpv:hasPersonalData"]}
    assert {"pd:Contact", "pd:Location"} <= set(data)
    (evidence,) = data["pd:Contact"]
    assert (evidence["clause"], evidence["value"]) == (1, "data.contact")
    assert evidence["quote"] in POLICY
    assert [entry["@id"] for entry in process["dpv:hasProhibition"]] == ["dpv:SellDataToThirdParties"]
    assert "security.no_guarantee" in process["dct:description"]


def test_fides_has_categories_uses_and_what_is_denied(tagged: TaggedPolicy) -> None:
    (system,) = json.loads(get_format("fides").document(tagged))["system"]
    assert {"user.contact", "user.location"} <= {entry["fides_key"] for entry in system["data_categories"]}
    assert [entry["fides_key"] for entry in system["denied"]] == ["third_party_sharing"]
    assert "security.no_guarantee" in system["unmapped"]


def test_nothing_that_was_found_vanishes(tagged: TaggedPolicy) -> None:
    found = {value.id for clause in tagged for value in clause.values}
    for name in ("dpv", "fides"):
        text = get_format(name).document(tagged)
        assert all(f'"{id}"' in text or id in text for id in found)


def test_every_term_of_the_taxonomy_has_a_prefix() -> None:
    taxonomy = load_taxonomy(ROOT / "data/taxonomy.toml")
    terms = [term for attribute in taxonomy.attributes for value in attribute.values for term in value.dpv]
    assert len(terms) > 60
    assert {term.partition(":")[0] for term in terms} <= set(DPV_PREFIXES)


def test_several_policies_are_one_document(tagged: TaggedPolicy) -> None:
    output = get_format("dpv")
    both = json.loads("".join(output.join([output.policy(tagged), output.policy(tagged)], tagged)))
    assert len(both["@graph"]) == 2
