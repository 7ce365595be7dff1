"""A trained model as data: arrays and a JSON description in a folder, its card beside them.

::

    models/default/
    ├── model.json            format, categories, thresholds, what it was trained on, checksum of the weights
    ├── weights.safetensors   stems, codes, idf, weights, intercept: arrays of numbers and bytes
    └── README.md             the model card

Nothing here can run code: JSON is parsed, and arrays are bytes whose kind and length a header tells, in the format of
safetensors (https://huggingface.co/docs/safetensors), which many programs read. They are not compressed, and so are there as
soon as the file is read. The weights must have the checksum that model.json states. The same model gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from operator import lt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import files, terms
from classifier.errors import ModelError, TaxonomyError, WriteError
from classifier.taxonomy import Taxonomy, from_tables

FORMAT = "policy-clauses model"
FORMAT_VERSION = 1
"""Raise it when a folder written before could not be read, or would be read to other scores: the analyser in `text` is part
of the format. Keep a reader for the old version, with a folder of that version in the tests."""
DESCRIPTION, WEIGHTS, CARD = "model.json", "weights.safetensors", "README.md"
MAX_BYTES = 512 * 2**20
LARGEST = 1_000_000
"""No weight is as large: sums of what is far larger are no longer exact."""
MAX_WINDOW = 50
"""A wider window makes more terms than a text has words to tell."""
_KINDS = {"stems": ("U8", 1), "codes": ("I64", 1), "idf": ("F32", 1), "weights": ("F32", 2), "intercept": ("F32", 1)}
"""The arrays of a model: what safetensors calls their kind, and how many dimensions they have."""
_DTYPES = {"U8": "<u1", "I64": "<i8", "F32": "<f4"}


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted linear model over terms.

    Attributes
    ----------
    name
        What output calls it.
    taxonomy
        Its categories, in the order of the columns.
    stems
        The stems it knows, sorted.
    codes
        The terms it knows, as numbers over the stems (see `classifier.terms`), ascending; of shape (n_terms,).
    idf
        Inverse document frequency of each term, of shape (n_terms,).
    weights
        Weight of each term on the log-odds of each category, of shape (n_terms, n_categories).
    intercept
        Log-odds of a text without known terms, of shape (n_categories,).
    thresholds
        Least probability at which each category is given, of shape (n_categories,).
    window
        Within how many words two stems make a term together, whatever their order; 0 where only neighbours do.
    training
        What it was trained on and how well that went, for its card and for those who ask where a label comes from.
    checksum
        SHA-256 of model.json, which states that of the weights; empty before the model is saved.
    """

    name: str
    taxonomy: Taxonomy
    stems: tuple[str, ...]
    codes: NDArray[np.int64]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float64]
    window: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)
    checksum: str = ""

    def __getstate__(self) -> dict[str, Any]:
        """Give what a copy or another process needs: not what was derived since, such as a scorer with its lock."""
        return _fields(self)

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """The terms it knows, as `text.terms` writes them."""
        return terms.names(self.codes, self.stems)

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Row of each term."""
        return {term: row for row, term in enumerate(self.terms)}


def default_path() -> Path:
    """Where the model that comes with the package is: inside an installed package, or in the source tree."""
    return shipped("models/default")


def shipped(name: str) -> Path:
    """Find a file that the wheel carries inside the package and the source tree keeps at its top."""
    inside = Path(__file__).parent / "_data" / Path(name).relative_to("data" if name.startswith("data/") else ".")
    return inside if inside.exists() else Path(__file__).parent.parent / name


def save(model: Model, folder: str | Path, card: str = "") -> Model:
    """Write a model folder, each file beside its place and then renamed; the description, which vouches for the rest, last.

    Parameters
    ----------
    model
        What to write.
    folder
        Where to; made if it is not there.
    card
        The model card in Markdown, if there is one.

    Returns
    -------
    Model
        The same, with its checksum.

    Raises
    ------
    WriteError
        If the folder cannot be written.
    """
    folder = Path(folder)
    if (folder / CARD).exists() and not (folder / DESCRIPTION).exists():
        raise WriteError(f"{folder}: holds a {CARD} but no model; name an empty or a new folder")
    weights = _pack(model)
    description = json.dumps(
        {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "name": model.name,
            "weights": {"file": WEIGHTS, "sha256": hashlib.sha256(weights).hexdigest()},
            "window": model.window,
            "thresholds": dict(zip(model.taxonomy.ids, model.thresholds.tolist(), strict=True)),
            "categories": [asdict(entry) for entry in model.taxonomy],
            "training": model.training,
        },
        ensure_ascii=False,
        indent=1,
        allow_nan=False,
    ).encode()
    files.write(folder / WEIGHTS, weights)
    if card:
        files.write(folder / CARD, card.encode())
    files.write(folder / DESCRIPTION, description)
    return Model(**{**_fields(model), "checksum": hashlib.sha256(description).hexdigest()})


def load(folder: str | Path) -> Model:
    """Read a model folder.

    Raises
    ------
    ModelError
        If it is missing, damaged, incomplete, or not a model of this format; one sentence says which.
    """
    folder = Path(folder)
    description = _read(folder / DESCRIPTION)
    about = _described(description, folder / DESCRIPTION)
    packed = _read(folder / WEIGHTS)
    if hashlib.sha256(packed).hexdigest() != about["weights"]["sha256"]:
        raise ModelError(
            f"{folder / WEIGHTS}: is damaged or belongs to another model: its checksum is not that in {DESCRIPTION}"
        )
    arrays = _unpack(packed, folder / WEIGHTS)
    try:
        taxonomy = from_tables(about["categories"])
        thresholds = np.array([float(about["thresholds"][id]) for id in taxonomy.ids])
        window, name = about.get("window", 0), str(about.get("name", folder.name))
        if not all(map(is_threshold, thresholds)):
            raise ValueError("thresholds must be between 0 and 1")
        if type(window) is not int or not 0 <= window <= MAX_WINDOW:
            raise ValueError(f"the window must be a whole number between 0 and {MAX_WINDOW}")
    except (KeyError, TypeError, ValueError, OverflowError, TaxonomyError) as error:
        raise ModelError(f"{folder / DESCRIPTION}: does not describe a model: {error}") from None
    stems = _stems(arrays["stems"], folder / WEIGHTS)
    _check(arrays, len(stems), len(taxonomy), folder / WEIGHTS)
    return Model(
        name=name,
        taxonomy=taxonomy,
        stems=stems,
        codes=arrays["codes"],
        idf=arrays["idf"],
        weights=arrays["weights"],
        intercept=arrays["intercept"],
        thresholds=thresholds,
        window=window,
        training=about.get("training", {}),
        checksum=hashlib.sha256(description).hexdigest(),
    )


def _fields(model: Model) -> dict[str, Any]:
    return {name: getattr(model, name) for name in Model.__dataclass_fields__}


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ModelError(f"{path}: larger than {MAX_BYTES // 2**20} MiB, which no model of this kind is")
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ModelError(
            f"{path}: no model can be read there: {reason}; name a folder that `clauses train` wrote"
        ) from None


def _described(description: bytes, path: Path) -> dict[str, Any]:
    """Parse model.json as far as to know that it is one of ours."""
    try:
        about = json.loads(description)
        json.dumps(about, ensure_ascii=False).encode()  # half a surrogate pair could be shown nowhere
    except (ValueError, RecursionError):
        raise ModelError(f"{path}: is damaged: not valid JSON") from None
    if not isinstance(about, dict) or about.get("format") != FORMAT:
        raise ModelError(f"{path}: is not a {FORMAT}")
    if about.get("format_version") != FORMAT_VERSION:
        raise ModelError(
            f"{path}: has format version {about.get('format_version')!r}, but this release reads {FORMAT_VERSION}; "
            "train the model again or install the release that wrote it"
        )
    weights = about.get("weights")
    if not isinstance(weights, dict) or not isinstance(about.get("categories"), list) or "sha256" not in weights:
        raise ModelError(f"{path}: is damaged: it lacks the categories or the checksum of the weights")
    return about


def _pack(model: Model) -> bytes:
    """Lay the arrays out as safetensors: the header's length, the header as JSON, the arrays one after the other."""
    arrays: dict[str, Any] = {
        "stems": np.frombuffer("\n".join(model.stems).encode(), dtype=np.uint8),
        "codes": model.codes,
        "idf": model.idf,
        "weights": model.weights,
        "intercept": model.intercept,
    }
    # the longest numbers first, so that each array begins where a number of its kind may
    order = sorted(_KINDS, key=lambda name: -np.dtype(_DTYPES[_KINDS[name][0]]).itemsize)
    header, content = {}, b""
    for name in order:
        kind = _KINDS[name][0]
        data = np.ascontiguousarray(arrays[name], dtype=_DTYPES[kind])
        begin = len(content)
        content += data.tobytes()
        header[name] = {"dtype": kind, "shape": data.shape, "data_offsets": [begin, len(content)]}
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    return len(head).to_bytes(8, "little") + head + content


def _unpack(packed: bytes, path: Path) -> dict[str, NDArray[Any]]:
    """Read what `_pack` wrote, without copying it; the arrays can only be read."""
    try:
        start = 8 + int.from_bytes(packed[:8], "little")
        header = json.loads(packed[8:start])
        arrays = {}
        for name, (kind, n_dimensions) in _KINDS.items():
            entry = header[name]
            shape, (begin, end) = tuple(entry["shape"]), entry["data_offsets"]
            if (
                entry["dtype"] != kind
                or len(shape) != n_dimensions
                or not all(type(n) is int and n >= 0 for n in shape)
            ):
                raise ValueError(f"{name} should be of kind {kind} and have {n_dimensions} dimensions")
            if type(begin) is not int or not 0 <= begin <= end <= len(packed) - start:
                raise ValueError(f"{name} lies outside the file")
            dtype = np.dtype(_DTYPES[kind])
            if end - begin != math.prod(shape) * dtype.itemsize:
                raise ValueError(f"{name} has another length than its shape says")
            array = np.frombuffer(packed, dtype, math.prod(shape), start + begin).reshape(shape)
            arrays[name] = array if array.flags.aligned else array.copy()
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ModelError(f"{path}: is damaged: {' '.join(str(error).split())}") from None
    return arrays


def _stems(data: NDArray[np.uint8], path: Path) -> tuple[str, ...]:
    try:
        joined = data.tobytes().decode()
    except UnicodeDecodeError:
        raise ModelError(f"{path}: is damaged: the stems are not UTF-8") from None
    stems = tuple(joined.split("\n"))
    # terms are two stems with a blank or "~" between
    if "~" in joined or len(joined.split()) != len(stems) or not all(map(lt, stems, stems[1:])):
        raise ModelError(f"{path}: is damaged: stems should be words, sorted, each once")
    return stems


def _check(arrays: Mapping[str, NDArray[Any]], n_stems: int, n_categories: int, path: Path) -> None:
    """Refuse arrays that do not fit one another, before a score goes wrong by them."""
    codes, n = arrays["codes"], n_stems + 1
    if (codes[1:] <= codes[:-1]).any() or (codes[:1] < 0).any():
        raise ModelError(f"{path}: codes should ascend from 0 on")
    pairs, near = np.searchsorted(codes, [n, terms.first_near(n)])
    for some, base in ((codes[pairs:near], n), (codes[near:], terms.first_near(n))):
        first, second = np.divmod(some - base, n)
        if max(first.max(initial=0), second.max(initial=0), codes[:pairs].max(initial=0)) >= n_stems:
            raise ModelError(f"{path}: codes should be of stems that are there")
    if (first >= second).any():
        raise ModelError(f"{path}: codes of stems near each other should name the lower one first")
    shapes = {"idf": (len(codes),), "weights": (len(codes), n_categories), "intercept": (n_categories,)}
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape or not (array.max(initial=0) < LARGEST and array.min(initial=0) > -LARGEST):
            raise ModelError(f"{path}: {name} should be {shape} numbers below {LARGEST:,}")
    if not (arrays["idf"] > 0).all():
        raise ModelError(f"{path}: idf should be above 0")


def is_threshold(value: float) -> bool:
    """Whether a number can be a threshold: a probability.

    >>> is_threshold(0.5), is_threshold(1.5), is_threshold(float("nan"))
    (True, False, False)
    """
    return math.isfinite(value) and 0.0 <= value <= 1.0
