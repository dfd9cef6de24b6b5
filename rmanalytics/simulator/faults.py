"""Faults on demand: their names, what each does, and whether it affects a request or a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from rmanalytics.errors import BadInput
from rmanalytics.simulator import draws


class SimulatedFault(StrEnum):
    """What can go wrong."""

    USER_VALIDATION = "1709"
    TIMEOUT = "1715"
    HANG = "hang"
    DROP = "drop"
    HTTP_500 = "http_500"
    HTML = "html"
    CREDIT = "credit"
    DUPLICATES = "duplicates"
    REORDERING = "reordering"
    DLR_FIRST = "dlr_first"
    UNKNOWN_WORD = "unknown_word"
    GARBAGE = "garbage"
    WRONG_ID = "wrong_id"
    ID_CASE = "id_case"
    UTC_TIMES = "utc_times"
    CLOCK = "clock"
    ODD_TIMES = "odd_times"
    NO_ECHO = "no_echo"
    WRONG_NUMBER = "wrong_number"
    UNREGISTERED = "unregistered"
    SLOW_CALLBACK = "slow_callback"
    HTTPS_ONLY = "https_only"
    CONTENT_TYPE = "content_type"


MEANING = {
    SimulatedFault.USER_VALIDATION: "a request is answered 1709 one to four times in a row, then served",
    SimulatedFault.TIMEOUT: "a request is answered 1715; half of these are sent anyway",
    SimulatedFault.HANG: "the answer comes after the client's timeout; half are sent anyway",
    SimulatedFault.DROP: "the connection closes without an answer; half are sent anyway",
    SimulatedFault.HTTP_500: "HTTP 500; half are sent anyway",
    SimulatedFault.HTML: "an HTML page under HTTP 200; half are sent anyway",
    SimulatedFault.CREDIT: "credit runs out somewhere in the request: 1025, and no entry for the numbers after it",
    SimulatedFault.DUPLICATES: "each DLR of the message comes two or three times",
    SimulatedFault.REORDERING: "the final DLR comes before the queued ones",
    SimulatedFault.DLR_FIRST: "all DLRs of the message come before its submit response",
    SimulatedFault.UNKNOWN_WORD: "the last DLR has an unknown status word",
    SimulatedFault.GARBAGE: "the message also causes a callback that cannot be parsed",
    SimulatedFault.WRONG_ID: "the DLRs have an id that was not in the submit response",
    SimulatedFault.ID_CASE: "the DLRs have the id in upper case",
    SimulatedFault.UTC_TIMES: "the DLRs write dtSubmit and dtDone in UTC instead of the account's time zone",
    SimulatedFault.CLOCK: "the gateway's clock, and so dtSubmit and dtDone, is 20 minutes ahead",
    SimulatedFault.ODD_TIMES: "the DLRs write dtSubmit and dtDone in a form that cannot be read",
    SimulatedFault.NO_ECHO: "the DLRs return nothing of what was submitted: no tag, no udf1, no msgid",
    SimulatedFault.WRONG_NUMBER: "the DLRs name another number",
    SimulatedFault.UNREGISTERED: "no DLR is pushed, as when no callback URL is registered for the account",
    SimulatedFault.SLOW_CALLBACK: "the callback's body takes twice as long as a collector waits for it by default",
    SimulatedFault.HTTPS_ONLY: "a request over plain http is redirected to https (HTTP 301), and not sent",
    SimulatedFault.CONTENT_TYPE: "a body is read only as its Content-Type says: JSON sent as a form has no parameters",
}
OF_REQUESTS = (
    SimulatedFault.USER_VALIDATION,
    SimulatedFault.TIMEOUT,
    SimulatedFault.HANG,
    SimulatedFault.DROP,
    SimulatedFault.HTTP_500,
    SimulatedFault.HTML,
    SimulatedFault.CREDIT,
)
"""Drawn once per request, from its first message and how often that was tried; their share is of requests."""

OUTCOMES = frozenset({SimulatedFault.UNKNOWN_WORD})
"""Those that say what becomes of a message: a magic number says it itself, the others come on top of it."""

ON_ARRIVAL = (SimulatedFault.HTTPS_ONLY, SimulatedFault.CONTENT_TYPE)
"""Drawn once per request from its bytes, before it is read; their share is of requests."""

Shares = Mapping[SimulatedFault, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A fault that befalls a request; `is_taken`: its messages are sent all the same. `u` is for the rest."""

    fault: SimulatedFault
    is_taken: bool = False
    u: float = 0.0


def parse(options: Iterable[str]) -> dict[SimulatedFault, float]:
    """Return the share of each fault given as NAME=SHARE.

    >>> parse(["duplicates=0.1", "1715=1"])
    {<SimulatedFault.DUPLICATES: 'duplicates'>: 0.1, <SimulatedFault.TIMEOUT: '1715'>: 1.0}
    """
    return dict(map(_parse, options))


def of_request(shares: Shares, key: bytes, n_before: int) -> Hit | None:
    """Return the fault that befalls a request tried `n_before` times before, or None."""
    for fault in OF_REQUESTS:
        share = shares.get(fault, 0.0)
        if not share:
            continue
        if fault is SimulatedFault.USER_VALIDATION:
            lot, length, *_ = draws.uniforms(key, fault)
            if lot < share and n_before < 1 + int(length * 4):
                return Hit(fault=fault)
            continue
        lot, taken, u, *_ = draws.uniforms(key, f"{fault} {n_before}")
        if lot < share:
            return Hit(fault=fault, is_taken=taken < 0.5 and fault is not SimulatedFault.CREDIT, u=u)
    return None


def on_arrival(shares: Shares, key: bytes) -> frozenset[SimulatedFault]:
    """Return the faults that befall a request before it is read."""
    return frozenset(fault for fault in ON_ARRIVAL if draws.chance(key, fault) < shares.get(fault, 0.0))


def of_message(shares: Shares, key: bytes) -> frozenset[SimulatedFault]:
    """Return the faults that befall the DLRs of a message."""
    return frozenset(
        fault
        for fault, share in shares.items()
        if share and fault not in (*OF_REQUESTS, *ON_ARRIVAL) and draws.chance(key, fault) < share
    )


def _parse(option: str) -> tuple[SimulatedFault, float]:
    name, equals, text = option.partition("=")
    if name not in list(SimulatedFault):
        raise BadInput(f"--fault {option}: unknown fault {name!r}: use one of {', '.join(SimulatedFault)}")
    try:
        share = float(text) if equals else 1.0
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise BadInput(
            f"--fault {option}: {text!r} is not a share: use a number from 0 to 1, as in {name}=0.05"
        )
    return SimulatedFault(name), share
