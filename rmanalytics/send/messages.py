"""Rows of a batch as messages, and their lines in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from rmanalytics import journal
from rmanalytics.models import Encoding, Message, Route
from rmanalytics.send.batch import NO_LINES, Batch, Lines
from rmanalytics.send.rows import SCHEMA

_GROUP = 5_000
_ROUTES = {route.value: route for route in Route}
_ENCODINGS = {encoding.value: encoding for encoding in Encoding}


def messages(
    batch: Batch, gateway: str, planned_at: datetime, without: Lines = NO_LINES
) -> Iterator[Message]:
    """Yield the messages of the batch by line, without those of some lines."""
    for row in _rows(batch, without):
        row.pop("line")
        row["route"] = _ROUTES[row["route"]]
        row["encoding"] = _ENCODINGS[row["encoding"]]
        row["template_variables"] = tuple(row["template_variables"])
        yield Message(batch_id=batch.batch_id, gateway=gateway, planned_at=planned_at, **row)


def write(writer: journal.Writer, batch: Batch, gateway: str, planned_at: datetime, without: Lines) -> None:
    """Write a line per message into the journal and return once all are durable.

    Raises JournalError when one is not.
    """
    rows = _rows(batch, without)
    group = bytearray()  # not a list: each line of orjson's keeps kilobytes that it had reserved
    while part := list(islice(rows, _GROUP)):
        for row in part:
            group += journal.records.message(
                row, batch_id=batch.batch_id, gateway=gateway, planned_at=planned_at
            )
        writer.append([bytes(group)])
        group.clear()


def _rows(batch: Batch, without: Lines) -> Iterator[dict[str, Any]]:
    names = SCHEMA.names
    for chunk in batch.chunks(without):
        columns = [chunk[name].to_pylist() for name in names]
        for values in zip(*columns, strict=True):
            yield dict(zip(names, values, strict=True))
