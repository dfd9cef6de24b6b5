"""The DuckDB file: who writes, who reads, and what became of each message."""

from rmanalytics.warehouse.connection import RELATIONS, Waiting, Warehouse, connect, is_damage, writer

__all__ = ["RELATIONS", "Waiting", "Warehouse", "connect", "is_damage", "writer"]
