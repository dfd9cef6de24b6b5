"""What a lake holds, by host and stream, and what this home has not shipped yet."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rmanalytics import journal
from rmanalytics.config import Settings
from rmanalytics.lake.catalog import Lake, LakeSegment
from rmanalytics.lake.home import host_name
from rmanalytics.support.wording import count, duration, nouns

_OPENED = re.compile(r"-(\d{8}T\d{12})\d*Z-")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStream:
    """The segments of one stream that one host shipped; times are UTC, `age_s` is since the last one was shipped."""

    host: str
    stream: str
    n_segments: int
    n_bytes: int
    n_days: int
    first_day: str
    last_segment: str
    shipped_at: datetime
    age_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshipped:
    """What this home holds that is not in the lake: sealed segments, their bytes, and those still written."""

    host: str
    n_sealed: int
    n_bytes: int
    n_open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeStatus:
    """The overview of a lake; `n_unsealed` counts files whose shipping is under way or was interrupted."""

    lake: str
    streams: tuple[HostStream, ...]
    idle_hosts: tuple[str, ...]
    n_unsealed: int
    lag: Unshipped

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)

    def describe(self) -> str:
        """Return it as text: a line for each host and stream, then the lag of this home."""
        lines = [f"{self.lake}: {_totals(self.streams)}"]
        lines += [f"  {_line(one)}" for one in self.streams]
        lines += [f"  {host}: has shipped nothing yet" for host in self.idle_hosts]
        if self.n_unsealed:
            lines.append(
                f"{count(self.n_unsealed, 'file')} without a seal: being shipped, or to be shipped again"
            )
        return "\n".join([*lines, _lag_line(self.lag)])


def lake_status(settings: Settings, lake: Lake, now: datetime) -> LakeStatus:
    """Return what the lake holds at a time, beside what this home has."""
    grouped, times, sizes = defaultdict[tuple[str, str], list[LakeSegment]](list), dict[str, float](), 0
    whole = list(lake.segments())
    for segment in whole:
        grouped[segment.host, segment.stream].append(segment)
    times = lake.store.times("journal")
    sizes = sum(path.endswith(journal.COMPRESSED) for path in times)
    streams = tuple(_stream(key, found, times, now) for key, found in sorted(grouped.items()))
    return LakeStatus(
        lake=lake.name,
        streams=streams,
        idle_hosts=tuple(sorted(set(lake.hosts()) - {one.host for one in streams})),
        n_unsealed=max(0, sizes - len(whole)),
        lag=_lag(settings, {segment.name for segment in whole}),
    )


def _stream(
    key: tuple[str, str], found: list[LakeSegment], times: dict[str, float], now: datetime
) -> HostStream:
    days = sorted({one.name.split("-")[1][:8] for one in found})
    shipped_at = datetime.fromtimestamp(max(times.get(one.seal_path, 0.0) for one in found), UTC)
    return HostStream(
        host=key[0],
        stream=key[1],
        n_segments=len(found),
        n_bytes=sum(one.n_packed for one in found),
        n_days=len(days),
        first_day=f"{days[0][:4]}-{days[0][4:6]}-{days[0][6:]}",
        last_segment=found[-1].name,
        shipped_at=shipped_at,
        age_s=max(0.0, (now - shipped_at).total_seconds()),
    )


def _lag(settings: Settings, there: set[str]) -> Unshipped:
    n_sealed = n_bytes = n_open = 0
    paths = [path for stream in journal.STREAMS for path in journal.segments(settings.journal_dir, stream)]
    for path in (path for path in paths if journal.identity(path) not in there):
        if journal.is_open(path):
            n_open += 1
        elif size := path.stat().st_size:
            n_sealed, n_bytes = n_sealed + 1, n_bytes + size
    return Unshipped(host=host_name(settings), n_sealed=n_sealed, n_bytes=n_bytes, n_open=n_open)


def _totals(streams: tuple[HostStream, ...]) -> str:
    if not streams:
        return "nothing was shipped yet: `rmanalytics lake ship` on a collector's host does it"
    n_hosts, n_segments = len({one.host for one in streams}), sum(one.n_segments for one in streams)
    n_bytes = sum(one.n_bytes for one in streams)
    return f"{count(n_hosts, 'host')}, {count(n_segments, 'segment')}, {count(n_bytes, 'byte')}"


def _line(one: HostStream) -> str:
    return (
        f"{one.host}  {one.stream}  {count(one.n_segments, 'segment')}  {count(one.n_bytes, 'byte')}  "
        f"{one.n_days} {nouns(one.n_days, 'day')} from {one.first_day}  last {one.last_segment}, "
        f"shipped {duration(one.age_s)} ago"
    )


def _lag_line(lag: Unshipped) -> str:
    waiting = f"{count(lag.n_sealed, 'closed segment')} ({count(lag.n_bytes, 'byte')}) not shipped"
    return f"this home ({lag.host}): {waiting}, {count(lag.n_open, 'segment')} being written"
