"""Sentences on when messages were planned."""

from __future__ import annotations

import pandas as pd

from rmanalytics.metrics.control import DAY_S
from rmanalytics.models import OPEN
from rmanalytics.support.wording import are, count

_UNITS = ((3600, "hour"), (60, "minute"), (1, "second"))


def summary(frame: pd.DataFrame) -> str:
    """Return when most messages were planned, and how old what is still open is."""
    if frame.empty:
        return "There are no messages in this selection."
    steps = frame.groupby("started_at")["n_messages"].sum()
    peak, n_peak = steps.index[int(steps.argmax())], int(steps.max())
    text = f"The busiest {_span(peak, int(frame['step_s'].iloc[0]))}, with {count(n_peak, 'message')}."
    still_open = frame[frame["state"].isin(OPEN)]
    n = int(still_open["n_messages"].sum())
    if not n:
        return f"{text} No accepted message is still open."
    return f"{text} **{n:,}** {are(n)} still open, the oldest from {_clock(still_open['started_at'].min())}."


def _span(start: pd.Timestamp, step_s: int) -> str:
    """Return a step as people name it: the hour was 09:00–10:00, the week began on a day."""
    if step_s > DAY_S:
        return f"week began on **{start.day} {start:%b}**"
    if step_s == DAY_S:
        return f"day was **{start.day} {start:%b}**"
    n, unit = next((step_s // width, unit) for width, unit in _UNITS if step_s % width == 0)
    end = start + pd.Timedelta(seconds=step_s)
    was = f"{unit} was" if n == 1 else f"{n} {unit}s were"
    return f"{was} **{_clock(start)}" + ("**" if step_s == 1 else f"–{_time(end)}**")


def _time(moment: pd.Timestamp) -> str:
    return f"{moment:%H:%M}" + (f":{moment:%S}" if moment.second else "")


def _clock(moment: pd.Timestamp) -> str:
    return f"{moment.day} {moment:%b} {_time(moment)}"
