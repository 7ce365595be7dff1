"""Keys become places: a hash table that looks up whole arrays of keys at once.

Open addressing with linear probing: a key's hash names a slot; where another key stands there, it is looked for in the next
slot, and so on until a free one. numpy does one such step for all keys that are still under way, so that a look-up of
thousands costs a handful of array operations. Keys are compared whole: hashes only tell where to look, and two keys with
one hash cannot be taken for each other. A key has one or two parts of 64 bits.

References
----------
Knuth, "The Art of Computer Programming", volume 3, 6.4 (linear probing). Dietzfelbinger et al., "A reliable randomized
algorithm for the closest-pair problem", J. Algorithms 1997 (multiply and shift).
"""

from __future__ import annotations

import os

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Ints

Parts = tuple[NDArray[np.uint64], ...]

ABSENT = -1
"""What a key that is not in the table is given. Places are numbers of 32 bits: half the memory to read."""
# drawn anew in each process, so that nobody can write a text whose words all land in one slot; what is found is the same
_FACTOR, _OTHER = (np.uint64(int.from_bytes(os.urandom(8)) | 1) for _ in range(2))
_ROOM = 8
"""Slots a key, at least."""


class HashTable:
    """A set of keys, of one or two 64-bit parts each, that knows the place of each in the order of adding.

    Slots hold places, and keys stand side by side in that order: little memory, most of it in the cache.

    Parameters
    ----------
    parts
        The parts of the keys: arrays of shape (n_keys,), all keys different.

    Examples
    --------
    >>> table = HashTable((np.array([7, 9], dtype=np.uint64),))
    >>> table.find((np.array([9, 8], dtype=np.uint64),)).tolist()
    [1, -1]
    """

    def __init__(self, parts: Parts) -> None:
        self._n_keys = 0
        self._parts = tuple(np.zeros(0, dtype=np.uint64) for _ in parts)
        self.add(parts)

    def __len__(self) -> int:
        return self._n_keys

    def find(self, parts: Parts) -> NDArray[np.int32]:
        """Give the places of keys, `ABSENT` for those that are not there; of shape (n_keys,)."""
        slots = self._hash(parts)
        found = self._places.take(slots)
        other = np.flatnonzero(self._differ(found, parts))
        other = other[found.take(other) != ABSENT]
        slots = slots.take(other)
        while len(other):
            slots = (slots + 1) & self._mask
            here = self._places.take(slots)
            found[other] = here
            left = np.flatnonzero(self._differ(here, tuple(part.take(other) for part in parts)) & (here != ABSENT))
            other, slots = other.take(left), slots.take(left)
        return found

    def add(self, parts: Parts) -> None:
        """Add keys that are not there yet, all different."""
        first, self._n_keys = self._n_keys, self._n_keys + len(parts[0])
        if self._n_keys >= len(self._parts[0]):  # one place stays empty: -1 (`ABSENT`) reads it, and so 0
            size = 1 << self._n_keys.bit_length()
            self._parts = tuple(np.concatenate([part, np.zeros(size - len(part), np.uint64)]) for part in self._parts)
            self._mask = _ROOM * size - 1
            self._shift = np.uint64(64 - self._mask.bit_length())
            self._places = np.full(self._mask + 1, ABSENT, dtype=np.int32)
            self._put(tuple(part[:first] for part in self._parts), 0)
        for part, new in zip(self._parts, parts, strict=True):
            part[first : self._n_keys] = new
        self._put(parts, first)

    def _put(self, parts: Parts, first: int) -> None:
        """Write the places of keys into slots that are free, `first` and those behind it."""
        slots, left = self._hash(parts), np.arange(first, first + len(parts[0]), dtype=np.int32)
        while len(left):
            free = self._places.take(slots) == ABSENT
            self._places[slots[free]] = left[free]  # where several want a slot, one of them gets it
            lost = np.flatnonzero(self._places.take(slots) != left)
            left, slots = left[lost], (slots[lost] + 1) & self._mask

    def _hash(self, parts: Parts) -> Ints:
        return _hashed(parts[0] if len(parts) == 1 else parts[0] ^ (parts[1] * _OTHER), self._shift)

    def _differ(self, places: NDArray[np.int32], parts: Parts) -> NDArray[np.bool_]:
        differ: NDArray[np.bool_] = self._parts[0].take(places) != parts[0]
        for column, part in zip(self._parts[1:], parts[1:], strict=True):
            differ |= column.take(places) != part
        return differ


def last_equal(keys: NDArray[np.int64]) -> NDArray[np.int32]:
    """Give for each key the place of the last one equal to it, without sorting.

    All write their place into the slot of their hash, and read there who was last; where that is another key, those that
    were driven out try again among themselves.

    >>> last_equal(np.array([5, 7, 5, 5, 8])).tolist()
    [3, 1, 3, 3, 4]
    """
    bits = max(6, (2 * len(keys)).bit_length())
    slots = _hashed(keys.view(np.uint64), np.uint64(64 - bits))
    who = np.empty(1 << bits, dtype=np.int32)
    who[slots] = np.arange(len(keys), dtype=np.int32)
    last = who.take(slots)
    left = np.flatnonzero(keys.take(last) != keys)
    while len(left):
        wanted = slots[left]
        who[wanted] = left
        last[left] = found = who.take(wanted)
        left = left[keys.take(found) != keys[left]]
    return last


def _hashed(keys: NDArray[np.uint64], shift: np.uint64) -> Ints:
    return ((keys * _FACTOR) >> shift).view(np.int64)
