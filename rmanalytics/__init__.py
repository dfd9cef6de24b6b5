"""What became of every SMS that CleverTap handed to Route Mobile.

import rmanalytics as rm
warehouse = rm.connect("data")
rm.metrics.rates(warehouse.outcomes(), by=["campaign_id"])
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rmanalytics import charts, dlt, metrics
    from rmanalytics.sms import segments
    from rmanalytics.warehouse import connect

__all__ = ["charts", "connect", "dlt", "metrics", "segments"]
__version__ = version("rmanalytics")


def __getattr__(name: str) -> Any:
    """Import on first use: `rmanalytics --help` shall not wait for pandas."""
    if name == "connect":
        return import_module("rmanalytics.warehouse").connect
    if name == "segments":
        return import_module("rmanalytics.sms.segments")
    if name in __all__:
        return import_module(f"rmanalytics.{name}")
    raise AttributeError(f"module 'rmanalytics' has no attribute {name!r}")
