"""Which groups deliver more or less than all others by more than chance, for all dimensions at once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from functools import partial

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE, aggregated, frame
from rmanalytics.models import ACCEPTED, FINAL, State
from rmanalytics.stats.comparison import N_MIN, newcombe
from rmanalytics.stats.significance import benjamini_hochberg, p_value

COMPARED = ("campaign_id", "header", "route", "operator", "hour")
FALSE_DISCOVERIES = 0.05
"""The share of the differences called real that chance may have made."""

SETTLED_QUANTILE = 0.99


class Evidence(StrEnum):
    """The verdict on a comparison."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "no evidence of a difference"
    FEW = "too few to judge"


def settle_s(outcomes: ir.Table) -> float:
    """Return the seconds in which 99 of 100 final words came; 0 where there is none."""
    finals = outcomes.state.isin(FINAL)
    found = outcomes.aggregate(s=outcomes.latency_s.quantile(SETTLED_QUANTILE, where=finals)).execute()["s"][
        0
    ]
    return 0.0 if pd.isna(found) else max(0.0, float(found))


def counts(outcomes: ir.Table, by: str, zone: str = ZONE, after_s: float = 0.0) -> ir.Table:
    """Return the expression behind one dimension: by, n_messages (accepted, and settled: final, or old enough that
    a final word should have come), n_delivered, n_young (accepted, the others).
    """
    accepted = outcomes.filter(outcomes.state.isin(ACCEPTED))
    return aggregated(accepted, by, zone, partial(_measures, after_s=after_s))


def comparisons(
    outcomes: ir.Table, dimensions: Sequence[str] = COMPARED, zone: str = ZONE, n_min: int = N_MIN
) -> pd.DataFrame:
    """Return how the delivery rate of each group differs from that of all others of its dimension together.

    Columns: dimension, group (text; rows without a value are left out), n_messages (settled), n_delivered,
    rate, rest_rate, difference (-1 to 1), low, high (95 % interval, Newcombe 1998, method 10), p_value, q_value
    (Benjamini-Hochberg over all rows with at least `n_min` messages; NaN for the others), evidence. A
    dimension with a single group has nothing to be compared with and gives no row.

    Young messages in flight are in no rate, yet leaving them out takes sides: of what was sent a minute ago only
    the quick ends are known. So interval and p-value are the widest of both extremes, all young ones of the group
    delivered and none of the others', and the reverse.
    """
    after_s = settle_s(outcomes)
    parts = [_against_the_rest(frame(counts(outcomes, by, zone, after_s), by), by) for by in dimensions]
    rows = pd.concat(parts, ignore_index=True)
    judged = rows["n_messages"] >= n_min
    rows["q_value"] = float("nan")
    rows.loc[judged, "q_value"] = benjamini_hochberg(rows.loc[judged, "p_value"])
    rows["evidence"] = [
        _evidence(q, difference) for q, difference in zip(rows["q_value"], rows["difference"], strict=True)
    ]
    return rows


def _measures(t: ir.Table, *, after_s: float) -> dict[str, ir.Value]:
    is_old = (t.age_s >= after_s).fill_null(False)
    is_settled = t.state.isin(FINAL) | is_old
    return {
        "n_messages": t.count(where=is_settled),
        "n_delivered": t.count(where=t.state == State.DELIVERED.value),
        "n_young": t.count(where=~is_settled),
    }


_COLUMNS = (
    "dimension",
    "group",
    "n_messages",
    "n_delivered",
    "rate",
    "rest_rate",
    "difference",
    "low",
    "high",
    "p_value",
)


def _against_the_rest(groups: pd.DataFrame, by: str) -> pd.DataFrame:
    groups = groups.dropna(subset=by)
    sums = groups[["n_messages", "n_delivered", "n_young"]].sum().astype("int64")
    rows = []
    for group, *own in groups[[by, "n_messages", "n_delivered", "n_young"]].itertuples(index=False):
        (n_own, k_own, _), rest = own, (sums - own).tolist()
        if n_own and rest[0]:
            rates = (k_own / n_own, rest[1] / rest[0])
            rows.append((by, str(group), n_own, k_own, *rates, rates[0] - rates[1], *_widest(own, rest)))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_KINDS)


def _widest(own: Sequence[int], rest: Sequence[int]) -> tuple[float, float, float]:
    """Return low, high and p-value of a difference, counting its young messages both ways.

    Where both ways do not even agree which is the better one, nothing is known: the p-value is 1.
    """
    (n_1, k_1, young_1), (n_2, k_2, young_2) = own, rest
    worst = (k_1, n_1 + young_1, k_2 + young_2, n_2 + young_2)
    best = (k_1 + young_1, n_1 + young_1, k_2, n_2 + young_2)
    worst_gap, best_gap = (one[0] / one[1] - one[2] / one[3] for one in (worst, best))
    p = max(p_value(*worst), p_value(*best)) if worst_gap * best_gap > 0 else 1.0
    return newcombe(*worst)[0], newcombe(*best)[1], p


_KINDS = {"dimension": "str", "group": "str", "n_messages": "int64", "n_delivered": "int64"}
_KINDS |= dict.fromkeys(_COLUMNS[4:], "float64")


def _evidence(q_value: float, difference: float) -> Evidence:
    if pd.isna(q_value):
        return Evidence.FEW
    if q_value > FALSE_DISCOVERIES:
        return Evidence.NONE
    return Evidence.HIGHER if difference > 0 else Evidence.LOWER
