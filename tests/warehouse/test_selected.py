"""A selection reads only what it is about, and gives what the fold of everything gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.database import rows
from support.evidence import HORIZON_S, SCHEMAS, at, dlr, message, submission
from support.records import message as record

import rmanalytics as rm
from rmanalytics import config, journal, warehouse
from rmanalytics.errors import BadInput
from rmanalytics.ingest.run import ingest
from rmanalytics.support.resources import text
from rmanalytics.warehouse import kept, outcomes, selected, times
from rmanalytics.warehouse.pruned import Span
from rmanalytics.warehouse.snapshot import Snapshot

MOMENTS = (0, 10, 20, 30, 40)
TIME = st.sampled_from(MOMENTS)
IDS = ("m1", "m2", "g1")
CAMPAIGNS = ("camp1", "camp2")

MESSAGES = st.lists(
    st.builds(
        lambda name, planned, campaign: message(name, planned_at=at(planned), campaign_id=campaign),
        st.sampled_from(IDS), TIME, st.sampled_from(CAMPAIGNS),
    ),
    unique_by=lambda row: row["message_id"], max_size=3,
)  # fmt: skip
SUBMISSIONS = st.lists(
    st.builds(
        lambda name, result, tried, answered: submission(
            result, name, attempted_at=at(tried), answered_at=None if answered is None else at(answered)
        ),
        st.sampled_from(IDS), st.sampled_from(["accepted", "refused", "unclear"]), TIME, st.none() | TIME,
    ),
    max_size=3,
)  # fmt: skip
DLRS = st.lists(
    st.builds(
        lambda status, name, theirs, submitted, received, tag: dlr(
            status, name, gateway_message_id=theirs, submitted_at=None if submitted is None else at(submitted),
            received_at=at(received), tag=tag,
        ),
        st.sampled_from(["delivered", "failed", "queued"]), st.none() | st.sampled_from(IDS),
        st.none() | st.sampled_from(IDS), st.none() | TIME, TIME, st.sampled_from(CAMPAIGNS),
    ),
    max_size=6,
)  # fmt: skip
"""Few ids and few times: DLRs before the plan, of several times, of nobody, all in one small space."""


def database(kept_until: datetime | None, **relations: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    """A DuckDB whose relations hold the rows, with their times worked out and outcomes kept up to a time."""
    there = duckdb.connect()
    there.execute("SET TimeZone = 'Asia/Kolkata'")
    for name in ("messages", "submissions", "dlrs", "message_times", "drifts", "upkeep", "kept_outcomes"):
        there.execute(text("rmanalytics.warehouse", "schema", f"{name}.sql"))
    for name, given_rows in relations.items():
        there.register("given", pa.Table.from_pylist(given_rows, schema=SCHEMAS[name].to_pyarrow()))
        there.execute(f"INSERT INTO {name} BY NAME FROM given")
        there.unregister("given")
    times.fill(there)
    if kept_until:
        kept.keep(there, None, at(5))
        kept.keep(there, at(5), kept_until)
    return there


def found(table: Any) -> list[str]:
    return sorted(map(repr, table.to_pyarrow().to_pylist()))


def moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else at(seconds)


@hypothesis_settings(max_examples=60, deadline=None)
@given(
    MESSAGES,
    SUBMISSIONS,
    DLRS,
    st.sampled_from([None, 5, 15, 25, 45]),
    st.none() | TIME,
    st.none() | TIME,
    st.none() | st.sampled_from(CAMPAIGNS),
    st.sampled_from([None, 15, 25]),
)
def test_a_selection_is_a_part_of_the_whole(
    messages: list[dict[str, Any]],
    submissions: list[dict[str, Any]],
    dlrs: list[dict[str, Any]],
    as_of: int | None,
    since: int | None,
    until: int | None,
    campaign: str | None,
    kept_until: int | None,
) -> None:
    """Pruned equals unpruned, for late DLRs, wrong clocks and messages that only DLRs tell of, as of any time."""
    there = database(moment(kept_until), messages=messages, submissions=submissions, dlrs=dlrs)
    relation = ibis.duckdb.from_connection(there).table
    asked = selected.Asked(
        as_of=moment(as_of),
        span=Span(since=moment(since), until=moment(until)),
        campaigns=None if campaign is None else [campaign],
    )
    whole = outcomes.fold(Snapshot(relation=relation, as_of=asked.as_of), horizon_s=HORIZON_S).drop("age_s")
    part = selected.outcomes(relation, asked, horizon_s=HORIZON_S).drop("age_s")
    assert found(part) == found(asked.of(whole))


def test_kept_in_steps(settings: config.Settings, write: Callable[..., Path]) -> None:
    """Closed days are kept in steps of bounded size, each message once; those of the last four days are not."""
    days = [timedelta(days=n) for n in (1, 30, 60, 90)]
    planned = [f"{datetime.now(UTC) - day:%Y-%m-%dT%H:%M:%SZ}" for day in days]
    write(journal.MESSAGES, *(record(f"m{n}", planned_at=one) for n, one in enumerate(planned)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kept, "SLICE", 1)
        ingest(settings)
    ids = rows(settings, "SELECT message_id FROM kept_outcomes ORDER BY message_id")
    assert ids == [("m1",), ("m2",), ("m3",)]
    with rm.connect(settings.home) as store:
        assert sorted(store.outcomes().message_id.execute()) == ["m0", "m1", "m2", "m3"]
        since, until = datetime.now(UTC) - days[2], datetime.now(UTC) - days[0] / 2
        assert sorted(store.outcomes(since=since, until=until).message_id.execute()) == ["m0", "m1"]


@pytest.mark.parametrize("name", ["as_of", "since", "until"])
def test_times_need_a_zone(name: str, tmp_path: Path) -> None:
    """A time without a zone is refused as bad input, also where closed days are kept."""
    with warehouse.writer(tmp_path / "rmanalytics.duckdb") as connection:
        connection.execute("INSERT INTO upkeep VALUES ('kept', now(), now())")
    with rm.connect(tmp_path) as store, pytest.raises(BadInput, match="has no time zone"):
        store.outcomes(**{name: datetime(2026, 1, 1)})  # noqa: DTZ001
