"""What happened to single messages, step by step, in seconds since each was planned."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GRID, ROW_PX, empty, figure, label
from rmanalytics.models import State
from rmanalytics.support.wording import duration

N_ROWS = 12
PLANNED, SUBMITTED = "planned", "submitted"
_COLOURS = {PLANNED: "#8A8F98", SUBMITTED: STATES[State.UNSENT].colour} | {
    state.value: STATES[state].colour
    for state in (State.QUEUED, State.UNKNOWN, State.DELIVERED, State.FAILED)
}
_SYMBOLS = {PLANNED: "circle-open", SUBMITTED: "square"}


def timeline(frame: pd.DataFrame) -> go.Figure:
    """Return per message when it was planned, submitted and reported on; a DLR is drawn at the time it reached us.

    Columns: message (a label), step (planned, submitted, or what the DLR says), at (aware). At most 12 messages.
    """
    if frame.empty:
        return empty("No messages.")
    names = frame["message"].drop_duplicates().head(N_ROWS).tolist()
    shown = frame[frame["message"].isin(names)]
    start = shown.groupby("message")["at"].transform("min")
    shown = shown.assign(seconds=(shown["at"] - start).dt.total_seconds())
    chart = figure(len(names) * ROW_PX + 120)
    chart.add_trace(_line(shown, names))
    for step, colour in _COLOURS.items():
        if (rows := shown[shown["step"] == step]).size:
            chart.add_trace(_marks(rows, step, colour))
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=10)
    return chart.update_xaxes(title_text="seconds since it was planned", rangemode="tozero", nticks=6)


def _line(shown: pd.DataFrame, names: list[str]) -> go.Scatter:
    """A thin line from the first step to the last one of each message."""
    ends = shown.groupby("message")["seconds"].max()
    x = [end for name in names for end in (0.0, float(ends[name]), None)]
    y = [label(name) for name in names for _ in range(3)]
    return go.Scatter(
        x=x, y=y, mode="lines", line={"color": GRID["light"], "width": 4}, hoverinfo="skip", showlegend=False
    )


def _marks(rows: pd.DataFrame, step: str, colour: str) -> go.Scatter:
    return go.Scatter(
        x=rows["seconds"],
        y=[label(name) for name in rows["message"]],
        mode="markers",
        name=step,
        marker={"color": colour, "size": 11, "symbol": _SYMBOLS.get(step, "diamond"), "opacity": 1},
        hovertext=[
            f"<b>{label(name)}</b>: {step} after {duration(s)}"
            for name, s in zip(rows["message"], rows["seconds"], strict=True)
        ],
        hoverinfo="text",
        cliponaxis=False,
    )
