"""What is done with a request: an RSGI application, the interface of granian."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from granian.rsgi import HTTPProtocol, Scope  # type: ignore[attr-defined]

from rmanalytics.collect.access_log import entry
from rmanalytics.collect.allowlist import Access
from rmanalytics.collect.bodies import Bodies
from rmanalytics.collect.disk_probe import Probe
from rmanalytics.collect.metrics import CONTENT_TYPE, Metrics
from rmanalytics.collect.routes import (
    DISK_FAILED,
    DURABLE,
    FORBIDDEN,
    METRICS,
    OVERLOADED,
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

    async def __rsgi__(self, scope: Scope, http: HTTPProtocol) -> None:
        """Answer a request; a callback only once its line is durable."""
        found, body = self._find(scope), b""
        if isinstance(found, str):
            answer, body = await self._callback(found, scope, http)
        elif isinstance(found, OwnPage):
            answer = await self._page(found)
        else:
            answer = found
        if answer.reason:
            self.metrics.refuse(answer.reason)
        headers = list(answer.headers)
        if self.parked is not None:
            await self.parked.wait()
            headers.append(("connection", "close"))
        http.response_bytes(answer.status, headers, answer.body)
        if self.log:
            self.log(_entry(scope, found, answer, body))

    def _find(self, scope: Scope) -> str | OwnPage | HttpAnswer:
        found = self.routes.find(scope.method, scope.path)
        if self.access.is_open or isinstance(found, OwnPage):
            return found
        return found if self.access.admits(scope.client, _forwarded(scope)) else FORBIDDEN

    async def _callback(self, gateway: str, scope: Scope, http: HTTPProtocol) -> tuple[HttpAnswer, bytes]:
        body = await self.bodies.read(scope, http)
        if isinstance(body, HttpAnswer):
            return body, b""
        return await self._keep(gateway, scope, body), body

    async def _keep(self, gateway: str, scope: Scope, body: bytes) -> HttpAnswer:
        self.metrics.receive(gateway, self.journal.n_pending)
        if self._is_full():
            return OVERLOADED
        record = callback(
            callback_id=self.ids.next(),
            received_at=datetime.now(UTC),
            gateway=gateway,
            method=scope.method,
            query=scope.query_string,
            content_type=scope.headers.get("content-type"),
            body=body,
        )
        try:
            await self.journal.commit(record)
        except JournalError:
            self.metrics.wait(self.journal.n_pending)
            return DISK_FAILED
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


def _entry(scope: Scope, found: str | OwnPage | HttpAnswer, answer: HttpAnswer, body: bytes) -> str:
    what = found.path if isinstance(found, OwnPage) else found if isinstance(found, str) else "-"
    fields = f"{scope.query_string}&{body.decode('latin-1')}" if isinstance(found, str) else ""
    return entry(datetime.now(UTC), scope.client, scope.method, what, answer, fields)


def _forwarded(scope: Scope) -> list[str]:
    return list(scope.headers.get_all("x-forwarded-for"))  # type: ignore[attr-defined]
