"""How far the DLRs can be trusted, in words and as tables."""

from __future__ import annotations

import pandas as pd

from rmanalytics.notebook.display import Column, Html, escaped, table
from rmanalytics.notebook.selection import Selection
from rmanalytics.support.times import short
from rmanalytics.support.wording import bold, interval, percent

N_ROWS = 40
NUMBER = "number"


def coverage(frame: pd.DataFrame) -> str:
    """Return what share of the accepted messages has any DLR, and where it is worst."""
    n, told, final = (int(frame[key].sum()) for key in ("n_accepted", "n_with_dlr", "n_final"))
    if not n:
        return "No message was accepted, so no DLR is due."
    text = f"**{percent(told / n)}** of {n:,} accepted messages have a DLR, {percent(final / n)} a final one."
    worst = frame[frame["n_accepted"] > 0].nsmallest(1, "high").to_dict("records")[0]
    overall = told / n
    if len(frame) > 1 and worst["high"] < overall:
        name = bold(worst["campaign_id"])
        text += f" Clearly fewer have one in {name}: {percent(worst['coverage_rate'])}."
    conflicts = int(frame["n_conflicts"].sum())
    return f"{text} {conflicts:,} got contradicting final words." if conflicts else text


def coverage_table(frame: pd.DataFrame) -> Html:
    """Return the coverage of each campaign, the lowest first."""
    headings = ("accepted", "with a DLR", "with a final one", "contradicting", "coverage (95 %)")
    columns = [Column(heading="campaign"), *(Column(heading=heading, kind=NUMBER) for heading in headings)]
    shown = frame[frame["n_accepted"] > 0].sort_values("coverage_rate", kind="stable").head(N_ROWS)
    rows = [
        [
            "not told" if pd.isna(row["campaign_id"]) else row["campaign_id"],
            *(int(row[key]) for key in ("n_accepted", "n_with_dlr", "n_final", "n_conflicts")),
            Html(
                f"{escaped(percent(row['coverage_rate']))} "
                f'<span class="soft">({escaped(interval(row["low"], row["high"]))})</span>'
            ),
        ]
        for row in shown.to_dict("records")
    ]
    return table(columns, rows)


def lateness(frame: pd.DataFrame, *, is_simulated: bool = False) -> str:
    """Return how late DLRs came after the time they are dated."""
    n = int(frame["n_dlrs"].sum())
    if not n:
        return "No DLR is dated."
    counts = dict(zip(frame["when"], frame["n_dlrs"].tolist(), strict=True))
    early, late = counts["before its own time"], counts["after more than a day"]
    text = f"**{percent(counts['within a minute'] / n)}** of {n:,} dated DLRs came within a minute of their own time."
    text += f" {late:,} came more than a day after it." if late else ""
    why = "a clock or RMANALYTICS_ROUTE_MOBILE_TIMEZONE is wrong"
    why = f"the simulator's clock may run faster than this one, else {why}" if is_simulated else why
    return f"{text} **{early:,}** came before it: {why}." if early else text


def lateness_table(frame: pd.DataFrame) -> Html:
    """Return the lateness of DLRs, in steps."""
    n = int(frame["n_dlrs"].sum())
    columns = [
        Column(heading="came"),
        Column(heading="DLRs", kind=NUMBER),
        Column(heading="share", kind=NUMBER),
    ]
    counts = zip(frame["when"], frame["n_dlrs"].tolist(), strict=True)
    return table(columns, [[when, count, percent(count / n)] for when, count in counts] if n else [])


def strangers(words: pd.DataFrame, codes: pd.DataFrame) -> str:
    """Return the status words and error codes that are in no table."""
    told = []
    if len(words):
        n = int(words["n_dlrs"].sum())
        told.append(
            f"**{n:,}** DLRs use status words that no table knows: they count as unknown until a table says more."
        )
    if len(codes):
        told.append(
            f"**{int(codes['n_dlrs'].sum()):,}** name an error code that is in no table: ask the gateway."
        )
    return " ".join(told) or "Every status word and every error code is in a table."


def strangers_table(words: pd.DataFrame, codes: pd.DataFrame, selection: Selection) -> Html:
    """Return the unknown words and codes with when they were first and last seen."""
    columns = [Column(heading="word or code"), Column(heading="kind"), Column(heading="DLRs", kind=NUMBER)]
    columns += [Column(heading="first"), Column(heading="last")]
    zone = selection.parameters.zone
    rows = [
        [
            str(row[name])[:60],
            kind,
            int(row["n_dlrs"]),
            short(row["first_at"], zone),
            short(row["last_at"], zone),
        ]
        for kind, name, frame in (("status word", "raw_status", words), ("error code", "error_code", codes))
        for row in frame.head(N_ROWS).to_dict("records")
    ]
    return table(columns, rows)


def too_good(frame: pd.DataFrame) -> str:
    """Return whose reports look made up, or that none does."""
    if frame.empty:
        return "No operator's reports look made up."
    by = str(frame.columns[0])
    told = [f"{bold(row[by])} ({row['reason']})" for row in frame.to_dict("records")]
    return f"Look closer at {', '.join(told)}: such reports may be made without a handset. Send to phones you hold."
