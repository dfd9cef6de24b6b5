"""Journal → ledger: what is to be relayed, each once, with the cursor in the same durable step."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from rmanalytics import config, journal
from rmanalytics.config import Settings
from rmanalytics.relay.channels import raw
from rmanalytics.relay.channels.clevertap import payload
from rmanalytics.relay.ledger import Ledger, count
from rmanalytics.relay.model import Channel
from rmanalytics.relay.translate import Event, Translator

CHUNK_BYTES = 4 << 20
"""About 10,000 callbacks: answers under way wait no longer than a moment."""

HOMELESS_S = 24 * 3600.0
"""How long an event without a meta waits for a submission of ours that tells it."""

SUBMISSIONS = "submissions"
_NEW = (
    "INSERT OR IGNORE INTO item (channel, key, event, payload, state, due, most, n_tries, received_at, changed_at)"
    " VALUES (?, ?, ?, ?, 0, 0, 0, 0, ?, ?)"
)


class Intake:
    """Takes the journal's new callbacks into the ledger, chunk by chunk."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        """Raises BadInput for a wrong table of codes."""
        self._settings = settings
        self._ledger = ledger
        self._translator = Translator(settings)
        self._read_to_end: dict[tuple[str, Path], int] = {}
        self._damaged: dict[str, bool] = {}
        self._readers: dict[Channel, Callable[[sqlite3.Connection, journal.Chunk, float], None]] = {
            Channel.CLEVERTAP: self._events,
            Channel.RAW: self._callbacks,
        }

    def take(self, channels: list[Channel], now: float) -> bool:
        """Take in one chunk for each channel; return whether there may be more."""
        if Channel.CLEVERTAP in channels:
            for segment, chunk in self._chunks(SUBMISSIONS, journal.SUBMISSIONS):
                with self._ledger.step() as db:
                    self._sent(db, chunk, now)
                    _advance(db, SUBMISSIONS, segment, chunk.next_offset)
        found = [self._take_one(channel, now) for channel in channels]
        return any(found)

    def _take_one(self, channel: Channel, now: float) -> bool:
        for segment, chunk in self._chunks(channel, journal.CALLBACKS):
            with self._ledger.step() as db:
                self._readers[channel](db, chunk, now)
                _advance(db, channel, segment, chunk.next_offset)
            return True
        return False

    def _chunks(self, reader: str, stream: str) -> Iterator[tuple[str, journal.Chunk]]:
        """Yield what the reader has not read yet; a segment that cannot be read is left for later."""
        offsets = self._ledger.offsets(reader)
        for path in journal.segments(self._settings.journal_dir, stream):
            offset = offsets.get(journal.identity(path), 0)
            try:
                if self._read_to_end.get((reader, path)) == (size := path.stat().st_size):
                    continue
                if offset and not journal.tail_bytes(
                    path, offset
                ):  # a checksum of what was relayed is no use
                    self._read_to_end[reader, path] = size
                    continue
                if self._is_damaged(path):
                    continue
                while len((read := journal.read_chunk(path, offset, CHUNK_BYTES)).lines):
                    yield journal.identity(path), read
                    offset = read.next_offset
                self._read_to_end[reader, path] = size
            except OSError:
                continue

    def _is_damaged(self, path: Path) -> bool:
        """Return whether a closed segment is not what it was; it is looked at once, its content is left alone."""
        name = journal.identity(path)
        if name not in self._damaged:
            self._damaged[name] = journal.fault_of(path) is not None
        return self._damaged[name]

    def _events(self, db: sqlite3.Connection, chunk: journal.Chunk, now: float) -> None:
        events, n_simulated = self._translator.events(chunk)
        count(db, Channel.CLEVERTAP, "simulated", n_simulated)
        told = (event if event.meta else self._by_submission(db, event) for event in events)
        items = []
        for event in told:
            if event.meta is None:
                self._homeless(db, event, now)
            else:
                items.append(_row(event.meta, event, now))
        db.executemany(_NEW, items)
        db.execute("DELETE FROM homeless WHERE taken_at < ?", (now - HOMELESS_S,))

    def _by_submission(self, db: sqlite3.Connection, event: Event) -> Event:
        found = db.execute(
            "SELECT meta FROM sent WHERE gateway_message_id = ?", (event.gateway_message_id,)
        ).fetchone()
        return event._replace(meta=found[0]) if found else event

    def _homeless(self, db: sqlite3.Connection, event: Event, now: float) -> None:
        count(db, Channel.CLEVERTAP, "no_meta", 1)
        if event.gateway_message_id and journal.segments(self._settings.journal_dir, journal.SUBMISSIONS):
            db.execute("INSERT OR IGNORE INTO homeless VALUES (?, ?, ?, ?, ?, ?, ?)", (*event[1:], now))

    def _sent(self, db: sqlite3.Connection, chunk: journal.Chunk, now: float) -> None:
        """Learn which of our messages have a meta; events that came before it find their home now."""
        pairs = self._translator.sent(chunk)
        db.executemany(
            "INSERT INTO sent VALUES (?, ?) ON CONFLICT DO UPDATE"
            " SET meta = CASE WHEN meta = excluded.meta THEN meta END",
            pairs,
        )
        found = db.execute(
            "SELECT sent.meta, gateway_message_id, event, ts, code, description, received_at"
            " FROM homeless JOIN sent USING (gateway_message_id)"
            " WHERE sent.meta IS NOT NULL ORDER BY homeless.received_at"
        ).fetchall()
        events = [Event(*row) for row in found]
        db.executemany(_NEW, [_row(row[0], event, now) for row, event in zip(found, events, strict=True)])
        db.executemany(
            "DELETE FROM homeless WHERE gateway_message_id = ? AND event = ?",
            [(event.gateway_message_id, event.event) for event in events],
        )
        count(db, Channel.CLEVERTAP, "no_meta", -len(events))

    def _callbacks(self, db: sqlite3.Connection, chunk: journal.Chunk, now: float) -> None:
        url = self._settings.relay_raw_url
        is_near = url is not None and config.is_loopback(url.get_secret_value())
        items, n_simulated = [], 0
        for record in _records(chunk):
            received_at = _time(record)
            if received_at is None or _is_before(received_at, self._settings.relay_since):
                continue
            if record.get("gateway") == "simulator" and not is_near:
                n_simulated += 1
                continue
            key = str(record["callback_id"])
            items.append((Channel.RAW, key, "", raw.payload(record), received_at.timestamp(), now))
        db.executemany(_NEW, items)
        count(db, Channel.RAW, "simulated", n_simulated)


def _advance(db: sqlite3.Connection, reader: str, segment: str, offset: int) -> None:
    db.execute("INSERT OR REPLACE INTO cursor VALUES (?, ?, ?)", (reader, segment, offset))


def _row(meta: str, event: Event, now: float) -> tuple[Any, ...]:
    data = payload(meta, event.ts, event.code, event.description)
    return (Channel.CLEVERTAP, meta, event.event, data, event.received_at, now)


def _records(chunk: journal.Chunk) -> Iterator[dict[str, Any]]:
    for text in chunk.lines.to_pylist():
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        if isinstance(record, dict) and record.get("callback_id"):
            yield record


def _time(record: dict[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(record.get("received_at")))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _is_before(time: datetime, since: datetime | None) -> bool:
    return since is not None and time < since
