"""Callbacks of neighbours: CleverTap's shape, which MSG91 v4 uses too, and Kannel's `dlr-url`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support import gateway_samples as samples
from support.records import answer, attempt, message, raw_callback

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

AT = datetime.fromtimestamp(1735689665, UTC)
META = "919876543210.1700000001.1735689600.20250101.0.wzrk_default.-1000001."
EMPTY = dict.fromkeys(samples.COLUMNS) | {
    "callback_id": "c1",
    "received_at": samples.RECEIVED_AT,
    "position": 0,
    "is_time_unread": False,
    "conflict": None,
    "fault": None,
    "is_dlr": True,
}


def shaped(position: int = 0, **changes: Any) -> dict[str, Any]:
    return EMPTY | {"gateway": "clevertap_shaped", "position": position, "client_message_id": META} | changes


DELIVERED = {"raw_status": "delivered", "status": "delivered", "done_at": AT}
SHAPED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "delivered": (
        f'[{{"event":"delivered","data":[{{"ts":1735689665,"meta":"{META}","description":"ok"}}]}}]',
        [shaped(**DELIVERED)],
    ),
    "several events with several items": (
        f'[{{"event":"delivered","data":[{{"ts":1735689665,"meta":"{META}"}}]}},'
        f'{{"event":"failed","data":[{{"ts":1735689665,"meta":"{META}","code":"901"}},{{"meta":"{META}","code":0}}]}}]',
        [
            shaped(**DELIVERED),
            shaped(1, raw_status="failed", status="failed", error_code="901", done_at=AT),
            shaped(2, raw_status="failed", status="failed"),
        ],
    ),
    "MSG91 v4": (
        '[{"data":[{"meta":"0","description":"DELIVERED","ts":1735689665}],"event":"delivered"}]',
        [shaped(**DELIVERED | {"client_message_id": None})],
    ),
    "one object": (
        f'{{"event":"delivered","data":{{"ts":"1735689665","meta":"{META}"}}}}',
        [shaped(**DELIVERED)],
    ),
    "an event that is no report": (
        f'[{{"event":"clicked","data":[{{"ts":1735689665,"meta":"{META}","url":"https://x.example"}}]}}]',
        [shaped(raw_status="clicked", status="unknown", done_at=AT)],
    ),
    "a long number keeps its digits": (
        '[{"event":"delivered","data":[{"ts":17356896650,"meta":9308878062554710043}]}]',
        [
            shaped(
                raw_status="delivered",
                status="delivered",
                client_message_id="9308878062554710043",
                is_time_unread=True,
            )
        ],
    ),
    "items that are none": ('[{"event":"delivered","data":[1,null,"x"]}, 7, {"event":"failed"}]', []),
}


@pytest.mark.parametrize("body, expected", SHAPED.values(), ids=SHAPED)
def test_clevertap_shaped(body: str, expected: list[dict[str, Any]]) -> None:
    """Each item of each event is a row."""
    given = samples.callback(body=body, gateway="clevertap_shaped")
    assert samples.dlrs([given], "clevertap_shaped") == expected


def kannel(**changes: Any) -> dict[str, Any]:
    return EMPTY | {"gateway": "kannel", "gateway_message_id": "gw-1"} | changes


RECEIPT = "id%3Agw-1+sub%3A001+dlvrd%3A000+stat%3AUNDELIV+err%3A069+text%3Ax"
KANNEL: dict[str, tuple[dict[str, str], list[dict[str, Any]]]] = {
    "delivered": (
        {"query": "id=gw-1&status=1&to=%2B919800000001&from=TESTSM&ts=1735689665"},
        [kannel(raw_status="1", status="delivered", msisdn="919800000001", header="TESTSM", done_at=AT)],
    ),
    "failed, with the SMSC's receipt": (
        {"query": f"id=gw-1&status=2&reply={RECEIPT}"},
        [kannel(raw_status="2", status="failed", error_code="069")],
    ),
    "buffered": ({"query": "id=gw-1&status=4"}, [kannel(raw_status="4", status="queued")]),
    "accepted by the SMSC": ({"query": "id=gw-1&type=8"}, [kannel(raw_status="8", status="queued")]),
    "rejected, a bare code": (
        {"query": "msgid=gw-1&dlr-type=16&reason=11"},
        [kannel(raw_status="16", status="failed", error_code="11")],
    ),
    "expired": ({"query": "id=gw-1&status=34"}, [kannel(raw_status="34", status="failed")]),
    "a value never seen": ({"query": "id=gw-1&status=66"}, [kannel(raw_status="66", status="unknown")]),
    "a form": ({"body": "ID=gw-1&Status=1"}, [kannel(raw_status="1", status="delivered")]),
    "a placeholder that was not filled": (
        {"query": "id=gw-1&status=%d"},
        [kannel(raw_status="%d", status="unknown")],
    ),
    "several on lines, as a list": (
        {"body": '[{"id": "gw-1", "status": "1"}, {"id": "gw-1", "status": 2, "x": {"status": 4}}]'},
        [
            kannel(raw_status="1", status="delivered"),
            kannel(position=1, raw_status="2", status="failed"),
        ],
    ),
    "an object": ({"body": '{"ID": "gw-1", "Status": "8"}'}, [kannel(raw_status="8", status="queued")]),
    "an object with two values": (
        {"body": '{"id": "gw-1", "status": "8", "Status": "1"}'},
        [kannel(raw_status="8", status="queued", conflict="status")],
    ),
    "two ids under two names": (
        {"query": "id=gw-1&msgid=gw-2&status=1"},
        [kannel(raw_status="1", status="delivered", conflict="id")],
    ),
    "a list of what is no report": ({"body": '[1, "id=gw-1", null, []]'}, []),
    "neither status nor id": ({"query": "to=919800000001"}, []),
}


@pytest.mark.parametrize("fields, expected", KANNEL.values(), ids=KANNEL)
def test_kannel(fields: dict[str, str], expected: list[dict[str, Any]]) -> None:
    """Each value of the bit mask maps to one status; ids, numbers and codes are read beside it."""
    assert samples.dlrs([samples.callback(gateway="kannel", **fields)], "kannel") == expected


def test_they_find_their_message(settings: config.Settings, write: Callable[..., Path]) -> None:
    """Ingested, both kinds are matched to the message they speak of."""
    write(journal.MESSAGES, message(META), message("m2"))
    write(journal.SUBMISSIONS, attempt("a1", META, "m2"), answer("a1", **{META: "gw-0", "m2": "gw-1"}))
    write(
        journal.CALLBACKS,
        raw_callback(gateway="clevertap_shaped", method="POST", body=SHAPED["delivered"][0]),
        raw_callback(gateway="kannel", query="id=gw-1&status=2"),
    )
    done = ingest(settings)
    assert (done.n_dlrs, done.n_unparsed) == (2, 0)
    with duckdb.connect(settings.database, read_only=True) as connection:
        found = connection.execute(
            "SELECT message_id, matched_by, status FROM dlrs ORDER BY gateway"
        ).fetchall()
    assert found == [(META, "message_id", "delivered"), ("m2", "gateway_message_id", "failed")]
