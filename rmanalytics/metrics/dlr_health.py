"""How far the DLRs themselves can be trusted: matched how, repeated, nobody's, unreadable."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

NOBODY = "nobody"


def selected(
    dlrs: ir.Table,
    messages: ir.Table,
    *,
    as_of: datetime,
    campaign_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> ir.Table:
    """Return the DLRs of a selection as known at `as_of`; matched_by is `nobody` where no message was found.

    A DLR belongs to its message's campaign and time; one that is nobody's to its tag and the time it names.
    """
    known = dlrs.filter(dlrs.received_at <= as_of)
    own = messages.select("message_id", own_campaign="campaign_id", planned_at="planned_at")
    t = known.left_join(own, "message_id")
    t = t.mutate(
        matched_by=t.message_id.isnull().ifelse(NOBODY, t.matched_by),
        campaign=ibis.coalesce(t.own_campaign, t.tag),
        at=ibis.coalesce(t.planned_at, t.submitted_at, t.received_at),
    )
    wanted = [*([t.campaign == campaign_id] if campaign_id else []), *_between(t.at, since, until)]
    return t.filter(wanted) if wanted else t


def matches(chosen: ir.Table) -> pd.DataFrame:
    """Return how the DLRs of a selection (`selected`) found their messages.

    Columns: matched_by (`nobody` where no message was found), n_dlrs, n_repeated (the same statement about
    the same message once more), n_after_days (came more than a day after the time it is dated).
    """
    t = chosen.mutate(is_late=(chosen.received_at - ibis.interval(days=1) > chosen.done_at).fill_null(False))
    about = ibis.coalesce(t.message_id, t.gateway_message_id, t.callback_id)
    said = t.group_by(
        "matched_by", "raw_status", "error_code", "submitted_at", "done_at", "charge", about=about
    ).agg(n=t.count(), n_late=t.is_late.sum())
    counts = said.group_by("matched_by").agg(
        n_dlrs=said.n.sum(), n_repeated=(said.n - 1).sum(), n_after_days=said.n_late.sum()
    )
    frame: pd.DataFrame = counts.order_by(ibis.desc("n_dlrs"), "matched_by").execute()
    return frame.astype(dict.fromkeys(_COUNTS, "int64"))


_COUNTS = ("n_dlrs", "n_repeated", "n_after_days")


def unreadable_callbacks(
    callbacks: ir.Table, *, as_of: datetime, since: datetime | None = None
) -> tuple[int, int]:
    """Return how many callbacks came until `as_of`, and in how many of them no DLR was found.

    An unreadable callback names no campaign, so these are of all campaigns.
    """
    t = callbacks.filter([callbacks.received_at <= as_of, *_between(callbacks.received_at, since, None)])
    row = t.aggregate(n=t.count(), n_unreadable=(t.n_dlrs == 0).sum()).execute().iloc[0].fillna(0)
    return int(row["n"]), int(row["n_unreadable"])


def _between(
    at: ir.TimestampColumn, since: datetime | None, until: datetime | None
) -> list[ir.BooleanColumn]:
    return [*([at >= since] if since else []), *([at < until] if until else [])]
