"""DLR callbacks as Route Mobile pushes them: fields and spelling of its DLR push specification 1.0.0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from rmanalytics.simulator.fate import PlannedDlr
from rmanalytics.simulator.profile import Echo, Profile
from rmanalytics.simulator.protocol import Received

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedMessage:
    """An accepted message: what all its DLRs say. `submitted_at` is a Unix time."""

    received: Received
    message_id: str
    mcc_mnc: str
    submitted_at: float
    is_post: bool
    is_utc: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A request to the callback URL: `content` is the query of a GET or the body of a POST."""

    is_post: bool
    content: bytes
    content_type: str = FORM


class _Echoes(NamedTuple):
    message_id: str
    tag: str
    udf1: str
    udf2: str


def compose(sent: AcceptedMessage, report: PlannedDlr, profile: Profile, zone: str) -> Callback:
    """Return the callback that says this report; times are written in the zone (or UTC), without saying which."""
    if report.garbage is not None:
        return Callback(is_post=True, content=report.garbage, content_type="application/octet-stream")
    stamp = _form_stamp if sent.is_post else _query_stamp
    zone = "UTC" if sent.is_utc else zone
    received, price = sent.received, profile.price_per_segment
    echoes = _echoes(sent, profile.echo_msgid)
    done = report.done_text or stamp(int(sent.submitted_at + report.done_s), zone)
    text = (
        f"sSender={quote_plus(received.source)}&sMobileNo={received.msisdn}&sStatus={report.status}"
        f"&dtSubmit={stamp(int(sent.submitted_at), zone)}&dtDone={quote_plus(done, safe='%+:')}"
        f"&sMessageId={quote_plus(echoes.message_id)}&iCostPerSms={price:.4f}"
        f"&iCharge={price * received.n_segments:.4f}&iMCCMNC={sent.mcc_mnc}&iErrCode={report.code}"
        f"&sTagName={quote_plus(echoes.tag)}&sUdf1={quote_plus(echoes.udf1)}&sUdf2={quote_plus(echoes.udf2)}"
    )
    return Callback(is_post=sent.is_post, content=text.encode())


def _echoes(sent: AcceptedMessage, echo: Echo) -> _Echoes:
    """Return the fields that give something of the submission back; `msgid` goes where the profile says."""
    received = sent.received
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
