"""Rates as dots with their intervals: the uncertainty is what catches the eye."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.points import points
from rmanalytics.charts.states import RATE_COLOURS
from rmanalytics.charts.style import GAP, ROW_PX, empty, faded, figure, label, text_px
from rmanalytics.models import RATES, Rate
from rmanalytics.support.wording import interval, percent

N_ROWS = 20
_STEPS = (0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5)


def rates(frame: pd.DataFrame, by: str | Sequence[str] = "campaign_id", name: str = "delivery") -> go.Figure:
    """Return one dot with its 95 % interval per group, worst first; the dotted line is all groups together.

    `frame` is what `metrics.rates` gives; at most 20 groups are drawn, those with the most messages.
    """
    rate = RATES[name]
    table = points(frame, [by] if isinstance(by, str) else by, name)
    if table.empty:
        return empty(f"No {rate.base} messages, so there is no rate.")
    shown = table.nlargest(N_ROWS, "n").sort_values("rate", ascending=rate.is_good, kind="stable")
    chart = _rows(shown, name)
    chart.update_xaxes(title_text=f"share {rate.title}, 95 % interval")
    _together(chart.add_vline, table)
    if len(table) > N_ROWS:
        chart.add_annotation(**_footnote(f"Showing the {N_ROWS} largest of {len(table):,}."))
    return chart


def worst(frame: pd.DataFrame, by: str = "campaign_id", name: str = "delivery", n_min: int = 30) -> go.Figure:
    """Return the 20 worst groups, ranked by the better end of their interval: they are at least that bad.

    `frame` is what `metrics.rates` gives; groups of fewer than `n_min` are left out, the dotted line is all
    groups together.
    """
    table = points(frame, [by], name)
    known = table[table["n"] >= n_min]
    if known.empty:
        return empty(f"No group has {n_min} {RATES[name].base} messages or more, so none can be ranked.")
    good = RATES[name].is_good
    shown = known.nsmallest(N_ROWS, "high") if good else known.nlargest(N_ROWS, "low")
    chart = _rows(shown, name)
    chart.update_xaxes(title_text=f"share {RATES[name].title}, 95 % interval")
    _together(chart.add_vline, table)
    return chart


def rates_by_hour(frame: pd.DataFrame, name: str = "delivery") -> go.Figure:
    """Return the rate with its 95 % interval per hour of the day in which messages were planned."""
    table = points(frame[frame["hour"].notna()], ["hour"], name)
    if table.empty:
        return empty(f"No {RATES[name].base} messages, so there is no rate.")
    hours = table["hour"].astype(int)
    table = table.assign(group=[f"{hour:02d}:00–{hour:02d}:59" for hour in hours])
    chart = figure(300, showlegend=False)
    dots = _dots(table, name, "error_y")
    chart.add_trace(go.Scatter(x=hours, y=table["rate"], **dots))
    chart.update_xaxes(
        range=[-0.6, 23.6], tickvals=[0, 6, 12, 18, 23], title_text="hour of the day", showgrid=False
    )
    chart.update_yaxes(**axis(table, room=0.08))
    _together(chart.add_hline, table)
    return chart


def _rows(table: pd.DataFrame, name: str) -> go.Figure:
    """Return a dot with its interval per row, its figures behind it."""
    groups = [label(group) for group in table["group"]]
    brief = [f"{GAP}{percent(rate)}" for rate in table["rate"]]
    texts = [f"{text} of {n:,}" for text, n in zip(brief, table["n"], strict=True)]
    chart = figure(len(table) * ROW_PX + 76, showlegend=False, margin_r=text_px(texts))
    chart.update_layout(meta={"narrow_margin_r": text_px(brief)})
    chart.add_trace(go.Scatter(x=table["rate"], y=groups, **_dots(table, name, "error_x")))
    chart.add_trace(
        go.Scatter(
            x=table["high"],
            y=groups,
            text=texts,
            meta={"narrow_text": brief},
            mode="text",
            textposition="middle right",
            hoverinfo="skip",
            cliponaxis=False,
        )
    )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(**axis(table, room=0.03))


def _dots(table: pd.DataFrame, name: str, error: str) -> dict[str, Any]:
    """Return the look and hover texts of the dots; the interval is a broad band behind each."""
    colour = RATE_COLOURS[name]
    band = {
        "type": "data",
        "symmetric": False,
        "array": table["high"] - table["rate"],
        "arrayminus": table["rate"] - table["low"],
        "thickness": 6,
        "width": 0,
        "color": faded(colour),
    }
    return {
        error: band,
        "mode": "markers",
        "marker": {"size": 10, "color": colour},
        "hovertext": [_hover(row, RATES[name]) for row in table.to_dict("records")],
        "hoverinfo": "text",
    }


def _hover(row: Mapping[Any, Any], rate: Rate) -> str:
    return (
        f"<b>{label(row['group'], 60)}</b><br>{row['k']:,} of {row['n']:,} {rate.base} messages {rate.told}: "
        f"{percent(row['rate'])}<br>95 % interval {interval(row['low'], row['high'])}"
    )


def axis(table: pd.DataFrame, *, room: float) -> dict[str, Any]:
    """Return an axis of shares: no wider than the data needs (and `room`), ticks within 0 and 1."""
    low, high = float(table["low"].min()), float(table["high"].max())
    span = max(high - low, 1e-4)
    step = next(step for step in _STEPS if span / step <= 3)
    first, last = math.floor(low / step), min(math.ceil(high / step), round(1 / step))
    ticks = [tick * step for tick in range(first, last + 1)]
    digits = max(0, -math.floor(math.log10(100 * step)))
    return {
        "range": [min(low, ticks[0]) - 0.03 * span, max(high, ticks[-1]) + room * span],
        "tickangle": 0,
        "tickvals": ticks,
        "ticktext": [f"{100 * tick:.{digits}f} %" for tick in ticks],
    }


def _together(add_line: Any, table: pd.DataFrame) -> None:
    """Draw all groups together as a dotted line, when there is more than one."""
    if len(table) > 1:
        together = table["k"].sum() / table["n"].sum()
        add_line(together, line={"dash": "dot", "width": 1.5, "color": "#6E6E6E"}, layer="below")


def _footnote(text: str) -> dict[str, Any]:
    place = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {"text": text, "showarrow": False, "font": {"size": 12}, **place}
