"""Messages without sending them: of a batch file, or a single one made here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from rmanalytics.config import Settings
from rmanalytics.errors import BadInput
from rmanalytics.models import Message
from rmanalytics.send import batch as batches
from rmanalytics.send import batch_file
from rmanalytics.send.messages import messages
from rmanalytics.send.rows import Defaults
from rmanalytics.sms import msisdn, segments
from rmanalytics.support.tables import PLAIN, ReadOptions

TEST_BODY = "This is a test message of rmanalytics."
"""A domestic number needs one of your templates instead."""


def from_file(
    path: Path,
    settings: Settings,
    now: datetime,
    given: Mapping[str, str | None],
    reading: ReadOptions = PLAIN,
) -> list[Message]:
    """Return the messages of the batch file that can be sent; raise BadInput when there are none.

    `given` has the header and entity_id of rows that name none.
    """
    opened = batch_file.open_source(path, reading)
    header, entity_id = given.get("header"), given.get("entity_id")
    defaults = Defaults(header=header, entity_id=entity_id)
    with batches.read(opened, defaults, settings.home) as batch:
        found = list(messages(batch, settings.gateway, now))
        if not found:
            raise BadInput(f"{path}: {batch.faults.listed[0].describe()} (none of its rows can be sent)")
    return found


def test_row(
    option: str,
    to: str,
    now: datetime,
    *,
    body: str | None = None,
    template_id: str | None = None,
    header: str | None = None,
    entity_id: str | None = None,
    message_id: str | None = None,
) -> dict[str, str]:
    """Return the batch row of a test message; raise BadInput, naming the option, when the number is none."""
    try:
        number = msisdn.normalise(to)
    except ValueError as error:
        raise BadInput(f"{option} {msisdn.mask(to)}: {error}") from None
    # To the microsecond: a test that follows another at once is a new message, not the same one again.
    campaign_id = f"test-{now:%Y%m%dT%H%M%S.%f}"
    row = {"msisdn": number, "body": body or TEST_BODY, "campaign_id": campaign_id}
    given = {"template_id": template_id, "header": header, "entity_id": entity_id, "message_id": message_id}
    return row | {name: value for name, value in given.items() if value}


def one(number: str, body: str, template_id: str, now: datetime) -> Message:
    """Return the test message to a number, as `send --test` sends it; raise BadInput when the number is none."""
    row = test_row("--to", number, now, body=body, template_id=template_id)
    text, campaign_id = row["body"], row["campaign_id"]
    return Message(
        message_id=f"{campaign_id}-{secrets.token_hex(4)}",
        campaign_id=campaign_id,
        batch_id=campaign_id,
        gateway="simulator",
        route=msisdn.route(row["msisdn"]),
        msisdn=row["msisdn"],
        header=None,
        entity_id=None,
        template_id=row.get("template_id"),
        body=text,
        encoding=segments.encoding(text),
        n_segments=segments.count(text),
        planned_at=now,
    )
