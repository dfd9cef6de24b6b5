"""Messages without sending them: of a batch file, or a single one made here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rmanalytics.config import Settings
from rmanalytics.errors import BadInput
from rmanalytics.models import Message
from rmanalytics.send import batch as batches
from rmanalytics.send import batch_file
from rmanalytics.send.attempts import repeated
from rmanalytics.send.batch import MOST_FAULTS
from rmanalytics.send.messages import messages
from rmanalytics.send.registered import registered
from rmanalytics.send.rows import BadRow, Defaults
from rmanalytics.sms import msisdn, segments
from rmanalytics.support.tables import PLAIN, ReadOptions
from rmanalytics.support.wording import count, verb

TEST_BODY = "This is a test message of rmanalytics."
"""A domestic number needs one of your templates instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The messages of a batch file that can be sent; its other `n_bad` rows are left out, as `send` leaves them out."""

    messages: list[Message]
    n_rows: int
    n_bad: int
    faults: Sequence[BadRow]

    def left_out(self) -> str:
        """Return how many rows are missing and why the first one is; empty where none is."""
        if not self.n_bad:
            return ""
        rest = f"{self.n_bad:,} of {count(self.n_rows, 'row')} {verb(self.n_bad, 'is', 'are')} left out"
        return f"{rest}; the first: {self.faults[0].describe()}"


def from_file(
    path: Path,
    settings: Settings,
    now: datetime,
    given: Mapping[str, str | None],
    reading: ReadOptions = PLAIN,
) -> Preview:
    """Return the messages of the batch file that can be sent; raise BadInput when there are none.

    `given` has the header and entity_id of rows that name none.
    """
    opened = batch_file.open_source(path, reading)
    header, entity_id = given.get("header"), given.get("entity_id")
    defaults = Defaults(header=header, entity_id=entity_id, registered=registered(settings))
    with batches.read(opened, defaults, settings.home) as batch:
        again, lines = repeated(batch, settings.home)
        found = list(messages(batch, settings.gateway, now, without=lines))
        if not found:
            raise BadInput(f"{path}: {batch.faults.listed[0].describe()} (none of its rows can be sent)")
        faults = sorted((*batch.faults.listed, *again), key=lambda fault: fault.line)[:MOST_FAULTS]
        return Preview(
            messages=found, n_rows=batch.n_rows, n_bad=batch.faults.n_rows + len(lines), faults=faults
        )


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
