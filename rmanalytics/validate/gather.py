"""The facts of one batch, taken from the database in one go; counting is the engine's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics import warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import BadInput
from rmanalytics.msisdn import mask
from rmanalytics.validate.facts import Became, Facts, Logged, Mismatch, Stray, Submitted, Word

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
_OUTCOME += ("template_id", "is_overdue", "final_at", "submitted_at", "submit_result", "submit_code")
_N_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The messages that are judged, copied into memory, and the relations beside them."""

    batch_id: str | None
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
        return _facts(chosen, settings, as_of)


def choose(
    store: warehouse.Warehouse,
    *,
    as_of: datetime,
    campaign_id: str | None,
    batch_id: str | None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Chosen:
    """Return the messages to judge with what is beside them, held still in memory; hold the file meanwhile."""
    batch = batch_id or _last_batch(store, as_of, campaign_id, since, until)
    outcomes = store.outcomes(as_of=as_of)
    if batch:
        outcomes = outcomes.filter(outcomes.batch_id == batch)
    elif campaign_id:
        outcomes = outcomes.filter(outcomes.is_dlr_only)
    else:
        outcomes = outcomes.filter(ibis.literal(False))
    if campaign_id:
        outcomes = outcomes.filter(outcomes.campaign_id == campaign_id)
    backend = _memory({"outcomes": outcomes.select(*_OUTCOME)})
    first_at = _first(backend.table("outcomes"))
    kept = {name: _keep(backend, name, table) for name, table in _beside(store, backend, as_of, first_at)}
    return Chosen(
        batch_id=batch,
        campaign_id=campaign_id,
        outcomes=backend.table("outcomes"),
        log=kept.pop("log", None),
        **kept,
    )


def _last_batch(
    store: warehouse.Warehouse,
    as_of: datetime,
    campaign_id: str | None,
    since: datetime | None,
    until: datetime | None,
) -> str | None:
    """Return the batch whose last attempt (else plan) is the latest, None when nothing was planned."""
    m, s = store.table("messages"), store.table("submissions")
    wanted = [m.planned_at <= as_of]
    wanted += [m.campaign_id == campaign_id] if campaign_id else []
    wanted += [m.planned_at >= since] if since else []
    wanted += [m.planned_at < until] if until else []
    planned = m.filter(wanted).group_by("batch_id").agg(planned_at=m.planned_at.max())
    tried = s.filter(s.attempted_at <= as_of).group_by(tried_id=s.batch_id).agg(tried_at=s.attempted_at.max())
    joined = planned.left_join(tried, planned.batch_id == tried.tried_id)
    last = joined.mutate(at=ibis.coalesce(joined.tried_at, joined.planned_at))
    rows = last.order_by(ibis.desc("at"), "batch_id").limit(1).select("batch_id").execute()
    return None if rows.empty else str(rows["batch_id"].iloc[0])


def _beside(
    store: warehouse.Warehouse, backend: Any, as_of: datetime, first_at: datetime | None
) -> Iterator[tuple[str, ir.Table]]:
    """Yield what the other relations know of the messages in memory."""
    ids = backend.table("outcomes").message_id.execute().tolist()
    submissions, dlrs, callbacks = (store.table(name) for name in ("submissions", "dlrs", "callbacks"))
    checks = store.table("template_checks")
    known = ibis.memtable({"known_id": ids}, schema={"known_id": "string"})
    since = first_at or as_of
    in_time = dlrs.filter(dlrs.received_at <= as_of)
    yield (
        "submissions",
        submissions.filter(submissions.attempted_at <= as_of).semi_join(
            known, submissions.message_id == known.known_id
        ),
    )
    told_id = ibis.coalesce(in_time.message_id, in_time.gateway_message_id)
    ours = in_time.mutate(told_id=told_id).semi_join(known, [("told_id", "known_id")])
    nobodys = in_time.filter(in_time.message_id.isnull(), in_time.received_at >= since).mutate(
        told_id=ibis.literal(None, "string")
    )
    yield "dlrs", ours.union(nobodys.anti_join(known, [("gateway_message_id", "known_id")]))
    yield "callbacks", callbacks.filter(callbacks.received_at <= as_of, callbacks.received_at >= since)
    yield "template_checks", checks.semi_join(known, checks.message_id == known.known_id)
    try:
        log = store.table("clevertap_errors")
    except BadInput:
        return
    yield "log", log.filter(log.imported_at <= as_of)


def _memory(tables: dict[str, ir.Table]) -> Any:
    connection = duckdb.connect()
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
    return _time(outcomes.aggregate(at=outcomes.submitted_at.min()).execute()["at"].iloc[0])


def _facts(chosen: Chosen, settings: Settings, as_of: datetime) -> Facts:
    gateways = chosen.outcomes.gateway.max().execute()
    gateway = None if pd.isna(gateways) else str(gateways)
    ours = chosen.dlrs.filter(chosen.dlrs.told_id.notnull())
    c = chosen.callbacks
    came = c.aggregate(
        n=c.count(), n_bad=(c.n_dlrs == 0).sum().fill_null(0), first=c.received_at.min()
    ).execute()
    return Facts(
        as_of=as_of,
        zone=ZoneInfo(settings.display_zone),
        gateway_zone=settings.route_mobile_timezone,
        horizon_s=settings.horizon_s,
        batch_id=chosen.batch_id,
        campaign_id=chosen.campaign_id,
        gateway=gateway,
        callback_path=f"/dlr/{gateway or settings.gateway}/****",
        listens_on=settings.collect_host,
        submitted=_submitted(chosen),
        n_unattempted=_unattempted(chosen),
        became=_became(chosen.outcomes),
        matched_by=_matched_by(ours),
        words=_words(ours),
        offsets=_offsets(ours, chosen.outcomes),
        strays=_strays(ours, chosen.outcomes),
        n_callbacks=int(came["n"].iloc[0]),
        n_unreadable=int(came["n_bad"].iloc[0]),
        n_nobodys=int(chosen.dlrs.filter(chosen.dlrs.told_id.isnull()).count().execute()),
        first_callback_at=_time(came["first"].iloc[0]),
        n_checked=int(chosen.template_checks.count().execute()),
        mismatches=_mismatches(chosen.template_checks),
        log=_log(chosen.log, chosen.campaign_id),
    )


def _submitted(chosen: Chosen) -> tuple[Submitted, ...]:
    """One row per best submit response, the most frequent first."""
    o, s = chosen.outcomes, chosen.submissions
    best = s.inner_join(
        o.select(known_id="message_id", best="submit_result", best_code="submit_code", msisdn="msisdn"),
        [("message_id", "known_id")],
    )
    best = best.filter(best.result == best.best, best.code.identical_to(best.best_code))
    grouped = best.group_by("result", "code", "http_status").agg(
        n=best.message_id.nunique(),
        at=best.attempted_at.min(),
        msisdn=best.msisdn.argmin(best.attempted_at),
        detail=best.detail.argmin(best.attempted_at),
    )
    rows = _rows(grouped.order_by(ibis.desc("n"), "result", "code").limit(_N_ROWS))
    return tuple(
        Submitted(
            result=row["result"],
            code=row["code"],
            http_status=row["http_status"] and int(row["http_status"]),
            detail=row["detail"],
            n=row["n"],
            at=row["at"],
            msisdn=mask(row["msisdn"] or ""),
        )
        for row in rows
    )


def _unattempted(chosen: Chosen) -> int:
    return int(chosen.outcomes.filter(chosen.outcomes.submit_result.isnull()).count().execute())


def _became(outcomes: ir.Table) -> tuple[Became, ...]:
    """One row per state, code, header and template, the most frequent first."""
    t = outcomes.mutate(at=ibis.coalesce(outcomes.final_at, outcomes.submitted_at))
    grouped = t.group_by("state", "error_code", "header", "template_id").agg(
        n=t.count(),
        n_overdue=t.is_overdue.sum().fill_null(0),
        first=t.at.min(),
        msisdn=ibis.coalesce(t.msisdn.argmin(t.at), t.msisdn.min()),
    )
    ordered = grouped.order_by(ibis.desc("n"), "state", "error_code", "header", "template_id")
    return tuple(
        Became(
            state=row["state"],
            error_code=row["error_code"],
            header=row["header"],
            template_id=row["template_id"],
            n=row["n"],
            n_overdue=int(row["n_overdue"]),
            at=row["first"],
            msisdn=mask(row["msisdn"] or ""),
        )
        for row in _rows(ordered)
    )


def _matched_by(dlrs: ir.Table) -> dict[str, int]:
    found = dlrs.filter(dlrs.matched_by.notnull())
    grouped = found.group_by("matched_by").agg(n=found.count())
    return {row["matched_by"]: row["n"] for row in _rows(grouped.order_by(ibis.desc("n"), "matched_by"))}


def _words(dlrs: ir.Table) -> tuple[Word, ...]:
    grouped = dlrs.group_by("raw_status", "status").agg(n=dlrs.count())
    rows = _rows(grouped.order_by(ibis.desc("n"), "raw_status").limit(_N_ROWS))
    return tuple(Word(raw_status=row["raw_status"], status=row["status"], n=row["n"]) for row in rows)


def _offsets(dlrs: ir.Table, outcomes: ir.Table) -> dict[int, int]:
    joined = dlrs.filter(dlrs.submitted_at.notnull()).inner_join(
        outcomes.filter(outcomes.submitted_at.notnull()).select(
            known_id="message_id", attempted_at="submitted_at"
        ),
        [("message_id", "known_id")],
    )
    seconds = joined.submitted_at.epoch_seconds() - joined.attempted_at.epoch_seconds()
    quarters = joined.mutate(minutes=(seconds / 900).round().cast("int64") * 15)
    grouped = quarters.group_by("minutes").agg(n=quarters.count())
    return {
        int(row["minutes"]): row["n"]
        for row in _rows(grouped.order_by(ibis.desc("n"), "minutes").limit(_N_ROWS))
    }


def _strays(dlrs: ir.Table, outcomes: ir.Table) -> tuple[Stray, ...]:
    """DLRs whose last ten digits are others than their message's: a country code may be missing."""
    joined = dlrs.filter(dlrs.msisdn.notnull()).inner_join(
        outcomes.select(known_id="message_id", intended="msisdn"), [("message_id", "known_id")]
    )
    wrong = joined.filter(joined.msisdn.right(10) != joined.intended.right(10))
    grouped = wrong.group_by("intended", "msisdn").agg(n=wrong.count())
    rows = _rows(grouped.order_by(ibis.desc("n"), "intended").limit(5))
    return tuple(Stray(intended=mask(row["intended"]), told=mask(row["msisdn"]), n=row["n"]) for row in rows)


def _mismatches(checks: ir.Table) -> tuple[Mismatch, ...]:
    bad = checks.filter(~checks.ok)
    grouped = bad.group_by("template_id", "reason").agg(
        n=bad.count(), expected=bad.expected.min(), actual=bad.actual.min()
    )
    rows = _rows(grouped.order_by(ibis.desc("n"), "template_id").limit(_N_ROWS))
    names = ("template_id", "reason", "expected", "actual", "n")
    return tuple(Mismatch(**{name: row[name] for name in names}) for row in rows)


def _log(table: ir.Table | None, campaign_id: str | None) -> tuple[Logged, ...] | None:
    """Errors of CleverTap's log by cause and text, None when none was ever imported."""
    if table is None or not table.count().execute():
        return None
    t = table.filter(table.campaign_id == campaign_id) if campaign_id else table
    grouped = t.group_by(t.category, text=t.error).agg(
        n=ibis.coalesce(t.n_errors, 1).sum(), first=t.occurred_at.min()
    )
    rows = _rows(grouped.order_by(ibis.desc("n"), "text").limit(_N_ROWS))
    return tuple(
        Logged(category=row["category"], text=row["text"] or "", n=int(row["n"]), at=row["first"])
        for row in rows
    )


def _rows(table: ir.Table) -> Iterable[dict[str, Any]]:
    return table.to_pyarrow().to_pylist()  # type: ignore[no-any-return]


def _time(value: Any) -> datetime | None:
    return None if pd.isna(value) else value.to_pydatetime()
