"""Rates of many groups, each drawn towards what they have in common: who is named worst is not so by bad luck."""

from __future__ import annotations

import numpy as np
from scipy.special import betaincinv, betaln

from rmanalytics.stats.intervals import Floats

_LIKENESSES = np.geomspace(1, 3e3, 41)
"""What knowing the common rate is worth in messages of each group: little where groups differ, much where not."""


def shrunk(k: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the rate of each group of k of n by empirical Bayes, with its 95 % interval.

    Beta-binomial, averaged over how alike groups may be by the likelihood (B. Efron, C. Morris, "Data analysis using
    Stein's estimator", JASA 70, 1975). The worst of many was unlucky too: its own rate is too low, this one is not.

    >>> rate, low, high = shrunk(np.array([95.0, 190, 7, 96]), np.array([100.0, 200, 10, 100]))
    >>> bool(rate[2] > 0.9)
    True
    """
    mean = float(k.sum() / n.sum())
    mean = min(max(mean, 0.5 / n.sum()), 1 - 0.5 / n.sum())
    own = betaln(k[:, None] + mean * _LIKENESSES, (n - k)[:, None] + (1 - mean) * _LIKENESSES)
    common = betaln(mean * _LIKENESSES, (1 - mean) * _LIKENESSES)
    fit = (own - common).sum(axis=0)
    likely = np.exp(fit - fit.max()) / np.exp(fit - fit.max()).sum()
    rate, variance = _mixed(k, n, mean, likely)
    worth = rate * (1 - rate) / variance - 1
    low, high = (betaincinv(rate * worth, (1 - rate) * worth, end) for end in (0.025, 0.975))
    return rate, low, high


def _mixed(k: Floats, n: Floats, mean: float, likely: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of each rate over all likenesses, what is not known of the common rate included."""
    worth = n[:, None] + _LIKENESSES
    rates = (k[:, None] + mean * _LIKENESSES) / worth
    drawn = (_LIKENESSES / worth) ** 2 * mean * (1 - mean) / n.sum()
    rate: Floats = rates @ likely
    variance: Floats = (rates * (1 - rates) / (worth + 1) + drawn + (rates - rate[:, None]) ** 2) @ likely
    return rate, variance
