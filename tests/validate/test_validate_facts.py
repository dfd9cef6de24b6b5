"""Which messages are judged, and that what is said of them is what `outcomes` says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pytest
from support.seeding import seed

import rmanalytics as rm
from rmanalytics import warehouse
from rmanalytics.validate.facts.chosen import Scope, choose
from rmanalytics.warehouse import times

COLUMNS = ("message_id", "campaign_id", "state", "error_code", "final_at", "submitted_at", "submit_result")
COLUMNS += ("submit_code", "header", "template_id", "msisdn", "gateway", "n_dlrs", "is_overdue")
HORIZON_S = 3600.0


CHANGE = """
UPDATE messages SET batch_id = 'batch' || hash(message_id) % 3;
UPDATE messages SET batch_id = 'apart' WHERE campaign_id = 'KYC-REMINDER-HINDI';
UPDATE submissions s SET batch_id = m.batch_id FROM messages m WHERE m.message_id = s.message_id;
UPDATE dlrs SET message_id = NULL, tag = 'TOLD' WHERE message_id IN (
    SELECT message_id FROM messages WHERE campaign_id = 'GLOBAL-NEWSLETTER'
);
DELETE FROM submissions WHERE message_id IN (SELECT message_id FROM messages WHERE campaign_id = 'GLOBAL-NEWSLETTER');
DELETE FROM messages WHERE campaign_id = 'GLOBAL-NEWSLETTER';
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of some two thousand messages in three batches, and a campaign of which only DLRs tell."""
    path = seed(tmp_path_factory.mktemp("facts") / "rmanalytics.duckdb", 2000)
    with warehouse.writer(path) as connection:
        connection.execute(CHANGE)
        times.fill(connection)
    return path


def moments(database: Path) -> list[datetime | None]:
    """Times before, in and after what was recorded; None is now."""
    with warehouse.reading(database) as connection:
        first, last = connection.execute("SELECT min(received_at), max(received_at) FROM dlrs").fetchall()[0]
    return [None, first - timedelta(days=1), *(first + (last - first) * part / 3 for part in range(4))]


def judged(database: Path, scope: Scope) -> list[tuple[Any, ...]]:
    """Return the outcomes that are judged."""
    with warehouse.reading(database) as connection:
        choose(connection, scope, horizon_s=HORIZON_S)
        query = f"SELECT {', '.join(COLUMNS)} FROM outcomes ORDER BY message_id"
        return connection.execute(query).fetchall()


def told(store: warehouse.Warehouse, scope: Scope) -> list[tuple[Any, ...]]:
    """Return what `outcomes` says of the same messages."""
    t = store.outcomes(scope.as_of)
    ours = t.batch_id == scope.batch_id if scope.batch_id else t.is_dlr_only
    wanted = [ours, *([t.campaign_id == scope.campaign_id] if scope.campaign_id else [])]
    query = ibis.to_sql(t.filter(wanted).select(*COLUMNS).order_by("message_id"), dialect="duckdb")
    with warehouse.reading(store.path) as connection:
        return connection.execute(query).fetchall()


SCOPES = {
    "a batch": ("batch1", None, True),
    "a campaign's messages of a batch": ("batch2", "OTP-LOGIN", True),
    "a campaign that only DLRs tell of": (None, "TOLD", True),
    "a campaign of another batch": ("batch2", "TOLD", False),
}


@pytest.mark.parametrize("batch_id, campaign_id, has_any", SCOPES.values(), ids=SCOPES)
def test_what_is_judged_is_what_outcomes_say(
    database: Path, batch_id: str | None, campaign_id: str | None, has_any: bool
) -> None:
    """As of any time the judged messages have the states, codes and times that `outcomes` gives them."""
    n_rows = 0
    with rm.connect(database, horizon_s=HORIZON_S) as store:
        for as_of in moments(database):
            scope = Scope(as_of=as_of, batch_id=batch_id, campaign_id=campaign_id)
            rows = judged(database, scope)
            assert rows == told(store, scope), as_of
            n_rows += len(rows)
    assert bool(n_rows) is has_any


LAST = {
    "of all": (Scope(), "batch0"),
    "of a campaign": (Scope(campaign_id="KYC-REMINDER-HINDI"), "apart"),
    "before there was any": (Scope(until=datetime(2020, 1, 1, tzinfo=UTC)), None),
    "of no campaign": (Scope(campaign_id="nope"), None),
}


@pytest.mark.parametrize("scope, expected", LAST.values(), ids=LAST)
def test_the_batch_that_is_judged(database: Path, scope: Scope, expected: str | None) -> None:
    """Unless a batch is named, the one attempted last is judged; none where nothing was planned."""
    with warehouse.reading(database) as connection:
        assert choose(connection, scope, horizon_s=HORIZON_S).batch_id == expected
