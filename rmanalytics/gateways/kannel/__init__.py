"""Callbacks of a Kannel `dlr-url`, whose parameters its operator names; these names are read.

Only callbacks. A `dlr-url` that says all of it: `…/dlr/kannel/<token>?id=%F&status=%d&to=%P&from=%p&ts=%T&reply=%A`.
Source: Kannel's user guide on `dlr-url` and `dlr-mask`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rmanalytics.config import Settings
from rmanalytics.gateways import callback_only
from rmanalytics.gateways.fields import identifier, number
from rmanalytics.gateways.reports import reports
from rmanalytics.models import Status
from rmanalytics.support.resources import text

STATUS: dict[str, Status] = {
    "1": Status.DELIVERED,  # D delivered to phone
    "2": Status.FAILED,  # D not delivered to phone
    "4": Status.QUEUED,  # D queued on SMSC
    "8": Status.QUEUED,  # D delivered to SMSC
    "16": Status.FAILED,  # D rejected by SMSC
    "34": Status.FAILED,  # O expired (2 with a flag)
}

FIELDS: dict[str, tuple[str, ...]] = {
    "raw_status": ("status", "type", "dlr-type", "dlr"),
    "gateway_message_id": ("id", "msgid", "smsid", "message_id"),
    "msisdn": ("to", "mobile", "msisdn", "da"),
    "header": ("from", "sender", "oa"),
    "ts": ("ts", "timestamp"),
    "reply": ("reply", "answer", "reason"),
}
"""Our names, and the parameter names that are read for each, first one first."""


class Kannel:
    """Reads GET and form callbacks, and JSON with the same names; a time without a zone is not guessed at."""

    fields: ClassVar[Mapping[str, tuple[str, ...]]] = FIELDS

    def __init__(self, _settings: Settings) -> None:
        self._sql = text(__package__, "dlrs.sql")

    def dlrs(self) -> str:
        """Return the query that gives a row per report; one without a status and an id is no DLR."""
        return callback_only.dlrs(
            self._sql.format(reports=reports(FIELDS)),
            STATUS,
            FIELDS,
            position="position",
            gateway_message_id=identifier("gateway_message_id"),
            msisdn=number("msisdn"),
            header="header",
            nested="nested",
        )
