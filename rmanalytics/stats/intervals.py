"""Uncertainty of a share."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Counts = Mapping[str, npt.ArrayLike]


def wilson(k: npt.ArrayLike, n: npt.ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the low and high ends of the Wilson score interval of k out of n, element by element.

    Both lie within 0 and 1 and enclose k / n; NaN where n is 0. Source: E. B. Wilson, "Probable inference,
    the law of succession, and statistical inference", JASA 22 (1927), without continuity correction, as in
    L. D. Brown, T. T. Cai, A. DasGupta, "Interval estimation for a binomial proportion", Statistical
    Science 16 (2001), section 3.1.1.

    >>> low, high = wilson([10, 970], [10, 1000])
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.722, 0.957], [1.0, 0.979])
    """
    counts, totals = np.asarray(k, dtype=np.float64), np.asarray(n, dtype=np.float64)
    totals = np.where(totals > 0, totals, np.nan)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = counts / totals
    middle = (share + z**2 / (2 * totals)) / (1 + z**2 / totals)
    half = z / (1 + z**2 / totals) * np.sqrt(share * (1 - share) / totals + z**2 / (4 * totals**2))
    # Rounding must not push an end past the share it encloses.
    return np.clip(middle - half, 0, share), np.clip(middle + half, share, 1)


def shares(counts: Counts | pd.DataFrame, parts: Mapping[str, tuple[str, str]]) -> dict[str, Floats]:
    """Return <x>_rate, <x>_low and <x>_high of each x in `parts`, which says the numerator and denominator.

    They are columns of `counts`; the ends are those of `wilson`. NaN where the denominator is 0.
    """
    columns = dict[str, Floats]()
    for name, (numerator, denominator) in parts.items():
        k, n = (np.asarray(counts[column], dtype=np.float64) for column in (numerator, denominator))
        columns[f"{name}_rate"] = k / np.where(n > 0, n, np.nan)
        columns[f"{name}_low"], columns[f"{name}_high"] = wilson(k, n)
    return columns


def poisson(k: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the 95 % interval of the mean of which a count of k was seen, element by element.

    Byar's approximation of the exact interval, within 1 % of it from k = 5 on (N. E. Breslow, N. E. Day,
    "Statistical Methods in Cancer Research" II, 1987, p. 69); 0 to 3.69 for k = 0.

    >>> low, high = poisson([0, 10])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.0, 4.79], [3.69, 18.39])
    """
    counts = np.asarray(k, dtype=np.float64)
    z = NormalDist().inv_cdf(0.975)
    more = counts + 1
    safe = np.maximum(counts, 1)
    low = np.where(counts > 0, safe * (1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe))) ** 3, 0.0)
    high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return low, np.where(counts > 0, high, -np.log(0.025))
