"""Reports: notebooks run by papermill, shown as HTML without code; `report` in `build` makes them.

What notebook cells call is in `rmanalytics.notebook`; the names it had here work for one release.
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any

_CELLS = (
    "all_rates_table",
    "codes_table",
    "header",
    "identity_table",
    "rates_table",
    "select",
    "show",
    "total",
    "trust_table",
)
_SECTIONS = {
    "changing": "control",
    "comparing": "comparisons",
    "diffs": "template_diffs",
    "failing": "failures",
    "matching": "template_checks",
    "reconciling": "reconciliation",
    "spending": "money",
    "surviving": "survival",
    "tables": "summary_tables",
    "trusting": "dlr_quality",
    "waiting": "in_flight",
    "words": "summary",
}


def __getattr__(name: str) -> Any:
    """Return what copied notebooks import from here, with a DeprecationWarning that names its new place."""
    if name in _CELLS:
        module, found = "rmanalytics.notebook", name
    elif name in _SECTIONS:
        module, found = "rmanalytics.notebook.sections", _SECTIONS[name]
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(f"{__name__}.{name} is now {module}.{found}", DeprecationWarning, stacklevel=2)
    return getattr(import_module(module), found)
