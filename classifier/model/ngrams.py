"""Encode terms as numbers, so that arrays can hold and count them.

Stems are numbered from 0 to N - 1, and a term is one number::

    stem       a                                         a
    bigram     b follows a                               N + a N + b
    skip-gram  a and b near each other, in any order     N + N N + min(a, b) N + max(a, b)

A model with S stems uses N = S + 1: the number N - 1 is any stem that it does not know. `classifier.text.analyzer.terms`
defines the terms of a text and writes them as strings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.text import analyzer

Codes = NDArray[np.int64]


def bigram_code(first: Codes, second: Codes, n: int) -> Codes:
    """Return the codes of pairs of stems that follow each other; `n` is N of the module's docstring.

    >>> bigram_code(np.array([1]), np.array([2]), 10).tolist()
    [22]
    """
    codes: Codes = n + first * n + second
    return codes


def skipgram_code(one: Codes, other: Codes, n: int) -> Codes:
    """Return the codes of pairs of stems near each other, in any order; `n` is N of the module's docstring.

    >>> skipgram_code(np.array([2]), np.array([1]), 10).tolist()
    [122]
    """
    codes: Codes = first_skipgram_code(n) + np.minimum(one, other) * n + np.maximum(one, other)
    return codes


def first_skipgram_code(n: int) -> int:
    """Return the lowest code of a skip-gram; all codes below are stems and bigrams."""
    return n * (1 + n)


def parse_terms(terms: Sequence[str]) -> tuple[tuple[str, ...], Codes]:
    """Encode terms that are written as `classifier.text.analyzer.terms` does.

    Returns
    -------
    stems, codes
        The distinct stems, sorted, and the code of each term over them, of shape (n_terms,).

    Raises
    ------
    ValueError
        If a term is not one or two stems.

    Examples
    --------
    >>> stems, codes = parse_terms(["keep", "we keep", "keep~we"])
    >>> stems, codes.tolist()
    (('keep', 'we'), [0, 6, 13])
    """
    split = [tuple(term.replace("~", " ").split(" ")) for term in terms]
    for term, pair in zip(terms, split, strict=True):
        if len(pair) > 2 or "" in pair:
            raise ValueError(f"{term!r} is not a term: a term is one or two stems")
    stems = tuple(sorted({stem for pair in split for stem in pair}))
    number = {stem: k for k, stem in enumerate(stems)}
    n = len(stems) + 1
    first = np.array([number[pair[0]] for pair in split], dtype=np.int64)
    second = np.array([number[pair[-1]] for pair in split], dtype=np.int64)
    is_bigram = np.array([" " in term for term in terms], dtype=bool)
    codes = np.where(is_bigram, bigram_code(first, second, n), skipgram_code(first, second, n))
    return stems, np.where([len(pair) == 1 for pair in split], first, codes)


def split_codes(codes: Codes, n: int) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """Split the codes of terms into the numbers of their stems; `n` is N of the module's docstring.

    Returns
    -------
    first, second, is_skipgram
        The two stems of each term (a single stem and 0), and whether it is a skip-gram; of shape (n_terms,).

    Examples
    --------
    >>> [part.tolist() for part in split_codes(np.array([1, 22, 122]), 10)]
    [[1, 1, 1], [0, 2, 2], [False, False, True]]
    """
    is_skipgram = codes >= first_skipgram_code(n)
    offset_free = codes - np.where(is_skipgram, first_skipgram_code(n), n)
    first, second = np.divmod(np.where(codes < n, codes * n, offset_free), n)
    return first, second, is_skipgram


def term_names(codes: Codes, stems: Sequence[str]) -> tuple[str, ...]:
    """Write terms as `classifier.text.analyzer.terms` does; the inverse of `parse_terms`.

    >>> term_names(np.array([0, 6, 13]), ("keep", "we"))
    ('keep', 'we keep', 'keep~we')
    """
    n = len(stems) + 1
    first, second, is_skipgram = (array.tolist() for array in split_codes(codes, n))
    return tuple(
        stems[a] if code < n else analyzer.skipgram(stems[a], stems[b]) if is_near else f"{stems[a]} {stems[b]}"
        for code, a, b, is_near in zip(codes.tolist(), first, second, is_skipgram, strict=True)
    )
