"""DuckDB connections, all made here: none fetches an extension from the internet, whatever file it is given."""

from __future__ import annotations

import duckdb

_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


def connect(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
    """Return a connection to a database, by default to one in memory.

    >>> connect().sql("SELECT current_setting('autoload_known_extensions')").fetchall()
    [(False,)]
    """
    return duckdb.connect(database, config=dict(_OFFLINE))
