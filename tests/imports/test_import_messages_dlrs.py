"""Messages and DLRs of others' exports: what becomes of them, once, whatever order they come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.records import answer, attempt, callback, message

import rmanalytics as rm
from rmanalytics import config, journal, notebook, warehouse
from rmanalytics.errors import BadInput
from rmanalytics.imports import Options, bring_in
from rmanalytics.ingest import imports, run
from rmanalytics.ingest.run import ingest
from rmanalytics.notebook import numbers

NOW = datetime(2025, 1, 15, 6, 0, tzinfo=UTC)
LATER = datetime(2025, 1, 16, 6, 0, tzinfo=UTC)
HEAD = "message_id,campaign_id,msisdn,body,gateway_message_id,planned_at"
ROW = "m1,1700000001,9800000001,Hi,gw-1,2025-01-15 10:20:30"
DLR_HEAD = "sSender,sMobileNo,sStatus,dtSubmit,dtDone,sMessageId,iErrCode,sTagName"
DLR = "TESTSM,919800000001,DELIVRD,2025-01-15 10:20:30,2025-01-15 10:20:36,gw-1,0,camp42"

Write = Callable[..., Path]


def rows(settings: config.Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(settings.database, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        return connection.execute(query).fetchall()


def content(settings: config.Settings) -> dict[str, list[tuple[Any, ...]]]:
    """All relations, sorted, so that two databases can be compared."""
    return {name: sorted(rows(settings, f"SELECT * FROM {name}"), key=repr) for name in warehouse.RELATIONS}


def table(tmp_path: Path, *lines: str, name: str = "export.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_message_and_its_dlr(settings: config.Settings, tmp_path: Path) -> None:
    """An export of messages and one of DLRs meet in an outcome with the gateway's own latency."""
    bring_in(settings, "messages", table(tmp_path, HEAD, ROW), now=NOW)
    bring_in(settings, "dlrs", table(tmp_path, DLR_HEAD, DLR), now=NOW)
    query = "SELECT message_id, campaign_id, state, latency_s, route, msisdn, encoding, n_segments, gateway"
    assert rows(settings, f"{query} FROM outcomes") == [
        ("m1", "1700000001", "delivered", 6.0, "domestic", "919800000001", "gsm7", 1, "route_mobile")
    ]
    assert rows(settings, "SELECT matched_by, received_at FROM dlrs") == [("gateway_message_id", NOW)]


def test_slices_give_the_same(
    settings: config.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows are read at once, the DLRs are those of one slice."""
    monkeypatch.setattr(imports, "SLICE_ROWS", 7)
    lines = [DLR.replace("gw-1", f"gw-{n}") for n in range(50)]
    bring_in(settings, "dlrs", table(tmp_path, DLR_HEAD, *lines), now=NOW)
    assert rows(settings, "SELECT count(*), count(DISTINCT gateway_message_id) FROM dlrs") == [(50, 50)]


ROWS = {
    "the gateway's id says accepted": ("m1,7,9800000001,gw-1,,", "no_dlr"),
    "a time of submission alone is unclear": ("m1,7,9800000001,,2025-01-15 10:20:30,", "unclear"),
    "neither was only planned": ("m1,7,9800000001,,,", "unsent"),
    "a result is believed": ("m1,7,9800000001,,,refused", "refused"),
}


@pytest.mark.parametrize("row, state", ROWS.values(), ids=ROWS)
def test_what_an_export_proves(settings: config.Settings, tmp_path: Path, row: str, state: str) -> None:
    """A message is accepted only where the export shows it; never by guess."""
    head = "message_id,campaign_id,msisdn,gateway_message_id,submitted_at,result"
    bring_in(settings, "messages", table(tmp_path, head, row), now=NOW)
    assert rows(settings, "SELECT state FROM outcomes") == [(state,)]
    with rm.connect(settings.home) as store:
        accounting = rm.metrics.accounting(store.outcomes())
    assert accounting.filter(like="residual").eq(0).all(axis=None)


def test_said_to_be_accepted(settings: config.Settings, tmp_path: Path) -> None:
    """A user who knows that the gateway took them may say so."""
    path = table(tmp_path, "message_id,campaign_id,msisdn", "m1,7,9800000001")
    bring_in(settings, "messages", path, options=Options(is_accepted=True))
    assert rows(settings, "SELECT state FROM outcomes") == [("no_dlr",)]


MESSAGE_REJECTS = {
    "no number": ("m1,7,12,Hi,,", "msisdn 12 is too short"),
    "no Indian number": ("m1,7,915000000001,Hi,,", "msisdn 9150****0001 is not an Indian mobile number"),
    "a number of a spreadsheet": ("m1,7,9.19E+11,Hi,,", "was turned into a decimal number by a spreadsheet"),
    "no campaign": ("m1,,9800000001,Hi,,", "campaign_id is empty"),
    "no time": ("m1,7,9800000001,Hi,,31/01/2025", "planned_at 31/01/2025 is not a time: write it as"),
    "an id marked as text": ("'1107,7,9800000001,Hi,,", "message_id begins with an apostrophe"),
    "an id of a spreadsheet": ("1.107E+18,7,9800000001,Hi,,", "message_id is a number that lost digits"),
}


@pytest.mark.parametrize("row, reason", MESSAGE_REJECTS.values(), ids=MESSAGE_REJECTS)
def test_a_bad_message_is_rejected(settings: config.Settings, tmp_path: Path, row: str, reason: str) -> None:
    """Each fault is named with its line; the good row goes."""
    read = bring_in(settings, "messages", table(tmp_path, HEAD, ROW, row), now=NOW)
    assert [reject.line for reject in read.rejects] == [3]
    assert reason in read.rejects[0].reason
    assert rows(settings, "SELECT message_id FROM messages") == [("m1",)]


def test_numbers_are_masked(settings: config.Settings, tmp_path: Path) -> None:
    """What a dry run shows, as JSON too, names nobody's whole number."""
    read = bring_in(settings, "messages", table(tmp_path, HEAD, ROW), options=Options(is_dry_run=True))
    assert [row["msisdn"] for row in read.as_dict()["first_rows"]] == ["9198****0001"]


def test_parts_are_one_import(
    settings: config.Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken in by parts, each let go of before the next, the rows are those of one: the first line, the last times."""
    lines = [
        ROW,
        *(f"m{n},7,980000000{n},Hi,gw-{n}," for n in range(2, 7)),
        ROW.replace("10:20:30", "10:21:30"),
    ]
    monkeypatch.setattr(imports, "ROWS", 2)
    monkeypatch.setattr(run, "HOLD_S", 0.0)
    bring_in(settings, "messages", table(tmp_path, HEAD, *lines), now=NOW)
    by_parts = content(settings)
    monkeypatch.undo()
    settings.database.unlink()
    ingest(settings)
    assert content(settings) == by_parts
    query = "SELECT count(*), count(*) FILTER (minute(planned_at) = 51), min(line) FROM messages"
    assert rows(settings, query) == [(6, 1, 2)]


def test_every_kind_of_number_and_body(settings: config.Settings, tmp_path: Path) -> None:
    """What plain SQL cannot judge is judged as a batch's rows are."""
    head = "message_id,campaign_id,msisdn,body"
    lines = [
        "a,7,+44 7700 900123,It’s",
        "b,7,098000 00002,Pay €5",
        'c,7,\'9800000003,"two\nlines"',
        f"d,7,9800000004,{'x' * 161}",
    ]
    bring_in(settings, "messages", table(tmp_path, head, *lines), now=NOW)
    query = "SELECT message_id, msisdn, route, encoding, n_segments FROM messages ORDER BY 1"
    assert rows(settings, query) == [
        ("a", "447700900123", "international", "ucs2", 1),
        ("b", "919800000002", "domestic", "gsm7", 1),
        ("c", "919800000003", "domestic", "gsm7", 1),
        ("d", "919800000004", "domestic", "gsm7", 2),
    ]


def test_overlapping_exports_and_a_new_database(
    settings: config.Settings, tmp_path: Path, write: Write
) -> None:
    """Repeated rows change nothing, later ones win, a send's own plan wins over all; ingesting again says the same."""
    bring_in(settings, "messages", table(tmp_path, HEAD, ROW), now=NOW)
    bring_in(settings, "dlrs", table(tmp_path, DLR_HEAD, DLR), now=NOW)
    other = "m2,7,9800000002,Hi,gw-2,2025-01-15 10:20:30"
    again = bring_in(settings, "messages", table(tmp_path, HEAD, ROW, other), now=NOW.replace(minute=1))
    assert again.n_changed == 2  # the other message and its submission
    more = DLR.replace("DELIVRD", "ENROUTE")
    assert bring_in(settings, "dlrs", table(tmp_path, DLR_HEAD, DLR, DLR, more), now=LATER).n_changed == 1
    fixed = ROW.replace("Hi", "Hello")
    assert bring_in(settings, "messages", table(tmp_path, HEAD, fixed), now=LATER).n_changed == 1
    write(journal.MESSAGES, message("m2", body="ours"))
    write(journal.SUBMISSIONS, attempt("a1", "m2"), answer("a1", m2="gw-2"))
    write(journal.CALLBACKS, callback(sMessageId="gw-2", sMobileNo="919800000002"))
    ingest(settings)
    there = content(settings)
    assert rows(settings, "SELECT message_id, body FROM messages ORDER BY 1") == [
        ("m1", "Hello"),
        ("m2", "ours"),
    ]
    settings.database.unlink()
    ingest(settings)
    assert content(settings) == there


def test_what_a_callback_told_is_not_told_twice(
    settings: config.Settings, tmp_path: Path, write: Write
) -> None:
    """A statement that a callback made before is left out; the same export under our names is the same too."""
    write(journal.MESSAGES, message("m1"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    write(journal.CALLBACKS, callback())
    assert bring_in(settings, "dlrs", table(tmp_path, DLR_HEAD, DLR), now=LATER).n_changed == 0
    ours = "gateway_message_id,msisdn,raw_status,submitted_at,done_at,error_code"
    row = "gw-1,919800000001,DELIVRD,2025-01-15 04:50:30+00,2025-01-15 04:50:36+00,"
    assert bring_in(settings, "dlrs", table(tmp_path, ours, row), now=LATER).n_changed == 0
    assert rows(settings, "SELECT n_dlrs FROM outcomes") == [(1,)]


def test_texts_survive(settings: config.Settings, tmp_path: Path) -> None:
    """Whatever stands in a field of a DLR comes through as it is."""
    odd = 'a&b=c%20+"\\ €\x01'
    quoted = '"' + odd.replace('"', '""') + '"'
    path = table(tmp_path, DLR_HEAD, DLR.replace("camp42", quoted))
    bring_in(settings, "dlrs", path, now=NOW)
    assert rows(settings, "SELECT tag FROM dlrs") == [(odd,)]


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_other_formats(settings: config.Settings, tmp_path: Path, kind: str) -> None:
    """Parquet and JSON lines give the same message, long ids as numbers included."""
    row = {"message_id": 1107000000000000001, "campaign_id": "7", "msisdn": 919800000001, "body": "Hi"}
    path = tmp_path / f"export.{kind}"
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        path.write_bytes(journal.line(row) + b"no json\n" + b'["m2"]\n')
    read = bring_in(settings, "messages", path, now=NOW)
    assert [reject.line for reject in read.rejects] == ([] if kind == "parquet" else [2, 3])
    assert rows(settings, "SELECT message_id, msisdn FROM messages") == [
        ("1107000000000000001", "919800000001")
    ]


def test_decimal_ids_of_parquet_are_refused(settings: config.Settings, tmp_path: Path) -> None:
    """An id that went through a float is never rounded into another."""
    path = tmp_path / "export.parquet"
    pq.write_table(pa.table({"message_id": [1.107e18], "campaign_id": ["7"], "msisdn": ["9800000001"]}), path)
    with pytest.raises(BadInput, match="column message_id: holds decimal numbers, which lose digits"):
        bring_in(settings, "messages", path)


RECEIVED = datetime(2025, 1, 8, 5, 0, 40, tzinfo=UTC)
LOG_HEAD = f"{DLR_HEAD},received_at"


def logged(received_at: str, **other: str) -> str:
    """A row of a log of callbacks, with when they came."""
    done = other.get("done", "2025-01-08 10:30:36")
    return f"TESTSM,919800000001,{other.get('word', 'DELIVRD')},2025-01-08 10:30:30,{done},gw-1,0,camp42,{received_at}"


WHEN_RECEIVED = {
    "with a zone": ("2025-01-08T05:00:40Z", RECEIVED),
    "with the gateway's own": ("2025-01-08 10:30:40", RECEIVED),
    "as seconds": ("1736312440", RECEIVED),
    "not given": ("", NOW),
}


@pytest.mark.parametrize("text, received", WHEN_RECEIVED.values(), ids=WHEN_RECEIVED)
def test_when_it_was_received(
    settings: config.Settings, tmp_path: Path, text: str, received: datetime
) -> None:
    """A DLR counts as received when the export says so, and when it was imported is kept beside it."""
    bring_in(settings, "dlrs", table(tmp_path, LOG_HEAD, logged(text)), now=NOW)
    assert rows(settings, "SELECT received_at, imported_at FROM dlrs") == [(received, NOW)]
    before = content(settings)
    settings.database.unlink()
    ingest(settings)
    assert content(settings) == before


NOT_RECEIVED = {
    "no time": ("yesterday", "received_at yesterday is not a time"),
    "in two ways": ("01/02/2025 10:20", "received_at 01/02/2025 10:20 can be read in two ways"),
    "after the import": ("2025-01-15T06:00:01Z", "received_at is later than this import"),
}


@pytest.mark.parametrize("text, reason", NOT_RECEIVED.values(), ids=NOT_RECEIVED)
def test_not_received_then(settings: config.Settings, tmp_path: Path, text: str, reason: str) -> None:
    """A time that cannot be read, or has not come yet, is rejected with its reason."""
    read = bring_in(
        settings, "dlrs", table(tmp_path, LOG_HEAD, logged(text), logged("2025-01-08T05:00:40Z")), now=NOW
    )
    assert [reject.line for reject in read.rejects] == [2]
    assert reason in read.rejects[0].reason


def states(settings: config.Settings, **asked: datetime) -> dict[str, str]:
    with rm.connect(settings.home) as store:
        found = store.outcomes(**asked).select("message_id", "state").to_pyarrow().to_pylist()
    return {row["message_id"]: row["state"] for row in found}


def test_last_week_can_be_asked(settings: config.Settings, tmp_path: Path) -> None:
    """An imported log has an answer as of last week; what is imported later changes it only where it may."""
    last_week = RECEIVED.replace(hour=23)
    planned = ROW.replace("2025-01-15", "2025-01-08")
    bring_in(settings, "messages", table(tmp_path, HEAD, planned), now=NOW)
    queued = logged("2025-01-08T05:00:40Z", word="ACKED")
    first = bring_in(settings, "dlrs", table(tmp_path, LOG_HEAD, queued), now=NOW)
    assert first.counts_from == RECEIVED
    assert states(settings, as_of=last_week) == {"m1": "queued"}
    assert states(settings, as_of=RECEIVED.replace(second=39)) == {"m1": "no_dlr"}
    more = table(tmp_path, LOG_HEAD, queued, logged("2025-01-08T05:00:45Z"), name="more.csv")
    later = bring_in(settings, "dlrs", more, now=LATER)
    assert later.counts_from == RECEIVED
    assert states(settings, as_of=last_week) == {"m1": "delivered"}
    assert states(settings, as_of=last_week, imported_until=NOW) == {"m1": "queued"}


def test_a_page_says_what_came_later(settings: config.Settings, tmp_path: Path) -> None:
    """A page as of last week says until when it counts imports; one as of a time behind them does not."""
    bring_in(settings, "messages", table(tmp_path, HEAD, ROW.replace("2025-01-15", "2025-01-08")), now=NOW)
    bring_in(settings, "dlrs", table(tmp_path, LOG_HEAD, logged("2025-01-08T05:00:40Z")), now=LATER)

    def page(as_of: str) -> str:
        selection = notebook.select(home=settings.home, as_of=as_of)
        return notebook.header(selection, numbers.total(selection)).html

    assert "<dt>Counts imports until</dt><dd>16 Jan 2025, 11:30:00 IST</dd>" in page("2025-01-08T23:00:00Z")
    assert "Counts imports" not in page("2025-01-17T00:00:00Z")


def test_a_callback_and_the_log_of_it(settings: config.Settings, tmp_path: Path, write: Write) -> None:
    """A log whose times were cut to seconds adds nothing to the callbacks that it is about."""
    told = {"sMessageId": "gw-1", "dtSubmit": "2025-01-08 10:30:30", "dtDone": "2025-01-08 10:30:36"}
    one = callback(**told) | {"received_at": "2025-01-08T05:00:40.700000Z"}
    write(journal.CALLBACKS, one)
    ingest(settings)
    export = rows(
        settings, "SELECT header, msisdn, raw_status, gateway_message_id, error_code, tag FROM dlrs"
    )[0]
    header, number, word, theirs, error, tag = (text or "" for text in export)
    row = f"{header},{number},{word},{told['dtSubmit']},{told['dtDone']},{theirs},{error},{tag},2025-01-08T05:00:40Z"
    read = bring_in(settings, "dlrs", table(tmp_path, LOG_HEAD, row), now=NOW)
    assert read.n_changed == 0


def test_repeats_in_a_log(settings: config.Settings, tmp_path: Path) -> None:
    """Of a statement that came twice the first one counts: since then it was known."""
    log = [logged(f"2025-01-08T05:0{minute}:40Z") for minute in (3, 0, 5)]
    bring_in(settings, "dlrs", table(tmp_path, LOG_HEAD, *log), now=NOW)
    assert rows(settings, "SELECT received_at FROM dlrs") == [(RECEIVED,)]


def test_evidence_of_before(settings: config.Settings, tmp_path: Path) -> None:
    """Evidence that an earlier version kept, without the time of receipt, is taken in."""
    bring_in(settings, "dlrs", table(tmp_path, DLR_HEAD, DLR), now=NOW)
    (kept,) = settings.journal_dir.glob("imports-dlrs-*.parquet")
    pq.write_table(pq.read_table(kept).drop_columns(["received_at"]), kept)
    settings.database.unlink()
    assert ingest(settings).n_imported == 1
    assert rows(settings, "SELECT received_at, imported_at FROM dlrs") == [(NOW, NOW)]
