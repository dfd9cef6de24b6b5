"""Several workers on one port: nothing lost when one is killed, figures over all, a stop of all."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path

from support.callers import NOTHING_LOST, load, lost, until_answered
from support.collectors import TOKEN, WAIT_S, Collector, collector, exchange, records, request

from rmanalytics import journal

PATH = f"/dlr/simulator/{TOKEN}"


def workers(of: Collector) -> set[int]:
    """The processes that listen, by what they are called with."""
    children = Path(f"/proc/{of.process.pid}/task").glob("*/children")
    found = {int(pid) for path in children for pid in path.read_text().split()}
    return {pid for pid in found if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()}


def send(of: Collector, names: range, answered: list[str]) -> None:
    """Send each over a connection of its own, again when that is cut."""
    for name in names:
        while True:
            try:
                status = exchange(of.address, request("GET", f"{PATH}?id={name}"))[0]
            except (OSError, ValueError):
                time.sleep(0.01)
                continue
            except Exception as error:
                assert "RemoteDisconnected" in repr(error) or "BadStatusLine" in repr(error)
                continue
            assert status == 200
            answered.append(f"id={name}")
            break


def test_a_killed_worker_is_started_again(tmp_path: Path) -> None:
    """One of two is killed under load: the other goes on, it comes back, what was answered is there."""
    with collector(tmp_path / "data", collect_workers="2") as running:
        before, answered = workers(running), list[str]()
        threads = [
            threading.Thread(target=send, args=(running, range(n, n + 150), answered))
            for n in range(0, 600, 150)
        ]
        for thread in threads:
            thread.start()
        os.kill(min(before), signal.SIGKILL)
        for thread in threads:
            thread.join(WAIT_S)
        deadline = time.monotonic() + WAIT_S
        while len(workers(running)) < 2 or workers(running) == before:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        code, said = running.end(signal.SIGTERM)
    assert (len(before), code, said.count("\n")) == (2, 0, 1)
    assert sorted(answered) == sorted(f"id={n}" for n in range(600))
    assert set(answered) == {record["query"] for record in records(running.home)}


def test_figures_over_all_workers(tmp_path: Path) -> None:
    """Whichever worker is asked, `/metrics` counts the callbacks of all; each has its own segment."""
    with collector(tmp_path / "data", collect_workers="2") as running:
        for n in range(60):
            assert exchange(running.address, request("GET", f"{PATH}?id={n}"))[0] == 200
        pages = [exchange(running.address, request("GET", "/metrics"))[2].decode() for _ in range(10)]
        assert running.end(signal.SIGTERM)[0] == 0
    counted = {
        re.findall(r"^rmanalytics_collect_callbacks_durable_total (\S+)", page, re.M)[0] for page in pages
    }
    assert counted == {"60.0"}
    assert len(journal.segments(running.home / "journal", journal.CALLBACKS)) == 2
    assert len(records(running.home)) == 60


def test_a_graceful_stop_of_all(tmp_path: Path) -> None:
    """Stopped under load, two workers reset nobody: every request that was sent is answered 200 and journaled."""
    with collector(tmp_path / "data", collect_workers="2") as running, load("stop", running) as clients:
        until_answered(clients, 10)
        code, _ = running.end(signal.SIGTERM)
    assert (code, [fault for client in clients for fault in client.faults]) == (0, [])
    assert [client.answered for client in clients] == [client.sent for client in clients]
    assert lost(clients, running.home) == NOTHING_LOST
