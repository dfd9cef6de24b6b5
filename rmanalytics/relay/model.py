"""The words of the relay: what is relayed, how far it is, and what an answer means for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Channel(StrEnum):
    """Where things go: CleverTap gets events, any other consumer the callbacks as they came."""

    CLEVERTAP = "clevertap"
    RAW = "raw"


class ItemState(IntEnum):
    """How far an item is. Only a waiting one is ever sent."""

    WAITING = 0
    IN_FLIGHT = 1
    """Written before its request goes out: found so at a start, it may have arrived."""

    RELAYED = 2
    PARKED = 3
    """Refused for good; a person fixes the cause and retries it."""

    UNCLEAR = 4
    """May have arrived; only a person decides that it is sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What reaches a 2xx at most once: a (meta, event), or a callback whose `event` is empty.

    `limit` is the most items that may share its request (0: as many as the setting says).
    """

    id: int
    key: str
    event: str
    payload: bytes
    limit: int = 0
    n_tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemVerdict:
    """What an answer means for one item; `limit` and `reason` are those that it has from now on.

    A waiting one goes again at once, or after a delay that grows with its tries (`is_later`).
    """

    item: Item
    state: ItemState
    reason: str | None = None
    limit: int = 0
    is_later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOutcome:
    """What came of a request: a verdict per item, and whether the other side is fit to be asked again.

    `failure` says in words why it is not; `retry_after_s` is its own wish.
    """

    verdicts: tuple[ItemVerdict, ...]
    failure: str | None = None
    retry_after_s: float | None = None
