"""Reading bodies: none larger than allowed, none for ever, and no more of them at once than memory is meant for."""

from __future__ import annotations

from dataclasses import dataclass

from rmanalytics.collect.deadline import Patience
from rmanalytics.collect.requests import HttpRequest, Receive
from rmanalytics.collect.routes import BROKEN, NO_LENGTH, OVERLOADED, TOO_LARGE, TOO_SLOW, HttpAnswer

MAX_BYTES = 32 << 20
"""Bodies that are being read; beyond it 503."""

_PIECE = "http.request"


@dataclass(slots=True, kw_only=True)
class Bodies:
    """Reads bodies of up to `limit` bytes; `n_bytes` is what those under way may come to hold."""

    limit: int
    patience: Patience
    max_bytes: int = MAX_BYTES
    n_bytes: int = 0

    async def read(self, asked: HttpRequest, receive: Receive) -> bytes | HttpAnswer:
        """Return the body, or the answer to one that is too large, too slow, never whole, or one too many.

        A body with a length counts as that from its start, one in pieces as what has come of it.
        """
        is_in_pieces = b"transfer-encoding" in asked.headers
        declared = int(asked.headers.get(b"content-length") or 0)
        if not declared and not is_in_pieces:
            return NO_LENGTH if asked.may_lack_its_length() else b""
        if declared > 2 * self.limit:
            return TOO_LARGE
        try:
            with self.patience.limited():
                if is_in_pieces or declared > self.limit:
                    return await self._pieces(receive)
                return await self._whole(receive, declared)
        except TimeoutError:
            return TOO_SLOW

    async def _whole(self, receive: Receive, size: int) -> bytes | HttpAnswer:
        if self.n_bytes + size > self.max_bytes:
            return OVERLOADED
        self.n_bytes += size
        try:
            body = bytearray()
            while len(body) < size:
                piece = await receive()
                if piece["type"] != _PIECE:
                    return BROKEN
                body += piece["body"]
            return bytes(body)
        finally:
            self.n_bytes -= size

    async def _pieces(self, receive: Receive) -> bytes | HttpAnswer:
        """Read up to twice the limit, keeping no more than the limit.

        What is only a little too large is read to its end because a client that is still sending may miss an
        early answer. A trailer comes as an empty piece, a body that broke off as another type of message.
        """
        body, size, is_more = bytearray(), 0, True
        try:
            while is_more and size <= 2 * self.limit:
                piece = await receive()
                if piece["type"] != _PIECE:
                    return BROKEN
                data, is_more = piece["body"], piece["more_body"]
                size += len(data)
                if size > self.limit:
                    continue
                if self.n_bytes + len(data) > self.max_bytes:
                    return OVERLOADED
                self.n_bytes += len(data)
                body += data
        finally:
            self.n_bytes -= len(body)
        return TOO_LARGE if size > self.limit else bytes(body)
