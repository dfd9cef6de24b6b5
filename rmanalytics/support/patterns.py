"""Regular expressions of users: why one cannot be used, by Python or by the database."""

from __future__ import annotations

import re

_ONLY_PYTHON = re.compile(r"\(\?(?:<?[=!]|[>(]|P=)|\\[1-9]|[*+?}]\+").search
"""Looking around, going back and never giving back: the database matches in one pass."""

_NOT_CODE = re.compile(r"\\[^1-9]|\[\^?\]?[^\]]*\]")


def why_not(pattern: str) -> str | None:
    r"""Return why a text is no regular expression that can be used; None where it is one.

    >>> why_not("[0-9]+|a"), why_not(r"\(a\++")
    (None, None)
    >>> why_not("a(b")
    "is not a regular expression from character 2, '(b', on: put a backslash before what stands for itself"
    >>> why_not("(?=a)b")
    'looks ahead or back, or repeats a group, which the database cannot: write it without (?…) and numbers'
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        at = getattr(error, "pos", 0) or 0
        return (
            f"is not a regular expression from character {at + 1}, {pattern[at : at + 10]!r}, on: "
            "put a backslash before what stands for itself"
        )
    if _ONLY_PYTHON(_NOT_CODE.sub("a", pattern)):
        return "looks ahead or back, or repeats a group, which the database cannot: write it without (?…) and numbers"
    return None
