"""Ids that a spreadsheet or a data frame turned into numbers: digits are lost, or are not the id's own."""

from __future__ import annotations

import re

FLOAT = r"[0-9]{1,15}\.0+"
"""A whole number written as a decimal one, short enough to have kept all of its digits."""

LOST_DIGITS = r"[0-9]+\.0*|[0-9]+(\.[0-9]+)?[eE][+][0-9]+|[0-9]+\.[0-9]+[eE][0-9]+"
"""What Excel, pandas and JSON write for a number; a hex id such as 219e0112 has neither a plus nor a full stop."""

REASON = "is a number that lost digits: format the column as text and export again"

_lost = re.compile(LOST_DIGITS).fullmatch


def has_lost_digits(text: str) -> bool:
    """Return whether an id was made a number on its way.

    >>> [has_lost_digits(text) for text in ("1.10716E+18", "1700000001.0", "219e0112", "user.123|7")]
    [True, True, False, False]
    """
    return _lost(text) is not None
