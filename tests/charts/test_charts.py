"""Charts: what is drawn, in which colour and order, and how it survives strange names and much data."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from rmanalytics import charts, metrics
from rmanalytics.charts.style import ROW_PX
from rmanalytics.models import State

DEUTERANOPIA = np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]])
PROTANOPIA = np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]])
"""Machado, Oliveira, Fernandes 2009, severity 1: linear RGB as such an eye sees it."""


def rates(**delivered_of: tuple[int, int]) -> pd.DataFrame:
    """Delivered and accepted per campaign, as `metrics.delivery` gives them."""
    frame = pd.DataFrame(
        [(name, n, k) for name, (k, n) in delivered_of.items()],
        columns=["campaign_id", "n_accepted", "n_delivered"],
    )
    low, high = metrics.wilson(frame["n_delivered"], frame["n_accepted"])
    share = frame["n_delivered"] / frame["n_accepted"].where(frame["n_accepted"] > 0)
    return frame.assign(delivery_rate=share, low=low, high=high)


def counts(**n: int) -> pd.DataFrame:
    """One row of `metrics.accounting`."""
    row = {f"n_{state}": n.get(state, 0) for state in State}
    return pd.DataFrame([row | {"n_submitted": sum(n.values())}])


def steps(*rows: tuple[str, str, int], step_s: int = 900) -> pd.DataFrame:
    """Rows of `metrics.over_time.states_over_time`."""
    frame = pd.DataFrame(rows, columns=["started_at", "state", "n_messages"])
    return frame.assign(started_at=pd.to_datetime(frame["started_at"]), step_s=step_s)


def codes(*rows: tuple[str, str | None, int]) -> pd.DataFrame:
    """Rows of `metrics.failures.failure_codes`, out of a thousand."""
    frame = pd.DataFrame(rows, columns=["state", "code", "n_messages"]).assign(n_base=1000)
    low, high = metrics.wilson(frame["n_messages"], frame["n_base"])
    return frame.assign(share=frame["n_messages"] / 1000, low=low, high=high)


def times(**quantiles: tuple[float, float, float, float]) -> pd.DataFrame:
    """Rows of `metrics.time_to_dlr`, of ten delivered messages each."""
    names = [f"delivered_{quantile}_s" for quantile in ("p50", "p90", "p95", "p99")]
    frame = pd.DataFrame(quantiles.values(), columns=names).assign(n_delivered_timed=10)
    return frame.assign(campaign_id=list(quantiles))


FIGURES = {
    "accounting": lambda: charts.accounting(counts(delivered=90, failed=4, queued=6)),
    "rates": lambda: charts.rates(rates(a=(9, 10), b=(95, 100))),
    "rates by hour": lambda: charts.rates_by_hour(rates(x=(9, 10)).assign(hour=pd.array([14], "Int64"))),
    "states over time": lambda: charts.states_over_time(steps(("2026-11-20 09:00", "delivered", 3))),
    "failure codes": lambda: charts.failure_codes(codes(("failed", "633", 3), ("refused", None, 1))),
    "times": lambda: charts.times(times(a=(1, 2, 3, 4))),
}

EMPTY = {
    "accounting": lambda: charts.accounting(counts()),
    "rates": lambda: charts.rates(rates(nothing=(0, 0))),
    "rates by hour": lambda: charts.rates_by_hour(rates(x=(0, 0)).assign(hour=pd.array([None], "Int64"))),
    "states over time": lambda: charts.states_over_time(steps()),
    "failure codes": lambda: charts.failure_codes(codes()),
    "times": lambda: charts.times(times().astype({"n_delivered_timed": int})),
}


@pytest.mark.parametrize("make", FIGURES.values(), ids=FIGURES)
def test_template(make):
    """Every figure brings our template, a height, a hover that explains, and no title of its own."""
    chart = make()
    assert chart.layout.template == charts.template()
    assert chart.layout.height >= ROW_PX
    assert chart.layout.title.text is None
    assert any(trace.hovertext or trace.hovertemplate for trace in chart.data)


@pytest.mark.parametrize("make", EMPTY.values(), ids=EMPTY)
def test_empty(make):
    """Without data a figure says so in words instead of drawing empty axes."""
    chart = make()
    assert not chart.data
    assert chart.layout.annotations[0].text.startswith("No ")


def test_rates_worst_first():
    """The worst group is on top, each with its interval, and all together are the dotted line."""
    chart = charts.rates(rates(good=(99, 100), bad=(50, 100), fair=(90, 100)))
    dots = chart.data[0]
    assert list(dots.y) == ["bad", "fair", "good"]
    assert [round(low, 3) for low in dots.x - dots.error_x.arrayminus] == [0.404, 0.826, 0.946]
    assert [round(high, 3) for high in dots.x + dots.error_x.array] == [0.596, 0.945, 0.998]
    assert chart.layout.shapes[0].x0 == pytest.approx(239 / 300)
    assert "50 of 100 accepted messages reported delivered: 50.0 %" in dots.hovertext[0]


def test_failure_rates_worst_first():
    """Of a rate that is bad when high, the highest is on top."""
    frame = rates(low=(1, 100), high=(9, 100)).rename(
        columns={"n_delivered": "n_failed", "delivery_rate": "failure_rate"}
    )
    assert list(charts.rates(frame, name="failure").data[0].y) == ["high", "low"]


def test_rates_of_many_groups():
    """Of many groups the largest are drawn, and the figure says that there are more."""
    many = rates(**{f"c{place}": (9 + place, 10 + place) for place in range(500)})
    chart = charts.rates(many)
    assert len(chart.data[0].y) == 20
    assert chart.layout.annotations[-1].text == "Showing the 20 largest of 500."


def test_rates_by_two_dimensions():
    """Several dimensions name a group together, and a null is told as such."""
    frame = rates(a=(1, 2)).assign(operator=pd.array([None], "str"))
    assert list(charts.rates(frame, ["campaign_id", "operator"]).data[0].y) == ["a · not given"]


@pytest.mark.parametrize("share", [(0, 5), (5, 5), (1, 1), (499_999, 500_000)], ids=str)
def test_axis_of_shares(share):
    """Ticks stay within 0 and 100 % and there are at least two, however narrow or one-sided the interval."""
    axis = charts.rates(rates(a=share)).layout.xaxis
    assert len(axis.tickvals) >= 2
    assert all(0 <= tick <= 1 for tick in axis.tickvals)


def test_names_are_no_markup():
    """A name out of the data is text in labels and hovers, never markup."""
    evil = "<img src=x onerror=alert(1)>"
    figures = [
        charts.rates(rates(**{evil: (1, 2)})),
        charts.times(times(**{evil: (1, 2, 3, 4)})),
        charts.failure_codes(codes(("failed", evil, 1))),
    ]
    for chart in figures:
        assert "<img" not in chart.to_json().replace("\\u003c", "<")


def test_state_colours_everywhere():
    """A state has the same colour in every chart."""
    frame = steps(*[("2026-11-20 09:00", str(state), 1) for state in State])
    over_time = {trace.name: trace.marker.color for trace in charts.states_over_time(frame).data}
    bars = charts.accounting(counts(**{str(state): 1 for state in State})).data
    assert over_time == {trace.y[0]: trace.marker.color for trace in bars}
    assert over_time == {look.label: look.colour for look in charts.STATES.values()}


def test_every_state_has_a_look():
    """No state is without name, colour and meaning, and no two share a colour."""
    assert set(charts.STATES) == set(State)
    assert len({look.colour for look in charts.STATES.values()}) == len(State)


@pytest.mark.parametrize(
    "eye", [np.eye(3), DEUTERANOPIA, PROTANOPIA], ids=["common", "deuteranope", "protanope"]
)
def test_colours_are_told_apart(eye):
    """Any two states that are alike in being final differ clearly in colour, also to colour-blind eyes.

    Final and open states differ by their pattern too, so colour need not tell those apart.
    """
    for one, other in combinations(charts.STATES.values(), 2):
        if one.is_final == other.is_final:
            assert np.linalg.norm(lab(one.colour, eye) - lab(other.colour, eye)) > 12, (
                one.label,
                other.label,
            )


@pytest.mark.parametrize("paper", ["#ffffff", "#14181d"], ids=["light", "dark"])
def test_colours_stand_out(paper):
    """Every state stands out from white and from black (contrast at least 1.8, marks are large)."""
    for look in charts.STATES.values():
        bright, dim = sorted((luminance(look.colour), luminance(paper)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) > 1.8, look.label


def test_figures_do_not_grow_with_data():
    """A figure of a year in many states stays small, because it is made of counts."""
    hours = pd.date_range("2025-01-01", periods=60, freq="7D").astype(str)
    frame = steps(*[(hour, str(state), 10**6) for hour in hours for state in State], step_s=7 * 86_400)
    assert len(charts.states_over_time(frame).to_json()) < 40_000


def test_a_single_step_does_not_fill_the_chart():
    """One message makes one narrow bar and whole-numbered ticks."""
    chart = charts.states_over_time(steps(("2026-11-20 09:00", "delivered", 1)))
    first, last = chart.layout.xaxis.range
    assert last - first == pd.Timedelta(seconds=900) * 12
    assert chart.layout.yaxis.dtick == 1


def test_times_are_on_a_scale_of_ratios():
    """Quantiles of nothing and less are drawn at its beginning, ticks are before and behind the data."""
    chart = charts.times(times(a=(-3, 0, 2, 50)))
    assert chart.data[0].x == (0.05, 0.05, 2, 50)
    assert chart.layout.xaxis.tickvals[-1] >= 50
    assert "half within -3.0 s" in chart.data[0].hovertext


def test_templates_are_json():
    """The page takes both templates as JSON, which differ in ink and paper only."""
    light, dark = (
        json.loads(go.Figure(layout={"template": charts.template(mode)}).to_json())
        for mode in ("light", "dark")
    )
    light, dark = (figure["layout"]["template"]["layout"] for figure in (light, dark))
    assert {key for key in light if light[key] != dark[key]} == {"font", "paper_bgcolor", "xaxis", "yaxis"}


def linear(colour: str) -> np.ndarray:
    """Linear RGB of an sRGB colour."""
    rgb = np.array([int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG)."""
    return float(linear(colour) @ [0.2126, 0.7152, 0.0722])


def lab(colour: str, eye: np.ndarray) -> np.ndarray:
    """CIELAB of what that eye sees."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(eye @ linear(colour), 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
