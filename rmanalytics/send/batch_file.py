"""Batch files: any table file as Arrow batches of our columns, each row with its line in the file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from rmanalytics.errors import BadInput
from rmanalytics.support.table_model import Table
from rmanalytics.support.tables import PLAIN, ReadOptions, exact, open_table, recognise

REQUIRED = ("msisdn", "body", "campaign_id")
OPTIONAL = ("message_id", "template_id", "template_variables", "header", "entity_id", "route")
COLUMNS = REQUIRED + OPTIONAL
_IDS = ("msisdn", "campaign_id", "message_id", "template_id", "entity_id")
_TEXT = pa.string()
SCHEMA = pa.schema([("line", pa.int64()), *((name, _TEXT) for name in COLUMNS), ("broken", _TEXT)])
"""`line` is the row's place in the file; `broken` says why a row could not be read at all."""

CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFile:
    """A batch file whose `chunks` can be read once; `unknown` are the columns that are ignored."""

    path: Path
    batch_id: str
    chunks: Iterator[pa.RecordBatch]
    unknown: frozenset[str]


def open_source(path: Path, reading: ReadOptions = PLAIN) -> BatchFile:
    """Return the batch file ready to be read; `batch_id` is made from its content and how it is read.

    Raises BadInput, here or while chunks are read, naming file, line, field and fix.
    """
    table = open_table(path, reading)
    found = recognise(table, dict.fromkeys(COLUMNS, ()), reading, required=REQUIRED)
    if decimal := [name for name in found.values() if name in table.decimals]:
        raise BadInput(f"{path}: column {decimal[0]}: holds decimal numbers, which lose digits: make it text")
    return BatchFile(
        path=path,
        batch_id=_digest(path, reading),
        chunks=_checked(path, _chunks(table, found)),
        unknown=frozenset(name for name in table.columns if name and name not in found.values()),
    )


def _digest(path: Path, reading: ReadOptions) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    if asked := [*reading.as_list(), *sorted(reading.columns.items())]:  # another sheet is another batch
        digest.update(json.dumps(asked).encode())
    return digest.hexdigest()[:16]


def _chunks(table: Table, found: dict[str, str]) -> Iterator[pa.RecordBatch]:
    places = [table.columns.index(found[name]) if name in found else None for name in COLUMNS]
    for rows in table.rows(exact(table, found, _IDS)):
        nothing = pa.nulls(len(rows), _TEXT)
        texts = [nothing if at is None else rows.column(f"c{at}") for at in places]
        whole = pa.record_batch([rows.column("line"), *texts, rows.column("broken")], schema=SCHEMA)
        for start in range(0, len(whole), CHUNK):
            yield whole.slice(start, CHUNK)


def _checked(path: Path, chunks: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the chunks; a file that has none, or that changed meanwhile, is refused."""
    before = path.stat()
    n_rows = 0
    for chunk in chunks:
        n_rows += len(chunk)
        yield chunk
    if not n_rows:
        raise BadInput(f"{path}: has no rows below the column names")
    after = path.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise BadInput(f"{path}: changed while it was being read: run the command again")
