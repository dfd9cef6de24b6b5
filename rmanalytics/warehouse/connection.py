"""The DuckDB file: who may write, who reads, and how both stay out of each other's way.

DuckDB locks the file per process. A writer opens it for moments; a reader holds it only while a query
runs, so an open notebook never shuts the writer out.
"""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from rmanalytics.errors import BadInput, WarehouseLocked
from rmanalytics.support.escape import visible
from rmanalytics.support.literal import quoted
from rmanalytics.support.resources import text
from rmanalytics.warehouse import outcomes
from rmanalytics.warehouse.snapshot import Snapshot

RELATIONS = (
    "messages",
    "submissions",
    "callbacks",
    "dlrs",
    "templates",
    "template_checks",
    "clevertap_reports",
    "clevertap_errors",
)
"""What analysts may rely on, beside the view `outcomes`."""

LOCK_WAIT_S = 30.0
TELL_S = 1.0
"""Seconds after which somebody who waits is told for whom."""

WRITER_MEMORY = "3GB"
"""What a writer may use; beyond it DuckDB puts temporary tables on the database's disk."""

Waiting = Callable[[str], None]
_COMMAND_CHARS = 100
_BOOKKEEPING = ("ingested", "journal_faults")
_ALIAS = "warehouse"
_OPEN_HERE = ("already attached", "different configuration")
_LOCKED = "IO Error: Could not set lock on file"
_BROKEN = (duckdb.FatalException, duckdb.InternalException, duckdb.SerializationException)
_HORIZON_S = 72 * 3600.0


class Warehouse:
    """Reads a database; what it gives are Ibis tables, which hold the file only while they are executed."""

    def __init__(
        self, path: Path, *, horizon_s: float = _HORIZON_S, lock_wait_s: float = LOCK_WAIT_S
    ) -> None:
        self.path = path
        self.horizon_s = horizon_s
        self._backend = _letting_go(path, lock_wait_s)

    def table(self, name: str) -> ir.Table:
        """Return a relation by name, such as `messages`; raise BadInput when there is no such relation."""
        try:
            with self._backend.holding():
                return self._backend.table(name, database=(_ALIAS, "main"))
        except ibis.common.exceptions.TableNotFound:
            raise BadInput(
                f"{self.path}: no relation {name!r}: there are {', '.join(RELATIONS)}, outcomes"
            ) from None

    def snapshot(self, as_of: datetime | None = None) -> Snapshot:
        """Return the relations as known at a time (aware; None is now)."""
        return Snapshot(relation=self.table, as_of=as_of)

    def outcomes(self, as_of: datetime | None = None) -> ir.Table:
        """Return one row per message as of a time (aware; None is now); see `outcomes.fold` for the columns."""
        return outcomes.fold(self.snapshot(as_of), horizon_s=self.horizon_s)

    def held_still(self, expression: ir.Table) -> ir.Table:
        """Return the rows of an expression as a table in memory: made by the engine, it holds no file."""
        connection = self._backend.con
        name = ibis.util.gen_name("held")
        query = ibis.to_sql(expression, dialect="duckdb")
        with self.holding():
            connection.execute(f"CREATE TABLE {name} AS {query}")
        return ibis.duckdb.from_connection(connection).table(name)

    def holding(self) -> AbstractContextManager[None]:
        """Hold the file for a block, so that several queries see the same moment."""
        return self._backend.holding()

    def missing(self) -> list[str]:
        """Return the columns of today's relations that the file lacks, as `relation.column`."""
        query = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ?"
        with self.holding():
            there = self._backend.con.execute(query, [_ALIAS]).fetchall()
        return sorted(".".join(column) for column in _columns_now() - set(there))

    def close(self) -> None:
        """Let go of the memory too."""
        self._backend.con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    path: str | Path = "data", *, horizon_s: float = _HORIZON_S, lock_wait_s: float = LOCK_WAIT_S
) -> Warehouse:
    """Return the warehouse of a home or a database file, for reading.

    Raises BadInput when there is no database yet, WarehouseLocked when another process keeps it for longer
    than `lock_wait_s` seconds.
    """
    file = Path(path)
    if file.is_dir():
        file = file / "rmanalytics.duckdb"
    if not file.is_file():
        raise BadInput(f"{file}: no database yet: run `rmanalytics ingest` first")
    return Warehouse(file, horizon_s=horizon_s, lock_wait_s=lock_wait_s)


@contextmanager
def writer(
    path: Path,
    *,
    horizon_s: float = _HORIZON_S,
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
    connection = _patiently(lambda: duckdb.connect(path), path, lock_wait_s, waiting)
    try:
        with _naming_damage(path):
            connection.execute("SET TimeZone = 'UTC'; SET preserve_insertion_order = false")
            connection.execute(f"SET memory_limit = '{WRITER_MEMORY}'")
            _bring_up_to_date(connection, horizon_s)
            yield connection
    finally:
        connection.close()


def is_damage(error: duckdb.Error) -> bool:
    """Return whether an error says that the file itself is broken, not the query, the memory or the disk.

    DuckDB 2 has no class for it: a wrong checksum is a bare `Error`, a file cut short an `IOException`.
    """
    if isinstance(error, duckdb.IOException):
        return str(error).startswith("IO Error: Could not read")
    return type(error) is duckdb.Error or isinstance(error, _BROKEN)


@contextmanager
def _naming_damage(path: Path) -> Iterator[None]:
    """Raise BadInput, which says what to do, where the file turns out to be damaged."""
    try:
        yield
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> BadInput:
    return BadInput(
        f"{path}: damaged ({_first_line(error)}): delete it and run `rmanalytics ingest` again; "
        "the journal has everything"
    )


def _bring_up_to_date(connection: duckdb.DuckDBPyConnection, horizon_s: float) -> None:
    """Make what is missing; the view's comment tells whether its definition is today's."""
    rows = connection.execute(
        "SELECT table_name, NULL FROM duckdb_tables() "
        "UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    ).fetchall()
    there = dict(rows)
    for name in (*RELATIONS, *_BOOKKEEPING):
        if name not in there:
            connection.execute(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
    _refuse_older(connection)
    view = _view(horizon_s)
    comment = f"One row per message, as of now (definition {sha256(view.encode()).hexdigest()[:12]})."
    if there.get("outcomes") != comment:
        connection.execute(f"{view}; COMMENT ON VIEW outcomes IS '{comment}'")


def _refuse_older(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise BadInput when a relation lacks a column of today: empty ones beside old rows would say what is not so."""
    if missing := sorted(_columns_now() - _columns(connection)):
        raise BadInput(
            f"the database was made by an earlier version (it has no {'.'.join(missing[0])}): "
            "delete it and run ingest again; the journal has everything"
        )


def _columns(connection: duckdb.DuckDBPyConnection) -> frozenset[tuple[str, str]]:
    """Return relation and name of every column."""
    query = (
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND database_name <> 'temp'"
    )
    return frozenset(connection.execute(query).fetchall())


@cache
def _columns_now() -> frozenset[tuple[str, str]]:
    with duckdb.connect() as connection:
        for name in (*RELATIONS, *_BOOKKEEPING):
            connection.execute(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
        return _columns(connection)


@cache
def _view(horizon_s: float) -> str:
    """Return the statement that makes `outcomes`, as of now, a plain view for any SQL tool."""
    backend = ibis.duckdb.connect()
    for name in RELATIONS:
        backend.raw_sql(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
    fold = outcomes.fold(Snapshot(relation=backend.table), horizon_s=horizon_s)
    query = ibis.to_sql(fold, dialect="duckdb").replace('"memory"."main".', "")
    return f"CREATE OR REPLACE VIEW outcomes AS {query}"


class _LettingGo(Backend):  # type: ignore[misc]  # ibis carries no types
    """A DuckDB backend that attaches the file when an expression is executed, and detaches it after."""

    _attach: Any
    _path: Path
    _depth = 0

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold the file, read-only, for as long as the block runs."""
        if self._depth == 0:
            self._attach()
        self._depth += 1
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings(
                    "ignore", module="ibis"
                )  # ibis 12 uses what pandas 3.1 and duckdb 2 deprecate
                with _naming_damage(self._path):
                    yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                with suppress(duckdb.Error):  # a damaged file cannot always be let go of
                    self.con.execute(f"DETACH {_ALIAS}")

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Execute an expression as a pandas object."""
        with self.holding():
            return super().execute(*args, **kwargs)

    def to_pyarrow(self, *args: Any, **kwargs: Any) -> Any:
        """Execute an expression as an Arrow table."""
        with self.holding():
            return super().to_pyarrow(*args, **kwargs)


def _letting_go(path: Path, lock_wait_s: float) -> _LettingGo:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    backend: _LettingGo = _LettingGo.from_connection(connection)
    statement = f"ATTACH {quoted(path)} AS {_ALIAS} (READ_ONLY)"
    backend._path = path
    backend._attach = lambda: _patiently(lambda: connection.execute(statement), path, lock_wait_s)
    return backend


def _patiently(open_file: Any, path: Path, wait_s: float, waiting: Waiting | None = None) -> Any:
    """Return what `open_file` returns, trying again while another process holds the lock."""
    start = time.monotonic()
    deadline = start + wait_s
    while True:
        try:
            return open_file()
        except duckdb.Error as error:
            said = str(error).replace(str(path), "")  # a folder may be called anything
            if any(words in said for words in _OPEN_HERE):
                raise WarehouseLocked(
                    f"{path}: already open in this process: close that connection first"
                ) from None
            if not said.startswith(_LOCKED):
                if is_damage(error):
                    raise _damaged(path, error) from None
                raise BadInput(f"{path}: not readable as a DuckDB 2 database: {_first_line(error)}") from None
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


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
