"""How much rates wobble from one slice of time to the next, beyond chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from rmanalytics.stats.intervals import Floats

Ints = npt.NDArray[np.int64]

USUAL = 0.01**2 / (0.95 * 0.05)
"""What is expected before anything is seen: rates of 95 % that wobble by a point."""

USUAL_DOF = 4.0
"""How many degrees of freedom of evidence that expectation is worth."""

HUBER = 1.0
"""Standardised rates further out than this count as if they were here: half of the slices may be bad."""

EFFICIENCY = 0.49
"""What is left of each slice's degree of freedom: the price of bounded influence, for normal values."""

N_RARE = 5
"""A slice tells of wobble when at least so many messages of the rarer kind are expected in it."""

N_SLICES_MIN = 3
"""Two single slices that differ may differ by wobble or by a fault: they tell nothing of either."""

_MEAN = 1 - 2 * float(ndtr(-HUBER) * (1 - HUBER**2) + HUBER * np.exp(-(HUBER**2) / 2) / np.sqrt(2 * np.pi))
"""Mean of the smaller of Z² and HUBER², of a standard normal Z."""

_OWN_RATE = 0.13
_N_ROUNDS, _N_HALVES, _HIGHEST = 8, 20, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wobble:
    """Williams's rho, the correlation of two messages of one slice, and the degrees of freedom behind it.

    The variance of k of n in a slice is n p (1 - p) (1 + rho (n - 1)). Source: D. A. Williams, "Extra-binomial
    variation in logistic linear models", Applied Statistics 31 (1982), model II.
    """

    rho: float = USUAL
    dof: float = USUAL_DOF

    def effect(self, n: Floats, n_squares: Floats) -> Floats:
        """Return by how much wobble multiplies the variance of rates of n messages, at least 1.

        `n_squares` is the sum of the squares of their slices' sizes (J. N. K. Rao, A. J. Scott, "A simple method
        for the analysis of clustered binary data", Biometrics 48, 1992).

        >>> Wobble(rho=0.01).effect(np.array([101.0, 202]), np.array([101.0**2, 2 * 101**2])).tolist()
        [2.0, 2.0]
        """
        return 1 + self.rho * (n_squares / np.maximum(n, 1) - 1)

    def freedom(self, effect: Floats) -> Floats:
        """Return the degrees of freedom of a variance so multiplied (Satterthwaite): many where wobble adds little."""
        share = np.maximum((effect - 1) / effect, 1e-6)
        return self.dof / share**2


def wobble(
    k: Floats, n: Floats, group: Ints | None = None, usual: float = USUAL, usual_dof: float = USUAL_DOF
) -> Wobble:
    """Return how much the rates of slices of k of n wobble around those of their groups (whole numbers from 0).

    By moments: rho is what makes the squared standardised rates as large as they should be (R. C. Paule, J. Mandel,
    J. Res. Nat. Bureau of Standards 87, 1982), 0 when chance explains them. So that one bad slice cannot hide
    itself, what is far out counts as if it were 1 sigma out (P. J. Huber's Proposal 2, Annals of Mathematical
    Statistics 35, 1964). Groups of a single slice are compared with each other. As few slices tell little, rho
    is moderated towards the usual one (G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 3, 2004).
    """
    group = np.zeros(len(n), dtype=np.int64) if group is None else group
    group = _told(k, n, group)
    kept = group >= 0
    if not kept.any():
        return Wobble(rho=usual, dof=usual_dof)
    k, n, group = k[kept], n[kept], np.unique(group[kept], return_inverse=True)[1]
    dof = EFFICIENCY * (len(n) - group.max() - 1)
    rho = fitted(k, n, group)[1]
    return Wobble(rho=float((usual_dof * usual + dof * rho) / (usual_dof + dof)), dof=usual_dof + dof)


def fitted(k: Floats, n: Floats, group: Ints) -> tuple[Floats, float]:
    """Return the rate of each group, of which no bad slice has more than its part, and rho, not moderated.

    >>> k, n = np.array([90.0] * 8 + [50]), np.array([100.0] * 9)
    >>> rates, rho = fitted(k, n, np.zeros(9, dtype=np.int64))
    >>> round(float(rates[0]), 2), round(rho, 3)
    (0.9, 0.0)
    """
    rate, rho = k / n, 0.0
    sizes, total_n = np.bincount(group), np.bincount(group, n)
    centre, wanted = _medians(rate, group, sizes), _wanted(sizes)
    for _ in range(_N_ROUNDS):
        safe = np.clip(centre, 0.5 / total_n, 1 - 0.5 / total_n)
        chance = (safe * (1 - safe))[group]
        off = rate - centre[group]
        weight = 1 / (chance * (1 / n + rho))
        weight /= np.maximum(np.abs(off) * np.sqrt(weight), HUBER)
        total = np.bincount(group, weight)
        left = 1 - weight / total[group]
        rho = _rho(off, chance, n, left, wanted)
        centre = np.bincount(group, weight * rate) / total
    return centre, rho


def p_value(z: npt.ArrayLike, dof: npt.ArrayLike) -> Floats:
    """Return the two-sided p-value of standardised differences by Student's distribution.

    >>> p_value([1.96, 12.71], [1e9, 1]).round(3).tolist()
    [0.05, 0.05]
    """
    found: Floats = 2 * stdtr(np.asarray(dof, dtype=np.float64), -np.abs(np.asarray(z, dtype=np.float64)))
    return found


def critical(alpha: float, dof: npt.ArrayLike) -> Floats:
    """Return what a standardised difference exceeds with probability alpha, both ways."""
    found: Floats = -stdtrit(np.asarray(dof, dtype=np.float64), alpha / 2)
    return found


def normal(z: Floats, dof: Floats) -> Floats:
    """Return the normal scores of Student values: as rare, but of the normal distribution.

    >>> normal(np.array([-12.706, 0.0]), np.array([1.0, 1])).round(2).tolist()
    [-1.96, 0.0]
    """
    scores: Floats = -np.sign(z) * ndtri(np.maximum(stdtr(dof, -np.abs(z)), 1e-300)) + 0.0  # no -0
    return scores


def _told(k: Floats, n: Floats, group: Ints) -> Ints:
    """Return the groups as wobble is looked for: single slices are one group, -1 is for what tells nothing."""
    sums = np.maximum(np.bincount(group, n), 1)
    rate = np.bincount(group, k) / sums
    enough = n * np.minimum(rate, 1 - rate)[group] >= N_RARE
    sizes = np.bincount(group[enough], minlength=len(sums))[group]
    together = len(sums)
    told = np.where(enough, np.where(sizes > 1, group, together), -1)
    n_together = int((told == together).sum())
    lone = (told == together) & (n_together < N_SLICES_MIN)
    two = (len(n) == sizes) & (sizes < N_SLICES_MIN)
    kept: Ints = np.where(lone | two, -1, told)
    return kept


def _medians(rate: Floats, group: Ints, sizes: Ints) -> Floats:
    """Return the median rate of each group: a beginning that half of the slices cannot move."""
    order, ends = np.lexsort((rate, group)), np.cumsum(sizes)
    first = ends - sizes
    middle: Floats = (rate[order[first + (sizes - 1) // 2]] + rate[order[first + sizes // 2]]) / 2
    return middle


def _wanted(sizes: Ints) -> float:
    """Return what the bounded squares of groups of so many slices add up to by chance alone.

    Of two it is exact, of more a fit to 200,000 simulated groups (within 1 %): the rate of a group is its own.
    """
    means = np.where(sizes > 2, _MEAN - _OWN_RATE / np.maximum(sizes, 1), _MEAN)
    return float((sizes * means)[sizes > 1].sum())


def _rho(off: Floats, chance: Floats, n: Floats, left: Floats, wanted: float) -> float:
    """Return the rho that explains how far off the rates are; `left` is what their own weight leaves of it."""
    squares = off**2 / np.maximum(left, 1e-9) / chance

    def excess(rho: float) -> float:
        return float(np.minimum(squares / (1 / n + rho), HUBER**2).sum()) - wanted

    low, high = 0.0, _HIGHEST
    if excess(low) <= 0:
        return low
    for _ in range(_N_HALVES):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high
