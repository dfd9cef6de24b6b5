"""The message rate: a schedule on the monotonic clock that does not drift."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

MOST_LAG_S = 1.0
"""What a stall lost within this time is caught up, what it lost beyond is not: no burst after it."""

TICK_S = 0.01
"""Messages go on the next tick after their time: those of a tick share a journal write."""


class Pace:
    """Says how long to wait before the next messages; no `rate` (messages per second) is no limit.

    The schedule begins with the first messages, not before: what comes before them takes its time.
    """

    def __init__(self, rate: float | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._start: float | None = None
        self._n_taken = 0

    def take(self, n_messages: int) -> float:
        """Take the next places in the schedule and return the seconds until their time, 0 if it has come.

        >>> times = iter([0.0, 0.0, 0.5])
        >>> pace = Pace(10, clock=lambda: next(times))
        >>> pace.take(4), pace.take(1), pace.take(1)
        (0.0, 0.4, 0.0)
        """
        if self._rate is None:
            return 0.0
        now = self._clock()
        if self._start is None:
            self._start = now
        due_s = self._n_taken / self._rate
        if due_s < now - self._start - MOST_LAG_S:
            self._start = now - MOST_LAG_S - due_s
        self._n_taken += n_messages
        return max(0.0, self._start + _tick(due_s) - now)


def _tick(due_s: float) -> float:
    """Return the first tick that is not before a time; a hair past a tick is that tick.

    >>> _tick(0.0), _tick(0.001), _tick(0.07)
    (0.0, 0.01, 0.07)
    """
    return math.ceil(due_s / TICK_S - 1e-6) * TICK_S
