"""Bytes of model.json become a checked mapping: every field that the package reads has the type and range it relies on.

A model folder may come from a stranger. What is checked here need not be checked where it is used: no page, card or report
computes with a value that has not passed. Fields that this release does not know are kept as they are, within limits of size
and depth, so that a later release may add some.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from classifier.errors import ModelError, TaxonomyError
from classifier.taxonomy import Taxonomy, from_tables, to_tables, unsafe_character
from classifier.text.escaping import escape_controls

FORMAT = "policy-clauses model"
FORMAT_VERSION = 1
"""Raise it when a folder written before could not be read, or would be read to other scores: the analyzer in `text` is part
of the format. Keep a reader for the old version, with a folder of that version in the tests."""
FIGURES_VERSION = 1
"""The `SCHEMA_VERSION` of `evaluation.report` whose figures are checked; that module takes longer to load than this one."""
MAX_BYTES = 32 * 2**20
"""Largest model.json. Nearly all of it are marks of policies, 16 bytes for each."""
MAX_DEPTH = 32
"""Objects and lists inside each other."""
MAX_NAME_CHARACTERS = 300
MAX_STRING_CHARACTERS = 10_000
"""Longest string of a field that the package reads; a category has limits of its own."""
MAX_COUNT = 2**53
"""Counts are below this, so that a float holds them exactly."""
MAX_WINDOW = 50
"""Words between two stems of a term. A wider window makes more terms than there are words to learn from."""
MAX_SHOWN_CHARACTERS = 60
"""Characters of a wrong value that a message shows."""
WEIGHTS_NAME = re.compile(r"weights[A-Za-z0-9._-]{0,100}\.safetensors")
_KNOWN = ("format", "format_version", "name", "weights", "window", "thresholds", "categories", "attributes", "training")


class Rule(NamedTuple):
    """A condition on one value, with the words that complete "must be"."""

    words: str
    holds: Callable[[Any], bool]


class Maybe(NamedTuple):
    """A field that may be left out; if it is there, its value follows the schema."""

    schema: Schema


class Fields(NamedTuple):
    """An object whose known fields follow a schema each; others are allowed."""

    known: Mapping[str, Schema | Maybe]


class Each(NamedTuple):
    """A list, or the values of an object, in which all follow one schema."""

    kind: type[list[Any]] | type[dict[str, Any]]
    schema: Schema
    length: int | None = None


Schema = Rule | Fields | Each


class Description(NamedTuple):
    """The fields of model.json, checked.

    Attributes
    ----------
    name
        What output calls the model; None if the file does not say.
    weights_file, weights_sha256
        The file of the weights, in the same folder, and its checksum.
    window
        As in `classifier.model.persistence.Model`.
    thresholds
        One for each category, in the order of the taxonomy.
    taxonomy
        The categories.
    training
        As in `classifier.model.persistence.Model`.
    extra
        Top-level fields that this release does not know.
    """

    name: str | None
    weights_file: str
    weights_sha256: str
    window: int
    thresholds: tuple[float, ...]
    taxonomy: Taxonomy
    training: dict[str, Any]
    extra: dict[str, Any]


def parse_description(data: bytes, path: str) -> Description:
    """Read and check the bytes of a model.json; `path` is what messages call it.

    Raises
    ------
    ModelError
        If it does not describe a model; one sentence names the first wrong field.
    """
    content = _json(data, path)
    if content.get("format") != FORMAT:
        raise ModelError(f"{path}: is not a {FORMAT}")
    version = content.get("format_version")
    if type(version) is not int or version != FORMAT_VERSION:
        raise ModelError(
            f"{path}: has format version {_shown(version)}, but this release reads {FORMAT_VERSION}; "
            "train the model again or install the release that wrote it"
        )
    return check(content, path)


def check(content: Mapping[str, Any], path: str) -> Description:
    """Check the fields of a model.json that was parsed. Raises `ModelError`."""
    for problem in _problems(content, _TOP, ""):
        raise ModelError(f"{path}: {problem}")
    try:
        taxonomy = from_tables(content)
    except TaxonomyError as error:
        raise ModelError(f"{path}: {error}") from None
    thresholds = content["thresholds"]
    for id in taxonomy.ids:
        if id not in thresholds:
            raise ModelError(f"{path}: thresholds.{id} is missing: each category needs a threshold")
    training = content.get("training", {})
    for problem in _figures_problems(training.get("figures"), taxonomy.ids):
        raise ModelError(f"{path}: {problem}")
    return Description(
        name=content.get("name"),
        weights_file=content["weights"]["file"],
        weights_sha256=content["weights"]["sha256"],
        window=content.get("window", 0),
        thresholds=tuple(float(thresholds[id]) for id in taxonomy.ids),
        taxonomy=taxonomy,
        training=training,
        extra={key: value for key, value in content.items() if key not in _KNOWN},
    )


def description_to_bytes(description: Description) -> bytes:
    """Write a description as the bytes of a model.json, the same for the same fields; the inverse of `parse`.

    Raises
    ------
    ModelError
        If `parse` would refuse these bytes.
    """
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": description.name,
        "weights": {"file": description.weights_file, "sha256": description.weights_sha256},
        "window": description.window,
        "thresholds": dict(zip(description.taxonomy.ids, description.thresholds, strict=True)),
        **to_tables(description.taxonomy),
        "training": description.training,
        **{key: value for key, value in description.extra.items() if key not in _KNOWN},
    }
    try:
        data = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"model.json: cannot be written as JSON: {' '.join(str(error).split())}") from None
    parse_description(data, "model.json")
    return data


def figures(training: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the figures of a model as plain data for `report.from_dict`; None if there are none that this release reads."""
    found = training.get("figures")
    if found is None or found["schema_version"] != FIGURES_VERSION:
        return None
    known = {key: found[key] for key in _FIGURES.known if key in found}
    row_fields = _FIGURE_ROW.known
    return {**known, "figures": [{key: row[key] for key in row_fields} for row in found["figures"]]}


def wrong_name(name: object) -> str:
    """Return the sentence for a value that cannot be the name of a model, else ""."""
    return next(_problems(name, _NAME, "the name of a model"), "")


# --- parsing -----------------------------------------------------------------------------------------------------


def _json(data: bytes, path: str) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(
            text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse, parse_int=_moderate
        )
        if "\\u" in text:
            json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair could be shown nowhere
    except _DuplicateError as error:
        raise ModelError(f"{path}: is damaged: the field {_shown(error.args[0])} is there twice") from None
    except _NumberError as error:
        raise ModelError(
            f"{path}: is damaged: it holds {_shown(error.args[0])}, which is not a finite number"
        ) from None
    except (ValueError, RecursionError):
        raise ModelError(f"{path}: is damaged: not valid JSON") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path}: is not a {FORMAT}")
    if _is_deep(content):
        raise ModelError(f"{path}: is damaged: more than {MAX_DEPTH} objects and lists are inside each other")
    return content


class _DuplicateError(ValueError):
    """A key of an object is there twice: programs disagree on which of them counts."""


class _NumberError(ValueError):
    """A number is no finite float."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateError(next(key for key in keys if keys.count(key) > 1))
    return found


def _finite(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise _NumberError(literal)
    return value


def _moderate(literal: str) -> int:
    if len(literal) > 300:  # beyond the largest float
        raise _NumberError(literal)
    return int(literal)


def _refuse(literal: str) -> Any:
    raise _NumberError(literal)


def _is_deep(content: Any) -> bool:
    level = [content]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


# --- checking ----------------------------------------------------------------------------------------------------


def _problems(value: Any, schema: Schema, field: str) -> Iterator[str]:
    """Say what is wrong with a value, a sentence for each problem."""
    if isinstance(schema, Rule):
        if not schema.holds(value):
            yield f"{field} must be {schema.words}, not {_shown(value)}"
    elif isinstance(schema, Fields):
        yield from _field_problems(value, schema, field)
    elif not isinstance(value, schema.kind):
        yield f"{field} must be {'a list' if schema.kind is list else 'an object'}, not {_shown(value)}"
    elif schema.length is not None and len(value) != schema.length:
        yield f"{field} must be a list of {schema.length}, not of {len(value)}"
    else:
        yield from _item_problems(value, schema.schema, field)


def _item_problems(value: Any, schema: Schema, field: str) -> Iterator[str]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(schema, Rule) and all(schema.holds(item) for _, item in items):
        return  # nearly always, and far faster than the loop below
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _problems(
            item, schema, f"{field}.{_label(str(key))}" if isinstance(value, dict) else f"{field}[{key}]"
        )


def _field_problems(value: Any, schema: Fields, field: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{field} must be an object, not {_shown(value)}"
        return
    for key, inner in schema.known.items():
        name = f"{field}.{key}" if field else key
        if key in value:
            yield from _problems(value[key], inner.schema if isinstance(inner, Maybe) else inner, name)
        elif not isinstance(inner, Maybe):
            yield f"{name} is missing"


def _figures_problems(figures: Any, ids: Sequence[str]) -> Iterator[str]:
    """Say what is wrong with the figures of a model; those of another version are not read, and so not checked."""
    if figures is None:
        return
    field = "training.figures"
    yield from _problems(figures, Fields({"schema_version": _COUNT}), field)
    if isinstance(figures, dict) and figures.get("schema_version") == FIGURES_VERSION:
        found = list(_problems(figures, _FIGURES, field))
        yield from found
        if not found and [row["category"] for row in figures["figures"]] != list(ids):
            yield f"{field}.figures must have one entry for each category, in the same order"
        if not found:
            yield from (
                f"{field}.averages.{key} is missing" for key in _NEEDED_AVERAGES if key not in figures["averages"]
            )


def _shown(value: Any) -> str:
    """Return a value as a message shows it, short and without control characters."""
    text = escape_controls(ascii(value) if not isinstance(value, str) else repr(value[: 2 * MAX_SHOWN_CHARACTERS]))
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}..."


def _label(key: str) -> str:
    return key if key.isidentifier() and len(key) <= MAX_SHOWN_CHARACTERS else _shown(key)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_text(value: Any, most: int = MAX_STRING_CHARACTERS) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_name(value: Any) -> bool:
    return _is_text(value, MAX_NAME_CHARACTERS) and bool(value.strip()) and not unsafe_character(value, is_line=True)


_COUNT = Rule("a whole number of at least 0", lambda value: type(value) is int and 0 <= value < MAX_COUNT)
_SHARE = Rule("a number between 0 and 1", lambda value: _is_number(value) and 0 <= value <= 1)
_SHARE_OR_NULL = Rule("a number between 0 and 1, or null", lambda value: value is None or _SHARE.holds(value))
_MEAN = Rule("a number of at least 0", lambda value: _is_number(value) and 0 <= value < MAX_COUNT)
_BOOL = Rule("true or false", lambda value: isinstance(value, bool))
_TEXT = Rule(
    f"a string of at most {MAX_STRING_CHARACTERS:,} characters, without control characters",
    lambda value: _is_text(value) and not unsafe_character(value),
)
_NAME = Rule(f"a name of 1 to {MAX_NAME_CHARACTERS} characters, without control characters or line ends", _is_name)
_SHA256 = Rule(
    "a SHA-256 checksum, 64 hexadecimal digits",
    lambda value: isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value) is not None,
)
_WEIGHTS = Rule(
    "the name of a file in the same folder, weights*.safetensors",
    lambda value: isinstance(value, str) and WEIGHTS_NAME.fullmatch(value) is not None,
)
_MARK = Rule("a string of at most 100 characters", lambda value: isinstance(value, str) and len(value) <= 100)
_WINDOW = Rule(
    f"a whole number between 0 and {MAX_WINDOW}", lambda value: type(value) is int and 0 <= value <= MAX_WINDOW
)
_TABLES = Rule(
    "a list of objects", lambda value: isinstance(value, list) and all(isinstance(item, dict) for item in value)
)
_ESTIMATE = Each(list, _SHARE_OR_NULL, 3)
_AVERAGES = Each(dict, _ESTIMATE)
_NEEDED_AVERAGES = ("micro_f1", "macro_f1")
_FIGURE_ROW = Fields(
    {
        "category": _NAME,
        **dict.fromkeys(("support", "predicted", "known", "policies"), _COUNT),
        **dict.fromkeys(("precision", "recall", "f1", "average_precision"), _ESTIMATE),
        "calibration_error": _SHARE_OR_NULL,
        "thresholds": Each(list, _SHARE),
    }
)
_FIGURES = Fields(
    {
        "schema_version": _COUNT,
        "how": _TEXT,
        "data_sha256": _SHA256,
        **dict.fromkeys(("rows", "policies", "groups", "unlabelled", "predicted_unlabelled", "n_folds"), _COUNT),
        **dict.fromkeys(("cardinality", "predicted_cardinality"), _MEAN),
        "by_policy": _BOOL,
        "figures": Each(list, _FIGURE_ROW),
        "averages": _AVERAGES,
        "calibration_error": _SHARE_OR_NULL,
        "notes": Maybe(Each(list, _TEXT)),
    }
)
"""The fields of `classifier.evaluation.report.Report.summary`."""
_SOURCE = {"rows": _COUNT, "policies": _COUNT, "data_sha256": _SHA256}
_TRAINING = Fields(
    {
        **{key: Maybe(schema) for key, schema in _SOURCE.items()},
        "words": Maybe(_COUNT),
        "unlabelled": Maybe(_COUNT),
        "also": Maybe(Fields(_SOURCE)),
        "policy_marks": Maybe(Each(list, _MARK)),
    }
)
_TOP = Fields(
    {
        "name": Maybe(_NAME),
        "weights": Fields({"file": _WEIGHTS, "sha256": _SHA256}),
        "window": Maybe(_WINDOW),
        "thresholds": Each(dict, _SHARE),
        "categories": _TABLES,
        "attributes": Maybe(_TABLES),
        "training": Maybe(_TRAINING),
    }
)
