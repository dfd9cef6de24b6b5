"""What both channels read in an answer alike."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from rmanalytics.relay.channels.backoff import retry_after_s
from rmanalytics.relay.model import Item, ItemState, ItemVerdict, RequestOutcome

LONGEST_REASON = 300


def again(items: Sequence[Item], response: httpx.Response) -> RequestOutcome:
    """Return that all items go again later: the other side cannot take anything now, or not from us.

    504 alone may have been processed: a proxy passed it on and heard nothing. 413 is about the size.
    """
    reason = f"HTTP {response.status_code}"
    if response.status_code == 413:
        return RequestOutcome(verdicts=refused(items, reason))
    if response.status_code == 504:
        return RequestOutcome(verdicts=unclear(items, reason), failure=reason)
    wish = retry_after_s(response.headers.get("retry-after"), datetime.now(UTC))
    return RequestOutcome(verdicts=_later(items, reason), failure=reason, retry_after_s=wish)


def never_left(items: Sequence[Item], reason: str) -> RequestOutcome:
    """Return that all items go again later: there was no connection."""
    return RequestOutcome(verdicts=_later(items, reason), failure=reason)


def _later(items: Iterable[Item], reason: str) -> tuple[ItemVerdict, ...]:
    return tuple(
        ItemVerdict(item=item, state=ItemState.WAITING, reason=reason, limit=item.limit, is_later=True)
        for item in items
    )


def refused(items: Sequence[Item], reason: str) -> tuple[ItemVerdict, ...]:
    """Return verdicts on a request refused as a whole: a lone item is parked, several go again by halves."""
    if len(items) == 1:
        return (ItemVerdict(item=items[0], state=ItemState.PARKED, reason=reason),)
    half = (len(items) + 1) // 2
    return tuple(ItemVerdict(item=i, state=ItemState.WAITING, reason=reason, limit=half) for i in items)


def unclear(items: Iterable[Item], reason: str) -> tuple[ItemVerdict, ...]:
    """Return that each item may have arrived."""
    return tuple(ItemVerdict(item=item, state=ItemState.UNCLEAR, reason=reason) for item in items)


def reason_of(answer: dict[str, Any]) -> str:
    """Return the reason that an answer, or an entry of it, gives; its code before it."""
    text = next((str(answer[key]) for key in ("error", "message") if answer.get(key)), "")
    code = next((str(answer[key]) for key in ("code", "error_code") if answer.get(key)), "")
    return f"{code} {text}".strip()[:LONGEST_REASON]
