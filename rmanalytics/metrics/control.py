"""Has a rate changed over time, or is it only noise? Hours and days against control limits."""

from __future__ import annotations

from enum import StrEnum

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from rmanalytics.metrics import young
from rmanalytics.metrics.grouping import ZONE
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.models import ACCEPTED, OPEN, State
from rmanalytics.stats.dispersion import Wobble, wobble
from rmanalytics.stats.intervals import Floats, wilson
from rmanalytics.stats.limits import Limits, Places, drifting, limits

HOUR_S, DAY_S = 3600, 86_400
N_MIN = 30
N_STEPS_WOBBLE = 7
"""From so many days on what days wobble beside their hours is estimated; fewer tell too little of it."""

ALPHA, ALPHA_DRIFT = 0.015, 0.005
"""How often any of all steps of a steady chart lies outside its limits, and drifts: a page has at most two charts."""

YOUNG_SHARE = 0.05
"""A step with a larger share of young messages says nothing of what the others should be."""


class StepVerdict(StrEnum):
    """The verdict on a step of time."""

    STEADY = "within limits"
    BELOW = "below limits"
    ABOVE = "above limits"
    DRIFT = "drifting"
    FEW = "too few to judge"
    YOUNG = "too recent to judge"


STANDS_OUT = (StepVerdict.BELOW, StepVerdict.ABOVE, StepVerdict.DRIFT)


def steps(
    outcomes: ir.Table, state: State | str, age_s: float, zone: str = ZONE, step_s: int = HOUR_S
) -> ir.Table:
    """Return the expression behind `changes`: second (local, of the step's beginning), hour (of the step), n, k,
    n_young (younger than `age_s` and not final)."""
    t = outcomes.filter(outcomes.state.isin(ACCEPTED))
    local = local_seconds(t.planned_at, zone)
    second, hour = ((local // length * length).cast("int64") for length in (step_s, HOUR_S))
    kinds = OPEN if state in OPEN else (State(state),)
    return t.group_by(second=second, hour=hour).agg(
        n=t.count(), k=t.count(where=t.state.isin(kinds)), n_young=t.count(where=young.is_young(t, age_s))
    )


def changes(
    outcomes: ir.Table,
    horizon_s: float,
    state: State | str = State.DELIVERED,
    zone: str = ZONE,
    step_s: int = HOUR_S,
    young_s: float | None = None,
) -> pd.DataFrame:
    """Return the rate of each hour or day in which messages were planned, with its control limits.

    Columns: started_at (wall clock of `zone`, without offset), step_s, n (accepted), k (of that state; for one
    that is not final: of all in flight), rate, low, high (95 %, Wilson), centre, lower, upper (limits), ewma
    (weighted mean of the standardised rates up to the step, in sigmas), verdict.

    Limits allow for chance, which falls with n, and for what rates wobble: from hour to hour, and from day to day
    where there are enough days (`stats.dispersion`; D. J. Spiegelhalter, "Handling over-dispersion of performance
    indicators", Quality and Safety in Health Care 14, 2005). They are as wide as it takes for a chart of steady
    steps to have one outside in 1 of 100 cases, however many steps there are (Bonferroni, Student).
    A step is drifting when ewma leaves its limits; what is outside its own limits is said by itself and does
    not enter ewma. Young messages (`metrics.young`; `young_s` is the age where it is known already) are counted
    both ways: a step stands out when no word to come could change that.
    """
    age_s = young.young_s(outcomes, horizon_s, state) if young_s is None else young_s
    return judged(steps(outcomes, state, age_s, zone, step_s).execute(), step_s, is_open=state in OPEN)


def judged(cells: pd.DataFrame, step_s: int = HOUR_S, *, is_open: bool = False) -> pd.DataFrame:
    """Return the steps with their limits and verdicts (see `changes`), from second, hour, n, k and n_young of each
    hour; `is_open`: k are in flight, the young ones among them.
    """
    rows = cells.groupby("second", as_index=False)[["n", "k", "n_young"]].sum()
    n, k, n_young = (rows[name].to_numpy(np.float64) for name in ("n", "k", "n_young"))
    old = n_young <= YOUNG_SHARE * n
    mean = float(k[old].sum() / n[old].sum()) if n[old].sum() else float("nan")
    enough = (n >= N_MIN) & (0 < mean < 1)
    found = _limits(cells, k, n, old & enough, step_s)
    least = k - n_young if is_open else k
    verdict, ewma = _verdicts(found, least, least + n_young, old, enough)
    low, high = wilson(k, n)
    lower, upper = found.ends()
    rates = {"rate": k / n, "low": low, "high": high, "centre": found.centre, "lower": lower, "upper": upper}
    told = {
        "started_at": pd.to_datetime(rows["second"], unit="s"),
        "step_s": step_s,
        "n": rows["n"],
        "k": rows["k"],
    }
    return pd.DataFrame(told | rates | {"ewma": ewma, "verdict": verdict})


def _limits(cells: pd.DataFrame, k: Floats, n: Floats, used: Places, step_s: int) -> Limits:
    """Return the limits of hours, which wobble, or of days, which do besides their hours where there are enough."""
    if step_s <= HOUR_S:
        return limits(k, n, n, used, wobble(k[used], n[used]), ALPHA)
    place = cells.groupby("second").ngroup().to_numpy(np.int64)
    sizes = cells["n"].to_numpy(np.float64)
    kept = used[place]
    within = wobble(
        cells["k"].to_numpy(np.float64)[kept], sizes[kept], np.unique(place[kept], return_inverse=True)[1]
    )
    worth = n / within.effect(n, np.bincount(place, sizes**2).astype(np.float64))
    between = Wobble(rho=0.0, dof=within.dof)
    if used.sum() >= N_STEPS_WOBBLE:
        between = wobble((k / n * worth)[used], worth[used], usual=0.0)
    return limits(k, n, worth, used, between, ALPHA)


def _verdicts(
    found: Limits, least: Floats, most: Floats, old: Places, enough: Places
) -> tuple[list[StepVerdict], Floats]:
    """Return the verdict on each step, of which k lies between least and most, and the moving average."""
    low, high = found.standardised(least), found.standardised(most)
    below, above = enough & (high < -found.limit), enough & (low > found.limit)
    perhaps = ~old | ((most > least) & ((low < -found.limit) | (high > found.limit)))
    steady = enough & ~below & ~above & ~perhaps
    ewma, is_drift = drifting(np.where(steady, found.scores((low + high) / 2), np.nan), ALPHA_DRIFT)
    verdict = np.select(
        [below, above, perhaps, ~enough, is_drift],
        [StepVerdict.BELOW, StepVerdict.ABOVE, StepVerdict.YOUNG, StepVerdict.FEW, StepVerdict.DRIFT],
        StepVerdict.STEADY,
    )
    return [StepVerdict(one) for one in verdict], ewma
