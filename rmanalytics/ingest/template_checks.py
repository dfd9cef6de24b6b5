"""Fills the relation `template_checks`: every domestic message against its registered template.

A check stays until the policy or its own registry changes. A message is checked against the templates known when it
was planned, which its row names: a later import does not change an old day. The relation's comment says which policy
and imports its rows are of, in the same transaction as the removal of the others.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from rmanalytics.dlt import Policy, Registry, Template
from rmanalytics.dlt.checker import Checker
from rmanalytics.dlt.files import ALIASES, template_of
from rmanalytics.errors import BadInput
from rmanalytics.ingest import registries
from rmanalytics.ingest.registries import DatedRegistry
from rmanalytics.support.resources import sql

ROWS = 1 << 16
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
    imports_dir: Path | None = None
    bad_rows: tuple[str, ...] = ()
    _made: tuple[str, dict[str, Checker]] | None = None

    def update(self, connection: duckdb.DuckDBPyConnection, hold_s: float = inf) -> ChecksUpdate:
        """Check for `hold_s` seconds and a part more, or until all are; return what was.

        Without templates nothing can be said, and there are no rows.
        """
        version = f"{self.policy.name}, registry {registries.version(connection, self.imports_dir)}"
        known: list[DatedRegistry] = []
        if version != _version(connection):
            known = registries.dated(connection, self.imports_dir)
            _begin_anew(connection, version, known, self.policy)
        if not _n_missing(connection):
            return ChecksUpdate()
        deadline = time.monotonic() + hold_s
        known = known or registries.dated(connection, self.imports_dir)
        checkers = self._checkers(version, known)
        n = n_mismatched = 0
        for batch in _unchecked(connection, known) if any(each.rows for each in known) else ():
            if n and time.monotonic() > deadline:
                return ChecksUpdate(n_messages=n, n_mismatched=n_mismatched, is_cut_short=True)
            checks = pa.Table.from_batches([_checked(batch, checkers)])
            _insert(connection, checks)
            n += checks.num_rows
            n_mismatched += checks.num_rows - checks.column("ok").to_pylist().count(True)
        return ChecksUpdate(n_messages=n, n_mismatched=n_mismatched)

    def _checkers(self, version: str, known: Iterable[DatedRegistry]) -> dict[str, Checker]:
        if self._made is None or self._made[0] != version:
            checkers: dict[str, Checker] = {}
            for each in known:
                registry, self.bad_rows = registry_from(each.rows)
                checkers[each.identity] = Checker(registry=registry, policy=self.policy)
            self._made = version, checkers
        return self._made[1]


def _checked(batch: pa.RecordBatch, checkers: Mapping[str, Checker]) -> pa.RecordBatch:
    """Return the checks of a batch, each message by the checker of its registry."""
    own = batch.column("registry")
    parts = []
    for identity in own.unique().to_pylist():
        checks = checkers[identity].check(batch.filter(pc.equal(own, identity)))
        parts.append(checks.append_column("registry", pa.array([identity] * checks.num_rows)))
    return pa.concat_batches(parts)


def _unchecked(
    connection: duckdb.DuckDBPyConnection, known: Iterable[DatedRegistry]
) -> Iterator[pa.RecordBatch]:
    with connection.cursor() as reading:
        reading.register("registries", registries.as_table(known))
        yield from reading.sql(sql("rmanalytics.ingest", "template_checks/unchecked")).to_arrow_reader(ROWS)


def _insert(connection: duckdb.DuckDBPyConnection, checks: pa.Table) -> None:
    connection.register("checks", checks)
    connection.execute("INSERT INTO template_checks BY NAME FROM checks")
    connection.unregister("checks")


def _version(connection: duckdb.DuckDBPyConnection) -> str:
    query = "SELECT comment FROM duckdb_tables() WHERE table_name = 'template_checks'"
    found = re.search(r"\((.+)\)", str(connection.execute(query).fetchall()[0][0]))
    return found[1] if found else ""


def _begin_anew(
    connection: duckdb.DuckDBPyConnection, version: str, known: Iterable[DatedRegistry], policy: Policy
) -> None:
    """Remove the checks of another policy or registry, and say which the others are of."""
    comment = f"One row per domestic message, checked against its template ({version})."
    is_same_policy = _version(connection).startswith(f"{policy.name}, ")
    connection.register("registries", registries.as_table(known))
    connection.begin()
    if is_same_policy and any(each.rows for each in known):
        connection.execute(sql("rmanalytics.ingest", "template_checks/remove_stale"))
    else:
        connection.execute("DELETE FROM template_checks")
    connection.execute(f"COMMENT ON TABLE template_checks IS '{comment}'")
    connection.commit()
    connection.unregister("registries")


def _n_missing(connection: duckdb.DuckDBPyConnection) -> int:
    query = "SELECT (SELECT count(*) FROM messages WHERE route = 'domestic') - (SELECT count(*) FROM template_checks)"
    return int(connection.execute(query).fetchall()[0][0])
