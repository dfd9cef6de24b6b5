"""The one place that talks HTTP to others, and what each failure there means for what was sent.

aiohttp carries httpx's requests, byte for byte: httpx's own transport is three times slower, and the bridge
between the two (httpx-aiohttp) reports a connection that broke after the request as `ConnectTimeout` and
re-encodes the query. aiohttp itself sends a GET again when a kept-alive connection breaks: not here.

What others answer is bounded before it is understood: `MOST_BYTES`, a total time, the charsets of `_CHARSETS`. An
answer in UTF-16 or the like becomes UTF-8, in which gateways read it.
"""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import ssl
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import aiohttp
import httpx
from yarl import URL

from rmanalytics.errors import ConfigError, GatewayUnavailable, GatewayUnclear

MOST_BYTES = 1 << 20
"""Read of an answer, the rest is cut: an answer about 1,000 messages has some 60 kB."""

KEEP_ALIVE_S = 3.0
"""Shorter than servers keep idle connections (Apache: 5 s), so that hardly any closes under a request."""

REDIRECT = "a redirect to "
"""How the detail of a redirect names the URL."""

IN_HTTPS = ", the same URL in https"
"""How the detail of a redirect goes on where only the scheme was wrong."""

NOT_TLS = "it answers, but not in TLS"
"""How the detail of a failed connection says that https was asked of a port that does not speak it."""

_DONE_ALREADY = frozenset({b"content-encoding", b"content-length", b"transfer-encoding"})
"""Headers that no longer describe the content once it was read."""

_CHARSETS = re.compile(
    r"utf-?8|(us-)?ascii|iso-?8859-\d\d?|latin-?1|(windows-|cp)125\d", re.IGNORECASE
).fullmatch
"""Those that decode anything, in linear time; Python also knows idna, punycode, hex and more."""


_WIDE = re.compile(r"utf-?7|(utf-?(16|32)|ucs-?[24])(-?[lb]e)?", re.IGNORECASE).fullmatch
"""Those in which ASCII is not ASCII."""

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class _Broken(Exception):
    """A connection failed after it was open; no ClientError, because aiohttp may send again after some."""


class _Connector(aiohttp.TCPConnector):
    """A connector that says of a host it cannot even write that it is no URL: nothing has left by then."""

    async def connect(self, req: aiohttp.ClientRequest, *other: Any, **more: Any) -> Any:
        try:
            return await super().connect(req, *other, **more)
        except UnicodeError:
            raise aiohttp.InvalidURL("its host") from None


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
        connector=_Connector(limit=n_connections, **kept),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity"},
        middlewares=(_once,),
    )


async def exchange(http: aiohttp.ClientSession, request: httpx.Request, timeout_s: float) -> httpx.Response:
    """Return the answer to the request, cut at `MOST_BYTES`; redirects are answers.

    Raises GatewayUnavailable when the request never left us and GatewayUnclear when it may have; their texts
    name no more of the URL than the host. Without readable certificates nothing leaves either.
    """
    try:
        # The whole time is for an answer that trickles; connecting has ended by then.
        async with asyncio.timeout(_whole_s(timeout_s)):
            return await _exchange(http, request, timeout_s)
    except ConfigError as error:
        raise GatewayUnavailable(str(error)) from None
    except _NEVER_LEFT as error:
        raise GatewayUnavailable(f"no connection to {_host(request)}: {_reason(error)}") from None
    except _MAY_HAVE_LEFT as error:
        raise GatewayUnclear(f"no complete answer from {_host(request)}: {_reason(error)}") from None


async def _exchange(http: aiohttp.ClientSession, request: httpx.Request, timeout_s: float) -> httpx.Response:
    async with http.request(
        request.method,
        _target(request),
        headers=request.headers.multi_items(),
        data=request.content or None,
        allow_redirects=False,
        ssl=trust() if request.url.scheme == "https" else False,
        timeout=aiohttp.ClientTimeout(connect=timeout_s, sock_connect=timeout_s, sock_read=timeout_s),
    ) as answer:
        content = bytearray()
        while len(content) < MOST_BYTES and (piece := await answer.content.read(MOST_BYTES - len(content))):
            content += piece
        return _response(answer.status, list(answer.raw_headers), bytes(content))


def _target(request: httpx.Request) -> URL:
    try:
        return URL(str(request.url), encoded=True)
    except ValueError:
        raise aiohttp.InvalidURL("not a URL") from None


def ask(
    url: str, timeout_s: float, *, method: str = "GET", tls: Callable[[], ssl.SSLContext] | None = None
) -> httpx.Response:
    """Return what a server answers, cut at `MOST_BYTES`; `tls` gives the certificates to trust.

    Raises httpx.HTTPError, also for a text that is no URL; ConfigError as `trust` does.
    """
    ends_at = time.monotonic() + _whole_s(timeout_s)
    content = bytearray()
    try:
        verify = (tls or trust)() if httpx.URL(url).scheme == "https" else False
        with (
            httpx.Client(trust_env=False, timeout=timeout_s, verify=verify) as client,
            client.stream(method, url, headers={"Accept-Encoding": "identity"}) as answer,
        ):
            for piece in answer.iter_raw(1 << 16):
                content += piece
                if time.monotonic() > ends_at:
                    raise httpx.ReadTimeout("the answer does not end")
                if len(content) >= MOST_BYTES:
                    break
            return _response(answer.status_code, answer.headers.raw, bytes(content[:MOST_BYTES]))
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise httpx.UnsupportedProtocol(f"not a URL: {error}") from None


def trust() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once; raise ConfigError when they cannot be read.

    Only https asks for them: a wrong SSL_CERT_FILE does not affect plain http.
    """
    return _trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _trust(cert_file: str | None, cert_dir: str | None) -> ssl.SSLContext:
    try:
        return httpx.create_ssl_context()
    except (OSError, ssl.SSLError) as error:
        name, path = ("SSL_CERT_FILE", cert_file) if cert_file else ("SSL_CERT_DIR", cert_dir)
        raise ConfigError(f"{name}: {path}: {error.strerror or error}: use a file of certificates") from None


def _response(status: int, headers: list[tuple[bytes, bytes]], content: bytes) -> httpx.Response:
    """Return the answer as httpx has it; its charset is taken only where it can be decoded safely."""
    kept = [(name, value) for name, value in headers if name.lower() not in _DONE_ALREADY]
    response = httpx.Response(status, headers=kept, content=content)
    if wide := _wide(response.charset_encoding or "", content):
        response = httpx.Response(status, headers=kept, content=content.decode(wide, "replace").encode())
        response.encoding = "utf-8"
    elif not _CHARSETS(response.charset_encoding or "utf-8"):
        response.encoding = "utf-8"
    return response


def _wide(charset: str, content: bytes) -> str | None:
    """Return the codec of an answer in which ASCII is not ASCII; None for others, and for one that only says so."""
    if marked := next((codec for mark, codec in _MARKS.items() if content.startswith(mark)), None):
        return marked
    name = charset.lower().replace("ucs-2", "utf-16").replace("ucs-4", "utf-32")
    if not _WIDE(charset) or (b"\0" not in content and not name.endswith("7")):
        return None
    if name.endswith(("7", "le", "be")):
        return name
    return name + ("-be" if content.startswith(b"\0") else "-le")


def _whole_s(timeout_s: float) -> float:
    """Return how long an answer may take in all, when single steps may take `timeout_s`."""
    return 2 * timeout_s + 5


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Return the answer to the only try."""
    try:
        return await handler(request)
    except (*_NEVER_LEFT, aiohttp.ServerTimeoutError):
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
        case aiohttp.InvalidURL():
            return "that is not a valid host name"
        case aiohttp.ClientConnectorDNSError():
            return "the host is unknown"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientSSLError():
            return f"{NOT_TLS}; if it is plain http, write http://"
        case aiohttp.ClientConnectorError(errno=int(number)):
            return os.strerror(number)
    return "the connection broke"
