"""Differences between groups, against statsmodels and by their own laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from rmanalytics.stats.comparison import newcombe, striking

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


def groups(**k_of_n: tuple[int, int]) -> pd.DataFrame:
    return pd.DataFrame([(name, n, k) for name, (k, n) in k_of_n.items()], columns=["group", "n", "k"])


STRIKING = {
    "one is worse": (groups(a=(970, 1000), b=(850, 1000), c=(965, 1000)), ["b", "a", "c"]),
    "as chance has it": (groups(a=(95, 100), b=(93, 100)), []),
    "few messages prove nothing": (groups(a=(5, 5), b=(3, 29), c=(95, 100)), ["c"]),
    "only one": (groups(a=(1, 100)), []),
    "none": (groups(), []),
    "all alike": (groups(a=(10, 10), b=(10, 10)), []),
}


@pytest.mark.parametrize("table, expected", STRIKING.values(), ids=STRIKING)
def test_striking(table, expected):
    """Only what chance does not explain is named, the largest difference first."""
    assert [difference.group for difference in striking(table)] == expected


def test_false_alarms_are_rare():
    """Of 20 groups that do not differ, one is called different in few reports, not in most."""
    chance = np.random.default_rng(1)
    n = 400
    alarms = sum(
        bool(striking(pd.DataFrame({"group": range(20), "n": n, "k": chance.binomial(n, 0.95, 20)})))
        for _ in range(300)
    )
    assert alarms / 300 < 0.1
