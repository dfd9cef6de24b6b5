"""The relay killed with SIGKILL at random moments: each event arrives once, or is unclear."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.relaying import callback, counts, home, meta, relay_all, write
from support.standin import OK, RESET_AFTER, Choose, Pair, Reply, StandIn, partial, standing_in

from rmanalytics import relay
from rmanalytics.config import Settings
from rmanalytics.errors import RelayFault
from rmanalytics.relay.run import run

PATIENCE_S = 60
N = 1_500


@contextmanager
def relaying(settings: Settings, url: str, **other: str) -> Iterator[subprocess.Popen[bytes]]:
    """`relay run` as a process for as long as the block lasts."""
    environment = {"RELAY_URL": url, "RELAY_BATCH": "5", "RELAY_RETRY_S": "0.02", "RELAY_INTERVAL_S": "0.02"}
    environment |= other
    command = [sys.executable, "-m", "rmanalytics", "relay", "run", "--home", str(settings.home)]
    process = subprocess.Popen(
        command,
        env=os.environ | {f"RMANALYTICS_{name}": value for name, value in environment.items()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_S)


def chaos(seed: int) -> Choose:
    """One answer in ten is a fault of some kind."""
    chance = random.Random(seed)

    def choose(events: list[Pair], _n: int) -> Reply:
        kind = chance.randrange(40)
        if kind == 0:
            return RESET_AFTER
        if kind == 1:
            return Reply(status=503)
        if kind == 2:
            return Reply(status=400)
        return partial(events, events[:1]) if kind == 3 and len(events) > 1 else OK

    return choose


def until(there: StandIn, n_requests: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until so many requests came."""
    deadline = time.monotonic() + PATIENCE_S
    while there.n_requests < n_requests and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment(tmp_path: Path, seed: int) -> None:
    """However often it is killed: what was answered is there once, the rest is unclear or parked, none is lost."""
    chance = random.Random(seed)
    with standing_in(chaos(seed)) as there:
        settings = home(tmp_path, there.url, relay_batch=5)
        write(settings, (callback(n) for n in range(N)))
        for _ in range(5):
            with relaying(settings, there.url) as process:
                until(there, there.n_requests + chance.randint(5, 40), process)
                time.sleep(chance.uniform(0, 0.01))
        relay_all(settings)
    found = counts(settings)
    unclear = {(one.key, one.event) for one in relay.stuck(settings) if one.state is relay.ItemState.UNCLEAR}
    parked = {(one.key, one.event) for one in relay.stuck(settings) if one.state is relay.ItemState.PARKED}
    everything = {(meta(n), "delivered") for n in range(N)}
    assert max(there.answered.values()) == 1
    assert max(there.arrived.values()) == 1
    assert set(there.arrived) | unclear | parked == everything
    assert found["relayed"] + len(unclear) + len(parked) == N
    assert not set(there.answered) & parked


def test_two_relays(tmp_path: Path) -> None:
    """A second relay on the same home says who runs, and sends nothing."""
    with standing_in() as there:
        settings = home(tmp_path, there.url)
        write(settings, [callback(1)])
        with relaying(settings, there.url) as process:
            until(there, 1, process)
            with pytest.raises(RelayFault, match=rf"another relay is running .* \(process {process.pid}\)"):
                run(settings, once=True)
    assert there.answered == {(meta(1), "delivered"): 1}


@pytest.mark.parametrize("is_killed", [False, True], ids=["then room", "then killed"])
def test_a_full_disk_when_answers_come(tmp_path: Path, is_killed: bool) -> None:
    """What was answered while the ledger cannot be written is never sent again, and settled once it can be."""
    running: list[subprocess.Popen[bytes]] = []
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def choose(_events: list[Pair], n: int) -> Reply:
        if n == 5:
            resource.prlimit(running[0].pid, resource.RLIMIT_FSIZE, (1, hard))
        return OK

    with standing_in(choose) as there:
        settings = home(tmp_path, there.url)
        write(settings, (callback(n) for n in range(250)))
        with relaying(settings, there.url) as process:
            running.append(process)
            until(there, 6, process)
            time.sleep(0.3)
            n_meanwhile = there.n_requests
            assert process.poll() is None
            if not is_killed:
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))
                until(there, 50, process)
                process.terminate()
                assert process.wait(PATIENCE_S) == 0
        relay_all(settings)
    found = counts(settings)
    unclear = found.pop("unclear", 0)
    assert n_meanwhile < 11
    assert max(there.answered.values()) == 1
    assert (found, unclear <= (20 if is_killed else 0)) == ({"relayed": 250 - unclear}, True)


def test_stopped_gracefully(tmp_path: Path) -> None:
    """SIGTERM lets requests in progress end: nothing is unclear."""
    with standing_in() as there:
        settings = home(tmp_path, there.url, relay_batch=10)
        write(settings, (callback(n) for n in range(N)))
        with relaying(settings, there.url) as process:
            until(there, 20, process)
            process.terminate()
            assert process.wait(PATIENCE_S) == 0
    found = counts(settings)
    assert (found["relayed"] + found.get("waiting", 0), len(there.answered)) == (N, found["relayed"])


def test_a_running_relay_hears_of_a_retry(tmp_path: Path) -> None:
    """`relay retry --all` ends the wait of a relay that is running."""
    with standing_in(lambda _events, n: Reply(status=401) if n == 0 else OK) as there:
        settings = home(tmp_path, there.url)
        write(settings, (callback(n) for n in range(5)))
        with relaying(settings, there.url, RELAY_RETRY_S="3600") as process:
            until(there, 1, process)
            deadline = time.monotonic() + PATIENCE_S
            while not relay.hurry(settings) and time.monotonic() < deadline:
                time.sleep(0.02)
            until(there, 2, process)
    assert len(there.answered) == 5
