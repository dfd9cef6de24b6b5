"""What is still in flight, how old it is and how fast it leaves."""

from __future__ import annotations

import math

import ibis
import pandas as pd
import pytest
from scipy.stats import chi2

from rmanalytics.metrics import in_flight
from rmanalytics.stats.intervals import poisson

NOW = pd.Timestamp("2026-11-20 12:00", tz="UTC")
HORIZON_S = 72 * 3600.0


def outcomes(*rows: tuple[str, float, float | None, int]):
    """So many outcomes of that state, age and latency, as of 12:00."""
    frame = pd.DataFrame(
        [(state, age, latency) for state, age, latency, n in rows for _ in range(n)],
        columns=["state", "age_s", "latency_s"],
    ).astype({"state": "str", "age_s": "float64", "latency_s": "float64"})
    planned_at = (NOW - pd.to_timedelta(frame["age_s"], unit="s")).astype("datetime64[us, UTC]")
    table = ibis.memtable(frame.assign(planned_at=planned_at))
    return table.mutate(latency_s=table.latency_s.nullif(float("nan")))


SOME = outcomes(
    ("delivered", 7200, 4, 50),
    ("delivered", 600, 500, 10),
    ("failed", 200, 20, 5),
    ("queued", 30, None, 2),
    ("unknown", 400, None, 3),
    ("no_dlr", 4 * 86_400, None, 4),
    ("refused", 50, None, 1),
)


def test_standing() -> None:
    """Every open state has its row; what is past the horizon is counted."""
    rows = in_flight.standing(SOME, HORIZON_S)[["state", "n_messages", "n_overdue", "oldest_s"]]
    assert rows.values.tolist() == [["queued", 2, 0, 30], ["unknown", 3, 0, 400], ["no_dlr", 4, 4, 345_600]]


def test_ages() -> None:
    """Each message in flight is in one class; what may still become of it is what became of older ones."""
    rows = in_flight.ages(SOME).set_index("age")
    assert rows["n_messages"].tolist() == [2, 0, 3, 0, 0, 0, 4]
    chance = rows.loc["5 minutes to an hour", "still_delivered"]
    assert chance == pytest.approx(10 / 14)  # of 14 watched for longer than 400 s, 10 were delivered
    assert rows.loc["5 minutes to an hour", "n_still_delivered"] == pytest.approx(3 * 10 / 14)
    assert math.isnan(rows.loc["over 3 days", "still_delivered"])


def test_drain() -> None:
    """What left in each window gives the pace; what is past the horizon is not waited for."""
    rows = in_flight.drain(SOME, HORIZON_S).set_index("window_s")
    assert rows["n_left"].tolist() == [15, 15, 65]
    assert rows["n_arrived"].tolist() == [7, 20, 70]
    assert rows["n_waiting"].tolist() == [5, 5, 5]
    assert rows.loc[300, "left_per_min"] == 3
    assert rows.loc[300, "empty_s"] == pytest.approx(5 / (15 - 7) * 300)
    assert rows.loc[300, "empty_low_s"] < 187.5 < rows.loc[300, "empty_high_s"]
    assert rows.loc[3600, "empty_s"] == math.inf  # 20 came and 15 left


def test_nothing_leaves() -> None:
    """Without departures a queue never empties; without a queue there is nothing to empty."""
    assert in_flight.drain(outcomes(("queued", 30, None, 1)), HORIZON_S)["empty_s"].tolist() == [math.inf] * 3
    for none in (outcomes(), outcomes(("delivered", 1e6, 2, 1))):
        assert in_flight.drain(none, HORIZON_S)["empty_s"].tolist() == [0.0] * 3


def test_over_time() -> None:
    """Arrivals less departures are what is in flight, also in steps in which nothing happens."""
    rows = in_flight.over_time(outcomes(("delivered", 3, 1, 2), ("queued", 1, None, 1)), zone="Asia/Kolkata")
    told = rows[["n_arrived", "n_left", "n_in_flight"]].values.tolist()
    assert told == [[2, 0, 2], [0, 2, 0], [1, 0, 1]]
    assert rows["started_at"].iloc[0] == pd.Timestamp("2026-11-20 17:29:57")
    assert in_flight.over_time(outcomes()).empty


def test_nothing_in_flight() -> None:
    """Of nothing, every class is there and empty."""
    assert in_flight.ages(outcomes())["n_messages"].sum() == 0
    assert in_flight.standing(outcomes(), HORIZON_S)["n_messages"].tolist() == [0, 0, 0]


@pytest.mark.parametrize("k", [0, 1, 5, 40, 1000])
def test_poisson_is_nearly_exact(k: int) -> None:
    """The interval is that of scipy's chi-squared quantiles, within a few percent for the smallest counts."""
    low, high = poisson([k])
    assert low[0] == pytest.approx(chi2.ppf(0.025, 2 * k) / 2 if k else 0, rel=0.01, abs=0.03)
    assert high[0] == pytest.approx(chi2.ppf(0.975, 2 * k + 2) / 2, rel=0.01, abs=0.03)
