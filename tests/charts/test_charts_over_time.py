"""Charts of curves, queues, control limits and causes: what is drawn and how it is told."""

from __future__ import annotations

import pandas as pd
import pytest

from rmanalytics import charts
from rmanalytics.charts.states import STATES
from rmanalytics.metrics.control import StepVerdict, judged
from rmanalytics.metrics.failures import caused, parties
from rmanalytics.models import State


def curve(n: int) -> pd.DataFrame:
    """A curve with `n` times."""
    time_s = pd.Series(range(1, n + 1), dtype="float64")
    frame = pd.DataFrame({"time_s": time_s, "n_at_risk": n, "n_delivered": 1, "n_failed": 0, "n_censored": 0})
    shares = {
        f"delivered{end}": time_s / n * scale for end, scale in (("", 0.9), ("_low", 0.8), ("_high", 1))
    }
    return frame.assign(**shares, failed=0.0, failed_low=0.0, failed_high=0.0)


def test_incidence() -> None:
    """Only ends that there are get a line, in their colour, with a band; long curves are thinned, ends kept."""
    chart = charts.incidence(curve(5000))
    low, high, line = chart.data
    assert line.line.color == STATES[State.DELIVERED].colour
    assert high.fill == "tonexty"
    assert len(line.x) <= 242
    assert (line.x[0], line.x[-1]) == (1, 5000)
    assert "95 % interval" in line.hovertext[0]
    assert low.y[-1] < line.y[-1] < high.y[-1]


def steps() -> pd.DataFrame:
    """Hours of which one is bad, one small and one young."""
    ks = [900, 905, 700, *[898, 903, 899] * 10, 7, 100]
    rows = pd.DataFrame({"n": [1000] * 33 + [8, 900], "k": ks})
    second = [3600 * place for place in range(35)]
    return judged(rows.assign(second=second, hour=second, n_young=[0] * 34 + [800]))


def test_changes() -> None:
    """Each verdict has its mark and is named in the legend; young ones are grey and hollow."""
    marks = {trace.name: trace.marker for trace in charts.changes(steps()).data if trace.mode == "markers"}
    assert set(marks) == {"within limits", "below limits", "too few to judge", "too recent to judge"}
    assert marks[StepVerdict.BELOW.value].color == STATES[State.FAILED].colour
    assert marks[StepVerdict.YOUNG.value].symbol == "circle-open-dot"


def test_ages_and_in_flight() -> None:
    """Open states keep their colours; the chance of arriving stands behind the bar."""
    ages = pd.DataFrame({"age": ["young", "old"], "n_queued": [3, 0], "n_unknown": 0, "n_no_dlr": [1, 0]})
    chart = charts.ages(ages.assign(n_messages=[4, 0], still_delivered=[0.5, float("nan")]))
    assert [trace.marker.color for trace in chart.data if trace.type == "bar"] == [
        STATES[State.QUEUED].colour,
        STATES[State.NO_DLR].colour,
    ]
    assert chart.data[-1].text[0].endswith("4, 50 % of earlier ones arrived")
    over_time = pd.DataFrame({"started_at": pd.to_datetime(["2026-11-20"]), "step_s": 60, "n_arrived": 2})
    [line] = charts.in_flight(over_time.assign(n_left=1, n_in_flight=1)).data
    assert "2 came and 1 left" in line.hovertext[0]


def test_parties() -> None:
    """The party with the most comes first; what would fail again is apart from what may not."""
    codes = pd.DataFrame({"state": "failed", "code": ["633", "27"], "n_messages": [1, 5]})
    chart = charts.parties(parties(caused(codes)))
    assert list(chart.data[0].y) == ["handset", "content"]
    assert [trace.name for trace in chart.data if trace.type == "bar"] == ["permanent", "temporary"]


def test_worst_is_judged_on_the_interval() -> None:
    """A small campaign with a bad rate comes behind a large one that is surely bad; tiny ones are left out."""
    n, k = pd.Series([10_000, 40, 5, 9000]), pd.Series([8000, 31, 0, 8900])
    from rmanalytics.metrics import wilson

    low, high = wilson(k, n)
    frame = pd.DataFrame({"campaign_id": ["big", "small", "tiny", "good"], "n_accepted": n, "n_delivered": k})
    chart = charts.worst(frame.assign(delivery_rate=k / n, low=low, high=high))
    assert list(chart.data[0].y) == ["big", "small", "good"]


@pytest.mark.parametrize(
    "chart",
    [
        charts.incidence(curve(0)),
        charts.changes(steps().head(0)),
        charts.changes(steps().head(1)),
        charts.ages(pd.DataFrame({"n_messages": [0]})),
        charts.in_flight(pd.DataFrame()),
        charts.parties(pd.DataFrame()),
    ],
)
def test_nothing(chart) -> None:
    """Where there is nothing to draw, words say why."""
    assert len(chart.layout.annotations) == 1
    assert not chart.data
