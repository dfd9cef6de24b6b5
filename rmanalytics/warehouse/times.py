"""When each message was, beside its submissions and DLRs: what lets a selection skip what it is not about.

`planned_at` of a submission or a DLR is that of its message in `outcomes` as of now. As of an earlier moment a
message may have had another time: DLRs came before its plan, or later ones gave an earlier time. Such messages are
in `drifts`, with the span of their times, so that a selection as of any moment finds all rows of what it selects.
"""

from __future__ import annotations

import duckdb

from rmanalytics.support.resources import sql

DLR_ID = "coalesce(message_id, gateway_message_id)"
"""The message that a row of `dlrs` is about, as `outcomes` names it."""

_MESSAGES = "SELECT message_id AS id, planned_at FROM messages"
_DLRS = f"SELECT {DLR_ID} AS id, submitted_at, received_at FROM dlrs WHERE {DLR_ID} IS NOT NULL"


def measure(connection: duckdb.DuckDBPyConnection, messages: str = _MESSAGES, dlrs: str = _DLRS) -> None:
    """Make the temporary table `timed` of messages (id, planned_at) and DLRs (id, submitted_at, received_at)."""
    connection.execute(sql("rmanalytics.warehouse", "timed").format(messages=messages, dlrs=dlrs))


def record(connection: duckdb.DuckDBPyConnection) -> None:
    """Insert what was measured into `message_times` and `drifts`, which must not have it yet."""
    connection.execute(
        "INSERT INTO message_times SELECT key, planned_at, message_at, submitted_at, received_at "
        "FROM timed WHERE planned_at IS NOT NULL"
    )
    connection.execute(
        "INSERT INTO drifts SELECT id, planned_at, earliest_at, latest_at FROM timed WHERE is_drifting"
    )


def fill(connection: duckdb.DuckDBPyConnection) -> None:
    """Work out the times of all rows anew, from messages and dlrs alone."""
    measure(connection)
    connection.execute("DELETE FROM message_times; DELETE FROM drifts")
    record(connection)
    connection.execute(
        f"UPDATE dlrs SET planned_at = coalesce(t.planned_at, submitted_at, received_at) "
        f"FROM (SELECT d.rowid AS rid, t.planned_at FROM dlrs d LEFT JOIN timed t ON t.id = {DLR_ID}) t "
        "WHERE dlrs.rowid = rid"
    )
    connection.execute(
        "UPDATE submissions SET planned_at = t.message_at FROM timed t "
        "WHERE message_id = t.id AND submissions.planned_at IS DISTINCT FROM t.message_at"
    )
