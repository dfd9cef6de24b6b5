"""Messages counted by state: in all, and over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, empty, figure, label, text_px
from rmanalytics.metrics.over_time import STEPS_S
from rmanalytics.models import State
from rmanalytics.support.wording import interval, percent

_STEPS = "second, 5 seconds, 15 seconds, minute, 5 minutes, 15 minutes, hour, 3 hours, 6 hours, day, week"
STEP_NAMES = dict(zip(STEPS_S, _STEPS.split(", "), strict=True))

N_STEPS_MIN = 12
"""A single bar shall not fill the chart."""


def accounting(frame: pd.DataFrame) -> go.Figure:
    """Return one bar per state that has messages, from a frame of `metrics.accounting` with one row."""
    row = frame.to_dict("records")[0]
    counts = {state: int(row[f"n_{state}"]) for state in STATES if row[f"n_{state}"]}
    if not counts:
        return empty("No messages here.")
    texts = {state: f"{GAP}{n:,} ({percent(n / row['n_submitted'])})" for state, n in counts.items()}
    chart = figure(
        len(counts) * ROW_PX + 30, showlegend=False, barmode="overlay", margin_r=text_px(texts.values())
    )
    for state, n in counts.items():
        look = STATES[state]
        hover = f"<b>{look.label}: {n:,}</b><br>{look.meaning}"
        chart.add_trace(_bars([n], [look.label], state, texts=[texts[state]], hovers=[hover]))
    chart.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(visible=False, range=[0, max(counts.values())])


def states_over_time(frame: pd.DataFrame) -> go.Figure:
    """Return stacked bars of the messages planned in each step, from `metrics.over_time.states_over_time`."""
    if frame.empty:
        return empty("No messages here.")
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
                marker=_look(state),
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


def failure_codes(frame: pd.DataFrame, n_rows: int = 15) -> go.Figure:
    """Return one bar per code, the most frequent first, from `metrics.failure_codes`."""
    if frame.empty:
        return empty("No message failed or was refused.")
    rows = frame.head(n_rows).to_dict("records")
    texts = [f"{GAP}{row['n_messages']:,} ({percent(row['share'])})" for row in rows]
    chart = figure(len(rows) * ROW_PX + 40, showlegend=False, barmode="overlay", margin_r=text_px(texts))
    for row, text in zip(rows, texts, strict=True):
        name = [label(code_name(row["state"], row["code"]))]
        chart.add_trace(
            _bars([row["n_messages"]], name, row["state"], texts=[text], hovers=[_code_hover(row)])
        )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(visible=False, range=[0, rows[0]["n_messages"]])


def code_name(state: str, code: object) -> str:
    """Return how a code is called in charts and words.

    >>> code_name("failed", "20b"), code_name("refused", "1706"), code_name("failed", None)
    ('failed 20b', 'refused 1706', 'failed, no code')
    """
    return f"{state}, no code" if code is None or code != code else f"{state} {code}"


def _bars(counts: list[int], names: list[str], state: str, *, texts: list[str], hovers: list[str]) -> go.Bar:
    """Return bars to the right in the state's colour, their figures behind them."""
    return go.Bar(
        x=counts,
        y=names,
        orientation="h",
        marker=_look(state),
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertext=hovers,
        hoverinfo="text",
    )


def _code_hover(row: Mapping[Any, Any]) -> str:
    base = "submitted" if row["state"] == State.REFUSED else "accepted"
    name = label(code_name(row["state"], row["code"]), 60)
    return (
        f"<b>{name}</b><br>{row['n_messages']:,} of {row['n_base']:,} {base} "
        f"messages: {percent(row['share'])}<br>95 % interval {interval(row['low'], row['high'])}"
    )


def _look(state: str) -> dict[str, Any]:
    """Return colour and pattern: what is not final is hatched, so that it shows without colour too."""
    look = STATES[State(state)]
    hatched = {"shape": "/", "size": 6, "solidity": 0.3, "bgcolor": look.colour, "fgcolor": "#ffffff"}
    return {"color": look.colour, "pattern": {} if look.is_final else hatched}
