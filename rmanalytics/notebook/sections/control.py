"""Sentences on what changed over time, and which campaigns are worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rmanalytics.charts.style import label
from rmanalytics.metrics.comparisons import Evidence
from rmanalytics.metrics.control import DAY_S, STANDS_OUT, StepVerdict
from rmanalytics.models import RATES
from rmanalytics.stats.shrinkage import shrunk
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
    what = f"{centre} {told(name)}: {'; '.join(parts)}"
    return f"**{len(found)}** of {n} {noun}s {stand} out from {what}{more}.{left_out}"


def told(name: str) -> str:
    """Return what the messages of a rate over time are; a queue is all that has no final word, queued or not.

    >>> told("failure"), told("queue")
    ('reported failed', 'in flight')
    """
    return "in flight" if name == "queue" else RATES[name].told


def worst(frame: pd.DataFrame) -> str:
    """Return the worst campaign and how many are worse than the others, from `metrics.comparisons`.

    The worst is named by a rate drawn towards the others' (`stats.shrinkage`): the lowest of many was unlucky too.
    """
    if frame.empty:
        return (
            "**Nothing to rank**: fewer than two campaigns have messages that are final or old enough to be."
        )
    few = int((frame["evidence"] == Evidence.FEW).sum())
    small = f" {count(few, 'campaign')} {verb(few, 'has', 'have')} too few messages to judge." if few else ""
    k, n = (frame[name].to_numpy(np.float64) for name in ("n_delivered", "n_messages"))
    rate, _, high = shrunk(k, n)
    bad = frame.assign(likely=rate, best=high)[frame["evidence"] == Evidence.LOWER]
    if bad.empty:
        return f"**No campaign is clearly worse** than the others.{small}"
    row = bad.nsmallest(1, "likely").to_dict("records")[0]
    are_worse = f"{verb(len(bad), 'is', 'are')} clearly worse than the others ({percent(row['rest_rate'])})"
    return (
        f"**{len(bad):,}** of {count(len(frame) - few, 'campaign')} {are_worse}. Worst is "
        f"**{label(unstarred(row['group']), 60)}**: {percent(row['rate'])}, at best {percent(row['best'])}.{small}"
    )


def _step(row: Mapping[Any, Any], noun: str) -> str:
    at = row["started_at"]
    when = f"{at.day} {at:%b}" if noun == "day" else f"{at.day} {at:%b %H:%M}"
    return f"**{when}** with {percent(row['rate'])} ({row['verdict']})"


def _times(n: int, noun: str) -> str:
    return f"{count(n, noun)} {are(n)}"
