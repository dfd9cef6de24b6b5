"""An ingest that is killed with SIGKILL, again and again, ends in the same relations."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import duckdb
from support.records import answer, attempt, callback, message
from support.times import kept_and_folded, kept_and_measured

from rmanalytics import config, journal
from rmanalytics.ingest.run import ingest

N_SEGMENTS = 50
N_LINES = 40


def fill(settings: config.Settings) -> None:
    for segment in range(N_SEGMENTS):
        ids = {f"m{segment}-{n}": f"gw-{segment}-{n}" for n in range(N_LINES)}
        streams = {
            journal.MESSAGES: [message(name) for name in ids],
            journal.SUBMISSIONS: [attempt(f"a{segment}", *ids), answer(f"a{segment}", **ids)],
            journal.CALLBACKS: [callback(sMessageId=theirs) for theirs in ids.values()],
        }
        for stream, records in streams.items():
            with journal.Writer(settings.journal_dir, stream) as writer:
                writer.append(map(journal.line, records))


def run_and_kill(settings: config.Settings, after_s: float) -> bool:
    """Start an ingest, kill it after a while; return whether it was still at work."""
    command = [sys.executable, "-m", "rmanalytics", "ingest", "--home", str(settings.home)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        return False


def test_killed_ingest_takes_everything_in_once(tmp_path: Path) -> None:
    """Killed eight times at random moments and then left alone, it has each record once, and what is kept of them."""
    settings = config.load(home=tmp_path / "data")
    fill(settings)
    draw = random.Random(7)
    killed = [run_and_kill(settings, draw.uniform(0.6, 1.8)) for _ in range(8)]
    assert any(killed), "no run was killed at work: the test proved nothing"
    ingest(settings)
    for kept, anew in (kept_and_measured(settings), kept_and_folded(settings)):
        assert kept == anew
    expected = N_SEGMENTS * N_LINES
    with duckdb.connect(settings.database, read_only=True) as connection:
        for relation, key in (
            ("messages", "message_id"),
            ("submissions", "message_id"),
            ("callbacks", "callback_id"),
        ):
            counts = connection.execute(f"SELECT count(*), count(DISTINCT {key}) FROM {relation}").fetchall()
            assert (relation, counts) == (relation, [(expected, expected)])
        matched = connection.execute("SELECT count(*), count(DISTINCT message_id) FROM dlrs").fetchall()
        assert matched == [(expected, expected)]
