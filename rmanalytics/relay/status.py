"""How the relay stands: counts, lag, and what waits for a person."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from rmanalytics import journal
from rmanalytics.config import Settings
from rmanalytics.relay.ledger import Ledger, OtherSide, Stuck, ledger_path
from rmanalytics.relay.model import Channel, ItemState
from rmanalytics.support.times import from_epoch, readable
from rmanalytics.support.wording import count

_BLOCK = 1 << 20
_MOST_COUNTED = 64 << 20
"""Bytes of journal in which callbacks are counted, some 150,000 of them; where more is unread, it is at least those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayStatus:
    """How a channel stands. `backlog_bytes` is journal that the relay has not read, `n_unread` the callbacks in it (at
    least, where that is more than 64 MiB); times are aware UTC.

    `lag_s` is the age of the oldest callback that waits; `to` names the host only.
    """

    channel: str
    to: str | None
    n_waiting: int
    n_in_flight: int
    n_relayed: int
    n_parked: int
    n_unclear: int
    n_no_meta: int
    n_simulated: int
    n_unread: int
    backlog_bytes: int
    lag_s: float
    retry_at: datetime | None
    last_ok_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON: times RFC 3339."""
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(self).items()
        }

    def describe(self, zone: ZoneInfo) -> str:
        """Return it as text, one line each, times in the zone."""
        off = "" if self.to else " (off: no URL is set)"
        lines = [
            f"relay {self.channel}{' to ' + self.to if self.to else ''}{off}: {self.n_relayed:,} relayed, "
            f"{self.n_waiting:,} waiting, {self.n_parked:,} parked, {self.n_unclear:,} unclear"
        ]
        if self.n_waiting:
            lines.append(f"  the oldest has been waiting for {self.lag_s:,.0f} s")
        if self.backlog_bytes:
            least = "at least " if self.backlog_bytes > _MOST_COUNTED else ""
            lines.append(f"  {least}{count(self.n_unread, 'callback')} in the journal not read yet")
        if self.n_no_meta:
            lines.append(f"  {self.n_no_meta:,} DLRs without CleverTap's id: not relayed")
        if self.n_simulated:
            lines.append(
                f"  {self.n_simulated:,} simulated callbacks: not relayed, because the URL is on another host"
            )
        if self.retry_at:
            at = readable(self.retry_at, zone)
            lines.append(f"  next attempt {at}; `rmanalytics relay retry --all` makes it now")
        if self.last_error and self.last_error_at:
            lines.append(f"  last error {readable(self.last_error_at, zone)}: {self.last_error}")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayProgress:
    """How far some DLRs are; waiting are also those that no relay has read. `last_error` is why they wait, until
    `retry_at` (aware UTC).
    """

    n_waiting: int = 0
    n_relayed: int = 0
    n_parked: int = 0
    n_unclear: int = 0
    last_error: str | None = None
    retry_at: datetime | None = None


def progress(settings: Settings, metas: Iterable[str]) -> RelayProgress:
    """Return how far the DLRs with these $$MessageIDs are on their way to CleverTap."""
    asked = set(metas)
    if not asked or not ledger_path(settings).exists():
        return RelayProgress(n_waiting=len(asked))
    with Ledger(ledger_path(settings), is_reader=True) as ledger:
        found = ledger.of(Channel.CLEVERTAP, asked)
        side = ledger.other_side(Channel.CLEVERTAP)
    n: Counter[ItemState | None] = Counter()
    for state, _, n_items in found:
        n[state] += n_items
    n_open = n[None] + n[ItemState.WAITING] + n[ItemState.IN_FLIGHT]
    reasons = [reason for state, reason, _ in found if reason and state is not ItemState.RELAYED]
    reasons += [f"waiting, not tried yet, since {side.last_error}"] if n_open and side.n_failures else []
    return RelayProgress(
        n_waiting=n_open,
        n_relayed=n[ItemState.RELAYED],
        n_parked=n[ItemState.PARKED],
        n_unclear=n[ItemState.UNCLEAR],
        last_error=next(iter(reasons), None),
        retry_at=from_epoch(side.retry_at) if n_open and side.n_failures else None,
    )


def read_status(settings: Settings, channel: Channel = Channel.CLEVERTAP) -> RelayStatus:
    """Return the status of the channel, whether a relay is running or not; all zero if none ever ran."""
    if not ledger_path(settings).exists():
        return _status(settings, channel, None)
    with Ledger(ledger_path(settings), is_reader=True) as ledger:
        return _status(settings, channel, ledger)


def stuck(settings: Settings) -> list[Stuck]:
    """Return what is parked or unclear, oldest first."""
    if not ledger_path(settings).exists():
        return []
    with Ledger(ledger_path(settings), is_reader=True) as ledger:
        return ledger.stuck()


def retry(settings: Settings, ids: list[int]) -> int:
    """Let items go again that are parked or unclear; return how many are."""
    if not ids:
        return 0
    with Ledger(ledger_path(settings)) as ledger:
        return ledger.retry(ids, time.time())


def hurry(settings: Settings) -> int:
    """Let waiting items go at once that were put off after a failure; return how many."""
    if not ledger_path(settings).exists():
        return 0
    with Ledger(ledger_path(settings)) as ledger:
        return ledger.hurry(time.time())


def _status(settings: Settings, channel: Channel, ledger: Ledger | None) -> RelayStatus:
    secret = settings.relay_url if channel is Channel.CLEVERTAP else settings.relay_raw_url
    found = _counts(ledger, channel) if ledger else {}
    side = ledger.other_side(channel) if ledger else None
    now, oldest = time.time(), found.get("oldest")
    n_unread, backlog_bytes = _backlog(settings, channel, ledger) if secret else (0, 0)
    return RelayStatus(
        channel=channel.value,
        to=urlsplit(secret.get_secret_value()).hostname if secret else None,
        n_waiting=int(found.get(ItemState.WAITING, 0)),
        n_in_flight=int(found.get(ItemState.IN_FLIGHT, 0)),
        n_relayed=int(found.get("relayed", 0)),
        n_parked=int(found.get(ItemState.PARKED, 0)),
        n_unclear=int(found.get(ItemState.UNCLEAR, 0)),
        n_no_meta=int(found.get("no_meta", 0)),
        n_simulated=int(found.get("simulated", 0)),
        n_unread=n_unread,
        backlog_bytes=backlog_bytes,
        lag_s=max(0.0, now - oldest) if oldest else 0.0,
        retry_at=_next_try(side, found, now) if side else None,
        last_ok_at=from_epoch(side.last_ok_at) if side else None,
        last_error=side.last_error if side else None,
        last_error_at=from_epoch(side.last_error_at) if side else None,
    )


def _next_try(side: OtherSide, counts: dict[Any, float], now: float) -> datetime | None:
    """Return when a waiting item goes next, None where nothing holds one back."""
    at = max(side.retry_at, counts.get("due", 0.0))
    return from_epoch(at) if at > now else None


def _counts(ledger: Ledger, channel: Channel) -> dict[Any, float]:
    counts: dict[Any, float] = dict(ledger.rows("SELECT name, n FROM counter WHERE channel = ?", channel))
    for state in (ItemState.WAITING, ItemState.IN_FLIGHT):
        query = f"SELECT count(*), min(received_at), min(due) FROM item WHERE channel = ? AND state = {state.value}"
        n, oldest, due = ledger.rows(query, channel)[0]
        counts[state] = n
        if oldest is not None:
            counts["oldest"] = min(oldest, counts.get("oldest", oldest))
        if due is not None and state is ItemState.WAITING:
            counts["due"] = due
    counts |= dict(
        ledger.rows(
            "SELECT state, count(*) FROM item WHERE channel = ? AND state > 2 GROUP BY state", channel
        )
    )
    return counts


def _backlog(settings: Settings, channel: Channel, ledger: Ledger | None) -> tuple[int, int]:
    """Return how many callbacks the channel has not read, and in how many bytes."""
    offsets = ledger.offsets(channel) if ledger else {}
    n_lines = n_bytes = 0
    for path in journal.segments(settings.journal_dir, journal.CALLBACKS):
        more = _unread(path, offsets.get(journal.identity(path), 0), max(0, _MOST_COUNTED - n_bytes))
        n_lines, n_bytes = n_lines + more[0], n_bytes + more[1]
    return n_lines, n_bytes


def _unread(path: Path, offset: int, most: int) -> tuple[int, int]:
    """Return the lines in the first `most` bytes behind the offset, and all bytes there.

    A torn last line alone, which nobody will ever read, is none.
    """
    try:
        n_bytes = journal.tail_bytes(path, offset)
        n_lines = _ends(path, offset, min(most, n_bytes))
    except OSError:
        return 0, 0
    return (n_lines, n_bytes) if n_lines or n_bytes > most else (0, 0)


def _ends(path: Path, offset: int, n_bytes: int) -> int:
    if not n_bytes:
        return 0
    n_lines = 0
    with journal.open_at(path, offset) as segment:
        while n_bytes > 0 and (block := bytes(segment.read(min(_BLOCK, n_bytes)))):
            n_lines, n_bytes = n_lines + block.count(b"\n"), n_bytes - len(block)
    return n_lines
