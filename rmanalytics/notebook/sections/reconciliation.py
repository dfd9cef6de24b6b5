"""CleverTap's numbers next to ours, as sentences and a table."""

from __future__ import annotations

import math
from datetime import timedelta

import pandas as pd

from rmanalytics.metrics.reconciliation import reconciliation
from rmanalytics.notebook.display import Column, Html, table
from rmanalytics.notebook.selection import Selection

N_ROWS = 40
NUMBER = "number"
NONE = "There are no CleverTap numbers for this selection: load them with `rmanalytics import clevertap-report FILE`."


def reconciled(selection: Selection) -> pd.DataFrame:
    """Return `metrics.reconciliation` of a selection; its first and last day are those of the display zone."""
    asked, zone = selection.parameters, selection.parameters.zone
    first = asked.since.astimezone(zone).date() if asked.since else None
    last = (asked.until - timedelta(microseconds=1)).astimezone(zone).date() if asked.until else None
    reports = selection.known.table("clevertap_reports")
    return reconciliation(selection.outcomes, reports, since=first, until=last)


def summary(frame: pd.DataFrame) -> str:
    """Return whether both count the same, and if not, the likely reason."""
    if frame.empty:
        return NONE
    sent, delivered, n_refused = (frame[key].sum() for key in ("sent_gap", "delivered_gap", "n_refused"))
    head = f"**{len(frame):,}** campaigns are known to both."
    refused = (
        f" (its **sent** includes the {n_refused:,.0f} that the gateway refused in its answer)"
        if n_refused
        else ""
    )
    return f"{head} {_sent(int(sent))}{refused}. {_delivered(int(delivered))}."


def reconciliation_table(frame: pd.DataFrame) -> Html:
    """Return both sides per campaign, the largest gap first."""
    headings = ("sent, CleverTap", "answered, ours", "gap", "delivered, CleverTap", "delivered, ours", "gap")
    columns = [Column(heading="campaign"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    rows = [
        [
            row["campaign_id"],
            _count(row["sent"]),
            int(row["n_accepted"] + row["n_refused"]),
            _gap(row["sent_gap"]),
            _count(row["delivered"]),
            int(row["n_delivered"]),
            _gap(row["delivered_gap"]),
        ]
        for row in frame.head(N_ROWS).to_dict("records")
    ]
    return table(columns, rows)


def _sent(gap: int) -> str:
    if not gap:
        return "CleverTap sent what our gateway answered"
    if gap > 0:
        return f"CleverTap sent **{gap:,} more** than we know of: by another route, or their DLRs never reached us"
    return f"CleverTap sent **{-gap:,} fewer** than we know of: some were sent without it, as by `rmanalytics send`"


def _delivered(gap: int) -> str:
    if not gap:
        return "Both count the same number delivered"
    if gap > 0:
        return f"It counts **{gap:,} more** delivered: we missed their DLRs, or it counts some twice"
    why = "their DLRs did not reach it (see `rmanalytics relay status`), or arrived later"
    return f"It counts **{-gap:,} fewer** delivered: {why}"


def _count(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _gap(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:+,.0f}".replace("-", "−") if value else "0"
