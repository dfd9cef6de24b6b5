"""Comparisons as sentences and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rmanalytics.charts.comparisons import points
from rmanalytics.metrics.comparisons import FALSE_DISCOVERIES, Evidence
from rmanalytics.notebook.display import Column, Html, escaped, soft, table
from rmanalytics.stats.comparison import N_MIN
from rmanalytics.support.wording import bold, count, percent, verb

N_NAMED = 3
N_ROWS = 60
NOUNS = {
    "campaign_id": "campaign",
    "header": "header",
    "template_id": "template",
    "route": "route",
    "operator": "operator",
    "hour": "hour",
}
"""The noun for each dimension of a comparison."""


def summary(frame: pd.DataFrame) -> str:
    """Return how many of the comparisons are more than chance."""
    n, found = int((frame["evidence"] != Evidence.FEW).sum()), int(frame["evidence"].isin(_REAL).sum())
    few = len(frame) - n
    left_out = f" {few} more have too few messages to judge." if few else ""
    if not n:
        return f"There is nothing to compare: no two groups have enough messages.{left_out}"
    if not found:
        return f"Of **{n}** comparisons, **none** shows a difference larger than chance explains.{left_out}"
    return (
        f"Of **{n}** comparisons, **{found}** show a difference; at most "
        f"{percent(FALSE_DISCOVERIES, 0)} of such findings are expected to be chance.{left_out}"
    )


def one(frame: pd.DataFrame, dimension: str, name: str = "delivery") -> str:
    """Return the result of the comparisons of one dimension, also when there is no evidence; `name` is the rate."""
    own = frame[frame["dimension"] == dimension]
    noun = NOUNS.get(dimension, dimension)
    if own.empty:
        return f"**Nothing to compare**: fewer than two {noun}s have messages that are final or old enough to be."
    few = int((own["evidence"] == Evidence.FEW).sum())
    if few == len(own):
        return f"**Nothing to compare**: no {noun} has {N_MIN} messages that are final or old enough to be."
    small = f" {count(few, noun)} {verb(few, 'has', 'have')} too few messages to judge." if few else ""
    found = own[own["evidence"].isin(_REAL)]
    if found.empty:
        return f"{_none(own[own['evidence'] != Evidence.FEW], noun)}{small}"
    order = found["difference"].abs().sort_values(ascending=False).index
    parts = [_different(row, name) for row in found.loc[order].head(N_NAMED).to_dict("records")]
    n_more, rest = len(found) - N_NAMED, len(own) - len(found) - few
    more = f" {n_more} more {verb(n_more, 'differs', 'differ')}." if n_more > 0 else ""
    others = f" For the other {count(rest, noun)} there is no evidence of a difference." if rest > 0 else ""
    return f"{'; '.join(parts)}.{more}{others}{small}"


def _none(judged: pd.DataFrame, noun: str) -> str:
    """Return that no group differs, and how large a difference would have had to be."""
    if len(judged) == 1:
        return f"**No evidence of a difference** between {bold(judged['group'].iloc[0])} and the others."
    widest = float((judged["high"] - judged["low"]).max()) / 2
    return (
        f"**No evidence of a difference** between the {count(len(judged), noun)}; with so few messages, "
        f"a difference below about {points(widest).lstrip('+')} points would not show."
    )


def comparisons_table(frame: pd.DataFrame) -> Html:
    """Return every comparison with its interval and both p-values, the most certain first."""
    number = "number"
    columns = [Column(heading="group"), Column(heading="of"), Column(heading="messages", kind=number)]
    columns += [Column(heading=heading, kind=number) for heading in ("rate", "the others", "points (95 %)")]
    columns += [
        Column(heading="p", kind=number),
        Column(heading="q", kind=number),
        Column(heading="difference"),
    ]
    rows = [
        [
            row["group"],
            NOUNS.get(row["dimension"], row["dimension"]),
            int(row["n_messages"]),
            percent(row["rate"]),
            percent(row["rest_rate"]),
            _points(row["difference"], row["low"], row["high"]),
            _p(row["p_value"]),
            _p(row["q_value"]),
            _BRIEF[Evidence(row["evidence"])],
        ]
        for row in frame.sort_values(["q_value", "p_value"], kind="stable").head(N_ROWS).to_dict("records")
    ]
    more = f"The {N_ROWS} most certain of {len(frame):,}." if len(frame) > N_ROWS else ""
    return table(columns, rows, more)


_BRIEF = {
    Evidence.HIGHER: "higher",
    Evidence.LOWER: "lower",
    Evidence.NONE: "no evidence",
    Evidence.FEW: "too few",
}
_REAL = (Evidence.HIGHER, Evidence.LOWER)


def _different(row: Mapping[Any, Any], name: str) -> str:
    rate, rest, gap = (float(row[key]) for key in ("rate", "rest_rate", "difference"))
    size, way = points(abs(gap)).lstrip("+"), "more" if gap > 0 else "less"
    return f"{bold(row['group'])} {_DOES[name]} {size} points {way} ({percent(rate)}, the others {percent(rest)})"


_DOES = {"delivery": "delivers", "failure": "fails", "queue": "queues", "no_dlr": "lacks DLRs for"}
"""What a group does more or less of, for each rate."""


def _points(difference: float, low: float, high: float) -> Html:
    range_ = soft(f"({points(low)} to {points(high)})")
    return Html(f"{escaped(points(difference))} {range_.text}")


def _p(value: float) -> str:
    if pd.isna(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
