"""Limits on a report's numbers, judged on what the data can tell, not on the point estimate.

A limit is breached only when the whole 95 % interval of the number breaches it, and when the messages still in
flight could not change that: the interval reaches from "as few of them as can be" to "as many of them as can be".
When only part of it does, the verdict is inconclusive, never a guess. The intervals are exact, so at any sample size
a limit that holds is called breached in at most 2.5 % of reports.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from rmanalytics.errors import BadInput
from rmanalytics.models import OPEN, RATES
from rmanalytics.notebook.numbers import COUNTS, DELIVERY_TIMES, DURATIONS, N_IN_FLIGHT, SHARES
from rmanalytics.stats.exact import clopper_pearson
from rmanalytics.support.nearest import meant
from rmanalytics.support.wording import duration, percent

_FORM = re.compile(r"\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*([0-9.]+)\s*(%?)\s*")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
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
        limit = float(found[3]) if found else math.nan
    except ValueError:
        limit = math.nan
    if not found or not (text.isascii() and math.isfinite(limit)):
        raise BadInput(f"--fail-if {text!r}: write a name, < <= > or >=, and a number: 'delivery_rate<0.95'")
    if found[1] not in NAMES:
        fix = meant(found[1], NAMES, else_="use one of")
        raise BadInput(f"--fail-if {text!r}: unknown number {found[1]!r}: {fix}")
    is_share = found[1] in _RATES or found[1] in SHARES
    if found[4] and not is_share:
        raise BadInput(f"--fail-if {text!r}: {found[1]} is no share: write the number without %")
    limit = limit / 100 if found[4] else limit
    if is_share and limit > 1:
        raise BadInput(
            f"--fail-if {text!r}: {found[1]} lies between 0 and 1: write {_as_share(limit, found)}"
        )
    return Threshold(name=found[1], comparison=found[2], limit=limit)


def _as_share(limit: float, found: re.Match[str]) -> str:
    """Return what was probably meant by a limit above 1."""
    return f"'{found[1]}{found[2]}{limit:g}%'" if 1 < limit <= 100 and not found[4] else "100% or less"


def judge(threshold: Threshold, total: Mapping[str, Any]) -> Judgement:
    """Return whether the numbers of a report's whole selection breach the threshold."""
    low, high, seen = _range(threshold.name, total)
    if math.isnan(low) or math.isnan(high):
        return _judgement(threshold, LimitVerdict.INCONCLUSIVE, f"{threshold.name} cannot be determined")
    breaches = [_COMPARE[threshold.comparison](end, threshold.limit) for end in (low, high)]
    if all(breaches):
        return _judgement(threshold, LimitVerdict.BREACHED, seen)
    if any(breaches):
        remedy = "wait or send more" if total.get(N_IN_FLIGHT) else "only more messages could tell"
        return _judgement(
            threshold, LimitVerdict.INCONCLUSIVE, f"{seen}: the limit is inside this range, {remedy}"
        )
    return _judgement(threshold, LimitVerdict.HELD, seen)


def _judgement(threshold: Threshold, verdict: LimitVerdict, reason: str) -> Judgement:
    return Judgement(threshold=str(threshold), verdict=verdict, reason=reason)


def _range(name: str, total: Mapping[str, Any]) -> tuple[float, float, str]:
    """Return the range of the number, and a sentence about it."""
    if name in SHARES:
        low, high = (_number(total, f"{name}_{end}") for end in ("low", "high"))
        return low, high, f"{name} lies between {percent(low)} and {percent(high)} of the accepted messages"
    if name in DELIVERY_TIMES or name in DURATIONS:
        return _time(name, total)
    if name not in _RATES:
        return _count(name, total)
    rate = _RATES[name]
    n, k = int(total[rate.denominator]), int(total[rate.numerator])
    fewer, more = _open_ends(rate.numerator, total)
    low, high = clopper_pearson(k - fewer, n)[0], clopper_pearson(k + more, n)[1]
    counts = f"{k:,} of {n:,} {rate.told}{_open(rate.numerator, max(fewer, more))}"
    return low, high, f"{name} lies between {percent(low)} and {percent(high)} ({counts})"


def _count(name: str, total: Mapping[str, Any]) -> tuple[float, float, str]:
    """Return the range of a count: exact, but for messages of which the last word is not in."""
    value = _number(total, name)
    fewer, more = (0, 0) if math.isnan(value) else _open_ends(name, total)
    if not fewer and not more:
        return value, value, f"{name} is {value:,g}"
    seen = f"{name} is {value:,g} and may become {value - fewer:,g} to {value + more:,g}"
    return value - fewer, value + more, seen + _open(name, max(fewer, more))


def _open_ends(name: str, total: Mapping[str, Any]) -> tuple[int, int]:
    """Return by how much a count may still fall and rise, by messages in flight or unclear."""
    in_flight = int(total[N_IN_FLIGHT])
    if name == "n_accepted":
        return 0, int(total["n_unclear"])
    if name in ("n_delivered", "n_failed"):
        return 0, min(in_flight, int(total["n_accepted"]) - int(total[name]))
    if name in ("n_queued", "n_unknown"):
        n, n_open = int(total[name]), sum(int(total[f"n_{state}"]) for state in OPEN)
        return min(in_flight, n), min(in_flight, n_open - n)
    n_waiting = int(total["n_no_dlr"]) - int(total["n_no_dlr_overdue"])
    return {"n_no_dlr": (n_waiting, 0), "n_no_dlr_overdue": (0, n_waiting)}.get(name, (0, 0))


def _open(name: str, n: int) -> str:
    """Return a clause about messages of which the last word is not in."""
    return f", {n:,} {'unclear' if name == 'n_accepted' else 'still in flight'}" if n else ""


def _time(name: str, total: Mapping[str, Any]) -> tuple[float, float, str]:
    """Return the interval of a time; a time that was never observed has no upper end."""
    low, high = (_number(total, f"{name.removesuffix('_s')}_{end}_s") for end in ("low", "high"))
    if math.isnan(high):
        return low, low if math.isnan(low) else math.inf, f"{name} is at least {duration(low)}"
    return low, high, f"{name} lies between {duration(low)} and {duration(high)}"


def _number(total: Mapping[str, Any], name: str) -> float:
    return math.nan if total.get(name) is None else float(total[name])
