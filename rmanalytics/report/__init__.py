"""Reports: notebooks run by papermill, shown as HTML without code; and what the notebooks themselves call.

In a notebook: `select` the messages, then `header`, `total`, tables and `words`. Outside: `report`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rmanalytics.report.display import show
    from rmanalytics.report.making import report
    from rmanalytics.report.numbers import total
    from rmanalytics.report.selection import select
    from rmanalytics.report.tables import (
        all_rates_table,
        codes_table,
        identity_table,
        rates_table,
        trust_table,
    )
    from rmanalytics.report.top import header

_HOMES = {
    "all_rates_table": "tables",
    "codes_table": "tables",
    "header": "top",
    "identity_table": "tables",
    "rates_table": "tables",
    "report": "making",
    "select": "selection",
    "show": "display",
    "total": "numbers",
    "trust_table": "tables",
}
__all__ = [
    "all_rates_table",
    "codes_table",
    "header",
    "identity_table",
    "rates_table",
    "report",
    "select",
    "show",
    "total",
    "trust_table",
]


def __getattr__(name: str) -> Any:
    """Import on first use: a notebook shall not wait for papermill and nbconvert."""
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
