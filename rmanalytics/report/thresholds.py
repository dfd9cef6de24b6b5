"""Limits on a report's numbers, judged on what the data can tell, not on the point estimate.

A rate breaches its limit only when its whole 95 % interval does, and when the messages still in flight
could not fix it: for delivery and failure the interval reaches from "none of them" to "all of them".
When only part of it does, the verdict is inconclusive, never a guess.
"""

from __future__ import annotations

import difflib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rmanalytics.errors import BadInput
from rmanalytics.metrics import wilson
from rmanalytics.models import RATES
from rmanalytics.notebook.numbers import COUNTS, DELIVERY_TIMES, DURATIONS, N_IN_FLIGHT, SHARES
from rmanalytics.support.wording import duration, percent

_FORM = re.compile(r"\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*([0-9.]+)\s*(%?)\s*")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_PENDING = frozenset({"delivery_rate", "failure_rate"})
"""Rates that messages in flight will still move."""

_RATES = {f"{name}_rate": rate for name, rate in RATES.items()}
NAMES = (*_RATES, *SHARES, *COUNTS, *DURATIONS, *DELIVERY_TIMES)
"""What a limit may be put on."""


class LimitVerdict(StrEnum):
    """What came of a limit."""

    HELD = "held"
    BREACHED = "breached"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A condition under which the report fails, such as `delivery_rate<0.95`."""

    name: str
    comparison: str
    limit: float

    def __str__(self) -> str:
        return f"{self.name}{self.comparison}{self.limit:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A limit, its verdict, and the reason in words."""

    threshold: str
    verdict: LimitVerdict
    reason: str


def parse(text: str) -> Threshold:
    """Return the threshold; raise BadInput when it is none, or names a number that reports do not have.

    >>> parse("delivery_rate < 95%")
    Threshold(name='delivery_rate', comparison='<', limit=0.95)
    """
    found = _FORM.fullmatch(text)
    try:
        limit = float(found[3]) / (100 if found[4] else 1) if found else math.nan
    except ValueError:
        limit = math.nan
    if not found or math.isnan(limit):
        raise BadInput(f"--fail-if {text!r}: write a name, < <= > or >=, and a number: 'delivery_rate<0.95'")
    if found[1] not in NAMES:
        close = difflib.get_close_matches(found[1], NAMES, 1)
        fix = f"did you mean {close[0]}?" if close else f"use one of {', '.join(NAMES)}"
        raise BadInput(f"--fail-if {text!r}: unknown number {found[1]!r}: {fix}")
    return Threshold(name=found[1], comparison=found[2], limit=limit)


def judge(threshold: Threshold, total: Mapping[str, Any]) -> Judgement:
    """Return whether the numbers of a report's whole selection breach the threshold."""
    low, high, seen = _range(threshold.name, total)
    if math.isnan(low) or math.isnan(high):
        return _judgement(threshold, LimitVerdict.INCONCLUSIVE, f"{threshold.name} cannot be determined")
    breaches = [_COMPARE[threshold.comparison](end, threshold.limit) for end in (low, high)]
    if all(breaches):
        return _judgement(threshold, LimitVerdict.BREACHED, seen)
    if any(breaches):
        return _judgement(
            threshold, LimitVerdict.INCONCLUSIVE, f"{seen}: the limit is inside this range, wait or send more"
        )
    return _judgement(threshold, LimitVerdict.HELD, seen)


def _judgement(threshold: Threshold, verdict: LimitVerdict, reason: str) -> Judgement:
    return Judgement(threshold=str(threshold), verdict=verdict, reason=reason)


def _range(name: str, total: Mapping[str, Any]) -> tuple[float, float, str]:
    """Return the range of the number, and a sentence about it."""
    if name in SHARES:
        low, high = (_number(total, f"{name}_{end}") for end in ("low", "high"))
        return low, high, f"{name} lies between {percent(low)} and {percent(high)} of the accepted messages"
    if name in DELIVERY_TIMES:
        return _delivery_time(name, total)
    if name not in _RATES:
        value = _number(total, name)
        return value, value, f"{name} is {duration(value) if name in DURATIONS else f'{value:,g}'}"
    rate = _RATES[name]
    n, k = int(total[rate.denominator]), int(total[rate.numerator])
    pending = min(int(total[N_IN_FLIGHT]), n - k) if name in _PENDING else 0
    low, high = float(wilson(k, n)[0]), float(wilson(k + pending, n)[1])
    flight = f", {pending:,} still in flight" if pending else ""
    return (
        low,
        high,
        f"{name} lies between {percent(low)} and {percent(high)} ({k:,} of {n:,} {rate.told}{flight})",
    )


def _delivery_time(name: str, total: Mapping[str, Any]) -> tuple[float, float, str]:
    """Return the interval of a time; a time that was never observed has no upper end."""
    low, high = (_number(total, f"{name.removesuffix('_s')}_{end}_s") for end in ("low", "high"))
    if math.isnan(high):
        return low, low if math.isnan(low) else math.inf, f"{name} is at least {duration(low)}"
    return low, high, f"{name} lies between {duration(low)} and {duration(high)}"


def _number(total: Mapping[str, Any], name: str) -> float:
    return math.nan if total.get(name) is None else float(total[name])
