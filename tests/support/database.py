"""What is in a home's database."""

from __future__ import annotations

from typing import Any

import duckdb

from rmanalytics import config, warehouse


def rows(settings: config.Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        return connection.execute(query).fetchall()


def content(settings: config.Settings) -> dict[str, list[tuple[Any, ...]]]:
    """All relations, sorted, so that two databases can be compared."""
    return {name: sorted(rows(settings, f"SELECT * FROM {name}"), key=repr) for name in warehouse.RELATIONS}
