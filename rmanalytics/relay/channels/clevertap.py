"""CleverTap's callback: items to the documented body, its answer to a verdict per item; no I/O.

Source: CleverTap, "Generic SMS", delivery report callbacks. The answer with `processed` and `unprocessed` is the
authoritative one; the one with `message` and `error_code` was on the page for a day and is read too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import orjson

from rmanalytics.relay.channels.answers import again, reason_of, refused, unclear
from rmanalytics.relay.model import Item, ItemState, ItemVerdict, RequestOutcome

EVENTS = ("delivered", "failed")


def payload(meta: str, ts: int, code: str | None, description: str) -> bytes:
    """Return one member of an event's `data`; `code` only where there is one.

    >>> payload("m.", 1735689665, None, "Delivered")
    b'{"ts":1735689665,"meta":"m.","description":"Delivered"}'
    """
    item = {"ts": ts, "meta": meta} | ({"code": code} if code else {}) | {"description": description}
    return orjson.dumps(item)


def request(url: str, items: Sequence[Item]) -> httpx.Request:
    """Return the request that relays the items: an array with an event for each kind that there is."""
    parts = []
    for event in EVENTS:
        if data := [item.payload for item in items if item.event == event]:
            parts.append(b'{"event":"%b","data":[%b]}' % (event.encode(), b",".join(data)))
    body = b"[" + b",".join(parts) + b"]"
    return httpx.Request("POST", url, content=body, headers={"content-type": "application/json"})


def read(items: Sequence[Item], response: httpx.Response) -> RequestOutcome:
    """Return what the answer means for each item, whatever it holds."""
    answer = _answer(response.content)
    if response.is_success:
        return _success(items, answer)
    if response.status_code == 400:
        return _refused(items, answer, f"HTTP 400: {_message(answer) or 'bad request'}")
    return again(items, response)


def _success(items: Sequence[Item], answer: dict[str, Any]) -> RequestOutcome:
    """A 2xx that cannot be read is a success: that is what its status says, and CleverTap keeps repetitions."""
    status = str(answer.get("status", "success")).lower()
    if status in ("fail", "error"):
        return _refused(items, answer, f"answered {status}: {_message(answer) or 'no reason given'}")
    listed = _unprocessed(answer)
    named, n_strange = _named(items, listed)
    rest = ItemState.UNCLEAR if n_strange else ItemState.RELAYED
    reason = "the answer lists an unprocessed record that was not in the request" if n_strange else None
    others = (
        ItemVerdict(item=item, state=rest, reason=reason)
        for item in items
        if (item.event, item.key) not in named
    )
    return RequestOutcome(verdicts=(*_each(items, named), *others))


def _refused(items: Sequence[Item], answer: dict[str, Any], reason: str) -> RequestOutcome:
    """None was processed, except where the answer says so: what it names is parked, the others go again.

    An answer that names none is narrowed down by halves until one item is left, which is parked.
    """
    named, _ = _named(items, _unprocessed(answer))
    others = [item for item in items if (item.event, item.key) not in named]
    if answer.get("processed"):
        return RequestOutcome(
            verdicts=(*_each(items, named), *unclear(others, f"{reason}; {answer['processed']} processed"))
        )
    if named:
        at_once = (ItemVerdict(item=i, state=ItemState.WAITING, limit=i.limit, reason=reason) for i in others)
        return RequestOutcome(verdicts=(*_each(items, named), *at_once))
    return RequestOutcome(verdicts=refused(items, reason))


def _each(items: Sequence[Item], named: dict[tuple[str, str], tuple[bool, str]]) -> tuple[ItemVerdict, ...]:
    found = []
    for item in items:
        if (entry := named.get((item.event, item.key))) is not None:
            may_try, reason = entry
            state = ItemState.WAITING if may_try else ItemState.PARKED
            found.append(
                ItemVerdict(item=item, state=state, reason=reason, limit=item.limit, is_later=may_try)
            )
    return tuple(found)


def _named(items: Sequence[Item], listed: list[Any]) -> tuple[dict[tuple[str, str], tuple[bool, str]], int]:
    """Return what the answer says of records that we sent, and how many entries are about none of them."""
    ours = {(item.event, item.key) for item in items}
    named, n_strange = {}, 0
    for entry in listed:
        keys = _keys(entry) & ours
        n_strange += not keys
        for key in keys:
            named[key] = (_is_passing(entry), reason_of(entry))
    return named, n_strange


def _keys(entry: Any) -> set[tuple[str, str]]:
    record = entry.get("record") if isinstance(entry, dict) else None
    if not isinstance(record, dict):
        return set()
    data = record.get("data")
    members = data if isinstance(data, list) else [data]
    return {
        (str(record.get("event")), str(member.get("meta"))) for member in members if isinstance(member, dict)
    }


def _is_passing(entry: dict[str, Any]) -> bool:
    code = str(entry.get("code", ""))
    return len(code) == 3 and code.startswith("5")


def _unprocessed(answer: dict[str, Any]) -> list[Any]:
    listed = answer.get("unprocessed")
    return listed if isinstance(listed, list) else []


def _message(answer: dict[str, Any]) -> str:
    missing = answer.get("details")
    fields = missing.get("missing_fields") if isinstance(missing, dict) else None
    text = reason_of(answer)
    return f"{text}: {', '.join(map(str, fields))}" if isinstance(fields, list) else text


def _answer(content: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
