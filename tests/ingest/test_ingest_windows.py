"""What is looked for near first: in the end it is found as if everything were looked through at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.database import content, rows
from support.records import answer, attempt, callback, message
from support.times import kept_and_folded, kept_and_measured

from rmanalytics import config, journal
from rmanalytics.ingest import matching
from rmanalytics.ingest.run import ingest

Write = Callable[..., Path]

FIRST = datetime(2025, 1, 15, 4, 50, tzinfo=UTC)


def utc(days: float) -> str:
    return f"{FIRST + timedelta(days=days):%Y-%m-%dT%H:%M:%S}Z"


def told(days: float, **fields: str) -> dict[str, object]:
    """A callback that came so many days after the first message was planned."""
    return callback(**fields) | {"received_at": utc(days)}


RECORDS = {
    journal.MESSAGES: [
        message("m1", planned_at=utc(0)),
        message("m2", planned_at=utc(0), msisdn="919800000002"),
        message("m3", planned_at=utc(40), msisdn="919800000003"),
        message("m4", planned_at=utc(70), msisdn="919800000004"),
        message("late", planned_at=utc(50), msisdn="919800000005"),
    ],
    journal.SUBMISSIONS: [
        attempt("a1", "m1", "m2", attempted_at=utc(0)),
        answer("a1", m1="gw-1", m2="GW-00AB") | {"answered_at": utc(0)},
        attempt("a3", "m3", attempted_at=utc(40)),
        answer("a3", m3="gw-3") | {"answered_at": utc(60)},
        attempt("a4", "m1", attempted_at=utc(60)),
    ],
    journal.CALLBACKS: [
        told(0.1, sMessageId="gw-1"),
        told(39, sMessageId="gw-1", sStatus="ENROUTE"),
        told(45, sMessageId="gw00ab", sMobileNo="919800000002", dtSubmit="", dtDone=""),
        told(40.1, sMessageId="gw-3", sMobileNo="919800000003"),
        told(80, sMessageId="x", sMobileNo="919800000004", sTagName="m4"),
        told(41, sMessageId="late", sMobileNo="919800000005"),
        told(1, sMessageId="nobody", sMobileNo="919811111111", dtSubmit=""),
        told(30, sMessageId="nobody", sMobileNo="919811111111", dtSubmit="", sStatus="ENROUTE"),
        told(60, sMessageId="nobody", sMobileNo="919811111111"),
        told(3, sMessageId="twice", sMobileNo="919811111111", dtSubmit="2025-01-10 10:00:00"),
        told(50, sMessageId="twice", sMobileNo="919811111111", dtSubmit="2025-01-09 10:00:00"),
        told(51, sMessageId="", sMobileNo="919811111112"),
        told(
            2, sMessageId="other", sMobileNo="919800000003", sSender="TESTSM", dtSubmit="2025-02-24 10:20:30"
        ),
    ],
}
"""DLRs of today, of weeks ago, before their plan, of several times, by every kind of match; two of nobody."""


def check(settings: config.Settings) -> None:
    """Fail where what is kept is not what comes out of all rows."""
    for kept, anew in (kept_and_measured(settings), kept_and_folded(settings)):
        assert kept == anew


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[object, ...]]]:
    """The relations of all records, taken in by one ingest."""
    at_once = config.load(home=tmp_path_factory.mktemp("whole"))
    for stream, records in RECORDS.items():
        journal.Writer(at_once.journal_dir, stream).append(map(journal.line, records))
    ingest(at_once)
    return content(at_once)


@hypothesis_settings(max_examples=6, deadline=None)
@given(st.data())
def test_near_first_is_all_in_the_end(
    tmp_path_factory: pytest.TempPathFactory,
    whole: dict[str, list[tuple[object, ...]]],
    data: st.DataObject,
) -> None:
    """However records are cut into ingests: kept times are the measured ones, and relations those of one ingest."""
    pieces = config.load(home=tmp_path_factory.mktemp("pieces"))
    order = {stream: list(records) for stream, records in RECORDS.items()}
    for stream in (journal.MESSAGES, journal.CALLBACKS):
        order[stream] = data.draw(st.permutations(order[stream]))
    streams = data.draw(st.permutations([s for s, records in RECORDS.items() for _ in records]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(streams) - 1), max_size=4)))
    for first, last in pairwise([0, *cuts, len(streams)]):
        for stream, n_records in Counter(streams[first:last]).items():
            records = [order[stream].pop(0) for _ in range(n_records)]
            journal.Writer(pieces.journal_dir, stream).append(map(journal.line, records))
        ingest(pieces)
        check(pieces)
    ingest(pieces, rematch_all=True)
    check(pieces)
    assert content(pieces) == whole


def test_slices_of_the_pass_give_the_same(
    tmp_path: Path, whole: dict[str, list[tuple[object, ...]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few DLRs are matched again at once, in the end it is as if all were."""
    monkeypatch.setattr(matching, "SLICE", 2)
    settings = config.load(home=tmp_path)
    for stream in (journal.CALLBACKS, journal.MESSAGES, journal.SUBMISSIONS):
        journal.Writer(settings.journal_dir, stream).append(map(journal.line, RECORDS[stream]))
        ingest(settings)
        check(settings)
    ingest(settings, rematch_all=True)
    check(settings)
    assert content(settings) == whole


def test_leftovers_wait_for_the_pass(settings: config.Settings, write: Write) -> None:
    """A DLR whose message is weeks older is matched by the next pass over everything, not by each ingest."""
    write(journal.MESSAGES, message("m1", planned_at=utc(0)))
    write(journal.SUBMISSIONS, attempt("a1", "m1", attempted_at=utc(0)), answer("a1", m1="gw-1"))
    ingest(settings)
    write(journal.CALLBACKS, told(30, sMessageId="gw-1"))
    assert ingest(settings).n_rematched == 0
    assert rows(settings, "SELECT message_id, planned_at FROM dlrs") != []
    assert rows(settings, "SELECT message_id FROM dlrs") == [(None,)]
    assert ingest(settings, rematch_all=True).n_rematched == 1
    assert rows(settings, "SELECT message_id, matched_by FROM dlrs") == [("m1", "gateway_message_id")]
