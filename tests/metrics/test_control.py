"""Hours and days against control limits."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from rmanalytics.metrics import control
from rmanalytics.metrics.control import Verdict, changes, judged
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
    assert rows["verdict"].tolist() == [Verdict.STEADY, Verdict.STEADY, Verdict.FEW, Verdict.YOUNG]
    low, high = proportion_confint(rows["k"], rows["n"], method="wilson")
    assert rows[["low", "high"]].to_numpy() == pytest.approx(np.column_stack([low, high]))


def test_an_hour_breaks_out() -> None:
    """One bad hour is below its limits, one good one above; the others are not touched by them."""
    ks = [900, 905, 896, 902, 700, 899, 903, 897, 980, 901, 898, 904] * 2
    verdicts = judged(steps(*((k, 1000) for k in ks)))["verdict"].tolist()
    assert verdicts.count(Verdict.BELOW) == 2
    assert verdicts[4] == verdicts[16] == Verdict.BELOW


def test_a_slow_slide_is_a_drift() -> None:
    """Steps that all lie a little low are within their limits, yet drifting."""
    chance = np.random.default_rng(3)
    good, less = chance.binomial(1000, 0.90, 40), chance.binomial(1000, 0.885, 12)
    rows = judged(steps(*((int(k), 1000) for k in [*good, *less])))
    assert Verdict.DRIFT in rows["verdict"].tolist()[42:]
    assert Verdict.DRIFT not in rows["verdict"].tolist()[:40]


def test_false_alarms_are_rare() -> None:
    """Of steady hours one in a hundred stands out; where rates wobble and sizes differ a hundredfold, about three.

    The p'-chart widens all limits alike, which is too little for the largest of such hours (3 in 100 measured).
    """
    chance = np.random.default_rng(5)
    for wobble, most in ((0.0, 0.01), (0.02, 0.05)):
        n = chance.integers(200, 20_000, 600)
        rates = np.clip(0.9 + wobble * chance.standard_normal(600), 0, 1)
        rows = judged(steps(*zip(chance.binomial(n, rates).tolist(), n.tolist(), strict=True)))
        assert rows["verdict"].isin(control.STANDS_OUT).mean() < most


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
    assert hours["verdict"].tolist() == [Verdict.STEADY, Verdict.YOUNG]
    assert hours["centre"].tolist() == pytest.approx([0.9, 0.9])
    [day] = changes(table, HORIZON_S, State.QUEUED, step_s=control.DAY_S).to_dict("records")
    assert (day["n"], day["k"]) == (200, 40)


def test_of_nothing() -> None:
    """Without messages there is no step, and maturity is the horizon."""
    assert changes(outcomes(), HORIZON_S).empty
    assert control.maturity_s(outcomes((0, "queued", 5, None, 1)), HORIZON_S) == HORIZON_S
