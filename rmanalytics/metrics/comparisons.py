"""Which groups deliver more or less than those alike, by more than chance and wobble, for all dimensions at once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from rmanalytics.metrics import young
from rmanalytics.metrics.grouping import DIMENSIONS, ZONE, checked, frame
from rmanalytics.metrics.local_time import local_seconds
from rmanalytics.models import ACCEPTED, State
from rmanalytics.stats.comparison import N_MIN, Side, difference, reference
from rmanalytics.stats.dispersion import Wobble, wobble
from rmanalytics.stats.intervals import Floats
from rmanalytics.stats.significance import benjamini_hochberg
from rmanalytics.warehouse.schema import HORIZON_S

COMPARED = ("campaign_id", "header", "route", "operator", "hour")
FALSE_DISCOVERIES = 0.05
"""The share of the differences called real that chance may have made."""

SLICE_S = 3600
"""Rates wobble from hour to hour."""


class Evidence(StrEnum):
    """The verdict on a comparison."""

    HIGHER = "higher"
    LOWER = "lower"
    NONE = "no evidence of a difference"
    FEW = "too few to judge"


def counts(
    outcomes: ir.Table, by: str, zone: str = ZONE, after_s: float = 0.0, state: State | str = State.DELIVERED
) -> ir.Table:
    """Return the expression behind one dimension: by, slice (hour of planning), n_messages (accepted and not young),
    k (of that state, not young), n_young.
    """
    t = outcomes.filter(outcomes.state.isin(ACCEPTED))
    is_young = young.is_young(t, after_s)
    slices = (local_seconds(t.planned_at, zone) // SLICE_S).cast("int64")
    return t.group_by(**{by: DIMENSIONS[by](t, zone), "slice": slices}).agg(
        n_messages=t.count(where=~is_young),
        k=t.count(where=(t.state == State(state).value) & ~is_young),
        n_young=t.count(where=is_young),
    )


def comparisons(
    outcomes: ir.Table,
    dimensions: str | Sequence[str] = COMPARED,
    zone: str = ZONE,
    n_min: int = N_MIN,
    state: State | str = State.DELIVERED,
    horizon_s: float = HORIZON_S,
    young_s: float | None = None,
) -> pd.DataFrame:
    """Return how the delivery rate of each group differs from that of the others of its dimension that are alike.

    Columns: dimension, group (text; rows without a value are left out), n_messages (not young), n_delivered (or of
    the other `state`), rate, rest_rate, difference (-1 to 1), low, high (95 % interval, Newcombe 1998, method 10),
    p_value, q_value (Benjamini-Hochberg over all rows with at least `n_min` messages; NaN for the others), evidence.
    A dimension with a single group has nothing to be compared with and gives no row.

    The others are those left when groups that differ are set aside (`stats.comparison.reference`). What rates wobble
    from hour to hour widens intervals and p-values (`stats.dispersion`). Young messages (`metrics.young`; `young_s` is
    the age where it is known already) are in no rate, but intervals and p-values count them both ways; those
    without an operator may be of any.
    """
    after_s = young.young_s(outcomes, horizon_s, state) if young_s is None else young_s
    parts = [
        compared(frame(counts(outcomes, by, zone, after_s, state), by), by) for by in checked(dimensions)
    ]
    return judged(pd.concat(parts, ignore_index=True), n_min)


def compared(cells: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the groups of one dimension against those alike, not judged yet; `cells` is what `counts` gives."""
    unplaced = float(cells.loc[cells[by].isna(), "n_young"].sum())
    cells = cells.dropna(subset=by).assign(n_squares=lambda t: t["n_messages"].astype("float64") ** 2)
    sums = cells.groupby(by, as_index=False)[list(_SUMMED)].sum()
    found = _wobble(cells[cells["n_messages"] > 0], by)
    k, n, _, squares = columns = sums[list(_SUMMED)].to_numpy(np.float64).T
    kept = reference(k, n, squares, found)
    rows = []
    for place in np.flatnonzero(n > 0):
        others = kept & (np.arange(len(n)) != place)
        if others.any():
            own, rest = _side(columns[:, place], found), _side(columns[:, others].sum(axis=1), found)
            rates = own.k / own.n, rest.k / rest.n
            counted = (by, str(sums[by].iloc[place]), int(own.n), int(own.k), *rates, rates[0] - rates[1])
            rows.append((*counted, *difference(own, rest, found, unplaced)))
    return pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_KINDS)


def judged(rows: pd.DataFrame, n_min: int = N_MIN) -> pd.DataFrame:
    """Return the rows of all dimensions with q_value and evidence."""
    enough = rows["n_messages"] >= n_min
    rows["q_value"] = float("nan")
    rows.loc[enough, "q_value"] = benjamini_hochberg(rows.loc[enough, "p_value"])
    rows["evidence"] = [_evidence(q, gap) for q, gap in zip(rows["q_value"], rows["difference"], strict=True)]
    return rows


def _wobble(cells: pd.DataFrame, by: str) -> Wobble:
    group = cells[by].astype("category").cat.codes.to_numpy().astype(np.int64)
    return wobble(cells["k"].to_numpy(np.float64), cells["n_messages"].to_numpy(np.float64), group)


def _side(sums: Floats, found: Wobble) -> Side:
    k, n, n_young, n_squares = sums
    effect = found.effect(np.array(n), np.array(n_squares))
    return Side(k=float(k), n=float(n), young=float(n_young), effect=float(effect))


_SUMMED = ("k", "n_messages", "n_young", "n_squares")
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
_KINDS = {"dimension": "str", "group": "str", "n_messages": "int64", "n_delivered": "int64"}
_KINDS |= dict.fromkeys(_COLUMNS[4:], "float64")


def _evidence(q_value: float, gap: float) -> Evidence:
    if pd.isna(q_value):
        return Evidence.FEW
    if q_value > FALSE_DISCOVERIES:
        return Evidence.NONE
    return Evidence.HIGHER if gap > 0 else Evidence.LOWER
