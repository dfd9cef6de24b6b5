"""What is selected: by campaign and time, as of a time, held still."""

from __future__ import annotations

import duckdb
import pytest
from support import seeding

from rmanalytics import metrics, notebook
from rmanalytics.errors import BadInput
from rmanalytics.notebook import numbers

DLR = """INSERT INTO dlrs
    (callback_id, position, gateway, message_id, matched_by, raw_status, status, done_at, received_at)
SELECT
    'late' || message_id, 0, gateway, message_id, 'message_id', 'EXPIRED', 'failed',
    TIMESTAMPTZ '2026-11-21', TIMESTAMPTZ '2026-11-21'
FROM messages"""


def select(home, **asked):
    """A selection as of when the seeded campaigns had ended."""
    return notebook.select(home=home, **({"as_of": seeding.AS_OF} | asked))


def test_same_as_of_same_numbers(tmp_path):
    """The same `as_of` gives the same numbers, also when later DLRs were taken in meanwhile."""
    database = seeding.seed(tmp_path / "rmanalytics.duckdb", 300)
    before = select(database)
    told = numbers.of(before, numbers.total(before))
    with duckdb.connect(str(database)) as connection:
        connection.execute(DLR)
    after, later = select(database), select(database, as_of="2026-11-22")
    assert numbers.of(after, numbers.total(after)) == told
    assert after.matches.equals(before.matches)
    assert numbers.total(later)["n_conflicts"] > told["total"]["n_conflicts"]


def test_held_still(home):
    """What is selected stays as it is while others write the file, which is free at once."""
    chosen = select(home)
    with duckdb.connect(str(home / "rmanalytics.duckdb")) as connection:
        connection.execute("SELECT 1")
    assert chosen.n_messages >= 200


def test_chosen(home):
    """Campaign and time choose messages; the parts add up to the whole."""
    whole = select(home).n_messages
    campaigns = metrics.rates(select(home).outcomes)["campaign_id"]
    assert sum(select(home, campaign_id=name).n_messages for name in campaigns) == whole
    noon = "2026-11-20T15:00"
    assert select(home, until=noon).n_messages + select(home, since=noon).n_messages == whole
    assert 0 < select(home, since=noon).n_messages < whole
    assert select(home, campaign_id="no-such").n_messages == 0


def test_what_there_is(home):
    """Of an empty selection it is known what there would have been."""
    first, last, campaigns = select(home, campaign_id="no-such").what_there_is
    assert seeding.START <= first < last
    assert set(campaigns) == set(seeding.CAMPAIGNS["campaign_id"])


def test_total_of_nothing(home):
    """Totals of nothing are zeros and nulls, so that machines need no special case."""
    total = numbers.total(select(home, campaign_id="no-such"))
    assert {total[name] for name in numbers.COUNTS if name != numbers.N_FINDINGS} == {0}
    assert total[numbers.N_FINDINGS] is None
    assert {total[name] for name in numbers.DURATIONS} == {None}
    assert total["delivery_rate"] is None


def test_in_flight(home):
    """Messages without a final word are in flight until the horizon has passed, and overdue after."""
    early, late = (numbers.total(select(home, as_of=at)) for at in (seeding.AS_OF, "2026-12-31"))
    open_states = ("n_queued", "n_unknown", "n_no_dlr")
    assert early["n_in_flight"] == sum(early[name] for name in open_states) > 0
    assert late["n_in_flight"] == early["n_no_dlr_overdue"] == 0
    assert late["n_no_dlr_overdue"] == late["n_no_dlr"]


def test_home_is_found_from_the_notebooks_folder(tmp_path, monkeypatch):
    """JupyterLab runs a notebook in its own folder; the data one folder up is found from there."""
    seeding.seed(tmp_path / "data" / "rmanalytics.duckdb", 5)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert notebook.select(home="data", as_of=seeding.AS_OF).n_messages == 5


def test_no_database(tmp_path):
    """Without a database the way to one is told."""
    with pytest.raises(BadInput, match="no database yet: run `rmanalytics ingest`"):
        notebook.select(home=tmp_path)
