"""From a small aggregated expression to a pandas frame."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.dimensions import checked


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
