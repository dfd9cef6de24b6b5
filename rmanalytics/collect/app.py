"""What is done with a request: an ASGI application, the interface that tells a broken body from a trailer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rmanalytics.collect.access_log import entry
from rmanalytics.collect.allowlist import Access
from rmanalytics.collect.bodies import Bodies
from rmanalytics.collect.disk_probe import Probe
from rmanalytics.collect.metrics import CONTENT_TYPE, Metrics
from rmanalytics.collect.requests import HttpRequest, Receive, Scope, Send, request, respond
from rmanalytics.collect.routes import (
    DISK_FAILED,
    DURABLE,
    FORBIDDEN,
    METRICS,
    OVERLOADED,
    PROBE,
    HttpAnswer,
    Ids,
    OwnPage,
    Routes,
)
from rmanalytics.errors import JournalError
from rmanalytics.journal import GroupCommit
from rmanalytics.journal.records import callback

MAX_WAITING_BYTES = 32 << 20

_HEALTHY = HttpAnswer(status=200, body=b"ok\n")


@dataclass(slots=True, kw_only=True)
class App:
    """Journals callbacks, one app per process; `max_waiting` bounds those that wait for the disk."""

    routes: Routes
    journal: GroupCommit
    metrics: Metrics
    bodies: Bodies
    max_waiting: int
    probe: Probe
    access: Access = field(default_factory=Access)
    ids: Ids = field(default_factory=Ids)
    log: Callable[[str], None] | None = None
    """Gets a line for each request, which holds no secret."""

    parked: asyncio.Event | None = None
    """Set while stopping: answers wait for it, and are each the last of their connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a callback only once its line is durable."""
        asked, body = request(scope), b""
        found = self._find(asked)
        if isinstance(found, str):
            answer, body = await self._callback(found, asked, receive)
        elif isinstance(found, OwnPage):
            answer = await self._page(found)
        else:
            answer = found
        if answer.reason and not asked.path.endswith(f"/{PROBE}"):
            self.metrics.refuse(answer.reason)
        if self.parked is not None:
            await self.parked.wait()
        await respond(send, answer, is_last=self.parked is not None)
        if self.log:
            self.log(_entry(asked, found, answer, body))

    def _find(self, asked: HttpRequest) -> str | OwnPage | HttpAnswer:
        found = self.routes.find(asked.method, asked.path)
        if self.access.is_open or isinstance(found, OwnPage):
            return found
        if self.access.admits(asked.peer, asked.forwarded()):
            return found
        if isinstance(found, str):  # who does not know the token is nobody to let in
            self.metrics.turn_away(self.access.client(asked.peer, asked.forwarded()))
        return FORBIDDEN

    async def _callback(self, gateway: str, asked: HttpRequest, receive: Receive) -> tuple[HttpAnswer, bytes]:
        body = await self.bodies.read(asked, receive)
        if isinstance(body, HttpAnswer):
            return body, b""
        return await self._keep(gateway, asked, body), body

    async def _keep(self, gateway: str, asked: HttpRequest, body: bytes) -> HttpAnswer:
        self.metrics.receive(gateway, self.journal.n_pending)
        if self._is_full():
            return OVERLOADED
        record = callback(
            callback_id=self.ids.next(),
            received_at=datetime.now(UTC),
            gateway=gateway,
            method=asked.method,
            query=asked.query(),
            content_type=asked.header(b"content-type"),
            content_encoding=asked.header(b"content-encoding"),
            body=body,
        )
        try:
            await self.journal.commit(record)
        except JournalError as error:
            self.metrics.wait(self.journal.n_pending)
            self.probe.fail(str(error))
            return DISK_FAILED
        self.probe.succeed()
        return DURABLE

    def _is_full(self) -> bool:
        return self.journal.n_pending >= self.max_waiting or self.journal.pending_bytes >= MAX_WAITING_BYTES

    async def _page(self, page: OwnPage) -> HttpAnswer:
        if page.path == METRICS:
            text = await asyncio.to_thread(self.metrics.text)
            return HttpAnswer(status=200, body=text, headers=(("content-type", CONTENT_TYPE),))
        if (fault := await self.probe.fault()) is not None:
            return HttpAnswer(status=503, body=f"the journal cannot be written: {fault}\n".encode())
        return _HEALTHY


def _entry(asked: HttpRequest, found: str | OwnPage | HttpAnswer, answer: HttpAnswer, body: bytes) -> str:
    what = found.path if isinstance(found, OwnPage) else found if isinstance(found, str) else "-"
    fields = f"{asked.query()}&{body.decode('latin-1')}" if isinstance(found, str) else ""
    return entry(datetime.now(UTC), asked.peer, asked.method, what, answer, fields)
