"""Hours and days against control limits."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats import meta_analysis
from statsmodels.stats.proportion import proportion_confint

from rmanalytics.metrics import control
from rmanalytics.metrics.control import StepVerdict, changes, judged
from rmanalytics.models import State

START = pd.Timestamp("2026-11-20 00:00", tz="Asia/Kolkata").tz_convert("UTC")
HORIZON_S = 72 * 3600.0


def steps(*k_of_n: tuple[int, int], young: int = 0) -> pd.DataFrame:
    """Steps of k of n, the last `young` of them young."""
    frame = pd.DataFrame(k_of_n, columns=["k", "n"])
    return frame.assign(n_young=[0] * (len(frame) - young) + [n for _, n in k_of_n][len(frame) - young :])


def test_limits_vary_with_n() -> None:
    """Limits are three sigmas of the binomial around the mean of all mature steps, and never leave 0 to 1."""
    rows = judged(steps((90, 100), (360, 400), (9, 10), (45, 50), young=1))
    sigma = np.sqrt(0.9 * 0.1 / rows["n"])
    assert rows["lower"].tolist() == pytest.approx((0.9 - 3 * sigma).tolist())
    assert rows["upper"].tolist() == pytest.approx(np.minimum(0.9 + 3 * sigma, 1).tolist())
    assert rows["verdict"].tolist() == [
        StepVerdict.STEADY,
        StepVerdict.STEADY,
        StepVerdict.FEW,
        StepVerdict.YOUNG,
    ]
    low, high = proportion_confint(rows["k"], rows["n"], method="wilson")
    assert rows[["low", "high"]].to_numpy() == pytest.approx(np.column_stack([low, high]))


def test_an_hour_breaks_out() -> None:
    """One bad hour is below its limits, one good one above; the others are not touched by them."""
    ks = [900, 905, 896, 902, 700, 899, 903, 897, 980, 901, 898, 904] * 2
    verdicts = judged(steps(*((k, 1000) for k in ks)))["verdict"].tolist()
    assert verdicts.count(StepVerdict.BELOW) == 2
    assert verdicts[4] == verdicts[16] == StepVerdict.BELOW


def test_a_slow_slide_is_a_drift() -> None:
    """Steps that all lie a little low are within their limits, yet drifting."""
    chance = np.random.default_rng(3)
    good, less = chance.binomial(1000, 0.90, 40), chance.binomial(1000, 0.885, 12)
    rows = judged(steps(*((int(k), 1000) for k in [*good, *less])))
    assert StepVerdict.DRIFT in rows["verdict"].tolist()[42:]
    assert StepVerdict.DRIFT not in rows["verdict"].tolist()[:40]


SIZES = (200, 20_000)
"""Sizes of steps, a hundredfold apart, evenly so on the logarithmic scale."""

WOBBLES = {"chance alone": 0.0, "rates wobble by two points": 0.02}


def steady(series: int, n_steps: int, wobble: float, dip: float = 0.0) -> pd.DataFrame:
    """Verdicts of many independent series around 90 %, seeded; the middle step of each, of 1,000, may dip."""
    chance = np.random.default_rng(20261124)
    found = []
    for place in range(series):
        n = np.exp(chance.uniform(*np.log(SIZES), n_steps)).astype(int)
        rate = np.clip(0.9 + wobble * chance.standard_normal(n_steps), 0, 1)
        n[n_steps // 2], rate[n_steps // 2] = 1000, rate[n_steps // 2] - dip
        rows = judged(steps(*zip(chance.binomial(n, rate).tolist(), n.tolist(), strict=True)))
        found.append(rows.assign(series=place, step=range(n_steps)))
    return pd.concat(found, ignore_index=True)


def beyond(n: np.ndarray, wobble: float, mean: float = 0.9) -> np.ndarray:
    """Chances that steps of n are below, and above, the limits of the true rate and wobble (scipy's binomial)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(41)
    rates = np.clip(mean + wobble * nodes, 0, 1)
    limit = 3 * np.sqrt(0.9 * 0.1 / n + wobble**2)
    tails = [
        stats.binom.cdf(np.ceil(n * (0.9 - limit))[:, None] - 1, n[:, None], rates),
        stats.binom.sf(np.floor(n * (0.9 + limit))[:, None], n[:, None], rates),
    ]
    return np.array(tails) @ weights / weights.sum()


@pytest.mark.parametrize("wobble", WOBBLES.values(), ids=WOBBLES)
def test_false_alarms_are_as_rare_as_said(wobble: float) -> None:
    """Of 12,000 steady steps so many lie outside the limits as scipy says, within three binomial errors; a drift
    is told as often as an average of normal values leaves 2.86 sigmas, within three errors between series.
    """
    rows = steady(20, 600, wobble)
    nominal = beyond(rows["n"].to_numpy(), wobble).sum(axis=0).mean()
    assert 0.002 < nominal < 0.004
    outside = rows["verdict"].isin([StepVerdict.BELOW, StepVerdict.ABOVE])
    assert abs(outside.mean() - nominal) < 3 * (nominal * (1 - nominal) / len(rows)) ** 0.5
    drifts = (rows["verdict"] == StepVerdict.DRIFT).groupby(rows["series"]).mean()
    inside = stats.truncnorm(-3, 3).std()
    assert abs(drifts.mean() - 2 * stats.norm.sf(2.86 / inside)) < 3 * drifts.sem()


def test_false_alarms_of_a_day() -> None:
    """Of 24 wobbling hours, from which tau is known to a fifth, at most twice as many lie outside as should."""
    rows = steady(120, 24, 0.02)
    nominal = 2 * beyond(rows["n"].to_numpy(), 0.02).sum(axis=0).mean()
    outside = rows["verdict"].isin([StepVerdict.BELOW, StepVerdict.ABOVE]).mean()
    assert outside < nominal + 3 * (nominal * (1 - nominal) / len(rows)) ** 0.5


@pytest.mark.parametrize("wobble", WOBBLES.values(), ids=WOBBLES)
def test_one_bad_hour_is_found(wobble: float) -> None:
    """An hour of 1,000 that dips by ten points is found as often as scipy says it could be with tau known, within
    three binomial errors; the hours beside it stand out no oftener than steady ones should.
    """
    rows = steady(100, 168, wobble, dip=0.1)
    power = float(beyond(np.array([1000]), wobble, mean=0.8)[0, 0])
    found = rows[rows["step"] == 84]["verdict"] == StepVerdict.BELOW
    assert abs(found.mean() - power) <= 3 * (power * (1 - power) / len(found)) ** 0.5
    beside = rows[rows["step"].isin([82, 83, 85, 86])]["verdict"].isin(control.STANDS_OUT)
    nominal = 2 * stats.norm.sf(3) + 2 * stats.norm.sf(2.86)
    assert beside.mean() < nominal + 3 * (nominal * (1 - nominal) / len(beside)) ** 0.5


def test_common_without_wobble_is_the_pooled_rate() -> None:
    """Where chance explains how rates differ tau is 0 and the centre is the rate of all together."""
    centre, tau = control.common(np.array([90.0, 4490, 45]), np.array([100.0, 5000, 50]))
    assert (centre, tau) == (pytest.approx(4625 / 5150), 0)


def test_tau_is_that_of_paule_and_mandel() -> None:
    """Without anything far out tau² is near that of Paule and Mandel as statsmodels has it."""
    chance = np.random.default_rng(8)
    n = np.full(4000, 3000.0)
    k = chance.binomial(3000, np.clip(0.9 + 0.01 * chance.standard_normal(4000), 0, 1)).astype(float)
    rate = k / n
    theirs = meta_analysis.combine_effects(rate, np.full(4000, 0.09 / 3000), method_re="iterated")
    centre, tau = control.common(k, n)
    assert centre == pytest.approx(theirs.mean_effect_re, abs=2e-4)
    assert tau == pytest.approx(theirs.tau2**0.5, rel=0.05)


def outcomes(*rows: tuple[float, str, float, float | None, int]):
    """So many outcomes planned in that hour, of that state, age and latency."""
    frame = pd.DataFrame(
        [(hour, state, age, latency) for hour, state, age, latency, n in rows for _ in range(n)],
        columns=["hour", "state", "age_s", "latency_s"],
    ).astype({"hour": "float64", "state": "str", "age_s": "float64", "latency_s": "float64"})
    planned_at = (START + pd.to_timedelta(frame["hour"], unit="h")).astype("datetime64[us, UTC]")
    table = ibis.memtable(frame.assign(planned_at=planned_at))
    return table.mutate(latency_s=table.latency_s.nullif(float("nan")))


def test_counts_in_the_engine() -> None:
    """Hours and days are those of the zone; what is younger than its word needs is not judged."""
    table = outcomes(
        (0, "delivered", 90_000, 5, 90),
        (0.5, "failed", 90_000, 5, 10),
        (23, "delivered", 7200, 5, 60),
        (23, "queued", 3, None, 40),
        (24, "refused", 10, None, 3),
    )
    assert control.maturity_s(table, HORIZON_S) == 5
    hours = changes(table, HORIZON_S)
    assert hours["started_at"].tolist() == [
        pd.Timestamp("2026-11-20 00:00"),
        pd.Timestamp("2026-11-20 23:00"),
    ]
    assert hours[["n", "k"]].values.tolist() == [[100, 90], [100, 60]]
    assert hours["verdict"].tolist() == [StepVerdict.STEADY, StepVerdict.YOUNG]
    assert hours["centre"].tolist() == pytest.approx([0.9, 0.9])
    [day] = changes(table, HORIZON_S, State.QUEUED, step_s=control.DAY_S).to_dict("records")
    assert (day["n"], day["k"]) == (200, 40)


def test_of_nothing() -> None:
    """Without messages there is no step, and maturity is the horizon."""
    assert changes(outcomes(), HORIZON_S).empty
    assert control.maturity_s(outcomes((0, "queued", 5, None, 1)), HORIZON_S) == HORIZON_S
