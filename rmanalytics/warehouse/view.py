"""The fold in SQL: as the view `outcomes`, and of the parts that `kept` folds, for whatever does without Ibis.

`python -m rmanalytics.warehouse.view` writes `schema/outcomes.sql` and `sql/timeless.sql` anew after a change of the
fold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis

from rmanalytics.support import engine
from rmanalytics.support.literal import quoted
from rmanalytics.support.resources import text
from rmanalytics.warehouse import kept, outcomes
from rmanalytics.warehouse.schema import HORIZON, RELATIONS
from rmanalytics.warehouse.snapshot import Snapshot

_HEAD = """-- The fold of outcomes.py as of now; written by rmanalytics.warehouse.view, not by hand.
CREATE OR REPLACE VIEW outcomes AS
"""
_HEAD_OF_PARTS = """-- The fold of outcomes.py without what depends on the clock, over a part of each relation;
-- written by rmanalytics.warehouse.view, not by hand.
"""
FILE = Path(__file__).parent / "schema" / "outcomes.sql"
FILE_OF_PARTS = Path(__file__).parent / "sql" / "timeless.sql"
_SENTINEL = 7654321
"""A horizon that occurs nowhere else in the statement."""


def compiled() -> str:
    """Return the statement that makes the view, with HORIZON in place of the horizon's seconds."""
    backend = ibis.duckdb.from_connection(engine.connect())
    for name in RELATIONS:
        backend.raw_sql(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
    fold = outcomes.fold(Snapshot(relation=backend.table), horizon_s=_SENTINEL)
    query: str = ibis.to_sql(fold, dialect="duckdb").replace('"memory"."main".', "")
    return _HEAD + query.replace(str(_SENTINEL), HORIZON) + ";\n" + "".join(_comments())


def _comments() -> Iterator[str]:
    """Yield what each column is, of the message's own ones as the relation `messages` has it."""
    with engine.connect() as connection:
        connection.execute(text("rmanalytics.warehouse", "schema", "messages.sql"))
        own = dict(
            connection.execute(
                "SELECT column_name, comment FROM duckdb_columns() WHERE NOT internal"
            ).fetchall()
        )
    for name, meaning in outcomes.MEANINGS.items():
        says = own[name] if name in outcomes.OWN else meaning
        yield f"COMMENT ON COLUMN outcomes.{name} IS {quoted(says)};\n"


def compiled_parts() -> str:
    """Return the query of kept outcomes over `part_messages`, `part_submissions` and `part_dlrs`."""
    backend = ibis.duckdb.from_connection(engine.connect())
    for name in kept.IDS:
        backend.raw_sql(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
        backend.raw_sql(f"ALTER TABLE {name} RENAME TO part_{name}")
    parts = Snapshot(relation=lambda name: backend.table(f"part_{name}"))
    query: str = ibis.to_sql(outcomes.timeless(parts), dialect="duckdb").replace('"memory"."main".', "")
    return _HEAD_OF_PARTS + query + "\n"


if __name__ == "__main__":
    FILE.write_text(compiled(), encoding="utf-8")
    FILE_OF_PARTS.write_text(compiled_parts(), encoding="utf-8")
