"""Repeat the protocols by which published work scores OPP-115, so that its figures can be reproduced.

`plue` learns from 95 policies (its 85 for training and 10 for validation: thresholds and calibration come from folds of
them) and scores 20, as published. `grouped-5` is five folds by policy, near-duplicates together, of all rows. Labels are
decided again from those of the annotators (`annotations`), so the gold by which a file was imported does not matter.

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
    """A published way of scoring.

    Attributes
    ----------
    gold
        How the labels of several annotators become one, unless the user chooses.
    golds
        The choices that the protocol allows.
    test
        Numbers of the policies that are scored by a model of the others; empty for folds.
    """

    gold: Gold
    golds: tuple[Gold, ...]
    test: frozenset[int] = frozenset()


N_POLICIES = 115
"""Policies of OPP-115."""
PLUE_TEST = frozenset(
    (32, 59, 164, 456, 503, 559, 581, 635, 652, 745, 862, 891, 919, 962, 1099, 1224, 1300, 1361, 1545, 1636)
)
PROTOCOLS = {
    "plue": Protocol("union", ("union",), PLUE_TEST),
    "grouped-5": Protocol("majority", ("majority", "union")),
}


@dataclass(frozen=True, slots=True)
class Task:
    """The rows that a protocol scores, by folds of themselves if there are no `train_rows`, else by a model of these."""

    description: str
    test_rows: list[Example]
    train_rows: list[Example]
    notes: tuple[str, ...] = ()


def resolve_gold(name: str, gold: Gold | None = None) -> Gold:
    """Return the gold by which a protocol is scored.

    Parameters
    ----------
    name
        One of `PROTOCOLS`.
    gold
        The user's choice; the protocol's own if None.

    Raises
    ------
    ValueError
        If the protocol does not allow this choice.

    Examples
    --------
    >>> resolve_gold("plue")
    'union'
    """
    protocol = PROTOCOLS[name]
    if gold and gold not in protocol.golds:
        raise ValueError(f"{name} is scored by {' or '.join(protocol.golds)}, not {gold}")
    return gold or protocol.gold


def make_task(name: str, examples: Sequence[Example], taxonomy: Taxonomy, gold: Gold | None = None) -> Task:
    """Arrange the rows of OPP-115 for a protocol.

    Parameters
    ----------
    name
        One of `PROTOCOLS`.
    examples
        Rows of `clauses import opp115`, with the labels of each annotator.
    taxonomy
        Their categories.
    gold
        How the labels of several annotators become one; the protocol's own way if None.

    Raises
    ------
    DataError
        If rows lack the annotators' labels, or policies are missing that the protocol scores.
    ValueError
        If the protocol does not allow this gold.
    """
    protocol, gold = PROTOCOLS[name], resolve_gold(name, gold)
    without = [row.id for row in examples if not row.annotations]
    if without:
        raise DataError(
            [
                f"{len(without)} rows, such as {without[0]!r}, lack the labels of each annotator; {name} needs a file that "
                "`clauses import opp115 --gold majority` or `union` wrote"
            ]
        )
    rows = [replace(row, labels=opp115.gold_labels(row.annotations, taxonomy, gold)) for row in examples]
    description = f"{name}: {len(taxonomy)} categories, {gold} of the annotators"
    if not protocol.test:
        return Task(description, rows, [])
    return _split(f"{description}, {len(protocol.test)} policies scored", protocol, rows)


def _split(description: str, protocol: Protocol, rows: Sequence[Example]) -> Task:
    test_rows = [row for row in rows if _number(row.policy) in protocol.test]
    missing = sorted(protocol.test - {_number(row.policy) for row in test_rows})
    if missing:
        raise DataError(
            [
                f"{len(missing)} of the {len(protocol.test)} policies that the protocol scores are not among the rows: "
                f"{', '.join(map(str, missing))}; it needs the whole corpus"
            ]
        )
    train_rows = [row for row in rows if _number(row.policy) not in protocol.test]
    n_policies = len({row.policy for row in train_rows})
    expected = N_POLICIES - len(protocol.test)
    notes = () if n_policies == expected else (f"learned from {n_policies} policies, the protocol has {expected}",)
    return Task(description, test_rows, train_rows, notes)


def _number(policy: str) -> int:
    """Return the number at the beginning of a policy's file name; -1 if there is none."""
    number = policy.partition("_")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else -1
