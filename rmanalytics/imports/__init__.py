"""Exports of others, brought in: read, mapped, checked, kept as evidence in the journal, then taken in."""

from rmanalytics.imports.bring import Imported, Options, bring_in
from rmanalytics.imports.kinds import KINDS

__all__ = ["KINDS", "Imported", "Options", "bring_in"]
