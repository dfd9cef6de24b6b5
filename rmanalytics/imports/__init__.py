"""Imports: exports of other systems, read, mapped, checked, kept as evidence in the journal, then ingested."""

from rmanalytics.imports.kinds import KINDS
from rmanalytics.imports.run import Imported, Options, bring_in

__all__ = ["KINDS", "Imported", "Options", "bring_in"]
