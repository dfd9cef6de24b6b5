"""What was spent on messages that were delivered, that failed, and that are still open."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.points import group_names
from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import ROW_PX, empty, figure, label
from rmanalytics.models import State

N_ROWS = 15
_PARTS = {
    "delivered": ("spent_delivered", STATES[State.DELIVERED].colour),
    "failed": ("spent_failed", STATES[State.FAILED].colour),
    "still open": ("spent_open", STATES[State.NO_DLR].colour),
}


def spending(
    frame: pd.DataFrame, by: str | Sequence[str] = "campaign_id", currency: str = "INR"
) -> go.Figure:
    """Return what was spent per group as a bar split by state, the 15 most expensive, highest first.

    `frame` is what `metrics.spending` gives.
    """
    by = [by] if isinstance(by, str) else list(by)
    shown = frame[frame["n_priced"] > 0].nlargest(N_ROWS, "spent")
    if shown.empty:
        return empty("No DLR carries a cost, and no price is set.")
    groups = [label(group) for group in group_names(shown, by)]
    chart = figure(len(shown) * ROW_PX + 90, barmode="stack")
    for name, (column, colour) in _PARTS.items():
        hovers = [f"{label(name)}: {value:,.2f} {label(currency)}" for value in shown[column]]
        chart.add_trace(
            go.Bar(
                x=shown[column],
                y=groups,
                name=name,
                orientation="h",
                marker={"color": colour},
                hovertext=hovers,
                hoverinfo="text+y",
            )
        )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(title_text=f"spent, {currency}", rangemode="tozero", nticks=5)
