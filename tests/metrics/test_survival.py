"""Time to delivery with messages in flight: against statsmodels, by hand, and by simulation with known truth."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight
from support.evidence import at, dlr, fold, message, submission

from rmanalytics.metrics import survival
from rmanalytics.stats.incidence import Curve, incidence

DELIVERED = 0.9
MEAN_S = 20.0


def curve(time_s: npt.ArrayLike, status: npt.ArrayLike, own: int = 1) -> Curve:
    """The estimate from single messages; status 0 is in flight, 1 delivered, 2 failed."""
    table = pd.crosstab(np.asarray(time_s), np.asarray(status)).reindex(columns=[0, 1, 2], fill_value=0)
    return incidence(table.index.to_numpy(), table[own], table[3 - own], table[0])


def drawn(chance: np.random.Generator, n: int, watched_s: float) -> tuple[npt.NDArray, npt.NDArray]:
    """Messages accepted evenly over `watched_s`: 9 of 10 are delivered after 20 s on average, the others fail."""
    ends_s = chance.exponential(MEAN_S, n)
    status = np.where(chance.uniform(size=n) < DELIVERED, 1, 2)
    age_s = chance.uniform(0, watched_s, n)
    return np.minimum(ends_s, age_s), np.where(ends_s <= age_s, status, 0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("own", [1, 2], ids=["delivered", "failed"])
def test_is_statsmodels(own: int, seed: int) -> None:
    """Estimate and standard error are those of statsmodels, with ties and censoring."""
    chance = np.random.default_rng(seed)
    time_s, status = np.ceil(chance.exponential(9, 300)), chance.choice(3, 300, p=[0.3, 0.5, 0.2])
    time_s, status = np.append(time_s, 99.0), np.append(status, 0)
    oracle = CumIncidenceRight(time_s, status)
    found = curve(time_s, status, own)
    assert found.time_s.tolist() == oracle.times.tolist()
    assert found.share.tolist() == pytest.approx(oracle.cinc[own - 1].tolist())
    assert found.error.tolist() == pytest.approx(oracle.cinc_se[own - 1].tolist(), abs=1e-7)


def test_by_hand() -> None:
    """Five messages: one delivered at 1, one failed at 2, one in flight at 3, one delivered at 4, one in flight."""
    found = curve([1, 2, 3, 4, 5], [1, 2, 0, 1, 0])
    assert found.share.tolist() == pytest.approx([1 / 5, 1 / 5, 1 / 5, 1 / 5 + 3 / 5 / 2, 1 / 2])
    assert found.waiting.tolist() == pytest.approx([4 / 5, 3 / 5, 3 / 5, 3 / 10, 3 / 10])
    assert found.still(2) == pytest.approx((1 / 2 - 1 / 5) / (3 / 5))
    assert found.quantile(0.5)[0] == 4
    assert np.isnan(found.quantile(0.6)[0])
    assert np.isnan(found.at(6)[0])
    assert found.at(0.5)[0] == 0


def test_nothing_is_said_of_times_nobody_watched() -> None:
    """When the last message watched has ended, others are still in flight: of later times nothing is known."""
    seen = curve([1, 5, 18, 20], [1, 0, 0, 1])
    assert np.isnan(seen.at(60)[0])
    assert curve([1, 5, 18, 20], [1, 2, 1, 1]).at(60)[0] == 0.75


def test_intervals_cover_the_truth() -> None:
    """About 95 of 100 intervals hold the true share and the true median, although a third is in flight."""
    chance, n = np.random.default_rng(42), 400
    truth, median = DELIVERED * (1 - np.exp(-30 / MEAN_S)), -MEAN_S * np.log(1 - 0.5 / DELIVERED)
    found = [curve(*drawn(chance, 300, 60)) for _ in range(n)]
    hits = np.mean([low <= truth <= high for _, low, high in (one.at(30) for one in found)])
    hits_median = np.mean([low <= median <= high for _, low, high in (one.quantile(0.5) for one in found)])
    assert hits == pytest.approx(0.95, abs=0.035)  # three standard errors of 400 intervals
    assert hits_median == pytest.approx(0.95, abs=0.035)


def test_the_naive_rate_is_wrong_where_many_are_in_flight() -> None:
    """With most messages young, the naive share of delivered is far off; the estimate is not."""
    time_s, status = drawn(np.random.default_rng(1), 20_000, 60)
    truth = DELIVERED * (1 - np.exp(-50 / MEAN_S))
    naive_of_all, naive_of_final = np.mean(status == 1), np.mean(time_s[status == 1] <= 50)
    share, low, high = curve(time_s, status).at(50)
    assert low <= truth <= high
    assert share == pytest.approx(truth, abs=0.012)
    assert naive_of_all < truth - 0.15
    assert naive_of_final > truth + 0.1


def timed(status: str, *seconds: float) -> tuple[list[dict], list[dict]]:
    """Messages, and DLRs that say so after these seconds."""
    ids = [f"{status}{place}" for place in range(len(seconds))]
    told = [dlr(status, one, submitted_at=at(0), done_at=at(s)) for one, s in zip(ids, seconds, strict=True)]
    return [message(one) for one in ids], told


def test_counts_in_the_engine() -> None:
    """Times are binned, negatives count at 0 and are counted, those in flight are censored at their age."""
    good, said_good = timed("delivered", -3, 2, 2.04, 61.2)
    bad, said_bad = timed("failed", 5000)
    outcomes = fold(
        [*good, *bad, message("waiting")], [submission(message_id="waiting")], [*said_good, *said_bad]
    )
    table = survival.ends(outcomes).order_by("time_s").execute()
    at_once = [[0, 1, 0, 0], [2, 1, 0, 0], [2.1, 1, 0, 0]]
    assert table.values.tolist() == [*at_once, [62, 1, 0, 0], [3600, 0, 0, 1], [5040, 0, 1, 0]]
    [row] = survival.time_to_delivery(outcomes, quantiles=(0.5,), shares_s=(5,)).to_dict("records")
    counts = ["n_accepted", "n_in_flight", "n_untimed", "n_negative", "n_implausible"]
    assert [row[name] for name in counts] == [6, 1, 0, 1, 1]
    assert (row["p50_s"], row["within_5s"]) == pytest.approx((2.1, 0.5))
    lines = survival.curves(outcomes, by="campaign_id")
    assert lines["n_at_risk"].tolist() == [6, 5, 4, 3, 2, 1]
    assert lines["delivered"].tolist() == pytest.approx([1 / 6, 2 / 6, 3 / 6, 4 / 6, 4 / 6, 4 / 6])
    assert lines["failed"].tolist() == pytest.approx([0, 0, 0, 0, 0, 2 / 6])


def test_of_nothing() -> None:
    """Without outcomes there is no row per campaign, one row of zeros in all, no curve, and the types stay."""
    full = survival.time_to_delivery(fold(*timed("delivered", 5)[:1], [], timed("delivered", 5)[1]))
    none = survival.time_to_delivery(fold())
    pd.testing.assert_series_equal(none.dtypes, full.dtypes)
    [row] = survival.time_to_delivery(fold(), by=()).to_dict("records")
    assert row["n_accepted"] == 0
    assert np.isnan(row["p50_s"])
    assert survival.curves(fold()).empty


def test_nobody_was_watched_so_long() -> None:
    """Where all are younger than 5 minutes, nothing is said about 5 minutes."""
    outcomes = fold([message()], [submission()], as_of=at(100))
    [row] = survival.time_to_delivery(outcomes, by=()).to_dict("records")
    assert row["within_60s"] == 0
    assert 0.7 < row["within_60s_high"] < 0.8
    assert np.isnan(row["within_300s"])
