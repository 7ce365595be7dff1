"""Decide how labeled rows are split: by policy, near-duplicates together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.datasets.splits import near_duplicates
from classifier.errors import DataError
from classifier.types import Example

N_FOLDS = 5
"""Folds of an evaluation, where there are that many policies."""
MAX_SHOWN_NAMES = 4
"""Policies, or groups of them, that a note lists by name."""


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """How rows are kept together and split.

    Attributes
    ----------
    groups
        For each row the number of its group of near-duplicate policies, of shape (n_rows,); None makes each row its own.
    n_folds
        Number of folds, at most as many as there are groups; 0 where a finished model is scored.
    notes
        Anything unusual, in sentences for people.
    by_policy
        Whether policies and their near-duplicates are kept whole. If not, the figures flatter the model.
    auxiliary
        Rows from elsewhere to learn from in every fold, never scored; none of a near-duplicate of a scored policy.
    has_rationales
        Whether rows have rationales, which are learned from too.
    """

    groups: NDArray[np.intp] | None
    n_folds: int
    notes: tuple[str, ...] = ()
    by_policy: bool = True
    auxiliary: tuple[Example, ...] = ()
    has_rationales: bool = False

    @property
    def description(self) -> str:
        """The split in words: "5 folds by policy, with rationales"."""
        split = f"{self.n_folds} folds by {'row' if self.groups is None else 'policy'}"
        return ", ".join(filter(None, (split, self.extras)))

    @property
    def extras(self) -> str:
        """In words, what is learned from besides texts and labels; "" for nothing."""
        auxiliary = f"learning from {len(self.auxiliary)} rows from elsewhere too" if self.auxiliary else ""
        return ", ".join(filter(None, ("with rationales" if self.has_rationales else "", auxiliary)))


def require_labels(examples: Sequence[Example]) -> None:
    """Refuse rows without a single label.

    Raises
    ------
    DataError
        If no row has a label.
    """
    if not any(row.labels for row in examples):
        raise DataError([f"none of the {len(examples)} labeled rows has a label: there is nothing to learn"])


def make_plan(examples: Sequence[Example], n_folds: int, auxiliary: Sequence[Example] = ()) -> SplitPlan:
    """Choose groups and number of folds: by policy, near-duplicates together; by row if there is only one policy.

    Parameters
    ----------
    examples
        The rows to score.
    n_folds
        Number of folds wanted.
    auxiliary
        Further rows to learn from; those of near-duplicates of a scored policy are left out.

    Raises
    ------
    ValueError
        If there are fewer than four rows.
    """
    policies = [example.policy for example in examples]
    n_policies = len(set(policies))
    if n_policies < 2 and len(examples) < 4:
        raise ValueError(
            f"{len(examples)} labeled rows are too few to learn from; label more, best of several policies"
        )
    groups, auxiliary, notes = group_policies(examples, auxiliary)
    n_groups = len(set(groups.tolist()))
    has_rationales = any(row.rationales for row in examples)
    if n_policies < 2:
        notes.append("all rows are of one policy, so folds are by row and the figures flatter")
        return SplitPlan(None, min(n_folds, len(examples) // 2), tuple(notes), False, auxiliary, has_rationales)
    if n_groups < 2:
        notes.append(
            f"all {n_policies} policies share much of their text, so near-duplicates are split and the figures flatter"
        )
        policy_ids = np.unique(policies, return_inverse=True)[1]
        return SplitPlan(policy_ids, min(n_folds, n_policies), tuple(notes), False, auxiliary, has_rationales)
    if n_groups < n_policies:
        duplicates = sorted(_duplicates(groups, policies), key=lambda names: (-len(names), names))
        shown = "; ".join(_names(names) for names in duplicates[:MAX_SHOWN_NAMES])
        more = "; ..." if len(duplicates) > MAX_SHOWN_NAMES else ""
        notes.append(f"near-duplicate policies are kept in one fold: {shown}{more}")
    if n_groups < n_folds:
        notes.append(f"there are only {n_groups} policies to split, so there are {n_groups} folds instead of {n_folds}")
    return SplitPlan(groups, min(n_folds, n_groups), tuple(notes), True, auxiliary, has_rationales)


def group_policies(
    examples: Sequence[Example], auxiliary: Sequence[Example]
) -> tuple[NDArray[np.intp], tuple[Example, ...], list[str]]:
    """Group near-duplicate policies, and drop auxiliary rows of the policies that are scored.

    Returns
    -------
    groups
        For each of `examples` the number of its group, from 0; of shape (n_rows,).
    auxiliary
        The auxiliary rows that are left.
    notes
        A sentence that names the policies whose auxiliary rows were dropped, if there are any.
    """
    rows = [*examples, *auxiliary]
    # The same name on both sides means two documents; only their texts decide whether they are near-duplicates.
    names = [f"{number < len(examples):d}{row.policy}" for number, row in enumerate(rows)]
    all_groups = near_duplicates([row.text for row in rows], names)
    _, groups = np.unique(all_groups[: len(examples)], return_inverse=True)
    is_scored = np.isin(all_groups[len(examples) :], all_groups[: len(examples)])
    kept = tuple(row for row, scored in zip(auxiliary, is_scored, strict=True) if not scored)
    dropped = sorted({row.policy for row, scored in zip(auxiliary, is_scored, strict=True) if scored})
    return groups, kept, [f"not learned from, since they are scored too: {_names(dropped)}"] if dropped else []


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_SHOWN_NAMES]) + (" ..." if len(names) > MAX_SHOWN_NAMES else "")


def _duplicates(groups: NDArray[np.intp], policies: Iterable[str]) -> list[list[str]]:
    """Return the names of the policies of each group that has more than one."""
    members: dict[int, set[str]] = {}
    for group, policy in zip(groups.tolist(), policies, strict=True):
        members.setdefault(group, set()).add(policy)
    return [sorted(names) for names in members.values() if len(names) > 1]
