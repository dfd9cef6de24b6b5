"""What became of every SMS that CleverTap handed to Route Mobile.

import rmanalytics as rm
warehouse = rm.connect("data")
rm.metrics.rates(warehouse.outcomes(), by=["campaign_id"])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from rmanalytics.support.lazy import offered

if TYPE_CHECKING:
    from rmanalytics import charts, dlt, metrics
    from rmanalytics.sms import segments
    from rmanalytics.warehouse import connect

    __version__: str
else:
    _offered = offered(
        __name__,
        {
            "charts": "charts",
            "connect": "warehouse:connect",
            "dlt": "dlt",
            "metrics": "metrics",
            "segments": "sms.segments",
        },
    )

    def __getattr__(name: str) -> Any:
        """Import on first use, so that no command waits for what it does not need."""
        if name == "__version__":
            return import_module("importlib.metadata").version("rmanalytics")
        return _offered(name)


__all__ = ["charts", "connect", "dlt", "metrics", "segments"]
