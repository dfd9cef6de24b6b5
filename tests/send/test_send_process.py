"""Send as a process of its own: killed at any moment, and interrupted."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest
from support.sending import (
    HANG,
    Recorder,
    Reply,
    accept,
    environment,
    recording,
    results,
    row,
    send_to_file,
    send_until_disk_is_full,
    write_csv,
)

from rmanalytics.errors import JournalError

PATIENCE_S = 60
N_ROWS = 300

_processes = multiprocessing.get_context("forkserver")  # starts a process without importing everything anew
_processes.set_forkserver_preload(["support.sending", "rmanalytics.send"])


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """A batch of good rows."""
    return write_csv(tmp_path / "batch.csv", [row(number) for number in range(N_ROWS)])


@contextmanager
def _sending(batch: Path, gateway: Recorder, *, options: Any = None, **flags: Any) -> Iterator[BaseProcess]:
    """Send in another process for as long as the block lasts."""
    arguments = (batch, gateway.url, batch.with_suffix(".json"), flags, options or {})
    process = _processes.Process(target=send_to_file, args=arguments)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join(PATIENCE_S)


def _sent(batch: Path, gateway: Recorder, *, options: Any = None, **flags: Any) -> dict[str, Any]:
    """Send in another process to its end."""
    with _sending(batch, gateway, options=options, **flags) as process:
        return _result(batch, process)


def _result(batch: Path, process: BaseProcess) -> dict[str, Any]:
    process.join(PATIENCE_S)
    assert process.exitcode == 0
    result: dict[str, Any] = json.loads(batch.with_suffix(".json").read_bytes())
    return result


def _wait(until: Callable[[], bool], process: BaseProcess) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not until() and process.is_alive() and time.monotonic() < deadline:
        time.sleep(0.001)


def _signal(process: BaseProcess, number: int) -> None:
    assert process.pid is not None
    os.kill(process.pid, number)


def _unclear(found: dict[str, list[str]]) -> set[str]:
    return {message_id for message_id, said in found.items() if "no answer" in said}


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_any_moment_sends_nothing_twice(seed: int, batch: Path) -> None:
    """However often it is killed with -9: no message arrives twice, all but the unclear arrive, those count."""
    chance = random.Random(seed)
    with recording() as gateway:
        for _ in range(8):
            goal = len(gateway.requests) + chance.randint(0, 40)
            with _sending(batch, gateway, send_concurrency=chance.choice([1, 8, 64])) as process:
                _wait(lambda goal=goal: len(gateway.requests) > goal, process)
                time.sleep(chance.uniform(0, 0.01))
                process.kill()
        last = _sent(batch, gateway)
        after = _sent(batch, gateway, options={"dry_run": True})["plan"]
    found = results(batch.parent / "data" / "journal")
    unclear = _unclear(found)
    assert max(gateway.arrivals.values()) == 1
    assert set(gateway.arrivals) | unclear == set(found) == {f"m{number}" for number in range(N_ROWS)}
    assert {m for m, said in found.items() if "accepted" in said} == set(found) - unclear
    assert (last["summary"]["exit_code"], last["summary"]["n_unsent"]) == (3 if unclear else 0, 0)
    assert after["attempted_before"].get("unclear", 0) == len(unclear)
    assert (after["attempted_before"]["accepted"], after["n_to_send"]) == (N_ROWS - len(unclear), 0)


def test_killed_while_it_prepares_sends_nothing_twice(batch: Path) -> None:
    """Killed while it reads, plans or journals the messages, the next run sends what is left."""
    with recording() as gateway:
        for step in range(6):
            with _sending(batch, gateway) as process:
                _wait((batch.parent / "data" / "send.lock").exists, process)
                time.sleep(step * 0.03)
                process.kill()
        _sent(batch, gateway)
    found = results(batch.parent / "data" / "journal")
    assert max(gateway.arrivals.values()) == 1
    assert set(gateway.arrivals) | _unclear(found) == set(found)
    assert len(found) == N_ROWS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_finishes_what_is_under_way(number: int, batch: Path) -> None:
    """Ctrl-C and SIGTERM end in a summary; nothing is unclear, and the next run sends the rest."""
    with recording() as gateway:
        with _sending(batch, gateway, options={"rate": 200}) as process:
            _wait(lambda: len(gateway.requests) >= 20, process)
            _signal(process, number)
            first = _result(batch, process)["summary"]
        second = _sent(batch, gateway)["summary"]
    assert (first["stopped"], first["exit_code"]) == (
        "interrupted: run the same command again to send the rest",
        4,
    )
    assert (first["n_unclear"], first["n_accepted"] + first["n_unsent"]) == (0, N_ROWS)
    assert second["n_accepted"] == first["n_unsent"] > 0
    assert max(gateway.arrivals.values()) == 1


def _hang_at_7(fields: dict[str, str], n_before: int) -> Reply:
    return HANG if fields["msgid"] == "m7" else accept(fields, n_before)


def test_interrupted_twice_leaves_at_once(batch: Path) -> None:
    """A second Ctrl-C does not wait for the gateway: what is under way is unclear, and stays so."""
    with recording(_hang_at_7) as gateway:
        with _sending(batch, gateway, options={"rate": 200}, send_timeout_s=300) as process:
            _wait(lambda: len(gateway.requests) >= 20, process)
            _signal(process, signal.SIGINT)
            time.sleep(0.3)
            _signal(process, signal.SIGINT)
            first = _result(batch, process)["summary"]
        again = _sent(batch, gateway)
    assert (first["n_unclear"], first["exit_code"]) == (1, 4)
    assert (again["plan"]["attempted_before"]["unclear"], gateway.arrivals["m7"]) == (1, 1)
    assert set(gateway.arrivals) == {f"m{number}" for number in range(N_ROWS)}


def test_disk_full_sends_nothing_twice(batch: Path) -> None:
    """When the journal cannot be written, sending ends, nothing unjournaled leaves, and the next run goes on."""
    with recording() as gateway:
        arguments = (batch, gateway.url, 100)
        process = _processes.Process(target=send_until_disk_is_full, args=arguments)
        process.start()
        process.join(PATIENCE_S)
        n_before = len(gateway.requests)
        _sent(batch, gateway)
    found = results(batch.parent / "data" / "journal")
    assert process.exitcode == JournalError.exit_code
    assert 100 <= n_before < N_ROWS
    assert max(gateway.arrivals.values()) == 1
    assert set(gateway.arrivals) == set(found) == {f"m{number}" for number in range(N_ROWS)}


def test_command_killed_and_run_again(batch: Path) -> None:
    """The same through the command itself: killed in the middle, and resumed by the same words."""
    command = [
        sys.executable,
        "-m",
        "rmanalytics",
        "send",
        str(batch),
        "--home",
        str(batch.parent / "data"),
        "--json",
    ]
    with recording() as gateway:
        settings = {**os.environ, **environment(gateway.url)}
        with subprocess.Popen(
            [*command, "--rate", "500"], env=settings, stdout=subprocess.DEVNULL
        ) as process:
            deadline = time.monotonic() + PATIENCE_S
            while len(gateway.requests) < 30 and time.monotonic() < deadline:
                time.sleep(0.001)
            process.kill()
        done = subprocess.run(command, env=settings, stdout=subprocess.PIPE, timeout=PATIENCE_S)
    plan = json.loads(done.stdout)["plan"]
    found = results(batch.parent / "data" / "journal")
    code = 3 if _unclear(found) else 0
    assert (done.returncode, max(gateway.arrivals.values()), len(found)) == (code, 1, N_ROWS)
    assert set(gateway.arrivals) | _unclear(found) == set(found)
    assert plan["attempted_before"].get("unclear", 0) == len(_unclear(found))


def _mangle(index: Path, chance: random.Random, kept: bytes) -> None:
    """Leave the index as it is, or missing, torn, that of another journal, or changed."""
    data = index.read_bytes() if index.exists() else b""
    how = chance.choice(["as it is", "missing", "torn", "foreign", "changed"])
    if how == "missing":
        index.unlink(missing_ok=True)
    elif how == "torn":
        index.write_bytes(data[: chance.randrange(len(data) + 1)])
    elif how == "foreign":
        index.write_bytes(kept)
    elif how == "changed" and data:
        place = chance.randrange(len(data))
        index.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_beside_a_doubtful_index_sends_nothing_twice(seed: int, batch: Path, tmp_path: Path) -> None:
    """Killed or interrupted, its index missing, stale, torn or of another journal: no message arrives twice."""
    chance = random.Random(seed)
    (tmp_path / "other").mkdir()
    other = write_csv(tmp_path / "other" / "batch.csv", [row(number + N_ROWS) for number in range(20)])
    index = batch.parent / "data" / "sent.index"
    with recording() as gateway:
        _sent(other, gateway)
        _sent(other, gateway, options={"dry_run": True})
        kept = (other.parent / "data" / "sent.index").read_bytes()
        for _ in range(8):
            goal = len(gateway.requests) + chance.randint(0, 40)
            with _sending(batch, gateway, send_concurrency=8) as process:
                _wait(lambda goal=goal: len(gateway.requests) > goal, process)
                if chance.random() < 0.5 and process.pid:
                    os.kill(process.pid, signal.SIGINT)
                    process.join(PATIENCE_S)
            _mangle(index, chance, kept)
        _sent(batch, gateway)
    assert max(gateway.arrivals.values()) == 1
    found = results(batch.parent / "data" / "journal")
    assert set(gateway.arrivals) - {f"m{number + N_ROWS}" for number in range(20)} | _unclear(found) == set(
        found
    )
