"""Shares of what was submitted and of what was accepted, with their uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE, aggregated, checked, frame
from rmanalytics.models import ACCEPTED, NOT_ACCEPTED, State
from rmanalytics.stats.intervals import wilson

By = str | Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate's name for people, and what is divided by what: columns of counts."""

    title: str
    base: str
    told: str
    numerator: str
    is_good: bool = False

    @property
    def denominator(self) -> str:
        """Column of the denominator."""
        return f"n_{self.base}"


RATES: dict[str, Rate] = {
    "accept": Rate(
        title="accepted",
        base="submitted",
        told="accepted by the gateway",
        numerator="n_accepted",
        is_good=True,
    ),
    "delivery": Rate(
        title="delivered",
        base="accepted",
        told="reported delivered",
        numerator="n_delivered",
        is_good=True,
    ),
    "failure": Rate(title="failed", base="accepted", told="reported failed", numerator="n_failed"),
    "queue": Rate(title="queued", base="accepted", told="queued", numerator="n_queued"),
    "unknown": Rate(
        title="unknown",
        base="accepted",
        told="in an unknown state",
        numerator="n_unknown",
    ),
    "no_dlr": Rate(title="no DLR", base="accepted", told="without a DLR", numerator="n_no_dlr"),
}
"""The six rates, in the order in which they are read."""

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
    for name, rate in RATES.items():
        k, n = rows[rate.numerator], rows[rate.denominator]
        rows[f"{name}_rate"] = k / n.where(n > 0)
        rows[f"{name}_low"], rows[f"{name}_high"] = wilson(k, n)
    return rows


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
