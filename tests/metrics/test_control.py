"""Hours and days against control limits."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from rmanalytics.metrics import control, young
from rmanalytics.metrics.control import StepVerdict, changes, judged
from rmanalytics.models import State

START = pd.Timestamp("2026-11-20 00:00", tz="Asia/Kolkata").tz_convert("UTC")
HORIZON_S = 72 * 3600.0


def steps(*k_of_n: tuple[int, int], young: int = 0) -> pd.DataFrame:
    """Hours of k of n, of the last of them so many young."""
    frame = pd.DataFrame(k_of_n, columns=["k", "n"])
    second = [place * 3600 for place in range(len(frame))]
    return frame.assign(second=second, hour=second, n_young=[0] * (len(frame) - 1) + [young])


def test_intervals_and_few() -> None:
    """Intervals are statsmodels', limits never leave 0 to 1, and an hour of few messages is not judged."""
    rows = judged(steps((90, 100), (360, 400), (9, 10), (45, 50)))
    assert rows["verdict"].tolist() == [StepVerdict.STEADY] * 2 + [StepVerdict.FEW, StepVerdict.STEADY]
    low, high = proportion_confint(rows["k"], rows["n"], method="wilson")
    assert rows[["low", "high"]].to_numpy() == pytest.approx(np.column_stack([low, high]))
    assert (rows["lower"] >= 0).all() and (rows["upper"] <= 1).all()


def test_an_hour_breaks_out() -> None:
    """One bad hour is below its limits, one good one above; the others are not touched by them."""
    ks = [900, 905, 896, 902, 700, 899, 903, 897, 990, 901, 898, 904] * 2
    verdicts = judged(steps(*((k, 1000) for k in ks)))["verdict"].tolist()
    assert [place for place, one in enumerate(verdicts) if one == StepVerdict.BELOW] == [4, 16]
    assert [place for place, one in enumerate(verdicts) if one == StepVerdict.ABOVE] == [8, 20]
    assert verdicts.count(StepVerdict.STEADY) == 20


STAND_OUT = {
    "four hours, one bad": ([19_000, 19_040, 18_980, 12_000], [3]),
    "three hours, one bad": ([19_000, 19_000, 12_000], [2]),
    "two hours, neither is the right one": ([19_000, 12_000], [0, 1]),
    "two of eight": ([19_000, 19_100, 12_000, 12_100, 19_050, 18_980, 19_020, 19_060], [2, 3]),
    "two hours five points apart may wobble": ([19_000, 18_000], []),
    "equal hours": ([19_000] * 4, []),
    "all delivered": ([20_000] * 4, []),
    "none delivered": ([0] * 4, []),
    "one hour": ([19_000], []),
}


@pytest.mark.parametrize("ks, far", STAND_OUT.values(), ids=STAND_OUT)
def test_few_hours(ks: list[int], far: list[int]) -> None:
    """Of a few hours of 20,000 those that are bad are said, however few are left to compare with."""
    verdicts = judged(steps(*((k, 20_000) for k in ks)))["verdict"]
    assert np.flatnonzero(verdicts.isin(control.STANDS_OUT)).tolist() == far


def test_a_slow_slide_is_a_drift() -> None:
    """Steps that all lie a little low are within their limits, yet drifting."""
    chance = np.random.default_rng(3)
    good, less = chance.binomial(1000, 0.90, 40), chance.binomial(1000, 0.875, 12)
    rows = judged(steps(*((int(k), 1000) for k in [*good, *less])))
    assert StepVerdict.DRIFT in rows["verdict"].tolist()[42:]
    assert StepVerdict.DRIFT not in rows["verdict"].tolist()[:40]


YOUNG = {
    "may yet be delivered": ((600, 1000), 390, StepVerdict.YOUNG),
    "is bad whatever comes": ((300, 1000), 390, StepVerdict.BELOW),
    "is steady either way": ((940, 1000), 15, StepVerdict.STEADY),
}


@pytest.mark.parametrize("last, young, verdict", YOUNG.values(), ids=YOUNG)
def test_young_messages_are_counted_both_ways(
    last: tuple[int, int], young: int, verdict: StepVerdict
) -> None:
    """An hour of which words are still to come stands out only when they could not change that."""
    assert judged(steps(*[(950, 1000)] * 12, last, young=young))["verdict"].tolist()[-1] == verdict


def test_young_messages_in_flight_are_no_queue() -> None:
    """Of a queue the young messages may all be gone soon: they are no evidence of one."""
    rows = judged(steps(*[(20, 1000)] * 12, (700, 1000), young=690), is_open=True)
    assert rows["verdict"].tolist()[-1] == StepVerdict.YOUNG


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
    assert young.young_s(table, HORIZON_S) == 10
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
    assert young.young_s(outcomes((0, "queued", 5, None, 1)), HORIZON_S) == HORIZON_S
