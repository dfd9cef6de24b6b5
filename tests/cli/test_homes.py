"""What is no home, a database of others, a working folder that is gone: one plain line for every command."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support.command import run
from support.providers import GOOD, write
from typer.testing import CliRunner

from rmanalytics import warehouse
from rmanalytics.cli import app
from rmanalytics.errors import BadInput

COMMANDS = {
    "status": ("status",),
    "ingest": ("ingest",),
    "doctor": ("doctor",),
    "validate": ("validate",),
    "report": ("report", "overview"),
    "purge": ("purge", "--older-than", "90d"),
    "send": ("send", "x.csv", "--dry-run"),
    "import": ("import", "dlrs", "x.csv"),
    "import --dry-run": ("import", "dlrs", "x.csv", "--dry-run"),
    "relay run": ("relay", "run", "--once"),
    "relay status": ("relay", "status"),
    "provider render": ("provider", "render", "p.json", "--batch", "x.csv"),
    "init": ("init",),
    "demo": ("demo", "--messages", "5"),
    "simulate": ("simulate", "--callback", "off"),
    "collect": ("collect",),
}


def text(home: Path) -> None:
    """A text file."""
    home.write_text("hello")


def empty(home: Path) -> None:
    """An empty file."""
    home.write_text("")


def others(home: Path) -> None:
    """A DuckDB database that is not ours."""
    with duckdb.connect(str(home)) as connection:
        connection.execute("CREATE TABLE t (a INT)")


def ours(home: Path) -> None:
    """A database of ours."""
    with warehouse.writer(home):
        pass


def link(home: Path) -> None:
    """A link to nothing."""
    home.symlink_to(home.with_name("nothing"))


HOMES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a text file": (text, "home", "home: is a file: a home is a folder"),
    "an empty file": (empty, "home", "home: is a file: a home is a folder"),
    "others' database": (others, "home", "home: is a file: a home is a folder"),
    "a link to nothing": (link, "home", "home: is a link to nothing: a home is a folder"),
    "a database": (ours, "rmanalytics.duckdb", "is a file: name the folder it is in: --home"),
}


@pytest.mark.parametrize("make, name, said", HOMES.values(), ids=HOMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_no_home(
    command: str, make: Callable[[Path], None], name: str, said: str, tmp_path: Path
) -> None:
    """A file in the place of the home, or above it, is said to be that; nothing is made or changed."""
    make(tmp_path / name)
    before = (tmp_path / name).read_bytes() if (tmp_path / name).is_file() else b""
    write(tmp_path / "p.json", GOOD, {})
    (tmp_path / "x.csv").write_text("msisdn\n1\n")
    words = [str(tmp_path / word) if word in {"x.csv", "p.json"} else word for word in COMMANDS[command]]
    for home in (tmp_path / name, tmp_path / name / "data"):
        done = CliRunner().invoke(app, [*words, "--home", str(home)])
        assert isinstance(done.exception, BadInput), done.output
        assert said in str(done.exception)
        assert "\n" not in str(done.exception)
    assert before == ((tmp_path / name).read_bytes() if (tmp_path / name).is_file() else b"")


@pytest.mark.parametrize(
    "command", ["status", "ingest", "validate", "report", "purge", "import", "relay run"]
)
def test_a_database_of_others(command: str, tmp_path: Path) -> None:
    """A database that is not ours in the place of ours is neither read as an empty one nor filled with our tables."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    others(tmp_path / "data" / "rmanalytics.duckdb")
    (tmp_path / "x.csv").write_text("sMessageId,sStatus\ng1,DELIVRD\n")
    words = [str(tmp_path / word) if word == "x.csv" else word for word in COMMANDS[command]]
    done = CliRunner().invoke(app, [*words, "--home", str(tmp_path / "data")])
    if command != "relay run":  # it needs no database
        assert "is a DuckDB database, but not of rmanalytics: move it away" in str(done.exception)
    with duckdb.connect(str(tmp_path / "data" / "rmanalytics.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("t",)]


def test_doctor_about_a_database_of_others(tmp_path: Path) -> None:
    """`doctor` does not advise to delete it."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    others(tmp_path / "data" / "rmanalytics.duckdb")
    done = run("doctor", "--home", "data", cwd=tmp_path)
    assert "but not of rmanalytics" in done.stdout
    assert "delete data/rmanalytics.duckdb" not in done.stdout


GONE = """
import os, shutil, sys
os.makedirs("gone")
os.chdir("gone")
os.rmdir("../gone")
from rmanalytics.cli import app, failures
sys.argv = ["rmanalytics", *sys.argv[1:]]
failures.guarded(app)
"""


@pytest.mark.parametrize("command", [*COMMANDS, "dlt codes"])
def test_a_working_folder_that_is_gone(command: str, tmp_path: Path) -> None:
    """Whatever needs it says in one line what happened to the working folder."""
    words = COMMANDS.get(command, tuple(command.split()))
    done = subprocess.run(
        [sys.executable, "-c", GONE, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 2, done.stderr
    assert "the working folder was deleted: change to another one" in done.stderr
    assert done.stderr.strip().count("\n") == 0
