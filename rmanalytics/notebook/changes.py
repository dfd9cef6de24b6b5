"""What changed in the days that a selection is about: which days, which messages are compared, and the search."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir

from rmanalytics import dlt, warehouse
from rmanalytics.metrics import template_checks, young
from rmanalytics.metrics.failures import cause
from rmanalytics.metrics.findings import Days, Findings, findings
from rmanalytics.metrics.findings import cube as cubes
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.notebook import shared
from rmanalytics.notebook.parameters import Parameters

MOST_DAYS = 7
"""So many days are judged together at most, the last ones."""

SETTLED_S = 3600.0
"""Without `since` the last day is judged on which half of the messages are older than this."""

_EPOCH = date(1970, 1, 1)
_NEEDED = (
    "campaign_id", "state", "error_code", "latency_s", "route", "header", "template_id", "n_segments", "planned_at",
    "submit_code", "mcc_mnc", "cost", "charge", "age_s",
)  # fmt: skip
NOTHING = Findings(first=None, last=None, n_before=0, n_messages=0, n_young=0, n_tests=0, is_judged=False)


def looked_for(
    source: warehouse.Warehouse, asked: Parameters, outcomes: ir.Table, reading: dlt.Reading, horizon_s: float
) -> Findings:
    """Return what changed on the days that the selected outcomes are about; see `metrics.findings`.

    Only these days and the 28 before are read. A report that made them for several pages has them in a file.
    """
    if known := shared.found(asked.injected(), shared.FINDINGS):
        return Findings.from_dict(json.loads(known.read_text(encoding="utf-8")))
    days = judged_days(outcomes, asked)
    if days is None:
        return NOTHING
    with source.holding():
        rows = source.held_still(_compared(source, asked, days).select(*_NEEDED))
    cube = cubes.read(rows, days, asked.zone.key, young.young_s(rows, horizon_s))
    rows.get_backend().con.execute(f"DROP TABLE {rows.get_name()}")
    codes = template_checks.template_codes(reading.codes, reading.namespace)
    return findings(cube, lambda state, code: cause(state, code, (), reading), codes)


def write(found: Findings, file: Path) -> None:
    """Write findings into the file that `looked_for` reads."""
    file.write_text(json.dumps(found.as_dict()), encoding="utf-8")


def judged_days(outcomes: ir.Table, asked: Parameters) -> Days | None:
    """Return the local days to judge: the selected ones, of many the last; None without any message.

    Where the selection has no beginning it is the last day that is mostly old enough to be judged.
    """
    day = (local_seconds(outcomes.planned_at, asked.zone.key) // 86_400).cast("int64")
    t = outcomes.filter(outcomes.planned_at.notnull())
    sizes = (
        t.group_by(day=day)
        .agg(n=t.count(), n_old=t.count(where=t.age_s >= SETTLED_S))
        .order_by(ibis.desc("day"))
        .limit(MOST_DAYS)
        .execute()
    )
    if sizes.empty:
        return None
    there = [_EPOCH + timedelta(days=int(one)) for one in sizes["day"]]
    settled = [one for one, n, old in zip(there, sizes["n"], sizes["n_old"], strict=True) if old >= n / 2]
    if asked.since is None:
        last = settled[0] if settled else there[0]
        return Days(first=last, last=last)
    first = asked.since.astimezone(asked.zone).date()
    return Days(first=max(first, there[0] - timedelta(days=MOST_DAYS - 1)), last=there[0])


def _compared(source: warehouse.Warehouse, asked: Parameters, days: Days) -> ir.Table:
    """Return the outcomes of these days, as far as they are selected, and of the 28 before."""
    since, end = (
        datetime.combine(day, time(), asked.zone).astimezone(UTC)
        for day in (days.before, days.last + timedelta(days=1))
    )
    until = min(end, asked.until) if asked.until else end
    campaigns = [asked.campaign_id] if asked.campaign_id else None
    return source.outcomes(asked.as_of, since=since, until=until, campaigns=campaigns)
