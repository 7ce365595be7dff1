r"""Turn a batch of texts into the numbers of their stems: `classifier.text.analyzer.stems` with numpy.

The texts of a batch are joined in one array of bytes, lower-cased, with 0 for every character that is not part of a word
("@" is kept and is a word of its own). Words begin and end where 0 meets another byte. **A word is its own key**: the sixteen
bytes from its beginning, with all bytes after its end set to 0, read as two 64-bit numbers. One look-up in a hash table
returns the stems of all words::

    bytes    0 w e 0 k e e p 0 l o g s 0       "We keep logs."
    starts     1     4         9
    ends           3         8         13
    keys     "we" + 14 zeros, "keep" + 12 zeros, "logs" + 12 zeros, each as two numbers
    stems    0, 1, 2                           we, keep, log, as the caller has numbered them

Only new words are stemmed, by `classifier.text.analyzer`, and their keys added to the table. Words with a character beyond
ASCII, and words of more than sixteen characters, have no key; they are looked up one by one, as strings. Addresses and link
targets are masked by `classifier.text.masking`, in the few texts that may hold one. So this is no second analyzer, only a
faster path through the one that exists. In plain Python, and held equal to it by tests, it is::

    [stem_id(stem) for text in texts for stem in analyzer.stems(text)]
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

BATCH_CHARACTERS = 2**20
"""Approximate size of a batch: large enough that numpy's calls cost little, small enough that memory stays small."""
MAX_REMEMBERED_WORDS = 2**16
"""Distinct words with a key that are remembered, and as many without; one batch may exceed it. Beyond it the tokenizer
starts again with an empty table, so that junk cannot fill the memory."""

_KEY_BYTES = 16
_MAX_REMEMBERED_CHARACTERS = 64
"""Words without a key are remembered up to this length."""

# --- tables of bytes: the text as bytes, then each byte replaced by its entry ---

_NON_ASCII_LETTER = 0xFF
"""Byte of a character beyond ASCII that is part of a word."""
_WORD_BYTES = bytes(ord(chr(code).lower()) if chr(code).isalnum() or chr(code) == "@" else 0 for code in range(128))
_WORD_BYTES += bytes(127) + bytes([_NON_ASCII_LETTER])
"""The lower-case letter, digit or "@" of each byte; 0 for all that is not part of a word."""

_AT_SIGN = 64
_OPENER_BITS = bytes(
    _AT_SIGN * (c == "@") | 16 * (c == "(") | 8 * (c == "]") | 2 * (c in "eE") | (c in "[<{-")
    for c in map(chr, range(256))
)
"""Bits of characters that may open an address or a link target.

An opener is bit 1 before bit 2 ("[e", "<e", "{e", "-e"), bit 8 before bit 16 ("]("), or bit 64 alone ("@"). No other bit is
twice another, so ``2 * left & right`` finds exactly the pairs. This takes 1.2 ms for 1.2 MB; a regular expression, 33 ms.
"""

_LOW_MASKS = np.array([(1 << 8 * min(n, 8)) - 1 for n in range(_KEY_BYTES + 1)], dtype=np.uint64)
_HIGH_MASKS = np.array([(1 << 8 * max(n - 8, 0)) - 1 for n in range(_KEY_BYTES + 1)], dtype=np.uint64)
"""Masks that keep the first n bytes of a key, for its first eight bytes and for the other eight."""


class Batch:
    """The stems of a batch of texts.

    Attributes
    ----------
    stems
        Numbers of the stems of all texts, one after the other, of shape (n_tokens,).
    offsets
        Index of the first stem of each text, and the number of all stems at the end; of shape (n_texts + 1,).
    body_starts
        Index of the first stem of each text's body, after the heading and lead-in that
        `classifier.text.context.with_context` puts before it; of shape (n_texts,).
    starts, ends
        Place of each word in its text, of shape (n_tokens,). That of an e-mail address is its "@".
    """

    __slots__ = ("body_starts", "ends", "offsets", "starts", "stems")

    def __init__(self, stems: Ints, offsets: Ints, body_starts: Ints, starts: Ints, ends: Ints) -> None:
        self.stems = stems
        self.offsets = offsets
        self.body_starts = body_starts
        self.starts = starts
        self.ends = ends


class Tokenizer:
    """Finds the stems of texts, a batch at a time; threads may share it.

    Parameters
    ----------
    stem_id
        Maps a stem to its number, at least 0. It may be called for the same stem again, and must then return the same
        number; it must not use this tokenizer.

    Examples
    --------
    >>> known = {"we": 0, "keep": 1}
    >>> batch = Tokenizer(lambda stem: known.get(stem, 2))(["We keep logs.", "", "We..."])
    >>> batch.stems.tolist(), batch.offsets.tolist()
    ([0, 1, 2, 0], [0, 3, 3, 4])
    """

    def __init__(self, stem_id: Callable[[str], int]) -> None:
        self._stem_id = stem_id
        self._lock = threading.Lock()
        self._ids: Ints
        self._forget()

    def __call__(self, texts: Texts, is_masked: bool = False) -> Batch:
        """Find the stems of texts; memory grows with their total length, so pass about `BATCH_CHARACTERS` (see `batches`).

        Parameters
        ----------
        texts
            n_texts strings.
        is_masked
            Whether `classifier.text.masking.mask_addresses` was applied already, as `split_long_text` does.

        Raises
        ------
        TypeError
            If `texts` is not a sequence of strings.
        """
        texts = text_list(texts)
        # one byte per character: "\0" before each text, and room for the key of the last word at the end
        joined = "\0".join(["", *texts, "\0" * _KEY_BYTES])
        raw = _to_bytes(joined)
        codes = np.frombuffer(raw, dtype=np.uint8)  # a view: it shows what is masked below
        # where each text begins in `joined`
        lengths = np.fromiter(map(len, texts), dtype=np.intp, count=len(texts))
        text_starts = np.cumsum(lengths + 1) - lengths
        openers = _find_openers(raw)
        if len(openers) and not is_masked:
            _mask_in_place(raw, texts, text_starts, openers)
        content = raw.translate(_WORD_BYTES)
        letters = np.frombuffer(content, dtype=np.uint8)
        starts, ends = _word_spans(letters, np.flatnonzero(codes == ord("@")) if len(openers) else None)
        # indices of the words without a key: too long, or with a character beyond ASCII
        unkeyed = np.flatnonzero(ends - starts > _KEY_BYTES)
        if not joined.isascii():
            non_ascii = _interval_of(starts, np.flatnonzero(letters == _NON_ASCII_LETTER))
            unkeyed = _sorted_unique(np.append(unkeyed, non_ascii))
        with self._lock:
            stems = self._look_up(content, starts, ends - starts, unkeyed)
            spans = zip(starts[unkeyed].tolist(), ends[unkeyed].tolist(), strict=True)
            stems[unkeyed] = unkeyed_ids = [self._look_up_string(joined[start:end]) for start, end in spans]
        if ABSENT in unkeyed_ids:  # a run of invisible characters alone is not a word
            is_word = np.flatnonzero(stems != ABSENT)
            stems, starts, ends = stems[is_word], starts[is_word], ends[is_word]
        offsets = np.searchsorted(starts, np.append(text_starts, len(codes)))
        # the body begins after the last mark of the text, or with the text
        body_starts = offsets[:-1].copy()
        marks = np.flatnonzero(codes == ord(context.BODY_MARK))
        body_starts[_interval_of(text_starts, marks)] = np.searchsorted(starts, marks)
        own_start = np.repeat(text_starts, np.diff(offsets))
        return Batch(stems, offsets, body_starts, starts - own_start, ends - own_start)

    def _look_up(self, content: bytearray, starts: Ints, lengths: Ints, unkeyed: Ints) -> Ints:
        """Return the stems of words by their keys, of shape (n_words,); those of unkeyed words are meaningless."""
        # a view with an item of sixteen bytes from every byte of the content, overlapping; take those that begin a word
        windows = np.ndarray((len(content) - _KEY_BYTES + 1,), dtype=f"V{_KEY_BYTES}", buffer=content, strides=(1,))
        halves = windows[starts].view("<u8")  # low, high, low, high, ...
        # set the bytes after the end of the word to 0
        kept_bytes = np.minimum(lengths, _KEY_BYTES)
        low, high = halves[0::2] & _LOW_MASKS.take(kept_bytes), halves[1::2] & _HIGH_MASKS.take(kept_bytes)
        low[unkeyed] = high[unkeyed] = 0  # a key that is always in the table
        positions = self._table.find((low, high))
        new = np.flatnonzero(positions == ABSENT)
        stems = self._ids.take(positions)
        if len(new):
            try:
                stems[new] = self._learn(np.column_stack([low[new], high[new]]))
            except BaseException:  # Ctrl-C, no memory: a table without its numbers would give wrong stems from then on
                self._forget()
                raise
        return stems

    def _learn(self, keys: NDArray[np.uint64]) -> list[int]:
        """Stem new words, remember them, and return their stems; `keys` has shape (n_words, 2) and may repeat words."""
        words = keys.view(f"S{_KEY_BYTES}")[:, 0].tolist()
        index_of = {word: k for k, word in enumerate(words)}  # of one occurrence of each distinct word
        stems = analyzer.stem([analyzer.normalize_word(word.decode()) for word in index_of])
        id_of = dict(zip(index_of, map(self._stem_id, stems), strict=True))
        if len(self._table) + len(index_of) > MAX_REMEMBERED_WORDS:
            self._forget()
        keys = keys[list(index_of.values())]
        self._table.add((keys[:, 0], keys[:, 1]))
        self._ids = np.append(self._ids, list(id_of.values()))
        return [id_of[word] for word in words]

    def _look_up_string(self, word: str) -> int:
        """Return the stem of a word without a key, `ABSENT` if it holds invisible characters only."""
        stem_id = self._unkeyed_ids.get(word)
        if stem_id is None:
            stems = analyzer.stems(word)
            stem_id = self._stem_id(stems[0]) if stems else ABSENT
            if len(self._unkeyed_ids) == MAX_REMEMBERED_WORDS:
                self._unkeyed_ids.clear()
            if len(word) <= _MAX_REMEMBERED_CHARACTERS:
                self._unkeyed_ids[word] = stem_id
        return stem_id

    def _forget(self) -> None:
        """Start with an empty table; its one key, 0, is that of unkeyed words."""
        zero = np.zeros(1, dtype=np.uint64)
        self._table = HashTable((zero, zero))
        self._ids = np.zeros(1, dtype=np.intp)
        self._unkeyed_ids: dict[str, int] = {}


def batches(texts: Texts) -> Iterator[tuple[int, int]]:
    """Cut texts into batches of at most `BATCH_CHARACTERS` and of similar size; a longer text is a batch of its own.

    Yields
    ------
    start, stop
        A batch is ``texts[start:stop]``.

    Examples
    --------
    >>> list(batches(["We keep logs.", "x" * BATCH_CHARACTERS, "Cookies"]))
    [(0, 1), (1, 2), (2, 3)]
    """
    texts = text_list(texts)
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.intp, count=len(texts)) + 1)
    start = n_done = 0
    while start < len(texts):
        n_left = int(ends[-1]) - n_done
        # as few batches as possible, of equal shares, since a small batch costs nearly as much as a large one
        n_batches = -(-n_left // BATCH_CHARACTERS)
        share = -(-n_left // n_batches)
        stop = max(start + 1, int(np.searchsorted(ends, n_done + share, side="right")))
        yield start, stop
        start, n_done = stop, int(ends[stop - 1])


def split_long_text(text: str) -> Iterator[tuple[str, bool]]:
    """Mask the addresses of a long text, and cut it between words into pieces of about `BATCH_CHARACTERS`.

    A piece is longer only if no blank or line end follows within that length.

    Yields
    ------
    piece, is_body
        A piece, and whether it belongs to the body rather than to the heading and lead-in before it.
    """
    text = masking.mask_addresses(text)
    start, body_start = 0, context.body_start(text)
    for end in (body_start, len(text)):
        while start < end:
            cut = end if end - start <= BATCH_CHARACTERS else _find_cut(text, start, end)
            yield text[start:cut], start >= body_start
            start = cut


def _find_cut(text: str, start: int, end: int) -> int:
    """Return the last blank or line end before the limit of a piece, else the first one after it, else the end."""
    limit = start + BATCH_CHARACTERS
    cut = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit))
    if cut > 0:
        return cut
    return min((place for place in (text.find(" ", limit, end), text.find("\n", limit, end)) if place > 0), default=end)


def _to_bytes(text: str) -> bytearray:
    """Encode a text with one byte per character; beyond ASCII `_NON_ASCII_LETTER` for part of a word, else 0."""
    if text.isascii():
        return bytearray(text, "ascii")
    # code points of all characters; two bytes each suffice unless some character needs a surrogate pair
    encoded = text.encode("utf-16-le", "surrogatepass")
    if len(encoded) == 2 * len(text):
        points = np.frombuffer(encoded, dtype="<u2")
    else:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    beyond = np.flatnonzero(points > 127)
    codes = points.astype(np.uint8)
    # classify each distinct character once
    distinct = _sorted_unique(points[beyond])
    replacements = [_NON_ASCII_LETTER * analyzer.is_word_char(chr(point)) for point in distinct.tolist()]
    codes[beyond] = np.array(replacements, dtype=np.uint8)[np.searchsorted(distinct, points[beyond])]
    return bytearray(codes)


def _mask_in_place(raw: bytearray, texts: list[str], text_starts: Ints, openers: Ints) -> None:
    """Replace the bytes of the texts that hold an opener by those of the masked text, which has the same length."""
    rows = _sorted_unique(_interval_of(text_starts, openers))
    masked = [masking.mask_addresses(texts[row]) for row in rows.tolist()]
    encoded, done = _to_bytes("".join(masked)), 0  # encoding them one by one takes twice as long
    for start, text in zip(text_starts[rows].tolist(), masked, strict=True):
        raw[start : start + len(text)] = encoded[done : done + len(text)]
        done += len(text)


def _word_spans(letters: NDArray[np.uint8], at_signs: Ints | None) -> tuple[Ints, Ints]:
    """Return where words begin and end, each of shape (n_words,); every "@" is a word of its own."""
    is_inside = (letters != 0) & (letters != ord("@"))
    # the text begins and ends outside of a word, so edges alternate between begin and end
    edges = np.flatnonzero(is_inside[1:] != is_inside[:-1]) + 1
    starts, ends = edges[0::2], edges[1::2]
    if at_signs is None or not len(at_signs):
        return starts, ends
    places = np.searchsorted(starts, at_signs)
    return np.insert(starts, places, at_signs), np.insert(ends, places, at_signs + 1)


def _interval_of(begins: Ints, places: Ints) -> Ints:
    """Return the number of the text or word, given by where each begins, in which each place lies."""
    return np.searchsorted(begins, places, side="right") - 1


def _find_openers(raw: bytearray) -> Ints:
    """Return the places of characters that may open an address or a link target; see `_OPENER_BITS`."""
    bits = np.frombuffer(raw.translate(_OPENER_BITS), dtype=np.uint8)
    left, right = bits[:-1], bits[1:]
    return np.flatnonzero((((left + left) & right) | (left & _AT_SIGN)) != 0)


def _sorted_unique(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values, sorted; `np.unique` first imports masked arrays, a tenth of the time to tag a policy."""
    ordered = np.sort(values)
    distinct: NDArray[Any] = ordered[np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]]
    return distinct
