"""What is still in flight: by age, and over time."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.over_time import STEP_NAMES
from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, empty, faded, figure, text_px
from rmanalytics.models import OPEN, State
from rmanalytics.support.wording import percent


def ages(frame: pd.DataFrame) -> go.Figure:
    """Return a bar per class of age, in the colours of the states, from `metrics.in_flight.ages`."""
    if not int(frame["n_messages"].sum()):
        return empty("Nothing is in flight.")
    chances = [
        f", {percent(c, 0)} of earlier ones arrived" if c == c else "" for c in frame["still_delivered"]
    ]
    brief = [f"{GAP}{n:,}" if n else "" for n in frame["n_messages"]]
    texts = [f"{text}{chance}" if text else "" for text, chance in zip(brief, chances, strict=True)]
    chart = figure(len(frame) * ROW_PX + 60, barmode="stack", margin_r=text_px(texts))
    chart.update_layout(meta={"narrow_margin_r": text_px(brief)})
    for state in OPEN:
        look, n = STATES[state], frame[f"n_{state}"]
        if not n.sum():
            continue
        chart.add_trace(
            go.Bar(
                x=n,
                y=frame["age"],
                orientation="h",
                name=look.label,
                marker={"color": look.colour},
                hovertext=[f"<b>{look.label}: {one:,}</b><br>{look.meaning}" for one in n],
                hoverinfo="text+y",
            )
        )
    chart.add_trace(
        go.Scatter(
            x=frame["n_messages"],
            y=frame["age"],
            text=texts,
            meta={"narrow_text": brief},
            mode="text",
            textposition="middle right",
            hoverinfo="skip",
            showlegend=False,
            cliponaxis=False,
        )
    )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(visible=False, range=[0, int(frame["n_messages"].max())])


def in_flight(frame: pd.DataFrame) -> go.Figure:
    """Return how many messages were in flight at the end of each step, from `metrics.in_flight.over_time`."""
    if frame.empty:
        return empty("No message was accepted, so none was in flight.")
    step_s = int(frame["step_s"].iloc[0])
    ends = frame["started_at"] + pd.Timedelta(seconds=step_s)
    colour = STATES[State.QUEUED].colour
    hovers = [
        f"<b>{n:,} in flight</b> at {end:%-d %b %H:%M:%S}<br>in the {STEP_NAMES[step_s]} before, {came:,} came and "
        f"{left:,} left"
        for end, n, came, left in zip(
            ends, frame["n_in_flight"], frame["n_arrived"], frame["n_left"], strict=True
        )
    ]
    chart = figure(280, showlegend=False)
    chart.add_trace(
        go.Scatter(
            x=ends,
            y=frame["n_in_flight"],
            mode="lines" if len(frame) > 1 else "lines+markers",
            line={"color": colour, "width": 2.5},
            fill="tozeroy",
            fillcolor=faded(colour, 0.25),
            hovertext=hovers,
            hoverinfo="text",
        )
    )
    chart.update_yaxes(title_text="messages in flight", rangemode="tozero", tickformat=",d")
    return chart.update_xaxes(type="date", showgrid=False, nticks=5, tickangle=0)
