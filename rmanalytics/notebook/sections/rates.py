"""Rates of groups as sentences and tables, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics.charts.points import group_names, points
from rmanalytics.charts.states import RATE_COLOURS
from rmanalytics.models import RATES
from rmanalytics.notebook.display import Column, Html, as_float, estimate, table
from rmanalytics.notebook.header import swatch
from rmanalytics.support.wording import count, interval, percent

N_MIN = 30
"""The rate of fewer messages is called uncertain."""

N_ROWS = 100


def summary(frame: pd.DataFrame) -> str:
    """Return the delivery rate of one group with what its interval means."""
    table = points(frame, [], "delivery")
    if table.empty:
        return "No message was accepted, so there is no delivery rate."
    row = table.to_dict("records")[0]
    text = (
        f"**{percent(row['rate'])}** of the accepted messages are reported delivered; with "
        f"{count(row['n'], 'message')} the true rate lies between **{percent(row['low'])}** and "
        f"**{percent(row['high'])}**."
    )
    return f"{text} That is a wide range, because there are few messages." if row["n"] < N_MIN else text


def rates_table(frame: pd.DataFrame, by: str | Sequence[str]) -> Html:
    """Return counts and delivery rates per group, the largest 100 groups."""
    by = [by] if isinstance(by, str) else list(by)
    columns = [Column(heading=" · ".join(by).replace("_id", ""))]
    columns += [Column(heading=heading, kind="number") for heading in ("submitted", "accepted", "delivered")]
    columns += [Column(heading="delivery rate (95 %)", kind="number")]
    columns += [
        Column(heading=heading, kind="number") for heading in ("failed", "queued", "unknown", "no DLR")
    ]
    shown = frame.nlargest(N_ROWS, "n_submitted")
    rows = [
        [
            name,
            *(int(row[f"n_{count}"]) for count in ("submitted", "accepted", "delivered")),
            estimate(row["delivery_rate"], row["delivery_low"], row["delivery_high"]),
            *(int(row[f"n_{count}"]) for count in ("failed", "queued", "unknown", "no_dlr")),
        ]
        for name, row in zip(group_names(shown, by), shown.to_dict("records"), strict=True)
    ]
    more = f"The {N_ROWS} largest of {len(frame):,}." if len(frame) > N_ROWS else ""
    return table(columns, rows, more)


def all_rates_table(total: Mapping[str, Any]) -> Html:
    """Return the six rates of a whole selection, from `numbers.total`."""
    columns = [
        Column(heading="rate"),
        Column(heading="messages", kind="number"),
        Column(heading="of", kind="number"),
        Column(heading="share", kind="number"),
        Column(heading="true rate (95 %)", kind="number"),
        Column(heading="how it is counted", kind="text"),
    ]
    rows = []
    for name, rate in RATES.items():
        share, low, high = (as_float(total[f"{name}_{end}"]) for end in ("rate", "low", "high"))
        named = swatch(RATE_COLOURS[name], rate.title)
        counts = (int(total[rate.numerator]), int(total[rate.denominator]))
        counted = f"{rate.told}, of all {rate.base} messages"
        rows.append([named, *counts, percent(share), interval(low, high), counted])
    return table(columns, rows)
