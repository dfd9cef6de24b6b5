"""Ids that a spreadsheet or a data frame turned into numbers: digits are lost, or are not the id's own."""

from __future__ import annotations

import re

FLOAT = r"[0-9]{1,15}\.0+"
"""A whole number written as a decimal one, short enough to have kept all of its digits."""

LOST_DIGITS = r"[0-9]+\.0*|[0-9]+(\.[0-9]+)?[eE][+][0-9]+|[0-9]+\.[0-9]+[eE][0-9]+"
"""What Excel, pandas and JSON write for a number; a hex id such as 219e0112 has neither a plus nor a full stop."""

QUOTED = "'[0-9]+"
"""Excel's mark for text, exported together with the id."""

ROUNDED = r"[0-9]{15}0{4,}"
"""A long id as Excel keeps it: 15 digits and zeros. One in 10,000 real ids of 19 digits looks like it."""

REASON = "is a number that lost digits: format the column as text and export again"
WHY_QUOTED = "begins with an apostrophe: remove it and format the column as text"

_lost = re.compile(LOST_DIGITS).fullmatch


def has_lost_digits(text: str) -> bool:
    """Return whether an id was made a number on its way.

    >>> [has_lost_digits(text) for text in ("1.10716E+18", "1700000001.0", "219e0112", "user.123|7")]
    [True, True, False, False]
    """
    return _lost(text) is not None


def is_rounded_from(text: str, whole: str) -> bool:
    """Return whether a text is what a spreadsheet or a data frame makes of a long id.

    >>> is_rounded_from("1107000000000000000", "1107000000000000101")
    True
    >>> is_rounded_from("1107000000000000128", "1107000000000000101")
    True
    >>> is_rounded_from("1107000000000000102", "1107000000000000101")
    False
    """
    if text == whole or len(text) != len(whole) or not (text.isdecimal() and whole.isdecimal()):
        return False
    return text == whole[:15] + "0" * (len(whole) - 15) or text == str(int(float(whole)))
