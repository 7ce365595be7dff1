"""Convert sequences of any library to lists, by position; every public function that takes texts or rows calls this first.

Lists all behave alike; a pandas Series is indexed by its labels, an array returns values of its dtype, a generator has no
positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Protocol

MAX_POSITIONS_SHOWN = 5
"""Positions of missing values that a message lists."""
_LIST_METHODS = ("tolist", "to_pylist", "to_list")
"""Methods of numpy and pandas, pyarrow, polars that return Python objects; iterating may return objects of the library."""
_MISSING_TYPES = frozenset({"NAType", "NaTType", "NoneType"})


class Column(Protocol):
    """One column of values: a numpy array, a pandas Series or Index, a pyarrow Array."""

    def __len__(self) -> int:
        """Return the number of values."""

    def tolist(self) -> Any:
        """Return the values as a list of Python objects."""


Texts = Sequence[str] | Column
Rows = Sequence[Any] | Column


def text_list(texts: Texts, name: str = "text") -> list[str]:
    """Return texts as a list of strings, in order.

    Parameters
    ----------
    texts
        A list, tuple, numpy array, pandas Series or other one-dimensional sequence of strings. Its index is ignored.
    name
        Singular noun for one value in messages.

    Returns
    -------
    list of str
        `texts` itself if it is a list already; do not change it.

    Raises
    ------
    TypeError
        If `texts` is not a sequence (a single string, a generator, a set, a mapping, a table), or if a value is missing
        (None, NaN) or not a string; the message names the position.

    Examples
    --------
    >>> import pandas as pd
    >>> text_list(pd.Series(["first", "second"], index=[7, 3]))
    ['first', 'second']
    """
    values = row_list(texts, name)
    if set(map(type, values)) <= {str}:
        return values
    refuse_missing(values, name)
    for position, value in enumerate(values):
        if not isinstance(value, str):
            raise TypeError(f"{name} {position} is {type(value).__name__}, not str")
    return list(map(str, values))


def row_list(rows: Rows, name: str = "row") -> list[Any]:
    """Return the values of a sequence of any type as a list, in order.

    Raises
    ------
    TypeError
        If `rows` is not a one-dimensional sequence.
    """
    if type(rows) is list:
        return rows
    kind = type(rows).__name__
    if isinstance(rows, str | bytes | bytearray | memoryview):
        raise TypeError(
            f"expected a sequence of {name}s, not one {'string' if isinstance(rows, str) else kind}; put it in a list"
        )
    if isinstance(rows, AbstractSet | Mapping):
        raise TypeError(f"expected a sequence of {name}s, not a {kind}, which has no positions; make a list of it")
    if not hasattr(rows, "__len__") or not hasattr(rows, "__getitem__"):
        way_out = "; put it in a list" if hasattr(rows, "__iter__") else ""
        raise TypeError(f"expected a sequence of {name}s, not {kind}{way_out}")
    dimensions = getattr(rows, "ndim", None) or len(getattr(rows, "shape", (0,)))
    if dimensions != 1:
        raise TypeError(f"expected one column of {name}s, not {kind} of shape {getattr(rows, 'shape', ())}")
    for method in _LIST_METHODS:
        if hasattr(rows, method):
            return list(getattr(rows, method)())
    values: Any = rows
    return list(values)


def refuse_missing(values: Sequence[object], name: str) -> None:
    """Raise TypeError if a value is missing: None, NaN, NA or NaT; the message names the positions."""
    positions = [position for position, value in enumerate(values) if _is_missing(value)]
    if positions:
        shown = ", ".join(map(str, positions[:MAX_POSITIONS_SHOWN]))
        more = f" and {len(positions) - MAX_POSITIONS_SHOWN} more" if len(positions) > MAX_POSITIONS_SHOWN else ""
        raise TypeError(
            f"{name}s are missing (None or NaN) at position {shown}{more}, counted from 0; leave these rows out"
        )


def _is_missing(value: object) -> bool:
    return (isinstance(value, float) and value != value) or type(value).__name__ in _MISSING_TYPES
