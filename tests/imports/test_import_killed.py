"""An import that is killed with SIGKILL, again and again, ends in the relations of one left alone."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import duckdb

from rmanalytics import config
from rmanalytics.imports import bring_in

N_ROWS = 150_000
KILLS = 3


def run_and_kill(home: Path, path: Path, after_s: float) -> bool:
    """Start an import, kill it after a while; return whether it was still at work."""
    command = [sys.executable, "-m", "rmanalytics", "import", "messages", str(path), "--home", str(home)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(timeout=after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        return False


def digest(settings: config.Settings) -> list[tuple[object, ...]]:
    """Return how many rows each relation has, and a digest of them, but for when they were imported."""
    query = (
        "SELECT 'messages', count(*), bit_xor(hash(m)) FROM (SELECT * EXCLUDE (imported_at) FROM messages) m UNION ALL "
        "SELECT 'submissions', count(*), bit_xor(hash(s)) FROM (SELECT * EXCLUDE (imported_at) FROM submissions) s "
        "ORDER BY 1"
    )
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_killed_imports_end_as_one_left_alone(tmp_path: Path) -> None:
    """Killed three times at random moments, then run again, nothing is lost and nothing stands twice."""
    path = tmp_path / "export.csv"
    duckdb.sql(
        f"COPY (SELECT 'm' || i AS message_id, '7' AS campaign_id, '91' || (9800000000 + i) AS msisdn, "
        f"'Hi ' || i AS body, 'gw-' || i AS gateway_message_id, '2025-01-15 10:20:30' AS planned_at "
        f"FROM range({N_ROWS}) t(i)) TO '{path}' (HEADER)"
    )
    alone, killed = (config.load(home=tmp_path / name) for name in ("alone", "killed"))
    bring_in(alone, "messages", path)
    draw = random.Random(11)
    kills = [run_and_kill(killed.home, path, draw.uniform(0.8, 2.5)) for _ in range(KILLS)]
    assert any(kills), "no run was killed at work: the test proved nothing"
    bring_in(killed, "messages", path)
    assert digest(killed) == digest(alone)
    assert len(list(killed.journal_dir.glob("imports-*"))) == 1
