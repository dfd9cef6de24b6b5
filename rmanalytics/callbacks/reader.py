"""What each gateway reads in staged callbacks, a bounded slice at a time: no callback can stop those behind it.

A body of 1 MB may hold 500,000 pairs or list items, and the readers make a member or a row of each. So callbacks
are read in slices of at most `SLICE_PARTS`, one with more than `MOST_PARTS`, or a list with more than `MOST_OF_LIST`,
is kept unread, and a slice that fails all the same is halved down to the callback that makes it fail. Bodies in
another form than a gateway's own are unwrapped first, a bounded number of bytes at a time. Whatever gives no DLR
has a reason in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from rmanalytics import gateways, journal, status_words
from rmanalytics.callbacks.documents import ODD_NUMBER
from rmanalytics.callbacks.unwrap import COMPRESSED, MOST_OF_LIST, MOST_PARTS, Unreadable, readings, too_many
from rmanalytics.config import Settings
from rmanalytics.support.resources import sql

SLICE_PARTS = 4_000_000
SLICE_BYTES = 32 << 20
"""Of bodies that are unwrapped at once, before and after."""

TWO_REPORTS = "two reports in one another"
NOTHING = "no field of a DLR found"
OF_NOBODY = "a status without an id or a number"
_HERE = "rmanalytics.callbacks"
_COLUMNS = ("callback_id", "received_at", "gateway", "method", "query", "content_type", "body")
_CALLBACK = journal.records.structure(journal.CALLBACKS)
_ODD = r"=[^&]*=|(?i:\]|%5D)=|=(?i:\s*[\[{]|%5B|%7B)|[;?,|\r\n][^&=]*=|&(?:amp|AMP|#)|%25[0-9A-Fa-f]{2}"
"""Pairs with something else than `&` between them, and what is encoded twice."""

_IS_SOMEBODYS = "coalesce(gateway_message_id, client_message_id, msisdn, tag, udf1, udf2) IS NOT NULL"
_COMPRESSED = ("concat(" + ", ".join(f"chr({ord(sign)})" for sign in begin) + ")" for begin in COMPRESSED)
_IS_WRAPPED = sql(_HERE, "is_wrapped").format(
    compressed=", ".join(_COMPRESSED), odd=_ODD, odd_number=ODD_NUMBER
)
_OF_THE_MACHINE = (duckdb.IOException, duckdb.InterruptException, duckdb.FatalException)
"""Errors that say nothing about the callbacks: a full disk, a stop, a damaged file."""

Row = tuple[Any, ...]
Reading = tuple[Row, Mapping[str, int]]
"""A callback's row, and how many of its items are left out, by the reason."""


def stage(connection: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    """Make the temporary table `staged` of a table `line`, `byte_offset`: a row for each line."""
    connection.register("lines", lines)
    connection.execute(sql(_HERE, "staged"), {"columns": _CALLBACK})
    connection.unregister("lines")


def translate(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make the temporary tables `new_dlrs` of the good callbacks in `staged`, and `unread` of those set aside.

    What is too large or cannot be read gives no DLR, but is counted in its callback's row of `unread`, with the reason.
    """
    empty(connection)
    _size(connection, "staged", _IS_WRAPPED)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE wrapped AS SELECT place, n_bytes FROM sized WHERE is_wrapped"
    )
    wrapped = connection.execute("FROM wrapped ORDER BY place").fetchall()
    _read_sized(connection, settings, "staged")
    for first, last in _pages(wrapped):
        _unwrap(connection, settings, first, last)
    connection.execute(sql(_HERE, "unfound").format(nothing=NOTHING))


def empty(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary tables `new_dlrs` and `unread` without a row."""
    connection.execute(sql(_HERE, "empty"))


def read(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    name: str,
    callbacks: str,
    first: int,
    last: int,
) -> None:
    """Insert into `new_dlrs` what the reader of that name finds in the rows from `first` to `last`, halving what fails.

    `callbacks` is a query of a table's rows and their `place`; a single row that fails is set aside in `unread`.
    Both tables are those that `empty` makes.
    """
    _insert(connection, status_words.dlrs(name, settings), callbacks, first, last)


def _insert(connection: duckdb.DuckDBPyConnection, dlrs: str, callbacks: str, first: int, last: int) -> None:
    """Insert what the query `dlrs` finds in the rows from `first` to `last`; see `read`."""
    part = f"SELECT {', '.join(_COLUMNS)} FROM ({callbacks}) WHERE place BETWEEN {first} AND {last}"
    try:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE found AS WITH callbacks AS NOT MATERIALIZED ({part}) "
            f"SELECT *, {_IS_SOMEBODYS} AS is_somebodys FROM ({dlrs})"
        )
    except _OF_THE_MACHINE:
        raise
    except duckdb.Error as error:
        if first < last:
            middle = (first + last) // 2
            _insert(connection, dlrs, callbacks, first, middle)
            _insert(connection, dlrs, callbacks, middle + 1, last)
        else:
            reason = f"could not be translated: {str(error).splitlines()[0]}"
            connection.execute(
                f"INSERT INTO unread SELECT callback_id, $1, 1 FROM ({callbacks}) WHERE place = {first}",
                [reason],
            )
    else:
        connection.execute(sql(_HERE, "found").format(nothing=NOTHING, of_nobody=OF_NOBODY))


def _size(connection: duckdb.DuckDBPyConnection, table: str, is_wrapped: str = "false") -> None:
    """Make the temporary table `sized` of the good callbacks in a table."""
    limits = {"most": MOST_PARTS, "most_of_list": MOST_OF_LIST}
    encoding = "content_encoding" if table == "staged" else "NULL::VARCHAR"
    query = sql(_HERE, "sized").format(table=table, encoding=encoding, is_wrapped=is_wrapped)
    connection.execute(query, limits)


def _read_sized(connection: duckdb.DuckDBPyConnection, settings: Settings, table: str) -> None:
    """Read the callbacks of a table that are neither wrapped nor too large; set the latter aside."""
    aside = "CREATE OR REPLACE TEMP TABLE aside AS SELECT * FROM sized WHERE is_wrapped OR n_parts > most"
    n_aside = connection.execute(aside).fetchall()[0][0]
    if n_aside:
        connection.execute(
            f"INSERT INTO unread SELECT callback_id, CASE most WHEN {MOST_PARTS} THEN '{too_many(MOST_PARTS)}' "
            f"ELSE '{too_many(MOST_OF_LIST)}' END, 1 FROM {table} t JOIN aside ON place = t.rowid WHERE NOT is_wrapped"
        )
    anti = "ANTI JOIN aside ON aside.place = t.rowid" if n_aside else ""
    for name, first, last in connection.execute(sql(_HERE, "slices"), {"slice": SLICE_PARTS}).fetchall():
        if name in gateways.READERS:
            theirs = (
                f"SELECT t.*, t.rowid AS place FROM {table} t {anti} WHERE is_good AND gateway = '{name}'"
            )
            read(connection, settings, name, theirs, first, last)


def _pages(sizes: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of runs that together have about `SLICE_BYTES`."""
    run: list[int] = []
    n_bytes = 0
    for place, size in sizes:
        run.append(place)
        n_bytes += size
        if n_bytes > SLICE_BYTES:
            yield run[0], run[-1]
            run, n_bytes = [], 0
    if run:
        yield run[0], run[-1]


def _unwrap(connection: duckdb.DuckDBPyConnection, settings: Settings, first: int, last: int) -> None:
    """Read the wrapped callbacks of a page, as many at once as their contents allow."""
    query = sql(_HERE, "wrapped").format(columns=", ".join((*_COLUMNS, "content_encoding")))
    rows = connection.execute(query, {"first": first, "last": last}).fetchall()
    batch: list[list[Reading]] = []
    n_bytes = 0
    for row in rows:
        try:
            found = [((*row[:4], one.query, row[5], one.body), one.unread) for one in readings(*row[4:])]
        except Unreadable as error:
            _count_unread(connection, [(row[0], str(error), 1)])
            continue
        batch.append(found)
        n_bytes += sum(len(one[6] or "") for one, _ in found)
        if n_bytes > SLICE_BYTES:
            _read_batch(connection, settings, batch)
            batch, n_bytes = [], 0
    _read_batch(connection, settings, batch)


def _read_batch(
    connection: duckdb.DuckDBPyConnection, settings: Settings, batch: list[list[Reading]]
) -> None:
    """Read callbacks of one reading, then those of several, of which the best is kept; see `sql/chosen.sql`."""
    if plain := [found[0] for found in batch if len(found) == 1]:
        _read_rows(connection, settings, plain)
    several = [found for found in batch if len(found) > 1]
    for number in range(max(map(len, several), default=0)):
        _read_rows(connection, settings, [found[number] for found in several if len(found) > number])
        connection.execute(sql(_HERE, "candidates").format(number=number))
    if several:
        connection.execute(sql(_HERE, "chosen").format(reason=TWO_REPORTS))


def _read_rows(connection: duckdb.DuckDBPyConnection, settings: Settings, found: list[Reading]) -> None:
    columns = dict(zip(_COLUMNS, zip(*(row for row, _ in found), strict=True), strict=True))
    connection.register("unwrapped_rows", pa.table({name: list(values) for name, values in columns.items()}))
    connection.execute(sql(_HERE, "unwrapped"))
    connection.unregister("unwrapped_rows")
    _size(connection, "unwrapped")
    _read_sized(connection, settings, "unwrapped")
    _count_unread(connection, [(row[0], reason, n) for row, said in found for reason, n in said.items()])


def _count_unread(connection: duckdb.DuckDBPyConnection, items: list[tuple[str, str, int]]) -> None:
    """Count items in `unread`: callback_id, reason and number."""
    if items:
        connection.executemany("INSERT INTO unread VALUES (?, ?, ?)", items)
