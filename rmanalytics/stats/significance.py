"""How surprising is a difference between two shares, and what is left of it among many?"""

from __future__ import annotations

from math import copysign, exp, lgamma, log, sqrt
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from rmanalytics.stats.intervals import Floats

LEAST_EXPECTED = 25
"""Below this expected count in any cell the exact test is used. Cochran's five does for one test at 5 %; the far
tails, which a correction for many tests looks at, are skewed for longer."""


def p_value(k_1: float, n_1: float, k_2: float, n_2: float) -> float:
    """Return the two-sided p-value of "both shares are the same"; 1 where there is nothing to compare.

    The score test with pooled variance; Fisher's exact test (two-sided by probability) where a cell is
    expected to hold few.

    >>> round(p_value(560, 700, 600, 800), 4), round(p_value(3, 10, 9, 10), 4)
    (0.021, 0.0198)
    """
    if _is_nothing(k_1, n_1, k_2, n_2):
        return 1.0
    if _is_sparse(k_1, n_1, k_2, n_2):
        return _fisher(int(k_1), int(n_1), int(k_2), int(n_2))
    return 2 * NormalDist().cdf(-abs(_score(k_1, n_1, k_2, n_2)))


def z_score(k_1: float, n_1: float, k_2: float, n_2: float) -> float:
    """Return how many standard errors k_1 / n_1 is above k_2 / n_2: the normal value with the p-value of `p_value`.

    >>> round(z_score(560, 700, 600, 800), 2), round(z_score(9, 10, 3, 10), 2), z_score(0, 5, 0, 5)
    (2.31, 2.33, 0.0)
    """
    if _is_nothing(k_1, n_1, k_2, n_2):
        return 0.0
    if _is_sparse(k_1, n_1, k_2, n_2):
        tail = min(max(p_value(k_1, n_1, k_2, n_2) / 2, 1e-300), 0.5)
        return copysign(-NormalDist().inv_cdf(tail), k_1 / n_1 - k_2 / n_2)
    return _score(k_1, n_1, k_2, n_2)


def _is_nothing(k_1: float, n_1: float, k_2: float, n_2: float) -> bool:
    return not n_1 or not n_2 or k_1 + k_2 in (0, n_1 + n_2)


def _is_sparse(k_1: float, n_1: float, k_2: float, n_2: float) -> bool:
    n, k = n_1 + n_2, k_1 + k_2
    return min(n_1, n_2) * min(k, n - k) / n < LEAST_EXPECTED


def _score(k_1: float, n_1: float, k_2: float, n_2: float) -> float:
    share = (k_1 + k_2) / (n_1 + n_2)
    return (k_1 / n_1 - k_2 / n_2) / sqrt(share * (1 - share) * (1 / n_1 + 1 / n_2))


def benjamini_hochberg(p_values: npt.ArrayLike) -> Floats:
    """Return the q-value of each p-value: the false discovery rate at which it would be called a finding.

    Source: Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p)[::-1]
    scaled = p[order] * len(p) / np.arange(len(p), 0, -1)
    q = np.empty_like(p)
    q[order] = np.minimum(np.minimum.accumulate(scaled), 1)
    return q


def _fisher(k_1: int, n_1: int, k_2: int, n_2: int) -> float:
    """Return the sum of the probabilities of all tables that are no more likely than the one seen."""
    k, n = k_1 + k_2, n_1 + n_2
    whole = log_choose(n, k)
    first, last = max(0, k - n_2), min(k, n_1)
    logs = [log_choose(n_1, i) + log_choose(n_2, k - i) - whole for i in range(first, last + 1)]
    seen = logs[k_1 - first] + log(1 + 1e-7)  # equal tables differ by rounding
    return min(1.0, sum(exp(one) for one in logs if one <= seen))


def log_choose(n: int, k: int) -> float:
    """Return the logarithm of n over k; minus infinity where there is no such choice."""
    if not 0 <= k <= n:
        return -float("inf")
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
