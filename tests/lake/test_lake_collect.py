"""A collector ships by itself, and a lake that is slow, dead or wrong changes nothing of its answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.collectors import TOKEN, exchange, request

from rmanalytics import journal, lake
from rmanalytics.errors import LakeFault

WAIT_S = 60.0
PATH = f"/dlr/route_mobile/{TOKEN}?sMessageId=1&sStatus=DELIVRD"


@contextmanager
def collector(home: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
    """`rmanalytics collect` as people start it; its process and address."""
    given = {
        "collect_token": TOKEN,
        "collect_port": "0",
        "lake_host": "a",
        "journal_segment_s": "0.5",
    } | environment
    process = subprocess.Popen(
        [sys.executable, "-m", "rmanalytics", "collect", "--home", str(home)],
        env=os.environ
        | {name if name.isupper() else f"RMANALYTICS_{name.upper()}": value for name, value in given.items()},
        cwd=home.parent,
        text=True,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if line.startswith("listening on "))
        parts = urlsplit(line.split()[2])
        yield process, (str(parts.hostname), int(parts.port or 0))
    finally:
        process.kill()
        process.communicate(timeout=WAIT_S)


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def n_lines(url: str) -> int:
    """The lines that are in a lake."""
    try:
        place = lake.open_lake(url)
    except LakeFault:
        return 0
    return sum(place.seal(segment).n_lines for segment in place.segments())


def test_it_ships_by_itself(url: str, tmp_path: Path) -> None:
    """What was answered is in the lake when the collector was stopped, the last segment included."""
    with collector(tmp_path / "data", lake=url) as (process, address):
        for _ in range(3):
            assert exchange(address, request("GET", PATH))[0] == 200
        until(lambda: n_lines(url) == 3)
        assert exchange(address, request("GET", PATH))[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
    assert n_lines(url) == 4


def silent() -> tuple[socket.socket, str]:
    """A server that takes connections and never answers; its URL."""
    server = socket.create_server(("127.0.0.1", 0))
    return server, f"http://127.0.0.1:{server.getsockname()[1]}"


LAKES = {
    "nobody listens": ("s3://b/l", "http://127.0.0.1:9", "lake: s3://b/l: no answer"),
    "it never answers": ("s3://b/l", "", ""),
    "no folder": ("/no/such/folder", "", "lake: /no/such/folder: there is no folder /no/such"),
}


@pytest.mark.parametrize("url, endpoint, said", LAKES.values(), ids=LAKES)
def test_a_lake_that_is_away(tmp_path: Path, url: str, endpoint: str, said: str) -> None:
    """Each callback is answered at once and is on disk; why nothing is shipped is said once, and it ends in time."""
    server, hole = silent()
    aws = {"AWS_ENDPOINT_URL": endpoint or hole, "AWS_REGION": "x", "AWS_EC2_METADATA_DISABLED": "true"}
    aws |= {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "never-shown"}
    home = tmp_path / "data"
    with server, collector(home, lake=url, **aws) as (process, address):
        took, until_s = [], time.monotonic() + 8
        while time.monotonic() < until_s:
            began = time.monotonic()
            assert exchange(address, request("GET", PATH))[0] == 200
            took.append(time.monotonic() - began)
            time.sleep(0.05)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=WAIT_S)
        ended_s = time.monotonic() - began
    paths = journal.segments(home / "journal", journal.CALLBACKS)
    assert sum(len(journal.read_chunk(path, 0).lines) for path in paths) == len(took)
    assert max(took) < 1
    assert ended_s < 30
    assert (errors.count(said) == 1 if said else True, "never-shown" in errors) == (True, False), errors


def test_a_killed_collector(tmp_path: Path) -> None:
    """Its shipper ends with it, and the next start ships what was answered."""
    home, url = tmp_path / "data", str(tmp_path / "lake")
    with collector(home, lake=url, journal_segment_s="3600") as (process, address):
        assert exchange(address, request("GET", PATH))[0] == 200
        process.send_signal(signal.SIGKILL)
        process.wait(WAIT_S)
    until(lambda: n_lines(url) == 1)
