"""Journal → DuckDB: what is taken in, once, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.database import content, rows
from support.records import answer, attempt, callback, message, raw_callback

from rmanalytics import config, journal, warehouse
from rmanalytics.errors import JournalError, WarehouseLocked
from rmanalytics.ingest.run import ingest

Write = Callable[..., Path]


def fill(write: Write) -> None:
    write(journal.MESSAGES, message("m1"), message("m2", msisdn="919800000002"))
    write(journal.SUBMISSIONS, attempt("a1", "m1", "m2"), answer("a1", m1="gw-1", m2="gw-2"))
    write(
        journal.CALLBACKS, callback(), callback("POST", sMessageId="gw-2", sStatus="UNDELIV", iErrCode="205")
    )


def test_takes_in_each_stream(settings: config.Settings, write: Write) -> None:
    """A message, its submission and its DLR arrive in their relations, joined by the gateway's id."""
    fill(write)
    done = ingest(settings)
    assert (done.n_messages, done.n_submissions, done.n_callbacks, done.n_dlrs, done.n_unparsed) == (
        2,
        2,
        2,
        2,
        0,
    )
    assert rows(
        settings, "SELECT message_id, matched_by, status, error_code FROM dlrs ORDER BY message_id"
    ) == [
        ("m1", "gateway_message_id", "delivered", None),
        ("m2", "gateway_message_id", "failed", "205"),
    ]
    assert rows(settings, "SELECT message_id, state FROM outcomes ORDER BY message_id") == [
        ("m1", "delivered"),
        ("m2", "failed"),
    ]


def test_twice_is_once(settings: config.Settings, write: Write) -> None:
    """A second ingest of the same journal changes nothing."""
    fill(write)
    ingest(settings)
    before = content(settings)
    again = ingest(settings)
    assert (again.n_messages, again.n_submissions, again.n_callbacks) == (0, 0, 0)
    assert content(settings) == before


RECORDS = {
    journal.MESSAGES: [
        message("m1"),
        message("m2", msisdn="919800000002"),
        message("m3", msisdn="919800000003"),
    ],
    journal.SUBMISSIONS: [
        attempt("a1", "m1"),
        answer("a1", m1="GW-00AB"),
        attempt("a2", "m2", "m3"),
        answer("a2", m2="gw-2", m3="gw-3"),
    ],
    journal.CALLBACKS: [
        callback(sMessageId="gw00ab"),
        callback(sMessageId="elsewhere", sMobileNo="919800000002"),
        callback(sMessageId="gw-3", sMobileNo="919800000003", sStatus="ENROUTE"),
        callback(sMessageId="gw-3", sMobileNo="919800000003"),
        callback(sMessageId="nobody", sMobileNo="919811111111"),
        raw_callback(method="POST", body="<html>not a DLR</html>"),
    ],
}


@hypothesis_settings(max_examples=10, deadline=None)
@given(st.data())
def test_how_the_journal_arrives_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """However the same records are cut into segments and ingests, the relations are the same."""
    whole = config.load(home=tmp_path_factory.mktemp("whole"))
    pieces = config.load(home=tmp_path_factory.mktemp("pieces"))
    for stream, records in RECORDS.items():
        journal.Writer(whole.journal_dir, stream).append(map(journal.line, records))
    ingest(whole)
    streams = data.draw(st.permutations([s for s, records in RECORDS.items() for _ in records]))
    cuts = data.draw(st.sets(st.integers(0, len(streams) - 1), max_size=5))
    waiting = {stream: list(records) for stream, records in RECORDS.items()}
    for place, stream in enumerate(streams):
        journal.Writer(pieces.journal_dir, stream).append([journal.line(waiting[stream].pop(0))])
        if place in cuts:
            ingest(pieces)
    ingest(pieces)
    assert content(pieces) == content(whole)


MATCHES = {
    "the gateway's id": ({"sMessageId": "gw-1"}, "m1", "gateway_message_id"),
    "our id in the gateway's place": ({"sMessageId": "m1"}, "m1", "message_id"),
    "our id under its own name": ({"sMessageId": "x", "msgid": "m1"}, "m1", "message_id"),
    "our id in the first free field": ({"sMessageId": "x", "sUdf1": "m1"}, "m1", "udf1"),
    "our id in the second free field": ({"sMessageId": "x", "sUdf2": "m1"}, "m1", "udf2"),
    "our id as the tag": ({"sMessageId": "x", "sTagName": "m1"}, "m1", "tag"),
    "another case and no dash": ({"sMessageId": "GW1"}, "m1", "gateway_message_id_normalised"),
    "decimal for hexadecimal": (
        {"sMessageId": "9308878062554710043", "sMobileNo": "919800000002"},
        "m2",
        "gateway_message_id_normalised",
    ),
    "hexadecimal without its zeros": (
        {"sMessageId": "B8BE19", "sMobileNo": "919800000003"},
        "m3",
        "gateway_message_id_normalised",
    ),
    "number, header and time": ({"sMessageId": "other"}, "m1", "msisdn_header_window"),
    "number without country": (
        {"sMessageId": "other", "sMobileNo": "9800000001"},
        "m1",
        "msisdn_header_window",
    ),
    "another header": ({"sMessageId": "other", "sSender": "OTHERS"}, None, None),
    "another campaign's tag": ({"sMessageId": "other", "sTagName": "camp77"}, None, None),
    "another day": ({"sMessageId": "other", "dtSubmit": "2025-01-25 10:20:30"}, None, None),
    "two messages would fit": ({"sMessageId": "other", "sMobileNo": "919800000004"}, None, None),
    "another number": ({"sMessageId": "other", "sMobileNo": "919822222222"}, None, None),
}


@pytest.mark.parametrize("fields, message_id, matched_by", MATCHES.values(), ids=MATCHES)
def test_matches(
    settings: config.Settings,
    write: Write,
    fields: dict[str, str],
    message_id: str | None,
    matched_by: str | None,
) -> None:
    """A DLR finds its message in the documented order, and says how."""
    numbers = {"m1": "01", "m2": "02", "m3": "03", "m4": "04", "m5": "04"}
    write(journal.MESSAGES, *(message(name, msisdn=f"9198000000{end}") for name, end in numbers.items()))
    ids = {"m1": "gw-1", "m2": "812FC7470000001B", "m3": "00B8BE19", "m4": "gw-4", "m5": "gw-5"}
    write(journal.SUBMISSIONS, attempt("a1", *ids), answer("a1", **ids))
    write(journal.CALLBACKS, callback(**fields))
    ingest(settings)
    assert rows(settings, "SELECT message_id, matched_by FROM dlrs") == [(message_id, matched_by)]


def test_a_dlr_waits_for_its_message(settings: config.Settings, write: Write) -> None:
    """A DLR that came before its message is matched by a later ingest."""
    write(journal.CALLBACKS, callback())
    ingest(settings)
    assert rows(settings, "SELECT message_id FROM dlrs") == [(None,)]
    write(journal.MESSAGES, message("m1"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    assert ingest(settings).n_rematched == 1
    assert rows(settings, "SELECT message_id, matched_by FROM dlrs") == [("m1", "gateway_message_id")]


def test_an_answer_may_come_later(settings: config.Settings, write: Write) -> None:
    """An attempt without an answer is unclear until the answer is in."""
    write(journal.MESSAGES, message("m1"))
    path = write(journal.SUBMISSIONS, attempt("a1", "m1"))
    ingest(settings)
    assert rows(settings, "SELECT result, detail FROM submissions") == [("unclear", "no answer is journaled")]
    with path.open("ab") as segment:
        segment.write(journal.line(answer("a1", m1="gw-1")))
    ingest(settings)
    assert rows(settings, "SELECT result, gateway_message_id, detail FROM submissions") == [
        ("accepted", "gw-1", None)
    ]


def test_a_torn_last_line_waits(settings: config.Settings, write: Write) -> None:
    """The unfinished last line is reported and taken in once it is whole."""
    whole = journal.line(callback())
    path = write(journal.CALLBACKS, callback(sMessageId="gw-0"), whole[:40])
    assert ingest(settings).unfinished == {path.name: 40}
    with path.open("ab") as segment:
        segment.write(whole[40:])
    done = ingest(settings)
    assert (done.n_callbacks, done.unfinished) == (1, {})


MALFORMED = {
    "no JSON": b"rubbish\n",
    "cut JSON": b'{"callback_id": "x", "recei\n',
    "no object": b"[1, 2]\n",
    "no id": b'{"received_at": "2025-01-15T04:50:37Z"}\n',
    "an impossible time": b'{"callback_id": "x", "received_at": "yesterday"}\n',
    "no UTF-8": b'{"callback_id": "\xff\xfe"}\n',
    "an empty line": b"\n",
}


@pytest.mark.parametrize("bad", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_line_is_noted(settings: config.Settings, write: Write, bad: bytes) -> None:
    """A whole line that is no record is counted with its place, and those around it are taken in."""
    first = journal.line(callback())
    path = write(journal.CALLBACKS, first, bad, callback())
    done = ingest(settings)
    assert (done.n_callbacks, done.n_malformed) == (2, 1)
    assert rows(settings, "SELECT segment, byte_offset FROM journal_faults") == [(path.name, len(first))]


HOSTILE = {
    "html": {"method": "POST", "body": "<html></html>"},
    "bad percent": {"query": "sMessageId=%ZZ%&sStatus=%E0%A4"},
    "nul": {"query": "sStatus=%00"},
    "deep json": {"method": "POST", "body": "[" * 5000},
    "quotes": {"query": "sMessageId=\"'};DROP TABLE dlrs;--"},
    "half a surrogate": {"method": "POST", "body": '{"sMessageId":"\\ud800"}'},
    "an unknown gateway": {"gateway": "acme", "query": "sMessageId=gw-1&sStatus=DELIVRD"},
    "nothing": {},
}


@pytest.mark.parametrize("fields", HOSTILE.values(), ids=HOSTILE)
def test_no_callback_stops_the_ingest(
    settings: config.Settings, write: Write, fields: dict[str, str]
) -> None:
    """Whatever a callback holds, it is kept word for word and the next one is read."""
    strange = raw_callback(**fields)
    write(journal.CALLBACKS, strange, callback())
    done = ingest(settings)
    assert done.n_callbacks == 2
    kept = rows(settings, f"SELECT query, body FROM callbacks WHERE callback_id = '{strange['callback_id']}'")
    assert kept == [(strange["query"], strange["body"])]
    assert rows(
        settings, "SELECT count(*) FROM dlrs WHERE gateway_message_id = 'gw-1' AND gateway = 'simulator'"
    ) == [(1,)]


def test_an_unreadable_segment_is_named(settings: config.Settings, write: Write) -> None:
    """A segment that cannot be read is named; the others are taken in."""
    fill(write)
    (settings.journal_dir / "callbacks-00000000.jsonl").mkdir()
    done = ingest(settings)
    assert done.unreadable == {"callbacks-00000000.jsonl": "Is a directory"}
    assert done.n_callbacks == 2


def test_a_chunk_of_many_row_groups(settings: config.Settings, write: Write) -> None:
    """A chunk larger than the engine's row groups loses no DLR, matched or not."""
    n_dlrs = 150_000
    write(journal.MESSAGES, message("m1"))
    write(journal.SUBMISSIONS, attempt("a1", "m1"), answer("a1", m1="gw-1"))
    some = [
        journal.line(callback(sMessageId="gw-1")),
        journal.line(callback(sMessageId="x", sMobileNo="919811111111")),
    ]
    write(journal.CALLBACKS, b"".join(some * (n_dlrs // 2)))
    assert ingest(settings).n_dlrs == n_dlrs
    assert rows(settings, "SELECT count(*), count(message_id) FROM dlrs") == [(n_dlrs, n_dlrs // 2)]


def test_small_chunks_give_the_same(settings: config.Settings, write: Write, tmp_path: Path) -> None:
    """A journal read in many chunks gives what one chunk gives."""
    write(journal.CALLBACKS, *(callback(sMessageId=f"gw-{n}") for n in range(50)))
    ingest(settings, chunk_bytes=700)
    other = config.load(home=tmp_path / "other")
    other.home.mkdir()
    other.journal_dir.symlink_to(settings.journal_dir)
    ingest(other)
    assert content(settings) == content(other)


def test_a_locked_database_is_named(
    settings: config.Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When this very process has the file open, the error says so at once."""
    fill(write)
    ingest(settings)
    with (
        duckdb.connect(settings.database, read_only=True),
        pytest.raises(WarehouseLocked, match="open in this process"),
    ):
        ingest(settings)


def test_a_file_that_is_no_database(settings: config.Settings, write: Write) -> None:
    """Another file in the database's place is named, not overwritten."""
    fill(write)
    settings.database.write_text("not a database, but longer than a header would be " * 20)
    with pytest.raises(Exception, match="not readable as a DuckDB 2 database"):
        ingest(settings)
    assert settings.database.read_text().startswith("not a database")


def test_a_failed_write_leaves_nothing(
    settings: config.Settings, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database refuses a write, the chunk is not half in, and a later ingest has all of it."""
    fill(write)
    with warehouse.writer(settings.database) as connection:
        connection.execute("ALTER TABLE callbacks ALTER method TYPE INTEGER")
    with pytest.raises(JournalError, match="cannot be written"):
        ingest(settings)
    assert rows(settings, "SELECT count(*) FROM dlrs") == [(0,)]
    with warehouse.writer(settings.database) as connection:
        connection.execute("ALTER TABLE callbacks ALTER method TYPE VARCHAR")
    assert ingest(settings).n_callbacks == 2
