"""Callbacks to events in CleverTap's words, inside a DuckDB of its own in memory."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from rmanalytics import callbacks, config, gateways, journal, status_words
from rmanalytics.config import Settings
from rmanalytics.relay import codes
from rmanalytics.support import engine
from rmanalytics.support.resources import sql, text

_SENT = journal.records.structure(
    journal.SUBMISSIONS, "responses", responses=("message_id", "gateway_message_id")
)


def metas(settings: config.Settings) -> str:
    """Return in SQL what the fields that may carry a $$MessageID hold; null where it is none by `$pattern`."""
    names = settings.relay_meta_fields.split(",")
    return ", ".join(f"CASE WHEN regexp_full_match({name}, $pattern) THEN {name} END" for name in names)


class Event(NamedTuple):
    """What a DLR says, for CleverTap; `meta` is None where the DLR has none; times are epoch seconds."""

    meta: str | None
    gateway_message_id: str | None
    event: str
    ts: int
    code: str | None
    description: str
    received_at: float


class Translator:
    """What ingest reads in callbacks too, then the table of codes."""

    def __init__(self, settings: Settings) -> None:
        """Raises BadInput for a wrong table of codes or of status words."""
        self._settings = settings
        status_words.own(settings)
        self._db = engine.connect()
        self._db.execute("SET threads = 1; SET TimeZone = 'UTC'")
        self._db.execute(
            "CREATE TABLE codes (field VARCHAR, value VARCHAR, code VARCHAR, description VARCHAR)"
        )
        self._db.execute(text("rmanalytics.warehouse", "schema", "dlrs.sql"))
        self._db.executemany("INSERT INTO codes VALUES (?, ?, ?, ?)", codes.table(settings.relay_codes))
        url = settings.relay_url
        self._is_near = url is not None and config.is_loopback(url.get_secret_value())

    def events(self, chunk: journal.Chunk) -> tuple[list[Event], int]:
        """Return the events of the chunk's callbacks, and how many simulated callbacks may not leave."""
        callbacks.stage(self._db, _table(chunk))
        since = self._settings.relay_since
        self._db.execute("DELETE FROM staged WHERE NOT is_good OR received_at < $since", {"since": since})
        n_simulated = 0
        if not self._is_near:
            gone = self._db.execute("DELETE FROM staged WHERE gateway = 'simulator'").fetchall()
            n_simulated = int(gone[0][0])
        callbacks.translate(self._db, self._settings)
        bound = {
            "pattern": self._settings.relay_meta_pattern,
            "speak_clevertap": list(gateways.SPEAK_CLEVERTAP),
        }
        found = self._db.execute(
            sql("rmanalytics.relay", "events").format(fields=metas(self._settings)), bound
        ).fetchall()
        return [Event(*row) for row in found], n_simulated

    def sent(self, chunk: journal.Chunk) -> list[tuple[str, str]]:
        """Return gateway_message_id and meta of our own messages in a chunk of submissions."""
        self._db.register("lines", _table(chunk))
        found = self._db.execute(
            sql("rmanalytics.relay", "sent"),
            {"pattern": self._settings.relay_meta_pattern, "columns": _SENT},
        ).fetchall()
        self._db.unregister("lines")
        return [(theirs, meta) for theirs, meta in found]


def _table(chunk: journal.Chunk) -> pa.Table:
    return pa.table({"line": chunk.lines, "byte_offset": pa.array(chunk.starts())})
