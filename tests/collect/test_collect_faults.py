"""What was answered is in the journal once: after kill -9, a graceful stop, a full disk and an overload."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.callers import NOTHING_LOST, PATH, Client, journaled, load, lost, until_answered
from support.collectors import TOKEN, WAIT_S, collector, exchange, records, request

from rmanalytics import config, journal
from rmanalytics.collect import collecting
from rmanalytics.collect.disk_probe import PROBE_BYTES
from rmanalytics.config import Settings
from rmanalytics.errors import ConfigError, PortTaken, RmaError


def test_kill_9_loses_no_answered_callback(tmp_path: Path) -> None:
    """Killed again and again at random moments under load, the journal holds what was answered, once."""
    home, chance, clients = tmp_path / "data", Random(20250115), list[Client]()
    for turn in range(5):
        with collector(home) as running, load(f"turn{turn}", running) as busy:
            until_answered(busy, 1)
            time.sleep(chance.uniform(0, 0.4))
            running.process.kill()
        clients += busy
    assert lost(clients, home) == NOTHING_LOST
    assert len(journal.segments(home / "journal", journal.CALLBACKS)) == 5


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=lambda stop: stop.name)
def test_a_graceful_stop_resets_nobody(tmp_path: Path, stop: signal.Signals) -> None:
    """Stopped under load, every request that was sent is answered 200 and journaled; the exit code is 0."""
    with collector(tmp_path / "data") as running, load("stop", running) as clients:
        until_answered(clients, 20)
        code, _ = running.end(stop)
    assert (code, [fault for client in clients for fault in client.faults]) == (0, [])
    assert [client.answered for client in clients] == [client.sent for client in clients]
    assert lost(clients, running.home) == NOTHING_LOST


def test_a_stop_waits_for_a_body_under_way(tmp_path: Path) -> None:
    """A request that has begun when the stop comes is taken to its end."""
    with collector(tmp_path / "data") as running:
        with socket.create_connection(running.address, timeout=WAIT_S) as client:
            whole = request("POST", PATH, b"id=slow")
            client.sendall(whole[:-4])
            exchange(running.address, request("GET", f"{PATH}?id=other"))
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.6)
            client.sendall(whole[-4:])
            assert client.recv(1024).startswith(b"HTTP/1.1 200 OK")
        assert running.end(signal.SIGTERM)[0] == 0
    assert journaled(running.home) == {"other": 1, "slow": 1}


def test_two_collectors_share_a_home(tmp_path: Path) -> None:
    """Two processes on one home each write their own segment, lose nothing, and give no id twice."""
    home = tmp_path / "data"
    with collector(home) as one, collector(home) as other, load("two", one, other) as clients:
        until_answered(clients, 20)
        one.process.kill()
        assert other.end(signal.SIGTERM)[0] == 0
    assert lost(clients, home) == NOTHING_LOST
    assert len(journal.segments(home / "journal", journal.CALLBACKS)) == 2
    assert max(Counter(record["callback_id"] for record in records(home)).values()) == 1


def test_a_full_disk_is_answered_503_and_ends(tmp_path: Path) -> None:
    """While files cannot grow callbacks are answered 503; with space again they are taken again."""
    with collector(tmp_path / "data") as running:

        def callback(n: int) -> tuple[int, str | None]:
            status, headers, _ = exchange(running.address, request("GET", f"{PATH}?id={n}"))
            return status, headers.get("retry-after")

        pid, (_, hard) = running.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        answers = [callback(n) for n in range(3)]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        answers += [callback(n) for n in range(3, 6)]
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        answers += [callback(n) for n in range(6, 9)]
        _, _, metrics = exchange(running.address, request("GET", "/metrics"))
    assert answers == [(200, None)] * 3 + [(503, "5")] * 3 + [(200, None)] * 3
    assert b'rmanalytics_collect_requests_refused_total{reason="disk",status="503"} 3.0' in metrics
    assert journaled(running.home) == Counter(map(str, [0, 1, 2, 6, 7, 8]))
    segments = [path.read_bytes() for path in journal.segments(running.home / "journal", journal.CALLBACKS)]
    assert [segment.endswith(b"\n") for segment in segments] == [True, True]


def test_health_while_callbacks_cannot_be_written(tmp_path: Path) -> None:
    """`/healthz` says why callbacks are not written, though a small file still can be, until one is again."""
    with collector(tmp_path / "data") as running:

        def asked(*given: Any) -> tuple[int, bytes]:
            status, _, body = exchange(running.address, request(*given))
            return status, body

        pid, (_, hard) = running.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        assert asked("GET", f"{PATH}?id=0")[0] == 200
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (PROBE_BYTES, hard))
        assert [asked("POST", PATH, b"a" * 2 * PROBE_BYTES)[0] for _ in range(3)] == [503] * 3
        ill = asked("GET", "/healthz")
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert asked("GET", f"{PATH}?id=1")[0] == 200
        assert asked("GET", "/healthz") == (200, b"ok\n")
        _, said = running.end(signal.SIGTERM)
    assert ill[0] == 503
    assert ill[1].startswith(b"the journal cannot be written: ")
    assert said.count("callbacks are answered 503: ") == 1


def test_an_overload_is_answered_503(tmp_path: Path) -> None:
    """Beyond the bound of waiting callbacks clients are told to come back; what was answered 200 is there."""
    with collector(tmp_path / "data", collect_max_waiting="1") as running:
        statuses = asyncio.run(at_once(running.address, 60))
    assert set(statuses.values()) == {200, 503}
    assert journaled(running.home) == Counter(name for name, status in statuses.items() if status == 200)


async def at_once(address: tuple[str, int], n: int) -> dict[str, int]:
    """Send `n` callbacks over as many connections before any answer is read; return the statuses."""
    streams = [await asyncio.open_connection(*address) for _ in range(n)]
    for number, (_, writer) in enumerate(streams):
        writer.write(request("GET", f"{PATH}?id={number}", None, "Connection: close"))
    answers = {str(n): await reader.read() for n, (reader, _) in enumerate(streams)}
    for _, writer in streams:
        writer.close()
    return {name: int(answer.split()[1]) for name, answer in answers.items()}


async def start_and_stop(settings: Settings) -> str:
    """Return the URL of a collector that has started."""
    async with collecting(settings) as running:
        return running.url


def test_in_a_program_of_its_own(tmp_path: Path) -> None:
    """`collecting` serves inside a running loop, and leaves the port free."""

    async def run() -> tuple[int, bool]:
        settings = config.load(home=tmp_path / "data", collect_port=0, collect_token=TOKEN)
        async with collecting(settings) as running:
            host, port = running.url.removeprefix("http://").split(":")
            answer = await asyncio.to_thread(exchange, (host, int(port)), request("GET", f"{PATH}?id=1"))
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)))
        return answer[0], await start_and_stop(
            config.load(**vars(settings) | {"collect_port": int(port)})
        ) != ""

    assert asyncio.run(run()) == (200, True)
    assert journaled(tmp_path / "data") == {"1": 1}


def test_a_taken_port(tmp_path: Path) -> None:
    """A port in use is named, with the fix, whether its holder is a collector or anybody else."""
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as holder:
        port = holder.getsockname()[1]
        settings = config.load(home=tmp_path / "data", collect_port=port, collect_token=TOKEN)
        with pytest.raises(PortTaken) as raised:
            asyncio.run(start_and_stop(settings))
    assert (raised.value.exit_code, str(raised.value)) == (
        2,
        f"127.0.0.1:{port} is in use: stop the program that listens there, or choose another port with --port "
        "or RMANALYTICS_COLLECT_PORT (0: any free port)",
    )


UNUSABLE: dict[str, tuple[dict[str, Any], str]] = {
    "no token": (
        {"collect_token": None},
        "not set: RMANALYTICS_COLLECT_TOKEN: put it into the environment or .env; "
        "`rmanalytics init` writes one",
    ),
    "an empty token": (
        {"collect_token": ""},
        "not set: RMANALYTICS_COLLECT_TOKEN: put it into the environment or .env; "
        "`rmanalytics init` writes one",
    ),
    "an address of another machine": (
        {"collect_host": "192.0.2.1"},
        "cannot listen on 192.0.2.1:0: Cannot assign requested address: give an address of this machine with "
        "--host or RMANALYTICS_COLLECT_HOST, and a port above 1023 with --port or RMANALYTICS_COLLECT_PORT",
    ),
    "a home that is a file": (
        {"home": "/dev/null"},
        "/dev/null/journal: Not a directory: choose another home with --home",
    ),
}


@pytest.mark.parametrize("wrong, text", UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_settings(tmp_path: Path, wrong: dict[str, Any], text: str) -> None:
    """What is missing or wrong is said in one line that names the fix, before anything is listened on."""
    settings = config.load(**{"home": tmp_path / "data", "collect_port": 0, "collect_token": TOKEN} | wrong)
    with pytest.raises(ConfigError) as raised:
        asyncio.run(start_and_stop(settings))
    assert isinstance(raised.value, RmaError)
    assert (raised.value.exit_code, str(raised.value)) == (2, text)
