"""Every notebook's page, run for real once for all tests that look at pages."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from support import seeding

from rmanalytics.notebook import parameters
from rmanalytics.report.build import report
from rmanalytics.support import resources

NOTHING = "no-such-campaign"


def render(folder: Path) -> Path:
    """Return the folder with the page of every notebook over all campaigns and over none."""
    notebooks = resources.notebooks()
    database = seeding.seed(folder / "rmanalytics.duckdb", 600)
    asked = parameters.check(home=database, as_of=seeding.AS_OF, now=datetime.now(UTC))
    made = report(notebooks, asked, out=folder / "out", campaigns=["", NOTHING], jobs=2)
    assert [run["error"] for run in made.runs] == [None] * 2 * len(notebooks)
    assert made.exit_code == 0
    return folder / "out"
