"""Values of cells as text, as people would write them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any


def text(cell: Any) -> str:
    """Return a cell as text: whole numbers without a fraction, times in ISO form.

    >>> text(919800000001.0), text(True), text(datetime(2025, 1, 15, 10, 20)), text(None)
    ('919800000001', 'true', '2025-01-15 10:20:00', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else str(cell.total_seconds())
