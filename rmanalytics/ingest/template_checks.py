"""Fills the relation `template_checks`: every domestic message against its registered template.

Messages that were checked stay so, until the templates or the policy change: then all are checked again. Which
registry and policy the rows are of is in the relation's comment, in the same transaction as their removal.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics.dlt import Policy, Registry, Template
from rmanalytics.dlt.checker import SCHEMA, Checker
from rmanalytics.dlt.files import ALIASES, template_of
from rmanalytics.errors import BadInput
from rmanalytics.support.resources import sql

ROWS = 1 << 14
"""Messages checked, and made durable, at once."""

_NAMES = {name: name for name in ALIASES}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksUpdate:
    """What an update checked; `is_cut_short`: time was up, and there may be more."""

    n_messages: int = 0
    n_mismatched: int = 0
    is_cut_short: bool = False


def registry_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Registry, tuple[str, ...]]:
    """Return the registry of rows of the relation `templates`, and what is wrong with those that are none.

    An import refuses such rows; one that came in by another way is left out, for the others still count.
    """
    templates: list[Template] = []
    faults: list[str] = []
    for line, row in enumerate(rows, 1):
        try:
            templates.append(template_of(row, _NAMES, f"row {line}", line))
        except BadInput as error:
            faults.append(str(error))
    return Registry.of(templates), tuple(faults)


@dataclass(slots=True, kw_only=True)
class Updater:
    """Checks what is not checked yet; keeps what it made of the templates for its next turn."""

    policy: Policy
    bad_rows: tuple[str, ...] = ()
    _made: tuple[str, Checker] | None = None

    def update(self, connection: duckdb.DuckDBPyConnection, hold_s: float = inf) -> ChecksUpdate:
        """Check for `hold_s` seconds and a part more, or until all are; return what was.

        Without templates nothing can be said, and there are no rows.
        """
        version = f"{self.policy.name}, registry {_digest(connection)}"
        if version != _version(connection):
            _begin_anew(connection, version)
        if not _n_missing(connection):
            return ChecksUpdate()
        deadline = time.monotonic() + hold_s
        checker = self._checker(connection, version)
        n = n_mismatched = 0
        for batch in _unchecked(connection) if checker.registry.templates else ():
            if n and time.monotonic() > deadline:
                return ChecksUpdate(n_messages=n, n_mismatched=n_mismatched, is_cut_short=True)
            checks = pa.Table.from_batches([checker.check(batch)], SCHEMA)
            _insert(connection, checks)
            n += checks.num_rows
            n_mismatched += checks.num_rows - checks.column("ok").to_pylist().count(True)
        return ChecksUpdate(n_messages=n, n_mismatched=n_mismatched)

    def _checker(self, connection: duckdb.DuckDBPyConnection, version: str) -> Checker:
        if self._made is None or self._made[0] != version:
            rows = connection.sql("FROM templates ORDER BY template_id, content").to_arrow_table()
            registry, self.bad_rows = registry_from(rows.to_pylist())
            self._made = version, Checker(registry=registry, policy=self.policy)
        return self._made[1]


def _unchecked(connection: duckdb.DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as reading:
        yield from reading.sql(sql("rmanalytics.ingest", "template_checks/unchecked")).to_arrow_reader(ROWS)


def _insert(connection: duckdb.DuckDBPyConnection, checks: pa.Table) -> None:
    connection.register("checks", checks)
    connection.execute("INSERT INTO template_checks BY NAME FROM checks")
    connection.unregister("checks")


def _digest(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute(sql("rmanalytics.ingest", "template_checks/digest")).fetchall()[0][0])


def _version(connection: duckdb.DuckDBPyConnection) -> str:
    query = "SELECT comment FROM duckdb_tables() WHERE table_name = 'template_checks'"
    found = re.search(r"\((.+)\)", str(connection.execute(query).fetchall()[0][0]))
    return found[1] if found else ""


def _begin_anew(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    comment = f"One row per domestic message, checked against its template ({version})."
    connection.begin()
    connection.execute("DELETE FROM template_checks")
    connection.execute(f"COMMENT ON TABLE template_checks IS '{comment}'")
    connection.commit()


def _n_missing(connection: duckdb.DuckDBPyConnection) -> int:
    query = "SELECT (SELECT count(*) FROM messages WHERE route = 'domestic') - (SELECT count(*) FROM template_checks)"
    return int(connection.execute(query).fetchall()[0][0])
