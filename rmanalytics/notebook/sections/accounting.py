"""Whether every message is accounted for, in words and as a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rmanalytics.charts.states import STATES
from rmanalytics.models import ACCEPTED, NOT_ACCEPTED
from rmanalytics.notebook.display import Column, Html, table
from rmanalytics.support.wording import are, count, listed, percent, verb

Total = Mapping[str, Any]
_SUMS = {"submitted": NOT_ACCEPTED, "accepted": ACCEPTED}


def summary(total: Total) -> str:
    """Return what happened to the messages, from `numbers.total`."""
    n, delivered, failed = (int(total[f"n_{name}"]) for name in ("submitted", "delivered", "failed"))
    if n == 0:
        return "There are no messages in this selection."
    text = f"Of **{count(n, 'message')}**, **{delivered:,}** ({percent(delivered / n)}) {are(delivered)} reported"
    text += f" delivered and **{failed:,}** failed." if failed else " delivered and none failed."
    return " ".join(filter(None, (text, _in_flight(total), _not_accepted(total), _dlr_only(total))))


def _in_flight(total: Total) -> str:
    n, accepted, overdue = (int(total[f"n_{name}"]) for name in ("in_flight", "accepted", "no_dlr_overdue"))
    parts = []
    if n:
        low, high = total["n_delivered"] / accepted, (total["n_delivered"] + n) / accepted
        parts.append(
            f"**{n:,}** {are(n)} still in flight: once all are final, the delivery rate will be "
            f"between {percent(low)} and {percent(high)}."
        )
    if overdue:
        parts.append(f"**{overdue:,}** got no DLR within the horizon and probably never will.")
    return " ".join(parts)


def _not_accepted(total: Total) -> str:
    parts = [
        f"{total[f'n_{state}']:,} {STATES[state].label}" for state in NOT_ACCEPTED if total[f"n_{state}"]
    ]
    return f"Not accepted by the gateway: {listed(parts)}." if parts else "The gateway accepted all of them."


def _dlr_only(total: Total) -> str:
    n = int(total["n_dlr_only"])
    return (
        f"**{n:,}** {are(n)} known from DLRs only: {verb(n, 'it was', 'they were')} not sent from here."
        if n
        else ""
    )


def identity(total: Total) -> str:
    """Return whether every message is accounted for."""
    residuals = int(total["residual_submitted"]), int(total["residual_accepted"])
    if residuals == (0, 0):
        return "Both sums add up: the residual is **0** and every message is in exactly one state."
    left = f"{residuals[0]:,} and {residuals[1]:,}"
    return f"**The sums do not add up**, residuals {left}: this is a bug in rmanalytics, please report it."


def identity_table(total: Total) -> Html:
    """Return both sums of the accounting identity with their residuals."""
    rows = []
    for name, states in _SUMS.items():
        parts = [f"{total[f'n_{state}']:,} {STATES[state].label}" for state in states]
        parts += [f"{total['n_accepted']:,} accepted"] if name == "submitted" else []
        rows.append([name, int(total[f"n_{name}"]), " + ".join(parts), int(total[f"residual_{name}"])])
    number = "number"
    return table(
        [
            Column(heading="sum"),
            Column(heading="messages", kind=number),
            Column(heading="is", kind="text wrap"),
            Column(heading="residual", kind=number),
        ],
        rows,
    )
