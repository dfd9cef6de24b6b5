"""What is counted of the messages that are judged: the engine counts, few rows come back, msisdns masked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from rmanalytics.provider.gateway import CLEVERTAP_RULE
from rmanalytics.sms.msisdn import mask
from rmanalytics.support.resources import sql
from rmanalytics.validate.facts.model import Became, Logged, Mismatch, Offset, Stray, Submitted, Word
from rmanalytics.warehouse.dlr_numbers import IS_OTHER
from rmanalytics.warehouse.dlr_times import IS_IMPOSSIBLE

_HERE = "rmanalytics.validate"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCounts:
    """What is counted of all the messages together."""

    gateway: str | None
    is_trial: bool
    n_unattempted: int
    tried_at: datetime | None
    told_at: datetime | None
    is_as_clevertap: bool
    n_callbacks: int
    n_unreadable: int
    only_unread_at: str | None
    first_callback_at: datetime | None
    n_times_unread: int
    n_times_impossible: int
    n_checked: int


def summary(connection: duckdb.DuckDBPyConnection) -> BatchCounts:
    """Return the counts of what is in memory."""
    query = sql(_HERE, "summary").format(is_impossible=IS_IMPOSSIBLE)
    return BatchCounts(**_rows(connection, query, rule=CLEVERTAP_RULE)[0])


def submitted(connection: duckdb.DuckDBPyConnection) -> tuple[Submitted, ...]:
    """One row per best submit response, the most frequent first."""
    return tuple(Submitted(**_masked(row)) for row in _counted(connection, "submitted"))


def became(connection: duckdb.DuckDBPyConnection) -> tuple[Became, ...]:
    """One row per state, code, header and template, the most frequent first."""
    return tuple(Became(**_masked(row)) for row in _counted(connection, "became"))


def matched_by(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many DLRs found their message by what, the most frequent first."""
    return {row["matched_by"]: row["n"] for row in _counted(connection, "matched_by")}


def words(connection: duckdb.DuckDBPyConnection) -> tuple[Word, ...]:
    """One row per word of the gateway, the most frequent first."""
    return tuple(Word(**row) for row in _counted(connection, "words"))


def offsets(connection: duckdb.DuckDBPyConnection) -> dict[int, Offset]:
    """Return DLRs by dtSubmit minus our submission, in minutes, rounded to quarter hours."""
    return {
        row["minutes"]: Offset(n=row["n"], median_min=round(row["median_s"] / 60))
        for row in _counted(connection, "offsets")
    }


def strays(connection: duckdb.DuckDBPyConnection) -> tuple[Stray, ...]:
    """DLRs whose last ten digits are others than their message's: a country code may be missing."""
    return tuple(
        Stray(intended=mask(row["intended"]), told=mask(row["told"]), n=row["n"])
        for row in _rows(connection, sql(_HERE, "strays").format(is_other=IS_OTHER))
    )


def mismatches(connection: duckdb.DuckDBPyConnection) -> tuple[Mismatch, ...]:
    """One row per template and reason, the most frequent first."""
    return tuple(Mismatch(**row) for row in _counted(connection, "mismatches"))


def log(
    connection: duckdb.DuckDBPyConnection,
    campaign_id: str | None,
    first_at: datetime | None,
    zone: ZoneInfo,
) -> tuple[Logged, ...] | None:
    """Errors of CleverTap's log since the first submission, by cause and text; None when none was ever imported.

    A bare date counts as its whole day, in `zone` or in UTC.
    """
    if not connection.execute("FROM log LIMIT 1").fetchall():
        return None
    days = [_day(first_at.astimezone(one)) for one in (zone, UTC)] if first_at else []
    found = _counted(connection, "logged", campaign_id=campaign_id, since=first_at, days=days)
    return tuple(Logged(**row) for row in found)


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"msisdn": mask(row["msisdn"])}


def _counted(connection: duckdb.DuckDBPyConnection, name: str, **bound: Any) -> list[dict[str, Any]]:
    return _rows(connection, sql(_HERE, name), **bound)


def _rows(connection: duckdb.DuckDBPyConnection, query: str, **bound: Any) -> list[dict[str, Any]]:
    found = connection.execute(query, bound)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
