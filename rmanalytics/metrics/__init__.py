"""Numbers from outcomes: counted in the engine, finished on small pandas frames.

Every function takes an outcomes table and dimensions (`by`) out of campaign_id, header, route, template_id,
gateway, operator and hour, any number of them, also none.
"""

from rmanalytics.metrics.accounting import accounting
from rmanalytics.metrics.dimensions import DIMENSIONS
from rmanalytics.metrics.intervals import wilson
from rmanalytics.metrics.latency import time_to_dlr
from rmanalytics.metrics.operators import OPERATORS
from rmanalytics.metrics.rates import accept, delivery, failure, no_dlr, queue, rates, unknown

__all__ = [
    "DIMENSIONS",
    "OPERATORS",
    "accept",
    "accounting",
    "delivery",
    "failure",
    "no_dlr",
    "queue",
    "rates",
    "time_to_dlr",
    "unknown",
    "wilson",
]
