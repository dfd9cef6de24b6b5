"""Which messages are too young to judge: the one rule for every comparison, chart and sentence."""

from __future__ import annotations

import ibis.expr.types as ir

from rmanalytics.metrics.survival import state_curve
from rmanalytics.models import OPEN, State
from rmanalytics.stats.incidence import Curve
from rmanalytics.warehouse.schema import HORIZON_S

SETTLED_SHARE = 0.99
PATIENCE = 2.0
"""A message is young for so many times the time in which 99 of 100 words came: by then 1 in 1,000 is still to come.
Of a batch just sent nobody knows how long words take; its own age is always less than that."""


def young_s(outcomes: ir.Table, horizon_s: float = HORIZON_S, state: State | str = State.DELIVERED) -> float:
    """Return the age in seconds at which a message should have got the word `state`, at most the horizon.

    Where no message ever got it (or it is no final state), the age at which it should be delivered, or else have
    failed. By Aalen-Johansen, so that messages in flight do not shorten it.
    """
    for one in dict.fromkeys((State(state), State.DELIVERED, State.FAILED)):
        if one not in OPEN and (curve := state_curve(outcomes, one)).reached:
            return settled_s(curve, horizon_s)
    return horizon_s


def settled_s(curve: Curve, horizon_s: float) -> float:
    """Return the age in seconds from which a message is not young, from the cumulative incidence of its word."""
    if not curve.reached:
        return horizon_s
    return min(horizon_s, PATIENCE * curve.quantile(SETTLED_SHARE * float(curve.share[-1]))[0])


def is_young(outcomes: ir.Table, age_s: float) -> ir.BooleanValue:
    """Return which accepted messages have no final word and are younger than that.

    Leaving them out takes sides, as of what was sent a minute ago only the quick words are known, and so does
    counting them: whoever judges counts them both ways.
    """
    return outcomes.state.isin([one.value for one in OPEN]) & (outcomes.age_s < age_s).fill_null(False)
