"""What metrics can be split by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.errors import BadInput
from rmanalytics.metrics.local_time import local_hour
from rmanalytics.metrics.operators import operator

ZONE = "Asia/Kolkata"
"""Whose clocks the dimension `hour` reads, unless told otherwise."""

Dimension = Callable[[ir.Table, str], ir.Column]

DIMENSIONS: dict[str, Dimension] = {
    "campaign_id": lambda t, _: t.campaign_id,
    "header": lambda t, _: t.header,
    "route": lambda t, _: t.route,
    "template_id": lambda t, _: t.template_id,
    "gateway": lambda t, _: t.gateway,
    "operator": lambda t, _: operator(t.mcc_mnc),
    "hour": lambda t, zone: local_hour(t.planned_at, zone),
}
"""Name of each dimension, and how it is read from outcomes and a display zone."""


def checked(by: str | Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions as a tuple, each once; raise BadInput naming one that does not exist.

    >>> checked("header"), checked(["route", "hour"]), checked(())
    (('header',), ('route', 'hour'), ())
    """
    names = tuple(dict.fromkeys((by,) if isinstance(by, str) else by))
    for name in names:
        if name not in DIMENSIONS:
            raise BadInput(f"{name!r} is not a dimension: use one of {', '.join(DIMENSIONS)}")
    return names


def aggregated(
    outcomes: ir.Table,
    by: str | Sequence[str],
    zone: str,
    measures: Callable[[ir.Table], dict[str, ir.Value]],
) -> ir.Table:
    """Return the measures per group; without dimensions one row, also of no outcomes at all."""
    names = checked(by)
    if not names:
        return outcomes.agg(**measures(outcomes))
    return outcomes.group_by(**{n: DIMENSIONS[n](outcomes, zone) for n in names}).agg(**measures(outcomes))


def frame(expression: ir.Table, by: str | Sequence[str]) -> pd.DataFrame:
    """Return the rows in the order of their dimensions, nulls last.

    Dimensions are text (hour: Int64), counts int64, all else float64, also where there is no row.
    """
    names = list(checked(by))
    rows: pd.DataFrame = expression.to_pandas()
    kinds = {name: _kind(name, names) for name in rows.columns if not expression[name].type().is_array()}
    rows = rows.astype(kinds)
    return rows.sort_values(names, ignore_index=True) if names else rows


def _kind(column: str, by: Sequence[str]) -> str:
    if column in by:
        return "Int64" if column == "hour" else "str"
    return "int64" if column.startswith("n_") else "float64"
