"""What is in flight, in words and as tables."""

from __future__ import annotations

from math import inf

import pandas as pd

from rmanalytics.charts.states import STATES
from rmanalytics.models import State
from rmanalytics.notebook.display import Column, Html, table
from rmanalytics.notebook.header import swatch
from rmanalytics.support.wording import duration, percent, verb

_WINDOWS = {300: "5 minutes", 3600: "hour", 86_400: "day"}


def standing(frame: pd.DataFrame, horizon_s: float) -> str:
    """Return how much is in flight and for how long, from `metrics.in_flight.standing`."""
    n, overdue = int(frame["n_messages"].sum()), int(frame["n_overdue"].sum())
    if not n:
        return "Nothing is in flight: every accepted message is final."
    parts = [
        f"{row['n_messages']:,} {STATES[State(row['state'])].label}"
        for row in frame.to_dict("records")
        if row["n_messages"]
    ]
    text = f"**{n:,}** {verb(n, 'message is', 'messages are')} not final: {', '.join(parts)}."
    text += f" The oldest has been waiting for **{duration(float(frame['oldest_s'].max()))}**."
    if overdue:
        return f"{text} **{overdue:,}** are past the horizon of {duration(horizon_s)} and will probably never be final."
    return f"{text} None is past the horizon of {duration(horizon_s)}."


def standing_table(frame: pd.DataFrame) -> Html:
    """Return each open state with its counts and ages."""
    columns = [Column(heading="state")]
    columns += [
        Column(heading=name, kind="number") for name in ("messages", "past the horizon", "half older than")
    ]
    columns += [Column(heading="oldest", kind="number"), Column(heading="meaning", kind="text")]
    rows = [
        [
            swatch(STATES[State(row["state"])].colour, STATES[State(row["state"])].label),
            int(row["n_messages"]),
            int(row["n_overdue"]),
            duration(float(row["median_s"])),
            duration(float(row["oldest_s"])),
            STATES[State(row["state"])].meaning,
        ]
        for row in frame.to_dict("records")
        if row["n_messages"]
    ]
    return table(columns, rows)


def ages(frame: pd.DataFrame) -> str:
    """Return what became of earlier messages that waited as long, from `metrics.in_flight.ages`."""
    n = int(frame["n_messages"].sum())
    if not n:
        return "Nothing is in flight."
    most = frame.nlargest(1, "n_messages").to_dict("records")[0]
    text = f"Most are **{most['age']}** old ({percent(most['n_messages'] / n, 0)})."
    known = frame[frame["still_delivered"].notna() & (frame["n_messages"] > 0)]
    if known.empty:
        return f"{text} No message was observed for longer, so what happens to them cannot be determined yet."
    of = int(known["n_messages"].sum())
    share = float(known["n_still_delivered"].sum()) / of
    text += f" Of earlier messages that waited as long, **{percent(share)}** were delivered while they were observed."
    left = n - of
    return (
        f"{text} For {left:,} it cannot be determined yet: no message was observed for longer."
        if left
        else text
    )


def drain(frame: pd.DataFrame) -> str:
    """Return how fast the queue empties, from `metrics.in_flight.drain`."""
    n = int(frame["n_waiting"].iloc[0])
    if not n:
        return "Nothing is waiting within the horizon, so the queue is empty."
    moving = frame[frame["n_left"] > 0]
    if moving.empty:
        return f"**{n:,}** are waiting and **none became final in the last day**: at this pace the queue never empties."
    row = moving.to_dict("records")[0]
    came = row["n_arrived"] / row["window_s"] * 60
    text = f"In the last {_WINDOWS[int(row['window_s'])]}, {came:,.1f} a minute were added and "
    text += f"**{row['left_per_min']:,.1f} a minute** became final: "
    if row["empty_s"] == inf:
        return f"{text}the queue of {n:,} **does not shrink**."
    return f"{text}at that pace the queue of {n:,} empties in **{duration(row['empty_s'])}**."


def drain_table(frame: pd.DataFrame) -> Html:
    """Return pace and time to empty for each window."""
    columns = [Column(heading="in the last")]
    columns += [Column(heading=name, kind="number") for name in ("added", "final", "final a minute", "95 %")]
    columns += [Column(heading="empties in", kind="number"), Column(heading="95 %", kind="number")]
    rows = [
        [
            _WINDOWS[int(row["window_s"])],
            int(row["n_arrived"]),
            int(row["n_left"]),
            f"{row['left_per_min']:,.1f}",
            f"{row['low']:,.1f} – {row['high']:,.1f}",
            _gone(row["empty_s"]),
            f"{_gone(row['empty_low_s'])} – {_gone(row['empty_high_s'])}",
        ]
        for row in frame.to_dict("records")
    ]
    return (
        table(columns, rows)
        if len(frame) and frame["n_arrived"].iloc[-1] + frame["n_waiting"].iloc[0]
        else Html("")
    )


def in_flight(frame: pd.DataFrame) -> str:
    """Return when most was in flight, from `metrics.in_flight.over_time`."""
    if frame.empty:
        return "No message was accepted."
    peak = frame.nlargest(1, "n_in_flight").to_dict("records")[0]
    now = int(frame["n_in_flight"].iloc[-1])
    at = peak["started_at"] + pd.Timedelta(seconds=int(peak["step_s"]))
    return (
        f"Most were in flight at **{at.day} {at:%b %H:%M}**: **{int(peak['n_in_flight']):,}**. At the end it is "
        f"{now:,}{', the most so far' if now == peak['n_in_flight'] and now else ''}."
    )


def _gone(seconds: float) -> str:
    return "never" if seconds == inf else duration(seconds)
