"""Sentences on curves, queues, causes and changes: each follows from the numbers it is given."""

from __future__ import annotations

from math import inf, nan

import pandas as pd
import pytest

from rmanalytics.metrics.comparisons import compared
from rmanalytics.metrics.comparisons import judged as evident
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


AGES = {
    "nothing": ([0], [float("nan")], "Nothing is in flight."),
    "watched": (
        [8],
        [0.25],
        "Most are **young** old (100 %). Of earlier messages that waited as long, **25.0 %** were delivered while they "
        "were observed.",
    ),
    "never watched so long": (
        [8],
        [float("nan")],
        "Most are **young** old (100 %). No message was observed for longer, so what happens to them cannot be "
        "determined yet.",
    ),
}


@pytest.mark.parametrize("n, chance, said", AGES.values(), ids=AGES)
def test_ages(n, chance, said):
    """What became of earlier messages is said, not what will become of these."""
    frame = pd.DataFrame({"age": ["young"], "n_messages": n, "still_delivered": chance})
    frame["n_still_delivered"] = frame["n_messages"] * frame["still_delivered"]
    assert in_flight.ages(frame) == said


def test_a_queue_is_all_that_is_in_flight():
    """Of hours with messages in flight, none of them queued, it is not said that any is queued."""
    assert "in flight: " in control.changes(steps(*[30] * 8, 300, *[30] * 8), "queue")


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


def campaigns(*k_of_n: tuple[int, int]) -> pd.DataFrame:
    """Comparisons of campaigns a*b, c, d … of which so many were delivered, each sent in one hour."""
    names = ["a*b", *"cdefgh"][: len(k_of_n)]
    cells = pd.DataFrame(k_of_n, columns=["k", "n_messages"]).assign(campaign_id=names, slice=0, n_young=0)
    return evident(compared(cells, "campaign_id"))


WORST = {
    "nothing": (
        (),
        "**Nothing to rank**: fewer than two campaigns have messages that are final or old enough to be.",
    ),
    "one": (
        ((9, 10),),
        "**Nothing to rank**: fewer than two campaigns have messages that are final or old enough",
    ),
    "equal": (((950, 1000), (950, 1000)), "**No campaign is clearly worse** than the others."),
    "all delivered": (((1000, 1000), (900, 900)), "**No campaign is clearly worse** than the others."),
    "none delivered": (((0, 1000), (0, 900)), "**No campaign is clearly worse** than the others."),
    "small ones": (
        ((950, 1000), (950, 1000), (0, 5)),
        "**No campaign is clearly worse** than the others. 1 campaign has too few messages to judge.",
    ),
    "one is worse": (
        ((700, 1000), (980, 1000), (985, 1000)),
        "**1** of 3 campaigns is clearly worse than the others (98.2 %). Worst is **a∗b**: 70.0 %, at best 7",
    ),
    "29 of 29 failed": (
        ((0, 29), (950, 1000), (955, 1000)),
        "**1** of 3 campaigns is clearly worse than the others (95.2 %). Worst is **a∗b**: 0 %, at best ",
    ),
}


@pytest.mark.parametrize("k_of_n, said", WORST.values(), ids=WORST)
def test_worst(k_of_n, said):
    """A campaign is called worse only by the test that all pages share; a small one is too when all of it failed."""
    assert control.worst(campaigns(*k_of_n)).startswith(said)
