"""The view `outcomes` in SQL: the fold as of now, for any SQL tool and for commands that do without Ibis.

`python -m rmanalytics.warehouse.view` writes `schema/outcomes.sql` anew after a change of the fold.
"""

from __future__ import annotations

from pathlib import Path

import ibis

from rmanalytics.support.resources import text
from rmanalytics.warehouse import outcomes
from rmanalytics.warehouse.connection import HORIZON, RELATIONS
from rmanalytics.warehouse.snapshot import Snapshot

_HEAD = """-- The fold of outcomes.py as of now; written by rmanalytics.warehouse.view, not by hand.
CREATE OR REPLACE VIEW outcomes AS
"""
FILE = Path(__file__).parent / "schema" / "outcomes.sql"
_SENTINEL = 7654321
"""A horizon that occurs nowhere else in the statement."""


def compiled() -> str:
    """Return the statement that makes the view, with HORIZON in place of the horizon's seconds."""
    backend = ibis.duckdb.connect()
    for name in RELATIONS:
        backend.raw_sql(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
    fold = outcomes.fold(Snapshot(relation=backend.table), horizon_s=_SENTINEL)
    query: str = ibis.to_sql(fold, dialect="duckdb").replace('"memory"."main".', "")
    return _HEAD + query.replace(str(_SENTINEL), HORIZON) + "\n"


if __name__ == "__main__":
    FILE.write_text(compiled(), encoding="utf-8")
