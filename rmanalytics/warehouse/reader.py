"""Ibis tables of a database, for notebooks, metrics and whoever composes questions.

Apart from `connection`, because Ibis takes half a second to import, which no command that only writes should
wait for.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from rmanalytics.errors import BadInput
from rmanalytics.support import engine
from rmanalytics.support.literal import from_here, quoted
from rmanalytics.warehouse import outcomes, selected
from rmanalytics.warehouse.connection import (
    ALIAS,
    LOCK_WAIT_S,
    attach,
    existing,
    naming_damage,
    refuse_lacking,
)
from rmanalytics.warehouse.pruned import Span
from rmanalytics.warehouse.schema import HORIZON_S, RELATIONS, columns_of
from rmanalytics.warehouse.snapshot import Snapshot

_SHARED = "shared"
"""Name of a database with one selection, and of its table."""


class Warehouse:
    """Reads a database; what it gives are Ibis tables, which hold the file only while they are executed."""

    def __init__(self, path: Path, *, horizon_s: float = HORIZON_S, lock_wait_s: float = LOCK_WAIT_S) -> None:
        self.path = path
        self.horizon_s = horizon_s
        self._backend = _letting_go(path, lock_wait_s)

    def table(self, name: str) -> ir.Table:
        """Return a relation by name, such as `messages`; raise BadInput when there is no such relation."""
        with self._backend.holding():
            try:
                found = self._backend.table(name, database=(ALIAS, "main"))
            except ibis.common.exceptions.TableNotFound:
                refuse_lacking(self._backend.con, self.path, of=name)
                raise BadInput(
                    f"{self.path}: no relation {name!r}: there are {', '.join(RELATIONS)}, outcomes"
                ) from None
            if not columns_of(name) <= set(found.columns):
                refuse_lacking(self._backend.con, self.path, of=name)
            return found

    def snapshot(self, as_of: datetime | None = None, imported_until: datetime | None = None) -> Snapshot:
        """Return the relations as known at a time (aware; None is now), without what was imported later."""
        return Snapshot(relation=self.table, as_of=as_of, imported_until=imported_until)

    def outcomes(
        self,
        as_of: datetime | None = None,
        imported_until: datetime | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        campaigns: Sequence[str] | None = None,
    ) -> ir.Table:
        """Return one row per message as of a time (aware; None is now); see `outcomes` for the columns.

        `since` (counts itself) and `until` (does not) are about planned_at; only what is selected is read.
        `imported_until` leaves out what was imported later, although it is evidence from before `as_of`;
        then everything is folded, as the times beside the rows know nothing of it.
        """
        asked = selected.Asked(as_of=as_of, span=Span(since=since, until=until), campaigns=campaigns)
        if imported_until is not None:
            known = self.snapshot(as_of, imported_until)
            return asked.of(outcomes.fold(known, horizon_s=self.horizon_s))
        with self.holding():
            return selected.outcomes(self.table, asked, horizon_s=self.horizon_s)

    def selection(
        self, as_of: datetime | None = None, *, since: datetime | None = None, until: datetime | None = None
    ) -> Snapshot:
        """Return the relations as known at a time, with only the rows of messages planned in a span."""
        asked = selected.Asked(as_of=as_of, span=Span(since=since, until=until))
        with self.holding():
            return selected.rows_of(self.table, asked, Span())

    def held_still(self, expression: ir.Table) -> ir.Table:
        """Return the rows of an expression as a table in memory: made by the engine, it holds no file."""
        connection = self._backend.con
        name = ibis.util.gen_name("held")
        query = self._backend.compile(expression)
        with self.holding():
            connection.execute(f"CREATE TABLE {name} AS {query}")
        return ibis.duckdb.from_connection(connection).table(name)

    def write_to(self, file: Path, expression: ir.Table) -> None:
        """Write the rows of an expression as the only table of a new database."""
        connection = self._backend.con
        with self.holding():
            query = self._backend.compile(expression)
            connection.execute(f"ATTACH {quoted(from_here(file))} AS {_SHARED}")
            connection.execute(f"CREATE TABLE {_SHARED}.{_SHARED} AS {query}")
            connection.execute(f"DETACH {_SHARED}")

    def read_from(self, file: Path) -> ir.Table:
        """Return the rows that `write_to` wrote; they stay in their file."""
        connection = self._backend.con
        connection.execute(f"ATTACH {quoted(from_here(file))} AS {_SHARED} (READ_ONLY)")
        return ibis.duckdb.from_connection(connection).table(_SHARED, database=(_SHARED, "main"))

    def holding(self) -> AbstractContextManager[None]:
        """Hold the file for a block, so that several queries see the same moment."""
        return self._backend.holding()

    def close(self) -> None:
        """Let go of the memory too."""
        self._backend.con.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def connect(
    path: str | Path = "data", *, horizon_s: float = HORIZON_S, lock_wait_s: float = LOCK_WAIT_S
) -> Warehouse:
    """Return the warehouse of a home or a database file, for reading.

    Raises BadInput when there is no database yet, WarehouseLocked when another process keeps it for longer
    than `lock_wait_s` seconds.
    """
    return Warehouse(existing(path), horizon_s=horizon_s, lock_wait_s=lock_wait_s)


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
                with naming_damage(self._path, self.con):
                    yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                with suppress(duckdb.Error):  # a damaged file cannot always be let go of
                    self.con.execute(f"DETACH {ALIAS}")

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Execute an expression as a pandas object."""
        with self.holding():
            return super().execute(*args, **kwargs)

    def to_pyarrow(self, *args: Any, **kwargs: Any) -> Any:
        """Execute an expression as an Arrow table."""
        with self.holding():
            return super().to_pyarrow(*args, **kwargs)


def _letting_go(path: Path, lock_wait_s: float) -> _LettingGo:
    connection = engine.connect()
    connection.execute("SET TimeZone = 'UTC'")
    backend: _LettingGo = _LettingGo.from_connection(connection)
    backend._path = path
    backend._attach = lambda: attach(connection, path, lock_wait_s)
    return backend
