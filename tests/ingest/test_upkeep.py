"""In what steps the outcomes of closed days are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.database import rows
from support.records import message

from rmanalytics import config, journal, warehouse
from rmanalytics.ingest import upkeep
from rmanalytics.ingest.run import ingest
from rmanalytics.warehouse import kept

HOURS = (9, 9, 11, 23)
LATER = datetime(2025, 3, 1, tzinfo=UTC)


def test_steps_of_a_day(
    settings: config.Settings, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day with more messages than are folded at once is kept by hours, and all of it in the end."""
    times = [f"2025-01-15T{hour:02}:30:00Z" for hour in HOURS]
    write(journal.MESSAGES, *(message(f"m{n}", planned_at=at) for n, at in enumerate(times)))
    ingest(settings)
    assert rows(settings, "SELECT count(*) FROM kept_outcomes") == [(len(HOURS),)]
    monkeypatch.setattr(kept, "SLICE", 2)
    with warehouse.writer(settings.database) as connection:
        assert upkeep.to_be_kept(connection, LATER) == []
        connection.execute("DELETE FROM upkeep; DELETE FROM kept_outcomes")
        steps = upkeep.to_be_kept(connection, LATER)
        assert [until.isoformat() for until in steps] == [
            "2025-01-15T12:00:00+00:00",
            "2025-01-16T00:00:00+00:00",
        ]
        for until in steps:
            upkeep.keep(connection, until)
    assert rows(settings, "SELECT count(*) FROM kept_outcomes") == [(len(HOURS),)]
