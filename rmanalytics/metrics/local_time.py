"""Wall clock time in a zone, as an expression that no engine's session time zone can change."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
import ibis.expr.types as ir

from rmanalytics.errors import BadInput
from rmanalytics.warehouse.outcomes import unix_micros

_FIRST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp())
_LAST = int(datetime(2050, 1, 1, tzinfo=UTC).timestamp())
_DAY = 86_400


def local_hour(at: ir.TimestampColumn, zone: str) -> ir.IntegerColumn:
    """Return the hour, 0 to 23, that clocks in `zone` show, by the rules of 2000 to 2049.

    Raises BadInput for a zone that does not exist.
    """
    return (local_seconds(at, zone) // 3600 % 24).cast("int64")


def local_seconds(at: ir.TimestampColumn, zone: str) -> ir.IntegerColumn:
    """Return what clocks in `zone` show, as seconds since 1970 on that clock; raises BadInput as above."""
    seconds = epoch_seconds(at)
    *changes, (_, last) = offsets(zone)
    starts = [start for start, _ in offsets(zone)][1:]
    before = [(seconds < start, offset) for start, (_, offset) in zip(starts, changes, strict=True)]
    offset = ibis.cases(*before, else_=last) if before else last
    return seconds + offset


def epoch_seconds(at: ir.TimestampColumn) -> ir.IntegerColumn:
    """Return the whole seconds since 1970, whatever the session's time zone is."""
    seconds: ir.IntegerColumn = (unix_micros(at) // 1_000_000).cast("int64")
    return seconds


@cache
def offsets(zone: str) -> tuple[tuple[int, int], ...]:
    """Return each offset of the zone as (first epoch second, seconds east of UTC), in order of time.

    >>> offsets("Asia/Kolkata")
    ((946684800, 19800),)
    """
    clock = _clock(zone)
    found = [(_FIRST, _offset(clock, _FIRST))]
    for day in range(_FIRST + _DAY, _LAST, _DAY):
        if (offset := _offset(clock, day)) != found[-1][1]:
            found.append((_change(clock, day - _DAY, day), offset))
    return tuple(found)


def _change(clock: ZoneInfo, before: int, after: int) -> int:
    """Return the first second of the new offset: halve the day in which it changes."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(clock, middle) == _offset(clock, after):
            after = middle
        else:
            before = middle
    return after


def _offset(clock: ZoneInfo, second: int) -> int:
    east = datetime.fromtimestamp(second, clock).utcoffset()
    assert east is not None  # noqa: S101 - an aware time has one
    return int(east.total_seconds())


def _clock(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{zone!r} is not a time zone: use a name such as Asia/Kolkata or UTC") from None
