"""The template ids of the registry: what a rounded id of a batch row may have been."""

from __future__ import annotations

from contextlib import suppress

import duckdb

from rmanalytics import warehouse
from rmanalytics.config import Settings
from rmanalytics.errors import RmaError

LOCK_WAIT_S = 2.0
"""A database that `ingest` keeps for longer is not waited for: it only helps to see rounded template ids."""


def registered(settings: Settings) -> frozenset[str]:
    """Return the ids of the imported templates; none where no database can be read now."""
    with (
        suppress(RmaError, duckdb.Error),
        warehouse.reading(settings.home, lock_wait_s=LOCK_WAIT_S) as connection,
    ):
        found = connection.execute("SELECT DISTINCT template_id FROM templates").fetchall()
        return frozenset(template_id for (template_id,) in found)
    return frozenset()
