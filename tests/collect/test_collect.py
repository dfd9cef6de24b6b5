"""What the collector answers and what it journals, over real sockets."""

from __future__ import annotations

import re
import signal
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.collectors import TOKEN, Collector, collector, exchange, records, request

from rmanalytics import gateways, journal
from rmanalytics.collect.routes import PROBE, REASONS

FORM = "application/x-www-form-urlencoded"
DLR = "sMobileNo=919800000001&sStatus=DELIVRD&dtDone=2025-01-15%2010:20:36&sMessageId=5f0c2b52"
HOSTILE = "a=%00%ff%zz&b=%0d%0aHost:%20x&c='%22;--&&=&d=%E0%A4%A8&e=1;f=2?g#h"
MIB = b"x" * (1 << 20)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """One collector for all tests that leave it running."""
    with collector(tmp_path_factory.mktemp("collect") / "data") as started:
        yield started


def row(
    method: str, query: str = "", content_type: str | None = None, body: str = "", **more: str
) -> dict[str, Any]:
    """A journal record without what differs from call to call."""
    return {
        "gateway": "simulator",
        "method": method,
        "query": query,
        "content_type": content_type,
        "body": body,
    } | more


PATH = f"/dlr/simulator/{TOKEN}"
CHUNKED = "Transfer-Encoding: chunked"
TAKEN = {
    "GET": ([request("GET", f"{PATH}?{DLR}")], row("GET", DLR)),
    "POST form": ([request("POST", PATH, DLR.encode(), f"Content-Type: {FORM}")], row("POST", "", FORM, DLR)),
    "POST JSON": (
        [request("POST", PATH, b'[{"sStatus": "DELIVRD"}]', "Content-Type: application/json")],
        row("POST", "", "application/json", '[{"sStatus": "DELIVRD"}]'),
    ),
    "POST with a query and a body": (
        [request("POST", f"{PATH}?a=1", b"b=2")],
        row("POST", "a=1", None, "b=2"),
    ),
    "POST with a query, empty body": ([request("POST", f"{PATH}?a=1", b"")], row("POST", "a=1")),
    "POST without a length": ([request("POST", f"{PATH}?a=1")], row("POST", "a=1")),
    "nothing at all": ([request("GET", PATH)], row("GET")),
    "GET with a body": ([request("GET", PATH, b"a=1")], row("GET", "", None, "a=1")),
    "nonsense": ([request("GET", f"{PATH}?nonsense&&&=")], row("GET", "nonsense&&&=")),
    "hostile, word for word": (
        [request("GET", f"{PATH}?{HOSTILE.partition('#')[0].replace('%22', '')}")],
        row("GET", HOSTILE.partition("#")[0].replace("%22", "")),
    ),
    "UTF-8 that nobody encoded": ([request("GET", f"{PATH}?a=नमस्ते")], row("GET", "a=नमस्ते")),
    "bytes that are no text": (
        [request("POST", PATH, b"\xff\x00\n\xe9")],
        row("POST", "", None, "\xff\x00\n\xe9", body_encoding="latin-1"),
    ),
    "a body of 1 MiB": ([request("POST", PATH, MIB)], row("POST", "", None, MIB.decode())),
    "chunked": (
        [request("POST", PATH, None, CHUNKED), b"3\r\na=1\r\n", b"4;x=y\r\n&b=2\r\n", b"0\r\n\r\n"],
        row("POST", "", None, "a=1&b=2"),
    ),
    "chunked, 1 MiB": (
        [request("POST", PATH, None, CHUNKED), b"100000\r\n" + MIB + b"\r\n0\r\n\r\n"],
        row("POST", "", None, MIB.decode()),
    ),
    "chunked, empty": ([request("POST", PATH, None, CHUNKED), b"0\r\n\r\n"], row("POST")),
    "chunked, with a trailer": (
        [request("POST", PATH, None, CHUNKED), b"3\r\na=1\r\n0\r\nX-Checksum: 1\r\nX-More: 2\r\n\r\n"],
        row("POST", "", None, "a=1"),
    ),
    "chunked, with a trailer that was announced": (
        [request("POST", PATH, None, CHUNKED, "Trailer: X-C"), b"3\r\na=1\r\n", b"0\r\nX-C: 1\r\n", b"\r\n"],
        row("POST", "", None, "a=1"),
    ),
    "compressed": (
        [request("POST", PATH, b"\x1f\x8b\x08", "Content-Encoding: gzip")],
        row("POST", "", None, "\x1f\x8b\x08", content_encoding="gzip", body_encoding="latin-1"),
    ),
    "a header that is no ASCII": (
        [request("POST", PATH, b"a=1", "Content-Type: caf\xe9")],
        row("POST", "", "caf\xe9", "a=1"),
    ),
    "in pieces": (
        [b"POST ", PATH.encode(), b" HTTP/1.1\r\nHost: x\r\nContent-Le", b"ngth: 3\r\n\r\na", b"=1"],
        row("POST", "", None, "a=1"),
    ),
    "a slash behind the path": ([request("GET", f"{PATH}/?a=1")], row("GET", "a=1")),
    "two slashes before the path": ([request("GET", f"/{PATH}?a=1")], row("GET", "a=1")),
    "HTTP/1.0, posted in the query": (
        [f"POST {PATH}?a=1 HTTP/1.0\r\nHost: x\r\n\r\n".encode()],
        row("POST", "a=1"),
    ),
    "HTTP/1.0": ([request("GET", f"{PATH}?a=1", version="1.0")], row("GET", "a=1")),
    "a whole URL as the target": ([request("GET", f"http://collector{PATH}?a=1")], row("GET", "a=1")),
    "a path that is percent-encoded": (
        [request("GET", f"/dlr/simulator/%74{TOKEN[1:]}?a=1")],
        row("GET", "a=1"),
    ),
    "an offer of HTTP/2": (
        [
            request(
                "GET",
                f"{PATH}?a=1",
                None,
                "Connection: Upgrade, HTTP2-Settings",
                "Upgrade: h2c",
                "HTTP2-Settings: AA",
            )
        ],
        row("GET", "a=1"),
    ),
    "the other gateway": (
        [request("GET", f"/dlr/route_mobile/{TOKEN}?a=1")],
        row("GET", "a=1", gateway="route_mobile"),
    ),
}


@pytest.mark.parametrize("parts, expected", TAKEN.values(), ids=TAKEN)
def test_taken(running: Collector, parts: list[bytes], expected: dict[str, Any]) -> None:
    """Whatever reaches a gateway's path is answered 200 and journaled word for word, once."""
    before, start = records(running.home), datetime.now(UTC)
    assert exchange(running.address, *parts)[::2] == (200, b"ok\n")
    (new,) = records(running.home)[len(before) :]
    assert re.fullmatch(r"\d{12}-[0-9a-f]{16}-\d+", new.pop("callback_id"))
    assert start <= datetime.fromisoformat(new.pop("received_at")) <= start + timedelta(seconds=30)
    assert new == expected


NOT_TAKEN = {
    "a wrong token": ([request("GET", f"/dlr/simulator/wrong?{DLR}")], 404, None),
    "a token that goes on": ([request("GET", f"{PATH}x")], 404, None),
    "two slashes behind the token": ([request("GET", f"{PATH}//")], 404, None),
    "three slashes before the path": ([request("GET", f"//{PATH}")], 404, None),
    "HTTP/1.0, a body without its length": (
        [f"POST {PATH} HTTP/1.0\r\nHost: x\r\n\r\n{DLR}".encode()],
        411,
        None,
    ),
    "no token": ([request("GET", "/dlr/simulator/")], 404, None),
    "a token that is not text": ([request("GET", "/dlr/simulator/%ff%00")], 404, None),
    "an unknown gateway": ([request("GET", f"/dlr/acme/{TOKEN}")], 404, None),
    "no gateway": ([request("GET", f"/dlr//{TOKEN}")], 404, None),
    "an unknown path": ([request("GET", "/")], 404, None),
    "a path before the path": ([request("GET", f"/x{PATH}")], 404, None),
    "PUT with a wrong token": ([request("PUT", "/dlr/simulator/wrong", b"a=1")], 404, None),
    "HEAD": ([request("HEAD", PATH)], 405, "GET, POST"),
    "PUT": ([request("PUT", PATH, b"a=1")], 405, "GET, POST"),
    "DELETE": ([request("DELETE", PATH)], 405, "GET, POST"),
    "a method of its own": ([request("FOO", PATH)], 405, "GET, POST"),
    "POST to a page": ([request("POST", "/healthz", b"")], 405, "GET"),
    "one byte too many": ([request("POST", PATH, MIB + b"x")], 413, None),
    "one byte too many, chunked": (
        [request("POST", PATH, None, CHUNKED), b"100001\r\n" + MIB + b"x\r\n0\r\n\r\n"],
        413,
        None,
    ),
    "far too large, not waited for": (
        [request("POST", PATH, None, "Content-Length: 99999999999")],
        413,
        None,
    ),
    "a length that is none": ([request("POST", PATH, None, "Content-Length: -1")], 400, None),
    "two lengths": ([request("POST", PATH, b"abc", "Content-Length: 2")], 400, None),
    "a trailer that is none": (
        [request("POST", PATH, None, CHUNKED), b"3\r\na=1\r\n0\r\nnonsense\r\n\r\n"],
        400,
        None,
    ),
    "a chunk that is none": ([request("POST", PATH, None, CHUNKED), b"zz\r\na=1\r\n0\r\n\r\n"], 400, None),
    "no HTTP": ([b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"], 400, None),
    "a blank in the target": ([request("GET", f"{PATH}?a=1 2")], 400, None),
}


@pytest.mark.parametrize("parts, status, allow", NOT_TAKEN.values(), ids=NOT_TAKEN)
def test_not_taken(running: Collector, parts: list[bytes], status: int, allow: str | None) -> None:
    """Anything else is refused, with an empty body, and leaves no line."""
    before = records(running.home)
    answered, headers, body = exchange(running.address, *parts)
    assert (answered, headers.get("allow"), body) == (status, allow, b"")
    assert records(running.home) == before


def test_a_duplicate_is_taken_again(running: Collector) -> None:
    """The same callback twice is two lines with two ids: what it means is decided later."""
    before = len(records(running.home))
    again = request("GET", f"{PATH}?{DLR}")
    assert [exchange(running.address, again)[0] for _ in range(2)] == [200, 200]
    one, other = records(running.home)[before:]
    assert one.pop("callback_id") != other.pop("callback_id")
    assert one.pop("received_at") <= other.pop("received_at")
    assert one == other == row("GET", DLR)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_quiet_collector_seals_its_segment(tmp_path: Path, workers: str) -> None:
    """Nothing comes any more: the segment is sealed when it is old, and the next callback starts another."""
    settings = {"journal_segment_s": "0.3", "collect_workers": workers}
    with collector(tmp_path / "data", **settings) as running:
        for n in range(1, 3):
            assert exchange(running.address, request("GET", running.path(f"n={n}")))[0] == 200
            folder, by = running.home / "journal", time.monotonic() + 15
            while len(journal.sealed(folder)) < n and time.monotonic() < by:
                time.sleep(0.02)
            paths = journal.segments(folder, journal.CALLBACKS)
            assert [journal.is_open(path) for path in paths] == [False] * n
            assert (len(journal.sealed(folder)), journal.verify(folder)) == (n, {})
    assert [record["query"] for record in records(running.home)] == ["n=1", "n=2"]


def test_pipelined_requests(running: Collector) -> None:
    """Requests sent without waiting are answered in their order, each with its line."""
    before = len(records(running.home))
    targets = [f"{PATH}?n={n}" for n in range(20)]
    with socket.create_connection(running.address, timeout=10) as client:
        client.sendall(b"".join(request("GET", target) for target in [*targets, "/none"]))
        answers = b""
        while b" 404 " not in answers:
            answers += client.recv(65536)
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200"] * 20 + [b"404"]
    assert [record["query"] for record in records(running.home)[before:]] == [f"n={n}" for n in range(20)]


def test_a_body_is_asked_for(running: Collector) -> None:
    """A client that waits for `100 Continue` gets it before its body."""
    with socket.create_connection(running.address, timeout=10) as client:
        client.sendall(request("POST", PATH, None, "Expect: 100-continue", "Content-Length: 3"))
        assert client.recv(1024).startswith(b"HTTP/1.1 100 Continue")
        client.sendall(b"a=1")
        assert client.recv(1024).startswith(b"HTTP/1.1 200 OK")


LEFT = {
    "in the request line": b"GET /dlr",
    "in the headers": request("GET", PATH)[:-2],
    "in the body": request("POST", PATH, DLR.encode())[:-1],
    "in a chunk": request("POST", PATH, None, CHUNKED) + b"8\r\na=1&b=",
    "between chunks": request("POST", PATH, None, CHUNKED) + b"3\r\na=1\r\n",
    "before the last line": request("POST", PATH, None, CHUNKED) + b"3\r\na=1\r\n0\r\n",
    "in a trailer": request("POST", PATH, None, CHUNKED) + b"3\r\na=1\r\n0\r\nX-Check",
    "behind a trailer": request("POST", PATH, None, CHUNKED) + b"3\r\na=1\r\n0\r\nX-Checksum: 1\r\n",
}


@pytest.mark.parametrize("part", LEFT.values(), ids=LEFT)
def test_a_client_that_leaves(running: Collector, part: bytes) -> None:
    """A request that never was whole leaves no line: half a DLR would be a wrong one."""
    before = records(running.home)
    with socket.create_connection(running.address, timeout=10) as client:
        client.sendall(part)
        client.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: client.recv(1024), b""))
    assert b" 200 " not in answer
    assert records(running.home) == before


def test_healthz(running: Collector) -> None:
    """The health page answers without a token."""
    assert exchange(running.address, request("GET", "/healthz"))[::2] == (200, b"ok\n")


def test_metrics(tmp_path: Path) -> None:
    """The metrics page counts what came, what is durable and what was refused."""
    with collector(tmp_path / "data") as own:
        for target in (f"{PATH}?a=1", f"{PATH}?a=2", "/none", f"{PATH[:-1]}"):
            exchange(own.address, request("GET", target))
        exchange(own.address, request("PUT", PATH))
        _, headers, body = exchange(own.address, request("GET", "/metrics"))
        n_bytes = sum(path.stat().st_size for path in (own.home / "journal").iterdir())
    lines = [
        line
        for line in body.decode().splitlines()
        if not re.match("#|.*_created|.*_bucket|.*_seconds_sum|rmanalytics_ingest|.*_at_seconds", line)
    ]
    assert headers["content-type"].startswith("text/plain; version=")
    wrong_at = re.search(r"^rmanalytics_collect_wrong_token_at_seconds (\S+)$", body.decode(), re.M)
    assert wrong_at and 0 <= time.time() - float(wrong_at[1]) < 60
    received = [
        f'rmanalytics_collect_callbacks_received_total{{gateway="{name}"}}' for name in gateways.READERS
    ]
    assert lines == [
        *(f"{line} {2.0 if 'simulator' in line else 0.0}" for line in received),
        *(
            f'rmanalytics_collect_requests_refused_total{{reason="{reason}",status="{status}"}} '
            f"{ {'token': 2.0, 'method': 1.0}.get(reason, 0.0) }"
            for reason, status in REASONS.items()
        ),
        "rmanalytics_collect_callbacks_durable_total 2.0",
        f"rmanalytics_collect_durable_bytes_total {float(n_bytes)}",
        "rmanalytics_collect_callbacks_waiting 0.0",
        "rmanalytics_collect_group_size_count 2.0",
        "rmanalytics_collect_group_size_sum 2.0",
        "rmanalytics_collect_fsync_seconds_count 2.0",
    ]


def test_secrets_stay_inside(tmp_path: Path) -> None:
    """Neither the token nor a msisdn nor a body is ever printed, and the journal does not hold the token."""
    with collector(tmp_path / "data") as own:
        for parts in (
            [request("GET", f"{PATH}?{DLR}")],
            [request("POST", PATH, DLR.encode())],
            [request("GET", f"/dlr/acme/{TOKEN}?{DLR}")],
            [request("PUT", PATH, DLR.encode())],
            [request("GET", f"{PATH}?{DLR} x")],
            [b"\x00" + TOKEN.encode() + b"\r\n\r\n"],
            [request("POST", PATH, None, CHUNKED), DLR.encode() + b"\r\n"],
        ):
            exchange(own.address, *parts)
        code, said = own.end(signal.SIGINT)
    assert (code, said) == (0, f"listening on http://127.0.0.1:{own.address[1]}\n")
    assert TOKEN not in "".join(map(str, records(own.home)))


def test_a_look_of_doctor_is_not_counted(tmp_path: Path) -> None:
    """The wrong token with which `doctor` looks is refused as any, but is nobody's mistake that a verdict may name."""
    with collector(tmp_path / "data") as own:
        for token, n_counted in ((PROBE, 0.0), ("another", 1.0)):
            assert exchange(own.address, request("GET", own.path(token=token)))[0] == 404
            metrics = exchange(own.address, request("GET", "/metrics"))[2].decode()
            assert f'requests_refused_total{{reason="token",status="404"}} {n_counted}' in metrics
