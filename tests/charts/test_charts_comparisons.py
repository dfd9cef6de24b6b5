"""Charts of differences and of money: what is drawn, in which order and colour."""

from __future__ import annotations

import pandas as pd
import pytest

from rmanalytics import charts
from rmanalytics.metrics.comparisons import Evidence

COLUMNS = [
    "dimension",
    "group",
    "n_messages",
    "n_delivered",
    "rate",
    "rest_rate",
    "difference",
    "low",
    "high",
]
ROWS = [
    ("header", "A", 500, 480, 0.96, 0.88, 0.08, 0.05, 0.11, Evidence.HIGHER),
    ("header", "<b>", 500, 400, 0.8, 0.96, -0.16, -0.2, -0.12, Evidence.LOWER),
    ("header", "C", 20, 18, 0.9, 0.88, 0.02, -0.2, 0.1, Evidence.FEW),
    ("hour", "9", 100, 90, 0.9, 0.92, -0.02, -0.1, 0.05, Evidence.NONE),
    ("hour", "10", 100, 92, 0.92, 0.9, 0.02, -0.05, 0.1, Evidence.NONE),
]
FRAME = pd.DataFrame(ROWS, columns=[*COLUMNS, "evidence"])


def test_differences():
    """Groups come lowest first; findings are green and red, the rest grey; names are text."""
    chart = charts.differences(FRAME, "header")
    dots = {trace.y[0]: trace.marker.color for trace in chart.data if trace.mode == "markers"}
    assert dots == {"A": "#009E73", "&lt;b&gt;": "#D55E00", "C": "#6E6E6E"}
    assert chart.layout.yaxis.categoryarray == ("A", "C", "&lt;b&gt;")
    assert "480 of 500 reported delivered: 96.0 %" in chart.data[0].hovertext[0]


def test_hours_are_in_their_order():
    """Hours are drawn by the clock, whatever their differences."""
    assert charts.differences(FRAME, "hour").layout.yaxis.categoryarray == ("10:00", "09:00")


@pytest.mark.parametrize(
    "chart",
    [charts.differences(FRAME, "route"), charts.spending(pd.DataFrame({"n_priced": [], "spent": []}))],
)
def test_nothing(chart):
    """Where there is nothing to draw, words say why."""
    assert len(chart.layout.annotations) == 1
    assert not chart.data


def test_spending():
    """A bar a group, the dearest first, in the parts that became of it."""
    columns = ["campaign_id", "n_priced", "spent", "spent_delivered", "spent_failed", "spent_open"]
    frame = pd.DataFrame(
        [("a", 5, 1.0, 0.5, 0.5, 0.0), ("b", 9, 3.0, 2.0, 0.5, 0.5), ("c", 0, 0, 0, 0, 0)], columns=columns
    )
    chart = charts.spending(frame, "campaign_id", "EUR")
    assert [(bar.name, list(bar.y), list(bar.x)) for bar in chart.data] == [
        ("delivered", ["b", "a"], [2.0, 0.5]),
        ("failed", ["b", "a"], [0.5, 0.5]),
        ("still open", ["b", "a"], [0.5, 0.0]),
    ]
    assert chart.layout.xaxis.title.text == "spent, EUR"
