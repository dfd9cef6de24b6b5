"""Numbers from outcomes: counted in the engine, finished on small pandas frames.

Every function takes an outcomes table and dimensions (`by`) out of campaign_id, header, route, template_id,
gateway, operator and hour, any number of them, also none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rmanalytics.metrics.accounting import accounting
from rmanalytics.metrics.comparisons import comparisons
from rmanalytics.metrics.dlr_quality import coverage, too_good
from rmanalytics.metrics.grouping import DIMENSIONS
from rmanalytics.metrics.latency import time_to_dlr
from rmanalytics.metrics.money import needless_ucs2, spending
from rmanalytics.metrics.operators import OPERATORS
from rmanalytics.metrics.rates import accept, delivery, failure, no_dlr, queue, rates, unknown
from rmanalytics.metrics.survival import curves, time_to_delivery
from rmanalytics.stats.intervals import wilson
from rmanalytics.support.moved import found

__all__ = [
    "DIMENSIONS",
    "OPERATORS",
    "accept",
    "accounting",
    "comparisons",
    "coverage",
    "curves",
    "delivery",
    "failure",
    "needless_ucs2",
    "no_dlr",
    "queue",
    "rates",
    "spending",
    "time_to_delivery",
    "time_to_dlr",
    "too_good",
    "unknown",
    "wilson",
]

_MOVED = {"causes": "failures", "trust": "dlr_quality"}
"""Modules by their names of before, for one release."""

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return the module that copied notebooks import by its name of the release before."""
        if name in _MOVED:
            return found(f"{__name__}.{name}", f"{__name__}.{_MOVED[name]}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
