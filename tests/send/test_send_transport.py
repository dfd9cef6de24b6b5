"""Transport: what a failure means for a message, and that no request leaves twice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import httpx
import pytest
from support.sending import CLOSE, HANG, PASSWORD, Reply, accept, recording

from rmanalytics.errors import GatewayError, GatewayUnavailable, GatewayUnclear
from rmanalytics.support import http as transport

QUERY = f"destination=919800000001&msgid=m1&password={PASSWORD}"


async def _exchange(url: str, method: str, n_requests: int = 1, timeout_s: float = 5) -> httpx.Response:
    async with transport.client(64) as http:
        for _ in range(n_requests):
            request = httpx.Request(
                method, f"{url}?{QUERY}", content=b"" if method == "GET" else QUERY.encode()
            )
            response = await transport.exchange(http, request, timeout_s)
    return response


def _accept_then_close(fields: dict[str, str], n_before: int) -> Reply:
    return CLOSE if n_before else accept(fields, n_before)


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_broken_connection_is_unclear_and_not_sent_again(method: str) -> None:
    """A kept-alive connection that breaks after the request leaves it unclear; it arrives once."""
    with recording(_accept_then_close) as gateway, pytest.raises(GatewayUnclear) as caught:
        asyncio.run(_exchange(gateway.url, method, n_requests=2))
    assert len(gateway.requests) == 2
    assert str(caught.value) == f"no complete answer from 127.0.0.1:{gateway.port}: the connection broke"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_closed_before_any_answer_is_unclear(method: str) -> None:
    """A gateway that closes a fresh connection after the request may have taken it."""
    with recording(lambda fields, n_before: CLOSE) as gateway, pytest.raises(GatewayUnclear):
        asyncio.run(_exchange(gateway.url, method))
    assert len(gateway.requests) == 1


def test_no_answer_in_time_is_unclear() -> None:
    """A gateway that does not answer in time may have taken the message."""
    with (
        recording(lambda fields, n_before: HANG) as gateway,
        pytest.raises(GatewayUnclear, match=r"timed out$"),
    ):
        asyncio.run(_exchange(gateway.url, "POST", timeout_s=0.2))


def test_nobody_listens(closed_port: int) -> None:
    """Without a connection nothing left us."""
    with pytest.raises(
        GatewayUnavailable, match=f"^no connection to 127.0.0.1:{closed_port}: Connection refused$"
    ):
        asyncio.run(_exchange(f"http://127.0.0.1:{closed_port}/x", "POST"))


def test_unknown_host() -> None:
    """A host that does not exist took nothing."""
    with pytest.raises(GatewayUnavailable, match=r"the host is unknown$"):
        asyncio.run(_exchange("http://no-such-host.invalid/x", "POST"))


def test_connecting_takes_too_long() -> None:
    """A host whose queue is full takes nothing: that is no connection, not a lost answer."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        url = f"http://127.0.0.1:{full.getsockname()[1]}/x"
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        with pytest.raises(GatewayUnavailable, match=r"timed out$"):
            asyncio.run(_exchange(url, "POST", timeout_s=0.2))
        for one in waiting:
            one.close()


BROKEN = {
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n1701|9",
    "no HTTP": b"1701|919800000001|x\r\n\r\n",
    "cut in the headers": b"HTTP/1.1 200 OK\r\nContent-Le",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_broken_answer_is_unclear(answer: bytes) -> None:
    """An answer that cannot be read to its end leaves the message unclear."""

    async def run() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            await _exchange(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/x", "POST")

    with pytest.raises(GatewayUnclear):
        asyncio.run(run())


def test_plain_http_behind_https_is_no_connection() -> None:
    """Where TLS could not be negotiated, nothing left us."""
    with recording() as gateway, pytest.raises(GatewayUnavailable):
        asyncio.run(_exchange(gateway.url.replace("http:", "https:"), "POST", timeout_s=0.3))


def test_redirects_are_not_followed() -> None:
    """A redirect is an answer like others: following it would send the message twice."""
    with recording(lambda fields, n_before: (302, "elsewhere")) as gateway:
        response = asyncio.run(_exchange(gateway.url, "GET"))
    assert (response.status_code, len(gateway.requests)) == (302, 1)


def test_query_arrives_as_it_was_built() -> None:
    """What stands behind the URL is not spelt anew on its way."""
    query = "destination=%2B919800000001%2C919800000002&message=a%20b%26c%3Dd%2B%25&tmid=1,2"

    async def run(url: str) -> None:
        async with transport.client(64) as http:
            await transport.exchange(http, httpx.Request("GET", f"{url}?{query}"), 5)

    with recording() as gateway:
        asyncio.run(run(gateway.url))
    assert gateway.lines == [f"GET /bulksms/personalizedbulksms?{query} HTTP/1.1"]


def test_errors_name_no_secret(closed_port: int) -> None:
    """No failure's text, nor what it is chained to, holds the URL with the password."""
    with recording(lambda fields, n_before: CLOSE) as gateway:
        for url in (f"http://127.0.0.1:{closed_port}/x", "http://no-such-host.invalid/x", gateway.url):
            with pytest.raises(GatewayError) as caught:
                asyncio.run(_exchange(url, "GET"))
            assert PASSWORD not in f"{caught.value!r} {caught.value.__cause__!r}"
            assert caught.value.__suppress_context__
