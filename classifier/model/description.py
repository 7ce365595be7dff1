"""Read and check model.json: every field that the package uses must have the type and range that it relies on.

A model folder may come from a stranger. Values are checked here once, so pages, cards and reports need not check them. Fields
that this release does not know are kept unchanged, within limits of size and depth, so that a later release may add some.
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
"""Version of the format. Raise it if older folders cannot be read any more, or would score differently: the analyzer in
`classifier.text` is part of the format. Then keep a reader for the old version, and a folder of that version in the tests."""
FIGURES_VERSION = 1
"""The `SCHEMA_VERSION` of `classifier.evaluation.report` whose metrics are checked here; importing that takes longer."""
MAX_DESCRIPTION_BYTES = 32 * 2**20
"""Largest model.json. Policy marks take up nearly all of it, 16 bytes each."""
MAX_DEPTH = 32
"""Levels of nested objects and lists."""
MAX_NAME_CHARACTERS = 300
"""Longest name of a model."""
MAX_STRING_CHARACTERS = 10_000
"""Longest string of a field that the package uses; `classifier.taxonomy` limits those of categories."""
MAX_COUNT = 2**53
"""Counts are smaller, so that a float holds them exactly."""
MAX_WINDOW = 50
"""Largest distance, in words, of two stems of a term. A wider window has more terms than there are words to learn from."""
MAX_SHOWN_CHARACTERS = 60
"""Characters of a wrong value that a message shows."""
MAX_INT_DIGITS = 300
"""Digits of an integer; longer ones exceed the largest float."""
WEIGHTS_NAME = re.compile(r"weights[A-Za-z0-9._-]{0,100}\.safetensors")
"""Allowed names of a weights file."""
_TOP_FIELDS = frozenset(
    "format format_version name weights window thresholds value_thresholds categories attributes training".split()
)


class Rule(NamedTuple):
    """A condition on one value, and its description after "must be"."""

    description: str
    is_met: Callable[[Any], bool]


class OptionalField(NamedTuple):
    """A field that may be missing; if it is present, its value must match the schema."""

    schema: Schema


class Fields(NamedTuple):
    """An object whose known fields match one schema each; other fields are allowed."""

    known: Mapping[str, Schema | OptionalField]


class Each(NamedTuple):
    """A list, or the values of an object, that all match one schema."""

    container: type[list[Any]] | type[dict[str, Any]]
    schema: Schema
    length: int | None = None


Schema = Rule | Fields | Each


class Description(NamedTuple):
    """The fields of model.json, checked.

    Attributes
    ----------
    name
        Name of the model in output; None if the file has none.
    weights_file, weights_sha256
        Name of the weights file, in the same folder, and its checksum.
    window
        As in `classifier.model.model.Model`.
    thresholds
        One for each category, in the order of the taxonomy.
    taxonomy
        The categories.
    training
        As in `classifier.model.model.Model`.
    extra
        Top-level fields that this release does not know.
    value_thresholds
        One for each value, in the order of the taxonomy; () if the model has no second level.
    """

    name: str | None
    weights_file: str
    weights_sha256: str
    window: int
    thresholds: tuple[float, ...]
    taxonomy: Taxonomy
    training: dict[str, Any]
    extra: dict[str, Any]
    value_thresholds: tuple[float, ...] = ()


def parse_description(data: bytes, path: str) -> Description:
    """Read and check the bytes of a model.json; `path` is its name in messages.

    Raises
    ------
    ModelError
        If it does not describe a model; the message is one sentence that names the first wrong field.
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
    """Check the fields of a parsed model.json. Raises `ModelError`."""
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
    value_thresholds = content.get("value_thresholds", {})
    for id in taxonomy.value_ids if value_thresholds else ():
        if id not in value_thresholds:
            raise ModelError(f"{path}: value_thresholds.{id} is missing: each value needs a threshold")
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
        extra={key: value for key, value in content.items() if key not in _TOP_FIELDS},
        value_thresholds=tuple(float(value_thresholds[id]) for id in taxonomy.value_ids) if value_thresholds else (),
    )


def description_to_bytes(description: Description) -> bytes:
    """Return the bytes of a model.json, the same for the same fields; the inverse of `parse_description`.

    Raises
    ------
    ModelError
        If `parse_description` would refuse these bytes.
    """
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": description.name,
        "weights": {"file": description.weights_file, "sha256": description.weights_sha256},
        "window": description.window,
        "thresholds": dict(zip(description.taxonomy.ids, description.thresholds, strict=True)),
        **(
            {"value_thresholds": dict(zip(description.taxonomy.value_ids, description.value_thresholds, strict=True))}
            if description.value_thresholds
            else {}
        ),
        **to_tables(description.taxonomy),
        "training": description.training,
        **{key: value for key, value in description.extra.items() if key not in _TOP_FIELDS},
    }
    try:
        data = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"model.json: cannot be written as JSON: {' '.join(str(error).split())}") from None
    parse_description(data, "model.json")
    return data


def figures(training: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the metrics of a model as plain data for `report_from_dict`; None if this release cannot read them.

    Parameters
    ----------
    training
        The checked field of a model.json or `Model`.
    """
    figures = training.get("figures")
    if figures is None or figures["schema_version"] != FIGURES_VERSION:
        return None
    known = {key: figures[key] for key in _FIGURES.known if key in figures}
    row_fields = _FIGURE_ROW.known
    return {**known, "figures": [{key: row[key] for key in row_fields} for row in figures["figures"]]}


def wrong_name(name: object) -> str:
    r"""Return one sentence on a value that cannot be the name of a model, "" if it can.

    >>> wrong_name("mine"), wrong_name("a\nb")[:24]
    ('', 'the name of a model must')
    """
    return next(_problems(name, _NAME, "the name of a model"), "")


# --- parsing -----------------------------------------------------------------------------------------------------


def _json(data: bytes, path: str) -> dict[str, Any]:
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_float=_finite_float,
            parse_constant=_refuse_constant,
            parse_int=_short_int,
        )
        if "\\u" in text:
            json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair cannot be encoded
    except _DuplicateError as error:
        raise ModelError(f"{path}: is damaged: the field {_shown(error.args[0])} occurs twice") from None
    except _NumberError as error:
        raise ModelError(
            f"{path}: is damaged: it holds {_shown(error.args[0])}, which is not a finite number"
        ) from None
    except (ValueError, RecursionError):
        raise ModelError(f"{path}: is damaged: not valid JSON") from None
    if not isinstance(content, dict):
        raise ModelError(f"{path}: is not a {FORMAT}")
    if _is_too_deep(content):
        raise ModelError(f"{path}: is damaged: objects and lists are nested more than {MAX_DEPTH} deep")
    return content


class _DuplicateError(ValueError):
    """An object has a key twice; programs disagree on which of them counts."""


class _NumberError(ValueError):
    """A number is not a finite float."""


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _DuplicateError(next(key for key in keys if keys.count(key) > 1))
    return content


def _finite_float(literal: str) -> float:
    value = float(literal)
    if not math.isfinite(value):
        raise _NumberError(literal)
    return value


def _short_int(literal: str) -> int:
    if len(literal) > MAX_INT_DIGITS:
        raise _NumberError(literal)
    return int(literal)


def _refuse_constant(literal: str) -> Any:
    raise _NumberError(literal)


def _is_too_deep(content: Any) -> bool:
    level = [content]  # the objects and lists of one level of nesting
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
    """Yield one sentence for each value that does not match the schema; `field` is the path of the value."""
    if isinstance(schema, Rule):
        if not schema.is_met(value):
            yield f"{field} must be {schema.description}, not {_shown(value)}"
    elif isinstance(schema, Fields):
        yield from _field_problems(value, schema, field)
    elif not isinstance(value, schema.container):
        yield f"{field} must be {'a list' if schema.container is list else 'an object'}, not {_shown(value)}"
    elif schema.length is not None and len(value) != schema.length:
        yield f"{field} must be a list of {schema.length}, not of {len(value)}"
    else:
        yield from _item_problems(value, schema.schema, field)


def _item_problems(value: Any, schema: Schema, field: str) -> Iterator[str]:
    is_object = isinstance(value, dict)
    if isinstance(schema, Rule) and all(map(schema.is_met, value.values() if is_object else value)):
        return  # the usual case, far faster than the loop below
    for key, item in value.items() if is_object else enumerate(value):
        yield from _problems(item, schema, f"{field}.{_shown_key(str(key))}" if is_object else f"{field}[{key}]")


def _field_problems(value: Any, schema: Fields, field: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{field} must be an object, not {_shown(value)}"
        return
    for key, inner in schema.known.items():
        name = f"{field}.{key}" if field else key
        if key in value:
            yield from _problems(value[key], inner.schema if isinstance(inner, OptionalField) else inner, name)
        elif not isinstance(inner, OptionalField):
            yield f"{name} is missing"


def _figures_problems(figures: Any, ids: Sequence[str]) -> Iterator[str]:
    """Yield one sentence for each problem of a model's metrics; those of another version are not read, so not checked."""
    if figures is None:
        return
    field = "training.figures"
    yield from _problems(figures, Fields({"schema_version": _COUNT}), field)
    if isinstance(figures, dict) and figures.get("schema_version") == FIGURES_VERSION:
        problems = list(_problems(figures, _FIGURES, field))
        yield from problems
        if not problems and [row["category"] for row in figures["figures"]] != list(ids):
            yield f"{field}.figures must have one entry for each category, in the same order"
        if not problems:
            missing = [key for key in _REQUIRED_AVERAGES if key not in figures["averages"]]
            yield from (f"{field}.averages.{key} is missing" for key in missing)


def _shown(value: Any) -> str:
    """Return a value as a message shows it: shortened, without control characters."""
    text = escape_controls(ascii(value) if not isinstance(value, str) else repr(value[: 2 * MAX_SHOWN_CHARACTERS]))
    return text if len(text) <= MAX_SHOWN_CHARACTERS else f"{text[:MAX_SHOWN_CHARACTERS]}..."


def _shown_key(key: str) -> str:
    return key if key.isidentifier() and len(key) <= MAX_SHOWN_CHARACTERS else _shown(key)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


def _is_text(value: Any, max_characters: int = MAX_STRING_CHARACTERS) -> bool:
    return isinstance(value, str) and len(value) <= max_characters


def _is_name(value: Any) -> bool:
    return _is_text(value, MAX_NAME_CHARACTERS) and bool(value.strip()) and not unsafe_character(value, is_line=True)


_COUNT = Rule("a whole number of at least 0", lambda value: type(value) is int and 0 <= value < MAX_COUNT)
_SHARE = Rule("a number between 0 and 1", lambda value: _is_number(value) and 0 <= value <= 1)
_SHARE_OR_NULL = Rule("a number between 0 and 1, or null", lambda value: value is None or _SHARE.is_met(value))
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
_REQUIRED_AVERAGES = ("micro_f1", "macro_f1")
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
        "notes": OptionalField(Each(list, _TEXT)),
    }
)
"""The fields of `classifier.evaluation.report.Report.summary`."""
_SOURCE = {"rows": _COUNT, "policies": _COUNT, "data_sha256": _SHA256}
_TRAINING = Fields(
    {
        **{key: OptionalField(schema) for key, schema in _SOURCE.items()},
        "words": OptionalField(_COUNT),
        "unlabelled": OptionalField(_COUNT),
        "also": OptionalField(Fields(_SOURCE)),
        "policy_marks": OptionalField(Each(list, _MARK)),
    }
)
_TOP = Fields(
    {
        "name": OptionalField(_NAME),
        "weights": Fields({"file": _WEIGHTS, "sha256": _SHA256}),
        "window": OptionalField(_WINDOW),
        "thresholds": Each(dict, _SHARE),
        "value_thresholds": OptionalField(Each(dict, _SHARE)),
        "categories": _TABLES,
        "attributes": OptionalField(_TABLES),
        "training": OptionalField(_TRAINING),
    }
)
