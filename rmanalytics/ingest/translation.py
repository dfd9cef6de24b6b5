"""What each gateway reads in staged callbacks, a bounded slice at a time: no callback can stop those behind it.

A body of 1 MB may hold 500,000 pairs or list items, and the readers make a member or a row of each. So callbacks
are read in slices of at most `SLICE_PARTS`, one with more than `MOST_PARTS` is kept unread, and a slice that fails
all the same is halved down to the callback that makes it fail.
"""

from __future__ import annotations

import duckdb

from rmanalytics import gateways
from rmanalytics.config import Settings
from rmanalytics.support.resources import sql

MOST_PARTS = 20_000
"""Pairs, members and list items of one callback: a batch of 1,000 DLRs in JSON has some 12,000."""

SLICE_PARTS = 4_000_000

_OF_THE_MACHINE = (duckdb.IOException, duckdb.InterruptException, duckdb.FatalException)
"""Errors that say nothing about the callbacks: a full disk, a stop, a damaged file."""


def translate(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the temporary table `new_dlrs` of the good callbacks in `staged`.

    What is too large or cannot be read gives no row: it is counted as a callback that could not be parsed.
    """
    empty = "SELECT * EXCLUDE (message_id, matched_by) FROM dlrs LIMIT 0"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE new_dlrs AS {empty}")
    connection.execute(sql("rmanalytics.ingest", "sized"))
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE too_large AS SELECT place FROM sized WHERE n_parts > {MOST_PARTS}"
    )
    limits = {"most": MOST_PARTS, "slice": SLICE_PARTS}
    for name, first, last in connection.execute(sql("rmanalytics.ingest", "slices"), limits).fetchall():
        if name in gateways.READERS:
            _read(connection, gateways.reader(name, settings), name, first, last)


def _read(
    connection: duckdb.DuckDBPyConnection, reader: gateways.Reader, name: str, first: int, last: int
) -> None:
    """Insert what the reader finds in a slice, in its halves where it fails as a whole."""
    theirs = connection.sql(
        f"SELECT s.* FROM staged s ANTI JOIN too_large ON place = s.rowid WHERE is_good AND gateway = '{name}' "
        f"AND s.rowid BETWEEN {first} AND {last}"
    )
    try:
        connection.register("dlrs_of_slice", reader.dlrs(theirs))
        connection.execute("INSERT INTO new_dlrs BY NAME FROM dlrs_of_slice")
    except _OF_THE_MACHINE:
        raise
    except duckdb.Error:
        if first < last:
            middle = (first + last) // 2
            _read(connection, reader, name, first, middle)
            _read(connection, reader, name, middle + 1, last)
    finally:
        connection.unregister("dlrs_of_slice")
