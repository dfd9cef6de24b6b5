"""Rates of groups as sentences and tables, with their uncertainty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import pandas as pd

from rmanalytics.charts.points import group_names, points
from rmanalytics.charts.states import RATE_COLOURS
from rmanalytics.models import RATES
from rmanalytics.notebook.display import Column, Html, as_float, estimate, table
from rmanalytics.notebook.header import swatch
from rmanalytics.stats.comparison import ALPHA, newcombe
from rmanalytics.support.wording import bold, count, interval, listed, percent, verb

N_MIN = 30
"""The rate of fewer messages is called uncertain."""

N_ROWS = 100
N_NAMED = 3


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


class _Difference(NamedTuple):
    group: str
    rate: float
    rest: float


def _striking(groups: pd.DataFrame) -> list[_Difference]:
    """Return the groups whose rate differs from all others' (Newcombe, Bonferroni), the largest difference first."""
    z = NormalDist().inv_cdf(1 - ALPHA / 2 / len(groups))
    n, k = int(groups["n"].sum()), int(groups["k"].sum())
    found = []
    for group, n_own, k_own in groups[["group", "n", "k"]].itertuples(index=False):
        low, high = newcombe(k_own, n_own, k - k_own, n - n_own, z)
        if n_own >= N_MIN and (low > 0 or high < 0):
            found.append(_Difference(group, k_own / n_own, (k - k_own) / (n - n_own)))
    return sorted(found, key=lambda one: -abs(one.rate - one.rest))


def groups(frame: pd.DataFrame, by: str | Sequence[str], name: str = "delivery", noun: str = "group") -> str:
    """Return which groups differ from all others by more than chance explains, or that none does.

    For notebooks of before: `sections.comparisons` also counts with wobble and with messages in flight.
    """
    table = points(frame, [by] if isinstance(by, str) else by, name)
    if table.empty:
        return "No message was accepted, so there is nothing to compare."
    if len(table) == 1:
        return f"There is only one {noun} here, {bold(table['group'].iloc[0])}: nothing to compare it with."
    found = _striking(table)
    if not found:
        return (
            f"No evidence of a difference: the {len(table)} {noun}s differ no more than chance "
            f"explains{_small(table)}."
        )
    named = listed([_different(one, name) for one in found[:N_NAMED]])
    differ = verb(len(found), "differs", "differ")
    return (
        f"{named} {differ} from all others by more than chance explains.{_rest(len(found), len(table), noun)}"
    )


def _different(one: _Difference, name: str) -> str:
    return f"{bold(one.group)} ({percent(one.rate)} {RATES[name].title}, all others {percent(one.rest)})"


def _rest(n_found: int, n: int, noun: str) -> str:
    more = (
        f" {n_found - N_NAMED} more {verb(n_found - N_NAMED, 'differs', 'differ')}."
        if n_found > N_NAMED
        else ""
    )
    return f"{more} The other {n - n_found} {noun}s do not stand out." if n - n_found > 1 else more


def _small(table: pd.DataFrame) -> str:
    n = int((table["n"] < N_MIN).sum())
    return f"; {n} of them {verb(n, 'has', 'have')} fewer than {N_MIN} messages" if n else ""


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
