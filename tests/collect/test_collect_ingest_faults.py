"""Collector and ingest under faults that come together: kills under load, a full disk, a bad network, any bytes.

A short form runs here; by hand and longer:
`FAULT_KILLS=20 FAULT_EXAMPLES=5000 python -m pytest tests/collect/test_collect_ingest_faults.py`.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from random import Random
from urllib.parse import quote

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.callers import NOTHING_LOST, PATH, Client, journaled, load, lost, until_answered
from support.chaos import chaos
from support.collectors import TOKEN, WAIT_S, Collector, collector, exchange, records, request

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

N_KILLS = int(os.environ.get("FAULT_KILLS", "5"))
N_EXAMPLES = int(os.environ.get("FAULT_EXAMPLES", "150"))


@contextmanager
def following(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`ingest --follow` that compresses whatever it may; killed with SIGKILL at the end."""
    command = [
        sys.executable,
        "-m",
        "rmanalytics",
        "ingest",
        "--home",
        str(home),
        "--follow",
        "--every",
        "0.1",
    ]
    process = subprocess.Popen(
        command,
        env=os.environ | {"RMANALYTICS_JOURNAL_COMPRESS_AFTER_S": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(WAIT_S)


def in_the_relations(home: Path) -> Counter[str]:
    """How often each id is in the relation `callbacks` once everything is taken in."""
    settings = config.load(home=home)
    assert ingest(settings).unreadable == {}
    with duckdb.connect(settings.database, read_only=True) as connection:
        found = connection.execute("SELECT query || coalesce(body, '') FROM callbacks").fetchall()
        again = connection.execute("SELECT count(*) - count(DISTINCT callback_id) FROM callbacks").fetchall()
    assert again == [(0,)]
    return Counter(text.removeprefix("id=") for (text,) in found)


def test_random_kills_of_collector_and_ingest(tmp_path: Path) -> None:
    """Both killed at random moments under load: no answered callback is lost, none is twice in the relations."""
    home, chance, clients = tmp_path / "data", Random(20250116), list[Client]()
    for turn in range(N_KILLS):
        with following(home) as taking_in, collector(home) as running, load(f"turn{turn}", running) as busy:
            until_answered(busy, 1)
            time.sleep(chance.uniform(0.2, 1.5))
            first, second = chance.sample([taking_in, running.process], 2)
            first.kill()
            time.sleep(chance.uniform(0, 0.1))
            second.kill()
            running.process.kill()
        clients += busy
    assert sum(len(client.answered) for client in clients) > N_KILLS * len(busy)
    assert lost(clients, home) == NOTHING_LOST
    assert in_the_relations(home) == journaled(home)
    assert journal.verify(home / "journal") == {}


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Yield whether the folder is a file system of 2 MiB of its own, which only root may make."""
    folder.mkdir()
    mount = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)], check=False, capture_output=True
    )
    try:
        yield mount.returncode == 0
    finally:
        if mount.returncode == 0:
            subprocess.run(["umount", "-l", str(folder)], check=True, timeout=WAIT_S)


def fill(running: Collector, disk: Path, is_small: bool) -> Callable[[], None]:
    """Leave no room for the journal; return what makes room again."""
    if not is_small:  # a limit of the process does what a full file system would
        pid, (_, hard) = running.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, hard))
        return lambda: resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard)) and None
    ballast = disk / "ballast"
    with pytest.raises(OSError, match="No space left"), ballast.open("wb", buffering=0) as file:
        while file.write(b"0" * 4096) == 4096:
            pass
        file.write(b"0" * 4096)
    return ballast.unlink


def test_a_file_system_that_fills_up(tmp_path: Path) -> None:
    """Full: 503, nothing half written. Room again: 200 without a restart, and ingest has what was answered."""
    with small_disk(tmp_path / "disk") as is_small:
        home = tmp_path / "disk" / "data"
        with collector(home) as running:

            def told(first: int) -> list[int]:
                # A line of 6,000 bytes never fits into what is left of the last page.
                bodies = [b"id=%d&%s" % (n, b"x" * 6_000) for n in range(first, first + 3)]
                return [exchange(running.address, request("POST", PATH, body))[0] for body in bodies]

            statuses = told(0)
            make_room = fill(running, tmp_path / "disk", is_small)
            statuses += told(3)
            make_room()
            statuses += told(6)
        assert statuses == [200] * 3 + [503] * 3 + [200] * 3
        ids = Counter(text.partition("&")[0] for text in journaled(home).elements())
    assert ids == Counter(map(str, [0, 1, 2, 6, 7, 8]))


def test_a_bad_network(tmp_path: Path) -> None:
    """Through a proxy that splits, delays, drops and resets, each answered callback is there once."""
    client = Client("chaos", ("", 0))
    with collector(tmp_path / "data") as running, chaos(running.address) as proxy:
        for n in range(400):
            connection = HTTPConnection(*proxy.address, timeout=WAIT_S)
            client.sent.append(f"chaos-{n}")
            try:
                connection.request("POST", PATH, f"id=chaos-{n}")
                with connection.getresponse() as response:
                    response.read()
                assert response.status == 200
                client.answered.append(f"chaos-{n}")
            except (OSError, HTTPException):
                pass
            finally:
                connection.close()
        assert exchange(running.address, request("GET", "/healthz"))[0] == 200
    assert proxy.n_mishaps > 10
    assert 300 < len(client.answered) < 400
    assert lost([client], tmp_path / "data") == NOTHING_LOST


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    """A collector that takes any bytes."""
    with collector(tmp_path_factory.mktemp("fuzzed") / "data") as running:
        yield running


TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
NAMES = st.sampled_from(["sMessageId", "sStatus", "sMobileNo", "dtDone", "iErrCode"]) | TEXTS
QUERIES = st.lists(st.tuples(NAMES, TEXTS), max_size=6).map(
    lambda pairs: "&".join(f"{quote(name)}={quote(text)}" for name, text in pairs)
)
BODIES = (
    st.binary(max_size=400) | QUERIES.map(str.encode) | st.sampled_from([b"[" * 300, b'{"a":' * 90, b"\0"])
)
TYPES = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "text/plain; charset=x", ""]
)


@hypothesis_settings(max_examples=N_EXAMPLES, deadline=None)
@given(query=QUERIES, body=BODIES | st.none(), kind=TYPES)
def test_any_callback_is_kept_word_for_word(
    fuzzed: Collector, query: str, body: bytes | None, kind: str
) -> None:
    """Whatever comes is answered 200 and is the journal's last line, word for word."""
    method = "GET" if body is None else "POST"
    target = f"/dlr/simulator/{TOKEN}" + (f"?{query}" if query else "")
    status, _, _ = exchange(fuzzed.address, request(method, target, body, f"Content-Type: {kind}"))
    last = records(fuzzed.home)[-1]
    kept = last["body"].encode(last.get("body_encoding", "utf-8"))
    assert (status, last["method"], last["query"], kept) == (200, method, query, body or b"")


def test_everything_that_was_fuzzed_is_taken_in(fuzzed: Collector) -> None:
    """No callback that was answered stops the ingest, and none is left out."""
    exchange(fuzzed.address, request("GET", PATH))
    settings = config.load(home=fuzzed.home)
    done = ingest(settings)
    assert (done.n_callbacks, done.n_malformed, done.unreadable) == (len(records(fuzzed.home)), 0, {})
