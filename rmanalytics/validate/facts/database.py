"""The facts of one batch, taken from the database in one go; counting is the engine's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir

from rmanalytics import dlt, gateways, warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import BadInput
from rmanalytics.provider.gateway import TIMEOUT_S
from rmanalytics.support import engine
from rmanalytics.validate.facts import counts, ids
from rmanalytics.validate.facts.model import Facts
from rmanalytics.warehouse.snapshot import Snapshot, between

_OUTCOME: tuple[str, ...] = (
    "message_id",
    "campaign_id",
    "batch_id",
    "gateway",
    "msisdn",
    "state",
    "error_code",
    "header",
)
_ROUND = "^m[0-9a-f]{20}(?:-[0-9]+)?-r([0-9a-f]+)$"
"""How `send --resend` ends the ids of a round's messages."""

_OUTCOME += ("template_id", "is_overdue", "final_at", "submitted_at", "submit_result", "submit_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The messages that are judged, copied into memory (`connection`), and the relations beside them.

    Of a batch that was resent these are the messages of one round; `mark` is its own, empty for the first sending.
    """

    connection: Any
    batch_id: str | None
    mark: str
    campaign_id: str | None
    outcomes: ir.Table
    submissions: ir.Table
    dlrs: ir.Table
    callbacks: ir.Table
    template_checks: ir.Table
    log: ir.Table | None


def gather(
    store: warehouse.Warehouse,
    settings: Settings,
    *,
    as_of: datetime,
    campaign_id: str | None = None,
    batch_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Facts:
    """Return the facts about a batch; without `batch_id` the one that was attempted last.

    `campaign_id` narrows to its messages; `since` and `until` to those planned then. A campaign of which only
    DLRs tell is judged as a whole.
    """
    with store.holding():
        chosen = choose(
            store, as_of=as_of, campaign_id=campaign_id, batch_id=batch_id, since=since, until=until
        )
        return facts(chosen, ids.returned(chosen.connection, settings), settings, as_of)


def choose(
    store: warehouse.Warehouse,
    *,
    as_of: datetime | None,
    campaign_id: str | None,
    batch_id: str | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Chosen:
    """Return the messages to judge with what is beside them, held still in memory; hold the file meanwhile.

    Without an `as_of` it is now, as the last `ingest` left it. Of a batch that was resent only the round that was
    attempted last is judged: the DLRs of earlier ones say nothing about how things are now.
    """
    known = store.snapshot(as_of)
    batch = batch_id or _last_batch(known, campaign_id, since, until)
    first, last = _span(known, batch) if batch else (None, None)
    mark = _last_round(known, batch) if batch else ""
    outcomes = store.outcomes(as_of, since=first, until=last)
    if batch:
        outcomes = outcomes.filter(outcomes.batch_id == batch, in_round(outcomes.message_id, mark))
    elif campaign_id:
        outcomes = outcomes.filter(outcomes.is_dlr_only)
    else:
        outcomes = outcomes.filter(ibis.literal(False))
    if campaign_id:
        outcomes = outcomes.filter(outcomes.campaign_id == campaign_id)
    backend = _memory({"outcomes": outcomes.select(*_OUTCOME)})
    since_at = _first(backend.table("outcomes")) or as_of or datetime.now(UTC)
    kept = {name: _keep(backend, name, table) for name, table in _beside(known, backend, since_at)}
    return Chosen(
        connection=backend.con,
        batch_id=batch,
        mark=mark,
        campaign_id=campaign_id,
        outcomes=backend.table("outcomes"),
        log=kept.pop("log", None),
        **kept,
    )


def _span(known: Snapshot, batch: str) -> tuple[datetime | None, datetime | None]:
    """Return since and until when the messages of a batch were planned, as outcomes are asked for."""
    m = known.table("messages")
    theirs = m.filter(m.batch_id == batch)
    ends = theirs.aggregate(first=theirs.planned_at.min(), last=theirs.planned_at.max()).to_pyarrow()
    first, last = ends.to_pylist()[0].values()
    return (first, last + timedelta(microseconds=1)) if first else (None, None)


def _last_batch(
    known: Snapshot, campaign_id: str | None, since: datetime | None, until: datetime | None
) -> str | None:
    """Return the batch whose last attempt (else plan) is the latest, None when nothing was planned."""
    m = known.table("messages")
    wanted = [m.campaign_id == campaign_id] if campaign_id else []
    wanted += between(m.planned_at, since, until)
    return next(iter(_latest(known, wanted, n=1)), None)


def _latest(known: Snapshot, wanted: Sequence[ir.BooleanColumn], n: int) -> list[str]:
    """Return the batches attempted last (else planned last), the latest first; imports behind what we sent."""
    m, s = known.table("messages"), known.table("submissions")
    m = m.filter(wanted) if wanted else m
    planned = m.group_by("batch_id").agg(
        planned_at=m.planned_at.max(), is_import=m.imported_at.notnull().all()
    )
    tried = s.group_by(tried_id=s.batch_id).agg(tried_at=s.attempted_at.max())
    joined = planned.left_join(tried, planned.batch_id == tried.tried_id)
    last = joined.mutate(at=ibis.coalesce(joined.tried_at, joined.planned_at))
    rows = last.order_by("is_import", ibis.desc("at"), "batch_id").limit(n).select("batch_id").execute()
    return [str(one) for one in rows["batch_id"]]


def _last_round(known: Snapshot, batch: str) -> str:
    """Return the mark of the round of a batch that was attempted last, empty where it was never resent."""
    s = known.table("submissions")
    last = s.filter(s.batch_id == batch).order_by(ibis.desc("attempted_at")).limit(1)
    return next(iter(last.select(mark=last.message_id.re_extract(_ROUND, 1)).execute()["mark"]), "")


def in_round(message_id: ir.StringColumn, mark: str) -> ir.BooleanValue:
    """Return the condition that a message is of the round with this mark."""
    return message_id.re_extract(_ROUND, 1) == mark


def _beside(known: Snapshot, backend: Any, since: datetime) -> Iterator[tuple[str, ir.Table]]:
    """Yield what the other relations know of the messages in memory, and what came `since`."""
    ids = backend.table("outcomes").message_id.execute().tolist()
    own = ibis.memtable({"own_id": ids}, schema={"own_id": "string"})
    dlrs, callbacks = known.table("dlrs"), known.table("callbacks")
    told_id = ibis.coalesce(dlrs.message_id, dlrs.gateway_message_id)
    ours = dlrs.mutate(told_id=told_id).semi_join(own, [("told_id", "own_id")])
    unmatched = dlrs.filter(dlrs.message_id.isnull(), *between(dlrs.received_at, since)).mutate(
        told_id=ibis.literal(None, "string")
    )
    yield "submissions", known.answers().semi_join(own, [("message_id", "own_id")])
    yield "dlrs", ours.union(unmatched.anti_join(own, [("gateway_message_id", "own_id")]))
    yield "callbacks", callbacks.filter(between(callbacks.received_at, since))
    yield "template_checks", known.table("template_checks").semi_join(own, [("message_id", "own_id")])
    with suppress(BadInput):
        yield "log", known.table("clevertap_errors")


def _in_time(log: ir.Table | None, first_at: datetime | None, zone: ZoneInfo) -> ir.Table | None:
    """Return the log with what is since the first submission.

    A bare date counts as its whole day, an error without a time as of its import.
    """
    if log is None or first_at is None:
        return log
    days = [
        first_at.astimezone(one).replace(hour=0, minute=0, second=0, microsecond=0) for one in (zone, UTC)
    ]
    at = ibis.coalesce(log.occurred_at, log.imported_at)
    return log.mutate(is_since=(at >= first_at) | at.isin(days))


def _memory(tables: dict[str, ir.Table]) -> Any:
    connection = engine.connect()
    connection.execute("SET TimeZone = 'UTC'")
    backend = ibis.duckdb.from_connection(connection)
    for name, table in tables.items():
        _keep(backend, name, table)
    return backend


def _keep(backend: Any, name: str, table: ir.Table) -> ir.Table:
    backend.con.register("kept", table.to_pyarrow())
    backend.con.execute(f'CREATE TABLE "{name}" AS FROM kept')
    backend.con.unregister("kept")
    return backend.table(name)


def _first(outcomes: ir.Table) -> datetime | None:
    return counts.moment(outcomes.aggregate(at=outcomes.submitted_at.min()).execute()["at"].iloc[0])


def facts(chosen: Chosen, back: ids.ReturnedIds, settings: Settings, as_of: datetime) -> Facts:
    """Return the facts about messages that were chosen; running parts are not asked."""
    zone = ZoneInfo(settings.display_zone)
    summed = counts.summary(chosen.connection)
    asked = summed.gateway or settings.gateway
    return Facts(
        as_of=as_of,
        zone=zone,
        gateway_zone=gateways.reading(asked, settings).zone,
        horizon_s=settings.horizon_s,
        timeout_s=TIMEOUT_S if summed.is_as_clevertap else settings.send_timeout_s,
        last_at=summed.tried_at or summed.told_at,
        batch_id=chosen.batch_id,
        campaign_id=chosen.campaign_id,
        is_trial=summed.is_trial,
        is_resent=bool(chosen.mark),
        gateway=summed.gateway,
        asked_gateway=settings.gateway,
        reading=dlt.reading(settings),
        callback_path=f"/dlr/{asked}/****",
        listens_on=settings.collect_host,
        submitted=counts.submitted(chosen.outcomes, chosen.submissions),
        n_unattempted=summed.n_unattempted,
        became=counts.became(chosen.outcomes),
        matched_by=counts.matched_by(chosen.dlrs),
        words=counts.words(chosen.dlrs),
        offsets=counts.offsets(chosen.dlrs, chosen.outcomes),
        strays=counts.strays(chosen.dlrs, chosen.outcomes),
        n_callbacks=summed.n_callbacks,
        n_unreadable=summed.n_unreadable,
        elsewhere=summed.only_unread_at if summed.only_unread_at != asked else None,
        n_unmatched=back.n_unmatched,
        is_as_clevertap=summed.is_as_clevertap,
        has_relay=settings.relay_url is not None,
        carriers=tuple(settings.relay_meta_fields.split(",")),
        n_echoed=back.n_echoed,
        n_times_unread=summed.n_times_unread,
        n_times_impossible=summed.n_times_impossible,
        first_callback_at=summed.first_callback_at,
        n_checked=summed.n_checked,
        mismatches=counts.mismatches(chosen.template_checks),
        log=counts.log(_in_time(chosen.log, _first(chosen.outcomes), zone), chosen.campaign_id),
    )
