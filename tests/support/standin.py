"""A stand-in for CleverTap's callback URL: a real server that answers in every documented way, and worse.

It counts what reached a 2xx for each (meta, event). A `Reply` is chosen for each request by a function of the
events in it and of how many requests came before.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How a request is answered; `taken` of its events are processed (None: all, if the status is 2xx)."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    taken: frozenset[Pair] | None = None
    hangs: bool = False
    breaks: str = ""


OK = Reply()
HANG = Reply(hangs=True)
"""Reads the body, processes it, and never answers."""

RESET_BEFORE = Reply(breaks="before", taken=frozenset())
"""Drops the connection with the headers read, nothing processed."""

RESET_AFTER = Reply(breaks="after")
"""Drops the connection once all is processed."""


def unprocessed(
    pairs: Sequence[Pair], *, code: int = 400, error: str = "Bad Request"
) -> list[dict[str, Any]]:
    """The `unprocessed` list of an answer."""
    return [
        {"status": "fail", "code": code, "error": error, "record": {"event": event, "data": [{"meta": meta}]}}
        for meta, event in pairs
    ]


def partial(events: Sequence[Pair], bad: Sequence[Pair], *, status: int = 200, code: int = 400) -> Reply:
    """All but `bad` are processed; those are listed."""
    body = {
        "status": "partial",
        "processed": len(events) - len(bad),
        "unprocessed": unprocessed(bad, code=code),
    }
    return Reply(status=status, body=body, taken=frozenset(events) - frozenset(bad))


def fail(bad: Sequence[Pair], *, status: int = 400) -> Reply:
    """Nothing is processed, `bad` are listed."""
    body = {"status": "fail", "processed": 0, "unprocessed": unprocessed(bad)}
    return Reply(status=status, body=body, taken=frozenset())


Choose = Callable[[list[Pair], int], Reply]


@dataclass(kw_only=True)
class StandIn:
    """What came in; `arrived` counts what was processed, `answered` what a 2xx was sent for."""

    url: str = ""
    bodies: list[Any] = field(default_factory=list)
    raw: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    arrived: Counter[Pair] = field(default_factory=Counter)
    answered: Counter[Pair] = field(default_factory=Counter)

    @property
    def n_requests(self) -> int:
        """How many requests came."""
        return len(self.raw)


def pairs_of(body: Any) -> list[Pair]:
    """The (meta, event) of each member of a documented body; of another body none."""
    if not isinstance(body, list):
        return []
    return [(member["meta"], event["event"]) for event in body for member in event["data"]]


@contextmanager
def standing_in(choose: Choose = lambda _events, _n: OK) -> Iterator[StandIn]:
    """A stand-in on a free port of this machine, in a thread of its own."""
    found = StandIn()
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(_serve(found, choose, ready, stop)))
    thread.start()
    ready.wait(30)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


async def _serve(found: StandIn, choose: Choose, ready: threading.Event, stop: asyncio.Event) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await _handle(found, choose, request)

    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    found.url = f"http://{host}:{port}/sms/generic?account=SECRET-ACCOUNT"
    ready.set()
    await stop.wait()
    await runner.cleanup()


async def _handle(found: StandIn, choose: Choose, request: web.Request) -> web.StreamResponse:
    content = await request.read()
    body = _json(content)
    events = pairs_of(body)
    found.raw.append((request.method, request.raw_path, dict(request.headers), content))
    found.bodies.append(body)
    reply = choose(events, found.n_requests - 1)
    is_ok = 200 <= reply.status < 300
    taken = reply.taken if reply.taken is not None else frozenset(events if is_ok else ())
    found.arrived.update(taken)
    if reply.breaks and request.transport:
        request.transport.abort()
        return web.Response()
    if reply.hangs:
        await asyncio.sleep(60)
    if is_ok:
        found.answered.update(taken)
    return _answer(reply, len(taken))


def _answer(reply: Reply, n_taken: int) -> web.Response:
    if isinstance(reply.body, bytes):
        return web.Response(status=reply.status, body=reply.body, headers=reply.headers)
    is_ok = 200 <= reply.status < 300
    body = reply.body or ({"status": "success", "processed": n_taken, "unprocessed": []} if is_ok else {})
    return web.Response(status=reply.status, text=json.dumps(body), headers=reply.headers)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        return None
