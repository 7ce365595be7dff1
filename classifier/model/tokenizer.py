r"""Texts become numbers of stems, a whole batch at a time: `text.stems` with numpy.

The texts of a batch are laid side by side in one array of bytes, lower-cased, with 0 for every character that is part of no
word ("@" is kept, and is a word of its own). Where 0 and not 0 meet, words begin and end. **A word is its own key**: the
sixteen bytes from its beginning, read as two numbers of 64 bits, with all behind its end set to 0. One look-up gives the
numbers of all words' stems::

    bytes    0 w e 0 k e e p 0 l o g s 0       "We keep logs."
    starts     1     4         9
    ends           3         8         13
    keys     "we" + 14 zeros, "keep" + 12 zeros, "logs" + 12 zeros, each as two numbers
    stems    0, 1, 2                           we, keep, log, as the caller has numbered them

Only a word that was not met before is stemmed, by `text` itself, and its key added to the table. A word with a character
beyond ASCII, or of more than sixteen, has no key: such words are looked up one by one, as strings. What an address or a link
is `text.blank` says, for the few texts that could hold one. So there is one analyser, with two ways through it that tests
hold to be one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.model.arrays import Ints
from classifier.model.hashtable import ABSENT, HashTable
from classifier.text import analyzer, context, masking
from classifier.text.sequences import Texts, text_list

CHARACTERS = 2**20
"""About so many characters are a batch: enough that numpy's calls cost little, few enough that memory stays small."""
REMEMBERED = 2**16
"""About so many different words are remembered (one batch may bring more; as many again that have no key); then it begins
anew, so that junk cannot fill the memory."""

_LONGEST = 16
_LONGEST_KEYLESS = 64
_ODD = 0xFF
_BYTES = bytes(ord(chr(code).lower()) if chr(code).isalnum() or chr(code) == "@" else 0 for code in range(128))
_BYTES += bytes(127) + bytes([_ODD])
_ADDRESS = 64
_OPENING = bytes(
    _ADDRESS * (c == "@") | 16 * (c == "(") | 8 * (c == "]") | 2 * (c in "eE") | (c in "[<{-")
    for c in map(chr, range(256))
)
"""Bits of characters, so that what opens is seen by comparing neighbours: 1 before 2 ("[e", "<e", "{e", "-e") and 8 before 16
("](") open something; so does 64, "@", by itself; no other bit is twice another."""
_LOW_MASK = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(_LONGEST + 1)], dtype=np.uint64)
_HIGH_MASK = np.array([(1 << 8 * max(n - 8, 0)) - 1 for n in range(_LONGEST + 1)], dtype=np.uint64)
"""What keeps the first n bytes of a key: of its first eight, and of the others."""


class Batch:
    """The stems of some texts.

    Attributes
    ----------
    stems
        Numbers of the stems of all texts, one after the other, of shape (n_tokens,).
    first
        Where each text begins among them, and their number at the end; of shape (n_texts + 1,).
    own
        Where each text's own words begin, after what `text.with_context` put before it; of shape (n_texts,).
    """

    __slots__ = ("first", "own", "stems")

    def __init__(self, stems: Ints, first: Ints, own: Ints) -> None:
        self.stems, self.first, self.own = stems, first, own


class Tokenizer:
    """Gives the numbers of texts' stems.

    Parameters
    ----------
    number
        The number of a stem, 0 or more. It may be asked for the same stem again and must give the same number; it must not
        use this tokenizer.

    Examples
    --------
    >>> known = {"we": 0, "keep": 1}
    >>> batch = Tokenizer(lambda stem: known.get(stem, 2))(["We keep logs.", "", "We..."])
    >>> batch.stems.tolist(), batch.first.tolist()
    ([0, 1, 2, 0], [0, 3, 3, 4])
    """

    def __init__(self, number: Callable[[str], int]) -> None:
        self._number = number
        self._lock = threading.Lock()
        self._numbers: Ints
        self._forget()

    def __call__(self, texts: Texts, blanked: bool = False) -> Batch:
        """Find the stems of texts; they should have some `CHARACTERS` together, since memory grows with them.

        Parameters
        ----------
        texts
            n_texts strings.
        blanked
            Whether the caller has called `text.blank` already, as `pieces` does.

        Returns
        -------
        Batch
            Their stems, text after text.
        """
        texts = text_list(texts)
        joined = "\0".join(["", *texts, "\0" * _LONGEST])  # with room for the last word's key
        sizes = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        offsets = np.cumsum(sizes + 1) - sizes
        raw = _encoded(joined)
        codes = np.frombuffer(raw, dtype=np.uint8)
        openings = _openings(raw)
        if len(openings) and not blanked:
            rows = _distinct(_which(offsets, openings))
            blanks = [masking.mask_addresses(texts[row]) for row in rows.tolist()]
            encoded, done = _encoded("".join(blanks)), 0  # one by one they would take twice as long
            for start, now in zip(offsets[rows].tolist(), blanks, strict=True):
                raw[start : start + len(now)] = encoded[done : done + len(now)]
                done += len(now)
        content = raw.translate(_BYTES)
        letters = np.frombuffer(content, dtype=np.uint8)
        starts, ends = _spans(letters, np.flatnonzero(codes == ord("@")) if len(openings) else None)
        keyless = np.flatnonzero(ends - starts > _LONGEST)
        if not joined.isascii():
            keyless = _distinct(np.append(keyless, _which(starts, np.flatnonzero(letters == _ODD))))
        with self._lock:
            found = self._look_up(content, starts, ends - starts, keyless)
            runs = zip(starts[keyless].tolist(), ends[keyless].tolist(), strict=True)
            found[keyless] = numbers = [self._of_keyless(joined[start:end]) for start, end in runs]
        if ABSENT in numbers:  # of invisible characters alone there is no word
            kept = np.flatnonzero(found != ABSENT)
            found, starts = found[kept], starts[kept]
        first = np.searchsorted(starts, np.append(offsets, len(codes)))
        own = first[:-1].copy()
        marks = np.flatnonzero(codes == ord(context.BODY_MARK))
        own[_which(offsets, marks)] = np.searchsorted(starts, marks)  # of several marks the last one counts
        return Batch(found, first, own)

    def _look_up(self, content: bytearray, starts: Ints, lengths: Ints, keyless: Ints) -> Ints:
        """Give the numbers of words by their keys; what comes out for those without one means nothing."""
        # a key begins at each byte
        windows = np.ndarray((len(content) - _LONGEST + 1,), dtype=f"V{_LONGEST}", buffer=content, strides=(1,))
        keys = windows[starts].view("<u8")
        length = np.minimum(lengths, _LONGEST)
        low, high = keys[0::2] & _LOW_MASK.take(length), keys[1::2] & _HIGH_MASK.take(length)
        low[keyless] = high[keyless] = 0
        places = self._table.find((low, high))
        new = np.flatnonzero(places == ABSENT)
        found = self._numbers.take(places)
        if len(new):
            try:
                found[new] = self._learn(np.column_stack([low[new], high[new]]))
            except BaseException:  # Ctrl-C, no memory: half a table would give wrong numbers from then on
                self._forget()
                raise
        return found

    def _learn(self, keys: NDArray[np.uint64]) -> list[int]:
        """Stem words that were not met before, and remember them."""
        words = keys.view(f"S{_LONGEST}")[:, 0].tolist()
        place = {word: k for k, word in enumerate(words)}
        stems = analyzer.stem([analyzer.normalize_word(word.decode()) for word in place])
        number = dict(zip(place, map(self._number, stems), strict=True))
        if len(self._table) + len(place) > REMEMBERED:
            self._forget()
        keys = keys[list(place.values())]
        self._table.add((keys[:, 0], keys[:, 1]))
        self._numbers = np.append(self._numbers, list(number.values()))
        return [number[word] for word in words]

    def _of_keyless(self, run: str) -> int:
        number = self._keyless.get(run)
        if number is None:
            found = analyzer.stems(run)
            number = self._number(found[0]) if found else ABSENT
            if len(self._keyless) == REMEMBERED:
                self._keyless.clear()
            if len(run) <= _LONGEST_KEYLESS:
                self._keyless[run] = number
        return number

    def _forget(self) -> None:
        nothing = np.zeros(1, dtype=np.uint64)  # the key of no word, for those that are looked up otherwise
        self._table = HashTable((nothing, nothing))
        self._numbers = np.zeros(1, dtype=np.intp)
        self._keyless: dict[str, int] = {}


def batches(texts: Texts) -> Iterator[tuple[int, int]]:
    """Cut texts into runs of at most `CHARACTERS`, about alike; a longer text is a run of its own."""
    texts = text_list(texts)
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.intp, count=len(texts)) + 1)
    start = done = 0
    while start < len(texts):
        left = int(ends[-1]) - done
        n_runs = -(-left // CHARACTERS)  # as few as can be
        share = -(-left // n_runs)  # for each, since a small run costs nearly as much as a large one
        stop = max(start + 1, int(np.searchsorted(ends, done + share, side="right")))
        yield start, stop
        start, done = stop, int(ends[stop - 1])


def pieces(item: str) -> Iterator[tuple[str, bool]]:
    """Blank what is no language in a long text, and cut it between words into pieces of about `CHARACTERS`.

    A piece is longer only where no blank or line end comes for so long.

    Yields
    ------
    piece, is_own
        A piece, and whether it is the text's own rather than what `text.with_context` put before it.
    """
    item = masking.mask_addresses(item)
    start, own = 0, context.body_start(item)
    for end in (own, len(item)):
        while start < end:
            cut = end
            if end - start > CHARACTERS:
                limit = start + CHARACTERS
                cut = max(item.rfind(" ", start + 1, limit), item.rfind("\n", start + 1, limit))
                if cut < 0:
                    cut = min(
                        (at for at in (item.find(" ", limit, end), item.find("\n", limit, end)) if at > 0), default=end
                    )
            yield item[start:cut], start >= own
            start = cut


def _encoded(item: str) -> bytearray:
    """Give a text as bytes; a character beyond ASCII is `_ODD` where it is part of a word, and 0 where not."""
    if item.isascii():
        return bytearray(item, "ascii")
    encoded = item.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(item):
        points = np.frombuffer(encoded, dtype="<u2")
    else:  # some characters take two units
        points = np.frombuffer(item.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    beyond = np.flatnonzero(points > 127)
    codes = points.astype(np.uint8)
    distinct = _distinct(points[beyond])
    kinds = np.array([_ODD * analyzer.is_word_char(chr(point)) for point in distinct.tolist()], dtype=np.uint8)
    codes[beyond] = kinds[np.searchsorted(distinct, points[beyond])]
    return bytearray(codes)


def _spans(letters: NDArray[np.uint8], addresses: Ints | None) -> tuple[Ints, Ints]:
    """Find where words begin and end; each "@" is one, wherever it stands."""
    inside = (letters != 0) & (letters != ord("@"))
    edges = np.flatnonzero(inside[1:] != inside[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    if addresses is None or not len(addresses):
        return starts, ends
    at = np.searchsorted(starts, addresses)
    return np.insert(starts, at, addresses), np.insert(ends, at, addresses + 1)


def _which(begins: Ints, places: Ints) -> Ints:
    """Give the number of the text or word in which each place lies."""
    return np.searchsorted(begins, places, side="right") - 1


def _openings(raw: bytearray) -> Ints:
    """Find what could begin an address or a link's target: "@", "](" and an "e" behind what opens a masked address."""
    bits = np.frombuffer(raw.translate(_OPENING), dtype=np.uint8)
    here, ahead = bits[:-1], bits[1:]
    return np.flatnonzero((((here + here) & ahead) | (here & _ADDRESS)) != 0)


def _distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Do as `np.unique` does, which loads masked arrays first: a tenth of the time in which a policy is tagged."""
    ordered = np.sort(values)
    distinct: NDArray[Any] = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return distinct
