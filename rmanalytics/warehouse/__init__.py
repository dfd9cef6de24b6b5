"""The DuckDB file: who writes, who reads, and what became of each message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rmanalytics.support.lazy import offered
from rmanalytics.warehouse.connection import (
    ForeignDatabase,
    NoDatabase,
    Waiting,
    is_damage,
    missing,
    reading,
    writer,
)
from rmanalytics.warehouse.kept import TIMELESS
from rmanalytics.warehouse.schema import RELATIONS

if TYPE_CHECKING:
    from rmanalytics.warehouse.reader import Warehouse, connect
else:
    __getattr__ = offered(__name__, {"Warehouse": "reader:Warehouse", "connect": "reader:connect"})

__all__ = [
    "RELATIONS",
    "TIMELESS",
    "ForeignDatabase",
    "NoDatabase",
    "Waiting",
    "Warehouse",
    "connect",
    "is_damage",
    "missing",
    "reading",
    "writer",
]
