"""While another program keeps the database: who it is, what goes on, and how it is caught up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from support.collectors import collector, exchange, request
from support.records import answer, attempt, callback, message

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

Write = Callable[..., Path]
WAIT_S = 60
HOLDER = (
    "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.readline(); c.close();"
    "print('let go', flush=True); sys.stdin.readline()"
)


@contextmanager
def held(database: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that keeps the database open until a line is written to it."""
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.kill()


def let_go(holder: subprocess.Popen[str]) -> None:
    """Make the process close the database."""
    assert holder.stdin is not None and holder.stdout is not None
    holder.stdin.write("\n")
    holder.stdin.flush()
    assert holder.stdout.readline() == "let go\n"


@contextmanager
def ingesting(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """`rmanalytics ingest` as a process; killed at the end if it still runs."""
    command = [sys.executable, "-m", "rmanalytics", "ingest", "--home", str(home), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def count(database: Path) -> int:
    """Callbacks in the database; -1 while another process keeps it."""
    try:
        with duckdb.connect(database, read_only=True) as connection:
            return int(connection.execute("SELECT count(*) FROM callbacks").fetchall()[0][0])
    except duckdb.Error:
        return -1


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_it_says_who_keeps_the_file_and_goes_on_after(settings: config.Settings, write: Write) -> None:
    """An ingest names process and command while it waits, and takes everything in when the file is free."""
    write(journal.CALLBACKS, callback())
    ingest(settings)
    write(journal.CALLBACKS, callback(), callback())
    with held(settings.database) as holder, ingesting(settings.home) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert re.search(rf"waiting .*held by process {holder.pid} \(\S*python\S* -c import duckdb", said)
        let_go(holder)
        assert process.wait(timeout=WAIT_S) == 0
    assert count(settings.database) == 3


def test_follow_waits_and_catches_up_while_collecting_goes_on(tmp_path: Path) -> None:
    """Callbacks are answered while the file is kept; let go, all of them come in without a new start."""
    home = tmp_path / "data"
    settings = config.load(home=home)
    journal.Writer(settings.journal_dir, journal.CALLBACKS).append([journal.line(callback())])
    ingest(settings)
    with (
        collector(home) as running,
        held(settings.database) as holder,
        ingesting(home, "--follow", "--every", "0.2") as it,
    ):
        assert it.stderr is not None
        for n in range(40):
            assert (
                exchange(running.address, request("GET", running.path(f"sMessageId=gw-{n}&sStatus=DELIVRD")))[
                    0
                ]
                == 200
            )
        assert f"held by process {holder.pid} " in it.stderr.readline()
        let_go(holder)
        until(lambda: count(settings.database) == 41)
        assert it.poll() is None
        exchange(running.address, request("GET", running.path("sMessageId=gw-40&sStatus=DELIVRD")))
        until(lambda: count(settings.database) == 42)


def test_ingest_compresses_what_is_old(settings: config.Settings, write: Write) -> None:
    """Closed, taken in and old: compressed; a second ingest finds nothing new, an empty database everything."""
    old = write(journal.CALLBACKS, *(callback(sMessageId=f"gw-{n}") for n in range(20)))
    write(journal.CALLBACKS, callback())
    os.utime(old, (1e9, 1e9))
    assert ingest(settings).n_compressed == 1
    assert [path.suffix for path in journal.segments(settings.journal_dir, journal.CALLBACKS)] == [
        ".zst",
        ".jsonl",
    ]
    again = ingest(settings)
    assert (again.n_callbacks, again.n_bytes, again.unfinished, again.unreadable) == (0, 0, {}, {})
    settings.database.unlink()
    assert ingest(settings).n_callbacks == 21


def test_a_damaged_segment_is_named_and_the_others_come_in(settings: config.Settings, write: Write) -> None:
    """A closed segment that is not what was written is left out and named; `n_callbacks` counts the rest."""
    write(journal.MESSAGES, message("m1"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    bad, _ = write(journal.CALLBACKS, callback(sStatus="UNDELIV")), write(journal.CALLBACKS, callback())
    bad.write_bytes(bad.read_bytes().replace(b"UNDELIV", b"DELIVRD"))
    done = ingest(settings)
    assert (done.n_callbacks, list(done.unreadable)) == (1, [bad.name])
    assert done.unreadable[bad.name].startswith(
        "damaged: content has changed since it was closed: restore it from a copy, or remove "
    )


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_a_damaged_seal_and_a_lost_segment_are_named(
    settings: config.Settings, write: Write, packed: bool
) -> None:
    """A seal that cannot be read and a seal whose segment was never taken in are named, the rest comes in."""
    bad, lost, _ = (write(journal.CALLBACKS, callback()) for _ in range(3))
    if packed:
        assert journal.compress(bad)
    bad.with_name(f"{bad.name}.seal").write_text('{"n_bytes":1}')
    lost.unlink()
    done = ingest(settings)
    assert (done.n_callbacks, sorted(done.unreadable)) == (1, sorted([bad.name, lost.name]))


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_replay_gives_the_same_relations(settings: config.Settings, write: Write, packed: bool) -> None:
    """A day taken in piece by piece and the same day replayed into an empty database: whole relations are equal."""
    from test_ingest import RECORDS, content

    for stream in reversed(journal.STREAMS):
        for record in RECORDS[stream]:
            write(stream, record)
        ingest(settings)
    before = content(settings)
    if packed:
        for stream in journal.STREAMS:
            assert all(journal.compress(path) for path in journal.segments(settings.journal_dir, stream))
    settings.database.unlink()
    ingest(settings)
    assert content(settings) == before
