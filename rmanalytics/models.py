"""The vocabulary of the project as types. See "Words and relations" in the README."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

USUAL = "route_mobile"
"""The gateway whose an export or a callback is where nothing else is known."""


class Status(StrEnum):
    """What one DLR says; the gateway's own word is kept as `raw_status`."""

    DELIVERED = "delivered"
    FAILED = "failed"
    QUEUED = "queued"
    UNKNOWN = "unknown"


class Result(StrEnum):
    """The result of one attempt to submit a message."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCLEAR = "unclear"
    UNSENT = "unsent"


class State(StrEnum):
    """What happened to a message, as of a time."""

    DELIVERED = "delivered"
    FAILED = "failed"
    QUEUED = "queued"
    UNKNOWN = "unknown"
    NO_DLR = "no_dlr"
    UNCLEAR = "unclear"
    REFUSED = "refused"
    UNSENT = "unsent"


REPORTED = (State.DELIVERED, State.FAILED, State.QUEUED, State.UNKNOWN)
"""States that DLRs report, best first: of several DLRs, the first of these counts."""

ACCEPTED = (*REPORTED, State.NO_DLR)
"""States of the messages that the gateway accepted."""

FINAL = (State.DELIVERED, State.FAILED)
"""States in which an accepted message ends; a refusal, which is final too, was never accepted."""

OPEN = (State.QUEUED, State.UNKNOWN, State.NO_DLR)
"""Accepted and not final."""

NOT_ACCEPTED = (State.REFUSED, State.UNCLEAR, State.UNSENT)
"""States of the messages that the gateway did not accept, as far as we know."""

NOT_REPORTED = (State.NO_DLR, State.UNCLEAR, State.REFUSED, State.UNSENT)
"""States without any DLR: the results of the submit responses accepted, unclear, refused and unsent."""


class Route(StrEnum):
    """Domestic is India (DLT applies); everything else is international."""

    DOMESTIC = "domestic"
    INTERNATIONAL = "international"


class Encoding(StrEnum):
    """How the body is encoded for sending."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


class Consequence(StrEnum):
    """What a submit response means for the messages after it."""

    GO_ON = "go_on"
    STOP = "stop"
    RETRY = "retry"


class Party(StrEnum):
    """Who can do something about a failure."""

    CONTENT = "content"
    NUMBER = "number"
    HANDSET = "handset"
    OPERATOR = "operator"
    ACCOUNT = "account"
    UNTOLD = "not known"


class Lasting(StrEnum):
    """Whether the same message would fail again."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    UNTOLD = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One SMS to one msisdn, as planned; `message_id` is ours and CleverTap's `$$MessageID`."""

    message_id: str
    campaign_id: str
    batch_id: str
    gateway: str
    route: Route
    msisdn: str
    header: str | None
    entity_id: str | None
    template_id: str | None
    body: str
    encoding: Encoding
    n_segments: int
    planned_at: datetime
    template_variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitResponse:
    """What the gateway answered about one message; `code` is the gateway's own, `detail` is for people."""

    message_id: str
    result: Result
    code: str | None = None
    gateway_message_id: str | None = None
    detail: str | None = None
    http_status: int | None = None
    consequence: Consequence = Consequence.GO_ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate's name for people, and what is divided by what: columns of counts."""

    title: str
    base: str
    told: str
    numerator: str
    is_good: bool = False

    @property
    def denominator(self) -> str:
        """Column of the denominator."""
        return f"n_{self.base}"

    @property
    def parts(self) -> tuple[str, str]:
        """Columns of numerator and denominator."""
        return self.numerator, self.denominator


RATES: dict[str, Rate] = {
    "accept": Rate(
        title="accepted",
        base="submitted",
        told="accepted by the gateway",
        numerator="n_accepted",
        is_good=True,
    ),
    "delivery": Rate(
        title="delivered",
        base="accepted",
        told="reported delivered",
        numerator="n_delivered",
        is_good=True,
    ),
    "failure": Rate(title="failed", base="accepted", told="reported failed", numerator="n_failed"),
    "queue": Rate(title="queued", base="accepted", told="queued", numerator="n_queued"),
    "unknown": Rate(
        title="unknown",
        base="accepted",
        told="in an unknown state",
        numerator="n_unknown",
    ),
    "no_dlr": Rate(title="no DLR", base="accepted", told="without a DLR", numerator="n_no_dlr"),
}
"""The six rates, in the order in which they are read."""
