"""Shares of what was submitted and of what was accepted, with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE, aggregated, checked, frame
from rmanalytics.models import ACCEPTED, NOT_ACCEPTED, RATES, State
from rmanalytics.stats.intervals import shares

By = str | Sequence[str]


_COUNTS = ("submitted", *NOT_ACCEPTED, "accepted", *ACCEPTED, "no_dlr_overdue")


def counts(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> ir.Table:
    """Return the expression that counts: by…, n_submitted, n_<state> of every state, n_no_dlr_overdue."""
    return aggregated(outcomes, by, zone, _measures)


def rates(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return every count and rate per group.

    Columns: by…, n_submitted, n_refused, n_unclear, n_unsent, n_accepted, n_delivered, n_failed, n_queued,
    n_unknown, n_no_dlr, n_no_dlr_overdue, then for accept (of submitted), delivery, failure, queue, unknown
    and no_dlr (of accepted): <x>_rate (0 to 1), <x>_low, <x>_high (95 % Wilson interval); NaN where the
    denominator is 0. `zone` is the clock of the dimension `hour`. Raises BadInput for an unknown dimension.
    """
    rows = frame(counts(outcomes, by, zone), by)
    rows["n_accepted"] = rows[[f"n_{state}" for state in ACCEPTED]].sum(axis="columns")
    rows = rows[[*checked(by), *(f"n_{one}" for one in _COUNTS)]]
    return rows.assign(**shares(rows, {name: rate.parts for name, rate in RATES.items()}))


def accept(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return the share of submitted messages that the gateway took, per group.

    Columns: by…, n_submitted, n_accepted, accept_rate (0 to 1), low, high (95 % Wilson interval).
    """
    return _one("accept", outcomes, by, zone)


def delivery(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return the share of accepted messages reported delivered, per group.

    Columns: by…, n_accepted, n_delivered, delivery_rate (0 to 1), low, high (95 % Wilson interval).
    """
    return _one("delivery", outcomes, by, zone)


def failure(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return the share of accepted messages reported failed, per group.

    Columns: by…, n_accepted, n_failed, failure_rate (0 to 1), low, high (95 % Wilson interval).
    """
    return _one("failure", outcomes, by, zone)


def queue(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return the share of accepted messages whose last word is that they are on their way, per group.

    Columns: by…, n_accepted, n_queued, queue_rate (0 to 1), low, high (95 % Wilson interval).
    """
    return _one("queue", outcomes, by, zone)


def unknown(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return the share of accepted messages of which DLRs say nothing that we understand, per group.

    Columns: by…, n_accepted, n_unknown, unknown_rate (0 to 1), low, high (95 % Wilson interval).
    """
    return _one("unknown", outcomes, by, zone)


def no_dlr(outcomes: ir.Table, by: By = ("campaign_id",), zone: str = ZONE) -> pd.DataFrame:
    """Return the share of accepted messages without any DLR yet, per group.

    Columns: by…, n_accepted, n_no_dlr, no_dlr_rate (0 to 1), low, high (95 % Wilson interval).
    """
    return _one("no_dlr", outcomes, by, zone)


def _measures(t: ir.Table) -> dict[str, ir.Value]:
    states = {f"n_{state}": t.count(where=t.state == state.value) for state in State}
    return {"n_submitted": t.count(), **states, "n_no_dlr_overdue": t.count(where=t.is_overdue)}


def _one(name: str, outcomes: ir.Table, by: By, zone: str) -> pd.DataFrame:
    rows = rates(outcomes, by, zone)
    rate = RATES[name]
    columns = [*checked(by), rate.denominator, rate.numerator, f"{name}_rate", f"{name}_low", f"{name}_high"]
    return rows[columns].rename(columns={f"{name}_low": "low", f"{name}_high": "high"})
