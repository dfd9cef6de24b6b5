"""Reading bodies: none larger than allowed, none for ever, and no more of them at once than memory is meant for."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from rmanalytics.collect.deadline import Patience
from rmanalytics.collect.routes import BROKEN, OVERLOADED, TOO_LARGE, TOO_SLOW, HttpAnswer

MAX_BYTES = 32 << 20
"""Bodies that are being read; beyond it 503."""


@dataclass(slots=True, kw_only=True)
class Bodies:
    """Reads bodies of up to `limit` bytes; `n_bytes` is what those under way may come to hold."""

    limit: int
    patience: Patience
    max_bytes: int = MAX_BYTES
    n_bytes: int = 0

    async def read(self, scope: Scope, http: HTTPProtocol) -> bytes | HttpAnswer:
        """Return the body, or the answer to one that is too large, too slow, never whole, or one too many.

        A body with a length counts as that from its start, one in pieces as what has come of it.
        """
        is_in_pieces = "transfer-encoding" in scope.headers
        declared = int(scope.headers.get("content-length") or 0)
        if not declared and not is_in_pieces:
            return b""
        if declared > 2 * self.limit:
            return TOO_LARGE
        try:
            with self.patience.limited():
                if is_in_pieces or declared > self.limit:
                    return await self._pieces(http)
                return await self._whole(http, declared)
        except TimeoutError:
            return TOO_SLOW

    async def _whole(self, http: HTTPProtocol, size: int) -> bytes | HttpAnswer:
        if self.n_bytes + size > self.max_bytes:
            return OVERLOADED
        self.n_bytes += size
        try:
            return await http()
        except (ProtocolClosed, asyncio.CancelledError):
            return BROKEN
        finally:
            self.n_bytes -= size

    async def _pieces(self, http: HTTPProtocol) -> bytes | HttpAnswer:
        """Read up to twice the limit, keeping no more than the limit.

        What is only a little too large is read to its end because a client that is still sending may miss an
        early answer. granian ends with an empty piece, and gives another one before it where the body broke off.
        """
        body, size, n_empty = bytearray(), 0, 0
        try:
            async for piece in http:
                size += len(piece)
                n_empty += not piece
                if size > 2 * self.limit:
                    break
                if size > self.limit:
                    continue
                if self.n_bytes + len(piece) > self.max_bytes:
                    return OVERLOADED
                self.n_bytes += len(piece)
                body += piece
        finally:
            self.n_bytes -= len(body)
        if size > self.limit:
            return TOO_LARGE
        return bytes(body) if n_empty == 1 else BROKEN
