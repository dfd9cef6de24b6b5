"""Has a rate changed over time, or does it only wobble? Hours and days against control limits."""

from __future__ import annotations

from enum import StrEnum

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from rmanalytics.metrics.clock import local_seconds
from rmanalytics.metrics.dimensions import ZONE
from rmanalytics.metrics.intervals import Floats, wilson
from rmanalytics.metrics.survival import delivery_curve
from rmanalytics.models import State
from rmanalytics.outcomes import ACCEPTED

HOUR_S, DAY_S = 3600, 86_400
N_MIN = 30
N_RARE = 5
"""A step is judged when at least so many messages of the rarer kind are expected in it."""

SIGMAS = 3.0
WEIGHT = 0.2
EWMA_SIGMAS = 2.86
"""With weight 0.2, one false alarm in about 370 steps, as three sigmas of the p-chart (Lucas, Saccucci 1990)."""

SETTLED_SHARE = 0.99
_OPEN = (State.QUEUED, State.UNKNOWN, State.NO_DLR)


class Verdict(StrEnum):
    """What a step of time comes to."""

    STEADY = "within limits"
    BELOW = "below limits"
    ABOVE = "above limits"
    DRIFT = "drifting"
    FEW = "too few to judge"
    YOUNG = "too young to judge"


STANDS_OUT = (Verdict.BELOW, Verdict.ABOVE, Verdict.DRIFT)


def maturity_s(outcomes: ir.Table, horizon_s: float) -> float:
    """Return the age in seconds at which a message's word should have come, at most the horizon.

    By then 99 of 100 deliveries that will be reported at all, by Aalen-Johansen as far as anyone has watched, are.
    """
    curve = delivery_curve(outcomes)
    if not len(curve.share) or curve.share[-1] == 0:
        return horizon_s
    return min(horizon_s, curve.quantile(SETTLED_SHARE * float(curve.share[-1]))[0])


def steps(
    outcomes: ir.Table, state: State | str, young_s: float, zone: str = ZONE, step_s: int = HOUR_S
) -> ir.Table:
    """Return the expression behind `changes`: second (local, of the step's beginning), n, k, n_young."""
    t = outcomes.filter(outcomes.state.isin([one.value for one in ACCEPTED]))
    second = (local_seconds(t.planned_at, zone) // step_s * step_s).cast("int64")
    is_young = t.state.isin([one.value for one in _OPEN]) & (t.age_s < young_s)
    kinds = [one.value for one in _OPEN] if state in _OPEN else [State(state).value]
    return t.group_by(second=second).agg(
        n=t.count(), k=t.count(where=t.state.isin(kinds)), n_young=t.count(where=is_young)
    )


def changes(
    outcomes: ir.Table,
    horizon_s: float,
    state: State | str = State.DELIVERED,
    zone: str = ZONE,
    step_s: int = HOUR_S,
) -> pd.DataFrame:
    """Return the rate of each hour or day in which messages were planned, with its control limits.

    Columns: started_at (wall clock of `zone`, without offset), step_s, n (accepted), k (of that state; for one
    that is not final: of all in flight), rate, low, high (95 %, Wilson), centre, lower, upper (limits of the
    p-chart), ewma (in sigmas), verdict.

    Limits widen where n is small: centre ± 3 sigma, sigma = sigma_z sqrt(centre (1 - centre) / n), where sigma_z
    is the spread of the standardised rates from step to step, at least 1, so that very large steps are not all
    called special (Laney's p'-chart, Quality Engineering 14, 2002; where rates wobble by themselves and sizes differ
    a hundredfold, still about 3 in 100 steady steps are). A step is drifting when the weighted mean of
    the standardised rates up to it leaves its limits. Steps are young, and neither judged nor part of the centre,
    while more than 1 % of their messages may still get a word.
    """
    young_s = maturity_s(outcomes, horizon_s)
    rows: pd.DataFrame = steps(outcomes, state, young_s, zone, step_s).execute()
    rows = rows.sort_values("second", ignore_index=True)
    rows.insert(0, "started_at", pd.to_datetime(rows.pop("second"), unit="s"))
    rows.insert(1, "step_s", step_s)
    return judged(rows)


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of n, k and n_young, in order of time, with their limits and verdicts (see `changes`)."""
    n, k = rows["n"].to_numpy(np.float64), rows["k"].to_numpy(np.float64)
    old = rows.pop("n_young").to_numpy(np.float64) <= 0.01 * n
    centre = _centre(k[old], n[old])
    rare = np.minimum(centre, 1 - centre)
    enough = (n >= N_MIN) & (n * rare >= N_RARE)
    sigma = np.sqrt(centre * (1 - centre) / n)
    z = np.divide(k / n - centre, sigma, out=np.zeros_like(n), where=sigma > 0)
    spread = _spread(z[old & enough])
    low, high = wilson(k, n)
    ewma, alarm = _ewma(np.where(old & enough, z / spread, np.nan))
    limits = SIGMAS * spread * sigma
    told = rows.assign(rate=k / n, low=low, high=high, centre=centre)
    told = told.assign(lower=np.clip(centre - limits, 0, 1), upper=np.clip(centre + limits, 0, 1), ewma=ewma)
    return told.assign(
        verdict=[
            _verdict(*one)
            for one in zip(
                old, enough, told["rate"] - told["lower"], told["upper"] - told["rate"], alarm, strict=True
            )
        ]
    )


def _centre(k: Floats, n: Floats) -> float:
    """Return the mean rate without the steps that lie outside the limits around the mean of all (phase I)."""
    if not n.sum():
        return float("nan")
    mean = float(k.sum() / n.sum())
    z = (k / n - mean) / np.maximum(np.sqrt(mean * (1 - mean) / n), 1e-12)
    kept = np.abs(z) <= SIGMAS * _spread(z)
    return float(k[kept].sum() / n[kept].sum()) if n[kept].sum() else mean


def _verdict(is_old: bool, is_enough: bool, over_s: float, under_s: float, alarm: bool) -> Verdict:
    if not is_old:
        return Verdict.YOUNG
    if not is_enough:
        return Verdict.FEW
    if over_s < 0:
        return Verdict.BELOW
    if under_s < 0:
        return Verdict.ABOVE
    return Verdict.DRIFT if alarm else Verdict.STEADY


def _spread(z: Floats) -> float:
    """Return the standard deviation of standardised rates from step to step, by the median of their
    moving ranges, which one outlier does not move; at least 1.
    """
    return max(1.0, float(np.median(np.abs(np.diff(z)))) / 0.954) if len(z) > 1 else 1.0


def _ewma(z: Floats) -> tuple[Floats, list[bool]]:
    """Return the weighted means and whether each is outside its limits; a step without a rate passes it on.

    What is far out counts as 3 sigmas: one bad hour is said once, and does not make the hours after it drift.
    """
    means, alarms, mean, n_seen = [], [], 0.0, 0
    for one in z:
        if one == one:
            n_seen += 1
            mean = WEIGHT * min(max(float(one), -SIGMAS), SIGMAS) + (1 - WEIGHT) * mean
        limit = EWMA_SIGMAS * (WEIGHT / (2 - WEIGHT) * (1 - (1 - WEIGHT) ** (2 * n_seen))) ** 0.5
        means.append(mean)
        alarms.append(one == one and abs(mean) > limit)
    return np.array(means, dtype=np.float64), alarms
