"""Exact bounds, against statsmodels and the definition."""

from __future__ import annotations

import pytest
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from rmanalytics.stats.exact import clopper_pearson, quantile_ranks


@pytest.mark.parametrize("n", [1, 2, 10, 1000, 20_000_000])
def test_agrees_with_statsmodels(n: int) -> None:
    """The ends are those of statsmodels, at every share."""
    for k in {0, 1, n // 2, n - 1, n}:
        assert clopper_pearson(k, n) == pytest.approx(proportion_confint(k, n, method="beta"), rel=1e-9)


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.95, 0.99])
def test_ranks_by_their_definition(quantile: float) -> None:
    """No rank further inside misses the quantile in so few samples."""
    for n in (*range(1, 40), 500, 54_321):
        low, high = quantile_ranks(n, quantile)
        assert binom.cdf(low - 1, n, quantile) <= 0.025 < binom.cdf(low, n, quantile)
        assert high == n + 1 or binom.cdf(high - 2, n, quantile) < 0.975 <= binom.cdf(high - 1, n, quantile)
