"""Parquet files as batches of text; what has lost digits is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rmanalytics.errors import BadInput
from rmanalytics.support.cells import text
from rmanalytics.support.table_model import CHUNK, MOST_COLUMNS, Table, batch
from rmanalytics.support.wording import first_line

MOST_GROUP_BYTES = 1 << 30
"""Unpacked size of a row group, which is what a reader has to hold; a million messages take a quarter of it."""


def open_table(path: Path) -> Table:
    """Return the file ready to be read; raise BadInput when it is none, or too large to hold."""
    try:
        with pq.ParquetFile(path) as file:
            _refuse_absurd(path, file.metadata)
            fields = list(file.schema_arrow)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path}: is not a readable Parquet file: {first_line(error)}") from None
    return Table(
        path=path,
        columns=tuple(field.name.strip() for field in fields),
        rows=lambda: _rows(path),
        decimals=frozenset(field.name.strip() for field in fields if pa.types.is_floating(field.type)),
    )


def _refuse_absurd(path: Path, metadata: Any) -> None:
    if metadata.num_columns > MOST_COLUMNS:
        raise BadInput(f"{path}: has {metadata.num_columns:,} columns: at most {MOST_COLUMNS:,} can be read")
    sizes = (metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    if (size := max(sizes, default=0)) > MOST_GROUP_BYTES:
        raise BadInput(f"{path}: a row group unpacks to {size:,} bytes: write it with smaller row groups")


def _rows(path: Path) -> Iterator[pa.RecordBatch]:
    first = 1
    try:
        with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
            for found in file.iter_batches(batch_size=CHUNK):
                yield batch(range(first, first + len(found)), [_texts(column) for column in found.columns])
                first += len(found)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path}: is not a readable Parquet file: {first_line(error)}") from None


def _texts(column: Any) -> Any:
    kind = column.type
    if pa.types.is_timestamp(kind):  # whole seconds are written without a fraction
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+(Z|[+-]\d+)?$", r"\1")
    if pa.types.is_nested(kind):
        return pa.array((_json(value) for value in column.to_pylist()), pa.string())
    if pa.types.is_floating(kind) or pa.types.is_duration(kind):
        return pa.array((None if v is None else text(v) for v in column.to_pylist()), pa.string())
    return column.cast(pa.string())


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=str).decode()
