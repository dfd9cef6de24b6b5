"""The Plotly template of all charts, light and dark, and the helpers they share."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Any, Literal

import plotly.graph_objects as go

from rmanalytics.charts.states import STATES
from rmanalytics.models import State

Mode = Literal["light", "dark"]

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
INK = {"light": "#24292f", "dark": "#e6e8eb"}
GRID = {"light": "#e3e6ea", "dark": "#343b44"}
PAPER = {"light": "#ffffff", "dark": "#14181d"}
ROW_PX = 30
GAP = "\u00a0" * 3
"""Between a mark and the figures behind it; Plotly swallows plain spaces."""

LABEL_CHARS = 26


def template(mode: Mode = "light") -> go.layout.Template:
    """Return the template: nothing but data, readable on a phone and in print."""
    axis: dict[str, Any] = {
        "gridcolor": GRID[mode],
        "linecolor": GRID[mode],
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        "title": {"standoff": 10, "font": {"size": 13}},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": INK[mode]},
            "paper_bgcolor": PAPER[mode],
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [look.colour for look in STATES.values()],
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "bargap": 0.28,
            "hoverlabel": {"align": "left", "font": {"family": FONT, "size": 13}},
            "legend": {
                "orientation": "h",
                "traceorder": "normal",
                "x": 0,
                "xanchor": "left",
                "y": 1.02,
                "yanchor": "bottom",
            },
            "dragmode": False,
        }
    )


def figure(height: int, **layout: Any) -> go.Figure:
    """Return an empty figure in our template, `height` pixels high."""
    return go.Figure(layout={"template": template(), "height": height, **layout})


def empty(reason: str) -> go.Figure:
    """Return a figure that says why there is nothing to draw."""
    blank = figure(90, xaxis={"visible": False}, yaxis={"visible": False})
    return blank.add_annotation(
        text=label(reason, 200), showarrow=False, x=0, xref="paper", xanchor="left", font={"size": 14}
    )


def label(value: object, n_chars: int = LABEL_CHARS) -> str:
    """Return the value as a label: cut in the middle when long, and never read as markup.

    >>> label("1107000000000000001"), label("<b>"), label("campaign-with-a-name-of-many-words")
    ('1107000000000000001', '&lt;b&gt;', 'campaign-with…f-many-words')
    """
    text = str(value)
    half = n_chars // 2
    return html.escape(text if len(text) <= n_chars else f"{text[:half]}…{text[1 - half :]}")


def text_px(texts: Iterable[str]) -> int:
    """Return about how many pixels the longest of the texts needs, for a margin that holds them.

    >>> text_px(["97.1 % of 12", "100 % of 3"])
    96
    """
    return max((round(7.4 * len(text)) for text in texts), default=0) + 7


def faded(colour: str, alpha: float = 0.38) -> str:
    """Return the colour, half transparent.

    >>> faded("#009E73")
    'rgba(0,158,115,0.38)'
    """
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def marker(state: str) -> dict[str, Any]:
    """Return colour and pattern: what is not final is hatched, so that it shows without colour too."""
    look = STATES[State(state)]
    hatched = {"shape": "/", "size": 6, "solidity": 0.3, "bgcolor": look.colour, "fgcolor": "#ffffff"}
    return {"color": look.colour, "pattern": {} if look.is_final else hatched}


def bars(counts: list[int], names: list[str], state: str, *, texts: list[str], hovers: list[str]) -> go.Bar:
    """Return bars to the right in the state's colour, their figures behind them."""
    return go.Bar(
        x=counts,
        y=names,
        orientation="h",
        marker=marker(state),
        text=texts,
        textposition="outside",
        cliponaxis=False,
        hovertext=hovers,
        hoverinfo="text",
    )
