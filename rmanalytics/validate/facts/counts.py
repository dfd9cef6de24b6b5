"""What is counted of the messages that are judged: the engine counts, few rows come back, msisdns masked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics.provider.gateway import CLEVERTAP_RULE
from rmanalytics.sms.msisdn import mask
from rmanalytics.support.resources import sql
from rmanalytics.validate.facts.model import Became, Logged, Mismatch, Offset, Stray, Submitted, Word
from rmanalytics.warehouse.dlr_times import IS_IMPOSSIBLE

_N_ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCounts:
    """What is counted of all the messages together."""

    gateway: str | None
    is_trial: bool
    n_unattempted: int
    tried_at: datetime | None
    told_at: datetime | None
    is_as_clevertap: bool
    n_callbacks: int
    n_unreadable: int
    only_unread_at: str | None
    first_callback_at: datetime | None
    n_times_unread: int
    n_times_impossible: int
    n_checked: int


def summary(connection: Any) -> BatchCounts:
    """Return the counts of what is in memory."""
    query = sql("rmanalytics.validate", "summary").format(is_impossible=IS_IMPOSSIBLE)
    found = connection.sql(query, params={"rule": CLEVERTAP_RULE})
    return BatchCounts(**found.to_arrow_table().to_pylist()[0])


def submitted(outcomes: ir.Table, submissions: ir.Table) -> tuple[Submitted, ...]:
    """One row per best submit response, the most frequent first."""
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
        for row in _rows(_submitted, outcomes, submissions)
    )


def _submitted(o: ir.Table, s: ir.Table) -> ir.Table:
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
    return grouped.order_by(ibis.desc("n"), "result", "code").limit(_N_ROWS)


def became(outcomes: ir.Table) -> tuple[Became, ...]:
    """One row per state, code, header and template, the most frequent first."""
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
        for row in _rows(_became, outcomes)
    )


def _became(outcomes: ir.Table) -> ir.Table:
    t = outcomes.mutate(at=ibis.coalesce(outcomes.final_at, outcomes.submitted_at))
    grouped = t.group_by("state", "error_code", "header", "template_id").agg(
        n=t.count(),
        n_overdue=t.is_overdue.sum().fill_null(0),
        first=t.at.min(),
        msisdn=ibis.coalesce(t.msisdn.argmin(t.at), t.msisdn.min()),
    )
    return grouped.order_by(ibis.desc("n"), "state", "error_code", "header", "template_id")


def matched_by(dlrs: ir.Table) -> dict[str, int]:
    """Return how many DLRs found their message by what, the most frequent first."""
    return {row["matched_by"]: row["n"] for row in _rows(_matched_by, dlrs)}


def _matched_by(dlrs: ir.Table) -> ir.Table:
    found = dlrs.filter(dlrs.matched_by.notnull())
    return found.group_by("matched_by").agg(n=found.count()).order_by(ibis.desc("n"), "matched_by")


def words(dlrs: ir.Table) -> tuple[Word, ...]:
    """One row per word of the gateway, the most frequent first."""
    return tuple(
        Word(raw_status=row["raw_status"], status=row["status"], n=row["n"]) for row in _rows(_words, dlrs)
    )


def _words(dlrs: ir.Table) -> ir.Table:
    dlrs = dlrs.filter(dlrs.told_id.notnull())
    grouped = dlrs.group_by("raw_status", "status").agg(n=dlrs.count())
    return grouped.order_by(ibis.desc("n"), "raw_status").limit(_N_ROWS)


def offsets(dlrs: ir.Table, outcomes: ir.Table) -> dict[int, Offset]:
    """Return DLRs by dtSubmit minus our submission, in minutes, rounded to quarter hours."""
    return {
        int(row["minutes"]): Offset(n=row["n"], median_min=round(row["median_s"] / 60))
        for row in _rows(_offsets, dlrs, outcomes)
    }


def _offsets(dlrs: ir.Table, outcomes: ir.Table) -> ir.Table:
    joined = dlrs.filter(dlrs.submitted_at.notnull()).inner_join(
        outcomes.filter(outcomes.submitted_at.notnull()).select(
            known_id="message_id", attempted_at="submitted_at"
        ),
        [("message_id", "known_id")],
    )
    seconds = joined.submitted_at.epoch_seconds() - joined.attempted_at.epoch_seconds()
    quarters = joined.mutate(seconds=seconds, minutes=(seconds / 900).round().cast("int64") * 15)
    grouped = quarters.group_by("minutes").agg(n=quarters.count(), median_s=quarters.seconds.median())
    return grouped.order_by(ibis.desc("n"), "minutes").limit(_N_ROWS)


def strays(dlrs: ir.Table, outcomes: ir.Table) -> tuple[Stray, ...]:
    """DLRs whose last ten digits are others than their message's: a country code may be missing."""
    return tuple(
        Stray(intended=mask(row["intended"]), told=mask(row["msisdn"]), n=row["n"])
        for row in _rows(_strays, dlrs, outcomes)
    )


def _strays(dlrs: ir.Table, outcomes: ir.Table) -> ir.Table:
    joined = dlrs.filter(dlrs.msisdn.notnull()).inner_join(
        outcomes.select(known_id="message_id", intended="msisdn"), [("message_id", "known_id")]
    )
    wrong = joined.filter(joined.msisdn.right(10) != joined.intended.right(10))
    grouped = wrong.group_by("intended", "msisdn").agg(n=wrong.count())
    return grouped.order_by(ibis.desc("n"), "intended").limit(5)


def mismatches(checks: ir.Table) -> tuple[Mismatch, ...]:
    """One row per template and reason, the most frequent first."""
    names = ("template_id", "reason", "expected", "actual", "n")
    return tuple(Mismatch(**{name: row[name] for name in names}) for row in _rows(_mismatches, checks))


def _mismatches(checks: ir.Table) -> ir.Table:
    bad = checks.filter(~checks.ok)
    grouped = bad.group_by("template_id", "reason").agg(
        n=bad.count(), expected=bad.expected.argmin(bad.message_id), actual=bad.actual.argmin(bad.message_id)
    )
    return grouped.order_by(ibis.desc("n"), "template_id").limit(_N_ROWS)


def log(table: ir.Table | None, campaign_id: str | None) -> tuple[Logged, ...] | None:
    """Errors of CleverTap's log by cause and text, those that are ours in time; None when none was ever imported."""
    if table is None or not table.count().execute():
        return None
    t = table.filter(table.campaign_id == campaign_id) if campaign_id else table
    t = t.filter(t.is_since) if "is_since" in t.columns else t
    grouped = t.group_by(t.category, text=t.error).agg(
        n=ibis.coalesce(t.n_errors, 1).sum(), first=t.occurred_at.min()
    )
    rows = grouped.order_by(ibis.desc("n"), "text").limit(_N_ROWS).to_pyarrow().to_pylist()
    return tuple(
        Logged(category=row["category"], text=row["text"] or "", n=int(row["n"]), at=row["first"])
        for row in rows
    )


def _rows(build: Callable[..., ir.Table], *tables: ir.Table) -> list[dict[str, Any]]:
    """Return the rows of what is built on tables in memory."""
    named = [(table.get_name(), table.schema()) for table in tables]
    connection: Any = tables[0].get_backend().con
    rows: list[dict[str, Any]] = connection.sql(_query(build, *named)).to_arrow_table().to_pylist()
    return rows


@cache
def _query(build: Callable[..., ir.Table], *named: tuple[str, ibis.Schema]) -> str:
    """Return it as SQL, once: ibis takes longer to write it down than the engine to run it."""
    return str(
        ibis.to_sql(build(*(ibis.table(schema, name=name) for name, schema in named)), dialect="duckdb")
    )


def moment(value: Any) -> datetime | None:
    """Return a time of the engine as Python's, None for none."""
    return None if pd.isna(value) else value.to_pydatetime()
