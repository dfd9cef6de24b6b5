"""How far the DLRs can be trusted: how they were matched, repeated, unmatched, unreadable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics import dlt, gateways, status_words
from rmanalytics.metrics.grouping import ZONE, aggregated, frame
from rmanalytics.metrics.local_time import epoch_seconds
from rmanalytics.models import ACCEPTED, FINAL, State, Status
from rmanalytics.stats.intervals import wilson
from rmanalytics.warehouse.dlr_numbers import is_other
from rmanalytics.warehouse.dlr_times import is_impossible
from rmanalytics.warehouse.snapshot import between

UNMATCHED = "unmatched"
N_MIN = 30
"""Groups of fewer messages are not judged."""


def selected(
    dlrs: ir.Table,
    messages: ir.Table,
    *,
    campaign_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> ir.Table:
    """Return the DLRs of a selection; matched_by is `unmatched` where no message was found.

    A DLR belongs to its message's campaign and time; an unmatched one to its tag, and to the time of the message
    that only it and its like tell of.
    """
    own = messages.select("message_id", own_campaign="campaign_id", own_msisdn="msisdn")
    t = dlrs.left_join(own, "message_id")
    t = t.mutate(
        matched_by=t.message_id.isnull().ifelse(UNMATCHED, t.matched_by),
        campaign=ibis.coalesce(t.own_campaign, t.tag),
        at=ibis.coalesce(t.planned_at, t.submitted_at, t.received_at),
    )
    wanted = [*([t.campaign == campaign_id] if campaign_id else []), *between(t.at, since, until)]
    return t.filter(wanted) if wanted else t


def matches(chosen: ir.Table) -> pd.DataFrame:
    """Return how the DLRs of a selection (`selected`) were matched.

    Columns: matched_by (`unmatched` where no message was found), n_dlrs, n_repeated (the same statement about
    the same message once more), n_after_days (came more than a day after the time it is dated), n_times_unread
    (gives a time that could not be read), n_times_impossible (is dated before its submission or far in the future),
    n_other_numbers (names another number than its message's).
    """
    t = chosen.mutate(
        is_late=(chosen.received_at - ibis.interval(days=1) > chosen.done_at).fill_null(False),
        is_impossible=is_impossible(chosen),
        is_other=is_other(chosen.msisdn, chosen.own_msisdn),
    )
    about = ibis.coalesce(t.message_id, t.gateway_message_id, t.callback_id)
    said = t.group_by(
        "matched_by", "raw_status", "error_code", "submitted_at", "done_at", "charge", about=about
    ).agg(
        n=t.count(),
        n_late=t.is_late.sum(),
        n_unread=t.is_time_unread.sum(),
        n_impossible=t.is_impossible.sum(),
        n_other=t.is_other.sum(),
    )
    counts = said.group_by("matched_by").agg(
        n_dlrs=said.n.sum(),
        n_repeated=(said.n - 1).sum(),
        n_after_days=said.n_late.sum(),
        n_times_unread=said.n_unread.sum().fill_null(0),
        n_times_impossible=said.n_impossible.sum(),
        n_other_numbers=said.n_other.sum(),
    )
    frame: pd.DataFrame = counts.order_by(ibis.desc("n_dlrs"), "matched_by").execute()
    return frame.astype(dict.fromkeys(_COUNTS, "int64"))


_COUNTS = ("n_dlrs", "n_repeated", "n_after_days", "n_times_unread", "n_times_impossible", "n_other_numbers")


def unreadable_callbacks(callbacks: ir.Table, *, since: datetime | None = None) -> tuple[int, int]:
    """Return how many callbacks were received, and how many of them could not be read in full.

    What cannot be read names no campaign, so these are of all campaigns.
    """
    wanted = between(callbacks.received_at, since)
    t = callbacks.filter(wanted) if wanted else callbacks
    row = t.aggregate(n=t.count(), n_unreadable=(t.n_unread > 0).sum()).execute().iloc[0].fillna(0)
    return int(row["n"]), int(row["n_unreadable"])


LATENESS = (
    ("before its own date", float("-inf"), -60.0),
    ("within a minute", -60.0, 60.0),
    ("within an hour", 60.0, 3600.0),
    ("within a day", 3600.0, 86_400.0),
    ("after more than a day", 86_400.0, float("inf")),
)
"""How long after its own date a DLR was received, in seconds; a minute of clock error is ignored."""


LEAST_FAILURES = 0.003
"""Fewer messages do not fail at any operator: some phones are always off, some numbers gone."""

ALPHA_PERFECT = 0.01
"""Having no failure at all is suspicious where an honest operator would have none so rarely: from 1,533 messages on."""


def coverages(outcomes: ir.Table, by: str | Sequence[str] = ("campaign_id",), zone: str = ZONE) -> ir.Table:
    """Return the expression behind `coverage`."""
    return aggregated(outcomes, by, zone, _covered)


def coverage(
    outcomes: ir.Table, by: str | Sequence[str] = ("campaign_id",), zone: str = ZONE
) -> pd.DataFrame:
    """Return how many accepted messages have a DLR, and how many a final one, per group.

    Columns: by…, n_accepted, n_with_dlr, n_final, n_conflicts, coverage_rate (n_with_dlr / n_accepted, 0 to
    1), low, high (95 % Wilson interval).
    """
    rows = frame(coverages(outcomes, by, zone), by)
    rows["coverage_rate"] = rows["n_with_dlr"] / rows["n_accepted"].where(rows["n_accepted"] > 0)
    rows["low"], rows["high"] = wilson(rows["n_with_dlr"], rows["n_accepted"])
    return rows


def _covered(t: ir.Table) -> dict[str, ir.Value]:
    accepted = t.state.isin(ACCEPTED)
    return {
        "n_accepted": t.count(where=accepted),
        "n_with_dlr": t.count(where=accepted & (t.n_dlrs > 0)),
        "n_final": t.count(where=t.state.isin(FINAL)),
        "n_conflicts": t.count(where=accepted & t.has_conflict),
    }


def lateness(dlrs: ir.Table) -> pd.DataFrame:
    """Return how long after their own date DLRs were received; `dlrs` as `selected` gives them.

    Columns: when (in the order of `LATENESS`), n_dlrs; those without a date of their own are left out.
    """
    late_s = (epoch_seconds(dlrs.received_at) - epoch_seconds(dlrs.done_at)).cast("float64")
    count = {
        f"n_{place}": dlrs.count(where=(late_s >= low) & (late_s < high))
        for place, (_, low, high) in enumerate(LATENESS)
    }
    row = dlrs.aggregate(**count).execute().iloc[0]
    return pd.DataFrame(
        {"when": [name for name, _, _ in LATENESS], "n_dlrs": [int(n) for n in row.fillna(0)]}
    )


def unknown_words(dlrs: ir.Table) -> pd.DataFrame:
    """Return status words that are in no table: they count as unknown, which may hide deliveries.

    Columns: gateway, raw_status, n_dlrs, first_at, last_at (received), the most frequent first.
    """
    strange = (dlrs.status == Status.UNKNOWN.value) & ~dlrs.raw_status.upper().isin(
        status_words.UNKNOWN_BY_NAME
    )
    t = dlrs.filter(strange.fill_null(False))
    counted = t.group_by("gateway", "raw_status").agg(
        n_dlrs=t.count(), first_at=t.received_at.min(), last_at=t.received_at.max()
    )
    found: pd.DataFrame = counted.order_by(ibis.desc("n_dlrs"), "raw_status").execute()
    return found


def unknown_codes(
    dlrs: ir.Table, known: Sequence[str] | None = None, *, reading: dlt.Reading | None = None
) -> pd.DataFrame:
    """Return error codes that are in no table (`known`; None is those of `reading` and of the gateways themselves).

    Columns: error_code, n_dlrs, first_at, last_at (received), the most frequent first.
    """
    own = (code for one in gateways.profiles() for code in one.dlr_codes)
    there = [*(row.code for row in (reading or dlt.usual()).codes), *own] if known is None else list(known)
    t = dlrs.filter(dlrs.error_code.notnull() & ~dlrs.error_code.isin([*there, *(c.zfill(3) for c in there)]))
    counted = t.group_by("error_code").agg(
        n_dlrs=t.count(), first_at=t.received_at.min(), last_at=t.received_at.max()
    )
    found: pd.DataFrame = counted.order_by(ibis.desc("n_dlrs"), "error_code").execute()
    return found


def looks(outcomes: ir.Table, by: str, zone: str = ZONE) -> ir.Table:
    """Return the expression behind `too_good`."""
    return aggregated(outcomes, by, zone, _measures)


def too_good(outcomes: ir.Table, by: str = "operator", zone: str = ZONE) -> pd.DataFrame:
    """Return groups whose reports look made up, with the reason.

    A report that names the same second for submission and delivery was made without a handset; not one
    failure among very many is rare, for some phones are always off. Columns: by, n_accepted, n_delivered,
    n_timed, n_instant (latency of less than 1 s), reason. Groups of fewer than 30 messages are not judged.
    """
    rows = frame(looks(outcomes, by, zone), by)
    low, _ = wilson(rows["n_instant"], rows["n_timed"])
    instant = (rows["n_timed"] >= N_MIN) & (low > 0.5)
    honest = (1 - LEAST_FAILURES) ** rows["n_accepted"]
    perfect = (honest <= ALPHA_PERFECT) & (rows["n_delivered"] == rows["n_accepted"])
    rows["reason"] = [_reason(*both) for both in zip(instant, perfect, strict=True)]
    return rows[instant | perfect].dropna(subset=by).reset_index(drop=True)


def _measures(t: ir.Table) -> dict[str, ir.Value]:
    timed = (t.state == State.DELIVERED.value) & t.latency_s.notnull()
    return {
        "n_accepted": t.count(where=t.state.isin(ACCEPTED)),
        "n_delivered": t.count(where=t.state == State.DELIVERED.value),
        "n_timed": t.count(where=timed),
        "n_instant": t.count(where=timed & (t.latency_s >= 0) & (t.latency_s < 1)),
    }


def _reason(is_instant: bool, is_perfect: bool) -> str:
    instant = ["most are dated within a second of submission"] if is_instant else []
    return " and ".join([*instant, *(["none failed"] if is_perfect else [])])
