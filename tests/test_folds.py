import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import folds


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), min_size=12), st.integers(2, 4))
def test_a_policy_is_never_in_two_folds(rows: list[tuple[int, bool, bool]], n_folds: int) -> None:
    groups = [row[0] for row in rows]
    target = np.array([row[1:] for row in rows])
    if len(set(groups)) < n_folds:
        return
    parts = folds.split(target, groups, n_folds)
    for group in set(groups):
        assert len({part for part, other in zip(parts, groups, strict=True) if other == group}) == 1
    assert set(parts) == set(range(n_folds))


def test_rare_categories_are_spread() -> None:
    groups = np.repeat(np.arange(20), 10)
    target = np.zeros((200, 2), dtype=bool)
    target[::10, 0] = True
    target[[0, 10, 20, 30, 40], 1] = True
    parts = folds.split(target, groups.tolist(), 5)
    assert [target[parts == part].sum(axis=0).tolist() for part in range(5)] == [[4, 1]] * 5


def test_the_same_data_give_the_same_folds() -> None:
    target = np.random.default_rng(1).random((50, 3)) > 0.7
    groups = [f"p{i % 11}" for i in range(50)]
    assert (folds.split(target, groups, 4, seed=3) == folds.split(target, groups, 4, seed=3)).all()


def test_too_few_policies_are_an_error() -> None:
    with pytest.raises(ValueError, match="3 folds need .* there are 2 policies"):
        folds.split(np.ones((4, 1), dtype=bool), ["a", "a", "b", "b"], 3)
