"""Differences between groups, against statsmodels and by their own laws."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from rmanalytics.stats.comparison import Side, difference, newcombe, reference
from rmanalytics.stats.dispersion import Wobble
from rmanalytics.stats.significance import p_value

PAIRS = [
    (56, 70, 48, 80),
    (9, 10, 3, 10),
    (10, 10, 0, 10),
    (0, 5, 0, 7),
    (970, 1000, 955, 1000),
    (1, 1, 499, 500),
]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_newcombe(pair):
    """The interval of a difference is that of statsmodels."""
    assert newcombe(*pair) == pytest.approx(confint_proportions_2indep(*pair, method="newcomb"), abs=1e-9)


@pytest.mark.parametrize("pair", [(0, 0, 1, 2), (1, 2, 0, 0)], ids=str)
def test_newcombe_of_nothing(pair):
    """Without messages on one side every difference is possible."""
    assert newcombe(*pair) == (-1, 1)


NO_WOBBLE = Wobble(rho=0.0, dof=1e9)

ALIKE = {
    "one is worse": ([970, 850, 965, 968], [1000] * 4, [0, 2, 3]),
    "one bad of eight": ([960] * 7 + [600], [1000] * 8, list(range(7))),
    "the bad one is half of the traffic": ([950, 960, 955, 2400], [1000, 1000, 1000, 3000], [0, 1, 2]),
    "two always stay": ([950, 600], [1000] * 2, [0, 1]),
    "all alike": ([950, 950, 950], [1000] * 3, [0, 1, 2]),
    "all delivered": ([1000, 1000, 1000], [1000] * 3, [0, 1, 2]),
    "none delivered": ([0, 0, 0], [1000] * 3, [0, 1, 2]),
    "one is empty": ([950, 0, 950], [1000, 0, 1000], [0, 2]),
    "nothing": ([], [], []),
}


@pytest.mark.parametrize("k, n, kept", ALIKE.values(), ids=ALIKE)
def test_reference(k, n, kept):
    """Groups that differ are set aside, so that the others are compared with each other."""
    k, n = np.array(k, dtype=float), np.array(n, dtype=float)
    assert np.flatnonzero(reference(k, n, n, NO_WOBBLE)).tolist() == kept


@pytest.mark.parametrize("pair", PAIRS[:1] + PAIRS[4:5], ids=str)
def test_difference_without_wobble(pair):
    """Where nothing wobbles, interval and p-value are Newcombe's and the score test's, as statsmodels has them."""
    k_1, n_1, k_2, n_2 = pair
    low, high, p = difference(
        Side(k=k_1, n=n_1, young=0, effect=1), Side(k=k_2, n=n_2, young=0, effect=1), NO_WOBBLE
    )
    assert (low, high) == pytest.approx(confint_proportions_2indep(*pair, method="newcomb"), abs=1e-6)
    assert p == pytest.approx(p_value(*pair), rel=1e-4)


def test_young_of_no_known_group_widen_both_sides():
    """Young messages whose group nobody knows yet may be of either side: nothing is known while they are many."""
    own, rest = Side(k=800, n=1000, young=0, effect=1), Side(k=950, n=1000, young=0, effect=1)
    few, many = (difference(own, rest, NO_WOBBLE, unplaced=n) for n in (20, 2000))
    assert few[2] < 1e-6 and many[2] == 1
    assert few[1] < 0 < many[1]


def test_reference_of_very_many_groups():
    """A thousand groups, a tenth of them bad, take less than a second."""
    n = np.full(1000, 500.0)
    k = np.where(np.arange(1000) % 10 == 0, 300.0, 475.0)
    assert reference(k, n, n, NO_WOBBLE).sum() == 900
