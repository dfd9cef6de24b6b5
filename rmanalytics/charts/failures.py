"""Failures by code, and by who can act on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, bars, empty, figure, label, text_px
from rmanalytics.metrics.failures import PARTIES
from rmanalytics.models import Lasting, Party, State
from rmanalytics.support.wording import interval, percent

_LOOKS = {
    Lasting.PERMANENT: (STATES[State.FAILED].colour, ""),
    Lasting.TEMPORARY: (STATES[State.UNCLEAR].colour, "/"),
    Lasting.UNTOLD: (STATES[State.NO_DLR].colour, "."),
}
"""Colour and pattern: a failure that would happen again is as red as failed."""


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
            bars([row["n_messages"]], name, row["state"], texts=[text], hovers=[_code_hover(row)])
        )
    chart.update_yaxes(type="category", autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(visible=False, range=[0, rows[0]["n_messages"]])


def code_name(state: str, code: object) -> str:
    """Return the name of a code in charts and sentences.

    >>> code_name("failed", "20b"), code_name("refused", "1706"), code_name("failed", None)
    ('failed 20b', 'refused 1706', 'failed, no code')
    """
    return f"{state}, no code" if code is None or code != code else f"{state} {code}"


def parties(frame: pd.DataFrame) -> go.Figure:
    """Return one bar per party who can act, split by whether the failure is permanent; see `metrics.failures`."""
    if frame.empty:
        return empty("No message failed or was refused.")
    sums = frame.groupby("party")["n_messages"].sum().sort_values(ascending=False, kind="stable")
    brief = [f"{GAP}{percent(n / sums.sum(), 0)}" for n in sums]
    texts = [f"{GAP}{n:,} ({text.strip(GAP)})" for n, text in zip(sums, brief, strict=True)]
    chart = figure(len(sums) * ROW_PX + 60, barmode="stack", margin_r=text_px(texts))
    chart.update_layout(meta={"narrow_margin_r": text_px(brief)})
    for lasting in _LOOKS:
        own = frame[frame["lasting"] == lasting].set_index("party")["n_messages"].reindex(sums.index)
        if own.sum():
            chart.add_trace(_bars(lasting, own.fillna(0)))
    chart.add_trace(
        go.Scatter(
            x=sums,
            y=list(sums.index),
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
    return chart.update_xaxes(visible=False, range=[0, int(sums.max())])


def _bars(lasting: Lasting, own: pd.Series[float]) -> go.Bar:
    """Return the parts of the bars that last as long, by party."""
    colour, shape = _LOOKS[lasting]
    pattern = {"shape": shape, "size": 6, "solidity": 0.3, "bgcolor": colour, "fgcolor": "#ffffff"}
    return go.Bar(
        x=own,
        y=list(own.index),
        orientation="h",
        name=lasting.value,
        marker={"color": colour, "pattern": pattern if shape else {}},
        hovertext=[
            f"<b>{party}: {int(n):,} {lasting}</b><br>{PARTIES[Party(str(party))]}"
            for party, n in own.items()
        ],
        hoverinfo="text",
    )


def _code_hover(row: Mapping[Any, Any]) -> str:
    base = "submitted" if row["state"] == State.REFUSED else "accepted"
    name = label(code_name(row["state"], row["code"]), 60)
    return (
        f"<b>{name}</b><br>{row['n_messages']:,} of {row['n_base']:,} {base} "
        f"messages: {percent(row['share'])}<br>95 % interval {interval(row['low'], row['high'])}"
    )
