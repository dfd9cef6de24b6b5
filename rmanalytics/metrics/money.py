"""What messages cost: per delivered message, on failures, and on UCS-2 that need not be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir
import pandas as pd

from rmanalytics.metrics.grouping import ZONE, aggregated, frame
from rmanalytics.models import ACCEPTED, FINAL, OPEN, Encoding, State
from rmanalytics.sms import segments
from rmanalytics.warehouse.snapshot import between, known

_BELONGS = re.escape(segments.BASIC + segments.EXTENSION).replace(r"\ ", " ")


def spent(t: ir.Table, price_per_segment: float | None = None) -> ir.FloatingValue:
    """Return what each accepted message cost, null where unknown.

    In this order: the total that a DLR names (iCharge), its cost of one segment (iCostPerSms) times the
    segments, our own price of a segment times the segments. What was never accepted costs nothing.
    """
    ways = [t.charge, t.cost * t.n_segments]
    ways += [] if price_per_segment is None else [ibis.literal(price_per_segment) * t.n_segments]
    return t.state.isin(ACCEPTED).ifelse(ibis.coalesce(*ways), None).cast("float64")


def spending_by(
    outcomes: ir.Table,
    by: str | Sequence[str] = ("campaign_id",),
    zone: str = ZONE,
    price_per_segment: float | None = None,
) -> ir.Table:
    """Return the expression behind `spending`."""
    return aggregated(outcomes, by, zone, partial(_measures, price=price_per_segment))


def spending(
    outcomes: ir.Table,
    by: str | Sequence[str] = ("campaign_id",),
    zone: str = ZONE,
    price_per_segment: float | None = None,
) -> pd.DataFrame:
    """Return what was spent per group, in the account's currency.

    Columns: by…, n_accepted, n_priced (whose cost is known: all sums are about these), n_delivered (priced),
    n_segments, spent, spent_delivered, spent_failed, spent_open (queued, unknown, no DLR), per_delivered
    (spent / n_delivered: the failures are paid by what arrived; NaN without any).
    """
    rows = frame(spending_by(outcomes, by, zone, price_per_segment), by)
    rows["per_delivered"] = rows["spent"] / rows["n_delivered"].where(rows["n_delivered"] > 0)
    return rows


def _measures(t: ir.Table, price: float | None) -> dict[str, ir.Value]:
    cost = spent(t, price)
    return {
        "n_accepted": t.count(where=t.state.isin(ACCEPTED)),
        "n_priced": cost.count(),
        "n_delivered": t.count(where=cost.notnull() & (t.state == State.DELIVERED)),
        "n_segments": t.n_segments.sum(where=cost.notnull()).coalesce(0),
        "spent": cost.sum().coalesce(0.0),
        **{f"spent_{state}": cost.sum(where=t.state == state).coalesce(0.0) for state in FINAL},
        "spent_open": cost.sum(where=t.state.isin(OPEN)).coalesce(0.0),
    }


def needless_ucs2(
    messages: ir.Table,
    *,
    as_of: datetime | None = None,
    campaign_id: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> pd.DataFrame:
    """Return, per campaign, the segments that look-alikes of a few characters would have saved.

    A text counts when every character that forces UCS-2 has a stand-in in GSM-7 (`segments.LOOKALIKES`): a
    curly quote, not Hindi. Columns: campaign_id, n_messages, n_segments, n_needless (segments to be saved),
    characters (those that did it, the most frequent first). Campaigns without any give no row.
    """
    t = known(messages, "messages", as_of)
    t = t.filter(t.encoding == Encoding.UCS2.value)
    t = t.filter(~t.body.re_search(f"[^{_BELONGS}{re.escape(''.join(segments.LOOKALIKES))}]"))
    wanted = [*([t.campaign_id == campaign_id] if campaign_id else [])]
    wanted += between(t.planned_at, since, until)
    t = t.filter(wanted) if wanted else t
    texts = t.group_by("campaign_id", "body").agg(n=t.count()).execute()
    measured = [segments.measure(body) for body in texts["body"]]
    texts = texts.assign(
        n_segments=[len(one.parts) for one in measured] * texts["n"],
        n_needless=[one.n_saved for one in measured] * texts["n"],
        characters=[[culprit.character for culprit in one.culprits] for one in measured],
    )
    rows = [_campaign(name, own) for name, own in texts.groupby("campaign_id", dropna=False)]
    return pd.DataFrame(rows, columns=["campaign_id", "n_messages", "n_segments", "n_needless", "characters"])


def _campaign(name: object, texts: pd.DataFrame) -> tuple[object, int, int, int, str]:
    characters = texts[["characters", "n"]].explode("characters").groupby("characters")["n"].sum()
    found = "".join(characters.sort_values(ascending=False, kind="stable").index)
    return name, int(texts["n"].sum()), int(texts["n_segments"].sum()), int(texts["n_needless"].sum()), found
