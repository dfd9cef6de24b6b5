"""Codes and causes of failures in words and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rmanalytics.charts.failures import code_name
from rmanalytics.metrics.failures import PARTIES, causes
from rmanalytics.models import Lasting, Party, State
from rmanalytics.notebook.display import Column, Html, estimate, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.times import short
from rmanalytics.support.wording import bold, percent, verb

N_ROWS = 100


def summary(frame: pd.DataFrame) -> str:
    """Return which code explains most of the failures."""
    if frame.empty:
        return "No message was refused or failed."
    n, top = int(frame["n_messages"].sum()), frame.to_dict("records")[0]
    text = (
        f"Of the **{n:,}** that were refused or failed, {percent(top['n_messages'] / n)} have the same "
        f"code: {bold(code_name(top['state'], top['code']))}"
    )
    few = int((frame["n_messages"].cumsum() < 0.8 * n).sum()) + 1
    text += (
        f"; {few} of {len(frame)} codes account for four fifths of them."
        if 1 < few <= len(frame) / 2
        else "."
    )
    untold = int(frame.loc[frame["code"].isna(), "n_messages"].sum())
    return f"{text} {untold:,} {verb(untold, 'has', 'have')} no code." if untold else text


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
    meanings = causes(shown, selection.reading)
    rows = [
        [
            "no code" if pd.isna(row["code"]) else row["code"],
            "gateway" if row["state"] == State.REFUSED else "operator",
            int(row["n_messages"]),
            estimate(row["share"], row["low"], row["high"]),
            "" if pd.isna(row["code"]) else meant.meaning,
            *("–" if pd.isna(at) else short(at, zone) for at in (row["first_at"], row["last_at"])),
        ]
        for row, meant in zip(shown.to_dict("records"), meanings, strict=True)
    ]
    return table(columns, rows)


def parties(frame: pd.DataFrame) -> str:
    """Return who can act on most failures, and how many would fail again, from `metrics.failures.parties`."""
    if frame.empty:
        return "No message was refused or failed, so there is nothing to do."
    n = int(frame["n_messages"].sum())
    sums = frame.groupby("party")["n_messages"].sum().sort_values(ascending=False, kind="stable")
    first = Party(str(sums.index[0]))
    text = f"**{percent(sums.iloc[0] / n)}** of the {n:,} have to do with **{first}**: {PARTIES[first]}."
    lasting = frame.groupby("lasting")["n_messages"].sum()
    again, later = (int(lasting.get(one, 0)) for one in (Lasting.PERMANENT, Lasting.TEMPORARY))
    return f"{text} **{again:,}** would fail again unchanged; {later:,} may work later."


def causes_table(frame: pd.DataFrame, selection: Selection) -> Html:
    """Return each code with its meaning, who can act, whether it is permanent, and when it was first and last seen."""
    headings = ("messages", "share", "running share")
    columns = [Column(heading="code"), *(Column(heading=name, kind="number") for name in headings)]
    columns += [
        Column(heading="meaning", kind="text"),
        Column(heading="who can act"),
        Column(heading="permanent"),
    ]
    columns += [Column(heading="first"), Column(heading="last")]
    n, zone = int(frame["n_messages"].sum()), selection.parameters.zone
    rows = [
        [
            code_name(row["state"], row["code"]),
            int(row["n_messages"]),
            percent(row["n_messages"] / n),
            percent(row["running_share"]),
            row["meaning"],
            str(row["party"]),
            str(row["lasting"]),
            *("–" if pd.isna(at) else short(at, zone) for at in (row["first_at"], row["last_at"])),
        ]
        for row in frame.head(N_ROWS).to_dict("records")
    ]
    return table(
        columns, rows, f"The {N_ROWS} most frequent of {len(frame):,}." if len(frame) > N_ROWS else ""
    )


def bursts(frame: pd.DataFrame) -> str:
    """Return the worst burst, or that there is none, from `metrics.bursts.bursts`."""
    if frame.empty:
        return "**No burst**: in no hour did a code occur more often than chance explains."
    row = frame.to_dict("records")[0]
    more = f" {len(frame) - 1} more are listed below." if len(frame) > 1 else ""
    return (
        f"**{code_name(row['state'], row['code'] or None)}** occurred {row['n_messages']:,} times {_when(row)}, where "
        f"{row['n_expected']:,.1f} were expected.{more}"
    )


def bursts_table(frame: pd.DataFrame) -> Html:
    """Return the bursts, worst first."""
    columns = [Column(heading="code"), Column(heading="when")]
    columns += [
        Column(heading=name, kind="number") for name in ("messages", "expected", "planned in that time", "p")
    ]
    rows = [
        [
            code_name(row["state"], row["code"] or None),
            _when(row),
            int(row["n_messages"]),
            f"{row['n_expected']:,.1f}",
            int(row["n_planned"]),
            f"{row['p_value']:.1g}" if row["p_value"] >= 1e-12 else "< 1e-12",
        ]
        for row in frame.head(N_ROWS).to_dict("records")
    ]
    return table(columns, rows)


def by_state(frame: pd.DataFrame) -> str:
    """Return how much the gateway refused and how much operators failed, from `failures.failure_codes`."""
    if frame.empty:
        return "No message was refused or failed."
    sums = frame.groupby("state")["n_messages"].sum()
    refused, failed = (int(sums.get(state, 0)) for state in (State.REFUSED, State.FAILED))
    return f"**{refused:,}** were refused by the gateway at once, **{failed:,}** failed on the way."


def _when(row: Mapping[Any, Any]) -> str:
    start = row["started_at"]
    end = start + pd.Timedelta(hours=int(row["hours"]))
    return f"on {start.day} {start:%b} from {start:%H:%M} to {end:%H:%M}"
