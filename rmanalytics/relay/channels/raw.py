"""Callbacks passed on as they came: one request each, marked with the callback's id; no I/O."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import orjson

from rmanalytics.relay.channels.answers import again, refused
from rmanalytics.relay.model import Item, ItemState, ItemVerdict, RequestOutcome

MARK = "x-rmanalytics-callback"
_HEADERS = ("content_type", "content_encoding")
_ABOUT_THIS_ONE = frozenset({400, 406, 409, 410, 415, 422})


def payload(record: dict[str, Any]) -> bytes:
    """Return what of a journal line the request is made of."""
    kept = ("method", "query", "content_type", "content_encoding", "body", "body_encoding")
    return orjson.dumps({name: record[name] for name in kept if record.get(name)})


def request(url: str, items: Sequence[Item]) -> httpx.Request:
    """Return the callback as a request to `url`: method, query, what its body is, and body as received.

    >>> sent = request("http://127.0.0.1/x?a=1", [Item(id=1, key="c1", event="", payload=b'{"query":"b=%202"}')])
    >>> sent.method, str(sent.url), sent.headers["x-rmanalytics-callback"]
    ('GET', 'http://127.0.0.1/x?a=1&b=%202', 'c1')
    """
    kept = orjson.loads(items[0].payload)
    body = kept.get("body", "").encode(kept.get("body_encoding", "utf-8"))
    said = {name.replace("_", "-"): kept[name] for name in _HEADERS if kept.get(name)}
    headers = {MARK: items[0].key} | said
    whole = _with_query(url, kept.get("query", "").removeprefix("?"))
    return httpx.Request(kept.get("method", "GET"), whole, content=body, headers=headers)


def read(items: Sequence[Item], response: httpx.Response) -> RequestOutcome:
    """Return what the answer means: 2xx is relayed, a refusal of this callback parks it, the rest goes again."""
    if response.is_success:
        return RequestOutcome(
            verdicts=tuple(ItemVerdict(item=item, state=ItemState.RELAYED) for item in items)
        )
    if response.status_code in _ABOUT_THIS_ONE or (response.status_code == 413 and len(items) == 1):
        return RequestOutcome(verdicts=refused(items, f"HTTP {response.status_code}"))
    return again(items, response)


def _with_query(url: str, query: str) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"
