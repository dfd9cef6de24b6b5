"""DLR callbacks to DLR rows, inside DuckDB: the SQL next to this module, filled with the literal tables."""

from __future__ import annotations

import json

from rmanalytics.gateways.fields import code, fault, identifier, number
from rmanalytics.gateways.reports import IS_ENCODED, decoded, listed, reports
from rmanalytics.gateways.route_mobile.codes import FIELDS, STATUS
from rmanalytics.gateways.timestamps import is_unread, moment
from rmanalytics.support.resources import text


def query(zone: str) -> str:
    """Return the query from a relation `callbacks` to DLRs; naive times are of the time zone `zone`."""
    template = text("rmanalytics.gateways.route_mobile", "dlrs.sql")
    submitted_at, done_at = moment("submitted_at", zone), moment("done_at", zone)
    columns = "COLUMNS([" + listed(f"'{field}'" for field in FIELDS) + "])"
    return template.format(
        columns=columns,
        decoded_columns=decoded(columns, IS_ENCODED),
        structure=json.dumps({spellings[0]: "VARCHAR" for spellings in FIELDS.values()}),
        n_recognised=" + ".join(f"(fields.{spellings[0]} IS NOT NULL)::INT" for spellings in FIELDS.values()),
        renamed=listed(f"fields.{spellings[0]} AS {field}" for field, spellings in FIELDS.items()),
        reports=reports(FIELDS, "judged WHERE is_plain IS NOT TRUE"),
        kannel_words=listed(f"'{word}'" for word in STATUS if word.isdigit()),
        statuses=listed(f"('{word}', '{status}')" for word, status in STATUS.items()),
        msisdn=number("msisdn"),
        **{name: identifier(name) for name in ("gateway_message_id", "client_message_id", "tag")},
        fault=fault(FIELDS),
        error_code=code("error_code"),
        submitted_at=submitted_at,
        done_at=done_at,
        is_time_unread=f"{is_unread('submitted_at', submitted_at)} OR {is_unread('done_at', done_at)}",
        cost=_number("cost"),
        charge=_number("charge"),
    )


def _number(field: str) -> str:
    number = f"try_cast({field} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"
