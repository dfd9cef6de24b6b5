"""Messages counted by state."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.charts.style import GAP, ROW_PX, bars, empty, figure, text_px
from rmanalytics.support.wording import percent


def accounting(frame: pd.DataFrame) -> go.Figure:
    """Return one bar per state that has messages, from a frame of `metrics.accounting` with one row."""
    row = frame.to_dict("records")[0]
    counts = {state: int(row[f"n_{state}"]) for state in STATES if row[f"n_{state}"]}
    if not counts:
        return empty("No messages.")
    texts = {state: f"{GAP}{n:,} ({percent(n / row['n_submitted'])})" for state, n in counts.items()}
    chart = figure(
        len(counts) * ROW_PX + 30, showlegend=False, barmode="overlay", margin_r=text_px(texts.values())
    )
    for state, n in counts.items():
        look = STATES[state]
        hover = f"<b>{look.label}: {n:,}</b><br>{look.meaning}"
        chart.add_trace(bars([n], [look.label], state, texts=[texts[state]], hovers=[hover]))
    chart.update_yaxes(autorange="reversed", showgrid=False, ticklabelstandoff=4)
    return chart.update_xaxes(visible=False, range=[0, max(counts.values())])
