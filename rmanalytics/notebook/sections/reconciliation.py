"""CleverTap's numbers next to ours, as sentences and a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import pandas as pd

from rmanalytics.metrics.reconciliation import reconciliation
from rmanalytics.notebook.display import Column, Html, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.wording import count

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
    n_refused = frame["n_refused"].sum()
    known = "campaign is" if len(frame) == 1 else "campaigns are"
    refused = (
        f" (its **sent** includes the {n_refused:,.0f} that the gateway refused in its answer)"
        if n_refused
        else ""
    )
    sent, delivered = _sent(frame["sent_gap"]), _delivered(frame["delivered_gap"])
    return f"**{len(frame):,}** {known} known to both. {sent}{refused}. {delivered}."


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


def _sent(gaps: pd.Series) -> str:
    if gaps.isna().all():
        return "CleverTap's report has no number sent"
    more, fewer = _apart(gaps)
    if not more and not fewer:
        return f"CleverTap sent what our gateway answered{_lacking(gaps)}"
    found = [
        f"**{more} more** than we know of: by another route, or their DLRs never reached us",
        f"**{fewer} fewer** than we know of: some were sent without it, as by `rmanalytics send`",
    ]
    return f"CleverTap sent {_either(found, more, fewer)}{_lacking(gaps)}"


def _delivered(gaps: pd.Series) -> str:
    if gaps.isna().all():
        return "CleverTap's report has no number delivered"
    more, fewer = _apart(gaps)
    if not more and not fewer:
        return f"Both count the same number delivered{_lacking(gaps)}"
    why = "their DLRs did not reach it (see `rmanalytics relay status`), or arrived later"
    found = [
        f"**{more} more** delivered: we missed their DLRs, or it counts some twice",
        f"**{fewer} fewer** delivered: {why}",
    ]
    return f"It counts {_either(found, more, fewer)}{_lacking(gaps)}"


def _apart(gaps: pd.Series) -> tuple[str, str]:
    """Return what is too many and too few, each summed for itself: they do not make up for each other; "" for none."""
    more, fewer = gaps.clip(lower=0).sum(), -gaps.clip(upper=0).sum()
    return f"{more:,.0f}" if more else "", f"{fewer:,.0f}" if fewer else ""


def _either(found: Sequence[str], more: str, fewer: str) -> str:
    """Return what there is of both; of the second one that it is about other campaigns."""
    if more and fewer:
        return f"{found[0]}; in other campaigns {found[1]}"
    return found[0] if more else found[1]


def _lacking(gaps: pd.Series) -> str:
    n = int(gaps.isna().sum())
    return f" (of {count(n, 'campaign')} its report has no such number)" if n else ""


def _count(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _gap(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:+,.0f}".replace("-", "−") if value else "0"
