"""Map rows from one taxonomy to another; categories without a counterpart become unknown.

Categories of one id mean the same. For other categories of OPP-115, `OPP115` lists the counterparts in the default taxonomy,
following the `opp115` fields of data/taxonomy.toml. An unknown category is neither trained on nor scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from classifier.errors import DataError
from classifier.taxonomy import Taxonomy
from classifier.types import Example


class Counterparts(NamedTuple):
    """Labels of another taxonomy that imply a category, and labels that leave it open."""

    certain: tuple[str, ...]
    possible: tuple[str, ...] = ()


OPP115 = {
    # a cookie may belong to the site or to a third party
    "first_party": Counterparts(("collection", "use"), ("cookies",)),
    "third_party": Counterparts(("sharing",)),
    "access": Counterparts(("rights",)),
    "audiences": Counterparts(("children", "transfer", "region")),
}
"""For categories of the taxonomies `opp115` and `opp115-12`, the counterparts of another id in the default taxonomy."""


def translate(examples: Sequence[Example], source: Taxonomy, target: Taxonomy) -> list[Example]:
    """Translate the labels of rows from one taxonomy to another.

    Parameters
    ----------
    examples
        Rows labeled in `source`.
    source, target
        The two taxonomies.

    Returns
    -------
    list of Example
        The same rows with labels of `target`, and with `unknown` where the labels of `source` leave a category open.
        Annotations and rationales are dropped.

    Raises
    ------
    DataError
        If no category of `target` has a counterpart in `source`.

    Examples
    --------
    >>> from classifier import resources, taxonomy
    >>> default = taxonomy.load_taxonomy(resources.bundled("data/taxonomy.toml"))
    >>> opp115 = taxonomy.load_taxonomy(resources.taxonomy_file("opp115"))
    >>> row, = translate([Example("a", "a", "We sell your data.", ("sharing",))], default, opp115)
    >>> row.labels, row.unknown
    (('third_party',), ('other',))
    """
    if source.ids == target.ids:
        return list(examples)
    counterparts = {id: _counterparts(id, source.ids) for id in target.ids}
    if not any(each.certain for each in counterparts.values()):
        raise DataError(
            [
                f"no category is in both taxonomies: rows have {', '.join(source.ids)}, wanted are {', '.join(target.ids)}"
            ]
        )
    return [_translated(example, counterparts) for example in examples]


def _counterparts(id: str, source_ids: Sequence[str]) -> Counterparts:
    if id in source_ids:
        return Counterparts((id,))
    found = OPP115.get(id, Counterparts(()))
    return found if set(found.certain) <= set(source_ids) else Counterparts(())


def _translated(example: Example, counterparts: dict[str, Counterparts]) -> Example:
    labels, unknown = [], []
    labels_before, unknown_before = set(example.labels), set(example.unknown)
    for id, (certain, possible) in counterparts.items():
        if labels_before & set(certain):
            labels.append(id)
        elif not certain or labels_before & set(possible) or unknown_before & {*certain, *possible}:
            unknown.append(id)
    return replace(example, labels=tuple(labels), unknown=tuple(unknown), annotations=(), rationales=())
