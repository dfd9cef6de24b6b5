"""Is a group different from all others together, or is it chance? For many groups at once."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import pandas as pd

ALPHA = 0.05
N_MIN = 30
"""Smaller groups are not judged: a handful of messages looks different all the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A group whose rate differs from the others' by more than chance explains."""

    group: str
    n: int
    rate: float
    rest: float
    low: float
    high: float


def striking(groups: pd.DataFrame) -> list[Difference]:
    """Return the groups whose rate differs from that of all others together, the largest difference first.

    `groups` has the columns group, n, k. The interval of each difference is Newcombe's (1998, method 10) at
    95 % for all groups at once (Bonferroni): twenty groups do not make a false alarm a matter of course.
    Groups of fewer than `N_MIN` messages count among the others, but are never called different.
    """
    if len(groups) < 2:
        return []
    z = NormalDist().inv_cdf(1 - ALPHA / 2 / len(groups))
    n, k = int(groups["n"].sum()), int(groups["k"].sum())
    found = []
    for group, n_own, k_own in groups[["group", "n", "k"]].itertuples(index=False):
        low, high = newcombe(k_own, n_own, k - k_own, n - n_own, z)
        if n_own >= N_MIN and (low > 0 or high < 0):
            rest = (k - k_own) / (n - n_own)
            found.append(Difference(group=group, n=n_own, rate=k_own / n_own, rest=rest, low=low, high=high))
    return sorted(found, key=lambda difference: -abs(difference.rate - difference.rest))


def newcombe(k_1: int, n_1: int, k_2: int, n_2: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the interval of k_1 / n_1 - k_2 / n_2 (Newcombe 1998, method 10); -1 to 1 where an n is 0.

    >>> [round(end, 4) for end in newcombe(56, 70, 48, 80)]
    [0.0524, 0.3339]
    """
    if not n_1 or not n_2:
        return -1.0, 1.0
    p_1, p_2 = k_1 / n_1, k_2 / n_2
    (low_1, high_1), (low_2, high_2) = _wilson(p_1, n_1, z), _wilson(p_2, n_2, z)
    difference = p_1 - p_2
    return (
        difference - sqrt((p_1 - low_1) ** 2 + (high_2 - p_2) ** 2),
        difference + sqrt((high_1 - p_1) ** 2 + (p_2 - low_2) ** 2),
    )


def _wilson(p: float, n: int, z: float) -> tuple[float, float]:
    """Return Wilson's interval for any z; `metrics.wilson` has the one of 95 %."""
    centre = p + z * z / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)
