"""Bounds that hold at every sample size: what verdicts are judged on."""

from __future__ import annotations

import math

from scipy.special import bdtrik, betaincinv


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the low and high ends of the exact interval of k out of n; NaN where n is 0.

    Each end alone is a one-sided bound that is wrong in at most (1 - confidence) / 2 of all samples. Source:
    C. J. Clopper, E. S. Pearson, "The use of confidence or fiducial limits", Biometrika 26 (1934).

    >>> [round(end, 3) for end in clopper_pearson(8, 10)]
    [0.444, 0.975]
    """
    if not n:
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return low, high


def quantile_ranks(n: int, quantile: float, confidence: float = 0.95) -> tuple[int, int]:
    """Return the ranks (1 to n) of the sorted values between which the quantile lies; 0 and n + 1 are no value.

    Each end alone is wrong in at most (1 - confidence) / 2 of all samples, whatever the distribution. Source:
    W. J. Conover, "Practical Nonparametric Statistics", 3rd edition (1999), section 3.2.

    >>> quantile_ranks(100, 0.5), quantile_ranks(20, 0.95)
    ((40, 61), (17, 21))
    """
    if not n:
        return 0, 1
    tail = (1 - confidence) / 2
    n_below, n_not_above = (float(bdtrik(share, n, quantile)) for share in (tail, 1 - tail))
    low = 0 if (1 - quantile) ** n > tail else math.floor(n_below) + 1
    return low, min(n, math.ceil(n_not_above)) + 1
