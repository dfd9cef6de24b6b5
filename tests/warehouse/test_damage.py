"""A database that is broken, or that nobody may read, is named at once with the way out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from support import seeding
from support.command import run

from rmanalytics import config, warehouse
from rmanalytics.errors import BadInput
from rmanalytics.ingest.run import ingest

END = "the journal has everything"
ADVICE = "delete it and run `rmanalytics ingest` again; the journal has everything"


def _flipped(content: bytes) -> bytes:
    """The second half of each block's beginning, inverted."""
    spoilt = bytearray(content)
    for block in range(12288, len(spoilt), 262144):
        spoilt[block + 64 : block + 200] = bytes(255 - one for one in spoilt[block + 64 : block + 200])
    return bytes(spoilt)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "bits flipped": _flipped,
    "cut short": lambda content: content[:400_000],
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a sound database."""
    return seeding.seed(tmp_path_factory.mktemp("sound") / "rmanalytics.duckdb", 2000).read_bytes()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("command", ["status", "ingest", "validate", "report overview"])
def test_a_damaged_file_is_named(
    damage: Callable[[bytes], bytes], command: str, sound: bytes, tmp_path: Path
) -> None:
    """Whoever opens a damaged file says so in one line, and what to do; nothing of it is changed."""
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "rmanalytics.duckdb"
    file.write_bytes(damage(sound))
    done = run(*command.split(), cwd=tmp_path)
    if command == "ingest" and done.returncode == 0:  # a file cut short is noticed where it is read
        return
    assert (done.returncode, done.stderr.strip().splitlines()[-1].split(": ", 1)[1][-len(ADVICE) :]) == (
        2,
        ADVICE,
    )


CHANGES = {
    "a table renamed": "ALTER TABLE messages RENAME TO messages2",
    "a table dropped": "DROP TABLE dlrs",
    "bookkeeping dropped": "DROP TABLE ingested",
    "a column renamed": "ALTER TABLE dlrs RENAME COLUMN raw_status TO status2",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("command", ["status", "ingest", "validate", "report overview"])
def test_a_changed_database_is_named(
    change: str, command: str, settings: config.Settings, request: pytest.FixtureRequest
) -> None:
    """A database in which somebody changed our tables is named like a damaged one, never by DuckDB's words."""
    ingest(settings)
    with duckdb.connect(str(settings.database)) as connection:
        connection.execute(change)
    done = run(*command.split(), "--home", str(settings.home), cwd=settings.home.parent)
    if command == "ingest" and "COLUMN" in change:  # there is nothing that it has to write
        assert (done.returncode, done.stderr) == (0, "")
        return
    last = done.stderr.strip().splitlines()[-1]
    assert (done.returncode, last[-len(END) :]) == (2, END)
    assert ("damaged (it has no table" in last) is ("a table" in request.node.callspec.id)


def test_the_doctor_names_damage(sound: bytes, tmp_path: Path) -> None:
    """`doctor` counts a damaged file as a fault and goes on with its other checks."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "rmanalytics.duckdb").write_bytes(_flipped(sound))
    done = run("doctor", cwd=tmp_path)
    assert "damaged (Corrupt database file" in done.stdout
    assert "Traceback" not in done.stderr


def test_a_word_in_the_path_is_no_lock(tmp_path: Path) -> None:
    """A folder called `block` is not waited for as if another process held the file."""
    (tmp_path / "block").mkdir()
    (tmp_path / "block" / "rmanalytics.duckdb").write_bytes(os.urandom(5000))
    began = time.monotonic()
    with pytest.raises(BadInput, match="not readable as a DuckDB 2 database"):
        warehouse.connect(tmp_path / "block").table("messages")
    assert time.monotonic() - began < 10


def test_a_new_start_after_damage(settings: config.Settings) -> None:
    """Deleted and taken in again, the database is whole."""
    ingest(settings)
    settings.database.write_bytes(_flipped(settings.database.read_bytes()))
    with pytest.raises(BadInput, match="damaged"):
        ingest(settings)
    settings.database.unlink()
    ingest(settings)
    with warehouse.connect(settings.home) as store:
        assert store.table("messages").count().execute() == 0


STARTED = {
    "status": ("status", 2, "no database yet: run `rmanalytics ingest`"),
    "report": ("report overview", 2, "no database yet: run `rmanalytics ingest`"),
    "validate": ("validate", 3, ""),
    "doctor": ("doctor", 1, ""),
    "import": ("import messages export.csv", 0, ""),
    "ingest": ("ingest", 0, ""),
    "send": ("send export.csv --dry-run", 0, ""),
}


@pytest.mark.parametrize(("command", "code", "said"), STARTED.values(), ids=STARTED)
def test_a_database_that_was_only_begun_is_none(command: str, code: int, said: str, tmp_path: Path) -> None:
    """Whoever was killed while it made the database leaves an empty one: as if there were none yet."""
    (tmp_path / "data" / "journal").mkdir(parents=True)
    names = "message_id,campaign_id,msisdn,template_id,header,entity_id,body"
    row = "m1,7,919800000001,1107160000000000001,ACMEIN,1101000000000000001,Hi"
    (tmp_path / "export.csv").write_text(f"{names}\n{row}\n")
    duckdb.connect(tmp_path / "data" / "rmanalytics.duckdb").close()
    done = run(*command.split(), cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "not of rmanalytics" not in done.stdout + done.stderr
