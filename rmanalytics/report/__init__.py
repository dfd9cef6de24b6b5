"""Reports: notebooks run by papermill, shown as HTML without code; `report` in `build` makes them.

What notebook cells call is in `rmanalytics.notebook`; the names it had here work for one release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rmanalytics.report import moved
from rmanalytics.support.import_guard import hidden
from rmanalytics.support.moved import found

with hidden(
    "rfc3987_syntax"
):  # jsonschema compiles a grammar with it, 1.5 s, for a check that notebooks do not need
    import nbformat  # noqa: F401

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Return what copied notebooks import from here, with a DeprecationWarning that names its new place."""
        if name in moved.SPLIT:
            return moved.SPLIT[name]
        if name in moved.CELLS:
            return found(f"{__name__}.{name}", f"rmanalytics.notebook:{name}")
        if name in moved.MODULES:
            return found(f"{__name__}.{name}", f"rmanalytics.notebook.sections.{moved.MODULES[name]}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
