"""What services that only call back have in common: how the rows of their own SQL become DLRs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rmanalytics.gateways.fields import code, fault
from rmanalytics.gateways.timestamps import epoch, is_unread
from rmanalytics.models import Status
from rmanalytics.support.resources import text

_NONE = "NULL::VARCHAR"


def dlrs(
    told: str,
    statuses: Mapping[str, Status],
    fields: Mapping[str, Sequence[str]],
    *,
    position: str = "0",
    gateway_message_id: str = _NONE,
    client_message_id: str = _NONE,
    msisdn: str = _NONE,
    header: str = _NONE,
    nested: str = _NONE,
) -> str:
    """Return the query that gives a row per row of `told`, a service's SQL that names `ts` and `code` in its words.

    `fields` has the service's names of numbers and ids.
    """
    return told + text("rmanalytics.gateways", "callback_only.sql").format(
        statuses=", ".join(f"('{word}', '{status}')" for word, status in statuses.items()),
        position=position,
        gateway_message_id=gateway_message_id,
        client_message_id=client_message_id,
        msisdn=msisdn,
        header=header,
        error_code=code("code"),
        done_at=epoch("ts"),
        fault=f"coalesce({nested}, {fault(fields)})",
        is_time_unread=is_unread("ts", epoch("ts")),
    )
