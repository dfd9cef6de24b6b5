"""Numbers from outcomes: counted in the engine, finished on small pandas frames.

Every function takes an outcomes table and dimensions (`by`) out of campaign_id, header, route, template_id,
gateway, operator and hour, any number of them, also none.
"""

from __future__ import annotations

import warnings
from types import ModuleType

from rmanalytics.metrics import failures
from rmanalytics.metrics.accounting import accounting
from rmanalytics.metrics.comparisons import comparisons
from rmanalytics.metrics.dlr_quality import coverage, too_good
from rmanalytics.metrics.grouping import DIMENSIONS
from rmanalytics.metrics.latency import time_to_dlr
from rmanalytics.metrics.money import needless_ucs2, spending
from rmanalytics.metrics.operators import OPERATORS
from rmanalytics.metrics.rates import accept, delivery, failure, no_dlr, queue, rates, unknown
from rmanalytics.metrics.stats.intervals import wilson
from rmanalytics.metrics.survival import curves, time_to_delivery

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


def __getattr__(name: str) -> ModuleType:
    """Return `failures` under its former second name: notebooks that people copied import it."""
    if name != "causes":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    message = "metrics.causes is metrics.failures now: import failures, and pass it the selection's `reading`"
    warnings.warn(message, DeprecationWarning, stacklevel=2)
    return failures
