"""Has a rate changed over time, or is it only noise? Hours and days against control limits."""

from __future__ import annotations

from enum import StrEnum
from statistics import NormalDist

import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt
import pandas as pd

from rmanalytics.metrics.grouping import ZONE
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.metrics.survival import delivery_curve
from rmanalytics.models import ACCEPTED, OPEN, State
from rmanalytics.stats.incidence import Curve
from rmanalytics.stats.intervals import Floats, wilson

HOUR_S, DAY_S = 3600, 86_400
N_MIN = 30
N_RARE = 5
"""A step is judged when at least so many messages of the rarer kind are expected in it."""

SIGMAS = 3.0
WEIGHT = 0.2
EWMA_SIGMAS = 2.86
"""With weight 0.2, one false alarm in about 370 steps, as three sigmas of a single step (Lucas, Saccucci 1990)."""

HUBER = 1.5
"""Standardised rates further out than this count as if they were here, so that a bad step moves no limit."""

_NORMAL = NormalDist()
_HUBER_MEAN = 1 - 2 * (_NORMAL.cdf(-HUBER) * (1 - HUBER**2) + HUBER * _NORMAL.pdf(HUBER))
"""Mean of the smaller of Z² and 1.5², of a standard normal Z."""

_N_ROUNDS, _N_HALVES = 10, 30

SETTLED_SHARE = 0.99


class StepVerdict(StrEnum):
    """The verdict on a step of time."""

    STEADY = "within limits"
    BELOW = "below limits"
    ABOVE = "above limits"
    DRIFT = "drifting"
    FEW = "too few to judge"
    YOUNG = "too recent to judge"


STANDS_OUT = (StepVerdict.BELOW, StepVerdict.ABOVE, StepVerdict.DRIFT)


def maturity_s(outcomes: ir.Table, horizon_s: float) -> float:
    """Return the age in seconds at which a message should be final, at most the horizon.

    By then 99 of 100 of the deliveries ever reported have been, by Aalen-Johansen over the observed time.
    """
    return settled_s(delivery_curve(outcomes), horizon_s)


def settled_s(curve: Curve, horizon_s: float) -> float:
    """Return what `maturity_s` does, from the cumulative incidence of delivered."""
    if not len(curve.share) or curve.share[-1] == 0:
        return horizon_s
    return min(horizon_s, curve.quantile(SETTLED_SHARE * float(curve.share[-1]))[0])


def steps(
    outcomes: ir.Table, state: State | str, young_s: float, zone: str = ZONE, step_s: int = HOUR_S
) -> ir.Table:
    """Return the expression behind `changes`: second (local, of the step's beginning), n, k, n_young."""
    t = outcomes.filter(outcomes.state.isin(ACCEPTED))
    second = (local_seconds(t.planned_at, zone) // step_s * step_s).cast("int64")
    is_young = t.state.isin([one.value for one in OPEN]) & (t.age_s < young_s)
    kinds = OPEN if state in OPEN else (State(state),)
    return t.group_by(second=second).agg(
        n=t.count(), k=t.count(where=t.state.isin(kinds)), n_young=t.count(where=is_young)
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

    Limits are centre ± 3 sqrt(centre (1 - centre) / n + tau²): chance within a step, which falls with n, and
    what rates wobble from step to step, which does not (D. J. Spiegelhalter, "Handling over-dispersion of
    performance indicators", Quality and Safety in Health Care 14, 2005). See `common` for centre and tau.
    A step is drifting when ewma leaves its limits; what is outside its own limits is said by itself and does
    not enter ewma. Of steady steps 3 in 1,000 lie outside the limits and 4 in 1,000 drift, by chance; of a dozen
    steps that wobble 6 in 1,000 lie outside, since so few tell little about tau. Steps are young, and neither
    judged nor part of the centre, while more than 1 % of their messages may still get a word; `young_s`
    is that age where it is known already.
    """
    age_s = maturity_s(outcomes, horizon_s) if young_s is None else young_s
    rows: pd.DataFrame = steps(outcomes, state, age_s, zone, step_s).execute()
    rows = rows.sort_values("second", ignore_index=True)
    rows.insert(0, "started_at", pd.to_datetime(rows.pop("second"), unit="s"))
    rows.insert(1, "step_s", step_s)
    return judged(rows)


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of n, k and n_young, in order of time, with their limits and verdicts (see `changes`)."""
    n, k = rows["n"].to_numpy(np.float64), rows["k"].to_numpy(np.float64)
    old = rows.pop("n_young").to_numpy(np.float64) <= 0.01 * n
    mean = _mean(k[old], n[old])
    enough = (n >= N_MIN) & (n * min(mean, 1 - mean) >= N_RARE)
    is_judged = old & enough
    centre, tau = common(k[is_judged], n[is_judged]) if is_judged.sum() > 1 else (mean, 0.0)
    sigma = np.sqrt(centre * (1 - centre) / n + tau**2)
    z = np.divide(k / n - centre, sigma, out=np.zeros_like(n), where=sigma > 0)
    ewma, is_drift = _ewma(np.where(is_judged & (np.abs(z) <= SIGMAS), z, np.nan))
    low, high = wilson(k, n)
    verdict = np.select(
        [~old, ~enough, z < -SIGMAS, z > SIGMAS, is_drift],
        [StepVerdict.YOUNG, StepVerdict.FEW, StepVerdict.BELOW, StepVerdict.ABOVE, StepVerdict.DRIFT],
        StepVerdict.STEADY,
    )
    lower, upper = (np.clip(centre + side * SIGMAS * sigma, 0, 1) for side in (-1, 1))
    told = {"rate": k / n, "low": low, "high": high, "centre": centre, "lower": lower, "upper": upper}
    return rows.assign(**told, ewma=ewma, verdict=[StepVerdict(one) for one in verdict])


def common(k: Floats, n: Floats) -> tuple[float, float]:
    """Return the rate that steps of k of n have in common, and tau, its standard deviation from step to step.

    Both by moments, with weights 1 / (centre (1 - centre) / n + tau²): tau is what makes the squared
    standardised rates as large as they should be, 0 when chance explains them (R. C. Paule, J. Mandel, J. Res.
    Nat. Bureau of Standards 87, 1982). So that one bad step moves neither, both count what is far out as if
    it were 1.5 sigmas out (P. J. Huber's Proposal 2, Annals of Mathematical Statistics 35, 1964).

    >>> centre, tau = common(np.array([90.0] * 8 + [50]), np.array([100.0] * 9))
    >>> round(centre, 2), round(tau, 1)
    (0.89, 0.0)
    """
    rate, centre, tau = k / n, _mean(k, n), 0.0
    for _ in range(_N_ROUNDS):
        chance = centre * (1 - centre) / n
        tau = _tau(rate - centre, chance)
        variance = chance + tau**2
        weight = 1 / (variance * np.maximum(np.abs(rate - centre) / np.sqrt(variance), HUBER))
        centre = float((weight * rate).sum() / weight.sum())
    return centre, tau


def _tau(off: Floats, chance: Floats) -> float:
    """Return the standard deviation beside chance (a variance per step) that explains how far off rates are."""

    def excess(tau: float) -> float:
        squares = np.minimum(off**2 / (chance + tau**2), HUBER**2)
        return float(squares.sum()) - (len(off) - 1) * _HUBER_MEAN

    low, high = 0.0, 1.0
    if excess(low) <= 0:
        return low
    for _ in range(_N_HALVES):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def _mean(k: Floats, n: Floats) -> float:
    return float(k.sum() / n.sum()) if n.sum() else float("nan")


def _ewma(z: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the weighted means and whether each is outside its limits; a step without a rate passes it on."""
    means = pd.Series([0.0, *z]).ewm(alpha=WEIGHT, adjust=False, ignore_na=True).mean().to_numpy()[1:]
    n_seen = np.cumsum(~np.isnan(z))
    variance = WEIGHT / (2 - WEIGHT) * (1 - (1 - WEIGHT) ** (2 * n_seen))
    return means, ~np.isnan(z) & (np.abs(means) > EWMA_SIGMAS * np.sqrt(variance))
