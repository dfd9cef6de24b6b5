"""What the journal says about a batch: what was attempted before, and with what result.

The journal is the only truth about what was sent; the database may lag behind it or not be there at all.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics import journal
from rmanalytics.errors import JournalError
from rmanalytics.models import Result
from rmanalytics.send.batch import MOST_FAULTS, Batch, Lines
from rmanalytics.send.rows import SCHEMA, BadRow, shown
from rmanalytics.support.literal import from_here, literal, quoted
from rmanalytics.support.resources import sql
from rmanalytics.support.wording import count

MEMORY = "1GB"
_SCHEMA = pa.schema([SCHEMA.field(name) for name in ("line", "message_id", "campaign_id", "msisdn", "body")])
_RESULT = ("message_id", "result")
_SAID = journal.records.columns(journal.SUBMISSIONS, "message_ids", "responses", responses=_RESULT)
_KINDS = journal.records.columns(
    journal.SUBMISSIONS, "attempt_id", "message_ids", "responses", responses=_RESULT
)
_PLANNED = journal.records.columns(journal.MESSAGES, "message_id", "batch_id", "gateway")
_OLD = journal.records.columns(journal.MESSAGES, "message_id", "batch_id", "msisdn", "campaign_id", "body")


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


def consult(batch: Batch, directory: Path, gateway: str, *, retry_refused: bool = False) -> EarlierAttempts:
    """Return what the journal in `directory` says about the batch, which is for a gateway.

    Accepted and unclear messages are done permanently, refused ones unless `retry_refused`, unsent ones never.
    Raises JournalError where the journal cannot be read: then it is unknown what was sent.
    """
    with _database(directory.parent) as connection:
        _check_journal(connection, directory)
        _read_batch(connection, batch)
        _read_journal(connection, batch.batch_id, gateway, directory, is_plain=not batch.suffix)
        return EarlierAttempts(
            repeated=_faults(batch, dict(_rows(connection, _FIRST_REPEATED, {"n": MOST_FAULTS}))),
            n_repeated=_rows(connection, "SELECT count(*) FROM repeated")[0][0],
            attempted={Result(result): n for result, n in _rows(connection, _BY_RESULT)},
            done=_lines(connection, sql("rmanalytics.send", "done"), {"refused": not retry_refused}),
            planned=_lines(connection, "SELECT line FROM ids JOIN planned USING (id) WHERE is_ours"),
            n_elsewhere=_rows(connection, "SELECT count(*) FROM planned WHERE is_elsewhere")[0][0],
            n_same=_rows(connection, sql("rmanalytics.send", "n_same"))[0][0],
        )


def rounds(batch: Batch, directory: Path) -> list[tuple[str, str, bool]]:
    """Return the rounds in which rows of the batch were resent: mark, a batch it was planned in, and whether this
    batch has all rows of that.
    """
    with _database(directory.parent) as connection:
        _read_batch(connection, batch)
        segments = {"segments": _segments(directory, journal.MESSAGES)}
        columns = {"columns": journal.records.columns(journal.MESSAGES, "message_id", "batch_id")}
        return _rows(connection, sql("rmanalytics.send", "rounds"), segments | columns)


def first_gateway(directory: Path) -> str | None:
    """Return the gateway that the first message of the journal was planned for, None where there is none."""
    with _database(directory.parent) as connection:
        segments = {"segments": _segments(directory, journal.MESSAGES)[:1]}
        columns = {"columns": journal.records.columns(journal.MESSAGES, "gateway")}
        found = _rows(connection, sql("rmanalytics.send", "first_gateway"), segments | columns)
        return str(found[0][0]) if found else None


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
    connection: duckdb.DuckDBPyConnection, batch_id: str, gateway: str, directory: Path, *, is_plain: bool
) -> None:
    submissions = {"segments": _segments(directory, journal.SUBMISSIONS), "columns": _SAID}
    messages = {"segments": _segments(directory, journal.MESSAGES)}
    has_made_ids = _rows(connection, "SELECT count(base) > 0 FROM ids")[0][0]
    old = messages if has_made_ids else {"segments": [os.devnull]}
    connection.execute(sql("rmanalytics.send", "old"), old | {"columns": _OLD})
    connection.execute(sql("rmanalytics.send", "attempted"), submissions | {"is_plain": is_plain})
    of = {"batch_id": batch_id, "gateway": gateway, "columns": _PLANNED}
    connection.execute(sql("rmanalytics.send", "planned"), messages | of)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None) -> list[Any]:
    return connection.execute(sql, values or {}).fetchall()


def _lines(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any] | None = None) -> Lines:
    found = connection.sql(sql, params=values or {}).order("line").to_arrow_table()
    lines: Lines = found["line"].to_numpy()
    return lines


def _faults(batch: Batch, first_lines: Mapping[int, int]) -> list[BadRow]:
    """Return the faults of rows that repeat an earlier line's message_id, given both lines."""
    found = []
    for chunk in batch.chunks(columns=("line", "message_id")) if first_lines else ():
        for line, message_id in zip(*(column.to_pylist() for column in chunk.columns), strict=True):
            if line in first_lines:
                value, reason = shown("message_id", message_id), f"is already on line {first_lines[line]}"
                found.append(BadRow(line=line, field="message_id", value=value, reason=reason))
    return found


def _segments(directory: Path, stream: str) -> list[str]:
    return [literal(path) for path in journal.segments(directory, stream)] or [os.devnull]


def _check_journal(connection: duckdb.DuckDBPyConnection, directory: Path) -> None:
    """Raise JournalError for lines that are no records; the torn last one of a killed writer may be."""
    submissions = {"segments": _segments(directory, journal.SUBMISSIONS), "columns": _KINDS}
    for segment, n_lines in _rows(connection, sql("rmanalytics.send", "unreadable"), submissions):
        if n_lines > 1 or journal.ends_in_newline(Path(segment)):
            fault = f"{segment}: {count(n_lines, 'unreadable line')}, so it is unknown what was sent"
            raise JournalError(f"{fault}: repair or remove those lines")


@contextmanager
def _database(directory: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a database in memory that spills into a folder of its own, which it makes when it must."""
    spill = directory / f"spill-{secrets.token_hex(4)}"
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{MEMORY}'; SET threads = 1")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET temp_directory = {quoted(from_here(spill))}")
        yield connection
