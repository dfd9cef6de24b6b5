"""The messages that are judged: which they are, and what the database has of them, held still in memory.

`choose` makes temporary tables, which hide the relations of the same names: `outcomes`, `submissions`, `dlrs`,
`callbacks`, `template_checks`, `log`. In `sql/` the database itself is `warehouse`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from rmanalytics.support.resources import sql
from rmanalytics.warehouse import TIMELESS

ROUND = "^m[0-9a-f]{20}(?:-[0-9]+)?-r([0-9a-f]+)$"
"""How `send --resend` ends the ids of a round's messages."""

_HERE = "rmanalytics.validate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which messages are to be judged, as of a time (aware; None is now).

    Without `batch_id` those of the batch that was attempted last; `campaign_id` narrows it to its messages, `since`
    and `until` to batches planned then. Of a batch that was resent only the round that was attempted last counts: the
    DLRs of earlier ones say nothing about how things are now. A campaign of which only DLRs tell is judged as a whole.
    """

    as_of: datetime | None = None
    campaign_id: str | None = None
    batch_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The connection with the messages in memory, and what they are.

    `mark` is the round's own, empty for the first sending; `first_at` is when the first message was submitted.
    """

    connection: duckdb.DuckDBPyConnection
    batch_id: str | None
    mark: str
    campaign_id: str | None
    first_at: datetime | None


def choose(connection: duckdb.DuckDBPyConnection, scope: Scope, *, horizon_s: float) -> Chosen:
    """Copy the messages to judge, with what is beside them, from the database that the connection reads."""
    at: dict[str, Any] = {"as_of": scope.as_of}
    batch = scope.batch_id or _last_batch(connection, scope)
    mark = _one(connection, "last_round", batch_id=batch, round=ROUND, **at) if batch else None
    mark = mark or ""
    campaign: dict[str, Any] = {"campaign_id": scope.campaign_id}
    _make(connection, "part_messages", batch_id=batch, round=ROUND, mark=mark, **campaign, **at)
    _judge(connection, scope, has_batch=batch is not None)
    _make(connection, "part_submissions", **at)
    _make(connection, "part_dlrs", **at)
    _make(connection, "outcomes", horizon_s=round(horizon_s), **campaign, **at)
    first_at = connection.execute("SELECT min(submitted_at) FROM outcomes").fetchall()[0][0]
    _add_what_is_beside(connection, scope.as_of, first_at or scope.as_of or datetime.now(UTC))
    return Chosen(
        connection=connection,
        batch_id=batch,
        mark=mark,
        campaign_id=scope.campaign_id,
        first_at=first_at,
    )


def _last_batch(connection: duckdb.DuckDBPyConnection, scope: Scope) -> str | None:
    """Return the batch that was attempted last, None when nothing was planned."""
    narrowed = {"campaign_id": scope.campaign_id, "since": scope.since, "until": scope.until}
    is_wanted = "batch_id IN (SELECT batch_id FROM planned)" if any(narrowed.values()) else "true"
    query = sql(_HERE, "last_batch").format(is_wanted=is_wanted)  # an OR would read all of the past
    return _value(connection, query, as_of=scope.as_of, **narrowed)


def _judge(connection: duckdb.DuckDBPyConnection, scope: Scope, *, has_batch: bool) -> None:
    """Make the table of the messages' ids, with the times at which their rows lie."""
    ours = "SELECT message_id AS id, planned_at FROM part_messages"
    connection.execute(f"CREATE TEMP TABLE judged AS {ours}")
    if scope.campaign_id and not has_batch:
        bound = {"campaign_id": scope.campaign_id, "as_of": scope.as_of}
        connection.execute(f"INSERT INTO judged {sql(_HERE, 'told_only')}", bound)


def _add_what_is_beside(
    connection: duckdb.DuckDBPyConnection, as_of: datetime | None, since: datetime
) -> None:
    """Copy what the other relations know of the messages, and what came `since`."""
    connection.execute("CREATE TEMP TABLE submissions AS FROM part_submissions")
    _make(connection, "dlrs", as_of=as_of, since=since)
    _make(connection, "callbacks", as_of=as_of, since=since)
    _make(connection, "template_checks")
    _make(connection, "log", as_of=as_of)


def _make(connection: duckdb.DuckDBPyConnection, name: str, **bound: Any) -> None:
    """Make the temporary table of that name by its query."""
    query = sql(_HERE, name)
    if name == "outcomes":
        query = query.format(fold=TIMELESS)
    connection.execute(f"CREATE TEMP TABLE {name} AS {query}", bound)


def _one(connection: duckdb.DuckDBPyConnection, name: str, **bound: Any) -> str | None:
    """Return the only value that the query of that name gives, None where it gives no row."""
    return _value(connection, sql(_HERE, name), **bound)


def _value(connection: duckdb.DuckDBPyConnection, query: str, **bound: Any) -> str | None:
    return next((row[0] for row in connection.execute(query, bound).fetchall()), None)
