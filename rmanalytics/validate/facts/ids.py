"""Which ids came back in DLRs: our own in a field that the relay looks at, and CleverTap's $$MessageID."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rmanalytics.config import Settings
from rmanalytics.relay.translate import metas
from rmanalytics.support.resources import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedIds:
    """How many messages came back with their own id, the $$MessageIDs that are due at the relay, strangers' DLRs."""

    n_echoed: int
    metas: tuple[str, ...]
    n_unmatched: int


def returned(connection: Any, settings: Settings) -> ReturnedIds:
    """Return what the DLRs in memory carry; `connection` holds them beside the outcomes."""
    query = sql("rmanalytics.validate", "returned_ids").format(
        fields=settings.relay_meta_fields, metas=metas(settings)
    )
    bound = {"pattern": settings.relay_meta_pattern, "since": settings.relay_since}
    connection.execute(f"CREATE OR REPLACE TEMP TABLE returned_ids AS {query}", bound)
    n_echoed = "SELECT count(DISTINCT told_id) FROM returned_ids WHERE is_echoed"
    rows = connection.execute("SELECT DISTINCT meta FROM returned_ids WHERE meta IS NOT NULL").fetchall()
    return ReturnedIds(
        n_echoed=_number(connection, n_echoed),
        metas=tuple(meta for (meta,) in rows),
        n_unmatched=_number(connection, sql("rmanalytics.validate", "unmatched")),
    )


def _number(connection: Any, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
