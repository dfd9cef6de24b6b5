"""Outcomes of closed days, kept as rows, so that nobody folds them again.

`kept_outcomes` has every message planned before a time, which is in `upkeep` as `kept`. What touches one of these
messages later has it folded anew in the same transaction, from all of its rows. Messages since that time are folded
whenever they are asked for. What depends on the clock is left out and worked out by whoever reads.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from rmanalytics.support.resources import sql
from rmanalytics.warehouse.times import DLR_ID

IDS = {"messages": "message_id", "submissions": "message_id", "dlrs": DLR_ID}
UNTIL = "(SELECT max(first_at) FROM upkeep WHERE name = 'kept')"
"""Before when all messages are kept; null: none are."""

SLICE = 500_000
"""Messages folded at once: what bounds the memory."""

TIMELESS = sql("rmanalytics.warehouse", "timeless")
"""The fold of `part_messages`, `part_submissions` and `part_dlrs` as a query."""


def refold(connection: duckdb.DuckDBPyConnection, stale: str) -> None:
    """Fold messages anew, given a table of them as (id, lies_at) with each time at which rows of theirs may lie."""
    for name, key in IDS.items():
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW part_{name} AS "
            f"SELECT t.* FROM {name} t SEMI JOIN {stale} s ON t.planned_at = s.lies_at AND {key} = s.id"
        )
    connection.execute(
        f"DELETE FROM kept_outcomes USING {stale} s WHERE planned_at = s.lies_at AND message_id = s.id"
    )
    connection.execute(f"INSERT INTO kept_outcomes BY NAME FROM ({TIMELESS}) WHERE planned_at < {UNTIL}")


def keep(connection: duckdb.DuckDBPyConnection, since: datetime | None, until: datetime) -> None:
    """Keep the messages of a span, and so all before its end."""
    first = f"t.planned_at >= TIMESTAMPTZ '{since.isoformat()}' AND" if since else ""
    for name in IDS:
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW part_{name} AS "
            f"SELECT * FROM {name} t WHERE {first} t.planned_at < TIMESTAMPTZ '{until.isoformat()}'"
        )
    connection.execute(f"INSERT INTO kept_outcomes BY NAME FROM ({TIMELESS}) ORDER BY planned_at")
    connection.execute("DELETE FROM upkeep WHERE name = 'kept'")
    connection.execute("INSERT INTO upkeep VALUES ('kept', $1, $1)", [until])
