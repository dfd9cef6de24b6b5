"""How each state is named, explained and coloured, everywhere."""

from __future__ import annotations

from dataclasses import dataclass

from rmanalytics.models import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Name, colour and meaning of a state; what is not final is drawn hatched."""

    label: str
    colour: str
    is_final: bool
    meaning: str


STATES: dict[State, Look] = {
    State.DELIVERED: Look(
        label="delivered",
        colour="#009E73",
        is_final=True,
        meaning="reported delivered: the operator says so; it does not prove that somebody read it",
    ),
    State.FAILED: Look(
        label="failed",
        colour="#D55E00",
        is_final=True,
        meaning="the last word is UNDELIV, EXPIRED, DELETED or REJECTD",
    ),
    State.QUEUED: Look(
        label="queued",
        colour="#56B4E9",
        is_final=False,
        meaning="accepted, and the last word is ACKED, ENROUTE or ACCEPTED: on its way",
    ),
    State.UNKNOWN: Look(
        label="unknown",
        colour="#CC79A7",
        is_final=False,
        meaning="accepted, but the DLRs say UNKNOWN or a word we do not know",
    ),
    State.NO_DLR: Look(
        label="no DLR",
        colour="#6E6E6E",
        is_final=False,
        meaning="accepted, and no DLR has come; overdue once the horizon has passed",
    ),
    State.UNCLEAR: Look(
        label="unclear",
        colour="#E6B400",
        is_final=False,
        meaning="may have been sent (no readable answer): never sent again by itself",
    ),
    State.REFUSED: Look(
        label="refused",
        colour="#7B3294",
        is_final=True,
        meaning="the gateway answered with an error code",
    ),
    State.UNSENT: Look(
        label="unsent",
        colour="#0062A8",
        is_final=False,
        meaning="never reached the gateway, or it stopped the batch before this one; may be sent again",
    ),
}
"""Colours after Okabe and Ito, of middling lightness so that they stand on white and on black."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate's name for people, whose colour it has, and what is divided by what."""

    title: str
    state: State
    base: str
    told: str
    numerator: str
    is_good: bool = False

    @property
    def denominator(self) -> str:
        """Column of the denominator."""
        return f"n_{self.base}"


RATES: dict[str, Rate] = {
    "accept": Rate(
        title="accepted",
        state=State.UNSENT,
        base="submitted",
        told="accepted by the gateway",
        numerator="n_accepted",
        is_good=True,
    ),
    "delivery": Rate(
        title="delivered",
        state=State.DELIVERED,
        base="accepted",
        told="reported delivered",
        numerator="n_delivered",
        is_good=True,
    ),
    "failure": Rate(
        title="failed", state=State.FAILED, base="accepted", told="reported failed", numerator="n_failed"
    ),
    "queue": Rate(title="queued", state=State.QUEUED, base="accepted", told="queued", numerator="n_queued"),
    "unknown": Rate(
        title="unknown",
        state=State.UNKNOWN,
        base="accepted",
        told="in an unknown state",
        numerator="n_unknown",
    ),
    "no_dlr": Rate(
        title="no DLR", state=State.NO_DLR, base="accepted", told="without a DLR", numerator="n_no_dlr"
    ),
}
"""The six rates, in the order in which they are read."""
