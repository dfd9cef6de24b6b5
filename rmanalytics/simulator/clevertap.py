"""A stand-in for CleverTap's callback URL, so that the relay can be rehearsed: the path's last part is the answer."""

from __future__ import annotations

from typing import Any

import orjson

from rmanalytics.simulator.protocol import Reply

PATH = "/clevertap/"
EVENTS = frozenset({"delivered", "failed"})
REFUSALS = {400: "Bad Request", 401: "Unauthorized", 503: "Service Unavailable"}
"""What it can be asked to refuse with: 400 is parked, the others are tried again later."""


def reply(path: str, content: bytes) -> Reply | None:
    """Return CleverTap's answer to relayed events, None where the path is not one of its.

    >>> reply("/clevertap/200", b'[{"event": "delivered", "data": [{"ts": 1, "meta": "m."}]}]').body
    b'{"status":"success","processed":1,"unprocessed":[]}'
    """
    status = {f"{PATH}{status}": status for status in (200, *REFUSALS)}.get(path)
    if status is None:
        return None
    if status in REFUSALS:
        return _json(status, {"status": "fail", "error": f"simulated: {REFUSALS[status]}"})
    n_events = _count(content)
    if n_events is None:
        return _json(400, {"status": "fail", "error": "simulated: expected [{event, data: [{ts, meta}]}]"})
    return _json(200, {"status": "success", "processed": n_events, "unprocessed": []})


def _count(content: bytes) -> int | None:
    """Return how many events there are, None where the body is not CleverTap's."""
    try:
        groups = orjson.loads(content)
        members = [one for group in groups if group["event"] in EVENTS for one in group["data"]]
        is_whole = all(isinstance(one["ts"], int) and one["meta"] for one in members)
    except (ValueError, TypeError, KeyError):
        return None
    return len(members) if members and is_whole else None


def _json(status: int, answer: dict[str, Any]) -> Reply:
    return Reply(body=orjson.dumps(answer), content_type="application/json", status=status)
