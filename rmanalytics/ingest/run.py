"""Journal → DuckDB: vectorised, incremental, exactly once in effect.

How far a segment has been ingested is written in the same transaction as its rows, so a killed ingest leaves
nothing half done and the next one continues from there. The file is held for moments, then released.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics import callbacks, dlt, journal, status_words, warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import JournalError
from rmanalytics.ingest import imports, matching, progress, template_checks, times, translation, upkeep
from rmanalytics.ingest.ingested import Ingested
from rmanalytics.support import full_disk
from rmanalytics.support.resources import sql
from rmanalytics.support.wording import first_line

HOLD_S = 2.0
"""Seconds after which the database is released for a moment, so that readers get their turn."""

CHUNK_BYTES = 128 << 20
_CALLBACK_BYTES = 64 << 20
"""Of callbacks: bodies of 1 MB are all in one vector of DuckDB's, and each function on them makes a copy."""

_BATCH_LINES = 16_384
_ITEMS_UNREAD = "SELECT sum(n_unread) FROM unread SEMI JOIN parsed USING (callback_id)"
_NO_DLR = "NULL::TIMESTAMPTZ AS submitted_at, NULL::TIMESTAMPTZ AS received_at"

OnProgress = Callable[[int, int], None]
"""Called with the bytes ingested so far, and with those plus the bytes still to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chunk:
    stream: str
    segment: str
    offset: int
    read: journal.Chunk


def ingest(
    settings: Settings,
    *,
    on_progress: OnProgress | None = None,
    waiting: warehouse.Waiting | None = None,
    chunk_bytes: int = CHUNK_BYTES,
    rematch_all: bool = False,
    folders: Sequence[Path] = (),
    done: Ingested | None = None,
) -> Ingested:
    """Load what the journal has and the database does not, then compress old segments; return the counts.

    `folders` are others with segments, read like the journal; `done` has counts to be added to.
    With `rematch_all`, DLRs without a message are tried against all messages, which else is done once a day.
    `waiting` is called with the holder of the database file if the wait takes a second.
    Raises BadInput for a wrong DLT setting or table of status words before anything is ingested,
    WarehouseLocked when another process keeps the file, JournalError when the database cannot be written (disk
    full): then nothing of the chunk under way is in it, and nothing is lost.
    """
    status_words.own(settings)
    done = done or Ingested()
    folders = (settings.journal_dir, *folders)
    updater = template_checks.Updater(
        policy=dlt.reading(settings).policy,
        imports_dir=None if settings.dlt_registry == "latest" else settings.journal_dir,
    )
    is_taken_in = is_checked = False
    while not is_checked:
        with warehouse.writer(settings.database, horizon_s=settings.horizon_s, waiting=waiting) as connection:
            if not is_taken_in:
                translation.note(connection, settings)
            is_taken_in = is_taken_in or not _while_held(
                connection,
                settings,
                folders,
                done,
                on_progress or (lambda _done, _all: None),
                chunk_bytes,
                rematch_all,
            )
            is_checked = is_taken_in and not _check_templates(connection, updater, done)
            offsets = progress.offsets(connection)
            if is_taken_in:
                _write_progress(connection, settings, offsets, done)
                done.outdated = translation.outdated(connection, settings)
    _compress(settings, offsets, done)
    return done


def _write_progress(
    connection: duckdb.DuckDBPyConnection, settings: Settings, offsets: dict[str, int], done: Ingested
) -> None:
    """Write down how far the database is, where that changed."""
    if done.n_bytes or progress.read(settings.home) is None:
        with _reported():
            reached = progress.of(connection, offsets, time.time())
        progress.write(settings.home, reached)


def _compress(settings: Settings, offsets: dict[str, int], done: Ingested) -> None:
    """Compress what is ingested and old, without holding the database."""
    tidied = journal.tidy(
        settings.journal_dir, offsets, older_than_s=settings.journal_compress_after_s, now=time.time()
    )
    done.n_compressed += tidied.n_segments
    done.unreadable = tidied.faults | done.unreadable


def _while_held(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    folders: Sequence[Path],
    done: Ingested,
    on_progress: OnProgress,
    chunk_bytes: int,
    rematch_all: bool,
) -> bool:
    """Ingest chunks until the time is up or there are none; return whether there may be more."""
    deadline = time.monotonic() + HOLD_S
    for chunk in _chunks(connection, folders, done, chunk_bytes):
        _take_in(connection, settings, chunk, done)
        done.n_bytes += chunk.read.next_offset - chunk.offset
        offsets = progress.offsets(connection)
        left = sum(journal.backlog_bytes(folder, offsets) for folder in folders)
        on_progress(done.n_bytes, done.n_bytes + left)
        if time.monotonic() > deadline:
            return True
    if _take_in_imports(connection, settings, done, deadline):
        return True
    if upkeep.is_waiting(connection) or rematch_all:
        with _transaction(connection):
            done.n_rematched += upkeep.rematch(connection, settings, everywhere=rematch_all)
    for until in upkeep.to_be_kept(connection):
        with _transaction(connection):
            upkeep.keep(connection, until)
        if time.monotonic() > deadline:
            return True
    return False


def _check_templates(
    connection: duckdb.DuckDBPyConnection, updater: template_checks.Updater, done: Ingested
) -> bool:
    """Check messages until the time is up or none is left; return whether there may be more."""
    with _reported():
        checked = updater.update(connection, HOLD_S)
    done.n_checked += checked.n_messages
    done.n_mismatched += checked.n_mismatched
    if updater.bad_rows:
        done.unreadable["relation templates"] = "; ".join(updater.bad_rows)
    return checked.is_cut_short


def _take_in_imports(
    connection: duckdb.DuckDBPyConnection, settings: Settings, done: Ingested, deadline: float
) -> bool:
    """Ingest imports, part by part, until the time is up; return whether there may be more."""
    for first in imports.waiting(connection, settings.journal_dir):
        part: imports.Part | None = first
        while part is not None:
            try:
                following = imports.prepare(connection, settings, part)
            except (duckdb.InvalidInputException, duckdb.IOException, OSError) as error:
                is_own = str(part.evidence.path) in str(error)
                if isinstance(error, duckdb.Error) and warehouse.is_damage(error) and not is_own:
                    raise
                done.unreadable[part.evidence.path.name] = first_line(error)
                break
            with _transaction(connection):
                done.n_imported += imports.take_in(connection, part, is_last=following is None)
            if following is None:
                done.n_bytes += part.evidence.n_bytes
            part = following
            if time.monotonic() > deadline:
                return True
    return False


def _chunks(
    connection: duckdb.DuckDBPyConnection, folders: Sequence[Path], done: Ingested, chunk_bytes: int
) -> Iterator[_Chunk]:
    """Yield what is not in the database yet, messages first, so that a DLR finds its message."""
    offsets = progress.offsets(connection)
    for stream in journal.STREAMS:
        most = min(chunk_bytes, _CALLBACK_BYTES) if stream == journal.CALLBACKS else chunk_bytes
        for path in journal.across(folders, stream):
            name = journal.identity(path)
            offset = offsets.get(name, 0)
            try:
                read = journal.read_chunk(path, offset, most)
                is_more = len(read.lines) or journal.promises(path, offset)
                if is_more and (fault := journal.fault_of(path)):
                    done.unreadable[name] = fault
                    continue
                while len(read.lines):
                    yield _Chunk(stream=stream, segment=name, offset=offset, read=read)
                    offset = read.next_offset
                    read = journal.read_chunk(path, offset, most)
                if left := journal.tail_bytes(path, offset):
                    done.unfinished[name] = left
            except OSError as error:
                done.unreadable[name] = error.strerror or str(error)
    done.unreadable |= {
        name: fault for name, fault in journal.gone(folders[0]).items() if name not in offsets
    }


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Make the block one step; when it fails, closing the connection takes all of it back."""
    with _reported():
        connection.begin()
        yield
        connection.commit()


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        is_lacking = isinstance(error, duckdb.CatalogException | duckdb.BinderException)
        if is_lacking or warehouse.is_damage(error) or full_disk.why(error):
            raise  # whoever holds the database says what to do
        reason = first_line(error)
        raise JournalError(
            f"the database cannot be written: {reason}: fix that and run ingest again"
        ) from error


def _take_in(
    connection: duckdb.DuckDBPyConnection, settings: Settings, chunk: _Chunk, done: Ingested
) -> None:
    """Prepare in temporary tables, then insert in one transaction; DuckDB scans what a transaction of its own
    has just written on one core only, so the preparation stays outside of it."""
    with _reported():
        _stage(connection, chunk)
        _PREPARATIONS[chunk.stream](connection, settings)
    with _transaction(connection):
        done.n_malformed += _changed(
            connection,
            "INSERT INTO journal_faults SELECT $1, byte_offset, 'not a record of this stream' "
            "FROM staged WHERE NOT is_good",
            [chunk.segment],
        )
        _INSERTS[chunk.stream](connection, done)
        progress.reached(connection, chunk.segment, chunk.read.next_offset, len(chunk.read.lines))


def _stage(connection: duckdb.DuckDBPyConnection, chunk: _Chunk) -> None:
    """Make the temporary table `staged`: a row per line of the chunk."""
    starts = pa.array(chunk.read.starts() + chunk.offset)
    lines = pa.table({"line": chunk.read.lines, "byte_offset": starts})
    batches = lines.to_batches(max_chunksize=_BATCH_LINES)  # no copy; DuckDB reads them on all cores
    table = pa.Table.from_batches(batches, lines.schema)
    if chunk.stream == journal.CALLBACKS:
        callbacks.stage(connection, table)
        return
    connection.register("lines", table)
    columns = journal.records.structure(chunk.stream)
    connection.execute(sql("rmanalytics.ingest", chunk.stream), {"columns": columns})
    connection.unregister("lines")


def _prepare_messages(connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    times.locate(connection, "SELECT message_id AS id FROM staged WHERE is_good")
    connection.execute(sql("rmanalytics.ingest", "known_messages"))
    connection.execute(sql("rmanalytics.ingest", "fresh_messages"))
    times.place(connection, "SELECT message_id AS id, planned_at AS message_at, " + _NO_DLR + " FROM fresh")


def _prepare_submissions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute(sql("rmanalytics.ingest", "answers"))
    since = _since(connection, "attempted_at", settings)
    ids = "SELECT unnest(message_ids) AS id FROM staged WHERE is_good UNION SELECT message_id FROM answers"
    times.locate(connection, ids, since)


def _prepare_callbacks(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    callbacks.translate(connection, settings)
    matching.match(connection, "new_dlrs", matching.Windows.of(settings))
    matching.place(connection, _since(connection, "received_at", settings))


def _since(connection: duckdb.DuckDBPyConnection, column: str, settings: Settings) -> datetime | None:
    """Return the time since which most messages of the chunk were planned; None for a chunk without any."""
    [(first,)] = connection.execute(f"SELECT min({column}) FROM staged WHERE is_good").fetchall()
    return first - timedelta(days=settings.match_days) if first else None


def _insert_messages(connection: duckdb.DuckDBPyConnection, done: Ingested) -> None:
    connection.execute(sql("rmanalytics.ingest", "imports/give_way"))
    done.n_messages += _changed(connection, sql("rmanalytics.ingest", "insert_messages"))
    times.settle(connection)
    upkeep.note_news(connection, "SELECT planned_at AS moment FROM fresh")


def _insert_submissions(connection: duckdb.DuckDBPyConnection, done: Ingested) -> None:
    done.n_late_answers += _changed(connection, sql("rmanalytics.ingest", "late_answers"))
    done.n_submissions += _changed(connection, sql("rmanalytics.ingest", "insert_submissions"))
    times.refold(connection, "SELECT id, message_at FROM located")
    upkeep.note_news(
        connection, "SELECT unnest([attempted_at, answered_at]) AS moment FROM staged WHERE is_good"
    )


def _insert_callbacks(connection: duckdb.DuckDBPyConnection, done: Ingested) -> None:
    n_parsed = _changed(connection, sql("rmanalytics.ingest", "parsed"))
    [(n_items,)] = connection.execute(_ITEMS_UNREAD).fetchall()
    done.n_items_unread += n_items or 0
    n_callbacks = _changed(connection, sql("rmanalytics.ingest", "insert_callbacks"))
    done.n_callbacks += n_callbacks
    done.n_unparsed += n_callbacks - n_parsed
    done.n_dlrs += _changed(connection, sql("rmanalytics.ingest", "insert_dlrs"))
    times.settle(connection)


_PREPARATIONS = {
    journal.MESSAGES: _prepare_messages,
    journal.SUBMISSIONS: _prepare_submissions,
    journal.CALLBACKS: _prepare_callbacks,
}
_INSERTS = {
    journal.MESSAGES: _insert_messages,
    journal.SUBMISSIONS: _insert_submissions,
    journal.CALLBACKS: _insert_callbacks,
}


def _changed(connection: duckdb.DuckDBPyConnection, statement: str, values: list[Any] | None = None) -> int:
    return int(connection.execute(statement, values).fetchall()[0][0])
