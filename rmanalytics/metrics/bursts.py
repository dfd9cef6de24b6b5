"""Hours in which a code struck far more often than at other times."""

from __future__ import annotations

from math import exp

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.models import State
from rmanalytics.stats.significance import log_choose

ALPHA = 0.01
N_LEAST = 5
"""Fewer messages are no burst, however rare their code is."""

HOUR_S = 3600
_COLUMNS = ("state", "code", "started_at", "hours", "n_messages", "n_planned", "n_expected", "p_value")


def by_hour(outcomes: ir.Table, zone: str = ZONE) -> ir.Table:
    """Return the expression behind `bursts`: hour (local seconds), state, code, n_messages; code null for the
    messages that were neither refused nor failed.
    """
    struck = {State.REFUSED: outcomes.submit_code, State.FAILED: outcomes.error_code}
    code = outcomes.state.cases(*((state.value, column.fill_null("")) for state, column in struck.items()))
    hour = (local_seconds(outcomes.planned_at, zone) // HOUR_S * HOUR_S).cast("int64")
    state = code.notnull().ifelse(outcomes.state, "other")
    return outcomes.group_by(hour=hour, state=state, code=code).agg(n_messages=outcomes.count())


def bursts(outcomes: ir.Table, zone: str = ZONE) -> pd.DataFrame:
    """Return the hours (of planning) in which a code struck more often than chance explains, worst first.

    Columns: state, code (empty: none told), started_at (wall clock of `zone`, without offset), hours (adjacent
    ones are one burst), n_messages, n_planned (all messages planned in these hours), n_expected (as often as at
    other times), p_value (of the most striking hour, corrected).

    Each hour is compared with all others by Fisher's exact test, one-sided; corrected for all hours and codes
    (Bonferroni), at 1 %. An hour needs at least 5 messages with the code.
    """
    counts: pd.DataFrame = by_hour(outcomes, zone).execute()
    struck = counts[counts["code"].notna()]
    planned = counts.groupby("hour")["n_messages"].sum()
    n, n_tests = int(planned.sum()), len(planned) * len(struck[["state", "code"]].drop_duplicates())
    rows = []
    for (state, code), own in struck.groupby(["state", "code"]):
        total = int(own["n_messages"].sum())
        for hour, k in own[["hour", "n_messages"]].sort_values("hour").itertuples(index=False):
            n_hour = int(planned[hour])
            p_value = min(1.0, n_tests * at_least(int(k), n_hour, total, n)) if k >= N_LEAST else 1.0
            if p_value <= ALPHA:
                at_other_times = n_hour * (total - k) / max(n - n_hour, 1)
                rows.append((state, code, hour, 1, int(k), n_hour, at_other_times, p_value))
    return _together(pd.DataFrame(rows, columns=list(_COLUMNS)))


def at_least(k: int, n_hour: int, n_code: int, n: int) -> float:
    """Return the probability that `n_hour` of `n` messages, drawn at random, hold `k` or more of the `n_code`.

    The upper tail of the hypergeometric distribution, summed from its largest term; 1 where `k` is no more than
    expected.

    >>> round(at_least(4, 5, 6, 20), 6), at_least(1, 5, 6, 20)
    (0.013932, 1.0)
    """
    if k * n <= n_hour * n_code:
        return 1.0
    term = exp(log_choose(n_code, k) + log_choose(n - n_code, n_hour - k) - log_choose(n, n_hour))
    tail, i = 0.0, k
    while term > 0 and term > tail * 1e-17:
        tail += term
        term *= (n_code - i) * (n_hour - i) / ((i + 1) * (n - n_code - n_hour + i + 1))
        i += 1
    return min(1.0, tail)


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    """Return adjacent hours of a code as one burst, the most striking first."""
    rows = rows.sort_values(["state", "code", "started_at"], ignore_index=True)
    is_next = (rows["started_at"].diff() == HOUR_S) & (
        rows[["state", "code"]] == rows[["state", "code"]].shift()
    ).all(axis="columns")
    summed = dict.fromkeys(("hours", "n_messages", "n_planned", "n_expected"), "sum")
    kept = {"state": "first", "code": "first", "started_at": "first", "p_value": "min"}
    found = rows.groupby((~is_next).cumsum()).agg(kept | summed)[list(_COLUMNS)]
    found = found.assign(started_at=pd.to_datetime(found["started_at"].astype("int64"), unit="s"))
    order = ["p_value", "n_messages", "code"]
    return found.sort_values(order, ascending=[True, False, True], ignore_index=True)
