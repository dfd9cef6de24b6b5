"""Who is let in and how long anybody may take: tokens, networks, TLS, slow and large requests, a sick disk."""

from __future__ import annotations

import re
import resource
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest
from support.collectors import TOKEN, WAIT_S, Collector, collector, exchange, records, request

from rmanalytics.collect.allowlist import Access
from rmanalytics.errors import ConfigError

PATH = f"/dlr/simulator/{TOKEN}"
CALLBACK = request("GET", f"{PATH}?a=1")
POSTED = request("POST", PATH, b"x" * 1000)

PROXIED = {
    "straight": ("203.0.113.9:5000", [], True),
    "straight, another network": ("198.51.100.1:5000", [], False),
    "through the proxy": ("10.0.0.1:5000", ["203.0.113.9"], True),
    "through two proxies": ("10.0.0.1:5000", ["203.0.113.9, 10.0.0.2"], True),
    "two header lines": ("10.0.0.1:5000", ["203.0.113.9", "10.0.0.2"], True),
    "a claim left of the truth": ("10.0.0.1:5000", ["203.0.113.9, 198.51.100.1"], False),
    "a claim without a proxy": ("198.51.100.1:5000", ["203.0.113.9"], False),
    "no address": ("10.0.0.1:5000", ["unknown"], False),
    "the proxy itself": ("10.0.0.1:5000", [], False),
    "IPv6": ("[2001:db8::1]:5000", [], True),
    "IPv4 in IPv6": ("[::ffff:203.0.113.9]:5000", [], True),
    "nothing": ("", [], False),
}


@pytest.mark.parametrize("peer, forwarded, is_admitted", PROXIED.values(), ids=PROXIED)
def test_networks(peer: str, forwarded: list[str], is_admitted: bool) -> None:
    """X-Forwarded-For is read from the right, and only as far as trusted proxies wrote it."""
    assert Access("203.0.113.0/24,2001:db8::/32", "10.0.0.0/8").admits(peer, forwarded) is is_admitted


@pytest.mark.parametrize(
    "client", ["198.51.100.7", "2001:db8::9", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe", "0.0.0.1"]
)
@pytest.mark.parametrize("n_workers", [1, 2])
def test_who_is_refused(client: str, n_workers: int, tmp_path: Path) -> None:
    """The figures name whom the allow-list lacks, if its token was right; a stranger is not named."""
    given = {"collect_allow": "203.0.113.0/24", "collect_trusted_proxies": "127.0.0.1"}
    paths = {"/dlr/simulator/wrong": "6.6.6.6", PATH: client}
    with collector(tmp_path / "data", **given, collect_workers=str(n_workers)) as running:
        shown = []
        for path, caller in [*paths.items(), ("/dlr/simulator/wrong", "6.6.6.6")]:
            asked = request("GET", path, None, f"X-Forwarded-For: {caller}")
            assert exchange(running.address, asked)[0] == 403
            figures = exchange(running.address, request("GET", "/metrics"))[2].decode()
            shown.append(re.findall(r'refused_caller_at_seconds\{address="(.*?)"\}', figures))
    assert shown == [[], [client], [client]]


def test_a_network_that_is_none() -> None:
    """A wrong network is named with its setting."""
    with pytest.raises(ConfigError, match=r"RMANALYTICS_COLLECT_ALLOW: 10[.]0[.]0[.]1/8 has host bits set"):
        Access("10.0.0.1/8")


def test_an_allow_list(tmp_path: Path) -> None:
    """Callbacks from elsewhere get 403, whatever their token; pages are answered."""
    given = {"collect_allow": "203.0.113.0/24", "collect_trusted_proxies": "127.0.0.1"}
    forwarded = request("GET", f"{PATH}?a=2", None, "X-Forwarded-For: 6.6.6.6, 203.0.113.7")
    with collector(tmp_path / "data", **given) as running:
        sent = [CALLBACK, request("GET", "/dlr/simulator/wrong"), request("GET", "/healthz"), forwarded]
        assert [exchange(running.address, one)[0] for one in sent] == [403, 403, 200, 200]
    assert [record["query"] for record in records(running.home)] == ["a=2"]


def test_two_tokens(tmp_path: Path) -> None:
    """While a token is replaced the one before is accepted too, and nothing else."""
    with collector(tmp_path / "data", collect_token_previous="the-one-before") as running:
        paths = [running.path(token=token) for token in (TOKEN, "the-one-before", "", TOKEN + "x")]
        assert [exchange(running.address, request("GET", path))[0] for path in paths] == [200, 200, 404, 404]


def test_healthz_tells_of_a_sick_disk(tmp_path: Path) -> None:
    """While nothing can be written `/healthz` is 503 and says why; with space again it is 200."""
    health = request("GET", "/healthz")
    with collector(tmp_path / "data") as running:
        pid, (_, hard) = running.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        sick = exchange(running.address, health)[::2]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        deadline = time.monotonic() + WAIT_S
        while exchange(running.address, health)[0] != 200 and time.monotonic() < deadline:
            time.sleep(0.1)
        well = exchange(running.address, health)[::2]
    assert sick[0] == 503 and sick[1].startswith(b"the journal cannot be written: ")
    assert well == (200, b"ok\n")


def test_slow_clients(tmp_path: Path) -> None:
    """A body that does not come is 408, headers that do not come end the connection; others are served."""
    with collector(tmp_path / "data", collect_client_timeout_s="1") as running:
        slow = [request("GET", PATH)[:-2], request("POST", PATH, b"a=1")[:-1]]
        clients = [socket.create_connection(running.address, timeout=WAIT_S) for _ in slow]
        for client, part in zip(clients, slow, strict=True):
            client.sendall(part)
        assert exchange(running.address, CALLBACK)[0] == 200
        answers = [b"".join(iter(lambda c=client: c.recv(1024), b"")) for client in clients]  # type: ignore[misc]
        for client in clients:
            client.close()
    assert [re.findall(rb"HTTP/1.1 (\d+)", answer)[:1] for answer in answers] in (
        [[b"408"]] * 2,
        [[], [b"408"]],
    )
    assert [record["query"] for record in records(running.home)] == ["a=1"]


def test_huge_headers(tmp_path: Path) -> None:
    """Headers far beyond 64 KiB are 431, and nothing of them is kept."""
    with collector(tmp_path / "data") as running:
        assert exchange(running.address, request("GET", PATH, None, "X: " + "x" * (256 << 10)))[0] == 431
        assert exchange(running.address, CALLBACK)[0] == 200


def until(wanted: int, running: Collector) -> int:
    """Post until the status is the one that is waited for, or time is up; return the last."""
    deadline = time.monotonic() + WAIT_S
    while (status := exchange(running.address, POSTED)[0]) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return status


def test_bodies_under_way_are_bounded(tmp_path: Path) -> None:
    """More than 32 MiB of bodies that are still coming are not begun: 503, while small ones are taken."""
    begun = request("POST", PATH, None, f"Content-Length: {1 << 20}") + b"x"
    with collector(tmp_path / "data", collect_client_timeout_s="60") as running:
        clients = [socket.create_connection(running.address, timeout=WAIT_S) for _ in range(32)]
        for client in clients:
            client.sendall(begun)
        assert until(503, running) == 503
        assert exchange(running.address, CALLBACK)[0] == 200
        for client in clients:
            client.close()


def test_bodies_in_pieces_are_bounded(tmp_path: Path) -> None:
    """Pieces count as what they hold: 32 bodies of 1 MiB that do not end leave no room for another."""
    begun = request("POST", PATH, None, "Transfer-Encoding: chunked") + b"100000\r\n" + b"x" * (1 << 20)
    with collector(tmp_path / "data", collect_client_timeout_s="60") as running:
        clients = [socket.create_connection(running.address, timeout=WAIT_S) for _ in range(32)]
        for client in clients:
            client.sendall(begun)
        assert until(503, running) == 503
        assert exchange(running.address, CALLBACK)[0] == 200
        for client in clients:
            client.close()
        assert until(200, running) == 200


def test_idle_connections(tmp_path: Path) -> None:
    """A connection is kept after an answer, and closed when it was idle for the client timeout."""
    with (
        collector(tmp_path / "data", collect_client_timeout_s="1") as running,
        socket.create_connection(running.address, timeout=WAIT_S) as client,
    ):
        for _ in range(2):
            client.sendall(CALLBACK)
            assert client.recv(1024).startswith(b"HTTP/1.1 200 OK")
        assert client.recv(1024) == b""


def test_tls(tmp_path: Path) -> None:
    """With certificate and key the collector speaks TLS."""
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    where = ["-keyout", str(key), "-out", str(cert), "-days", "2"]
    subprocess.run([*made, *names, *where], check=True, capture_output=True, timeout=WAIT_S)
    given = {"collect_tls_cert": str(cert), "collect_tls_key": str(key)}
    with collector(tmp_path / "data", **given) as running:
        context = ssl.create_default_context(cafile=str(cert))
        with (
            socket.create_connection(running.address, timeout=WAIT_S) as raw,
            context.wrap_socket(raw, server_hostname="127.0.0.1") as client,
        ):
            client.sendall(CALLBACK)
            assert client.recv(1024).startswith(b"HTTP/1.1 200 OK")
    assert [record["query"] for record in records(running.home)] == ["a=1"]
