"""All that the checks look at: small, gathered once, msisdns masked, without secrets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rmanalytics import dlt, gateways
from rmanalytics.models import ACCEPTED, OPEN, REPORTED, State
from rmanalytics.provider.lint import LintFinding

USUAL_S = 600.0
"""Seconds in which a DLR usually comes."""


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
class Offset:
    """DLRs whose dtSubmit is off by the same quarter hours; `median_min` is by how many minutes they are."""

    n: int = 1
    median_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """DLRs that name another number than their message; both numbers are masked."""

    intended: str
    told: str
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Messages that do not fit their template, by reason; of one of them what is around the first difference.

    `position` counts code points from 0, None where it is not about the text; `fits` is another template that it fits.
    """

    template_id: str | None
    reason: str | None
    expected: str | None = None
    actual: str | None = None
    position: int | None = None
    before: str = ""
    after: str = ""
    fits: str | None = None
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Requests that our collector refused for one reason since it started, the last one `at`."""

    reason: str
    status: str
    n: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectorFacts:
    """Our collector as asked just now: since when it listens, and what it refused since then.

    `caller` is the address that its allow-list lacked last though the token was right, at `caller_at`.
    """

    url: str
    is_answering: bool
    started_at: datetime | None = None
    refused: tuple[Refusals, ...] = ()
    caller: str = ""
    caller_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatorFacts:
    """The simulator as asked just now: callbacks that it still has to push, the first of them in `next_s` seconds.

    `n_failing` of them were tried in vain, `failure` is why the last try failed, at `failed_at`; `lost_at` is when
    it last gave one up. `callback` is the URL that it calls, without its token (None: none), `is_unregistered`
    whether it plays one that is not registered, `is_echoless` whether it plays a gateway that returns no id of
    ours, `played` are all faults that it plays.
    """

    callback: str | None = "http://127.0.0.1:8320/dlr/simulator/***"
    is_unregistered: bool = False
    is_echoless: bool = False
    played: tuple[str, ...] = ()
    n_pending: int = 0
    next_s: float = 0.0
    n_failing: int = 0
    failure: str = ""
    failed_at: datetime | None = None
    lost_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayFacts:
    """What became of these messages' DLRs at the relay; `last_error` is why the waiting or parked ones are.

    `is_barred`: they are simulated, and the relay's URL is on another machine. `retry_at` is when the relay tries
    again by itself. `is_rehearsed`: the simulator answers in CleverTap's place.
    """

    n_waiting: int = 0
    n_relayed: int = 0
    n_parked: int = 0
    n_unclear: int = 0
    last_error: str | None = None
    is_barred: bool = False
    is_rehearsed: bool = False
    retry_at: datetime | None = None


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

    `is_trial`: it is a test message of `prove`. `is_resent`: only the messages of its latest `send --resend` count.
    `last_at` is when it was last attempted, `max_age_s` how old that may be (None: any age), `timeout_s` how long
    an answer is waited for. `gateway` had the messages, `asked_gateway` is that of the settings; `is_as_clevertap`:
    a provider file built the requests, `warned_of` is what its lint warns of (None: the file is not at hand).
    `offsets` counts DLRs by dtSubmit minus our own submission, in minutes, rounded to quarter hours. `n_unmatched`
    DLRs were received since the first submission for these numbers and match no message; of those about these
    messages `n_times_unread` give a time that could not be read, `n_times_impossible` one that cannot be right.
    `client_timeout_s` and `max_body_bytes` are how long a callback may take, and how large it may be. `elsewhere`
    is the gateway whose path all callbacks came to, when that is a wrong one and none could be read. `n_echoed`
    messages came back with our own id in a field that the relay looks at, `carriers`; `is_echoless`: the simulator
    plays a gateway that returns none, `played` are all faults that it plays.
    None of `relay`, `collector`, `simulator` or `log` means: there is nothing to look at. `reading` is how the
    settings read operators' codes, `outdated` which of them changed since DLRs were read by them and `earlier` what
    they were, `old_settings` are the variables that changed since the running collector started.
    """

    as_of: datetime
    zone: ZoneInfo
    gateway_zone: str = "Asia/Kolkata"
    horizon_s: float = 72 * 3600.0
    max_age_s: float | None = None
    timeout_s: float = 15.0
    last_at: datetime | None = None
    batch_id: str | None = None
    campaign_id: str | None = None
    is_resent: bool = False
    is_trial: bool = False
    gateway: str | None = None
    asked_gateway: str = "simulator"
    outdated: str = ""
    earlier: Mapping[str, str] = field(default_factory=dict)
    reading: dlt.Reading = field(default_factory=dlt.usual)
    callback_path: str = f"/dlr/{gateways.USUAL}/****"
    listens_on: str = "127.0.0.1"
    database: Path = Path("data/rmanalytics.duckdb")
    client_timeout_s: float = 15.0
    max_body_bytes: int = 1 << 20
    old_settings: tuple[str, ...] = ()
    submitted: tuple[Submitted, ...] = ()
    n_unattempted: int = 0
    became: tuple[Became, ...] = ()
    matched_by: Mapping[str, int] = field(default_factory=dict)
    words: tuple[Word, ...] = ()
    offsets: Mapping[int, Offset] = field(default_factory=dict)
    strays: tuple[Stray, ...] = ()
    n_callbacks: int = 0
    n_unreadable: int = 0
    elsewhere: str | None = None
    n_unmatched: int = 0
    n_times_unread: int = 0
    n_times_impossible: int = 0
    first_callback_at: datetime | None = None
    n_checked: int = 0
    mismatches: tuple[Mismatch, ...] = ()
    collector: CollectorFacts | None = None
    is_as_clevertap: bool = False
    warned_of: tuple[LintFinding, ...] | None = None
    has_relay: bool = False
    carriers: tuple[str, ...] = ()
    n_echoed: int = 0
    is_echoless: bool = False
    played: tuple[str, ...] = ()
    simulator: SimulatorFacts | None = None
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
    def age_s(self) -> float | None:
        """How long ago the batch was last attempted; None when it never was."""
        return max(0.0, (self.as_of - self.last_at).total_seconds()) if self.last_at else None

    @property
    def is_stale(self) -> bool:
        """Whether the batch is too old to say how things are now."""
        return self.max_age_s is not None and self.age_s is not None and self.age_s > self.max_age_s

    @property
    def collector_late_s(self) -> float | None:
        """How long after the last submission our collector started; None when it was there, or was not asked."""
        started_at = self.collector.started_at if self.collector else None
        if started_at is None or self.last_at is None or started_at <= self.last_at:
            return None
        return (started_at - self.last_at).total_seconds()

    @property
    def has_given_up(self) -> bool:
        """Whether the simulator has nothing left to push and gave up callbacks since the first submission."""
        found = self.simulator
        return bool(found and not found.n_pending and self.is_since(found.lost_at))

    @property
    def is_lost(self) -> bool:
        """Whether no DLR will come, so that there is nothing to wait for; only the simulator can know."""
        return self.simulator is not None and not self.simulator.n_pending

    @property
    def is_due(self) -> bool:
        """Whether DLRs are still to come by all that is known, so that what now seems wrong may turn out right.

        A simulator knows what it has not tried yet; from a real gateway most DLRs come within `USUAL_S`.
        """
        if not self.n_in(*OPEN):
            return False
        if self.simulator:
            return self.simulator.n_pending > self.simulator.n_failing
        return not self.is_simulated and self.age_s is not None and self.age_s < USUAL_S

    @property
    def is_push_failing(self) -> bool:
        """Whether the simulator's callbacks failed since the first submission."""
        return bool(self.simulator and self.is_since(self.simulator.failed_at))

    @property
    def is_turned_away(self) -> bool:
        """Whether callbacks come since the first submission, but refused ones, or ones to another gateway's path."""
        refused = self.collector.refused if self.collector else ()
        return bool(self.elsewhere and not self.n_reported) or any(self.is_since(one.at) for one in refused)

    def is_since(self, at: datetime | None) -> bool:
        """Return whether a time is not before the first submission."""
        return bool(at and self.first_at and at >= self.first_at)

    @property
    def needs_echo(self) -> bool:
        """Whether CleverTap is meant to count these messages, so that their own id must come back."""
        return self.is_as_clevertap or self.has_relay

    @property
    def spoken(self) -> gateways.GatewayProfile:
        """What is known of the gateway that had the messages, else of that of the settings."""
        return gateways.profile(self.gateway or self.asked_gateway)

    @property
    def is_simulated(self) -> bool:
        """Whether the simulator played the gateway."""
        return self.gateway == "simulator"
