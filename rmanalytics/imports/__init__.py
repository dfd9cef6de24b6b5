"""Exports of others, brought in: read, mapped, checked, kept as evidence in the journal, then taken in."""

from rmanalytics.imports.kinds import KINDS
from rmanalytics.imports.run import Imported, Options, bring_in

__all__ = ["KINDS", "Imported", "Options", "bring_in"]
