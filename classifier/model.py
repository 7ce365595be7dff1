"""A trained model as data: arrays and a JSON description in a folder, its card beside them.

::

    models/default/
    ├── model.json     format, categories, thresholds, what it was trained on, checksum of the weights
    ├── weights.npz    terms, idf, weights, intercept: arrays of numbers and bytes
    └── README.md      the model card

Nothing here can run code: JSON is parsed, arrays are read with `allow_pickle=False`, and the weights must have the
checksum that model.json states. The same model gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier import files
from classifier.errors import ModelError, TaxonomyError, WriteError
from classifier.taxonomy import Taxonomy, from_tables

FORMAT = "policy-clauses model"
FORMAT_VERSION = 1
"""Raise it when a folder written before could not be read, or would be read to other scores: the analyser in `text` is part
of the format. Keep a reader for the old version, with a folder of that version in the tests."""
DESCRIPTION, WEIGHTS, CARD = "model.json", "weights.npz", "README.md"
MAX_BYTES = 512 * 2**20
MAX_WINDOW = 50
"""A wider window makes more terms than a text has words to tell."""
_ARRAYS = ("terms", "idf", "weights", "intercept")


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted linear model over terms.

    Attributes
    ----------
    name
        What output calls it.
    taxonomy
        Its categories, in the order of the columns.
    terms
        The terms it knows, n_terms strings, sorted.
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
    terms: tuple[str, ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    thresholds: NDArray[np.float64]
    window: int = 0
    training: Mapping[str, Any] = field(default_factory=dict)
    checksum: str = ""

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
        terms = tuple(arrays["terms"].tobytes().decode("utf-8").split("\n"))
        window = int(about.get("window", 0))
        if not all(map(is_threshold, thresholds)):
            raise ValueError("thresholds must be between 0 and 1")
        if not 0 <= window <= MAX_WINDOW:
            raise ValueError(f"the window must be between 0 and {MAX_WINDOW}")
    except (KeyError, TypeError, ValueError, TaxonomyError) as error:
        raise ModelError(f"{folder / DESCRIPTION}: does not describe a model: {error}") from None
    n_terms, n_categories = len(terms), len(taxonomy)
    shapes = {"idf": (n_terms,), "weights": (n_terms, n_categories), "intercept": (n_categories,)}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype != np.float32 or not np.isfinite(arrays[name]).all():
            raise ModelError(f"{folder / WEIGHTS}: {name} should be {shape} finite float32 numbers")
    return Model(
        name=str(about.get("name", folder.name)),
        taxonomy=taxonomy,
        terms=terms,
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
    arrays: dict[str, Any] = {
        "terms": np.frombuffer("\n".join(model.terms).encode("utf-8"), dtype=np.uint8),
        "idf": model.idf.astype(np.float32),
        "weights": model.weights.astype(np.float32),
        "intercept": model.intercept.astype(np.float32),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _unpack(packed: bytes, path: Path) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as entries:
            if sum(entry.file_size for entry in entries.infolist()) > MAX_BYTES:
                raise ModelError(
                    f"{path}: unpacks to more than {MAX_BYTES // 2**20} MiB, which no model of this kind does"
                )
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return {name: arrays[name] for name in _ARRAYS}
    except ModelError:
        raise
    except (
        Exception
    ) as error:  # a damaged archive fails in many ways: zlib, struct, encryption, headers that do not parse
        raise ModelError(f"{path}: is damaged: {' '.join(str(error).split())}") from None


def is_threshold(value: float) -> bool:
    """Whether a number can be a threshold: a probability.

    >>> is_threshold(0.5), is_threshold(1.5), is_threshold(float("nan"))
    (True, False, False)
    """
    return math.isfinite(value) and 0.0 <= value <= 1.0
