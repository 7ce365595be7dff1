"""The protocols by which the literature scores OPP-115, by name, so that its figures can be run again.

`plue` learns from 95 policies (its 85 for training and 10 for validation: thresholds and calibration come from folds of
them) and scores 20, as published; `grouped-5` is five folds by policy, near-duplicates together, of all there are. Labels
are decided anew from the annotators' (`annotations`), so that it does not matter by which gold a file was imported.

References
----------
Chi et al., "PLUE: Language understanding evaluation benchmark for privacy policies in English", Findings
of ACL 2023. Its split is by the numbers of the policies' files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from classifier.datasets import opp115
from classifier.datasets.opp115 import Gold
from classifier.errors import DataError
from classifier.taxonomy import Taxonomy
from classifier.types import Example


@dataclass(frozen=True, slots=True)
class Protocol:
    """A way of scoring that others used.

    Attributes
    ----------
    gold
        How annotators' labels become one, unless it is chosen.
    golds
        Which of these may be chosen.
    test
        Numbers of the policies that are scored by a model of the others; empty for folds.
    """

    gold: Gold
    golds: tuple[Gold, ...]
    test: frozenset[int] = frozenset()


PLUE_TEST = frozenset(
    (32, 59, 164, 456, 503, 559, 581, 635, 652, 745, 862, 891, 919, 962, 1099, 1224, 1300, 1361, 1545, 1636)
)
PROTOCOLS = {
    "plue": Protocol("union", ("union",), PLUE_TEST),
    "grouped-5": Protocol("majority", ("majority", "union")),
}


@dataclass(frozen=True, slots=True)
class Task:
    """What a protocol asks for: rows to score, by folds of themselves or by a model of other rows."""

    how: str
    scored: list[Example]
    learned: list[Example]
    notes: tuple[str, ...] = ()


def decided(name: str, gold: Gold | None = None) -> Gold:
    """Give the gold by which a protocol is scored, if it allows the one asked for. Raises `ValueError`."""
    protocol = PROTOCOLS[name]
    if gold and gold not in protocol.golds:
        raise ValueError(f"{name} is scored by {' or '.join(protocol.golds)}, not {gold}")
    return gold or protocol.gold


def task(name: str, examples: Sequence[Example], taxonomy: Taxonomy, gold: Gold | None = None) -> Task:
    """Arrange the rows of OPP-115 as a protocol asks.

    Parameters
    ----------
    name
        One of `PROTOCOLS`.
    examples
        Rows of `clauses import opp115`, with what each annotator gave.
    taxonomy
        Their categories.
    gold
        How annotators' labels become one; the protocol's own way if None.

    Raises
    ------
    DataError
        If rows do not tell what annotators gave, or policies are missing that the protocol scores.
    ValueError
        If the protocol does not allow this gold.
    """
    protocol, gold = PROTOCOLS[name], decided(name, gold)
    silent = [row.id for row in examples if not row.annotations]
    if silent:
        raise DataError(
            [
                f"{len(silent)} rows, such as {silent[0]!r}, do not tell what each annotator gave; {name} needs a file that "
                "`clauses import opp115 --gold majority` or `union` wrote"
            ]
        )
    rows = [replace(row, labels=opp115.gold_labels(row.annotations, taxonomy, gold)) for row in examples]
    how = f"{name}: {len(taxonomy)} categories, {gold} of the annotators"
    if not protocol.test:
        return Task(how, rows, [])
    return _split(f"{how}, {len(protocol.test)} policies scored", protocol, rows)


def _split(how: str, protocol: Protocol, rows: Sequence[Example]) -> Task:
    scored = [row for row in rows if _number(row.policy) in protocol.test]
    missing = sorted(protocol.test - {_number(row.policy) for row in scored})
    if missing:
        raise DataError(
            [
                f"{len(missing)} of the {len(protocol.test)} policies that the protocol scores are not among the rows: "
                f"{', '.join(map(str, missing))}; it needs the whole corpus"
            ]
        )
    learned = [row for row in rows if _number(row.policy) not in protocol.test]
    found = len({row.policy for row in learned})
    expected = 115 - len(protocol.test)
    notes = () if found == expected else (f"learned from {found} policies, the protocol has {expected}",)
    return Task(how, scored, learned, notes)


def _number(policy: str) -> int:
    number = policy.partition("_")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
