"""When to try again: arithmetic only."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_S = 6 * 3600.0
LONGEST_WISH_S = 24 * 3600.0
JITTER = 0.1


def delay_s(n_failures: int, first_s: float, chance: float) -> float:
    """Return the seconds to wait after so many failures in a row; `chance` (0 to 1) adds up to a tenth.

    >>> [delay_s(n, 600, 0) for n in (1, 2, 3, 9)], round(delay_s(1, 600, 0.5))
    ([600.0, 1200.0, 2400.0, 21600.0], 630)
    """
    longest = max(LONGEST_S, first_s)
    doubled = min(longest, first_s * 2.0 ** min(n_failures - 1, 60))
    return doubled * (1 + JITTER * chance)


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for, a day at most; None when it cannot be read.

    >>> now = datetime(2025, 1, 1, tzinfo=UTC)
    >>> retry_after_s("120", now), retry_after_s("Wed, 01 Jan 2025 00:01:00 GMT", now), retry_after_s("soon", now)
    (120.0, 60.0, None)
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(LONGEST_WISH_S, float(text[:9]))
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):  # the library lets each of them through
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(LONGEST_WISH_S, max(0.0, (at - now).total_seconds()))
