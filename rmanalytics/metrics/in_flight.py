"""What is still in flight: how much, how old, how fast it leaves, and what probably never will."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.metrics.over_time import STEPS_S
from rmanalytics.metrics.survival import delivery_curve
from rmanalytics.models import ACCEPTED, FINAL, OPEN
from rmanalytics.stats.intervals import poisson

AGES = (
    ("under a minute", 60.0),
    ("1 to 5 minutes", 300.0),
    ("5 minutes to an hour", 3600.0),
    ("1 to 6 hours", 6 * 3600.0),
    ("6 to 24 hours", 86_400.0),
    ("1 to 3 days", 3 * 86_400.0),
    ("over 3 days", float("inf")),
)
"""How old messages in flight are, in seconds; each upper end is not in its own class."""

WINDOWS_S = (300, 3600, 86_400)
"""Over which times the drain rate is measured, in seconds."""


def is_waiting(outcomes: ir.Table, horizon_s: float) -> ir.BooleanColumn:
    """Return which messages are in flight and younger than the horizon: not yet overdue."""
    return outcomes.state.isin(OPEN) & (outcomes.age_s < horizon_s)


def standing(outcomes: ir.Table, horizon_s: float) -> pd.DataFrame:
    """Return what has no final word, one row per state: state, n_messages, n_overdue (at least as old as the
    horizon), oldest_s, median_s (ages in seconds, NaN without any).
    """
    t = outcomes.filter(outcomes.state.isin(OPEN))
    counted = t.group_by("state").agg(
        n_messages=t.count(),
        n_overdue=t.count(where=t.age_s >= horizon_s),
        oldest_s=t.age_s.max(),
        median_s=t.age_s.median(),
    )
    rows = counted.execute().set_index("state").reindex([state.value for state in OPEN])
    counts = rows[["n_messages", "n_overdue"]].fillna(0).astype("int64")
    told: pd.DataFrame = rows.assign(**{name: counts[name] for name in counts}).astype(_SECONDS).reset_index()
    return told


_SECONDS = {"oldest_s": "float64", "median_s": "float64"}


def ages(outcomes: ir.Table) -> pd.DataFrame:
    """Return how old the messages in flight are, and what may still become of them.

    Columns: age (the names of `AGES`, all of them), n_queued, n_unknown, n_no_dlr, n_messages, mean_age_s,
    still_delivered (probability that one of that age is still reported delivered, by Aalen-Johansen for as long as
    messages were watched; NaN where none was watched longer), n_still_delivered (expected).
    """
    t = outcomes.filter(outcomes.state.isin(OPEN))
    classed = t.mutate(place=_class(t.age_s))
    counted = classed.group_by("place").agg(
        **{f"n_{state}": classed.count(where=classed.state == state.value) for state in OPEN},
        n_messages=classed.count(),
        mean_age_s=classed.age_s.mean(),
    )
    rows = counted.execute().set_index("place").reindex(range(len(AGES)))
    counts = [name for name in rows.columns if name.startswith("n_")]
    rows[counts] = rows[counts].fillna(0).astype("int64")
    curve = delivery_curve(outcomes)
    chance = [curve.still(age) for age in rows["mean_age_s"].astype("float64")]
    rows = rows.assign(age=[name for name, _ in AGES], still_delivered=chance)
    rows["n_still_delivered"] = rows["n_messages"] * rows["still_delivered"].astype("float64")
    told: pd.DataFrame = rows.reset_index(drop=True)
    return told[["age", *counts, "mean_age_s", "still_delivered", "n_still_delivered"]]


def drain(outcomes: ir.Table, horizon_s: float) -> pd.DataFrame:
    """Return how fast messages came and left lately, and when those in flight would be gone at that pace.

    Columns: window_s, n_arrived, n_left (their end is dated in the window), left_per_min, low, high (95 %,
    Poisson), n_waiting (in flight and younger than the horizon: the others are not expected to leave),
    empty_s, empty_low_s, empty_high_s: n_waiting over what left beyond what came, infinite where no more
    leaves than comes; most of what leaves a busy gateway has only just come.
    """
    t = outcomes.filter(outcomes.state.isin(ACCEPTED))
    left_s = t.age_s - t.latency_s
    measures = {"n_waiting": t.count(where=is_waiting(t, horizon_s))}
    for window in WINDOWS_S:
        measures[f"n_arrived_{window}"] = t.count(where=t.age_s < window)
        measures[f"n_left_{window}"] = t.count(where=(left_s >= 0) & (left_s < window))
    row = t.aggregate(**measures).execute().iloc[0].astype("int64")
    rows = pd.DataFrame(
        {
            "window_s": list(WINDOWS_S),
            "n_arrived": [row[f"n_arrived_{window}"] for window in WINDOWS_S],
            "n_left": [row[f"n_left_{window}"] for window in WINDOWS_S],
        }
    )
    low, high = poisson(rows["n_left"])
    minutes = rows["window_s"] / 60
    rows = rows.assign(left_per_min=rows["n_left"] / minutes, low=low / minutes, high=high / minutes)
    came = rows["n_arrived"] / minutes
    return rows.assign(
        n_waiting=int(row["n_waiting"]),
        empty_s=_gone(row["n_waiting"], rows["left_per_min"] - came),
        empty_low_s=_gone(row["n_waiting"], rows["high"] - came),
        empty_high_s=_gone(row["n_waiting"], rows["low"] - came),
    )


def over_time(outcomes: ir.Table, zone: str = ZONE, n_max: int = 96) -> pd.DataFrame:
    """Return how many messages were in flight at the end of each step of time.

    Columns: started_at (wall clock of `zone`, without offset), step_s, n_arrived, n_left, n_in_flight (all that
    had arrived and not left by then, those that never leave included). Steps without any change are in it.
    """
    t = outcomes.filter(outcomes.state.isin(ACCEPTED))
    t = t.mutate(came=local_seconds(t.planned_at, zone)).mutate(latency_s=t.latency_s.clip(lower=0))
    step_s = _step(t, n_max)
    came, left = (moment // step_s * step_s for moment in (t.came, t.came + t.latency_s.ceil()))
    is_final = t.state.isin(FINAL) & t.latency_s.notnull()
    arrived = t.group_by(second=came.cast("int64")).agg(n_arrived=t.count()).execute()
    gone = t.filter(is_final).group_by(second=left.cast("int64")).agg(n_left=is_final.count()).execute()
    rows = arrived.merge(gone, on="second", how="outer").set_index("second").sort_index()
    whole = range(int(rows.index.min()), int(rows.index.max()) + 1, step_s) if len(rows) else []
    rows = rows.reindex(whole).fillna(0).astype("int64")
    in_flight = (rows["n_arrived"] - rows["n_left"]).cumsum()
    started_at = pd.to_datetime(pd.Series(list(whole), dtype="int64"), unit="s")
    told: pd.DataFrame = rows.assign(n_in_flight=in_flight).reset_index(drop=True)
    told.insert(0, "started_at", started_at)
    told.insert(1, "step_s", step_s)
    return told


def _class(age_s: ir.FloatingColumn) -> ir.IntegerColumn:
    *most, _ = AGES
    return ibis.cases(*((age_s < limit, place) for place, (_, limit) in enumerate(most)), else_=len(most))


def _gone(n: int, per_min: pd.Series) -> pd.Series:
    """Return after how many seconds `n` are gone; 0 where there are none, infinite where none leaves."""
    times: pd.Series = n / per_min.where(per_min > 0) * 60
    return times.fillna(float("inf")) if n else times.fillna(0.0) * 0


def _step(t: ir.Table, n_max: int) -> int:
    ends = (
        t.aggregate(first=t.came.min(), last=t.came.max(), slow=t.latency_s.quantile(0.99)).execute().iloc[0]
    )
    if pd.isna(ends["first"]):
        return STEPS_S[0]
    seconds = (
        float(ends["last"]) - float(ends["first"]) + (0 if pd.isna(ends["slow"]) else float(ends["slow"]))
    )
    return next((step for step in STEPS_S if seconds / step < n_max), STEPS_S[-1])
