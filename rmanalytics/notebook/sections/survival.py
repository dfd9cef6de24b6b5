"""Time to delivery, with messages in flight, as sentences and a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rmanalytics.metrics.latency import QUANTILES, label
from rmanalytics.metrics.survival import SHARES_S
from rmanalytics.notebook.display import Column, Html, soft, table
from rmanalytics.support.wording import duration, interval, percent

_NAMES = {0.5: "half", 0.9: "9 of 10", 0.95: "19 of 20", 0.99: "99 of 100"}


def summary(frame: pd.DataFrame, *, is_simulated: bool = False) -> str:
    """Return how soon messages arrive, from one row of `metrics.time_to_delivery`."""
    row = frame.to_dict("records")[0]
    if not row["n_accepted"]:
        return "No message was accepted, so there is no time to delivery."
    if pd.isna(row["p50_s"]):
        text = "Half of the accepted messages are **not delivered yet**, so there is no median."
    else:
        text = f"Half of all accepted messages are delivered within **{duration(row['p50_s'])}**"
        text += (
            f" and 9 of 10 within **{duration(row['p90_s'])}**."
            if row["p90_s"] == row["p90_s"]
            else ("; 9 of 10 were not delivered in the observed time.")
        )
    if row["within_60s"] == row["within_60s"]:
        range_ = interval(row["within_60s_low"], row["within_60s_high"])
        text += f" After one minute it is **{percent(row['within_60s'])}** ({range_})."
    return text + _flying(row) + _odd(row, is_simulated=is_simulated)


def delivery_table(frame: pd.DataFrame) -> Html:
    """Return times and shares with their 95 % intervals, from one row of `metrics.time_to_delivery`."""
    row = frame.to_dict("records")[0]
    if not row["n_accepted"]:
        return Html("")
    rows: list[list[object]] = []
    for quantile in QUANTILES:
        first, low, high = (row[f"{label(quantile)}{end}_s"] for end in ("", "_low", "_high"))
        shown = duration(first) if first == first else "not reached"
        ends = f"{duration(low)} – {duration(high) if high == high else 'open'}" if low == low else "–"
        rows.append([f"{_NAMES[quantile]} delivered within", shown, soft(ends)])
    for moment in SHARES_S:
        share, low, high = (row[f"within_{moment}s{end}"] for end in ("", "_low", "_high"))
        shown = percent(share) if share == share else "not observed that long"
        rows.append([f"delivered within {duration(moment)}", shown, soft(interval(low, high))])
    columns = [Column(heading="of all accepted"), Column(heading="estimate", kind="number")]
    return table([*columns, Column(heading="95 %", kind="number")], rows)


def _flying(row: Mapping[Any, Any]) -> str:
    n, share = int(row["n_in_flight"]), row["n_in_flight"] / row["n_accepted"]
    if not n:
        return " Nothing is in flight."
    return f" **{n:,}** ({percent(share)}) are in flight and counted for as long as they were observed."


def _odd(row: Mapping[Any, Any], *, is_simulated: bool) -> str:
    negative, odd, untimed = (int(row[f"n_{name}"]) for name in ("negative", "implausible", "untimed"))
    parts = [f"{negative:,} are dated before their submission and count at 0 s"] if negative else []
    late = f"{odd:,} are dated later than this report or after more than a week" if odd else ""
    parts += [late] if late and not is_simulated else []
    parts += [f"{untimed:,} have no time and are left out"] if untimed else []
    fast = f" {late}: the simulator's clock may run faster than this one." if late and is_simulated else ""
    return (f" A clock is wrong: {'; '.join(parts)}." if parts else "") + fast
