"""Rows labelled in one taxonomy become rows of another, as far as it is known what a label there means here.

Categories of one name mean the same. For those of OPP-115 the table says what stands for them in the default taxonomy, after
the counterparts in data/taxonomy.toml. What no label answers is unknown: neither learned nor scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from classifier.errors import DataError
from classifier.taxonomy import Taxonomy
from classifier.types import Example


class Meaning(NamedTuple):
    """Which labels elsewhere mean a category, and which of them may mean it or not."""

    certain: tuple[str, ...]
    possible: tuple[str, ...] = ()


OPP115 = {
    # a cookie may be the site's own or somebody else's
    "first_party": Meaning(("collection", "use"), ("cookies",)),
    "third_party": Meaning(("sharing",)),
    "access": Meaning(("rights",)),
    "audiences": Meaning(("children", "transfer", "region")),
}
"""Categories of the taxonomies `opp115` and `opp115-12` that the default taxonomy calls otherwise."""


def translate(examples: Sequence[Example], given: Taxonomy, wanted: Taxonomy) -> list[Example]:
    """Label rows in another taxonomy.

    Parameters
    ----------
    examples
        Rows labelled in `given`.
    given, wanted
        The two taxonomies.

    Returns
    -------
    list of Example
        The same rows, with `wanted`'s labels and with `unknown` where it is not known whether one applies.

    Raises
    ------
    DataError
        If no category of one means one of the other.

    Examples
    --------
    >>> from classifier import corpora, model, taxonomy
    >>> ours = taxonomy.load(model.shipped("data/taxonomy.toml"))
    >>> ten = taxonomy.load(corpora.taxonomy_file("opp115"))
    >>> row, = translate([Example("a", "a", "We sell your data.", ("sharing",))], ours, ten)
    >>> row.labels, row.unknown
    (('third_party',), ('other',))
    """
    if given.ids == wanted.ids:
        return list(examples)
    meanings = {id: _meaning(id, given.ids) for id in wanted.ids}
    if not any(meaning.certain for meaning in meanings.values()):
        raise DataError(
            [f"no category is in both taxonomies: rows have {', '.join(given.ids)}, wanted are {', '.join(wanted.ids)}"]
        )
    return [_row(example, meanings) for example in examples]


def _meaning(id: str, given: Sequence[str]) -> Meaning:
    if id in given:
        return Meaning((id,))
    meaning = OPP115.get(id, Meaning(()))
    return meaning if set(meaning.certain) <= set(given) else Meaning(())


def _row(example: Example, meanings: dict[str, Meaning]) -> Example:
    labels, unknown, has = [], [], set(example.labels)
    for id, meaning in meanings.items():
        if has & set(meaning.certain):
            labels.append(id)
        elif (
            not meaning.certain
            or has & set(meaning.possible)
            or set(example.unknown) & {*meaning.certain, *meaning.possible}
        ):
            unknown.append(id)
    return replace(example, labels=tuple(labels), unknown=tuple(unknown), annotations=(), rationales=())
