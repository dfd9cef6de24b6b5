"""What people write for a time, and what they read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rmanalytics.errors import BadInput

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)?")


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone; raise BadInput for a name that is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(
            f"display_zone: {name!r} is not a time zone: use a name such as Asia/Kolkata or UTC"
        ) from None


def parse_time(text: str, zone: ZoneInfo, *, field: str, whole_day: bool = False) -> datetime:
    """Return the moment in UTC; without an offset it is read in `zone`.

    A day alone is its beginning, or with `whole_day` its end (the next day's beginning). Raises BadInput
    naming the field.

    >>> parse_time("2026-11-01", ZoneInfo("Asia/Kolkata"), field="since").isoformat()
    '2026-10-31T18:30:00+00:00'
    >>> parse_time("2026-11-01", ZoneInfo("Asia/Kolkata"), field="until", whole_day=True).isoformat()
    '2026-11-01T18:30:00+00:00'
    """
    try:
        if _DATE.fullmatch(text):
            day = date.fromisoformat(text) + timedelta(days=whole_day)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        if _TIME.fullmatch(text):
            moment = datetime.fromisoformat(text.upper())
            return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadInput(f"{field}: {text!r} is not a time: write it as 2026-11-01 or 2026-11-01T18:30:00+05:30")


def from_epoch(seconds: float | None) -> datetime | None:
    """Return the time so many seconds after 1970, None for none or 0.

    >>> from_epoch(1736936430.0).isoformat(), from_epoch(0)
    ('2025-01-15T10:20:30+00:00', None)
    """
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def rfc3339(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC with microseconds where it has any.

    >>> rfc3339(datetime(2026, 11, 1, 5, 30, tzinfo=ZoneInfo("Asia/Kolkata")))
    '2026-11-01T00:00:00Z'
    """
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def readable(moment: datetime, zone: ZoneInfo) -> str:
    """Return the moment as people in `zone` read it.

    >>> readable(datetime(2026, 11, 1, tzinfo=UTC), ZoneInfo("Asia/Kolkata"))
    '1 Nov 2026, 05:30:00 IST'
    """
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y, %H:%M:%S %Z}"


def short(moment: datetime, zone: ZoneInfo) -> str:
    """Return day and minute as people in `zone` read them, for tables.

    >>> short(datetime(2026, 11, 1, tzinfo=UTC), ZoneInfo("Asia/Kolkata"))
    '1 Nov 05:30'
    """
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %H:%M}"
