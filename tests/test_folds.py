import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.datasets.splits import assign_folds, near_duplicates


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), min_size=12), st.integers(2, 4))
def test_a_policy_is_never_in_two_folds(rows: list[tuple[int, bool, bool]], n_folds: int) -> None:
    groups = [row[0] for row in rows]
    target = np.array([row[1:] for row in rows])
    if len(set(groups)) < n_folds:
        return
    parts = assign_folds(target, groups, n_folds)
    for group in set(groups):
        assert len({part for part, other in zip(parts, groups, strict=True) if other == group}) == 1
    assert set(parts) == set(range(n_folds))


def test_rare_categories_are_spread() -> None:
    groups = np.repeat(np.arange(20), 10)
    target = np.zeros((200, 2), dtype=bool)
    target[::10, 0] = True
    target[[0, 10, 20, 30, 40], 1] = True
    parts = assign_folds(target, groups.tolist(), 5)
    assert [target[parts == part].sum(axis=0).tolist() for part in range(5)] == [[4, 1]] * 5


def test_the_same_data_give_the_same_folds() -> None:
    target = np.random.default_rng(1).random((50, 3)) > 0.7
    groups = [f"p{i % 11}" for i in range(50)]
    assert (assign_folds(target, groups, 4, seed=3) == assign_folds(target, groups, 4, seed=3)).all()


def test_too_few_policies_are_an_error() -> None:
    with pytest.raises(ValueError, match="3 folds need .* there are 2 policies"):
        assign_folds(np.ones((4, 1), dtype=bool), ["a", "a", "b", "b"], 3)


def text(start: int, words: int = 40) -> str:
    """Words that no other text of another start shares."""
    return " ".join(f"w{start + k}" for k in range(words))


def test_policies_that_share_a_quarter_of_their_text_are_one_group() -> None:
    texts = [text(0), text(1000), text(0, 14) + " " + text(2000, 26), text(0, 8) + " " + text(3000, 32)]
    groups = near_duplicates(texts, ["a", "b", "c", "d"])
    assert groups[0] == groups[2]
    assert len(set(groups.tolist())) == 3


def test_lost_quotes_case_and_punctuation_hide_no_duplicate() -> None:
    first = "We’ve told you: the site's partners don't sell what you've given us, and we won't either!"
    second = "WEVE TOLD YOU THE SITES PARTNERS DONT SELL WHAT YOUVE GIVEN US AND WE WONT EITHER"
    assert near_duplicates([first, second], ["a", "b"]).tolist() == [0, 0]


def test_copies_are_found_among_many_policies_that_share_a_sentence() -> None:
    common = "this policy was last changed on the first day of may and is in force"
    texts = [f"{common} {text(1000 * k)}" for k in range(60)]
    texts[57] = texts[3]
    groups = near_duplicates(texts, [f"p{k:02}" for k in range(60)])
    assert groups[57] == groups[3]
    assert len(set(groups.tolist())) == 59


def test_rows_of_a_policy_are_one_group_and_short_rows_match_nothing() -> None:
    groups = near_duplicates(["Home", "Home", text(0), "", "Home page"], ["a", "b", "a", "c", "c"])
    assert groups.tolist() == [0, 1, 0, 2, 2]


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(), st.sampled_from("abcd")), min_size=1))
def test_any_text_can_be_grouped(rows: list[tuple[str, str]]) -> None:
    groups = near_duplicates([row[0] for row in rows], [row[1] for row in rows])
    for policy in "abcd":
        assert len({group for group, row in zip(groups.tolist(), rows, strict=True) if row[1] == policy}) <= 1
