"""Times of DLRs that cannot be right: in SQL and in Ibis, of one tolerance."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

SKEW = timedelta(minutes=15)
"""What two clocks may differ by before a DLR is dated before its own submission."""

AHEAD = timedelta(days=1)
"""How far after it was received a DLR may be dated; a wrong time zone stays below, and is found by its offset."""


def is_impossible(dlrs: Any) -> Any:
    """Return the Ibis column of whether a DLR is done before it was submitted, or dated far after it was received."""
    done, submitted, latest = dlrs.done_at, dlrs.submitted_at, dlrs.received_at + AHEAD
    return ((done < submitted - SKEW) | (done > latest) | (submitted > latest)).fill_null(False)


IS_IMPOSSIBLE = (
    f"coalesce(done_at < submitted_at - INTERVAL {SKEW // timedelta(minutes=1)} MINUTE"
    f" OR done_at > received_at + INTERVAL {AHEAD // timedelta(days=1)} DAY"
    f" OR submitted_at > received_at + INTERVAL {AHEAD // timedelta(days=1)} DAY, false)"
)
"""The same as SQL over the columns of `dlrs`."""
