"""States over time: steps that people read, on the clock of the display zone."""

from __future__ import annotations

import ibis
import pandas as pd
import pytest

from rmanalytics.metrics.over_time import states_over_time


def outcomes(*planned: str, state: str = "delivered"):
    """Outcomes planned at those times (UTC), all in one state."""
    frame = pd.DataFrame(
        {"planned_at": pd.to_datetime(list(planned), utc=True, format="ISO8601"), "state": state}
    )
    return ibis.memtable(frame.astype({"state": "str"}))


STEPS = {
    "one message: a second": (["2026-11-20 03:30:00"], 1),
    "half a minute: seconds": (["2026-11-20 03:30:00", "2026-11-20 03:30:30"], 1),
    "five minutes: steps of 15 s": (["2026-11-20 03:30", "2026-11-20 03:35"], 15),
    "an hour: five minutes": (["2026-11-20 03:30", "2026-11-20 04:30"], 300),
    "a day: an hour": (["2026-11-20 03:30", "2026-11-21 03:30"], 3600),
    "a month: a day": (["2026-11-01", "2026-11-30"], 86_400),
    "ten years: a week": (["2016-11-01", "2026-11-30"], 7 * 86_400),
}


@pytest.mark.parametrize("planned, step_s", STEPS.values(), ids=STEPS)
def test_step(planned, step_s):
    """The step grows with the span."""
    assert set(states_over_time(outcomes(*planned))["step_s"]) == {step_s}


def test_counts():
    """Messages are counted by step and state, and none is lost."""
    both = outcomes("2026-11-20 03:30:00", "2026-11-20 03:30:00.9", "2026-11-20 03:30:01").union(
        outcomes("2026-11-20 03:30:01", state="failed")
    )
    assert states_over_time(both).astype({"started_at": "str"}).values.tolist() == [
        ["2026-11-20 09:00:00", 1, "delivered", 2],
        ["2026-11-20 09:00:01", 1, "delivered", 1],
        ["2026-11-20 09:00:01", 1, "failed", 1],
    ]


ZONES = {
    "India, half an hour off": ("Asia/Kolkata", "2026-11-01"),
    "UTC": ("UTC", "2026-10-31"),
    "Nepal, a quarter off": ("Asia/Kathmandu", "2026-11-01"),
    "New York, summer ends": ("America/New_York", "2026-10-31"),
}


@pytest.mark.parametrize("zone, day", ZONES.values(), ids=ZONES)
def test_days_are_local(zone, day):
    """A day begins at midnight of the display zone."""
    found = states_over_time(outcomes("2026-10-31 23:30", "2026-11-25 12:00"), zone=zone)
    assert found["started_at"].astype(str).iloc[0] == day


def test_weeks_begin_on_monday():
    """A week begins on Monday."""
    found = states_over_time(outcomes("2016-11-03", "2026-11-26"), zone="UTC")
    assert {at.day_name() for at in found["started_at"]} == {"Monday"}


def test_no_messages():
    """Without messages there is no row, but there are the columns."""
    found = states_over_time(outcomes())
    assert (len(found), list(found)) == (0, ["started_at", "step_s", "state", "n_messages"])
