"""Which days a page compares with those before, and that only these are read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ibis
import pytest
from support import seeding

from rmanalytics.metrics.findings import Days
from rmanalytics.notebook import parameters, select
from rmanalytics.notebook.changes import MOST_DAYS, judged_days

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)  # 11:30 in Kolkata


def planned(*days_back: float) -> ibis.Table:
    """Messages planned so many days ago."""
    schema = ibis.schema({"planned_at": "timestamp('UTC')", "age_s": "float64"})
    rows = [{"planned_at": NOW - timedelta(days=one), "age_s": one * 86_400} for one in days_back]
    return ibis.memtable(rows, schema=schema)


def day(back: int) -> date:
    """The local day so many days ago."""
    return date(2026, 11, 20) - timedelta(days=back)


DAYS = {
    "no message": ("", (), None),
    "the last day": ("", (3, 2, 1), (1, 1)),
    "today is too young": ("", (2, 1, 0.01, 0.01), (1, 1)),
    "today is old enough": ("", (2, 1, 0.1, 0.1, 0.01), (0, 0)),
    "all are too young": ("", (0.01,), (0, 0)),
    "one day is asked for": ("2026-11-18", (2,), (2, 2)),
    "three days": ("2026-11-18", (2, 1, 0.1), (2, 0)),
    "of many the last seven": ("2026-10-01", tuple(range(1, 40)), (MOST_DAYS, 1)),
}


@pytest.mark.parametrize("since, back, expected", DAYS.values(), ids=DAYS)
def test_judged_days(since: str, back: tuple[float, ...], expected: tuple[int, int] | None) -> None:
    """The selected days are judged; without any, the last day that is mostly old enough."""
    asked = parameters.check(home="data", since=since, now=NOW)
    found = judged_days(planned(*back), asked)
    assert found == (Days(first=day(expected[0]), last=day(expected[1])) if expected else None)


def test_a_home_of_one_day(tmp_path: Path) -> None:
    """A home of one day has nothing to compare with, whole or by campaign, and says so in its numbers."""
    home = seeding.seed(tmp_path / "rmanalytics.duckdb", 300)
    for campaign_id in ("", "OTP-LOGIN"):
        found = select(home=home, campaign_id=campaign_id, as_of="2026-12-31").findings
        assert (found.is_judged, found.found, found.as_dict()["n"]) == (False, [], None)
