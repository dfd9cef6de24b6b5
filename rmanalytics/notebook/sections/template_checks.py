"""Template mismatches in words, as tables, and as two-line diffs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from rmanalytics.charts.points import group_names
from rmanalytics.dlt import MEANINGS, Reason
from rmanalytics.dlt.engine import lookalikes
from rmanalytics.notebook.display import Column, Html, escaped, table
from rmanalytics.notebook.sections.template_diffs import diffs, masked
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.wording import interval, percent, unstarred

__all__ = [
    "crossed",
    "crossing_table",
    "diffs",
    "encodings_table",
    "first_fixes",
    "fixes_table",
    "groups_table",
    "kinds",
    "kinds_table",
    "needless_table",
    "rate",
]

N_ROWS = 40
NUMBER = "number"


def rate(frame: pd.DataFrame, selection: Selection) -> str:
    """Return what share of the domestic messages departs from its template, or what is missing to tell."""
    n, bad = int(frame["n_messages"].sum()), int(frame["n_mismatched"].sum())
    if not n:
        return (
            "No message of this selection could be checked: only domestic ones are, and the registered templates "
            "must be there (`rmanalytics import templates FILE`, then `rmanalytics ingest`)."
        )
    row = frame.to_dict("records")[0]
    policy = selection.settings.dlt_policy
    return (
        f"**{bad:,}** of {n:,} domestic messages (**{percent(bad / n)}**, 95 % interval "
        f"{interval(row['low'], row['high'])}) do not match their template under the policy **{policy}**."
    )


def kinds(frame: pd.DataFrame) -> str:
    """Return which kind of mismatch is the most frequent."""
    if frame.empty:
        return "Every checked message matches its template."
    n, top = int(frame["n_messages"].sum()), frame.to_dict("records")[0]
    meaning = MEANINGS[Reason(top["reason"])]
    kind = top["reason"].replace("_", " ")
    return f"Most frequent is **{kind}** ({meaning}): {top['n_messages']:,} of {n:,} mismatches."


def kinds_table(frame: pd.DataFrame) -> Html:
    """Return each kind with its meaning and what became of its messages."""
    headings = ("messages", "rejected for it", "delivered", "failed otherwise", "open")
    columns = [Column(heading="kind"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    columns.append(Column(heading="what it says", kind="text"))
    keys = ("n_messages", "n_rejected", "n_delivered", "n_otherwise", "n_open")
    rows = [
        [row["reason"].replace("_", " "), *(int(row[key]) for key in keys), MEANINGS[Reason(row["reason"])]]
        for row in frame.to_dict("records")
    ]
    return table(columns, rows)


def crossed(frame: pd.DataFrame) -> str:
    """Return how our verdict and the operator's answer agree, from `crossing` of everything."""
    row = frame.to_dict("records")[0]
    told = []
    if both := int(row["n_mismatched_rejected"]):
        told.append(f"**{both:,}** mismatches were rejected for it, as predicted")
    if lax := int(row["n_mismatched_delivered"]):
        told.append(
            f"**{lax:,}** were delivered all the same: the operator is laxer than the policy, or did not look"
        )
    if strict := int(row["n_matched_rejected"]):
        told.append(
            f"**{strict:,}** were rejected for their template although they match: compare what is registered at the "
            "operator with what was imported"
        )
    if not told:
        return "No operator rejected a message for its template, and no mismatch was delivered."
    return "; ".join(told) + "."


def crossing_table(frame: pd.DataFrame) -> Html:
    """Return the table of verdicts and answers, from `crossing` of everything."""
    row = frame.to_dict("records")[0]
    if not row["n_messages"]:
        return Html("")
    headings = ("rejected for the template", "delivered", "failed otherwise", "no final word")
    columns = [Column(heading="our verdict"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    rows = [
        [
            told,
            *(int(row[f"n_{verdict}_{answer}"]) for answer in ("rejected", "delivered", "otherwise", "open")),
        ]
        for verdict, told in (("mismatched", "does not match"), ("matched", "matches"))
    ]
    return table(columns, rows)


def groups_table(frame: pd.DataFrame, by: str | Sequence[str]) -> Html:
    """Return mismatch rates per group beside the cells that matter, the most mismatches first."""
    by = [by] if isinstance(by, str) else list(by)
    headings = (
        "checked",
        "mismatched",
        "rate (95 %)",
        "rejected for it",
        "delivered",
        "matching, yet rejected",
    )
    columns = [Column(heading=" · ".join(by).replace("_id", ""))]
    columns += [Column(heading=heading, kind=NUMBER) for heading in headings]
    shown = frame.nlargest(N_ROWS, "n_mismatched")
    keys = ("n_mismatched_rejected", "n_mismatched_delivered", "n_matched_rejected")
    rows = [
        [name, int(row["n_messages"]), int(row["n_mismatched"]), _rate(row), *(int(row[key]) for key in keys)]
        for name, row in zip(group_names(shown, by), shown.to_dict("records"), strict=True)
    ]
    return table(
        columns, rows, f"The {N_ROWS} with most mismatches of {len(frame):,}." if len(frame) > N_ROWS else ""
    )


def first_fixes(frame: pd.DataFrame) -> str:
    """Return the one fix that saves most messages."""
    if frame.empty:
        return "There is nothing to fix."
    top = frame.to_dict("records")[0]
    n = int(top["n_rejected"]) or int(top["n_messages"])
    lost = "rejected" if top["n_rejected"] else "mismatching"
    told = unstarred(top["fix"])
    return f"One fix concerns **{n:,}** {lost} messages: {told} (template {top['template_id'] or 'none'})."


def fixes_table(frame: pd.DataFrame) -> Html:
    """Return the causes with their fixes, those that save most messages first."""
    columns = [Column(heading="template"), Column(heading="kind"), Column(heading="messages", kind=NUMBER)]
    columns += [Column(heading="rejected", kind=NUMBER), Column(heading="fix", kind="text")]
    rows = [
        [
            "none" if pd.isna(row["template_id"]) else row["template_id"],
            row["reason"].replace("_", " "),
            int(row["n_messages"]),
            int(row["n_rejected"]),
            masked(str(row["fix"])),
        ]
        for row in frame.to_dict("records")
    ]
    return table(columns, rows)


def encodings_table(frame: pd.DataFrame) -> Html:
    """Return what share of messages and of segments each encoding has."""
    columns = [Column(heading="encoding"), Column(heading="messages", kind=NUMBER)]
    columns += [
        Column(heading=heading, kind=NUMBER) for heading in ("share", "segments", "share of segments")
    ]
    columns += [Column(heading="segments a message", kind=NUMBER)]
    rows = [
        [
            {"gsm7": "GSM-7", "ucs2": "UCS-2"}.get(row["encoding"], row["encoding"]),
            int(row["n_messages"]),
            percent(row["message_share"]),
            int(row["n_segments"]),
            percent(row["segment_share"]),
            f"{row['n_segments'] / row['n_messages']:.2f}",
        ]
        for row in frame.to_dict("records")
    ]
    return table(columns, rows)


def needless_table(frame: pd.DataFrame) -> Html:
    """Return, per campaign, the characters that force UCS-2 and need not, and the segments they cost."""
    columns = [Column(heading="campaign"), Column(heading="messages", kind=NUMBER)]
    columns += [Column(heading=heading, kind=NUMBER) for heading in ("segments", "needless")]
    columns += [Column(heading="characters", kind="text")]
    rows = [
        [
            "not told" if pd.isna(name) else name,
            int(n),
            int(n_segments),
            int(n_needless),
            " ".join(map(lookalikes.visible, characters)),
        ]
        for name, n, n_segments, n_needless, characters in frame.sort_values(
            "n_needless", ascending=False, kind="stable"
        ).itertuples(index=False)
    ]
    return table(columns, rows)


def _rate(row: Mapping[Any, Any]) -> Html:
    told = interval(row["low"], row["high"])
    return Html(f'{escaped(percent(row["mismatch_rate"]))} <span class="soft">({escaped(told)})</span>')
