"""Gupshup's DLRs: GET with parameters, POST with a JSON array."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from support import gateway_samples as samples

ID1, ID2 = "3562707498794989059-328736121207676738", "3798318073013708082-252169030017029882"
AT = datetime(2018, 5, 15, 1, 30, 0, 123_000, UTC)
EMPTY = dict.fromkeys(samples.COLUMNS) | {
    "callback_id": "c1",
    "received_at": samples.RECEIVED_AT,
    "position": 0,
    "gateway": "gupshup",
    "is_time_unread": False,
    "conflict": None,
    "fault": None,
    "is_dlr": True,
}
GOOD = {"gateway_message_id": ID1, "msisdn": "919892488888", "header": "TESTIN", "done_at": AT}
GOOD |= {"raw_status": "SUCCESS", "status": "delivered"}
BAD = {"gateway_message_id": ID2, "msisdn": "919892377777", "header": "TESTIN", "done_at": AT}
BAD |= {"raw_status": "FAILED", "status": "failed", "error_code": "003"}


def got(**changes: str) -> dict[str, str]:
    """A GET, with some parameters replaced."""
    given = {"externalId": ID1, "deliveredTS": "1526347800123", "status": "SUCCESS", "cause": "SUCCESS"}
    given |= {"phoneNo": "919892488888", "errCode": "000", "noOfFrags": "1", "mask": "TESTIN"} | changes
    return {"query": "&".join(f"{name}={quote(text)}" for name, text in given.items())}


def event(**changes: Any) -> dict[str, Any]:
    """An event of a POST, with some members replaced."""
    given = {"externalId": ID1, "eventType": "DELIVERED", "eventTs": 1526347800123, "destAddr": 919892488888}
    return (
        given
        | {"srcAddr": "TESTIN", "cause": "SUCCESS", "errCode": "000", "channel": "SMS", "noOfFrags": 1}
        | changes
    )


FAILED = event(
    externalId=ID2, eventType="FAILED", destAddr="919892377777", cause="UNKNOWN_SUBSCRIBER", errCode="003"
)
TWO = json.dumps([event(), FAILED])
BOTH = [{**GOOD, "raw_status": "DELIVERED"}, {**BAD, "position": 1}]

DLRS: dict[str, tuple[dict[str, str], list[dict[str, Any]]]] = {
    "GET, delivered": (got(), [GOOD]),
    "two numbers under two names": (got(destAddr="919892377777"), [GOOD | {"conflict": "phoneno"}]),
    "one number under two names": (got(destAddr="+91 98924 88888"), [GOOD]),
    "GET, failed": (
        got(status="FAIL", cause="ABSENT_SUBSCRIBER", errCode="001"),
        [GOOD | {"raw_status": "FAIL", "status": "failed", "error_code": "001"}],
    ),
    "GET, the long word": (
        got(status="FAILURE", cause="ABSENT_SUBSCRIBER"),
        [GOOD | {"raw_status": "FAILURE", "status": "failed", "error_code": "ABSENT_SUBSCRIBER"}],
    ),
    "GET, unknown": (
        got(status="UNKNOWN", cause="UNKNOWN"), [GOOD | {"raw_status": "UNKNOWN", "status": "unknown"}],
    ),
    "GET, a word never seen": (
        got(status="SUBMITTED"), [GOOD | {"raw_status": "SUBMITTED", "status": "unknown"}],
    ),
    "GET, nothing but the id": ({"query": f"externalId={ID1}"}, [
        {"gateway_message_id": ID1, "status": "unknown"},
    ]),
    "GET, no time": (got(deliveredTS="NULL"), [GOOD | {"done_at": None}]),
    "GET, a time that is none": (got(deliveredTS="99"), [GOOD | {"done_at": None, "is_time_unread": True}]),
    "GET, seconds": (got(deliveredTS="1526347800"), [GOOD | {"done_at": AT.replace(microsecond=0)}]),
    "GET, placeholders that were not filled": (
        {"query": "externalId=%0&status=%2"}, [
            {"gateway_message_id": "%0", "raw_status": "%2", "status": "unknown"},
        ],
    ),
    "POST, two events": ({"body": TWO}, BOTH),
    "POST, response= before it": ({"body": f"response={TWO}"}, BOTH),
    "POST, as a form": ({"body": f"response={quote(TWO)}"}, BOTH),
    "POST, under response": ({"body": json.dumps({"response": [event(), FAILED]})}, BOTH),
    "POST, one object": ({"body": json.dumps(event())}, BOTH[:1]),
    "POST, members that are null": (
        {"body": json.dumps([event(cause=None, errCode=None, srcAddr=None, eventTs=None)])},
        [GOOD | {"raw_status": "DELIVERED", "header": None, "done_at": None}],
    ),
    "POST, members that are no events": ({"body": f"[1, null, {json.dumps(FAILED)}]"}, [BAD | {"position": 2}]),
    "POST, the published sample with its curly quotes": (
        {"body": "[response=\n[{“externalId”: 1-2, “eventType”: “DELIVERED\"}]"}, [],
    ),
    "neither status nor id nor number": ({"query": "cause=SUCCESS&errCode=000"}, []),
}  # fmt: skip


@pytest.mark.parametrize("fields, expected", DLRS.values(), ids=DLRS)
def test_dlrs(fields: dict[str, str], expected: list[dict[str, Any]]) -> None:
    """Each statement is a row; milliseconds since 1970 are a time in UTC, and code 000 is none."""
    found = samples.dlrs([samples.callback(gateway="gupshup", **fields)], "gupshup")
    assert found == [EMPTY | row for row in expected]
