"""The DuckDB file: who may write, who reads, and how both stay out of each other's way.

DuckDB locks the file per process. A writer opens it for moments; a reader holds it only while a query
runs, so an open notebook never shuts the writer out.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from rmanalytics.errors import BadInput, WarehouseLocked
from rmanalytics.support import engine, full_disk
from rmanalytics.support.escape import visible
from rmanalytics.support.files import no_file
from rmanalytics.support.folders import expanded
from rmanalytics.support.literal import from_here, quoted
from rmanalytics.support.wording import first_line
from rmanalytics.warehouse import creation, schema
from rmanalytics.warehouse.schema import HORIZON_S

LOCK_WAIT_S = 30.0
TELL_S = 1.0
"""Seconds after which somebody who waits is told for whom."""

WRITER_MEMORY = "3GB"
"""What a writer may use; beyond it DuckDB puts temporary tables on the database's disk."""

ALIAS = "warehouse"
"""What the file is called where it is attached."""

Waiting = Callable[[str], None]
_COMMAND_CHARS = 100
_OPEN_HERE = ("already attached", "different configuration")
_NO_ACCESS = ("Permission denied", "Read-only file system", "Operation not permitted")
_FOREIGN = ("not a valid DuckDB database", "extension")  # of another kind of database, by its first bytes
_NAME = "rmanalytics.duckdb"
_LOCKED = "IO Error: Could not set lock on file"
_VIEW = "SELECT comment FROM duckdb_views() WHERE view_name = 'outcomes' AND NOT internal"
_NOT_THERE = (duckdb.CatalogException, duckdb.BinderException)
_BROKEN = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)


class ForeignDatabase(BadInput):
    """A database of somebody else is in the place of ours."""


class NoDatabase(BadInput):
    """There is no database yet, or one that nothing was written to: whoever made it was killed before."""


def existing(path: str | Path) -> Path:
    """Return the database file of a home, or the file itself; raise NoDatabase when there is none yet."""
    file = Path(expanded(path) if isinstance(path, str) else path)
    if file.is_dir() and file.name != _NAME:
        file = file / _NAME
    _refuse_other(file)
    if not file.is_file():
        raise _none_yet(file)
    return file


def _none_yet(path: Path) -> NoDatabase:
    return NoDatabase(f"{path}: no database yet: run `rmanalytics ingest` first")


def _refuse_other(path: Path) -> None:
    """Raise BadInput where something else than a file has the database's name, or its log's, or the file is empty."""
    for file in (path, path.with_name(f"{path.name}.wal")):
        if what := no_file(file):
            raise BadInput(f"{file}: is {what}: move it away, then run `rmanalytics ingest`")
    if path.is_file() and not path.stat().st_size:
        raise BadInput(
            f"{path}: is empty: delete it and run `rmanalytics ingest`; the journal has everything"
        )


@contextmanager
def reading(path: str | Path, *, lock_wait_s: float = LOCK_WAIT_S) -> Iterator[duckdb.DuckDBPyConnection]:
    """Hold the database of a home read-only for a block, for plain SQL; hold it as briefly as you can.

    Raises as `connect` does.
    """
    file = existing(path)
    with engine.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        attach(connection, file, lock_wait_s)
        connection.execute(f"USE {ALIAS}")
        with naming_damage(file, connection):
            yield connection


def missing(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the columns of today that an attached database lacks, as `relation.column`."""
    query = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ?"
    there = set(connection.execute(query, [ALIAS]).fetchall())
    return sorted(".".join(column) for column in schema.columns() - there)


def attach(connection: duckdb.DuckDBPyConnection, path: Path, lock_wait_s: float) -> None:
    """Attach the database read-only, under the name of ALIAS."""
    statement = f"ATTACH {quoted(from_here(path))} AS {ALIAS} (READ_ONLY)"
    _patiently(lambda: connection.execute(statement), path, lock_wait_s)
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = ?"
    there = {name for (name,) in connection.execute(query, [ALIAS]).fetchall()}
    if not there & {*schema.RELATIONS}:
        connection.execute(f"DETACH {ALIAS}")
        raise _foreign(path) if there else _none_yet(path)


def _foreign(path: Path) -> ForeignDatabase:
    return ForeignDatabase(
        f"{path}: is a DuckDB database, but not of rmanalytics: move it away and run `rmanalytics ingest`"
    )


@contextmanager
def writer(
    path: Path,
    *,
    horizon_s: float = HORIZON_S,
    lock_wait_s: float = LOCK_WAIT_S,
    waiting: Waiting | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the database for writing, made or brought up to date where need be; hold it as briefly as you can.

    While another process keeps the file, `waiting` is told after a second who that is. Raises WarehouseLocked,
    naming that process, when it keeps the file for longer than `lock_wait_s`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{path.parent}: cannot create the folder of the database: {error.strerror}") from None
    _refuse_other(path)
    with full_disk.naming(path.parent, _UNWRITTEN):
        _create(path, horizon_s)
        connection = _patiently(lambda: engine.connect(from_here(path)), path, lock_wait_s, waiting)
    try:
        with full_disk.naming(path.parent, _UNWRITTEN), naming_damage(path, connection):
            connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
            connection.execute(f"SET memory_limit = '{WRITER_MEMORY}'")
            _bring_up_to_date(connection, path, horizon_s)
            yield connection
    finally:
        connection.close()


def _create(path: Path, horizon_s: float) -> None:
    try:
        creation.create(path, horizon_s)
    except OSError as error:
        if full_disk.why(error):
            raise
        raise BadInput(f"{path.parent}: cannot create the database: {error.strerror}") from None


_UNWRITTEN = "the database cannot be written; free disk space and run `rmanalytics ingest`"


def is_damage(error: duckdb.Error) -> bool:
    """Return whether an error says that the file itself is broken, not the query, the memory or the disk.

    DuckDB 2 has no class for it: a wrong checksum is a bare `Error`, a file cut short an `IOException`.
    """
    if full_disk.why(error):
        return False
    if isinstance(error, duckdb.IOException):
        return str(error).startswith("IO Error: Could not read")
    return type(error) is duckdb.Error or isinstance(error, _BROKEN)


@contextmanager
def naming_damage(path: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Raise BadInput, which says what to do, where the file turns out to be damaged or lacks a table or column."""
    try:
        yield
    except duckdb.Error as error:
        if is_damage(error):
            raise _damaged(path, first_line(error)) from None
        if isinstance(error, _NOT_THERE):
            refuse_lacking(connection, path)
        raise


def _damaged(path: Path, why: str) -> BadInput:
    """Return the error for a file that is damaged, with what to do."""
    return BadInput(
        f"{path}: damaged ({why}): delete it and run `rmanalytics ingest` again; the journal has everything"
    )


def refuse_lacking(connection: duckdb.DuckDBPyConnection, path: Path, of: str | None = None) -> None:
    """Raise BadInput where a table of ours is missing, or a column; `of` is the only table to look at."""
    there = _columns(connection)
    lacking = sorted(one for one in schema.columns() - there if of in (None, one[0]))
    tables = {table for table, _ in there}
    if gone := next(
        (table for table, _ in lacking if table in schema.RELATIONS and table not in tables), None
    ):
        raise _damaged(path, f"it has no table {gone}")
    if lacking:
        raise BadInput(f"{path}: {older('.'.join(lacking[0]))}")


def _unopened(path: Path, error: duckdb.Error) -> BadInput:
    said = first_line(error)
    if why := next((one for one in _NO_ACCESS if one in said), None):
        return BadInput(f"{path}: {why.lower()}: make it and its folder writable for this user")
    if any(words in said for words in _FOREIGN):
        return BadInput(
            f"{path}: not readable as a DuckDB 2 database: move it away and run `rmanalytics ingest`; "
            "the journal has everything"
        )
    return BadInput(f"{path}: not readable as a DuckDB 2 database: {said}")


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection, path: Path, horizon_s: float) -> None:
    """Make what is missing, in one commit; the view's comment tells whether all definitions are today's."""
    there = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if (schema.comment(horizon_s),) in connection.execute(_VIEW).fetchall():
        if {*schema.TABLES} - there:
            refuse_lacking(connection, path)
        return
    if there and not there & {*schema.TABLES}:
        raise _foreign(path)
    connection.begin()
    for name in schema.TABLES:
        if name not in there:
            connection.execute(schema.table(name))
    if there:
        _refuse_older(connection)
    connection.execute(schema.view(horizon_s))
    connection.commit()


def _refuse_older(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise BadInput when a relation lacks a column of today: empty ones beside old rows would say what is not so."""
    if missing := sorted(schema.columns() - _columns(connection)):
        raise BadInput(f"the database was {older('.'.join(missing[0]))}")


def older(lacks: str) -> str:
    """Return that a database lacks something of today, and what to do."""
    return (
        f"made by an earlier version (it has no {lacks}): "
        "delete it and run ingest again; the journal has everything"
    )


def _columns(connection: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str]]:
    """Return relation and name of every column."""
    query = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND database_name <> 'temp'"
    )
    return frozenset(connection.execute(query).fetchall())


def _patiently(open_file: Any, path: Path, wait_s: float, waiting: Waiting | None = None) -> Any:
    """Return what `open_file` returns, trying again while another process holds the lock."""
    start = time.monotonic()
    deadline = start + wait_s
    while True:
        try:
            return open_file()
        except duckdb.Error as error:
            if full_disk.why(error):
                raise
            said = str(error).replace(from_here(path), "")  # a folder may be called anything
            if any(words in said for words in _OPEN_HERE):
                raise WarehouseLocked(
                    f"{path}: already open in this process: close that connection first"
                ) from None
            if not said.startswith(_LOCKED):
                if is_damage(error):
                    raise _damaged(path, first_line(error)) from None
                raise _unopened(path, error) from None
            if time.monotonic() >= deadline:
                raise WarehouseLocked(
                    f"{path}: held by {_holder(error)}: close it there and run this again"
                ) from None
            if waiting and time.monotonic() - start > TELL_S:
                waiting(f"{path}: held by {_holder(error)}: close it there")
                waiting = None
        time.sleep(0.05)


def _holder(error: Exception) -> str:
    found = re.search(r"held in (.+?) \(PID (\d+)\)", str(error))
    return f"process {found[2]} ({_command(int(found[2])) or found[1]})" if found else "another process"


def _command(pid: int) -> str:
    """Return the beginning of a process's command line; empty where the system does not tell."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return ""
    return visible(" ".join(words).strip())[:_COMMAND_CHARS]
