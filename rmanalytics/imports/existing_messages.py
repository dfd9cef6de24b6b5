"""Messages of an import that the database has already: an id is one person's for good."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from rmanalytics import warehouse
from rmanalytics.errors import BadInput, RmaError
from rmanalytics.support.literal import literal
from rmanalytics.support.resources import sql

MEMORY = "500MB"
LOCK_WAIT_S = 5.0
_SCHEMA = pa.schema([("message_id", pa.string())])
_UNCOMPARED = "warning the database cannot be read now: ids that it has of another number are left out later"


def of_another_number(database: Path, staged: Path, say: Callable[[str], None]) -> pa.Table:
    """Return the ids of good rows that the database has for another number; `say` gets why that is not known.

    Without a database there are none. Where it cannot be read, ingest leaves those rows out all the same.
    """
    try:
        with warehouse.reading(database, lock_wait_s=LOCK_WAIT_S) as connection:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            found = connection.sql(sql("rmanalytics.imports", "of_another_number"), params=[literal(staged)])
            return found.to_arrow_table().cast(_SCHEMA)
    except warehouse.NoDatabase:
        return _SCHEMA.empty_table()
    except BadInput:
        raise
    except (RmaError, duckdb.Error):
        say(_UNCOMPARED)
        return _SCHEMA.empty_table()
