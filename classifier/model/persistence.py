"""Save a model as a folder, and load it.

::

    models/default/
    ├── model.json            format, categories, thresholds, training data and metrics, name and checksum of the weights
    ├── weights-*.safetensors arrays of numbers and bytes: stems, codes, idf, weights, second level; named by their checksum
    └── README.md             the model card

Nothing in a folder can run code: model.json is JSON, checked by `classifier.model.description`, and the weights are plain
arrays, checked by `classifier.model.safetensors_file`. They are not compressed, so they are ready as soon as the file is
read. The weights must have the checksum that model.json states. The same model gives the same bytes. Folders of earlier
releases, with the file weights.safetensors, are read as well.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from classifier.errors import ModelError, WriteError, reason
from classifier.io import lock_folder, read_regular, write_file
from classifier.model import description
from classifier.model.description import Description
from classifier.model.model import Model
from classifier.model.safetensors_file import pack_arrays, unpack_arrays
from classifier.model.values import ValueHeads
from classifier.text.escaping import escape_name

DESCRIPTION, CARD = "model.json", "README.md"
MAX_WEIGHTS_BYTES = 512 * 2**20
"""Largest weights file."""
MAX_READS = 20
"""Attempts to read a model while others are saved into the same folder."""
MAX_LOCK_SECONDS = 60.0
"""Longest wait for another save into the same folder."""
_LEFTOVER = re.compile(
    r"weights-[0-9a-f]{16}\.safetensors|\.(?:model\.json|README\.md|weights[A-Za-z0-9._-]*\.safetensors)\.[a-z0-9_]{8}"
)
"""Files of saves that were killed: weights that no model.json names, and temporary files."""


def save_model(model: Model, folder: str | Path, card: str = "") -> Model:
    """Write a model folder; at any time the folder holds one complete model, first the old one, then the new one.

    The weights file is named by its content. model.json names that file, and its renaming is the one step at which the new
    model replaces the old one; the old weights are removed afterwards. Saves into one folder wait for each other if the
    system has locks.

    Parameters
    ----------
    model
        The model.
    folder
        The folder; it is created if it does not exist.
    card
        The model card in Markdown; "" for none.

    Returns
    -------
    Model
        The same model, with its checksum.

    Raises
    ------
    WriteError
        If the folder cannot be written, or the model could not be loaded.

    Examples
    --------
    >>> import tempfile
    >>> from classifier import load
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     saved = save_model(load().model, folder)
    ...     load_model(folder).checksum == saved.checksum
    True
    """
    folder = Path(folder)
    weights = pack_arrays(model)
    name, digest = weights_name(weights), hashlib.sha256(weights).hexdigest()
    content = Description(
        name=model.name,
        weights_file=name,
        weights_sha256=digest,
        window=model.window,
        thresholds=tuple(model.thresholds.tolist()),
        taxonomy=model.taxonomy,
        training=dict(model.training),
        extra=dict(model.extra),
        value_thresholds=() if model.values is None else tuple(model.values.thresholds.tolist()),
    )
    try:
        description_bytes = description.description_to_bytes(content)
        unpack_arrays(weights, len(model.taxonomy), len(content.value_thresholds), folder / name)
    except ModelError as error:
        raise WriteError(f"{folder}: the model cannot be saved: {error}") from None
    with _locked(folder) as has_lock:
        if (folder / CARD).exists() and not (folder / DESCRIPTION).exists():
            raise WriteError(f"{folder}: holds a {CARD} but no model; name an empty or a new folder")
        previous_name = _weights_file_of(folder)
        try:
            write_file(folder / name, weights)
            _synchronize(folder)
            write_file(folder / DESCRIPTION, description_bytes)
            _synchronize(folder)
        except BaseException:
            if _weights_file_of(folder) != name:
                _remove(folder / name)
            raise
        try:
            if card:
                write_file(folder / CARD, card.encode())
        finally:
            _remove_superseded(folder, name, previous_name, has_lock)
    return replace(model, checksum=hashlib.sha256(description_bytes).hexdigest())


def weights_name(weights: bytes) -> str:
    """Return the name of a weights file with this content.

    >>> weights_name(b"")
    'weights-e3b0c44298fc1c14.safetensors'
    """
    return f"weights-{hashlib.sha256(weights).hexdigest()[:16]}.safetensors"


def load_model(folder: str | Path) -> Model:
    """Load a model folder.

    The weights file that model.json names must be in the same folder. It may be a link, since its content must have the
    checksum that model.json states.

    Raises
    ------
    ModelError
        If the model is missing, damaged, incomplete or of another format; one sentence says which.
    TypeError
        If `folder` is not a path.
    """
    try:
        folder = Path(folder)
    except TypeError:
        raise TypeError(f"a model folder must be str or Path, not {type(folder).__name__}") from None
    description_bytes, content, weights = _read_consistent(folder)
    n_values = len(content.value_thresholds)
    stems, arrays = unpack_arrays(weights, len(content.taxonomy), n_values, folder / content.weights_file)
    heads = {name.removeprefix("value_"): array for name, array in arrays.items() if name.startswith("value_")}
    return Model(
        name=content.name or escape_name(folder.resolve().name) or "model",
        taxonomy=content.taxonomy,
        stems=stems,
        codes=arrays["codes"],
        idf=arrays["idf"],
        weights=arrays["weights"],
        intercept=arrays["intercept"],
        thresholds=np.array(content.thresholds),
        window=content.window,
        training=content.training,
        extra=content.extra,
        checksum=hashlib.sha256(description_bytes).hexdigest(),
        values=ValueHeads(**heads, thresholds=np.array(content.value_thresholds)) if n_values else None,
    )


def is_threshold(value: object) -> bool:
    """Return whether a value can be a threshold, that is a probability.

    >>> is_threshold(0.5), is_threshold(1.5), is_threshold(float("nan")), is_threshold("0.5")
    (True, False, False, False)
    """
    is_number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    return is_number and bool(0 <= value <= 1)  # type: ignore[operator]


# --- files of a folder -------------------------------------------------------------------------------------------


def _read_consistent(folder: Path) -> tuple[bytes, Description, bytes]:
    """Read model.json and the weights that it names; again if another model was saved between the two.

    Returns
    -------
    description_bytes, content, weights
        The bytes of model.json, its fields, and the bytes of the weights file.
    """
    path = folder / DESCRIPTION
    for _ in range(MAX_READS):
        version = _file_version(path)
        description_bytes = _read(path, description.MAX_DESCRIPTION_BYTES)
        content = description.parse_description(description_bytes, str(path))
        try:
            weights = _read(folder / content.weights_file, MAX_WEIGHTS_BYTES)
            if hashlib.sha256(weights).hexdigest() == content.weights_sha256:
                return description_bytes, content, weights
            failure = ModelError(
                f"{folder / content.weights_file}: is damaged or belongs to another model: its checksum is not that in "
                f"{DESCRIPTION}"
            )
        except ModelError as error:
            failure = error
        if _file_version(path) == version:
            raise failure
    raise ModelError(f"{folder}: is being replaced all the time; try again later")


def _file_version(path: Path) -> tuple[int, ...]:
    """Return numbers that change if another file takes the name; () if there is no file."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return ()
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def _read(path: Path, max_bytes: int) -> bytes:
    try:
        return read_regular(path, max_bytes)
    except OSError as error:
        raise ModelError(
            f"{path}: the model cannot be read: {reason(error)}; name a folder that `clauses train` wrote"
        ) from None


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Create a folder and keep other saves out of it; yield False if the system has no locks."""
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            has_lock = stack.enter_context(lock_folder(folder, MAX_LOCK_SECONDS))
        except BlockingIOError:
            raise WriteError(f"{folder}: cannot be written: another program is saving a model there") from None
        except (OSError, ValueError) as error:
            raise WriteError(f"{folder}: cannot be written: {reason(error)}") from None
        yield has_lock


def _synchronize(folder: Path) -> None:
    """Wait until the names in a folder are on the disk, so that a crash of the machine cannot reorder them."""
    if os.name != "posix":  # elsewhere a folder cannot be opened
        return
    with contextlib.suppress(OSError):  # not every file system supports it
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _weights_file_of(folder: Path) -> str:
    """Return the name of the weights file in a folder's model.json, which may be damaged otherwise; "" if there is none."""
    try:
        name = json.loads(read_regular(folder / DESCRIPTION, description.MAX_DESCRIPTION_BYTES))["weights"]["file"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return ""
    return name if isinstance(name, str) and description.WEIGHTS_NAME.fullmatch(name) else ""


def _remove_superseded(folder: Path, name: str, previous_name: str, has_lock: bool) -> None:
    """Remove the weights of the previous model, and leftovers of killed saves if no other save can be running."""
    if previous_name and previous_name != name:
        _remove(folder / previous_name)
    for entry in folder.iterdir() if has_lock else ():
        if _LEFTOVER.fullmatch(entry.name) and entry.name != name:
            _remove(entry)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):  # Windows forbids it while a reader has the file open; the next save tries again
        path.unlink()
