"""Tagged policies become a Parquet table, a row a clause: what pandas, Arrow and databases read without guessing at types.

Each policy is written as JSON lines first, as in `data`, so that processes can hand it over; the table is made of those, some
thousand rows at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from classifier.errors import WriteError, needs_package
from classifier.render.formats import OutputFormat
from classifier.render.json import jsonl_format

if TYPE_CHECKING:
    from classifier.tagging.tagger import Tagger

ROWS = 5000
"""Rows of a group, which is as much as is held at a time."""


def form(explain: bool = False) -> OutputFormat:
    """Give the format. Raises `WriteError` where pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise WriteError(needs_package("Parquet files", "parquet")) from None
    return OutputFormat(jsonl_format(explain).policy, packed=partial(_packed, explain=explain))


class _Sink:
    """A file that is written to and emptied."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, part: Any) -> int:
        self._parts.append(bytes(part))
        return len(part)

    def flush(self) -> None:
        """Do nothing; there is nothing beneath."""

    def close(self) -> None:
        """Do nothing; what was written is taken out with `taken`."""

    def taken(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _packed(pieces: Iterable[str], tagger: Tagger, explain: bool) -> Iterator[bytes]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    strings, spans = pa.list_(pa.string()), [("start", pa.int64()), ("end", pa.int64())]
    fields = [
        ("policy", pa.string()),
        ("format", pa.string()),
        ("coverage", pa.float32()),
        ("clause", pa.int32()),
        *spans,
        *((name, pa.string()) for name in ("place", "kind")),
        ("headings", strings),
        *((name, pa.string()) for name in ("context", "text")),
        ("labels", strings),
        *((id, pa.float32()) for id in tagger.categories),
    ]
    if explain:
        part = pa.struct([*spans, ("text", pa.string())])
        fields += [
            ("near_misses", strings),
            ("evidence", pa.list_(pa.struct([("label", pa.string()), ("sentence", part), ("words", pa.list_(part))]))),
        ]
    about = {
        "model": tagger.model.name,
        "model_sha256": tagger.model.checksum,
        "thresholds": json.dumps(tagger.thresholds),
    }
    schema = pa.schema(fields, metadata=about)
    lines = chain.from_iterable(piece.split("\n") for piece in pieces)  # other line ends may stand in a clause
    rows = (_row(json.loads(line)) for line in lines if line)
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema, compression="zstd") as writer:
        while group := list(islice(rows, ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))
            yield sink.taken()
    yield sink.taken()


def _row(clause: dict[str, Any]) -> dict[str, Any]:
    why = [
        {"label": label, "sentence": about["sentence"], "words": about["evidence"]}
        for label, about in clause.pop("explanations", {}).items()
    ]
    return {**clause, **clause.pop("scores"), "evidence": why}
