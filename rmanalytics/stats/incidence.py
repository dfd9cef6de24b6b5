"""The Aalen-Johansen estimator: what share has come to an end of either kind by a time, others still waiting."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from rmanalytics.stats.intervals import Floats, wilson

Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Cumulative incidence of one kind of end at each time, with its pointwise 95 % band and standard error."""

    time_s: Floats
    at_risk: Floats
    share: Floats
    low: Floats
    high: Floats
    error: Floats
    waiting: Floats
    is_complete: bool
    """Whether nothing was last seen waiting: then the share no longer changes."""

    @property
    def reached(self) -> bool:
        """Whether any message came to this end."""
        return len(self.share) > 0 and bool(self.share[-1] > 0)

    def at(self, moment_s: float) -> tuple[float, float, float]:
        """Return share, low and high at a time; NaN where no message was observed that long.

        Where every message has come to an end, the share no longer changes.
        """
        place = int(np.searchsorted(self.time_s, moment_s, side="right")) - 1
        is_watched = len(self.time_s) > 0 and (moment_s <= self.time_s[-1] or self.is_complete)
        if not is_watched:
            return float("nan"), float("nan"), float("nan")
        if place < 0:
            return 0.0, 0.0, float(wilson([0], [self.at_risk[0]])[1][0])
        return float(self.share[place]), float(self.low[place]), float(self.high[place])

    def quantile(self, share: float) -> tuple[float, float, float]:
        """Return the first time at which the share (of all, not only of those that ended) is reached, and its
        interval, which is where the band reaches it; NaN for an end that is never reached.
        """
        first, low, high = (_reached(self.time_s, line, share) for line in (self.share, self.high, self.low))
        return first, low, high

    def still(self, age_s: float) -> float:
        """Return the probability that what still waits at that age comes to this end while being watched.

        NaN where no message was observed that long.
        """
        place = int(np.searchsorted(self.time_s, age_s, side="right")) - 1
        if not len(self.time_s) or age_s >= self.time_s[-1]:
            return float("nan")
        waiting, share = (1.0, 0.0) if place < 0 else (self.waiting[place], self.share[place])
        return float((self.share[-1] - share) / waiting) if waiting > 1e-12 else float("nan")


def incidence(
    time_s: npt.ArrayLike, n_own: npt.ArrayLike, n_other: npt.ArrayLike, n_censored: npt.ArrayLike
) -> Curve:
    """Return the cumulative incidence of one end, where another competes and some are still waiting.

    `time_s` ascends; at each time so many came to this end, to the other, or were last seen waiting (they are
    at risk at that very time). Source: O. Aalen, S. Johansen, Scand. J. Statist. 5 (1978); variance by the delta
    method as in E. Marubini, M. G. Valsecchi, "Analysing Survival Data from Clinical Trials and Observational
    Studies" (1995), formula 10.12; interval on the log(-log) scale. Where the share is 0 or 1 it has no
    variance: there the interval is Wilson's for those at risk.

    >>> curve = incidence([1, 2, 3], [1, 0, 1], [0, 1, 0], [0, 1, 0])
    >>> curve.share.round(3).tolist(), curve.quantile(0.5)[0]
    ([0.25, 0.25, 0.75], 3.0)
    """
    times, own, other, censored = (
        np.asarray(column, dtype=np.float64) for column in (time_s, n_own, n_other, n_censored)
    )
    ended = own + other
    at_risk = np.cumsum((ended + censored)[::-1])[::-1]
    waiting = np.asarray(np.cumprod(1 - ended / np.maximum(at_risk, 1)), dtype=np.float64)
    before = np.concatenate([[1.0], waiting[:-1]])[: len(times)]
    share = np.cumsum(before * own / np.maximum(at_risk, 1))
    error = np.sqrt(_variance(share, before, own, ended, at_risk))
    low, high = _band(share, error, at_risk)
    return Curve(
        time_s=times,
        at_risk=at_risk,
        share=share,
        low=low,
        high=high,
        error=error,
        waiting=waiting,
        is_complete=not censored.any(),
    )


def _variance(share: Floats, before: Floats, own: Floats, ended: Floats, n: Floats) -> Floats:
    """Return the variance at each time: sums over all earlier times, taken apart so that one pass does."""
    n = np.maximum(n, 1)
    left = n - ended
    a = np.where(left > 0, ended / (n * np.maximum(left, 1)), 0.0)
    b = before * own / n**2
    first = share**2 * np.cumsum(a) - 2 * share * np.cumsum(share * a) + np.cumsum(share**2 * a)
    second = np.cumsum(before**2 * own * (n - own) / n**3)
    third = share * np.cumsum(b) - np.cumsum(share * b)
    variance: Floats = np.maximum(first + second - 2 * third, 0.0)
    return variance


def _band(share: Floats, error: Floats, at_risk: Floats) -> tuple[Floats, Floats]:
    inside = (share > 1e-12) & (share < 1 - 1e-12) & (error > 0)
    safe = np.where(inside, share, 0.5)
    width = Z * np.where(inside, error, 0.0) / (safe * -np.log(safe))
    n = at_risk if len(at_risk) == 0 else np.where(share > 0.5, at_risk[0], at_risk)
    flat_low, flat_high = wilson(np.round(np.clip(share, 0, 1)) * n, n)
    low = np.where(inside, safe ** np.exp(width), flat_low)
    high = np.where(inside, safe ** np.exp(-width), flat_high)
    return np.clip(low, 0, share), np.clip(high, share, 1)


def _reached(time_s: Floats, line: Floats, share: float) -> float:
    hit = np.flatnonzero(line >= share - 1e-12)
    return float(time_s[hit[0]]) if len(hit) else float("nan")
