"""Whether the times beside submissions and DLRs are what messages and DLRs say."""

from __future__ import annotations

from typing import Any

import duckdb
import ibis

from rmanalytics import config
from rmanalytics.warehouse import kept as keeping
from rmanalytics.warehouse import times
from rmanalytics.warehouse.outcomes import timeless
from rmanalytics.warehouse.snapshot import Snapshot

KEPT = {
    "message_times": "SELECT * FROM message_times",
    "drifts": "SELECT * FROM drifts",
    "dlrs": "SELECT callback_id, position, planned_at FROM dlrs",
    "submissions": "SELECT attempt_id, message_id, planned_at FROM submissions",
}


def kept(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """The times as they are in the database."""
    return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in KEPT.items()}


def kept_and_measured(settings: config.Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """The times as ingest kept them, and as they come out when all of them are measured anew in a copy."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH '{settings.database}' AS file (READ_ONLY)")
        for name in ("messages", "submissions", "dlrs", "message_times", "drifts"):
            connection.execute(f"CREATE TABLE {name} AS FROM file.{name}")
        before = kept(connection)
        times.fill(connection)
        return before, kept(connection)


def kept_and_folded(settings: config.Settings) -> tuple[list[str], list[str]]:
    """The outcomes that ingest kept, and those that the fold of everything gives for the same days."""
    with duckdb.connect(settings.database, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        fold = timeless(Snapshot(relation=ibis.duckdb.from_connection(connection).table))
        names = ", ".join(fold.columns)
        queries = (
            f"SELECT {names} FROM kept_outcomes",
            f"SELECT {names} FROM ({ibis.to_sql(fold, dialect='duckdb')}) WHERE planned_at < {keeping.UNTIL}",
        )
        found = [sorted(map(repr, connection.execute(query).fetchall())) for query in queries]
        return found[0], found[1]
