"""Keeps the times of messages beside their submissions and DLRs, at the cost of what arrives; see `warehouse.times`.

Most arrivals leave no doubt: a new message, a DLR of a planned one, one more DLR with the same time. For the
others all rows of their messages are measured again, found by the times at which these may lie.
"""

from __future__ import annotations

from datetime import datetime

import duckdb

from rmanalytics.support.resources import sql
from rmanalytics.warehouse import kept, times

_LOCATED = "SELECT id, t.* FROM wanted JOIN message_times t USING (key)"


def locate(connection: duckdb.DuckDBPyConnection, ids: str, since: datetime | None = None) -> None:
    """Make the temporary table `located`: what `message_times` has of the ids that a query gives as `id`.

    Most are looked for `since` a time only, the others among all messages.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE wanted AS SELECT id, md5_number_lower(id) AS key "
        f"FROM (SELECT DISTINCT id FROM ({ids}) WHERE id IS NOT NULL)"
    )
    if since:
        recent = f"t.planned_at >= TIMESTAMPTZ '{since.isoformat()}'"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE located AS {_LOCATED} WHERE {recent}")
        connection.execute("CREATE OR REPLACE TEMP TABLE wanted AS FROM wanted ANTI JOIN located USING (id)")
    else:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE located AS {_LOCATED} LIMIT 0")
    if _n(connection, "wanted"):
        _locate_all(connection)


def _locate_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Add what all of the history has of `wanted`: the keys alone first, for most of what is looked for is new."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE places AS "
        "SELECT t.rowid AS place FROM message_times t SEMI JOIN wanted USING (key)"
    )
    if _n(connection, "places"):
        connection.execute(f"INSERT INTO located {_LOCATED} WHERE t.rowid IN (SELECT place FROM places)")


def place(connection: duckdb.DuckDBPyConnection, arrivals: str) -> None:
    """Make the temporary table `placed` of arrivals (id, message_at, submitted_at, received_at) that were located."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE arrivals AS {arrivals}")
    connection.execute(sql("rmanalytics.ingest", "times/placed"))


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Write down the times of what was placed, once its rows are in; refold what is kept of these messages."""
    connection.execute(
        "INSERT INTO message_times SELECT key, planned_at, message_at, submitted_at, received_at "
        "FROM placed WHERE is_new AND is_plain"
    )
    connection.execute(
        "UPDATE submissions SET planned_at = p.message_at FROM placed p "
        "WHERE submissions.planned_at IS NULL AND message_id = p.id AND p.message_at IS NOT NULL"
    )
    if _n(connection, "placed WHERE NOT is_plain"):
        measure_again(
            connection, "SELECT id, unnest([was_at, planned_at, message_at]) FROM placed WHERE NOT is_plain"
        )
    refold(connection, "SELECT id, planned_at FROM placed WHERE is_plain")


def refold(connection: duckdb.DuckDBPyConnection, changed: str) -> None:
    """Refold what is kept of messages, given as (id, time at which some of its rows lie)."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE stale AS SELECT DISTINCT id, lies_at FROM ({changed}) AS t(id, lies_at) "
        f"WHERE lies_at < {kept.UNTIL}"
    )
    if _n(connection, "stale"):
        kept.refold(connection, "stale")


def measure_again(connection: duckdb.DuckDBPyConnection, touched: str) -> None:
    """Measure messages anew, given as (id, time at which some of its rows lie), and correct what is kept of them."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT id, lies_at FROM ({touched}) AS t(id, lies_at) "
        "WHERE id IS NOT NULL AND lies_at IS NOT NULL"
    )
    dlr_id = times.DLR_ID
    times.measure(
        connection,
        "SELECT id, planned_at FROM messages JOIN touched ON planned_at = lies_at AND message_id = id",
        f"SELECT id, submitted_at, received_at FROM dlrs JOIN touched ON planned_at = lies_at AND {dlr_id} = id",
    )
    connection.execute(
        "DELETE FROM message_times t USING touched u WHERE t.planned_at = u.lies_at AND t.key = md5_number_lower(u.id)"
    )
    connection.execute("DELETE FROM drifts WHERE id IN (SELECT id FROM touched)")
    times.record(connection)
    connection.execute(
        "UPDATE dlrs SET planned_at = t.planned_at FROM timed t JOIN touched u USING (id) "
        f"WHERE dlrs.planned_at = u.lies_at AND {dlr_id} = t.id AND dlrs.planned_at <> t.planned_at"
    )
    connection.execute(
        "UPDATE submissions SET planned_at = t.message_at FROM timed t JOIN touched u USING (id) "
        "WHERE submissions.planned_at = u.lies_at AND message_id = t.id AND submissions.planned_at <> t.message_at"
    )
    refold(connection, "SELECT id, lies_at FROM touched UNION ALL SELECT id, planned_at FROM timed")


def _n(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0])
