"""Made-up messages and callbacks that the gateway tests share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from rmanalytics import config, gateways
from rmanalytics.models import Encoding, Message, Route

RECEIVED_AT = datetime(2025, 1, 15, 5, 0, 1, 250_000, tzinfo=UTC)
PASSWORD = "s3cr&t w/ö"

COLUMNS = (
    "callback_id", "position", "gateway", "gateway_message_id", "client_message_id", "msisdn", "header",
    "raw_status", "status", "error_code", "submitted_at", "done_at", "received_at", "cost", "charge",
    "mcc_mnc", "tag", "udf1", "udf2", "is_time_unread", "conflict",
    "fault", "is_dlr",
)  # fmt: skip
"""Of a gateway's DLR table, in order."""

CALLBACK_COLUMNS = (
    "callback_id VARCHAR, received_at TIMESTAMPTZ, gateway VARCHAR, method VARCHAR, query VARCHAR, "
    "content_type VARCHAR, body VARCHAR, n_dlrs INTEGER"
)


def settings(**changes: Any) -> config.Settings:
    """Settings of a made-up account at every gateway, that sends for real through Route Mobile."""
    account = {
        one.setting(name): PASSWORD if name == "password" else "acct"
        for one in gateways.profiles()
        for name in one.required
    }
    return config.load(**({"gateway": "route_mobile"} | account | changes))


def message(n: int = 1, **changes: Any) -> Message:
    """A domestic message to 9198000000<n>."""
    fields: dict[str, Any] = {
        "message_id": f"m-{n}",
        "campaign_id": "camp42",
        "batch_id": "b-1",
        "gateway": "route_mobile",
        "route": Route.DOMESTIC,
        "msisdn": f"{919800000000 + n}",
        "header": "TESTSM",
        "entity_id": "1101000000000000001",
        "template_id": "1107000000000000001",
        "body": "Your code is 1234",
        "encoding": Encoding.GSM7,
        "n_segments": 1,
        "planned_at": datetime(2025, 1, 15, tzinfo=UTC),
    }
    return Message(**(fields | changes))


def messages(n: int, **changes: Any) -> list[Message]:
    """Messages 1 to n."""
    return [message(i, **changes) for i in range(1, n + 1)]


def callback(query: str | None = "", body: str | None = "", **changes: Any) -> dict[str, Any]:
    """A callback as the collector journals it."""
    fields = {
        "callback_id": "c1",
        "received_at": RECEIVED_AT,
        "gateway": "route_mobile",
        "method": "POST" if body else "GET",
        "query": query,
        "content_type": "application/x-www-form-urlencoded" if body else None,
        "body": body,
        "n_dlrs": None,
    }
    return fields | changes


def dlrs(
    callbacks: Iterable[Mapping[str, Any]], name: str = "route_mobile", **changes: Any
) -> list[dict[str, Any]]:
    """The DLR rows of the callbacks, in order; a report that is no DLR is left out."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'America/New_York'")  # must not matter
        connection.execute(f"CREATE TABLE given ({CALLBACK_COLUMNS})")
        rows = [list(given.values()) for given in callbacks]
        if rows:
            connection.executemany("INSERT INTO given VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        query = gateways.reader(name, settings(**changes)).dlrs()
        found = connection.execute(f"WITH callbacks AS (FROM given) FROM ({query})")
        names = [column[0] for column in found.description]
        return sorted(
            (dict(zip(names, row, strict=True)) for row in found.fetchall() if row[-1]),
            key=lambda row: (row["callback_id"], row["position"]),
        )
