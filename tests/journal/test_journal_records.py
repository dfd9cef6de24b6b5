"""Lines of the journal: each writer writes what each reader reads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest
from support.gateway_samples import message

from rmanalytics import journal
from rmanalytics.journal import records
from rmanalytics.models import Result, SubmitResponse
from rmanalytics.send.rows import SCHEMA

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
SAID = SubmitResponse(message_id="m1", result=Result.ACCEPTED, code="1701", gateway_message_id="gw-1")
SENT = message(message_id="m1")


def callback(body: bytes) -> bytes:
    """A callback's line."""
    return records.callback(
        callback_id="c1",
        received_at=AT,
        gateway="simulator",
        method="POST",
        query="",
        content_type=None,
        body=body,
    )


LINES = {
    "message": (
        journal.MESSAGES,
        records.message(dict.fromkeys(SCHEMA.names), batch_id="b", gateway="simulator", planned_at=AT),
        set(),
        set(),
    ),
    "attempt": (
        journal.SUBMISSIONS,
        records.attempt("a1", [SENT], attempted_at=AT),
        set(),
        {"answered_at", "http_status", "responses"},
    ),
    "answer": (
        journal.SUBMISSIONS,
        records.answer("a1", [SAID], answered_at=AT, http_status=200, text="1701|…"),
        {"answer"},
        {"attempted_at", "batch_id", "gateway", "message_ids"},
    ),
    "callback": (journal.CALLBACKS, callback(b"sStatus=DELIVRD"), set(), {"content_encoding"}),
    "callback of any bytes": (journal.CALLBACKS, callback(b"\xff"), {"body_encoding"}, {"content_encoding"}),
}
"""A line, what it has that is not read, and what of its stream it has not."""


@pytest.mark.parametrize("stream, line, unread, absent", LINES.values(), ids=LINES)
def test_lines_have_the_columns_of_their_stream(
    stream: str, line: bytes, unread: set[str], absent: set[str]
) -> None:
    """A line has the fields that are read of its stream, and no others but those kept for people."""
    written = json.loads(line).keys()
    assert (written - records.columns(stream).keys(), records.columns(stream).keys() - written) == (
        unread,
        absent,
    )


def read(stream: str, line: bytes) -> dict[str, Any]:
    """The line as DuckDB reads it."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        values = {"line": line.decode(), "columns": records.structure(stream)}
        found = connection.execute("SELECT json_transform($line, $columns)", values).fetchone()
    assert found
    return dict(found[0])


def test_an_answer_comes_back_as_it_was_written() -> None:
    """Types and nested responses survive the way through the journal."""
    found = read(journal.SUBMISSIONS, LINES["answer"][1])
    response = {"message_id": "m1", "result": "accepted", "code": "1701", "gateway_message_id": "gw-1"}
    assert (found["answered_at"], found["http_status"]) == (AT, 200)
    assert found["responses"] == [response | {"detail": None}]


def test_only_fields_that_lines_have_can_be_read() -> None:
    """A column that no line has is a mistake of the reader."""
    with pytest.raises(KeyError):
        records.columns(journal.MESSAGES, "msisdnn")
