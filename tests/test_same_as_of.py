"""The same `as_of` gives the same pages, whenever they are made."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import seeding

from rmanalytics import shipped
from rmanalytics.report import parameters
from rmanalytics.report.making import report

LATER = """
INSERT INTO dlrs (callback_id, position, gateway, message_id, matched_by, raw_status, status, error_code,
    submitted_at, done_at, received_at)
SELECT 'late' || message_id, 0, gateway, message_id, 'message_id', 'EXPIRED', 'failed', '27',
    TIMESTAMPTZ '2026-11-20 12:00+05:30', TIMESTAMPTZ '2026-11-20 13:00+05:30', TIMESTAMPTZ '2026-11-21 09:00+05:30'
FROM messages;
INSERT INTO callbacks (callback_id, received_at, gateway, n_dlrs)
SELECT 'late' || message_id, TIMESTAMPTZ '2026-11-21 09:00+05:30', gateway, 1 FROM messages;
"""
"""A DLR for every message, dated before `as_of` and received after it."""


def test_same_as_of_same_pages(pages: Path, tmp_path: Path) -> None:
    """Every notebook's page and numbers are the same after DLRs came that were received later, whatever their date."""
    database = shutil.copy(pages.parent / "rmanalytics.duckdb", tmp_path / "rmanalytics.duckdb")
    with duckdb.connect(str(database)) as connection:
        connection.execute(LATER)
    asked = parameters.check(home=database, as_of=seeding.AS_OF, now=datetime.now(UTC))
    notebooks = shipped.notebooks()
    made = report(notebooks, asked, out=tmp_path / "out", campaigns=[""], jobs=2)
    assert [run["error"] for run in made.runs] == [None] * len(notebooks)
    for run in made.runs:
        before, after = (
            json.loads((folder / run["metrics"]).read_text()) for folder in (pages, tmp_path / "out")
        )
        assert after["numbers"] == before["numbers"]
        assert (tmp_path / "out" / run["html"]).read_text() == (pages / run["html"]).read_text()
