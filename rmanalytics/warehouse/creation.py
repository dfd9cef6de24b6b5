"""A new database file is there whole or not at all: a process killed at it leaves nothing under its name."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from rmanalytics.support import engine
from rmanalytics.support.literal import from_here
from rmanalytics.warehouse import schema

_made: dict[str, bytes] = {}
"""Empty databases by the statements that made them: 230 statements take DuckDB 0.1 s, whoever waits for them."""


def create(path: Path, horizon_s: float) -> None:
    """Make an empty database where there is no file; of two processes one does. Raises OSError and duckdb.Error."""
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_bytes(empty(horizon_s, part))
        _publish(part, path)
    finally:
        part.unlink(missing_ok=True)


def empty(horizon_s: float, place: Path) -> bytes:
    """Return the content of an empty database, made at a place, which it leaves, when it is first asked for."""
    statements = schema.whole(horizon_s)
    if statements not in _made:
        with engine.connect(from_here(place)) as connection:
            connection.execute(statements)
        _made[statements] = place.read_bytes()
    return _made[statements]


def _publish(part: Path, path: Path) -> None:
    """Give a file its name, durable, unless there is one of that name by now."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        if not path.exists():
            part.rename(path)
