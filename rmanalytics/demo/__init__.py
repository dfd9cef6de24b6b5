"""The whole loop on one machine: a batch out, DLR callbacks in, DuckDB, rates, reports."""

from rmanalytics.demo.batch import write_batch
from rmanalytics.demo.loop import Demo, demo

__all__ = ["Demo", "demo", "write_batch"]
