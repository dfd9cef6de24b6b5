"""What became of every SMS that CleverTap handed to Route Mobile.

import rmanalytics as rm
warehouse = rm.connect("data")
rm.metrics.rates(warehouse.outcomes(), by=["campaign_id"])
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from rmanalytics.support.lazy import offered

if TYPE_CHECKING:
    from rmanalytics import charts, dlt, metrics
    from rmanalytics.sms import segments
    from rmanalytics.warehouse import connect
else:
    __getattr__ = offered(
        __name__,
        {
            "charts": "charts",
            "connect": "warehouse:connect",
            "dlt": "dlt",
            "metrics": "metrics",
            "segments": "sms.segments",
        },
    )

__all__ = ["charts", "connect", "dlt", "metrics", "segments"]
__version__ = version("rmanalytics")
