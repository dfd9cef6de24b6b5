"""What is said of comparisons, money and trust: computed, and careful."""

from __future__ import annotations

import pandas as pd
import pytest

from rmanalytics.metrics.comparisons import Evidence
from rmanalytics.notebook.sections import comparisons, dlr_quality
from rmanalytics.notebook.sections import money as spending


def frame(*rows):
    """Comparisons of a dimension: group, rate, rate of the rest, evidence."""
    columns = ["dimension", "group", "rate", "rest_rate", "difference", "low", "high", "evidence"]
    told = [("header", g, r, rest, r - rest, r - rest - 0.02, r - rest + 0.02, e) for g, r, rest, e in rows]
    return pd.DataFrame(told, columns=columns)


ONE = {
    "only one": (
        frame(),
        "**Nothing to compare**: fewer than two headers have messages that are final or old enough to be.",
    ),
    "only small ones": (
        frame(("A", 0.9, 0.8, Evidence.FEW), ("B", 0.8, 0.9, Evidence.FEW)),
        "**Nothing to compare**: no header has 10 messages that are final or old enough to be.",
    ),
    "one of them small": (
        frame(("A", 0.95, 0.94, Evidence.NONE), ("B", 0.94, 0.95, Evidence.FEW)),
        "**No evidence of a difference** between **A** and the others. 1 header has too few messages to judge.",
    ),
    "chance": (
        frame(("A", 0.95, 0.94, Evidence.NONE), ("B", 0.94, 0.95, Evidence.NONE)),
        "**No evidence of a difference** between the 2 headers; with so few messages, a difference below about "
        "2.0 points would not show.",
    ),
    "one finding": (
        frame(("A*", 0.85, 0.95, Evidence.LOWER), ("B", 0.95, 0.94, Evidence.NONE)),
        "**A∗** delivers 10.0 points less (85.0 %, the others 95.0 %). For the other 1 header there is no evidence of "
        "a difference.",
    ),
}


@pytest.mark.parametrize("rows, told", ONE.values(), ids=ONE)
def test_one(rows, told):
    """A difference is told with its size; where there is no evidence, that is said."""
    assert comparisons.one(rows, "header") == told


SUMMARY = {
    "nothing": (frame(), "There is nothing to compare: no two groups have enough messages."),
    "none": (
        frame(("A", 0.9, 0.9, Evidence.NONE), ("B", 0.9, 0.9, Evidence.FEW)),
        "Of **1** comparisons, **none** shows a difference larger than chance explains. 1 more have too few messages "
        "to judge.",
    ),
    "some": (
        frame(("A", 0.9, 0.8, Evidence.HIGHER)),
        "Of **1** comparisons, **1** show a difference; at most 5 % of such findings are expected to be chance.",
    ),
}


@pytest.mark.parametrize("rows, told", SUMMARY.values(), ids=SUMMARY)
def test_summary(rows, told):
    """Findings are counted among all comparisons that could be judged."""
    assert comparisons.summary(rows) == told


def money(**other):
    """What one campaign spent."""
    row = {
        "n_accepted": 10,
        "n_priced": 10,
        "n_delivered": 8,
        "n_segments": 20,
        "spent": 2.0,
        "spent_failed": 0.5,
    }
    return pd.DataFrame([row | other])


MONEY = {
    "no cost": (money(n_priced=0), "No DLR names a cost and no price is set"),
    "all known": (
        money(),
        "**2.00 INR** were spent on 10 messages, **0.50 INR** (25.0 %) of it on failures; a delivered message cost "
        "**0.2500 INR**.",
    ),
    "some unknown": (money(n_priced=7), "The cost of 3 accepted messages is unknown."),
    "nothing arrived": (money(n_delivered=0), "(25.0 %) of it on failures."),
}


@pytest.mark.parametrize("rows, told", MONEY.values(), ids=MONEY)
def test_money(rows, told):
    """What was spent, on what, and for how many the cost is unknown."""
    assert told in spending.summary(rows, "INR")


def test_needless():
    """Needless segments are priced by what a segment cost on average."""
    rows = pd.DataFrame(
        [("a", 4, 8, 4, "’–")],
        columns=["campaign_id", "n_messages", "n_segments", "n_needless", "characters"],
    )
    told = spending.needless(rows, money(), "INR")
    assert told.startswith(
        "**4** segments (about **0.40 INR**) could be saved: 4 messages are sent as UCS-2 only because of ’–"
    )
    assert "No message was made longer" in spending.needless(rows.head(0), money(), "INR")


def test_too_good():
    """A suspicion is told with its reason, a name out of data is text."""
    rows = pd.DataFrame([("X*Y", "none failed")], columns=["operator", "reason"])
    assert dlr_quality.too_good(rows).startswith("Check **X∗Y** (none failed)")
    assert dlr_quality.too_good(rows.head(0)) == "No operator's reports look made up."
