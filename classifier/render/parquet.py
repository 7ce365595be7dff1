"""Write tagged policies as a Parquet table, one row per clause, with types: for pandas, Arrow and databases.

Policies arrive as JSON lines, so that worker processes can hand them over; the table is made of those, some thousand rows
at a time. Columns are those of `render.table`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

from classifier.errors import WriteError, needs_package
from classifier.render.formats import OutputFormat, RenderOptions, TaggedWith
from classifier.render.json import jsonl_format

ROW_GROUP_ROWS = 5000
"""Rows of a row group, which are held in memory together."""


def parquet_format(options: RenderOptions) -> OutputFormat:
    """Return the format.

    Raises
    ------
    WriteError
        If pyarrow is not installed.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise WriteError(needs_package("Parquet files", "parquet")) from None
    return OutputFormat(jsonl_format(options).policy, packed=partial(_packed, explain=options.explain))


class _Sink:
    """A file in memory that is emptied between row groups."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Do nothing: there is no file below."""

    def close(self) -> None:
        """Do nothing: `taken` returns the bytes."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _packed(pieces: Iterable[str], source: TaggedWith, explain: bool) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    strings, spans = pa.list_(pa.string()), [("start", pa.int64()), ("end", pa.int64())]
    fields = [
        ("policy", pa.string()),
        ("format", pa.string()),
        ("coverage", pa.float32()),
        ("language", pa.string()),
        ("clause", pa.int32()),
        ("id", pa.string()),
        *spans,
        ("place", pa.string()),
        ("kind", pa.string()),
        ("part", pa.string()),
        ("headings", strings),
        ("section", strings),
        ("context", pa.string()),
        ("text", pa.string()),
        ("links", strings),
        ("labels", strings),
        *(_level_2_fields(pa) if source.level > 1 else ()),
        *((id, pa.float32()) for id in source.model.taxonomy.ids),
    ]
    if explain:
        part = pa.struct([*spans, ("text", pa.string())])
        fields += [
            ("near_misses", strings),
            ("evidence", pa.list_(pa.struct([("label", pa.string()), ("sentence", part), ("words", pa.list_(part))]))),
        ]
    about = {
        "model": source.model.name,
        "model_sha256": source.model.checksum,
        "thresholds": json.dumps(dict(source.thresholds)),
    }
    schema = pa.schema(fields, metadata=about)
    lines = chain.from_iterable(piece.split("\n") for piece in pieces)  # a clause may hold other line ends
    rows = (_row(json.loads(line)) for line in lines if line)
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        while group := list(islice(rows, ROW_GROUP_ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            yield sink.taken()
    yield sink.taken()


def _level_2_fields(pa: Any) -> list[tuple[str, Any]]:
    words = [("start", pa.int64()), ("end", pa.int64())]
    value = [("value", pa.string()), ("denied", pa.bool_()), ("score", pa.float32()), *words, ("quote", pa.string())]
    fact = [*((name, pa.string()) for name in ("type", "value", "of", "kind")), *words, ("text", pa.string())]
    return [("attributes", pa.list_(pa.struct(value))), ("facts", pa.list_(pa.struct(fact)))]


def _row(clause: dict[str, Any]) -> dict[str, Any]:
    why = [
        {"label": label, "sentence": about["sentence"], "words": about["evidence"]}
        for label, about in clause.pop("explanations", {}).items()
    ]
    return {**clause, **clause.pop("scores"), "evidence": why}
