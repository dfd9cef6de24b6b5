"""Money in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from rmanalytics.charts.points import group_names
from rmanalytics.metrics import money
from rmanalytics.notebook.display import Column, Html, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.wording import percent, verb

N_ROWS = 50


def summary(frame: pd.DataFrame, currency: str) -> str:
    """Return what was spent, what of it on failures, and what a delivered message cost."""
    n, priced = int(frame["n_accepted"].sum()), int(frame["n_priced"].sum())
    if not priced:
        return (
            "No DLR names a cost and no price is set (RMANALYTICS_SEND_PRICE_PER_SEGMENT), so the cost "
            "cannot be determined."
        )
    spent, failed = float(frame["spent"].sum()), float(frame["spent_failed"].sum())
    delivered = int(frame["n_delivered"].sum())
    text = f"**{_money(spent, currency)}** {verb(spent, 'was', 'were')} spent on {priced:,} messages"
    text += f", **{_money(failed, currency)}** ({percent(failed / spent)}) of it on failures" if spent else ""
    text += f"; a delivered message cost **{spent / delivered:,.4f} {currency}**." if delivered else "."
    unknown = n - priced
    return f"{text} The cost of {unknown:,} accepted messages is unknown." if unknown else text


def needless(frame: pd.DataFrame, spent: pd.DataFrame, currency: str) -> str:
    """Return what the replaceable characters that force UCS-2 cost."""
    saved = int(frame["n_needless"].sum())
    if not saved:
        return "No message was made longer by a character that GSM-7 could replace."
    characters = "".join(dict.fromkeys("".join(frame["characters"])))
    n, n_segments = int(frame["n_messages"].sum()), int(spent["n_segments"].sum())
    price = float(spent["spent"].sum()) / n_segments if n_segments else 0.0
    money = f" (about **{_money(saved * price, currency)}**)" if price else ""
    return (
        f"**{saved:,}** segments{money} could be saved: {n:,} messages are sent as UCS-2 only because of {characters}, "
        "which GSM-7 can replace (’ with ', – with -, ₹ with Rs.). If you change the text, change its DLT template too."
    )


def of(selection: Selection) -> pd.DataFrame:
    """Return what was spent on a selection, as `metrics.spending` gives it for one group."""
    price = selection.settings.send_price_per_segment
    return money.spending(selection.outcomes, by=[], price_per_segment=price)


def spending_table(frame: pd.DataFrame, by: str | Sequence[str]) -> Html:
    """Return counts and sums per group, the most expensive first."""
    by = [by] if isinstance(by, str) else list(by)
    number = "number"
    columns = [Column(heading=" · ".join(by).replace("_id", ""))]
    headings = (
        "accepted",
        "cost known",
        "segments",
        "spent",
        "delivered",
        "failed",
        "open",
        "per delivered",
    )
    columns += [Column(heading=heading, kind=number) for heading in headings]
    shown = frame[frame["n_priced"] > 0].nlargest(N_ROWS, "spent")
    rows = [
        [
            name,
            *(int(row[key]) for key in ("n_accepted", "n_priced", "n_segments")),
            *(f"{row[key]:,.2f}" for key in ("spent", "spent_delivered", "spent_failed", "spent_open")),
            "–" if pd.isna(row["per_delivered"]) else f"{row['per_delivered']:,.4f}",
        ]
        for name, row in zip(group_names(shown, by), shown.to_dict("records"), strict=True)
    ]
    return table(columns, rows)


def _money(amount: float, currency: str) -> str:
    return f"{amount:,.2f} {currency}"
