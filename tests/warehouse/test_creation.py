"""A new database is there whole or not at all, whoever is killed or comes at the same time."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier

import duckdb
import pytest

from rmanalytics import warehouse
from rmanalytics.warehouse import creation, schema

HORIZON_S = 3600.0
KILLS = 4
MAKES = """
import sys
from pathlib import Path
from rmanalytics.warehouse import creation
print("ready", flush=True)
for n in range(1_000):
    creation._made.clear()
    home = Path(sys.argv[1]) / str(n)
    home.mkdir()
    creation.create(home / "rmanalytics.duckdb", 3600.0)
"""


def tables(path: Path) -> set[str]:
    """Return the tables of a database."""
    with duckdb.connect(path, read_only=True) as connection:
        return {name for (name,) in connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()}


def test_killed_at_it_a_process_leaves_none_or_a_whole_one(tmp_path: Path) -> None:
    """Killed at random moments while it makes one after another, it never leaves a part under the name."""
    draw = Random(7)
    for kill in range(KILLS):
        folder = tmp_path / str(kill)
        folder.mkdir()
        with subprocess.Popen([sys.executable, "-c", MAKES, str(folder)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=draw.uniform(0.2, 1.2))
            process.kill()
        made = [home / "rmanalytics.duckdb" for home in folder.iterdir()]
        assert all(tables(path) == {*schema.TABLES} for path in made if path.exists())


def test_of_two_at_once_one_makes_it(tmp_path: Path) -> None:
    """Threads that make the same database at the same moment leave one, whole, and nothing beside it."""
    path, together = tmp_path / "rmanalytics.duckdb", Barrier(8)

    def make() -> None:
        together.wait()
        creation.create(path, HORIZON_S)

    with ThreadPoolExecutor(8) as pool:
        for made in [pool.submit(make) for _ in range(8)]:
            made.result()
    assert tables(path) == {*schema.TABLES}
    assert [one.name for one in tmp_path.iterdir()] == ["rmanalytics.duckdb"]


def test_what_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    """A file under the name is not made anew, be it a database or not."""
    path = tmp_path / "rmanalytics.duckdb"
    path.write_bytes(b"mine")
    creation.create(path, HORIZON_S)
    assert path.read_bytes() == b"mine"


def test_each_horizon_has_its_own_view(tmp_path: Path) -> None:
    """A database is made for the horizon it is asked for, though another was made before."""
    overdue = []
    for horizon_s in (3600.0, 7200.0):
        path = tmp_path / f"{horizon_s:g}.duckdb"
        with warehouse.writer(path, horizon_s=horizon_s) as connection:
            overdue += connection.sql(
                "SELECT sql FROM duckdb_views() WHERE view_name = 'outcomes'"
            ).fetchall()
    assert ["3600" in sql and "7200" not in sql for (sql,) in overdue] == [True, False]
