"""From a request to the callback it is, or to the answer that refuses it; no I/O."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

HEALTHZ, METRICS = "/healthz", "/metrics"
RETRY_AFTER_S = 5


_PLAIN = (("content-type", "text/plain"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpAnswer:
    """An HTTP answer; `start` and `rest` are made of it once, as ASGI takes them."""

    status: int
    body: bytes = b""
    reason: str = ""
    """Why it was refused: one of REASONS."""

    headers: tuple[tuple[str, str], ...] = _PLAIN
    start: Mapping[str, Any] = field(init=False, repr=False, compare=False)
    rest: Mapping[str, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        headers = [(name.encode(), value.encode()) for name, value in self.headers]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        object.__setattr__(self, "start", start)
        object.__setattr__(self, "rest", {"type": "http.response.body", "body": self.body})


REASONS = {
    "broken": 400,
    "network": 403,
    "token": 404,
    "method": 405,
    "timeout": 408,
    "length": 411,
    "size": 413,
    "overload": 503,
    "disk": 503,
}
"""Why requests are refused, and the status that says so; a wrong gateway or path counts as a wrong token."""


def _refusal(reason: str, *headers: tuple[str, str]) -> HttpAnswer:
    return HttpAnswer(status=REASONS[reason], reason=reason, headers=headers or _PLAIN)


DURABLE = HttpAnswer(status=200, body=b"ok\n")
BROKEN = _refusal("broken")
FORBIDDEN = _refusal("network")
NOT_FOUND = _refusal("token")
PROBE = "doctor-no-token"
"""What `doctor` gives for a token, to see that a wrong one is refused: no gateway sends it, so it is not counted."""
TOO_SLOW = _refusal("timeout")
NO_LENGTH = _refusal("length")
TOO_LARGE = _refusal("size")
OVERLOADED = _refusal("overload", ("retry-after", str(RETRY_AFTER_S)))
DISK_FAILED = _refusal("disk", ("retry-after", str(RETRY_AFTER_S)))
_NOT_A_CALLBACK = _refusal("method", ("allow", "GET, POST"))
_NOT_A_PAGE = _refusal("method", ("allow", "GET"))


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One of the collector's own pages."""

    path: str


class Routes:
    """Which requests are callbacks: those for `/dlr/{gateway}/{token}`. Its repr does not show the tokens."""

    def __init__(self, gateways: Iterable[str], *tokens: str) -> None:
        """Each of the tokens is right: two while one replaces the other."""
        self._gateways = frozenset(gateways)
        self._tokens = [token.encode() for token in tokens]

    def find(self, method: str, path: str) -> str | OwnPage | HttpAnswer:
        """Return the gateway of a callback, or the page, or the answer that refuses the request.

        A wrong token, an unknown gateway and an unknown path are answered alike, whatever the method. A slash too
        many before or behind the path is taken.

        >>> routes = Routes(["route_mobile"], "t0k3n")
        >>> routes.find("GET", "/dlr/route_mobile/t0k3n"), routes.find("GET", "/dlr/route_mobile/x").status
        ('route_mobile', 404)
        """
        root, _, rest = path.partition("/dlr/")
        gateway, _, token = rest.partition("/")
        given = (token.encode(), token.removesuffix("/").encode())
        is_right = [hmac.compare_digest(one, right) for right in self._tokens for one in given]
        if any(is_right) and root in ("", "/") and gateway in self._gateways:
            return gateway if method in ("GET", "POST") else _NOT_A_CALLBACK
        if path in (HEALTHZ, METRICS):
            return OwnPage(path) if method == "GET" else _NOT_A_PAGE
        return NOT_FOUND


@dataclass(slots=True)
class Ids:
    """Callback ids that nobody gives a second time: a random prefix of this process, and a count."""

    prefix: str = field(default_factory=lambda: f"{datetime.now(UTC):%y%m%d%H%M%S}-{secrets.token_hex(8)}")
    _count: count[int] = field(default_factory=lambda: count(1))

    def next(self) -> str:
        """Return an id never given before."""
        return f"{self.prefix}-{next(self._count)}"
