"""The ledger: what is relayed, how far each item is, and how the other sides fare.

SQLite with a WAL and synchronous=FULL: a change is on disk before the call returns, the uniqueness of
(meta, event) is the database's own, and a running relay, `status` and `relay retry` may use it at once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rmanalytics.config import Settings
from rmanalytics.errors import RelayFault
from rmanalytics.relay.model import Channel, Item, ItemState, ItemVerdict
from rmanalytics.support.resources import sql

BUSY_S = 30.0
ALONE = 100
"""Items of one `retry` that go each in a request of its own; each costs a connection and two syncs."""

_ITEM = "id, key, event, payload, most, n_tries"
_DENIED = ("readonly database", "unable to open database file")
_STOPPED = "the relay was stopped while the request was in progress"


def directory(settings: Settings) -> Path:
    """Return the relay's folder."""
    return settings.home / "relay"


def ledger_path(settings: Settings) -> Path:
    """Return the ledger's file."""
    return directory(settings) / "ledger.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSide:
    """How the other side fares; times are epoch seconds, `n_failures` those in a row."""

    n_failures: int = 0
    retry_at: float = 0.0
    last_ok_at: float | None = None
    last_error: str | None = None
    last_error_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """An item that waits for a person."""

    id: int
    channel: Channel
    key: str
    event: str
    state: ItemState
    reason: str | None
    changed_at: float


class Ledger:
    """Open for one thread; each method that changes something is one durable step."""

    def __init__(self, path: Path, *, is_reader: bool = False) -> None:
        """Open or make it; a reader needs no right to write. Raises RelayFault where that cannot be done."""
        self._path = path
        with self._told():
            if is_reader:
                self._db = _readable(path)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(sql("rmanalytics.relay", "ledger"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    @contextmanager
    def step(self) -> Iterator[sqlite3.Connection]:
        """Make the block one durable step, or none of it."""
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back after some faults of the disk
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self._told():
            return self._db.execute(query, values).fetchall()

    def offsets(self, reader: str) -> dict[str, int]:
        """Return how far a reader of the journal is in each segment."""
        return dict(self.rows("SELECT segment, next_offset FROM cursor WHERE reader = ?", reader))

    def recover(self, now: float) -> None:
        """Make unclear what a killed relay left in flight; only for the one that holds the lock."""
        with self.step() as db:
            db.execute(
                "UPDATE item SET state = ?, reason = ?, changed_at = ? WHERE state = ?",
                (ItemState.UNCLEAR, _STOPPED, now, ItemState.IN_FLIGHT),
            )

    def claim(self, channel: Channel, most: int, now: float) -> list[Item]:
        """Return items that are due, as many as may share a request, which are in flight from now on."""
        with self.step() as db:
            found = db.execute(
                f"SELECT {_ITEM} FROM item WHERE channel = ? AND state = 0 AND due <= ? ORDER BY due, id LIMIT ?",
                (channel, now, most),
            ).fetchall()
            items = _together([_item(row) for row in found], most)
            db.executemany(
                "UPDATE item SET state = 1, changed_at = ? WHERE id = ?", [(now, item.id) for item in items]
            )
        return items

    def settle(
        self, channel: Channel, verdicts: Sequence[tuple[ItemVerdict, float]], side: OtherSide, now: float
    ) -> None:
        """Write down what came of a request: each verdict with the time from which its item may go again."""
        n_relayed = sum(verdict.state is ItemState.RELAYED for verdict, _ in verdicts)
        with self.step() as db:
            db.executemany(
                "UPDATE item SET state = ?1, due = ?2, most = ?3, n_tries = n_tries + ?4, reason = ?5,"
                " changed_at = ?6, payload = CASE WHEN ?1 <> 2 THEN payload END WHERE id = ?7 AND state = 1",
                [(v.state, due, v.limit, int(v.is_later), v.reason, now, v.item.id) for v, due in verdicts],
            )
            count(db, channel, "relayed", n_relayed)
            db.execute(
                "INSERT OR REPLACE INTO other_side VALUES (?, ?, ?, ?, ?, ?)",
                (
                    channel,
                    side.n_failures,
                    side.retry_at,
                    side.last_ok_at,
                    side.last_error,
                    side.last_error_at,
                ),
            )

    def other_side(self, channel: Channel) -> OtherSide:
        """Return how the other side of the channel fares."""
        found = self.rows(
            "SELECT n_failures, retry_at, last_ok_at, last_error, last_error_at FROM other_side WHERE channel = ?",
            channel,
        )
        if not found:
            return OtherSide()
        names = ("n_failures", "retry_at", "last_ok_at", "last_error", "last_error_at")
        return OtherSide(**dict(zip(names, found[0], strict=True)))

    def of(self, channel: Channel, keys: Iterable[str]) -> list[tuple[ItemState | None, str | None, int]]:
        """Return how many of these keys' items are in which state and why; no state: not taken in yet."""
        found = self.rows(
            "SELECT state, reason, count(*) FROM (SELECT DISTINCT value AS key FROM json_each(?)) AS asked"
            " LEFT JOIN item ON item.channel = ? AND item.key = asked.key GROUP BY state, reason",
            json.dumps(list(keys)),
            channel,
        )
        return [(None if state is None else ItemState(state), reason, n) for state, reason, n in found]

    def stuck(self) -> list[Stuck]:
        """Return what waits for a person, oldest first."""
        found = self.rows(
            "SELECT id, channel, key, event, state, reason, changed_at FROM item WHERE state > 2 ORDER BY id"
        )
        return [
            Stuck(
                id=row[0],
                channel=Channel(row[1]),
                key=row[2],
                event=row[3],
                state=ItemState(row[4]),
                reason=row[5],
                changed_at=row[6],
            )
            for row in found
        ]

    def retry(self, ids: Sequence[int], now: float) -> int:
        """Let the items go again if they are stuck; return how many are.

        A few go in requests of their own; many share them: a refusal is narrowed down by halves anyway.
        """
        most = 1 if len(ids) <= ALONE else 0
        with self.step() as db:
            changed = db.executemany(
                "UPDATE item SET state = 0, due = 0, most = ?, n_tries = 0, reason = NULL, changed_at = ?"
                " WHERE id = ? AND state > 2",
                [(most, now, id) for id in ids],
            )
            return changed.rowcount

    def hurry(self, now: float) -> int:
        """Let waiting items go at once that were put off, each alone or with the other side; return how many."""
        with self.step() as db:
            return sum(_hurry(db, channel, now) for channel in Channel)

    def lead(self, channel: Channel, url: str, now: float) -> None:
        """Let the channel's waiting items go at once where its URL is another one than before."""
        digest = hashlib.blake2b(url.encode(), digest_size=8).digest()  # the URL itself is a secret
        with self.step() as db:
            known = db.execute("SELECT digest FROM destination WHERE channel = ?", (channel,)).fetchone()
            if known != (digest,):
                _hurry(db, channel, now)
                db.execute("INSERT OR REPLACE INTO destination VALUES (?, ?)", (channel, digest))

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RelayFault(f"{self._path}: {_why(error)}; nothing is lost") from None


def count(db: sqlite3.Connection, channel: str, name: str, n: int) -> None:
    """Add to a counter, in the step under way."""
    if n:
        db.execute(
            "INSERT INTO counter VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
            (channel, name, n),
        )


def _readable(path: Path) -> sqlite3.Connection:
    """Return a connection that writes nothing, not even beside a ledger in a folder that is closed to us."""
    uri = f"{path.absolute().as_uri()}?mode=ro"
    db = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
    try:
        db.execute("SELECT 1 FROM item LIMIT 1")
    except sqlite3.OperationalError:
        db.close()
        if path.with_name(f"{path.name}-wal").exists() or not os.access(path, os.R_OK):
            raise
        db = sqlite3.connect(
            f"{uri}&immutable=1", uri=True, isolation_level=None
        )  # SQLite makes no -shm there
    return db


def _why(error: Exception) -> str:
    """Return what went wrong with the file, and the fix."""
    denied = isinstance(error, PermissionError) or any(words in str(error) for words in _DENIED)
    if denied:
        return "no write permission: run this as the user who owns it, or choose another home with --home"
    return f"{error}: free disk space or repair the disk"


def _hurry(db: sqlite3.Connection, channel: Channel, now: float) -> int:
    """Forget why and how long a channel waits; return how many items that frees."""
    held = db.execute(
        "UPDATE other_side SET n_failures = 0, retry_at = 0 WHERE channel = ? AND retry_at > ?",
        (channel, now),
    )
    put_off = "channel = ? AND state = 0 AND (? OR due > ?)"
    values = (channel, held.rowcount > 0, now)
    (n,) = db.execute(f"SELECT count(*) FROM item WHERE {put_off}", values).fetchone()
    db.execute(f"UPDATE item SET due = 0, n_tries = 0, reason = NULL WHERE {put_off}", values)
    return int(n)


def _item(row: Sequence[Any]) -> Item:
    return Item(id=row[0], key=row[1], event=row[2], payload=row[3], limit=row[4], n_tries=row[5])


def _together(items: list[Item], most: int) -> list[Item]:
    """Return the first items that share the first one's limit, no more than it allows."""
    if not items:
        return []
    limit = items[0].limit
    return [item for item in items if item.limit == limit][: limit or most]
