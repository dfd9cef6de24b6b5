"""Frames of rates as points: one row per group, whatever the dimensions are called."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rmanalytics.models import RATES

NOT_GIVEN = "not given"
"""Name of a group whose dimension is null, such as the operator of a message without a DLR."""


def points(frame: pd.DataFrame, by: Sequence[str], name: str) -> pd.DataFrame:
    """Return group, n, k, rate, low, high (and `by`) of the groups whose rate exists.

    `frame` is what `metrics.rates`, or the function of one rate, gives.
    """
    rate = RATES[name]
    prefix = f"{name}_" if f"{name}_low" in frame else ""
    columns = {
        "n": frame[rate.denominator],
        "k": frame[rate.numerator],
        "rate": frame[f"{name}_rate"],
        "low": frame[f"{prefix}low"],
        "high": frame[f"{prefix}high"],
    }
    table = pd.DataFrame({"group": group_names(frame, by), **{one: frame[one] for one in by}, **columns})
    return table[table["n"] > 0].reset_index(drop=True)


def group_names(frame: pd.DataFrame, by: Sequence[str]) -> pd.Series:
    """Return the name of each row's group; "all" where nothing divides them."""
    if not by:
        return pd.Series("all", index=frame.index, dtype=object)
    names = pd.Series("", index=frame.index, dtype=object)
    for place, column in enumerate(by):
        part = frame[column].astype(object).where(frame[column].notna(), NOT_GIVEN).map(str)
        names = part if place == 0 else names + " · " + part
    return names
