"""How long the gateway takes to tell the end of a message."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE, aggregated, frame
from rmanalytics.models import ACCEPTED, FINAL, OPEN, State
from rmanalytics.stats.exact import quantile_ranks

QUANTILES = (0.5, 0.9, 0.95, 0.99)


def latencies(
    outcomes: ir.Table,
    by: str | Sequence[str] = ("campaign_id",),
    quantiles: Sequence[float] = QUANTILES,
    zone: str = ZONE,
) -> ir.Table:
    """Return the expression behind `time_to_dlr`; the quantiles of a state are one array."""
    return aggregated(outcomes, by, zone, partial(_measures, quantiles=list(quantiles)))


def time_to_dlr(
    outcomes: ir.Table,
    by: str | Sequence[str] = ("campaign_id",),
    quantiles: Sequence[float] = QUANTILES,
    zone: str = ZONE,
) -> pd.DataFrame:
    """Return exact quantiles of latency_s (seconds) of delivered and of failed messages, per group.

    Columns: by…, n_accepted, n_in_flight, and for delivered and failed each: n_<state>, n_<state>_timed
    (whose latency is known: the n of the quantiles), n_<state>_negative (dated before their submission; kept
    in the quantiles), <state>_p50_s and so on (NaN without any).

    These describe the messages that are final. The n_in_flight (queued, unknown, no DLR) are censored: while
    they are many, the quantiles are too small, and an estimate that counts them (Aalen-Johansen) is
    needed to speak of all messages.
    """
    rows = frame(latencies(outcomes, by, quantiles, zone), by)
    for state in FINAL:
        values = rows.pop(f"{state}_s")
        for place, quantile in enumerate(quantiles):
            at = [row[place] if row is not None else float("nan") for row in values]
            rows[f"{state}_{label(quantile)}_s"] = pd.Series(at, index=rows.index, dtype="float64")
    return rows


def delivered_bounds(outcomes: ir.Table, n_pending: int) -> dict[str, float]:
    """Return between which times (seconds) the quantiles of delivered messages lie, as `delivered_p95_low_s` and so on.

    95 % intervals by order statistics, which reach from "none of the pending messages is delivered" to "all are,
    at once or at the very end": NaN where there is no such end yet.
    """
    delivered = outcomes.filter(outcomes.state == State.DELIVERED.value).latency_s
    n = int(delivered.count().execute())
    ranks = {
        f"delivered_{label(quantile)}_{end}_s": rank
        for quantile in QUANTILES
        for end, rank in _ends(n, n_pending, quantile)
    }
    there = {name: rank for name, rank in ranks.items() if 1 <= rank <= n}
    places = [(rank - 1) / max(n - 1, 1) for rank in there.values()]
    values = delivered.quantile(places).execute() if there else []
    return dict.fromkeys(ranks, math.nan) | dict(zip(there, map(float, values), strict=True))


def _ends(n: int, n_pending: int, quantile: float) -> tuple[tuple[str, int], tuple[str, int]]:
    """Return the ranks of the low and the high end among n values, if pending ones may yet come below and above."""
    low = min(quantile_ranks(n, quantile)[0], quantile_ranks(n + n_pending, quantile)[0] - n_pending)
    return ("low", low), ("high", quantile_ranks(n + n_pending, quantile)[1])


def label(quantile: float) -> str:
    """Return the name of a quantile in a column.

    >>> label(0.5), label(0.999)
    ('p50', 'p99_9')
    """
    return "p" + f"{quantile * 100:.10g}".replace(".", "_")


def _measures(t: ir.Table, quantiles: list[float]) -> dict[str, ir.Value]:
    measures = {
        "n_accepted": t.count(where=t.state.isin(ACCEPTED)),
        "n_in_flight": t.count(where=t.state.isin(OPEN)),
    }
    for state in FINAL:
        here = t.state == state.value
        measures[f"n_{state}"] = t.count(where=here)
        measures[f"n_{state}_timed"] = t.count(where=here & t.latency_s.notnull())
        measures[f"n_{state}_negative"] = t.count(where=here & (t.latency_s < 0))
        measures[f"{state}_s"] = t.latency_s.quantile(quantiles, where=here)
    return measures
