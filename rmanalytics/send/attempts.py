"""What the journal says about a batch: what was attempted before, and with what result.

The journal is the only truth about what was sent; the database may lag behind it or not be there at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pyarrow as pa

from rmanalytics import journal
from rmanalytics.errors import JournalError
from rmanalytics.models import Result
from rmanalytics.send import attempt_index
from rmanalytics.send.attempt_index import AttemptIndex, Indexing
from rmanalytics.send.batch import MOST_FAULTS, Batch, Lines
from rmanalytics.send.index_file import Keys
from rmanalytics.send.rows import SCHEMA, BadRow, shown
from rmanalytics.support import engine
from rmanalytics.support.literal import from_here, quoted
from rmanalytics.support.resources import sql
from rmanalytics.support.wording import count

MEMORY = "1GB"
_SCHEMA = pa.schema([SCHEMA.field(name) for name in ("line", "message_id", "campaign_id", "msisdn", "body")])
_RESULT = ("message_id", "result")
_SAID = journal.records.columns(journal.SUBMISSIONS, "message_ids", "responses", responses=_RESULT)
_KINDS = attempt_index.COLUMNS[journal.SUBMISSIONS]
_PLANNED = journal.records.columns(journal.MESSAGES, "message_id", "batch_id", "gateway")
_OLD = attempt_index.COLUMNS[journal.MESSAGES]
_RESENT = journal.records.columns(journal.MESSAGES, "message_id", "batch_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierAttempts:
    """What is known about the rows of a batch before this run.

    `repeated` are rows with the message_id of an earlier row (the first ones in full, `n_repeated` in all);
    `attempted` counts messages by their best result; `done` are the lines that are not sent (again);
    `planned` those whose message the journal has; `n_elsewhere` counts messages planned for another gateway,
    `n_same` rows without a message_id of their own that another batch has sent.
    """

    repeated: Sequence[BadRow]
    n_repeated: int
    attempted: Mapping[Result, int]
    done: Lines
    planned: Lines
    n_elsewhere: int
    n_same: int


def indexed(directory: Path, indexing: Indexing = lambda done, total: None) -> AttemptIndex:
    """Return the index of the journal in `directory`, up to date; `indexing` gets how far it is, in bytes of all."""
    return attempt_index.current(directory, lambda: _database(directory.parent), indexing)


def consult(
    batch: Batch, index: AttemptIndex, gateway: str, *, retry_refused: bool = False
) -> EarlierAttempts:
    """Return what the journal says about the batch, which is for a gateway; segments not about it are left out.

    Accepted and unclear messages are done permanently, refused ones unless `retry_refused`, unsent ones never.
    Raises JournalError where the journal cannot be read: then it is unknown what was sent.
    """
    with _database(index.place.parent) as connection:
        _read_batch(connection, batch)
        _read_journal(connection, batch, gateway, index)
        return EarlierAttempts(
            repeated=_repeated(connection, batch),
            n_repeated=_rows(connection, "SELECT count(*) FROM repeated")[0][0],
            attempted={Result(result): n for result, n in _rows(connection, _BY_RESULT)},
            done=_lines(connection, sql("rmanalytics.send", "done"), {"refused": not retry_refused}),
            planned=_lines(connection, "SELECT line FROM ids JOIN planned USING (id) WHERE is_ours"),
            n_elsewhere=_rows(connection, "SELECT count(*) FROM planned WHERE is_elsewhere")[0][0],
            n_same=_rows(connection, sql("rmanalytics.send", "n_same"))[0][0],
        )


def repeated(batch: Batch, directory: Path) -> tuple[list[BadRow], Lines]:
    """Return the rows with the message_id of an earlier one, the first ones in full, and the lines of all of them."""
    with _database(directory) as connection:
        _read_batch(connection, batch)
        return _repeated(connection, batch), _lines(connection, "SELECT line FROM repeated")


def rounds(batch: Batch, index: AttemptIndex) -> list[tuple[str, str, bool]]:
    """Return the rounds in which rows of the batch were resent: mark, a batch it was planned in, and whether this
    batch has all rows of that.
    """
    with _database(index.place.parent) as connection:
        _read_batch(connection, batch)
        bases = _keys(connection, _BASES)
        ours = _rounds(connection, index, bases) if len(bases) else []
        marks = [f"-r{mark}" for mark, _, _ in ours]  # rows of others' batches in these rounds count too
        wanted = _keys(connection, _MARKS, {"marks": marks})
        return _rounds(connection, index, wanted) if ours else []


def _rounds(connection: duckdb.DuckDBPyConnection, index: AttemptIndex, wanted: Keys) -> list[Any]:
    segments = attempt_index.lines_of(index.speaking_of(journal.MESSAGES, wanted), _RESENT)
    return _rows(connection, sql("rmanalytics.send", "rounds"), segments)


def first_gateway(index: AttemptIndex) -> str | None:
    """Return the gateway that the first message of the journal was planned for, None where there is none."""
    for path in index.first(journal.MESSAGES):
        offset = 0
        while len((chunk := journal.read_chunk(path, offset, _FIRST_BYTES)).lines):
            records = (_record(line) for line in chunk.lines.to_pylist())
            if found := next((one["gateway"] for one in records if one.get("gateway") is not None), None):
                return str(found)
            offset = chunk.next_offset
    return None


_FIRST_BYTES = 64 << 10


def _record(line: str) -> dict[str, Any]:
    """Return the record in a line; an empty one for a line that is none."""
    with suppress(ValueError):
        if isinstance(found := orjson.loads(line), dict):
            return found
    return {}


_FIRST_REPEATED = "SELECT line, first_line FROM repeated ORDER BY line LIMIT $n"
_BY_RESULT = """
    SELECT result, count(*) FROM ids JOIN attempted USING (id) ANTI JOIN repeated USING (line) GROUP BY result
"""


def _read_batch(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    reader = pa.RecordBatchReader.from_batches(_SCHEMA, batch.chunks(columns=_SCHEMA.names))
    connection.register("chunks", reader)
    connection.execute(sql("rmanalytics.send", "ids"))
    connection.execute(sql("rmanalytics.send", "repeated"))


def _read_journal(
    connection: duckdb.DuckDBPyConnection, batch: Batch, gateway: str, index: AttemptIndex
) -> None:
    """Make the relations about the batch: `old` first, as what was sent under ids of old must be looked for too."""
    bases = _keys(connection, _BASES)
    made = index.speaking_of(journal.MESSAGES, bases) if len(bases) else []
    connection.execute(sql("rmanalytics.send", "old"), attempt_index.lines_of(made, _OLD))
    wanted = _keys(connection, _IDS)
    submissions = index.speaking_of(journal.SUBMISSIONS, wanted)
    _check(connection, submissions)
    said = {**attempt_index.lines_of(submissions, _SAID), "is_plain": not batch.suffix}
    connection.execute(sql("rmanalytics.send", "attempted"), said)
    messages = attempt_index.lines_of(index.speaking_of(journal.MESSAGES, wanted), _PLANNED)
    of = {"batch_id": batch.batch_id, "gateway": gateway}
    connection.execute(sql("rmanalytics.send", "planned"), messages | of)


_BASES = "SELECT (base >> 64)::UBIGINT AS key FROM ids WHERE base IS NOT NULL"
_IDS = "SELECT (id >> 64)::UBIGINT AS key FROM (SELECT id FROM ids UNION ALL SELECT old_id FROM old)"
_MARKS = "SELECT (md5_number(unnest($marks)) >> 64)::UBIGINT AS key"


def _keys(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any] | None = None) -> Keys:
    """Return the keys that a query finds, as the index has them, ascending."""
    return np.unique(np.asarray(connection.execute(query, values or {}).fetchnumpy()["key"], np.uint64))


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None) -> list[Any]:
    return connection.execute(sql, values or {}).fetchall()


def _lines(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None) -> Lines:
    found = connection.sql(sql, params=values or {}).order("line").to_arrow_table()
    lines: Lines = found["line"].to_numpy()
    return lines


def _repeated(connection: duckdb.DuckDBPyConnection, batch: Batch) -> list[BadRow]:
    """Return the faults of the first rows that repeat an earlier line's message_id."""
    first_lines: dict[int, int] = dict(_rows(connection, _FIRST_REPEATED, {"n": MOST_FAULTS}))
    found = []
    for chunk in batch.chunks(columns=("line", "message_id")) if first_lines else ():
        for line, message_id in zip(*(column.to_pylist() for column in chunk.columns), strict=True):
            if line in first_lines:
                value, reason = shown("message_id", message_id), f"is already on line {first_lines[line]}"
                found.append(BadRow(line=line, field="message_id", value=value, reason=reason))
    return found


def _check(connection: duckdb.DuckDBPyConnection, segments: Sequence[Path]) -> None:
    """Raise JournalError for lines that are no records; the torn last one of a killed writer may be.

    The index never leaves out a segment with such lines.
    """
    submissions = attempt_index.lines_of(segments, _KINDS)
    for segment, n_lines in _rows(connection, sql("rmanalytics.send", "unreadable"), submissions):
        if n_lines > 1 or journal.ends_in_newline(Path(segment)):
            fault = f"{segment}: {count(n_lines, 'unreadable line')}, so it is unknown what was sent"
            raise JournalError(f"{fault}: repair or remove those lines")


@contextmanager
def _database(directory: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database in memory that spills into a folder of its own, which it makes when it must."""
    spill = directory / f"spill-{secrets.token_hex(4)}"
    with engine.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = {quoted(from_here(spill))}")
        yield connection
