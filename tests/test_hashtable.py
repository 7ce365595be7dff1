import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from classifier.model.hashtable import ABSENT, HashTable

WORDS = st.integers(0, 2**64 - 1) | st.integers(0, 50) | st.integers(0, 50).map(lambda k: k << 56)
PAIRS = st.lists(st.tuples(WORDS, WORDS), unique=True)


def words(keys: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    array = np.array(keys, dtype=np.uint64).reshape(len(keys), 2)
    return array[:, 0].copy(), array[:, 1].copy()


@given(PAIRS, PAIRS, PAIRS)
def test_a_key_has_the_position_at_which_it_was_added(
    first: list[tuple[int, int]], second: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    second = [key for key in second if key not in first]
    table = HashTable(words(first))
    table.add(words(second))
    known = {key: place for place, key in enumerate([*first, *second])}
    asked = [*others, *second, *first]
    assert len(table) == len(known)
    assert table.find(words(asked)).tolist() == [known.get(key, ABSENT) for key in asked]


def test_keys_with_equal_hashes_are_told_apart() -> None:
    keys = np.arange(5000, dtype=np.uint64) << np.uint64(50)  # many land in one slot
    table = HashTable((keys[:4000],))
    assert (table.find((keys,)) == np.append(np.arange(4000), np.full(1000, ABSENT))).all()
