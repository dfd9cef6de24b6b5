"""The one place that talks HTTP to others, and what each failure there means for what was sent.

aiohttp carries httpx's requests, byte for byte: httpx's own transport is three times slower, and the bridge
between the two (httpx-aiohttp) reports a connection that broke after the request as `ConnectTimeout` and
spells the query anew. aiohttp itself sends a GET again when a kept-alive connection breaks: not here.
"""

from __future__ import annotations

import asyncio
import os

import aiohttp
import httpx
from yarl import URL

from rmanalytics.errors import GatewayUnavailable, GatewayUnclear

KEEP_ALIVE_S = 3.0
"""Shorter than servers keep idle connections (Apache: 5 s), so that hardly any closes under a request."""

_DONE_BY_AIOHTTP = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class _Broken(Exception):
    """A connection failed after it was open; no ClientError, because aiohttp may send again after some."""


_NEVER_LEFT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
_MAY_HAVE_LEFT = (_Broken, aiohttp.ClientError, OSError)


def client(n_connections: int, *, keeps_alive: bool = True) -> aiohttp.ClientSession:
    """Return a session for so many requests at once; it keeps no cookies and follows no proxies.

    Without `keeps_alive` each request has a connection of its own: none is sent into one just being closed.
    """
    kept = {"keepalive_timeout": KEEP_ALIVE_S} if keeps_alive else {"force_close": True}
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=n_connections, ssl=httpx.create_ssl_context(), **kept),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
        middlewares=(_once,),
    )


async def exchange(http: aiohttp.ClientSession, request: httpx.Request, timeout_s: float) -> httpx.Response:
    """Return the whole answer to the request; redirects are answers.

    Raises GatewayUnavailable when the request never left us and GatewayUnclear when it may have; their texts
    name no more of the URL than the host.
    """
    try:
        async with asyncio.timeout(
            2 * timeout_s + 5
        ):  # an answer that trickles; connecting has ended by then
            return await _exchange(http, request, timeout_s)
    except _NEVER_LEFT as error:
        raise GatewayUnavailable(f"no connection to {_host(request)}: {_reason(error)}") from None
    except _MAY_HAVE_LEFT as error:
        raise GatewayUnclear(f"no whole answer from {_host(request)}: {_reason(error)}") from None


async def _exchange(http: aiohttp.ClientSession, request: httpx.Request, timeout_s: float) -> httpx.Response:
    async with http.request(
        request.method,
        URL(str(request.url), encoded=True),
        headers=request.headers.multi_items(),
        data=request.content or None,
        allow_redirects=False,
        timeout=aiohttp.ClientTimeout(connect=timeout_s, sock_connect=timeout_s, sock_read=timeout_s),
    ) as answer:
        content = await answer.read()
    headers = [
        (name, value) for name, value in answer.headers.items() if name.lower() not in _DONE_BY_AIOHTTP
    ]
    return httpx.Response(answer.status, headers=headers, content=content)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Return the answer to the only try."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ClientError, OSError) as error:
        raise _Broken from error


def _host(request: httpx.Request) -> str:
    return request.url.netloc.decode("ascii", "replace").rpartition("@")[2]


def _reason(error: Exception) -> str:
    """Return what happened; the errors' own texts may hold the URL and with it the password."""
    match error:
        case TimeoutError():
            return "timed out"
        case aiohttp.ClientConnectorDNSError():
            return "the host is unknown"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientSSLError():
            return "TLS cannot be agreed on"
        case aiohttp.ClientConnectorError(errno=int(number)):
            return os.strerror(number)
    return "the connection broke"
