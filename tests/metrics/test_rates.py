"""Counts and rates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from support.evidence import HORIZON_S, at, dlr, fold, message, submission

from rmanalytics import metrics

STATES = ("refused", "unclear", "unsent", "delivered", "failed", "queued", "unknown", "no_dlr")
REPORTED = ("delivered", "failed", "queued", "unknown")


def evidence_for(states: list[str], **other: Any) -> tuple[list[dict[str, Any]], ...]:
    """Messages that come to these states, with the submissions and DLRs that bring them there."""
    ids = [f"{other.get('campaign_id', 'camp42')}-{i}" for i in range(len(states))]
    messages = [message(one, **other) for one in ids]
    submissions = [
        submission(state if state in STATES[:3] else "accepted", one)
        for one, state in zip(ids, states, strict=True)
    ]
    dlrs = [dlr(state, one) for one, state in zip(ids, states, strict=True) if state in REPORTED]
    return messages, submissions, dlrs


def test_whole_row() -> None:
    """One campaign's row: all counts, then each rate with the interval of its own numerator and denominator."""
    states = (
        ["delivered"] * 6 + ["failed"] * 2 + ["queued", "unknown", "no_dlr", "refused", "unclear", "unsent"]
    )
    [row] = metrics.rates(fold(*evidence_for(states))).to_dict("records")
    counts = {"n_submitted": 14, "n_refused": 1, "n_unclear": 1, "n_unsent": 1, "n_accepted": 11}
    counts |= {
        "n_delivered": 6,
        "n_failed": 2,
        "n_queued": 1,
        "n_unknown": 1,
        "n_no_dlr": 1,
        "n_no_dlr_overdue": 0,
    }
    shares = {
        "accept": (11, 14),
        "delivery": (6, 11),
        "failure": (2, 11),
        "queue": (1, 11),
        "unknown": (1, 11),
    }
    expected: dict[str, Any] = {"campaign_id": "camp42"} | counts
    for name, (k, n) in (shares | {"no_dlr": (1, 11)}).items():
        low, high = proportion_confint(k, n, method="wilson")
        expected |= {f"{name}_rate": k / n, f"{name}_low": low, f"{name}_high": high}
    assert list(row) == list(expected)
    assert row == pytest.approx(expected)


ONE = {
    "accept": (metrics.accept, "n_submitted", "n_accepted"),
    "delivery": (metrics.delivery, "n_accepted", "n_delivered"),
    "failure": (metrics.failure, "n_accepted", "n_failed"),
    "queue": (metrics.queue, "n_accepted", "n_queued"),
    "unknown": (metrics.unknown, "n_accepted", "n_unknown"),
    "no_dlr": (metrics.no_dlr, "n_accepted", "n_no_dlr"),
}


@pytest.mark.parametrize("name, function, denominator, numerator", [(n, *v) for n, v in ONE.items()], ids=ONE)
def test_one_rate(name: str, function: Callable[..., pd.DataFrame], denominator: str, numerator: str) -> None:
    """Each function of one rate shows that rate of `rates`, with what it is made of."""
    outcomes = fold(*evidence_for([*STATES, "delivered", "delivered"]))
    columns = ["header", denominator, numerator, f"{name}_rate", f"{name}_low", f"{name}_high"]
    expected = metrics.rates(outcomes, by="header")[columns].set_axis(
        [*columns[:4], "low", "high"], axis="columns"
    )
    pd.testing.assert_frame_equal(function(outcomes, by=["header"]), expected)


def test_overdue() -> None:
    """no_dlr is counted with the part of it that is past the horizon."""
    old, young = message("m1", planned_at=at(0)), message("m2", planned_at=at(0))
    tried = [
        submission(message_id="m1"),
        submission(message_id="m2", attempted_at=at(60), answered_at=at(61)),
    ]
    row = metrics.rates(fold([old, young], tried, as_of=at(HORIZON_S)), by=()).iloc[0]
    assert (row["n_no_dlr"], row["n_no_dlr_overdue"]) == (2, 1)


def test_groups_come_in_order() -> None:
    """Groups are sorted by their dimensions, so that the same data give the same table."""
    parts = [evidence_for(["delivered"] * n, campaign_id=f"c{n}") for n in (3, 1, 2)]
    joined = [[row for part in parts for row in part[i]] for i in range(3)]
    found = metrics.delivery(fold(*joined))
    assert found[["campaign_id", "n_delivered"]].values.tolist() == [["c1", 1], ["c2", 2], ["c3", 3]]


def test_nothing_accepted() -> None:
    """Where nothing was accepted the rates of accepted messages are NaN, not 0."""
    row = metrics.rates(fold(*evidence_for(["refused", "unsent"])), by=()).iloc[0]
    assert row[["n_submitted", "n_accepted", "accept_rate"]].tolist() == [2, 0, 0]
    assert row[["delivery_rate", "delivery_low", "delivery_high"]].isna().all()


def test_no_outcomes() -> None:
    """No outcomes give no row, or without dimensions one row of zeros, in the columns and types of any others."""
    full = metrics.rates(fold(*evidence_for(["delivered"])), by=["campaign_id", "hour"])
    none = metrics.rates(fold(), by=["campaign_id", "hour"])
    pd.testing.assert_series_equal(none.dtypes, full.dtypes)
    assert none.empty
    [row] = metrics.rates(fold(), by=()).fillna(-1).to_dict("records")
    assert set(row.values()) == {0, -1}


@settings(max_examples=10, deadline=None)
@given(st.lists(st.sampled_from(STATES), max_size=30))
def test_rates_are_shares(states: list[str]) -> None:
    """Every rate and interval lies within 0 and 1, the interval encloses the rate, and the parts make a whole."""
    row = metrics.rates(fold(*evidence_for(states)), by=()).iloc[0]
    assert row["n_submitted"] == len(states)
    assert [row[f"n_{state}"] for state in STATES] == [states.count(state) for state in STATES]
    for name, (_, denominator, _) in ONE.items():
        if row[denominator]:
            assert 0 <= row[f"{name}_low"] <= row[f"{name}_rate"] <= row[f"{name}_high"] <= 1
    if row["n_accepted"]:
        assert sum(row[f"{name}_rate"] for name in list(ONE)[1:]) == pytest.approx(1)
