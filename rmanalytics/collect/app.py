"""What is done with a request: an RSGI application, the interface of granian."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from rmanalytics.collect.callbacks import (
    BROKEN,
    DURABLE,
    METRICS,
    TOO_LARGE,
    TRY_LATER,
    Answer,
    Ids,
    Page,
    Routes,
    line,
)
from rmanalytics.collect.metrics import CONTENT_TYPE, Metrics
from rmanalytics.errors import JournalError
from rmanalytics.journal import GroupCommit

MAX_WAITING_BYTES = 32 << 20
_HEALTHY = Answer(status=200, body=b"ok\n")


@dataclass(slots=True, kw_only=True)
class App:
    """Journals callbacks, one app per process; `max_waiting` bounds those that wait for the disk."""

    routes: Routes
    journal: GroupCommit
    metrics: Metrics
    max_body_bytes: int
    max_waiting: int
    ids: Ids = field(default_factory=Ids)
    parked: asyncio.Event | None = None
    """Set while stopping: answers wait for it, and are each the last of their connection."""

    async def __rsgi__(self, scope: Scope, http: HTTPProtocol) -> None:
        """Answer a request; a callback only once its line is durable."""
        found = self.routes.find(scope.method, scope.path)
        if isinstance(found, str):
            answer = await self._callback(found, scope, http)
        elif isinstance(found, Page):
            answer = self._page(found)
        else:
            answer = found
        if answer.status >= 400:
            self.metrics.refused[answer.status] += 1
        headers = list(answer.headers)
        if self.parked is not None:
            await self.parked.wait()
            headers.append(("connection", "close"))
        http.response_bytes(answer.status, headers, answer.body)

    async def _callback(self, gateway: str, scope: Scope, http: HTTPProtocol) -> Answer:
        body = await _body(scope, http, self.max_body_bytes)
        if isinstance(body, Answer):
            return body
        self.metrics.received[gateway] += 1
        if self._is_full():
            return TRY_LATER
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
            return TRY_LATER
        return DURABLE

    def _is_full(self) -> bool:
        return self.journal.n_pending >= self.max_waiting or self.journal.pending_bytes >= MAX_WAITING_BYTES

    def _page(self, page: Page) -> Answer:
        if page.path == METRICS:
            return Answer(status=200, body=self.metrics.text(), headers=(("content-type", CONTENT_TYPE),))
        return _HEALTHY


async def _body(scope: Scope, http: HTTPProtocol, limit: int) -> bytes | Answer:
    """Return the body, or the answer to one that is too large or never was whole."""
    declared = scope.headers.get("content-length")
    if "transfer-encoding" in scope.headers:
        return await _read(http, limit)
    if declared is None:
        return b""
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
