"""Control limits: which of many steps of time differ from what they have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc, bdtrik, ndtr, ndtri

from rmanalytics.stats.dispersion import HUBER, Wobble, critical, normal
from rmanalytics.stats.intervals import Floats

Places = npt.NDArray[np.bool_]
WEIGHT = 0.2
"""Weight of each step in the moving average (Lucas, Saccucci 1990)."""

N_NORMAL = 25
"""With fewer of the rarer kind expected the tails are the binomial's own."""

_N_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What steps have in common: their rate, and for each the standard deviation, its freedom and the limit."""

    n: Floats
    centre: float
    sigma: Floats
    dof: Floats
    limit: Floats

    @property
    def more(self) -> Floats:
        """By how much the deviation is larger than chance alone."""
        chance = np.sqrt(self.centre * (1 - self.centre) / self.n)
        return np.divide(self.sigma, chance, out=np.ones_like(chance), where=chance > 0)

    @property
    def is_sparse(self) -> Places:
        """Where so few of the rarer kind are expected that the binomial is not normal in its tails."""
        rare: Places = self.n * min(self.centre, 1 - self.centre) < N_NORMAL
        return rare

    def standardised(self, k: Floats) -> Floats:
        """Return how many standard deviations rates of k are from the centre: as rare as by chance they would be."""
        off = k / self.n - self.centre
        plain = np.divide(off, self.sigma, out=np.zeros_like(off), where=self.sigma > 0)
        n = self.n.astype(np.int64)
        tail = np.where(off < 0, bdtr(k, n, self.centre), bdtrc(k - 1, n, self.centre))
        exact = -np.sign(off) * ndtri(np.clip(tail, 1e-300, 0.5)) / self.more
        return np.where(self.is_sparse, exact, plain)

    def ends(self) -> tuple[Floats, Floats]:
        """Return the lowest and highest rate of each step that is within its limits, 0 to 1."""
        wide = self.limit * self.sigma
        tail = ndtr(-self.limit * self.more)
        low, high = (bdtrik(share, self.n, self.centre) for share in (tail, 1 - tail))
        low = np.where(self.is_sparse, np.ceil(np.nan_to_num(low)) / self.n, self.centre - wide)
        high = np.where(self.is_sparse, np.ceil(high) / self.n, self.centre + wide)
        return np.clip(low, 0, 1), np.clip(high, 0, 1)

    def scores(self, z: Floats) -> Floats:
        """Return what is as rare of the normal distribution."""
        return normal(z, self.dof)


def limits(k: Floats, n: Floats, worth: Floats, used: Places, found: Wobble, alpha: float) -> Limits:
    """Return the limits that a chart of steady steps leaves somewhere with probability alpha (Bonferroni, Student).

    `worth` is what n is worth in independent messages, `used` are the steps that make the centre, `found` what they
    wobble. A step is judged by how far it is from the others, of which little is known where they are few.
    """
    centre, part = common(k[used], n[used], worth[used], found.rho)
    effect = found.effect(worth, worth**2)
    variance = centre * (1 - centre) / worth * effect
    sigma = np.sqrt(variance + _of_centre(variance, used))
    sigma[used] *= 1 - part if used.sum() > 1 else 1
    dof = found.freedom(effect)
    limit = critical(alpha / max(int(used.sum()), 1), dof)
    return Limits(n=n, centre=centre, sigma=sigma, dof=dof, limit=limit)


def _of_centre(variance: Floats, used: Places) -> Floats:
    """Return the variance of the centre that the other steps make, for each step; 0 where there is no other."""
    certain = np.divide(1.0, variance, out=np.zeros_like(variance), where=used & (variance > 0))
    others = certain.sum() - certain
    found: Floats = np.divide(1.0, others, out=np.zeros_like(variance), where=others > 1e-9 * certain.sum())
    return found


def common(k: Floats, n: Floats, worth: Floats, rho: float) -> tuple[float, Floats]:
    """Return the rate that steps have in common, and each one's part in it; a step far out weighs less.

    >>> n = np.array([100.0] * 9)
    >>> round(common(np.array([90.0] * 8 + [50]), n, n, 0.0)[0], 2)
    0.9
    """
    rate, centre = k / n, float(np.median(k / n)) if len(n) else float("nan")
    part = np.ones_like(n)
    for _ in range(_N_ROUNDS):
        safe = min(max(centre, 0.5 / n.sum()), 1 - 0.5 / n.sum()) if len(n) else centre
        variance = safe * (1 - safe) * (1 / worth + rho)
        weight = 1 / (variance * np.maximum(np.abs(rate - centre) / np.sqrt(variance), HUBER))
        part = weight / weight.sum()
        centre = float((part * rate).sum()) if len(n) else centre
    return centre, part


def drifting(scores: Floats, alpha: float) -> tuple[Floats, Places]:
    """Return the moving averages of normal scores, and which leave their limits; NaN passes the average on."""
    series = np.concatenate([[0.0], scores])
    means = np.empty_like(series)
    last = 0.0
    for place, score in enumerate(series):
        last = last if np.isnan(score) else (1 - WEIGHT) * last + WEIGHT * score
        means[place] = last
    seen = ~np.isnan(scores)
    n_seen = np.cumsum(seen)
    variance = WEIGHT / (2 - WEIGHT) * (1 - (1 - WEIGHT) ** (2 * n_seen))
    wide = float(critical(alpha / max(int(seen.sum()), 1), 1e9))
    return means[1:], seen & (np.abs(means[1:]) > wide * np.sqrt(variance))
