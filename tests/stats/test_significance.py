"""Tests of differences and their correction, against scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest

from rmanalytics.stats.significance import benjamini_hochberg, p_value

LARGE = [
    (560, 700, 600, 800),
    (970, 1000, 955, 1000),
    (500, 1000, 500, 1000),
    (90_000, 100_000, 900_500, 1_000_000),
]
SMALL = [
    (3, 10, 9, 10),
    (1, 5, 7, 7),
    (0, 4, 3, 9),
    (5, 5, 95, 100),
    (29, 29, 9_900, 10_000),
    (1, 1, 499, 500),
]


@pytest.mark.parametrize("pair", LARGE, ids=str)
def test_score_test(pair):
    """With large counts the p-value is statsmodels' score test with pooled variance."""
    k_1, n_1, k_2, n_2 = pair
    assert p_value(*pair) == pytest.approx(proportions_ztest([k_1, k_2], [n_1, n_2])[1], abs=1e-12)


@pytest.mark.parametrize("pair", SMALL, ids=str)
def test_exact_test(pair):
    """With small counts the p-value is scipy's Fisher's exact test."""
    k_1, n_1, k_2, n_2 = pair
    table = [[k_1, n_1 - k_1], [k_2, n_2 - k_2]]
    assert p_value(*pair) == pytest.approx(stats.fisher_exact(table)[1], rel=1e-6)


@pytest.mark.parametrize("pair", [(0, 0, 3, 5), (3, 5, 0, 0), (0, 5, 0, 9), (5, 5, 9, 9)], ids=str)
def test_nothing_to_compare(pair):
    """Without messages on a side, or with all alike, nothing is surprising."""
    assert p_value(*pair) == 1


@pytest.mark.parametrize("n", [0, 1, 2, 50])
def test_benjamini_hochberg(n):
    """The q-values are scipy's, in the order of the p-values given."""
    p = np.random.default_rng(n).uniform(size=n) ** 3
    expected = stats.false_discovery_control(p) if n else []
    assert benjamini_hochberg(p) == pytest.approx(expected)


def test_false_discoveries_are_rare():
    """Of a thousand families of 20 groups without any difference, at most about one in twenty has a finding."""
    chance = np.random.default_rng(5)
    found = 0
    for _ in range(1000):
        k = chance.binomial(400, 0.95, 20)
        p = [p_value(own, 400, k.sum() - own, 19 * 400) for own in k]
        found += bool((benjamini_hochberg(p) <= 0.05).any())
    assert found / 1000 < 0.065
