"""DLRs about another number than their message's: in SQL and in Ibis, by the digits that a country code cannot hide."""

from __future__ import annotations

from typing import Any

_DIGITS = 10
"""Of a number with or without its country code."""


def is_other(told: Any, intended: Any) -> Any:
    """Return the Ibis column of whether a DLR's number is another than that of its message; false without one."""
    return (told.right(_DIGITS) != intended.right(_DIGITS)).fill_null(False)


IS_OTHER = f"right(d.msisdn, {_DIGITS}) <> right(m.msisdn, {_DIGITS})"
"""The same as SQL, of `dlrs` as d and `messages` as m."""
