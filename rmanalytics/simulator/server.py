"""The sandbox as a real HTTP server, with its DLR pusher in the same event loop.

aiohttp serves: it alone closes a connection without an answer and tells which free port it took. On one core
it answered 16,600 bare requests/s (granian ASGI 26,500 and RSGI 31,500, uvicorn with h11 6,600) and this
simulator 6,900, or 4,500 with 2,800 callbacks pushed. A callback costs 93 µs with aiohttp's own client and
314 with httpx over it.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from http import HTTPStatus
from typing import Any

from aiohttp import web

from rmanalytics.errors import ConfigError, PortTaken
from rmanalytics.simulator import clevertap, pages
from rmanalytics.simulator.callback import compose
from rmanalytics.simulator.options import SimulatorOptions, dial, redact
from rmanalytics.simulator.protocol import CREDITS_PATH, Reply, SandboxEndpoint
from rmanalytics.simulator.pusher import AGENT, Pusher, Pushes, Say
from rmanalytics.simulator.sandbox import Reaction, Sandbox

MAX_BODY_BYTES = 32 << 20
MAX_LINE_BYTES = 64 << 10
FIRST_WAIT_S = 3.0
"""Longest wait for DLRs that are to come before the answer."""

_ENDPOINTS = {endpoint.value: endpoint for endpoint in SandboxEndpoint}
_METHODS = {SandboxEndpoint.JSON.value: {"POST"}, CREDITS_PATH: {"GET", "POST"}}


class Server:
    """A sandbox that listens; `url` is where, once it does. Use `listening`."""

    def __init__(self, plan: SimulatorOptions, say: Say) -> None:
        self.sandbox = Sandbox(plan.manners)
        self.url = ""
        self._plan = plan
        self._pusher = _pusher(plan, say) if plan.callback else None
        self._runner = web.ServerRunner(_web_server(self._handle), access_log=None, shutdown_timeout=1.0)
        self._early: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen; raise PortTaken when somebody else does, ConfigError when the address is none of ours."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._plan.host, self._plan.port)
        try:
            await site.start()
        except (OSError, UnicodeError) as error:
            raise _listen_error(self._plan, error) from None
        self.url = dial(self._plan.host, self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening, then pushing; what is not pushed by then stays counted as pending."""
        await self._runner.cleanup()
        if self._pusher:
            await self._pusher.close(self._plan.drain_s)

    def state(self) -> dict[str, Any]:
        """Return what was asked and pushed so far."""
        sandbox, manners = self.sandbox, self.sandbox.manners
        pushes = asdict(self._pusher.counts if self._pusher else Pushes())
        left = (self._pusher.n_pending, round(self._pusher.next_s, 1)) if self._pusher else (0, 0.0)
        return {
            "simulated": True,
            "status": "ok",
            "profile": manners.profile.name,
            "seed": manners.seed,
            "speed": self._plan.speed,
            "credits": sandbox.credits_left,
            "headers": sorted(manners.account.headers),
            "endpoints": sorted(_ENDPOINTS),
            "faults": sorted(fault for fault, share in manners.shares.items() if share),
            "n_requests": sandbox.n_requests,
            "n_by_code": dict(sorted(sandbox.codes.items())),
            "callback": redact(self._plan.callback) if self._plan.callback else None,
            "n_by_fault": {str(fault): n for fault, n in sorted(sandbox.faults.items())},
            "dlrs": pushes | dict(zip(("n_pending", "next_s"), left, strict=True)),
        }

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path, _, query = request.raw_path.partition("?")
        endpoint = _ENDPOINTS.get(path)
        if request.method not in _METHODS.get(path, {"GET", "POST"}):
            return _response(pages.wrong_method(request.method))
        if endpoint is None:
            return _response(await self._other(request, path, query))
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return _response(pages.too_large(MAX_BODY_BYTES))
        kind = request.headers.get("Content-Type", "")
        reaction = self.sandbox.react(endpoint, query, kind, body, time.time())
        return await self._carry_out(reaction, request)

    async def _other(self, request: web.BaseRequest, path: str, query: str) -> Reply:
        if path == CREDITS_PATH:
            return self.sandbox.credit(query, await request.read())
        if path == "/healthz":
            return pages.health(self.state())
        if path == "/":
            return pages.home(self.state())
        if path.startswith(clevertap.PATH) and request.method != "POST":
            return pages.wrong_method(request.method)
        return clevertap.reply(path, await request.read()) or pages.unknown(path)

    async def _carry_out(self, reaction: Reaction, request: web.BaseRequest) -> web.StreamResponse:
        delay_s = self._plan.hang_s if reaction.hangs else reaction.delay_s / self._plan.speed
        if self._pusher:
            self._pusher.plan(reaction.later, earliest_s=0.0 if reaction.hangs else delay_s)
            if reaction.first:
                await self._push_first(self._pusher, reaction)
        if delay_s:
            await asyncio.sleep(delay_s)
        if reaction.answer is None and request.transport:
            request.transport.close()
        response = _response(reaction.answer or Reply(body=b""))
        if response.status == HTTPStatus.MOVED_PERMANENTLY:
            response.headers["Location"] = f"https://{request.host}{request.path}"
        return response

    async def _push_first(self, pusher: Pusher, reaction: Reaction) -> None:
        """Push what comes before the answer; a collector that hangs does not block the answer forever."""
        task = asyncio.get_running_loop().create_task(pusher.push_now(reaction.first))
        self._early.add(task)
        task.add_done_callback(self._early.discard)
        await asyncio.wait([task], timeout=FIRST_WAIT_S)


@asynccontextmanager
async def listening(plan: SimulatorOptions, say: Say) -> AsyncIterator[Server]:
    """Yield a server that listens, and stop it in the end."""
    server = Server(plan, say)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


def _pusher(plan: SimulatorOptions, say: Say) -> Pusher:
    callback = partial(compose, profile=plan.manners.profile, zone=plan.zone)
    return Pusher(
        plan.callback or "",
        callback,
        speed=plan.speed,
        retries_s=plan.retries_s,
        slow_s=plan.slow_s,
        say=say,
    )


def _web_server(handler: Callable[[web.BaseRequest], Any]) -> web.Server:
    loop = asyncio.get_running_loop()

    def request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=MAX_BODY_BYTES)

    return web.Server(handler, request_factory=request, access_log=None, max_line_size=MAX_LINE_BYTES)


def _response(answer: Reply) -> web.Response:
    headers = {"Content-Type": answer.content_type, "Server": AGENT}
    return web.Response(body=answer.body, status=answer.status, headers=headers)


def _listen_error(plan: SimulatorOptions, error: OSError | UnicodeError) -> PortTaken | ConfigError:
    where = f"{plan.host}:{plan.port}"
    if isinstance(error, UnicodeError):
        return ConfigError(f"cannot listen on {where}: that is not a valid host name")
    if error.errno == errno.EADDRINUSE:
        return PortTaken(
            f"{where} is in use: stop the program that listens there, or choose another --port (0 for a free one)"
        )
    return ConfigError(f"cannot listen on {where}: {error.strerror}")
