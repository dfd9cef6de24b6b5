"""DLR callbacks to DLR rows, inside DuckDB: the SQL next to this module, filled with the literal tables."""

from __future__ import annotations

from rmanalytics.gateways.fields import code, fault, identifier, number
from rmanalytics.gateways.gupshup.codes import FIELDS, STATUS
from rmanalytics.gateways.reports import reports
from rmanalytics.gateways.timestamps import is_unread, moment
from rmanalytics.support.ids import trimmed
from rmanalytics.support.resources import text

_ONLY_EXPORTS = (
    "client_message_id", "submitted_at", "cost", "charge", "mcc_mnc", "tag", "udf1", "udf2"
)  # fmt: skip
"""Fields that no callback of Gupshup's has, under our own names: exports may have them."""

_TEXTS = FIELDS | {"cause": ("cause",)} | {name: (name,) for name in _ONLY_EXPORTS}


def query(zone: str) -> str:
    """Return the query from a relation `callbacks` to DLRs; naive times are of the time zone `zone`."""
    submitted_at, done_at = moment("submitted_at", zone), moment("done_at", zone)
    return text("rmanalytics.gateways.gupshup", "dlrs.sql").format(
        body=trimmed("coalesce(body, '')"),
        reports=reports(_TEXTS, "documents"),
        statuses=", ".join(f"('{word}', '{status}')" for word, status in STATUS.items()),
        msisdn=number("msisdn"),
        **{name: identifier(name) for name in ("gateway_message_id", "client_message_id", "tag")},
        fault=fault(_TEXTS),
        error_code=code("error_code"),
        submitted_at=submitted_at,
        done_at=done_at,
        is_time_unread=f"{is_unread('submitted_at', submitted_at)} OR {is_unread('done_at', done_at)}",
    )
