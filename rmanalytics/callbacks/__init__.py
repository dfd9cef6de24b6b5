"""The one way to read callbacks, for ingest and relay: a journal's lines → `staged` → DLRs in `new_dlrs`.

`stage` and `translate` work in the temporary tables of a DuckDB connection that has a relation `dlrs`; imports
that say DLRs in a gateway's words share `empty` and `read`.
"""

from rmanalytics.callbacks.reader import empty, read, stage, translate

__all__ = ["empty", "read", "stage", "translate"]
