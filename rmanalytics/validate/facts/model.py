"""All that the checks look at: small, gathered once, msisdns masked, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from rmanalytics import dlt, gateways
from rmanalytics.models import ACCEPTED, REPORTED, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """Messages whose best submit response was the same; `at` and `msisdn` are of the first one."""

    result: str
    code: str | None = None
    http_status: int | None = None
    detail: str | None = None
    n: int = 1
    at: datetime
    msisdn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """Messages in the same state, with the same code of the operator, header and template."""

    state: str
    error_code: str | None = None
    header: str | None = None
    template_id: str | None = None
    n: int = 1
    n_overdue: int = 0
    at: datetime | None = None
    msisdn: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """DLRs with the same word of the gateway."""

    raw_status: str | None
    status: str
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """DLRs that name another number than their message; both numbers are masked."""

    intended: str
    told: str
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Messages that do not fit their template, by reason."""

    template_id: str | None
    reason: str | None
    expected: str | None = None
    actual: str | None = None
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorFacts:
    """Our collector as asked just now; `n_not_found` requests met 404 since it began, the last at `not_found_at`."""

    url: str
    is_answering: bool
    n_not_found: int = 0
    not_found_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFacts:
    """How the relay to CleverTap stands."""

    n_waiting: int = 0
    n_relayed: int = 0
    n_parked: int = 0
    n_unclear: int = 0
    n_simulated: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """Errors of CleverTap's own log with the same text."""

    category: str | None
    text: str
    n: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one batch, or of a campaign in it, as of a time.

    `offsets` counts DLRs by dtSubmit minus our own submission, in minutes, rounded to quarter hours.
    `n_unmatched` DLRs were received since the first submission and match no message; `n_times_unread` DLRs about
    these messages give a time that could not be read; None of `template_checks`,
    `relay`, `collector` or `log` means that there is nothing to look at. `gateway` had the messages,
    `asked_gateway` is that of the settings, `reading` how these read operators' codes.
    """

    as_of: datetime
    zone: ZoneInfo
    gateway_zone: str = "Asia/Kolkata"
    horizon_s: float = 72 * 3600.0
    batch_id: str | None = None
    campaign_id: str | None = None
    gateway: str | None = None
    asked_gateway: str = "simulator"
    reading: dlt.Reading = field(default_factory=dlt.usual)
    callback_path: str = f"/dlr/{gateways.USUAL}/****"
    listens_on: str = "127.0.0.1"
    submitted: tuple[Submitted, ...] = ()
    n_unattempted: int = 0
    became: tuple[Became, ...] = ()
    matched_by: Mapping[str, int] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    offsets: Mapping[int, int] = field(default_factory=dict)
    strays: tuple[Stray, ...] = ()
    n_callbacks: int = 0
    n_unreadable: int = 0
    n_unmatched: int = 0
    n_times_unread: int = 0
    first_callback_at: datetime | None = None
    n_checked: int = 0
    mismatches: tuple[Mismatch, ...] = ()
    collector: CollectorFacts | None = None
    relay: RelayFacts | None = None
    log: tuple[Logged, ...] | None = None

    def n_in(self, *states: State) -> int:
        """Return how many messages are in one of the states."""
        return sum(one.n for one in self.became if one.state in states)

    @property
    def n_messages(self) -> int:
        """Messages judged."""
        return sum(one.n for one in self.became)

    @property
    def n_accepted(self) -> int:
        """Messages that the gateway took."""
        return self.n_in(*ACCEPTED)

    @property
    def n_reported(self) -> int:
        """Messages that have a DLR."""
        return self.n_in(*REPORTED)

    @property
    def first_at(self) -> datetime | None:
        """When the first message was submitted."""
        return min((one.at for one in self.submitted), default=None)

    @property
    def spoken(self) -> gateways.GatewayProfile:
        """What is known of the gateway that had the messages, else of that of the settings."""
        return gateways.profile(self.gateway or self.asked_gateway)

    @property
    def is_simulated(self) -> bool:
        """Whether the simulator played the gateway."""
        return self.gateway == "simulator"
