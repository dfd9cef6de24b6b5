"""Sentences on how long messages take to become final."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rmanalytics.charts.points import NOT_GIVEN
from rmanalytics.support.wording import bold, duration


def summary(frame: pd.DataFrame) -> str:
    """Return how long it took until messages were reported delivered, and which campaign is slowest."""
    timed = frame[frame["n_delivered_timed"] > 0]
    if timed.empty:
        return "No message is reported delivered yet."
    largest = timed.nlargest(1, "n_delivered_timed").to_dict("records")[0]
    slowest = timed.nlargest(1, "delivered_p95_s").to_dict("records")[0]
    text = (
        f"In {_campaign(largest)}, half of the delivered messages took at most "
        f"**{duration(largest['delivered_p50_s'])}** and 19 of 20 at most "
        f"**{duration(largest['delivered_p95_s'])}**."
    )
    if slowest["delivered_p95_s"] > 1.5 * largest["delivered_p95_s"]:
        text += f" Slowest is {_campaign(slowest)}: 19 of 20 within {duration(slowest['delivered_p95_s'])}."
    negative = int(timed["n_delivered_negative"].sum())
    return (
        f"{text} {negative:,} are dated before they were submitted: a clock is wrong." if negative else text
    )


def _campaign(row: Mapping[Any, Any]) -> str:
    return bold(NOT_GIVEN if pd.isna(row["campaign_id"]) else row["campaign_id"])
