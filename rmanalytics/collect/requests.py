"""A request as ASGI gives it, in the words that the collector asks for, and an answer as ASGI takes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rmanalytics.collect.routes import HttpAnswer

Scope = Mapping[str, Any]
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_CLOSE = ("connection", "close")


@dataclass(slots=True)
class HttpRequest:
    """What a request says before its body; header names are lower case."""

    scope: Scope
    method: str
    path: str
    headers: dict[bytes, bytes]

    @property
    def peer(self) -> str:
        """Address and port of who sent it."""
        host, port = self.scope["client"] or ("", 0)
        return f"{host}:{port}"

    def query(self) -> str:
        """Return the raw query; bytes that are no UTF-8 as Latin-1."""
        raw: bytes = self.scope["query_string"]
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    def header(self, name: bytes) -> str | None:
        """Return a header, None where it is not given."""
        value = self.headers.get(name)
        return None if value is None else value.decode("latin-1")

    def may_lack_its_length(self) -> bool:
        """Return whether a body may have come that no server reads: HTTP/1.0 ends it with the connection."""
        is_silent = b"content-length" not in self.headers and not self.scope["query_string"]
        return is_silent and self.method == "POST" and str(self.scope.get("http_version")) in ("1", "1.0")

    def forwarded(self) -> list[str]:
        """Return each X-Forwarded-For, in their order."""
        return [
            value.decode("latin-1") for name, value in self.scope["headers"] if name == b"x-forwarded-for"
        ]


def request(scope: Scope) -> HttpRequest:
    """Return the request of a scope."""
    return HttpRequest(scope, scope["method"], scope["path"], dict(scope["headers"]))


async def respond(send: Send, answer: HttpAnswer, *, is_last: bool) -> None:
    """Send the answer; `is_last` closes the connection behind it."""
    if is_last:
        answer = replace(answer, headers=(*answer.headers, _CLOSE))
    await send(answer.start)
    await send(answer.rest)
