"""A day against the weeks before: false alarms, weekends, bad days, and an independent result."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from rmanalytics.stats.baseline import N_DAYS, UNKNOWN, higher, rise

WORLDS = {
    "chance alone": (0.06, 1000, 0.0, 0.0),
    "days differ": (0.06, 1000, 0.01, 0.0),
    "many messages, weekends apart": (0.06, 20_000, 0.0, 0.02),
    "rare": (0.005, 300, 0.0, 0.0),
    "few": (0.06, 100, 0.0, 0.0),
}


@pytest.mark.parametrize("share, size, wobble, weekend", WORLDS.values(), ids=WORLDS)
def test_false_alarms(share: float, size: int, wobble: float, weekend: float) -> None:
    """Of 300 days like those before, at most a few have a p-value below 0.01."""
    draw = np.random.default_rng(1)
    days = np.arange(-N_DAYS, 1)
    n_alarms = 0
    for world in range(300):
        n = draw.poisson(size * (1 + 0.01 * days)).astype(float)
        p = share + draw.normal(0, wobble, len(days)) + np.where((days + world) % 7 >= 5, weekend, 0)
        k = draw.binomial(n.astype(int), np.clip(p, 0, 1)).astype(float)
        n_alarms += rise(n[:-1], k[:-1], n[-1], k[-1]).p < 0.01
    assert n_alarms <= 9  # 3 expected; more than 9 in 1 of 1,000 tests


def test_weekends_are_compared_with_weekends() -> None:
    """A Sunday like other Sundays is no news, though all other days are better; a worse one is."""
    n = np.full(N_DAYS, 5000.0)
    k = np.where(np.arange(N_DAYS) % 7 == 0, 500.0, 250.0)
    usual, worse = rise(n, k, 5000, 505), rise(n, k, 5000, 640)
    assert usual.before == worse.before == 0.1
    assert usual.p > 0.2
    assert worse.p < 1e-5


SHIFTS = {"no bad day": 0, "one bad day": 1, "eight": 8}


@pytest.mark.parametrize("n_bad", SHIFTS.values(), ids=SHIFTS)
def test_bad_days_do_not_count(n_bad: int) -> None:
    """Bad days up to the last one neither raise what is usual nor hide that today is as bad."""
    draw = np.random.default_rng(2)
    n = np.full(N_DAYS, 1000.0)
    k = draw.binomial(1000, 0.06, N_DAYS).astype(float)
    k[N_DAYS - n_bad :] += 80
    found = rise(n, k, 1000, 140)
    assert 0.045 < found.before < 0.075
    assert found.p < 1e-4


def test_as_a_quasi_binomial_model() -> None:
    """Interval and evidence are those of statsmodels' binomial model with a scale, of evenly many messages."""
    draw = np.random.default_rng(3)
    n = np.full(N_DAYS, 2000.0)
    k = draw.binomial(2000, np.clip(draw.normal(0.08, 0.008, N_DAYS), 0, 1)).astype(float)
    own = rise(n, k, 2000, 230, is_day=False)
    counts = np.append(k, 230)
    design = sm.add_constant(np.append(np.zeros(N_DAYS), 1.0))
    model = sm.GLM(np.column_stack([counts, 2000 - counts]), design, family=sm.families.Binomial()).fit()
    scale = model.pearson_chi2 / model.df_resid
    p = stats.t.sf(model.tvalues[1] / np.sqrt(scale), model.df_resid)
    assert own.phi == pytest.approx(scale, rel=0.45)  # ours has a mean of each weekday
    assert np.log10(own.p) == pytest.approx(np.log10(p), abs=1.2)
    assert own.low < own.difference < own.high


def test_means() -> None:
    """A mean that doubles is found with its interval; one as before is not."""
    n, mean = np.full(N_DAYS, 100.0), np.random.default_rng(4).normal(1.6, 0.05, N_DAYS)
    found = higher(n, mean, 0.8, 100, 1.6 + np.log(2))
    assert found.p < 1e-5
    assert found.low < np.log(2) < found.high
    assert higher(n, mean, 0.8, 100, 1.62).p > 0.05


NOTHING = {
    "no day before": (np.zeros(N_DAYS), 100),
    "four days": (np.where(np.arange(N_DAYS) < 4, 100.0, 0.0), 100),
    "none today": (np.full(N_DAYS, 100.0), 0),
}


@pytest.mark.parametrize("n, n_now", NOTHING.values(), ids=NOTHING)
def test_nothing_to_compare(n: np.ndarray, n_now: int) -> None:
    """Without enough days, or without a message today, nothing is known."""
    assert rise(n, n * 0.1, n_now, n_now) is UNKNOWN
    assert higher(n, n * 0 + 1, 1.0, n_now, 9.0) is UNKNOWN
