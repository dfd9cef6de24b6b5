"""The tables of the notebooks: rates with their intervals, codes, how DLRs were matched, the identity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics.charts.points import group_names
from rmanalytics.charts.states import RATES, STATES
from rmanalytics.charts.style import interval, percent
from rmanalytics.metrics import failures
from rmanalytics.models import State
from rmanalytics.notebook.display import Column, Html, escaped, table
from rmanalytics.notebook.header import swatch
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.times import short

N_ROWS = 100
MATCHED_BY = {
    "gateway_message_id": "the gateway's id, exactly",
    "message_id": "our own id, which the gateway sent back",
    "udf1": "our own id, in udf1",
    "udf2": "our own id, in udf2",
    "tag": "our own id, in the tag",
    "gateway_message_id_normalised": "the gateway's id, written differently (case, leading zeros, hex)",
    "msisdn_header_window": "number, header and time only: low confidence",
    "nobody": "not matched: message unknown, kept and tried again at every ingest",
}
"""How a DLR found its message, most certain first."""

DOUBTS = {
    "repeated": ("DLRs", "the same statement once more; counted once"),
    "late": ("DLRs", "came more than a day after the time it is dated"),
    "contradicting": ("messages", "messages with two different final words; delivered wins"),
    "negative time": ("messages", "messages reported before they were submitted: a clock or zone is wrong"),
    "from DLRs only": ("messages", "messages that we did not send; the tag of their DLRs is their campaign"),
    "unreadable": ("callbacks", "callbacks of all campaigns in which no DLR was found; kept in the journal"),
}
"""What casts doubt on DLRs, of what it is a share, and what it means."""

_SUMS: tuple[tuple[str, tuple[State, ...]], ...] = (
    ("submitted", (State.REFUSED, State.UNCLEAR, State.UNSENT)),
    ("accepted", (State.DELIVERED, State.FAILED, State.QUEUED, State.UNKNOWN, State.NO_DLR)),
)


def rates_table(frame: pd.DataFrame, by: str | Sequence[str]) -> Html:
    """Return counts and delivery rates per group, the largest 100 groups."""
    by = [by] if isinstance(by, str) else list(by)
    columns = [Column(heading=" · ".join(by).replace("_id", ""))]
    columns += [Column(heading=heading, kind="number") for heading in ("submitted", "accepted", "delivered")]
    columns += [Column(heading="delivery rate (95 %)", kind="number")]
    columns += [
        Column(heading=heading, kind="number") for heading in ("failed", "queued", "unknown", "no DLR")
    ]
    shown = frame.nlargest(N_ROWS, "n_submitted")
    rows = [
        [
            name,
            *(int(row[f"n_{count}"]) for count in ("submitted", "accepted", "delivered")),
            _interval(row["delivery_rate"], row["delivery_low"], row["delivery_high"]),
            *(int(row[f"n_{count}"]) for count in ("failed", "queued", "unknown", "no_dlr")),
        ]
        for name, row in zip(group_names(shown, by), shown.to_dict("records"), strict=True)
    ]
    more = f"The {N_ROWS} largest of {len(frame):,}." if len(frame) > N_ROWS else ""
    return table(columns, rows, more)


def all_rates_table(total: Mapping[str, Any]) -> Html:
    """Return the six rates of a whole selection, from `numbers.total`."""
    columns = [
        Column(heading="rate"),
        Column(heading="messages", kind="number"),
        Column(heading="of", kind="number"),
        Column(heading="share", kind="number"),
        Column(heading="true rate (95 %)", kind="number"),
        Column(heading="how it is counted", kind="text"),
    ]
    rows = []
    for name, rate in RATES.items():
        share, low, high = (_number(total[f"{name}_{end}"]) for end in ("rate", "low", "high"))
        named = swatch(STATES[rate.state].colour, rate.title)
        counts = (int(total[rate.numerator]), int(total[rate.denominator]))
        counted = f"{rate.told}, of all {rate.base} messages"
        rows.append([named, *counts, percent(share), interval(low, high), counted])
    return table(columns, rows)


def codes_table(frame: pd.DataFrame, selection: Selection) -> Html:
    """Return the codes with what they mean, as the settings of the home read them, when they came first and last."""
    columns = [
        Column(heading="code"),
        Column(heading="by"),
        Column(heading="messages", kind="number"),
        Column(heading="share (95 %)", kind="number"),
        Column(heading="meaning", kind="text"),
        Column(heading="first"),
        Column(heading="last"),
    ]
    zone, shown = selection.parameters.zone, frame.head(N_ROWS)
    causes = failures.causes(shown, selection.reading)
    rows = [
        [
            "none told" if pd.isna(row["code"]) else row["code"],
            "gateway" if row["state"] == State.REFUSED else "operator",
            int(row["n_messages"]),
            _interval(row["share"], row["low"], row["high"]),
            "" if pd.isna(row["code"]) else cause.meaning,
            *("–" if pd.isna(at) else short(at, zone) for at in (row["first_at"], row["last_at"])),
        ]
        for row, cause in zip(shown.to_dict("records"), causes, strict=True)
    ]
    return table(columns, rows)


def trust_table(selection: Selection, total: Mapping[str, Any]) -> Html:
    """Return how DLRs found their messages, and what casts doubt on them."""
    matches = selection.matches
    n = int(matches["n_dlrs"].sum())
    found = dict(zip(matches["matched_by"], matches["n_dlrs"].tolist(), strict=True))
    rows: list[Sequence[object]] = [
        [kind.replace("_", " "), found[kind], percent(found[kind] / n), MATCHED_BY.get(kind, "")]
        for kind in (*(kind for kind in MATCHED_BY if kind in found), *(found.keys() - MATCHED_BY.keys()))
    ]
    of = {"DLRs": n, "messages": int(total["n_submitted"]), "callbacks": selection.unreadable_callbacks[0]}
    counts = {
        "repeated": int(matches["n_repeated"].sum()),
        "late": int(matches["n_after_days"].sum()),
        "contradicting": int(total["n_conflicts"]),
        "negative time": int(total["n_negative_latency"]),
        "from DLRs only": int(total["n_dlr_only"]),
        "unreadable": selection.unreadable_callbacks[1],
    }
    for name, (base, told) in DOUBTS.items():
        rows.append([name, counts[name], percent(counts[name] / of[base]) if of[base] else "–", told])
    columns = [Column(heading="DLRs"), Column(heading="count", kind="number")]
    columns += [Column(heading="share", kind="number"), Column(heading="what it says", kind="text")]
    return table(columns, rows)


def identity_table(total: Mapping[str, Any]) -> Html:
    """Return both sums of the accounting identity with their residuals."""
    rows = []
    for name, states in _SUMS:
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


def _interval(share: float, low: float, high: float) -> Html | str:
    if pd.isna(share):
        return "–"
    return Html(f'{escaped(percent(share))} <span class="soft">({escaped(interval(low, high))})</span>')


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
