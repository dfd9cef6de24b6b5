"""What is done with a request: an RSGI application, the interface of granian."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from rmanalytics.collect.access import Access
from rmanalytics.collect.callbacks import (
    BROKEN,
    DISK_FAILED,
    DURABLE,
    FORBIDDEN,
    METRICS,
    OVERLOADED,
    TOO_LARGE,
    TOO_SLOW,
    Answer,
    Ids,
    Page,
    Routes,
    line,
)
from rmanalytics.collect.metrics import CONTENT_TYPE, Metrics
from rmanalytics.collect.probe import Probe
from rmanalytics.errors import JournalError
from rmanalytics.journal import GroupCommit

MAX_WAITING_BYTES = 32 << 20
MAX_BODIES_BYTES = 32 << 20
"""Bodies that are being read; beyond it 503."""

CHUNKED_BYTES = 64 << 10
"""What a body without a length counts as while it is read: callbacks are far smaller."""

_HEALTHY = Answer(status=200, body=b"ok\n")


@dataclass(slots=True, kw_only=True)
class App:
    """Journals callbacks, one app per process; `max_waiting` bounds those that wait for the disk."""

    routes: Routes
    journal: GroupCommit
    metrics: Metrics
    max_body_bytes: int
    max_waiting: int
    probe: Probe
    access: Access = field(default_factory=Access)
    client_timeout_s: float = 15.0
    bodies_bytes: int = 0
    ids: Ids = field(default_factory=Ids)
    parked: asyncio.Event | None = None
    """Set while stopping: answers wait for it, and are each the last of their connection."""

    async def __rsgi__(self, scope: Scope, http: HTTPProtocol) -> None:
        """Answer a request; a callback only once its line is durable."""
        found = self._find(scope)
        if isinstance(found, str):
            answer = await self._callback(found, scope, http)
        elif isinstance(found, Page):
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

    def _find(self, scope: Scope) -> str | Page | Answer:
        found = self.routes.find(scope.method, scope.path)
        if self.access.is_open or isinstance(found, Page):
            return found
        return found if self.access.admits(scope.client, _forwarded(scope)) else FORBIDDEN

    async def _callback(self, gateway: str, scope: Scope, http: HTTPProtocol) -> Answer:
        body = await self._body(scope, http)
        if isinstance(body, Answer):
            return body
        self.metrics.receive(gateway, self.journal.n_pending)
        if self._is_full():
            return OVERLOADED
        record = line(
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

    async def _page(self, page: Page) -> Answer:
        if page.path == METRICS:
            text = await asyncio.to_thread(self.metrics.text)
            return Answer(status=200, body=text, headers=(("content-type", CONTENT_TYPE),))
        if (fault := await self.probe.fault()) is not None:
            return Answer(status=503, body=f"the journal cannot be written: {fault}\n".encode())
        return _HEALTHY

    async def _body(self, scope: Scope, http: HTTPProtocol) -> bytes | Answer:
        """Return the body, or why there is none; the bytes of all that are under way are bounded."""
        size = _expected(scope, self.max_body_bytes)
        if not size:
            return b""
        if self.bodies_bytes + size > MAX_BODIES_BYTES:
            return OVERLOADED
        self.bodies_bytes += size
        try:
            async with asyncio.timeout(self.client_timeout_s) as patience:
                body = await _body(scope, http, self.max_body_bytes)
            return TOO_SLOW if patience.expired() else body
        except TimeoutError:
            return TOO_SLOW
        finally:
            self.bodies_bytes -= size


def _forwarded(scope: Scope) -> list[str]:
    return list(scope.headers.get_all("x-forwarded-for"))  # type: ignore[attr-defined]


def _expected(scope: Scope, limit: int) -> int:
    """Return how many bytes of body may have to be kept: as declared, and the least for pieces."""
    if "transfer-encoding" in scope.headers:
        return min(limit, CHUNKED_BYTES)
    return min(limit, int(scope.headers.get("content-length") or 0))


async def _body(scope: Scope, http: HTTPProtocol, limit: int) -> bytes | Answer:
    """Return the body, or the answer to one that is too large or never was whole."""
    if "transfer-encoding" in scope.headers:
        return await _read(http, limit)
    declared = scope.headers.get("content-length") or "0"
    if int(declared) > limit:
        return TOO_LARGE if int(declared) > 2 * limit else await _read(http, limit)
    try:
        return await http()
    except (ProtocolClosed, asyncio.CancelledError):
        return BROKEN


async def _read(http: HTTPProtocol, limit: int) -> bytes | Answer:
    """Read piece by piece up to twice the limit, keeping no more than the limit.

    What is only a little too large is read to its end because a client that is still sending may miss an
    early answer. granian ends with an empty piece, and gives another one before it where the body broke off.
    """
    body, size, n_empty = bytearray(), 0, 0
    async for piece in http:
        size += len(piece)
        n_empty += not piece
        if size > 2 * limit:
            break
        if size <= limit:
            body += piece
    if size > limit:
        return TOO_LARGE
    return bytes(body) if n_empty == 1 else BROKEN
