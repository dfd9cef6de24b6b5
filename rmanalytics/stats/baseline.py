"""Is today unlike the days before? A rate or a mean against those of four weeks, for many groups at once.

Days differ by more than chance, so what they differ by is estimated from them (quasi-likelihood: phi, floor 1); days
out of line do not count, so that what went wrong last week hides nothing today.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from rmanalytics.stats.comparison import newcombe
from rmanalytics.stats.intervals import Floats
from rmanalytics.stats.significance import p_value

Days = npt.NDArray[np.bool_]

N_DAYS = 28
WEEK = 7
LEAST_DAYS = 5
"""With fewer days before nothing is known about how much days differ."""

LEAST_SAME = 3
"""With so many days of the same weekday only these are compared with, else all."""

_FAR, _CUT = 3.0, 0.93
"""Days further out are not in line; the variance of deviates that are cut there twice, by an estimated scale."""

_RARE = 2.0
_N_ROUNDS = 2
_MEDIAN_SQUARE = 0.4549
"""Median of the square of a standard normal deviate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How today differs from before: `now`, `before`, their difference with its 95 % interval, and a p-value.

    The p-value is one-sided: of a rise this large where there is none. `phi` is by how much days vary beyond chance,
    `n_days` how many were compared with; NaN where there is nothing to compare.
    """

    now: float
    before: float
    low: float
    high: float
    p: float
    phi: float
    n_days: int

    @property
    def difference(self) -> float:
        """Return now minus before."""
        return self.now - self.before


UNKNOWN = Change(
    now=float("nan"), before=float("nan"), low=float("nan"), high=float("nan"), p=1.0, phi=1.0, n_days=0
)


def rise(n: Floats, k: Floats, n_now: float, k_now: float, *, is_day: bool = True) -> Change:
    """Return how much more often k happens of n today than on the 28 days before (in order; n is 0 without any).

    It is compared with days of the same weekday where there are three (`is_day`; a longer time with all). What the
    days differ by beyond chance makes counts worth less (they are divided by phi), and as phi itself is estimated,
    the p-value is that of Student's t. Source: P. McCullagh, J. A. Nelder, "Generalized Linear Models" (1989), 4.5;
    residuals on the arcsine scale (F. J. Anscombe, Biometrika 35, 1948), which rare counts do not skew.

    >>> n, k = np.full(28, 100.0), np.tile([5.0, 6, 4, 5, 6, 5, 4], 4)
    >>> found = rise(n, k, 100, 30)
    >>> found.p < 1e-5, rise(n, k, 100, 6).p > 0.2, round(found.before, 2)
    (True, True, 0.05)
    """
    there = n > 0
    if there.sum() < LEAST_DAYS or not n_now:
        return UNKNOWN

    def off(centre: Floats) -> Floats:
        return 2 * np.sqrt(n + 0.5) * (_angle(k, n) - _angle(np.clip(centre, 0, 1) * n, n))

    kept, phi, df = _in_line(np.divide(k, n, out=np.full(len(n), np.nan), where=there), n, off)
    same = _compared_with(kept, is_day)
    n_base, k_base = float(n[same].sum()), float(k[same].sum())
    before, now = k_base / n_base, k_now / n_now
    own, rest = (round(k_now / phi), round(n_now / phi)), (round(k_base / phi), round(n_base / phi))
    low, high = newcombe(*own, *rest, z=_t(df))
    p = _heavier(p_value(*own, *rest) / 2, df) if now > before else 1.0
    return Change(now=now, before=before, low=low, high=high, p=p, phi=phi, n_days=int(same.sum()))


def higher(
    n: Floats, mean: Floats, variance: float, n_now: float, mean_now: float, *, is_day: bool = True
) -> Change:
    """Return how much larger a mean is today than on the 28 days before; `variance` is that of single values.

    As `rise`, of means; days without any value have n 0.
    """
    there = n > 0
    if there.sum() < LEAST_DAYS or not n_now or variance <= 0:
        return UNKNOWN
    values = np.where(there, mean, np.nan)
    kept, phi, df = _in_line(values, n, lambda centre: (values - centre) * np.sqrt(n / variance))
    same = _compared_with(kept, is_day)
    n_base = float(n[same].sum())
    before = float((values[same] * n[same]).sum() / n_base)
    error = float(np.sqrt(phi * variance * (1 / n_now + 1 / n_base)))
    t = (mean_now - before) / error
    half = _t(df) * error
    low, high = mean_now - before - half, mean_now - before + half
    p = float(stdtr(df, -t))
    return Change(now=mean_now, before=before, low=low, high=high, p=p, phi=phi, n_days=int(same.sum()))


def _angle(k: Floats, n: Floats) -> Floats:
    turned: Floats = np.arcsin(np.sqrt((k + 0.375) / (n + 0.75)))
    return turned


def _in_line(values: Floats, n: Floats, off: Callable[[Floats], Floats]) -> tuple[Days, float, int]:
    """Return which days are in line, by how much these vary beyond chance, and the degrees of freedom.

    `off` gives how far days are, in standard deviations, from what they are expected to be. A day is in line if it
    is near the median of its weekday (weekends are unlike) or of all days (half of a weekday's may be out of line).
    """
    kept = n > 0
    for _ in range(_N_ROUNDS):  # what is far out in one round does not widen the next
        kept = kept & _near(np.where(kept, values, np.nan), np.where(kept, n, 0.0), off)
    centre, n_classes = _means(values, n, kept)
    df = max(1, int(kept.sum()) - n_classes)
    phi = float((off(centre)[kept] ** 2).sum()) / df / _CUT
    return kept, max(1.0, phi), df


def _near(values: Floats, n: Floats, off: Callable[[Floats], Floats]) -> Days:
    """Return which days are near what is usual, by what days usually are off."""
    offs = [np.where(n > 0, np.abs(off(one)), np.nan) for one in _medians(values, n)]
    usual = max(1.0, min(float(np.nanmedian(one**2)) for one in offs) / _MEDIAN_SQUARE)
    near: Days = np.nan_to_num(np.fmin(*offs), nan=np.inf) <= _FAR * np.sqrt(usual)
    return near


def _medians(values: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return of each day the median of its weekday, and that of all days.

    Where what is counted is rare a median says nothing, and the mean is taken.
    """
    mean = float(np.nansum(values * n)) / float(n.sum())
    if np.median(mean * n[n > 0]) < _RARE:
        return (np.full(N_DAYS, mean),) * 2
    weeks, overall = values.reshape(N_DAYS // WEEK, WEEK), float(np.nanmedian(values))
    enough = (~np.isnan(weeks)).sum(axis=0) >= LEAST_SAME
    own = np.full(WEEK, overall)
    if enough.any():
        own[enough] = np.nanmedian(weeks[:, enough], axis=0)
    return np.tile(own, N_DAYS // WEEK), np.full(N_DAYS, overall)


def _means(values: Floats, n: Floats, kept: Days) -> tuple[Floats, int]:
    """Return of each day the mean of its weekday's days in line (of all where there are few), and how many means."""
    weights = np.where(kept, n, 0.0)
    sums = np.nan_to_num(values) * weights
    enough = kept.reshape(-1, WEEK).sum(axis=0) >= LEAST_SAME
    overall = float(sums.sum() / weights.sum())
    of_weekday = sums.reshape(-1, WEEK).sum(axis=0) / np.maximum(weights.reshape(-1, WEEK).sum(axis=0), 1e-9)
    return np.tile(np.where(enough, of_weekday, overall), N_DAYS // WEEK), int(
        enough.sum() + (not enough.all())
    )


def _compared_with(kept: Days, is_day: bool) -> Days:
    """Return the days of today's weekday, which are the first of each week of the 28, if enough of them are kept."""
    same = kept & (np.arange(N_DAYS) % WEEK == 0)
    return same if is_day and same.sum() >= LEAST_SAME else kept


def _heavier(p: float, df: int) -> float:
    """Return a normal p-value as that of Student's t with so many degrees of freedom."""
    return float(stdtr(df, NormalDist().inv_cdf(max(p, 1e-300))))


def _t(df: int) -> float:
    return float(stdtrit(df, 0.975))
