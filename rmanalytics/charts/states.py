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
        meaning="reported delivered by the operator; this does not prove that anyone read it",
    ),
    State.FAILED: Look(
        label="failed",
        colour="#D55E00",
        is_final=True,
        meaning="the last status is UNDELIV, EXPIRED, DELETED or REJECTD",
    ),
    State.QUEUED: Look(
        label="queued",
        colour="#56B4E9",
        is_final=False,
        meaning="accepted, and the last status is ACKED, ENROUTE or ACCEPTED: on its way",
    ),
    State.UNKNOWN: Look(
        label="unknown",
        colour="#CC79A7",
        is_final=False,
        meaning="accepted, but the DLRs say UNKNOWN or a status that is not in our table",
    ),
    State.NO_DLR: Look(
        label="no DLR",
        colour="#6E6E6E",
        is_final=False,
        meaning="accepted, but no DLR received; overdue once the horizon has passed",
    ),
    State.UNCLEAR: Look(
        label="unclear",
        colour="#E6B400",
        is_final=False,
        meaning="may have been sent (no readable answer): never resent automatically",
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
        meaning="never reached the gateway, or it stopped the batch before this message; can be sent again",
    ),
}
"""Colours after Okabe and Ito, of medium lightness so that they are readable on white and on black."""


RATE_COLOURS: dict[str, str] = {
    name: STATES[state].colour
    for name, state in (
        ("accept", State.UNSENT),
        ("delivery", State.DELIVERED),
        ("failure", State.FAILED),
        ("queue", State.QUEUED),
        ("unknown", State.UNKNOWN),
        ("no_dlr", State.NO_DLR),
    )
}
"""Colour of each of `models.RATES`: that of the state it counts; accepted is not a state and has a spare one."""
