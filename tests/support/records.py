"""Journal records as the sender and the collector write them, with what a test cares about replaced."""

from __future__ import annotations

from itertools import count
from typing import Any
from urllib.parse import urlencode

_NUMBERS = count(1)


def message(message_id: str, **other: Any) -> dict[str, Any]:
    """A planned message."""
    return {
        "message_id": message_id,
        "campaign_id": "camp42",
        "batch_id": "batch1",
        "gateway": "simulator",
        "route": "domestic",
        "msisdn": "919800000001",
        "header": "TESTSM",
        "entity_id": "1101000000000000001",
        "template_id": "1107000000000000001",
        "template_variables": ["1234"],
        "body": "Your code is 1234",
        "encoding": "gsm7",
        "n_segments": 1,
        "planned_at": "2025-01-15T04:50:00.000000Z",
        "line": 2,
    } | other


def attempt(attempt_id: str, *message_ids: str, **other: Any) -> dict[str, Any]:
    """What is written before a request."""
    return {
        "attempt_id": attempt_id,
        "attempted_at": "2025-01-15T04:50:29.000000Z",
        "batch_id": "batch1",
        "gateway": "simulator",
        "message_ids": list(message_ids),
    } | other


def answer(attempt_id: str, **gateway_message_ids: str) -> dict[str, Any]:
    """What is written after a request whose messages were all accepted."""
    return {
        "attempt_id": attempt_id,
        "answered_at": "2025-01-15T04:50:30.000000Z",
        "http_status": 200,
        "answer": "…",
        "responses": [
            {
                "message_id": ours,
                "result": "accepted",
                "code": "1701",
                "gateway_message_id": theirs,
                "detail": None,
            }
            for ours, theirs in gateway_message_ids.items()
        ],
    }


def callback(_as: str = "GET", **fields: str) -> dict[str, Any]:
    """A DLR callback; `fields` are Route Mobile's, over those of a delivered message."""
    pairs = {
        "sSender": "TESTSM",
        "sMobileNo": "919800000001",
        "sStatus": "DELIVRD",
        "dtSubmit": "2025-01-15 10:20:30",
        "dtDone": "2025-01-15 10:20:36",
        "sMessageId": "gw-1",
        "iCostPerSms": "0.12",
        "iCharge": "0.12",
        "iMCCMNC": "40445",
        "iErrCode": "0",
        "sTagName": "camp42",
    } | fields
    text = urlencode({name: value for name, value in pairs.items() if value})
    return raw_callback(query=text) if _as == "GET" else raw_callback(method="POST", body=text)


def raw_callback(**other: Any) -> dict[str, Any]:
    """A callback of any content."""
    return {
        "callback_id": f"cb-{next(_NUMBERS)}",
        "received_at": "2025-01-15T04:50:37.000000Z",
        "gateway": "simulator",
        "method": "GET",
        "query": "",
        "content_type": "",
        "body": "",
    } | other
