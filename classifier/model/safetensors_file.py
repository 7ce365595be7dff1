"""Pack the arrays of a model as the bytes of a safetensors file, and unpack and check them.

The format (https://huggingface.co/docs/safetensors) is the length of a header, the header as JSON with the type, shape and
place of each array, then the arrays, uncompressed. Many programs read it, and it cannot hold code. It is read here without
the package `safetensors`, whose import takes 10-14 ms; unpacking takes 0.03 ms and copies nothing.

Arrays may come from a stranger, so all properties that the scorer relies on are checked.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from operator import lt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelError
from classifier.model.model import Model
from classifier.model.ngrams import first_skipgram_code

MAX_HEADER_BYTES = 100_000
"""Longest header; `pack_arrays` writes some 400 bytes."""
MAX_WEIGHT = 1_000_000
"""All weights are smaller in absolute value: sums of far larger ones are no longer exact."""
_NUMPY_TYPES = {"U8": "<u1", "I32": "<i4", "I64": "<i8", "F16": "<f2", "F32": "<f4"}
"""numpy's names of the types that safetensors calls by these names."""


class _ArraySpec(NamedTuple):
    dtype: str
    n_dimensions: int

    @property
    def numpy_type(self) -> np.dtype[Any]:
        return np.dtype(_NUMPY_TYPES[self.dtype])


_SPECS = {
    "stems": _ArraySpec("U8", 1),  # UTF-8, joined by line ends
    "codes": _ArraySpec("I64", 1),
    "idf": _ArraySpec("F32", 1),
    "weights": _ArraySpec("F32", 2),
    "intercept": _ArraySpec("F32", 1),
}
"""The arrays of a model."""
_VALUE_SPECS = {
    "value_offsets": _ArraySpec("I32", 1),
    "value_columns": _ArraySpec("I32", 1),
    "value_weights": _ArraySpec("F16", 1),
    "value_categories": _ArraySpec("F32", 2),
    "value_intercept": _ArraySpec("F32", 1),
    "value_denial": _ArraySpec("F32", 1),
}
"""The arrays of a second level, fields of `ValueHeads` by these names without the prefix; a file has all of them or none."""
_PREFIX = "value_"


def pack_arrays(model: Model) -> bytes:
    """Return the arrays of a model as the bytes of a safetensors file, the same for the same arrays."""
    arrays: dict[str, Any] = {
        "stems": np.frombuffer("\n".join(model.stems).encode(), dtype=np.uint8),
        "codes": model.codes,
        "idf": model.idf,
        "weights": model.weights,
        "intercept": model.intercept,
    }
    specs = _SPECS
    if model.values is not None:
        specs = _SPECS | _VALUE_SPECS
        arrays |= {name: getattr(model.values, name.removeprefix(_PREFIX)) for name in _VALUE_SPECS}
    header, content = {}, b""
    # the widest types first, so that each array begins at a multiple of its item size
    for name in sorted(specs, key=lambda name: -specs[name].numpy_type.itemsize):
        spec = specs[name]
        data = np.ascontiguousarray(arrays[name], dtype=spec.numpy_type)
        begin = len(content)
        content += data.tobytes()
        header[name] = {"dtype": spec.dtype, "shape": data.shape, "data_offsets": [begin, len(content)]}
    encoded = json.dumps(header, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)  # the arrays begin at a multiple of eight
    return len(encoded).to_bytes(8, "little") + encoded + content


def unpack_arrays(
    data: bytes, n_categories: int, n_values: int, path: Path
) -> tuple[tuple[str, ...], dict[str, NDArray[Any]]]:
    """Read and check the bytes that `pack_arrays` wrote, without copying them.

    Parameters
    ----------
    data
        The bytes of the file.
    n_categories
        Number of categories that the arrays must have.
    n_values
        Number of values that the second level must have; 0 for none.
    path
        Name of the file in messages.

    Returns
    -------
    stems, arrays
        The stems, and the read-only arrays by name; those of the second level begin with "value_".

    Raises
    ------
    ModelError
        If the bytes are not a sound model.
    """
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        if start > MAX_HEADER_BYTES:
            raise ValueError(f"its header has more than {MAX_HEADER_BYTES:,} bytes")
        header = json.loads(data[8:start])
        specs = _SPECS | _VALUE_SPECS if n_values else _SPECS
        arrays = {name: _array(name, header[name], data, start) for name in specs}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(f"{path}: is damaged: {' '.join(str(error).split())}") from None
    stems = _read_stems(arrays["stems"], path)
    _check_codes(arrays["codes"], len(stems), path)
    _check_numbers(arrays, n_categories, path)
    if n_values:
        _check_values(arrays, n_categories, n_values, path)
    return stems, arrays


def _array(name: str, entry: Any, data: bytes, start: int) -> NDArray[Any]:
    """Return the array that an entry of the header describes; arrays begin at `start`. Raises ValueError and others."""
    spec = (_SPECS | _VALUE_SPECS)[name]
    shape, (begin, end) = tuple(entry["shape"]), entry["data_offsets"]
    if (
        entry["dtype"] != spec.dtype
        or len(shape) != spec.n_dimensions
        or not all(type(n) is int and n >= 0 for n in shape)
    ):
        raise ValueError(f"{name} must be of type {spec.dtype} and have {spec.n_dimensions} dimensions")
    if type(begin) is not int or not 0 <= begin <= end <= len(data) - start:
        raise ValueError(f"{name} lies outside the file")
    if end - begin != math.prod(shape) * spec.numpy_type.itemsize:
        raise ValueError(f"the length of {name} does not fit its shape")
    array = np.frombuffer(data, spec.numpy_type, math.prod(shape), start + begin).reshape(shape)
    return array if array.flags.aligned else array.copy()


def _read_stems(data: NDArray[np.uint8], path: Path) -> tuple[str, ...]:
    try:
        joined = data.tobytes().decode()
    except UnicodeDecodeError:
        raise ModelError(f"{path}: is damaged: the stems are not UTF-8") from None
    stems = tuple(joined.split("\n"))
    # a term of two stems is written with a blank or "~" between them, so no stem may hold either
    if "~" in joined or len(joined.split()) != len(stems) or not all(map(lt, stems, stems[1:])):
        raise ModelError(f"{path}: is damaged: stems must be distinct words, sorted")
    return stems


def _check_codes(codes: NDArray[np.int64], n_stems: int, path: Path) -> None:
    """Refuse codes that are not those of terms over the stems; see `classifier.model.ngrams`."""
    if (codes[1:] <= codes[:-1]).any() or (codes[:1] < 0).any():
        raise ModelError(f"{path}: codes must ascend from 0")
    # single stems, then bigrams, then skip-grams
    n = n_stems + 1
    first_bigram, first_skipgram = np.searchsorted(codes, [n, first_skipgram_code(n)])
    bigrams = np.divmod(codes[first_bigram:first_skipgram] - n, n)
    skipgrams = np.divmod(codes[first_skipgram:] - first_skipgram_code(n), n)
    if any(part.max(initial=0) >= n_stems for part in (codes[:first_bigram], *bigrams, *skipgrams)):
        raise ModelError(f"{path}: codes must be of known stems")
    if (skipgrams[0] >= skipgrams[1]).any():
        raise ModelError(f"{path}: codes of skip-grams must name the lower stem first")


def _check_numbers(arrays: Mapping[str, NDArray[Any]], n_categories: int, path: Path) -> None:
    """Refuse arrays whose shapes do not fit one another, or whose numbers would make scores wrong."""
    n_terms = len(arrays["codes"])
    shapes = {"idf": (n_terms,), "weights": (n_terms, n_categories), "intercept": (n_categories,)}
    for name, shape in shapes.items():
        array = arrays[name]
        # false for NaN too
        is_in_range = array.max(initial=0) < MAX_WEIGHT and array.min(initial=0) > -MAX_WEIGHT
        if array.shape != shape or not is_in_range:
            raise ModelError(f"{path}: {name} must be {shape} numbers below {MAX_WEIGHT:,}")
    if not (arrays["idf"] > 0).all():
        raise ModelError(f"{path}: idf must be above 0")


def _check_values(arrays: Mapping[str, NDArray[Any]], n_categories: int, n_values: int, path: Path) -> None:
    """Refuse a second level whose arrays do not fit one another or the terms of the model."""
    offsets, columns = arrays["value_offsets"], arrays["value_columns"]
    n_weights = len(columns)
    if (
        len(offsets) != 2 * n_values + 2
        or offsets[0] != 0
        or offsets[-1] != n_weights
        or (np.diff(offsets.astype(np.int64)) < 0).any()
    ):
        raise ModelError(f"{path}: value_offsets must ascend from 0 to the number of weights")
    if ((columns < 0) | (columns >= len(arrays["codes"]))).any():
        raise ModelError(f"{path}: value_columns must be of known terms")
    # a head begins where its columns may fall again; within a head they ascend, so that no term counts twice
    descends = np.flatnonzero(np.diff(columns.astype(np.int64)) <= 0) + 1
    if not np.isin(descends, offsets).all():
        raise ModelError(f"{path}: value_columns must ascend in each head")
    shapes = {
        "value_weights": (n_weights,),
        "value_categories": (n_categories, n_values),
        "value_intercept": (n_values,),
        "value_denial": (n_values,),
    }
    for name, shape in shapes.items():
        array = arrays[name]
        is_in_range = np.abs(array).max(initial=0) < np.float64(MAX_WEIGHT)
        if array.shape != shape or not is_in_range:
            raise ModelError(f"{path}: {name} must be {shape} numbers below {MAX_WEIGHT:,}")
