"""Sentences on what changed over time, and which campaigns are worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rmanalytics.charts.points import points
from rmanalytics.charts.style import label
from rmanalytics.metrics.control import DAY_S, STANDS_OUT, StepVerdict
from rmanalytics.models import RATES
from rmanalytics.support.wording import are, count, percent, unstarred, verb

N_NAMED = 3


def changes(frame: pd.DataFrame, name: str = "delivery") -> str:
    """Return which steps of time stand out, or that none does, from `metrics.control.changes`."""
    if frame.empty:
        return "No message was accepted, so there is no rate."
    noun = "day" if int(frame["step_s"].iloc[0]) >= DAY_S else "hour"
    counts = frame["verdict"].value_counts()
    young, few = (int(counts.get(one, 0)) for one in (StepVerdict.YOUNG, StepVerdict.FEW))
    n = len(frame) - young - few
    left_out = "".join(
        f" {_times(k, noun)} {why}." for k, why in ((young, "too recent"), (few, "too small")) if k
    )
    if not n:
        return f"No {noun} can be judged yet.{left_out}"
    if n == 1:
        return f"**Nothing to compare with**: only one {noun} can be judged. Select more of them.{left_out}"
    found = frame[frame["verdict"].isin(STANDS_OUT)]
    centre = percent(float(frame["centre"].iloc[0]))
    if found.empty:
        return f"**Nothing stands out**: all {n} {noun}s lie within the range of chance around {centre}.{left_out}"
    far = (found["rate"] - found["centre"]).abs().sort_values(ascending=False, kind="stable").index
    parts = [_step(row, noun) for row in found.loc[far].head(N_NAMED).to_dict("records")]
    more = f", and {len(found) - N_NAMED} more" if len(found) > N_NAMED else ""
    stand = verb(len(found), "stands", "stand")
    what = f"{centre} {RATES[name].told}: {'; '.join(parts)}"
    return f"**{len(found)}** of {n} {noun}s {stand} out from {what}{more}.{left_out}"


def worst(frame: pd.DataFrame, by: str = "campaign_id", name: str = "delivery", n_min: int = 30) -> str:
    """Return the worst group, its rate at best, and how many are clearly below the overall rate."""
    table = points(frame, [by], name)
    if table.empty:
        return "No message was accepted, so there is nothing to rank."
    together = float(table["k"].sum() / table["n"].sum())
    known = table[table["n"] >= n_min]
    small = len(table) - len(known)
    few = f" {small:,} with fewer than {n_min} messages are left out." if small else ""
    if known.empty:
        return f"None of the {len(table):,} campaigns has {n_min} messages or more, so none can be ranked."
    row = known.nsmallest(1, "high").to_dict("records")[0]
    bad = int((known["high"] < together).sum())
    if not bad:
        return f"**No campaign is clearly worse** than the overall rate ({percent(together)}).{few}"
    return (
        f"**{bad:,}** of {len(known):,} campaigns are clearly below {percent(together)}, the overall rate. "
        f"Worst is **{label(unstarred(row['group']), 60)}**: {percent(row['rate'])}, at best "
        f"{percent(row['high'])}.{few}"
    )


def _step(row: Mapping[Any, Any], noun: str) -> str:
    at = row["started_at"]
    when = f"{at.day} {at:%b}" if noun == "day" else f"{at.day} {at:%b %H:%M}"
    return f"**{when}** with {percent(row['rate'])} ({row['verdict']})"


def _times(n: int, noun: str) -> str:
    return f"{count(n, noun)} {are(n)}"
