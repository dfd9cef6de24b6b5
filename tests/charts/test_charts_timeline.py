"""The timeline of single messages."""

from __future__ import annotations

import pandas as pd

from rmanalytics import charts

AT = pd.Timestamp("2026-11-24T04:50:00Z")


def _frame(n: int) -> pd.DataFrame:
    steps = {"planned": 0, "submitted": 2, "delivered": 5}
    rows = [
        {"message": f"m{place}", "step": step, "at": AT + pd.Timedelta(seconds=place * 60 + s)}
        for place in range(n)
        for step, s in steps.items()
    ]
    return pd.DataFrame(rows, columns=["message", "step", "at"])


def test_steps_stand_at_their_seconds() -> None:
    """Each step of a message stands at its seconds from the message's own first step."""
    drawn = {trace.name: list(trace.x) for trace in charts.timeline(_frame(2)).data if trace.name}
    assert drawn == {"planned": [0, 0], "submitted": [2, 2], "delivered": [5, 5]}


def test_no_more_than_twelve_messages() -> None:
    """Of many messages the first twelve are drawn."""
    (planned,) = (trace for trace in charts.timeline(_frame(30)).data if trace.name == "planned")
    assert list(planned.y) == [f"m{place}" for place in range(12)]


def test_nothing() -> None:
    """Without a message the figure says so."""
    assert charts.timeline(_frame(0)).layout.annotations[0].text == "No messages."
