"""Kinds of template mismatch, and how operators answered them."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import ROW_PX, empty, figure, label
from rmanalytics.models import State

N_ROWS = 15
_PARTS = {
    "rejected for the template": ("n_rejected", STATES[State.FAILED].colour),
    "delivered anyway": ("n_delivered", STATES[State.DELIVERED].colour),
    "failed for other reasons": ("n_otherwise", STATES[State.REFUSED].colour),
    "not final": ("n_open", STATES[State.NO_DLR].colour),
}


def mismatches(frame: pd.DataFrame) -> go.Figure:
    """Return a bar per kind of mismatch, split by what happened to its messages; `frame` is `template_checks.kinds`."""
    if frame.empty:
        return empty("Every checked message matches its template.")
    shown = frame.head(N_ROWS)
    kinds = [label(reason.replace("_", " ")) for reason in shown["reason"]]
    chart = figure(len(shown) * ROW_PX + 110, barmode="stack")
    for name, (column, colour) in _PARTS.items():
        if shown[column].sum():
            chart.add_trace(
                go.Bar(
                    x=shown[column],
                    y=kinds,
                    name=name,
                    orientation="h",
                    marker={"color": colour},
                    hovertext=[f"{n:,} {name}" for n in shown[column]],
                    hoverinfo="text+y",
                )
            )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(title_text="messages", rangemode="tozero", nticks=5)
