"""Wilson's interval."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from rmanalytics.metrics import wilson

COUNTS = st.integers(1, 10_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_agrees_with_statsmodels(counts: tuple[int, int], confidence: float) -> None:
    """Both ends are those of an independent implementation."""
    k, n = counts
    low, high = wilson([k], [n], confidence)
    assert (low[0], high[0]) == pytest.approx(
        proportion_confint(k, n, alpha=1 - confidence, method="wilson"), abs=1e-12
    )


@given(COUNTS)
def test_encloses_the_share(counts: tuple[int, int]) -> None:
    """The share lies within its interval, and that within 0 and 1, however large the counts."""
    k, n = counts
    low, high = wilson([k], [n])
    assert 0 <= low[0] <= k / n <= high[0] <= 1


def test_of_nothing() -> None:
    """Of no trials nothing is known: NaN, without a warning, beside what is known."""
    low, high = wilson([0, 0, 10], [0, 10, 10])
    np.testing.assert_array_equal(np.isnan(low), [True, False, False])
    assert (low[1], high[2]) == (0, 1)
