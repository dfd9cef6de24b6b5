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
from rmanalytics.support.literal import from_here
from rmanalytics.support.table_model import MOST_COLUMNS, NONE, TOO_LONG, Table, batch, height
from rmanalytics.support.wording import first_line

MOST_GROUP_BYTES = 1 << 30
"""Unpacked size of a row group, which is what a reader has to hold; a million messages take a quarter of it."""

MOST_BATCH_BYTES = 64 << 20
"""Size of a batch whose texts are each written out; one text of a dictionary may be meant by every row."""

_SHORT = 4_096
"""Bytes of a text that every row of a batch may have."""

_LEAST_ROWS = 16
"""Rows of a batch below which reading takes for ever."""

_UNREADABLE = (pa.ArrowException, OSError, ValueError, TypeError, OverflowError)


def open_table(path: Path) -> Table:
    """Return the file ready to be read; raise BadInput when it is none, or too large to hold."""
    try:
        with pq.ParquetFile(from_here(path)) as file:
            _refuse_absurd(path, file.metadata)
            fields = list(file.schema_arrow)
            names = tuple(field.name.strip() for field in fields)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path}: is not a readable Parquet file, or is damaged: export it again ({first_line(error)})"
        ) from None
    return Table(
        path=path,
        columns=names,
        rows=lambda exact=NONE: _rows(path),
        decimals=frozenset(
            name for name, field in zip(names, fields, strict=True) if _is_decimal(field.type)
        ),
        no_ids={
            name: what for name, field in zip(names, fields, strict=True) if (what := _no_id(field.type))
        },
    )


def _is_decimal(kind: Any) -> bool:
    """Return whether a column's numbers may have a fraction; those of a dictionary are its values."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_floating(kind) or (pa.types.is_decimal(kind) and kind.scale > 0))


def _no_id(kind: Any) -> str | None:
    """Return what a column holds whose values are no ids, whatever they are as text."""
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_boolean(kind):
        return "truth values"
    if pa.types.is_nested(kind):
        return "lists or objects"
    return "dates or times" if pa.types.is_temporal(kind) else None


def _refuse_absurd(path: Path, metadata: Any) -> None:
    if metadata.num_columns > MOST_COLUMNS:
        raise BadInput(f"{path}: has {metadata.num_columns:,} columns: at most {MOST_COLUMNS:,} can be read")
    sizes = (metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))
    if (size := max(sizes, default=0)) > MOST_GROUP_BYTES:
        raise BadInput(f"{path}: a row group unpacks to {size:,} bytes: write it with smaller row groups")


def _rows(path: Path) -> Iterator[pa.RecordBatch]:
    first = 1
    try:
        packed, n_rows = _packed(path), _height(path)
        with pq.ParquetFile(
            from_here(path), buffer_size=1 << 20, pre_buffer=False, read_dictionary=packed
        ) as file:
            for found in file.iter_batches(batch_size=n_rows):
                for part in _parts(found):
                    yield _batch(path, first, part)
                    first += len(part)
    except (pa.ArrowException, OSError) as error:
        raise BadInput(
            f"{path}: is not a readable Parquet file, or is damaged: export it again ({first_line(error)})"
        ) from None


def _packed(path: Path) -> list[str]:
    """Return the columns with long texts in a dictionary, which are read as one: in its own size."""
    found: dict[str, None] = {}
    with pq.ParquetFile(from_here(path)) as file:
        names = {
            column.path_in_schema: None
            for _, column in _texts_in(file.metadata)
            if column.has_dictionary_page
        }
    with pq.ParquetFile(from_here(path), read_dictionary=list(names)) as file:
        for group, column in _texts_in(file.metadata):
            name = column.path_in_schema
            if column.has_dictionary_page and name not in found:
                row = next(
                    file.iter_batches(1, row_groups=[group], columns=[name]), None
                )  # has the whole dictionary
                if row is not None and max(map(_longest, row.columns), default=0) > _SHORT:
                    found[name] = None
    return list(found)


def _longest(column: Any) -> int:
    """Return the size of the longest text in the dictionaries of a column."""
    if pa.types.is_dictionary(column.type):
        return int(pc.max(pc.binary_length(column.dictionary)).as_py() or 0)
    return max([0, *(_longest(inner) for inner in _inner(column))])


def _height(path: Path) -> int:
    """Return how many rows a batch may have; raise BadInput where texts may repeat the one before without end."""
    with pq.ParquetFile(from_here(path)) as file:
        chained = [
            column.total_uncompressed_size
            for _, column in _texts_in(file.metadata)
            if "DELTA_BYTE_ARRAY" in column.encodings
        ]
        most = height(file.metadata.num_columns)
    if (n_rows := min(most, MOST_GROUP_BYTES // 4 // int(max([1, *chained])))) < _LEAST_ROWS:
        raise BadInput(
            f"{path}: a row group has {max(chained):,} bytes of DELTA_BYTE_ARRAY: write it with smaller row groups"
        )
    return n_rows


def _texts_in(metadata: Any) -> Iterator[tuple[int, Any]]:
    """Yield the columns of bytes with the number of their row group."""
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for column in map(row_group.column, range(row_group.num_columns)):
            if column.physical_type == "BYTE_ARRAY":
                yield group, column


def _parts(rows: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Yield the rows in parts of a size that can be held when each text is written out."""
    if len(rows) > 1 and sum(map(_n_bytes, rows.columns)) > MOST_BATCH_BYTES:
        half = len(rows) // 2
        yield from _parts(rows.slice(0, half))
        yield from _parts(rows.slice(half))
    else:
        yield rows


def _n_bytes(column: Any) -> int:
    """Return the size of a column when each of its texts is written out."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        lengths = pc.binary_length(column.dictionary).cast(pa.int64())
        return int(pc.sum(pc.take(lengths, column.indices)).as_py() or 0)
    inner = _inner(column)
    return sum(_n_bytes(one) for one in inner) if inner else int(column.nbytes)


def _inner(column: Any) -> list[Any]:
    """Return the columns that a nested one is made of."""
    kind = column.type
    if pa.types.is_struct(kind):
        return list(column.flatten())
    if pa.types.is_map(kind):  # its keys and items are those of the whole column
        first, end = column.offsets[0].as_py(), column.offsets[-1].as_py()
        return [part.slice(first, end - first) for part in (column.keys, column.items)]
    return [column.flatten()] if pa.types.is_nested(kind) else []


def _batch(path: Path, first: int, rows: pa.RecordBatch) -> pa.RecordBatch:
    """Return the rows as text, the first of which is row `first` of the file."""
    if len(rows) == 1 and sum(map(_n_bytes, rows.columns)) > MOST_BATCH_BYTES:
        return batch([first], [[""]] * rows.num_columns, [TOO_LONG])
    texts = []
    for name, column in zip(rows.schema.names, rows.columns, strict=True):
        try:
            texts.append(_texts(column))
        except _UNREADABLE as error:
            reason = first_line(error)
            raise BadInput(
                f"{path}: rows {first:,} to {first + len(rows) - 1:,}: column {name}: cannot be read as text: "
                f"export it again, with texts in UTF-8 ({reason})"
            ) from None
    return batch(range(first, first + len(rows)), texts)


def _texts(column: Any) -> Any:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _texts(column.dictionary_decode())
    if pa.types.is_timestamp(kind):  # whole seconds are written without a fraction
        return pc.replace_substring_regex(column.cast(pa.string()), r"\.0+(Z|[+-]\d+)?$", r"\1")
    if pa.types.is_nested(kind):
        return pa.array((_json(value) for value in column.to_pylist()), pa.string())
    if pa.types.is_floating(kind) or pa.types.is_duration(kind):
        return pa.array((None if v is None else text(v) for v in column.to_pylist()), pa.string())
    found = column.cast(pa.string())
    found.validate(full=True)  # the format promises UTF-8, and writers do not look
    return found


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value, default=_plain).decode()


def _plain(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
