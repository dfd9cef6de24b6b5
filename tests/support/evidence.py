"""Messages, submissions and DLRs as tables, with what a test cares about replaced.

They live in a DuckDB whose session time zone is neither UTC nor the display zone, so that a test fails when
an answer depends on it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from rmanalytics.warehouse import outcomes
from rmanalytics.warehouse.snapshot import Snapshot

Rows = Iterable[dict[str, Any]]

HORIZON_S = 72 * 3600.0
_TIME = "timestamp('UTC')"
MESSAGES = ibis.schema(
    dict.fromkeys(
        ("message_id", "campaign_id", "batch_id", "gateway", "route", "msisdn", "header", "entity_id"),
        "string",
    )
    | {"template_id": "string", "template_variables": "array<string>", "body": "string", "encoding": "string"}
    | {"n_segments": "int32", "planned_at": _TIME, "line": "int32", "imported_at": _TIME}
)
SUBMISSIONS = ibis.schema(
    {"attempt_id": "string", "message_id": "string", "batch_id": "string", "gateway": "string"}
    | {"attempted_at": _TIME, "answered_at": _TIME, "http_status": "int32", "code": "string"}
    | {"result": "string", "gateway_message_id": "string", "detail": "string", "imported_at": _TIME}
    | {"planned_at": _TIME}
)
DLRS = ibis.schema(
    {"callback_id": "string", "position": "int32", "gateway": "string", "message_id": "string"}
    | {"matched_by": "string", "gateway_message_id": "string", "msisdn": "string", "header": "string"}
    | {"raw_status": "string", "status": "string", "error_code": "string", "submitted_at": _TIME}
    | {"done_at": _TIME, "received_at": _TIME, "cost": "float64", "charge": "float64", "mcc_mnc": "string"}
    | {"tag": "string", "udf1": "string", "udf2": "string", "client_message_id": "string"}
    | {"is_time_unread": "boolean", "imported_at": _TIME, "planned_at": _TIME}
)


def at(seconds: float) -> datetime:
    """A time of the test day."""
    return datetime(2025, 1, 15, 4, 50, tzinfo=UTC) + timedelta(seconds=seconds)


def message(message_id: str = "m1", **other: Any) -> dict[str, Any]:
    """A planned message."""
    row = {"message_id": message_id, "campaign_id": "camp42", "batch_id": "batch1", "gateway": "route_mobile"}
    row |= {
        "route": "domestic",
        "msisdn": "919800000001",
        "header": "TESTSM",
        "entity_id": "1101000000000000001",
    }
    row |= {"template_id": "1107000000000000001", "template_variables": ["1234"], "body": "Your code is 1234"}
    return (
        row
        | {"encoding": "gsm7", "n_segments": 1, "planned_at": at(-2), "line": 2, "imported_at": None}
        | other
    )


def submission(result: str = "accepted", message_id: str = "m1", **other: Any) -> dict[str, Any]:
    """An attempt at second 0 that was answered at second 1."""
    row = {"attempt_id": "a1", "message_id": message_id, "batch_id": "batch1", "gateway": "route_mobile"}
    row |= {"attempted_at": at(0), "answered_at": at(1), "http_status": 200, "result": result, "detail": None}
    accepted = {"code": "1701", "gateway_message_id": f"gw-{message_id}"}
    return row | (accepted if result == "accepted" else {"code": None, "gateway_message_id": None}) | other


def dlr(status: str = "delivered", message_id: str | None = "m1", **other: Any) -> dict[str, Any]:
    """A DLR that came at second 8; the gateway's clock says submitted at 1, done at 6."""
    words = {"delivered": "DELIVRD", "failed": "UNDELIV", "queued": "ENROUTE", "unknown": "UNKNOWN"}
    row = {"callback_id": "c1", "position": 0, "gateway": "route_mobile", "message_id": message_id}
    row |= {"matched_by": "gateway_message_id" if message_id else None, "gateway_message_id": "gw-m1"}
    row |= {"msisdn": "919800000001", "header": "TESTSM", "raw_status": words.get(status), "status": status}
    row |= {"error_code": None, "submitted_at": at(1), "done_at": at(6), "received_at": at(8)}
    row |= {"cost": 0.012, "charge": 0.012, "mcc_mnc": "40445", "tag": "camp42", "udf1": None, "udf2": None}
    row |= {"imported_at": None, "planned_at": None}
    return row | {"client_message_id": None, "is_time_unread": False} | other


LATER = at(3600)
SCHEMAS = {"messages": MESSAGES, "submissions": SUBMISSIONS, "dlrs": DLRS}


def connection(messages: Rows = (), submissions: Rows = (), dlrs: Rows = ()) -> duckdb.DuckDBPyConnection:
    """A DuckDB of its own that holds the rows."""
    there = duckdb.connect()
    there.execute("SET TimeZone = 'America/New_York'")
    for (name, schema), rows in zip(SCHEMAS.items(), (messages, submissions, dlrs), strict=True):
        there.register(name, pa.Table.from_pylist(list(rows), schema=schema.to_pyarrow()))
    return there


def fold(
    messages: Rows = (), submissions: Rows = (), dlrs: Rows = (), *, as_of: datetime | None = LATER
) -> ir.Table:
    """Outcomes of messages, submissions and DLRs as the table of an engine."""
    there = connection(messages, submissions, dlrs)
    there.execute(f"CREATE TABLE outcomes AS {query(as_of)}")
    return ibis.duckdb.from_connection(there).table("outcomes")


def folded(
    messages: Rows = (), submissions: Rows = (), dlrs: Rows = (), *, as_of: datetime | None = LATER
) -> list[dict[str, Any]]:
    """Outcomes of messages, submissions and DLRs as rows, in the order of their ids."""
    found: list[dict[str, Any]] = (
        connection(messages, submissions, dlrs).sql(query(as_of)).to_arrow_table().to_pylist()
    )
    return sorted(found, key=lambda row: row["message_id"])


@cache
def query(as_of: datetime | None, dialect: str = "duckdb") -> str:
    """The fold as SQL."""
    return str(ibis.to_sql(unbound(as_of), dialect=dialect))


def unbound(as_of: datetime | None) -> ir.Table:
    """The fold as an expression that no engine holds."""
    tables = {name: ibis.table(schema, name=name) for name, schema in SCHEMAS.items()}
    return outcomes.fold(Snapshot(relation=tables.__getitem__, as_of=as_of), horizon_s=HORIZON_S)
