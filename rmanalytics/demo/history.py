"""Six weeks of messages before the demo, as evidence in the journal: growing, quieter at night and at weekends.

Shares and delays are those of the simulator's usual profile, so that what is sent today looks like what was sent
before; `events.EVENTS` are planted in it. The same seed on the same day gives the same messages and ends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from math import exp
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from rmanalytics import gateways, journal
from rmanalytics.demo import batch
from rmanalytics.demo.events import EVENTS, Effect, PlantedEvent
from rmanalytics.journal import records, seals
from rmanalytics.models import Result, SubmitResponse
from rmanalytics.simulator import operators, profile
from rmanalytics.simulator.callback import AcceptedMessage, compose
from rmanalytics.simulator.fate import PlannedDlr
from rmanalytics.simulator.profile import Ending, Outcome
from rmanalytics.simulator.protocol import Received
from rmanalytics.sms import segments

N_DAYS = 42
PER_DAY = 920
"""Messages of the first day, were it one of the week; the last has a third more."""

GROWTH = 1.33
WEEKEND = 0.85
HOURS = (2, 1, 1, 1, 1, 3, 10, 24, 42, 58, 66, 64, 56, 52, 54, 60, 66, 72, 76, 74, 60, 40, 20, 8)
"""How busy the hours of a day are."""

WOBBLE = 0.004
"""By how much the delivery rate differs from day to day beyond chance."""

N_TEXTS = 2000
"""Numbers and texts of their own; the past repeats them."""

BATCH_ID = "demo-past"
_SUFFIX = "-00000000.jsonl"
_SHORTER = "Shop"
_PER_REQUEST = 10

_GATEWAY = "simulator"
_LAG = timedelta(seconds=1.4)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repeated:
    """A message as it is repeated: its fields, its operator and network, the one that matches no template."""

    fields: dict[str, Any]
    broken: dict[str, Any]
    operator: str
    mcc_mnc: str
    departs: bool

    def is_in(self, event: PlantedEvent) -> bool:
        """Return whether an event reaches it."""
        own = self.fields | {"operator": self.operator}
        return all(own[name] == value for name, value in event.where.items())


class _End(NamedTuple):
    """How a message of the past ended, and after how many seconds its DLR came."""

    ending: Ending
    code: str
    due_s: float
    is_broken: bool = False


class _Sent(NamedTuple):
    """A message of the past: its id, which text, when it was sent, its end, and when its DLR came."""

    message_id: str
    text: _Repeated
    at: datetime
    end: _End
    done_at: datetime

    @property
    def fields(self) -> dict[str, Any]:
        """Its fields in the journal."""
        return self.text.broken if self.end.is_broken else self.text.fields


def write_history(directory: Path, *, seed: int, today: date, zone: ZoneInfo, gateway_zone: ZoneInfo) -> int:
    """Write the past into the journal and return its number of messages; 0 where one is there already.

    `zone` is the one whose days and hours count, `gateway_zone` that of the times in DLRs. The segments get names of
    the first day and come into place one by one, the callbacks last: what was interrupted is written again.
    """
    first_day = today - timedelta(days=N_DAYS)
    there = journal.segments(directory, journal.CALLBACKS)
    if any(journal.identity(path).endswith(_SUFFIX) for path in there):
        return 0
    texts = _texts(seed)
    sent = [one for back in range(N_DAYS, 0, -1) for one in _day(back, seed, today, zone, texts)]
    lines = {
        journal.MESSAGES: _messages(sent),
        journal.SUBMISSIONS: _submissions(sent),
        journal.CALLBACKS: _callbacks(sent, gateway_zone),
    }
    for stream, own in lines.items():
        _put(directory, stream, first_day, own)
    return len(sent)


def _put(directory: Path, stream: str, first_day: date, lines: Iterable[bytes]) -> None:
    """Write a segment beside its place, then move it there with its seal."""
    beside = directory / "demo-past"
    with journal.Writer(beside, stream) as writer:
        writer.append(lines)
        path = writer.path
    assert path is not None  # noqa: S101 -- it was appended to
    target = directory / f"{stream}-{first_day:%Y%m%d}T000000000000Z{_SUFFIX}"
    seals.seal_path(path).replace(seals.seal_path(target))
    path.replace(target)
    beside.rmdir()


def _texts(seed: int) -> list[list[_Repeated]]:
    """Return the texts of each campaign, in the order of `batch.CAMPAIGNS`."""
    by_campaign: dict[str, list[_Repeated]] = {campaign.campaign_id: [] for campaign in batch.CAMPAIGNS}
    contents = {one["template_id"]: one["content"] for one in batch.templates().values()}
    for row in batch.rows(N_TEXTS, seed):
        by_campaign[row["campaign_id"]].append(_text(row, contents, seed))
    return list(by_campaign.values())


def _text(row: dict[str, str], contents: dict[str, str], seed: int) -> _Repeated:
    number, template = row["msisdn"].removeprefix("+"), row.get("template_id")
    values = json.loads(row.get("template_variables", "[]"))
    operator, mcc_mnc = operators.of_number(number, seed)
    fields = {
        "campaign_id": row["campaign_id"],
        "route": "domestic" if number.startswith("91") else "international",
        "msisdn": number,
        "header": row["header"],
        "entity_id": row.get("entity_id"),
        "template_id": template,
        "template_variables": values or None,
    }
    body = row["body"]
    return _Repeated(
        fields=fields | _measured(body),
        broken=fields | _measured(body.replace("Store", _SHORTER)),
        operator=operator.name,
        mcc_mnc=mcc_mnc,
        departs=template is not None and batch.fill(contents[template], values) != body,
    )


def _measured(body: str) -> dict[str, Any]:
    measured = segments.measure(body)
    return {"body": body, "encoding": measured.encoding, "n_segments": len(measured.parts)}


def _day(
    back: int, seed: int, today: date, zone: ZoneInfo, texts: Sequence[Sequence[_Repeated]]
) -> Iterator[_Sent]:
    """Yield what was sent on the day so many days ago, in order of time."""
    day = today - timedelta(days=back)
    draw = np.random.default_rng([abs(seed), back])
    events = [event for event in EVENTS if event.is_on(back)]
    n = _size(back, day, draw)
    shares = np.array([campaign.share for campaign in batch.CAMPAIGNS])
    campaigns = draw.choice(len(shares), n, p=shares / shares.sum())
    hours = np.array(HOURS) / sum(HOURS)
    seconds = np.sort(draw.choice(24, n, p=hours) * 3600 + draw.uniform(0, 3600, n))
    seconds[:] = seconds[np.arange(n) // _PER_REQUEST * _PER_REQUEST]  # what shares a request is sent at once
    lots, delays, others = (
        draw.uniform(size=n),
        draw.standard_normal(n),
        draw.uniform(size=(n, 2 + len(events))).tolist(),
    )
    worse = abs(draw.normal(0, WOBBLE))
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    for place in range(n):
        own = texts[campaigns[place]]
        text = own[int(others[place][0] * len(own))]
        usual = _usual(text, lots[place], others[place][1] < worse)
        end = _End(usual.ending, usual.code, usual.median_s * exp(usual.sigma * delays[place]))
        hour = seconds[place] // 3600
        for event, lot in zip(events, others[place][2:], strict=True):
            if event.hours[0] <= hour < event.hours[1] and text.is_in(event):
                end = _AFTER[event.effect](end, event, lot)
        at = midnight + timedelta(seconds=float(seconds[place]))
        done_at = at + timedelta(seconds=end.due_s)
        yield _Sent(f"past-{seed}-{back:02}{place:06}", text, at, end, done_at)


def _size(back: int, day: date, draw: np.random.Generator) -> int:
    grown = PER_DAY * GROWTH ** (1 - back / N_DAYS)
    return int(draw.poisson(grown * (WEEKEND if day.weekday() >= 5 else 1.0)))


_PROFILE = profile.load("default")
_CHOOSER = profile.Chooser(_PROFILE)
_MISMATCH = Outcome(ending=Ending.REJECTD, share=1, code="633", median_s=1.5, sigma=0.6)
_EXPIRED = Outcome(ending=Ending.EXPIRED, share=1, code="32", median_s=900, sigma=0.25)


def _usual(text: _Repeated, lot: float, is_worse: bool) -> Outcome:
    """Return how a message ends on an ordinary day; operators reject a text that departs from its template."""
    if text.departs:
        return _MISMATCH
    found = _CHOOSER.pick(lot, text.operator)
    return _EXPIRED if is_worse and found.ending is Ending.DELIVRD else found


def _failing(end: _End, event: PlantedEvent, lot: float) -> _End:
    is_hit = end.ending is Ending.DELIVRD and lot < event.size
    return end._replace(ending=Ending.UNDELIV, code=event.code) if is_hit else end


def _slowed(end: _End, event: PlantedEvent, _: float) -> _End:
    return end._replace(due_s=end.due_s * event.size)


def _mismatching(end: _End, event: PlantedEvent, lot: float) -> _End:
    """Another text than was registered; some operators let it pass."""
    changed = end._replace(is_broken=True)
    return (
        changed._replace(ending=Ending.REJECTD, code=event.code, due_s=1.5) if lot < event.size else changed
    )


def _refused(end: _End, event: PlantedEvent, _: float) -> _End:
    return end._replace(ending=Ending.REFUSED, code=event.code)


def _lost(end: _End, _event: PlantedEvent, _: float) -> _End:
    return end._replace(ending=Ending.NO_DLR) if end.ending is not Ending.REFUSED else end


_AFTER = {
    Effect.FAILS: _failing,
    Effect.SLOWS: _slowed,
    Effect.MISMATCHES: _mismatching,
    Effect.REFUSES: _refused,
    Effect.LOSES_DLRS: _lost,
}


def _messages(sent: Iterable[_Sent]) -> Iterator[bytes]:
    for one in sent:
        row = {"line": 2, "message_id": one.message_id, **one.fields}
        yield records.message(row, batch_id=BATCH_ID, gateway=_GATEWAY, planned_at=one.at)


def _submissions(sent: Sequence[_Sent]) -> Iterator[bytes]:
    """Yield attempt and answer of each request."""
    for at, group in groupby(sent, key=attrgetter("at")):
        own = list(group)
        attempt_id = f"a-{own[0].message_id}"
        attempted_at = at + timedelta(milliseconds=40)
        names = [one.message_id for one in own]
        yield journal.line(
            {
                "attempt_id": attempt_id,
                "attempted_at": attempted_at,
                "batch_id": BATCH_ID,
                "gateway": _GATEWAY,
                "message_ids": names,
            }
        )
        answers = [_answer(one, name) for one, name in zip(own, names, strict=True)]
        answered_at = attempted_at + timedelta(milliseconds=90)
        yield records.answer(attempt_id, answers, answered_at=answered_at, http_status=200, text=None)


def _answer(one: _Sent, name: str) -> SubmitResponse:
    known = gateways.submit_code(one.end.code) if one.end.ending is Ending.REFUSED else None
    if known:
        return SubmitResponse(message_id=name, result=known.result, code=one.end.code, detail=known.meaning)
    return SubmitResponse(
        message_id=name, result=Result.ACCEPTED, code="1701", gateway_message_id=f"g-{name}"
    )


def _callbacks(sent: Iterable[_Sent], zone: ZoneInfo) -> Iterator[bytes]:
    """Yield the DLRs in the order in which they came."""
    silent = (Ending.REFUSED, Ending.NO_DLR)
    reported = (one for one in sent if one.end.ending not in silent)
    for one in sorted(reported, key=attrgetter("done_at")):
        yield records.callback(
            callback_id=f"c-{one.message_id}",
            received_at=one.done_at + _LAG,
            gateway=_GATEWAY,
            method="GET",
            query=_query(one, zone),
            content_type=None,
            body=b"",
        )


def _query(one: _Sent, zone: ZoneInfo) -> str:
    """Return the DLR as the simulator pushes it."""
    fields = one.fields
    received = Received(
        msisdn=fields["msisdn"],
        source=fields["header"],
        text=fields["body"],
        n_segments=fields["n_segments"],
        wants_dlr=True,
        entity_id="",
        template_id="",
        tag=fields["campaign_id"],
        client_message_id="",
        udf1="",
    )
    sent = AcceptedMessage(
        received=received,
        message_id=f"g-{one.message_id}",
        mcc_mnc=one.text.mcc_mnc,
        submitted_at=one.at.timestamp(),
        is_post=False,
    )
    report = PlannedDlr(status=one.end.ending, code=one.end.code, done_s=one.end.due_s)
    return compose(sent, report, _PROFILE, zone.key).content.decode()
