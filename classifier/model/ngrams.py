"""Terms become numbers, so that arrays can hold and count them.

Of stems numbered from 0 to N - 1, stem a is the term a; stems a and b beside each other are N + a N + b; near each other, in
whatever order, N + N N + min(a, b) N + max(a, b). A model with S stems has N = S + 1, and its N - 1 stands for every stem
that it does not know. What the terms are `text.terms` says.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from classifier.text import analyzer

Codes = NDArray[np.int64]


def bigram_code(first: Codes, second: Codes, n: int) -> Codes:
    """Give the codes of stems that follow each other."""
    codes: Codes = n + first * n + second
    return codes


def skipgram_code(one: Codes, other: Codes, n: int) -> Codes:
    """Give the codes of stems that stand near each other."""
    codes: Codes = first_skipgram_code(n) + np.minimum(one, other) * n + np.maximum(one, other)
    return codes


def first_skipgram_code(n: int) -> int:
    """Give the number from which on codes mean stems near each other."""
    return n * (1 + n)


def parse_terms(terms: Sequence[str]) -> tuple[tuple[str, ...], Codes]:
    """Read terms as `text.terms` writes them.

    Returns
    -------
    stems, codes
        The stems that occur, sorted, and the code of each term over them, of shape (n_terms,).

    Raises
    ------
    ValueError
        If a term is neither a stem nor two.

    Examples
    --------
    >>> stems, codes = parse_terms(["keep", "we keep", "keep~we"])
    >>> stems, codes.tolist()
    (('keep', 'we'), [0, 6, 13])
    """
    split = [tuple(term.replace("~", " ").split(" ")) for term in terms]
    for term, pair in zip(terms, split, strict=True):
        if len(pair) > 2 or "" in pair:
            raise ValueError(f"{term!r} is no term")
    stems = tuple(sorted({stem for pair in split for stem in pair}))
    number = {stem: k for k, stem in enumerate(stems)}
    n = len(stems) + 1
    first = np.array([number[pair[0]] for pair in split], dtype=np.int64)
    second = np.array([number[pair[-1]] for pair in split], dtype=np.int64)
    is_beside = np.array([" " in term for term in terms], dtype=bool)
    codes = np.where(is_beside, bigram_code(first, second, n), skipgram_code(first, second, n))
    return stems, np.where([len(pair) == 1 for pair in split], first, codes)


def parts(codes: Codes, n: int) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """Take terms apart.

    Returns
    -------
    first, second, is_near
        The numbers of their two stems (of a stem alone that stem and 0), and whether these stand near each other.
    """
    is_near = codes >= first_skipgram_code(n)
    rest = codes - np.where(is_near, first_skipgram_code(n), n)
    alone = codes < n
    first, second = np.divmod(np.where(alone, codes * n, rest), n)
    return first, second, is_near


def term_names(codes: Codes, stems: Sequence[str]) -> tuple[str, ...]:
    """Write terms as `text.terms` does; the inverse of `parse`."""
    n = len(stems) + 1
    first, second, is_near = (array.tolist() for array in parts(codes, n))
    return tuple(
        stems[a] if code < n else analyzer.skipgram(stems[a], stems[b]) if together else f"{stems[a]} {stems[b]}"
        for code, a, b, together in zip(codes.tolist(), first, second, is_near, strict=True)
    )
