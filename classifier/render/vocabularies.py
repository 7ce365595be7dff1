"""Write what a policy says in two vocabularies of others: the Data Privacy Vocabulary as JSON-LD, and fideslang as JSON.

Terms are those that the taxonomy maps its values to (`dpv`, `fideslang`). A value without a term there is left out of the
statements, and listed, so that nothing vanishes in silence. Both say with each term which clauses it comes from, with the
words. What a policy denies is listed apart.

References
----------
Data Privacy Vocabulary, W3C Data Privacy Vocabularies and Controls Community Group, https://w3id.org/dpv. Fideslang, taxonomy
of privacy data types and uses, https://ethyca.github.io/fideslang.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from classifier.render.formats import OutputFormat, RenderOptions, TaggedWith
from classifier.render.table import SCORE_DIGITS, numbered_clauses

if TYPE_CHECKING:
    from classifier.tagging.tagged import TaggedPolicy

DPV_PREFIXES = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "tech": "https://w3id.org/dpv/tech#",
    "loc": "https://w3id.org/dpv/loc#",
    "risk": "https://w3id.org/dpv/risk#",
    "justifications": "https://w3id.org/dpv/justifications#",
    "legal-eu": "https://w3id.org/dpv/legal/eu#",
    "legal-gb": "https://w3id.org/dpv/legal/gb#",
    "legal-us": "https://w3id.org/dpv/legal/us#",
    "ai": "https://w3id.org/dpv/ai#",
}
_DPV_PROPERTY = {
    "data": "dpv:hasPersonalData",
    "source": "dpv:hasDataSource",
    "purpose": "dpv:hasPurpose",
    "recipient": "dpv:hasRecipient",
    "sale": "dpv:hasProcessing",
    "tracking": "dpv:hasProcessing",
    "retention": "dpv:hasStorageCondition",
    "security": "dpv:hasTechnicalOrganisationalMeasure",
    "right": "dpv:hasRight",
    "basis": "dpv:hasLegalBasis",
    "transfer": "dpv:hasTechnicalOrganisationalMeasure",
    "place": "dpv:hasApplicableLaw",
    "contact": "dpv:hasContact",
}
"""The property that joins the process with a term of an attribute; others are joined by `dpv:hasConcept`."""


def dpv_format(options: RenderOptions) -> OutputFormat:
    """Return the format of JSON-LD: a `dpv:Process` per policy, in one graph."""
    return OutputFormat(partial(_pieces, build=_process), _dpv_head, ",\n", "\n ]\n}\n")


def fides_format(options: RenderOptions) -> OutputFormat:
    """Return the format of fideslang: data categories and data uses per policy."""
    return OutputFormat(partial(_pieces, build=_system), lambda source: '{\n "system": [\n', ",\n", "\n ]\n}\n")


def _pieces(policy: TaggedPolicy, build: Any) -> Iterator[str]:
    yield json.dumps(build(policy), ensure_ascii=False, indent=1)


def _dpv_head(source: TaggedWith) -> str:
    context = {**DPV_PREFIXES, "dct": "http://purl.org/dc/terms/", "oa": "http://www.w3.org/ns/oa#"}
    return f'{{\n "@context": {json.dumps(context, indent=1)},\n "@graph": [\n'


def _process(policy: TaggedPolicy) -> dict[str, Any]:
    said, denied, unmapped = _terms(policy, "dpv")
    process: dict[str, Any] = {"@type": "dpv:Process", "dct:source": policy.document.name}
    for (attribute, term), evidence in said.items():
        name = _DPV_PROPERTY.get(attribute, "dpv:hasConcept")
        process.setdefault(name, []).append({"@id": term, "oa:hasBody": evidence})
    if denied:
        process["dpv:hasProhibition"] = [
            {"@id": term, "oa:hasBody": evidence} for (_, term), evidence in denied.items()
        ]
    if unmapped:
        process["dct:description"] = f"values without a term in the vocabulary: {', '.join(unmapped)}"
    return process


def _system(policy: TaggedPolicy) -> dict[str, Any]:
    said, denied, unmapped = _terms(policy, "fideslang")
    kinds = {"data": "data_categories", "purpose": "data_uses"}
    declared: dict[str, list[dict[str, Any]]] = {name: [] for name in kinds.values()}
    other = []
    for (attribute, term), evidence in said.items():
        entry = {"fides_key": term, "evidence": evidence}
        declared[kinds[attribute]].append(entry) if attribute in kinds else other.append(entry)
    return {
        "name": policy.document.name,
        **declared,
        "other": other,
        "denied": [{"fides_key": term, "evidence": evidence} for (_, term), evidence in denied.items()],
        "unmapped": unmapped,
    }


_Terms = dict[tuple[str, str], list[dict[str, Any]]]


def _terms(policy: TaggedPolicy, vocabulary: str) -> tuple[_Terms, _Terms, list[str]]:
    """Return the terms that a policy says and denies, with their evidence, and the values without a term."""
    mapped = {
        f"{attribute.id}.{value.id}": getattr(value, vocabulary)
        for attribute in policy.model.taxonomy.attributes
        for value in attribute.values
    }
    said: _Terms = {}
    denied: _Terms = {}
    unmapped: dict[str, None] = {}
    for number, clause in numbered_clauses(policy):
        for value in clause.values:
            evidence = {
                "clause": number,
                "id": clause.id,
                "value": value.id,
                "score": round(value.score, SCORE_DIGITS),
                "quote": value.quote,
            }
            if not mapped[value.id]:
                unmapped[value.id] = None
            for term in mapped[value.id]:
                key = (value.id.partition(".")[0], term)
                (denied if value.is_denied else said).setdefault(key, []).append(evidence)
    return said, denied, list(unmapped)
