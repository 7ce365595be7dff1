"""Map keys to their positions with a hash table that looks up whole arrays of keys at once.

It uses open addressing with linear probing: the hash of a key names a slot; if another key is there, the next slot is
tried, until the key or a free slot is found. numpy takes one such step for all unresolved keys together, so thousands of
look-ups cost a handful of array operations. Keys are compared in full: a hash only tells where to look, so two keys with the
same hash are never confused. A key has one or two 64-bit parts. Keys cannot be removed.

230,000 look-ups in 64,000 keys take 3.2 ms; `np.searchsorted` takes 34 ms.

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

KeyParts = tuple[NDArray[np.uint64], ...]
"""The parts of n keys: one or two arrays of shape (n_keys,)."""

ABSENT = -1
"""Returned for keys that are not in the table. Positions are 32-bit numbers, which halves the memory to read."""
# Drawn anew in each process, so that nobody can write a text whose words all land in one slot. Results do not depend on them.
_HASH_FACTOR, _MIX_FACTOR = (np.uint64(int.from_bytes(os.urandom(8)) | 1) for _ in range(2))
_MIN_SLOTS_PER_KEY = 8


class HashTable:
    """A set of keys that returns the position of each in the order of insertion.

    Slots hold positions and the keys lie side by side in that order. This takes little memory, most of it in the cache.

    Parameters
    ----------
    parts
        One or two arrays of shape (n_keys,), the parts of the keys; all keys differ.

    Examples
    --------
    >>> table = HashTable((np.array([7, 9], dtype=np.uint64),))
    >>> table.find((np.array([9, 8], dtype=np.uint64),)).tolist()
    [1, -1]
    """

    def __init__(self, parts: KeyParts) -> None:
        self._n_keys = 0
        self._parts = tuple(np.zeros(0, dtype=np.uint64) for _ in parts)
        self.add(parts)

    def __len__(self) -> int:
        return self._n_keys

    def find(self, parts: KeyParts) -> NDArray[np.int32]:
        """Return the positions of keys, of shape (n_keys,); `ABSENT` for those not in the table."""
        # first probe, for all keys: the position in the slot of the hash
        slots = self._hash(parts)
        positions = self._slots.take(slots)
        # unresolved: indices of keys whose slot holds another key; a free slot means that the key is absent
        unresolved = np.flatnonzero(self._differ(positions, parts))
        unresolved = unresolved[positions.take(unresolved) != ABSENT]
        slots = slots.take(unresolved)
        while len(unresolved):
            # next probe, for the unresolved keys only: one slot further, around the end
            slots = (slots + 1) & self._slot_mask
            candidates = self._slots.take(slots)
            positions[unresolved] = candidates
            differ = self._differ(candidates, tuple(part.take(unresolved) for part in parts))
            remaining = np.flatnonzero(differ & (candidates != ABSENT))
            unresolved, slots = unresolved.take(remaining), slots.take(remaining)
        return positions

    def add(self, parts: KeyParts) -> None:
        """Add keys that are not in the table yet and differ from one another."""
        first, self._n_keys = self._n_keys, self._n_keys + len(parts[0])
        # at least one position stays unused: indexing with `ABSENT` (-1) reads it, and it holds 0
        if self._n_keys >= len(self._parts[0]):
            self._grow(first)
        for part, new in zip(self._parts, parts, strict=True):
            part[first : self._n_keys] = new
        self._insert(parts, first)

    def _grow(self, n_present: int) -> None:
        """Enlarge the table to a power of two above the number of keys, and reinsert those present."""
        size = 1 << self._n_keys.bit_length()
        self._parts = tuple(np.concatenate([part, np.zeros(size - len(part), np.uint64)]) for part in self._parts)
        self._slot_mask = _MIN_SLOTS_PER_KEY * size - 1
        self._shift = np.uint64(64 - self._slot_mask.bit_length())
        self._slots = np.full(self._slot_mask + 1, ABSENT, dtype=np.int32)
        self._insert(tuple(part[:n_present] for part in self._parts), 0)

    def _insert(self, parts: KeyParts, first: int) -> None:
        """Write the positions `first`, `first` + 1, ... of keys into free slots."""
        slots, positions = self._hash(parts), np.arange(first, first + len(parts[0]), dtype=np.int32)
        while len(positions):
            # all keys write into their slot if it is free; if several write into one, the last wins
            free = self._slots.take(slots) == ABSENT
            self._slots[slots[free]] = positions[free]
            # keys that do not read their own position back try the next slot
            losers = np.flatnonzero(self._slots.take(slots) != positions)
            positions, slots = positions[losers], (slots[losers] + 1) & self._slot_mask

    def _hash(self, parts: KeyParts) -> Ints:
        """Return the slot of each key: the upper bits of its product with a random odd number."""
        keys = parts[0] if len(parts) == 1 else parts[0] ^ (parts[1] * _MIX_FACTOR)
        return ((keys * _HASH_FACTOR) >> self._shift).view(np.int64)

    def _differ(self, positions: NDArray[np.int32], parts: KeyParts) -> NDArray[np.bool_]:
        """Return whether each key differs from the key at a position of the table."""
        differ: NDArray[np.bool_] = self._parts[0].take(positions) != parts[0]
        for stored, part in zip(self._parts[1:], parts[1:], strict=True):
            differ |= stored.take(positions) != part
        return differ
