"""Fills the relation `template_checks`: every domestic message against its registered template.

Messages that were checked stay so, until the templates or the policy change: then all are checked anew. Which
registry and policy the rows are of stands in the relation's comment, in the same transaction as their removal.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics.dlt import Policy, Registry
from rmanalytics.dlt.checks import SCHEMA, Checker
from rmanalytics.dlt.files import ALIASES, template_of

ROWS = 1 << 16
"""Messages checked, and made durable, at once."""

_NAMES = {name: name for name in ALIASES}


def registry_of(connection: duckdb.DuckDBPyConnection) -> Registry:
    """Return the templates of the database."""
    return registry_from(connection.sql("FROM templates ORDER BY template_id").to_arrow_table().to_pylist())


def registry_from(rows: list[dict[str, Any]]) -> Registry:
    """Return the registry of rows of the relation `templates`."""
    return Registry.of(template_of(row, _NAMES, "relation templates", n) for n, row in enumerate(rows, 1))


def update(connection: duckdb.DuckDBPyConnection, policy_name: str) -> tuple[int, int]:
    """Check what is not checked yet; return how many messages were, and how many of them do not match.

    Without templates nothing can be said, and there are no rows. Raises BadInput for an unknown policy.
    """
    policy = Policy.named(policy_name)
    registry = registry_of(connection)
    version = f"{policy.name}, registry {_digest(registry)}"
    if version != _version(connection):
        _begin_anew(connection, version)
    if not registry.templates or not _n_missing(connection):
        return 0, 0
    checker = Checker(registry=registry, policy=policy)
    n = n_mismatched = 0
    with connection.cursor() as reading:
        for batch in reading.sql(_sql("unchecked")).to_arrow_reader(ROWS):
            checks = pa.Table.from_batches([checker.check(batch)], SCHEMA)
            connection.register("checks", checks)
            connection.execute("INSERT INTO template_checks BY NAME FROM checks")
            connection.unregister("checks")
            n += checks.num_rows
            n_mismatched += checks.num_rows - checks.column("ok").to_pylist().count(True)
    return n, n_mismatched


def _digest(registry: Registry) -> str:
    return sha256(repr(sorted(registry.templates.items())).encode()).hexdigest()[:12]


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


@cache
def _sql(name: str) -> str:
    return (resources.files("rmanalytics") / "sql" / "template_checks" / f"{name}.sql").read_text()
