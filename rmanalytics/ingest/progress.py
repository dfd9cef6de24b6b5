"""How far ingest has got, in a small file next to the database, so that others need not open that."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import orjson

from rmanalytics import journal
from rmanalytics.support.files import no_file
from rmanalytics.support.resources import sql

NAME = "ingested.json"
_RECEIVED = re.compile(rb'"received_at":"([^"]+)"')
_LINE_HEAD = 64 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the database holds: offsets by segment, the Unix time they were reached, and what is unusable."""

    offsets: Mapping[str, int] = field(default_factory=dict)
    at: float = 0.0
    n_unparsed: int = 0
    n_unmatched: int = 0
    n_malformed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How far the database is behind: bytes of journal, and the age in seconds of the oldest callback there."""

    n_bytes: int
    seconds: float


def offsets(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return of each segment the offset behind what was taken in."""
    return dict(connection.execute("SELECT segment, next_offset FROM ingested").fetchall())


def reached(connection: duckdb.DuckDBPyConnection, segment: str, next_offset: int, n_lines: int) -> None:
    """Note how far a segment was taken in, `n_lines` further than before."""
    values = {"segment": segment, "next_offset": next_offset, "n_lines": n_lines}
    connection.execute(sql("rmanalytics.ingest", "reached"), values)


def of(connection: duckdb.DuckDBPyConnection, offsets: Mapping[str, int], at: float) -> Progress:
    """Return the progress recorded in the database."""
    n_unparsed, n_unmatched, n_malformed = connection.execute(
        sql("rmanalytics.ingest", "progress")
    ).fetchall()[0]
    return Progress(
        offsets=offsets, at=at, n_unparsed=n_unparsed, n_unmatched=n_unmatched, n_malformed=n_malformed
    )


def write(home: Path, progress: Progress) -> None:
    """Replace the file; a disk that is full leaves the one before."""
    draft = home / f"{NAME}.{os.getpid()}"
    try:
        draft.write_bytes(orjson.dumps(asdict(progress)))
        draft.replace(home / NAME)
    except OSError:
        with suppress(OSError):
            draft.unlink()


def read(home: Path) -> Progress | None:
    """Return what ingest last wrote; None where it never ran or the file is not whole."""
    if no_file(home / NAME):
        return None
    try:
        return Progress(**orjson.loads((home / NAME).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def lag(directory: Path, offsets: Mapping[str, int], now: float) -> Lag:
    """Return the lag of the offsets behind the journal; a torn line, which is never ingested, is no lag."""
    n_bytes, oldest = 0, now
    for stream in journal.STREAMS:
        for path in journal.segments(directory, stream):
            n, received_at = _unread(path, offsets.get(journal.identity(path), 0))
            n_bytes, oldest = n_bytes + n, min(oldest, received_at or now)
    return Lag(n_bytes=n_bytes, seconds=max(0.0, now - oldest))


def _unread(path: Path, offset: int) -> tuple[int, float | None]:
    """Return the bytes behind the offset, and when the first line there was received, where it says that."""
    try:
        n = journal.tail_bytes(path, offset)
        if not n:
            return 0, None
        with journal.open_at(path, offset) as segment:
            head = bytes(segment.read(_LINE_HEAD))
    except OSError:
        return 0, None
    if b"\n" not in head and n <= _LINE_HEAD:
        return 0, None
    found = _RECEIVED.search(head)
    return n, datetime.fromisoformat(found[1].decode()).timestamp() if found else None
