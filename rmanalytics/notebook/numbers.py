"""The numbers of a selection for machines: what `metrics.json` holds and limits are judged on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rmanalytics import metrics
from rmanalytics.metrics.in_flight import is_waiting
from rmanalytics.metrics.latency import delivered_bounds
from rmanalytics.metrics.survival import SHARES_S, figures
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.times import rfc3339

NUMBERS_MIME = "application/vnd.rmanalytics.numbers+json"
N_IN_FLIGHT = "n_in_flight"
"""Accepted messages without a final word that are younger than the horizon: they may still be delivered."""

N_CAMPAIGNS_MAX = 1000
COUNTS = (
    "n_submitted",
    "n_accepted",
    "n_refused",
    "n_unclear",
    "n_unsent",
    "n_delivered",
    "n_failed",
    "n_queued",
    "n_unknown",
    "n_no_dlr",
    "n_no_dlr_overdue",
    N_IN_FLIGHT,
    "n_dlr_only",
    "n_conflicts",
    "n_negative_latency",
    "residual_submitted",
    "residual_accepted",
    "n_findings",
)
"""Counts that limits may be put on."""

N_FINDINGS = "n_findings"
"""What changed for the worse (see `metrics.findings`); null where there are no days to compare with."""

DURATIONS = tuple(f"delivered_{quantile}_s" for quantile in ("p50", "p90", "p95", "p99"))
"""Times to the DLR of delivered messages that limits may be put on."""

DELIVERY_TIMES = tuple(f"delivery_{quantile}_s" for quantile in ("p50", "p90", "p95", "p99"))
"""Times by which such a share of all accepted messages is delivered that limits may be put on (Aalen-Johansen)."""

SHARES = tuple(f"delivered_within_{moment}s" for moment in SHARES_S)
"""Shares of the accepted messages delivered within so many seconds that limits may be put on (Aalen-Johansen)."""

_WHOLE = ("n_", "residual_")


def of(selection: Selection, total: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters, totals and a row per campaign (the largest 1,000); shares 0 to 1, null for none."""
    chosen = selection.parameters
    campaigns = metrics.rates(selection.outcomes, by=["campaign_id"]).nlargest(N_CAMPAIGNS_MAX, "n_submitted")
    return {
        "campaign_id": chosen.campaign_id,
        "since": rfc3339(chosen.since) if chosen.since else None,
        "until": rfc3339(chosen.until) if chosen.until else None,
        "as_of": rfc3339(chosen.as_of),
        "display_zone": chosen.zone.key,
        "is_simulated": selection.is_simulated,
        "total": dict(total),
        "findings": selection.findings.as_dict(),
        "campaigns": [_plain(row) for row in campaigns.to_dict("records")],
    }


def total(selection: Selection) -> dict[str, Any]:
    """Return the counts, rates and times of the whole selection; null where there is none.

    `delivered_p50_s` and so on are times to the DLR of those delivered; `delivery_p50_s` and
    `delivered_within_30s` are about all accepted messages. Each has its interval (`…_low_s`, `…_low`).
    """
    t = selection.outcomes
    is_open = is_waiting(t, selection.horizon_s)
    extra = t.aggregate(
        **{
            N_IN_FLIGHT: is_open.sum(),
            "n_dlr_only": t.is_dlr_only.sum(),
            "n_conflicts": t.has_conflict.sum(),
            "n_negative_latency": t.is_latency_negative.sum(),
        }
    ).execute()
    row: dict[str, Any] = {}
    times = metrics.time_to_dlr(t, by=[])
    counts = extra.fillna(0).astype("int64")
    for frame in (metrics.rates(t, by=[]), times, selection.accounting, counts):
        row |= _plain(frame.iloc[0].to_dict())
    row[N_FINDINGS] = selection.findings.as_dict()["n"]
    row |= _plain(delivered_bounds(t, row[N_IN_FLIGHT]))
    return row | _plain(
        {
            f"{'delivered' if name.startswith('within') else 'delivery'}_{name}": value
            for name, value in figures(selection.delivery).items()
        }
    )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row as JSON takes it: numbers as Python has them, null for what is missing."""
    return {str(name): _value(str(name), value) for name, value in row.items()}


def _value(name: str, value: Any) -> Any:
    if pd.isna(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    return (
        int(value) if isinstance(value, float) and value.is_integer() and name.startswith(_WHOLE) else value
    )
