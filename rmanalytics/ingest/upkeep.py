"""What ingest puts off: DLRs whose message came after them, and once a day all that is still without a message.

What is to be done is written down in the same transaction as the rows it is about, and crossed out in the one
that does it; so a killed ingest leaves it to the next.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

from rmanalytics.config import Settings
from rmanalytics.ingest import matching
from rmanalytics.support.resources import sql
from rmanalytics.warehouse import kept

EVERY = timedelta(days=1)
"""After so long the leftovers are tried against all messages."""

OPEN = timedelta(days=4)
"""How long after a message its outcome is not kept yet: most DLRs come within the three days of the horizon."""

_NEWS = "SELECT min(first_at), max(last_at) FROM upkeep WHERE name = 'news'"


def note_news(connection: duckdb.DuckDBPyConnection, times: str) -> None:
    """Write down that messages became known, given a query of their times as `moment`."""
    connection.execute(
        "INSERT INTO upkeep SELECT 'news', min(moment), max(moment) "
        f"FROM ({times}) WHERE moment IS NOT NULL HAVING count(*) > 0"
    )


def call_pass(connection: duckdb.DuckDBPyConnection) -> None:
    """Have the next rematch try everything."""
    connection.execute("DELETE FROM upkeep WHERE name = 'passed'")


def is_waiting(connection: duckdb.DuckDBPyConnection, *, now: datetime | None = None) -> bool:
    """Return whether there is something to match again."""
    [(first, _)] = connection.execute(_NEWS).fetchall()
    return first is not None or _is_due(connection, now or datetime.now(UTC))


def rematch(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    *,
    everywhere: bool = False,
    now: datetime | None = None,
) -> int:
    """Match again what may have a message by now, inside the caller's transaction; return how many have another."""
    at = now or datetime.now(UTC)
    news = connection.execute(_NEWS).fetchall()[0]
    is_pass = everywhere or _is_due(connection, at)
    connection.execute("DELETE FROM upkeep WHERE name = 'news'")
    if is_pass:
        connection.execute("DELETE FROM upkeep WHERE name = 'passed'")
        connection.execute("INSERT INTO upkeep VALUES ('passed', $1, $1)", [at])
    if not connection.execute("SELECT 1 FROM messages LIMIT 1").fetchall():
        return 0
    return matching.rematch(connection, matching.Windows.of(settings), None if is_pass else news)


def to_be_kept(connection: duckdb.DuckDBPyConnection, now: datetime | None = None) -> list[datetime]:
    """Return up to when outcomes are to be kept, in steps of so many messages as are folded at once."""
    today = (now or datetime.now(UTC)).replace(hour=0, minute=0, second=0, microsecond=0)
    values = {"until": today - OPEN, "slice": kept.SLICE}
    return [
        until for (until,) in connection.execute(sql("rmanalytics.ingest", "to_be_kept"), values).fetchall()
    ]


def keep(connection: duckdb.DuckDBPyConnection, until: datetime) -> None:
    """Keep the outcomes of messages before a time, inside the caller's transaction."""
    [(since,)] = connection.execute(f"SELECT {kept.UNTIL}").fetchall()
    kept.keep(connection, since, until)


def _is_due(connection: duckdb.DuckDBPyConnection, now: datetime) -> bool:
    query = "SELECT max(first_at) FROM upkeep WHERE name = 'passed'"
    [(passed,)] = connection.execute(query).fetchall()
    return passed is None or now - passed >= EVERY
