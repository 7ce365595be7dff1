"""Decide how labelled rows are split: by policy, near-duplicates together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.datasets.splits import near_duplicates
from classifier.errors import DataError
from classifier.types import Example

N_FOLDS = 5


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How rows are kept together and split.

    Attributes
    ----------
    groups
        For each row the number of its group of near-duplicate policies; None makes each row its own.
    n_folds
        Number of folds, at most as many as there are groups.
    notes
        What is unusual, for people.
    by_policy
        Whether policies and their near-duplicates are kept whole, so that the figures do not flatter.
    also
        Rows from elsewhere to learn from in every fold, never scored; none is of a near-duplicate of what is scored.
    marked
        Whether people marked in rows what speaks for their labels, which is learned from too.
    """

    groups: NDArray[np.intp] | None
    n_folds: int
    notes: tuple[str, ...] = ()
    by_policy: bool = True
    also: tuple[Example, ...] = ()
    marked: bool = False

    @property
    def how(self) -> str:
        """What is done, in words."""
        split = f"{self.n_folds} folds by {'row' if self.groups is None else 'policy'}"
        return ", ".join(filter(None, (split, self.learning)))

    @property
    def learning(self) -> str:
        """What is learned from beside the texts and labels of other folds or rows, in words; "" for nothing."""
        beside = f"learning from {len(self.also)} rows from elsewhere too" if self.also else ""
        return ", ".join(filter(None, ("with rationales" if self.marked else "", beside)))


def require_labels(examples: Sequence[Example]) -> None:
    """Refuse rows of which none has a label. Raises `DataError`."""
    if not any(row.labels for row in examples):
        raise DataError([f"none of the {len(examples)} labelled rows has a label: there is nothing to learn"])


def make_plan(examples: Sequence[Example], n_folds: int, also: Sequence[Example] = ()) -> SplitPlan:
    """Choose groups and number of folds: by policy, near-duplicates together, or by row where there is one policy only.

    Parameters
    ----------
    examples
        The rows to score.
    n_folds
        Number of folds wanted.
    also
        Rows to learn from beside them; those of policies that are near-duplicates of a scored one are left out.

    Raises
    ------
    ValueError
        If there are fewer than four rows.
    """
    policies = [example.policy for example in examples]
    kinds = len(set(policies))
    if kinds < 2 and len(examples) < 4:
        raise ValueError(
            f"{len(examples)} labelled rows are too few to learn from; label more, best of several policies"
        )
    groups, fresh, notes = group_policies(examples, also)
    found = len(set(groups.tolist()))
    marked = any(row.rationales for row in examples)
    if kinds < 2:
        notes.append("all rows are of one policy, so folds are by row and the figures flatter")
        return SplitPlan(None, min(n_folds, len(examples) // 2), tuple(notes), False, fresh, marked)
    if found < 2:
        notes.append(
            f"all {kinds} policies share much of their text, so near-duplicates are split and the figures flatter"
        )
        numbers = np.unique(policies, return_inverse=True)[1]
        return SplitPlan(numbers, min(n_folds, kinds), tuple(notes), False, fresh, marked)
    if found < kinds:
        alike = sorted(_alike(groups, policies), key=lambda names: (-len(names), names))
        shown = "; ".join(", ".join(names[:4]) + (" ..." if len(names) > 4 else "") for names in alike[:4])
        notes.append(f"near-duplicate policies are kept in one fold: {shown}" + ("; ..." if len(alike) > 4 else ""))
    if found < n_folds:
        notes.append(f"there are only {found} policies to split, so there are {found} folds instead of {n_folds}")
    return SplitPlan(groups, min(n_folds, found), tuple(notes), True, fresh, marked)


def group_policies(
    examples: Sequence[Example], also: Sequence[Example]
) -> tuple[NDArray[np.intp], tuple[Example, ...], list[str]]:
    """Give the group of each row, which rows from elsewhere are of none of these, and what is to be said of it."""
    rows = [*examples, *also]
    # a name that occurs on both sides means two documents, and only their texts tell whether they are one
    names = [f"{number < len(examples):d}{row.policy}" for number, row in enumerate(rows)]
    found = near_duplicates([row.text for row in rows], names)
    _, groups = np.unique(found[: len(examples)], return_inverse=True)
    scored = np.isin(found[len(examples) :], found[: len(examples)])
    fresh = tuple(row for row, known in zip(also, scored, strict=True) if not known)
    known = sorted({row.policy for row, known in zip(also, scored, strict=True) if known})
    shown = ", ".join(known[:4]) + (" ..." if len(known) > 4 else "")
    return groups, fresh, [f"not learned from, since they are scored too: {shown}"] if known else []


def _alike(groups: NDArray[np.intp], policies: Sequence[str]) -> list[list[str]]:
    members: dict[int, set[str]] = {}
    for group, policy in zip(groups.tolist(), policies, strict=True):
        members.setdefault(group, set()).add(policy)
    return [sorted(names) for names in members.values() if len(names) > 1]
