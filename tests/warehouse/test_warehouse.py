"""The database: who holds it, and what a stranger finds in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from support.records import answer, attempt, callback, message

import rmanalytics as rm
from rmanalytics import config, journal, warehouse
from rmanalytics.errors import BadInput, WarehouseLocked
from rmanalytics.ingest.run import ingest
from rmanalytics.warehouse import view
from rmanalytics.warehouse.schema import RELATIONS

Write = Callable[..., Path]

WRITER = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('CREATE TABLE mine (a INT)')"
HOLDER = (
    "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
)


@pytest.fixture
def filled(settings: config.Settings, write: Write) -> config.Settings:
    """A home with one delivered message."""
    write(journal.MESSAGES, message("m1"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    write(journal.CALLBACKS, callback())
    ingest(settings)
    return settings


@pytest.mark.parametrize("path", ["home", "database"])
def test_connect_takes_a_home_or_a_file(filled: config.Settings, path: str) -> None:
    """Both spellings open the same database."""
    with rm.connect(getattr(filled, path)) as store:
        assert store.outcomes().execute()[["message_id", "state", "latency_s"]].values.tolist() == [
            ["m1", "delivered", 6.0]
        ]


def test_the_view_says_what_outcomes_says(filled: config.Settings) -> None:
    """Any SQL tool finds the outcomes as a plain view, with the same columns."""
    with duckdb.connect(filled.database, read_only=True) as connection:
        view = connection.sql("SELECT * EXCLUDE (age_s) FROM outcomes").to_arrow_table().to_pylist()
    with rm.connect(filled.home) as store:
        fold = store.outcomes().drop("age_s").to_pyarrow().to_pylist()
    assert view == fold


def test_as_of_before_the_dlr(filled: config.Settings) -> None:
    """As of a time before its DLR came, the message waits."""
    with rm.connect(filled.home) as store:
        early = store.outcomes(as_of=datetime(2025, 1, 15, 4, 50, 35, tzinfo=UTC)).execute()
    assert early[["message_id", "state"]].values.tolist() == [["m1", "no_dlr"]]


def test_an_open_reader_does_not_shut_the_writer_out(filled: config.Settings) -> None:
    """Another process may write while a warehouse is open here, because it holds the file only for queries."""
    with rm.connect(filled.home) as store:
        store.outcomes().execute()
        subprocess.run([sys.executable, "-c", WRITER, str(filled.database)], check=True, timeout=60)
        assert store.table("mine").execute().empty


def test_the_holder_is_named(filled: config.Settings) -> None:
    """When another process keeps the file, the error names that process."""
    command = [sys.executable, "-c", HOLDER, str(filled.database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            with pytest.raises(WarehouseLocked, match=rf"held by process {holder.pid} \("):
                warehouse.connect(filled.home, lock_wait_s=0.2).outcomes()
        finally:
            holder.kill()


def test_every_column_is_documented(filled: config.Settings) -> None:
    """Each column of each relation, the view outcomes included, says in the database itself what it is."""
    with duckdb.connect(filled.database, read_only=True) as connection:
        silent = connection.execute(
            "SELECT table_name || '.' || column_name FROM duckdb_columns() "
            "WHERE NOT internal AND coalesce(comment, '') = ''"
        ).fetchall()
        there = connection.execute(
            "SELECT DISTINCT table_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert silent == []
    assert {name for (name,) in there} >= {*RELATIONS, "outcomes"}


def test_no_database_yet(tmp_path: Path) -> None:
    """An empty home says what to do."""
    with pytest.raises(BadInput, match="no database yet: run `rmanalytics ingest`"):
        rm.connect(tmp_path)


def test_no_such_relation(filled: config.Settings) -> None:
    """A misspelt relation names those that there are."""
    with (
        rm.connect(filled.home) as store,
        pytest.raises(BadInput, match="no relation 'message': there are messages"),
    ):
        store.table("message")


OLDER = {
    "templates without links": ("templates", "template_id VARCHAR, content VARCHAR", "templates.category"),
    "checks without a fix": (
        "template_checks",
        "message_id VARCHAR, template_id VARCHAR, ok BOOLEAN, reason VARCHAR, position INTEGER, "
        "expected VARCHAR, actual VARCHAR",
        "template_checks.fits_template_id",
    ),
}


@pytest.mark.parametrize("relation, columns, missing", OLDER.values(), ids=OLDER)
def test_a_database_of_an_earlier_version(
    filled: config.Settings, relation: str, columns: str, missing: str
) -> None:
    """It ends in one line that says what to do; done so, the journal gives everything again."""
    with duckdb.connect(filled.database) as connection:
        connection.execute(f"DROP TABLE {relation}; CREATE TABLE {relation} ({columns})")
        connection.execute("COMMENT ON VIEW outcomes IS 'One row per message (definition 0123456789ab).'")
    with pytest.raises(BadInput, match=rf"made by an earlier version \(it has no {missing}\): delete it and"):
        ingest(filled)
    filled.database.unlink()
    assert ingest(filled).n_messages == 1


def test_the_packaged_view_is_the_fold() -> None:
    """The statement that makes the view is what the fold compiles to; `rmanalytics.warehouse.view` writes it."""
    assert view.FILE.read_text() == view.compiled()
    assert view.FILE_OF_PARTS.read_text() == view.compiled_parts()
