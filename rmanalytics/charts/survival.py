"""Time to delivery as curves: the share delivered and the share failed after each time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.latency import TICKS
from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import empty, faded, figure
from rmanalytics.models import FINAL, State
from rmanalytics.support.wording import duration, interval, percent

N_POINTS = 240
_LEAST_S = 0.5
_MOST_S = 7 * 86_400.0


def incidence(frame: pd.DataFrame) -> go.Figure:
    """Return the share of accepted messages delivered, and failed, after each time, with 95 % bands.

    `frame` is what `metrics.curves` gives without dimensions; times are on a logarithmic scale.
    """
    if frame.empty:
        return empty("No message was accepted, so there is no time to show.")
    shown = _thinned(frame)
    chart = figure(340, hovermode="closest")
    for state in FINAL:
        if frame[f"n_{state}"].sum():
            _draw(chart, shown, state)
    if not chart.data:
        return empty("No message is final yet, so there is no time to show.")
    chart.update_yaxes(
        range=[0, 1.02], tickvals=[0, 0.25, 0.5, 0.75, 1], ticktext=["0 %", "25 %", "50 %", "75 %", "100 %"]
    )
    return chart.update_xaxes(**_scale(shown["time_s"]))


def _draw(chart: go.Figure, shown: pd.DataFrame, state: State) -> None:
    look = STATES[state]
    x = shown["time_s"].clip(lower=_LEAST_S)
    edge: dict[str, Any] = {"x": x, "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    line = {"shape": "hv", "width": 0, "color": look.colour}
    chart.add_trace(go.Scatter(y=shown[f"{state}_low"].round(5), line=line, **edge))
    fill = {"fill": "tonexty", "fillcolor": faded(look.colour, 0.3)}
    chart.add_trace(go.Scatter(y=shown[f"{state}_high"].round(5), line=line, **fill, **edge))
    hovers = [
        f"<b>{percent(share)} {look.label}</b> within {duration(time_s)}<br>95 % interval {interval(low, high)}"
        f"<br>{n:,} messages were observed that long"
        for time_s, n, share, low, high in shown[
            ["time_s", "n_at_risk", state.value, f"{state}_low", f"{state}_high"]
        ].itertuples(index=False)
    ]
    own = {"shape": "hv", "width": 2.5, "color": look.colour, "dash": "solid" if look.is_final else "dot"}
    chart.add_trace(
        go.Scatter(
            x=x,
            y=shown[state.value].round(5),
            mode="lines",
            name=look.label,
            line=own,
            hovertext=hovers,
            hoverinfo="text",
        )
    )


def _thinned(frame: pd.DataFrame) -> pd.DataFrame:
    """Return at most `N_POINTS` of the times, evenly on a logarithmic scale, first and last among them."""
    if len(frame) <= N_POINTS:
        return frame
    logs = np.log(frame["time_s"].clip(lower=_LEAST_S).to_numpy())
    wanted = np.linspace(logs[0], logs[-1], N_POINTS)
    places = np.unique(np.clip(np.searchsorted(logs, wanted), 0, len(frame) - 1))
    return frame.iloc[np.unique(np.concatenate([[0], places, [len(frame) - 1]]))]


def _scale(time_s: pd.Series) -> dict[str, Any]:
    """Return the axis from the first to the last time, with few ticks."""
    low = min(max(float(time_s.min()), _LEAST_S), 1.0)
    high = min(max(float(time_s.max()), 10.0), _MOST_S)
    ticks: list[float] = []
    for tick in sorted(tick for tick in TICKS if low <= tick <= high * 1.05):
        if not ticks or math.log(tick / ticks[-1]) > 0.14 * math.log(high / low):
            ticks.append(tick)
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high * 1.05)],
        "tickvals": ticks,
        "ticktext": [TICKS[tick] for tick in ticks],
        "tickangle": 0,
        "title_text": "time since acceptance",
    }
