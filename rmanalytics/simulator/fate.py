"""What happens to one message: the code it is refused with, or the DLRs it will cause and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rmanalytics.simulator import draws
from rmanalytics.simulator.faults import SimulatedFault
from rmanalytics.simulator.profile import FINAL, Ending, Outcome

UNKNOWN_WORDS = ("DEFERRED", "SUBMITD", "SKIPPED", "DELIVERED_TO_HANDSET")
GARBAGE = (
    b"\x00\xff\xfe\x80 no report",
    b'{"sMessageId": "5f0c2b52-7a55',
    b"<html><body>502 Bad Gateway</body></html>",
    b"stat:DELIVRD err:000",
    b"%%%",
)
"""Simulated callbacks that cannot be parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDlr:
    """A DLR to come: pushed `delay_s` after submission, and saying that it was done `done_s` after it.

    `done_text` replaces dtDone word for word, `garbage` the whole callback.
    """

    status: str
    code: str = "0"
    delay_s: float = 0.0
    done_s: float = 0.0
    done_text: str | None = None
    garbage: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What a message meets: `refused` with a submit code, or accepted with these reports."""

    refused: str | None = None
    reports: tuple[PlannedDlr, ...] = ()
    is_first: bool = False
    """The reports come before the submit response."""


NO_DLR = Fate()


def by_outcome(outcome: Outcome, u: Sequence[float], queued_first: float) -> Fate:
    """Return the fate that an outcome of the profile brings; `u` are eight draws of the message.

    >>> by_outcome(Outcome(ending=Ending.REFUSED, share=1, code="1032"), (0.5,) * 8, 0.0).refused
    '1032'
    >>> fate = by_outcome(Outcome(ending=Ending.DELIVRD, share=1, median_s=5), (0.5,) * 8, 1.0)
    >>> [(str(report.status), report.delay_s) for report in fate.reports]
    [('ENROUTE', 2.0), ('DELIVRD', 5.0)]
    """
    if outcome.ending is Ending.REFUSED:
        return Fate(refused=outcome.code)
    if outcome.ending is Ending.NO_DLR:
        return NO_DLR
    delay_s = draws.lognormal(u[1], outcome.median_s, outcome.sigma)
    last = PlannedDlr(status=outcome.ending, code=outcome.code, delay_s=delay_s, done_s=delay_s)
    if outcome.ending not in FINAL or u[2] >= queued_first:
        return Fate(reports=(last,))
    return Fate(reports=(_queued(delay_s * (0.1 + 0.6 * u[3]), u[4]), last))


def scrubbed(code: str) -> Fate:
    """Return the fate of a message that the DLT scrubber stops: rejected within two seconds."""
    return Fate(reports=(PlannedDlr(status=Ending.REJECTD, code=code, delay_s=1.5, done_s=1.5),))


def spoil(fate: Fate, faults: frozenset[SimulatedFault], key: bytes) -> Fate:
    """Return the fate with the faults of this message worked in."""
    if not faults or fate.refused:
        return fate
    u = draws.uniforms(key, "spoil")
    reports = fate.reports
    if SimulatedFault.UNKNOWN_WORD in faults and reports:
        word = UNKNOWN_WORDS[int(u[0] * len(UNKNOWN_WORDS))]
        reports = (*reports[:-1], replace(reports[-1], status=word))
    if SimulatedFault.REORDERING in faults and reports:
        reports = _reordered(reports, u[1])
    if SimulatedFault.DUPLICATES in faults:
        reports = _repeated(reports, 1 + int(u[2] * 2), u[3])
    if SimulatedFault.GARBAGE in faults:
        body = GARBAGE[int(u[4] * len(GARBAGE))]
        reports = (*reports, PlannedDlr(status="", delay_s=1 + 5 * u[5], garbage=body))
    if SimulatedFault.DLR_FIRST in faults:
        reports = tuple(replace(report, delay_s=0.0) for report in sorted(reports, key=_due))
    is_first = SimulatedFault.DLR_FIRST in faults and bool(reports)
    return replace(fate, reports=reports, is_first=is_first)


def reported_id(gateway_message_id: str, faults: frozenset[SimulatedFault], key: bytes) -> str:
    """Return the id that the DLRs carry."""
    if SimulatedFault.WRONG_ID in faults:
        return draws.uuid(key, "wrong id")
    return gateway_message_id.upper() if SimulatedFault.ID_CASE in faults else gateway_message_id


def _queued(delay_s: float, u: float) -> PlannedDlr:
    word = (Ending.ACCEPTED, Ending.ENROUTE, Ending.ENROUTE, Ending.ACKED)[int(u * 4)]
    return PlannedDlr(status=word, delay_s=delay_s, done_s=delay_s)


def _reordered(reports: tuple[PlannedDlr, ...], u: float) -> tuple[PlannedDlr, ...]:
    """Return the reports with the last one first; a message with one report gets a queued one after it."""
    last = reports[-1]
    before = reports[:-1] or (_queued(last.delay_s / 2, u),)
    late = [replace(report, delay_s=last.delay_s + 0.5 + n + u) for n, report in enumerate(before)]
    return (last, *late)


def _repeated(reports: tuple[PlannedDlr, ...], n_more: int, u: float) -> tuple[PlannedDlr, ...]:
    copies = [
        replace(report, delay_s=report.delay_s + (n + u) * 1.5) for report in reports for n in range(n_more)
    ]
    return (*reports, *copies)


def _due(report: PlannedDlr) -> float:
    return report.delay_s
