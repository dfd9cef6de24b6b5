"""States over time: counted in the engine by small steps, put together to local hours and days afterwards."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.local_time import epoch_seconds

STEPS_S = (1, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 86_400, 7 * 86_400)
"""Widths that people read without counting: a second to a week."""

_LOCAL_S = 900
"""Every time zone's offset is a multiple of this, so wider steps are put together on the wall clock."""


def states_over_time(
    outcomes: ir.Table, zone: str = "Asia/Kolkata", n_max: int = 48, states: str = "state"
) -> pd.DataFrame:
    """Return how many messages of each state were planned in each step of time.

    Columns: started_at (wall clock of `zone`, without offset), step_s (width in seconds, the same in every
    row: the smallest of `STEPS_S` that needs at most about `n_max` steps), state, n_messages. Empty steps
    give no row.
    """
    step_s = _step(outcomes, n_max)
    engine_s = min(step_s, _LOCAL_S)
    second = (epoch_seconds(outcomes.planned_at) // engine_s * engine_s).cast("int64")
    counts = (
        outcomes.group_by(second=second, state=outcomes[states]).agg(n_messages=outcomes.count()).execute()
    )
    local = (
        pd.to_datetime(counts["second"], unit="s", utc=True)
        .dt.tz_convert(ZoneInfo(zone))
        .dt.tz_localize(None)
    )
    counts = counts.assign(started_at=_floor(local, step_s), step_s=step_s)
    by = ["started_at", "step_s", "state"]
    totals: pd.DataFrame = counts.groupby(by, as_index=False)["n_messages"].sum()
    return totals.sort_values(by, ignore_index=True)


def _step(outcomes: ir.Table, n_max: int) -> int:
    planned = epoch_seconds(outcomes.planned_at)
    span = outcomes.aggregate(first=planned.min(), last=planned.max()).execute().iloc[0]
    seconds = 0 if pd.isna(span["first"]) else int(span["last"]) - int(span["first"])
    return next((step for step in STEPS_S if seconds / step < n_max), STEPS_S[-1])


def _floor(local: pd.Series, step_s: int) -> pd.Series:
    """Return the beginning of each time's step; weeks begin on Monday."""
    monday = pd.Timestamp("2024-01-01")
    return monday + (local - monday) // pd.Timedelta(seconds=step_s) * pd.Timedelta(seconds=step_s)
