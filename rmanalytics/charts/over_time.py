"""States of messages over time."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import empty, figure, marker
from rmanalytics.metrics.over_time import STEPS_S

_STEPS = "second, 5 seconds, 15 seconds, minute, 5 minutes, 15 minutes, hour, 3 hours, 6 hours, day, week"
STEP_NAMES = dict(zip(STEPS_S, _STEPS.split(", "), strict=True))

N_STEPS_MIN = 12
"""The axis spans at least this many steps, so that a single bar does not fill the chart."""


def states_over_time(frame: pd.DataFrame) -> go.Figure:
    """Return stacked bars of the messages planned in each step, from `metrics.over_time.states_over_time`."""
    if frame.empty:
        return empty("No messages.")
    step_s = int(frame["step_s"].iloc[0])
    chart = figure(340, barmode="stack", bargap=0.06, hovermode="x unified")
    for state, look in STATES.items():
        own = frame[frame["state"] == state]
        if own.empty:
            continue
        chart.add_trace(
            go.Bar(
                x=own["started_at"] + pd.Timedelta(seconds=step_s / 2),
                y=own["n_messages"],
                width=step_s * 1000 * 0.94,
                name=look.label,
                marker=marker(state),
                hovertemplate="%{y:,} " + look.label + "<extra></extra>",
            )
        )
    chart.update_yaxes(title_text=f"messages per {STEP_NAMES[step_s]}", rangemode="tozero", tickformat=",d")
    if frame.groupby("started_at")["n_messages"].sum().max() < 5:
        chart.update_yaxes(dtick=1)
    return chart.update_xaxes(
        range=_span(frame["started_at"], step_s), showgrid=False, type="date", nticks=5, tickangle=0
    )


def _span(started_at: pd.Series, step_s: int) -> list[pd.Timestamp]:
    """Return where the time axis begins and ends: around all steps, and never fewer than `N_STEPS_MIN`."""
    step = pd.Timedelta(seconds=step_s)
    first, last = started_at.min(), started_at.max() + step
    spare = max(N_STEPS_MIN * step - (last - first), pd.Timedelta(0)) / 2
    return [first - spare, last + spare]
