"""Sentences on when messages were planned."""

from __future__ import annotations

import pandas as pd

from rmanalytics.models import OPEN
from rmanalytics.support.wording import are, count


def summary(frame: pd.DataFrame) -> str:
    """Return when most messages were planned, and how old what is still open is."""
    if frame.empty:
        return "There are no messages in this selection."
    steps = frame.groupby("started_at")["n_messages"].sum()
    peak, n_peak = steps.index[int(steps.argmax())], int(steps.max())
    text = f"The busiest step began at **{_clock(peak)}** with {count(n_peak, 'message')}."
    still_open = frame[frame["state"].isin(OPEN)]
    n = int(still_open["n_messages"].sum())
    if not n:
        return f"{text} No accepted message is still open."
    return f"{text} **{n:,}** {are(n)} still open, the oldest from {_clock(still_open['started_at'].min())}."


def _clock(moment: pd.Timestamp) -> str:
    return f"{moment.day} {moment:%b %H:%M}" + (f":{moment:%S}" if moment.second else "")
