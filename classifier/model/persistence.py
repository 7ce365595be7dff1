"""A trained model as data: arrays and a JSON description in a folder, its card beside them.

::

    models/default/
    ├── model.json            format, categories, thresholds, what it was trained on, name and checksum of the weights
    ├── weights-*.safetensors stems, codes, idf, weights, intercept: arrays of numbers and bytes; named by their checksum
    └── README.md             the model card

Nothing here can run code: JSON is parsed, and arrays are bytes whose kind and length a header tells, in the format of
safetensors (https://huggingface.co/docs/safetensors), which many programs read. They are not compressed, and so are there as
soon as the file is read. The weights must have the checksum that model.json states; what model.json may hold, `description`
says. The same model gives the same bytes. Folders of earlier releases, with the file weights.safetensors, are read as well.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import re
import time
from collections.abc import Iterator, Mapping
from operator import lt
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.errors import ModelError, WriteError, reason
from classifier.io import read_regular, write_file
from classifier.model import description
from classifier.model.description import Description
from classifier.model.model import Model, fields_of
from classifier.model.ngrams import first_skipgram_code
from classifier.text.escaping import escape_name

DESCRIPTION, CARD = "model.json", "README.md"
MAX_BYTES = 512 * 2**20
"""Largest file of weights."""
MAX_HEADER_BYTES = 100_000
"""Largest header of a file of weights; `_pack` writes some 400 bytes."""
MAX_READS = 20
"""Times that a model is read anew because another one was saved meanwhile."""
MAX_LOCK_SECONDS, LOCK_POLL_SECONDS = 60.0, 0.02
"""Longest wait for another save into the same folder, and how often to look."""
LARGEST = 1_000_000
"""No weight is as large: sums of what is far larger are no longer exact."""
_KINDS = {"stems": ("U8", 1), "codes": ("I64", 1), "idf": ("F32", 1), "weights": ("F32", 2), "intercept": ("F32", 1)}
"""The arrays of a model: what safetensors calls their kind, and how many dimensions they have."""
_LEFT_OVER = re.compile(
    r"weights-[0-9a-f]{16}\.safetensors|\.(?:model\.json|README\.md|weights[A-Za-z0-9._-]*\.safetensors)\.[a-z0-9_]{8}"
)
"""Files of saves that were killed: weights that no model.json names, and temporary files."""
_DTYPES = {"U8": "<u1", "I64": "<i8", "F32": "<f4"}


def save_model(model: Model, folder: str | Path, card: str = "") -> Model:
    """Write a model folder, so that it holds one whole model at any time: the old one, then the new one.

    The file of the weights is named by its content. model.json names that file, and its renaming is the one step at which the
    new model takes the place of the old one. Then the weights of the old one are removed. Saves into one folder wait for each
    other where the system has locks.

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
        If the folder cannot be written, or the model could not be read back.
    """
    folder = Path(folder)
    weights = _pack(model)
    name, digest = weights_name(weights), hashlib.sha256(weights).hexdigest()
    thresholds = tuple(model.thresholds.tolist())
    about = Description(
        model.name, name, digest, model.window, thresholds, model.taxonomy, dict(model.training), dict(model.extra)
    )
    try:
        described = description.description_to_bytes(about)
        _check_all(_unpack(weights, folder / name), len(model.taxonomy), folder / name)
    except ModelError as error:
        raise WriteError(f"{folder}: the model cannot be saved: {error}") from None
    with _locked(folder) as has_lock:
        if (folder / CARD).exists() and not (folder / DESCRIPTION).exists():
            raise WriteError(f"{folder}: holds a {CARD} but no model; name an empty or a new folder")
        before = _weights_of(folder)
        try:
            write_file(folder / name, weights)
            _synchronize(folder)
            write_file(folder / DESCRIPTION, described)
            _synchronize(folder)
        except BaseException:
            if _weights_of(folder) != name:
                _remove(folder / name)
            raise
        try:
            if card:
                write_file(folder / CARD, card.encode())
        finally:
            _remove_superseded(folder, name, before, has_lock)
    return Model(**{**fields_of(model), "checksum": hashlib.sha256(described).hexdigest()})


def weights_name(weights: bytes) -> str:
    """Name the file of some weights by their content."""
    return f"weights-{hashlib.sha256(weights).hexdigest()[:16]}.safetensors"


def load_model(folder: str | Path) -> Model:
    """Read a model folder.

    The file of the weights, which model.json names, must be in the same folder; it may be a link, since its content must have
    the checksum that model.json states.

    Raises
    ------
    ModelError
        If it is missing, damaged, incomplete, or not a model of this format; one sentence says which.
    """
    try:
        folder = Path(folder)
    except TypeError:
        raise TypeError(f"a model folder must be str or Path, not {type(folder).__name__}") from None
    described, about, packed = _read_both(folder)
    path = folder / about.weights_file
    arrays = _unpack(packed, path)
    stems = _check_all(arrays, len(about.taxonomy), path)
    return Model(
        name=about.name or escape_name(folder.resolve().name) or "model",
        taxonomy=about.taxonomy,
        stems=stems,
        codes=arrays["codes"],
        idf=arrays["idf"],
        weights=arrays["weights"],
        intercept=arrays["intercept"],
        thresholds=np.array(about.thresholds),
        window=about.window,
        training=about.training,
        extra=about.extra,
        checksum=hashlib.sha256(described).hexdigest(),
    )


# --- files of a folder -------------------------------------------------------------------------------------------


def _read_both(folder: Path) -> tuple[bytes, Description, bytes]:
    """Read model.json and the weights that it names; again, if another model has been saved between the two."""
    path = folder / DESCRIPTION
    for _ in range(MAX_READS):
        version = _version(path)
        described = _read(path, description.MAX_BYTES)
        about = description.parse_description(described, str(path))
        try:
            packed = _read(folder / about.weights_file, MAX_BYTES)
            if hashlib.sha256(packed).hexdigest() == about.weights_sha256:
                return described, about, packed
            failure = ModelError(
                f"{folder / about.weights_file}: is damaged or belongs to another model: its checksum is not that in "
                f"{DESCRIPTION}"
            )
        except ModelError as error:
            failure = error
        if _version(path) == version:
            raise failure
    raise ModelError(f"{folder}: is being written again and again; try later")


def _version(path: Path) -> tuple[int, ...]:
    """Tell a file from another one that takes its name."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _read(path: Path, most_bytes: int) -> bytes:
    try:
        return read_regular(path, most_bytes)
    except OSError as error:
        raise ModelError(
            f"{path}: no model can be read there: {reason(error)}; name a folder that `clauses train` wrote"
        ) from None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Make a folder and keep other saves out of it; gives False where the system has no locks."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY) if os.name == "posix" else None
    except (OSError, ValueError) as error:
        raise WriteError(f"{folder}: cannot be written: {reason(error)}") from None
    if handle is None:
        yield False
        return
    try:
        yield _lock(handle, folder)
    finally:
        os.close(handle)


def _synchronize(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, so that a crash of the machine cannot change their order."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    with contextlib.suppress(OSError):  # some file systems cannot
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(handle: int, folder: Path) -> bool:
    import fcntl

    end = time.monotonic() + MAX_LOCK_SECONDS
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                raise WriteError(f"{folder}: cannot be written: another program is saving a model there") from None
            time.sleep(LOCK_POLL_SECONDS)
        except OSError:  # a file system without locks
            return False


def _weights_of(folder: Path) -> str:
    """Return the name of the weights file that a folder's model.json states, whatever else is wrong with it; "" for none."""
    try:
        name = json.loads(read_regular(folder / DESCRIPTION, description.MAX_BYTES))["weights"]["file"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""
    return name if isinstance(name, str) and description.WEIGHTS_NAME.fullmatch(name) else ""


def _remove_superseded(folder: Path, name: str, before: str, has_lock: bool) -> None:
    """Remove the weights of the model before, and what saves that were killed have left; nothing that others may need."""
    if before and before != name:
        _remove(folder / before)
    for entry in folder.iterdir() if has_lock else ():
        if _LEFT_OVER.fullmatch(entry.name) and entry.name != name:
            _remove(entry)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # a reader may have it open where that forbids it; the next save tries again
        path.unlink()


# --- arrays ------------------------------------------------------------------------------------------------------


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
        if start > MAX_HEADER_BYTES:
            raise ValueError(f"its header has more than {MAX_HEADER_BYTES:,} bytes")
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


def _check_all(arrays: Mapping[str, NDArray[Any]], n_categories: int, path: Path) -> tuple[str, ...]:
    """Refuse arrays that are no model; return its stems."""
    stems = _stems(arrays["stems"], path)
    _check(arrays, len(stems), n_categories, path)
    return stems


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
    pairs, near = np.searchsorted(codes, [n, first_skipgram_code(n)])
    for some, base in ((codes[pairs:near], n), (codes[near:], first_skipgram_code(n))):
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


def is_threshold(value: object) -> bool:
    """Whether a value can be a threshold: a probability.

    >>> is_threshold(0.5), is_threshold(1.5), is_threshold(float("nan")), is_threshold("0.5")
    (True, False, False, False)
    """
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and bool(0 <= value <= 1)  # type: ignore[operator]
