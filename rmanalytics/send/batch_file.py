"""Batch files: CSV, JSON lines or Parquet as Arrow batches of text, each row with its line in the file.

Everything is text from the start: a 19-digit id does not survive a number. A chunk is read by calls that
handle all its rows at once; only a chunk with something odd in it is looked at row by row.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from rmanalytics.errors import BadInput

REQUIRED = ("msisdn", "body", "campaign_id")
OPTIONAL = ("message_id", "template_id", "template_variables", "header", "entity_id", "route")
COLUMNS = REQUIRED + OPTIONAL
_TEXT = pa.string()
SCHEMA = pa.schema([("line", pa.int64()), *((name, _TEXT) for name in COLUMNS), ("broken", _TEXT)])
"""`line` is the row's place in the file; `broken` says why a row could not be read at all."""

CHUNK = 5_000
LONGEST_LINE = 1 << 20
_DELIMITERS = ",;\t|"
_MARK = "\ufeff"
_line_breaks = re.compile(r"\r\n|\r|\n").findall

Columns = Sequence[Sequence[Any] | None]
"""One sequence of values per column of `COLUMNS`; None for one that is not in the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFile:
    """A batch file whose `chunks` can be read once; `unknown` fills with the columns that are ignored."""

    path: Path
    batch_id: str
    chunks: Iterator[pa.RecordBatch]
    unknown: set[str]


def open_source(path: Path) -> BatchFile:
    """Return the batch file ready to be read; `batch_id` is made from its content.

    Raises BadInput, here or while chunks are read, naming file, line, field and fix.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        found = path.suffix or "no extension"
        raise BadInput(f"{path}: has {found}: a batch file ends in {', '.join(_READERS)}")
    batch_id, unknown = _digest(path), set[str]()
    return BatchFile(
        path=path, batch_id=batch_id, chunks=_checked(path, reader(path, unknown)), unknown=unknown
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            if not file.peek(1):
                raise BadInput(f"{path}: is empty: its first line names the columns {', '.join(REQUIRED)}")
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from None


def _checked(path: Path, chunks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the chunks; a file that has none, or that changed meanwhile, is refused."""
    before = path.stat()
    n_rows = 0
    for chunk in chunks:
        n_rows += len(chunk)
        yield chunk
    if not n_rows:
        raise BadInput(f"{path}: has no rows below the names of the columns")
    after = path.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise BadInput(f"{path}: was changed while it was read: run the command again")


def _places(path: Path, names: Sequence[str], unknown: set[str]) -> list[int | None]:
    """Return where each of `COLUMNS` stands among the names, None when it is not there."""
    known = [name.strip().lower() for name in names]
    if missing := [name for name in REQUIRED if name not in known]:
        found = ", ".join(filter(None, known)) or "none"
        raise BadInput(f"{path}: line 1: no column {', '.join(missing)}: rename one of those there: {found}")
    if twice := sorted({name for name in COLUMNS if known.count(name) > 1}):
        raise BadInput(f"{path}: line 1: column {', '.join(twice)} stands twice: remove one")
    unknown.update(name.strip() for name, low in zip(names, known, strict=True) if low and low not in COLUMNS)
    return [known.index(name) if name in known else None for name in COLUMNS]


def _batch(lines: Iterable[int], columns: Columns, broken: Sequence[Any] | None = None) -> pa.RecordBatch:
    line = pa.array(lines, pa.int64())
    nothing = pa.nulls(len(line), _TEXT)
    arrays = [nothing if values is None else _texts(values) for values in (*columns, broken)]
    return pa.record_batch([line, *arrays], schema=SCHEMA)


def _texts(values: Any) -> Any:
    with suppress(pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array(values, _TEXT)
    return pa.array(map(_text, values), _TEXT)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _csv(path: Path, unknown: set[str]) -> Iterator[pa.RecordBatch]:
    try:
        yield from _csv_batches(path, unknown)
    except UnicodeDecodeError:
        at = _undecodable(path)
        raise BadInput(f"{path}: line {at}: is not UTF-8: save the file as CSV UTF-8") from None
    except csv.Error as error:
        reason = "a quote is opened and never closed" if "end of data" in str(error) else str(error)
        raise BadInput(f"{path}: line {_unparsable(path)}: is no CSV: {reason}") from None


def _csv_batches(path: Path, unknown: set[str]) -> Iterator[pa.RecordBatch]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = _csv_reader(file)
        names: list[str] = next(filter(None, reader), [])
        places = _places(path, names, unknown)
        before = reader.line_num
        while records := list(islice(reader, CHUNK)):
            lines: Iterable[int] = range(before + 1, before + 1 + len(records))
            if reader.line_num - before != len(records):
                lines = _csv_lines(before, records)
            before = reader.line_num
            yield _csv_batch(lines, records, len(names), places)


def _csv_reader(file: Any) -> Any:
    head = file.readline(LONGEST_LINE)
    file.seek(0)
    return csv.reader(file, delimiter=_delimiter(head.lstrip(_MARK)), strict=True)


def _csv_batch(
    lines: Iterable[int], records: list[list[str]], width: int, places: Sequence[int | None]
) -> pa.RecordBatch:
    broken: list[str | None] | None = None
    if set(map(len, records)) != {width}:
        kept = [(line, fields) for line, fields in zip(lines, records, strict=True) if fields]
        lines = [line for line, _ in kept]
        broken = [_ragged(fields, width) for _, fields in kept]
        records = [(fields + [""] * width)[:width] for _, fields in kept]
    columns = list(zip(*records, strict=True)) or [()] * width
    return _batch(lines, [None if at is None else columns[at] for at in places], broken)


def _ragged(fields: list[str], width: int) -> str | None:
    """Return what is wrong with the number of fields; empty ones at the end, as Excel leaves them, may be."""
    if len(fields) < width or any(fields[width:]):
        return f"has {len(fields)} fields where the first line names {width}"
    return None


def _csv_lines(before: int, records: list[list[str]]) -> list[int]:
    """Return the line on which each record starts, for a chunk with line breaks inside of quotes."""
    heights = (1 + sum(len(_line_breaks(field)) for field in fields) for fields in records[:-1])
    return list(accumulate(heights, initial=before + 1))


def _delimiter(head: str) -> str:
    """Return the delimiter under which the first line names `msisdn`; a comma when none does.

    >>> _delimiter("campaign_id;msisdn;body")
    ';'
    """
    for delimiter in _DELIMITERS:
        names = next(csv.reader([head], delimiter=delimiter), [])
        if "msisdn" in (name.strip().lower() for name in names):
            return delimiter
    return ","


def _undecodable(path: Path) -> int:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return number
    return 1


def _unparsable(path: Path) -> int:
    start = 1
    with path.open(encoding="utf-8-sig", newline="") as file, suppress(csv.Error):
        reader = _csv_reader(file)
        for _ in reader:
            start = reader.line_num + 1
    return start


def _jsonl(path: Path, unknown: set[str]) -> Iterator[pa.RecordBatch]:
    with path.open("rb") as file:
        if file.peek(1).lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"[":
            raise BadInput(f"{path}: line 1: is a JSON array: write one object a line")
        first = 1
        while lines := list(islice(file, CHUNK)):
            if first == 1:
                lines[0] = lines[0].removeprefix(_MARK.encode())
            yield _jsonl_batch(first, lines, unknown)
            first += len(lines)


def _jsonl_batch(first: int, lines: list[bytes], unknown: set[str]) -> pa.RecordBatch:
    numbers: Iterable[int] = range(first, first + len(lines))
    broken: list[str | None] | None = None
    try:
        records = list(map(orjson.loads, lines))
    except ValueError:
        records = []
    if set(map(type, records)) != {dict} or not set().union(*records) <= _KNOWN or _has_float(records):
        kept = [(number, _record(line)) for number, line in zip(numbers, lines, strict=True) if line.strip()]
        numbers = [number for number, _ in kept]
        broken = ["is no JSON object" if record is None else None for _, record in kept]
        records = [record or {} for _, record in kept]
        unknown.update(set().union(*records) - _KNOWN)
    return _batch(numbers, [[record.get(name) for record in records] for name in COLUMNS], broken)


def _has_float(records: Iterable[dict[str, Any]]) -> bool:
    return any(float in map(type, record.values()) for record in records)


def _record(line: bytes) -> dict[str, Any] | None:
    """Return the line's object with its numbers as they stand there, None when it holds no object."""
    try:
        orjson.loads(line)
        record = json.loads(line, parse_float=str, parse_int=str)
    except ValueError:
        return None
    if not isinstance(record, dict):
        return None
    return {name.strip().lower(): value for name, value in record.items()}


def _parquet(path: Path, unknown: set[str]) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False) as file:
            places = _places(path, file.schema_arrow.names, unknown)
            _refuse_decimals(path, [file.schema_arrow[at] for at in places if at is not None])
            first = 1
            for batch in file.iter_batches(batch_size=CHUNK):
                columns = [None if at is None else _column(batch.column(at)) for at in places]
                yield _batch(range(first, first + len(batch)), columns)
                first += len(batch)
    except pa.ArrowException as error:
        raise BadInput(f"{path}: is no readable Parquet file: {str(error).splitlines()[0]}") from None


def _refuse_decimals(path: Path, fields: Iterable[Any]) -> None:
    for field in fields:
        if pa.types.is_floating(field.type):
            raise BadInput(f"{path}: column {field.name}: is decimal, which loses digits: make it text")


def _column(column: Any) -> Any:
    return column.to_pylist() if pa.types.is_nested(column.type) else column.cast(_TEXT)


_KNOWN = frozenset(COLUMNS)
_READERS: dict[str, Callable[[Path, set[str]], Iterator[pa.RecordBatch]]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
}
