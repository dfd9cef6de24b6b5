"""Hours in which a code struck far more often than at other times."""

from __future__ import annotations

from math import exp

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.special import ndtri

from rmanalytics.metrics.grouping import ZONE
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.metrics.young import is_young, young_s
from rmanalytics.models import State
from rmanalytics.stats.dispersion import USUAL, Wobble, p_value, wobble
from rmanalytics.stats.intervals import Floats
from rmanalytics.stats.significance import log_choose
from rmanalytics.warehouse.schema import HORIZON_S

ALPHA = 0.01
N_LEAST = 5
"""Fewer messages are no burst, however rare their code is."""

RELATIVE = 0.2
"""By what part of itself the share of a code usually wobbles from hour to hour."""

HOUR_S = 3600
_COLUMNS = ("state", "code", "started_at", "hours", "n_messages", "n_planned", "n_expected", "p_value")


def by_hour(outcomes: ir.Table, zone: str = ZONE, age_s: float = 0.0) -> ir.Table:
    """Return the expression behind `bursts`: hour (local seconds), state, code, n_messages; code null for the
    messages that were neither refused nor failed. Messages in flight younger than that are left out.
    """
    t = outcomes.filter(~is_young(outcomes, age_s))
    struck = {State.REFUSED: t.submit_code, State.FAILED: t.error_code}
    code = t.state.cases(*((state.value, column.fill_null("")) for state, column in struck.items()))
    hour = (local_seconds(t.planned_at, zone) // HOUR_S * HOUR_S).cast("int64")
    state = code.notnull().ifelse(t.state, "other")
    return t.group_by(hour=hour, state=state, code=code).agg(n_messages=t.count())


def bursts(outcomes: ir.Table, zone: str = ZONE, horizon_s: float = HORIZON_S) -> pd.DataFrame:
    """Return the hours (of planning) in which a code struck more often than chance explains, worst first.

    Columns: state, code (empty: none told), started_at (wall clock of `zone`, without offset), hours (adjacent
    ones are one burst), n_messages, n_planned (all messages planned in these hours, without young ones), n_expected
    (as often as in the hours that are no burst), p_value (of the most striking hour, corrected).

    Each hour is compared with all others by Fisher's exact test, one-sided, widened by what the code's share wobbles
    from hour to hour (`stats.dispersion`); corrected for all hours and codes (Bonferroni), at 1 %. An hour needs at
    least 5 messages with the code.
    """
    return found(by_hour(outcomes, zone, young_s(outcomes, horizon_s, State.FAILED)).execute())


def found(counts: pd.DataFrame) -> pd.DataFrame:
    """Return the bursts among the counts of `by_hour`."""
    struck = counts[counts["code"].notna()]
    planned = counts.groupby("hour")["n_messages"].sum()
    codes = struck.groupby(["state", "code"])
    n_tests = len(planned) * max(codes.ngroups, 1)
    parts = [_of_code(own, planned, n_tests) for _, own in codes]
    none = pd.DataFrame(columns=list(_COLUMNS))
    return _together(pd.concat(parts, ignore_index=True) if any(len(one) for one in parts) else none)


def _of_code(own: pd.DataFrame, planned: pd.Series, n_tests: int) -> pd.DataFrame:
    """Return the hours in which one code struck far more often than in the others, one row each."""
    k = own.set_index("hour")["n_messages"].reindex(planned.index, fill_value=0).to_numpy(np.float64)
    n = planned.to_numpy(np.float64)
    often = np.flatnonzero(k >= N_LEAST)
    tails = np.array([at_least(int(k[i]), int(n[i]), int(k.sum()), int(n.sum())) for i in often])
    p_values = np.minimum(1.0, n_tests * _widened(tails, n[often], n, _wobble(k, n)))
    far = often[p_values <= ALPHA]
    share = np.delete(k, far).sum() / max(np.delete(n, far).sum(), 1)
    rows = zip(planned.index[far], k[far], n[far], n[far] * share, p_values[p_values <= ALPHA], strict=True)
    name = own[["state", "code"]].iloc[0]
    told = [(*name, int(hour), 1, int(own_k), int(own_n), *rest) for hour, own_k, own_n, *rest in rows]
    return pd.DataFrame(told, columns=list(_COLUMNS))


def _wobble(k: Floats, n: Floats) -> Wobble:
    """Return what a code's share wobbles; before anything is seen a fifth of itself, as failures of 5 % by a point."""
    share = k.sum() / n.sum()
    return wobble(k, n, usual=min(USUAL, RELATIVE**2 * share / max(1 - share, 0.5)))


def _widened(tails: Floats, n_hour: Floats, n: Floats, seen: Wobble) -> Floats:
    """Return the one-sided p-values of hours with what hours wobble allowed for."""
    rest, squares = n.sum() - n_hour, (n**2).sum() - n_hour**2
    own, others = seen.effect(n_hour, n_hour**2) / n_hour, seen.effect(rest, squares) / np.maximum(rest, 1)
    effect = (own + others) / (1 / n_hour + 1 / np.maximum(rest, 1))
    z = -ndtri(np.clip(tails, 1e-300, 0.5)) / np.sqrt(effect)
    return p_value(z, seen.freedom(effect)) / 2


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
