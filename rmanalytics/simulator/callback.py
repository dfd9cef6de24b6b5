"""DLR callbacks as Route Mobile pushes them: fields and spelling of its DLR push specification 1.0.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from rmanalytics.simulator.fate import PlannedDlr
from rmanalytics.simulator.faults import SimulatedFault
from rmanalytics.simulator.profile import Echo, Profile
from rmanalytics.simulator.protocol import Received

FORM = "application/x-www-form-urlencoded"
CLOCK_S = 20 * 60.0
"""How far a wrong clock is ahead: no time zone explains it."""

_ODD_TIME = "a+moment+ago"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedMessage:
    """An accepted message: what all its DLRs say, and their `faults`. `submitted_at` is a Unix time."""

    received: Received
    message_id: str
    mcc_mnc: str
    submitted_at: float
    is_post: bool
    faults: frozenset[SimulatedFault] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A request to the callback URL: `content` is the query of a GET or the body of a POST, which may be slow."""

    is_post: bool
    content: bytes
    content_type: str = FORM
    is_slow: bool = False


class _Echoes(NamedTuple):
    message_id: str
    tag: str
    udf1: str
    udf2: str


def compose(sent: AcceptedMessage, report: PlannedDlr, profile: Profile, zone: str) -> Callback:
    """Return the callback that says this report; times are written in the zone (or UTC), without saying which."""
    if report.garbage is not None:
        return Callback(is_post=True, content=report.garbage, content_type="application/octet-stream")
    received, price = sent.received, profile.price_per_segment
    echoes = _echoes(sent, profile.echo_msgid)
    submit, done = _times(sent, report, zone)
    text = (
        f"sSender={quote_plus(received.source)}&sMobileNo={_number(sent)}&sStatus={report.status}"
        f"&dtSubmit={submit}&dtDone={done}"
        f"&sMessageId={quote_plus(echoes.message_id)}&iCostPerSms={price:.4f}"
        f"&iCharge={price * received.n_segments:.4f}&iMCCMNC={sent.mcc_mnc}&iErrCode={report.code}"
        f"&sTagName={quote_plus(echoes.tag)}&sUdf1={quote_plus(echoes.udf1)}&sUdf2={quote_plus(echoes.udf2)}"
    )
    is_slow = SimulatedFault.SLOW_CALLBACK in sent.faults
    return Callback(is_post=sent.is_post or is_slow, content=text.encode(), is_slow=is_slow)


def _times(sent: AcceptedMessage, report: PlannedDlr, zone: str) -> tuple[str, str]:
    """Return dtSubmit and dtDone, encoded as in Route Mobile's samples of a GET and a form."""
    if SimulatedFault.ODD_TIMES in sent.faults:
        return _ODD_TIME, _ODD_TIME
    stamp = _form_stamp if sent.is_post else _query_stamp
    zone = "UTC" if SimulatedFault.UTC_TIMES in sent.faults else zone
    start = sent.submitted_at + (CLOCK_S if SimulatedFault.CLOCK in sent.faults else 0.0)
    done = report.done_text or stamp(int(start + report.done_s), zone)
    return stamp(int(start), zone), quote_plus(done, safe="%+:")


def _number(sent: AcceptedMessage) -> str:
    """Return the number as the DLRs name it; a wrong one differs in its last digit."""
    msisdn = sent.received.msisdn
    if SimulatedFault.WRONG_NUMBER not in sent.faults:
        return msisdn
    return f"{msisdn[:-1]}{(int(msisdn[-1]) + 1) % 10}"


def _echoes(sent: AcceptedMessage, echo: Echo) -> _Echoes:
    """Return the fields that give something of the submission back; `msgid` goes where the profile says."""
    received = sent.received
    if SimulatedFault.NO_ECHO in sent.faults:
        return _Echoes(message_id=sent.message_id, tag="", udf1="", udf2="")
    plain = _Echoes(message_id=sent.message_id, tag=received.tag, udf1=received.udf1, udf2="")
    if echo == "none" or not received.client_message_id:
        return plain
    field = {"sMessageId": "message_id", "sTagName": "tag", "sUdf1": "udf1", "sUdf2": "udf2"}[echo]
    return plain._replace(**{field: received.client_message_id})


@lru_cache(4096)
def _query_stamp(second: int, zone: str) -> str:
    """Return the time as in Route Mobile's sample of a GET.

    >>> _query_stamp(1736916630, "Asia/Kolkata"), _form_stamp(1736916630, "UTC")
    ('2025-01-15%2010:20:30', '2025-01-15+04%3A50%3A30')
    """
    return datetime.fromtimestamp(second, ZoneInfo(zone)).strftime("%Y-%m-%d%%20%H:%M:%S")


@lru_cache(4096)
def _form_stamp(second: int, zone: str) -> str:
    return datetime.fromtimestamp(second, ZoneInfo(zone)).strftime("%Y-%m-%d+%H%%3A%M%%3A%S")
