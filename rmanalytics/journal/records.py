"""What a line of each stream holds: written by the functions here, read with the columns here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rmanalytics.journal.names import CALLBACKS, MESSAGES, SUBMISSIONS
from rmanalytics.journal.writer import line
from rmanalytics.models import Message, SubmitResponse

RESPONSE = {
    "message_id": "VARCHAR",
    "result": "VARCHAR",
    "code": "VARCHAR",
    "gateway_message_id": "VARCHAR",
    "detail": "VARCHAR",
}
"""What an answer says about one message, with DuckDB's types."""

_MESSAGE = {
    "message_id": "VARCHAR",
    "campaign_id": "VARCHAR",
    "batch_id": "VARCHAR",
    "gateway": "VARCHAR",
    "route": "VARCHAR",
    "msisdn": "VARCHAR",
    "header": "VARCHAR",
    "entity_id": "VARCHAR",
    "template_id": "VARCHAR",
    "template_variables": "VARCHAR[]",
    "body": "VARCHAR",
    "encoding": "VARCHAR",
    "n_segments": "INTEGER",
    "planned_at": "TIMESTAMPTZ",
    "line": "INTEGER",
}
_ATTEMPT = {
    "attempt_id": "VARCHAR",
    "attempted_at": "TIMESTAMPTZ",
    "batch_id": "VARCHAR",
    "gateway": "VARCHAR",
    "message_ids": "VARCHAR[]",
}
_ANSWER = {
    "attempt_id": "VARCHAR",
    "answered_at": "TIMESTAMPTZ",
    "http_status": "INTEGER",
    "responses": "",  # in `columns`: readers differ in what they take of it
}
_CALLBACK = {
    "callback_id": "VARCHAR",
    "received_at": "TIMESTAMPTZ",
    "gateway": "VARCHAR",
    "method": "VARCHAR",
    "query": "VARCHAR",
    "content_type": "VARCHAR",
    "body": "VARCHAR",
    "content_encoding": "VARCHAR",
}
_FIELDS = {MESSAGES: _MESSAGE, SUBMISSIONS: _ATTEMPT | _ANSWER, CALLBACKS: _CALLBACK}


def structure(stream: str, *names: str, responses: Iterable[str] = tuple(RESPONSE)) -> str:
    """Return `columns` as `json_transform` takes them."""
    return json.dumps(columns(stream, *names, responses=responses))


def columns(stream: str, *names: str, responses: Iterable[str] = tuple(RESPONSE)) -> dict[str, str]:
    """Return the fields of a stream's lines that are read, all or some, with DuckDB's types.

    `read_ndjson` takes them; `responses` are the fields read of each response.

    >>> columns(SUBMISSIONS, "attempt_id", "responses", responses=["message_id"])
    {'attempt_id': 'VARCHAR', 'responses': 'STRUCT(message_id VARCHAR)[]'}
    """
    struct = ", ".join(f"{name} {RESPONSE[name]}" for name in responses)
    fields = _FIELDS[stream]
    return {name: fields[name] or f"STRUCT({struct})[]" for name in names or fields}


def message(row: Mapping[str, Any], *, batch_id: str, gateway: str, planned_at: datetime) -> bytes:
    """Return the line of a planned message; `row` is one of `send.rows.SCHEMA`."""
    return line({**row, "batch_id": batch_id, "gateway": gateway, "planned_at": planned_at})


def attempt(attempt_id: str, batch: Sequence[Message], *, attempted_at: datetime) -> bytes:
    """Return the line that is durable before a request leaves."""
    return line(
        {
            "attempt_id": attempt_id,
            "attempted_at": attempted_at,
            "batch_id": batch[0].batch_id,
            "gateway": batch[0].gateway,
            "message_ids": [message.message_id for message in batch],
        }
    )


def answer(
    attempt_id: str,
    responses: Iterable[SubmitResponse],
    *,
    answered_at: datetime,
    http_status: int | None,
    text: str | None,
) -> bytes:
    """Return the line with the result of a request; `text` is the gateway's answer, for people only."""
    return line(
        {
            "attempt_id": attempt_id,
            "answered_at": answered_at,
            "http_status": http_status,
            "answer": text,
            "responses": [{name: getattr(said, name) for name in RESPONSE} for said in responses],
        }
    )


def callback(
    *,
    callback_id: str,
    received_at: datetime,
    gateway: str,
    method: str,
    query: str,
    content_type: str | None,
    body: bytes,
    content_encoding: str | None = None,
) -> bytes:
    """Return the line of a callback; a body that is no UTF-8 is kept as latin-1, and says so."""
    record: dict[str, str | datetime | None] = {
        "callback_id": callback_id,
        "received_at": received_at,
        "gateway": gateway,
        "method": method,
        "query": query,
        "content_type": content_type,
    }
    if content_encoding:
        record["content_encoding"] = content_encoding
    try:
        record["body"] = body.decode()
    except UnicodeDecodeError:
        record["body"] = body.decode("latin-1")
        record["body_encoding"] = "latin-1"
    return line(record)
