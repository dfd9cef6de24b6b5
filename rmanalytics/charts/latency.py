"""Time to DLR: from the middle message to the slowest, on a scale that shows seconds and hours alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.points import group_names
from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, empty, faded, figure, label, text_px
from rmanalytics.models import State
from rmanalytics.support.wording import duration

N_ROWS = 20
TICKS = {
    0.1: "0.1 s",
    1: "1 s",
    5: "5 s",
    10: "10 s",
    30: "30 s",
    60: "1 min",
    300: "5 min",
    1800: "30 min",
    3600: "1 h",
    6 * 3600: "6 h",
    86_400: "1 day",
    3 * 86_400: "3 days",
}
_LEAST_S = 0.05
"""Shorter times (also negative ones) are drawn here: a logarithmic scale has no zero."""

_QUANTILES = ("p50", "p90", "p95", "p99")
_SHARES = ("half", "9 of 10", "19 of 20", "99 of 100")


def times(
    frame: pd.DataFrame, by: str | Sequence[str] = "campaign_id", state: State = State.DELIVERED
) -> go.Figure:
    """Return per group how long messages took: the dots are p50, p90, p95 and p99, slowest group first.

    `frame` is what `metrics.time_to_dlr` gives; at most 20 groups are drawn, those with the most messages.
    """
    names = group_names(frame, [by] if isinstance(by, str) else by)
    shown = frame.assign(group=names)[frame[f"n_{state}_timed"] > 0]
    if shown.empty:
        return empty(f"No message is reported {STATES[state].label}, so there is no time to show.")
    shown = shown.nlargest(N_ROWS, f"n_{state}_timed").sort_values(f"{state}_p95_s", ascending=False)
    quantiles = [f"{state}_{quantile}_s" for quantile in _QUANTILES]
    rows = shown.to_dict("records")
    brief = [f"{GAP}{duration(row[quantiles[-1]])}" for row in rows]
    texts = [
        f"{GAP}{duration(row[quantiles[0]])} – {last.strip(GAP)}"
        for row, last in zip(rows, brief, strict=True)
    ]
    chart = figure(len(rows) * ROW_PX + 76, showlegend=False, margin_r=text_px(texts))
    chart.update_layout(meta={"narrow_margin_r": text_px(brief)})
    for row, *told in zip(rows, texts, brief, strict=True):
        chart.add_trace(_line(row, quantiles, told, state))
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(**_scale(shown[quantiles]))


def _line(row: Mapping[Any, Any], quantiles: list[str], told: list[str], state: State) -> go.Scatter:
    colour, n = STATES[state].colour, row[f"n_{state}_timed"]
    text, narrow = ([*[""] * (len(quantiles) - 1), last] for last in told)
    lines = [f"<b>{label(row['group'], 60)}</b>, {n:,} {STATES[state].label}"]
    lines += [f"{share} within {duration(row[name])}" for share, name in zip(_SHARES, quantiles, strict=True)]
    return go.Scatter(
        x=[max(row[name], _LEAST_S) for name in quantiles],
        y=[label(row["group"])] * len(quantiles),
        mode="lines+markers+text",
        line={"color": faded(colour), "width": 6},
        marker={"color": colour, "size": [12, 7, 7, 7], "opacity": 1},
        text=text,
        meta={"narrow_text": narrow},
        textposition="middle right",
        hovertext="<br>".join(lines),
        hoverinfo="text",
        cliponaxis=False,
    )


def _scale(quantiles: pd.DataFrame) -> dict[str, object]:
    """Return the axis: few enough ticks for a phone, one before and one behind the data."""
    low, high = (max(float(end), _LEAST_S) for end in (quantiles.min().min(), quantiles.max().max()))
    low = max((tick for tick in TICKS if tick <= low), default=low) * 0.9
    high = min((tick for tick in TICKS if tick >= high), default=high) * 1.1
    ticks: list[float] = []
    for tick in sorted((tick for tick in TICKS if low <= tick <= high), reverse=True):
        if not ticks or math.log(ticks[-1] / tick) > 0.2 * math.log(high / low):
            ticks.append(tick)
    return {
        "type": "log",
        "range": [math.log10(low), math.log10(high)],
        "tickangle": 0,
        "tickvals": ticks[::-1],
        "ticktext": [TICKS[tick] for tick in ticks[::-1]],
        "title_text": "from half of the messages to 99 of 100",
    }
