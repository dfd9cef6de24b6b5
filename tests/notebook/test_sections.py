"""Sentences on curves, queues, causes and changes: each follows from the numbers it is given."""

from __future__ import annotations

from math import inf, nan

import pandas as pd
import pytest

from rmanalytics.metrics import wilson
from rmanalytics.metrics.control import judged
from rmanalytics.metrics.failures import caused, parties
from rmanalytics.notebook.sections import control, failures, in_flight, survival

COUNTS = {"n_accepted": 100, "n_in_flight": 40, "n_untimed": 0, "n_negative": 2, "n_implausible": 0}
TIMES = {"p50_s": 4.0, "p90_s": nan, "within_60s": 0.8, "within_60s_low": 0.7, "within_60s_high": 0.9}

SURVIVING = {
    "some": (
        COUNTS | TIMES,
        "Half of all accepted messages are delivered within **4.0 s**; 9 of 10 were not delivered in the observed "
        "time. After one minute it is **80.0 %** (70.0 – 90.0 %). **40** (40.0 %) are in flight and counted for as "
        "long as they were observed. A clock is wrong: 2 are dated before their submission and count at 0 s.",
    ),
    "no median, none observed": (
        COUNTS | TIMES | {"p50_s": nan, "within_60s": nan, "n_in_flight": 0, "n_negative": 0},
        "Half of the accepted messages are **not delivered yet**, so there is no median. Nothing is in flight.",
    ),
    "none": (COUNTS | TIMES | {"n_accepted": 0}, "No message was accepted, so there is no time to delivery."),
}


@pytest.mark.parametrize("row, said", SURVIVING.values(), ids=SURVIVING)
def test_surviving(row, said):
    """How soon messages arrive is said with those in flight, and odd clocks are named."""
    assert survival.summary(pd.DataFrame([row])) == said


@pytest.mark.parametrize(
    "is_simulated, said",
    [
        (False, " A clock is wrong: 3 are dated later than this report or after more than a week."),
        (
            True,
            " 3 are dated later than this report or after more than a week: the simulator's clock may run faster "
            "than this one.",
        ),
    ],
    ids=["real", "simulated"],
)
def test_simulated_clocks_are_no_fault(is_simulated, said):
    """Ends in the future are a fault of some clock, unless the simulator's runs fast."""
    row = COUNTS | TIMES | {"n_negative": 0, "n_implausible": 3}
    assert survival.summary(pd.DataFrame([row]), is_simulated=is_simulated).endswith(said)


def drain(n_waiting: int, n_arrived: int, n_left: int, empty_s: float) -> pd.DataFrame:
    """One window of an hour."""
    row = {"window_s": 3600, "n_waiting": n_waiting, "n_arrived": n_arrived, "n_left": n_left}
    return pd.DataFrame([row | {"left_per_min": n_left / 60, "empty_s": empty_s}])


DRAINS = {
    "nothing waits": (
        drain(0, 5, 5, 0),
        "Nothing is waiting within the horizon, so the queue is empty.",
    ),
    "stuck": (
        drain(7, 0, 0, inf),
        "**7** are waiting and **none became final in the last day**: at this pace the queue never empties.",
    ),
    "grows": (
        drain(7, 120, 60, inf),
        "In the last hour, 2.0 a minute were added and **1.0 a minute** became final: "
        "the queue of 7 **does not shrink**.",
    ),
    "drains": (
        drain(60, 0, 60, 3600),
        "In the last hour, 0.0 a minute were added and **1.0 a minute** became final: "
        "at that pace the queue of 60 empties in **60 min**.",
    ),
}


@pytest.mark.parametrize("frame, said", DRAINS.values(), ids=DRAINS)
def test_drain(frame, said):
    """A queue that does not become shorter is never said to empty."""
    assert in_flight.drain(frame) == said


def test_parties():
    """Who acts on most is named, and how much would fail again."""
    codes = pd.DataFrame({"state": "failed", "code": ["633", "27"], "n_messages": [3, 1]})
    said = failures.parties(parties(caused(codes)))
    assert said.startswith("**75.0 %** of the 4 have to do with **content**: whoever writes the texts")
    assert said.endswith("**3** would fail again unchanged; 1 may work later.")
    assert "nothing to do" in failures.parties(parties(caused(codes.head(0))))


def test_bursts():
    """A burst is told with when it was and what was to be expected."""
    row = {"state": "failed", "code": "633", "started_at": pd.Timestamp("2026-11-20 09:00"), "hours": 2}
    frame = pd.DataFrame([row | {"n_messages": 45, "n_planned": 241, "n_expected": 1.2, "p_value": 1e-30}])
    assert failures.bursts(frame) == (
        "**failed 633** occurred 45 times on 20 Nov from 09:00 to 11:00, where 1.2 were expected."
    )
    assert "No burst" in failures.bursts(frame.head(0))


def steps(*ks: int) -> pd.DataFrame:
    """Hours of 1,000 messages."""
    second = [int(pd.Timestamp("2026-11-20 09:00").timestamp()) + 3600 * place for place in range(len(ks))]
    return judged(pd.DataFrame({"second": second, "hour": second, "n": 1000, "k": ks, "n_young": 0}))


def test_changes():
    """Hours that stand out are named, and that none does is said too."""
    calm = [900, 903, 898, 902, 899, 901, 897, 904]
    assert control.changes(steps(*calm)).startswith("**Nothing stands out**: all 8 hours lie within")
    assert control.changes(steps(900)).startswith("**Nothing to compare with**: only one hour can be judged.")
    said = control.changes(steps(*calm, 700, *calm))
    assert said.startswith("**1** of 17 hours stands out from 90.0 %")
    assert "**20 Nov 17:00** with 70.0 % (below limits)" in said


def test_worst():
    """Campaigns are called bad only when their whole interval is; small ones are left out and counted."""
    n, k = pd.Series([1000, 1000, 5]), pd.Series([800, 990, 0])
    low, high = wilson(k, n)
    frame = pd.DataFrame(
        {"campaign_id": ["a*b", "c", "d"], "n_accepted": n, "n_delivered": k, "delivery_rate": k / n}
    )
    said = control.worst(frame.assign(low=low, high=high))
    assert said.startswith("**1** of 2 campaigns are clearly below 89.3 %")
    assert "Worst is **a∗b**: 80.0 %, at best 82.4 %." in said
    assert said.endswith("1 with fewer than 30 messages are left out.")
