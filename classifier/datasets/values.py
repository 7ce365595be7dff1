"""Read and check the values of attributes that a row gives, each with the words that say it.

In a row they are ``"values": [{"value": "data.contact", "quote": "e-mail address", "denied": false}]``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from classifier.datasets.problems import quoted
from classifier.taxonomy import Taxonomy
from classifier.types import MarkedValue


def read_values(values: object) -> tuple[MarkedValue, ...]:
    """Return the values of a row that passed `value_problems`."""
    assert isinstance(values, list)
    return tuple(MarkedValue(value["value"], value["quote"], value.get("denied", False)) for value in values)


def values_to_json(values: Sequence[MarkedValue]) -> list[dict[str, Any]]:
    """Return values as a row holds them; the inverse of `read_values`."""
    return [
        {"value": value.id, "quote": value.quote, **({"denied": True} if value.is_denied else {})} for value in values
    ]


def value_problems(
    values: object, text: str, above: Sequence[str], labels: Collection[str], taxonomy: Taxonomy
) -> Iterator[str]:
    """Yield a sentence for each problem of the values of a row.

    Parameters
    ----------
    values
        The field of the row.
    text, above
        The clause, and the headings and lead-in above it, in which quotes may stand too.
    labels
        Categories of the row.
    taxonomy
        The attributes.
    """
    seen: Counter[str] = Counter()
    for value in values if isinstance(values, list) else [values]:
        if sentence := _wrong_value(value, text, above, labels, taxonomy):
            yield sentence
        elif isinstance(value, dict):
            seen[value["value"]] += 1
    yield from (f"the value {quoted(id)} is given twice" for id, count in seen.items() if count > 1)


def _wrong_value(value: Any, text: str, above: Sequence[str], labels: Collection[str], taxonomy: Taxonomy) -> str:
    """Return the sentence for a value that is wrong, else ""."""
    if (
        not isinstance(value, dict)
        or not isinstance(value.get("value"), str)
        or not isinstance(value.get("quote"), str)
        or not isinstance(value.get("denied", False), bool)
    ):
        return 'values must be objects like {"value": "data.contact", "quote": "e-mail address", "denied": false}'
    id, quote = value["value"], value["quote"]
    if sentence := unknown_value(id, taxonomy):
        return sentence
    categories = taxonomy.attribute(id.partition(".")[0]).categories
    if categories and not set(categories) & set(labels):
        return f"the value {quoted(id)} needs one of the labels {', '.join(categories)}"
    if not quote.strip() or not any(quote in part for part in (text, *above)):
        return f"the quote {quoted(quote)} is not in the clause, its headings or its lead-in"
    return ""


def unknown_value(id: str, taxonomy: Taxonomy) -> str:
    """Return the sentence for an id that is no value of the taxonomy, else ""."""
    if id in taxonomy.value_ids:
        return ""
    attribute = next((entry for entry in taxonomy.attributes if entry.id == id.partition(".")[0]), None)
    if attribute is None:
        known = ", ".join(entry.id for entry in taxonomy.attributes) or "none"
        return f"unknown attribute in {quoted(id)}; the taxonomy has {known}"
    return f"unknown value {quoted(id)}; {attribute.id} has {', '.join(entry.id for entry in attribute.values)}"
