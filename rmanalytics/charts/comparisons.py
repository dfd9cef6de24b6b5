"""Differences from all others, with their intervals: a band that crosses the line may be chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, empty, faded, figure, label, text_px
from rmanalytics.metrics.comparisons import Evidence
from rmanalytics.models import State
from rmanalytics.support.wording import percent

N_ROWS = 15
_COLOURS = {
    Evidence.HIGHER: STATES[State.DELIVERED].colour,
    Evidence.LOWER: STATES[State.FAILED].colour,
    Evidence.NONE: STATES[State.NO_DLR].colour,
    Evidence.FEW: STATES[State.NO_DLR].colour,
}


def differences(frame: pd.DataFrame, dimension: str) -> go.Figure:
    """Return, for the groups of one dimension, how far their delivery rate lies from that of the others.

    `frame` is what `metrics.comparisons` gives; the 15 groups with the most messages, lowest first (hours in
    their order). Green and red are differences that hold among all comparisons, grey ones may be chance.
    """
    table = frame[frame["dimension"] == dimension]
    if table.empty:
        return empty("There is only one group, so there is nothing to compare.")
    shown = table.head(24) if dimension == "hour" else table.nlargest(N_ROWS, "n_messages")
    if dimension != "hour":
        shown = shown.sort_values("difference", kind="stable")
    brief = [f"{GAP}{points(value)}" for value in shown["difference"]]
    texts = [f"{text}, {n:,}" for text, n in zip(brief, shown["n_messages"], strict=True)]
    groups = [label(f"{group:0>2}:00" if dimension == "hour" else group) for group in shown["group"]]
    chart = figure(len(shown) * ROW_PX + 76, showlegend=False, margin_r=text_px(texts))
    chart.update_layout(meta={"narrow_margin_r": text_px(brief)})
    for kind, colour in _COLOURS.items():
        own = shown["evidence"] == kind
        if own.any():
            chart.add_trace(
                _dots(shown[own], [g for g, is_own in zip(groups, own, strict=True) if is_own], colour)
            )
    chart.add_trace(
        go.Scatter(
            x=shown["high"],
            y=groups,
            text=texts,
            meta={"narrow_text": brief},
            mode="text",
            textposition="middle right",
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    chart.update_yaxes(
        type="category",
        categoryorder="array",
        categoryarray=groups[::-1],
        showgrid=False,
        ticklabelstandoff=4,
    )
    chart.add_vline(0, line={"dash": "dot", "width": 1.5, "color": "#6E6E6E"}, layer="below")
    return chart.update_xaxes(title_text="points above or below the others, 95 %", **_axis(shown))


def points(difference: float) -> str:
    """Return a difference of two shares in percentage points.

    >>> points(0.0213), points(-0.005), points(0.0)
    ('+2.1', '−0.5', '0.0')
    """
    rounded = round(100 * difference, 1)
    return f"{rounded:+.1f}".replace("-", "−") if rounded else "0.0"


def _dots(rows: pd.DataFrame, groups: list[str], colour: str) -> go.Scatter:
    band = {
        "type": "data",
        "symmetric": False,
        "array": rows["high"] - rows["difference"],
        "arrayminus": rows["difference"] - rows["low"],
        "thickness": 6,
        "width": 0,
        "color": faded(colour),
    }
    return go.Scatter(
        x=rows["difference"],
        y=groups,
        error_x=band,
        mode="markers",
        marker={"size": 10, "color": colour},
        hovertext=[_hover(row) for row in rows.to_dict("records")],
        hoverinfo="text",
    )


def _hover(row: Mapping[Any, Any]) -> str:
    return (
        f"<b>{label(row['group'], 60)}</b><br>{row['n_delivered']:,} of {row['n_messages']:,} reported delivered: "
        f"{percent(row['rate'])}<br>the others: {percent(row['rest_rate'])}<br>difference "
        f"{points(row['difference'])} points, 95 % interval {points(row['low'])} to {points(row['high'])}"
        f"<br>{row['evidence']}"
    )


def _axis(table: pd.DataFrame) -> dict[str, Any]:
    low, high = min(0.0, float(table["low"].min())), max(0.0, float(table["high"].max()))
    span = max(high - low, 0.002)
    step = next(s for s in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if span / s <= 4)
    ticks = [tick * step for tick in range(round(low / step - 0.5), round(high / step + 0.5) + 1)]
    return {
        "range": [low - 0.05 * span, high + 0.05 * span],
        "tickvals": ticks,
        "ticktext": [points(tick) for tick in ticks],
        "tickangle": 0,
    }
