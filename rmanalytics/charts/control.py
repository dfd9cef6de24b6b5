"""A rate over time with its control limits: steps outside them are coloured, steps too recent to judge are grey."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.rates import axis
from rmanalytics.charts.states import RATE_COLOURS, STATES
from rmanalytics.charts.style import empty, faded, figure
from rmanalytics.metrics.control import DAY_S, StepVerdict
from rmanalytics.models import RATES, State
from rmanalytics.support.wording import interval, percent

GREY = "#6E6E6E"
N_STEPS_MIN = 7
"""The axis spans at least this many steps, so that a single one does not fill the chart."""

_MARKS = {
    StepVerdict.STEADY: ("circle", None),
    StepVerdict.BELOW: ("triangle-down", STATES[State.FAILED].colour),
    StepVerdict.ABOVE: ("triangle-up", STATES[State.UNSENT].colour),
    StepVerdict.DRIFT: ("diamond", STATES[State.UNCLEAR].colour),
    StepVerdict.FEW: ("circle-open", GREY),
    StepVerdict.YOUNG: ("circle-open-dot", GREY),
}


def changes(frame: pd.DataFrame, name: str = "delivery") -> go.Figure:
    """Return the rate of each step of time, its interval, and the limits of chance.

    `frame` is what `metrics.control.changes` gives.
    """
    if frame.empty:
        return empty("No message was accepted, so there is no rate.")
    if len(frame) == 1:
        return empty("A single point: there is nothing to compare it with.")
    half = pd.Timedelta(seconds=int(frame["step_s"].iloc[0]) / 2)
    x = frame["started_at"] + half
    chart = figure(340)
    if frame["centre"].notna().any():
        _limits(chart, frame, x)
    for verdict, (symbol, colour) in _MARKS.items():
        own = frame["verdict"] == verdict
        if own.any():
            colour = colour or RATE_COLOURS[name]
            mark = {"symbol": symbol, "size": 9, "color": colour}
            counted = "in flight" if name == "queue" else RATES[name].told
            chart.add_trace(_dots(frame[own], x[own], mark, verdict, counted))
    judged = frame[~frame["verdict"].isin([StepVerdict.FEW, StepVerdict.YOUNG])]
    span = judged if len(judged) else frame
    ends = pd.DataFrame(
        {
            "low": span[["low", "lower"]].min(axis="columns"),
            "high": span[["high", "upper"]].max(axis="columns"),
        }
    )
    chart.update_yaxes(**axis(ends, room=0.05))
    is_days = int(frame["step_s"].iloc[0]) >= DAY_S
    spare = max(2 * half, (N_STEPS_MIN * 2 * half - (x.max() - x.min())) / 2)
    ticks = {"tickformat": "%-d %b"} if is_days else {}
    return chart.update_xaxes(
        range=[x.min() - spare, x.max() + spare],
        type="date",
        showgrid=False,
        nticks=5,
        tickangle=0,
        **ticks,
    )


def _limits(chart: go.Figure, frame: pd.DataFrame, x: pd.Series) -> None:
    edge: dict[str, Any] = {"x": x, "mode": "lines", "hoverinfo": "skip"}
    line = {"width": 0, "color": GREY, "shape": "hvh"}
    chart.add_trace(go.Scatter(y=frame["lower"], line=line, showlegend=False, **edge))
    chart.add_trace(
        go.Scatter(
            y=frame["upper"],
            line=line,
            fill="tonexty",
            fillcolor=faded(GREY, 0.16),
            name="range of chance",
            **edge,
        )
    )
    dotted = {"width": 1.5, "dash": "dot", "color": GREY}
    chart.add_trace(go.Scatter(y=frame["centre"], line=dotted, showlegend=False, **edge))


def _dots(
    rows: pd.DataFrame, x: pd.Series, mark: dict[str, Any], verdict: StepVerdict, counted: str
) -> go.Scatter:
    band = {
        "type": "data",
        "symmetric": False,
        "array": rows["high"] - rows["rate"],
        "arrayminus": rows["rate"] - rows["low"],
        "thickness": 2,
        "width": 0,
        "color": faded(mark["color"]),
    }
    pattern = "%-d %b %Y" if rows["step_s"].iloc[0] >= DAY_S else "%-d %b, %H:%M"
    hovers = [
        f"<b>{row['started_at']:{pattern}}: {percent(row['rate'])}</b><br>{row['k']:,} of {row['n']:,} {counted}"
        f"<br>95 % interval {interval(row['low'], row['high'])}"
        f"<br>range of chance {interval(row['lower'], row['upper'])}<br>{verdict}"
        for row in rows.to_dict("records")
    ]
    return go.Scatter(
        x=x,
        y=rows["rate"],
        error_y=band,
        mode="markers",
        name=verdict.value,
        marker=mark,
        hovertext=hovers,
        hoverinfo="text",
    )
