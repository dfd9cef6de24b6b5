"""CleverTap's own numbers beside ours, and what of the difference is explained."""

from __future__ import annotations

from datetime import date

import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.rates import rates

THEIRS = ("n_sent", "n_delivered", "n_errors")
_OURS = ("n_submitted", "n_accepted", "n_refused", "n_delivered", "n_failed")


def theirs(reports: ir.Table, *, since: date | None = None, until: date | None = None) -> ir.Table:
    """Return CleverTap's numbers per campaign: campaign_id, n_sent, n_delivered, n_errors.

    `reports` is the relation `clevertap_reports`. With a first or last day only rows of a day are taken; without,
    a row about the whole campaign goes before those of its days, which it holds.
    """
    day = reports.day
    days = [*([day >= since] if since else []), *([day <= until] if until else [])]
    t = reports.filter(days) if days else reports
    whole = t.group_by("campaign_id").agg(n_whole=t.count(where=t.day.isnull()))
    t = t.inner_join(whole, "campaign_id")
    t = t.filter(t.day.isnull() | (t.n_whole == 0))
    return t.group_by("campaign_id").agg(**{name: t[name].sum() for name in THEIRS})


def reconciliation(
    outcomes: ir.Table,
    reports: ir.Table,
    *,
    since: date | None = None,
    until: date | None = None,
) -> pd.DataFrame:
    """Return the campaigns that both sides know, the largest gap first.

    Columns: campaign_id, sent, delivered, errors (CleverTap's; NaN where its report has no such number), n_submitted,
    n_accepted, n_refused, n_delivered, n_failed (ours), sent_gap (theirs less all that the gateway answered: they
    count a refusal in an answer of HTTP 200 as sent), delivered_gap (theirs less ours).
    """
    their = theirs(reports, since=since, until=until).execute()
    their = their.rename(columns={name: name.removeprefix("n_") for name in THEIRS})
    ours = rates(outcomes, by="campaign_id")[["campaign_id", *_OURS]]
    rows = their.merge(ours, on="campaign_id", how="inner")
    numbers = ["sent", "delivered", "errors"]
    rows[numbers] = rows[numbers].astype("float64")
    rows["sent_gap"] = rows["sent"] - rows["n_accepted"] - rows["n_refused"]
    rows["delivered_gap"] = rows["delivered"] - rows["n_delivered"]
    gap = rows[["sent_gap", "delivered_gap"]].abs().max(axis="columns").fillna(0)
    told: pd.DataFrame = rows.loc[gap.sort_values(ascending=False, kind="stable").index].reset_index(
        drop=True
    )
    return told
