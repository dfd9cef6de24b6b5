"""Who has to act on failures."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, empty, figure, percent, text_px
from rmanalytics.metrics.failures import PARTIES
from rmanalytics.models import Lasting, Party, State

_LOOKS = {
    Lasting.PERMANENT: (STATES[State.FAILED].colour, ""),
    Lasting.TEMPORARY: (STATES[State.UNCLEAR].colour, "/"),
    Lasting.UNTOLD: (STATES[State.NO_DLR].colour, "."),
}
"""Colour and pattern: a failure that would come again is as red as failed."""


def parties(frame: pd.DataFrame) -> go.Figure:
    """Return one bar per party to act, in parts that would fail again and that may not; see `metrics.failures`."""
    if frame.empty:
        return empty("No message failed or was refused.")
    sums = frame.groupby("party")["n_messages"].sum().sort_values(ascending=False, kind="stable")
    brief = [f"{GAP}{percent(n / sums.sum(), 0)}" for n in sums]
    texts = [f"{GAP}{n:,} ({text.strip(GAP)})" for n, text in zip(sums, brief, strict=True)]
    chart = figure(len(sums) * ROW_PX + 60, barmode="stack", margin_r=text_px(texts))
    chart.update_layout(meta={"narrow_margin_r": text_px(brief)})
    for lasting, (colour, shape) in _LOOKS.items():
        own = (
            frame[frame["lasting"] == lasting].set_index("party")["n_messages"].reindex(sums.index).fillna(0)
        )
        if not own.sum():
            continue
        pattern = {"shape": shape, "size": 6, "solidity": 0.3, "bgcolor": colour, "fgcolor": "#ffffff"}
        hovers = [
            f"<b>{party}: {int(n):,} {lasting}</b><br>{PARTIES[Party(str(party))]}"
            for party, n in own.items()
        ]
        chart.add_trace(
            go.Bar(
                x=own,
                y=list(sums.index),
                orientation="h",
                name=lasting.value,
                marker={"color": colour, "pattern": pattern if shape else {}},
                hovertext=hovers,
                hoverinfo="text",
            )
        )
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
